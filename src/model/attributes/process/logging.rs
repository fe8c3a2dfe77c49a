//! Where the output of a container goes.

use serde_json::{Map, Value, json};

use crate::model::{
    Attribute, Body, Form, Place, Record, Seen, Shape, Unset,
    attributes::parts::{TEXT_MAP, as_it_is, field},
    recreate,
};

pub const LOGGING: Attribute = Attribute {
    name: "logging",
    aliases: &[],
    summary: "Where the output of the container goes; unset is the engine's own default.",
    example: "{ driver: json-file, options: { max-size: 10m } }",
    form: Form::Record(&Record {
        fields: &[
            field("driver", "The engine's driver.", "json-file", Form::Text),
            field(
                "options",
                "The driver's options.",
                "{ max-size: 10m }",
                TEXT_MAP,
            ),
        ],
        short: None,
        finish: as_it_is,
    }),
    shape: Shape::Tree,
    // The default driver is filled in, and its options are added where the driver is the same.
    unset: Unset::EngineFills,
    way: recreate,
    place: Place::Custom {
        api: "HostConfig/LogConfig",
        write,
        read,
    },
};

fn write(value: &Value, body: &mut Body<'_>) {
    // No driver is the engine's default one, to which the options then belong.
    let mut config = json!({ "Type": value.get("driver").cloned().unwrap_or_else(|| json!("")) });
    if let (Some(options), Value::Object(config)) = (value.get("options"), &mut config) {
        config.insert("Config".into(), options.clone());
    }
    body.set("HostConfig/LogConfig", config);
}

fn read(seen: &Seen<'_>) -> Option<Value> {
    let mut map = Map::new();
    if let Some(driver) = seen.get("HostConfig/LogConfig/Type") {
        map.insert("driver".into(), driver.clone());
    }
    if let Some(options) = seen.get("HostConfig/LogConfig/Config") {
        map.insert("options".into(), options.clone());
    }
    (!map.is_empty()).then_some(Value::Object(map))
}
