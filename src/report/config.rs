//! A file as it is understood: short syntax expanded, references in full, sizes in bytes, durations as texts such as
//! `10s`, sensitive values hidden. It is a file that is read as the same again, but for what is hidden.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Map, Value};

use crate::{
    model::{Field, Form, PullPolicy, SECRET_TEXT, Secrets, Table, attributes, is_empty},
    spec::{Document, Item},
    value::{Cpus, Duration, Reference},
};

/// A checked file as it is understood; written in this order.
#[derive(Debug, Serialize)]
pub struct Config {
    project: String,
    #[serde(skip_serializing_if = "is_empty")]
    images: Value,
    #[serde(skip_serializing_if = "is_empty")]
    containers: Value,
    #[serde(skip_serializing_if = "is_empty")]
    networks: Value,
    #[serde(skip_serializing_if = "is_empty")]
    volumes: Value,
}

/// What a checked file says.
#[must_use]
pub fn config(document: &Document) -> Config {
    let mut images = section(document, &document.images, &attributes::IMAGE);
    for image in images.as_object_mut().into_iter().flat_map(Map::values_mut) {
        if let Value::Object(image) = image {
            let usual = PullPolicy::default().word();
            image.entry("pull").or_insert_with(|| usual.into());
        }
    }
    Config {
        project: document.project.clone(),
        images,
        containers: section(document, &document.containers, &attributes::CONTAINER),
        networks: section(document, &document.networks, &attributes::NETWORK),
        volumes: section(document, &document.volumes, &attributes::VOLUME),
    }
}

fn section(document: &Document, items: &BTreeMap<String, Item>, table: Table) -> Value {
    let shown = items
        .iter()
        .map(|(key, item)| (key.clone(), thing(document, item, table)));
    Value::Object(shown.collect())
}

fn thing(document: &Document, item: &Item, table: Table) -> Value {
    let shown = item.settings.iter().map(|(name, value)| {
        let value = match (name, value) {
            ("image", Value::String(text)) => reference(image(document, text), item, document),
            ("reference", Value::String(text)) => reference(text, item, document),
            _ => match attributes::find(table, name) {
                Some(attribute) => by_form(value, &attribute.form, &item.secrets),
                None => hidden(value, &item.secrets),
            },
        };
        (name.to_owned(), value)
    });
    let mut shown = Value::Object(shown.collect());
    double_dollars(&mut shown);
    shown
}

/// What is printed is a file again, where a `$` begins a variable.
fn double_dollars(value: &mut Value) {
    match value {
        Value::String(text) if text.contains('$') => *text = text.replace('$', "$$"),
        Value::Array(list) => list.iter_mut().for_each(double_dollars),
        Value::Object(map) => map.values_mut().for_each(double_dollars),
        Value::String(_) | Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// The reference that a key of `images` stands for, or the text itself.
fn image<'a>(document: &'a Document, text: &'a str) -> &'a str {
    document
        .images
        .get(text)
        .and_then(|item| item.settings.text("reference"))
        .unwrap_or(text)
}

/// A reference in full, unless something of it must not be shown: in the container, or where `images` has it.
fn reference(text: &str, item: &Item, document: &Document) -> Value {
    let hides = |item: &Item| item.secrets.hides_text(text);
    let shown = if hides(item) || document.images.values().any(hides) {
        SECRET_TEXT.to_owned()
    } else {
        in_full(text)
    };
    shown.into()
}

/// A reference with its registry and tag: `docker.io/library/nginx:1.27`.
fn in_full(text: &str) -> String {
    text.parse::<Reference>()
        .map_or_else(|_| text.to_owned(), |reference| reference.to_string())
}

/// A value as its form says that it is read best.
fn by_form(value: &Value, form: &Form, secrets: &Secrets) -> Value {
    match (form, value) {
        (Form::Parsed { expected, .. }, Value::Number(number)) if is_duration(expected) => number
            .as_i64()
            .and_then(Duration::from_nanoseconds)
            .map_or_else(|| value.clone(), |duration| duration.to_string().into()),
        (Form::Parsed { expected, .. }, Value::Number(number)) if is_cpus(expected) => number
            .as_i64()
            .and_then(Cpus::from_nanos)
            .map_or_else(|| value.clone(), |cpus| cpus.to_string().into()),
        (Form::Parsed { expected, .. }, Value::Number(number)) if is_mode(expected) => number
            .as_u64()
            .map_or_else(|| value.clone(), |bits| format!("{bits:04o}").into()),
        (Form::Refined { form, .. }, value) => by_form(value, form, secrets),
        (Form::Either(forms), value) => forms.iter().find(|form| fits(form, value)).map_or_else(
            || hidden(value, secrets),
            |form| by_form(value, form, secrets),
        ),
        (Form::Record(record), Value::Object(map)) => fields(map, record.fields, secrets),
        (Form::Keyed(keyed), Value::Object(map)) => map
            .iter()
            .map(|(key, value)| match value {
                Value::Object(inner) => (key.clone(), fields(inner, keyed.record.fields, secrets)),
                value => (key.clone(), hidden(value, secrets)),
            })
            .collect(),
        (Form::Items(items), Value::Array(list)) => list
            .iter()
            .map(|item| match item {
                Value::Object(map) => fields(map, items.fields, secrets),
                item => hidden(item, secrets),
            })
            .collect(),
        (Form::List(inner) | Form::Set(inner), Value::Array(list)) => list
            .iter()
            .map(|item| by_form(item, inner, secrets))
            .collect(),
        (_, value) => hidden(value, secrets),
    }
}

/// Whether a normal form can have come from a form with keys.
fn fits(form: &Form, value: &Value) -> bool {
    match form {
        Form::Refined { form, .. } => fits(form, value),
        Form::Record(_) | Form::Keyed(_) => value.is_object(),
        Form::Items(_) | Form::List(_) | Form::Set(_) => value.is_array(),
        Form::Parsed { expected, .. } => {
            (is_duration(expected) || is_cpus(expected) || is_mode(expected)) && value.is_number()
        }
        Form::Text
        | Form::Bool
        | Form::Integer(..)
        | Form::Choice(_)
        | Form::Command
        | Form::HealthTest
        | Form::Map { .. }
        | Form::Either(_) => false,
    }
}

/// The vocabulary's forms of time have this in common, and nothing else begins so.
fn is_duration(expected: &str) -> bool {
    expected.starts_with("a time span")
}

/// The same of the form of processors, which are counted in billionths.
fn is_cpus(expected: &str) -> bool {
    expected.starts_with("a number of processors")
}

/// The same of the forms of permissions.
fn is_mode(expected: &str) -> bool {
    expected.starts_with("permissions in octal")
}

fn fields(map: &Map<String, Value>, fields: &[Field], secrets: &Secrets) -> Value {
    map.iter()
        .map(|(key, value)| {
            let field = fields.iter().find(|field| field.name == key);
            let shown = match field {
                Some(field) => by_form(value, &field.form, secrets),
                None => hidden(value, secrets),
            };
            (key.clone(), shown)
        })
        .collect()
}

/// A value with everything hidden that must not be shown.
fn hidden(value: &Value, secrets: &Secrets) -> Value {
    match value {
        Value::String(text) if secrets.hides_text(text) => SECRET_TEXT.into(),
        Value::Array(list) => list.iter().map(|item| hidden(item, secrets)).collect(),
        Value::Object(map) => map
            .iter()
            .map(|(key, value)| {
                let shown = match value {
                    Value::String(_) if secrets.hides_name(key) => SECRET_TEXT.into(),
                    value => hidden(value, secrets),
                };
                (key.clone(), shown)
            })
            .collect(),
        Value::String(_) | Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
    }
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeMap, path::Path};

    use serde_json::json;

    use super::config;
    use crate::spec::{Inputs, parse};

    /// What `config` shows of a file, with these variables set.
    fn shown(text: &str, variables: &[(&str, &str)]) -> serde_json::Value {
        let variables: BTreeMap<String, String> = variables
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        let document = parse(&Inputs {
            files: &["evenkeel.yaml".into()],
            env_files: &[],
            variables: &variables,
            base: Path::new("/srv"),
            profiles: &[],
            read: &|path| {
                if path.ends_with("evenkeel.yaml") {
                    Ok(text.as_bytes().to_vec())
                } else {
                    Err(std::io::ErrorKind::NotFound.into())
                }
            },
        })
        .expect("a sound file");
        serde_json::to_value(config(&document)).expect("a file is JSON")
    }

    #[test]
    fn a_config_that_is_made_of_secrets_is_not_shown() {
        let config = shown(
            "project: shop
configs:
  made: { content: 'password=${DB_PASSWORD}' }
  whole: { environment: DB_PASSWORD }
  plain: { content: 'colour=${COLOUR}' }
containers:
  web: { image: nginx:1.27, configs: [made, whole, plain] }
",
            &[("DB_PASSWORD", "hunter22"), ("COLOUR", "blue")],
        );
        let content = |number: usize| &config["containers"]["web"]["files"][number]["content"];
        assert_eq!(
            [content(0), content(1), content(2)],
            ["(sensitive)", "colour=blue", "(sensitive)"],
            "{config:#}"
        );
    }

    #[test]
    fn a_short_secret_is_not_shown_either() {
        let config = shown(
            "project: shop
secrets: { pin: { content: '123' } }
containers:
  web:
    image: nginx:1.27
    secrets: [pin]
    env: { URL: 'pg://u:${X_PASSWORD}@db', OTHER: tabcd }
    command: run --pin ${X_PASSWORD} -v
    hostname: ${X_PASSWORD}
    labels: { who: 'u-${X_PASSWORD}' }
",
            &[("X_PASSWORD", "abc")],
        );
        let web = &config["containers"]["web"];
        assert_eq!(web["files"][0]["content"], "(sensitive)");
        assert_eq!(web["env"], json!({"OTHER": "tabcd", "URL": "(sensitive)"}));
        assert_eq!(web["command"], json!(["run", "--pin", "(sensitive)", "-v"]));
        assert_eq!(web["hostname"], "(sensitive)");
        assert_eq!(web["labels"]["who"], "(sensitive)");
    }

    #[test]
    fn secrets_of_images_and_options_are_not_shown() {
        let config = shown(
            "project: shop
images: { key: 'x:${DB_PASSWORD}' }
containers:
  one: { image: 'x:${DB_PASSWORD}' }
  two: { image: key }
volumes:
  share:
    driver_opts: { type: cifs, o: 'username=u,password=cifspw,pass=abc,vers=3' }
",
            &[("DB_PASSWORD", "hunter22")],
        );
        assert_eq!(config["images"]["key"]["reference"], "(sensitive)");
        for container in ["one", "two"] {
            assert_eq!(config["containers"][container]["image"], "(sensitive)");
        }
        assert_eq!(
            config["volumes"]["share"]["driver_opts"],
            json!({"o": "(sensitive)", "type": "cifs"})
        );
    }

    #[test]
    fn a_file_is_shown_as_it_is_understood() {
        let text = "project: shop
images: { web: nginx:1.27 }
containers:
  web:
    image: web
    environment: [COLOR=blue, DB_PASSWORD=hunter22]
    ports: [\"8080:80\"]
    mem_limit: 64m
    stop_grace_period: 90s
    healthcheck: { test: [CMD, true], interval: 1m30s }
";
        let config = shown(text, &[]);
        assert_eq!(
            config["images"]["web"]["reference"],
            "docker.io/library/nginx:1.27"
        );
        assert_eq!(config["images"]["web"]["pull"], "missing");
        let web = &config["containers"]["web"];
        assert_eq!(web["image"], "docker.io/library/nginx:1.27");
        assert_eq!(web["memory"], 67_108_864);
        assert_eq!(web["stop_grace_period"], "1m30s");
        assert_eq!(web["healthcheck"]["interval"], "1m30s");
        assert_eq!(
            web["env"],
            json!({"COLOR": "blue", "DB_PASSWORD": "(sensitive)"})
        );
        assert_eq!(web["ports"][0]["host_port"], 8080);
        assert!(!config.to_string().contains("hunter22"), "{config:#}");
    }
}
