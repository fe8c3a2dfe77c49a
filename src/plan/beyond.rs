//! What a file asks for that this engine, or its host, cannot do. Engines ignore most of it without a word, so the plan
//! has to say it: once, with the step that makes the container, because afterwards it is no difference.

use serde_json::Value;

use super::{Action, Kind, StepId, planner::Planner};
use crate::{
    desired,
    model::{Expect, Settings, Unset, attributes, is_empty},
};

/// Attributes that a host may be unable to enforce, which `/info` tells.
const OF_THE_HOST: &[&str] = &[
    "memory",
    "memory_reservation",
    "memswap_limit",
    "mem_swappiness",
    "oom_kill_disable",
    "cpus",
    "cpu_shares",
    "cpu_period",
    "cpu_quota",
    "cpuset",
    "pids_limit",
];

/// Something that a later API than the engine's knows: what is asked for, since which minor version, and whether the
/// container would be another one without it, and not only a lesser one.
struct Later {
    path: String,
    since: u32,
    wrong_without: bool,
}

impl Planner<'_> {
    /// Says what of the containers that are made now the engine cannot do.
    pub fn beyond(&mut self) {
        for wanted in self.desired.containers.values() {
            let step = self
                .draft
                .get(&StepId::new(Kind::Container, &wanted.name))
                .map(|step| step.action);
            if !matches!(
                step,
                Some(Action::Create | Action::Recreate | Action::Update)
            ) {
                continue;
            }
            self.beyond_the_api(wanted);
            // What Podman does not judge has other reasons, too.
            if self.engine().podman {
                self.beyond_podman(wanted);
            } else {
                self.beyond_the_host(wanted);
            }
        }
    }

    fn beyond_the_api(&mut self, wanted: &desired::Container) {
        let (major, minor) = self.engine().api;
        for later in later(&wanted.settings) {
            if self.engine().at_least(later.since) {
                continue;
            }
            let text = format!(
                "{} needs an engine of API 1.{}, and this one has {major}.{minor}",
                later.path, later.since
            );
            let hint = format!("use a newer engine, or remove {}", later.path);
            let place = wanted.location.as_ref();
            if later.wrong_without {
                self.draft
                    .error("engine-cannot", &wanted.name, text, hint, place);
                // What there is stays as it is.
                self.draft
                    .drop_chain(&StepId::new(Kind::Container, &wanted.name));
            } else {
                self.draft.warn(
                    "engine-cannot",
                    &wanted.name,
                    format!("{text}, which ignores it"),
                    hint,
                    place,
                );
            }
        }
    }

    /// On a network of the file Podman drops links without a word, and elsewhere it refuses them.
    fn beyond_podman(&mut self, wanted: &desired::Container) {
        for name in ["links", "external_links"] {
            if wanted.settings.get(name).is_none_or(is_empty) {
                continue;
            }
            self.draft.error(
                "engine-cannot",
                &wanted.name,
                format!("{name} needs Docker, and this engine is Podman"),
                format!("give the other container an alias on a network that both are on, and remove {name}"),
                wanted.location.as_ref(),
            );
            // What there is stays as it is.
            self.draft
                .drop_chain(&StepId::new(Kind::Container, &wanted.name));
        }
    }

    fn beyond_the_host(&mut self, wanted: &desired::Container) {
        let engine = self.engine();
        let expected = |name: &str, desired: &Value| {
            let unset = attributes::find(&attributes::CONTAINER, name)?.unset;
            let Unset::Inherit(expect) = unset else {
                return Some(desired.clone());
            };
            expect(&Expect {
                desired: Some(desired),
                settings: &wanted.settings,
                found: None,
                image: None,
                engine,
            })
        };
        let given = |name: &str| {
            let value = wanted.settings.get(name)?;
            // 0, -1 and false ask for nothing.
            let asks = value.as_i64().is_none_or(|number| number > 0);
            (asks && !is_empty(value) && *value != Value::Bool(false)).then_some(value)
        };
        let mut names: Vec<String> = OF_THE_HOST
            .iter()
            .filter(|name| given(name).is_some_and(|value| expected(name, value).is_none()))
            .map(|name| (*name).to_owned())
            .collect();
        if let Some(Value::Object(asked)) = given("blkio_config") {
            let can = expected("blkio_config", &Value::Object(asked.clone()));
            names.extend(
                asked
                    .keys()
                    .filter(|key| can.as_ref().is_none_or(|can| can.get(key).is_none()))
                    .map(|key| format!("blkio_config.{key}")),
            );
        }
        for name in names {
            self.draft.warn(
                "host-cannot",
                &wanted.name,
                format!("the host cannot enforce {name}"),
                format!("remove {name}, or set up the host's kernel for it"),
                wanted.location.as_ref(),
            );
        }
    }
}

/// What a container asks for that not every engine knows.
fn later(settings: &Settings) -> Vec<Later> {
    let mut found = Vec::new();
    let mut needs = |path: String, since: u32, wrong_without: bool| {
        found.push(Later {
            path,
            since,
            wrong_without,
        });
    };
    let asks = |name: &str| settings.get(name).is_some_and(|value| !is_empty(value));
    if asks("annotations") {
        needs("annotations".into(), 43, false);
    }
    let check = settings.get("healthcheck");
    if check.is_some_and(|check| check.get("start_interval").is_some()) {
        needs("healthcheck.start_interval".into(), 44, false);
    }
    let networks = settings.get("networks").and_then(Value::as_object);
    let gateway = networks
        .into_iter()
        .flat_map(|networks| networks.values())
        .any(|endpoint| endpoint.get("gw_priority").is_some());
    if gateway {
        needs("networks.gw_priority".into(), 48, false);
    }
    let volumes = settings.get("volumes").and_then(Value::as_array);
    for mount in volumes.into_iter().flatten() {
        let target = mount
            .get("target")
            .and_then(Value::as_str)
            .unwrap_or_default();
        if mount.get("type").and_then(Value::as_str) == Some("image") {
            needs(format!("volumes[{target}] of type image"), 48, true);
        }
        // The engine would mount the whole volume instead.
        if mount.pointer("/volume/subpath").is_some() {
            needs(format!("volumes[{target}].volume.subpath"), 45, true);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::later;
    use crate::model::Settings;

    #[test]
    fn what_only_later_engines_know_is_found() {
        let mut settings = Settings::default();
        assert!(later(&settings).is_empty());
        settings.set("annotations", json!({ "a": "b" }));
        settings.set("healthcheck", json!({ "start_interval": 1 }));
        settings.set("networks", json!({ "n": { "gw_priority": 1 } }));
        settings.set(
            "volumes",
            json!([
                { "type": "volume", "target": "/data", "volume": { "subpath": "a" } },
                { "type": "image", "target": "/site" },
                { "type": "bind", "target": "/x" },
            ]),
        );
        let found: Vec<(String, u32, bool)> = later(&settings)
            .into_iter()
            .map(|later| (later.path, later.since, later.wrong_without))
            .collect();
        assert_eq!(
            found,
            [
                ("annotations".into(), 43, false),
                ("healthcheck.start_interval".into(), 44, false),
                ("networks.gw_priority".into(), 48, false),
                ("volumes[/data].volume.subpath".into(), 45, true),
                ("volumes[/site] of type image".into(), 48, true),
            ]
        );
    }
}
