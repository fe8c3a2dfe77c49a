//! A look at an engine: all the answers that one plan needs, with as few calls as will do.

use std::collections::BTreeSet;

use futures_util::{StreamExt, TryStreamExt, stream};

use serde_json::Value;

use super::{EngineError, Listed, Observe, inspects::Inspects};
use crate::{
    desired::Desired,
    live::{Answers, Live, Other, labels, successor},
    model::{PullPolicy, State},
};

/// How many reads of a kind run at the same time. Measured: eight take half the time of one after the other, more take no
/// less.
const AT_ONCE: usize = 8;

/// The settings that an engine may be unable to enforce, which `/info` tells: it takes longer than ten inspects, and so is
/// asked only where one of these is in the file.
const ASKS_INFO: &[&str] = &[
    "memory",
    "memory_reservation",
    "memswap_limit",
    "mem_swappiness",
    "oom_kill_disable",
    "blkio_config",
    "pids_limit",
    "cpus",
    "cpu_shares",
    "cpu_period",
    "cpu_quota",
    "cpuset",
];

/// A look at an engine.
#[derive(Debug)]
pub struct Looked {
    /// What there is.
    pub live: Live,
    /// Warnings of calls that failed without keeping the plan from being made (a registry that does not answer).
    pub warnings: Vec<String>,
}

/// Reads all that a plan for this specification needs.
pub async fn look<O: Observe>(engine: &O, desired: &Desired) -> Result<Looked, EngineError> {
    let (mut live, (remote, warnings)) =
        tokio::try_join!(look_again(engine, desired), remote(engine, desired))?;
    live.remote = remote;
    Ok(Looked { live, warnings })
}

/// The same of the engine alone: whether a registry has another image by now is not asked.
pub async fn look_again<O: Observe>(engine: &O, desired: &Desired) -> Result<Live, EngineError> {
    let images = async {
        let references: Vec<String> = desired.images.keys().cloned().collect();
        let found = stream::iter(references)
            .map(|reference| async move {
                let image = engine.image(&reference).await?;
                Ok::<_, EngineError>((reference, image))
            })
            .buffered(AT_ONCE)
            .try_collect::<Vec<_>>()
            .await?;
        Ok::<_, EngineError>(
            found
                .into_iter()
                .filter_map(|(reference, image)| Some((reference, image?)))
                .collect(),
        )
    };
    let info = async {
        let asks = desired.containers.values().any(|container| {
            ASKS_INFO
                .iter()
                .any(|name| container.settings.get(name).is_some())
        });
        if asks {
            engine.info().await.map(Some)
        } else {
            Ok(None)
        }
    };
    let (contents, images, networks, info) =
        tokio::try_join!(contents(engine, desired), images, engine.networks(), info)?;
    let mut about = engine.about().await?;
    about.info = info;
    let answers = Answers {
        engine: about,
        list: contents.list.into_iter().map(other).collect(),
        containers: contents.containers,
        networks,
        volumes: contents.volumes,
        images,
        remote: std::collections::BTreeMap::new(),
    };
    Ok(Live::read(answers))
}

/// What takes the list to be read.
struct Contents {
    list: Vec<Listed>,
    containers: Vec<Value>,
    volumes: Vec<Value>,
}

async fn contents<O: Observe>(engine: &O, desired: &Desired) -> Result<Contents, EngineError> {
    let wanted = desired
        .containers
        .values()
        .filter(|container| container.state != State::Absent)
        .map(|container| container.name.clone());
    let mut inspects = Inspects::of(engine, wanted);
    let list = inspects.during(engine.containers()).await?;
    let ids = relevant(&list, desired);
    let volumes = async {
        // Nothing of ours can be a volume where the file has none and nothing of ours was ever made.
        if desired.volumes.is_empty() && ids.is_empty() {
            Ok(Vec::new())
        } else {
            engine.volumes().await
        }
    };
    let (containers, volumes) = tokio::try_join!(inspects.finish(&ids), volumes)?;
    Ok(Contents {
        list,
        containers,
        volumes,
    })
}

/// What is ours, what one of ours takes the place of, what stands under a wanted name, and whose namespaces are shared: ids
/// and names, in the list's order.
fn relevant(list: &[Listed], desired: &Desired) -> Vec<(String, String)> {
    let containers = desired.containers.values();
    let names: BTreeSet<&str> = containers
        .flat_map(|container| container.shares().chain([container.name.as_str()]))
        .collect();
    let ours = |listed: &Listed| listed.labels.get(labels::PROJECT) == Some(&desired.project);
    let replaced: BTreeSet<String> = list
        .iter()
        .filter(|listed| ours(listed))
        .filter_map(|listed| successor::replaced(listed.labels.get(labels::REPLACES)?))
        .collect();
    list.iter()
        .filter(|listed| {
            ours(listed)
                || replaced.contains(&listed.id)
                || listed
                    .names
                    .iter()
                    .any(|name| names.contains(name.as_str()))
        })
        .map(|listed| {
            let name = listed.names.first().cloned().unwrap_or_default();
            (listed.id.clone(), name)
        })
        .collect()
}

fn other(listed: Listed) -> Other {
    Other {
        id: listed.id,
        names: listed.names,
        project: listed.labels.get(labels::PROJECT).cloned(),
        published: listed
            .ports
            .into_iter()
            .map(|port| (port.ip, port.public, port.protocol))
            .collect(),
        networks: listed.networks,
        volumes: listed.volumes,
    }
}

/// What registries have now, for images that are always to be the newest. A registry that does not answer is a warning:
/// what is there goes on.
async fn remote<O: Observe>(
    engine: &O,
    desired: &Desired,
) -> Result<(std::collections::BTreeMap<String, String>, Vec<String>), EngineError> {
    let asked = desired
        .images
        .values()
        .filter(|image| image.present && image.build.is_none() && image.pull == PullPolicy::Always);
    let asked: Vec<String> = asked.map(|image| image.reference.clone()).collect();
    let answers = stream::iter(asked)
        .map(|reference| async move {
            let answer = engine.remote_digest(&reference).await;
            (reference, answer)
        })
        .buffered(AT_ONCE)
        .collect::<Vec<_>>()
        .await;
    let mut digests = std::collections::BTreeMap::new();
    let mut warnings = Vec::new();
    for (reference, answer) in answers {
        match answer {
            Ok(digest) => {
                digests.insert(reference, digest);
            }
            Err(error) if error.is_about_the_engine() => return Err(error),
            Err(error) => warnings.push(format!(
                "cannot ask the registry for {reference}: {error}; the image that is there stays"
            )),
        }
    }
    Ok((digests, warnings))
}
