//! File systems in memory, in the short syntax. (`volumes` has a long one.)

use serde_json::{Map, Value};

use crate::{
    model::{Attribute, Body, Form, Place, Seen, Shape, Unset, recreate},
    value::Tmpfs,
};

/// File systems in memory.
pub const TMPFS: Attribute = Attribute {
    name: "tmpfs",
    aliases: &[],
    summary: "Folders that are kept in memory, as PATH or PATH:OPTIONS (`size`, `mode`, `noexec`, …).",
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
    unset: Unset::Default(|_| Value::Null),
    way: recreate,
    place: Place::Custom {
        api: "HostConfig/Tmpfs",
        write,
        read,
    },
};

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
