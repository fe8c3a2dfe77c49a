//! The simulated engine is as the real one: the same calls to both, and the same answers.
//!
//! `script` records what a client sees; each other file is one script. What no client can foretell (ids, times, addresses
//! of cards) is masked, and so is what no part of Evenkeel reads.

mod calls;
mod conflicts;
mod creation;
mod events;
mod script;
mod volumes;
