//! The service: it follows the file and the engine, and keeps the one like the other.

pub mod files;
mod state;

pub use state::{Command, Event, Report, State};
