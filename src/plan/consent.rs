//! Consent: only an approved plan can be applied.

use super::{Action, Kind, Plan};

/// What was agreed to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Consent {
    /// To the plan as it was shown.
    pub plan: bool,
    /// To remove everything that the project owns, because the file lists nothing.
    pub emptying: bool,
}

/// A plan that was agreed to: the only thing that apply takes.
#[derive(Debug, Clone)]
pub struct Approved(Plan);

/// Why a plan may not be applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Nobody agreed to it.
    #[error("the plan was not agreed to")]
    NoConsent,
    /// It would remove all that the project owns.
    #[error(
        "the file lists no container any more, and the plan removes all {0} that the project has"
    )]
    Emptying(usize),
}

impl Approved {
    /// Approves a plan.
    pub fn new(plan: Plan, consent: Consent) -> Result<Self, Refusal> {
        if !consent.plan && !plan.is_empty() {
            return Err(Refusal::NoConsent);
        }
        if empties(&plan) && !consent.emptying {
            return Err(Refusal::Emptying(plan.owned));
        }
        Ok(Self(plan))
    }

    /// The plan.
    #[must_use]
    pub fn plan(&self) -> &Plan {
        &self.0
    }
}

/// Whether a plan removes all containers of a project whose file lists none: most often a truncated or misnamed file.
#[must_use]
pub fn empties(plan: &Plan) -> bool {
    plan.wanted == 0
        && plan.owned > 0
        && plan
            .steps
            .iter()
            .any(|step| step.kind == Kind::Container && step.action == Action::Remove)
}
