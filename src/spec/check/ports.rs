//! Ports of the host: each can be published once.

use std::collections::HashMap;

use serde_json::Value;

use super::{place, replicas, state};
use crate::spec::{Item, Problem, Span};

/// A published port, and the container that publishes it by its key.
#[derive(Clone, Copy)]
struct Published<'d> {
    key: &'d str,
    item: &'d Item,
    port: &'d Value,
}

impl Published<'_> {
    fn span(&self) -> Span {
        place(self.item, &format!("ports[{}]", written(self.port)))
    }
}

/// Who has published a port of the host.
#[derive(Default)]
struct Taken<'d> {
    /// On all addresses of both kinds, of IPv4, of IPv6.
    all: [Option<Published<'d>>; 3],
    /// On one address.
    one: HashMap<&'d str, Published<'d>>,
    /// The first on any address.
    any: Option<Published<'d>>,
    /// The first on any address of IPv4, of IPv6.
    family: [Option<Published<'d>>; 2],
}

/// The published ports of the containers before.
#[derive(Default)]
pub struct Ports<'d>(HashMap<(u64, &'d str), Taken<'d>>);

impl<'d> Ports<'d> {
    pub fn container(&mut self, key: &'d str, item: &'d Item, problems: &mut Vec<Problem>) {
        // Something that does not run holds no port.
        if !matches!(state(item), "running" | "paused") {
            return;
        }
        // It has no ports of its own to publish, which is warned of.
        if matches!(item.settings.text("network_mode"), Some("host" | "none")) {
            return;
        }
        let several = replicas(item).is_some_and(|count| count > 1);
        for port in ports(item) {
            let Some(number) = port.get("host_port").and_then(Value::as_u64) else {
                continue;
            };
            let text = |name: &str| port.get(name).and_then(Value::as_str).unwrap_or_default();
            let (address, protocol) = (text("host_ip"), text("protocol"));
            let own = Published { key, item, port };
            if several {
                problems.push(
                    Problem::error(
                        "port-taken",
                        own.span(),
                        format!("every replica of {key} would publish port {number} of the host, which only one can"),
                    )
                    .hint("leave the host's port out, or put a proxy in front")
                    .also(place(item, "replicas"), "the replicas"),
                );
                break;
            }
            if replicas(item) == Some(0) {
                continue;
            }
            let taken = self.0.entry((number, protocol)).or_default();
            if let Some(other) = taken.by(address).filter(|other| other.key != key) {
                problems.push(
                    Problem::error(
                        "port-taken",
                        own.span(),
                        format!(
                            "{key} publishes port {number} of the host, which {} publishes already",
                            other.key
                        ),
                    )
                    .hint("give one of them another port of the host")
                    .also(other.span(), format!("published by {} here", other.key)),
                );
            }
            taken.add(address, own);
        }
    }
}

impl<'d> Taken<'d> {
    /// Who has it on this address already.
    fn by(&self, address: &str) -> Option<Published<'d>> {
        let [both, four, six] = self.all;
        match address {
            "" => self.any,
            "0.0.0.0" => both.or(self.family[0]),
            "::" => both.or(self.family[1]),
            _ if address.contains(':') => both.or(six).or(self.one.get(address).copied()),
            _ => both.or(four).or(self.one.get(address).copied()),
        }
    }

    fn add(&mut self, address: &'d str, who: Published<'d>) {
        self.any.get_or_insert(who);
        match address {
            "" => {
                self.all[0].get_or_insert(who);
            }
            "0.0.0.0" => {
                self.all[1].get_or_insert(who);
                self.family[0].get_or_insert(who);
            }
            "::" => {
                self.all[2].get_or_insert(who);
                self.family[1].get_or_insert(who);
            }
            _ => {
                self.one.entry(address).or_insert(who);
                self.family[usize::from(address.contains(':'))].get_or_insert(who);
            }
        }
    }
}

/// The published ports of a container.
pub fn ports(item: &Item) -> impl Iterator<Item = &Value> {
    let ports = item.settings.get("ports").and_then(Value::as_array);
    ports.into_iter().flatten()
}

/// A port as its place is called.
pub fn written(port: &Value) -> String {
    crate::model::attributes::find(&crate::model::attributes::CONTAINER, "ports")
        .and_then(|attribute| match attribute.shape {
            crate::model::Shape::Items(key) => Some(key(port)),
            crate::model::Shape::Whole | crate::model::Shape::Tree => None,
        })
        .unwrap_or_default()
}
