//! One step of a plan, fully decided: what it is called, why it is there, and what exactly is done.
//!
//! Whoever carries a step out has nothing left to choose. Names of networks and images stand in for ids that do not exist
//! yet; everything else is spelled out.

use std::{collections::BTreeSet, fmt};

use serde_json::Value;

use super::{Change, Hooks};
use crate::model::{Condition, State, Update};

/// The name of a step inside one plan, such as `container.web`: what `after` refers to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StepId {
    kind: Kind,
    name: String,
    /// Empty for the main step of a thing.
    part: &'static str,
}

impl StepId {
    /// The main step of a thing.
    #[must_use]
    pub fn new(kind: Kind, name: &str) -> Self {
        Self {
            kind,
            name: name.to_owned(),
            part: "",
        }
    }

    /// A step of the same thing that comes before its main one.
    #[must_use]
    pub fn part(&self, part: &'static str) -> Self {
        Self {
            part,
            ..self.clone()
        }
    }

    /// The main step of the same thing.
    #[must_use]
    pub fn main(&self) -> Self {
        self.part("")
    }

    /// The name of the thing.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What it is about.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.kind
    }
}

impl fmt::Display for StepId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.kind.word(), self.name)?;
        if self.part.is_empty() {
            return Ok(());
        }
        write!(f, ".{}", self.part)
    }
}

/// What a step is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// An image.
    Image,
    /// A network.
    Network,
    /// A volume.
    Volume,
    /// A container.
    Container,
}

impl Kind {
    /// Its word in plans.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Image => "image",
            Self::Network => "network",
            Self::Volume => "volume",
            Self::Container => "container",
        }
    }
}

/// What a step does, in the words of a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Action {
    /// An image is pulled.
    Pull,
    /// An image is built.
    Build,
    /// Something is made that was not there.
    Create,
    /// Something is changed while it lives.
    Update,
    /// A container is replaced by a new one, or a network is made anew.
    Recreate,
    /// A container is started or unpaused.
    Start,
    /// A container is stopped or paused.
    Stop,
    /// Something is removed.
    Remove,
}

impl Action {
    /// Every action, in the order of a plan's summary.
    pub const ALL: [Self; 8] = [
        Self::Pull,
        Self::Build,
        Self::Create,
        Self::Update,
        Self::Recreate,
        Self::Start,
        Self::Stop,
        Self::Remove,
    ];

    /// Its word in plans.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Pull => "pull",
            Self::Build => "build",
            Self::Create => "create",
            Self::Update => "update",
            Self::Recreate => "recreate",
            Self::Start => "start",
            Self::Stop => "stop",
            Self::Remove => "remove",
        }
    }
}

/// One step of a plan.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// Its name inside the plan.
    pub id: StepId,
    /// What it does.
    pub action: Action,
    /// What it is about.
    pub kind: Kind,
    /// The name of the thing on the engine (an image's reference).
    pub name: String,
    /// Why it is there, where its changes do not say it: `is not in evenkeel.yaml any more`, `does not exist`.
    pub reason: String,
    /// The fields that differ.
    pub changes: Vec<Change>,
    /// Whether something that runs stops running for a while, or for good.
    pub interrupts: bool,
    /// Whether data can be lost.
    pub loses_data: bool,
    /// The steps that it waits for.
    pub after: BTreeSet<StepId>,
    /// Those of them that it comes after whatever becomes of them (`required: false`).
    pub regardless: BTreeSet<StepId>,
    /// What is done.
    pub work: Work,
}

impl Step {
    /// Whether it is done when a container has done its work and ended.
    #[must_use]
    pub fn completes(&self) -> bool {
        let gate = match &self.work {
            Work::Create(creation) => creation.gate,
            Work::Replace(replacement) => replacement.creation.gate,
            Work::Resume(resumption) => resumption.gate,
            Work::Calls { calls, gate, .. } if calls.contains(&Call::Await) => *gate,
            _ => return false,
        };
        matches!(gate, Gate::Completes { .. })
    }
}

/// What is done in a step.
#[derive(Debug, Clone, PartialEq)]
pub enum Work {
    /// Pull an image.
    Pull {
        /// The reference to pull.
        reference: String,
        /// The platform (`linux/arm64`), if one is asked for.
        platform: Option<String>,
    },
    /// Build an image.
    Build(Build),
    /// Make a network.
    CreateNetwork {
        /// The request's body (`POST /networks/create`).
        body: Value,
    },
    /// Make a network anew: everything leaves it, it is removed, made, and joined again.
    RemakeNetwork {
        /// The old one's id.
        id: String,
        /// The request's body.
        body: Value,
        /// The containers that are on it, by id, with their whole endpoint configuration.
        members: Vec<(String, Value)>,
    },
    /// Remove a network.
    RemoveNetwork {
        /// Its id.
        id: String,
    },
    /// Make a volume.
    CreateVolume {
        /// The request's body (`POST /volumes/create`).
        body: Value,
    },
    /// Make a volume anew, its data gone. Only ever planned where a flag names it.
    RemakeVolume {
        /// The request's body.
        body: Value,
    },
    /// Remove a volume. Only ever planned where a flag names it.
    RemoveVolume,
    /// Remove an image's tag.
    RemoveImage,
    /// Make a container that is not there.
    Create(Creation),
    /// Put a new container in an old one's place.
    Replace(Replacement),
    /// Finish a replacement that was interrupted after the names were exchanged.
    Resume(Resumption),
    /// Put an old container back that waits as `.prev`.
    Restore(Restoration),
    /// Change a container while it lives: the calls in their order.
    Calls {
        /// The container's id.
        id: String,
        /// The calls.
        calls: Vec<Call>,
        /// What must be so before a call that starts it.
        waits: Vec<Wait>,
        /// How it counts as up after a start.
        gate: Gate,
        /// Its grace period, in seconds.
        grace: u64,
        /// What is run in it after a start and before a stop.
        hooks: Hooks,
    },
    /// Remove a container. Its anonymous volumes stay.
    Remove {
        /// Its id.
        id: String,
        /// Whether it must be stopped first.
        running: bool,
        /// Whether it is frozen now, and must be thawed before it is stopped.
        paused: bool,
        /// Its grace period, in seconds.
        grace: u64,
        /// What is run in it before a stop.
        hooks: Hooks,
    },
}

/// An image that is built.
#[derive(Debug, Clone, PartialEq)]
pub struct Build {
    /// The tag that it gets.
    pub reference: String,
    /// What the file says under `build`, in normal form.
    pub settings: Value,
}

/// A call that changes a container while it lives.
#[derive(Debug, Clone, PartialEq)]
pub enum Call {
    /// Change limits or the restart policy (`POST /containers/{id}/update`).
    Update(Value),
    /// Leave a network.
    Disconnect {
        /// The network's name.
        network: String,
    },
    /// Join a network.
    Connect {
        /// The network's name.
        network: String,
        /// The whole endpoint configuration.
        endpoint: Value,
    },
    /// Give it another name.
    Rename(String),
    /// Start it.
    Start,
    /// Run in it what is run after a start.
    PostStart,
    /// The same in one that is about to be replaced: whatever fails there is told, and keeps nobody from replacing it.
    TryPostStart,
    /// Wait until it counts as up.
    Await,
    /// Stop it, with its own grace period.
    Stop,
    /// Freeze it.
    Pause,
    /// Thaw it.
    Unpause,
}

/// A file that is copied into a container before it starts.
#[derive(Clone, PartialEq)]
pub struct InjectedFile {
    /// Where it goes, absolute.
    pub target: String,
    /// Owner.
    pub uid: u64,
    /// Group.
    pub gid: u64,
    /// Permissions.
    pub mode: u32,
    /// Its content; may be a secret.
    pub content: String,
}

impl fmt::Debug for InjectedFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InjectedFile")
            .field("target", &self.target)
            .finish_non_exhaustive()
    }
}

/// A container to be made.
#[derive(Clone, PartialEq)]
pub struct Creation {
    /// Its name in the end.
    pub name: String,
    /// The request's body (`POST /containers/create`).
    pub body: Value,
    /// The platform, if one is asked for.
    pub platform: Option<String>,
    /// The networks that are joined after the creation and before the start: name and endpoint.
    pub connect: Vec<(String, Value)>,
    /// The files that are copied in before the start.
    pub files: Vec<InjectedFile>,
    /// What it should be doing in the end.
    pub state: State,
    /// What must be so before it starts.
    pub waits: Vec<Wait>,
    /// How it counts as up.
    pub gate: Gate,
    /// What is run in it after a start.
    pub hooks: Hooks,
}

impl Creation {
    /// Whether something is run in it after its start, before it gets its name.
    #[must_use]
    pub fn is_hooked(&self) -> bool {
        self.state.starts() && !self.hooks.post_start.is_empty()
    }

    /// Whether it has another name until everything is in place: its files, and what its hooks do.
    #[must_use]
    pub fn begins_aside(&self) -> bool {
        self.is_hooked() || !self.files.is_empty()
    }
}

impl fmt::Debug for Creation {
    /// Without the body, which holds the environment.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Creation")
            .field("name", &self.name)
            .field("state", &self.state)
            .finish_non_exhaustive()
    }
}

/// Something that must be so before a container starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wait {
    /// The name of the container that is waited for.
    pub name: String,
    /// What it must be.
    pub condition: Condition,
    /// Whether the start fails if it does not come to be.
    pub required: bool,
    /// The longest wait, in nanoseconds.
    pub within: i64,
}

/// How a started container counts as up. Times are in nanoseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gate {
    /// It was started; when everything is done a last look finds out whether it died at once. Nothing is lost by a new
    /// container that dies, and a wait for each would make a first apply slow.
    LastLook,
    /// If it has a health check (its own, or its image's), the check passes; otherwise it lives for a while.
    Up {
        /// How long one without a health check must live.
        monitor: i64,
        /// The longest wait for a health check's verdict.
        healthy_within: i64,
    },
    /// It ends with exit code 0: a job.
    Completes {
        /// The longest that it may run.
        within: i64,
    },
}

/// A new container in an old one's place.
#[derive(Debug, Clone, PartialEq)]
pub struct Replacement {
    /// The old one.
    pub old: Old,
    /// The new one.
    pub creation: Creation,
    /// How it is done.
    pub update: Update,
    /// How long to wait before it is begun, in nanoseconds: replicas are replaced one after the other.
    pub delay: i64,
}

/// A container that is to be replaced, or that waits as `.prev`.
#[derive(Debug, Clone, PartialEq)]
pub struct Old {
    /// Its id.
    pub id: String,
    /// The name that it has now, and that it gets back in a rollback.
    pub name: String,
    /// The name under which it waits: `NAME.prev`, made from the name in its label, by which it is recognised.
    pub aside: String,
    /// Whether its process is there now, and must be stopped.
    pub up: bool,
    /// Whether it must run again in a rollback: it runs now, or it ran before it was set aside.
    pub running: bool,
    /// Whether it is frozen now.
    pub paused: bool,
    /// Its grace period, in seconds.
    pub grace: u64,
    /// Its restart policy (`HostConfig.RestartPolicy`), which is taken away while it waits and given back in a rollback.
    pub restart: Value,
    /// What is run in it before it is stopped.
    pub hooks: Hooks,
}

/// A replacement that was interrupted after the new container got the name.
#[derive(Debug, Clone, PartialEq)]
pub struct Resumption {
    /// The old one, named `.prev`.
    pub old: Old,
    /// The new one's id.
    pub new_id: String,
    /// The new one's name, if it does not have it yet.
    pub rename_to: Option<String>,
    /// What the new one should be doing.
    pub state: State,
    /// Whether the new one runs already.
    pub running: bool,
    /// Whether it is frozen now, and must be thawed: what is frozen runs no hook and does not come up.
    pub paused: bool,
    /// What must be so before it starts.
    pub waits: Vec<Wait>,
    /// How it counts as up.
    pub gate: Gate,
    /// How the replacement is done.
    pub update: Update,
    /// What is run in the new one after a start.
    pub hooks: Hooks,
}

/// An old container that is put back.
#[derive(Debug, Clone, PartialEq)]
pub struct Restoration {
    /// The old one, named `.prev`.
    pub old: Old,
    /// The name that it gets back.
    pub name: String,
    /// New ones that are removed before, by id.
    pub discard: Vec<String>,
}
