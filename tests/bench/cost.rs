//! How much the program costs beside the engine's own time: `cargo bench --bench cost`.
//!
//! Each measure runs the program against a private engine, and in the same run a bare client that makes the same calls on
//! kept connections and looks at no answer. What is printed is the ratio of the two, with the program's start included.
//! Arguments choose measures by a part of their names; `--check` ends with 1 where a target is missed.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, ExitCode, Stdio},
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use evenkeel_lab::{Client, Engine, ImageSpec, Kind};
use serde_json::{Value, json};

/// How many calls the bare client makes at the same time when it reads; more is no faster.
const READERS: usize = 8;

/// At how many calls at the same time the bare client writes; the best of them counts.
const WRITERS: &[usize] = &[2, 4, 8, 16];

/// How often a read is measured; the median counts.
const ROUNDS: usize = 15;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let wanted = |name: &str| {
        let mut parts = arguments
            .iter()
            .filter(|word| !word.starts_with("--"))
            .peekable();
        parts.peek().is_none() || parts.any(|part| name.contains(part.as_str()))
    };
    let bench = Bench::new();
    let mut all_met = true;
    if wanted("plan-running") {
        bench.prepare(50, "running");
        all_met &= bench.plan("plan of 50 running", 50, 1.5);
    }
    if wanted("plan-created") {
        bench.prepare(500, "created");
        all_met &= bench.plan("plan of 500 created", 500, 1.5);
    }
    if wanted("memory") {
        bench.prepare(500, "created");
        all_met &= bench.memory(40.0);
    }
    if wanted("apply") {
        all_met &= bench.apply(50, 1.15);
    }
    if all_met || !arguments.iter().any(|word| word == "--check") {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

struct Bench {
    engine: Engine,
    folder: PathBuf,
}

impl Bench {
    fn new() -> Self {
        let engine = Engine::start(Kind::wanted());
        engine.image("bench:1", &ImageSpec::idle());
        let folder = engine.folder().join("bench");
        fs::create_dir_all(&folder).expect("a folder");
        Self { engine, folder }
    }

    fn program(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_evenkeel"));
        command
            .args(arguments)
            .current_dir(&self.folder)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", &self.folder)
            .env("DOCKER_HOST", self.engine.host())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        command
    }

    fn write(&self, containers: usize, state: &str) {
        let mut text = String::from("project: bench\ncontainers:\n");
        for number in 0..containers {
            let container = format!(
                "  bench-{number}:\n    image: bench:1\n    state: {state}\n    environment: {{ NUMBER: '{number}', COLOR: red }}\n    labels: {{ com.example.number: '{number}' }}\n"
            );
            text.push_str(&container);
        }
        fs::write(self.folder.join("evenkeel.yaml"), text).expect("the file is written");
    }

    /// Makes the engine hold so many containers, and nothing else.
    fn prepare(&self, containers: usize, state: &str) {
        self.engine.clear();
        self.write(containers, state);
        let applied = self.program(&["apply", "--yes"]).status().expect("it runs");
        assert!(applied.success(), "the apply that prepares a measure");
    }

    /// The time of a plan without changes, beside that of one list and as many inspects.
    fn plan(&self, name: &str, containers: usize, target: f64) -> bool {
        let (mut ours, mut bare) = (Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            let started = Instant::now();
            let status = self
                .program(&["plan", "--detailed-exitcode"])
                .status()
                .expect("it runs");
            ours.push(started.elapsed());
            assert_eq!(status.code(), Some(0), "the plan is empty");
            let started = Instant::now();
            self.read(containers);
            bare.push(started.elapsed());
        }
        report(name, median(ours), median(bare), target)
    }

    /// One list by label, and an inspect of each, by a bare client.
    fn read(&self, containers: usize) {
        let socket = self.engine.socket();
        let mut client = Client::connect(&socket).expect("it connects");
        let path = "/containers/json?all=1&filters=%7B%22label%22%3A%5B%22io.evenkeel.project%3Dbench%22%5D%7D";
        let listed = client
            .call("GET", path, None)
            .expect("it answers")
            .ok_json();
        let ids: Vec<String> = listed
            .as_array()
            .expect("a list")
            .iter()
            .map(|container| container["Id"].as_str().expect("an id").to_owned())
            .collect();
        assert_eq!(ids.len(), containers);
        at_once(&socket, READERS, ids.len(), |client, at| {
            let path = format!("/containers/{}/json", ids[at]);
            assert_eq!(
                client.call("GET", &path, None).expect("it answers").status,
                200
            );
        });
    }

    /// The highest memory of a plan, in MiB.
    fn memory(&self, target: f64) -> bool {
        let mut process = self.program(&["plan"]).spawn().expect("it runs");
        let status = format!("/proc/{}/status", process.id());
        let mut peak = 0;
        while process.try_wait().expect("it can be waited for").is_none() {
            // The kernel's own high-water mark: the last reading before the end is the peak, but for what the end takes.
            peak = peak.max(high_water(&status).unwrap_or(0));
            thread::sleep(Duration::from_micros(200));
        }
        let peak = f64::from(peak) / 1024.0;
        let met = peak > 0.0 && peak < target;
        println!(
            "memory of a plan of 500: {peak:.1} MiB (target {target}){}",
            mark(met)
        );
        met
    }

    /// The time of an apply of new containers, beside that of the same creates and starts.
    fn apply(&self, containers: usize, target: f64) -> bool {
        let mut bare = Vec::new();
        for &writers in WRITERS {
            self.engine.clear();
            let started = Instant::now();
            self.make(containers, writers);
            let took = started.elapsed();
            println!(
                "  bare client, {writers} at a time: {:.2} s",
                took.as_secs_f64()
            );
            bare.push((took, writers));
        }
        let best = bare.iter().min().expect("a best one").1;
        let (mut ours, mut bare) = (Vec::new(), Vec::new());
        for _ in 0..3 {
            self.engine.clear();
            self.write(containers, "running");
            let started = Instant::now();
            let status = self.program(&["apply", "--yes"]).status().expect("it runs");
            ours.push(started.elapsed());
            assert!(status.success());
            self.engine.clear();
            let started = Instant::now();
            self.make(containers, best);
            bare.push(started.elapsed());
        }
        report("apply of 50 new", median(ours), median(bare), target)
    }

    /// A network, and containers on it, created and started by a bare client.
    fn make(&self, containers: usize, writers: usize) {
        let socket = self.engine.socket();
        let mut client = Client::connect(&socket).expect("it connects");
        let network = json!({ "Name": "bench_default", "CheckDuplicate": true });
        let made = client
            .call("POST", "/networks/create", Some(&network))
            .expect("it answers");
        assert_eq!(made.status, 201, "{}", made.body);
        at_once(&socket, writers, containers, |client, number| {
            let body: Value = json!({
                "Image": "bench:1",
                "Env": [format!("NUMBER={number}"), "COLOR=red"],
                "Labels": { "com.example.number": number.to_string() },
                "HostConfig": { "NetworkMode": "bench_default" },
                "NetworkingConfig": { "EndpointsConfig": { "bench_default": { "Aliases": [format!("bench-{number}")] } } },
            });
            let path = format!("/containers/create?name=bench-{number}");
            let made = client.call("POST", &path, Some(&body)).expect("it answers");
            assert_eq!(made.status, 201, "{}", made.body);
            let path = format!("/containers/bench-{number}/start");
            let started = client.call("POST", &path, None).expect("it answers");
            assert_eq!(started.status, 204, "{}", started.body);
        });
    }
}

/// Does something with each number, on so many connections at the same time.
fn at_once(
    socket: &Path,
    connections: usize,
    numbers: usize,
    work: impl Fn(&mut Client, usize) + Sync,
) {
    let next = AtomicUsize::new(0);
    let failed = Mutex::new(None);
    thread::scope(|scope| {
        for _ in 0..connections {
            scope.spawn(|| match Client::connect(socket) {
                Ok(mut client) => loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= numbers {
                        break;
                    }
                    work(&mut client, number);
                },
                Err(error) => *failed.lock().expect("a lock") = Some(error),
            });
        }
    });
    assert!(
        failed.into_inner().expect("a lock").is_none(),
        "it connects"
    );
}

/// The kernel's high-water mark of a process's memory, in KiB.
fn high_water(status: &str) -> Option<u32> {
    fs::read_to_string(status)
        .ok()?
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?
        .split_whitespace()
        .next()?
        .parse()
        .ok()
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

fn mark(met: bool) -> &'static str {
    if met { "" } else { "  MISSED" }
}

fn report(name: &str, ours: Duration, bare: Duration, target: f64) -> bool {
    let ratio = ours.as_secs_f64() / bare.as_secs_f64();
    let met = ratio <= target;
    println!(
        "{name}: {:.1} ms, bare client {:.1} ms, ratio {ratio:.2} (target {target}){}",
        ours.as_secs_f64() * 1e3,
        bare.as_secs_f64() * 1e3,
        mark(met)
    );
    met
}
