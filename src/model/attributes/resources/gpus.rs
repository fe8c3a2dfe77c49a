//! Graphics processors and other devices that a driver hands out.

use serde_json::{Map, Value, json};

use crate::model::{
    Attribute, Body, Fault, Field, Form, NullMeans, Place, Record, Seen, Shape, Unset, recreate,
};

/// Graphics processors.
pub const GPUS: Attribute = Attribute {
    name: "gpus",
    aliases: &[],
    summary: "Graphics processors of the host: `all`, or a list of requests to their driver.",
    example: "[]",
    form: Form::List(&Form::Record(&Record {
        fields: &[
            Field {
                name: "driver",
                aliases: &[],
                summary: "The driver that hands them out; unset is the first that can.",
                example: "nvidia",
                form: Form::Text,
                required: false,
            },
            Field {
                name: "count",
                aliases: &[],
                summary: "How many, or `all`.",
                example: "1",
                form: Form::Parsed {
                    expected: "a whole number of at least 1, or all",
                    pattern: "^(all|-1|[0-9]+)$",
                    parse: count,
                },
                required: false,
            },
            Field {
                name: "device_ids",
                aliases: &[],
                summary: "Which ones, by their ids; not together with `count`.",
                example: "[\"0\", \"3\"]",
                form: Form::List(&Form::Text),
                required: false,
            },
            Field {
                name: "capabilities",
                aliases: &[],
                summary: "What they must be able to do; `gpu` is always among it.",
                example: "[gpu, utility]",
                form: Form::Set(&Form::Text),
                required: false,
            },
            Field {
                name: "options",
                aliases: &[],
                summary: "Options of the driver.",
                example: "{ virtualization: \"false\" }",
                form: Form::Map {
                    value: &Form::Text,
                    null: NullMeans::Empty,
                },
                required: false,
            },
        ],
        short: Some(|text| {
            let all = Map::from_iter([("count".to_owned(), json!(-1))]);
            match text {
                "all" => request(all),
                _ => Err(Fault::new(
                    format!("`{text}` is no request for graphics processors"),
                    "write all, or a list of requests such as - count: 1",
                )),
            }
        }),
        finish: request,
    })),
    shape: Shape::Whole,
    unset: Unset::Default(|_| Value::Null),
    way: recreate,
    place: Place::Custom {
        api: "HostConfig/DeviceRequests",
        write,
        read,
    },
};

fn count(text: &str) -> Result<Value, String> {
    match text.trim() {
        "all" | "-1" => Ok((-1).into()),
        text => text
            .parse::<i64>()
            .ok()
            .filter(|count| *count > 0)
            .map(Value::from)
            .ok_or_else(|| "it is not a whole number of at least 1".to_owned()),
    }
}

/// Fills in what Docker's command line does: all of them where nothing else is said, and the capability `gpu`.
fn request(mut fields: Map<String, Value>) -> Result<Value, Fault> {
    if fields.contains_key("count") && fields.contains_key("device_ids") {
        return Err(Fault::at(
            "device_ids",
            "count and device_ids exclude each other",
            "keep one of them",
        ));
    }
    if !fields.contains_key("count") && !fields.contains_key("device_ids") {
        fields.insert("count".into(), (-1).into());
    }
    let mut capabilities: Vec<Value> = match fields.remove("capabilities") {
        Some(Value::Array(items)) => items,
        _ => Vec::new(),
    };
    if !capabilities.iter().any(|item| item == "gpu") {
        capabilities.push("gpu".into());
    }
    capabilities.sort_by_key(ToString::to_string);
    fields.insert("capabilities".into(), Value::Array(capabilities));
    fields.retain(|_, value| !crate::model::is_empty(value));
    Ok(Value::Object(fields))
}

fn write(value: &Value, body: &mut Body<'_>) {
    let requests = value.as_array().into_iter().flatten().map(|item| {
        let mut request = json!({
            "Driver": item.get("driver").cloned().unwrap_or_else(|| "".into()),
            "Count": item.get("count").cloned().unwrap_or_else(|| 0.into()),
            "Capabilities": [item.get("capabilities")],
            "Options": item.get("options").cloned().unwrap_or_else(|| json!({})),
        });
        if let Some(ids) = item.get("device_ids") {
            request["DeviceIDs"] = ids.clone();
        }
        request
    });
    let mut list: Vec<Value> = requests.collect();
    // Devices by their CDI names are requests, too.
    if let Some(Value::Array(others)) = body.get("HostConfig/DeviceRequests") {
        list.extend(others.iter().filter(|other| is_cdi(other)).cloned());
    }
    if !list.is_empty() {
        body.set("HostConfig/DeviceRequests", Value::Array(list));
    }
}

/// Whether a request is one for devices by their CDI names, which belong to `devices`.
pub fn is_cdi(request: &Value) -> bool {
    request.get("Driver").and_then(Value::as_str) == Some("cdi")
}

fn read(seen: &Seen<'_>) -> Option<Value> {
    let requests = seen.get("HostConfig/DeviceRequests")?.as_array()?;
    let list: Vec<Value> = requests
        .iter()
        .filter(|request| !is_cdi(request))
        .map(|request| {
            let mut item = Map::new();
            for (name, api) in [
                ("driver", "Driver"),
                ("device_ids", "DeviceIDs"),
                ("options", "Options"),
            ] {
                if let Some(value) = request.get(api) {
                    item.insert(name.to_owned(), value.clone());
                }
            }
            let count = request
                .get("Count")
                .filter(|count| count.as_i64() != Some(0));
            if let Some(count) = count {
                item.insert("count".into(), count.clone());
            }
            let mut capabilities: Vec<Value> = request
                .pointer("/Capabilities/0")
                .and_then(Value::as_array)
                .cloned()
                .unwrap_or_default();
            capabilities.sort_by_key(ToString::to_string);
            item.insert("capabilities".into(), Value::Array(capabilities));
            item.retain(|_, value| !crate::model::is_empty(value));
            Value::Object(item)
        })
        .collect();
    (!list.is_empty()).then_some(Value::Array(list))
}
