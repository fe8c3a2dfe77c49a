//! Podman leaves the times of health checks to timers of systemd, and a laboratory has no systemd: this stands in for it.
//!
//! As systemd would, it has a check run as soon as its container does, and again each time the check's interval has passed
//! since the last one ended. What a check's result means is Podman's own work, here as there.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle, sleep},
    time::Duration,
};

use serde_json::Value;

use crate::request;

/// How often it looks for containers that have started. (systemd is told, and keeps its times to a second.)
const PAUSE: Duration = Duration::from_millis(200);

/// The timers of one engine, which end with this value.
#[derive(Debug)]
pub(crate) struct Timers {
    _work: Work,
}

impl Timers {
    /// Runs the health checks of the engine behind a socket, whenever it answers.
    pub(crate) fn start(socket: PathBuf) -> Self {
        Self {
            _work: Work::start(move |enough| look(&socket, enough)),
        }
    }
}

/// Work that goes on until this is dropped. It is not waited for: it ends with its next call.
#[derive(Debug)]
struct Work {
    enough: Arc<AtomicBool>,
    thread: JoinHandle<()>,
}

impl Work {
    fn start(work: impl FnOnce(&AtomicBool) + Send + 'static) -> Self {
        let enough = Arc::new(AtomicBool::new(false));
        let told = Arc::clone(&enough);
        let thread = thread::spawn(move || work(&told));
        Self { enough, thread }
    }
}

impl Drop for Work {
    fn drop(&mut self) {
        self.enough.store(true, Ordering::Relaxed);
    }
}

/// Gives each container that runs and has a check a timer.
fn look(socket: &Path, enough: &AtomicBool) {
    let mut timers: BTreeMap<String, Option<Work>> = BTreeMap::new();
    while !enough.load(Ordering::Relaxed) {
        sleep(PAUSE);
        let Some(Value::Array(running)) = get(socket, "/containers/json") else {
            continue;
        };
        let ids: Vec<&str> = running
            .iter()
            .filter_map(|one| one["Id"].as_str())
            .collect();
        // One that runs again gets another.
        timers.retain(|id, timer| {
            let ended = timer.as_ref().is_some_and(|work| work.thread.is_finished());
            ids.contains(&id.as_str()) && !ended
        });
        for id in ids {
            if !timers.contains_key(id)
                && let Some(inspect) = get(socket, &format!("/containers/{id}/json"))
            {
                let timer = interval(&inspect).map(|interval| timer(socket, id, interval));
                timers.insert(id.to_owned(), timer);
            }
        }
    }
}

/// Runs one container's check again and again, as long as it can be run.
fn timer(socket: &Path, id: &str, interval: Duration) -> Work {
    let path = format!("/v4.0.0/libpod/containers/{id}/healthcheck");
    let socket = socket.to_owned();
    Work::start(move |enough| {
        while !enough.load(Ordering::Relaxed) && get(&socket, &path).is_some() {
            sleep(interval);
        }
    })
}

/// The interval of a container's check, if it has one.
fn interval(inspect: &Value) -> Option<Duration> {
    let check = &inspect["Config"]["Healthcheck"];
    let kind = check["Test"][0].as_str()?;
    if kind == "NONE" {
        return None;
    }
    // Podman makes no timer where there is no interval.
    let nanos = check["Interval"].as_u64().filter(|nanos| *nanos > 0)?;
    Some(Duration::from_nanos(nanos))
}

/// An answer, if the engine has one.
fn get(socket: &Path, path: &str) -> Option<Value> {
    let answer = request(socket, "GET", path, None).ok()?;
    if answer.status != 200 {
        return None;
    }
    serde_json::from_str(&answer.body).ok()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::json;

    use super::interval;

    #[test]
    fn a_container_without_a_check_has_no_timer() {
        let of = |check| interval(&json!({ "Config": { "Healthcheck": check } }));
        let second = 1_000_000_000;
        assert_eq!(
            of(json!({ "Test": ["CMD", "true"], "Interval": second })),
            Some(Duration::from_secs(1))
        );
        assert_eq!(of(json!(null)), None);
        assert_eq!(of(json!({ "Test": ["NONE"], "Interval": second })), None);
        assert_eq!(of(json!({ "Test": ["CMD", "true"], "Interval": 0 })), None);
    }
}
