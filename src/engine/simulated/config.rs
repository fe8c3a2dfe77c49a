//! A container's `Config`: what the request says, merged with the image's, as the engine does it.

use serde_json::{Map, Value, json};

use super::world::error;
use crate::engine::EngineError;

/// The fields of a request that belong to `Config` and are taken over as they are.
const TEXTS: &[&str] = &["Hostname", "Domainname", "User", "WorkingDir"];
const FLAGS: &[&str] = &[
    "AttachStdin",
    "AttachStdout",
    "AttachStderr",
    "Tty",
    "OpenStdin",
    "StdinOnce",
];
/// Fields that an inspect leaves out while they are empty.
const OPTIONAL: &[&str] = &[
    "MacAddress",
    "StopSignal",
    "StopTimeout",
    "Shell",
    "NetworkDisabled",
];

/// Whether a list is absent, null or empty.
fn none(value: Option<&Value>) -> bool {
    value.is_none_or(|value| value.is_null() || value.as_array().is_some_and(Vec::is_empty))
}

/// The `Config` of a new container.
pub fn merged(body: &Value, image: &Value, image_text: &str) -> Result<Value, EngineError> {
    let mut config = Map::new();
    for field in TEXTS {
        let said = body
            .get(*field)
            .filter(|said| said.as_str().is_some_and(|text| !text.is_empty()));
        let inherited = if matches!(*field, "User" | "WorkingDir") {
            image.get(*field)
        } else {
            None
        };
        config.insert(
            (*field).to_owned(),
            said.or(inherited).cloned().unwrap_or_else(|| json!("")),
        );
    }
    for field in FLAGS {
        config.insert(
            (*field).to_owned(),
            json!(body.get(*field).and_then(Value::as_bool).unwrap_or(false)),
        );
    }
    for field in OPTIONAL {
        let said = body
            .get(*field)
            .filter(|said| !said.is_null() && said.as_str() != Some(""));
        let inherited = if *field == "StopSignal" || *field == "Shell" {
            image.get(*field)
        } else {
            None
        };
        if let Some(value) = said
            .or(inherited)
            .filter(|value| !value.is_null() && value.as_str() != Some(""))
        {
            config.insert((*field).to_owned(), value.clone());
        }
    }
    config.insert("Image".into(), json!(image_text));
    config.insert("OnBuild".into(), Value::Null);
    config.insert("Env".into(), env(body.get("Env"), image.get("Env")));
    command(&mut config, body, image)?;
    let labels = union(image.get("Labels"), body.get("Labels"));
    config.insert("Labels".into(), Value::Object(labels));
    let ports = union(image.get("ExposedPorts"), body.get("ExposedPorts"));
    if !ports.is_empty() {
        config.insert("ExposedPorts".into(), Value::Object(ports));
    }
    let volumes = union(image.get("Volumes"), body.get("Volumes"));
    config.insert(
        "Volumes".into(),
        if volumes.is_empty() {
            Value::Null
        } else {
            Value::Object(volumes)
        },
    );
    if let Some(check) = healthcheck(body.get("Healthcheck"), image.get("Healthcheck")) {
        config.insert("Healthcheck".into(), check);
    }
    working_dir(&mut config)?;
    Ok(Value::Object(config))
}

/// The entries of the request, then the image's that were not overridden.
fn env(said: Option<&Value>, image: Option<&Value>) -> Value {
    let entries = |list: Option<&Value>| -> Vec<String> {
        let list = list.and_then(Value::as_array);
        list.into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .map(str::to_owned)
            .collect()
    };
    let mut all = entries(said);
    let name = |entry: &str| entry.split('=').next().unwrap_or(entry).to_owned();
    let names: Vec<String> = all.iter().map(|entry| name(entry)).collect();
    all.extend(
        entries(image)
            .into_iter()
            .filter(|entry| !names.contains(&name(entry))),
    );
    if all.is_empty() {
        said.filter(|said| said.is_array())
            .cloned()
            .unwrap_or(Value::Null)
    } else {
        json!(all)
    }
}

/// Giving an entrypoint drops the image's command; an empty one in a list means none.
fn command(
    config: &mut Map<String, Value>,
    body: &Value,
    image: &Value,
) -> Result<(), EngineError> {
    let listed = |value: Option<&Value>| match value {
        Some(Value::String(text)) => json!([text]),
        Some(value) => value.clone(),
        None => Value::Null,
    };
    let mut entrypoint = listed(body.get("Entrypoint"));
    let mut command = listed(body.get("Cmd"));
    if none(Some(&entrypoint)) {
        if none(Some(&command)) {
            let inherited = listed(image.get("Cmd"));
            command = if inherited.is_null() {
                command
            } else {
                inherited
            };
        }
        if entrypoint.is_null() {
            entrypoint = listed(image.get("Entrypoint"));
        }
    }
    if entrypoint == json!([""]) {
        entrypoint = Value::Null;
    }
    if none(Some(&entrypoint)) && none(Some(&command)) {
        return Err(error(400, "No command specified"));
    }
    config.insert("Entrypoint".into(), entrypoint);
    config.insert("Cmd".into(), command);
    Ok(())
}

fn union(first: Option<&Value>, second: Option<&Value>) -> Map<String, Value> {
    let mut all = first
        .and_then(Value::as_object)
        .cloned()
        .unwrap_or_default();
    all.extend(
        second
            .and_then(Value::as_object)
            .cloned()
            .unwrap_or_default(),
    );
    all
}

/// Each part that is zero or empty is the image's.
fn healthcheck(said: Option<&Value>, image: Option<&Value>) -> Option<Value> {
    let said = said.and_then(Value::as_object);
    let image = image.and_then(Value::as_object);
    let mut check = Map::new();
    for field in [
        "Test",
        "Interval",
        "Timeout",
        "StartPeriod",
        "StartInterval",
        "Retries",
    ] {
        let full = |map: Option<&Map<String, Value>>| {
            let value = map?.get(field)?;
            let empty = value.is_null()
                || value.as_i64() == Some(0)
                || value.as_array().is_some_and(Vec::is_empty);
            (!empty).then(|| value.clone())
        };
        if let Some(value) = full(said).or_else(|| full(image)) {
            check.insert(field.into(), value);
        }
    }
    (said.is_some() || image.is_some()).then_some(Value::Object(check))
}

fn working_dir(config: &mut Map<String, Value>) -> Result<(), EngineError> {
    let Some(folder) = config
        .get("WorkingDir")
        .and_then(Value::as_str)
        .filter(|folder| !folder.is_empty())
    else {
        return Ok(());
    };
    if !folder.starts_with('/') {
        return Err(error(
            400,
            format!("the working directory '{folder}' is invalid, it needs to be an absolute path"),
        ));
    }
    let clean = clean(folder);
    config.insert("WorkingDir".into(), json!(clean));
    Ok(())
}

/// A path without doubled slashes, `.` and `..`.
pub fn clean(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    format!("/{}", parts.join("/"))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::merged;

    #[test]
    fn an_image_is_inherited_as_the_engine_does_it() {
        let image = json!({"Env": ["A=1", "B=2"], "Cmd": ["sleep", "1"], "Labels": {"x": "y"}, "WorkingDir": "/tmp/",
            "Healthcheck": {"Test": ["CMD-SHELL", "true"], "Interval": 2}, "ExposedPorts": {"80/tcp": {}}, "Volumes": {"/data": {}}});
        let made = merged(
            &json!({"Env": ["A=9", "C=3"], "Labels": {"q": "r"}, "Healthcheck": {"Retries": 4}, "ExposedPorts": {"90/tcp": {}}}),
            &image,
            "app:1",
        )
        .expect("sound");
        assert_eq!(made["Env"], json!(["A=9", "C=3", "B=2"]));
        assert_eq!(made["Labels"], json!({"q": "r", "x": "y"}));
        assert_eq!(
            made["Healthcheck"],
            json!({"Test": ["CMD-SHELL", "true"], "Interval": 2, "Retries": 4})
        );
        assert_eq!(made["WorkingDir"], "/tmp");
        assert_eq!(made["Cmd"], json!(["sleep", "1"]));
        assert_eq!(made["ExposedPorts"], json!({"80/tcp": {}, "90/tcp": {}}));
        assert!(made.get("StopTimeout").is_none());
    }

    #[test]
    fn an_entrypoint_drops_the_images_command() {
        let image = json!({"Cmd": ["a"], "Entrypoint": ["b"]});
        let of = |body: Value| {
            merged(&body, &image, "i").map(|made| (made["Entrypoint"].clone(), made["Cmd"].clone()))
        };
        assert_eq!(of(json!({})), Ok((json!(["b"]), json!(["a"]))));
        assert_eq!(of(json!({"Cmd": ["c"]})), Ok((json!(["b"]), json!(["c"]))));
        assert_eq!(
            of(json!({"Entrypoint": ["e"]})),
            Ok((json!(["e"]), Value::Null))
        );
        assert_eq!(of(json!({"Entrypoint": []})), Ok((json!([]), json!(["a"]))));
        assert_eq!(
            of(json!({"Entrypoint": [""], "Cmd": ["c"]})),
            Ok((Value::Null, json!(["c"])))
        );
        assert!(of(json!({"Entrypoint": [""]})).is_err());
    }
}
