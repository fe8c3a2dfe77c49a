//! Published and exposed ports.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use crate::{
    model::{
        Attribute, Body, Fault, Field, Form, Items, Place, Seen, Shape, Unset,
        attributes::parts::{applied, empty_list, field},
        recreate,
    },
    value::{ExposedPort, PortMapping, PortRange, Protocol, parse_ip},
};

/// Where ports are opened on the container's side.
const EXPOSED: &str = "Config/ExposedPorts";

pub const PORTS: Attribute = Attribute {
    name: "ports",
    aliases: &[],
    summary: "The ports of the container that the host publishes, as `[[ADDRESS:]HOST:]CONTAINER[/PROTOCOL]`; each may be a range such as 8000-8010.",
    example: "[\"18080:80\"]",
    form: Form::Items(&Items {
        short: |text| {
            PortMapping::parse_all(text)
                .map(|ports| ports.iter().map(item).collect())
                .map_err(|why| Fault::new(format!("cannot read the port {text:?}: {why}"), HINT))
        },
        fields: &[
            Field {
                required: true,
                aliases: &["container_port"],
                ..field(
                    "target",
                    "The port inside the container, or a range.",
                    "80",
                    PORT,
                )
            },
            Field {
                aliases: &["host_port"],
                ..field(
                    "published",
                    "The port of the host, or a range; unset is any free one.",
                    "\"18080\"",
                    PORT,
                )
            },
            field(
                "host_ip",
                "The address of the host; unset, or an empty text, is all of them.",
                "127.0.0.1",
                ADDRESS,
            ),
            field(
                "protocol",
                "The protocol that the port is published for.",
                "udp",
                Form::Choice(Protocol::WORDS),
            ),
            field(
                "mode",
                "How a swarm publishes it; on a single engine both words say the same.",
                "host",
                Form::Choice(&["host", "ingress"]),
            ),
            field(
                "name",
                "A name of the port for people; the engine is not told.",
                "web",
                Form::Text,
            ),
            field(
                "app_protocol",
                "The protocol that is spoken over it, for people; the engine is not told.",
                "http",
                Form::Text,
            ),
        ],
        finish,
        noun: "port",
        key,
    }),
    shape: Shape::Items(key),
    unset: Unset::Default(empty_list),
    way: recreate,
    place: Place::Custom {
        api: "HostConfig/PortBindings, Config/ExposedPorts",
        write,
        read,
    },
};

pub const EXPOSE: Attribute = Attribute {
    name: "expose",
    aliases: &[],
    summary: "The ports that the container's process listens on, without publishing them.",
    example: "[\"3000\"]",
    form: Form::Items(&Items {
        short: |text| {
            ExposedPort::parse_all(text)
                .map(|ports| ports.iter().map(|port| json!(port.to_string())).collect())
                .map_err(|why| {
                    Fault::new(
                        format!("cannot read the port {text:?}: {why}"),
                        "write 3000, 53/udp or 3000-3005",
                    )
                })
        },
        fields: &[],
        finish: |_| {
            Err(Fault::new(
                "an exposed port has no long form",
                "write 3000, 53/udp or 3000-3005",
            ))
        },
        noun: "port",
        key: text,
    }),
    shape: Shape::Items(text),
    // The image's and the published ports are in the same list, so only what the file says can be judged.
    unset: Unset::EngineFills,
    way: recreate,
    place: Place::Custom {
        api: EXPOSED,
        write: |value, body| {
            let ports: Vec<String> = value.as_array().into_iter().flatten().map(text).collect();
            expose(body, ports);
        },
        read: |seen| {
            let ports: BTreeSet<String> = seen
                .get(EXPOSED)?
                .as_object()?
                .keys()
                .flat_map(|key| exposed(key))
                .collect();
            Some(ports.into_iter().map(Value::String).collect())
        },
    },
};

const HINT: &str = "write HOST:CONTAINER such as 8080:80, or in full 127.0.0.1:8080:80/udp";

/// An address, or an empty text as `evenkeel config` writes it for all of them.
const ADDRESS: Form = Form::Parsed {
    expected: "an IP address such as 10.0.0.2",
    pattern: r"^[0-9a-fA-F.:\[\]]*$",
    parse: |text| match text {
        "" => Ok(Value::String(String::new())),
        text => parse_ip(text)
            .map(|address| Value::String(address.to_string()))
            .ok_or_else(|| "it is no IP address".to_owned()),
    },
};

/// A port or a range.
const PORT: Form = Form::Parsed {
    expected: "a port such as 80, or a range such as 8000-8010",
    pattern: "^[0-9]+(-[0-9]+)?$",
    parse: |text| Ok(Value::String(text.parse::<PortRange>()?.to_string())),
};

#[expect(
    clippy::needless_pass_by_value,
    reason = "the table takes functions of this type"
)]
fn finish(fields: Map<String, Value>) -> Result<Vec<Value>, Fault> {
    let word = |name: &str| fields.get(name).and_then(Value::as_str);
    let range = |name: &str| -> Result<Option<PortRange>, Fault> {
        word(name)
            .map(str::parse)
            .transpose()
            .map_err(|why: String| Fault::at(name, why, HINT))
    };
    let target = range("target")?
        .ok_or_else(|| Fault::at("target", "target is missing", "add target: 80"))?;
    let protocol = word("protocol")
        .and_then(|word| word.parse().ok())
        .unwrap_or_default();
    let address = word("host_ip").and_then(parse_ip);
    PortMapping::expand(address, range("published")?, target, protocol)
        .map(|ports| ports.iter().map(item).collect())
        .map_err(|why| Fault::at("target", why, "give as many published ports as target has"))
}

/// The normal form of a published port. `host_port` is null for any free port, and a text for any free one of a range.
fn item(port: &PortMapping) -> Value {
    let host = port.host.map_or(Value::Null, |range| {
        range
            .single()
            .map_or_else(|| json!(range.to_string()), |port| json!(port))
    });
    json!({
        "host_ip": port.host_ip.map(|address| address.to_string()).unwrap_or_default(),
        "host_port": host,
        "container_port": port.container,
        "protocol": port.protocol.to_string(),
    })
}

/// A published port as the short syntax writes it: `127.0.0.1:8080:80/tcp`.
fn key(item: &Value) -> String {
    let address = item.get("host_ip").map(text).unwrap_or_default();
    let host = match item.get("host_port") {
        Some(Value::Null) | None => String::new(),
        Some(Value::String(range)) => range.clone(),
        Some(number) => number.to_string(),
    };
    let container = item
        .get("container_port")
        .map(ToString::to_string)
        .unwrap_or_default();
    let protocol = item.get("protocol").map(text).unwrap_or_default();
    let before = match (address.as_str(), host.as_str()) {
        ("", "") => String::new(),
        ("", host) => format!("{host}:"),
        (address, host) if address.contains(':') => format!("[{address}]:{host}:"),
        (address, host) => format!("{address}:{host}:"),
    };
    format!("{before}{container}/{protocol}")
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// The API's words for the ports that a key of `ExposedPorts` or `PortBindings` means.
fn exposed(key: &str) -> Vec<String> {
    ExposedPort::parse_all(key).map_or_else(
        |_| vec![key.to_owned()],
        |ports| ports.iter().map(ToString::to_string).collect(),
    )
}

/// Adds ports to those that are exposed already.
fn expose(body: &mut Body<'_>, ports: impl IntoIterator<Item = String>) {
    let mut exposed = body
        .get(EXPOSED)
        .and_then(Value::as_object)
        .cloned()
        .unwrap_or_default();
    exposed.extend(ports.into_iter().map(|port| (port, json!({}))));
    body.set(EXPOSED, Value::Object(exposed));
}

/// Published ports have to be exposed, too: Docker 20.10 silently publishes nothing else.
fn write(value: &Value, body: &mut Body<'_>) {
    let mut bindings: Map<String, Value> = Map::new();
    for item in value.as_array().into_iter().flatten() {
        let port = format!(
            "{}/{}",
            item.get("container_port")
                .and_then(Value::as_u64)
                .unwrap_or_default(),
            item.get("protocol").map(text).unwrap_or_default()
        );
        let host = match item.get("host_port") {
            Some(Value::Number(port)) => port.to_string(),
            Some(Value::String(range)) => range.clone(),
            _ => String::new(),
        };
        let binding = json!({ "HostIp": item.get("host_ip").map(text).unwrap_or_default(), "HostPort": host });
        if let Value::Array(list) = bindings.entry(port).or_insert_with(|| json!([])) {
            list.push(binding);
        }
    }
    expose(body, bindings.keys().cloned().collect::<Vec<_>>());
    body.set("HostConfig/PortBindings", Value::Object(bindings));
}

/// `NetworkSettings.Ports` is empty while a container is stopped, so what was asked for is read.
fn read(seen: &Seen<'_>) -> Option<Value> {
    let mode = seen.text("HostConfig/NetworkMode");
    if seen.engine.podman && matches!(mode, Some("host" | "none")) {
        // It drops those of a container that has no network of its own: what was applied is what there is.
        return Some(applied(seen, "ports"));
    }
    let bindings = seen.get("HostConfig/PortBindings")?.as_object()?;
    let mut items: Vec<Value> = Vec::new();
    for (port, list) in bindings {
        // Podman lists what is exposed and not published, too.
        if seen.engine.podman && list.is_null() {
            continue;
        }
        for port in ExposedPort::parse_all(port).ok()? {
            let list = list.as_array().map(Vec::as_slice).unwrap_or_default();
            let any = [json!({})];
            // A list without an entry means any port of the host; newer engines fill it in.
            for binding in if list.is_empty() { &any } else { list } {
                items.push(read_binding(binding, port));
            }
        }
    }
    items.sort_by_key(key);
    items.dedup();
    Some(Value::Array(items))
}

fn read_binding(binding: &Value, port: ExposedPort) -> Value {
    let of = |name: &str| {
        binding
            .get(name)
            .and_then(Value::as_str)
            .unwrap_or_default()
    };
    let host = match of("HostPort") {
        "" | "0" => Value::Null,
        text => match text.parse::<PortRange>() {
            Ok(range) => range
                .single()
                .map_or_else(|| json!(range.to_string()), |port| json!(port)),
            Err(_) => json!(text),
        },
    };
    json!({
        "host_ip": crate::value::canonical_ip(of("HostIp")),
        "host_port": host,
        "container_port": port.port,
        "protocol": port.protocol.to_string(),
    })
}
