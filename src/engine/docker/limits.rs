//! How long an engine may take to answer.

use std::time::Duration;

/// The longest wait for each kind of answer. A user can set one for all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// For an answer to a read. A list of a thousand containers takes 0.1 s; an engine that is stopping a container holds
    /// its answers back for as long as the grace period, which is 10 s unless told otherwise.
    pub read: Duration,
    /// For what the engine asks a registry, which may be far away.
    pub registry: Duration,
    /// For the beginning of an answer to a write. A start takes 0.2 s on an idle engine; fifty at once on a busy one take
    /// half a minute.
    pub write: Duration,
    /// What an engine may need beyond a container's own grace period, to kill what did not end and to clean up after it.
    pub after_grace: Duration,
    /// For the next word of a pull: the engine itself retries a layer for about a minute.
    pub pull: Duration,
    /// For the next word of a build: one line of a Dockerfile may compile for long without any.
    pub build: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            read: Duration::from_mins(1),
            registry: Duration::from_mins(1),
            write: Duration::from_mins(5),
            after_grace: Duration::from_mins(1),
            pull: Duration::from_mins(5),
            build: Duration::from_hours(1),
        }
    }
}

impl From<Option<Duration>> for Limits {
    /// The user's limit in place of each; without one, the usual ones.
    fn from(limit: Option<Duration>) -> Self {
        limit.map_or_else(Self::default, |limit| Self {
            read: limit,
            registry: limit,
            write: limit,
            after_grace: limit,
            pull: limit,
            build: limit,
        })
    }
}
