//! What only one of two containers can have: where there is such a thing, the old and the new container cannot run side by
//! side, as `order: start-first` asks for.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{place, ports};
use crate::spec::{Document, Item, Problem, Span};

/// The word that asks for both at the same time.
const START_FIRST: &str = "start-first";

/// Something that only the old or the new container can have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Single {
    /// Where the file says that it has it.
    pub span: Span,
    /// What it is, in words: `port of the host`.
    pub what: &'static str,
}

pub fn check(document: &Document, problems: &mut Vec<Problem>) {
    for (key, Single { span, what }) in singles(document) {
        let item = &document.containers[key];
        problems.push(
            Problem::error(
                "contradiction",
                place(item, "update.order"),
                format!("the old and the new {key} cannot run side by side: only one of them can have its {what}"),
            )
            .hint("write order: stop-first, or put a proxy in front")
            .also(span, format!("the {what}")),
        );
    }
}

/// The containers that ask to be replaced with both running for a while and cannot be, by their keys.
pub fn singles(document: &Document) -> Vec<(&str, Single)> {
    let containers = || {
        let containers = document.containers.iter();
        containers.filter(|(_, item)| {
            let update = item.settings.get("update");
            let order = update.and_then(|update| update.get("order"));
            order.and_then(Value::as_str) == Some(START_FIRST)
        })
    };
    if containers().next().is_none() {
        return Vec::new();
    }
    let users = users(document);
    containers()
        .filter_map(|(key, item)| Some((key.as_str(), single(item, &users)?)))
        .collect()
}

fn single(item: &Item, users: &BTreeMap<&str, usize>) -> Option<Single> {
    let port = ports::ports(item).find(|port| port.get("host_port").is_some_and(Value::is_number));
    let networks = item.settings.get("networks").and_then(Value::as_object);
    let fixed = networks.into_iter().flatten().find(|(_, endpoint)| {
        ["ipv4_address", "ipv6_address", "mac_address"]
            .iter()
            .any(|field| endpoint.get(field).is_some())
    });
    let (path, what) = if let Some(port) = port {
        (
            format!("ports[{}]", ports::written(port)),
            "port of the host",
        )
    } else if let Some((name, _)) = fixed {
        (format!("networks.{name}"), "fixed address")
    } else {
        let volume = own_volume(item, users)?;
        (
            format!("volumes[{volume}]"),
            "volume, which nobody else writes to",
        )
    };
    let span = place(item, &path);
    Some(Single { span, what })
}

/// The target of a named volume that this container alone writes to: two processes that each take it for their own, such as
/// two databases, destroy what is in it. One that several containers share is made for that.
fn own_volume<'i>(item: &'i Item, users: &BTreeMap<&str, usize>) -> Option<&'i str> {
    if super::replicas(item).is_some_and(|count| count > 1) {
        return None;
    }
    let mut written = volumes(item)
        .filter(|(_, mount)| mount.get("read_only") != Some(&Value::Bool(true)))
        .filter(|(source, _)| users.get(source) == Some(&1));
    written.next()?.1.get("target")?.as_str()
}

/// How many containers mount each named volume.
fn users(document: &Document) -> BTreeMap<&str, usize> {
    let mut users = BTreeMap::new();
    for item in document.containers.values() {
        // One that mounts it twice is still one.
        let sources: BTreeSet<&str> = volumes(item).map(|(source, _)| source).collect();
        for source in sources {
            *users.entry(source).or_default() += 1;
        }
    }
    users
}

/// The named volumes that a container mounts, and how.
fn volumes(item: &Item) -> impl Iterator<Item = (&str, &Value)> {
    let items = item.settings.get("volumes").and_then(Value::as_array);
    items.into_iter().flatten().filter_map(|mount| {
        let named = mount.get("type").and_then(Value::as_str) == Some("volume");
        Some((mount.get("source")?.as_str()?, mount)).filter(|_| named)
    })
}
