//! What should be, with every reference resolved to a name on the engine.

use std::collections::BTreeMap;

use serde_json::Value;

use super::Pattern;
use crate::model::{Condition, PullPolicy, Secrets, Settings, State, Update};

/// File, line and column of something.
pub type Location = (String, usize, usize);

/// What a file wants an engine to have.
#[derive(Debug, Clone, Default)]
pub struct Desired {
    /// The project that owns it.
    pub project: String,
    /// The file's name, for sentences such as `is not in evenkeel.yaml any more`.
    pub file: String,
    /// The containers by key; a replica has its number in the key.
    pub containers: BTreeMap<String, Container>,
    /// The networks by key.
    pub networks: BTreeMap<String, Network>,
    /// The volumes by key.
    pub volumes: BTreeMap<String, Volume>,
    /// The images by reference.
    pub images: BTreeMap<String, Image>,
    /// Everything that must never be shown.
    pub secrets: Secrets,
}

impl Desired {
    /// Whether the file wants a container of this key to exist.
    #[must_use]
    pub fn wants(&self, key: &str) -> bool {
        let wanted = self.containers.get(key);
        wanted.is_some_and(|wanted| wanted.state != State::Absent)
    }
}

/// What a container waits for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dependency {
    /// The key of the container that is waited for.
    pub key: String,
    /// What it must be.
    pub condition: Condition,
    /// Whether the start fails if it does not come to be.
    pub required: bool,
    /// Whether this one is restarted when that one is replaced.
    pub restart: bool,
}

/// A container that should be.
#[derive(Debug, Clone)]
pub struct Container {
    /// Its key in the file, with the number of a replica.
    pub key: String,
    /// The key as the file has it and the number, of a replica.
    pub replica: Option<(String, u64)>,
    /// Its name on the engine.
    pub name: String,
    /// What it should be doing.
    pub state: State,
    /// The reference of its image, a key of [`Desired::images`].
    pub image: String,
    /// Everything that is compared, in normal form; references are names on the engine.
    pub settings: Settings,
    /// What it waits for.
    pub depends_on: Vec<Dependency>,
    /// How it is replaced.
    pub update: Update,
    /// Whether something that is not ours may be taken over under its name.
    pub adopt: bool,
    /// The paths that are not ours to judge.
    pub ignore: Vec<Pattern>,
    /// What must never be shown of it.
    pub secrets: Secrets,
    /// Where it stands in the file.
    pub location: Option<Location>,
    /// Where its ports stand in the file.
    pub ports_location: Option<Location>,
}

impl Container {
    /// The settings that name a container whose namespace is shared.
    pub const SHARED: [&str; 3] = ["network_mode", "pid", "ipc"];

    /// The names of the containers whose namespaces are shared.
    pub fn shares(&self) -> impl Iterator<Item = &str> {
        let modes = Self::SHARED.into_iter();
        modes.filter_map(|name| self.settings.text(name)?.strip_prefix("container:"))
    }

    /// Whether a path is not ours to judge.
    #[must_use]
    pub fn ignores(&self, path: &str) -> bool {
        self.ignore.iter().any(|pattern| pattern.covers(path))
    }
}

/// A network that should be.
#[derive(Debug, Clone)]
pub struct Network {
    /// Its key in the file.
    pub key: String,
    /// Its name on the engine.
    pub name: String,
    /// Whether it must be there already, and is none of ours.
    pub external: bool,
    /// Everything that is compared.
    pub settings: Settings,
    /// Where it stands in the file.
    pub location: Option<Location>,
}

/// A volume that should be.
#[derive(Debug, Clone)]
pub struct Volume {
    /// Its key in the file.
    pub key: String,
    /// Its name on the engine.
    pub name: String,
    /// Whether it must be there already, and is none of ours.
    pub external: bool,
    /// Everything that is compared.
    pub settings: Settings,
    /// Where it stands in the file.
    pub location: Option<Location>,
}

/// An image that should be there, or should not.
#[derive(Debug, Clone)]
pub struct Image {
    /// Its reference as the engine knows it.
    pub reference: String,
    /// When it is pulled.
    pub pull: PullPolicy,
    /// The platform that is asked for.
    pub platform: Option<String>,
    /// How it is built, in normal form, if it is.
    pub build: Option<Value>,
    /// Whether it should be there, or be removed once nothing uses it.
    pub present: bool,
    /// Where it stands in the file.
    pub location: Option<Location>,
}
