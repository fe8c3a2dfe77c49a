//! A project of its own for each test, on the engine that all of them share.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{
        OnceLock,
        atomic::{AtomicU32, Ordering},
    },
    thread::sleep,
    time::{Duration, Instant},
};

use evenkeel_lab::{Engine, ImageSpec, Ran};
use serde_json::Value;
use tempfile::TempDir;

/// How long something may take that happens by itself.
const PATIENCE: Duration = Duration::from_secs(30);

/// An image that does nothing, on the shared engine.
pub const IDLE: &str = "lab/idle:1";

/// An image that serves a page on port 80, on the shared engine.
pub const SERVE: &str = "lab/serve:1";

/// The engine that all tests share, with [`IDLE`] and [`SERVE`].
pub fn engine() -> &'static Engine {
    static IMAGES: OnceLock<()> = OnceLock::new();
    let engine = Engine::shared();
    IMAGES.get_or_init(|| {
        engine.image(IDLE, &ImageSpec::idle());
        engine.image(SERVE, &ImageSpec::serve());
    });
    engine
}

/// A folder with an `evenkeel.yaml`, and the engine that it is for.
pub struct Project {
    /// The engine.
    pub engine: &'static Engine,
    /// The project's name, which its containers' names begin with.
    pub name: String,
    /// Four digits: with a fifth, a host port that no other test uses.
    pub port: String,
    /// Three numbers: with a fourth, an address that no other test uses.
    pub net: String,
    folder: TempDir,
}

impl Project {
    /// A project with this file. In it `{p}` is the project's name, `{port}` begins a host port: `{port}1`, and `{net}` an
    /// address: `{net}.1`.
    pub fn new(text: &str) -> Self {
        Self::on(engine(), text)
    }

    /// As [`Project::new`], on another engine.
    pub fn on(engine: &'static Engine, text: &str) -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let next = NEXT.fetch_add(1, Ordering::Relaxed);
        let project = Self {
            engine,
            name: format!("t{next}"),
            port: format!("{}", 2000 + next),
            net: format!("10.{}.{}", 64 + next / 256, next % 256),
            folder: TempDir::new().expect("a folder"),
        };
        project.write(text);
        project
    }

    /// Replaces the file. The project's line is written before it.
    pub fn write(&self, text: &str) {
        let text = format!("project: {}\n{}", self.name, self.fill(text));
        fs::write(self.file(), text).expect("the file is written");
    }

    /// A text with this project's name and ports.
    pub fn fill(&self, text: &str) -> String {
        text.replace("{p}", &self.name)
            .replace("{port}", &self.port)
            .replace("{net}", &self.net)
    }

    /// The project's folder.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The project's file.
    pub fn file(&self) -> PathBuf {
        self.folder.path().join("evenkeel.yaml")
    }

    /// A container's name on the engine: `web` is `t3-web`.
    pub fn container(&self, name: &str) -> String {
        format!("{}-{name}", self.name)
    }

    /// An apply that goes on beside the test, as a process of its own.
    pub fn begin_apply(&self) -> Child {
        self.command(&["apply", "--yes"])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("it starts")
    }

    /// The program, in the project's folder, against the engine, with nothing else of this process's environment.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = program(arguments);
        command
            .current_dir(self.folder())
            .env("DOCKER_HOST", self.engine.host())
            .env("DOCKER_CONFIG", self.engine.folder().join("config"))
            .env("XDG_RUNTIME_DIR", self.folder())
            .env("HOME", self.folder());
        command
    }

    /// Runs the program to its end.
    pub fn run(&self, arguments: &[&str]) -> Ran {
        Ran::of(&mut self.command(arguments))
    }

    /// Applies; panics unless all of it was done.
    #[track_caller]
    pub fn apply(&self) -> String {
        self.run(&["apply", "--yes"]).ok()
    }

    /// The plan as JSON; panics if there is none.
    #[track_caller]
    pub fn plan(&self) -> Value {
        let ran = self.run(&["plan", "--format", "json"]);
        assert!(ran.is_ok(), "{ran}");
        ran.json()
    }

    /// Panics unless there is nothing to do.
    #[track_caller]
    pub fn assert_empty(&self) {
        self.run(&["plan", "--detailed-exitcode"]).with_code(0);
    }

    /// Applies, and panics unless there is nothing to do afterwards: the law of the project.
    #[track_caller]
    pub fn settle(&self) {
        self.apply();
        self.assert_empty();
    }

    /// The changes of the plan, each as `action name: path`, in order.
    #[track_caller]
    pub fn changes(&self) -> Vec<String> {
        changes(&self.plan())
    }

    /// `inspect` of one of its containers.
    #[track_caller]
    pub fn inspect(&self, name: &str) -> Value {
        self.engine.inspect(&self.container(name))
    }

    /// The id of one of its containers.
    #[track_caller]
    pub fn id(&self, name: &str) -> String {
        self.inspect(name)["Id"].as_str().expect("an id").to_owned()
    }

    /// Calls the docker command line; in its words stands what may stand in the file.
    #[track_caller]
    pub fn docker(&self, words: &[&str]) -> String {
        let words: Vec<String> = words.iter().map(|word| self.fill(word)).collect();
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        self.engine.docker(&words)
    }

    /// Removes one of its containers and makes it again by hand, with these options and the labels that it had but for
    /// these.
    #[track_caller]
    pub fn make_again(&self, name: &str, options: &[&str], labels: &[(&str, &str)]) {
        let inspect = self.inspect(name);
        let name = self.container(name);
        self.engine.docker(&["rm", "-f", &name]);
        let mut all = inspect["Config"]["Labels"]
            .as_object()
            .cloned()
            .unwrap_or_default();
        for (label, value) in labels {
            all.insert((*label).to_owned(), Value::from(*value));
        }
        let all: Vec<String> = all
            .iter()
            .map(|(label, value)| format!("--label={label}={}", value.as_str().unwrap_or_default()))
            .collect();
        // The `docker` command leaves the time that a stop takes to the engine, and that of Podman is none.
        let mut words = vec!["run", "-d", "--stop-timeout=10", "--name", &name];
        words.extend(options);
        words.extend(all.iter().map(String::as_str));
        words.push(inspect["Config"]["Image"].as_str().expect("an image"));
        self.docker(&words);
    }

    /// One network of one of its containers, as the engine shows it.
    #[track_caller]
    pub fn endpoint(&self, name: &str, network: &str) -> Value {
        let network = format!("{}_{network}", self.name);
        self.inspect(name)["NetworkSettings"]["Networks"][network].clone()
    }

    /// The problems of a plan, as `kind name`, in order, and what is said of them.
    #[track_caller]
    pub fn problems(&self, options: &[&str]) -> (Vec<String>, String) {
        let ran = self.run(&[&["plan", "--format", "json"], options].concat());
        let plan = ran.json();
        let problems = plan["problems"].as_array().expect("problems");
        let text =
            |problem: &Value, name: &str| problem[name].as_str().unwrap_or_default().to_owned();
        let mut kinds: Vec<String> = problems
            .iter()
            .map(|problem| format!("{} {}", text(problem, "kind"), text(problem, "name")))
            .collect();
        kinds.sort();
        let said: Vec<String> = problems
            .iter()
            .map(|problem| format!("{}; {}", text(problem, "text"), text(problem, "hint")))
            .collect();
        (kinds, said.join("\n"))
    }

    /// Whether one of its containers runs.
    pub fn runs(&self, name: &str) -> bool {
        let path = format!("/containers/{}/json", self.container(name));
        let answer = self.engine.call("GET", &path, None);
        answer.status == 200 && answer.ok_json()["State"]["Running"] == true
    }

    /// The names of all its containers, in order.
    pub fn containers(&self) -> Vec<String> {
        let label = format!("label=io.evenkeel.project={}", self.name);
        let listed =
            self.engine
                .docker(&["ps", "-a", "--filter", &label, "--format", "{{.Names}}"]);
        let mut names: Vec<String> = listed.lines().map(str::to_owned).collect();
        names.sort();
        names
    }
}

impl Drop for Project {
    fn drop(&mut self) {
        // The engine is thrown away, but what runs on it costs the other tests time.
        let label = format!("label=io.evenkeel.project={}", self.name);
        let ids = self.engine.try_docker(&["ps", "-aq", "--filter", &label]);
        if !ids.stdout.trim().is_empty() {
            let mut words = vec!["rm", "-fv"];
            words.extend(ids.stdout.split_whitespace());
            self.engine.try_docker(&words);
        }
        self.engine
            .try_docker(&["network", "prune", "-f", "--filter", &label]);
    }
}

/// The program, without what this process's environment says to it.
pub fn program(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_evenkeel"));
    command.args(arguments);
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if ["EVENKEEL_", "DOCKER_", "COMPOSE_", "RUST_LOG"]
            .iter()
            .any(|prefix| text.starts_with(prefix))
        {
            command.env_remove(&name);
        }
    }
    command
}

/// The changes of a plan, each as `action name: path`, and a step without any as `action name`; in order.
pub fn changes(plan: &Value) -> Vec<String> {
    let mut found = Vec::new();
    for step in plan["steps"].as_array().expect("steps") {
        let action = step["action"].as_str().expect("an action");
        let name = step["name"].as_str().expect("a name");
        let changes = step["changes"].as_array().expect("changes");
        if changes.is_empty() {
            found.push(format!("{action} {name}"));
        }
        for change in changes {
            found.push(format!(
                "{action} {name}: {}",
                change["path"].as_str().expect("a path")
            ));
        }
    }
    found
}

/// Waits until something holds; panics with what it was.
#[track_caller]
pub fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let started = Instant::now();
    while !holds() {
        assert!(
            started.elapsed() < PATIENCE,
            "not within {} s: {what}",
            PATIENCE.as_secs()
        );
        sleep(Duration::from_millis(50));
    }
}
