//! The networks that a container is on, and what it is on each.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::MAC;
use crate::{
    model::{
        Attribute, Body, EngineInfo, Fault, Form, Keyed, Place, Record, Seen, Shape, Unset, Way,
        attributes::parts::{IP, TEXT_MAP, TEXT_SET, applied, field, remember, sorted, texts},
        recreate,
    },
    value::canonical_ip,
};

/// From this minor version of the API on several networks can be given when a container is made, and the address of the
/// network card belongs to the endpoint.
const MANY_SINCE: u32 = 44;

/// Networks of the engine itself, which know no aliases.
const BUILT_IN: &[&str] = &["bridge", "host", "none"];

/// In what the engine shows: the names of a container that it answers to by itself, which nobody has to ask for.
pub const OWN: &str = "own";

/// In what the engine shows: some of it is what the label remembers, and so only a new container, with a new label, can
/// change that.
const REMEMBERED: &str = "remembered";

/// In what the engine shows: the container was on a network that is gone. Another one may have its name by now.
const GONE: &str = "gone";

/// What Podman takes for an endpoint and does not show.
const UNSHOWN_BY_PODMAN: &[&str] = &[
    "ipv4_address",
    "ipv6_address",
    "link_local_ips",
    "driver_opts",
];

/// Where newer engines keep the sysctls of a single network card.
const SYSCTLS: &str = "com.docker.network.endpoint.sysctls";

pub const NETWORKS: Attribute = Attribute {
    name: "networks",
    aliases: &[],
    summary: "The networks that the container is on, and its names and addresses on each.",
    example: "{ default: { aliases: [www] } }",
    form: Form::Keyed(&Keyed {
        record: Record {
            fields: &[
                field(
                    "aliases",
                    "More names of the container on this network.",
                    "[www]",
                    TEXT_SET,
                ),
                field(
                    "ipv4_address",
                    "A fixed address on this network.",
                    "10.5.0.10",
                    IP,
                ),
                field(
                    "ipv6_address",
                    "A fixed address on this network.",
                    "\"2001:db8::10\"",
                    IP,
                ),
                field(
                    "link_local_ips",
                    "More addresses that are valid on the network's link alone.",
                    "[169.254.8.8]",
                    Form::Set(&IP),
                ),
                field(
                    "mac_address",
                    "The address of the network card there; engines before API 1.44 ignore it.",
                    "\"02:42:ac:11:65:43\"",
                    MAC,
                ),
                field(
                    "priority",
                    "The network of the highest number is joined first.",
                    "100",
                    Form::Integer(i32::MIN as i64, i32::MAX as i64),
                ),
                field(
                    "gw_priority",
                    "The network of the highest number has the default gateway, from API 1.48 on.",
                    "1",
                    Form::Integer(i32::MIN as i64, i32::MAX as i64),
                ),
                field(
                    "driver_opts",
                    "Options of the network's driver for this container.",
                    "{ com.example.option: \"1\" }",
                    TEXT_MAP,
                ),
            ],
            short: None,
            finish,
        },
        list: true,
        noun: "network",
    }),
    shape: Shape::Tree,
    // What is on the engine is compared network by network: see `network_changes`.
    unset: Unset::Ours,
    way: recreate,
    place: Place::Custom {
        api: "NetworkingConfig/EndpointsConfig",
        write,
        read,
    },
};

fn finish(fields: Map<String, Value>) -> Result<Value, Fault> {
    for (name, four) in [("ipv4_address", true), ("ipv6_address", false)] {
        if let Some(text) = fields.get(name).and_then(Value::as_str)
            && text.contains('.') != four
            && text.contains(':') == four
        {
            let hint = if four {
                "write it as ipv6_address"
            } else {
                "write it as ipv4_address"
            };
            return Err(Fault::at(
                name,
                format!("{text} is an address of the other kind"),
                hint,
            ));
        }
    }
    Ok(Value::Object(fields))
}

/// The API's configuration of an endpoint.
#[must_use]
pub fn endpoint(settings: &Value) -> Value {
    let mut endpoint = Map::new();
    let mut ipam = Map::new();
    let given = |name: &str| {
        settings
            .get(name)
            .filter(|value| !crate::model::is_empty(value))
            .cloned()
    };
    for (name, api) in [
        ("ipv4_address", "IPv4Address"),
        ("ipv6_address", "IPv6Address"),
        ("link_local_ips", "LinkLocalIPs"),
    ] {
        if let Some(value) = given(name) {
            ipam.insert(api.to_owned(), value);
        }
    }
    for (name, api) in [
        ("aliases", "Aliases"),
        ("mac_address", "MacAddress"),
        ("driver_opts", "DriverOpts"),
        ("gw_priority", "GwPriority"),
    ] {
        if let Some(value) = given(name) {
            endpoint.insert(api.to_owned(), value);
        }
    }
    if !ipam.is_empty() {
        endpoint.insert("IPAMConfig".into(), Value::Object(ipam));
    }
    Value::Object(endpoint)
}

/// The names of the networks, the first one first: the one of the highest priority.
fn in_order(networks: &Map<String, Value>) -> Vec<&String> {
    let priority = |settings: &Value| {
        settings
            .get("priority")
            .and_then(Value::as_i64)
            .unwrap_or(0)
    };
    let mut names: Vec<(&String, i64)> = networks
        .iter()
        .map(|(name, settings)| (name, priority(settings)))
        .collect();
    names.sort_by(|left, right| right.1.cmp(&left.1).then(left.0.cmp(right.0)));
    names.into_iter().map(|(name, _)| name).collect()
}

/// The first network is the container's network mode, too. Engines before API 1.44 take no second one here; it is joined
/// before the start.
fn write(value: &Value, body: &mut Body<'_>) {
    let Some(networks) = value.as_object() else {
        return;
    };
    let names = in_order(networks);
    let Some(first) = names.first() else { return };
    let many = body.engine.at_least(MANY_SINCE);
    let mut endpoints = Map::new();
    for name in names.iter().take(if many { names.len() } else { 1 }) {
        let mut config = networks.get(*name).map(endpoint).unwrap_or_default();
        if let Value::Object(config) = &mut config
            && BUILT_IN.contains(&name.as_str())
        {
            config.remove("Aliases");
        }
        endpoints.insert((*name).clone(), config);
    }
    body.set("HostConfig/NetworkMode", json!(first));
    body.set("NetworkingConfig/EndpointsConfig", Value::Object(endpoints));
    if !many
        && let Some(mac) = networks
            .get(*first)
            .and_then(|settings| settings.get("mac_address"))
    {
        body.set("Config/MacAddress", mac.clone());
    }
}

/// The container's own address of a network card is that of its first network; before API 1.44 it was the container's.
pub fn write_mac_address(value: &Value, body: &mut Body<'_>) {
    let mode = body
        .get("HostConfig/NetworkMode")
        .and_then(Value::as_str)
        .unwrap_or("bridge")
        .to_owned();
    if body.engine.at_least(MANY_SINCE) {
        let place = format!("NetworkingConfig/EndpointsConfig/{mode}/MacAddress");
        body.set(&place, value.clone());
    } else {
        body.set("Config/MacAddress", value.clone());
    }
}

fn read(seen: &Seen<'_>) -> Option<Value> {
    let networks = seen.get("NetworkSettings/Networks")?.as_object()?;
    let mut own: BTreeSet<String> = BTreeSet::new();
    if let Some(id) = seen.text("Id") {
        own.extend([id.to_owned(), id.chars().take(12).collect()]);
    }
    own.extend(
        seen.text("Name")
            .map(|name| name.trim_start_matches('/').to_owned()),
    );
    own.extend(seen.text("Config/Hostname").map(str::to_owned));
    let remembered = applied(seen, "networks");
    let read = networks
        .iter()
        .map(|(name, endpoint)| {
            let mut read = read_endpoint(endpoint, &own, seen.engine);
            if seen.engine.podman {
                // What was asked for on a network: what was applied is what there is.
                remember(&mut read, remembered.get(name), UNSHOWN_BY_PODMAN);
                read.insert(REMEMBERED.into(), Value::Bool(true));
            }
            (name.clone(), Value::Object(read))
        })
        .collect();
    Some(Value::Object(read))
}

fn read_endpoint(
    endpoint: &Value,
    own: &BTreeSet<String>,
    engine: &EngineInfo,
) -> Map<String, Value> {
    let mut settings = Map::new();
    let aliases = texts(endpoint.get("Aliases")).filter(|alias| !own.contains(*alias));
    settings.insert("aliases".into(), sorted(aliases));
    let ipam = endpoint.get("IPAMConfig");
    for (name, api) in [
        ("ipv4_address", "IPv4Address"),
        ("ipv6_address", "IPv6Address"),
    ] {
        if let Some(text) = ipam.and_then(|ipam| ipam.get(api)).and_then(Value::as_str) {
            settings.insert(name.into(), Value::String(canonical_ip(text)));
        }
    }
    let local = ipam.and_then(|ipam| ipam.get("LinkLocalIPs"));
    settings.insert(
        "link_local_ips".into(),
        sorted(texts(local).map(canonical_ip)),
    );
    let mac = endpoint
        .get("MacAddress")
        .filter(|_| engine.at_least(MANY_SINCE));
    for (name, value) in [
        ("mac_address", mac),
        ("driver_opts", endpoint.get("DriverOpts")),
        ("gw_priority", endpoint.get("GwPriority")),
    ] {
        if let Some(value) = value {
            settings.insert(name.into(), value.clone());
        }
    }
    settings.retain(|_, value| !crate::model::is_empty(value));
    settings.insert(OWN.into(), sorted(own.iter().cloned()));
    settings
}

/// Marks what a container that does not run was on, of which there is nothing among the networks of these ids any more: no
/// engine starts it while it stands there, not even when another network has its name.
pub fn mark_gone(networks: &mut Value, endpoints: &BTreeMap<String, Value>, ids: &BTreeSet<&str>) {
    for (name, endpoint) in endpoints {
        let id = endpoint.get("NetworkID").and_then(Value::as_str);
        // It has no id before the first start. Podman gives the name, and the engine's own networks go by theirs.
        let gone = id.is_some_and(|id| !id.is_empty() && id != name && !ids.contains(id));
        if gone
            && !BUILT_IN.contains(&name.as_str())
            && let Some(Value::Object(read)) = networks.get_mut(name)
        {
            read.insert(GONE.into(), Value::Bool(true));
        }
    }
}

/// The networks that a container was on and that are gone.
pub fn gone(networks: &Value) -> impl Iterator<Item = &String> {
    let networks = networks.as_object().into_iter().flatten();
    networks
        .filter(|(_, read)| read.get(GONE).is_some())
        .map(|(name, _)| name)
}

/// What becomes of one network of a container, or of one of its settings there.
#[derive(Debug, Clone, PartialEq)]
pub struct NetworkChange {
    /// The network.
    pub network: String,
    /// The setting; empty where the container joins or leaves the network.
    pub field: String,
    /// What there is. `true` is "it is on the network".
    pub before: Option<Value>,
    /// What should be. `true` is "it is on the network".
    pub after: Option<Value>,
    /// What the change takes.
    pub way: Way,
}

/// The differences between the networks that are wanted and those that a container is on, both in normal form.
#[must_use]
pub fn network_changes(wanted: &Value, found: &Value) -> Vec<NetworkChange> {
    let empty = Map::new();
    let (wanted, found) = (
        wanted.as_object().unwrap_or(&empty),
        found.as_object().unwrap_or(&empty),
    );
    let names: BTreeSet<&String> = wanted.keys().chain(found.keys()).collect();
    let whole = |network: &str, before: Option<Value>, after: Option<Value>| NetworkChange {
        network: network.to_owned(),
        field: String::new(),
        before,
        after,
        way: Way::Reconnect,
    };
    let mut changes = Vec::new();
    for name in names {
        match (wanted.get(name), found.get(name)) {
            (Some(_), Some(found)) if found.get(GONE).is_some() => {
                changes.push(whole(name, None, Some(json!(true))));
            }
            (Some(_), None) => changes.push(whole(name, None, Some(json!(true)))),
            (None, Some(_)) => changes.push(whole(name, Some(json!(true)), None)),
            (Some(wanted), Some(found)) => changes.extend(endpoint_changes(name, wanted, found)),
            (None, None) => {}
        }
    }
    changes
}

/// The options of a network's driver, without those that the engine makes of the container's own sysctls.
fn options(side: &Value) -> Vec<(&String, &Value)> {
    side.get("driver_opts")
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
        .filter(|(name, _)| name.as_str() != SYSCTLS)
        .collect()
}

fn endpoint_changes(network: &str, wanted: &Value, found: &Value) -> Vec<NetworkChange> {
    let of = |side: &Value, field: &str| {
        side.get(field)
            .filter(|value| !crate::model::is_empty(value))
            .cloned()
    };
    let own: BTreeSet<&str> = texts(found.get(OWN)).collect();
    let unshown = if found.get(REMEMBERED).is_some() {
        Way::Recreate
    } else {
        Way::Reconnect
    };
    let mut changes = Vec::new();
    let mut differ = |field: &str, way: Way| {
        changes.push(NetworkChange {
            network: network.to_owned(),
            field: field.to_owned(),
            before: of(found, field),
            after: of(wanted, field),
            way,
        });
    };
    let names = |side: &Value| -> BTreeSet<String> {
        texts(side.get("aliases"))
            .filter(|alias| !own.contains(alias))
            .map(str::to_owned)
            .collect()
    };
    if !BUILT_IN.contains(&network) && names(wanted) != names(found) {
        differ("aliases", Way::Reconnect);
    }
    for field in ["ipv4_address", "ipv6_address", "link_local_ips"] {
        if of(wanted, field) != of(found, field) {
            differ(field, unshown);
        }
    }
    // A generated address is shown as well, a stopped container shows none, and most engines ignore it when a network is
    // joined later.
    if let (Some(wanted), Some(found)) = (of(wanted, "mac_address"), of(found, "mac_address"))
        && wanted != found
    {
        differ("mac_address", Way::Recreate);
    }
    if options(wanted) != options(found) {
        differ("driver_opts", unshown);
    }
    // Engines before API 1.48 don't know it and show nothing.
    let gateway = |side: &Value| side.get("gw_priority").and_then(Value::as_i64);
    if let Some(found) = gateway(found)
        && found != gateway(wanted).unwrap_or(0)
    {
        differ("gw_priority", Way::Reconnect);
    }
    changes
}
