//! Processes and their own limits.

use serde_json::{Map, Value, json};

use crate::{
    model::{
        Attribute, Body, Fault, Field, Form, Keyed, Place, Record, Seen, Shape, Unset, recreate,
        update,
    },
    value::Ulimit,
};

/// The most processes and threads.
pub const PIDS_LIMIT: Attribute = Attribute {
    name: "pids_limit",
    aliases: &[],
    summary: "The most processes and threads that the container may have; 0 and -1 are no limit.",
    example: "200",
    form: Form::Parsed {
        expected: "a whole number of at least -1",
        pattern: "^(-1|[0-9]+)$",
        parse: |text| match text.trim().parse::<i64>() {
            Ok(number) if number >= -1 => Ok(number.max(0).into()),
            Ok(_) | Err(_) => Err("it is not a whole number of at least -1".to_owned()),
        },
    },
    shape: Shape::Whole,
    unset: Unset::Inherit(|expect| {
        // Podman limits every container, and says so.
        let filled = expect.engine.podman && expect.desired.is_none();
        (expect.engine.can("PidsLimit") && !filled)
            .then(|| expect.desired.cloned().unwrap_or_else(|| 0.into()))
    }),
    // The one limit that an update can take away.
    way: update,
    place: Place::Custom {
        api: "HostConfig/PidsLimit",
        write: |value, body| body.set("HostConfig/PidsLimit", value.clone()),
        // Null, 0 and -1 are the same.
        read: |seen| {
            let limit = seen.get("HostConfig/PidsLimit").and_then(Value::as_i64);
            Some(limit.unwrap_or(0).max(0).into())
        },
    },
};

/// The limits of each process.
pub const ULIMITS: Attribute = Attribute {
    name: "ulimits",
    aliases: &[],
    summary: "The limits of each process (`nofile`, `nproc`, …), as one number or as soft and hard; -1 is unlimited.",
    example: "{ nofile: { soft: 1024, hard: 2048 }, core: 0 }",
    form: Form::Keyed(&Keyed {
        record: Record {
            fields: &[
                Field {
                    name: "soft",
                    aliases: &[],
                    summary: "The limit that a process has; it may raise it itself.",
                    example: "1024",
                    form: LIMIT,
                    required: true,
                },
                Field {
                    name: "hard",
                    aliases: &[],
                    summary: "The limit up to which it may; unset is the soft one.",
                    example: "2048",
                    form: LIMIT,
                    required: false,
                },
            ],
            short: Some(|text| {
                text.parse()
                    .map(both)
                    .map_err(|error| Fault::new(error, "write a number, or soft and hard"))
            }),
            finish: |fields| ulimit(&fields),
        },
        list: false,
        noun: "limit",
    }),
    shape: Shape::Tree,
    // The engine adds its own defaults.
    unset: Unset::EngineFills,
    way: recreate,
    place: Place::Custom {
        api: "HostConfig/Ulimits",
        write: write_ulimits,
        read: read_ulimits,
    },
};

const LIMIT: Form = Form::Integer(-1, i64::MAX);

fn both(limit: Ulimit) -> Value {
    json!({ "soft": limit.soft(), "hard": limit.hard() })
}

fn ulimit(fields: &Map<String, Value>) -> Result<Value, Fault> {
    let number = |name: &str| fields.get(name).and_then(Value::as_i64);
    let Some(soft) = number("soft") else {
        return Err(Fault::new(
            "a limit needs a number",
            "write a number, or soft and hard",
        ));
    };
    Ulimit::new(soft, number("hard").unwrap_or(soft))
        .map(both)
        .map_err(|error| Fault::at("soft", error, "lower the soft limit, or raise the hard one"))
}

fn write_ulimits(value: &Value, body: &mut Body<'_>) {
    let limits = value.as_object().into_iter().flatten();
    let list = limits
        .map(|(name, limit)| {
            json!({ "Name": name, "Soft": limit.get("soft"), "Hard": limit.get("hard") })
        })
        .collect();
    body.set("HostConfig/Ulimits", Value::Array(list));
}

fn read_ulimits(seen: &Seen<'_>) -> Option<Value> {
    let limits: Map<String, Value> = seen
        .get("HostConfig/Ulimits")?
        .as_array()?
        .iter()
        .filter_map(|limit| {
            let name = limit.get("Name")?.as_str()?.to_lowercase();
            // Podman writes `RLIMIT_NOFILE`.
            let name = name.strip_prefix("rlimit_").unwrap_or(&name).to_owned();
            Some((
                name,
                json!({ "soft": limit.get("Soft")?, "hard": limit.get("Hard")? }),
            ))
        })
        .collect();
    Some(Value::Object(limits))
}
