//! Which places of a file must not be shown under a problem, and which values must not be told in its words.

use super::{Entry, Kind, Node, Sources};
use crate::model::{Secrets, looks_secret};

/// Keys that are called secret and hold none.
const HARMLESS: &[&str] = &["secrets", "sensitive", "credential_spec"];

/// Keys whose entries are names and values: what stands below a secret's name there is the secret, however it is written.
const NAMED_VALUES: &[&str] = &[
    "env",
    "environment",
    "labels",
    "annotations",
    "args",
    "options",
    "driver_opts",
];

/// What an entry of `secrets` says of itself besides its content.
const OPEN: &[&str] = &[
    "file",
    "environment",
    "name",
    "labels",
    "external",
    "driver",
    "driver_opts",
    "template_driver",
];

/// Whether what is called like this is never shown where a problem points.
#[must_use]
pub fn conceals(name: &str) -> bool {
    !HARMLESS.contains(&name) && looks_secret(name)
}

/// Notes the places of a file, its variables not yet put in, that are called secret.
pub fn conceal(node: &Node, sources: &mut Sources) {
    for entry in node.entries() {
        if entry.key.text == "secrets" {
            entry
                .value
                .entries()
                .iter()
                .for_each(|one| definition(&one.value, sources));
        } else {
            below(entry, false, sources);
        }
    }
}

/// One entry of the section `secrets`: its content, also under a key with a slip of the pen.
fn definition(node: &Node, sources: &mut Sources) {
    match &node.kind {
        Kind::Map(entries) => entries
            .iter()
            .filter(|entry| !OPEN.contains(&entry.key.text.as_str()))
            .for_each(|entry| all(&entry.value, sources)),
        Kind::Null | Kind::Scalar(_) | Kind::List(_) => all(node, sources),
    }
}

/// One entry; `value` says whether it is a name with its value, and not a setting or a thing with settings.
fn below(entry: &Entry, value: bool, sources: &mut Sources) {
    let key = entry.key.text.as_str();
    if conceals(key) && (value || !matches!(entry.value.kind, Kind::Map(_))) {
        all(&entry.value, sources);
    } else {
        inside(&entry.value, NAMED_VALUES.contains(&key), sources);
    }
}

fn inside(node: &Node, values: bool, sources: &mut Sources) {
    match &node.kind {
        Kind::Null | Kind::Scalar(_) => {}
        Kind::List(items) => items.iter().for_each(|item| inside(item, values, sources)),
        Kind::Map(entries) => entries
            .iter()
            .for_each(|entry| below(entry, values, sources)),
    }
}

/// Every single value from here on, but for those that begin with a variable in braces: its name is no secret.
fn all(node: &Node, sources: &mut Sources) {
    match &node.kind {
        Kind::Null => {}
        Kind::Scalar(scalar) if scalar.text.starts_with("${") => {}
        Kind::Scalar(_) => sources.conceal(node.span),
        Kind::List(items) => items.iter().for_each(|item| all(item, sources)),
        Kind::Map(entries) => entries.iter().for_each(|entry| all(&entry.value, sources)),
    }
}

/// Notes what variables that are called secret put into a file.
pub fn gather(node: &Node, secrets: &mut Secrets) {
    match &node.kind {
        Kind::Null => {}
        Kind::Scalar(scalar) => {
            for secret in &scalar.secrets {
                secrets.add_secret(secret);
            }
        }
        Kind::List(items) => items.iter().for_each(|item| gather(item, secrets)),
        Kind::Map(entries) => entries
            .iter()
            .for_each(|entry| gather(&entry.value, secrets)),
    }
}
