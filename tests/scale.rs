//! How long a large file takes to be read, checked and resolved, and that twice as much takes about twice as long.
//!
//! `cargo test --release --test scale -- --nocapture` shows the numbers; the limit counts in release alone.

use std::{
    collections::BTreeMap,
    fmt::Write,
    io,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use evenkeel::{desired, spec};

/// A file as people write them, only with more containers.
fn file(containers: usize) -> String {
    let mut text =
        "project: shop\nnetworks: { front: {} }\nvolumes: { data: {} }\ncontainers:\n".to_owned();
    for number in 0..containers {
        let before = match number {
            0 => String::new(),
            _ => format!("    depends_on: [ c{} ]\n", number - 1),
        };
        write!(
            text,
            "  c{number}:
    image: registry.example.com/team/app:1.{number}
    env: {{ COLOR: blue, NUMBER: \"{number}\", URL: \"http://c{number}:80\" }}
    command: [\"serve\", \"--port\", \"80\"]
    ports: [\"{}:80\"]
    volumes: [\"data:/data\", \"./html:/html:ro\"]
    networks: [front, default]
    memory: 64m
    restart: unless-stopped
    healthcheck: {{ test: [\"CMD\", \"true\"], interval: 5s }}
{before}",
            10_000 + number
        )
        .expect("a String takes everything");
    }
    text
}

fn time(containers: usize) -> Duration {
    let text = file(containers).into_bytes();
    let read = |path: &Path| {
        if path == Path::new("evenkeel.yaml") {
            Ok(text.clone())
        } else {
            Err(io::ErrorKind::NotFound.into())
        }
    };
    let files = [PathBuf::from("evenkeel.yaml")];
    // The fastest of a few: other programs run on this machine, too.
    (0..3)
        .map(|_| {
            let start = Instant::now();
            let document = spec::parse(&spec::Inputs {
                files: &files,
                env_files: &[],
                variables: &BTreeMap::new(),
                base: Path::new("/srv/shop"),
                profiles: &[],
                read: &read,
            });
            let document = document.unwrap_or_else(|failure| panic!("{:?}", failure.problems));
            let desired = desired::resolve(&document);
            assert_eq!(desired.containers.len(), containers);
            start.elapsed()
        })
        .min()
        .unwrap_or_default()
}

#[test]
fn a_file_of_two_thousand_containers_is_read_soon_and_the_cost_is_linear() {
    let (some, many) = (time(2_000), time(10_000));
    println!("2,000 containers: {some:?}; 10,000 containers: {many:?}");
    if !cfg!(debug_assertions) {
        assert!(some < Duration::from_millis(150), "{some:?}");
    }
    // Five times as many; twice that is far from the square.
    assert!(many < some * 10, "{some:?}, then {many:?}");
}
