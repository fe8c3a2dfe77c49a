//! A look at an engine: all the answers that one plan needs, with as few calls as will do.

use std::collections::BTreeSet;

use futures_util::{StreamExt, TryStreamExt, stream};

use super::{EngineError, Listed, Observe};
use crate::{
    desired::Desired,
    live::{Answers, Live, Other, labels},
    model::PullPolicy,
};

/// How many inspects run at the same time. Measured: eight take half the time of one after the other, more take no less.
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
    let list = engine.containers().await?;
    let mut about = engine.about().await?;
    let ids = relevant(&list, desired);
    let containers = async {
        // Owned items: a stream over borrowed ones cannot be sent to another thread (a limit of the compiler's).
        stream::iter(ids.clone())
            .map(|id| async move { engine.container(&id).await })
            .buffered(AT_ONCE)
            .try_collect::<Vec<_>>()
            .await
    };
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
    let volumes = async {
        // Nothing of ours can be a volume where the file has none and nothing of ours was ever made.
        if desired.volumes.is_empty() && ids.is_empty() {
            Ok(Vec::new())
        } else {
            engine.volumes().await
        }
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
    let (containers, images, networks, volumes, info, remote) = tokio::try_join!(
        containers,
        images,
        engine.networks(),
        volumes,
        info,
        remote(engine, desired)
    )?;
    about.info = info;
    let (remote, warnings) = remote;
    let answers = Answers {
        engine: about,
        list: list.into_iter().map(other).collect(),
        containers: containers.into_iter().flatten().collect(),
        networks,
        volumes,
        images,
        remote,
    };
    Ok(Looked {
        live: Live::read(answers),
        warnings,
    })
}

/// The ids of what is ours, and of what stands under a wanted name.
fn relevant(list: &[Listed], desired: &Desired) -> Vec<String> {
    let names: BTreeSet<&str> = desired
        .containers
        .values()
        .map(|container| container.name.as_str())
        .collect();
    list.iter()
        .filter(|listed| {
            listed.labels.get(labels::PROJECT) == Some(&desired.project)
                || listed
                    .names
                    .iter()
                    .any(|name| names.contains(name.as_str()))
        })
        .map(|listed| listed.id.clone())
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
