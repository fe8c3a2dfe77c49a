//! Networks that are wanted: made where they are missing, and made anew where they differ, which takes along what is on
//! them.

use serde_json::{Value, json};

use super::{
    Action, Change, Kind, StepId, Work,
    creation::endpoints,
    draft::step,
    names::{differs_in, foreign, takes_along},
    objects::owned_by,
    planner::Planner,
};
use crate::{
    desired::Network,
    live::{self, labels},
    model::attributes,
};

impl Planner<'_> {
    /// Networks that are wanted.
    pub fn networks(&mut self) {
        for wanted in self.desired.networks.values() {
            let there: Vec<&live::Network> = self.live.networks_named(&wanted.name).collect();
            let ours = there
                .iter()
                .copied()
                .find(|network| owned_by(network.owner.as_ref(), &self.desired.project));
            match (ours.or(there.first().copied()), wanted.external) {
                (None, true) => self.draft.error(
                    "network-missing",
                    &wanted.name,
                    "an external network of this name does not exist",
                    format!(
                        "make it with docker network create {}, or remove external",
                        wanted.name
                    ),
                    wanted.location.as_ref(),
                ),
                (Some(_), true) => {}
                (None, false) => {
                    let work = Work::CreateNetwork {
                        body: self.network_body(wanted),
                    };
                    self.draft.add(step(
                        Action::Create,
                        Kind::Network,
                        &wanted.name,
                        "does not exist",
                        work,
                    ));
                }
                (Some(found), false) => self.network_there(wanted, found),
            }
        }
    }

    fn network_there(&mut self, wanted: &Network, found: &live::Network) {
        let changes = self.object_changes(
            &attributes::NETWORK,
            &wanted.settings,
            (&found.settings, found.applied.as_ref()),
            &StepId::new(Kind::Network, &wanted.name),
        );
        if self.network_is_anothers(wanted, found, &changes) || changes.is_empty() {
            return;
        }
        let ours: Vec<&live::Container> = self
            .live
            .containers
            .iter()
            .filter(|one| one.endpoints.contains_key(&found.name) && self.is_ours_to_change(one))
            .collect();
        let strangers = self.strangers(&ours, |other| {
            let mut on = other.networks.iter();
            on.any(|name| *name == found.name || *name == found.id)
        });
        if !strangers.is_empty() {
            self.network_has_strangers(wanted, &changes, &strangers);
            return;
        }
        let reason = takes_along(&ours).unwrap_or_default();
        let members: Vec<(String, Value)> = ours
            .iter()
            .map(|one| (one.id.clone(), self.endpoint_on(found, one)))
            .collect();
        let interrupts = !members.is_empty();
        let work = Work::RemakeNetwork {
            id: found.id.clone(),
            body: self.network_body(wanted),
            members,
        };
        self.draft.add(
            step(Action::Recreate, Kind::Network, &wanted.name, reason, work)
                .with_changes(changes)
                .interrupting(interrupts),
        );
    }

    /// Whether a network is not this project's, and may not be taken over; the plan says so. One that nobody labelled and
    /// that is just as the file wants it counts as ours by its name: there is nothing to take over but that.
    fn network_is_anothers(
        &mut self,
        wanted: &Network,
        found: &live::Network,
        changes: &[Change],
    ) -> bool {
        if owned_by(found.owner.as_ref(), &self.desired.project) {
            return false;
        }
        let (whose, hint) = match &found.owner {
            None if changes.is_empty() => {
                self.draft.warn(
                    "network-foreign",
                    &wanted.name,
                    foreign("network", None),
                    "say external: true if somebody else looks after it; or take it off its containers and remove it, so that it is made anew",
                    wanted.location.as_ref(),
                );
                return false;
            }
            None if self.options.adopt => return false,
            None => (
                "is not Evenkeel's".to_owned(),
                "give it another name, say external: true to use it as it is, or take it over with --adopt",
            ),
            Some((project, _)) => (
                format!("belongs to the project {project}"),
                "give it another name, or say external: true to use it as it is",
            ),
        };
        self.draft.error(
            "name-taken",
            &wanted.name,
            format!(
                "a network of this name exists and {whose}; it {}",
                differs_in(changes)
            ),
            hint,
            wanted.location.as_ref(),
        );
        true
    }

    /// What is not the project's is not changed: not even taken off a network for a moment.
    fn network_has_strangers(&mut self, wanted: &Network, changes: &[Change], strangers: &[&str]) {
        let name = strangers.join(", ");
        self.draft.error(
            "network-used",
            &wanted.name,
            format!(
                "it {}, and cannot be made anew while {name} is on it, which is not this project's",
                differs_in(changes)
            ),
            format!(
                "change the file back, or take it off with docker network disconnect {} {}",
                wanted.name,
                strangers.first().unwrap_or(&"NAME")
            ),
            wanted.location.as_ref(),
        );
    }

    /// How a container joins a network again: as the file says, or as it is on it now.
    fn endpoint_on(&self, network: &live::Network, container: &live::Container) -> Value {
        self.wanted_of(container)
            .and_then(|wanted| endpoints(&wanted.settings).remove(&network.name))
            .or_else(|| {
                container
                    .settings
                    .get("networks")
                    .and_then(|networks| networks.get(&network.name))
                    .map(attributes::endpoint)
            })
            .unwrap_or_else(|| json!({}))
    }

    fn network_body(&self, wanted: &Network) -> Value {
        self.object_body(
            &attributes::NETWORK,
            &wanted.name,
            &wanted.settings,
            (labels::NETWORK, &wanted.key),
        )
    }
}
