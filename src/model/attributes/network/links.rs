//! Compose's links: names by which a container knows others.

use serde_json::Value;

use crate::{
    model::{
        Attribute, Body, Form, Place, Unset,
        attributes::parts::{OURS, texts},
    },
    value::Name,
};

/// Both kinds are told apart by the file alone, and inspect shows them in two fields and two spellings: the label tells.
pub const LINKS: Attribute = Attribute {
    name: "links",
    summary: "Containers of the file that this one reaches by another name, as `NAME` or `NAME:ALIAS`.",
    example: "[\"db:database\"]",
    form: FORM,
    unset: Unset::Remembered,
    place: PLACE,
    ..OURS
};

/// Links to what is not of the file.
pub const EXTERNAL_LINKS: Attribute = Attribute {
    name: "external_links",
    summary: "Containers outside the file that this one reaches by another name, as `NAME` or `NAME:ALIAS`.",
    example: "[\"legacy-db:database\"]",
    form: FORM,
    unset: Unset::Remembered,
    place: PLACE,
    ..OURS
};

const FORM: Form = Form::Set(&Form::Parsed {
    expected: "a container and an alias such as db:database",
    pattern: "^[^:]+(:[^:]+)?$",
    parse: |text| {
        let (name, alias) = text.split_once(':').unwrap_or((text, text));
        for part in [name, alias] {
            if part.len() != 1 {
                part.parse::<Name>()?;
            }
        }
        Ok(Value::String(text.to_owned()))
    },
});

const PLACE: Place = Place::Custom {
    api: "NetworkingConfig/EndpointsConfig/NETWORK/Links, HostConfig/Links",
    write,
    read: |_| None,
};

/// On the engine's own bridge links are the host configuration's, on other networks the endpoint's. Before API 1.44 that is
/// the first network alone, because only one can be given when a container is made.
fn write(value: &Value, body: &mut Body<'_>) {
    let links = texts(Some(value)).map(|text| {
        let (name, alias) = text.split_once(':').unwrap_or((text, text));
        Value::String(format!("{name}:{alias}"))
    });
    let links: Vec<Value> = links.collect();
    let networks: Vec<String> = body
        .get("NetworkingConfig/EndpointsConfig")
        .and_then(Value::as_object)
        .map(|networks| networks.keys().cloned().collect())
        .unwrap_or_default();
    if networks.is_empty() {
        append(body, "HostConfig/Links", &links);
    }
    for network in networks {
        append(
            body,
            &format!("NetworkingConfig/EndpointsConfig/{network}/Links"),
            &links,
        );
    }
}

fn append(body: &mut Body<'_>, place: &str, links: &[Value]) {
    let mut all = body
        .get(place)
        .and_then(Value::as_array)
        .cloned()
        .unwrap_or_default();
    all.extend_from_slice(links);
    body.set(place, Value::Array(all));
}
