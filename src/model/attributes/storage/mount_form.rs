//! How `volumes` is written in the file, and the normal form that comes of it:
//!
//! ```json
//! { "type": "bind", "source": "/srv", "target": "/data", "read_only": true, "bind": { "propagation": "rslave" } }
//! { "type": "volume", "target": "/cache" }
//! ```
//!
//! What says no more than the default is left out, so that both syntaxes and every engine's answer come out the same.

use serde_json::{Map, Value, json};

use super::{
    super::{parts::field, resources::BYTES},
    is_nameless, text,
};
use crate::{
    model::{Fault, Field, Form, Items, NullMeans, Record, is_empty},
    value::{
        ContainerPath, Mode, Mount, MountSource,
        mount::{CONSISTENCIES, PROPAGATIONS, host_path, is_volume_name},
    },
};

/// The form of `volumes`.
pub const FORM: Form = Form::Items(&Items {
    short,
    fields: FIELDS,
    finish,
    noun: "volume",
    key,
});

/// A mount is known by where it is.
pub fn key(item: &Value) -> String {
    text(item, "target").unwrap_or_default().to_owned()
}

const FIELDS: &[Field] = &[
    Field {
        required: true,
        ..field(
            "type",
            "What is mounted: a volume, a file or folder of the host (`bind`), a file system in memory (`tmpfs`), or an image.",
            "volume",
            Form::Choice(&["volume", "bind", "tmpfs", "image"]),
        )
    },
    field(
        "source",
        "The volume, the host's path, or the image. A volume without one is made for this container alone.",
        "data",
        Form::Text,
    ),
    Field {
        required: true,
        ..field(
            "target",
            "The path in the container.",
            "/var/lib/data",
            Form::Text,
        )
    },
    field(
        "read_only",
        "Whether the container may not write to it.",
        "true",
        Form::Bool,
    ),
    field(
        "consistency",
        "How exactly both sides see each other's changes; engines on Linux ignore it.",
        "cached",
        Form::Choice(CONSISTENCIES),
    ),
    field(
        "bind",
        "More about a file or folder of the host.",
        "{ propagation: rslave }",
        Form::Record(&Record {
            fields: &[
                field(
                    "propagation",
                    "How mounts inside spread between host and container.",
                    "rslave",
                    Form::Choice(PROPAGATIONS),
                ),
                field(
                    "create_host_path",
                    "Whether a missing folder is made on the host; unset is `true`.",
                    "false",
                    Form::Bool,
                ),
                field(
                    "selinux",
                    "The label that SELinux gives to it: `z` shared, `Z` private.",
                    "z",
                    Form::Choice(&["z", "Z"]),
                ),
                field(
                    "recursive",
                    "Whether mounts inside come along (`enabled`, `disabled`), and whether they are read-only, too (`writable`, `readonly`).",
                    "disabled",
                    Form::Choice(&["enabled", "disabled", "writable", "readonly"]),
                ),
            ],
            short: None,
            finish: |fields| Ok(Value::Object(fields)),
        }),
    ),
    field(
        "volume",
        "More about a volume.",
        "{ nocopy: true }",
        Form::Record(&Record {
            fields: &[
                field(
                    "nocopy",
                    "Whether a new volume stays empty instead of getting the image's files.",
                    "true",
                    Form::Bool,
                ),
                field(
                    "subpath",
                    "The folder of the volume that is mounted instead of all of it. From engine 26 on.",
                    "logs",
                    Form::Text,
                ),
                field(
                    "labels",
                    "Labels of a volume that is made for this container alone.",
                    "{ tier: cache }",
                    Form::Map {
                        value: &Form::Text,
                        null: NullMeans::Empty,
                    },
                ),
            ],
            short: None,
            finish: |fields| Ok(Value::Object(fields)),
        }),
    ),
    field(
        "tmpfs",
        "More about a file system in memory.",
        "{ size: 64m, mode: 1777 }",
        Form::Record(&Record {
            fields: &[
                field("size", "How large it may grow.", "64m", BYTES),
                field(
                    "mode",
                    "The permissions of its folder, in octal.",
                    "1777",
                    Form::Parsed {
                        expected: "permissions in octal, such as 1777",
                        pattern: "^(0o)?[0-7]+$",
                        parse: |text| text.parse::<Mode>().map(|mode| mode.bits().into()),
                    },
                ),
            ],
            short: None,
            finish: |fields| Ok(Value::Object(fields)),
        }),
    ),
    field(
        "image",
        "More about an image that is mounted.",
        "{ subpath: usr/share }",
        Form::Record(&Record {
            fields: &[field(
                "subpath",
                "The folder of the image that is mounted instead of all of it.",
                "usr/share",
                Form::Text,
            )],
            short: None,
            finish: |fields| Ok(Value::Object(fields)),
        }),
    ),
];

fn short(text: &str) -> Result<Vec<Value>, Fault> {
    let mount: Mount = text.parse().map_err(|error: String| {
        Fault::new(
            error,
            "write SOURCE:TARGET, such as data:/var/lib/data or ./html:/srv/html:ro",
        )
    })?;
    Ok(vec![of_mount(&mount)])
}

/// The normal form of a mount in the short syntax, which is also an engine's bind.
pub fn of_mount(mount: &Mount) -> Value {
    let (kind, source) = match &mount.source {
        MountSource::Anonymous => ("volume", None),
        MountSource::Volume(name) => ("volume", Some(name)),
        MountSource::Path(path) => ("bind", Some(path)),
    };
    let mut item = json!({
        "type": kind,
        "source": source,
        "target": mount.target.as_str(),
        "read_only": mount.read_only,
        "consistency": mount.consistency,
    });
    if mount.propagation.is_some() || mount.selinux.is_some() {
        item["bind"] = json!({ "propagation": mount.propagation, "selinux": mount.selinux });
    }
    if mount.nocopy {
        item["volume"] = json!({ "nocopy": true });
    }
    normal(item)
}

/// Takes out what says no more than the default.
pub fn normal(mut item: Value) -> Value {
    if let Value::Object(item) = &mut item {
        for (_, value) in item.iter_mut() {
            if let Value::Object(options) = value {
                options.retain(|name, value| !is_default(name, value));
            }
        }
        item.retain(|name, value| !is_default(name, value));
    }
    item
}

fn is_default(name: &str, value: &Value) -> bool {
    match (name, value) {
        ("create_host_path", value) => value != &Value::Bool(false),
        ("propagation", Value::String(word)) => word.is_empty() || word == "rprivate",
        ("recursive", Value::String(word)) => word == "enabled",
        ("read_only" | "nocopy", Value::Bool(on)) => !on,
        ("size" | "mode", Value::Number(number)) => number.as_i64() == Some(0),
        (_, value) => is_empty(value),
    }
}

fn finish(fields: Map<String, Value>) -> Result<Vec<Value>, Fault> {
    let mut item = Value::Object(fields);
    let kind = text(&item, "type").unwrap_or_default().to_owned();
    let target = text(&item, "target").unwrap_or_default();
    let path: ContainerPath = target
        .parse()
        .map_err(|error: String| Fault::at("target", error, "write an absolute path"))?;
    if path.as_str() == "/" {
        return Err(Fault::at(
            "target",
            "nothing can be mounted over `/`",
            "name a folder below it",
        ));
    }
    item["target"] = path.to_string().into();
    let source = text(&item, "source").map(str::to_owned);
    check_source(&kind, source.as_deref())?;
    if let (true, Some(source)) = (kind == "bind", &source) {
        item["source"] = host_path(source).into();
    }
    check_options(&kind, &item)?;
    Ok(vec![normal(item)])
}

fn check_source(kind: &str, source: Option<&str>) -> Result<(), Fault> {
    let fault = |text: String, hint: &str| Err(Fault::at("source", text, hint));
    match (kind, source) {
        ("bind", None) => fault(
            "a bind needs a source".to_owned(),
            "name a path of the host",
        ),
        ("image", None) => fault("an image mount needs a source".to_owned(), "name an image"),
        ("bind", Some("")) => fault(
            "a bind needs a source".to_owned(),
            "name a path of the host",
        ),
        ("volume", Some(name)) if !is_volume_name(name) => fault(
            format!("`{name}` is no volume's name"),
            "for a path of the host write type: bind",
        ),
        ("tmpfs", Some(_)) => fault("a tmpfs has no source".to_owned(), "take it out"),
        _ => Ok(()),
    }
}

fn check_options(kind: &str, item: &Value) -> Result<(), Fault> {
    for name in ["bind", "volume", "tmpfs", "image"] {
        let options = item.get(name).and_then(Value::as_object);
        // SELinux labels volumes as well as folders.
        let other = options.into_iter().flatten().find(|(option, _)| {
            kind != name && !(kind == "volume" && name == "bind" && *option == "selinux")
        });
        if other.is_some() {
            return Err(Fault::at(
                name,
                format!("{name} says more about a {name} mount, and this is one of type {kind}"),
                "take it out, or change the type",
            ));
        }
    }
    let bind = item.get("bind");
    let bind = |name: &str| bind.and_then(|bind| bind.get(name));
    if bind("selinux").is_some() && bind("create_host_path") == Some(&Value::Bool(false)) {
        return Err(Fault::at(
            "bind",
            "the engine makes a missing folder wherever it is to set SELinux's label",
            "take out selinux or create_host_path",
        ));
    }
    let read_only = item.get("read_only") == Some(&Value::Bool(true));
    if read_only && is_nameless(item) {
        return Err(Fault::at(
            "read_only",
            "a volume that is made for this container alone would stay empty",
            "name a source, or take out read_only",
        ));
    }
    let recursive = bind("recursive").and_then(Value::as_str);
    if matches!(recursive, Some("readonly" | "writable")) && !read_only {
        return Err(Fault::at(
            "bind",
            "recursive: readonly and writable are for mounts that are read-only",
            "add read_only: true",
        ));
    }
    Ok(())
}
