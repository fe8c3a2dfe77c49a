//! The health check: merged with the image's, field by field, as the engine does it.

use serde_json::{Map, Value, json};

use crate::{
    model::{
        Attribute, Body, EngineInfo, Expect, Fault, Form, Place, Record, Seen, Shape, Unset,
        attributes::parts::{DURATION, field},
        recreate,
    },
    value::Duration,
};

/// `start_interval` came with this minor version of the API; before it, it is ignored.
const START_INTERVAL_SINCE: u32 = 44;

/// The shortest interval that engines take: a millisecond.
const SHORTEST: i64 = 1_000_000;

/// The fields by their names in the file and in the API.
const FIELDS: &[(&str, &str)] = &[
    ("test", "Test"),
    ("interval", "Interval"),
    ("timeout", "Timeout"),
    ("retries", "Retries"),
    ("start_period", "StartPeriod"),
    ("start_interval", "StartInterval"),
];

/// What Podman fills in where nothing is said: the numbers that Docker uses without showing them.
const PODMAN_FILLS: &[(&str, i64)] = &[
    ("interval", 30 * Duration::SECOND),
    ("timeout", 30 * Duration::SECOND),
    ("retries", 3),
];

pub const HEALTHCHECK: Attribute = Attribute {
    name: "healthcheck",
    aliases: &[],
    summary: "How the engine finds out whether the container works; what is not said here is the image's.",
    example: "{ test: [\"CMD\", \"true\"], interval: 30s }",
    form: Form::Record(&Record {
        fields: &[
            field(
                "test",
                "The command that tells by its exit code.",
                "[\"CMD\", \"true\"]",
                Form::HealthTest,
            ),
            field(
                "interval",
                "The time from one test to the next.",
                "30s",
                DURATION,
            ),
            field(
                "timeout",
                "The time after which a test counts as failed.",
                "5s",
                DURATION,
            ),
            field(
                "retries",
                "How many failures in a row make it unhealthy.",
                "3",
                Form::Integer(0, i32::MAX as i64),
            ),
            field(
                "start_period",
                "How long failures after the start do not count.",
                "10s",
                DURATION,
            ),
            field(
                "start_interval",
                "The time between tests while the start period lasts; engines before API 1.44 ignore it.",
                "1s",
                DURATION,
            ),
            field(
                "disable",
                "Whether the image's health check is turned off.",
                "true",
                Form::Bool,
            ),
        ],
        short: None,
        finish,
    }),
    shape: Shape::Tree,
    unset: Unset::Inherit(expected),
    way: recreate,
    place: Place::Custom {
        api: "Config/Healthcheck",
        write,
        read,
    },
};

fn finish(mut fields: Map<String, Value>) -> Result<Value, Fault> {
    let disabled = fields.remove("disable") == Some(Value::Bool(true));
    if disabled {
        // It wins over a test: a file that is laid over another one can say no more than this.
        return Ok(json!({ "test": ["NONE"] }));
    }
    for name in ["interval", "timeout", "start_period", "start_interval"] {
        let short = fields
            .get(name)
            .and_then(Value::as_i64)
            .is_some_and(|span| span > 0 && span < SHORTEST);
        if short {
            return Err(Fault::at(
                name,
                "engines take no time span below a millisecond here",
                "write 1ms or more, or 0 for the default",
            ));
        }
    }
    // To the engine 0 and an empty list are "not said".
    fields.retain(|_, value| says_something(value));
    Ok(Value::Object(fields))
}

fn says_something(value: &Value) -> bool {
    !crate::model::is_empty(value) && value.as_i64() != Some(0)
}

/// Every field that says nothing inherits the image's.
#[expect(
    clippy::unnecessary_wraps,
    reason = "the table takes functions of this type"
)]
fn expected(expect: &Expect<'_>) -> Option<Value> {
    let mut merged = normal(expect.image_field("Healthcheck"), expect.engine);
    for (name, value) in expect
        .desired
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
    {
        if says_something(value) {
            merged.insert(name.clone(), value.clone());
        }
    }
    Some(Value::Object(judged(merged, expect.engine)))
}

fn read(seen: &Seen<'_>) -> Option<Value> {
    let fields = normal(seen.get("Config/Healthcheck"), seen.engine);
    (!fields.is_empty()).then_some(Value::Object(fields))
}

/// The API's fields under our names, those alone that say something.
fn normal(check: Option<&Value>, engine: &EngineInfo) -> Map<String, Value> {
    let fields = FIELDS
        .iter()
        .filter_map(|(name, api)| {
            let value = check?.get(api).filter(|value| says_something(value))?;
            Some(((*name).to_owned(), value.clone()))
        })
        .collect();
    judged(fields, engine)
}

/// What can be compared: not what the engine does not know, nor what it fills in by itself.
fn judged(mut fields: Map<String, Value>, engine: &EngineInfo) -> Map<String, Value> {
    if !engine.at_least(START_INTERVAL_SINCE) {
        fields.remove("start_interval");
    }
    if engine.podman && !fields.contains_key("test") {
        // A check of nothing is none, and is not shown.
        fields.clear();
    }
    if engine.podman {
        fields.retain(|name, value| {
            !PODMAN_FILLS
                .iter()
                .any(|(filled, number)| filled == name && value.as_i64() == Some(*number))
        });
    }
    fields
}

fn write(value: &Value, body: &mut Body<'_>) {
    let check: Map<String, Value> = FIELDS
        .iter()
        .filter_map(|(name, api)| Some(((*api).to_owned(), value.get(name)?.clone())))
        .collect();
    body.set("Config/Healthcheck", Value::Object(check));
}
