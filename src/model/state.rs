//! What a container should be doing, and how it is replaced.

use serde::{Deserialize, Serialize};

/// What the file wants a container to be (`state`).
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// Its process runs.
    #[default]
    Running,
    /// It exists and was never started.
    Created,
    /// It exists and does not run.
    Stopped,
    /// It exists and its processes are frozen.
    Paused,
    /// It ran to success once for this specification.
    Completed,
    /// It does not exist.
    Absent,
}

impl State {
    /// Every state, in the words of the file.
    pub const WORDS: &'static [&'static str] = &[
        "running",
        "created",
        "stopped",
        "paused",
        "completed",
        "absent",
    ];

    /// Whether a container of this state is started.
    #[must_use]
    pub fn starts(self) -> bool {
        match self {
            Self::Running | Self::Paused | Self::Completed => true,
            Self::Created | Self::Stopped | Self::Absent => false,
        }
    }

    /// Reads a word of the file.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Some(match word {
            "running" => Self::Running,
            "created" => Self::Created,
            "stopped" => Self::Stopped,
            "paused" => Self::Paused,
            "completed" => Self::Completed,
            "absent" => Self::Absent,
            _ => return None,
        })
    }

    /// The word of the file.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Created => "created",
            Self::Stopped => "stopped",
            Self::Paused => "paused",
            Self::Completed => "completed",
            Self::Absent => "absent",
        }
    }
}

/// What a dependency waits for (Compose: `depends_on.condition`).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Condition {
    /// Its process was started.
    #[default]
    Started,
    /// Its health check passed.
    Healthy,
    /// It ended with exit code 0.
    Completed,
}

impl Condition {
    /// Every condition, in Compose's words.
    pub const WORDS: &'static [&'static str] = &[
        "service_started",
        "service_healthy",
        "service_completed_successfully",
    ];

    /// Reads a word of the file.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Some(match word {
            "service_started" => Self::Started,
            "service_healthy" => Self::Healthy,
            "service_completed_successfully" => Self::Completed,
            _ => return None,
        })
    }

    /// The word of the file.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Started => "service_started",
            Self::Healthy => "service_healthy",
            Self::Completed => "service_completed_successfully",
        }
    }
}

/// When an image is pulled (Compose: `pull_policy`).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PullPolicy {
    /// If the engine does not have it.
    #[default]
    Missing,
    /// If the registry has another one than the engine.
    Always,
    /// Never: a missing image is a problem.
    Never,
}

impl PullPolicy {
    /// Every policy, in Compose's words.
    pub const WORDS: &'static [&'static str] = &["missing", "always", "never"];

    /// Reads a word of the file; `if_not_present` is Compose's other word for `missing`.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Some(match word {
            "missing" | "if_not_present" => Self::Missing,
            "always" => Self::Always,
            "never" => Self::Never,
            _ => return None,
        })
    }

    /// The word of the file.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Always => "always",
            Self::Never => "never",
        }
    }
}

/// Which of the two runs first in a replacement (`update.order`).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Order {
    /// The old one is stopped before the new one starts.
    #[default]
    StopFirst,
    /// The new one is up before the old one is stopped.
    StartFirst,
}

/// What happens when the new container does not come up (`update.failure_action`).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum FailureAction {
    /// The old one comes back.
    #[default]
    Rollback,
    /// Everything stays as it is, to be looked at.
    Pause,
    /// The new one stays.
    Continue,
}

/// How a container is replaced (`update`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Update {
    /// Which of the two runs first.
    pub order: Order,
    /// How long a new container without a health check must live to count as up, in nanoseconds.
    pub monitor: i64,
    /// What happens when the new one does not come up.
    pub failure_action: FailureAction,
    /// How many replicas are replaced at a time; 0 is all of them.
    pub parallelism: usize,
    /// How long to wait between some replicas and the next, in nanoseconds.
    pub delay: i64,
}

impl Update {
    /// The default of `monitor`: a process whose command, files or settings are wrong mostly ends within a second, and the
    /// last container of every apply is waited for this long. What takes longer to fail has a health check, or a `monitor`
    /// of its own.
    pub const MONITOR: i64 = 1_000_000_000;
}

impl Default for Update {
    fn default() -> Self {
        Self {
            order: Order::default(),
            monitor: Self::MONITOR,
            failure_action: FailureAction::default(),
            // As Swarm: a service stays up while its replicas are replaced one after the other.
            parallelism: 1,
            delay: 0,
        }
    }
}
