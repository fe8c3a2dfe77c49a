//! Planning: the difference between what is wanted and what is, as steps that leave nothing open. Pure: no clock, no
//! surroundings, no engine.

mod beyond;
mod blocked;
mod came_back;
mod change;
mod circles;
mod consent;
mod containers;
mod creation;
mod difference;
mod document;
mod draft;
mod hooks;
mod in_place;
mod names;
mod networks;
mod objects;
mod old;
mod planner;
mod ports;
mod replacements;
mod restarts;
mod rolling;
mod rows;
mod step;
mod volumes;

pub use came_back::{CameBack, Difference, came_back};
pub use change::{After, Cause, Change};
pub use consent::{Approved, Consent, Refusal, empties};
pub use document::{Foreseen, Plan, Weight};
pub use hooks::{Hook, Hooks};
pub use planner::{Options, plan};
pub use rows::recovery;
pub use step::{
    Action, Build, Call, Creation, Gate, InjectedFile, Kind, Old, Replacement, Restoration,
    Resumption, Step, StepId, Wait, Work,
};
