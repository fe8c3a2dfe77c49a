//! The vocabulary: what a container is, how many of it there are, and how Evenkeel treats it.

use serde_json::{Map, Value, json};

use super::{
    build::BUILD,
    parts::{DURATION, NAME, OURS, PATH, PLATFORM, TEXT_SET, TEXTS, as_it_is, field},
};
use crate::{
    model::{
        Attribute, Condition, Fault, Form, Items, Keyed, Place, Record, Shape, State, Unset,
        recreate,
    },
    value::{Mode, Reference},
};

/// The most replicas of one container: more than any single host runs, so that a slip of the finger is noticed.
const REPLICAS: i64 = 1000;

/// The highest user and group number of Linux that is not "nobody at all" (2^32 − 1).
const IDS: i64 = 4_294_967_294;

/// The words of `pull_policy`; the last is Compose's other word for the first.
const PULL_POLICY: Form = Form::Refined {
    form: &Form::Parsed {
        expected: "missing, always or never",
        pattern: "^(missing|always|never|if_not_present)$",
        parse: |text| Ok(Value::String(text.to_owned())),
    },
    finish: pull_policy,
};

/// Attributes of a container: identity.
pub const IDENTITY: &[Attribute] = &[
    Attribute {
        name: "image",
        summary: "The image that the container is made from: a key of images, or a reference.",
        example: "nginx:1.27",
        form: Form::Parsed {
            expected: "an image such as nginx:1.27, or a key of images",
            pattern: "^[^\\s]+$",
            parse: image,
        },
        ..OURS
    },
    Attribute {
        name: "container_name",
        summary: "The container's name on the engine, if it is not to be its key.",
        example: "web",
        form: NAME,
        ..OURS
    },
    Attribute {
        name: "state",
        summary: "What the container should be doing: run, be there without ever having been started (`created`), be stopped or paused, run once to a successful end (`completed`), or not be there at all (`absent`).",
        example: "stopped",
        form: Form::Choice(State::WORDS),
        ..OURS
    },
    Attribute {
        name: "replicas",
        aliases: &["scale"],
        summary: "How many containers like this there are; their names end in their numbers.",
        example: "3",
        form: Form::Integer(0, REPLICAS),
        ..OURS
    },
    Attribute {
        name: "depends_on",
        summary: "The containers that are started before this one, and what of each it waits for.",
        example: "{ db: { condition: service_healthy } }",
        form: Form::Keyed(&Keyed {
            record: Record {
                fields: &[
                    field(
                        "condition",
                        "What it waits for: that the other one has started, that its health check succeeds, or that it has ended with exit code 0.",
                        "service_healthy",
                        Form::Choice(Condition::WORDS),
                    ),
                    field(
                        "required",
                        "Whether the file has to have the other one; if not, it is waited for only if it is there.",
                        "false",
                        Form::Bool,
                    ),
                    field(
                        "restart",
                        "Whether this container is restarted when the other one is replaced, or started by an apply.",
                        "true",
                        Form::Bool,
                    ),
                ],
                short: None,
                finish: dependency,
            },
            list: true,
            noun: "container",
        }),
        ..OURS
    },
    Attribute {
        name: "update",
        summary: "How the container is replaced where a change needs a new one.",
        example: "{ order: stop-first, monitor: 10s }",
        form: Form::Record(&Record {
            fields: &[
                field(
                    "order",
                    "Whether the old container is stopped before the new one is started, or after it is up; unset is `stop-first`.",
                    "start-first",
                    Form::Choice(&["stop-first", "start-first"]),
                ),
                field(
                    "monitor",
                    "How long a new container without a health check has to run to count as up; unset is 2s.",
                    "10s",
                    DURATION,
                ),
                field(
                    "failure_action",
                    "What happens if the new container does not come up: the old one comes back, both stay as they are to be looked at, or the new one stays; unset is `rollback`.",
                    "rollback",
                    Form::Choice(&["rollback", "pause", "continue"]),
                ),
                field(
                    "parallelism",
                    "How many replicas are replaced at a time: 1 unless said otherwise, and 0 is all of them.",
                    "1",
                    Form::Integer(0, REPLICAS),
                ),
                field(
                    "delay",
                    "How long to wait between one replica and the next.",
                    "5s",
                    DURATION,
                ),
            ],
            short: None,
            finish: as_it_is,
        }),
        ..OURS
    },
    Attribute {
        name: "adopt",
        summary: "Whether a container that has this name already, and that Evenkeel did not make, becomes the project's own; otherwise it is a conflict.",
        example: "true",
        form: Form::Bool,
        ..OURS
    },
    Attribute {
        name: "ignore_changes",
        summary: "Paths of values, as plans show them, that are left as they are found; `*` stands for any text.",
        example: "[\"labels[com.example.*]\"]",
        form: TEXTS,
        ..OURS
    },
    Attribute {
        name: "sensitive",
        summary: "Names of variables, labels and options whose values are never shown, besides those whose names look like a secret's: a word of the name, without a number or the s of a plural, ends in PASSWORD, PASSWD, PASSPHRASE, PASS (BYPASS, COMPASS and the like do not count), SECRET, TOKEN or CREDENTIAL, or its last word is JWT, is PWD or AUTH behind another word, or is KEY behind ACCESS, ACCOUNT, API, APP, AUTH, COOKIE, DEPLOY, ENCRYPTION, HMAC, JWT, LICENCE, LICENSE, MASTER, PRIVATE, SECRET, SECURITY, SERVICE, SESSION, SHARED, SIGNING, SSH or STORAGE (SESSION_KEY, APIKEY); a name that begins with MAX or MIN or ends in FILE, PATH, LENGTH, LIMIT, COUNT, TTL or TIMEOUT is about a secret and none itself.",
        example: "[LICENSE]",
        form: TEXTS,
        ..OURS
    },
    Attribute {
        name: "pull_policy",
        summary: "When the image is pulled: if it is missing (`if_not_present` says the same), whenever the registry has another one, or never.",
        example: "always",
        form: PULL_POLICY,
        ..OURS
    },
    Attribute {
        name: "platform",
        summary: "The platform that the image is pulled and run for.",
        example: "linux/amd64",
        form: PLATFORM,
        ..OURS
    },
    Attribute {
        name: "build",
        summary: "How the image is built: the folder with its Dockerfile, or a mapping of the keys below.",
        example: "./app",
        form: BUILD,
        ..OURS
    },
    Attribute {
        name: "profiles",
        summary: "The profiles that the container belongs to: it is wanted only if one of them is on (`--profile`, `EVENKEEL_PROFILES`; without those, for a Compose file, `COMPOSE_PROFILES`).",
        example: "[debug]",
        form: TEXT_SET,
        ..OURS
    },
    Attribute {
        name: "attach",
        summary: "Whether Compose shows its output; it means nothing here, and is read so that a Compose file works.",
        example: "false",
        form: Form::Bool,
        ..OURS
    },
    Attribute {
        name: "files",
        aliases: &[],
        summary: "Files that are written into the container before it starts.",
        example: "[{ target: /etc/app.conf, content: \"color: blue\" }]",
        form: Form::Items(&Items {
            short: |_| {
                Err(Fault::new(
                    "a file has a target and a content",
                    "write { target: /etc/app.conf, content: … }",
                ))
            },
            fields: &[
                crate::model::Field {
                    required: true,
                    ..field(
                        "target",
                        "Its path in the container.",
                        "/etc/app.conf",
                        PATH,
                    )
                },
                crate::model::Field {
                    required: true,
                    ..field("content", "What is in it.", "\"color: blue\"", Form::Text)
                },
                field(
                    "uid",
                    "The number of its owner.",
                    "1000",
                    Form::Integer(0, IDS),
                ),
                field(
                    "gid",
                    "The number of its group.",
                    "1000",
                    Form::Integer(0, IDS),
                ),
                field(
                    "mode",
                    "Its permissions, in octal.",
                    "\"0440\"",
                    Form::Parsed {
                        expected: "permissions in octal, such as 0444",
                        pattern: "^(0o)?[0-7]+$",
                        parse: |text| Ok(text.parse::<Mode>()?.bits().into()),
                    },
                ),
            ],
            finish: file,
            noun: "file",
            key: target,
        }),
        shape: Shape::Items(target),
        unset: Unset::Remembered,
        way: recreate,
        place: Place::Nowhere,
    },
];

/// Compose has more words than an engine has ways: what means another thing here is told.
fn pull_policy(value: Value) -> Result<Value, Fault> {
    let word = value.as_str().unwrap_or_default();
    let hint = match word {
        "missing" | "always" | "never" | "if_not_present" => return Ok(value),
        "build" => "remove it: an image that has build is built when it is missing",
        "daily" | "weekly" => {
            "write always: each apply then asks the registry, and pulls only what has changed"
        }
        word if word.starts_with("every_") => {
            "write always: each apply then asks the registry, and pulls only what has changed"
        }
        _ => {
            // Two slips of the finger still mean the same word.
            let near = crate::model::PullPolicy::WORDS
                .iter()
                .map(|known| (strsim::damerau_levenshtein(known, word), known))
                .filter(|(distance, _)| *distance <= 2)
                .min();
            let hint = near.map_or_else(
                || "write missing, always or never".to_owned(),
                |(_, near)| format!("did you mean {near}?"),
            );
            return Err(Fault::new(format!("there is no pull policy {word}"), hint));
        }
    };
    Err(Fault::new(
        format!("the pull policy {word} is Compose's, and is not supported here"),
        hint,
    ))
}

/// A key of `images` may be a word that is no reference (`Web`), so only what is neither is refused.
fn image(text: &str) -> Result<Value, String> {
    let key = !text.is_empty()
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-'));
    if !key {
        text.parse::<Reference>()?;
    }
    Ok(Value::String(text.to_owned()))
}

#[expect(
    clippy::unnecessary_wraps,
    reason = "the table takes functions of this type"
)]
fn dependency(mut fields: Map<String, Value>) -> Result<Value, Fault> {
    fields
        .entry("condition")
        .or_insert_with(|| json!(Condition::default().word()));
    fields.entry("required").or_insert(Value::Bool(true));
    fields.entry("restart").or_insert(Value::Bool(false));
    Ok(Value::Object(fields))
}

/// Compose's defaults: root's, and readable for everybody.
fn file(mut fields: Map<String, Value>) -> Result<Vec<Value>, Fault> {
    if fields.get("target").and_then(Value::as_str) == Some("/") {
        return Err(Fault::at(
            "target",
            "it is the root folder, and no file",
            "name the file too, such as /app.conf",
        ));
    }
    fields.entry("uid").or_insert(json!(0));
    fields.entry("gid").or_insert(json!(0));
    fields.entry("mode").or_insert(json!(0o444));
    Ok(vec![Value::Object(fields)])
}

fn target(item: &Value) -> String {
    item.get("target")
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned()
}
