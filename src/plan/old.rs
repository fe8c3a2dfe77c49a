//! What a container that is there has to be known by before it is stopped.

use serde_json::Value;

use crate::{live, model::State};

/// Whether a container that does not run was meant to: it ran, and the file wanted it to go on. A replacement that was
/// interrupted after it stopped the old one leaves just this behind, and a rollback has to start it again. Of one that is
/// nobody's only the new one can say so.
pub fn was_meant_to_run(found: &live::Container) -> bool {
    if let Some(successor) = &found.successor {
        return successor.ran;
    }
    let Some(applied) = &found.applied else {
        return false;
    };
    let meant = applied.settings.text("state");
    let meant = meant.unwrap_or(State::Running.word());
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

/// The restart policy that a container had before it was set aside: what the new one says; or its own, or what was applied
/// if it was taken away.
pub fn restart_policy(found: &live::Container) -> Value {
    if let Some(successor) = &found.successor {
        return successor.restart.clone();
    }
    let own = found
        .inspect
        .pointer("/HostConfig/RestartPolicy")
        .cloned()
        .unwrap_or(Value::Null);
    let applied = found
        .applied
        .as_ref()
        .and_then(|applied| applied.get("restart"))
        .and_then(Value::as_str);
    let taken = own
        .get("Name")
        .and_then(Value::as_str)
        .is_none_or(|name| name.is_empty() || name == "no");
    match applied {
        Some(applied) if taken && applied != "no" => {
            let (name, retries) = applied.split_once(':').unwrap_or((applied, "0"));
            serde_json::json!({ "Name": name, "MaximumRetryCount": retries.parse::<u64>().unwrap_or(0) })
        }
        Some(_) | None => own,
    }
}
