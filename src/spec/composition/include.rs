//! `include`: other files, each an application of its own with its own folder and its own variables, of which this one
//! takes over everything that is defined there. Nothing of it is merged: for that, a file over it is named beside it.

use std::{path::Path, rc::Rc};

use super::{DEPTH, Place, Reading, folder, joined, point_at, prepared};
use crate::spec::{Entry, Kind, Node, Problem, merge::merge, nearest::nearest};

/// The keys of one include.
const INCLUDE_KEYS: &[&str] = &["path", "env_file", "project_directory"];

/// What is taken over, with what one of it is called.
const SECTIONS: &[(&str, &str)] = &[
    ("containers", "container"),
    ("images", "image"),
    ("networks", "network"),
    ("volumes", "volume"),
    ("configs", "config"),
    ("secrets", "secret"),
];

/// One item of the list.
struct Include<'n> {
    paths: Vec<&'n Node>,
    env_files: Vec<&'n Node>,
    folder: Option<&'n Node>,
}

/// The files that a file includes, each with those that are merged over it.
pub fn includes(reading: &mut Reading<'_>, node: &Node, place: Place<'_>) -> Vec<Node> {
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
            let text = format!("expected a list of files, and found {}", list.noun());
            reading
                .problems
                .push(Problem::error("wrong-type", list.span, text).hint(hint));
            return Vec::new();
        }
    };
    let mut nodes = Vec::new();
    for item in items {
        if let Some(include) = read(item, &mut reading.problems) {
            nodes.extend(load(reading, &include, place));
        }
    }
    nodes
}

/// What one item says; every fault of it is noted.
fn read<'n>(item: &'n Node, problems: &mut Vec<Problem>) -> Option<Include<'n>> {
    let mut include = Include {
        paths: Vec::new(),
        env_files: Vec::new(),
        folder: None,
    };
    let entries = match &item.kind {
        Kind::Scalar(_) => {
            include.paths.push(item);
            return Some(include);
        }
        Kind::Map(entries) => entries,
        Kind::Null | Kind::List(_) => {
            let text = format!(
                "expected a file or a mapping with path, and found {}",
                item.noun()
            );
            problems.push(
                Problem::error("wrong-type", item.span, text)
                    .hint("write one file a line, each behind a dash"),
            );
            return None;
        }
    };
    for entry in entries {
        match entry.key.text.as_str() {
            "path" => include.paths = files(&entry.value, problems),
            "env_file" => include.env_files = files(&entry.value, problems),
            "project_directory" if matches!(entry.value.kind, Kind::Null) => {}
            "project_directory" if entry.value.text().is_some() => {
                include.folder = Some(&entry.value);
            }
            "project_directory" => problems.push(Problem::error(
                "wrong-type",
                entry.value.span,
                format!("expected a folder, and found {}", entry.value.noun()),
            )),
            key if key.starts_with("x-") => {}
            _ => problems.push(unknown(entry)),
        }
    }
    if item.get("path").is_none() {
        problems.push(
            Problem::error("missing-key", item.span, "the include names no file")
                .hint("add path: other.yaml"),
        );
    }
    Some(include)
}

fn unknown(entry: &Entry) -> Problem {
    let key = &entry.key.text;
    let hint = nearest(key, INCLUDE_KEYS.iter().copied()).map_or_else(
        || "its keys are path, env_file and project_directory".to_owned(),
        |near| format!("did you mean {near}?"),
    );
    let text = format!("unknown key {key} in an include");
    Problem::error("unknown-key", entry.key.span, text).hint(hint)
}

/// A file's path, or a list of them.
fn files<'n>(node: &'n Node, problems: &mut Vec<Problem>) -> Vec<&'n Node> {
    let items = match &node.kind {
        Kind::Null => &[],
        Kind::List(items) => items.as_slice(),
        Kind::Scalar(_) | Kind::Map(_) => std::slice::from_ref(node),
    };
    let mut files = Vec::new();
    for item in items {
        if item.text().is_some() {
            files.push(item);
        } else {
            let text = format!("expected a file's path, and found {}", item.noun());
            problems.push(
                Problem::error("wrong-type", item.span, text)
                    .hint("write one file a line, each behind a dash"),
            );
        }
    }
    files
}

/// Reads an included file and those that are merged over it, with their own variables.
fn load(reading: &mut Reading<'_>, include: &Include<'_>, place: Place<'_>) -> Option<Node> {
    let first = include.paths.first()?;
    if place.depth >= DEPTH {
        let text = "files include each other without end";
        reading
            .problems
            .push(Problem::error("include-cycle", first.span, text).hint("remove this include"));
        return None;
    }
    let near = |node: &Node| joined(place.folder, node.text().unwrap_or_default());
    // The first file is the application; its folder is what paths are relative to in the others too.
    let own = include.folder.map_or_else(|| folder(&near(first)), near);
    let outer = reading.own.clone();
    if include.env_files.is_empty() {
        reading.beside_env_file(&own);
    }
    for file in &include.env_files {
        let before = reading.problems.len();
        reading.included_env_file(&near(file));
        point_at(reading, before, file);
    }
    // What the including file has for itself counts more.
    let mut variables = (*reading.own).clone();
    let above = outer.iter();
    variables.extend(above.map(|(name, value)| (name.clone(), value.clone())));
    reading.own = Rc::new(variables);
    let mut whole: Option<Node> = None;
    for file in &include.paths {
        if let Some(node) = one(reading, file, &near(file), &own, place.depth) {
            whole = Some(match whole {
                None => node,
                Some(base) => merge(base, node),
            });
        }
    }
    reading.own = outer;
    whole
}

fn one(
    reading: &mut Reading<'_>,
    named: &Node,
    path: &Path,
    folder: &Path,
    depth: usize,
) -> Option<Node> {
    let text = named.text().unwrap_or_default();
    if text.contains("://") || text.starts_with("git@") {
        let problem = Problem::error(
            "unsupported",
            named.span,
            format!("{text} is no file of this machine, and nothing is fetched from elsewhere"),
        );
        reading
            .problems
            .push(problem.hint("fetch it before, and name the file"));
        return None;
    }
    let before = reading.problems.len();
    let Some(node) = reading.yaml(path, folder) else {
        point_at(reading, before, named);
        return None;
    };
    let place = Place {
        path,
        folder,
        depth: depth + 1,
    };
    Some(prepared(reading, node, place))
}

/// Takes over what an included file defines. What both define is an error, unless both say the same, as in Compose.
pub fn import(reading: &mut Reading<'_>, node: Node, included: &Node) -> Node {
    let mut node = node;
    let mut rest = included.clone();
    if let Kind::Map(entries) = &mut rest.kind {
        // Included files of Compose's have names of their own, which mean nothing here.
        let compose = reading.compose;
        entries.retain(|entry| {
            let key = entry.key.text.as_str();
            let own = key == "include" || (compose && key == "name");
            !own && (section_of(key).is_none() || !matches!(entry.value.kind, Kind::Map(_)))
        });
    }
    for (section, noun) in SECTIONS {
        let Some(entry) = included
            .entries()
            .iter()
            .find(|entry| entry.key.text == *section)
        else {
            continue;
        };
        take_over(reading, &mut node, entry, section, noun);
    }
    merge(rest, node)
}

fn section_of(key: &str) -> Option<&'static str> {
    let found = SECTIONS.iter().find(|(section, _)| *section == key);
    found.map(|(section, _)| *section)
}

fn take_over(
    reading: &mut Reading<'_>,
    node: &mut Node,
    included: &Entry,
    section: &str,
    noun: &str,
) {
    let Kind::Map(others) = &included.value.kind else {
        return;
    };
    let Kind::Map(entries) = &mut node.kind else {
        return;
    };
    let found = entries.iter_mut().find(|entry| entry.key.text == section);
    let Some(own) = found else {
        entries.push(included.clone());
        return;
    };
    match &mut own.value.kind {
        Kind::Null => own.value = included.value.clone(),
        Kind::Map(own) => {
            for other in others {
                let known = own.iter().find(|entry| entry.key.text == other.key.text);
                match known {
                    None => own.push(other.clone()),
                    Some(known) if is_same(reading, section, known, other) => {}
                    Some(known) => reading.problems.push(conflict(known, other, noun)),
                }
            }
        }
        // It is wrong, and the decoder says so.
        Kind::Scalar(_) | Kind::List(_) => {}
    }
}

/// Whether two definitions say the same. Paths in them are the same ones only if both are relative to one folder.
fn is_same(reading: &Reading<'_>, section: &str, one: &Entry, other: &Entry) -> bool {
    let folder = |entry: &Entry| reading.resolve(entry.key.span.file, ".");
    let pathless =
        matches!(section, "networks" | "volumes") && one.value.get("driver_opts").is_none();
    one.value.says_same(&other.value) && (pathless || folder(one) == folder(other))
}

fn conflict(own: &Entry, other: &Entry, noun: &str) -> Problem {
    let name = &own.key.text;
    Problem::error(
        "duplicate-key",
        own.key.span,
        format!("the {noun} {name} is defined in an included file too, and nothing is merged"),
    )
    .hint("remove one, or merge a file over the included one: include: [{ path: [theirs.yaml, over-it.yaml] }]")
    .also(other.key.span, "defined here too")
}
