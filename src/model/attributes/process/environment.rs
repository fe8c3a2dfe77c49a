//! Names with texts: variables, labels and annotations.

use serde_json::{Map, Value};

use crate::model::{
    Attribute, Body, Expect, Fault, Form, Place, Shape, Unset,
    attributes::parts::{OUR_LABELS, TEXT_MAP, VARIABLES, applied, others_labels, texts},
    recreate,
};

/// Annotations of the OCI runtime came with this minor version of the API.
const ANNOTATIONS_SINCE: u32 = 43;

/// Variables that Podman adds to those of every container.
const PODMANS: &[(&str, &str)] = &[("TERM", "xterm"), ("container", "podman")];

/// Variables that Podman adds with a value that only it knows: judged there only where the file says something of them.
const PODMANS_OWN: &[&str] = &["HOSTNAME", "HOME"];

pub const ENV: Attribute = Attribute {
    name: "env",
    aliases: &["environment"],
    summary: "Environment variables of the process. One without a value takes the value that it has where Evenkeel runs; if it has none there, it is removed even if the image sets it.",
    example: "{ COLOR: blue }",
    form: VARIABLES,
    shape: Shape::Tree,
    unset: Unset::Inherit(expected_env),
    way: recreate,
    place: Place::Custom {
        api: "Config/Env",
        write: write_env,
        read: |seen| {
            let mut found = variables(seen.get("Config/Env"));
            if seen.engine.podman {
                let applied = applied(seen, "env");
                found.retain(|name, _| {
                    !PODMANS_OWN.contains(&name.as_str()) || applied.get(name).is_some()
                });
            }
            Some(Value::Object(found))
        },
    },
};

pub const LABELS: Attribute = Attribute {
    name: "labels",
    aliases: &[],
    summary: "Labels of the container, in addition to the image's.",
    example: "{ com.example.tier: front }",
    form: LABELS_FORM,
    shape: Shape::Tree,
    unset: Unset::Inherit(|expect| {
        let mut labels = others_labels(expect.image_field("Labels"));
        labels.extend(others_labels(expect.desired));
        Some(Value::Object(labels))
    }),
    way: recreate,
    place: Place::Custom {
        api: "Config/Labels",
        write: |value, body| body.set("Config/Labels", Value::Object(others_labels(Some(value)))),
        read: |seen| Some(Value::Object(others_labels(seen.get("Config/Labels")))),
    },
};

pub const ANNOTATIONS: Attribute = Attribute {
    name: "annotations",
    aliases: &[],
    summary: "Annotations for the program that runs the container; engines before API 1.43 ignore them.",
    example: "{ com.example.note: hello }",
    form: TEXT_MAP,
    shape: Shape::Tree,
    unset: Unset::Inherit(|expect| {
        let value = expect.desired.cloned();
        expect
            .engine
            .at_least(ANNOTATIONS_SINCE)
            .then(|| value.unwrap_or_else(|| Value::Object(Map::new())))
    }),
    way: recreate,
    place: Place::Field("HostConfig/Annotations"),
};

/// Labels of the user's own: what begins as ours does is refused.
pub const LABELS_FORM: Form = Form::Refined {
    form: &TEXT_MAP,
    finish: checked_labels,
};

fn checked_labels(value: Value) -> Result<Value, Fault> {
    let ours = value
        .as_object()
        .and_then(|map| map.keys().find(|name| name.starts_with(OUR_LABELS)));
    match ours {
        Some(name) => Err(Fault::at(
            name,
            format!("the label {name} is Evenkeel's own"),
            format!("labels of your own do not begin with {OUR_LABELS}"),
        )),
        None => Ok(value),
    }
}

/// The engine's rule: entries of the image that have no entry of the same name are added. An entry without `=` keeps the
/// image's away, and is none itself.
#[expect(
    clippy::unnecessary_wraps,
    reason = "the table takes functions of this type"
)]
fn expected_env(expect: &Expect<'_>) -> Option<Value> {
    let mut map = variables(expect.image_field("Env"));
    for (name, value) in expect
        .desired
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
    {
        if value.is_null() {
            map.remove(name);
        } else {
            map.insert(name.clone(), value.clone());
        }
    }
    if expect.engine.podman {
        for (name, value) in PODMANS {
            map.entry(*name).or_insert_with(|| (*value).into());
        }
        let said = |name: &str| expect.desired.is_some_and(|env| env.get(name).is_some());
        map.retain(|name, _| !PODMANS_OWN.contains(&name.as_str()) || said(name));
    }
    Some(Value::Object(map))
}

/// `NAME=value` by name; the last of two counts, as it does for the process.
fn variables(list: Option<&Value>) -> Map<String, Value> {
    texts(list)
        .filter_map(|entry| entry.split_once('='))
        .map(|(name, value)| (name.to_owned(), Value::String(value.to_owned())))
        .collect()
}

fn write_env(value: &Value, body: &mut Body<'_>) {
    let entries: Vec<Value> = value
        .as_object()
        .into_iter()
        .flatten()
        .map(|(name, value)| match value.as_str() {
            Some(text) => Value::String(format!("{name}={text}")),
            None => Value::String(name.clone()),
        })
        .collect();
    body.set("Config/Env", Value::Array(entries));
}
