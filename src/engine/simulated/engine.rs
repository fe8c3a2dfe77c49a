//! A simulated engine as tests hold it: its calls and their log, faults, time, and hands behind the clients' backs.

use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use serde_json::{Value, json};
use tokio::{sync::watch, time::Instant};

use super::{
    By, Call, Clock, Ending, Fault, ImageSpec, Profile, Remote, Trigger, World, faults::away,
};
use crate::engine::EngineError;

/// How long calls take. With a paused clock they take none of the test's time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Delays {
    /// Every read.
    pub read: Duration,
    /// A creation.
    pub create: Duration,
    /// A start.
    pub start: Duration,
    /// A stop, besides what the process needs.
    pub stop: Duration,
    /// A pull.
    pub pull: Duration,
    /// Every other write.
    pub write: Duration,
}

type Hook = Arc<dyn Fn(&World, &Call) + Send + Sync>;

pub(super) struct Shared {
    pub(super) world: World,
    log: Vec<Call>,
    faults: Vec<(Trigger, Fault)>,
    away: u64,
    hung: bool,
    delays: Delays,
    pub(super) clock: Clock,
    seen: Option<Instant>,
    hook: Option<Hook>,
    pub(super) life: u64,
}

/// A simulated engine. Clones are clients of the same engine.
#[derive(Clone)]
pub struct Simulated {
    shared: Arc<Mutex<Shared>>,
    pub(super) changed: Arc<watch::Sender<()>>,
}

impl fmt::Debug for Simulated {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Simulated")
            .field("calls", &self.lock().log.len())
            .finish_non_exhaustive()
    }
}

impl Default for Simulated {
    fn default() -> Self {
        Self::new()
    }
}

/// What is to become of a call.
enum Verdict {
    Do,
    Refuse(EngineError),
    HangBefore,
    Lose(EngineError),
    HangAfter,
}

impl Simulated {
    /// An empty Docker 20.10.
    #[must_use]
    pub fn new() -> Self {
        Self::of(World::new(Profile::default()))
    }

    /// An empty engine of another kind.
    #[must_use]
    pub fn with_profile(profile: Profile) -> Self {
        Self::of(World::new(profile))
    }

    /// An engine that goes on from a state, with an empty log and no faults.
    #[must_use]
    pub fn of(world: World) -> Self {
        Self {
            shared: Arc::new(Mutex::new(Shared {
                world,
                log: Vec::new(),
                faults: Vec::new(),
                away: 0,
                hung: false,
                delays: Delays::default(),
                clock: Clock::default(),
                seen: None,
                hook: None,
                life: 0,
            })),
            changed: Arc::new(watch::Sender::new(())),
        }
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, Shared> {
        // A test's assertion inside a hook may have failed; the state is still sound.
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The same with an image.
    #[must_use]
    pub fn with_image(self, reference: &str, spec: impl Into<ImageSpec>) -> Self {
        self.lock().world.add_image(reference, &spec.into());
        self
    }

    /// The same with something in a registry.
    #[must_use]
    pub fn with_remote(self, reference: &str, remote: Remote) -> Self {
        self.lock()
            .world
            .registry
            .insert(super::images::familiar(reference), remote);
        self
    }

    /// The same with a file or folder on the host.
    #[must_use]
    pub fn with_host_path(self, path: &str) -> Self {
        self.lock().world.host_paths.insert(path.to_owned());
        self
    }

    /// The same with another clock.
    #[must_use]
    pub fn with_clock(self, clock: Clock) -> Self {
        self.lock().clock = clock;
        self
    }

    /// The same with calls that take time.
    #[must_use]
    pub fn with_delays(self, delays: Delays) -> Self {
        self.lock().delays = delays;
        self
    }

    /// Called after every call, while the engine is locked: it may look at the world it is given, and must not call.
    pub fn on_call(&self, hook: impl Fn(&World, &Call) + Send + Sync + 'static) {
        self.lock().hook = Some(Arc::new(hook));
    }

    /// Plans a fault. Each strikes once, but for those with [`Trigger::When`].
    pub fn fault(&self, trigger: Trigger, fault: Fault) {
        self.lock().faults.push((trigger, fault));
    }

    /// Forgets all planned faults; an engine that was away is there again.
    pub fn heal(&self) {
        let mut shared = self.lock();
        shared.faults.clear();
        shared.away = 0;
        shared.hung = false;
    }

    /// Waits until a fault has struck at which the caller is killed. A test that drops the caller then kills all of it at
    /// once, as a signal does, and needs no limit of time.
    pub async fn killed(&self) {
        let mut changed = self.changed.subscribe();
        while !self.lock().hung {
            // The sender lives as long as this client.
            let _ = changed.changed().await;
        }
    }

    fn hang(&self) {
        self.lock().hung = true;
        self.changed.send_replace(());
    }

    /// The state now: a snapshot.
    #[must_use]
    pub fn world(&self) -> World {
        let mut shared = self.lock();
        shared.catch_up();
        shared.world.clone()
    }

    /// Looks at the state.
    pub fn look<T>(&self, look: impl FnOnce(&World) -> T) -> T {
        let mut shared = self.lock();
        shared.catch_up();
        look(&shared.world)
    }

    /// Does something behind the clients' backs.
    pub fn hands<T>(&self, act: impl FnOnce(&mut World) -> T) -> T {
        let mut shared = self.lock();
        shared.catch_up();
        shared.world.by = By::Hands;
        let done = act(&mut shared.world);
        shared.world.by = By::Engine;
        drop(shared);
        self.changed.send_replace(());
        done
    }

    /// Lets time go by, on top of what the clock says.
    pub fn advance(&self, by: Duration) {
        let mut shared = self.lock();
        shared.catch_up();
        shared.world.advance(by);
        drop(shared);
        self.changed.send_replace(());
    }

    /// The engine dies and comes back: streams of events end, and what it remembers of them is gone.
    pub fn reboot(&self) {
        let mut shared = self.lock();
        shared.catch_up();
        shared.world.by = By::Engine;
        shared.world.reboot();
        shared.life += 1;
        drop(shared);
        self.changed.send_replace(());
    }

    /// Every call so far.
    #[must_use]
    pub fn calls(&self) -> Vec<Call> {
        self.lock().log.clone()
    }

    /// How many calls there were.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.lock().log.len() as u64
    }

    /// The writing calls so far, as `name target`: what a test compares.
    #[must_use]
    pub fn writes(&self) -> Vec<String> {
        let shared = self.lock();
        shared
            .log
            .iter()
            .filter(|call| call.writes)
            .map(|call| format!("{} {}", call.name, call.target))
            .collect()
    }

    /// Forgets the log; numbers begin anew.
    pub fn forget_calls(&self) {
        self.lock().log.clear();
    }

    pub(super) async fn call<T>(
        &self,
        name: &'static str,
        target: &str,
        arguments: Value,
        writes: bool,
        act: impl FnOnce(&mut World) -> Result<T, EngineError>,
    ) -> Result<T, EngineError> {
        let (index, verdict, wait) = {
            let mut shared = self.lock();
            shared.catch_up();
            let call = Call {
                number: shared.log.len() as u64 + 1,
                name,
                target: target.to_owned(),
                arguments,
                writes,
                ending: Ending::Never,
            };
            let verdict = shared.judge(&call);
            let wait = shared.takes(&call);
            shared.log.push(call);
            (shared.log.len() - 1, verdict, wait)
        };
        match &verdict {
            Verdict::Refuse(failure) => {
                self.lock().close(index, Ending::Failed(failure.clone()));
                return Err(failure.clone());
            }
            Verdict::HangBefore => {
                self.hang();
                return std::future::pending().await;
            }
            Verdict::Do | Verdict::Lose(_) | Verdict::HangAfter => {}
        }
        self.wait(wait).await;
        let done = {
            let mut shared = self.lock();
            shared.catch_up();
            shared.world.by = By::Client;
            let done = act(&mut shared.world);
            shared.world.by = By::Engine;
            let ending = match (&verdict, &done) {
                (Verdict::HangAfter, _) => Ending::Never,
                (Verdict::Lose(failure), _) => Ending::Lost(failure.clone()),
                (_, Ok(_)) => Ending::Done,
                (_, Err(failure)) => Ending::Failed(failure.clone()),
            };
            shared.close(index, ending);
            done
        };
        self.changed.send_replace(());
        match verdict {
            Verdict::HangAfter => {
                self.hang();
                std::future::pending().await
            }
            Verdict::Lose(failure) => Err(failure),
            Verdict::Do | Verdict::Refuse(_) | Verdict::HangBefore => done,
        }
    }

    async fn wait(&self, wait: Duration) {
        if wait.is_zero() {
            return;
        }
        let clock = self.lock().clock;
        match clock {
            Clock::Tokio => tokio::time::sleep(wait).await,
            Clock::Manual => self.advance(wait),
        }
    }

    pub(super) async fn read<T>(
        &self,
        name: &'static str,
        target: &str,
        look: impl FnOnce(&World) -> T,
    ) -> Result<T, EngineError> {
        self.call(name, target, json!([target]), false, |world| {
            Ok(look(world))
        })
        .await
    }

    pub(super) async fn write<T>(
        &self,
        name: &'static str,
        target: &str,
        arguments: Value,
        act: impl FnOnce(&mut World) -> Result<T, EngineError>,
    ) -> Result<T, EngineError> {
        self.call(name, target, arguments, true, act).await
    }
}

impl Shared {
    /// Brings the world's time to what the clock says.
    pub(super) fn catch_up(&mut self) {
        if self.clock == Clock::Tokio {
            let now = Instant::now();
            let gone = self
                .seen
                .map_or(Duration::ZERO, |seen| now.saturating_duration_since(seen));
            self.seen = Some(now);
            self.world.advance(gone);
        }
    }

    fn judge(&mut self, call: &Call) -> Verdict {
        if self.away > 0 {
            self.away -= 1;
            return Verdict::Refuse(away());
        }
        // All of them count the call, also those behind the one that strikes.
        let struck: Vec<bool> = self
            .faults
            .iter_mut()
            .map(|(trigger, _)| trigger.strikes(call))
            .collect();
        let Some(index) = struck.iter().position(|struck| *struck) else {
            return Verdict::Do;
        };
        let fault = self.faults[index].1.clone();
        if !matches!(self.faults[index].0, Trigger::When(_)) {
            self.faults.remove(index);
        }
        match fault {
            Fault::Error(failure) => Verdict::Refuse(failure),
            Fault::Lost(failure) => Verdict::Lose(failure),
            Fault::HangBefore => Verdict::HangBefore,
            Fault::HangAfter => Verdict::HangAfter,
            Fault::Away(calls) => {
                self.away = calls.saturating_sub(1);
                Verdict::Refuse(away())
            }
        }
    }

    fn takes(&self, call: &Call) -> Duration {
        let delays = &self.delays;
        match call.name {
            _ if !call.writes => delays.read,
            "create_container" => delays.create,
            "start" => delays.start,
            "stop" => {
                delays.stop
                    + self
                        .world
                        .find(&call.target)
                        .map_or(Duration::ZERO, |id| self.world.stop_takes(&id))
            }
            "pull" => delays.pull,
            _ => delays.write,
        }
    }

    fn close(&mut self, index: usize, ending: Ending) {
        // The log may have been cleared meanwhile.
        let Some(call) = self.log.get_mut(index) else {
            return;
        };
        call.ending = ending;
        if let Some(hook) = self.hook.clone() {
            hook(&self.world, &self.log[index]);
        }
    }
}
