//! Applying: an approved plan, step by step along its order. Nothing is chosen here: what a plan left open is a fault of
//! the plan.
//!
//! | file | what it is for |
//! |---|---|
//! | `graph` | which step runs when, and what becomes of those that wait for one that failed |
//! | `step` | one `match` on what a step does |
//! | `create`, `replace`, `put_back`, `objects` | the works that take more than one call |
//! | `again` | one more look when all is done |
//! | `hooks` | what is run in a container after its start and before its stop |
//! | `wait` | conditions before a start, and what counts as up after it |
//! | `calls` | each call of an engine, made so that it can be made twice |
//! | `retry` | what is tried again, when, and for how long |
//!
//! An invariant of everything here: between any two calls the program may be killed, and what is on the engine then is a
//! row of `plan::rows`.

mod again;
mod build;
mod calls;
mod create;
mod files;
mod graph;
mod hand;
mod hooks;
mod objects;
mod outcome;
mod permits;
mod put_back;
mod replace;
mod retry;
mod step;
mod wait;

pub use again::what_came_back;
pub use graph::apply;
pub use outcome::{Failure, Happening, Limits, Outcome, Reached, Stop, Trouble, Verdict};
