//! File systems in memory, in the short syntax. (`volumes` has a long one.)

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::{mount_form::key, mounts::OPEN_TO_ALL, text};

use crate::{
    model::{Attribute, Body, Expect, Form, Place, Seen, Shape, Unset, recreate},
    value::Tmpfs,
};

/// File systems in memory.
pub const TMPFS: Attribute = Attribute {
    name: "tmpfs",
    aliases: &[],
    summary: "Folders that are kept in memory, as `PATH` or `PATH:OPTIONS` (`size`, `mode`, `noexec`, …).",
    example: "[\"/tmp:size=64m,mode=1777\"]",
    form: Form::Set(&Form::Parsed {
        expected: "a folder such as /run or /tmp:size=64m,mode=1777",
        pattern: "^/",
        parse: |text| {
            text.parse::<Tmpfs>()
                .map(|tmpfs| Value::String(tmpfs.to_string()))
        },
    }),
    shape: Shape::Items(|item| {
        let text = item.as_str().unwrap_or_default();
        text.split(':').next().unwrap_or_default().to_owned()
    }),
    unset: Unset::Inherit(|expect| Some(expected(expect))),
    way: recreate,
    place: Place::Custom {
        api: "HostConfig/Tmpfs",
        write,
        read,
    },
};

/// Podman shows those of `volumes` here, too, and those that it mounts over a file system that is read-only.
fn expected(expect: &Expect<'_>) -> Value {
    let desired = expect.desired.cloned().unwrap_or(Value::Null);
    if !expect.engine.podman {
        return desired;
    }
    let mut texts: BTreeMap<String, String> = BTreeMap::new();
    for item in desired.as_array().into_iter().flatten() {
        let text = item.as_str().unwrap_or_default();
        let target = text.split(':').next().unwrap_or_default();
        texts.insert(target.to_owned(), text.to_owned());
    }
    let mounts = expect.settings.get("volumes").and_then(Value::as_array);
    let mounts: Vec<&Value> = mounts.into_iter().flatten().collect();
    for mount in &mounts {
        if text(mount, "type") != Some("tmpfs") {
            continue;
        }
        let tmpfs = mount.get("tmpfs");
        let option = |name: &str| tmpfs?.get(name)?.as_u64();
        let size = option("size").map(|size| format!("size={size}"));
        let mode = option("mode").or(tmpfs.map(|_| OPEN_TO_ALL.into()));
        let mode = mode.map(|mode| format!("mode={mode:o}"));
        let options: Vec<String> = size.into_iter().chain(mode).collect();
        if let Ok(tmpfs) = Tmpfs::new(&key(mount), &options.join(",")) {
            texts.insert(tmpfs.target().to_owned(), tmpfs.to_string());
        }
    }
    // Those of the container that is there: one whose root becomes writable changes by that alone.
    let there = expect.found.unwrap_or(expect.settings);
    if there.get("read_only") == Some(&Value::Bool(true)) {
        for target in ["/run", "/tmp", "/var/tmp"] {
            if !mounts.iter().any(|mount| key(mount) == target) {
                texts
                    .entry(target.to_owned())
                    .or_insert_with(|| target.to_owned());
            }
        }
    }
    texts.into_values().collect()
}

fn write(value: &Value, body: &mut Body<'_>) {
    let items = value.as_array().into_iter().flatten();
    let map: Map<String, Value> = items
        .filter_map(|item| item.as_str()?.parse::<Tmpfs>().ok())
        .map(|tmpfs| (tmpfs.target().to_owned(), tmpfs.options().into()))
        .collect();
    body.set("HostConfig/Tmpfs", Value::Object(map));
}

/// What Podman adds to every one.
const PODMANS: &[&str] = &["rprivate", "nosuid", "nodev", "tmpcopyup"];

fn read(seen: &Seen<'_>) -> Option<Value> {
    let map = seen.get("HostConfig/Tmpfs")?.as_object()?;
    let mut texts: Vec<String> = map
        .iter()
        .map(|(target, options)| {
            let options = options.as_str().unwrap_or_default();
            let kept: Vec<&str> = options
                .split(',')
                .filter(|option| !(seen.engine.podman && PODMANS.contains(option)))
                .collect();
            Tmpfs::new(target, &kept.join(","))
                .map_or_else(|_| format!("{target}:{options}"), |tmpfs| tmpfs.to_string())
        })
        .collect();
    texts.sort();
    Some(texts.into_iter().map(Value::String).collect())
}
