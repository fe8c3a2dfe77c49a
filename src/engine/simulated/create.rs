//! Making a container.

use std::{collections::BTreeMap, time::Duration};

use serde_json::{Value, json};

use super::{
    Container, Endpoint, Phase, World,
    clock::short,
    config,
    images::familiar,
    process::Behaviour,
    world::{Kind, error},
};
use crate::engine::EngineError;

impl World {
    /// `POST /containers/create`.
    pub(super) fn create_container(
        &mut self,
        name: &str,
        body: &Value,
    ) -> Result<String, EngineError> {
        check_name(name, name)?;
        let text = body.get("Image").and_then(Value::as_str).unwrap_or("");
        if text.is_empty() {
            return Err(error(
                400,
                "Config cannot be empty in order to create a container",
            ));
        }
        let endpoints = self.wanted_endpoints(body)?;
        let mut host = self.host_config(body)?;
        self.check_mounts(body)?;
        let image_id = self
            .find_image(text)
            .ok_or_else(|| error(404, format!("No such image: {}", familiar(text))))?;
        let image = self
            .images
            .get(&image_id)
            .map_or(&Value::Null, |image| &image.spec.config);
        let mut config = config::merged(body, image, text)?;
        self.check_free(name)?;
        let id = self.fresh("container");
        let mode = host
            .get("NetworkMode")
            .and_then(Value::as_str)
            .unwrap_or("")
            .to_owned();
        if config["Hostname"] == json!("") && !mode.starts_with("container:") {
            let hostname = if mode == "host" {
                self.info["Name"].as_str().unwrap_or("simulated").to_owned()
            } else {
                short(&id).to_owned()
            };
            config["Hostname"] = json!(hostname);
        } else if config["Hostname"] == json!("") {
            config["Hostname"] = json!(short(&id));
        }
        let endpoints = self.endpoints_of(&mode, &endpoints, &mut config);
        self.links(&mut host, name, &mode)?;
        let mounts = self.mounts(body, &config)?;
        let words: Vec<&str> = ["Entrypoint", "Cmd"]
            .iter()
            .filter_map(|field| config.get(*field).and_then(Value::as_array))
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        let command: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        let newest = self
            .containers
            .values()
            .map(|container| container.created_number)
            .max();
        let number = newest.map_or(0, |newest| newest + 1);
        let created = self.moment();
        self.containers.insert(
            id.clone(),
            Container {
                id: id.clone(),
                name: name.to_owned(),
                image_id,
                config,
                host,
                endpoints,
                mounts,
                command,
                phase: Phase::Created,
                exit_code: 0,
                error: String::new(),
                started: None,
                started_at: None,
                finished: None,
                restart_count: 0,
                health: None,
                behaviour: Behaviour::default(),
                ends_at: None,
                restarts_at: None,
                paused_at: None,
                delay: Duration::ZERO,
                starts: 0,
                ports: Vec::new(),
                logs: Vec::new(),
                files: BTreeMap::new(),
                created,
                created_number: number,
            },
        );
        self.note_container(&id, "create");
        self.emit("container", "create", &id, name);
        Ok(id)
    }

    /// The networks that a request names, before the engine has looked for any of them.
    fn wanted_endpoints(&self, body: &Value) -> Result<BTreeMap<String, Value>, EngineError> {
        let said = body
            .pointer("/NetworkingConfig/EndpointsConfig")
            .and_then(Value::as_object);
        let said: BTreeMap<String, Value> = said
            .into_iter()
            .flatten()
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect();
        if said.len() > 1 && !self.profile.at_least(44) {
            let names: Vec<&str> = said.keys().map(String::as_str).collect();
            return Err(error(
                400,
                format!(
                    "Container cannot be connected to network endpoints: {}",
                    names.join(", ")
                ),
            ));
        }
        Ok(said)
    }

    fn endpoints_of(
        &self,
        mode: &str,
        wanted: &BTreeMap<String, Value>,
        config: &mut Value,
    ) -> BTreeMap<String, Endpoint> {
        if mode.starts_with("container:") {
            return BTreeMap::new();
        }
        let main = if mode == "default" { "bridge" } else { mode };
        let several = self.profile.at_least(44);
        let mut endpoints: BTreeMap<String, Endpoint> = wanted
            .iter()
            .map(|(name, said)| (name.clone(), Endpoint::new(said)))
            .collect();
        let by_other_name = endpoints.keys().any(|name| {
            self.find_network(name)
                .is_some_and(|network| network.name == main || network.id == main)
        });
        if endpoints.is_empty() || (several && !by_other_name) {
            endpoints
                .entry(main.to_owned())
                .or_insert_with(|| Endpoint::new(&Value::Null));
        }
        if several {
            // The address of the card belongs to the endpoint; what stands at the old place is moved there.
            let address = config.get("MacAddress").cloned();
            if let (Some(address), Some(endpoint)) = (address, endpoints.get_mut(main)) {
                endpoint.said["MacAddress"] = address;
            }
            if let Some(config) = config.as_object_mut() {
                config.remove("MacAddress");
            }
        }
        endpoints
    }

    /// Links are shown with both names in full, and only on the default bridge.
    fn links(&self, host: &mut Value, name: &str, mode: &str) -> Result<(), EngineError> {
        let Some(Value::Array(links)) = host.get("Links").filter(|links| !links.is_null()) else {
            return Ok(());
        };
        if !matches!(mode, "default" | "bridge") {
            host["Links"] = Value::Null;
            return Ok(());
        }
        let mut shown = Vec::new();
        for link in links.iter().filter_map(Value::as_str) {
            let (other, alias) = link.split_once(':').unwrap_or((link, link));
            let id = self.find(other).ok_or_else(|| {
                error(
                    400,
                    format!("could not get container for {other}: No such container: {other}"),
                )
            })?;
            let other = self
                .containers
                .get(&id)
                .map_or(other, |container| container.name.as_str());
            shown.push(format!(
                "/{other}:/{name}/{}",
                alias.trim_start_matches('/')
            ));
        }
        host["Links"] = if shown.is_empty() {
            Value::Null
        } else {
            json!(shown)
        };
        Ok(())
    }

    /// Whether a name is free; the error names who has it.
    pub(super) fn check_free(&self, name: &str) -> Result<(), EngineError> {
        match self
            .containers
            .values()
            .find(|container| container.name == name)
        {
            None => Ok(()),
            Some(other) => Err(error(
                409,
                format!(
                    "Conflict. The container name \"/{name}\" is already in use by container \"{}\". You have to remove (or rename) that container to be able to reuse that name.",
                    other.id
                ),
            )),
        }
    }

    /// Takes a container out of the world.
    pub(super) fn forget(&mut self, id: &str) -> Option<Container> {
        self.note_container(id, "remove");
        self.containers.remove(id)
    }

    /// Notes that something was done to a network.
    pub(super) fn note_network(&mut self, id: &str, what: &'static str) {
        if let Some(network) = self.networks.get(id) {
            let (name, labels) = (network.name.clone(), network.labels.clone());
            self.note(Kind::Network, what, &name, labels);
        }
    }
}

/// The engine's rule for names; `shown` is the name as its error has it.
pub fn check_name(name: &str, shown: &str) -> Result<(), EngineError> {
    let good = name.len() > 1
        && name.starts_with(|first: char| first.is_ascii_alphanumeric())
        && name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "_.-".contains(c));
    if good {
        return Ok(());
    }
    Err(error(
        400,
        format!("Invalid container name ({shown}), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed"),
    ))
}
