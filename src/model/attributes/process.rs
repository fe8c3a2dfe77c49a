//! The vocabulary: the process of a container, its surroundings, and when it is started again.

mod environment;
mod healthcheck;
mod hooks;
mod logging;

pub use environment::LABELS_FORM;
use serde_json::{Value, json};

use super::parts::{PATH, no, texts};
use crate::{
    model::{Attribute, Body, Expect, Form, Place, Question, Seen, Shape, Unset, Way, recreate},
    value::{Duration, RestartPolicy, Signal, clean},
};

/// How long the engine waits between the stop signal and the kill where nothing is said.
const GRACE: i64 = 10 * Duration::SECOND;

/// Attributes of a container: process.
pub const PROCESS: &[Attribute] = &[
    environment::ENV,
    environment::LABELS,
    environment::ANNOTATIONS,
    Attribute {
        name: "command",
        aliases: &[],
        summary: "The command and its arguments, or the arguments of the entrypoint.",
        example: "[\"sleep\", \"infinity\"]",
        form: Form::Command,
        shape: Shape::Whole,
        unset: Unset::Inherit(expected_command),
        way: recreate,
        place: Place::Field("Config/Cmd"),
    },
    Attribute {
        name: "entrypoint",
        aliases: &[],
        summary: "What is run with the command as its arguments; with one of its own the image's command is not used.",
        example: "[\"/bin/sh\", \"-c\"]",
        form: Form::Command,
        shape: Shape::Whole,
        unset: Unset::Inherit(expected_entrypoint),
        way: recreate,
        place: Place::Field("Config/Entrypoint"),
    },
    Attribute {
        name: "user",
        aliases: &[],
        summary: "The user, and perhaps the group, that the process runs as.",
        example: "\"1000:1000\"",
        form: Form::Text,
        shape: Shape::Whole,
        unset: Unset::Inherit(|expect| Some(given_or_image(expect, "User"))),
        way: recreate,
        place: Place::Field("Config/User"),
    },
    Attribute {
        name: "working_dir",
        aliases: &[],
        summary: "The folder that the process starts in.",
        example: "/srv/app",
        form: PATH,
        shape: Shape::Whole,
        unset: Unset::Inherit(|expect| Some(folder(&given_or_image(expect, "WorkingDir")))),
        way: recreate,
        place: Place::Custom {
            api: "Config/WorkingDir",
            write: |value, body| body.set("Config/WorkingDir", value.clone()),
            read: |seen| {
                Some(folder(
                    seen.get("Config/WorkingDir").unwrap_or(&Value::Null),
                ))
            },
        },
    },
    Attribute {
        name: "stop_signal",
        aliases: &[],
        summary: "The signal that asks the process to end.",
        example: "SIGQUIT",
        form: Form::Parsed {
            expected: "a signal such as SIGTERM or 15",
            pattern: "^[a-zA-Z0-9+-]+$",
            parse: |text| Ok(Value::String(text.parse::<Signal>()?.to_string())),
        },
        shape: Shape::Whole,
        unset: Unset::Inherit(|expect| Some(signal(&given_or_image(expect, "StopSignal")))),
        way: recreate,
        place: Place::Custom {
            api: "Config/StopSignal",
            write: |value, body| body.set("Config/StopSignal", value.clone()),
            read: |seen| {
                Some(signal(
                    seen.get("Config/StopSignal").unwrap_or(&Value::Null),
                ))
            },
        },
    },
    Attribute {
        name: "stop_grace_period",
        aliases: &[],
        summary: "How long the process has to end before it is killed; the engine counts whole seconds, parts of one are rounded up.",
        example: "30s",
        form: Form::Parsed {
            expected: "a time span such as 10s or 1m30s",
            pattern: r"^(0|([0-9.]+(h|m|s|ms|us|µs|ns))+)$",
            parse: |text| Ok((text.parse::<Duration>()?.whole_seconds() * Duration::SECOND).into()),
        },
        shape: Shape::Whole,
        unset: Unset::Default(|_| GRACE.into()),
        way: recreate,
        place: Place::Custom {
            api: "Config/StopTimeout",
            write: |value, body| {
                let nanoseconds = value.as_i64().unwrap_or(GRACE);
                body.set(
                    "Config/StopTimeout",
                    (nanoseconds / Duration::SECOND).into(),
                );
            },
            read: |seen| {
                let seconds = seen.get("Config/StopTimeout")?.as_i64()?;
                Some(seconds.saturating_mul(Duration::SECOND).into())
            },
        },
    },
    healthcheck::HEALTHCHECK,
    Attribute {
        name: "tty",
        aliases: &[],
        summary: "Whether the process gets a terminal.",
        example: "true",
        form: Form::Bool,
        shape: Shape::Whole,
        unset: Unset::Default(no),
        way: recreate,
        place: Place::Field("Config/Tty"),
    },
    Attribute {
        name: "stdin_open",
        aliases: &[],
        summary: "Whether the input of the process stays open.",
        example: "true",
        form: Form::Bool,
        shape: Shape::Whole,
        unset: Unset::Default(no),
        way: recreate,
        place: Place::Field("Config/OpenStdin"),
    },
    Attribute {
        name: "init",
        aliases: &[],
        summary: "Whether a small init collects the processes that nobody waits for; unset is the engine's own default.",
        example: "true",
        form: Form::Bool,
        shape: Shape::Whole,
        // Docker keeps "not said" apart from `false`; Podman shows it as `false`.
        unset: Unset::Default(|engine| {
            if engine.podman {
                Value::Bool(false)
            } else {
                Value::Null
            }
        }),
        way: recreate,
        place: Place::Field("HostConfig/Init"),
    },
    Attribute {
        name: "restart",
        aliases: &[],
        summary: "When the engine starts the container again by itself.",
        example: "unless-stopped",
        form: Form::Parsed {
            expected: "no, always, unless-stopped, on-failure or on-failure:5",
            pattern: "^(no|always|unless-stopped|on-failure(:[0-9]+)?)$",
            parse: |text| Ok(Value::String(text.parse::<RestartPolicy>()?.to_string())),
        },
        shape: Shape::Whole,
        unset: Unset::Default(|_| json!("no")),
        way: in_place_on_docker,
        place: Place::Custom {
            api: "HostConfig/RestartPolicy",
            write: write_restart,
            read: read_restart,
        },
    },
    Attribute {
        name: "runtime",
        aliases: &[],
        summary: "The program that runs the container, as the engine's configuration names it.",
        example: "runc",
        form: Form::Text,
        shape: Shape::Whole,
        unset: Unset::EngineFills,
        way: recreate,
        place: Place::Field("HostConfig/Runtime"),
    },
    logging::LOGGING,
    hooks::POST_START,
    hooks::PRE_STOP,
];

/// What the file says of an attribute, or the image. The engine reads an empty text as "not said".
fn given_or_image(expect: &Expect<'_>, field: &str) -> Value {
    expect
        .desired
        .filter(|value| !crate::model::is_empty(value))
        .or_else(|| expect.image_field(field))
        .cloned()
        .unwrap_or_else(|| json!(""))
}

/// The engine's own rule: the image's command is used where the file gives none, and no entrypoint with a word in it.
#[expect(
    clippy::unnecessary_wraps,
    reason = "the table takes functions of this type"
)]
fn expected_command(expect: &Expect<'_>) -> Option<Value> {
    if let Some(command) = expect
        .desired
        .filter(|command| texts(Some(command)).next().is_some())
    {
        return Some(command.clone());
    }
    let entrypoint = expect.settings.get("entrypoint");
    if texts(entrypoint).next().is_some() {
        return Some(json!([]));
    }
    Some(
        expect
            .image_field("Cmd")
            .cloned()
            .unwrap_or_else(|| json!([])),
    )
}

/// The engine's own rule: null is the image's, `[]` is none, and so is `[""]`.
#[expect(
    clippy::unnecessary_wraps,
    reason = "the table takes functions of this type"
)]
fn expected_entrypoint(expect: &Expect<'_>) -> Option<Value> {
    let entrypoint = match expect.desired {
        Some(given) => Some(given),
        None => expect.image_field("Entrypoint"),
    };
    Some(match entrypoint {
        Some(words) if *words == json!([""]) => json!([]),
        Some(words) => words.clone(),
        None => json!([]),
    })
}

/// A folder in its shortest form. The process of a container without one starts in `/`, and some engines say so.
fn folder(text: &Value) -> Value {
    match text.as_str() {
        None | Some("") => json!("/"),
        Some(text) => Value::String(clean(text)),
    }
}

/// A signal by its name. What no version of ours knows stays as it is.
fn signal(text: &Value) -> Value {
    match text.as_str() {
        None | Some("") => Value::String(Signal::TERM.to_string()),
        Some(text) => Value::String(
            text.parse::<Signal>()
                .map_or_else(|_| text.to_owned(), |signal| signal.to_string()),
        ),
    }
}

/// Podman's update knows no restart policy.
fn in_place_on_docker(question: &Question<'_>) -> Way {
    if question.engine.podman {
        Way::Recreate
    } else {
        Way::Update
    }
}

/// The name is always sent: the engine reads an empty one as "leave it as it is".
fn write_restart(value: &Value, body: &mut Body<'_>) {
    let policy: RestartPolicy = value
        .as_str()
        .and_then(|text| text.parse().ok())
        .unwrap_or_default();
    body.set(
        "HostConfig/RestartPolicy",
        json!({ "Name": policy.name(), "MaximumRetryCount": policy.count() }),
    );
}

#[expect(
    clippy::unnecessary_wraps,
    reason = "the table takes functions of this type"
)]
fn read_restart(seen: &Seen<'_>) -> Option<Value> {
    let name = seen
        .text("HostConfig/RestartPolicy/Name")
        .unwrap_or_default();
    let count = seen
        .get("HostConfig/RestartPolicy/MaximumRetryCount")
        .and_then(Value::as_u64)
        .and_then(|count| u32::try_from(count).ok())
        .unwrap_or(0);
    let policy = RestartPolicy::from_engine(name, count);
    Some(Value::String(policy.map_or_else(
        || name.to_owned(),
        |policy| policy.to_string(),
    )))
}

#[cfg(test)]
mod tests;
