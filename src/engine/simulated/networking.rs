//! Containers on networks: joining, leaving, addresses.

use std::net::Ipv4Addr;

use serde_json::Value;

use super::{
    Container, Endpoint, Network, World,
    clock::short,
    containers::Joined,
    networks::{is_predefined, mask},
    world::error,
};
use crate::engine::EngineError;

impl World {
    /// Joins a container that starts to all of its networks, and takes its ports.
    pub(super) fn join_networks(&mut self, id: &str) -> Result<(), EngineError> {
        let mode = self.containers[id].host_text("NetworkMode").to_owned();
        if let Some(other) = mode.strip_prefix("container:") {
            let other = self.known(other)?;
            if !self.containers[&other].is_up() {
                return Err(error(
                    409,
                    format!("cannot join network of a non running container: {other}"),
                ));
            }
            return Ok(());
        }
        let keys: Vec<String> = self.containers[id].endpoints.keys().cloned().collect();
        for key in &keys {
            self.network_of(id, key)?;
        }
        for key in keys {
            self.join(id, &key)?;
        }
        self.publish_if_possible(id)
    }

    /// Takes the container's ports on the first network that can publish them.
    fn publish_if_possible(&mut self, id: &str) -> Result<(), EngineError> {
        if !self.containers[id].ports.is_empty() {
            return Ok(());
        }
        let outward = self.containers[id].endpoints.values().find_map(|endpoint| {
            let network = self.networks.get(&endpoint.network_id)?;
            let joined = endpoint.live.as_ref()?;
            (network.driver == "bridge" && !network.internal).then(|| joined.id.clone())
        });
        match outward {
            Some(endpoint) => self.publish(id, &endpoint),
            None => Ok(()),
        }
    }

    /// The network of an endpoint: the very one that the container was on before, if it ran, whatever has its name by now.
    /// The engine's own networks go by their names.
    fn network_of(&self, id: &str, key: &str) -> Result<String, EngineError> {
        let endpoint = self.containers[id].endpoints.get(key);
        let before = endpoint.map(|endpoint| endpoint.network_id.as_str());
        match before {
            Some(before) if !before.is_empty() && !is_predefined(key) => self.known_network(before),
            Some(_) | None => self.known_network(key),
        }
    }

    /// Joins one network that the container has as an endpoint; the endpoint is kept by the network's name from then on.
    fn join(&mut self, id: &str, key: &str) -> Result<(), EngineError> {
        let network_id = self.network_of(id, key)?;
        let endpoint_id = self.fresh("endpoint");
        let network = &self.networks[&network_id];
        let network_name = network.name.clone();
        let container = &self.containers[id];
        let Some(endpoint) = container.endpoints.get(key) else {
            return Ok(());
        };
        let mut endpoint = endpoint.clone();
        self.check_endpoint(network, &endpoint.said)?;
        let address = self.address(network, &endpoint)?;
        self.add_aliases(container, network, &mut endpoint);
        let mac = endpoint
            .said
            .get("MacAddress")
            .and_then(Value::as_str)
            .filter(|mac| !mac.is_empty());
        let mac = mac
            .or_else(|| container.config.get("MacAddress").and_then(Value::as_str))
            .map(str::to_owned);
        endpoint.live = Some(Joined {
            id: endpoint_id,
            address: address
                .map(|address| address.to_string())
                .unwrap_or_default(),
            prefix: address
                .and_then(|_| network.subnet())
                .map_or(0, |(_, prefix)| prefix),
            gateway: address.map(|_| network.gateway()).unwrap_or_default(),
            mac: mac.or_else(|| address.map(card)).unwrap_or_default(),
        });
        endpoint.network_id.clone_from(&network_id);
        if let Some(container) = self.containers.get_mut(id) {
            container.endpoints.remove(key);
            container.endpoints.insert(network_name.clone(), endpoint);
        }
        self.emit("network", "connect", &network_id, &network_name);
        Ok(())
    }

    /// The engine's own aliases, on networks that somebody made.
    fn add_aliases(&self, container: &Container, network: &Network, endpoint: &mut Endpoint) {
        let id = short(&container.id).to_owned();
        if network.is_predefined() || self.profile.at_least(45) {
            return;
        }
        let aliases = endpoint.aliases.get_or_insert_default();
        if !aliases.contains(&id) {
            aliases.push(id);
        }
    }

    fn check_endpoint(&self, network: &Network, said: &Value) -> Result<(), EngineError> {
        let has_alias = said
            .get("Aliases")
            .and_then(Value::as_array)
            .is_some_and(|aliases| !aliases.is_empty());
        if network.is_predefined() && has_alias && !self.profile.at_least(44) {
            return Err(error(
                400,
                "network-scoped alias is supported only for containers in user defined networks",
            ));
        }
        let fixed = said
            .pointer("/IPAMConfig/IPv4Address")
            .and_then(Value::as_str)
            .is_some_and(|address| !address.is_empty());
        if fixed && network.is_predefined() {
            return Err(error(
                400,
                "user specified IP address is supported on user defined networks only",
            ));
        }
        if fixed && !network.chosen {
            return Err(error(
                400,
                "user specified IP address is supported only when connecting to networks with user configured subnets",
            ));
        }
        Ok(())
    }

    /// An address on a network: the one that was asked for, or the lowest free one.
    fn address(
        &self,
        network: &Network,
        endpoint: &Endpoint,
    ) -> Result<Option<Ipv4Addr>, EngineError> {
        let Some((base, prefix)) = network.subnet() else {
            return Ok(None);
        };
        let taken: Vec<String> = self
            .containers
            .values()
            .flat_map(|container| container.endpoints.values())
            .filter(|other| other.network_id == network.id)
            .filter_map(|other| Some(other.live.as_ref()?.address.clone()))
            .collect();
        let asked = endpoint
            .said
            .pointer("/IPAMConfig/IPv4Address")
            .and_then(Value::as_str)
            .filter(|address| !address.is_empty());
        if let Some(asked) = asked {
            let outside = || {
                error(
                    500,
                    format!(
                        "Invalid address {asked}: It does not belong to any of this network's subnets"
                    ),
                )
            };
            let address = asked.parse::<Ipv4Addr>().map_err(|_| outside())?;
            if u32::from(address) & mask(prefix) != base {
                return Err(outside());
            }
            if taken.iter().any(|taken| taken == asked) || network.gateway() == asked {
                return Err(error(403, "Address already in use"));
            }
            return Ok(Some(address));
        }
        let gateway = network.gateway();
        let last = base | !mask(prefix);
        (base + 1..last)
            .map(Ipv4Addr::from)
            .find(|address| {
                let text = address.to_string();
                text != gateway && !taken.contains(&text)
            })
            .map(Some)
            .ok_or_else(|| {
                error(
                    403,
                    "no available IPv4 addresses on this network's address pools",
                )
            })
    }

    /// Leaves all networks, and gives back the ports; the endpoints themselves stay.
    pub(super) fn leave_networks(&mut self, id: &str) {
        let Some(container) = self.containers.get_mut(id) else {
            return;
        };
        container.ports.clear();
        let mut left = Vec::new();
        for (name, endpoint) in &mut container.endpoints {
            if endpoint.live.take().is_some() {
                left.push((endpoint.network_id.clone(), name.clone()));
            }
        }
        for (network, name) in left {
            self.emit("network", "disconnect", &network, &name);
        }
    }

    /// `POST /networks/{id}/connect`.
    pub(super) fn connect(
        &mut self,
        network: &str,
        container: &str,
        said: &Value,
    ) -> Result<(), EngineError> {
        let id = self.known(container)?;
        let network_id = match self.known_network(network) {
            Ok(network_id) => network_id,
            // Nobody looks for the network of a container that does not run.
            Err(EngineError::Missing(_)) if !self.containers[&id].is_up() => {
                self.note_container(&id, "connect");
                if let Some(container) = self.containers.get_mut(&id) {
                    container
                        .endpoints
                        .insert(network.to_owned(), Endpoint::new(said));
                }
                return Ok(());
            }
            Err(failure) => return Err(failure),
        };
        let network = self.networks[&network_id].clone();
        let (mode, up, name) = {
            let container = &self.containers[&id];
            (
                container.host_text("NetworkMode").to_owned(),
                container.is_up(),
                container.name.clone(),
            )
        };
        if mode != "host" && network.driver == "host" {
            return Err(error(
                400,
                "container cannot be disconnected from host network or connected to host network",
            ));
        }
        if mode == "host" || (up && mode.starts_with("container:")) {
            return Err(error(
                400,
                "container sharing network namespace with another container or host cannot be connected to any other network",
            ));
        }
        let has_none = self.containers[&id].endpoints.contains_key("none");
        if has_none && network.driver != "null"
            || network.driver == "null" && !self.containers[&id].endpoints.is_empty()
        {
            return Err(error(
                400,
                "container cannot be connected to multiple networks with one of the networks in private (none) mode",
            ));
        }
        self.check_endpoint(&network, said)?;
        let there = self.containers[&id].endpoints.get(&network.name);
        let joined = there.is_some_and(|endpoint| endpoint.live.is_some());
        let there = there.is_some();
        if joined {
            return Err(error(
                403,
                format!(
                    "endpoint with name {name} already exists in network {}",
                    network.name
                ),
            ));
        }
        self.note_container(&id, "connect");
        // Of a network that is gone nothing is kept.
        if there && !up && self.network_of(&id, &network.name).is_ok() {
            return Ok(());
        }
        let mut endpoint = Endpoint::new(said);
        self.add_aliases(&self.containers[&id], &network, &mut endpoint);
        if let Some(container) = self.containers.get_mut(&id) {
            container.endpoints.insert(network.name.clone(), endpoint);
        }
        if up {
            let joined = self
                .join(&id, &network.name)
                .and_then(|()| self.publish_if_possible(&id));
            if let Err(failure) = joined {
                // It stays in the container's settings all the same.
                let container = self.containers.get_mut(&id);
                if let Some(endpoint) =
                    container.and_then(|container| container.endpoints.get_mut(&network.name))
                {
                    endpoint.live = None;
                }
                return Err(failure);
            }
        }
        Ok(())
    }

    /// `POST /networks/{id}/disconnect`.
    pub(super) fn disconnect(&mut self, network: &str, container: &str) -> Result<(), EngineError> {
        let id = self.known(container);
        if let Err(failure @ EngineError::Refused { .. }) = self.known_network(network) {
            return Err(failure);
        }
        let found = self.find_network(network).map(|network| {
            (
                network.id.clone(),
                network.name.clone(),
                network.driver.clone(),
            )
        });
        let Some((network_id, name, driver)) = found else {
            // A network that is gone can still be left by a container that does not run.
            let id = id?;
            let left = self
                .containers
                .get_mut(&id)
                .filter(|container| !container.is_up())
                .and_then(|container| container.endpoints.remove(network));
            return left
                .map(|_| ())
                .ok_or_else(|| error(404, format!("network {network} not found")));
        };
        let id = id?;
        let up = self.containers[&id].is_up();
        if driver == "host" && up && self.containers[&id].endpoints.contains_key(&name) {
            return Err(error(
                400,
                "container cannot be disconnected from host network or connected to host network",
            ));
        }
        let key = self.containers[&id]
            .endpoints
            .keys()
            .find(|key| **key == name || **key == network_id)
            .cloned();
        let Some(key) = key else {
            let the = if up { "" } else { "the " };
            return Err(error(
                500,
                format!("container {id} is not connected to {the}network {name}"),
            ));
        };
        self.note_container(&id, "disconnect");
        let left = self
            .containers
            .get_mut(&id)
            .and_then(|container| container.endpoints.remove(&key));
        // The engine says it once for the call, and once more for what ran.
        self.emit("network", "disconnect", &network_id, &name);
        if left.is_some_and(|endpoint| endpoint.live.is_some()) {
            self.emit("network", "disconnect", &network_id, &name);
            if let Some(container) = self.containers.get_mut(&id)
                && container
                    .endpoints
                    .values()
                    .all(|endpoint| endpoint.live.is_none())
            {
                container.ports.clear();
            }
        }
        Ok(())
    }
}

/// The address of a card, made from the IPv4 address as the engine does it.
fn card(address: Ipv4Addr) -> String {
    let [a, b, c, d] = address.octets();
    format!("02:42:{a:02x}:{b:02x}:{c:02x}:{d:02x}")
}
