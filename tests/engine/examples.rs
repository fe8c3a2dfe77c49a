//! Every file in `examples/` applies, with busybox standing in for its images, and the plan afterwards is empty.

use std::{fs, path::Path};

use evenkeel_lab::{Engine, ImageSpec, Kind, Ran};
use tempfile::TempDir;

use crate::support::program;

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

#[test]
fn every_example_applies_and_its_plan_is_empty() {
    // An engine of its own: the examples name their containers and ports as people do.
    let engine = Engine::start(Kind::wanted());
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    let mut files: Vec<_> = fs::read_dir(&folder)
        .expect("examples")
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "yaml"))
        .collect();
    files.push(folder.join("quickstart/evenkeel.yaml"));
    files.sort();
    assert!(files.len() >= 4, "{files:?}");
    for file in files {
        let text = fs::read_to_string(&file).expect("the example");
        for image in images(&text) {
            engine.image(&image, &stand_in(&image));
        }
        // A copy, with the files beside it: nothing is written into the examples.
        let copy = TempDir::new().expect("a folder");
        fs::copy(folder.join("Caddyfile"), copy.path().join("Caddyfile")).expect("a copy");
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
        run(&["apply", "--yes"]).with_code(0);
        run(&["destroy", "--yes"]).with_code(0);
        assert_eq!(engine.docker(&["ps", "-aq"]), "", "{}", file.display());
    }
}
