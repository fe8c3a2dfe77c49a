//! Processes: how they behave, and what happens while time goes by.

use std::time::Duration;

use serde_json::Value;

use super::{By, Container, Phase, World, clock::stamp};

/// How a process ends by itself.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Runs {
    /// It does not.
    #[default]
    Forever,
    /// It ends with an exit code some time after its start; zero is at once.
    Exits {
        /// The exit code.
        code: i64,
        /// How long after its start.
        after: Duration,
    },
    /// It ends so at its first starts, and runs forever after that.
    ExitsAtFirst {
        /// The exit code.
        code: i64,
        /// How long after its start.
        after: Duration,
        /// How many starts.
        times: u32,
    },
    /// It cannot be started: a command that is not there.
    Refuses {
        /// The HTTP status: 400 for a missing command.
        status: u16,
        /// The exit code that is left behind: 127 for a missing command.
        code: i64,
        /// The engine's words.
        text: String,
    },
}

/// How a process answers its health checks, of which the container's or image's `Healthcheck` says when they come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Checks {
    /// How many checks fail before the first that passes; `None`: none ever passes.
    pub pass_after: Option<u32>,
    /// How many checks there are before they fail for good; `None`: never.
    pub fail_after: Option<u32>,
}

impl Default for Checks {
    fn default() -> Self {
        Self {
            pass_after: Some(0),
            fail_after: None,
        }
    }
}

/// What a process does when it is to stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnStop {
    /// It ends with an exit code after a while.
    Ends {
        /// The exit code.
        code: i64,
        /// How long it takes.
        after: Duration,
    },
    /// It ignores the signal, and is killed when its grace period is over.
    Ignores,
}

impl Default for OnStop {
    fn default() -> Self {
        Self::Ends {
            code: 0,
            after: Duration::ZERO,
        }
    }
}

/// How the processes of an image behave.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Behaviour {
    /// How they end by themselves.
    pub runs: Runs,
    /// How they answer health checks.
    pub checks: Checks,
    /// What they do when they are to stop.
    pub on_stop: OnStop,
    /// What they write at their start.
    pub says: Vec<String>,
}

impl Behaviour {
    /// Ends with an exit code some time after its start.
    #[must_use]
    pub fn exits(code: i64, after: Duration) -> Self {
        Self {
            runs: Runs::Exits { code, after },
            ..Self::default()
        }
    }

    /// Never passes a health check.
    #[must_use]
    pub fn unhealthy() -> Self {
        Self {
            checks: Checks {
                pass_after: None,
                fail_after: None,
            },
            ..Self::default()
        }
    }

    /// Passes its health checks after so many failures.
    #[must_use]
    pub fn healthy_after(checks: u32) -> Self {
        Self {
            checks: Checks {
                pass_after: Some(checks),
                fail_after: None,
            },
            ..Self::default()
        }
    }

    /// Cannot be started, as with a command that is not there.
    #[must_use]
    pub fn no_such_command(command: &str) -> Self {
        let text = format!(
            "failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: exec: {command:?}: executable file not found in $PATH: unknown"
        );
        Self {
            runs: Runs::Refuses {
                status: 400,
                code: 127,
                text,
            },
            ..Self::default()
        }
    }
}

/// A health check's rhythm and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Health {
    /// `starting`, `healthy` or `unhealthy`.
    pub status: &'static str,
    /// How many failed in a row.
    pub failing: u32,
    /// How many there were.
    pub checks: u32,
    /// When the next one is due.
    pub next: Duration,
    /// The time between two.
    pub interval: Duration,
    /// Failures that make it unhealthy.
    pub retries: u32,
    /// Until when failures do not count.
    pub grace: Duration,
}

/// The engine's defaults of a health check.
const INTERVAL: Duration = Duration::from_secs(30);
const RETRIES: u32 = 3;
/// The engine's restart delays: doubled from the first to the last; a run of ten seconds begins anew.
const FIRST_DELAY: Duration = Duration::from_millis(100);
const LAST_DELAY: Duration = Duration::from_mins(1);
const LONG_RUN: Duration = Duration::from_secs(10);

impl Health {
    /// The health of a container that starts now, if it has a check.
    pub fn begin(config: &Value, now: Duration) -> Option<Self> {
        let check = config.get("Healthcheck")?;
        let first = check.pointer("/Test/0").and_then(Value::as_str)?;
        if first == "NONE" {
            return None;
        }
        let number = |field: &str| {
            check
                .get(field)
                .and_then(Value::as_u64)
                .filter(|number| *number > 0)
        };
        let interval = number("Interval").map_or(INTERVAL, Duration::from_nanos);
        Some(Self {
            status: "starting",
            failing: 0,
            checks: 0,
            next: now + interval,
            interval,
            retries: number("Retries")
                .and_then(|number| u32::try_from(number).ok())
                .unwrap_or(RETRIES),
            grace: now + number("StartPeriod").map_or(Duration::ZERO, Duration::from_nanos),
        })
    }
}

impl World {
    /// When something happens next by itself.
    #[must_use]
    pub fn next_due(&self) -> Option<Duration> {
        self.containers.values().filter_map(Container::due).min()
    }

    /// Lets time go by: processes end, health checks run, restart policies start again.
    pub fn advance_to(&mut self, until: Duration) {
        while let Some((at, id)) = self
            .containers
            .values()
            .filter_map(|container| {
                Some((
                    container.due()?,
                    container.created_number,
                    container.id.clone(),
                ))
            })
            .min()
            .map(|(at, _, id)| (at, id))
            .filter(|(at, _)| *at <= until)
        {
            self.now = self.now.max(at);
            self.happen(&id);
        }
        self.now = self.now.max(until);
    }

    /// Lets some time go by.
    pub fn advance(&mut self, by: Duration) {
        self.advance_to(self.now + by);
    }

    fn happen(&mut self, id: &str) {
        let Some(container) = self.containers.get(id) else {
            return;
        };
        let now = self.now;
        if container.restarts_at.is_some_and(|at| at <= now) {
            self.restart(id);
        } else if let Some((at, code)) = container.ends_at
            && at <= now
        {
            self.end(id, code);
        } else {
            self.check(id);
        }
    }

    fn restart(&mut self, id: &str) {
        if let Some(container) = self.containers.get_mut(id) {
            container.restarts_at = None;
            container.restart_count += 1;
        }
        let by = std::mem::replace(&mut self.by, By::Engine);
        if self.run(id).is_err()
            && let Some(container) = self.containers.get_mut(id)
        {
            container.phase = Phase::Exited;
        }
        self.by = by;
    }

    /// A process ends by itself: what the restart policy says happens next.
    pub(super) fn end(&mut self, id: &str, code: i64) {
        let by = std::mem::replace(&mut self.by, By::Engine);
        self.die(id, code);
        let now = self.now;
        if let Some(container) = self.containers.get_mut(id) {
            let policy = container
                .host
                .pointer("/RestartPolicy/Name")
                .and_then(Value::as_str)
                .unwrap_or("");
            let most = container
                .host
                .pointer("/RestartPolicy/MaximumRetryCount")
                .and_then(Value::as_u64)
                .unwrap_or(0);
            let again = match policy {
                "always" | "unless-stopped" => true,
                "on-failure" => code != 0 && (most == 0 || container.restart_count < most),
                _ => false,
            };
            if again {
                let ran = now.saturating_sub(container.started_at.unwrap_or(now));
                container.delay = if ran >= LONG_RUN || container.delay.is_zero() {
                    FIRST_DELAY
                } else {
                    (container.delay * 2).min(LAST_DELAY)
                };
                container.restarts_at = Some(now + container.delay);
                container.phase = Phase::Restarting;
            }
        }
        if self
            .containers
            .get(id)
            .is_some_and(|container| container.phase == Phase::Exited && container.removes_itself())
        {
            self.destroy(id);
        }
        self.by = by;
    }

    /// The process is not there any more.
    pub(super) fn die(&mut self, id: &str, code: i64) {
        let now = stamp(self.now);
        let Some(container) = self.containers.get_mut(id) else {
            return;
        };
        container.phase = Phase::Exited;
        container.exit_code = code;
        container.finished = Some(now);
        container.ends_at = None;
        container.restarts_at = None;
        if let Some(health) = &mut container.health {
            // The engine says so of every check that does not run any more.
            health.status = "unhealthy";
        }
        let name = container.name.clone();
        self.emit("container", "die", id, &name);
        self.leave_networks(id);
    }

    fn check(&mut self, id: &str) {
        let Some(container) = self.containers.get_mut(id) else {
            return;
        };
        let checks = container.behaviour.checks;
        let Some(health) = &mut container.health else {
            return;
        };
        let passes = checks
            .pass_after
            .is_some_and(|after| health.checks >= after)
            && checks.fail_after.is_none_or(|after| health.checks < after);
        health.checks += 1;
        health.next += health.interval;
        let before = health.status;
        if passes {
            health.failing = 0;
            health.status = "healthy";
        } else if self.now >= health.grace || health.status == "healthy" {
            health.failing += 1;
            if health.failing >= health.retries {
                health.status = "unhealthy";
            }
        }
        if health.status != before {
            let (status, name) = (health.status, container.name.clone());
            self.emit("container", format!("health_status: {status}"), id, &name);
        }
    }

    /// How long a stop takes: what the process needs, or its whole grace period.
    pub(super) fn stop_takes(&self, id: &str) -> Duration {
        let Some(container) = self
            .containers
            .get(id)
            .filter(|container| container.phase == Phase::Running)
        else {
            return Duration::ZERO;
        };
        let grace = Duration::from_secs(
            container
                .config
                .get("StopTimeout")
                .and_then(Value::as_u64)
                .unwrap_or(10),
        );
        match container.behaviour.on_stop {
            OnStop::Ends { after, .. } => after.min(grace),
            OnStop::Ignores => grace,
        }
    }

    /// The exit code of a process that is stopped.
    pub(super) fn stop_code(container: &Container) -> i64 {
        let grace = Duration::from_secs(
            container
                .config
                .get("StopTimeout")
                .and_then(Value::as_u64)
                .unwrap_or(10),
        );
        match container.behaviour.on_stop {
            OnStop::Ends { code, after } if after <= grace => code,
            OnStop::Ends { .. } | OnStop::Ignores => 137,
        }
    }
}
