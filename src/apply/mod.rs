//! Applying: an approved plan, step by step along its order. Nothing is chosen here: what a plan left open is a fault of
//! the plan.

mod outcome;

pub use outcome::{Failure, Happening, Limits, Outcome, Stop, Trouble, Verdict};
