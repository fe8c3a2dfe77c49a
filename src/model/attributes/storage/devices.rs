//! Devices of the host.

use serde_json::{Map, Value, json};

use super::{push, text};
use crate::{
    model::{
        Attribute, Body, Fault, Field, Form, Items, Place, Seen, Shape, Unset,
        attributes::{lists, parts::privileged},
        recreate,
    },
    value::{ContainerPath, Device, DeviceRule, Permissions},
};

/// Devices of the host.
pub const DEVICES: Attribute = Attribute {
    name: "devices",
    aliases: &[],
    summary: "Devices of the host, as `SOURCE[:TARGET[:PERMISSIONS]]` or by their CDI name (`vendor.com/class=name`).",
    example: "[\"/dev/null:/dev/nothing:rw\"]",
    form: Form::Items(&Items {
        short,
        fields: &[
            Field {
                name: "source",
                aliases: &[],
                summary: "The device's path on the host, or its CDI name.",
                example: "/dev/ttyUSB0",
                form: Form::Text,
                required: true,
            },
            Field {
                name: "target",
                aliases: &[],
                summary: "Its path in the container; unset is the same.",
                example: "/dev/modem",
                form: Form::Text,
                required: false,
            },
            Field {
                name: "permissions",
                aliases: &[],
                summary: "What the container may do with it: letters of `r` (read), `w` (write) and `m` (make).",
                example: "rw",
                form: Form::Text,
                required: false,
            },
        ],
        finish,
        noun: "device",
        key,
    }),
    shape: Shape::Items(key),
    unset: Unset::Inherit(|expect| {
        // Podman shows no devices of one that has them all.
        if expect.engine.podman && privileged(expect) {
            return None;
        }
        let mut wanted = expect.desired.cloned().unwrap_or(Value::Null);
        if let (true, Value::Array(items)) = (expect.engine.podman, &mut wanted) {
            for item in items.iter_mut().filter(|item| item.get("target").is_some()) {
                // Podman shows all of them, whatever was asked for.
                item["permissions"] = Permissions::ALL.to_string().into();
            }
        }
        Some(wanted)
    }),
    way: recreate,
    place: Place::Custom {
        api: "HostConfig/Devices, HostConfig/DeviceRequests",
        write,
        read,
    },
};

/// Rules of the device cgroup.
pub const DEVICE_CGROUP_RULES: Attribute = Attribute {
    name: "device_cgroup_rules",
    aliases: &[],
    summary: "Devices that the container may use if it makes them itself, as `TYPE MAJOR:MINOR PERMISSIONS`.",
    example: "[\"c 1:3 rm\"]",
    form: Form::Set(&Form::Parsed {
        expected: "a rule such as c 1:3 rm or a 7:* rwm",
        pattern: r"^[abc]\s+([0-9]+|\*):([0-9]+|\*)\s+[rwm]{1,3}$",
        parse: |text| {
            text.parse::<DeviceRule>()
                .map(|rule| Value::String(rule.to_string()))
        },
    }),
    shape: Shape::Whole,
    unset: Unset::Inherit(|expect| Some(expect.desired.cloned().unwrap_or(Value::Null))),
    way: recreate,
    place: Place::Custom {
        api: "HostConfig/DeviceCgroupRules",
        write: |value, body| body.set("HostConfig/DeviceCgroupRules", value.clone()),
        read: |seen| {
            lists::texts(seen, "HostConfig/DeviceCgroupRules", |text| {
                text.parse::<DeviceRule>()
                    .map_or_else(|_| text.to_owned(), |rule| rule.to_string())
            })
        },
    },
};

fn key(item: &Value) -> String {
    let target = text(item, "target").or_else(|| text(item, "source"));
    target.unwrap_or_default().to_owned()
}

/// `vendor.com/class=name`: a device that a description on the host (CDI) stands for, which has no path.
fn is_cdi_name(source: &str) -> bool {
    !source.starts_with('/')
        && source
            .split_once('=')
            .is_some_and(|(kind, name)| kind.contains('/') && !name.is_empty())
}

fn item(device: &Device) -> Value {
    json!({
        "source": device.source.to_string(),
        "target": device.target.to_string(),
        "permissions": device.permissions.to_string(),
    })
}

fn short(text: &str) -> Result<Vec<Value>, Fault> {
    if is_cdi_name(text) {
        return Ok(vec![json!({ "source": text })]);
    }
    let device: Device = text.parse().map_err(|error: String| {
        Fault::new(
            error,
            "write SOURCE:TARGET:PERMISSIONS, such as /dev/ttyUSB0:/dev/modem:rw",
        )
    })?;
    Ok(vec![item(&device)])
}

fn finish(fields: Map<String, Value>) -> Result<Vec<Value>, Fault> {
    let given = Value::Object(fields);
    let source = text(&given, "source").unwrap_or_default();
    if is_cdi_name(source) {
        let more = ["target", "permissions"]
            .into_iter()
            .find(|name| given.get(name).is_some());
        return match more {
            Some(name) => Err(Fault::at(
                name,
                "a device by its CDI name has only a source",
                "its description on the host says the rest",
            )),
            None => Ok(vec![json!({ "source": source })]),
        };
    }
    let path = |name: &str, text: &str| {
        text.parse::<ContainerPath>().map_err(|_| {
            Fault::at(
                name,
                format!("`{text}` is no absolute path"),
                "a device's path begins with /dev",
            )
        })
    };
    let permissions = text(&given, "permissions").map_or(Ok(Permissions::ALL), str::parse);
    let device = Device {
        source: path("source", source)?,
        target: path("target", text(&given, "target").unwrap_or(source))?,
        permissions: permissions
            .map_err(|error| Fault::at("permissions", error, "write rwm, rw or r"))?,
    };
    Ok(vec![item(&device)])
}

fn write(value: &Value, body: &mut Body<'_>) {
    let mut devices = Vec::new();
    let mut names = Vec::new();
    for item in value.as_array().into_iter().flatten() {
        match (text(item, "source"), text(item, "target")) {
            (Some(source), Some(target)) => devices.push(json!({
                "PathOnHost": source,
                "PathInContainer": target,
                "CgroupPermissions": item.get("permissions"),
            })),
            (Some(name), None) => names.push(Value::String(name.to_owned())),
            (None, _) => {}
        }
    }
    if !devices.is_empty() {
        body.set("HostConfig/Devices", Value::Array(devices));
    }
    if !names.is_empty() {
        push(
            body,
            "HostConfig/DeviceRequests",
            json!({ "Driver": "cdi", "DeviceIDs": names }),
        );
    }
}

fn read(seen: &Seen<'_>) -> Option<Value> {
    let list = |place| seen.get(place).and_then(Value::as_array);
    let mut items: Vec<Value> = Vec::new();
    for device in list("HostConfig/Devices").into_iter().flatten() {
        let Some(source) = text(device, "PathOnHost") else {
            continue;
        };
        let permissions = text(device, "CgroupPermissions").unwrap_or("rwm");
        items.push(json!({
            "source": source,
            "target": text(device, "PathInContainer").unwrap_or(source),
            "permissions": permissions
                .parse::<Permissions>()
                .map_or_else(|_| permissions.to_owned(), |permissions| permissions.to_string()),
        }));
    }
    for request in list("HostConfig/DeviceRequests").into_iter().flatten() {
        if text(request, "Driver") == Some("cdi") {
            let names = request.get("DeviceIDs").and_then(Value::as_array);
            items.extend(
                names
                    .into_iter()
                    .flatten()
                    .map(|name| json!({ "source": name })),
            );
        }
    }
    items.sort_by_key(key);
    (!items.is_empty()).then_some(Value::Array(items))
}
