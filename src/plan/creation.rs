//! The request that makes a container, and everything around it.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::{
    Creation, Gate, Hooks, InjectedFile, Wait, difference,
    old::{restart_policy, was_meant_to_run},
};
use crate::{
    desired::{self, Desired},
    live::{self, Image, Live, labels, successor},
    model::{Applied, Body, Condition, EngineInfo, Expect, Settings, State, Unset, attributes},
};

/// What a container is made from.
#[derive(Debug, Clone, Copy)]
pub struct Making<'a> {
    /// Everything that is wanted.
    pub desired: &'a Desired,
    /// Everything that is.
    pub live: &'a Live,
    /// The container.
    pub wanted: &'a desired::Container,
    /// The one that it replaces, whose anonymous volumes go along.
    pub old: Option<&'a live::Container>,
    /// The image, where it is known.
    pub image: Option<&'a Image>,
    /// What the engine said about itself.
    pub engine: &'a EngineInfo,
}

/// The longest that a health check's verdict is waited for where its own numbers are not known: five minutes, which is more
/// than a database's first start takes, and less than a reviewer's patience.
const HEALTHY_WITHIN: i64 = 300_000_000_000;

/// The longest that a job may run: a day. Longer ones are not part of an apply.
const JOB_WITHIN: i64 = 86_400_000_000_000;

/// Everything that is needed to make a container.
#[must_use]
pub fn creation(making: &Making<'_>) -> Creation {
    let wanted = making.wanted;
    let mut settings = wanted.settings.clone();
    if let Some(old) = making.old {
        carry_over(&mut settings, old, making.image);
    }
    let body = body(making, &settings);
    let named = body
        .pointer("/NetworkingConfig/EndpointsConfig")
        .and_then(Value::as_object);
    let connect = endpoints(&wanted.settings)
        .into_iter()
        .filter(|(network, _)| named.is_none_or(|named| !named.contains_key(network)))
        .collect();
    Creation {
        name: wanted.name.clone(),
        connect,
        body,
        platform: making
            .desired
            .images
            .get(&wanted.image)
            .and_then(|image| image.platform.clone()),
        files: files(&wanted.settings),
        state: wanted.state,
        waits: waits(making.desired, making.live, wanted),
        gate: match making.old {
            Some(_) => replacement_gate(wanted, making.image),
            None => start_gate(wanted),
        },
        hooks: Hooks::of(&wanted.settings),
    }
}

fn body(making: &Making<'_>, settings: &Settings) -> Value {
    let wanted = making.wanted;
    let mut json = Map::new();
    let mut body = Body {
        json: &mut json,
        settings,
        engine: making.engine,
    };
    for attribute in attributes::all(&attributes::CONTAINER) {
        if let Some(value) = settings.get(attribute.name) {
            attribute.write(value, &mut body);
        }
    }
    // Where nothing is said Podman's Docker API takes no time at all, and kills at once.
    let grace = attributes::find(&attributes::CONTAINER, "stop_grace_period")
        .filter(|_| making.engine.podman && body.get("Config/StopTimeout").is_none());
    if let Some(grace) = grace
        && let Unset::Default(usual) = grace.unset
    {
        grace.write(&usual(making.engine), &mut body);
    }
    body.set("Config/Image", Value::String(wanted.image.clone()));
    let labels = json.entry("Labels").or_insert_with(|| json!({}));
    if let Value::Object(labels) = labels {
        let place = difference::place(&making.desired.project, &wanted.key);
        let applied = difference::to_label(
            &attributes::CONTAINER,
            &wanted.settings,
            &wanted.secrets,
            &place,
        );
        labels.insert(
            labels::PROJECT.into(),
            Value::String(making.desired.project.clone()),
        );
        labels.insert(labels::CONTAINER.into(), Value::String(wanted.key.clone()));
        labels.insert(labels::NAME.into(), Value::String(wanted.name.clone()));
        labels.insert(
            labels::APPLIED.into(),
            Value::String(Applied::new(applied).text()),
        );
        let project = &making.desired.project;
        if let Some(old) = making.old
            && (old.key_in(project) != Some(&wanted.key)
                || old.label(labels::NAME) != Some(&wanted.name))
        {
            let runs = old.is_up() || was_meant_to_run(old);
            let label = successor::label(&old.id, runs, &restart_policy(old));
            labels.insert(labels::REPLACES.into(), Value::String(label));
        }
    }
    Value::Object(json)
}

/// The endpoint configuration of every network that a container is on.
#[must_use]
pub fn endpoints(settings: &Settings) -> BTreeMap<String, Value> {
    let networks = settings.get("networks").and_then(Value::as_object);
    networks
        .into_iter()
        .flatten()
        .map(|(name, endpoint)| (name.clone(), attributes::endpoint(endpoint)))
        .collect()
}

/// The anonymous volumes of an old container go along to its successor: their data is nowhere else.
fn carry_over(settings: &mut Settings, old: &live::Container, image: Option<&Image>) {
    let wanted = settings
        .get("volumes")
        .cloned()
        .unwrap_or_else(|| json!([]));
    let carried = attributes::carried_over(&old.inspect, &wanted, image.map(|image| &image.config));
    if carried.is_empty() {
        return;
    }
    let target = |item: &Value| {
        item.get("target")
            .and_then(Value::as_str)
            .map(str::to_owned)
    };
    let mut items: Vec<Value> = wanted.as_array().cloned().unwrap_or_default();
    for item in carried {
        items.retain(|other| target(other) != target(&item));
        items.push(item);
    }
    settings.set("volumes", Value::Array(items));
}

fn files(settings: &Settings) -> Vec<InjectedFile> {
    let items = settings.get("files").and_then(Value::as_array);
    items
        .into_iter()
        .flatten()
        .filter_map(|item| {
            let number = |name: &str| item.get(name).and_then(Value::as_u64);
            Some(InjectedFile {
                target: item.get("target")?.as_str()?.to_owned(),
                uid: number("uid").unwrap_or(0),
                gid: number("gid").unwrap_or(0),
                mode: number("mode")
                    .and_then(|mode| u32::try_from(mode).ok())
                    .unwrap_or(0o444),
                content: item.get("content")?.as_str()?.to_owned(),
            })
        })
        .collect()
}

/// What must be so before a container starts. Dependencies that are not in the file (`required: false`) are left out.
#[must_use]
pub fn waits(desired: &Desired, live: &Live, wanted: &desired::Container) -> Vec<Wait> {
    wanted
        .depends_on
        .iter()
        .filter_map(|dependency| {
            let other = desired.containers.get(&dependency.key)?;
            let within = match dependency.condition {
                Condition::Completed => JOB_WITHIN,
                Condition::Started | Condition::Healthy => {
                    healthy_within(other, live.images.get(&other.image))
                }
            };
            Some(Wait {
                name: other.name.clone(),
                condition: dependency.condition,
                required: dependency.required,
                within,
            })
        })
        .collect()
}

/// How a container counts as up that nobody had before, or that was only started again: nothing is lost if it dies.
#[must_use]
pub fn start_gate(wanted: &desired::Container) -> Gate {
    if wanted.state == State::Completed {
        Gate::Completes { within: JOB_WITHIN }
    } else {
        Gate::LastLook
    }
}

/// How a container counts as up that takes an old one's place: the old one is only given up when it does.
#[must_use]
pub fn replacement_gate(wanted: &desired::Container, image: Option<&Image>) -> Gate {
    if wanted.state == State::Completed {
        return Gate::Completes { within: JOB_WITHIN };
    }
    Gate::Up {
        monitor: wanted.update.monitor,
        healthy_within: healthy_within(wanted, image),
    }
}

/// The time after which the engine itself calls a container unhealthy, and the same again: `start_period`, then `retries`
/// failures, each of which may take an interval and a time-out.
fn healthy_within(wanted: &desired::Container, image: Option<&Image>) -> i64 {
    let attribute = attributes::find(&attributes::CONTAINER, "healthcheck");
    let desired = wanted.settings.get("healthcheck");
    let merged = match (attribute.map(|attribute| attribute.unset), image) {
        (Some(Unset::Inherit(expect)), Some(image)) => expect(&Expect {
            desired,
            settings: &wanted.settings,
            found: None,
            image: Some(&image.config),
            engine: &EngineInfo::default(),
        }),
        _ => desired.cloned(),
    };
    let Some(check) = merged else {
        return HEALTHY_WITHIN;
    };
    let number = |name: &str, default: i64| {
        check
            .get(name)
            .and_then(Value::as_i64)
            .filter(|n| *n > 0)
            .unwrap_or(default)
    };
    // The engine's defaults: 30 s, 30 s, 3 times.
    let round =
        number("interval", 30_000_000_000).saturating_add(number("timeout", 30_000_000_000));
    let verdict =
        number("start_period", 0).saturating_add(round.saturating_mul(number("retries", 3) + 1));
    verdict.saturating_mul(2).clamp(30_000_000_000, JOB_WITHIN)
}
