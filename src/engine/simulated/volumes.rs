//! Volumes: they count as data, so whoever removes one is remembered.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{
    World,
    clock::stamp,
    world::{Kind, error, labels},
};
use crate::engine::EngineError;

/// A volume.
#[derive(Debug, Clone, PartialEq)]
pub struct Volume {
    /// Its name; 64 hexadecimal digits if nobody gave it one.
    pub name: String,
    /// Its driver.
    pub driver: String,
    /// Its labels; `None` where an engine shows null.
    pub labels: Option<BTreeMap<String, String>>,
    /// The driver's options.
    pub options: Value,
    /// Whether it was made for a container that named none.
    pub anonymous: bool,
    /// When it was made.
    pub created: String,
}

impl World {
    /// `POST /volumes/create`. One that is there already is no error, and stays as it is.
    pub(super) fn create_volume(&mut self, body: &Value) -> Result<String, EngineError> {
        let text = |field: &str| {
            body.get(field)
                .and_then(Value::as_str)
                .filter(|text| !text.is_empty())
        };
        let name = text("Name").map_or_else(|| self.fresh("volume"), str::to_owned);
        let driver = text("Driver").unwrap_or("local");
        if driver != "local" {
            return Err(error(
                404,
                format!(
                    "create {name}: error looking up volume plugin {driver}: plugin {driver:?} not found"
                ),
            ));
        }
        check_name(&name)?;
        if self.volumes.contains_key(&name) {
            return Ok(name);
        }
        let said = body.get("Labels").filter(|said| said.is_object());
        let options = body.get("DriverOpts").filter(|options| options.is_object());
        self.add_volume(Volume {
            name: name.clone(),
            driver: driver.to_owned(),
            labels: said.map(|said| labels(Some(said))),
            options: options.cloned().unwrap_or(Value::Null),
            anonymous: text("Name").is_none(),
            created: stamp(self.now),
        });
        Ok(name)
    }

    fn add_volume(&mut self, volume: Volume) {
        let (name, labels) = (
            volume.name.clone(),
            volume.labels.clone().unwrap_or_default(),
        );
        self.volumes.insert(name.clone(), volume);
        self.note(Kind::Volume, "create", &name, labels);
        self.emit("volume", "create", &name, "");
    }

    /// The volume that a container names, made if it is not there; without a name, a new one.
    pub(super) fn volume_for_container(
        &mut self,
        name: Option<&str>,
        spec: Option<&Value>,
    ) -> Result<String, EngineError> {
        let anonymous = name.is_none();
        let name = name.map_or_else(|| self.fresh("volume"), str::to_owned);
        check_name(&name)?;
        if !self.volumes.contains_key(&name) {
            let said = spec
                .and_then(|spec| spec.get("Labels"))
                .filter(|said| said.is_object());
            let options = spec
                .and_then(|spec| spec.pointer("/DriverConfig/Options"))
                .filter(|options| options.is_object());
            self.add_volume(Volume {
                name: name.clone(),
                driver: "local".to_owned(),
                labels: said.map(|said| labels(Some(said))),
                options: options.cloned().unwrap_or(Value::Null),
                anonymous,
                created: stamp(self.now),
            });
        }
        Ok(name)
    }

    /// `GET /volumes`.
    #[must_use]
    pub fn list_volumes(&self) -> Vec<Value> {
        self.volumes
            .values()
            .map(|volume| {
                json!({
                    "Name": volume.name, "Driver": volume.driver, "Labels": volume.labels, "Options": volume.options,
                    "Scope": "local", "CreatedAt": volume.created,
                    "Mountpoint": format!("/var/lib/docker/volumes/{}/_data", volume.name),
                })
            })
            .collect()
    }

    pub(super) fn remove_volume(&mut self, name: &str) -> Result<(), EngineError> {
        let Some(volume) = self.volumes.get(name) else {
            return Err(error(404, format!("get {name}: no such volume")));
        };
        let users: Vec<&str> = self
            .containers
            .values()
            .filter(|container| {
                container
                    .mounts
                    .iter()
                    .any(|mount| mount.get("Name").and_then(Value::as_str) == Some(name))
            })
            .map(|container| container.id.as_str())
            .collect();
        if !users.is_empty() {
            return Err(error(
                409,
                format!("remove {name}: volume is in use - [{}]", users.join(", ")),
            ));
        }
        let labels = volume.labels.clone().unwrap_or_default();
        self.volumes.remove(name);
        self.note(Kind::Volume, "remove", name, labels);
        self.emit("volume", "destroy", name, "");
        Ok(())
    }
}

fn check_name(name: &str) -> Result<(), EngineError> {
    if name.len() == 1 {
        return Err(error(
            400,
            format!(
                "create {name}: volume name is too short, names should be at least two alphanumeric characters"
            ),
        ));
    }
    let good = name.starts_with(|first: char| first.is_ascii_alphanumeric())
        && name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "_.-".contains(c));
    if good {
        return Ok(());
    }
    Err(error(
        400,
        format!(
            "create {name}: {name:?} includes invalid characters for a local volume name, only \"[a-zA-Z0-9][a-zA-Z0-9_.-]\" are allowed. If you intended to pass a host directory, use absolute path"
        ),
    ))
}
