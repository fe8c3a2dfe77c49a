//! Ports of the host: each can be published once.

use std::collections::HashMap;

use serde_json::Value;

use super::{place, replicas, state};
use crate::spec::{Document, Item, Problem, Span};

/// Who has published a port of the host.
#[derive(Default)]
struct Taken<'d> {
    /// On all addresses of both kinds, of IPv4, of IPv6.
    all: [Option<(&'d str, Span)>; 3],
    /// On one address.
    one: HashMap<&'d str, (&'d str, Span)>,
    /// The first on any address.
    any: Option<(&'d str, Span)>,
    /// The first on any address of IPv4, of IPv6.
    family: [Option<(&'d str, Span)>; 2],
}

pub fn check(document: &Document, problems: &mut Vec<Problem>) {
    let mut taken: HashMap<(u64, &str), Taken<'_>> = HashMap::new();
    for (key, item) in &document.containers {
        // Something that does not run holds no port.
        if !matches!(state(item), "running" | "paused") {
            continue;
        }
        // It has no ports of its own to publish, which is warned of.
        if matches!(item.settings.text("network_mode"), Some("host" | "none")) {
            continue;
        }
        let several = replicas(item).is_some_and(|count| count > 1);
        for port in ports(item) {
            let Some(number) = port.get("host_port").and_then(Value::as_u64) else {
                continue;
            };
            let text = |name: &str| port.get(name).and_then(Value::as_str).unwrap_or_default();
            let (address, protocol) = (text("host_ip"), text("protocol"));
            let span = place(item, &format!("ports[{}]", written(port)));
            if several {
                problems.push(
                    Problem::error(
                        "port-taken",
                        span,
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
            let taken = taken.entry((number, protocol)).or_default();
            if let Some((other, first)) = taken.by(address).filter(|(other, _)| other != key) {
                problems.push(
                    Problem::error(
                        "port-taken",
                        span,
                        format!("{key} publishes port {number} of the host, which {other} publishes already"),
                    )
                    .hint("give one of them another port of the host")
                    .also(first, format!("published by {other} here")),
                );
            }
            taken.add(address, (key, span));
        }
    }
}

impl<'d> Taken<'d> {
    /// Who has it on this address already.
    fn by(&self, address: &str) -> Option<(&'d str, Span)> {
        let [both, four, six] = self.all;
        match address {
            "" => self.any,
            "0.0.0.0" => both.or(self.family[0]),
            "::" => both.or(self.family[1]),
            _ if address.contains(':') => both.or(six).or(self.one.get(address).copied()),
            _ => both.or(four).or(self.one.get(address).copied()),
        }
    }

    fn add(&mut self, address: &'d str, who: (&'d str, Span)) {
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
    crate::model::attributes::find(crate::model::attributes::CONTAINER, "ports")
        .and_then(|attribute| match attribute.shape {
            crate::model::Shape::Items(key) => Some(key(port)),
            crate::model::Shape::Whole | crate::model::Shape::Tree => None,
        })
        .unwrap_or_default()
}
