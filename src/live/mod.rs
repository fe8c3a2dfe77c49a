//! What is: an engine's answers in the same normal form as the file's side. No I/O here: answers come in as JSON.
//!
//! Engines differ and grow, so everything is read leniently: an unknown state or an absent field never ends the program.

mod answers;
mod container;
pub mod labels;
mod object;
pub mod successor;

pub use answers::{Answers, Live, Other};
pub use container::{Container, Health, Owner, Role, RunState, next, prev};
pub use object::{Image, Network, Volume};
pub use successor::Successor;
