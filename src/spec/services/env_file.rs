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
    read: BTreeMap<(PathBuf, bool), Option<Rc<Vec<Assignment>>>>,
    texts: BTreeSet<FileId>,
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
            let entries = self.entries(&files.value, "env_file", reading);
            add(container, key, files.value.span, entries);
        }
        if let Some(files) = take(container, "label_file") {
            let entries = self.entries(&files.value, "label_file", reading);
            add(container, "labels", files.value.span, entries);
        }
    }

    /// The entries of all files that are named; of two of the same name the later one.
    fn entries(&mut self, files: &Node, key: &str, reading: &mut Reading<'_>) -> Vec<Assignment> {
        let items = match &files.kind {
            Kind::List(items) => items.as_slice(),
            Kind::Null => &[],
            Kind::Scalar(_) | Kind::Map(_) => std::slice::from_ref(files),
        };
        let mut all: Vec<Assignment> = Vec::new();
        let mut places: BTreeMap<String, usize> = BTreeMap::new();
        for item in items {
            let Some(named) = named(item, key, &mut reading.problems) else {
                continue;
            };
            let Some(file) = self.file(&named, reading) else {
                continue;
            };
            for assignment in file.iter() {
                let Some(assignment) = valued(assignment, reading) else {
                    continue;
                };
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

    fn file(
        &mut self,
        named: &Named<'_>,
        reading: &mut Reading<'_>,
    ) -> Option<Rc<Vec<Assignment>>> {
        let name = named.path.text().unwrap_or_default();
        let path = reading.beside(named.path.span.file, name);
        let key = (path, named.raw);
        if let Some(known) = self.read.get(&key) {
            if known.is_none() && named.required {
                missing(reading, named.path, name);
            }
            return known.clone();
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
        let assignments = file.map(|file| {
            self.texts.insert(file);
            let variables = reading.variables.clone();
            let read = if named.raw {
                read_raw(&reading.sources, file)
            } else {
                read_env(&reading.sources, file, &variables)
            };
            match read {
                Ok(assignments) => {
                    let values = assignments.iter().filter_map(|one| one.value.as_ref());
                    values.for_each(|value| gather(value, &mut reading.secrets));
                    Rc::new(assignments)
                }
                Err(mut problems) => {
                    reading.problems.append(&mut problems);
                    Rc::default()
                }
            }
        });
        self.read.insert(key, assignments.clone());
        assignments
    }
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
                    ("required", _) => problems.push(wrong(
                        entry.value.span,
                        "expected true or false".to_owned(),
                        "",
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
