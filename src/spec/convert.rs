//! From a Compose file to the `evenkeel.yaml` that says the same.
//!
//! Nearly all of Compose's words are ours, so the text stays what it is, with its comments, anchors and variables; only
//! the few places are changed where the two differ. What is made of both is the same: a test compares it.

use std::{
    collections::{BTreeMap, BTreeSet},
    io,
    ops::Range,
    path::{Path, PathBuf},
};

use super::{
    Entry, Failure, Inputs, Kind, Node, Problem, Severity, Source, Sources, Span, parse,
    services::{IGNORED_ORDER, normalised},
    yaml,
};
use crate::model::{Condition, State};

/// Converts the text of a Compose file. `name` is the file's, for problems; `folder` is the name of its folder, which
/// names the project if the file does not.
///
/// # Errors
///
/// The text is no YAML, or no Compose file.
pub fn convert(name: &str, text: &str, folder: &str) -> Result<String, Box<Failure>> {
    let mut sources = Sources::default();
    let file = sources.add(name, text);
    let failure = |sources: &Sources, problems| {
        Box::new(Failure {
            sources: sources.clone(),
            problems,
            files: BTreeSet::new(),
        })
    };
    let node = match yaml::read(&sources, file) {
        Ok(node) => node,
        Err(problems) => return Err(failure(&sources, problems)),
    };
    let Some(services) = node
        .entries()
        .iter()
        .find(|entry| entry.key.text == "services")
    else {
        let hint = if node.get("containers").is_some() {
            "it has containers, so it is an evenkeel.yaml already"
        } else {
            "name a Compose file"
        };
        let problem = Problem {
            severity: Severity::Error,
            ..Problem::error("no-compose-file", node.span, "there are no services in it").hint(hint)
        };
        return Err(failure(&sources, vec![problem]));
    };
    let mut edits = Edits {
        source: sources.get(file),
        edits: Vec::new(),
    };
    let project = edits.project(&node, folder);
    edits.replace(
        services.key.span.start..services.key.span.end,
        "containers".to_owned(),
    );
    let jobs = jobs(&services.value);
    for service in services
        .value
        .entries()
        .iter()
        .filter(|entry| !entry.key.text.starts_with("x-"))
    {
        let job = jobs.contains(service.key.text.as_str());
        let state = if job {
            Some(State::Completed)
        } else {
            takes_over_a_job(service, &services.value, &jobs).then_some(State::Running)
        };
        let named = is_named(service, &services.value);
        edits.service(service, &project, state, named);
    }
    if let Some(include) = node
        .entries()
        .iter()
        .find(|entry| entry.key.text == "include")
    {
        edits.comment(include.key.span.start, INCLUDED);
    }
    for (span, why) in ignored_orders(name, text) {
        edits.order(span, &why);
    }
    Ok(edits.apply())
}

/// Where the file says `start-first` and means nothing by it, and what is done instead. What cannot be found out from this
/// file alone, because it names others or variables, is told when the converted file is read.
fn ignored_orders(name: &str, text: &str) -> BTreeMap<Span, String> {
    let file = PathBuf::from(name);
    let read = |path: &Path| {
        if path == file {
            Ok(text.as_bytes().to_vec())
        } else {
            Err(io::ErrorKind::NotFound.into())
        }
    };
    let parsed = parse(&Inputs {
        files: std::slice::from_ref(&file),
        env_files: &[],
        variables: &BTreeMap::new(),
        base: Path::new("/"),
        profiles: &["*".to_owned()],
        read: &read,
    });
    let (problems, sources) = match parsed {
        Ok(document) => (document.warnings, document.sources),
        Err(failure) => (failure.problems, failure.sources),
    };
    problems
        .into_iter()
        .filter(|problem| problem.code == IGNORED_ORDER)
        .filter_map(|problem| Some((problem.span?, problem.text)))
        .filter(|(span, _)| sources.get(span.file).name == name)
        .collect()
}

/// Services that others wait for to complete: they are jobs.
fn jobs(services: &Node) -> BTreeSet<&str> {
    services
        .entries()
        .iter()
        .filter_map(|service| service.value.get("depends_on"))
        .flat_map(Node::entries)
        .filter(|wait| {
            wait.value.get("condition").and_then(Node::text) == Some(Condition::Completed.word())
        })
        .map(|wait| wait.key.text.as_str())
        .collect()
}

/// What cannot be done in this file.
const INCLUDED: &str = "Containers of included files are called by their keys here, and not as Compose calls them: convert those files too.";

/// The service of the same file that a service extends.
fn extended<'n>(service: &Entry, services: &'n Node) -> Option<&'n Entry> {
    let extends = service.value.get("extends")?;
    if extends.get("file").is_some() {
        return None;
    }
    let name = extends.text().or_else(|| extends.get("service")?.text())?;
    let all = services.entries();
    all.iter().find(|other| other.key.text == name)
}

/// Whether a service has a container's name, its own or one that it takes over.
fn is_named(service: &Entry, services: &Node) -> bool {
    let mut at = Some(service);
    // A circle ends here, and is told when the file is read.
    for _ in services.entries() {
        let Some(one) = at else { break };
        if one.value.get("container_name").is_some() {
            return true;
        }
        at = extended(one, services);
    }
    false
}

/// Whether a service that is no job takes over what one says, by an anchor or by `extends`, and so its state too.
fn takes_over_a_job(service: &Entry, services: &Node, jobs: &BTreeSet<&str>) -> bool {
    let base = extended(service, services);
    if base.is_some_and(|base| jobs.contains(base.key.text.as_str())) {
        return true;
    }
    let all = services.entries().iter();
    let mut anchors = all.filter(|other| jobs.contains(other.key.text.as_str()));
    anchors.any(|job| {
        let inside = |span: Span| (job.value.span.start..job.value.span.end).contains(&span.start);
        let mut entries = service.value.entries().iter();
        job.key.text != service.key.text && entries.any(|entry| inside(entry.key.span))
    })
}

struct Edits<'s> {
    source: &'s Source,
    edits: Vec<(Range<usize>, String)>,
}

impl Edits<'_> {
    fn replace(&mut self, range: Range<usize>, text: String) {
        self.edits.push((range, text));
    }

    /// `name` becomes `project`, and `version` goes; gives back the project's name as it is written.
    fn project(&mut self, node: &Node, folder: &str) -> String {
        let entry = |key: &str| node.entries().iter().find(|entry| entry.key.text == key);
        let version = entry("version").map(|version| {
            self.line_start(version.key.span.start)..self.line_end(version.value.span.end)
        });
        let given = entry("project").or_else(|| entry("name"));
        if let Some(given) = given {
            let span = given.key.span;
            self.replace(span.start..span.end, "project".to_owned());
            if let Some(version) = version {
                self.replace(version, String::new());
            }
            return given.value.text().unwrap_or_default().to_owned();
        }
        let project = match normalised(folder) {
            name if name.is_empty() => "project".to_owned(),
            name => name,
        };
        // The line that says nothing any more makes room for the one that is new.
        if let Some(version) = version {
            self.replace(version, format!("project: {project}\n"));
            return project;
        }
        let first = node
            .entries()
            .first()
            .map_or(0, |entry| entry.key.span.start);
        let at = self.line_start(first);
        self.replace(at..at, format!("project: {project}\n\n"));
        project
    }

    /// What a container needs to be called as Compose calls it, and to be a job if it is one.
    fn service(&mut self, service: &Entry, project: &str, state: Option<State>, named: bool) {
        let says = |key: &str| service.value.get(key);
        let deploy = says("deploy").and_then(|deploy| deploy.get("replicas"));
        let count = says("scale").or(deploy).and_then(Node::text);
        let mut lines = Vec::new();
        // One replica has its number behind its name anyway. Several have it behind their key, and not behind a name, which
        // could be meant for one alone: Compose's names cannot be kept.
        let name = match count {
            None => Some(format!("{project}-{}-1", service.key.text)),
            Some("1") => Some(format!("{project}-{}", service.key.text)),
            Some(_) => {
                let key = &service.key.text;
                let text = format!(
                    "Replicas are called by their key: {key}-1, {key}-2, …, and not {project}-{key}-1, … as Compose calls them."
                );
                self.comment(service.key.span.start, &text);
                None
            }
        };
        if let Some(name) = name.filter(|_| !named) {
            if says("extends").is_some_and(|extends| extends.get("file").is_some()) {
                let text = "Called as Compose calls it, unless the file that is extended says a container_name: then remove this one.";
                self.comment(service.key.span.start, text);
            }
            lines.push(format!("container_name: {}", quoted(&name)));
        }
        if let Some(state) = state.filter(|_| says("state").is_none()) {
            lines.push(format!("state: {}", state.word()));
        }
        if lines.is_empty() || matches!(service.value.kind, Kind::Null) {
            return;
        }
        let text = &self.source.text;
        let behind = service.key.span.end;
        let line_end = self.line_end(behind);
        let rest = text[behind..line_end].trim_start_matches([':', ' ']);
        let start = line_end - (line_end - behind) + (text[behind..line_end].len() - rest.len());
        if rest.starts_with('*') {
            // What stands elsewhere is taken over, and the lines are put over it.
            let end = start + rest.find(char::is_whitespace).unwrap_or(rest.len());
            let inner = format!("{}  ", self.indent(service.key.span.start));
            let alias = &text[start..end];
            let lines = lines.join(&format!(
                "
{inner}"
            ));
            let taken = format!(":\n{inner}<<: {alias}\n{inner}{lines}");
            self.replace(behind..end, taken);
            return;
        }
        if let Some(open) = text[behind..service.value.span.end.max(behind)]
            .find('{')
            .filter(|_| text.as_bytes().get(service.value.span.start) == Some(&b'{'))
        {
            let at = behind + open + 1;
            self.replace(at..at, format!(" {},", lines.join(", ")));
            return;
        }
        let Some(at) = self.first_line(line_end) else {
            return;
        };
        let inner = self.indent(at);
        let lines = lines.join(&format!(
            "
{inner}"
        ));
        self.replace(
            at..at,
            format!(
                "{inner}{lines}
"
            ),
        );
    }

    /// An order that cannot be followed.
    fn order(&mut self, span: Span, why: &str) {
        self.comment(
            span.start,
            &format!("Compose's file says start-first, but {why}."),
        );
        self.replace(span.start..span.end, "stop-first".to_owned());
    }

    /// Puts a comment before the line of a place.
    fn comment(&mut self, at: usize, text: &str) {
        let start = self.line_start(at);
        let line = format!("{}# {text}\n", self.indent(at));
        self.replace(start..start, line);
    }

    /// The first line from here on that says something.
    fn first_line(&self, mut at: usize) -> Option<usize> {
        let text = &self.source.text;
        while at < text.len() {
            let end = self.line_end(at);
            let line = text[at..end].trim();
            if !line.is_empty() && !line.starts_with('#') {
                return Some(at);
            }
            at = end;
        }
        None
    }

    /// The blanks before what stands on the line of a place.
    fn indent(&self, at: usize) -> String {
        let start = self.line_start(at);
        self.source.text[start..]
            .chars()
            .take_while(|c| *c == ' ')
            .collect()
    }

    fn line_start(&self, at: usize) -> usize {
        self.source.text[..at].rfind('\n').map_or(0, |at| at + 1)
    }

    /// Behind the line's end.
    fn line_end(&self, at: usize) -> usize {
        let text = &self.source.text;
        text[at..].find('\n').map_or(text.len(), |end| at + end + 1)
    }

    fn apply(mut self) -> String {
        // What is put before a place comes before what takes its place.
        self.edits
            .sort_by_key(|(range, _)| (range.start, range.end));
        let mut text = String::with_capacity(self.source.text.len() + 1024);
        let mut done = 0;
        for (range, new) in &self.edits {
            text.push_str(&self.source.text[done.min(range.start)..range.start]);
            text.push_str(new);
            done = range.end;
        }
        text.push_str(&self.source.text[done..]);
        text
    }
}

/// A text as YAML: in quotes if it is more than a word.
fn quoted(text: &str) -> String {
    let word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    if text.chars().all(word) {
        text.to_owned()
    } else {
        format!("{text:?}")
    }
}

#[cfg(test)]
mod tests;
