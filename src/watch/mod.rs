//! The service: it follows the file and the engine, and keeps the one like the other.

mod events;
pub mod files;
mod reconcile;
mod service;
mod state;
mod told;

pub use service::{Ended, Guard, Load, Setup, run};
pub use state::{Command, Event, Report, State};
