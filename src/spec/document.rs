//! The whole file, decoded and checked.

use std::{
    collections::{BTreeMap, BTreeSet},
    io,
    path::{Path, PathBuf},
};

use serde_json::Value;

use super::{
    Entry, Kind, Node, Problem, Severity, Source, Sources, Span, Spans,
    check::check,
    composition::{self, Reading},
    conceal::gather,
    decode::{Decoded, Decoder},
    services,
};
use crate::model::{Secrets, Settings, attributes};

/// The stable name of a key that belongs elsewhere.
pub const MISPLACED: &str = "misplaced-key";

/// How many problems are reported: nobody reads the thousandth.
const PROBLEMS: usize = 1000;

/// What a file is made from.
pub struct Inputs<'a> {
    /// The files as they are named, merged in this order; `-` is standard input.
    pub files: &'a [PathBuf],
    /// Files of variables; empty for the `.env` beside the first file.
    pub env_files: &'a [PathBuf],
    /// The environment's variables.
    pub variables: &'a BTreeMap<String, String>,
    /// The working directory, absolute: what relative names of files are relative to. An engine is told absolute paths.
    pub base: &'a Path,
    /// The profiles that are on.
    pub profiles: &'a [String],
    /// Reads a file.
    pub read: &'a dyn Fn(&Path) -> io::Result<Vec<u8>>,
}

/// One container, image, network or volume of the file.
#[derive(Debug, Clone, PartialEq)]
pub struct Item {
    /// What the file says, in normal form.
    pub settings: Settings,
    /// Where its key stands.
    pub span: Span,
    /// Where its values stand, by path.
    pub spans: Spans,
    /// What must not be shown.
    pub secrets: Secrets,
}

impl Item {
    /// Where a value stands, by its path.
    #[must_use]
    pub fn span_of(&self, path: &str) -> Option<Span> {
        self.spans.get(path)
    }
}

/// A file that is sound.
#[derive(Debug, Clone, Default)]
pub struct Document {
    /// The project.
    pub project: String,
    /// The first file's name, without its folders.
    pub name: String,
    /// Containers by key.
    pub containers: BTreeMap<String, Item>,
    /// Images by key.
    pub images: BTreeMap<String, Item>,
    /// Networks by key.
    pub networks: BTreeMap<String, Item>,
    /// Volumes by key.
    pub volumes: BTreeMap<String, Item>,
    /// Every file that was read, and those that were looked for: a change of any of them may change the document.
    pub files: BTreeSet<PathBuf>,
    /// The texts.
    pub sources: Sources,
    /// What is worth a warning.
    pub warnings: Vec<Problem>,
}

impl Document {
    /// File, line and column of a place.
    #[must_use]
    pub fn location(&self, span: Span) -> Option<(String, usize, usize)> {
        let (line, column) = self.sources.position(span.file, span.start);
        Some((self.sources.get(span.file).name.clone(), line, column))
    }
}

/// A file that is not sound.
#[derive(Debug, Clone)]
pub struct Failure {
    /// The texts that the problems point into.
    pub sources: Sources,
    /// All problems, warnings among them.
    pub problems: Vec<Problem>,
    /// Every file that was read or looked for.
    pub files: BTreeSet<PathBuf>,
}

/// Reads, merges, decodes and checks. Nothing but files is contacted.
pub fn parse(inputs: &Inputs<'_>) -> Result<Document, Box<Failure>> {
    let mut reading = Reading::new(inputs);
    let document = whole(inputs, &mut reading);
    let Reading {
        sources,
        mut problems,
        files,
        secrets,
        ..
    } = reading;
    for problem in &mut problems {
        hide(problem, &secrets);
    }
    problems.sort_by_key(|problem| (problem.span, problem.severity));
    // The same sentence of the same place is said once.
    problems.dedup_by(|other, one| (other.span, &other.text) == (one.span, &one.text));
    forget_followers(&mut problems, &sources);
    let errors = problems
        .iter()
        .filter(|problem| problem.severity == Severity::Error)
        .count();
    problems.truncate(PROBLEMS);
    match document {
        Some(document) if errors == 0 => Ok(Document {
            sources,
            files,
            warnings: problems,
            ..document
        }),
        _ => Err(Box::new(Failure {
            sources,
            problems,
            files,
        })),
    }
}

/// What came from a variable that is called secret is not told, however wrong it is.
fn hide(problem: &mut Problem, secrets: &Secrets) {
    problem.text = secrets.hide(&problem.text);
    problem.hint = problem.hint.take().map(|hint| secrets.hide(&hint));
}

/// A value whose variable could not be put in is not what was meant: what else is wrong with it, is not said. `problems` are
/// sorted by place.
fn forget_followers(problems: &mut Vec<Problem>, sources: &Sources) {
    let variables: Vec<Span> = problems
        .iter()
        .filter(|problem| matches!(problem.code, "unset-variable" | "bad-interpolation"))
        .filter_map(|problem| problem.span)
        .collect();
    if variables.is_empty() {
        return;
    }
    let follows = |span: Span| {
        let from = variables
            .partition_point(|variable| (variable.file, variable.start) < (span.file, span.start));
        let inside = variables[from..]
            .first()
            .is_some_and(|variable| variable.file == span.file && variable.end <= span.end);
        // One value, and not a list or a mapping in which it stands.
        let source = &sources.get(span.file).text;
        inside
            && source.get(span.start..span.end).is_some_and(|text| {
                let several = text.starts_with(['[', '{']) || text.starts_with("- ");
                !several && !text.contains('\n') && !text.contains(": ")
            })
    };
    problems.retain(|problem| {
        matches!(problem.code, "unset-variable" | "bad-interpolation")
            || !problem.span.is_some_and(follows)
    });
}

fn whole(inputs: &Inputs<'_>, reading: &mut Reading<'_>) -> Option<Document> {
    let mut node = composition::compose(inputs, reading)?;
    if !matches!(node.kind, Kind::Map(_)) {
        reading.problems.push(not_a_file(&node));
        return None;
    }
    let lowered = services::lower(&mut node, reading);
    let mut document = Document {
        name: file_name(inputs),
        ..Document::default()
    };
    document.project = services::project(&node, inputs, reading);
    let variables = reading.variables.clone();
    let mut decoder = Decoder::new(&variables);
    let Kind::Map(entries) = node.kind else {
        return None;
    };
    for entry in entries {
        match entry.key.text.as_str() {
            "containers" => {
                document.containers =
                    section(&mut decoder, entry.value, "container", |decoder, node| {
                        decoder.table(
                            &attributes::CONTAINER,
                            "container",
                            services::OWN_KEYS,
                            node,
                        )
                    });
            }
            "images" => document.images = section(&mut decoder, entry.value, "image", image),
            "networks" => {
                document.networks =
                    section(&mut decoder, entry.value, "network", |decoder, node| {
                        decoder.table(&attributes::NETWORK, "network", &[], node)
                    });
            }
            "volumes" => {
                document.volumes = section(&mut decoder, entry.value, "volume", |decoder, node| {
                    decoder.table(&attributes::VOLUME, "volume", &[], node)
                });
            }
            "configs" | "secrets" | "sensitive" | "project" | "name" | "include" => {}
            "version" => decoder.problems.push(
                Problem::warning(
                    "ignored-key",
                    entry.key.span,
                    "version means nothing any more",
                )
                .hint("remove it"),
            ),
            "models" => decoder.problems.push(
                Problem::error(
                    "unsupported",
                    entry.key.span,
                    "models cannot be run by a container engine alone",
                )
                .hint("remove models"),
            ),
            key if key.starts_with("x-") => {}
            "services" => decoder.problems.push(
                Problem::error(
                    "duplicate-key",
                    entry.key.span,
                    "services and containers are two names for the same thing",
                )
                .hint("move what is in it to containers"),
            ),
            key if is_setting(key) => decoder.problems.push(
                Problem::error(
                    MISPLACED,
                    entry.key.span,
                    format!("{key} is a setting of a container, and not of the whole file"),
                )
                .hint("indent it below the container that it belongs to"),
            ),
            _ => decoder.unknown(
                &entry,
                "in the file",
                [
                    "project",
                    "images",
                    "containers",
                    "services",
                    "networks",
                    "volumes",
                    "configs",
                    "secrets",
                    "include",
                    "sensitive",
                ]
                .into_iter(),
            ),
        }
    }
    let off = switched_off(&mut decoder, reading);
    reading.problems.append(&mut decoder.problems);
    services::finish(&mut document, &lowered, reading);
    check(&document, &off, &lowered, reading);
    Some(document)
}

/// Containers whose profile is not on; what is worth a warning concerns nobody until it is.
fn switched_off(decoder: &mut Decoder<'_>, reading: &Reading<'_>) -> BTreeMap<String, Item> {
    let told = decoder.problems.len();
    let mut entries = Vec::new();
    for off in reading.switched_off.values() {
        let mut entry = off.entry.clone();
        services::lower_switched_off(&mut entry.value, &mut decoder.problems);
        entries.push(entry);
    }
    let Some(first) = entries.first() else {
        return BTreeMap::new();
    };
    let node = Node {
        span: first.key.span,
        kind: Kind::Map(entries),
        tag: None,
    };
    let items = section(decoder, node, "container", |decoder, node| {
        decoder.table(
            &attributes::CONTAINER,
            "container",
            services::OWN_KEYS,
            node,
        )
    });
    let mut new = decoder.problems.split_off(told);
    new.retain(|problem| problem.severity == Severity::Error);
    decoder.problems.append(&mut new);
    items
}

/// A section of named things. The nodes of each are given up when it has been decoded: their memory is that of the next.
fn section(
    decoder: &mut Decoder<'_>,
    node: Node,
    noun: &str,
    decode: impl Fn(&mut Decoder<'_>, &Node) -> Decoded,
) -> BTreeMap<String, Item> {
    let mut items = BTreeMap::new();
    match node.kind {
        Kind::Null => {}
        Kind::Map(entries) => {
            for entry in entries
                .into_iter()
                .filter(|entry| !entry.key.text.starts_with("x-"))
            {
                if let Some(problem) = misplaced(noun, &entry) {
                    decoder.problems.push(problem);
                    continue;
                }
                let Decoded {
                    settings,
                    spans,
                    secrets,
                } = decode(decoder, &entry.value);
                items.insert(
                    entry.key.text,
                    Item {
                        settings,
                        spans,
                        secrets,
                        span: entry.key.span,
                    },
                );
            }
        }
        Kind::Scalar(_) | Kind::List(_) => {
            let text = format!(
                "expected a mapping of {noun}s by name, and found {}",
                node.noun()
            );
            let first = match &node.kind {
                Kind::List(items) => items.first(),
                Kind::Null | Kind::Scalar(_) | Kind::Map(_) => Some(&node),
            };
            let hint = match first.and_then(Node::text) {
                Some(name) if matches!(noun, "network" | "volume") => format!("write {name}: {{}}"),
                _ => "write name: and its settings below it".to_owned(),
            };
            decoder
                .problems
                .push(Problem::error("wrong-type", node.span, text).hint(hint));
        }
    }
    items
}

/// A setting of a container that is not indented deeper than the container, and so looks like one of its own.
fn misplaced(noun: &str, entry: &Entry) -> Option<Problem> {
    let key = entry.key.text.as_str();
    let no_mapping = matches!(entry.value.kind, Kind::Scalar(_) | Kind::List(_));
    let setting = noun == "container" && is_setting(key);
    (no_mapping && setting).then(|| {
        Problem::error(
            MISPLACED,
            entry.key.span,
            format!("{key} stands where a container's name is expected"),
        )
        .hint("indent it deeper, below the container that it belongs to")
    })
}

fn is_setting(key: &str) -> bool {
    attributes::find(&attributes::CONTAINER, key).is_some() || services::OWN_KEYS.contains(&key)
}

/// An image: a text is short for its reference.
fn image(decoder: &mut Decoder<'_>, node: &Node) -> Decoded {
    let Some(text) = node.text() else {
        return decoder.table(&attributes::IMAGE, "image", &[], node);
    };
    let mut short = Decoded {
        spans: Spans::one("reference", node.span),
        ..Decoded::default()
    };
    short
        .settings
        .set("reference", Value::String(text.to_owned()));
    gather(node, &mut short.secrets);
    short
}

fn file_name(inputs: &Inputs<'_>) -> String {
    let name = inputs.files.first().and_then(|file| file.file_name());
    name.map_or_else(
        || "the file".to_owned(),
        |name| name.to_string_lossy().into_owned(),
    )
}

fn not_a_file(node: &Node) -> Problem {
    if matches!(node.kind, Kind::Null) {
        return Problem::error("empty-file", node.span, "the file is empty")
            .hint("begin with project: and containers:");
    }
    Problem::error(
        "wrong-type",
        node.span,
        format!(
            "expected a mapping with keys such as project and containers, and found {}",
            node.noun()
        ),
    )
    .hint("begin with project: and containers:")
}

/// Reads a file's text for the sources; the problem says what kept it from being read.
pub(super) fn read_source(inputs: &Inputs<'_>, path: &Path) -> Result<String, Box<Problem>> {
    let name = path.display();
    let failed = |text: String, hint: &str| {
        Box::new(Problem {
            severity: Severity::Error,
            code: "unreadable-file",
            text,
            span: None,
            hint: (!hint.is_empty()).then(|| hint.to_owned()),
            related: Vec::new(),
        })
    };
    let bytes = (inputs.read)(path).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => failed(
            format!("there is no file {name}"),
            "name another with -f, or make it",
        ),
        io::ErrorKind::PermissionDenied => failed(
            format!("{name} may not be read: permission denied"),
            "change its permissions",
        ),
        io::ErrorKind::IsADirectory => failed(format!("{name} is a folder"), "name a file in it"),
        _ => failed(format!("{name} cannot be read: {error}"), ""),
    })?;
    Source::from_bytes(&name.to_string(), &bytes)
}
