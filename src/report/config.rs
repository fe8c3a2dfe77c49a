//! The file as it is understood: short forms expanded, references in full, sizes in bytes, durations as texts such as
//! `10s`. What must not be shown is not shown.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::{
    desired::{self, Desired},
    model::{Form, PullPolicy, SECRET_TEXT, Secrets, Table, attributes},
    spec::{Document, Item},
    value::{Duration, Reference},
};

/// A checked file as JSON. Every section is there, and in each the keys of the file.
#[must_use]
pub fn config(document: &Document, desired: &Desired) -> Value {
    let mut config = Map::new();
    config.insert("project".into(), json!(document.project));
    config.insert("images".into(), images(document, desired));
    let containers = document
        .containers
        .iter()
        .map(|(key, item)| (key.clone(), container(document, desired, key, item)));
    config.insert("containers".into(), Value::Object(containers.collect()));
    let networks = desired.networks.iter().map(|(key, network)| {
        let item = document.networks.get(key);
        (
            key.clone(),
            object(item, attributes::NETWORK, &network.name),
        )
    });
    config.insert("networks".into(), Value::Object(networks.collect()));
    let volumes = desired.volumes.iter().map(|(key, volume)| {
        let item = document.volumes.get(key);
        (key.clone(), object(item, attributes::VOLUME, &volume.name))
    });
    config.insert("volumes".into(), Value::Object(volumes.collect()));
    Value::Object(config)
}

fn images(document: &Document, desired: &Desired) -> Value {
    let of_key = |(key, item): (&String, &Item)| {
        let reference = item
            .settings
            .text("reference")
            .map_or_else(|| format!("{}-{key}", document.project), str::to_owned);
        let pull = desired
            .images
            .get(&familiar(&reference))
            .map_or(PullPolicy::default(), |image| image.pull);
        let mut image = settings(item, attributes::IMAGE);
        image.insert("reference".into(), json!(full(&reference)));
        image.insert("pull".into(), json!(pull.word()));
        (key.clone(), Value::Object(image))
    };
    Value::Object(document.images.iter().map(of_key).collect())
}

fn container(document: &Document, desired: &Desired, key: &str, item: &Item) -> Value {
    let first = |key: &str| -> Option<&desired::Container> {
        let containers: &BTreeMap<String, desired::Container> = &desired.containers;
        containers
            .get(key)
            .or_else(|| containers.get(&format!("{key}-1")))
    };
    let mut container = settings(item, attributes::CONTAINER);
    let image = match (first(key), item.settings.text("image")) {
        (Some(container), _) => container.image.clone(),
        // No replica of it is wanted.
        (None, Some(image)) => document
            .images
            .get(image)
            .and_then(|item| item.settings.text("reference"))
            .unwrap_or(image)
            .to_owned(),
        (None, None) => String::new(),
    };
    if !image.is_empty() {
        container.insert("image".into(), json!(full(&image)));
    }
    Value::Object(container)
}

/// A network or a volume. One that the file does not name is there all the same: the network `default`.
fn object(item: Option<&Item>, table: Table, name: &str) -> Value {
    let mut object = item.map_or_else(Map::new, |item| settings(item, table));
    object.insert("name".into(), json!(name));
    Value::Object(object)
}

fn settings(item: &Item, table: Table) -> Map<String, Value> {
    item.settings
        .iter()
        .map(|(name, value)| {
            let form = attributes::find(table, name).map(|attribute| &attribute.form);
            let value = form.map_or_else(|| value.clone(), |form| readable(form, value));
            (name.to_owned(), hidden(&item.secrets, name, value))
        })
        .collect()
}

/// A value with its time spans as texts: in the normal form they are nanoseconds.
fn readable(form: &Form, value: &Value) -> Value {
    let field = |fields: &'static [crate::model::Field], value: &Value| -> Value {
        let Value::Object(map) = value else {
            return value.clone();
        };
        map.iter()
            .map(|(name, value)| {
                let field = fields.iter().find(|field| field.name == name);
                let value =
                    field.map_or_else(|| value.clone(), |field| readable(&field.form, value));
                (name.clone(), value)
            })
            .collect()
    };
    match (form, value) {
        (Form::Parsed { expected, .. }, Value::Number(number)) if is_time(expected) => number
            .as_i64()
            .and_then(Duration::from_nanoseconds)
            .map_or_else(|| value.clone(), |time| json!(time.to_string())),
        (Form::List(inner) | Form::Set(inner), Value::Array(items)) => {
            items.iter().map(|item| readable(inner, item)).collect()
        }
        (Form::Items(of), Value::Array(items)) => {
            items.iter().map(|item| field(of.fields, item)).collect()
        }
        (Form::Record(record), _) => field(record.fields, value),
        (Form::Keyed(keyed), Value::Object(map)) => map
            .iter()
            .map(|(name, value)| (name.clone(), field(keyed.record.fields, value)))
            .collect(),
        (Form::Refined { form, .. }, _) => readable(form, value),
        (Form::Either(forms), _) => forms
            .iter()
            .map(|form| readable(form, value))
            .find(|readable| readable != value)
            .unwrap_or_else(|| value.clone()),
        _ => value.clone(),
    }
}

/// Whether a grammar is that of a time span, by the words that messages use for it.
fn is_time(expected: &str) -> bool {
    expected.starts_with("a time span")
}

/// A value without what must not be shown: by its name, or because a secret stands in it.
fn hidden(secrets: &Secrets, name: &str, value: Value) -> Value {
    match value {
        Value::Object(map) => map
            .into_iter()
            .map(|(name, value)| {
                let value = hidden(secrets, &name, value);
                (name, value)
            })
            .collect(),
        Value::Array(items) => items
            .into_iter()
            .map(|item| hidden(secrets, "", item))
            .collect(),
        Value::String(text)
            if !text.is_empty() && (secrets.hides_name(name) || secrets.hides_text(&text)) =>
        {
            json!(SECRET_TEXT)
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value,
    }
}

/// A reference in full: `docker.io/library/nginx:1.27`.
fn full(text: &str) -> String {
    text.parse::<Reference>()
        .map_or_else(|_| text.to_owned(), |reference| reference.to_string())
}

/// A reference as the engine shows it: `nginx:1.27`.
fn familiar(text: &str) -> String {
    text.parse::<Reference>()
        .map_or_else(|_| text.to_owned(), |reference| reference.familiar())
}

#[cfg(test)]
mod tests {
    use std::{
        collections::BTreeMap,
        io,
        path::{Path, PathBuf},
    };

    use serde_json::{Value, json};

    use super::config;
    use crate::{
        desired::resolve,
        spec::{Inputs, parse},
    };

    fn of(files: &[(&str, &str)]) -> Value {
        let texts: BTreeMap<PathBuf, String> = files
            .iter()
            .map(|(name, text)| (PathBuf::from(name), (*text).to_owned()))
            .collect();
        let read = |path: &Path| -> io::Result<Vec<u8>> {
            texts
                .get(path)
                .map(|text| text.clone().into_bytes())
                .ok_or_else(|| io::ErrorKind::NotFound.into())
        };
        let variables = BTreeMap::from([("HOME".to_owned(), "/home/me".to_owned())]);
        let document = parse(&Inputs {
            files: &[PathBuf::from(files[0].0)],
            env_files: &[],
            variables: &variables,
            base: Path::new("/srv/shop"),
            profiles: &[],
            read: &read,
        });
        match document {
            Ok(document) => config(&document, &resolve(&document)),
            Err(failure) => panic!("{:?}", failure.problems),
        }
    }

    #[test]
    fn what_scripts_rely_on() {
        let config = of(&[(
            "evenkeel.yaml",
            "project: shop
images: { web: \"nginx:1.27\" }
containers:
  web:
    image: web
    env: { COLOR: blue, DB_PASSWORD: hunter2, URL: \"pg://u:hunter2@db\" }
    command: echo hello
    ports: [\"8080:80\", \"81\"]
    memory: 64m
    stop_grace_period: 10s
    healthcheck: { test: \"true\", interval: 1m30s }
    volumes: [\"./html:/html\", \"~/x:/x\"]
",
        )]);
        assert_eq!(
            config["images"],
            json!({ "web": { "reference": "docker.io/library/nginx:1.27", "pull": "missing" } })
        );
        let web = &config["containers"]["web"];
        assert_eq!(web["image"], "docker.io/library/nginx:1.27");
        assert_eq!(
            web["env"],
            json!({ "COLOR": "blue", "DB_PASSWORD": "(sensitive)", "URL": "(sensitive)" })
        );
        assert_eq!(web["command"], json!(["echo", "hello"]));
        assert_eq!(
            web["ports"],
            json!([
                { "host_ip": "", "host_port": 8080, "container_port": 80, "protocol": "tcp" },
                { "host_ip": "", "host_port": null, "container_port": 81, "protocol": "tcp" },
            ])
        );
        assert_eq!(web["memory"], 67_108_864);
        assert_eq!(web["stop_grace_period"], "10s");
        assert_eq!(web["healthcheck"]["interval"], "1m30s");
        assert_eq!(web["volumes"][0]["source"], "/srv/shop/html");
        assert_eq!(web["volumes"][1]["source"], "/home/me/x");
        assert_eq!(
            config["networks"],
            json!({ "default": { "name": "shop_default" } })
        );
    }

    #[test]
    fn a_compose_file_works_as_it_stands() {
        let config = of(&[
            (
                "compose.yaml",
                "services:
  db:
    image: postgres:16
    env_file: db.env
    environment: [COLOR=red]
    secrets: [token]
    configs: [{ source: app, target: /etc/app.conf, mode: 0440 }]
    deploy:
      resources: { limits: { memory: 64m, cpus: '0.5' } }
      restart_policy: { condition: on-failure, max_attempts: 3 }
  job:
    image: busybox:1.36
    scale: 1
  web:
    image: nginx:1.27
    scale: 2
    depends_on: { job: { condition: service_completed_successfully } }
secrets: { token: { file: ./token.txt } }
configs: { app: { content: \"a: b\" } }
",
            ),
            ("db.env", "COLOR=blue\nSIZE=large\nexport EMPTY=\n"),
            ("token.txt", "very-secret\n"),
        ]);
        assert_eq!(config["project"], "shop");
        let containers = &config["containers"];
        assert_eq!(containers["db"]["container_name"], "shop-db-1");
        assert_eq!(containers["job"]["container_name"], "shop-job-1");
        assert_eq!(containers["job"]["state"], "completed");
        assert_eq!(containers["web"]["container_name"], "shop-web");
        let db = &containers["db"];
        assert_eq!(
            db["env"],
            json!({ "COLOR": "red", "SIZE": "large", "EMPTY": "" })
        );
        assert_eq!(
            (&db["memory"], &db["restart"]),
            (&json!(67_108_864), &json!("on-failure:3"))
        );
        assert_eq!(
            db["files"],
            json!([
                { "target": "/etc/app.conf", "content": "a: b", "uid": 0, "gid": 0, "mode": 0o440 },
                { "target": "/run/secrets/token", "content": "(sensitive)", "uid": 0, "gid": 0, "mode": 0o444 },
            ])
        );
    }
}
