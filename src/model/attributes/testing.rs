//! What the tests of the vocabulary share: requests that are written, made-up answers that are read.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::{CONTAINER, all, find};
use crate::model::{
    Attribute, Body, EngineInfo, Expect, Form, Question, Seen, Settings, Shape, Unset, Way,
    is_empty,
};

/// The attribute of a name.
pub fn attribute(name: &str) -> &'static Attribute {
    find(&CONTAINER, name).expect("an attribute of the vocabulary")
}

/// Settings from a JSON object.
pub fn settings(json: &Value) -> Settings {
    let map = json.as_object().expect("an object");
    map.iter()
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}

/// An engine that answered this to `/info`.
pub fn engine(info: Value) -> EngineInfo {
    EngineInfo {
        api: (1, 51),
        podman: false,
        info: Some(info),
    }
}

/// The request that creates a container with these settings.
pub fn request(json: &Value) -> Value {
    let settings = settings(json);
    let mut json = Map::new();
    let mut body = Body {
        json: &mut json,
        settings: &settings,
        engine: &EngineInfo::default(),
    };
    for (name, value) in settings.iter() {
        attribute(name).write(value, &mut body);
    }
    Value::Object(json)
}

/// What an answer to an inspect says of an attribute.
pub fn seen(name: &str, inspect: &Value) -> Option<Value> {
    attribute(name).read(&Seen {
        inspect,
        names: &BTreeMap::from([("f".repeat(64), "db".to_owned())]),
        engine: &EngineInfo::default(),
    })
}

/// A request as an engine would answer it to an inspect that fills nothing in.
pub fn answered(request: &Value) -> Value {
    serde_json::json!({ "HostConfig": request.get("HostConfig"), "Config": request })
}

/// Whether what an answer says is what is expected of these settings, by the rules of the comparison.
pub fn matches(name: &str, wanted: &Value, inspect: &Value, engine: &EngineInfo) -> bool {
    matches_image(name, wanted, inspect, engine, &serde_json::json!({}))
}

/// The same with an image's configuration.
pub fn matches_image(
    name: &str,
    wanted: &Value,
    inspect: &Value,
    engine: &EngineInfo,
    image: &Value,
) -> bool {
    let attribute = attribute(name);
    let settings = settings(wanted);
    let desired = settings.get(name);
    let found = attribute.read(&Seen {
        inspect,
        names: &BTreeMap::new(),
        engine,
    });
    let (expected, found) = match attribute.unset {
        Unset::Default(default) => {
            let default = default(engine);
            (
                desired.cloned().unwrap_or_else(|| default.clone()),
                found.unwrap_or(default),
            )
        }
        Unset::Inherit(expect) => {
            let there: Settings = all(&CONTAINER)
                .filter_map(|attribute| {
                    let found = attribute.read(&Seen {
                        inspect,
                        names: &BTreeMap::new(),
                        engine,
                    });
                    Some((attribute.name.to_owned(), found?))
                })
                .collect();
            let expected = expect(&Expect {
                desired,
                settings: &settings,
                found: Some(&there),
                image: Some(image),
                engine,
            });
            match expected {
                None => return true,
                Some(expected) => (expected, found.unwrap_or(Value::Null)),
            }
        }
        Unset::EngineFills => {
            let found = found.unwrap_or(Value::Null);
            return desired.is_none_or(|desired| is_part(desired, &found));
        }
        Unset::Remembered | Unset::Ours => return true,
    };
    let (expected, found) = (in_order(attribute, expected), in_order(attribute, found));
    expected == found || (is_empty(&expected) && is_empty(&found))
}

/// Items are found by their keys, so their order does not count.
fn in_order(attribute: &Attribute, mut value: Value) -> Value {
    if let (Shape::Items(key), Value::Array(items)) = (attribute.shape, &mut value) {
        items.sort_by_key(key);
    }
    value
}

fn is_part(desired: &Value, found: &Value) -> bool {
    match (desired, found) {
        (Value::Object(desired), Value::Object(found)) => desired
            .iter()
            .all(|(key, value)| found.get(key).is_some_and(|there| is_part(value, there))),
        (Value::Array(desired), Value::Array(found)) => {
            desired.iter().all(|item| found.contains(item))
        }
        (desired, found) => desired == found,
    }
}

/// What a change of an attribute takes.
pub fn way(name: &str, found: Value, wanted: Value) -> Way {
    let given = |value: Value| (!value.is_null()).then_some(value);
    let (wanted, found) = (given(wanted), given(found));
    (attribute(name).way)(&Question {
        wanted: wanted.as_ref(),
        found: found.as_ref(),
        engine: &EngineInfo::default(),
    })
}

/// The normal form of a text, which may be one item of a list.
pub fn short(name: &str, text: &str) -> Result<Value, String> {
    of_text(&attribute(name).form, text)
}

fn of_text(form: &Form, text: &str) -> Result<Value, String> {
    match form {
        Form::Parsed { parse, .. } => parse(text),
        Form::Set(inner) | Form::List(inner) => of_text(inner, text),
        Form::Items(items) => (items.short)(text)
            .map(Value::Array)
            .map_err(|fault| fault.text),
        Form::Record(record) => {
            record.short.expect("a short syntax")(text).map_err(|fault| fault.text)
        }
        Form::Keyed(keyed) => {
            keyed.record.short.expect("a short syntax")(text).map_err(|fault| fault.text)
        }
        form => panic!("{form:?} takes no text"),
    }
}

/// The normal form of an item in the long syntax, its fields decoded already.
pub fn long(name: &str, fields: Value) -> Result<Value, String> {
    let Value::Object(fields) = fields else {
        panic!("fields are an object")
    };
    let made = match &attribute(name).form {
        Form::Items(items) => (items.finish)(fields).map(Value::Array),
        Form::List(Form::Record(record)) | Form::Record(record) => (record.finish)(fields),
        Form::Keyed(keyed) => (keyed.record.finish)(fields),
        form => panic!("{form:?} has no fields"),
    };
    made.map_err(|fault| format!("{}: {}", fault.field, fault.text))
}
