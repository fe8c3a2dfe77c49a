//! The engine that everything is measured on, and the program that is measured.

use std::{
    fs,
    path::PathBuf,
    process::{Command, Stdio},
    sync::OnceLock,
    time::{Duration, Instant},
};

use evenkeel_lab::{Engine, ImageSpec, Kind};

/// A private engine with a folder for the file, from when it is first needed.
#[derive(Default)]
pub struct Ground(OnceLock<Engine>);

impl Ground {
    /// The engine.
    pub fn engine(&self) -> &Engine {
        self.0.get_or_init(|| {
            let engine = Engine::start(Kind::wanted());
            engine.image("bench:1", &ImageSpec::idle());
            fs::create_dir_all(engine.folder().join("bench")).expect("a folder");
            engine
        })
    }

    fn folder(&self) -> PathBuf {
        self.engine().folder().join("bench")
    }

    /// The program with these arguments, away from the user's environment.
    pub fn program(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_evenkeel"));
        command
            .args(arguments)
            .current_dir(self.folder())
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.folder())
            .env("DOCKER_HOST", self.engine().host())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        command
    }

    /// Writes a file of so many containers, in a state, with a variable of this value.
    pub fn write(&self, containers: usize, state: &str, colour: &str) {
        let mut text = String::from("project: bench\ncontainers:\n");
        for number in 0..containers {
            let container = format!(
                "  bench-{number}:\n    image: bench:1\n    state: {state}\n    environment: {{ NUMBER: '{number}', COLOR: {colour} }}\n    labels: {{ com.example.number: '{number}' }}\n"
            );
            text.push_str(&container);
        }
        fs::write(self.folder().join("evenkeel.yaml"), text).expect("the file is written");
    }

    /// Makes the engine hold so many containers, and nothing else.
    pub fn prepare(&self, containers: usize, state: &str) {
        self.engine().clear();
        self.write(containers, state, "red");
        self.apply();
    }

    /// Applies the file as it is, and says how long that took.
    pub fn apply(&self) -> Duration {
        timed(|| {
            let status = self.program(&["apply", "--yes"]).status();
            assert!(status.expect("it runs").success(), "an apply");
        })
    }
}

/// How long something takes.
pub fn timed(work: impl FnOnce()) -> Duration {
    let started = Instant::now();
    work();
    started.elapsed()
}
