//! Applying: an approved plan, step by step along its order. Nothing is chosen here: what a plan left open is a fault of
//! the plan.

mod outcome;

pub use outcome::{Failure, Happening, Limits, Outcome, Stop, Trouble, Verdict};

/// Placeholder signature until the executor is merged.
pub async fn apply<A: crate::engine::Act>(
    _: &A,
    _: &crate::plan::Approved,
    _: &Limits,
    _: tokio::sync::watch::Receiver<Stop>,
    _: &(dyn Fn(Happening<'_>) + Sync),
) -> Outcome {
    Outcome::default()
}
