//! Shares and limits of disks.

use serde_json::{Map, Value, json};

use super::memory::BYTES;
use crate::model::{
    Attribute, Body, EngineInfo, Fault, Field, Form, Place, Question, Record, Seen, Shape, Unset,
    Way, is_empty, update,
};

/// Shares and limits of disks.
pub const BLKIO_CONFIG: Attribute = Attribute {
    name: "blkio_config",
    aliases: &[],
    summary: "The container's share of the disks' time, and limits of what it reads and writes per second.",
    example: "{ weight: 300 }",
    form: Form::Record(&Record {
        fields: &[
            Field {
                name: "weight",
                aliases: &[],
                summary: "The share of the disks' time against others, from 10 to 1000.",
                example: "300",
                form: Form::Integer(10, 1000),
                required: false,
            },
            Field {
                name: "weight_device",
                aliases: &[],
                summary: "The share of single disks' time.",
                example: "[{ path: /dev/sda, weight: 400 }]",
                form: Form::List(&Form::Record(&Record {
                    fields: &[
                        PATH,
                        Field {
                            name: "weight",
                            aliases: &[],
                            summary: "The share, from 10 to 1000.",
                            example: "400",
                            form: Form::Integer(10, 1000),
                            required: true,
                        },
                    ],
                    short: None,
                    finish: device,
                })),
                required: false,
            },
            rate(
                "device_read_bps",
                "The most bytes read per second.",
                &BYTES_PER_SECOND,
            ),
            rate(
                "device_write_bps",
                "The most bytes written per second.",
                &BYTES_PER_SECOND,
            ),
            rate(
                "device_read_iops",
                "The most reads per second.",
                &TIMES_PER_SECOND,
            ),
            rate(
                "device_write_iops",
                "The most writes per second.",
                &TIMES_PER_SECOND,
            ),
        ],
        short: None,
        finish: |fields| {
            Ok(Value::Object(
                fields
                    .into_iter()
                    .map(|(name, value)| (name, by_path(value)))
                    .collect(),
            ))
        },
    }),
    shape: Shape::Tree,
    unset: Unset::Inherit(|expect| {
        let wanted = expect.desired.and_then(Value::as_object);
        Some(Value::Object(
            wanted
                .into_iter()
                .flatten()
                .filter(|(name, _)| can(expect.engine, name))
                .map(|(name, value)| (name.clone(), value.clone()))
                .collect(),
        ))
    }),
    way: |question: &Question<'_>| match question.wanted {
        // The weight alone changes in place; engines take limits of devices and forget them.
        Some(Value::Number(_)) => update(question),
        Some(_) | None => Way::Recreate,
    },
    place: Place::Custom {
        api: "HostConfig/BlkioWeight, HostConfig/BlkioWeightDevice, HostConfig/BlkioDeviceReadBps, HostConfig/BlkioDeviceWriteBps, HostConfig/BlkioDeviceReadIOps, HostConfig/BlkioDeviceWriteIOps",
        write,
        read,
    },
};

const PATH: Field = Field {
    name: "path",
    aliases: &[],
    summary: "The disk's path on the host.",
    example: "/dev/sda",
    form: Form::Text,
    required: true,
};

const BYTES_PER_SECOND: Form = Form::List(&Form::Record(&Record {
    fields: &[
        PATH,
        Field {
            name: "rate",
            aliases: &[],
            summary: "Bytes per second, perhaps with a unit.",
            example: "10m",
            form: BYTES,
            required: true,
        },
    ],
    short: None,
    finish: device,
}));

const TIMES_PER_SECOND: Form = Form::List(&Form::Record(&Record {
    fields: &[
        PATH,
        Field {
            name: "rate",
            aliases: &[],
            summary: "Times per second.",
            example: "1000",
            form: Form::Integer(1, i64::MAX),
            required: true,
        },
    ],
    short: None,
    finish: device,
}));

const fn rate(name: &'static str, summary: &'static str, form: &'static Form) -> Field {
    Field {
        name,
        aliases: &[],
        summary,
        example: "[{ path: /dev/sda, rate: 1000 }]",
        form: match form {
            Form::List(inner) => Form::List(inner),
            _ => Form::Text,
        },
        required: false,
    }
}

fn device(fields: Map<String, Value>) -> Result<Value, Fault> {
    match fields.get("path").and_then(Value::as_str) {
        Some(path) if path.starts_with('/') => Ok(Value::Object(fields)),
        _ => Err(Fault::at(
            "path",
            "a disk's path on the host begins with `/`",
            "write path: /dev/sda",
        )),
    }
}

fn by_path(value: Value) -> Value {
    let Value::Array(mut items) = value else {
        return value;
    };
    items.sort_by_key(|item| item.get("path").and_then(Value::as_str).map(str::to_owned));
    Value::Array(items)
}

/// Names in the file, names in the engine's API, and the words of the warning in `/info` on a host that cannot enforce it:
/// with cgroup v1 and with v2.
const DEVICES: &[(&str, &str, &str, [&str; 2])] = &[
    (
        "weight_device",
        "BlkioWeightDevice",
        "Weight",
        ["blkio weight_device", "io.weight (per device)"],
    ),
    (
        "device_read_bps",
        "BlkioDeviceReadBps",
        "Rate",
        ["blkio throttle.read_bps_device", "io.max (rbps)"],
    ),
    (
        "device_write_bps",
        "BlkioDeviceWriteBps",
        "Rate",
        ["blkio throttle.write_bps_device", "io.max (wbps)"],
    ),
    (
        "device_read_iops",
        "BlkioDeviceReadIOps",
        "Rate",
        ["blkio throttle.read_iops_device", "io.max (riops)"],
    ),
    (
        "device_write_iops",
        "BlkioDeviceWriteIOps",
        "Rate",
        ["blkio throttle.write_iops_device", "io.max (wiops)"],
    ),
];

/// Whether the host can enforce it. No field of `/info` says so, but others tell.
fn can(engine: &EngineInfo, name: &str) -> bool {
    let Some(info) = &engine.info else {
        return true;
    };
    let text = |name: &str| info.get(name).and_then(Value::as_str);
    // Linux 5.0 took weights out of cgroup v1, and engines do not warn of it.
    let kernel = text("KernelVersion").and_then(|version| version.split('.').next()?.parse().ok());
    let version_1 = text("CgroupVersion").is_none_or(|version| version == "1");
    if name.starts_with("weight") && version_1 && kernel.is_some_and(|major: u32| major >= 5) {
        return false;
    }
    let words = DEVICES
        .iter()
        .find(|(device, ..)| *device == name)
        .map_or(["blkio weight", "io.weight"], |(_, _, _, words)| *words);
    let warnings = info.get("Warnings").and_then(Value::as_array);
    !warnings
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .any(|warning| {
            words
                .iter()
                .any(|word| warning.contains(&format!("No {word} support")))
        })
}

fn write(value: &Value, body: &mut Body<'_>) {
    if let Some(weight) = value.get("weight") {
        body.set("HostConfig/BlkioWeight", weight.clone());
    }
    for (name, api, number, _) in DEVICES {
        let Some(items) = value.get(name).and_then(Value::as_array) else {
            continue;
        };
        let field = number.to_lowercase();
        let list = items
            .iter()
            .map(|item| json!({ "Path": item.get("path"), *number: item.get(&field) }))
            .collect();
        body.set(&format!("HostConfig/{api}"), Value::Array(list));
    }
}

fn read(seen: &Seen<'_>) -> Option<Value> {
    let mut map = Map::new();
    let weight = seen.get("HostConfig/BlkioWeight").and_then(Value::as_i64);
    // Some engines keep a weight that the kernel does not know, others drop it: it is nobody's to judge then.
    if let Some(weight) = weight.filter(|weight| *weight > 0 && can(seen.engine, "weight")) {
        map.insert("weight".into(), weight.into());
    }
    for (name, api, number, _) in DEVICES {
        let Some(Value::Array(items)) = seen
            .get(&format!("HostConfig/{api}"))
            .filter(|_| can(seen.engine, name))
        else {
            continue;
        };
        let field = number.to_lowercase();
        let list = items
            .iter()
            .map(|item| json!({ "path": item.get("Path"), &field: item.get(*number) }))
            .collect();
        map.insert((*name).to_owned(), by_path(Value::Array(list)));
    }
    let value = Value::Object(map);
    (!is_empty(&value)).then_some(value)
}
