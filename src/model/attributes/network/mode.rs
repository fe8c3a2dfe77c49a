//! Whose network a container uses, where it has none of its own.

use serde_json::Value;

use crate::{
    model::{Attribute, Expect, Form, Place, Seen, Shape, Unset, recreate},
    value::Name,
};

pub const NETWORK_MODE: Attribute = Attribute {
    name: "network_mode",
    aliases: &[],
    summary: "Where the container's network comes from: the host's own (`host`), none, the engine's default bridge, or that of another container. For networks of the file use `networks`.",
    example: "host",
    form: Form::Parsed {
        expected: "host, none, bridge, service:NAME or container:NAME",
        pattern: "^(host|none|bridge|default|(service|container):.+)$",
        parse,
    },
    shape: Shape::Whole,
    unset: Unset::Inherit(expected),
    way: recreate,
    place: Place::Custom {
        api: "HostConfig/NetworkMode",
        write: |value, body| body.set("HostConfig/NetworkMode", value.clone()),
        read,
    },
};

fn parse(text: &str) -> Result<Value, String> {
    let mode = match text {
        "default" => "bridge",
        "host" | "none" | "bridge" => text,
        _ => match text.split_once(':') {
            Some(("service" | "container", name)) => {
                // A container may be named by a key of one character, too.
                if name.len() > 1 {
                    name.parse::<Name>()?;
                } else if name.is_empty() {
                    return Err("the name behind the colon is empty".to_owned());
                }
                text
            }
            _ => {
                return Err(
                    "there is no such mode; a network of the file belongs into networks".to_owned(),
                );
            }
        },
    };
    Ok(Value::String(mode.to_owned()))
}

/// A container on networks of its own has no mode that counts: its networks are compared one by one. Where the engine's own
/// bridge is one of them, the mode may say so or not, by which of them was the first.
fn expected(expect: &Expect<'_>) -> Option<Value> {
    let networks = expect.settings.get("networks");
    match (
        expect.desired,
        networks.and_then(|networks| networks.get("bridge")),
    ) {
        (Some(mode), _) => Some(mode.clone()),
        (None, Some(_)) => None,
        (None, None) => Some(Value::Null),
    }
}

/// `None` for a container whose first network is one of its own.
fn read(seen: &Seen<'_>) -> Option<Value> {
    let mode = seen.text("HostConfig/NetworkMode")?;
    let text = match mode {
        "host" | "none" => mode.to_owned(),
        "default" | "bridge" => {
            if seen.engine.podman && !on_podmans_bridge(seen) {
                return None;
            }
            "bridge".to_owned()
        }
        _ => {
            let id = mode.strip_prefix("container:")?;
            let name = seen.names.get(id).map_or(id, String::as_str);
            format!("container:{name}")
        }
    };
    Some(Value::String(text))
}

/// Podman says `bridge` for every network, also for one that was left, and calls its own one `podman`.
fn on_podmans_bridge(seen: &Seen<'_>) -> bool {
    seen.get("NetworkSettings/Networks")
        .and_then(Value::as_object)
        .is_some_and(|networks| networks.contains_key("podman") || networks.contains_key("bridge"))
}
