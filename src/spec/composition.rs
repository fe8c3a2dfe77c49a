//! How several files become one: variables, merging, `include`, `extends` and profiles, by Compose's rules.

mod extends;

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

use super::{
    Entry, FileId, Kind, Node, Problem, Severity, Sources, conceal,
    document::{Inputs, read_source},
    dotenv,
    interpolate::{Variables, interpolate},
    merge::{merge, settled},
    yaml,
};
use crate::model::Secrets;

/// How deep files may include and extend each other: a person does not follow more.
const DEPTH: usize = 16;

/// What is gathered while files are read.
pub struct Reading<'a> {
    inputs: &'a Inputs<'a>,
    /// The texts.
    pub sources: Sources,
    /// What was found wrong.
    pub problems: Vec<Problem>,
    /// Every file that was read or looked for.
    pub files: BTreeSet<PathBuf>,
    /// The folder of each text, against which relative paths in it are resolved.
    pub folders: BTreeMap<FileId, PathBuf>,
    /// The environment over the env files.
    pub variables: Layers,
    /// What must not be told in a problem's words.
    pub secrets: Secrets,
    /// Whether the first file is one of Compose's: it has `services` in place of containers.
    pub compose: bool,
    /// Containers that are left out because their profile is not on, with their profiles.
    pub switched_off: BTreeMap<String, String>,
}

/// Variables: the environment, then the env files, the later ones first.
#[derive(Debug, Clone, Default)]
pub struct Layers {
    environment: BTreeMap<String, String>,
    files: BTreeMap<String, String>,
}

impl Variables for Layers {
    fn get(&self, name: &str) -> Option<String> {
        self.environment
            .get(name)
            .or_else(|| self.files.get(name))
            .cloned()
    }
}

impl<'a> Reading<'a> {
    /// Nothing read yet.
    #[must_use]
    pub fn new(inputs: &'a Inputs<'a>) -> Self {
        Self {
            inputs,
            sources: Sources::default(),
            problems: Vec::new(),
            files: BTreeSet::new(),
            folders: BTreeMap::new(),
            variables: Layers {
                environment: inputs.variables.clone(),
                files: BTreeMap::new(),
            },
            secrets: Secrets::default(),
            compose: false,
            switched_off: BTreeMap::new(),
        }
    }

    /// Notes a problem, unless it has been noted: many containers may meet the same one.
    pub fn note(&mut self, problem: Problem) {
        if !self.problems.contains(&problem) {
            self.problems.push(problem);
        }
    }

    /// A file's bytes; the file counts as one that the document is made from.
    pub fn bytes(&mut self, path: &Path) -> std::io::Result<Vec<u8>> {
        self.files.insert(path.to_owned());
        (self.inputs.read)(path)
    }

    /// Reads a text; notes what keeps it from being read.
    pub fn text(&mut self, path: &Path) -> Option<FileId> {
        self.files.insert(path.to_owned());
        match read_source(self.inputs, path) {
            Ok(text) => {
                let file = self.sources.add(path.display().to_string(), text);
                self.folders.insert(file, folder(path));
                Some(file)
            }
            Err(problem) => {
                self.problems.push(*problem);
                None
            }
        }
    }

    /// Reads a file of YAML with its variables put in.
    fn yaml(&mut self, path: &Path) -> Option<Node> {
        let file = self.text(path)?;
        // What can be read of a file with an error is checked too, so that all its problems are told at once.
        let mut node = yaml::read_partly(&self.sources, file, &mut self.problems)?;
        conceal::conceal(&node, &mut self.sources);
        let variables = self.variables.clone();
        interpolate(&self.sources, &mut node, &variables, &mut self.problems);
        conceal::gather(&node, &mut self.secrets);
        Some(node)
    }

    /// The `.env` beside the first file, or the files that were named.
    fn env_files(&mut self) {
        let named: Vec<PathBuf> = self.inputs.env_files.to_vec();
        let beside = self
            .inputs
            .files
            .first()
            .map(|file| folder(file).join(".env"))
            .filter(|_| named.is_empty());
        if let Some(path) = beside {
            self.files.insert(path.clone());
            if (self.inputs.read)(&path).is_err() {
                return;
            }
            self.env_file(&path);
        }
        for path in named {
            self.env_file(&path);
        }
    }

    fn env_file(&mut self, path: &Path) {
        let Some(file) = self.text(path) else { return };
        match dotenv::read_env(&self.sources, file, &self.variables) {
            Ok(assignments) => {
                for assignment in assignments {
                    if let Some(text) = assignment.value.as_ref().and_then(Node::text) {
                        self.variables
                            .files
                            .insert(assignment.key.text.clone(), text.to_owned());
                    }
                }
            }
            Err(mut problems) => self.problems.append(&mut problems),
        }
    }

    /// A path of the file, against the folder of the text that it stands in; `~` is the home folder. It is named as the
    /// user named the file, so it may be relative to the working directory.
    #[must_use]
    pub fn beside(&self, file: FileId, path: &str) -> PathBuf {
        if let Some(rest) = path.strip_prefix('~')
            && (rest.is_empty() || rest.starts_with('/'))
            && let Some(home) = self.variables.get("HOME")
        {
            return PathBuf::from(format!("{home}{rest}"));
        }
        let folder = self.folders.get(&file).cloned().unwrap_or_default();
        joined(&folder, path)
    }

    /// The same, made absolute: what an engine is told.
    #[must_use]
    pub fn resolve(&self, file: FileId, path: &str) -> String {
        let path = self.inputs.base.join(self.beside(file, path));
        let path = path.to_string_lossy();
        if path.starts_with('/') {
            crate::value::clean(&path)
        } else {
            path.into_owned()
        }
    }
}

/// The folder of a file; empty for the working directory.
pub fn folder(path: &Path) -> PathBuf {
    path.parent().map(Path::to_owned).unwrap_or_default()
}

/// A path against a folder, without the `./` that people begin it with.
fn joined(folder: &Path, path: &str) -> PathBuf {
    folder.join(path.strip_prefix("./").unwrap_or(path))
}

/// All files as one node; `None` if nothing can be read.
pub fn compose(inputs: &Inputs<'_>, reading: &mut Reading<'_>) -> Option<Node> {
    reading.env_files();
    let mut whole: Option<Node> = None;
    for path in inputs.files {
        let Some(node) = reading.yaml(path) else {
            continue;
        };
        if whole.is_none() {
            reading.compose = node.get("services").is_some() && node.get("containers").is_none();
        }
        let node = prepared(reading, node, path, 0);
        whole = Some(match whole {
            None => settled(node),
            Some(base) => merge(base, node),
        });
    }
    let mut whole = whole?;
    // A file that could not be read leaves references dangling that are none: say the first thing alone.
    let unreadable = reading
        .problems
        .iter()
        .any(|problem| problem.severity == Severity::Error && problem.code == "unreadable-file");
    if unreadable {
        return None;
    }
    reading.switched_off = profiles(inputs, &mut whole);
    Some(whole)
}

/// One file with what it includes and extends, and Compose's `services` under our name.
fn prepared(reading: &mut Reading<'_>, mut node: Node, path: &Path, depth: usize) -> Node {
    rename_services(&mut node);
    let included = includes(reading, &node, path, depth);
    extends::extends(reading, &mut node, path, depth);
    included
        .into_iter()
        .fold(node, |node, other| merge(other, node))
}

/// `services` is Compose's word for containers.
fn rename_services(node: &mut Node) {
    if node.get("containers").is_some() {
        return;
    }
    if let Kind::Map(entries) = &mut node.kind {
        for entry in entries
            .iter_mut()
            .filter(|entry| entry.key.text == "services")
        {
            "containers".clone_into(&mut entry.key.text);
        }
    }
}

/// `include`: a list of files, or of `{path, env_file, project_directory}`.
fn includes(reading: &mut Reading<'_>, node: &Node, path: &Path, depth: usize) -> Vec<Node> {
    let Some(list) = node.get("include") else {
        return Vec::new();
    };
    let items = match &list.kind {
        Kind::Null => return Vec::new(),
        Kind::List(items) => items,
        Kind::Scalar(_) | Kind::Map(_) => {
            let hint = match list.text() {
                Some(file) => format!("write [{file}]"),
                None => "write one file a line, each behind a dash".to_owned(),
            };
            reading.problems.push(
                Problem::error(
                    "wrong-type",
                    list.span,
                    format!("expected a list of files, and found {}", list.noun()),
                )
                .hint(hint),
            );
            return Vec::new();
        }
    };
    let mut nodes = Vec::new();
    for item in items {
        let paths: Vec<&Node> = match (&item.kind, item.get("path")) {
            (Kind::Scalar(_), _) => vec![item],
            (
                Kind::Map(_),
                Some(Node {
                    kind: Kind::List(paths),
                    ..
                }),
            ) => paths.iter().collect(),
            (Kind::Map(_), Some(path)) => vec![path],
            _ => {
                reading.problems.push(Problem::error(
                    "wrong-type",
                    item.span,
                    format!(
                        "expected a file or a mapping with path, and found {}",
                        item.noun()
                    ),
                ));
                continue;
            }
        };
        let mut included: Option<Node> = None;
        for one in paths {
            let Some(text) = one.text() else {
                reading.problems.push(Problem::error(
                    "wrong-type",
                    one.span,
                    format!("expected a file's path, and found {}", one.noun()),
                ));
                continue;
            };
            let other = joined(&folder(path), text);
            if depth >= DEPTH {
                reading.problems.push(
                    Problem::error(
                        "include-cycle",
                        one.span,
                        "files include each other without end",
                    )
                    .hint("remove this include"),
                );
                continue;
            }
            let before = reading.problems.len();
            let Some(node) = reading.yaml(&other) else {
                point_at(reading, before, one);
                continue;
            };
            let node = prepared(reading, node, &other, depth + 1);
            included = Some(match included {
                None => node,
                Some(base) => merge(base, node),
            });
        }
        nodes.extend(included);
    }
    nodes
}

/// A file that cannot be read is a problem of the place that names it.
fn point_at(reading: &mut Reading<'_>, from: usize, node: &Node) {
    for problem in reading
        .problems
        .iter_mut()
        .skip(from)
        .filter(|problem| problem.span.is_none())
    {
        problem.span = Some(node.span);
        problem.code = "missing-file";
        problem.hint = Some("paths are relative to this file's folder".to_owned());
    }
}

/// Containers of a profile that is not on are left out; gives back their names and profiles.
fn profiles(inputs: &Inputs<'_>, node: &mut Node) -> BTreeMap<String, String> {
    let mut off = BTreeMap::new();
    let mut on = |entry: &Entry| {
        let Some(profiles) = entry.value.get("profiles") else {
            return true;
        };
        let names: Vec<&str> = match &profiles.kind {
            Kind::List(items) => items.iter().filter_map(Node::text).collect(),
            Kind::Scalar(scalar) => vec![scalar.text.as_str()],
            Kind::Null | Kind::Map(_) => Vec::new(),
        };
        let on = names.is_empty()
            || names
                .iter()
                .any(|name| inputs.profiles.iter().any(|on| on == name || on == "*"));
        if !on {
            off.insert(entry.key.text.clone(), names.join(", "));
        }
        on
    };
    if let Kind::Map(entries) = &mut node.kind {
        for entry in entries
            .iter_mut()
            .filter(|entry| entry.key.text == "containers")
        {
            if let Kind::Map(containers) = &mut entry.value.kind {
                containers.retain(&mut on);
            }
        }
    }
    off
}
