//! What belongs together in a whole file: references that lead somewhere, names that are given once, no circles.
//!
//! A container is looked at once or in an ordered map, so ten thousand of them cost no more than their number. What can be
//! asked of one container alone is asked of one after the other, while its values are in the processor's caches.

mod cycles;
mod images;
mod limits;
mod names;
mod ports;
mod references;
mod sensitive;
pub mod side_by_side;
mod states;
mod warnings;

use std::collections::BTreeMap;

use super::{Document, Item, Span, composition::Reading, services::Lowered};
use cycles::Waits;
use ports::Ports;
use references::References;
use warnings::Warnings;

/// Checks a decoded document; notes what is wrong or worth a warning. `off` are containers that take no part: they have to
/// be sound, and nothing is warned of.
pub fn check(
    document: &Document,
    off: &BTreeMap<String, Item>,
    lowered: &Lowered,
    reading: &mut Reading<'_>,
) {
    let mut references = References::of(document, off, reading);
    let mut waits = Waits::of(document);
    let mut ports = Ports::default();
    let mut others = Vec::new();
    let warnings = Warnings {
        sources: &reading.sources,
        env_files: &lowered.env_files,
    };
    references.images();
    for (key, item) in &document.containers {
        let image = references.container(key, item);
        waits.container(item);
        ports.container(key, item, &mut others);
        states::container(document, key, item, &mut others);
        limits::container(item, &mut others);
        warnings.container(key, item, image, &mut others);
    }
    warnings.others(document, &mut others);
    references.switched_off();
    let mut problems = references.problems;
    waits.circles(&mut problems);
    names::check(document, &mut problems);
    images::check(document, &mut problems);
    side_by_side::check(document, &mut problems);
    problems.append(&mut others);
    reading.problems.append(&mut problems);
    sensitive::check(document, &lowered.sensitive, reading);
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
