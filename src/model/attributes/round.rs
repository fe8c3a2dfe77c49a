//! For tests: what an engine would show of a container that was made with a request.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::model::{Attribute, Body, EngineInfo, Expect, Seen, Settings, Table, Unset, attributes};

/// An engine of a minor version of the API.
pub fn engine(minor: u32) -> EngineInfo {
    EngineInfo {
        api: (1, minor),
        ..EngineInfo::default()
    }
}

/// Podman, which speaks Docker's API of 1.41.
pub fn podman() -> EngineInfo {
    EngineInfo {
        podman: true,
        ..engine(41)
    }
}

/// The attribute of a name.
pub fn attribute(name: &str) -> &'static Attribute {
    attributes::find(&attributes::CONTAINER, name).expect("an attribute of this name")
}

/// The request that is made of settings.
pub fn request(table: Table, settings: &Value, engine: &EngineInfo) -> Value {
    let settings = of(settings);
    let mut json = Map::new();
    let mut body = Body {
        json: &mut json,
        settings: &settings,
        engine,
    };
    for attribute in attributes::all(table) {
        if let Some(value) = settings.get(attribute.name) {
            attribute.write(value, &mut body);
        }
    }
    Value::Object(json)
}

/// What an engine shows of a container that was made with settings, if it fills in nothing.
pub fn inspect(settings: &Value, engine: &EngineInfo) -> Value {
    let Value::Object(mut config) = request(&attributes::CONTAINER, settings, engine) else {
        unreachable!("a request is an object");
    };
    let host = config.remove("HostConfig");
    let networks = config
        .remove("NetworkingConfig")
        .and_then(|networks| networks.get("EndpointsConfig").cloned());
    json!({ "Id": "0123456789abcdef", "Name": "/web", "Config": config, "HostConfig": host, "NetworkSettings": { "Networks": networks } })
}

/// Reads one attribute from an answer.
pub fn read(name: &str, inspect: &Value, engine: &EngineInfo) -> Option<Value> {
    let names = BTreeMap::from([("4711".to_owned(), "db".to_owned())]);
    attribute(name).read(&Seen {
        inspect,
        names: &names,
        engine,
    })
}

/// What is expected of one attribute.
pub fn expected(name: &str, settings: &Value, image: &Value, engine: &EngineInfo) -> Option<Value> {
    let Unset::Inherit(expect) = attribute(name).unset else {
        unreachable!("{name} inherits nothing");
    };
    let settings = of(settings);
    expect(&Expect {
        desired: settings.get(name),
        settings: &settings,
        found: None,
        image: Some(image),
        engine,
    })
}

/// Settings of their JSON.
fn of(settings: &Value) -> Settings {
    settings
        .as_object()
        .into_iter()
        .flatten()
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}
