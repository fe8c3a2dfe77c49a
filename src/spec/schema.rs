//! The JSON Schema of the file, made from the vocabulary's tables, for editors and for checks without this program.
//!
//! It is as strict as a schema can be without being wrong: a text with a variable in it fits everywhere, because what comes
//! of it is known only later, and what belongs together is the checker's.

mod own;

use serde_json::{Map, Value, json};

use super::{Kind, Node, Sources, decode::EMPTY_IS_UNSET, services::OWN_KEYS, yaml};
use crate::model::{Attribute, Field, Form, Record, Table, attributes};
pub use own::{OWN, Own};

/// Where the schema is at home.
const ID: &str = "urn:evenkeel:schema:file";

/// The schema of a whole file.
#[must_use]
pub fn schema() -> Value {
    let section = |description: &str, thing: Value| {
        json!({
            "description": description,
            "type": ["object", "null"],
            "patternProperties": { "^x-": true },
            "additionalProperties": thing,
        })
    };
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": ID,
        "title": "evenkeel.yaml",
        "description": "What the containers, images, networks and volumes of a Docker engine should be.",
        "type": "object",
        // A Compose file without a name is called as its folder is.
        "anyOf": [{ "required": ["project"] }, { "required": ["name"] }, { "required": ["services"] }],
        "patternProperties": { "^x-": true },
        "additionalProperties": false,
        "properties": {
            "project": {
                "description": "Who owns what: everything that is made carries this name, and nothing else is ever changed.",
                "type": ["string", "number"],
                "minLength": 1,
                "examples": ["shop"],
            },
            "name": { "description": "Compose's name for project.", "type": ["string", "number"] },
            "version": { "description": "Means nothing any more.", "deprecated": true },
            "containers": section("The containers by name.", json!({ "$ref": "#/$defs/container" })),
            "services": section("Compose's word for containers; those of a Compose file are called project-service-1.", json!({ "$ref": "#/$defs/container" })),
            "images": section("The images by a short name that containers may use.", json!({
                "anyOf": [{ "type": "string" }, { "$ref": "#/$defs/image" }],
            })),
            "networks": section("The networks by key.", json!({ "$ref": "#/$defs/network" })),
            "volumes": section("The volumes by key.", json!({ "$ref": "#/$defs/volume" })),
            "configs": section("Files that containers may be given, by key.", json!({ "$ref": "#/$defs/file" })),
            "secrets": section("Files with sensitive content that containers may be given, by key.", json!({ "$ref": "#/$defs/file" })),
            "sensitive": {
                "description": "Names of variables whose values are never shown.",
                "type": ["array", "string", "null"],
                "items": { "type": "string" },
                "examples": [["LICENCE"]],
            },
            "include": with(
                with(own::include(), "description", "Other files, of which everything that they define is taken over: paths, or { path, env_file, project_directory }.".into()),
                "examples",
                json!([["common.yaml"]]),
            ),
        },
        "$defs": {
            "variable": {
                "description": "A text with a variable in it.",
                "type": "string",
                "pattern": "\\$",
            },
            "scalar": { "type": ["string", "number", "boolean"] },
            "flag": {
                "description": "True or false, also in quotes: variables are often quoted.",
                "enum": [true, false, "true", "True", "TRUE", "false", "False", "FALSE"],
            },
            "container": table(&attributes::CONTAINER, OWN_KEYS),
            "image": table(&attributes::IMAGE, &[]),
            "network": table(&attributes::NETWORK, &[]),
            "volume": table(&attributes::VOLUME, &[]),
            "file": {
                "type": ["object", "null"],
                "properties": {
                    "file": { "description": "A file beside this one.", "type": "string" },
                    "environment": { "description": "A variable that holds the content.", "type": "string" },
                    "content": { "description": "The content itself.", "type": "string" },
                    "external": { "type": ["boolean", "string"] },
                    "name": { "type": "string" },
                    "labels": { "description": "Means nothing on one engine." },
                },
                "patternProperties": { "^x-": true },
                "additionalProperties": false,
            },
        },
    })
}

/// A mapping by a table. `own` are keys that are read elsewhere.
fn table(table: Table, own: &[&str]) -> Value {
    let mut properties = Map::new();
    for attribute in attributes::all(table) {
        let mut schema = attribute_schema(attribute);
        if std::ptr::eq(table, &raw const attributes::CONTAINER)
            && EMPTY_IS_UNSET.contains(&attribute.name)
        {
            let empty = json!({ "const": "" });
            if let Some(choices) = schema.get_mut("anyOf").and_then(Value::as_array_mut) {
                choices.push(empty);
            }
        }
        for alias in attribute.aliases {
            let text = format!("Another name of {}. {}", attribute.name, attribute.summary);
            properties.insert(
                (*alias).to_owned(),
                with(schema.clone(), "description", text.into()),
            );
        }
        properties.insert(attribute.name.to_owned(), schema);
    }
    for own in OWN.iter().filter(|entry| own.contains(&entry.name)) {
        let schema = described(or_nothing((own.schema)()), own.summary, own.example);
        properties.insert(own.name.to_owned(), schema);
    }
    json!({
        "type": ["object", "null"],
        "properties": properties,
        "patternProperties": { "^x-": true },
        "additionalProperties": false,
    })
}

fn attribute_schema(attribute: &Attribute) -> Value {
    described(
        or_nothing(form(&attribute.form)),
        attribute.summary,
        attribute.example,
    )
}

fn described(schema: Value, summary: &str, example: &str) -> Value {
    let schema = with(schema, "description", summary.into());
    match example_value(example) {
        Some(value) => with(schema, "examples", json!([value])),
        None => schema,
    }
}

fn with(mut schema: Value, key: &str, value: Value) -> Value {
    if let Value::Object(map) = &mut schema {
        map.insert(key.to_owned(), value);
    }
    schema
}

/// `key:` without a value says nothing, wherever a value may stand.
fn or_nothing(schema: Value) -> Value {
    any_of(vec![schema, json!({ "type": "null" })])
}

/// Any of these; choices among choices become one list.
fn any_of(choices: Vec<Value>) -> Value {
    let mut flat: Vec<Value> = Vec::new();
    for choice in choices {
        let inner = match &choice {
            Value::Object(map) if map.len() == 1 => {
                map.get("anyOf").and_then(Value::as_array).cloned()
            }
            _ => None,
        };
        for one in inner.unwrap_or_else(|| vec![choice]) {
            if !flat.contains(&one) {
                flat.push(one);
            }
        }
    }
    match flat.len() {
        1 => flat.remove(0),
        _ => json!({ "anyOf": flat }),
    }
}

fn or_variable(schema: Value) -> Value {
    any_of(vec![schema, json!({ "$ref": "#/$defs/variable" })])
}

fn form(of: &Form) -> Value {
    let scalar = || json!({ "$ref": "#/$defs/scalar" });
    let words = || json!({ "type": "array", "items": { "$ref": "#/$defs/scalar" } });
    match of {
        Form::Bool => or_variable(json!({ "$ref": "#/$defs/flag" })),
        Form::Integer(low, high) => or_variable(integer(*low, *high)),
        Form::Text | Form::Parsed { pattern: "", .. } => scalar(),
        // The pattern is asked of texts alone: a number of YAML is read by the text that it is written with.
        Form::Parsed { pattern, .. } => {
            or_variable(json!({ "type": ["string", "number"], "pattern": pattern }))
        }
        Form::Choice(choices) => or_variable(json!({ "enum": choices })),
        Form::Command | Form::HealthTest => any_of(vec![json!({ "type": "string" }), words()]),
        Form::List(inner) | Form::Set(inner) => {
            let one = form(inner);
            any_of(vec![json!({ "type": "array", "items": one.clone() }), one])
        }
        Form::Map { value, .. } => any_of(vec![
            json!({ "type": "object", "additionalProperties": or_nothing(form(value)) }),
            json!({ "type": "array", "items": { "type": "string" } }),
        ]),
        Form::Record(of) => record(of),
        Form::Keyed(keyed) => {
            let map = json!({ "type": "object", "additionalProperties": or_nothing(record(&keyed.record)) });
            if keyed.list {
                any_of(vec![
                    map,
                    json!({ "type": "array", "items": { "type": "string" } }),
                ])
            } else {
                map
            }
        }
        Form::Items(items) => {
            let one = any_of(vec![
                json!({ "type": ["string", "number"] }),
                fields(items.fields),
            ]);
            any_of(vec![
                json!({ "type": "array", "items": one }),
                json!({ "type": ["string", "number"] }),
            ])
        }
        Form::Refined { form: inner, .. } => form(inner),
        Form::Either(forms) => any_of(forms.iter().map(form).collect()),
    }
}

fn integer(low: i64, high: i64) -> Value {
    let mut schema = json!({ "type": "integer", "minimum": low });
    if high != i64::MAX {
        schema["maximum"] = high.into();
    }
    // A number in quotes is read as one.
    any_of(vec![
        schema,
        json!({ "type": "string", "pattern": "^[-+]?[0-9]+$" }),
    ])
}

fn record(of: &Record) -> Value {
    let long = fields(of.fields);
    match of.short {
        Some(_) => any_of(vec![json!({ "$ref": "#/$defs/scalar" }), long]),
        None => long,
    }
}

fn fields(of: &[Field]) -> Value {
    let mut properties = Map::new();
    let mut required: Vec<Value> = Vec::new();
    for field in of {
        let schema = described(or_nothing(form(&field.form)), field.summary, field.example);
        for alias in field.aliases {
            properties.insert((*alias).to_owned(), schema.clone());
        }
        properties.insert(field.name.to_owned(), schema);
        if field.required {
            let names = field.aliases.iter().chain([&field.name]);
            required.push(any_of(
                names.map(|name| json!({ "required": [name] })).collect(),
            ));
        }
    }
    let mut schema = json!({
        "type": "object",
        "properties": properties,
        "patternProperties": { "^x-": true },
        "additionalProperties": false,
    });
    if !required.is_empty() {
        schema["allOf"] = Value::Array(required);
    }
    schema
}

/// An example, which is written as YAML, as JSON.
fn example_value(example: &str) -> Option<Value> {
    let mut sources = Sources::default();
    let file = sources.add("example", example);
    let node = yaml::read_partly(&sources, file, &mut Vec::new())?;
    Some(as_json(&node))
}

/// A node by YAML's core schema, as editors read it.
fn as_json(node: &Node) -> Value {
    match &node.kind {
        Kind::Null => Value::Null,
        Kind::List(items) => items.iter().map(as_json).collect(),
        Kind::Map(entries) => entries
            .iter()
            .map(|entry| (entry.key.text.clone(), as_json(&entry.value)))
            .collect(),
        Kind::Scalar(scalar) if scalar.plain => match scalar.text.as_str() {
            "true" => Value::Bool(true),
            "false" => Value::Bool(false),
            text => text
                .parse::<i64>()
                .map(Value::from)
                .or_else(|_| text.parse::<f64>().map(Value::from))
                .unwrap_or_else(|_| text.into()),
        },
        Kind::Scalar(scalar) => scalar.text.as_str().into(),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use jsonschema::Validator;
    use serde_json::{Value, json};

    use super::{example_value, schema};
    use crate::model::attributes;

    /// Compiled once: the schema is large, and the examples are many.
    static SCHEMA: LazyLock<Validator> =
        LazyLock::new(|| jsonschema::draft202012::new(&schema()).expect("the schema is one"));

    fn valid(file: &Value) -> Result<(), Vec<String>> {
        let errors: Vec<String> = SCHEMA.iter_errors(file).map(|e| e.to_string()).collect();
        if errors.is_empty() {
            Ok(())
        } else {
            Err(errors)
        }
    }

    #[test]
    fn every_example_of_the_vocabulary_fits() {
        for (section, table) in [
            ("containers", &attributes::CONTAINER),
            ("images", &attributes::IMAGE),
            ("networks", &attributes::NETWORK),
            ("volumes", &attributes::VOLUME),
        ] {
            for attribute in attributes::all(table) {
                let example = example_value(attribute.example)
                    .unwrap_or_else(|| panic!("{} has an example", attribute.name));
                for name in attribute.aliases.iter().chain([&attribute.name]) {
                    let file = json!({ "project": "x", section: { "a": { *name: example } } });
                    assert_eq!(valid(&file), Ok(()), "{section}: {name}");
                }
            }
        }
    }

    #[test]
    fn what_is_wrong_does_not_fit() {
        for file in [
            json!({}),
            json!({"project": "x", "container": {}}),
            json!({"project": "x", "containers": {"a": {"imagee": "x"}}}),
            json!({"project": "x", "containers": {"a": {"image": ["x"]}}}),
            json!({"project": "x", "containers": {"a": {"tty": "perhaps"}}}),
            json!({"project": "x", "containers": {"a": {"state": "absnt"}}}),
            json!({"project": "x", "containers": {"a": {"memory": "lots"}}}),
            json!({"project": "x", "containers": {"a": {"ports": [{"published": 80}]}}}),
            json!({"project": "x", "containers": []}),
            json!({"project": "x", "include": [{"nope": 1}]}),
            json!({"project": "x", "containers": {"a": {"deploy": {"update_config": {"failure_action": "wait"}}}}}),
            json!({"project": "x", "include": [{"path": "a.yaml", "nope": 1}]}),
        ] {
            assert!(valid(&file).is_err(), "{file}");
        }
    }

    #[test]
    fn variables_extensions_and_nothing_fit_everywhere() {
        let file = json!({
            "project": "x",
            "x-own": 1,
            "sensitive": "X",
            "configs": { "c": { "content": "x", "labels": { "a": "b" } } },
            "networks": { "n": { "enable_ipv6": "true" } },
            "include": ["a.yaml", { "path": ["b.yaml", "c.yaml"], "env_file": "b.env", "project_directory": "b" }],
            "containers": {
                "x-template": 7,
                "a": { "tty": "${TTY}", "restart": "", "platform": "", "memory": "$M", "ports": null, "env": { "A": null, "B": 1, "C": true }, "x-own": [] },
            },
        });
        assert_eq!(valid(&file), Ok(()));
    }
}
