//! The log of calls.

use serde_json::Value;

use crate::engine::EngineError;

/// How a call ended.
#[derive(Debug, Clone, PartialEq)]
pub enum Ending {
    /// It has not ended, or never did: its caller was stopped, or the answer hangs.
    Never,
    /// Done, and answered.
    Done,
    /// The engine refused it, or it was kept from doing it.
    Failed(EngineError),
    /// Done, and the answer was lost.
    Lost(EngineError),
}

/// A call that a client made.
#[derive(Debug, Clone, PartialEq)]
pub struct Call {
    /// Its number, from 1.
    pub number: u64,
    /// The trait's function: `create_container`, `start`, …
    pub name: &'static str,
    /// What it is about: the first argument.
    pub target: String,
    /// All arguments.
    pub arguments: Value,
    /// Whether it belongs to [`Act`](crate::engine::Act).
    pub writes: bool,
    /// How it ended.
    pub ending: Ending,
}
