//! What a container that is there has to be known by before it is stopped.

use serde_json::Value;

use crate::{live, model::State};

/// Whether a container that does not run was meant to: it ran, and the file wanted it to go on. A replacement that was
/// interrupted after it stopped the old one leaves just this behind, and a rollback has to start it again.
pub fn was_meant_to_run(found: &live::Container) -> bool {
    let meant = found
        .applied
        .as_ref()
        .and_then(|applied| applied.settings.text("state"))
        .unwrap_or(State::Running.word());
    found.ran && (meant == State::Running.word() || meant == State::Paused.word())
}

/// A container's grace period in seconds: the engine's default is ten, and less than nothing means without end, which is
/// bounded by a day here as a job is.
pub fn grace(found: &live::Container) -> u64 {
    match found
        .inspect
        .pointer("/Config/StopTimeout")
        .and_then(Value::as_i64)
    {
        None => 10,
        Some(seconds) => u64::try_from(seconds).unwrap_or(86_400),
    }
}
