//! The engine that all tests share, and a folder with a file for it.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Child, Command},
    sync::OnceLock,
    time::{Duration, Instant},
};

use evenkeel_lab::{Engine, ImageSpec, Kind, Ran};
use serde_json::Value;
use tempfile::TempDir;

/// The usual image, which says something of everything that a container inherits.
pub const BASE: &str = "fid/base:1";

/// Another one.
pub const OTHER: &str = "fid/other:1";

/// One with an entrypoint.
pub const ENTRY: &str = "fid/entry:1";

/// The engine, with its images.
pub fn engine() -> &'static Engine {
    static IMAGES: OnceLock<()> = OnceLock::new();
    let engine = Engine::shared();
    IMAGES.get_or_init(|| {
        let base = ImageSpec {
            cmd: vec!["idle".into(), "of-the-image".into()],
            env: vec!["COLOR=image".into(), "GONE=image".into()],
            expose: vec!["7000/tcp".into()],
            user: Some("app".into()),
            workdir: Some("/srv".into()),
            labels: vec!["com.example.image=yes".into()],
            ..ImageSpec::idle()
        };
        engine.image(BASE, &base);
        engine.image(
            OTHER,
            &ImageSpec {
                env: vec!["COLOR=image".into(), "GONE=image".into(), "MORE=1".into()],
                healthcheck: Some("--interval=7s CMD true".into()),
                ..base.clone()
            },
        );
        engine.image(
            ENTRY,
            &ImageSpec {
                entrypoint: vec!["nice".into()],
                ..base
            },
        );
    });
    engine
}

/// The minor version of the API that the program and the engine agree on.
pub fn api(engine: &Engine) -> u32 {
    let version = engine.get("/version");
    let text = version["ApiVersion"].as_str().expect("a version");
    let minor = text.split('.').nth(1).expect("a minor version");
    minor.parse().expect("a number")
}

/// The command line of the engine's own release where that is installed, because a newer one refuses to tell an older
/// engine some things (`--mac-address`); else the one on the path.
fn program(engine: &Engine) -> &'static str {
    const DEBIANS: &str = "/usr/bin/docker";
    match engine.kind() {
        Kind::Docker20 if Path::new(DEBIANS).is_file() => DEBIANS,
        _ => "docker",
    }
}

/// A `docker` command, which knows no settings of the user's.
pub fn command_line(engine: &Engine, arguments: &[&str]) -> Ran {
    let mut command = Command::new(program(engine));
    command
        .args(arguments)
        .env("DOCKER_HOST", engine.host())
        .env("DOCKER_CONFIG", engine.folder().join("config"))
        .env_remove("DOCKER_CONTEXT")
        .env_remove("DOCKER_TLS_VERIFY");
    Ran::of(&mut command)
}

/// The minor version of the newest API that the command line knows.
pub fn command_lines_api(engine: &Engine) -> u32 {
    let format = "{{.Client.DefaultAPIVersion}}";
    let version = command_line(engine, &["version", "--format", format]).ok();
    let minor = version.trim().split('.').nth(1).expect("a minor version");
    minor.parse().expect("a number")
}

/// What happens on an engine, while it is followed. The engine itself remembers only the last 256 events.
pub struct Events {
    follower: Child,
    file: PathBuf,
}

impl Events {
    /// Begins, and waits until the engine has been heard.
    pub fn follow(engine: &Engine, file: PathBuf) -> Self {
        let out = fs::File::create(&file).expect("a file");
        let follower = engine
            .docker_command(&["events", "--format", "{{json .}}", "--since", "0m"])
            .stdout(out)
            .spawn()
            .expect("docker events");
        let events = Self { follower, file };
        events.wait_for(engine, "fid-first");
        events
    }

    /// Makes volumes until the follower tells of one.
    fn wait_for(&self, engine: &Engine, name: &str) {
        let started = Instant::now();
        while !self.text().contains(name) {
            assert!(started.elapsed() < Duration::from_secs(30), "no events");
            engine.docker(&["volume", "create", name]);
            engine.docker(&["volume", "rm", name]);
        }
    }

    fn text(&self) -> String {
        fs::read_to_string(&self.file).unwrap_or_default()
    }

    /// Ends once the engine has told all, and gives one JSON object a line.
    pub fn end(mut self, engine: &Engine) -> String {
        self.wait_for(engine, "fid-last");
        drop(self.follower.kill());
        drop(self.follower.wait());
        self.text()
    }
}

/// A project's folder.
pub struct Project {
    /// Its name.
    pub name: &'static str,
    /// The engine.
    pub engine: &'static Engine,
    /// The folder.
    pub folder: TempDir,
}

impl Project {
    /// A project on the shared engine. Names of containers begin with the project's, which a test gives them.
    pub fn new(name: &'static str) -> Self {
        Self {
            name,
            engine: engine(),
            folder: TempDir::new().expect("a folder"),
        }
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("evenkeel.yaml")
    }

    /// Replaces the file.
    pub fn write(&self, text: &str) {
        let text = format!("project: {}\n{text}", self.name);
        fs::write(self.file(), text).expect("the file is written");
    }

    /// Runs the program, with nothing of this process's settings.
    pub fn run(&self, arguments: &[&str]) -> Ran {
        self.run_at(&self.engine.host(), arguments)
    }

    /// Runs the program against another address of the engine.
    pub fn run_at(&self, host: &str, arguments: &[&str]) -> Ran {
        let mut command = Command::new(env!("CARGO_BIN_EXE_evenkeel"));
        command.args(arguments).current_dir(self.folder.path());
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
            .env("DOCKER_HOST", host)
            .env("DOCKER_CONFIG", self.engine.folder().join("config"))
            .env("XDG_RUNTIME_DIR", self.folder.path())
            .env("HOME", self.folder.path());
        Ran::of(&mut command)
    }

    /// Applies; panics unless all of it was done.
    #[track_caller]
    pub fn apply(&self) -> String {
        self.run(&["apply", "--yes"]).ok()
    }

    /// Applies, and panics unless nothing is left to do.
    #[track_caller]
    pub fn settle(&self) {
        self.apply();
        self.run(&["plan", "--detailed-exitcode"]).with_code(0);
    }

    /// The plan; panics if there is none.
    #[track_caller]
    pub fn plan(&self) -> Value {
        let ran = self.run(&["plan", "--format", "json"]);
        assert!(ran.is_ok(), "{ran}");
        ran.json()
    }
}
