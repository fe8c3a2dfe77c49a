//! The host's ports: who holds which.

use std::{collections::BTreeMap, net::IpAddr};

use serde_json::{Map, Value, json};

use super::{Container, World, world::error};
use crate::engine::{EngineError, PublishedPort};

/// A host port that a container holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    /// The container's port with its protocol: `80/tcp`.
    pub inner: String,
    /// The host's address; empty for all.
    pub address: String,
    /// The host's port.
    pub port: u16,
}

impl Taken {
    fn protocol(&self) -> &str {
        self.inner
            .split_once('/')
            .map_or("tcp", |(_, protocol)| protocol)
    }

    /// The addresses that an engine lists for it.
    fn rows(&self) -> Vec<String> {
        if self.address.is_empty() {
            vec!["0.0.0.0".into(), "::".into()]
        } else {
            vec![self.address.clone()]
        }
    }

    fn clashes(&self, other: &Self) -> bool {
        self.port == other.port
            && self.protocol() == other.protocol()
            && self
                .rows()
                .iter()
                .any(|mine| other.rows().iter().any(|theirs| overlap(mine, theirs)))
    }
}

fn overlap(one: &str, other: &str) -> bool {
    let (Ok(one), Ok(other)) = (one.parse::<IpAddr>(), other.parse::<IpAddr>()) else {
        return one == other;
    };
    one.is_ipv4() == other.is_ipv4()
        && (one == other || one.is_unspecified() || other.is_unspecified())
}

/// Where the engine begins to give out ports that nobody asked for: 20.10 takes the range of RFC 6335.
const FIRST: u16 = 49_153;
const FIRST_NEWER: u16 = 32_768;

impl World {
    /// Takes the host ports of a container that starts, on a network that can publish them.
    pub(super) fn publish(&mut self, id: &str, endpoint: &str) -> Result<(), EngineError> {
        let wanted = wanted(&self.containers[id]);
        let name = self.containers[id].name.clone();
        for (inner, address, ports) in wanted {
            let free = ports.clone().into_iter().map(|port| Taken {
                inner: inner.clone(),
                address: address.clone(),
                port,
            });
            let first = if self.profile.at_least(42) {
                FIRST_NEWER
            } else {
                FIRST
            };
            let any = ports
                .is_empty()
                .then_some(first..=u16::MAX)
                .into_iter()
                .flatten();
            let any = any.map(|port| Taken {
                inner: inner.clone(),
                address: address.clone(),
                port,
            });
            let found = free.chain(any).find(|port| !self.is_taken(port));
            let Some(port) = found else {
                let shown = if address.is_empty() {
                    "0.0.0.0"
                } else {
                    &address
                };
                let port = ports.first().copied().unwrap_or(0);
                return Err(error(
                    500,
                    format!(
                        "driver failed programming external connectivity on endpoint {name} ({endpoint}): Bind for {shown}:{port} failed: port is already allocated"
                    ),
                ));
            };
            if let Some(container) = self.containers.get_mut(id) {
                container.ports.push(port);
            }
        }
        Ok(())
    }

    fn is_taken(&self, port: &Taken) -> bool {
        self.containers
            .values()
            .flat_map(|container| &container.ports)
            .any(|other| other.clashes(port))
    }
}

/// What a container publishes: container port, host address, host ports to choose from (empty: any).
fn wanted(container: &Container) -> Vec<(String, String, Vec<u16>)> {
    let exposed = container
        .config
        .get("ExposedPorts")
        .and_then(Value::as_object);
    let all = container
        .host
        .get("PublishAllPorts")
        .and_then(Value::as_bool)
        .unwrap_or(false);
    let mut wanted = Vec::new();
    for inner in exposed.into_iter().flatten().map(|(inner, _)| inner) {
        let bindings = container
            .host
            .get("PortBindings")
            .and_then(|all| all.get(inner))
            .and_then(Value::as_array);
        let before = wanted.len();
        for binding in bindings.into_iter().flatten() {
            let text = |field: &str| binding.get(field).and_then(Value::as_str).unwrap_or("");
            let (first, last) = text("HostPort")
                .split_once('-')
                .unwrap_or((text("HostPort"), text("HostPort")));
            let range = match (first.parse::<u16>(), last.parse::<u16>()) {
                (Ok(first), Ok(last)) if first > 0 => (first..=last).collect(),
                _ => Vec::new(),
            };
            let address = Some(text("HostIp"))
                .filter(|address| *address != "0.0.0.0" || text("HostIp") == "0.0.0.0")
                .unwrap_or("");
            wanted.push((inner.clone(), address.to_owned(), range));
        }
        if wanted.len() == before && (all || bindings.is_some()) {
            wanted.push((inner.clone(), String::new(), Vec::new()));
        }
    }
    wanted
}

/// `NetworkSettings.Ports`.
pub fn shown(container: &Container) -> Value {
    if !container.is_up()
        || container
            .endpoints
            .values()
            .all(|endpoint| endpoint.live.is_none())
    {
        return json!({});
    }
    let exposed = container
        .config
        .get("ExposedPorts")
        .and_then(Value::as_object);
    let mut ports: Map<String, Value> = exposed
        .into_iter()
        .flatten()
        .map(|(inner, _)| (inner.clone(), Value::Null))
        .collect();
    let mut rows: BTreeMap<&str, Vec<Value>> = BTreeMap::new();
    for taken in &container.ports {
        let addresses = taken
            .rows()
            .into_iter()
            .map(|address| json!({ "HostIp": address, "HostPort": taken.port.to_string() }));
        rows.entry(&taken.inner).or_default().extend(addresses);
    }
    ports.extend(
        rows.into_iter()
            .map(|(inner, rows)| (inner.to_owned(), Value::Array(rows))),
    );
    Value::Object(ports)
}

/// The published ports of the list of containers.
pub fn listed(container: &Container) -> Vec<PublishedPort> {
    container
        .ports
        .iter()
        .flat_map(|taken| {
            taken.rows().into_iter().map(|ip| PublishedPort {
                ip,
                public: taken.port,
                protocol: taken.protocol().to_owned(),
            })
        })
        .collect()
}
