//! Networks.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{
    World,
    clock::stamp,
    world::{error, labels},
};
use crate::engine::EngineError;

/// A network.
#[derive(Debug, Clone, PartialEq)]
#[expect(clippy::struct_excessive_bools, reason = "the engine's API has them")]
pub struct Network {
    /// 64 hexadecimal digits.
    pub id: String,
    /// Its name.
    pub name: String,
    /// `bridge`, `host`, `null`, `macvlan`, …
    pub driver: String,
    /// Its labels.
    pub labels: BTreeMap<String, String>,
    /// The driver's options.
    pub options: Value,
    /// `IPAM` as it is shown.
    pub ipam: Value,
    /// Whether somebody chose its addresses.
    pub chosen: bool,
    /// Without a way out.
    pub internal: bool,
    /// Whether containers can be attached by hand to a network of a swarm.
    pub attachable: bool,
    /// With IPv6.
    pub ipv6: bool,
    /// When it was made.
    pub created: String,
}

/// The networks that an engine has from its start, with their drivers.
const PREDEFINED: &[(&str, &str)] = &[("bridge", "bridge"), ("host", "host"), ("none", "null")];

/// The drivers that an engine has.
const DRIVERS: &[&str] = &["bridge", "macvlan", "ipvlan", "overlay"];

impl Network {
    /// Whether an engine has it from its start.
    #[must_use]
    pub fn is_predefined(&self) -> bool {
        is_predefined(&self.name)
    }

    /// Its first range of IPv4 addresses, and the length of its prefix.
    pub(super) fn subnet(&self) -> Option<(u32, u8)> {
        self.configs()
            .find_map(|config| parse(config.get("Subnet")?.as_str()?))
    }

    fn configs(&self) -> impl Iterator<Item = &Value> {
        self.ipam
            .get("Config")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
    }

    /// Its gateway: the given one, or the first address.
    pub(super) fn gateway(&self) -> String {
        let given = self
            .configs()
            .find_map(|config| config.get("Gateway")?.as_str());
        let first = || {
            self.subnet()
                .map(|(base, _)| std::net::Ipv4Addr::from(base + 1).to_string())
        };
        given.map(str::to_owned).or_else(first).unwrap_or_default()
    }
}

/// `10.0.0.0/8`
pub fn parse(subnet: &str) -> Option<(u32, u8)> {
    let (address, prefix) = subnet.split_once('/')?;
    let (address, prefix) = (
        address.parse::<std::net::Ipv4Addr>().ok()?,
        prefix.parse::<u8>().ok()?,
    );
    (prefix <= 32).then(|| (u32::from(address) & mask(prefix), prefix))
}

/// Whether an engine has a network of this name from its start.
pub fn is_predefined(name: &str) -> bool {
    PREDEFINED.iter().any(|(predefined, _)| *predefined == name)
}

/// The mask of a prefix.
pub fn mask(prefix: u8) -> u32 {
    u32::MAX.checked_shl(32 - u32::from(prefix)).unwrap_or(0)
}

impl World {
    pub(super) fn make_predefined_networks(&mut self) {
        for (name, driver) in PREDEFINED {
            let bridge = *driver == "bridge";
            let id = self.fresh("network");
            let options = json!({
                "com.docker.network.bridge.default_bridge": "true", "com.docker.network.bridge.enable_icc": "true",
                "com.docker.network.bridge.enable_ip_masquerade": "true", "com.docker.network.bridge.name": "docker0",
                "com.docker.network.bridge.host_binding_ipv4": "0.0.0.0", "com.docker.network.driver.mtu": "1500",
            });
            self.networks.insert(
                id.clone(),
                Network {
                    id,
                    name: (*name).to_owned(),
                    driver: (*driver).to_owned(),
                    labels: BTreeMap::new(),
                    options: if bridge { options } else { json!({}) },
                    ipam: json!({ "Driver": "default", "Options": null, "Config": if bridge { json!([{ "Subnet": "172.17.0.0/16" }]) } else { json!([]) } }),
                    chosen: false,
                    internal: false,
                    attachable: false,
                    ipv6: false,
                    created: stamp(self.now),
                },
            );
        }
    }

    /// A network by id, name, or the beginning of an id. Of two of one name, the older.
    #[must_use]
    pub fn find_network(&self, text: &str) -> Option<&Network> {
        let named = || {
            let mut found: Vec<&Network> = self
                .networks
                .values()
                .filter(|network| network.name == text)
                .collect();
            found.sort_by(|one, other| one.created.cmp(&other.created));
            found.into_iter().next()
        };
        let begun = || {
            self.networks
                .values()
                .find(|network| text.len() >= 4 && network.id.starts_with(text))
        };
        self.networks.get(text).or_else(named).or_else(begun)
    }

    pub(super) fn known_network(&self, text: &str) -> Result<String, EngineError> {
        let named = self
            .networks
            .values()
            .filter(|one| one.name == text)
            .count();
        if named > 1 && !self.networks.contains_key(text) {
            let text = format!("network {text} is ambiguous ({named} matches found on name)");
            return Err(error(400, text));
        }
        let found = self.find_network(text).map(|network| network.id.clone());
        found.ok_or_else(|| error(404, format!("network {text} not found")))
    }

    /// `GET /networks/{id}`.
    pub(super) fn inspect_network(&self, text: &str) -> Result<Option<Value>, EngineError> {
        match self.known_network(text) {
            Ok(id) => Ok(self
                .networks
                .get(&id)
                .map(|network| self.show_network(network, true))),
            Err(EngineError::Missing(_)) => Ok(None),
            Err(_) => {
                let named = self
                    .networks
                    .values()
                    .filter(|one| one.name == text)
                    .count();
                let text =
                    format!("{named} matches found based on name: network {text} is ambiguous");
                Err(error(400, text))
            }
        }
    }

    /// `POST /networks/create`.
    pub(super) fn create_network(&mut self, body: &Value) -> Result<String, EngineError> {
        let name = body.get("Name").and_then(Value::as_str).unwrap_or("");
        let flag = |field: &str| body.get(field).and_then(Value::as_bool).unwrap_or(false);
        if is_predefined(name) {
            return Err(error(
                403,
                format!("operation is not permitted on predefined {name} network "),
            ));
        }
        if name.trim().is_empty() {
            return Err(error(500, format!("invalid name: {name}")));
        }
        let unique = flag("CheckDuplicate") || self.profile.at_least(44);
        if unique && self.networks.values().any(|network| network.name == name) {
            return Err(error(
                409,
                format!("network with name {name} already exists"),
            ));
        }
        let driver = body
            .get("Driver")
            .and_then(Value::as_str)
            .filter(|driver| !driver.is_empty())
            .unwrap_or("bridge");
        if !DRIVERS.contains(&driver) {
            return Err(error(404, format!("plugin {driver:?} not found")));
        }
        let (ipam, chosen) = self.ipam(body.get("IPAM"))?;
        let id = self.fresh("network");
        self.networks.insert(
            id.clone(),
            Network {
                id: id.clone(),
                name: name.to_owned(),
                driver: driver.to_owned(),
                labels: labels(body.get("Labels")),
                options: body
                    .get("Options")
                    .filter(|options| options.is_object())
                    .cloned()
                    .unwrap_or_else(|| json!({})),
                ipam,
                chosen,
                internal: flag("Internal"),
                attachable: flag("Attachable"),
                ipv6: flag("EnableIPv6"),
                created: stamp(self.now),
            },
        );
        self.note_network(&id, "create");
        self.emit("network", "create", &id, name);
        Ok(id)
    }

    fn ipam(&self, said: Option<&Value>) -> Result<(Value, bool), EngineError> {
        let driver = said
            .and_then(|said| said.get("Driver"))
            .and_then(Value::as_str)
            .filter(|driver| !driver.is_empty());
        let options = said
            .and_then(|said| said.get("Options"))
            .cloned()
            .unwrap_or(Value::Null);
        let given = said
            .and_then(|said| said.get("Config"))
            .and_then(Value::as_array)
            .filter(|configs| !configs.is_empty());
        let mut configs = Vec::new();
        for config in given.into_iter().flatten() {
            let mut shown = config.clone();
            if let Some(map) = shown.as_object_mut() {
                map.retain(|_, value| !value.is_null() && value.as_str() != Some(""));
            }
            let subnet = config.get("Subnet").and_then(Value::as_str).unwrap_or("");
            if let Some(range) = parse(subnet)
                && self.overlaps(range)
            {
                return Err(error(
                    403,
                    "Pool overlaps with other one on this address space",
                ));
            }
            configs.push(shown);
        }
        let chosen = configs.iter().any(|config| config.get("Subnet").is_some());
        if !configs.iter().any(|config| {
            config
                .get("Subnet")
                .and_then(Value::as_str)
                .is_some_and(|subnet| parse(subnet).is_some())
        }) {
            let base = self.free_range()?;
            let (subnet, gateway) = (
                std::net::Ipv4Addr::from(base),
                std::net::Ipv4Addr::from(base + 1),
            );
            configs.insert(
                0,
                json!({ "Subnet": format!("{subnet}/16"), "Gateway": gateway.to_string() }),
            );
        }
        Ok((
            json!({ "Driver": driver.unwrap_or("default"), "Options": options, "Config": configs }),
            chosen,
        ))
    }

    fn overlaps(&self, (base, prefix): (u32, u8)) -> bool {
        self.networks
            .values()
            .filter_map(Network::subnet)
            .any(|(other, length)| {
                let common = mask(prefix.min(length));
                base & common == other & common
            })
    }

    /// The engine's own ranges: 172.17.0.0/16 to 172.31.0.0/16; the /20 ones of 192.168 count as /16 here, since nobody
    /// makes so many networks.
    fn free_range(&self) -> Result<u32, EngineError> {
        let bases = (17..32)
            .map(|second| (172_u32 << 24) | (second << 16))
            .chain((0..=255).map(|second| (10_u32 << 24) | (second << 16)));
        bases
            .into_iter()
            .find(|base| !self.overlaps((*base, 16)))
            .ok_or_else(|| error(500, "could not find an available, non-overlapping IPv4 address pool among the defaults to assign to the network"))
    }

    /// A network as it is shown; its members only by an inspect, and only those that run.
    #[must_use]
    pub fn show_network(&self, network: &Network, with_members: bool) -> Value {
        let mut members = serde_json::Map::new();
        for container in self.containers.values().filter(|_| with_members) {
            for joined in container
                .endpoints
                .values()
                .filter(|endpoint| endpoint.network_id == network.id)
                .filter_map(|endpoint| endpoint.live.as_ref())
            {
                let address = if joined.address.is_empty() {
                    String::new()
                } else {
                    format!("{}/{}", joined.address, joined.prefix)
                };
                members.insert(
                    container.id.clone(),
                    json!({ "Name": container.name, "EndpointID": joined.id, "MacAddress": joined.mac, "IPv4Address": address, "IPv6Address": "" }),
                );
            }
        }
        let shown = json!({
            "Name": network.name, "Id": network.id, "Created": network.created, "Scope": "local", "Driver": network.driver,
            "EnableIPv6": network.ipv6, "IPAM": network.ipam, "Internal": network.internal, "Attachable": network.attachable,
            "Ingress": false, "ConfigFrom": { "Network": "" }, "ConfigOnly": false, "Containers": members,
            "Options": network.options, "Labels": network.labels,
        });
        self.shown(&network.name, shown)
    }

    /// `DELETE /networks/{id}`.
    pub(super) fn remove_network(&mut self, text: &str) -> Result<(), EngineError> {
        // The same thing in other words, as this call has them.
        let id = self.known_network(text).map_err(|failure| match failure {
            EngineError::Refused { status, text } => {
                error(status, text.replace("found on name", "found based on name"))
            }
            failure => failure,
        })?;
        let network = &self.networks[&id];
        if network.is_predefined() {
            return Err(error(
                403,
                format!(
                    "{} is a pre-defined network and cannot be removed",
                    network.name
                ),
            ));
        }
        let used = self
            .containers
            .values()
            .flat_map(|container| container.endpoints.values())
            .any(|endpoint| endpoint.network_id == id && endpoint.live.is_some());
        if used {
            return Err(error(
                403,
                format!(
                    "error while removing network: network {} id {id} has active endpoints",
                    network.name
                ),
            ));
        }
        let name = network.name.clone();
        self.note_network(&id, "remove");
        self.networks.remove(&id);
        self.emit("network", "destroy", &id, &name);
        Ok(())
    }
}
