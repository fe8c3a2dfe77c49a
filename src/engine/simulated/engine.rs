//! A client's side of a simulated engine: calls, their log, faults, and time.

use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use futures_util::{Stream, stream};
use serde_json::{Value, json};
use tokio::{sync::watch, time::Instant};

use super::{
    By, Call, Clock, Ending, Fault, ImageSpec, Profile, Remote, Trigger, World, clock, faults::away,
};
use crate::{
    engine::{
        Act, BuildRequest, EngineError, EngineEvent, ExecRequest, Listed, Observe, PullProgress,
    },
    model::EngineInfo,
};

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

struct Shared {
    world: World,
    log: Vec<Call>,
    faults: Vec<(Trigger, Fault)>,
    away: u64,
    delays: Delays,
    clock: Clock,
    seen: Option<Instant>,
    hook: Option<Hook>,
    life: u64,
}

/// A simulated engine. Clones are clients of the same engine.
#[derive(Clone)]
pub struct Simulated {
    shared: Arc<Mutex<Shared>>,
    changed: Arc<watch::Sender<()>>,
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
                delays: Delays::default(),
                clock: Clock::default(),
                seen: None,
                hook: None,
                life: 0,
            })),
            changed: Arc::new(watch::Sender::new(())),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Shared> {
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

    async fn call<T>(
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
            Verdict::HangBefore => return std::future::pending().await,
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
            Verdict::HangAfter => std::future::pending().await,
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

    async fn read<T>(
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

    async fn write<T>(
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
    fn catch_up(&mut self) {
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

impl Observe for Simulated {
    async fn about(&self) -> Result<EngineInfo, EngineError> {
        self.read("about", "", |world| EngineInfo {
            api: world.profile.api,
            podman: world.profile.podman,
            info: None,
        })
        .await
    }

    async fn info(&self) -> Result<Value, EngineError> {
        self.read("info", "", |world| world.info.clone()).await
    }

    async fn containers(&self) -> Result<Vec<Listed>, EngineError> {
        self.read("containers", "", World::list_containers).await
    }

    async fn container(&self, id: &str) -> Result<Option<Value>, EngineError> {
        self.read("container", id, |world| world.inspect_container(id))
            .await
    }

    async fn networks(&self) -> Result<Vec<Value>, EngineError> {
        self.read("networks", "", |world| {
            world
                .networks
                .values()
                .map(|network| world.show_network(network, false))
                .collect()
        })
        .await
    }

    async fn network(&self, id: &str) -> Result<Option<Value>, EngineError> {
        self.read("network", id, |world| {
            world
                .find_network(id)
                .map(|network| world.show_network(network, true))
        })
        .await
    }

    async fn volumes(&self) -> Result<Vec<Value>, EngineError> {
        self.read("volumes", "", World::list_volumes).await
    }

    async fn image(&self, reference: &str) -> Result<Option<Value>, EngineError> {
        self.read("image", reference, |world| world.inspect_image(reference))
            .await
    }

    async fn remote_digest(&self, reference: &str) -> Result<String, EngineError> {
        self.call(
            "remote_digest",
            reference,
            json!([reference]),
            false,
            |world| world.remote_digest(reference),
        )
        .await
    }

    async fn logs(&self, id: &str, lines: u32) -> Result<Vec<String>, EngineError> {
        self.call("logs", id, json!([id, lines]), false, |world| {
            let id = world.known(id)?;
            let logs = &world.containers[&id].logs;
            let from = logs.len().saturating_sub(lines as usize);
            Ok(logs[from..].to_vec())
        })
        .await
    }

    async fn events(
        &self,
        since: Option<String>,
    ) -> Result<
        impl Stream<Item = Result<EngineEvent, EngineError>> + Send + Unpin + 'static,
        EngineError,
    > {
        let from = self
            .call(
                "events",
                since.as_deref().unwrap_or(""),
                json!([since]),
                false,
                |world| {
                    let all = world.events.len();
                    Ok(since.as_deref().map(clock::since).map_or(all, |since| {
                        // The engine remembers 256 events.
                        let remembered = all.saturating_sub(256);
                        remembered
                            + world.events[remembered..]
                                .iter()
                                .take_while(|happened| happened.at < since)
                                .count()
                    }))
                },
            )
            .await?;
        let life = self.lock().life;
        let following = Following {
            engine: self.clone(),
            changed: self.changed.subscribe(),
            next: from,
            life,
            over: false,
        };
        Ok(Box::pin(stream::unfold(following, Following::next)))
    }
}

/// A stream of events: where it is, and how it hears of more.
struct Following {
    engine: Simulated,
    changed: watch::Receiver<()>,
    next: usize,
    life: u64,
    over: bool,
}

impl Following {
    async fn next(mut self) -> Option<(Result<EngineEvent, EngineError>, Self)> {
        loop {
            if self.over {
                return None;
            }
            let due = {
                let mut shared = self.engine.lock();
                shared.catch_up();
                if shared.life != self.life {
                    drop(shared);
                    self.over = true;
                    let failure = EngineError::Broken {
                        what: "GET /events".into(),
                        cause: "connection reset by peer".into(),
                    };
                    return Some((Err(failure), self));
                }
                if let Some(happened) = shared.world.events.get(self.next) {
                    let event = happened.event.clone();
                    drop(shared);
                    self.next += 1;
                    return Some((Ok(event), self));
                }
                self.changed.mark_unchanged();
                let due = shared
                    .world
                    .next_due()
                    .map(|due| due.saturating_sub(shared.world.now));
                due.filter(|_| shared.clock == Clock::Tokio)
            };
            match due {
                Some(due) => {
                    tokio::select! {
                        changed = self.changed.changed() => changed.ok()?,
                        () = tokio::time::sleep(due) => {}
                    }
                }
                None => self.changed.changed().await.ok()?,
            }
        }
    }
}

/// What is gone already need not be removed.
fn gone(done: Result<(), EngineError>) -> Result<(), EngineError> {
    match done {
        Err(EngineError::Missing(_)) => Ok(()),
        done => done,
    }
}

impl Act for Simulated {
    async fn pull(
        &self,
        reference: &str,
        platform: Option<&str>,
        progress: &mut (dyn FnMut(PullProgress) + Send),
    ) -> Result<(), EngineError> {
        let done = self
            .write("pull", reference, json!([reference, platform]), |world| {
                world.pull(reference)
            })
            .await;
        if done.is_ok() {
            progress(PullProgress {
                text: "Pull complete".into(),
                bytes: Some((1_984_154, 1_984_154)),
            });
        }
        done
    }

    async fn build(
        &self,
        request: BuildRequest,
        progress: &mut (dyn FnMut(PullProgress) + Send),
    ) -> Result<(), EngineError> {
        let tag = request
            .parameters
            .iter()
            .find(|(name, _)| name == "t")
            .map(|(_, tag)| tag.clone())
            .unwrap_or_default();
        let size = request.context.len() as u64;
        let done = self
            .write("build", &tag, json!([request.parameters, size]), |world| {
                if tag.is_empty() {
                    return Err(super::world::error(
                        400,
                        "a build without a tag cannot be found again",
                    ));
                }
                // The same context gives the same image, as a build from its cache does.
                let digest = clock::id(
                    &format!("{:?} {:?}", request.parameters, request.context),
                    0,
                );
                let build = u64::from_str_radix(&digest[..15], 16).unwrap_or(0);
                world.add_image(&tag, &ImageSpec::default().build(build));
                Ok(())
            })
            .await;
        if done.is_ok() {
            progress(PullProgress {
                text: "Successfully built".into(),
                bytes: None,
            });
        }
        done
    }

    async fn create_container(
        &self,
        name: &str,
        body: &Value,
        platform: Option<&str>,
    ) -> Result<String, EngineError> {
        self.write(
            "create_container",
            name,
            json!([name, body, platform]),
            |world| world.create_container(name, body),
        )
        .await
    }

    async fn start(&self, id: &str) -> Result<(), EngineError> {
        self.write("start", id, json!([id]), |world| world.start(id))
            .await
    }

    async fn stop(&self, id: &str, grace_s: u64) -> Result<(), EngineError> {
        self.write("stop", id, json!([id, grace_s]), |world| world.stop(id))
            .await
    }

    async fn pause(&self, id: &str) -> Result<(), EngineError> {
        self.write("pause", id, json!([id]), |world| world.pause(id))
            .await
    }

    async fn unpause(&self, id: &str) -> Result<(), EngineError> {
        self.write("unpause", id, json!([id]), |world| world.unpause(id))
            .await
    }

    async fn rename(&self, id: &str, name: &str) -> Result<(), EngineError> {
        self.write("rename", id, json!([id, name]), |world| {
            world.rename(id, name)
        })
        .await
    }

    async fn update(&self, id: &str, body: &Value) -> Result<(), EngineError> {
        self.write("update", id, json!([id, body]), |world| {
            world.update(id, body)
        })
        .await
    }

    async fn remove_container(&self, id: &str, force: bool) -> Result<(), EngineError> {
        self.write("remove_container", id, json!([id, force]), |world| {
            gone(world.remove_container(id, force))
        })
        .await
    }

    async fn connect(
        &self,
        network: &str,
        container: &str,
        endpoint: &Value,
    ) -> Result<(), EngineError> {
        self.write(
            "connect",
            network,
            json!([network, container, endpoint]),
            |world| world.connect(network, container, endpoint),
        )
        .await
    }

    async fn disconnect(&self, network: &str, container: &str) -> Result<(), EngineError> {
        self.write(
            "disconnect",
            network,
            json!([network, container]),
            |world| world.disconnect(network, container),
        )
        .await
    }

    async fn create_network(&self, body: &Value) -> Result<(), EngineError> {
        let name = body.get("Name").and_then(Value::as_str).unwrap_or("");
        self.write("create_network", name, json!([body]), |world| {
            world.create_network(body).map(|_| ())
        })
        .await
    }

    async fn remove_network(&self, id: &str) -> Result<(), EngineError> {
        self.write("remove_network", id, json!([id]), |world| {
            gone(world.remove_network(id))
        })
        .await
    }

    async fn create_volume(&self, body: &Value) -> Result<(), EngineError> {
        let name = body.get("Name").and_then(Value::as_str).unwrap_or("");
        self.write("create_volume", name, json!([body]), |world| {
            world.create_volume(body).map(|_| ())
        })
        .await
    }

    async fn remove_volume(&self, name: &str) -> Result<(), EngineError> {
        self.write("remove_volume", name, json!([name]), |world| {
            gone(world.remove_volume(name))
        })
        .await
    }

    async fn remove_image(&self, reference: &str) -> Result<(), EngineError> {
        self.write("remove_image", reference, json!([reference]), |world| {
            gone(world.remove_image(reference))
        })
        .await
    }

    async fn upload(&self, id: &str, path: &str, archive: Vec<u8>) -> Result<(), EngineError> {
        self.write("upload", id, json!([id, path, archive.len()]), |world| {
            world.upload(id, path, archive)
        })
        .await
    }

    async fn exec(&self, id: &str, request: &ExecRequest) -> Result<(i64, String), EngineError> {
        let arguments = json!([
            id,
            request.command,
            request.user,
            request.env,
            request.working_dir,
            request.privileged
        ]);
        self.write("exec", id, arguments, |world| {
            world.exec(id, &request.command)
        })
        .await
    }
}
