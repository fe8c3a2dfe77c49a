//! `configs` and `secrets`: files that Compose hands to containers, read as the attribute `files`.

use std::collections::BTreeMap;

use super::lower::{entry, entry_mut, node, put, take, text};
use crate::{
    model::looks_secret,
    spec::{
        Entry, Kind, Node, Problem, Span, composition::Reading, interpolate::Variables,
        nearest::nearest,
    },
};

/// The largest content: a swarm's own limit for configs, and the engine takes it in one request.
const LARGEST: usize = 1_000_000;

/// Both sections, with what tells them apart.
const SECTIONS: &[(&str, &str)] = &[("configs", "config"), ("secrets", "secret")];

/// Where secrets are put that say no absolute path.
const SECRETS_FOLDER: &str = "/run/secrets/";

/// What the file defines in `configs` and `secrets`, by section and name.
#[derive(Debug, Default)]
pub struct Definitions(BTreeMap<(&'static str, String), Option<Definition>>);

#[derive(Debug)]
struct Definition {
    how: How,
    value: Node,
}

#[derive(Debug, Clone, Copy)]
enum How {
    File,
    Environment,
    Content,
}

impl Definitions {
    /// Reads both sections of a file.
    pub fn of(file: &Node, problems: &mut Vec<Problem>) -> Self {
        let mut all = BTreeMap::new();
        for (section, noun) in SECTIONS {
            let Some(given) = file.get(section) else {
                continue;
            };
            if !matches!(given.kind, Kind::Map(_) | Kind::Null) {
                problems.push(
                    Problem::error(
                        "wrong-type",
                        given.span,
                        format!(
                            "expected a mapping of {noun}s by name, and found {}",
                            given.noun()
                        ),
                    )
                    .hint("write name: { file: ./path }"),
                );
            }
            for one in given
                .entries()
                .iter()
                .filter(|entry| !entry.key.text.starts_with("x-"))
            {
                all.insert(
                    (*section, one.key.text.clone()),
                    definition(one, noun, problems),
                );
            }
        }
        Self(all)
    }

    /// Puts what a container is granted into its `files`.
    pub fn lower(&self, container: &mut Node, reading: &mut Reading<'_>) {
        for (section, noun) in SECTIONS {
            let Some(grants) = take(container, section) else {
                continue;
            };
            let items = match &grants.value.kind {
                Kind::List(items) => items.as_slice(),
                Kind::Null => &[],
                Kind::Scalar(_) | Kind::Map(_) => {
                    reading.problems.push(
                        Problem::error(
                            "wrong-type",
                            grants.value.span,
                            format!(
                                "expected a list of {noun}s, and found {}",
                                grants.value.noun()
                            ),
                        )
                        .hint(grants.value.text().map_or_else(
                            || "write one a line, each behind a dash".to_owned(),
                            |name| format!("write [{name}]"),
                        )),
                    );
                    &[]
                }
            };
            let files: Vec<Node> = items
                .iter()
                .filter_map(|item| self.grant(section, noun, item, reading))
                .collect();
            if files.is_empty() {
                continue;
            }
            let span = grants.value.span;
            if entry_mut(container, "files").is_none() {
                put(container, "files", span, node(span, Kind::List(Vec::new())));
            }
            if let Some(Entry {
                value:
                    Node {
                        kind: Kind::List(own),
                        ..
                    },
                ..
            }) = entry_mut(container, "files")
            {
                own.extend(files);
            }
        }
    }

    /// One grant as an item of `files`.
    fn grant(
        &self,
        section: &'static str,
        noun: &str,
        item: &Node,
        reading: &mut Reading<'_>,
    ) -> Option<Node> {
        let source = match &item.kind {
            Kind::Scalar(_) => Some(item),
            Kind::Map(_) => item.get("source"),
            Kind::Null | Kind::List(_) => None,
        };
        let Some((place, name)) = source.and_then(|node| Some((node, node.text()?))) else {
            reading.problems.push(
                Problem::error(
                    "missing-key",
                    item.span,
                    format!("the {noun}'s name is missing"),
                )
                .hint("write its name, or { source: NAME, target: /path }"),
            );
            return None;
        };
        let Some(definition) = self.0.get(&(section, name.to_owned())) else {
            let known = self
                .0
                .keys()
                .filter(|(other, _)| *other == section)
                .map(|(_, name)| name.as_str());
            let hint = nearest(name, known).map_or_else(
                || {
                    format!(
                        "add {section}: {{ {name}: {{ file: ./{name} }} }} at the top of the file"
                    )
                },
                |near| format!("did you mean {near}?"),
            );
            reading.problems.push(
                Problem::error(
                    "unknown-reference",
                    place.span,
                    format!("there is no {noun} {name} in {section}"),
                )
                .hint(hint),
            );
            return None;
        };
        let definition = definition.as_ref()?;
        let content = definition.content(noun, reading)?;
        let secrets = if section == "secrets" {
            let trimmed = content.trim_end_matches(['\n', '\r']).to_owned();
            vec![content.clone(), trimmed]
        } else {
            definition.secrets(&content)
        };
        let target = target(section, name, item.get("target").and_then(Node::text));
        let target_span = item.get("target").map_or(place.span, |node| node.span);
        let mut entries = vec![
            entry("target", target_span, text(target_span, target, Vec::new())),
            entry("content", place.span, text(place.span, content, secrets)),
        ];
        for own in item
            .entries()
            .iter()
            .filter(|own| !own.key.text.starts_with("x-"))
        {
            match own.key.text.as_str() {
                "source" | "target" => {}
                "uid" | "gid" | "mode" => entries.push(own.clone()),
                other => {
                    let known = ["source", "target", "uid", "gid", "mode"];
                    let near = nearest(other, known.into_iter());
                    reading.problems.push(
                        Problem::error(
                            "unknown-key",
                            own.key.span,
                            format!("unknown key {other} in a {noun}"),
                        )
                        .hint(near.map_or_else(
                            || format!("its keys are {}", known.join(", ")),
                            |near| format!("did you mean {near}?"),
                        )),
                    );
                }
            }
        }
        Some(node(item.span, Kind::Map(entries)))
    }
}

/// Compose's defaults: configs lie in the root folder, secrets in `/run/secrets`.
fn target(section: &str, name: &str, given: Option<&str>) -> String {
    match (section, given) {
        (_, Some(target)) if target.starts_with('/') => target.to_owned(),
        ("secrets", target) => format!("{SECRETS_FOLDER}{}", target.unwrap_or(name)),
        (_, target) => format!("/{}", target.unwrap_or(name)),
    }
}

/// What one entry of a section says; `None` if it is wrong, which has been said then.
fn definition(one: &Entry, noun: &str, problems: &mut Vec<Problem>) -> Option<Definition> {
    let mut found: Option<Definition> = None;
    let mut sound = true;
    for entry in one.value.entries() {
        let how = match entry.key.text.as_str() {
            "file" => How::File,
            "environment" => How::Environment,
            "content" => How::Content,
            "name" | "labels" => continue,
            "external" if entry.value.text() == Some("false") => continue,
            "external" | "driver" | "driver_opts" | "template_driver" => {
                problems.push(
                    Problem::error(
                        "unsupported",
                        entry.key.span,
                        format!(
                            "a {noun} of somebody else's needs a swarm, and here is one engine"
                        ),
                    )
                    .hint("write file:, environment: or content: in its place"),
                );
                sound = false;
                continue;
            }
            key if key.starts_with("x-") => continue,
            key => {
                let known = ["file", "environment", "content", "name", "external"];
                let near = nearest(key, known.into_iter());
                problems.push(
                    Problem::error(
                        "unknown-key",
                        entry.key.span,
                        format!("unknown key {key} in a {noun}"),
                    )
                    .hint(near.map_or_else(
                        || "its keys are file, environment and content".to_owned(),
                        |near| format!("did you mean {near}?"),
                    )),
                );
                sound = false;
                continue;
            }
        };
        if entry.value.text().is_none() {
            problems.push(Problem::error(
                "wrong-type",
                entry.value.span,
                format!("expected a text, and found {}", entry.value.noun()),
            ));
            sound = false;
        } else if let Some(first) = &found {
            problems.push(
                Problem::error(
                    "duplicate-key",
                    entry.key.span,
                    format!("the content of {} is given twice", one.key.text),
                )
                .hint("keep one of file, environment and content")
                .also(first.value.span, "first given here"),
            );
            sound = false;
        } else {
            found = Some(Definition {
                how,
                value: entry.value.clone(),
            });
        }
    }
    if found.is_none() && sound {
        problems.push(
            Problem::error(
                "missing-key",
                one.key.span,
                format!("nothing says what is in the {noun} {}", one.key.text),
            )
            .hint("add file: ./path, environment: NAME or content: text"),
        );
    }
    found.filter(|_| sound)
}

impl Definition {
    fn content(&self, noun: &str, reading: &mut Reading<'_>) -> Option<String> {
        let given = self.value.text().unwrap_or_default();
        match self.how {
            How::Content => Some(given.to_owned()),
            How::Environment => {
                let value = reading.variables.get_in(self.value.span.file, given);
                if value.is_none() {
                    reading.note(
                        Problem::error(
                            "unset-variable",
                            self.value.span,
                            format!("the variable {given} is not set"),
                        )
                        .hint("set it in the environment, or in .env beside the file"),
                    );
                }
                value
            }
            How::File => file(noun, given, self.value.span, reading),
        }
    }

    /// What of a config's content must not be shown: what variables that are called secret put into it.
    fn secrets(&self, content: &str) -> Vec<String> {
        match (self.how, &self.value.kind) {
            (How::Content, Kind::Scalar(scalar)) => scalar.secrets.clone(),
            (How::Environment, Kind::Scalar(scalar)) if looks_secret(&scalar.text) => {
                vec![content.to_owned()]
            }
            (How::File | How::Environment | How::Content, _) => Vec::new(),
        }
    }
}

/// The content of a file.
fn file(noun: &str, given: &str, span: Span, reading: &mut Reading<'_>) -> Option<String> {
    let path = reading.beside(span.file, given);
    let wrong =
        |text: String, hint: &str| Problem::error("missing-file", span, text).hint(hint.to_owned());
    let bytes = match reading.bytes(&path) {
        Ok(bytes) => bytes,
        Err(error) => {
            let text = match error.kind() {
                std::io::ErrorKind::NotFound => format!("there is no file {}", path.display()),
                std::io::ErrorKind::IsADirectory => {
                    format!("{} is a folder", path.display())
                }
                std::io::ErrorKind::PermissionDenied => {
                    format!("{} may not be read: permission denied", path.display())
                }
                _ => format!("{} cannot be read: {error}", path.display()),
            };
            let hint = reading.relative_to(span.file);
            reading.note(wrong(text, &hint));
            return None;
        }
    };
    if bytes.len() > LARGEST {
        let text = format!("the {noun} {given} is larger than 1 MB");
        reading.note(wrong(text, "mount it as a volume"));
        return None;
    }
    String::from_utf8(bytes).map_or_else(
        |_| {
            let text = format!("the {noun} {given} is not UTF-8 text");
            reading.note(wrong(text, "mount it as a volume"));
            None
        },
        Some,
    )
}
