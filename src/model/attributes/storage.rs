//! The vocabulary: storage, that is what is mounted into a container, and devices.

mod anonymous;
mod devices;
mod mount_form;
mod mounts;
mod tmpfs;

pub use anonymous::carried_over;

use serde_json::Value;

use crate::{
    model::{Attribute, Body, Form, NullMeans, Place, Seen, Shape, Unset, recreate},
    value::mount::is_anonymous,
};

/// Attributes of a container: storage.
pub const STORAGE: &[Attribute] = &[
    mounts::VOLUMES,
    VOLUMES_FROM,
    tmpfs::TMPFS,
    devices::DEVICES,
    devices::DEVICE_CGROUP_RULES,
    STORAGE_OPT,
    READ_ONLY,
    USE_API_SOCKET,
];

const READ_ONLY: Attribute = Attribute {
    name: "read_only",
    aliases: &[],
    summary: "Whether the container may not write to its own file system, but only to what is mounted.",
    example: "true",
    form: Form::Bool,
    shape: Shape::Whole,
    unset: Unset::Default(|_| Value::Bool(false)),
    way: recreate,
    place: Place::Field("HostConfig/ReadonlyRootfs"),
};

const STORAGE_OPT: Attribute = Attribute {
    name: "storage_opt",
    aliases: &[],
    summary: "Options of the engine's storage driver, such as `size`; few drivers have any.",
    example: "{}",
    form: Form::Map {
        value: &Form::Text,
        null: NullMeans::Empty,
    },
    shape: Shape::Tree,
    unset: Unset::Default(|_| Value::Null),
    way: recreate,
    place: Place::Field("HostConfig/StorageOpt"),
};

const VOLUMES_FROM: Attribute = Attribute {
    name: "volumes_from",
    aliases: &[],
    summary: "Containers whose mounts this one gets too: KEY or `container:NAME`, perhaps with `:ro`.",
    example: "[]",
    form: Form::Set(&Form::Parsed {
        expected: "a container such as db, db:ro or container:other",
        pattern: "",
        parse: |text| {
            let name = text.strip_prefix("container:").unwrap_or(text);
            let (name, mode) = name.split_once(':').unwrap_or((name, "rw"));
            if name.is_empty() {
                return Err("the container's name is missing".to_owned());
            }
            if !matches!(mode, "ro" | "rw") {
                return Err(format!("`{mode}` is neither ro nor rw"));
            }
            Ok(Value::String(writable_is_default(text).to_owned()))
        },
    }),
    shape: Shape::Items(|item| {
        let text = item.as_str().unwrap_or_default();
        text.strip_suffix(":ro").unwrap_or(text).to_owned()
    }),
    unset: Unset::Default(|_| Value::Null),
    way: recreate,
    place: Place::Custom {
        api: "HostConfig/VolumesFrom",
        write: |value, body| body.set("HostConfig/VolumesFrom", value.clone()),
        read: read_volumes_from,
    },
};

fn writable_is_default(text: &str) -> &str {
    text.strip_suffix(":rw").unwrap_or(text)
}

fn read_volumes_from(seen: &Seen<'_>) -> Option<Value> {
    let items = seen.get("HostConfig/VolumesFrom")?.as_array()?;
    let names = items.iter().filter_map(Value::as_str).map(|text| {
        let (id, mode) = text.split_once(':').unwrap_or((text, "rw"));
        let name = seen.names.get(id).map_or(id, String::as_str);
        let mode = if mode.split(',').any(|word| word == "ro") {
            ":ro"
        } else {
            ""
        };
        Value::String(format!("{name}{mode}"))
    });
    Some(names.collect())
}

/// The engine's socket, where engines on Linux have it.
const SOCKET: &str = "/var/run/docker.sock";

const USE_API_SOCKET: Attribute = Attribute {
    name: "use_api_socket",
    aliases: &[],
    summary: "Whether the engine's own socket is mounted into the container, which then can do all that the engine can. Registries' credentials are not handed over.",
    example: "false",
    form: Form::Bool,
    shape: Shape::Whole,
    // What it comes to is a mount, and is compared as one.
    unset: Unset::Ours,
    way: recreate,
    place: Place::Custom {
        api: "HostConfig/Binds",
        write: |value, body| {
            if value == &Value::Bool(true) {
                push(
                    body,
                    "HostConfig/Binds",
                    format!("{SOCKET}:{SOCKET}").into(),
                );
            }
        },
        read: |_| None,
    },
};

/// Adds an item to a list of a request.
fn push(body: &mut Body<'_>, place: &str, item: Value) {
    let mut items = body
        .get(place)
        .and_then(Value::as_array)
        .cloned()
        .unwrap_or_default();
    items.push(item);
    body.set(place, Value::Array(items));
}

/// A text member of an item.
fn text<'v>(item: &'v Value, name: &str) -> Option<&'v str> {
    item.get(name)
        .and_then(Value::as_str)
        .filter(|text| !text.is_empty())
}

/// Whether a mount is a volume that the engine made and named, or is to make.
fn is_nameless(item: &Value) -> bool {
    text(item, "type") == Some("volume") && text(item, "source").is_none_or(is_anonymous)
}

#[cfg(test)]
mod tests;
