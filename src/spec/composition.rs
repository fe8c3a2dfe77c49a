//! How several files become one: variables, merging, `include`, `extends` and profiles, by Compose's rules.

mod extends;
mod include;

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
    rc::Rc,
};

use super::{
    Entry, FileId, Kind, Node, Problem, Severity, Sources, conceal,
    document::{Inputs, read_source},
    dotenv,
    interpolate::{Variables, interpolate},
    merge::{merge, settled},
    services, yaml,
};
use crate::model::Secrets;

/// How deep files may include and extend each other: a person does not follow more.
const DEPTH: usize = 16;

/// Compose's variable of the profiles that are on, with commas between them.
const PROFILES: &str = "COMPOSE_PROFILES";

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
    /// The variables of the included file that is being read.
    own: Rc<BTreeMap<String, String>>,
    /// Whether the first file is one of Compose's: it has `services` in place of containers.
    pub compose: bool,
    /// Containers that are left out because their profile is not on.
    pub switched_off: BTreeMap<String, SwitchedOff>,
}

/// A container whose profile is not on: it takes no part, and is checked all the same.
#[derive(Debug)]
pub struct SwitchedOff {
    /// Its profiles, with commas between them.
    pub profiles: String,
    /// What the file says of it.
    pub entry: Entry,
}

/// Where a file stands.
#[derive(Debug, Clone, Copy)]
struct Place<'p> {
    /// As it is named.
    path: &'p Path,
    /// What paths in it are relative to.
    folder: &'p Path,
    /// How many files stand above it.
    depth: usize,
}

/// Variables: the environment, then the env files, the later ones first.
#[derive(Debug, Clone, Default)]
pub struct Layers {
    environment: BTreeMap<String, String>,
    files: BTreeMap<String, String>,
    /// The project's name, which Compose hands to the files as a variable.
    project: Option<String>,
    /// What included files have for themselves, below all others.
    included: BTreeMap<FileId, Rc<BTreeMap<String, String>>>,
}

impl Layers {
    /// The value of a variable that somebody has set.
    #[must_use]
    pub fn get_outside(&self, name: &str) -> Option<String> {
        let found = self.environment.get(name);
        found.or_else(|| self.files.get(name)).cloned()
    }
}

impl Variables for Layers {
    fn get(&self, name: &str) -> Option<String> {
        match &self.project {
            Some(project) if name == services::VARIABLE => Some(project.clone()),
            _ => self.get_outside(name),
        }
    }

    fn get_in(&self, file: FileId, name: &str) -> Option<String> {
        self.get(name)
            .or_else(|| self.included.get(&file)?.get(name).cloned())
    }
}

/// The variables as one text sees them.
struct Within<'a> {
    layers: &'a Layers,
    own: &'a BTreeMap<String, String>,
}

impl Variables for Within<'_> {
    fn get(&self, name: &str) -> Option<String> {
        self.layers
            .get(name)
            .or_else(|| self.own.get(name).cloned())
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
                ..Layers::default()
            },
            secrets: Secrets::default(),
            own: Rc::default(),
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

    /// Reads a file of YAML with its variables put in. Paths in it are relative to `folder`.
    fn yaml(&mut self, path: &Path, folder: &Path) -> Option<Node> {
        let mut node = self.plain_yaml(path, folder)?;
        self.put_in(&mut node);
        Some(node)
    }

    /// Reads a file of YAML as it is written.
    fn plain_yaml(&mut self, path: &Path, folder: &Path) -> Option<Node> {
        let file = self.text(path)?;
        self.folders.insert(file, folder.to_owned());
        if !self.own.is_empty() {
            self.variables.included.insert(file, Rc::clone(&self.own));
        }
        // What can be read of a file with an error is checked too, so that all its problems are told at once.
        let node = yaml::read_partly(&self.sources, file, &mut self.problems)?;
        conceal::conceal(&node, &mut self.sources);
        Some(node)
    }

    /// Puts variables into a file.
    fn put_in(&mut self, node: &mut Node) {
        let variables = Within {
            layers: &self.variables,
            own: &self.own,
        };
        interpolate(&self.sources, node, &variables, &mut self.problems);
        conceal::gather(node, &mut self.secrets);
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
        let read = self.assignments(path);
        self.variables.files.extend(read);
    }

    /// An env file of an included file.
    fn included_env_file(&mut self, path: &Path) {
        let mut own = (*self.own).clone();
        own.extend(self.assignments(path));
        self.own = Rc::new(own);
    }

    /// The `.env` of an included file's folder, if there is one.
    fn beside_env_file(&mut self, folder: &Path) {
        let path = folder.join(".env");
        let first = self.inputs.files.first().map(|file| self::folder(file));
        if self.inputs.env_files.is_empty() && first.as_deref() == Some(folder) {
            // It holds for all files already.
            return;
        }
        self.files.insert(path.clone());
        if (self.inputs.read)(&path).is_ok() {
            self.included_env_file(&path);
        }
    }

    /// The variables of an env file.
    fn assignments(&mut self, path: &Path) -> Vec<(String, String)> {
        let Some(file) = self.text(path) else {
            return Vec::new();
        };
        let variables = Within {
            layers: &self.variables,
            own: &self.own,
        };
        let assignments = match dotenv::read_env(&self.sources, file, &variables) {
            Ok(assignments) => assignments,
            Err(mut problems) => {
                self.problems.append(&mut problems);
                return Vec::new();
            }
        };
        let texts = assignments.into_iter().filter_map(|assignment| {
            let value = assignment.value.as_ref().and_then(Node::text)?.to_owned();
            Some((assignment.key.text, value))
        });
        texts.collect()
    }

    /// The profiles that are on: those that were named, or for a Compose file without any those of Compose's variable.
    fn profiles_on(&self) -> Vec<String> {
        let named = self.inputs.profiles.to_vec();
        if !named.is_empty() || !self.compose {
            return named;
        }
        let listed = self.variables.get(PROFILES).unwrap_or_default();
        let words = listed.split(',').map(str::trim);
        words
            .filter(|word| !word.is_empty())
            .map(str::to_owned)
            .collect()
    }

    /// What paths in a text are relative to, as a hint.
    #[must_use]
    pub fn relative_to(&self, file: FileId) -> String {
        let own = folder(Path::new(&self.sources.get(file).name));
        match self.folders.get(&file) {
            Some(folder) if *folder != own && folder.as_os_str().is_empty() => {
                "paths are relative to the folder of the first file".to_owned()
            }
            Some(folder) if *folder != own => {
                format!("paths are relative to {}", folder.display())
            }
            _ => "paths are relative to this file's folder".to_owned(),
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
    // Paths are relative to the first file in all of them, as in Compose.
    let first = inputs.files.first().map(|file| folder(file))?;
    let mut files: Vec<(&Path, Node)> = Vec::new();
    for path in inputs.files {
        if let Some(node) = reading.plain_yaml(path, &first) {
            files.push((path, node));
        }
    }
    if let Some((_, node)) = files.first() {
        reading.compose = node.get("services").is_some() && node.get("containers").is_none();
    }
    let nodes: Vec<&Node> = files.iter().map(|(_, node)| node).collect();
    reading.variables.project =
        services::expected(&nodes, reading.compose, inputs, &reading.variables);
    let mut whole: Option<Node> = None;
    for (path, mut node) in files {
        reading.put_in(&mut node);
        let place = Place {
            path,
            folder: &first,
            depth: 0,
        };
        let node = prepared(reading, node, place);
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
    let on = reading.profiles_on();
    reading.switched_off = profiles(&on, &mut whole);
    Some(whole)
}

/// One file with what it includes and extends, and Compose's `services` under our name.
fn prepared(reading: &mut Reading<'_>, mut node: Node, place: Place<'_>) -> Node {
    rename_services(&mut node);
    let included = include::includes(reading, &node, place);
    extends::extends(reading, &mut node, place);
    included
        .into_iter()
        .fold(node, |node, other| include::import(reading, node, &other))
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

/// A file that cannot be read is a problem of the place that names it.
fn point_at(reading: &mut Reading<'_>, from: usize, node: &Node) {
    let hint = reading.relative_to(node.span.file);
    for problem in reading
        .problems
        .iter_mut()
        .skip(from)
        .filter(|problem| problem.span.is_none())
    {
        problem.span = Some(node.span);
        problem.code = "missing-file";
        problem.hint = Some(hint.clone());
    }
}

/// Containers of a profile that is not on are left out; gives them back by their names.
fn profiles(switched_on: &[String], node: &mut Node) -> BTreeMap<String, SwitchedOff> {
    let mut off = BTreeMap::new();
    let Kind::Map(sections) = &mut node.kind else {
        return off;
    };
    for section in sections {
        let Kind::Map(containers) = &mut section.value.kind else {
            continue;
        };
        if section.key.text != "containers" {
            continue;
        }
        let all = std::mem::take(containers);
        for entry in all {
            let names = profiles_of(&entry.value);
            let on = names
                .iter()
                .any(|name| switched_on.iter().any(|on| on == name || on == "*"));
            if on || names.is_empty() {
                containers.push(entry);
                continue;
            }
            let switched_off = SwitchedOff {
                profiles: names.join(", "),
                entry,
            };
            off.insert(switched_off.entry.key.text.clone(), switched_off);
        }
    }
    off
}

fn profiles_of(container: &Node) -> Vec<String> {
    let Some(profiles) = container.get("profiles") else {
        return Vec::new();
    };
    let items = match &profiles.kind {
        Kind::List(items) => items.as_slice(),
        Kind::Scalar(_) => std::slice::from_ref(profiles),
        Kind::Null | Kind::Map(_) => &[],
    };
    let names = items.iter().filter_map(Node::text);
    names.map(str::to_owned).collect()
}
