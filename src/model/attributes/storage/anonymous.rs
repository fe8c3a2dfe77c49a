//! Nameless volumes of an old container, which go along to its successor: their data is nowhere else.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{
    is_nameless,
    mount_form::key,
    mounts::{UNNAMED_BY_FILE, is_made_up},
    text,
};
use crate::{
    model::Applied,
    value::{Mount, MountSource, clean, mount::is_anonymous},
};

/// The label of a container that says what was applied (`live::labels` says what the others are).
const APPLIED: &str = "io.evenkeel.applied";

/// The nameless volumes of an old container that go along to its successor, as items of `volumes` whose source is the name
/// that the engine made up. Left behind is what the file mounts something else over, what the file named and names no
/// longer, and what the old one itself had from another container.
#[must_use]
pub fn carried_over(inspect: &Value, wanted: &Value) -> Vec<Value> {
    let own = own_targets(inspect);
    let removed = named_by_file(inspect);
    let empty = Vec::new();
    let wanted = wanted.as_array().unwrap_or(&empty);
    let mounts = inspect.get("Mounts").and_then(Value::as_array);
    mounts
        .into_iter()
        .flatten()
        .filter(|mount| is_made_up(mount))
        .filter_map(|mount| {
            let target = clean(text(mount, "Destination")?);
            let name = text(mount, "Name")?;
            if !own.contains(&target) {
                return None;
            }
            match wanted.iter().find(|item| key(item) == target) {
                Some(item) if is_nameless(item) => {
                    let mut item = item.clone();
                    item["source"] = name.into();
                    Some(item)
                }
                Some(_) => None,
                None if removed.contains(&target) => None,
                None => Some(json!({
                    "type": "volume",
                    "source": name,
                    "target": target,
                    UNNAMED_BY_FILE: true,
                })),
            }
        })
        .collect()
}

/// The targets of nameless volumes that a container has by itself, and not through `volumes_from`.
fn own_targets(inspect: &Value) -> BTreeSet<String> {
    let volumes = inspect
        .pointer("/Config/Volumes")
        .and_then(Value::as_object);
    let list = |pointer| inspect.pointer(pointer).and_then(Value::as_array);
    let binds = list("/HostConfig/Binds").into_iter().flatten();
    let mounts = list("/HostConfig/Mounts").into_iter().flatten();
    let of_binds = binds.filter_map(|bind| {
        let mount = Mount::from_engine(bind.as_str()?)?;
        matches!(&mount.source, MountSource::Volume(name) if is_anonymous(name))
            .then(|| mount.target.to_string())
    });
    let of_mounts = mounts
        .filter(|mount| text(mount, "Type") == Some("volume"))
        .filter_map(|mount| Some(clean(text(mount, "Target")?)));
    volumes
        .into_iter()
        .flatten()
        .map(|(target, _)| clean(target))
        .chain(of_binds)
        .chain(of_mounts)
        .collect()
}

/// The targets of nameless volumes that the file named when the container was made.
fn named_by_file(inspect: &Value) -> BTreeSet<String> {
    let applied = inspect
        .pointer("/Config/Labels")
        .and_then(|labels| labels.get(APPLIED))
        .and_then(Value::as_str)
        .and_then(Applied::read);
    let volumes = applied
        .as_ref()
        .and_then(|applied| applied.get("volumes"))
        .and_then(Value::as_array);
    volumes
        .into_iter()
        .flatten()
        .filter(|item| is_nameless(item))
        .map(key)
        .collect()
}
