//! How containers are shown.

use serde_json::{Value, json};

use super::{
    Container, Endpoint, Phase, World,
    clock::{NEVER, short},
    ports,
};
use crate::engine::Listed;

impl World {
    /// `GET /containers/json?all=1`: the newest first.
    #[must_use]
    pub fn list_containers(&self) -> Vec<Listed> {
        let mut all: Vec<&Container> = self.containers.values().collect();
        all.sort_by_key(|container| std::cmp::Reverse(container.created_number));
        all.into_iter()
            .map(|container| Listed {
                id: container.id.clone(),
                names: vec![container.name.clone()],
                labels: container.labels(),
                ports: if matches!(container.phase, Phase::Running | Phase::Paused) {
                    ports::listed(container)
                } else {
                    Vec::new()
                },
                networks: container.endpoints.keys().cloned().collect(),
                volumes: container
                    .mounts
                    .iter()
                    .filter_map(|mount| Some(mount.get("Name")?.as_str()?.to_owned()))
                    .collect(),
            })
            .collect()
    }

    /// `GET /containers/{id}/json`.
    #[must_use]
    pub fn inspect_container(&self, text: &str) -> Option<Value> {
        let container = self.container(text)?;
        let shown = json!({
            "Id": container.id, "Created": container.created, "Name": format!("/{}", container.name),
            "Path": container.command.first().map_or("", String::as_str),
            "Args": container.command.iter().skip(1).collect::<Vec<_>>(),
            "State": state(container), "Image": container.image_id, "RestartCount": container.restart_count,
            "Driver": "overlay2", "Platform": "linux", "HostConfig": container.host, "Config": container.config,
            "Mounts": container.mounts, "NetworkSettings": self.network_settings(container),
        });
        Some(self.shown(&container.name, shown))
    }

    fn network_settings(&self, container: &Container) -> Value {
        let networks: serde_json::Map<String, Value> = container
            .endpoints
            .iter()
            .map(|(name, endpoint)| (name.clone(), self.endpoint(container, endpoint)))
            .collect();
        let mut settings = json!({ "Ports": ports::shown(container), "Networks": networks });
        if !self.profile.at_least(52) {
            let joined = container
                .endpoints
                .get("bridge")
                .and_then(|endpoint| endpoint.live.as_ref());
            let text = |value: Option<&String>| value.cloned().unwrap_or_default();
            settings["EndpointID"] = json!(text(joined.map(|joined| &joined.id)));
            settings["Gateway"] = json!(text(joined.map(|joined| &joined.gateway)));
            settings["IPAddress"] = json!(text(joined.map(|joined| &joined.address)));
            settings["IPPrefixLen"] = json!(joined.map_or(0, |joined| joined.prefix));
            settings["MacAddress"] = json!(text(joined.map(|joined| &joined.mac)));
        }
        settings
    }

    fn endpoint(&self, container: &Container, endpoint: &Endpoint) -> Value {
        let said = |field: &str| {
            endpoint
                .said
                .get(field)
                .filter(|value| !value.is_null())
                .cloned()
                .unwrap_or(Value::Null)
        };
        let joined = endpoint.live.as_ref();
        let text = |value: Option<&String>| value.cloned().unwrap_or_default();
        let mac = joined.map(|joined| joined.mac.clone()).or_else(|| {
            // From 1.44 on the wanted address of the card is shown before there is a card.
            said("MacAddress")
                .as_str()
                .filter(|_| self.profile.at_least(44))
                .map(str::to_owned)
        });
        let mut shown = json!({
            "IPAMConfig": said("IPAMConfig"), "Links": said("Links"), "Aliases": endpoint.aliases,
            "NetworkID": endpoint.network_id, "EndpointID": text(joined.map(|joined| &joined.id)),
            "Gateway": text(joined.map(|joined| &joined.gateway)), "IPAddress": text(joined.map(|joined| &joined.address)),
            "IPPrefixLen": joined.map_or(0, |joined| joined.prefix), "IPv6Gateway": "", "GlobalIPv6Address": "",
            "GlobalIPv6PrefixLen": 0, "MacAddress": mac.unwrap_or_default(), "DriverOpts": said("DriverOpts"),
        });
        if self.profile.at_least(44) {
            shown["DNSNames"] = dns_names(container, endpoint);
        }
        if self.profile.at_least(48) {
            shown["GwPriority"] = endpoint.said.get("GwPriority").cloned().unwrap_or(json!(0));
        }
        shown
    }
}

/// The names by which others find a container: its own, its aliases, its short id and its hostname.
fn dns_names(container: &Container, endpoint: &Endpoint) -> Value {
    if endpoint.network_id.is_empty() {
        return Value::Null;
    }
    let hostname = container
        .config
        .get("Hostname")
        .and_then(Value::as_str)
        .unwrap_or("");
    let mut names = vec![container.name.as_str()];
    names.extend(endpoint.aliases.iter().flatten().map(String::as_str));
    names.extend([short(&container.id), hostname]);
    let mut seen: Vec<&str> = Vec::new();
    for name in names {
        if !name.is_empty() && !seen.contains(&name) {
            seen.push(name);
        }
    }
    json!(seen)
}

fn state(container: &Container) -> Value {
    let status = match container.phase {
        Phase::Created => "created",
        Phase::Running => "running",
        Phase::Paused => "paused",
        Phase::Restarting => "restarting",
        Phase::Exited => "exited",
    };
    let mut state = json!({
        "Status": status, "Running": container.is_up(), "Paused": container.phase == Phase::Paused,
        "Restarting": container.phase == Phase::Restarting, "OOMKilled": false, "Dead": false,
        "Pid": if matches!(container.phase, Phase::Running | Phase::Paused) { 1000 + container.created_number } else { 0 },
        "ExitCode": container.exit_code, "Error": container.error,
        "StartedAt": container.started.as_deref().unwrap_or(NEVER),
        "FinishedAt": container.finished.as_deref().unwrap_or(NEVER),
    });
    if let Some(health) = &container.health {
        state["Health"] =
            json!({ "Status": health.status, "FailingStreak": health.failing, "Log": [] });
    }
    state
}
