//! What engines make of `cap_add` and `cap_drop`.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::{
    model::{
        Expect, Seen,
        attributes::{
            lists,
            parts::{privileged, texts},
        },
    },
    value::Capability,
};

/// Which of the two lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `cap_add`.
    Added,
    /// `cap_drop`.
    Dropped,
}

/// What a container of Docker has by default.
const DOCKERS: &[&str] = &[
    "CAP_AUDIT_WRITE",
    "CAP_CHOWN",
    "CAP_DAC_OVERRIDE",
    "CAP_FOWNER",
    "CAP_FSETID",
    "CAP_KILL",
    "CAP_MKNOD",
    "CAP_NET_BIND_SERVICE",
    "CAP_NET_RAW",
    "CAP_SETFCAP",
    "CAP_SETGID",
    "CAP_SETPCAP",
    "CAP_SETUID",
    "CAP_SYS_CHROOT",
];

/// What a container of Podman has less by default.
const NOT_PODMANS: &[&str] = &["CAP_AUDIT_WRITE", "CAP_MKNOD", "CAP_NET_RAW"];

/// The list that an engine should show, as [`read`] tells it.
///
/// Docker shows what was asked for. Podman shows what a container has, as the difference from Docker's default; what it makes
/// of `cap_add: [ALL]` and of a privileged container does not tell what was asked for.
pub fn expected(expect: &Expect<'_>, kind: Kind) -> Option<Value> {
    if !expect.engine.podman {
        return Some(expect.desired.cloned().unwrap_or(Value::Null));
    }
    let given = |name: &str| -> BTreeSet<&str> {
        let items = expect.settings.get(name).and_then(Value::as_array);
        items
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect()
    };
    let (added, dropped) = (given("cap_add"), given("cap_drop"));
    if privileged(expect) || added.contains("ALL") {
        return None;
    }
    let mut has: BTreeSet<&str> = podmans()
        .filter(|_| !dropped.contains("ALL"))
        .chain(added.iter().copied())
        .collect();
    has.retain(|name| !dropped.contains(name));
    Some(against_podmans(&has, kind))
}

/// The list that an engine shows.
pub fn read(seen: &Seen<'_>, kind: Kind) -> Option<Value> {
    let list = |place| lists::texts(seen, place, capability);
    let (added, dropped) = (list("HostConfig/CapAdd"), list("HostConfig/CapDrop"));
    if !seen.engine.podman {
        return match kind {
            Kind::Added => added,
            Kind::Dropped => dropped,
        };
    }
    let mut has: BTreeSet<&str> = DOCKERS.iter().copied().collect();
    let dropped: Vec<&str> = texts(dropped.as_ref()).collect();
    has.retain(|name| !dropped.contains(name));
    has.extend(texts(added.as_ref()));
    Some(against_podmans(&has, kind))
}

/// What a container of Podman has by default.
fn podmans<'a>() -> impl Iterator<Item = &'a str> {
    let all = DOCKERS.iter().copied();
    all.filter(|name| !NOT_PODMANS.contains(name))
}

/// What a container has more or less than others of Podman: as a file would ask for it, and so each in its own list.
fn against_podmans(has: &BTreeSet<&str>, kind: Kind) -> Value {
    let default: BTreeSet<&str> = podmans().collect();
    let names: Vec<&str> = match kind {
        Kind::Added => has.difference(&default).copied().collect(),
        Kind::Dropped => default.difference(has).copied().collect(),
    };
    names.into()
}

/// A capability as an engine writes it.
fn capability(text: &str) -> String {
    Capability::from_engine(text).to_string()
}
