//! What became of a plan, and what is told while it is carried out.

use std::time::Duration;

use crate::plan::{Action, Kind, Step, StepId};

/// How far an apply may go in time and at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// How many steps run at the same time.
    pub parallelism: usize,
    /// How long an engine that went away is waited for.
    pub patience: Duration,
    /// The longest wait for one condition (healthy, completed), whatever the plan says; `None` leaves it to the plan.
    pub wait: Option<Duration>,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            // Measured: an engine on two cores creates and starts no faster with more, and with fewer it idles.
            parallelism: 8,
            // An engine that is upgraded or restarted is back within half a minute.
            patience: Duration::from_mins(1),
            wait: None,
        }
    }
}

/// Whether an apply goes on. Told through a channel; it only ever goes forward.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stop {
    /// It goes on.
    #[default]
    No,
    /// The steps at hand are finished, and no new one is begun.
    AfterSteps,
    /// At once, between any two calls. The next run finishes what was begun.
    Now,
}

/// What happens while a plan is carried out.
#[derive(Debug)]
pub enum Happening<'a> {
    /// A step has begun.
    Begun(&'a Step),
    /// A step is at something that takes a while: `waiting until db is healthy`, `Downloading`.
    At {
        /// The step.
        step: &'a Step,
        /// What it is at.
        text: String,
        /// Bytes that are done and bytes in all, of a pull.
        bytes: Option<(u64, u64)>,
    },
    /// A step has ended. Told a second time of a new container that the last look finds dead.
    Ended(&'a Step, &'a Verdict),
    /// The engine went away, and is waited for.
    EngineAway(String),
    /// The engine is back.
    EngineBack,
}

/// What became of one step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// The step.
    pub id: StepId,
    /// What it was to do.
    pub action: Action,
    /// What it was about.
    pub kind: Kind,
    /// The name of the thing.
    pub name: String,
    /// Whether it is a container that does its work and ends: then the step was done when it had ended.
    pub completes: bool,
    /// How it went; `None` is well.
    pub trouble: Option<Trouble>,
    /// How long it took.
    pub took: Duration,
}

/// Why a step was not done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trouble {
    /// It failed. What was there before is still there.
    Failed(Failure),
    /// The new container did not come up, and the old one is back.
    RolledBack(Failure),
    /// The new container did not come up, and both are left as they are (`failure_action: pause`).
    Paused(Failure),
    /// The new container did not come up, and stays all the same (`failure_action: continue`).
    Continued(Failure),
    /// It was not tried, because of another step.
    NotTried {
        /// The step that failed.
        because: StepId,
    },
    /// It was not tried, because the apply was stopped.
    Stopped,
}

/// How far the making of a new container got.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reached {
    /// There is none.
    #[default]
    Nothing,
    /// It is there, and could not be started.
    Created,
    /// It was started, and did not come up.
    Started,
    /// It was started, and what is run in it after that did not succeed.
    Unhooked,
}

/// Why something failed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Failure {
    /// What happened: one lower-case sentence, secrets hidden.
    pub text: String,
    /// What to do; may be empty.
    pub hint: String,
    /// The last lines that the new container wrote, secrets hidden.
    pub log: Vec<String>,
    /// How far it got where a container was to be made that was not there.
    pub reached: Reached,
}

/// What became of a plan: a verdict for every step, in the plan's order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Outcome {
    /// One for each step.
    pub verdicts: Vec<Verdict>,
    /// Worth knowing though nothing failed: what the host cannot enforce, for example.
    pub warnings: Vec<String>,
}

impl Outcome {
    /// Whether all of it was done.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.verdicts
            .iter()
            .all(|verdict| verdict.trouble.is_none())
    }
}
