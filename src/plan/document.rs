//! The plan itself: steps in an order in which they can be done, and the problems that can be foreseen.

use std::collections::BTreeMap;

use super::{Action, CameBack, Step};
use crate::model::Secrets;

/// What would be done, and what stands in its way.
#[derive(Debug, Clone, Default)]
pub struct Plan {
    /// The project.
    pub project: String,
    /// The steps; each stands after those that it waits for.
    pub steps: Vec<Step>,
    /// What can be foreseen to go wrong, and what is worth a warning.
    pub problems: Vec<Foreseen>,
    /// Differences that are held because an apply that succeeded did not end them.
    pub held: Vec<CameBack>,
    /// How many containers the file wants.
    pub wanted: usize,
    /// How many containers the project has on the engine.
    pub owned: usize,
    /// What must never be shown.
    pub secrets: Secrets,
}

/// Whether a foreseen problem keeps its container from being planned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Weight {
    /// The container has no steps until it is solved.
    Error,
    /// Worth knowing.
    Warning,
}

/// Something that can be foreseen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Foreseen {
    /// How much it weighs.
    pub weight: Weight,
    /// A stable name for scripts: `name-taken`, `port-taken`, `network-missing`, …
    pub code: &'static str,
    /// The container, network, volume or image that it is about, by its name on the engine.
    pub name: String,
    /// One sentence.
    pub text: String,
    /// What to do.
    pub hint: String,
    /// File, line and column, where it comes from the file.
    pub place: Option<(String, usize, usize)>,
}

impl Plan {
    /// Whether there is nothing to do.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }

    /// Whether something stands in the way.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.problems
            .iter()
            .any(|problem| problem.weight == Weight::Error)
    }

    /// How many steps there are of each action; every action has an entry.
    #[must_use]
    pub fn summary(&self) -> BTreeMap<Action, usize> {
        let mut summary: BTreeMap<Action, usize> =
            Action::ALL.into_iter().map(|action| (action, 0)).collect();
        for step in &self.steps {
            *summary.entry(step.action).or_default() += 1;
        }
        summary
    }
}
