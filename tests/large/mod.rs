//! A large file as people write them, only with more containers than anybody has.

use std::{
    collections::BTreeMap,
    fmt::Write,
    io,
    path::{Path, PathBuf},
};

use evenkeel::{
    desired::{self, Desired},
    spec,
};

/// A file of so many containers. No two say the same; each waits for the one before it, and every fourth is written in the
/// long forms.
#[must_use]
pub fn file(containers: usize) -> String {
    let mut text = "project: shop
x-logging: &logging { driver: json-file, options: { max-size: 10m } }
images: { app: { reference: \"registry.example.com/team/app:1.27\", pull: always } }
networks: { front: {} }
volumes: { data: {} }
containers:
"
    .to_owned();
    for number in 0..containers {
        let one = if number % 4 == 3 { long } else { short };
        text.push_str(&one(number));
        if let Some(before) = number.checked_sub(1) {
            writeln!(text, "    depends_on: [ c{before} ]").expect("a String takes everything");
        }
    }
    text
}

fn short(number: usize) -> String {
    format!(
        "  # Serves number {number}.
  c{number}:
    image: registry.example.com/team/app:1.{number}
    env: {{ COLOR: blue, NUMBER: \"{number}\", URL: \"http://c{number}:${{PORT:-80}}\" }}
    command: [\"serve\", \"--port\", \"80\"]
    ports: [\"{}:80\"]
    volumes: [\"data:/data\", \"./html:/html:ro\"]
    networks: [front, default]
    memory: 64m
    restart: unless-stopped
    healthcheck: {{ test: [\"CMD\", \"true\"], interval: 5s }}
",
        10_000 + number
    )
}

fn long(number: usize) -> String {
    format!(
        "  c{number}:
    image: app
    environment:
      - COLOR=blue
      - NUMBER={number}
    command: serve --port 80 --name 'c {number}'
    ports:
      - target: 80
        published: {}
        host_ip: 127.0.0.1
    volumes:
      - type: volume
        source: data
        target: /data
        read_only: true
    networks:
      front:
        aliases: [ www{number} ]
    labels: {{ com.example.team: web, com.example.number: \"{number}\" }}
    cap_drop: [ ALL ]
    logging: *logging
    user: \"1000:1000\"
    tmpfs: /tmp:size=64m
    deploy:
      resources: {{ limits: {{ cpus: \"0.5\", memory: 128M }} }}
",
        10_000 + number
    )
}

/// Reads, checks and resolves a file. Panics unless it is sound.
#[must_use]
pub fn resolve(text: &str) -> Desired {
    let read = |path: &Path| {
        if path == Path::new("evenkeel.yaml") {
            Ok(text.as_bytes().to_vec())
        } else {
            Err(io::ErrorKind::NotFound.into())
        }
    };
    let document = spec::parse(&spec::Inputs {
        files: &[PathBuf::from("evenkeel.yaml")],
        env_files: &[],
        variables: &BTreeMap::new(),
        base: Path::new("/srv/shop"),
        profiles: &[],
        read: &read,
    });
    let document = document.unwrap_or_else(|failure| panic!("{:?}", failure.problems));
    desired::resolve(&document)
}
