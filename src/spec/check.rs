//! What belongs together in a whole file: references that lead somewhere, names that are given once, no circles.
//!
//! A container is looked at once or in an ordered map, so ten thousand of them cost no more than their number.

mod cycles;
mod images;
mod limits;
mod names;
mod ports;
mod references;
pub mod side_by_side;
mod states;
mod warnings;

use std::collections::{BTreeMap, BTreeSet};

use super::{Document, FileId, Item, Span, composition::Reading};

/// Checks a decoded document; notes what is wrong or worth a warning. `off` are containers that take no part: they have to
/// be sound, and nothing is warned of. `env_files` are texts that are no YAML.
pub fn check(
    document: &Document,
    off: &BTreeMap<String, Item>,
    env_files: &BTreeSet<FileId>,
    reading: &mut Reading<'_>,
) {
    references::check(document, off, reading);
    cycles::check(document, &mut reading.problems);
    names::check(document, &mut reading.problems);
    images::check(document, &mut reading.problems);
    ports::check(document, &mut reading.problems);
    states::check(document, &mut reading.problems);
    side_by_side::check(document, &mut reading.problems);
    limits::check(document, &mut reading.problems);
    warnings::check(document, env_files, reading);
}

/// Where a value stands, or its container's key.
fn place(item: &Item, path: &str) -> Span {
    item.span_of(path).unwrap_or(item.span)
}

/// The texts of a list in a container's settings.
fn texts<'i>(item: &'i Item, name: &str) -> impl Iterator<Item = &'i str> {
    let list = item
        .settings
        .get(name)
        .and_then(serde_json::Value::as_array);
    list.into_iter()
        .flatten()
        .filter_map(serde_json::Value::as_str)
}

/// How many of a container there are; `None` without replicas.
fn replicas(item: &Item) -> Option<u64> {
    item.settings
        .get("replicas")
        .and_then(serde_json::Value::as_u64)
}

/// What a container's state is, by its word.
fn state(item: &Item) -> &str {
    item.settings.text("state").unwrap_or("running")
}

/// The key of a container that an entry of `volumes_from` names; `None` for one of somebody else's.
fn volumes_from(text: &str) -> Option<&str> {
    let name = text.strip_suffix(":ro").unwrap_or(text);
    (!name.starts_with("container:")).then_some(name)
}
