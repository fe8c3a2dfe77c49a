//! Host ports that containers take over from one another, or that something else has.

use serde_json::Value;

use super::{
    Action, Kind, StepId,
    planner::{Planner, key_of},
};
use crate::{
    live,
    model::{Settings, State},
};

impl Planner<'_> {
    /// A host port that a container would publish and that another one publishes already.
    pub fn ports(&mut self) {
        let mut problems = Vec::new();
        let mut edges = Vec::new();
        for wanted in self.desired.containers.values() {
            let main = StepId::new(Kind::Container, &wanted.name);
            let starts = self.draft.get(&main).is_some_and(|step| {
                matches!(
                    step.action,
                    Action::Create | Action::Recreate | Action::Start
                )
            });
            if !starts || wanted.state == State::Created || wanted.state == State::Stopped {
                continue;
            }
            for (address, port, protocol) in published(&wanted.settings) {
                for other in self
                    .live
                    .others
                    .iter()
                    .filter(|other| publishes(other, &address, port, &protocol))
                {
                    let Some(name) = other.names.first() else {
                        continue;
                    };
                    let own = self
                        .live
                        .containers
                        .iter()
                        .find(|container| container.id == other.id);
                    let key = own.and_then(|container| key_of(container, self.desired));
                    // What stands under its name gives way to it: what may not would be a conflict already.
                    if key == Some(wanted.key.as_str()) || *name == wanted.name {
                        continue;
                    }
                    let first = match key {
                        Some(key) => self
                            .desired
                            .containers
                            .get(key)
                            .filter(|other| other.state != State::Absent)
                            .map_or_else(
                                || StepId::new(Kind::Container, name),
                                |other| StepId::new(Kind::Container, &other.name),
                            ),
                        None => StepId::new(Kind::Container, name),
                    };
                    let gives_way = key.is_some()
                        && self.draft.get(&first).is_some_and(|step| {
                            matches!(
                                step.action,
                                Action::Remove | Action::Recreate | Action::Stop
                            )
                        });
                    if gives_way {
                        edges.push((first, main.clone()));
                    } else {
                        problems.push((
                            wanted.name.clone(),
                            port,
                            protocol.clone(),
                            name.clone(),
                            wanted
                                .ports_location
                                .clone()
                                .or_else(|| wanted.location.clone()),
                        ));
                    }
                }
            }
        }
        for names in self.in_circles(&edges) {
            let listed = names.iter().cloned().collect::<Vec<_>>().join(", ");
            for name in &names {
                let wanted = self.wanted_named(name);
                self.draft.error(
                    "port-exchange",
                    name,
                    format!("{listed} wait for one another, because host ports go from one to the other, which cannot be done one after the other"),
                    "change one of them to a third port first",
                    wanted.and_then(|wanted| wanted.ports_location.as_ref().or(wanted.location.as_ref())),
                );
            }
        }
        self.hand_over(edges);
        for (name, port, protocol, holder, place) in problems {
            self.draft.error(
                "port-taken",
                &name,
                format!(
                    "the host port {port}/{protocol} is published by the container {holder} already"
                ),
                format!("publish another port, or stop {holder}"),
                place.as_ref(),
            );
        }
    }
}

/// The host ports that a container would publish: address, port, protocol.
fn published(settings: &Settings) -> Vec<(String, u16, String)> {
    let items = settings.get("ports").and_then(Value::as_array);
    items
        .into_iter()
        .flatten()
        .filter_map(|item| {
            let port = u16::try_from(item.get("host_port")?.as_u64()?).ok()?;
            let text = |name: &str| {
                item.get(name)
                    .and_then(Value::as_str)
                    .unwrap_or_default()
                    .to_owned()
            };
            Some((text("host_ip"), port, text("protocol")))
        })
        .collect()
}

/// Whether a container publishes a port on an address that overlaps: no address is all of them.
fn publishes(other: &live::Other, address: &str, port: u16, protocol: &str) -> bool {
    let all = |address: &str| matches!(address, "" | "0.0.0.0" | "::");
    other.published.iter().any(|(theirs, number, kind)| {
        *number == port && kind == protocol && (all(theirs) || all(address) || theirs == address)
    })
}
