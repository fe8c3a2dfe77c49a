//! Waiting: for what must be so before a start, and for what counts as up after it. No wait holds a permit, each has a
//! limit, and one that cannot come true any more ends at once.

use std::time::Duration;

use tokio::time::Instant;

use super::{
    Failure, Stop, Trouble,
    hand::{Hand, Started},
};
use crate::{
    engine::Act,
    live::{Container, Health, RunState},
    model::Condition,
    plan::{Gate, Wait},
};

/// The pauses between two looks: short at first, because most things happen soon, and longer later, because an inspect of
/// fifty containers every half second is nothing to an engine.
const FIRST: Duration = Duration::from_millis(25);
const LONGEST: Duration = Duration::from_millis(500);

/// The first pause where nobody waits for the answer unless it is a bad one: a new container lives, and the old one is kept
/// until it has for long enough. The short pause would about double the looks, while the engine has others to stop and
/// start.
const FIRST_AT_LEISURE: Duration = Duration::from_millis(100);

/// What is waited for, in words.
#[derive(Clone, Copy)]
enum Aim {
    /// A word for how it is to be.
    Is(&'static str),
    /// It is to live for so long.
    Lives(Duration),
}

impl Aim {
    /// `waiting until db is healthy`.
    fn waiting(self, name: &str) -> String {
        match self {
            Self::Is(word) => format!("waiting until {name} is {word}"),
            Self::Lives(time) => {
                format!(
                    "waiting until {name} has lived for {} s",
                    time.as_secs_f64()
                )
            }
        }
    }

    /// `db was not healthy within 5 s`.
    fn missed(self, name: &str, limit: Duration) -> String {
        let limit = limit.as_secs_f64();
        match self {
            Self::Is(word) => format!("{name} was not {word} within {limit} s"),
            Self::Lives(_) => format!("{name} did not run within {limit} s"),
        }
    }
}

/// What one look says about something that is waited for.
enum Seen {
    /// It is so.
    Yes,
    /// It may come to be.
    NotYet,
    /// It cannot come to be.
    Never(String),
}

impl<A: Act> Hand<'_, A> {
    /// Waits for everything that must be so before a start. An apply that is stopped meanwhile has not touched anything.
    pub async fn conditions(&self, waits: &[Wait]) -> Result<(), Trouble> {
        for wait in waits {
            let limit = self.limit(wait.within);
            let name = wait.name.as_str();
            let aim = Aim::Is(word(wait.condition));
            let waiting = self.poll(
                name,
                name,
                (limit, FIRST),
                |_| aim,
                |found| condition(wait.condition, found),
            );
            let result = tokio::select! {
                result = waiting => result,
                () = self.site.until(Stop::AfterSteps) => return Err(Trouble::Stopped),
            };
            match result {
                Err(failure) if wait.required => return Err(failure.into()),
                Err(failure) => self.site.warn(&format!(
                    "{} was started although {}",
                    self.step.name, failure.text
                )),
                Ok(()) => {}
            }
        }
        Ok(())
    }

    /// Waits until a container that was just started counts as up.
    pub async fn gate(&self, id: &str, name: &str, gate: Gate) -> Result<(), Failure> {
        self.gate_after(id, name, gate, 0).await
    }

    /// The same for one that runs already, and that its restart policy had started again so often before.
    pub async fn gate_after(
        &self,
        id: &str,
        name: &str,
        gate: Gate,
        restarts: i64,
    ) -> Result<(), Failure> {
        match gate {
            Gate::LastLook => {
                self.look_again_later(id, restarts);
                Ok(())
            }
            Gate::Completes { within } => {
                self.poll(
                    id,
                    name,
                    (self.limit(within), FIRST),
                    |_| Aim::Is("done"),
                    |found| condition(Condition::Completed, found),
                )
                .await
            }
            Gate::Up {
                monitor,
                healthy_within,
            } => {
                let since = Instant::now();
                let monitor = nanoseconds(monitor);
                // One without a health check is up when it has lived for so long: that is no limit that can be exceeded.
                let limit = self.limit(healthy_within).max(monitor + LONGEST);
                let times = (limit, FIRST_AT_LEISURE);
                let aim = |found: &Container| match found.health {
                    Some(_) => Aim::Is("healthy"),
                    None => Aim::Lives(monitor),
                };
                self.poll(id, name, times, aim, |found| match found.health {
                    Some(_) => becomes_healthy(found, restarts),
                    None => lives(found, restarts, since.elapsed(), monitor),
                })
                .await
            }
        }
    }

    /// Looks at one that was started a while ago: whether it died at once.
    pub async fn last_look(&self, started: &Started, name: &str) -> Result<(), Failure> {
        let id = &started.id;
        // What is gone was removed by somebody, and the next plan will say so.
        let Ok(Some(found)) = self.look(id).await else {
            return Ok(());
        };
        match lives(&found, started.restarts, Duration::ZERO, Duration::ZERO) {
            Seen::Yes | Seen::NotYet => Ok(()),
            Seen::Never(why) => {
                let hint = if found.exit_code == 0 && found.state == RunState::Exited {
                    "a container that does its work and ends is a job: state: completed"
                } else {
                    ""
                };
                Err(self
                    .with_log(self.failure(&format!("{name} {why}"), hint), id)
                    .await)
            }
        }
    }

    /// The limit of a wait: the plan's, or the user's if that is shorter.
    fn limit(&self, within: i64) -> Duration {
        let within = nanoseconds(within);
        self.site
            .limits
            .wait
            .map_or(within, |limit| limit.min(within))
    }

    /// Looks until it is so. The times are the limit of the wait, and the first pause.
    async fn poll(
        &self,
        id: &str,
        name: &str,
        times: (Duration, Duration),
        aim: impl Fn(&Container) -> Aim,
        judge: impl Fn(&Container) -> Seen,
    ) -> Result<(), Failure> {
        self.rest(self.poll_at_rest(id, name, times, aim, judge))
            .await
    }

    async fn poll_at_rest(
        &self,
        id: &str,
        name: &str,
        (limit, mut pause): (Duration, Duration),
        aim: impl Fn(&Container) -> Aim,
        judge: impl Fn(&Container) -> Seen,
    ) -> Result<(), Failure> {
        let since = Instant::now();
        let mut told = false;
        loop {
            let found = match self.look(id).await {
                Ok(Some(found)) => found,
                Ok(None) => return Err(self.failure(&format!("{name} does not exist"), "")),
                Err(error) => return Err(self.failed(&format!("wait for {name}"), &error)),
            };
            match judge(&found) {
                Seen::Yes => return Ok(()),
                Seen::Never(why) => {
                    let failure = self.failure(&format!("{name} {why}"), "");
                    return Err(self.with_log(failure, &found.id).await);
                }
                Seen::NotYet => {}
            }
            let left = limit.saturating_sub(since.elapsed());
            if left.is_zero() {
                let failure = self.failure(&aim(&found).missed(name, limit), "");
                return Err(self.with_log(failure, &found.id).await);
            }
            // A start that is only looked at once or twice is not worth a line.
            if !told && pause > FIRST * 4 {
                told = true;
                self.at(&aim(&found).waiting(name));
            }
            tokio::time::sleep(pause.min(left)).await;
            pause = (pause * 2).min(LONGEST);
        }
    }
}

fn nanoseconds(time: i64) -> Duration {
    Duration::from_nanos(u64::try_from(time).unwrap_or(0))
}

fn word(condition: Condition) -> &'static str {
    match condition {
        Condition::Started => "started",
        Condition::Healthy => "healthy",
        Condition::Completed => "done",
    }
}

fn condition(condition: Condition, found: &Container) -> Seen {
    let ended = || format!("exited with code {}", found.exit_code);
    match (condition, found.state) {
        (Condition::Started, _) if found.ran || found.is_up() => Seen::Yes,
        (Condition::Completed, RunState::Exited) if found.ran && found.exit_code == 0 => Seen::Yes,
        (_, RunState::Created) => Seen::Never("was never started".into()),
        (Condition::Started | Condition::Completed, RunState::Exited | RunState::Dead) => {
            Seen::Never(ended())
        }
        (Condition::Healthy, RunState::Exited | RunState::Dead) => {
            Seen::Never(format!("{} and cannot become healthy", ended()))
        }
        (Condition::Started | Condition::Completed, _)
        | (Condition::Healthy, RunState::Restarting) => Seen::NotYet,
        (Condition::Healthy, _) => match found.health {
            Some(Health::Healthy) => Seen::Yes,
            Some(Health::Unhealthy) => Seen::Never("is unhealthy".into()),
            Some(Health::Starting) => Seen::NotYet,
            None => Seen::Never("has no health check, and so cannot become healthy".into()),
        },
    }
}

/// Whether a container that was just started is healthy. One that has died is not waited for: what its restart policy makes
/// of it is another start of the same that dies.
fn becomes_healthy(found: &Container, before: i64) -> Seen {
    if found.state == RunState::Restarting {
        return Seen::Never(format!(
            "exited with code {} before it was healthy, and is started again and again",
            found.exit_code
        ));
    }
    if found.restarts > before {
        return Seen::Never(format!(
            "died before it was healthy, and was started again {}",
            times(found.restarts - before)
        ));
    }
    condition(Condition::Healthy, found)
}

fn times(count: i64) -> String {
    match count {
        1 => "once".to_owned(),
        _ => format!("{count} times"),
    }
}

/// Whether a container without a health check has lived for long enough without a death.
fn lives(found: &Container, before: i64, since: Duration, monitor: Duration) -> Seen {
    match found.state {
        RunState::Exited | RunState::Dead => Seen::Never(format!(
            "exited with code {} right after its start",
            found.exit_code
        )),
        RunState::Restarting => Seen::Never(format!(
            "exited with code {} right after its start, and is started again and again",
            found.exit_code
        )),
        _ if found.restarts > before => Seen::Never(format!(
            "died right after its start, and was started again {}",
            times(found.restarts - before)
        )),
        RunState::Running | RunState::Paused | RunState::Unknown if since >= monitor => Seen::Yes,
        RunState::Created | RunState::Running | RunState::Paused | RunState::Unknown => {
            Seen::NotYet
        }
    }
}
