//! What changes a container while it lives: limits, networks, its name, its state.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::{After, Call, Cause, Change, Hooks, creation::endpoints};
use crate::{
    desired,
    live::{self, RunState, labels},
    model::{Body, EngineInfo, Expect, Path, Settings, State, Unset, Way, attributes},
};

/// The body of `POST /containers/{id}/update` for the changes that take that way; `None` if none does.
#[must_use]
pub fn update_body(
    changes: &[Change],
    wanted: &Settings,
    image: Option<&Value>,
    engine: &EngineInfo,
) -> Option<Value> {
    let mut names: Vec<&str> = changes
        .iter()
        .filter(|change| change.way == Way::Update)
        .map(|change| change.path.attribute())
        .collect();
    // The engine checks memory and swap against each other: they go together.
    if names.contains(&"memory") && !names.contains(&"memswap_limit") {
        names.push("memswap_limit");
    }
    if names.contains(&"memswap_limit") && !names.contains(&"memory") {
        names.push("memory");
    }
    let mut json = Map::new();
    let mut body = Body {
        json: &mut json,
        settings: wanted,
        engine,
    };
    for attribute in names
        .iter()
        .filter_map(|name| attributes::find(&attributes::CONTAINER, name))
    {
        let desired = wanted.get(attribute.name);
        let value = match attribute.unset {
            Unset::Default(default) => Some(desired.cloned().unwrap_or_else(|| default(engine))),
            Unset::Inherit(expect) => expect(&Expect {
                desired,
                settings: wanted,
                found: None,
                image,
                engine,
            }),
            Unset::EngineFills | Unset::Remembered | Unset::Ours => desired.cloned(),
        };
        if let Some(value) = value {
            attribute.write(&value, &mut body);
        }
    }
    match json.remove("HostConfig") {
        Some(Value::Object(map)) if !map.is_empty() => Some(Value::Object(map)),
        _ => None,
    }
}

/// The change of a name, if it differs.
#[must_use]
pub fn name_change(wanted: &desired::Container, found: &live::Container) -> Option<Change> {
    (wanted.name != found.name).then(|| {
        // The label says what the name was meant to be: if that has not changed, somebody renamed it.
        let meant = found.label(labels::NAME);
        Change {
            path: Path::new("container_name"),
            before: Some(Value::String(found.name.clone())),
            after: After::Value(Value::String(wanted.name.clone())),
            cause: if meant == Some(wanted.name.as_str()) {
                Cause::Drift
            } else {
                Cause::File
            },
            way: Way::Update,
            sensitive: false,
        }
    })
}

/// What a network is called in paths: its key in the file, because that is what people write there and in
/// `ignore_changes`; its name on the engine where the file does not know it.
fn shown<'a>(networks: &'a BTreeMap<String, desired::Network>, name: &'a str) -> &'a str {
    networks
        .values()
        .find(|network| network.name == name)
        .map_or(name, |network| &network.key)
}

/// The changes of a container's networks. `known` are the file's networks.
#[must_use]
pub fn network_changes(
    wanted: &desired::Container,
    found: &live::Container,
    known: &BTreeMap<String, desired::Network>,
) -> Vec<Change> {
    let Some(networks) = wanted.settings.get("networks") else {
        return Vec::new();
    };
    let there = networks_after_rename(wanted, found);
    let applied = found
        .applied
        .as_ref()
        .and_then(|applied| applied.get("networks"));
    attributes::network_changes(networks, &there)
        .into_iter()
        .map(|change| {
            let network = Path::new("networks").key(shown(known, &change.network));
            let path = match change.field.as_str() {
                "" => network,
                field => network.key(field),
            };
            let of = |networks: Option<&Value>| {
                let endpoint = networks?.get(&change.network)?;
                if change.field.is_empty() {
                    Some(Value::Bool(true))
                } else {
                    endpoint.get(&change.field).cloned()
                }
            };
            let cause = match (found.applied.is_some(), of(Some(networks)), of(applied)) {
                (false, _, _) => Cause::Adopt,
                (true, Some(wanted), Some(was)) if wanted == was => Cause::Drift,
                (true, Some(_), _) => Cause::File,
                (true, None, Some(_)) => Cause::Removed,
                (true, None, None) => Cause::Drift,
            };
            Change {
                path,
                before: change.before,
                after: After::of(change.after),
                cause,
                way: change.way,
                sensitive: false,
            }
        })
        .collect()
}

/// The networks that a container is on, as they are once it has its wanted name: the engine answers to a container's name
/// by itself, so what was no alias under one name may be missing under another.
fn networks_after_rename(wanted: &desired::Container, found: &live::Container) -> Value {
    let mut networks = found
        .settings
        .get("networks")
        .cloned()
        .unwrap_or_else(|| Value::Object(Map::new()));
    if wanted.name != found.name {
        for endpoint in networks
            .as_object_mut()
            .into_iter()
            .flat_map(Map::values_mut)
        {
            if let Some(Value::Array(own)) = endpoint.get_mut(attributes::OWN_NAMES) {
                own.retain(|name| name.as_str() != Some(&found.name));
                own.push(Value::String(wanted.name.clone()));
            }
        }
    }
    networks
}

/// The calls that bring a container's networks to what is wanted: leave, then join with the whole endpoint. Only networks
/// that `changes` speak of are touched: what the file does not judge stays as it is.
#[must_use]
pub fn network_calls(
    wanted: &desired::Container,
    found: &live::Container,
    known: &BTreeMap<String, desired::Network>,
    changes: &[Change],
) -> Vec<Call> {
    let Some(networks) = wanted.settings.get("networks") else {
        return Vec::new();
    };
    let there = networks_after_rename(wanted, found);
    let endpoints = endpoints(&wanted.settings);
    let mut names: Vec<String> = attributes::network_changes(networks, &there)
        .into_iter()
        .map(|change| change.network)
        .filter(|name| {
            let shown = shown(known, name);
            changes.iter().any(|change| {
                change.path.attribute() == "networks" && change.path.first() == Some(shown)
            })
        })
        .collect();
    names.sort();
    names.dedup();
    let mut calls: Vec<Call> = names
        .iter()
        .filter(|name| found.endpoints.contains_key(*name))
        .map(|name| Call::Disconnect {
            network: name.clone(),
        })
        .collect();
    calls.extend(names.iter().filter_map(|name| {
        Some(Call::Connect {
            network: name.clone(),
            endpoint: endpoints.get(name)?.clone(),
        })
    }));
    calls
}

/// What becomes of a container's state.
#[derive(Debug, Clone, PartialEq)]
pub enum StateChange {
    /// It is as it should be.
    None,
    /// It gets there by itself, and is waited for.
    Waits,
    /// Calls bring it there.
    Calls(Vec<Call>),
    /// Only a new container can.
    Recreate,
}

/// What brings a container from what it is doing to what it should be doing.
#[must_use]
pub fn state_change(wanted: State, found: &live::Container) -> StateChange {
    use RunState::{Created, Dead, Exited, Paused, Restarting, Running, Unknown};
    let calls = match (wanted, found.state) {
        (State::Absent, _)
        // A container that dies again and again is the restart policy's business: it is not ours to fight it.
        | (State::Running, Running | Restarting)
        | (State::Created, Created)
        | (State::Stopped, Created | Exited)
        | (State::Paused, Paused)
        // A state that nobody knows is nobody's to change.
        | (_, Unknown) => return StateChange::None,
        (State::Completed, Exited) if found.exit_code == 0 && found.ran => return StateChange::None,
        (State::Completed, Running | Restarting) => return StateChange::Waits,
        (_, Dead) => return StateChange::Recreate,
        // "Created" means never started, and no call undoes a start.
        (State::Created, Running | Paused | Restarting | Exited) => return StateChange::Recreate,
        (State::Running | State::Completed, Created | Exited) => vec![Call::Start],
        (State::Running, Paused) => vec![Call::Unpause],
        (State::Completed, Paused) => vec![Call::Unpause, Call::Await],
        (State::Stopped, Running | Restarting) => vec![Call::Stop],
        (State::Stopped, Paused) => vec![Call::Unpause, Call::Stop],
        (State::Paused, Running | Restarting) => vec![Call::Pause],
        (State::Paused, Created | Exited) => vec![Call::Start, Call::Pause],
    };
    StateChange::Calls(calls)
}

/// The state as a change of a field, for what people read.
#[must_use]
pub fn state_field(wanted: &desired::Container, found: &live::Container, way: Way) -> Change {
    let before = found.doing();
    let was = found
        .applied
        .as_ref()
        .and_then(|applied| applied.settings.text("state"))
        .unwrap_or("running");
    Change {
        path: Path::new("state"),
        before: Some(Value::String(before)),
        after: After::Value(Value::String(wanted.state.word().to_owned())),
        cause: match found.applied {
            None => Cause::Adopt,
            Some(_) if was == wanted.state.word() => Cause::Drift,
            Some(_) => Cause::File,
        },
        way,
        sensitive: false,
    }
}

/// Whether something is run in a container after its start.
#[must_use]
pub fn is_hooked(wanted: &desired::Container) -> bool {
    wanted.state.starts() && !Hooks::of(&wanted.settings).post_start.is_empty()
}

/// Whether a container is still called `.next`, because it gets its name when its hooks have run.
#[must_use]
pub fn takes_name(wanted: &desired::Container, found: &live::Container) -> bool {
    found.role == live::Role::Next && is_hooked(wanted)
}

/// The calls that start a container that ran before. Its name says that its hooks have run, so it does not have it until
/// then; but only what our label names is found again under another one.
#[must_use]
pub fn start(wanted: &desired::Container, found: &live::Container, hooked: bool) -> Vec<Call> {
    if !hooked {
        return vec![Call::Start, Call::Await];
    }
    let Some(name) = found.label(labels::NAME) else {
        return vec![Call::Start, Call::PostStart, Call::Await];
    };
    let aside = live::next(name);
    let mut calls = Vec::new();
    if found.name != aside {
        calls.push(Call::Rename(aside));
    }
    calls.extend([
        Call::Start,
        Call::PostStart,
        Call::Rename(wanted.name.clone()),
        Call::Await,
    ]);
    calls
}
