//! The state of a simulated engine, and what all of its parts share.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use serde_json::Value;

use super::{Container, Image, Network, Profile, Remote, Volume, clock, process::Behaviour};
use crate::engine::{EngineError, EngineEvent};

/// What a change was made to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A container.
    Container,
    /// A network.
    Network,
    /// A volume.
    Volume,
    /// An image.
    Image,
}

/// Who made a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum By {
    /// The client under test.
    Client,
    /// Somebody else, behind the client's back.
    Hands,
    /// The engine itself: a process that ended, a restart policy.
    Engine,
}

/// A change that somebody made, for invariants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Who made it.
    pub by: By,
    /// What was changed.
    pub kind: Kind,
    /// The call: `create`, `start`, `remove`, …
    pub what: &'static str,
    /// The name that the thing had.
    pub name: String,
    /// The labels that the thing had.
    pub labels: BTreeMap<String, String>,
}

/// An event and when it happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Happened {
    /// When, since the engine's beginning.
    pub at: Duration,
    /// What.
    pub event: EngineEvent,
}

/// The state of an engine. A clone is a snapshot: a test can go on from it again and again.
#[derive(Debug, Clone)]
pub struct World {
    /// Which engine it is.
    pub profile: Profile,
    /// Containers by id.
    pub containers: BTreeMap<String, Container>,
    /// Networks by id.
    pub networks: BTreeMap<String, Network>,
    /// Volumes by name.
    pub volumes: BTreeMap<String, Volume>,
    /// Images by id.
    pub images: BTreeMap<String, Image>,
    /// What registries have, by reference as people write it (`app:1`).
    pub registry: BTreeMap<String, Remote>,
    /// How processes behave, by the command (words joined by spaces). Before the image's behaviour.
    pub commands: BTreeMap<String, Behaviour>,
    /// How the processes of a container of a certain name behave at their next starts. Before all others.
    pub names: BTreeMap<String, Behaviour>,
    /// How commands that are run in a container end, by the command: exit code and output. Others end well.
    pub execs: BTreeMap<String, (i64, String)>,
    /// What is shown of a container or a network of a certain name, whatever was asked for: JSON pointers and values. An
    /// engine may accept a value and not take it.
    pub stubborn: BTreeMap<String, Vec<(String, Value)>>,
    /// Files and folders of the host that can be mounted.
    pub host_paths: BTreeSet<String>,
    /// What `GET /info` answers, besides the counts.
    pub info: Value,
    /// Everything that was changed, by whom.
    pub changes: Vec<Change>,
    /// Everything that happened.
    pub events: Vec<Happened>,
    /// How long the engine has been there.
    pub now: Duration,
    /// Who makes the changes just now.
    pub by: By,
    made: u64,
    told: Duration,
}

impl World {
    /// An engine that has nothing but its own networks.
    #[must_use]
    pub fn new(profile: Profile) -> Self {
        let mut world = Self {
            profile,
            containers: BTreeMap::new(),
            networks: BTreeMap::new(),
            volumes: BTreeMap::new(),
            images: BTreeMap::new(),
            registry: BTreeMap::new(),
            commands: BTreeMap::new(),
            names: BTreeMap::new(),
            execs: BTreeMap::new(),
            stubborn: BTreeMap::new(),
            host_paths: ["/", "/dev", "/etc", "/srv", "/tmp", "/var"]
                .map(str::to_owned)
                .into(),
            info: serde_json::json!({
                "ID": "SIMU:LATE", "Name": "simulated", "MemoryLimit": true, "SwapLimit": true, "CpuCfsPeriod": true,
                "CpuCfsQuota": true, "CPUShares": true, "CPUSet": true, "PidsLimit": true, "OomKillDisable": true,
                "NCPU": 4, "MemTotal": 8_589_934_592_i64, "DefaultRuntime": "runc", "CgroupVersion": "1",
                "CgroupDriver": "cgroupfs", "LoggingDriver": "json-file", "OSType": "linux", "Architecture": "x86_64",
                "SecurityOptions": ["name=seccomp,profile=default"],
            }),
            changes: Vec::new(),
            events: Vec::new(),
            now: Duration::ZERO,
            by: By::Engine,
            made: 0,
            told: Duration::ZERO,
        };
        world.make_predefined_networks();
        world
    }

    /// Another id.
    pub(super) fn fresh(&mut self, kind: &str) -> String {
        self.made += 1;
        clock::id(kind, self.made)
    }

    /// This moment as the engine writes it, later than every one before: a clock of nanoseconds never shows one twice.
    pub(super) fn moment(&mut self) -> String {
        self.told = self.now.max(self.told + Duration::from_nanos(1));
        clock::stamp(self.told)
    }

    pub(super) fn emit(&mut self, kind: &str, action: impl Into<String>, id: &str, name: &str) {
        self.events.push(Happened {
            at: self.now,
            event: EngineEvent {
                kind: kind.into(),
                action: action.into(),
                id: id.into(),
                name: name.into(),
            },
        });
    }

    pub(super) fn note(
        &mut self,
        kind: Kind,
        what: &'static str,
        name: &str,
        labels: BTreeMap<String, String>,
    ) {
        self.changes.push(Change {
            by: self.by,
            kind,
            what,
            name: name.to_owned(),
            labels,
        });
    }

    pub(super) fn note_container(&mut self, id: &str, what: &'static str) {
        if let Some(container) = self.containers.get(id) {
            let (name, labels) = (container.name.clone(), container.labels());
            self.note(Kind::Container, what, &name, labels);
        }
    }

    /// A container's id by id, name, or the beginning of an id.
    pub(super) fn find(&self, text: &str) -> Option<String> {
        if self.containers.contains_key(text) {
            return Some(text.to_owned());
        }
        let name = text.trim_start_matches('/');
        if let Some(found) = self
            .containers
            .values()
            .find(|container| container.name == name)
        {
            return Some(found.id.clone());
        }
        let mut found = self
            .containers
            .keys()
            .filter(|id| !text.is_empty() && id.starts_with(text));
        match (found.next(), found.next()) {
            (Some(id), None) => Some(id.clone()),
            _ => None,
        }
    }

    /// A container by id, name, or the beginning of an id.
    #[must_use]
    pub fn container(&self, text: &str) -> Option<&Container> {
        self.containers.get(&self.find(text)?)
    }

    /// From now on a container or a network of this name never takes another value at this place of what is shown of it.
    pub fn never_takes(&mut self, name: &str, pointer: &str, shown: Value) {
        let places = self.stubborn.entry(name.to_owned()).or_default();
        places.push((pointer.to_owned(), shown));
    }

    /// What is shown, but for what is never taken.
    pub(super) fn shown(&self, name: &str, mut shown: Value) -> Value {
        for (pointer, value) in self.stubborn.get(name).into_iter().flatten() {
            if let Some(place) = shown.pointer_mut(pointer) {
                *place = value.clone();
            }
        }
        shown
    }

    pub(super) fn known(&self, text: &str) -> Result<String, EngineError> {
        self.find(text)
            .ok_or_else(|| error(404, format!("No such container: {text}")))
    }
}

/// The engine's error of a status, with its words.
pub fn error(status: u16, text: impl Into<String>) -> EngineError {
    // The client trims the words of an error.
    let text = text.into().trim().to_owned();
    match status {
        404 => EngineError::Missing(text),
        409 => EngineError::Conflict(text),
        400..=499 => EngineError::Refused { status, text },
        _ => EngineError::Failed { status, text },
    }
}

/// Labels of a JSON object.
pub fn labels(json: Option<&Value>) -> BTreeMap<String, String> {
    let labels = json.and_then(Value::as_object);
    labels
        .into_iter()
        .flatten()
        .map(|(key, value)| (key.clone(), value.as_str().unwrap_or_default().to_owned()))
        .collect()
}
