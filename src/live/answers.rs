//! All of an engine's answers that one plan needs, and what is made of them.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{Container, Image, Network, Volume, successor};
use crate::model::{EngineInfo, attributes};

/// A container of the engine's list, as far as others matter to a plan.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Other {
    /// Its id.
    pub id: String,
    /// Its names, without slashes. The first one is its own.
    pub names: Vec<String>,
    /// The project that owns it, if it is Evenkeel's.
    pub project: Option<String>,
    /// The host ports that it publishes now: address, port, protocol. Empty while it does not run.
    pub published: Vec<(String, u16, String)>,
    /// The names of the networks that it is on.
    pub networks: Vec<String>,
    /// The names of the volumes that it mounts.
    pub volumes: Vec<String>,
}

/// An engine's answers.
#[derive(Debug, Clone, Default)]
pub struct Answers {
    /// What it said about itself.
    pub engine: EngineInfo,
    /// Its list of containers, of all owners.
    pub list: Vec<Other>,
    /// Inspect answers of what is ours, and of what stands under a wanted name.
    pub containers: Vec<Value>,
    /// `GET /networks`.
    pub networks: Vec<Value>,
    /// `GET /volumes`.
    pub volumes: Vec<Value>,
    /// `GET /images/{reference}/json` by the reference that was asked for; an image that is not there has no entry.
    pub images: BTreeMap<String, Value>,
    /// The digest that the registry has now, by reference, where the file asks for it.
    pub remote: BTreeMap<String, String>,
}

/// What is, in normal form.
#[derive(Debug, Clone, Default)]
pub struct Live {
    /// What the engine said about itself.
    pub engine: EngineInfo,
    /// Containers of ours, and those that stand under a wanted name.
    pub containers: Vec<Container>,
    /// Every container of the engine.
    pub others: Vec<Other>,
    /// Every network. Two may have one name; an engine that was upgraded can have such.
    pub networks: Vec<Network>,
    /// Every volume by name.
    pub volumes: BTreeMap<String, Volume>,
    /// The wanted images that are there, by reference.
    pub images: BTreeMap<String, Image>,
    /// The registry's digests, by reference.
    pub remote: BTreeMap<String, String>,
}

impl Live {
    /// Reads answers. What cannot be read at all is left out.
    #[must_use]
    pub fn read(answers: Answers) -> Self {
        let names: BTreeMap<String, String> = answers
            .list
            .iter()
            .filter_map(|other| Some((other.id.clone(), other.names.first()?.clone())))
            .collect();
        let engine = answers.engine;
        let mut containers = containers(answers.containers, &names, &engine);
        successor::note(&mut containers);
        let networks = answers.networks.iter();
        let networks: Vec<Network> = networks
            .filter_map(|json| Network::read(json, &engine))
            .collect();
        note_gone(&mut containers, &networks);
        Self {
            containers,
            others: answers.list,
            networks,
            volumes: answers
                .volumes
                .iter()
                .filter_map(|json| Volume::read(json, &engine))
                .map(|volume| (volume.name.clone(), volume))
                .collect(),
            images: answers
                .images
                .iter()
                .filter_map(|(reference, json)| Some((reference.clone(), Image::read(json)?)))
                .collect(),
            remote: answers.remote,
            engine,
        }
    }

    /// The networks of a name; more than one only where an engine allowed that.
    pub fn networks_named(&self, name: &str) -> impl Iterator<Item = &Network> {
        self.networks
            .iter()
            .filter(move |network| network.name == name)
    }
}

/// Notes with each container that does not run which of its networks are gone. One that runs is on networks that are there.
fn note_gone(containers: &mut [Container], networks: &[Network]) {
    let ids: BTreeSet<&str> = networks.iter().map(|one| one.id.as_str()).collect();
    for container in containers.iter_mut().filter(|one| !one.is_up()) {
        if let Some(on) = container.settings.get_mut("networks") {
            attributes::mark_gone(on, &container.endpoints, &ids);
        }
    }
}

/// Fewer answers than these are read sooner than a thread is started and waited for: one takes some 30 µs.
const WORTH_A_THREAD: usize = 64;

/// Reads answers to inspects; many of them on two processors, because the engine has nothing to do meanwhile.
fn containers(
    mut answers: Vec<Value>,
    names: &BTreeMap<String, String>,
    engine: &EngineInfo,
) -> Vec<Container> {
    let read = |answers: Vec<Value>| -> Vec<Container> {
        answers
            .into_iter()
            .filter_map(|json| Container::read(json, names, engine))
            .collect()
    };
    if answers.len() < WORTH_A_THREAD {
        return read(answers);
    }
    let second = answers.split_off(answers.len() / 2);
    std::thread::scope(|scope| {
        let second = scope.spawn(|| read(second));
        let mut containers = read(answers);
        match second.join() {
            Ok(others) => containers.extend(others),
            // What is wrong with an answer is wrong on whichever thread it is read.
            Err(panic) => std::panic::resume_unwind(panic),
        }
        containers
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Answers, Live, WORTH_A_THREAD};

    #[test]
    fn containers_keep_the_order_of_their_answers_however_many_there_are() {
        for count in [0, 1, WORTH_A_THREAD, 3 * WORTH_A_THREAD + 1] {
            let ids: Vec<String> = (0..count).map(|number| format!("id-{number}")).collect();
            let live = Live::read(Answers {
                containers: ids.iter().map(|id| json!({ "Id": id })).collect(),
                ..Answers::default()
            });
            let read: Vec<&str> = live
                .containers
                .iter()
                .map(|found| found.id.as_str())
                .collect();
            assert_eq!(read, ids);
        }
    }
}
