//! Images; what networks and volumes have in common; and what can go in the end.

use serde_json::{Map, Value, json};

use super::{
    Action, Build, Change, Kind, Step, StepId, Work,
    difference::{self, Sides},
    draft::step,
    planner::Planner,
};
use crate::{
    live::labels,
    model::{Applied, Body, PullPolicy, Settings, State, Table, attributes},
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
                        settings: for_platform(settings, image.platform.as_deref()),
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

    /// Everything in which a network or a volume that is there differs, but for what is held.
    pub fn object_changes(
        &mut self,
        table: Table,
        desired: &Settings,
        (found, applied): (&Settings, Option<&Applied>),
        id: &StepId,
    ) -> Vec<Change> {
        let wanted = self.desired;
        let place = format!("{}/{}", wanted.project, id.name());
        let image = Value::Null;
        let sides = Sides {
            place: &place,
            desired,
            applied: applied.map(|applied| &applied.settings),
            found,
            image: Some(&image),
            other_image: false,
            engine: self.engine(),
            secrets: &wanted.secrets,
        };
        let mut changes = difference::compare(table, &sides);
        self.hold(id, &mut changes);
        changes
    }

    /// The request that makes a network or a volume.
    pub fn object_body(
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
            let applied = difference::to_label(table, settings, &self.desired.secrets, &place);
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
}

/// What is built for the image's platform, unless the build names its own.
fn for_platform(settings: &Value, platform: Option<&str>) -> Value {
    let mut settings = settings.clone();
    let own = settings.get("platforms").and_then(Value::as_array);
    if let Some(platform) = platform
        && own.is_none_or(Vec::is_empty)
    {
        settings["platforms"] = json!([platform]);
    }
    settings
}

/// Whether a network or a volume is a project's.
#[must_use]
pub fn owned_by(owner: Option<&(String, String)>, project: &str) -> bool {
    owner.is_some_and(|(owner, _)| owner == project)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::for_platform;

    #[test]
    fn an_image_is_built_for_its_platform() {
        let build = json!({ "context": "app" });
        assert_eq!(for_platform(&build, None), build);
        assert_eq!(
            for_platform(&build, Some("linux/arm64")),
            json!({ "context": "app", "platforms": ["linux/arm64"] })
        );
        let own = json!({ "context": "app", "platforms": ["linux/amd64"] });
        assert_eq!(for_platform(&own, Some("linux/arm64")), own);
    }
}
