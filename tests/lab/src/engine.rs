//! A private engine.

use std::{
    fmt, fs,
    io::Write,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{
        Mutex, MutexGuard, OnceLock, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
    thread::sleep,
    time::{Duration, Instant},
};

use serde_json::Value;

use crate::{
    Answer, Filter, ImageSpec, Kind, Ran, Registry,
    holder::{Holder, child_of, kill, signal},
    image, kind, request,
    timers::Timers,
};

/// How long an engine may take to answer for the first time. Half a second is usual; after a `kill -9` it first stops
/// the containers that survived, which takes 10 s and more where they ignore SIGTERM.
const PATIENCE: Duration = Duration::from_mins(1);

/// How often a new engine is asked whether it answers.
const PAUSE: Duration = Duration::from_millis(20);

/// An engine could not be started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error(String);

impl fmt::Display for Error {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

impl std::error::Error for Error {}

/// An engine in namespaces of its own, which ends with this value, and with this process in any case.
#[derive(Debug)]
pub struct Engine {
    kind: Kind,
    filter: Filter,
    /// `nsenter`, whose child the engine is; `None` after [`Engine::kill`].
    process: Mutex<Option<Child>>,
    /// A root file system of busybox, made when it is first needed.
    root: OnceLock<PathBuf>,
    /// What systemd would do for it.
    timers: Mutex<Option<Timers>>,
    /// Dropped last: it ends whatever is still inside.
    holder: Holder,
}

impl Engine {
    /// Starts an engine. Panics with what to do if it cannot.
    #[must_use]
    #[track_caller]
    pub fn start(kind: Kind) -> Self {
        Self::start_with(kind, Filter::default())
    }

    /// As [`Engine::start`], with what it does with the packet filter.
    #[must_use]
    #[track_caller]
    pub fn start_with(kind: Kind, filter: Filter) -> Self {
        match Self::try_start_with(kind, filter) {
            Ok(engine) => engine,
            Err(error) => panic!("cannot start a private engine: {error}"),
        }
    }

    /// Starts an engine. An error says what to do.
    pub fn try_start(kind: Kind) -> Result<Self, Error> {
        Self::try_start_with(kind, Filter::default())
    }

    fn try_start_with(kind: Kind, filter: Filter) -> Result<Self, Error> {
        // Before anything is made: a missing engine is the usual fault.
        kind.program().map_err(Error)?;
        let engine = Self {
            kind,
            filter,
            process: Mutex::new(None),
            root: OnceLock::new(),
            timers: Mutex::new(None),
            holder: Holder::start().map_err(Error)?,
        };
        kind.settings(engine.folder())
            .map_err(|error| Error(format!("cannot write the engine's settings: {error}")))?;
        engine.serve()?;
        if kind.needs_timers() {
            *lock(&engine.timers) = Some(Timers::start(engine.socket()));
        }
        Ok(engine)
    }

    /// As on a machine without systemd: from now on nobody runs the health checks of an engine that does not do so itself.
    pub fn without_timers(self) -> Self {
        *lock(&self.timers) = None;
        self
    }

    /// The engine that all tests of a process share, of the kind that `EVENKEEL_LAB_KIND` names. It ends with the process.
    #[must_use]
    pub fn shared() -> &'static Self {
        static SHARED: OnceLock<Engine> = OnceLock::new();
        SHARED.get_or_init(|| Self::start(Kind::wanted()))
    }

    /// Which engine it is.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        self.kind
    }

    /// Its address, `unix:///…`, for `DOCKER_HOST`.
    #[must_use]
    pub fn host(&self) -> String {
        kind::socket(self.folder())
    }

    /// Its socket.
    #[must_use]
    pub fn socket(&self) -> PathBuf {
        self.folder().join("docker.sock")
    }

    /// A folder of its own, which is removed with it. Containers can mount what is in it.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.holder.folder()
    }

    /// The process that holds its namespaces, for `nsenter`.
    #[must_use]
    pub fn holder_pid(&self) -> u32 {
        self.holder.pid()
    }

    pub(crate) fn holder(&self) -> &Holder {
        &self.holder
    }

    /// What the engine logged.
    #[must_use]
    pub fn log(&self) -> String {
        fs::read_to_string(self.folder().join("engine.log")).unwrap_or_default()
    }

    /// Starts the engine's process and waits until it answers.
    fn serve(&self) -> Result<(), Error> {
        let (program, path) = self.kind.program().map_err(Error)?;
        let log = fs::File::options()
            .append(true)
            .create(true)
            .open(self.folder().join("engine.log"))
            .map_err(|error| Error(format!("cannot write the engine's log: {error}")))?;
        let mut command = self.holder.enter(program);
        self.kind.arguments(
            self.folder(),
            self.holder.group(),
            self.filter,
            &mut command,
        );
        let errors = log.try_clone().map_err(|error| Error(error.to_string()))?;
        let mut process = command
            .env("PATH", path)
            .stdin(Stdio::null())
            .stdout(log)
            .stderr(errors)
            .spawn()
            .map_err(|error| Error(format!("cannot run nsenter: {error}")))?;
        let started = Instant::now();
        loop {
            if request(&self.socket(), "GET", "/_ping", None)
                .is_ok_and(|answer| answer.status == 200)
            {
                break;
            }
            let ended = process.try_wait().ok().flatten();
            if ended.is_some() || started.elapsed() > PATIENCE {
                let log = self.log();
                let from = log.lines().count().saturating_sub(8);
                let tail: Vec<&str> = log.lines().skip(from).collect();
                let how = ended.map_or_else(
                    || format!("did not answer within {} s", PATIENCE.as_secs()),
                    |status| format!("ended ({status})"),
                );
                drop(process.kill());
                drop(process.wait());
                return Err(Error(format!(
                    "{} {how}; its log:\n{}",
                    self.kind,
                    tail.join("\n")
                )));
            }
            sleep(PAUSE);
        }
        *lock(&self.process) = Some(process);
        Ok(())
    }

    fn end(&self, how: &str) {
        if let Some(mut process) = lock(&self.process).take() {
            if let Some(engine) = child_of(process.id()) {
                signal(engine, how);
            }
            drop(process.wait());
        }
    }

    /// `kill -9` of the engine. Its containers go on running; [`Engine::revive`] starts it again.
    pub fn kill(&self) {
        self.end("KILL");
    }

    /// Starts the engine again after [`Engine::kill`] or [`Engine::stop`].
    #[track_caller]
    pub fn revive(&self) {
        if let Err(error) = self.serve() {
            panic!("cannot start the engine again: {error}");
        }
    }

    /// Ends the engine as an administrator does, by SIGTERM.
    pub fn stop(&self) {
        self.end("TERM");
    }

    /// Ends the engine by SIGTERM and starts it again.
    #[track_caller]
    pub fn restart(&self) {
        self.stop();
        self.revive();
    }

    /// A `docker` command against this engine, which knows no other settings of the user's.
    #[must_use]
    pub fn docker_command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new("docker");
        command
            .args(arguments)
            .env("DOCKER_HOST", self.host())
            .env("DOCKER_CONFIG", self.folder().join("config"))
            .env_remove("DOCKER_CONTEXT")
            .env_remove("DOCKER_TLS_VERIFY");
        command
    }

    /// What a `docker` command printed, without the line's end. Panics with its messages if it failed.
    #[track_caller]
    pub fn docker(&self, arguments: &[&str]) -> String {
        self.try_docker(arguments).ok().trim_end().to_owned()
    }

    /// How a `docker` command ended.
    pub fn try_docker(&self, arguments: &[&str]) -> Ran {
        Ran::of(&mut self.docker_command(arguments))
    }

    /// An answer of the engine's API to a GET, as JSON. Panics on anything but a 200.
    #[track_caller]
    #[must_use]
    pub fn get(&self, path: &str) -> Value {
        self.call("GET", path, None).ok_json()
    }

    /// Any call of the engine's API.
    #[track_caller]
    #[must_use]
    pub fn call(&self, method: &str, path: &str, body: Option<&Value>) -> Answer {
        match request(&self.socket(), method, path, body) {
            Ok(answer) => answer,
            Err(error) => panic!("{method} {path}: {error}"),
        }
    }

    /// `inspect` of a container.
    #[track_caller]
    #[must_use]
    pub fn inspect(&self, name: &str) -> Value {
        self.get(&format!("/containers/{name}/json"))
    }

    /// Whether a container of this name is there.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.call("GET", &format!("/containers/{name}/json"), None)
            .status
            == 200
    }

    /// Makes an image of busybox; panics with the engine's words if it refuses. Answers with the image's id.
    #[track_caller]
    pub fn image(&self, reference: &str, spec: &ImageSpec) -> String {
        let root = self.root.get_or_init(|| {
            image::root(self.folder())
                .unwrap_or_else(|error| panic!("cannot make a root file system: {error}"))
        });
        image::import(self, root, reference, spec)
    }

    /// Starts a registry that only this engine reaches, at [`Registry::ADDRESS`].
    #[track_caller]
    #[must_use]
    pub fn registry(&self) -> Registry<'_> {
        Registry::start(self, None)
    }

    /// Starts a registry that asks for a name and a password.
    #[track_caller]
    #[must_use]
    pub fn registry_with_password(&self, user: &str, password: &str) -> Registry<'_> {
        Registry::start(self, Some((user, password)))
    }

    /// `http://127.0.0.1:PORT/`, as seen from the engine's machine: a published port. `None` if nothing answers.
    #[must_use]
    pub fn curl(&self, port: u16) -> Option<String> {
        self.curl_path(port, "/")
    }

    /// As [`Engine::curl`], for another path.
    #[must_use]
    pub fn curl_path(&self, port: u16, path: &str) -> Option<String> {
        let mut curl = self.holder.enter_network("curl");
        curl.args(["--silent", "--fail", "--max-time", "5"])
            .arg(format!("http://127.0.0.1:{port}{path}"));
        let ran = Ran::of(&mut curl);
        ran.is_ok().then_some(ran.stdout)
    }

    /// A command in the engine's network: what reaches its published ports, but sees this machine's files.
    pub fn on_its_network(&self, program: &str) -> Command {
        self.holder.enter_network(program)
    }

    /// Removes every container, network and volume, at once.
    pub fn clear(&self) {
        let ids = self.docker(&["ps", "-aq"]);
        if !ids.is_empty() {
            let mut remove = vec!["rm", "-fv"];
            remove.extend(ids.lines());
            self.try_docker(&remove);
        }
        // An endpoint may outlive its container for a moment, and a network is kept as long as it has one.
        let started = Instant::now();
        loop {
            self.try_docker(&["network", "prune", "-f"]);
            let own = self.docker(&["network", "ls", "-q", "--filter", "type=custom"]);
            if own.is_empty() || started.elapsed() > PATIENCE {
                break;
            }
            sleep(PAUSE);
        }
        let volumes = self.docker(&["volume", "ls", "-q"]);
        if !volumes.is_empty() {
            let mut remove = vec!["volume", "rm", "-f"];
            remove.extend(volumes.lines());
            self.try_docker(&remove);
        }
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        let process = lock(&self.process).take();
        // The engine is not asked to end: it would wait for its containers, and all of it is thrown away anyway.
        kill(self.holder.pid());
        if let Some(mut process) = process {
            drop(process.wait());
        }
    }
}

/// What a mutex holds. A test that panicked while it held it left nothing half-done.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A name that no other test of this process uses: tests share an engine, and are told apart by their projects.
#[must_use]
pub fn unique(prefix: &str) -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    format!("{prefix}{}", NEXT.fetch_add(1, Ordering::Relaxed))
}

/// Feeds a file to a command's standard input.
pub(crate) fn feed(command: &mut Command, content: &[u8]) -> Result<Ran, String> {
    let mut process = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| format!("cannot run {command:?}: {error}"))?;
    if let Some(mut stdin) = process.stdin.take() {
        // A program that does not read to the end says why by itself.
        drop(stdin.write_all(content));
    }
    let output = process
        .wait_with_output()
        .map_err(|error| error.to_string())?;
    Ok(Ran::ended(command, &output))
}
