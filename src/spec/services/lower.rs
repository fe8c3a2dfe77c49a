//! Compose's words put into the tables' words, in the tree itself, so that every place stays what it is.

use std::collections::BTreeSet;

use super::{deploy, env_file::EnvFiles, grants::Definitions, seccomp};
use crate::spec::{Entry, FileId, Kind, Node, Problem, Span, composition::Reading};

/// Keys of a container that are read here and not by the vocabulary's tables.
pub const OWN_KEYS: &[&str] = &[
    "env_file",
    "label_file",
    "configs",
    "secrets",
    "deploy",
    "extends",
    "provider",
    "develop",
    "models",
];

/// What is known after [`lower`] that the tree itself does not say.
#[derive(Debug, Default)]
pub struct Lowered {
    /// Names of entries that are sensitive in the whole file (`sensitive`).
    pub sensitive: Vec<(String, Span)>,
    /// The texts that are env files.
    pub env_files: BTreeSet<FileId>,
}

/// Puts `env_file`, `label_file`, `configs`, `secrets` and `deploy` of each container into the words of the tables, and
/// says what of Compose cannot be done.
pub fn lower(node: &mut Node, reading: &mut Reading<'_>) -> Lowered {
    let mut lowered = Lowered {
        sensitive: sensitive(node, &mut reading.problems),
        ..Lowered::default()
    };
    if let Some(images) = entry_mut(node, "images")
        && let Kind::Map(images) = &mut images.value.kind
    {
        for image in images.iter_mut() {
            build(&mut image.value, &mut reading.problems);
        }
    }
    for section in ["networks", "volumes"] {
        if let Some(objects) = entry_mut(node, section)
            && let Kind::Map(objects) = &mut objects.value.kind
        {
            for object in objects.iter_mut() {
                external(&mut object.value);
            }
        }
    }
    let definitions = Definitions::of(node, &mut reading.problems);
    let mut files = EnvFiles::default();
    if let Some(containers) = entry_mut(node, "containers")
        && let Kind::Map(containers) = &mut containers.value.kind
    {
        for container in containers
            .iter_mut()
            .filter(|entry| !entry.key.text.starts_with("x-"))
        {
            unsupported(&mut container.value, &mut reading.problems);
            build(&mut container.value, &mut reading.problems);
            deploy::lower(&mut container.value, &mut reading.problems);
            files.lower(&mut container.value, reading);
            definitions.lower(&mut container.value, reading);
            seccomp::lower(&mut container.value, reading);
        }
    }
    lowered.env_files = files.texts();
    lowered
}

/// The same for a container that takes no part: its files are not read, and need not be there.
pub fn lower_switched_off(container: &mut Node, problems: &mut Vec<Problem>) {
    unsupported(container, problems);
    build(container, problems);
    deploy::lower(container, problems);
}

/// `external: { name: NAME }`, as files for older versions of Compose have it, as `external: true` and `name: NAME`.
fn external(object: &mut Node) {
    let Some(entry) = entry_mut(object, "external") else {
        return;
    };
    let Some(name) = take(&mut entry.value, "name") else {
        return;
    };
    if entry.value.entries().is_empty() {
        entry.value = text(entry.value.span, "true", Vec::new());
    }
    if object.get("name").is_none() {
        put(object, "name", name.key.span, name.value);
    }
}

fn sensitive(node: &Node, problems: &mut Vec<Problem>) -> Vec<(String, Span)> {
    let Some(given) = node.get("sensitive") else {
        return Vec::new();
    };
    let items = match &given.kind {
        Kind::List(items) => items.as_slice(),
        Kind::Scalar(_) => std::slice::from_ref(given),
        Kind::Null => &[],
        Kind::Map(_) => {
            problems.push(
                Problem::error(
                    "wrong-type",
                    given.span,
                    format!("expected a list of names, and found {}", given.noun()),
                )
                .hint("write [LICENSE, OTHER]"),
            );
            &[]
        }
    };
    items
        .iter()
        .filter_map(|item| Some((item.text()?.to_owned(), item.span)))
        .collect()
}

/// What one engine alone cannot do is an error; what changes nothing about a container is a warning.
fn unsupported(container: &mut Node, problems: &mut Vec<Problem>) {
    const ERRORS: &[(&str, &str, &str)] = &[
        (
            "provider",
            "a service of a provider is no container, and cannot be run by an engine",
            "remove provider, and name what it gives in env",
        ),
        (
            "models",
            "models cannot be run by a container engine alone",
            "run the model in a container of its own",
        ),
    ];
    for (key, text, hint) in ERRORS {
        if let Some(entry) = take(container, key) {
            problems.push(Problem::error("unsupported", entry.key.span, *text).hint(*hint));
        }
    }
    if let Some(entry) = take(container, "develop") {
        problems.push(
            Problem::warning(
                "ignored-key",
                entry.key.span,
                "develop is for docker compose watch, and is ignored here",
            )
            .hint("remove it, or keep it for Compose"),
        );
    }
}

/// Keys of a build that only Compose's own builder knows. Evenkeel builds with the engine's, which every engine has and
/// which needs no session: what would give another image is an error, what would give the same one a warning.
fn build(owner: &mut Node, problems: &mut Vec<Problem>) {
    const ERRORS: &[&str] = &[
        "additional_contexts",
        "entitlements",
        "isolation",
        "privileged",
        "secrets",
        "ssh",
        "ulimits",
    ];
    const IGNORED: &[&str] = &["cache_to", "provenance", "sbom"];
    let Some(build) = entry_mut(owner, "build") else {
        return;
    };
    for key in ERRORS {
        if let Some(entry) = take(&mut build.value, key) {
            let why = if *key == "ulimits" {
                "RUN lines have those that the engine gives everything"
            } else {
                "the engine's own builder does not know it"
            };
            let text = format!("{key} is not supported in a build: {why}");
            let hint = "build the image with docker build, and name it in image";
            problems.push(Problem::error("unsupported", entry.key.span, text).hint(hint));
        }
    }
    for key in IGNORED {
        if let Some(entry) = take(&mut build.value, key) {
            let text =
                format!("{key} of a build is ignored: the engine's own builder does not know it");
            problems.push(
                Problem::warning("ignored-key", entry.key.span, text)
                    .hint("remove it, or keep it for Compose"),
            );
        }
    }
}

/// An entry of a mapping.
pub fn entry_mut<'n>(node: &'n mut Node, key: &str) -> Option<&'n mut Entry> {
    match &mut node.kind {
        Kind::Map(entries) => entries.iter_mut().find(|entry| entry.key.text == key),
        Kind::Null | Kind::Scalar(_) | Kind::List(_) => None,
    }
}

/// Takes an entry out of a mapping.
pub fn take(node: &mut Node, key: &str) -> Option<Entry> {
    let Kind::Map(entries) = &mut node.kind else {
        return None;
    };
    let at = entries.iter().position(|entry| entry.key.text == key)?;
    Some(entries.remove(at))
}

/// Adds an entry to a mapping, which it must not have.
pub fn put(node: &mut Node, key: &str, span: Span, value: Node) {
    if let Kind::Map(entries) = &mut node.kind {
        entries.push(entry(key, span, value));
    }
}

/// An entry that nobody wrote so.
pub fn entry(key: &str, span: Span, value: Node) -> Entry {
    Entry {
        key: crate::spec::Key {
            text: key.to_owned(),
            span,
        },
        value,
    }
}

/// A node of a place.
pub fn node(span: Span, kind: Kind) -> Node {
    Node {
        span,
        kind,
        tag: None,
    }
}

/// A text of a place.
pub fn text(span: Span, text: impl Into<String>, secrets: Vec<String>) -> Node {
    node(
        span,
        Kind::Scalar(crate::spec::Scalar {
            text: text.into(),
            plain: false,
            secrets,
        }),
    )
}
