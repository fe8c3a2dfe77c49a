//! Volumes that are wanted: made where they are missing, and made anew only where a flag names them, because their data is
//! gone then. An engine removes no volume that a container mounts, so the containers go first and are made again after it.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{
    Action, After, Cause, Change, Kind, StepId, Work,
    creation::creation,
    draft::step,
    names::{differs_in, foreign, takes_along},
    objects::owned_by,
    planner::Planner,
    rows::Instances,
};
use crate::{
    desired::{self, Volume},
    live::{self, labels},
    model::{Path, Way, attributes},
};

impl<'a> Planner<'a> {
    /// Volumes that are wanted. One that differs is never made anew by itself: its data would be gone.
    pub fn volumes(&mut self) {
        for wanted in self.desired.volumes.values() {
            match (self.live.volumes.get(&wanted.name), wanted.external) {
                (None, true) => self.draft.error(
                    "volume-missing",
                    &wanted.name,
                    "an external volume of this name does not exist",
                    format!(
                        "make it with docker volume create {}, or remove external",
                        wanted.name
                    ),
                    wanted.location.as_ref(),
                ),
                (Some(_), true) => {}
                (None, false) => {
                    let body = self.volume_body(wanted);
                    self.draft.add(step(
                        Action::Create,
                        Kind::Volume,
                        &wanted.name,
                        "does not exist",
                        Work::CreateVolume { body },
                    ));
                }
                (Some(found), false) => self.volume_there(wanted, found),
            }
        }
    }

    fn volume_there(&mut self, wanted: &Volume, found: &live::Volume) {
        let ours = owned_by(found.owner.as_ref(), &self.desired.project);
        // A volume of this name that nobody labelled is used as it is: its data is what the user means, and using a volume
        // changes nothing of it. But it may as well be somebody else's.
        if !ours {
            let owner = found.owner.as_ref().map(|(project, _)| project.as_str());
            let hint = match owner {
                Some(_) => {
                    "say external: true to use it without this line, or give this one another name"
                }
                None => {
                    "say external: true if somebody else looks after it; or save its data and remove it, so that it is made anew"
                }
            };
            let text = foreign("volume", owner);
            let place = wanted.location.as_ref();
            self.draft
                .warn("volume-foreign", &wanted.name, text, hint, place);
        }
        let mut changes = self.object_changes(
            &attributes::VOLUME,
            &wanted.settings,
            (&found.settings, found.applied.as_ref()),
            &StepId::new(Kind::Volume, &wanted.name),
        );
        changes.retain(|change| ours || change.path.attribute() != "labels");
        if changes.is_empty() {
            return;
        }
        let may = ours || found.owner.is_none() && self.options.adopt;
        if may && !self.options.standing && self.options.remove_volumes.contains(&wanted.name) {
            self.remake_volume(wanted, changes);
            return;
        }
        let flags = match &found.owner {
            _ if ours => "or lose its data with apply --remove-volume NAME",
            None => "or lose its data with apply --adopt --remove-volume NAME",
            Some(_) => "or remove it by hand when its data is saved",
        };
        self.draft.error(
            "volume-differs",
            &wanted.name,
            format!(
                "the volume {}, and making it anew would lose its data",
                differs_in(&changes)
            ),
            format!(
                "change the file back, give the volume another name, {}",
                flags.replace("NAME", &wanted.name)
            ),
            wanted.location.as_ref(),
        );
    }

    /// Makes a volume anew that a flag names. Whatever of the project mounts it is removed before and made again.
    fn remake_volume(&mut self, wanted: &Volume, changes: Vec<Change>) {
        let users = self.users_of(&wanted.name);
        let strangers = self.strangers(&users, |other| other.volumes.contains(&wanted.name));
        if !strangers.is_empty() {
            let text = format!(
                "the volume {}, and cannot be made anew while {} mounts it, which is not this project's",
                differs_in(&changes),
                strangers.join(", ")
            );
            self.draft.error(
                "volume-used",
                &wanted.name,
                text,
                "change the file back, or remove what mounts it",
                wanted.location.as_ref(),
            );
            return;
        }
        let reason = takes_along(&users).map_or_else(
            || "its removal was asked for".to_owned(),
            |along| format!("its removal was asked for; {along}"),
        );
        let work = Work::RemakeVolume {
            body: self.volume_body(wanted),
        };
        let mut step = step(Action::Recreate, Kind::Volume, &wanted.name, reason, work)
            .with_changes(changes)
            .interrupting(users.iter().any(|user| user.is_up()));
        step.loses_data = true;
        self.draft.add(step);
        self.emptied.insert(wanted.name.clone());
    }

    /// The containers that mount a volume and that this plan may change.
    pub fn users_of(&self, volume: &str) -> Vec<&'a live::Container> {
        let all = self.live.containers.iter();
        all.filter(|container| container.mounts(volume) && self.is_ours_to_change(container))
            .collect()
    }

    /// Whether one of these containers mounts a volume that is made anew.
    pub fn stands_on_emptied(&self, instances: &Instances<'_>) -> bool {
        let mut emptied = self.emptied.iter();
        emptied.any(|volume| instances.iter().any(|container| container.mounts(volume)))
    }

    /// Plans a container that has to go before a volume can, and is made again after it.
    pub fn around_volume(&mut self, wanted: &desired::Container, instances: &Instances<'a>) {
        let main = StepId::new(Kind::Container, &wanted.name);
        let parts = [
            ("remove-prev", instances.prev),
            ("remove-next", instances.next),
            ("remove-old", instances.main),
        ];
        let mut removals = Vec::new();
        for (part, container) in parts {
            let Some(container) = container else { continue };
            let reason = "a volume that it mounts is made anew";
            let step = self.remove(container, reason);
            let id = self
                .draft
                .add(step.of(Kind::Container, &wanted.name).part(part));
            for volume in self.emptied.iter().filter(|name| container.mounts(name)) {
                self.draft.order(&id, &StepId::new(Kind::Volume, volume));
            }
            removals.push(id);
        }
        let old = instances.iter().next();
        let mut changes = old.map_or_else(Vec::new, |old| self.judged(wanted, old));
        changes.extend(mounts_of(wanted, &self.emptied));
        self.hold(&main, &mut changes);
        self.makes_anew(wanted);
        // What it has in volumes without a name goes along to the new one, as in any replacement.
        let work = Work::Create(creation(&self.making(wanted, old)));
        let interrupts = old.is_some_and(live::Container::is_up);
        let made = step(Action::Recreate, Kind::Container, &wanted.name, "", work)
            .with_changes(changes)
            .interrupting(interrupts);
        self.add_chain(wanted, vec![made]);
        for id in removals {
            self.draft.order(&id, &main);
        }
    }

    fn volume_body(&self, wanted: &Volume) -> Value {
        self.object_body(
            &attributes::VOLUME,
            &wanted.name,
            &wanted.settings,
            (labels::VOLUME, &wanted.key),
        )
    }

    /// Says which of the volumes that are to be removed are not.
    pub fn volumes_not_removed(&mut self) {
        for name in &self.options.remove_volumes {
            let wanted = self
                .desired
                .volumes
                .values()
                .find(|wanted| wanted.name == *name);
            let found = self.live.volumes.get(name);
            let ours =
                found.is_some_and(|found| owned_by(found.owner.as_ref(), &self.desired.project));
            let (text, hint) = match (wanted, found) {
                (Some(_), _) if self.emptied.contains(name) || self.draft.has_error(name) => {
                    continue;
                }
                (Some(_), _) => (
                    "it is not removed, because the file still wants it",
                    "remove it from the file first".to_owned(),
                ),
                (None, _) if ours => continue,
                (None, Some(_)) => (
                    "it is not removed, because it is not this project's",
                    format!("remove it by hand with docker volume rm {name} if that is meant"),
                ),
                (None, None) => (
                    "it is not removed, because the project has no volume of this name",
                    "give its name on the engine, which docker volume ls tells".to_owned(),
                ),
            };
            let place = wanted.and_then(|wanted| wanted.location.as_ref());
            self.draft
                .warn("volume-not-removed", name, text, hint, place);
        }
    }
}

/// Where a container mounts volumes that are made anew, as changes that come of those.
fn mounts_of(wanted: &desired::Container, emptied: &BTreeSet<String>) -> Vec<Change> {
    let mounts = wanted.settings.get("volumes").and_then(Value::as_array);
    mounts
        .into_iter()
        .flatten()
        .filter_map(|mount| {
            let target = mount.get("target").and_then(Value::as_str)?;
            let volume = mount.get("source")?;
            emptied.contains(volume.as_str()?).then(|| Change {
                path: Path::new("volumes").item(target),
                before: Some(volume.clone()),
                after: After::Value(volume.clone()),
                cause: Cause::Dependency,
                way: Way::Recreate,
                sensitive: false,
            })
        })
        .collect()
}
