//! Every file in `examples/` applies, with busybox standing in for its images, and the plan afterwards is empty.

use std::{
    fs,
    path::{Path, PathBuf},
};

use evenkeel_lab::{ImageSpec, Ran};
use tempfile::TempDir;

use crate::support::{engine, program};

/// What the commands and health checks of the examples call, beside busybox: all of it works, or idles.
fn stand_in(image: &str) -> ImageSpec {
    match image {
        // Ends where the job of the example ends, and idles where it serves.
        "ghcr.io/example/shop:2.4.1" => {
            ImageSpec::idle().program("shop", "[ \"$1\" = migrate ] || exec idle")
        }
        "postgres:16" => ImageSpec::idle()
            .program("pg_isready", "exit 0")
            .volumes(&["/var/lib/postgresql/data"]),
        "redis:7.4" => ImageSpec::idle()
            .program("redis-server", "exec idle")
            .program("redis-cli", "echo PONG"),
        "quickstart/hello:1" => ImageSpec::serve(),
        "caddy:2.8" => ImageSpec::idle().program("caddy", "exec idle"),
        _ => ImageSpec::idle(),
    }
}

/// The images that a file names.
fn images(text: &str) -> Vec<String> {
    let named = |line: &str| {
        let line = line.trim();
        let after = line
            .strip_prefix("image: ")
            .or_else(|| line.split_once("reference: ").map(|(_, rest)| rest))?;
        let name = after.split([',', ' ', '}']).next()?;
        name.contains(':').then(|| name.to_owned())
    };
    text.lines().filter_map(named).collect()
}

/// The examples, below `examples/`; each has a test.
const EXAMPLES: &[&str] = &[
    "hardened.yaml",
    "quickstart/evenkeel.yaml",
    "reverse-proxy.yaml",
    "web-and-database.yaml",
];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples")
}

/// A copy of an example, with the file beside it: nothing is written into the examples.
struct Copy {
    text: String,
    folder: TempDir,
}

impl Copy {
    fn of(example: &str) -> Self {
        assert!(EXAMPLES.contains(&example), "{example} is listed");
        let text = fs::read_to_string(folder().join(example)).expect("the example");
        for image in images(&text) {
            engine().image(&image, &stand_in(&image));
        }
        let copy = TempDir::new().expect("a folder");
        fs::copy(folder().join("Caddyfile"), copy.path().join("Caddyfile")).expect("a copy");
        let copy = Self { text, folder: copy };
        copy.write();
        copy
    }

    fn write(&self) {
        fs::write(self.folder.path().join("evenkeel.yaml"), &self.text).expect("a copy");
    }

    fn run(&self, arguments: &[&str]) -> Ran {
        let (engine, folder) = (engine(), self.folder.path());
        let mut command = program(arguments);
        command
            .current_dir(folder)
            .env("DOCKER_HOST", engine.host())
            .env("DOCKER_CONFIG", engine.folder().join("config"))
            .env("HOME", folder)
            .env("XDG_RUNTIME_DIR", folder)
            .env("SHOP_DB_PASSWORD", "correct horse");
        Ran::of(&mut command)
    }
}

/// Applies an example, and expects an empty plan; then removes everything again.
#[track_caller]
fn applies(copy: &Copy) {
    copy.run(&["validate"]).with_code(0);
    let applied = copy.run(&["apply", "--yes"]).with_code(0);
    assert!(!applied.all().contains("correct horse"), "{applied}");
    copy.run(&["plan", "--detailed-exitcode"]).with_code(0);
    let project = copy
        .text
        .lines()
        .find_map(|line| line.strip_prefix("project: "))
        .expect("a project");
    let label = format!("label=io.evenkeel.project={project}");
    let count = || {
        engine()
            .docker(&["ps", "-aq", "--filter", &label])
            .lines()
            .count()
    };
    assert!(count() > 1);
    copy.run(&["destroy", "--yes"]).with_code(0);
    assert_eq!(count(), 0);
}

#[test]
fn hardened() {
    let mut copy = Copy::of("hardened.yaml");
    if !engine().kind().is_docker() && !may_raise_limits() {
        // Where a file names one limit Podman asks for more processes than there may be, too, unless they are named.
        let refused = copy.run(&["apply", "--yes"]).with_code(1);
        assert!(refused.stdout.contains("rlimit type 6"), "{refused}");
        let files = "ulimits: { nofile";
        assert!(copy.text.contains(files), "{}", copy.text);
        copy.text = copy.text.replace(files, "ulimits: { nproc: 4096, nofile");
        copy.write();
    }
    applies(&copy);
}

/// Whether what this machine lets its root do is to allow more than it is allowed itself (`CAP_SYS_RESOURCE`).
fn may_raise_limits() -> bool {
    const SYS_RESOURCE: u32 = 24;
    let status = fs::read_to_string("/proc/self/status").expect("this process");
    let bits = status
        .lines()
        .find_map(|line| line.strip_prefix("CapEff:"))
        .and_then(|bits| u64::from_str_radix(bits.trim(), 16).ok())
        .expect("its capabilities");
    bits >> SYS_RESOURCE & 1 == 1
}

#[test]
fn quickstart() {
    applies(&Copy::of("quickstart/evenkeel.yaml"));
}

#[test]
fn reverse_proxy() {
    applies(&Copy::of("reverse-proxy.yaml"));
}

#[test]
fn web_and_database() {
    applies(&Copy::of("web-and-database.yaml"));
}

#[test]
fn every_example_has_a_test() {
    let mut found = Vec::new();
    let mut folders = vec![folder()];
    while let Some(at) = folders.pop() {
        for entry in fs::read_dir(at).expect("examples").flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "yaml") {
                let name = path.strip_prefix(folder()).expect("below it");
                found.push(name.display().to_string());
            }
        }
    }
    found.sort();
    assert_eq!(found, EXAMPLES);
}
