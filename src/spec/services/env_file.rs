//! `env_file` and `label_file`: entries of files, under what the container itself says.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
    rc::Rc,
};

use super::lower::{entry, entry_mut, node, put, take, text};
use crate::spec::{
    FileId, Kind, Node, Problem, Span,
    composition::Reading,
    conceal::gather,
    dotenv::{Assignment, read_env, read_raw},
    forms::quoted,
    interpolate::Variables,
    nearest::nearest,
};

/// The files that were read: many containers may share one.
#[derive(Default)]
pub struct EnvFiles {
    files: BTreeMap<(PathBuf, bool), Option<FileId>>,
    /// What is in files that use no variables, and so say the same to every container.
    constant: BTreeMap<(FileId, bool), Rc<Vec<Assignment>>>,
    texts: BTreeSet<FileId>,
}

/// What variables in a container's env files are looked up in, as in Compose: what holds for the whole file, then the files
/// before, then what the container itself says.
struct Scope<'a> {
    outer: &'a dyn Variables,
    own: BTreeMap<String, String>,
}

impl Variables for Scope<'_> {
    fn get(&self, name: &str) -> Option<String> {
        self.outer.get(name).or_else(|| self.own.get(name).cloned())
    }
}

/// One file of `env_file`.
struct Named<'n> {
    path: &'n Node,
    required: bool,
    raw: bool,
}

impl EnvFiles {
    /// The texts of all files that were read.
    pub fn texts(self) -> BTreeSet<FileId> {
        self.texts
    }

    /// Puts the files' entries into `env` and `labels` of a container.
    pub fn lower(&mut self, container: &mut Node, reading: &mut Reading<'_>) {
        if let Some(files) = take(container, "env_file") {
            let key = if container.get("environment").is_some() {
                "environment"
            } else {
                "env"
            };
            let own = container.get(key).map(values).unwrap_or_default();
            let entries = self.entries(&files.value, "env_file", own, reading);
            add(container, key, files.value.span, entries);
        }
        if let Some(files) = take(container, "label_file") {
            let entries = self.entries(&files.value, "label_file", BTreeMap::new(), reading);
            add(container, "labels", files.value.span, entries);
        }
    }

    /// The entries of all files that are named; of two of the same name the later one.
    /// `own` is what the container says itself.
    fn entries(
        &mut self,
        files: &Node,
        key: &str,
        own: BTreeMap<String, String>,
        reading: &mut Reading<'_>,
    ) -> Vec<Assignment> {
        let items = match &files.kind {
            Kind::List(items) => items.as_slice(),
            Kind::Null => &[],
            Kind::Scalar(_) | Kind::Map(_) => std::slice::from_ref(files),
        };
        let mut all: Vec<Assignment> = Vec::new();
        let mut places: BTreeMap<String, usize> = BTreeMap::new();
        let mut own = own;
        for item in items {
            let Some(named) = named(item, key, &mut reading.problems) else {
                continue;
            };
            let Some(file) = self.file(&named, reading) else {
                continue;
            };
            let read = self.read(file, named.raw, &own, reading);
            for assignment in read.iter() {
                let Some(assignment) = valued(assignment, reading) else {
                    continue;
                };
                if let Some(value) = assignment.value.as_ref().and_then(Node::text) {
                    own.insert(assignment.key.text.clone(), value.to_owned());
                }
                if let Some(place) = places.get(&assignment.key.text) {
                    all[*place] = assignment;
                } else {
                    places.insert(assignment.key.text.clone(), all.len());
                    all.push(assignment);
                }
            }
        }
        all
    }

    /// A file's text; it is read once.
    fn file(&mut self, named: &Named<'_>, reading: &mut Reading<'_>) -> Option<FileId> {
        let name = named.path.text().unwrap_or_default();
        let path = reading.beside(named.path.span.file, name);
        let key = (path, named.raw);
        if let Some(known) = self.files.get(&key) {
            if known.is_none() && named.required {
                missing(reading, named.path, name);
            }
            return *known;
        }
        let there = reading.bytes(&key.0).is_ok();
        let file = if there || named.required {
            let before = reading.problems.len();
            let file = reading.text(&key.0);
            // What cannot be read is a problem of the place that names it.
            for problem in reading.problems.iter_mut().skip(before) {
                problem.span.get_or_insert(named.path.span);
                if !there {
                    problem.code = "missing-file";
                    "write { path: FILE, required: false } if it may be missing"
                        .clone_into(problem.hint.get_or_insert_default());
                }
            }
            file
        } else {
            None
        };
        self.texts.extend(file);
        self.files.insert(key, file);
        file
    }

    /// What is in a file, for a container.
    fn read(
        &mut self,
        file: FileId,
        raw: bool,
        own: &BTreeMap<String, String>,
        reading: &mut Reading<'_>,
    ) -> Rc<Vec<Assignment>> {
        if let Some(known) = self.constant.get(&(file, raw)) {
            return Rc::clone(known);
        }
        let read = if raw {
            read_raw(&reading.sources, file)
        } else {
            let scope = Scope {
                outer: &reading.variables,
                own: own.clone(),
            };
            read_env(&reading.sources, file, &scope)
        };
        let assignments = match read {
            Ok(assignments) => {
                let values = assignments.iter().filter_map(|one| one.value.as_ref());
                values.for_each(|value| gather(value, &mut reading.secrets));
                Rc::new(assignments)
            }
            Err(problems) => {
                for problem in problems {
                    reading.note(problem);
                }
                Rc::default()
            }
        };
        if raw || !reading.sources.get(file).text.contains('$') {
            self.constant.insert((file, raw), Rc::clone(&assignments));
        }
        assignments
    }
}

/// The values that a container itself gives to its variables.
fn values(environment: &Node) -> BTreeMap<String, String> {
    let pairs: Vec<(&str, &str)> = match &environment.kind {
        Kind::Map(entries) => entries
            .iter()
            .filter_map(|entry| Some((entry.key.text.as_str(), entry.value.text()?)))
            .collect(),
        Kind::List(items) => items
            .iter()
            .filter_map(|item| item.text()?.split_once('='))
            .collect(),
        Kind::Null | Kind::Scalar(_) => Vec::new(),
    };
    let owned = pairs.into_iter();
    owned
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

fn missing(reading: &mut Reading<'_>, node: &Node, name: &str) {
    reading.problems.push(
        Problem::error(
            "missing-file",
            node.span,
            format!("there is no file {name}"),
        )
        .hint("write { path: FILE, required: false } if it may be missing"),
    );
}

/// A name alone has the value of the surroundings, and is none if there is none either (Compose's rule).
fn valued(assignment: &Assignment, reading: &Reading<'_>) -> Option<Assignment> {
    if assignment.value.is_some() {
        return Some(assignment.clone());
    }
    let value = reading.variables.get(&assignment.key.text)?;
    let secrets = if crate::model::looks_secret(&assignment.key.text) {
        vec![value.clone()]
    } else {
        Vec::new()
    };
    Some(Assignment {
        key: assignment.key.clone(),
        value: Some(text(assignment.key.span, value, secrets)),
    })
}

/// One item of the list: a path, or `{ path, required, format }`.
fn named<'n>(item: &'n Node, key: &str, problems: &mut Vec<Problem>) -> Option<Named<'n>> {
    let wrong = |span: Span, text: String, hint: &str| {
        Problem::error("wrong-type", span, text).hint(hint.to_owned())
    };
    match &item.kind {
        Kind::Scalar(_) => Some(Named {
            path: item,
            required: true,
            raw: false,
        }),
        Kind::Map(entries) if key == "env_file" => {
            let mut named = Named {
                path: item,
                required: true,
                raw: false,
            };
            for entry in entries {
                match (entry.key.text.as_str(), entry.value.text()) {
                    ("path", Some(_)) => named.path = &entry.value,
                    ("required", Some("true")) | ("format", Some("")) => {}
                    ("required", Some("false")) => named.required = false,
                    ("format", Some("raw")) => named.raw = true,
                    ("required", found) => problems.push(wrong(
                        entry.value.span,
                        "expected true or false".to_owned(),
                        match found {
                            Some("no" | "off") => "write false",
                            Some("yes" | "on") => "write true",
                            _ => "write false if the file may be missing",
                        },
                    )),
                    ("format", found) => problems.push(wrong(
                        entry.value.span,
                        format!(
                            "expected raw, and found {}",
                            quoted(found.unwrap_or("nothing"))
                        ),
                        "leave format out for Compose's own format",
                    )),
                    ("path", None) => problems.push(wrong(
                        entry.value.span,
                        format!("expected a file's path, and found {}", entry.value.noun()),
                        "",
                    )),
                    (other, _) => {
                        let near = nearest(other, ["path", "required", "format"].into_iter());
                        problems.push(
                            Problem::error(
                                "unknown-key",
                                entry.key.span,
                                format!("unknown key {other} in an env_file"),
                            )
                            .hint(near.map_or_else(
                                || "its keys are path, required and format".to_owned(),
                                |near| format!("did you mean {near}?"),
                            )),
                        );
                    }
                }
            }
            if item.get("path").is_none() {
                problems.push(
                    Problem::error("missing-key", item.span, "path is missing")
                        .hint("add path: app.env"),
                );
            }
            named.path.text().is_some().then_some(named)
        }
        Kind::Null | Kind::List(_) | Kind::Map(_) => {
            problems.push(wrong(
                item.span,
                format!("expected a file's path, and found {}", item.noun()),
                "write one file a line, each behind a dash",
            ));
            None
        }
    }
}

/// Adds entries under what the container says itself, as a mapping or as a list, however it is written there.
fn add(container: &mut Node, key: &str, span: Span, entries: Vec<Assignment>) {
    if entries.is_empty() {
        return;
    }
    if entry_mut(container, key).is_none_or(|entry| matches!(entry.value.kind, Kind::Null)) {
        take(container, key);
        put(container, key, span, node(span, Kind::Map(Vec::new())));
    }
    let Some(own) = entry_mut(container, key) else {
        return;
    };
    match &mut own.value.kind {
        Kind::Map(own) => {
            let known: BTreeSet<String> = own.iter().map(|entry| entry.key.text.clone()).collect();
            for Assignment { key, value } in entries {
                if let Some(value) = value.filter(|_| !known.contains(&key.text)) {
                    own.push(entry(&key.text, key.span, value));
                }
            }
        }
        Kind::List(own) => {
            let known: BTreeSet<String> = own
                .iter()
                .filter_map(Node::text)
                .map(|text| text.split('=').next().unwrap_or_default().to_owned())
                .collect();
            for Assignment { key, value } in entries {
                if let Some(Node {
                    kind: Kind::Scalar(scalar),
                    span,
                    ..
                }) = value.filter(|_| !known.contains(&key.text))
                {
                    let line = format!("{}={}", key.text, scalar.text);
                    own.push(text(span, line, scalar.secrets));
                }
            }
        }
        // It is wrong, and the decoder says so.
        Kind::Null | Kind::Scalar(_) => {}
    }
}
