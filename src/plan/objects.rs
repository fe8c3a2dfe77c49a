//! Images, networks and volumes: what has to be there before a container is made, and what can go in the end.

use serde_json::{Map, Value, json};

use super::{
    Action, Build, Change, Kind, Step, StepId, Work,
    creation::endpoints,
    difference::{self, Sides},
    draft::step,
    planner::Planner,
};
use crate::{
    desired::{Network, Volume},
    live::{self, labels},
    model::{Applied, Body, PullPolicy, Secrets, Settings, State, Table, attributes},
};

impl Planner<'_> {
    /// Images that are wanted and not there, or not as the registry has them.
    pub fn images(&mut self) {
        for image in self.desired.images.values().filter(|image| image.present) {
            let reference = &image.reference;
            let there = self.live.images.get(reference);
            if let Some(settings) = &image.build {
                if there.is_none() || image.pull == PullPolicy::Always {
                    let work = Work::Build(Build {
                        reference: reference.clone(),
                        settings: settings.clone(),
                    });
                    self.draft
                        .add(step(Action::Build, Kind::Image, reference, "", work));
                    self.fetched.insert(reference.clone());
                }
                continue;
            }
            let reason = match (image.pull, there) {
                (PullPolicy::Never, None) => {
                    self.draft.error(
                        "image-missing",
                        reference,
                        format!(
                            "the engine does not have {reference}, and it must never be pulled"
                        ),
                        "load or build it, or change pull to missing",
                        image.location.as_ref(),
                    );
                    continue;
                }
                (PullPolicy::Missing | PullPolicy::Always, None) => "is not on the engine",
                (PullPolicy::Always, Some(there)) => {
                    let Some(remote) = self.live.remote.get(reference) else {
                        continue;
                    };
                    if there
                        .digests
                        .iter()
                        .any(|digest| digest.ends_with(remote.as_str()))
                    {
                        continue;
                    }
                    "the registry has another one"
                }
                (PullPolicy::Never | PullPolicy::Missing, Some(_)) => continue,
            };
            let work = Work::Pull {
                reference: reference.clone(),
                platform: image.platform.clone(),
            };
            self.draft
                .add(step(Action::Pull, Kind::Image, reference, reason, work));
            self.fetched.insert(reference.clone());
        }
    }

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
                (Some(_), false) if ours.is_none() && !self.options.adopt => {
                    self.draft.error(
                        "name-taken",
                        &wanted.name,
                        "a network of this name exists and is not this project's",
                        "give it another name, say external: true to use it as it is, or take it over with --adopt",
                        wanted.location.as_ref(),
                    );
                }
                (Some(network), false) => self.network_there(wanted, network),
            }
        }
    }

    fn network_there(&mut self, wanted: &Network, found: &live::Network) {
        let applied = found.applied.as_ref().map(|applied| &applied.settings);
        let changes = self.object_changes(
            attributes::NETWORK,
            &wanted.settings,
            &found.settings,
            applied,
            &wanted.name,
        );
        if changes.is_empty() {
            return;
        }
        let members: Vec<(String, Value)> = self
            .live
            .containers
            .iter()
            .filter(|container| container.endpoints.contains_key(&found.name))
            .map(|container| {
                let key = container
                    .key_in(&self.desired.project)
                    .and_then(|key| self.desired.containers.get(key));
                let endpoint = key
                    .and_then(|wanted| endpoints(&wanted.settings).remove(&found.name))
                    .or_else(|| {
                        container
                            .settings
                            .get("networks")
                            .and_then(|networks| networks.get(&found.name))
                            .map(attributes::endpoint)
                    })
                    .unwrap_or_else(|| json!({}));
                (container.id.clone(), endpoint)
            })
            .collect();
        let names: Vec<&str> = self
            .live
            .containers
            .iter()
            .filter(|container| container.endpoints.contains_key(&found.name))
            .map(|container| container.name.as_str())
            .collect();
        let reason = if names.is_empty() {
            String::new()
        } else {
            format!("takes along {}", names.join(", "))
        };
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
        // A volume of this name that nobody labelled is used as it is: its data is what the user means, and using a volume
        // changes nothing of it. But it may as well be somebody else's.
        if !owned_by(found.owner.as_ref(), &self.desired.project) {
            let whose = found.owner.as_ref().map_or_else(
                || "was not made by Evenkeel".to_owned(),
                |(project, _)| format!("belongs to the project {project}"),
            );
            self.draft.warn(
                "volume-foreign",
                &wanted.name,
                format!("a volume of this name exists and {whose}; it is used as it is"),
                "say external: true to use it without this line, or give this one another name",
                wanted.location.as_ref(),
            );
        }
        let applied = found.applied.as_ref().map(|applied| &applied.settings);
        let changes = self.object_changes(
            attributes::VOLUME,
            &wanted.settings,
            &found.settings,
            applied,
            &wanted.name,
        );
        let changes: Vec<Change> = changes
            .into_iter()
            .filter(|change| {
                change.path.attribute() != "labels"
                    || owned_by(found.owner.as_ref(), &self.desired.project)
            })
            .collect();
        if let Some(change) = changes.first() {
            self.draft.error(
                "volume-differs",
                &wanted.name,
                format!("the volume differs in {}, and making it anew would lose its data", change.path),
                "change the file back, give the volume another name, or remove it by hand when its data is saved",
                wanted.location.as_ref(),
            );
        }
    }

    fn object_changes(
        &self,
        table: Table,
        desired: &Settings,
        found: &Settings,
        applied: Option<&Settings>,
        name: &str,
    ) -> Vec<Change> {
        let secrets = Secrets::default();
        let place = format!("{}/{name}", self.desired.project);
        let image = Value::Null;
        let sides = Sides {
            place: &place,
            desired,
            applied,
            found,
            image: Some(&image),
            other_image: false,
            engine: self.engine(),
            secrets: &secrets,
        };
        difference::compare(table, &sides)
    }

    fn network_body(&self, wanted: &Network) -> Value {
        self.object_body(
            attributes::NETWORK,
            &wanted.name,
            &wanted.settings,
            (labels::NETWORK, &wanted.key),
        )
    }

    fn volume_body(&self, wanted: &Volume) -> Value {
        self.object_body(
            attributes::VOLUME,
            &wanted.name,
            &wanted.settings,
            (labels::VOLUME, &wanted.key),
        )
    }

    fn object_body(
        &self,
        table: Table,
        name: &str,
        settings: &Settings,
        label: (&str, &str),
    ) -> Value {
        let mut json = Map::new();
        let mut body = Body {
            json: &mut json,
            settings,
            engine: self.engine(),
        };
        for attribute in attributes::all(table) {
            if let Some(value) = settings.get(attribute.name) {
                attribute.write(value, &mut body);
            }
        }
        json.insert("Name".into(), Value::String(name.to_owned()));
        if let Value::Object(labels) = json.entry("Labels").or_insert_with(|| json!({})) {
            let place = format!("{}/{name}", self.desired.project);
            let applied = difference::to_label(table, settings, &Secrets::default(), &place);
            labels.insert(
                labels::PROJECT.into(),
                Value::String(self.desired.project.clone()),
            );
            labels.insert(label.0.into(), Value::String(label.1.to_owned()));
            labels.insert(
                labels::APPLIED.into(),
                Value::String(Applied::new(applied).text()),
            );
        }
        Value::Object(json)
    }

    /// What the project owns and the file does not want: networks that nobody needs, volumes that a flag names, images that
    /// are wanted absent. All of it last.
    pub fn leftovers(&mut self) {
        let project = self.desired.project.clone();
        let containers: Vec<StepId> = self
            .draft
            .steps()
            .filter(|step| step.kind == Kind::Container)
            .map(|step| step.id.clone())
            .collect();
        let mut leftovers: Vec<Step> = Vec::new();
        for network in self
            .live
            .networks
            .iter()
            .filter(|network| owned_by(network.owner.as_ref(), &project))
        {
            let wanted = self
                .desired
                .networks
                .values()
                .any(|wanted| wanted.name == network.name && !wanted.external);
            if !wanted {
                let reason = if self.desired.containers.is_empty() {
                    "is not needed any more".to_owned()
                } else {
                    format!("is not in {} any more", self.desired.file)
                };
                leftovers.push(step(
                    Action::Remove,
                    Kind::Network,
                    &network.name,
                    reason,
                    Work::RemoveNetwork {
                        id: network.id.clone(),
                    },
                ));
            }
        }
        for volume in self
            .live
            .volumes
            .values()
            .filter(|volume| owned_by(volume.owner.as_ref(), &project))
        {
            let wanted = self
                .desired
                .volumes
                .values()
                .any(|wanted| wanted.name == volume.name);
            if !wanted && self.options.remove_volumes.contains(&volume.name) {
                let mut step = step(
                    Action::Remove,
                    Kind::Volume,
                    &volume.name,
                    "its removal was asked for",
                    Work::RemoveVolume,
                );
                step.loses_data = true;
                leftovers.push(step);
            }
        }
        self.volumes_not_removed();
        for image in self.desired.images.values().filter(|image| !image.present) {
            let used = self.desired.containers.values().any(|container| {
                container.image == image.reference && container.state != State::Absent
            });
            if used {
                self.draft.error(
                    "image-used",
                    &image.reference,
                    "an image that is wanted absent is used by a container",
                    "remove state: absent, or the container",
                    image.location.as_ref(),
                );
            } else if self.live.images.contains_key(&image.reference) {
                leftovers.push(step(
                    Action::Remove,
                    Kind::Image,
                    &image.reference,
                    "is wanted absent",
                    Work::RemoveImage,
                ));
            }
        }
        for leftover in leftovers {
            let id = self.draft.add(leftover);
            for container in &containers {
                self.draft.order(container, &id);
            }
        }
    }

    /// Says which of the volumes that are to be removed are not.
    fn volumes_not_removed(&mut self) {
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

fn owned_by(owner: Option<&(String, String)>, project: &str) -> bool {
    owner.is_some_and(|(owner, _)| owner == project)
}
