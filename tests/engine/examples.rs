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

/// Applies an example, and expects an empty plan; then removes everything again.
#[track_caller]
fn applies(example: &str) {
    assert!(EXAMPLES.contains(&example), "{example} is listed");
    let engine = engine();
    let text = fs::read_to_string(folder().join(example)).expect("the example");
    for image in images(&text) {
        engine.image(&image, &stand_in(&image));
    }
    // A copy, with the file beside it: nothing is written into the examples.
    let copy = TempDir::new().expect("a folder");
    fs::copy(folder().join("Caddyfile"), copy.path().join("Caddyfile")).expect("a copy");
    fs::write(copy.path().join("evenkeel.yaml"), &text).expect("a copy");
    let run = |arguments: &[&str]| {
        let mut command = program(arguments);
        command
            .current_dir(copy.path())
            .env("DOCKER_HOST", engine.host())
            .env("DOCKER_CONFIG", engine.folder().join("config"))
            .env("HOME", copy.path())
            .env("XDG_RUNTIME_DIR", copy.path())
            .env("SHOP_DB_PASSWORD", "correct horse");
        Ran::of(&mut command)
    };
    run(&["validate"]).with_code(0);
    let applied = run(&["apply", "--yes"]).with_code(0);
    assert!(!applied.all().contains("correct horse"), "{applied}");
    run(&["plan", "--detailed-exitcode"]).with_code(0);
    let project = text
        .lines()
        .find_map(|line| line.strip_prefix("project: "))
        .expect("a project");
    let label = format!("label=io.evenkeel.project={project}");
    let count = || {
        engine
            .docker(&["ps", "-aq", "--filter", &label])
            .lines()
            .count()
    };
    assert!(count() > 1);
    run(&["destroy", "--yes"]).with_code(0);
    assert_eq!(count(), 0);
}

#[test]
fn hardened() {
    applies("hardened.yaml");
}

#[test]
fn quickstart() {
    applies("quickstart/evenkeel.yaml");
}

#[test]
fn reverse_proxy() {
    applies("reverse-proxy.yaml");
}

#[test]
fn web_and_database() {
    applies("web-and-database.yaml");
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
