//! Faults: what goes wrong at which call.

use std::{fmt, sync::Arc, time::Duration};

use super::{Call, world::error};
use crate::engine::EngineError;

/// What goes wrong at a call.
#[derive(Debug, Clone, PartialEq)]
pub enum Fault {
    /// It is not done, and this is the answer.
    Error(EngineError),
    /// It is done, and this is all that the caller hears of it.
    Lost(EngineError),
    /// It is not done, and no answer ever comes: the caller is killed here.
    HangBefore,
    /// It is done, and no answer ever comes: the caller is killed here.
    HangAfter,
    /// The engine cannot be reached by this call and the following ones, so many in all.
    Away(u64),
}

impl Fault {
    /// No answer in time, and nothing was done.
    #[must_use]
    pub fn timed_out_before() -> Self {
        Self::Error(timed_out())
    }

    /// No answer in time, although it was done.
    #[must_use]
    pub fn timed_out_after() -> Self {
        Self::Lost(timed_out())
    }

    /// The connection ended before anything was done.
    #[must_use]
    pub fn broken_before() -> Self {
        Self::Error(broken())
    }

    /// The connection ended after it was done.
    #[must_use]
    pub fn broken_after() -> Self {
        Self::Lost(broken())
    }

    /// One of each kind that lets the caller go on.
    #[must_use]
    pub fn answered() -> Vec<Self> {
        vec![
            Self::Away(1),
            Self::Error(EngineError::Denied {
                host: "simulated".into(),
            }),
            Self::Error(error(404, "made up: there is no such thing")),
            Self::Error(error(409, "made up: something stands in the way")),
            Self::Error(error(400, "made up: the engine refuses")),
            Self::Error(error(429, "made up: too many requests")),
            Self::Error(error(500, "made up: the engine failed")),
            Self::Error(error(503, "made up: the engine is busy")),
            Self::Error(EngineError::Unreadable {
                what: "made up".into(),
                cause: "not JSON".into(),
            }),
            Self::timed_out_before(),
            Self::timed_out_after(),
            Self::broken_before(),
            Self::broken_after(),
        ]
    }

    /// One of each kind that there is, with those at which the caller is killed.
    #[must_use]
    pub fn all() -> Vec<Self> {
        let mut all = Self::answered();
        all.extend([Self::HangBefore, Self::HangAfter]);
        all
    }
}

fn timed_out() -> EngineError {
    EngineError::TimedOut {
        what: "made up".into(),
        after: Duration::from_mins(1),
    }
}

fn broken() -> EngineError {
    EngineError::Broken {
        what: "made up".into(),
        cause: "connection reset by peer".into(),
    }
}

/// What an engine that is away answers.
pub fn away() -> EngineError {
    EngineError::Unreachable {
        host: "simulated".into(),
        cause: "nobody listens there".into(),
        hint: "start the engine, or name another with --host or DOCKER_HOST".into(),
    }
}

/// At which call a fault strikes.
#[derive(Clone)]
pub enum Trigger {
    /// The call of this number, from 1.
    Call(u64),
    /// The n-th writing call from now on, from 1.
    Write(u64),
    /// The n-th call of this function from now on, from 1.
    Nth(&'static str, u64),
    /// Every call for which this is true.
    When(Arc<dyn Fn(&Call) -> bool + Send + Sync>),
}

impl Trigger {
    /// Every call for which this is true.
    pub fn when(is: impl Fn(&Call) -> bool + Send + Sync + 'static) -> Self {
        Self::When(Arc::new(is))
    }

    /// Whether it is this call; counts down.
    pub(super) fn strikes(&mut self, call: &Call) -> bool {
        let counted = |left: &mut u64| {
            *left = left.saturating_sub(1);
            *left == 0
        };
        match self {
            Self::Call(number) => call.number == *number,
            Self::Write(left) => call.writes && *left > 0 && counted(left),
            Self::Nth(name, left) => call.name == *name && *left > 0 && counted(left),
            Self::When(is) => is(call),
        }
    }
}

impl fmt::Debug for Trigger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Call(number) => write!(f, "call {number}"),
            Self::Write(number) => write!(f, "write {number}"),
            Self::Nth(name, number) => write!(f, "{name} {number}"),
            Self::When(_) => f.write_str("when …"),
        }
    }
}
