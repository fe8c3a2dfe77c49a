//! One more look, right after an apply: whether what was done is so.
//!
//! Engines accept values that they do not take, and a comparison may misread what they show. Either way the same would be
//! done again and again. A look costs reads alone; it is taken at once, so that next to nobody else can have changed
//! anything meanwhile. Events would not tell who did: an engine's name nobody.

use std::collections::BTreeSet;

use super::{Outcome, Verdict};
use crate::{
    desired::Desired,
    engine::{EngineError, Observe, look_again},
    plan::{Action, CameBack, Options, Plan, StepId, came_back, plan},
};

/// What came straight back of what was done. Nothing is asked where nothing was done that could.
pub async fn what_came_back<O: Observe>(
    engine: &O,
    desired: &Desired,
    options: &Options,
    applied: &Plan,
    outcome: &Outcome,
) -> Result<Vec<CameBack>, EngineError> {
    let done = done(outcome);
    if done.is_empty() {
        return Ok(Vec::new());
    }
    let live = look_again(engine, desired).await?;
    Ok(came_back(applied, &done, &plan(desired, &live, options)))
}

/// The main steps of the things of which everything was done. What is gone cannot differ.
fn done(outcome: &Outcome) -> BTreeSet<StepId> {
    let (well, ill): (Vec<&Verdict>, Vec<&Verdict>) = outcome
        .verdicts
        .iter()
        .partition(|verdict| verdict.trouble.is_none());
    let ill: BTreeSet<StepId> = ill.iter().map(|verdict| verdict.id.main()).collect();
    well.iter()
        .filter(|verdict| verdict.action != Action::Remove)
        .map(|verdict| verdict.id.main())
        .filter(|id| !ill.contains(id))
        .collect()
}
