//! What a step holds while it runs: the engine, its permit, and ways to say what happens.

use std::{
    future::Future,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use tokio::{sync::watch, time::Instant};

use super::{
    Failure, Happening, Limits, Stop, Trouble,
    permits::{Permit, Permits},
};
use crate::{
    engine::{EngineError, PullProgress},
    model::Secrets,
    plan::{Step, StepId},
};

/// How many of a container's last lines are reported: enough for a stack trace's end, little enough to read.
const LOG_LINES: u32 = 20;

/// Everything that the steps of one apply share.
pub struct Site<'a, A> {
    /// The engine.
    pub engine: &'a A,
    /// How far an apply may go.
    pub limits: &'a Limits,
    /// Whether it goes on.
    pub stop: watch::Receiver<Stop>,
    /// Who is told what happens.
    pub tell: &'a (dyn Fn(Happening<'_>) + Sync),
    /// What must never be shown.
    pub secrets: &'a Secrets,
    /// How much goes on at the same time.
    pub permits: Permits,
    /// Since when the engine cannot be reached.
    away: Mutex<Option<Instant>>,
    warnings: Mutex<Vec<String>>,
    started: Mutex<Vec<Started>>,
}

/// A container that gets a last look when everything is done.
pub struct Started {
    /// The step that started it.
    pub step: StepId,
    /// The container's id.
    pub id: String,
    /// How often its restart policy had started it again before.
    pub restarts: i64,
}

/// One step while it runs.
pub struct Hand<'a, A> {
    /// What all steps share.
    pub site: &'a Site<'a, A>,
    /// The step.
    pub step: &'a Step,
    held: Mutex<Held>,
}

#[derive(Default)]
struct Held {
    permit: Option<Permit>,
    down: bool,
}

impl<'a, A> Site<'a, A> {
    /// What the steps of one apply share.
    pub fn new(
        engine: &'a A,
        limits: &'a Limits,
        stop: watch::Receiver<Stop>,
        tell: &'a (dyn Fn(Happening<'_>) + Sync),
        secrets: &'a Secrets,
    ) -> Self {
        Self {
            engine,
            limits,
            stop,
            tell,
            secrets,
            permits: Permits::new(limits.parallelism),
            away: Mutex::default(),
            warnings: Mutex::default(),
            started: Mutex::default(),
        }
    }

    /// How far the apply goes on now.
    pub fn stopped(&self) -> Stop {
        *self.stop.borrow()
    }

    /// Waits until the apply is stopped that far; for ever, if nobody can stop it any more.
    pub async fn until(&self, stop: Stop) {
        let mut receiver = self.stop.clone();
        if receiver.wait_for(|now| *now >= stop).await.is_err() {
            std::future::pending::<()>().await;
        }
    }

    /// The engine cannot be reached: for how long, said once, whoever finds out first. All calls share one wait, so that the
    /// steps and what undoes them do not wait one after the other.
    pub fn engine_is_away(&self, error: &EngineError) -> Duration {
        let mut away = self.away.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(since) = *away {
            return since.elapsed();
        }
        *away = Some(Instant::now());
        drop(away);
        (self.tell)(Happening::EngineAway(self.secrets.hide(&error.to_string())));
        Duration::ZERO
    }

    /// The engine answered; says so if it was waited for.
    pub fn engine_is_there(&self) {
        let mut away = self.away.lock().unwrap_or_else(PoisonError::into_inner);
        if away.take().is_some() {
            drop(away);
            (self.tell)(Happening::EngineBack);
        }
    }

    /// Something that is worth knowing though nothing failed; said once.
    pub fn warn(&self, text: &str) {
        let text = self.secrets.hide(text);
        let mut warnings = self.warnings.lock().unwrap_or_else(PoisonError::into_inner);
        if !warnings.contains(&text) {
            warnings.push(text);
        }
    }

    /// The warnings so far, taken out.
    pub fn take_warnings(&self) -> Vec<String> {
        std::mem::take(&mut *self.warnings.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The containers that were started and get a last look, taken out.
    pub fn take_started(&self) -> Vec<Started> {
        std::mem::take(&mut *self.started.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl<'a, A> Hand<'a, A> {
    /// A step that has its permit, or needs none.
    pub fn new(site: &'a Site<'a, A>, step: &'a Step, permit: Option<Permit>) -> Self {
        Self {
            site,
            step,
            held: Mutex::new(Held {
                permit,
                down: false,
            }),
        }
    }

    /// Waits for something without holding the permit. One wait may be inside another.
    pub async fn rest<T>(&self, waiting: impl Future<Output = T>) -> T {
        let permit = self.held().permit.take();
        let held = permit.is_some();
        drop(permit);
        let value = waiting.await;
        if held {
            let down = self.held().down;
            let permit = self.site.permits.go_on(down).await;
            self.held().permit = Some(permit);
        }
        value
    }

    /// Something is about to be down: few may have that at the same time.
    pub async fn goes_down(&self) {
        let permit = self.held().permit.take();
        self.held().down = true;
        if let Some(mut permit) = permit {
            self.site.permits.take_down(&mut permit).await;
            self.held().permit = Some(permit);
        }
    }

    /// Nothing is down any more.
    pub fn is_up_again(&self) {
        let mut held = self.held();
        held.down = false;
        if let Some(permit) = &mut held.permit {
            permit.is_up();
        }
    }

    fn held(&self) -> std::sync::MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for something that is work at first and waiting later: the permit is held for a moment only.
    pub async fn rest_after<T>(&self, moment: Duration, work: impl Future<Output = T>) -> T {
        let mut work = std::pin::pin!(work);
        match tokio::time::timeout(moment, &mut work).await {
            Ok(value) => value,
            Err(_) => self.rest(work).await,
        }
    }

    /// Says what the step is at.
    pub fn at(&self, text: &str) {
        self.at_progress(&PullProgress {
            text: text.to_owned(),
            bytes: None,
        });
    }

    /// Says how far a pull or a build is.
    pub fn at_progress(&self, progress: &PullProgress) {
        // Builds part their steps with empty lines.
        if progress.text.is_empty() && progress.bytes.is_none() {
            return;
        }
        (self.site.tell)(Happening::At {
            step: self.step,
            text: self.site.secrets.hide(&progress.text),
            bytes: progress.bytes,
        });
    }

    /// Notes a container that gets a last look when everything is done, and how often it had been started again before.
    pub fn look_again_later(&self, id: &str, restarts: i64) {
        self.site
            .started
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(Started {
                step: self.step.id.clone(),
                id: id.to_owned(),
                restarts,
            });
    }

    /// A failure in our words.
    pub fn failure(&self, text: &str, hint: &str) -> Failure {
        Failure {
            text: self.site.secrets.hide(text),
            hint: self.site.secrets.hide(hint),
            ..Failure::default()
        }
    }

    /// A failure of a call: `cannot start web: …`.
    pub fn failed(&self, what: &str, error: &EngineError) -> Failure {
        let text = error.to_string();
        // Where the engine cannot be reached, its own sentence says all of it.
        let whole = if error.is_about_the_engine() {
            text.clone()
        } else {
            format!("cannot {what}: {text}")
        };
        self.failure(&whole, hint(&text))
    }

    /// The same failure with the last lines that a container wrote. A log that cannot be read is left out: it explains the
    /// failure, and must not hide it.
    pub async fn with_log(&self, mut failure: Failure, id: &str) -> Failure
    where
        A: crate::engine::Observe,
    {
        let lines = self.site.engine.logs(id, LOG_LINES).await;
        failure.log = lines
            .unwrap_or_default()
            .iter()
            .map(|line| self.site.secrets.hide(line))
            .collect();
        failure
    }
}

/// What to do about the engine's words, where they do not say it themselves.
fn hint(text: &str) -> &'static str {
    let has = |part: &str| text.contains(part);
    if has("port is already allocated") || has("address already in use") {
        "find out what holds the port with ss -ltnup, or publish another one"
    } else if has("no basic auth credentials") || has("denied") && has("pull access") {
        "log in with docker login, or check the image's name"
    } else if has("manifest unknown") || has("manifest for") && has("not found") {
        "check the image's tag"
    } else if has("executable file not found") || has("no such file or directory: unknown") {
        "check command and entrypoint: the image does not have this program"
    } else if has("no space left on device") {
        "free space on the engine's disk, for example with docker system prune"
    } else if has("no answer from the engine") {
        "find out what keeps the engine busy, or give --engine-timeout more"
    } else {
        ""
    }
}

impl From<Failure> for Trouble {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}
