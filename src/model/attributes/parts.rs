//! What the tables of the vocabulary are put together from.

use serde_json::{Map, Value};

use crate::{
    model::{
        Applied, Attribute, EngineInfo, Expect, Fault, Field, Form, NullMeans, Place, Seen,
        Settings, Shape, Unset, recreate,
    },
    value::{ContainerPath, Duration, Name, parse_ip},
};

/// What most attributes have in common that are about us and not about the engine.
pub const OURS: Attribute = Attribute {
    name: "",
    aliases: &[],
    summary: "",
    example: "",
    form: Form::Text,
    shape: Shape::Whole,
    unset: Unset::Ours,
    way: recreate,
    place: Place::Nowhere,
};

/// A field of a record that may be left out.
pub const fn field(
    name: &'static str,
    summary: &'static str,
    example: &'static str,
    form: Form,
) -> Field {
    Field {
        name,
        aliases: &[],
        summary,
        example,
        form,
        required: false,
    }
}

/// A list of texts in order.
pub const TEXTS: Form = Form::List(&Form::Text);
/// Texts without an order.
pub const TEXT_SET: Form = Form::Set(&Form::Text);
/// Names with texts, of which an empty one may be left out.
pub const TEXT_MAP: Form = Form::Map {
    value: &Form::Text,
    null: NullMeans::Empty,
};
/// Variables: one without a value takes it from the surroundings.
pub const VARIABLES: Form = Form::Map {
    value: &Form::Text,
    null: NullMeans::FromEnvironment,
};
/// A span of time, in nanoseconds in the normal form.
pub const DURATION: Form = Form::Parsed {
    expected: "a time span such as 10s or 1m30s",
    pattern: r"^(0|([0-9.]+(h|m|s|ms|us|µs|ns))+)$",
    parse: |text| Ok(text.parse::<Duration>()?.nanoseconds().into()),
};
/// An absolute path inside a container.
pub const PATH: Form = Form::Parsed {
    expected: "an absolute path such as /srv/app",
    pattern: "^/",
    parse: |text| Ok(Value::String(text.parse::<ContainerPath>()?.to_string())),
};
/// An IP address.
pub const IP: Form = Form::Parsed {
    expected: "an IP address such as 10.0.0.2",
    pattern: r"^[0-9a-fA-F.:\[\]]+$",
    parse: |text| {
        parse_ip(text)
            .map(|address| Value::String(address.to_string()))
            .ok_or_else(|| "it is no IP address".to_owned())
    },
};
/// A name that engines take.
pub const NAME: Form = Form::Parsed {
    expected: "a name of letters, digits, _, . and -, such as web-1",
    pattern: Name::PATTERN,
    parse: |text| Ok(Value::String(text.parse::<Name>()?.to_string())),
};
/// A platform, as operating system, processor and variant.
pub const PLATFORM: Form = Form::Parsed {
    expected: "a platform such as linux/amd64 or linux/arm64/v8",
    pattern: "^[a-z0-9]+(/[a-z0-9_]+(/[a-z0-9]+)?)?$",
    parse: platform,
};

fn platform(text: &str) -> Result<Value, String> {
    let lower = text.to_ascii_lowercase();
    let parts: Vec<&str> = lower.split('/').collect();
    let sound = |part: &&str| {
        !part.is_empty()
            && part
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    };
    if parts.len() > 3 || !parts.iter().all(sound) {
        return Err("it is not os/processor".to_owned());
    }
    Ok(Value::String(lower))
}

/// The fields of a record as they are.
#[expect(
    clippy::unnecessary_wraps,
    reason = "the table takes functions of this type"
)]
pub fn as_it_is(fields: Map<String, Value>) -> Result<Value, Fault> {
    Ok(Value::Object(fields))
}

/// Unset means an empty list.
pub fn empty_list(_: &EngineInfo) -> Value {
    Value::Array(Vec::new())
}

/// Unset means `false`.
pub fn no(_: &EngineInfo) -> Value {
    Value::Bool(false)
}

/// What our own labels begin with, which no file may set and no comparison sees.
pub const OUR_LABELS: &str = "io.evenkeel.";

/// What the label of a container or a network that is there says was applied, of one attribute.
pub fn applied(seen: &Seen<'_>, name: &str) -> Value {
    seen.get("Config/Labels")
        .or_else(|| seen.get("Labels"))
        .and_then(|labels| labels.get(format!("{OUR_LABELS}applied")))
        .and_then(Value::as_str)
        .and_then(Applied::read)
        .and_then(|applied| applied.get(name).cloned())
        .unwrap_or_default()
}

/// Puts what was applied in the place of fields that the engine takes and does not show.
pub fn remember(found: &mut Map<String, Value>, applied: Option<&Value>, fields: &[&str]) {
    for field in fields {
        found.remove(*field);
        if let Some(value) = applied.and_then(|applied| applied.get(field)) {
            found.insert((*field).to_owned(), value.clone());
        }
    }
}

/// Whether a container is to be privileged, or is so and is not to be any more, which is a change of its own.
pub fn privileged(expect: &Expect<'_>) -> bool {
    let is = |settings: &Settings| settings.get("privileged") == Some(&true.into());
    is(expect.settings) || expect.found.is_some_and(is)
}

/// A mapping of labels without our own.
pub fn others_labels(labels: Option<&Value>) -> Map<String, Value> {
    labels
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
        .filter(|(name, _)| !name.starts_with(OUR_LABELS))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}

/// The texts of a list.
pub fn texts(list: Option<&Value>) -> impl Iterator<Item = &str> {
    list.and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
}

/// A list of texts in order of the alphabet, each once.
pub fn sorted<T: Into<String>>(texts: impl IntoIterator<Item = T>) -> Value {
    let set: std::collections::BTreeSet<String> = texts.into_iter().map(Into::into).collect();
    set.into_iter().map(Value::String).collect()
}
