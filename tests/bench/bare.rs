//! The bare client: the same calls, and nothing else.

use std::{
    path::Path,
    process::Command,
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use evenkeel_lab::Client;
use serde_json::{Value, json};

/// The argument with which the benchmark is its own bare client, in a process of its own.
pub const WORD: &str = "--bare-client";

/// How many calls it makes at the same time when it reads; more is no faster.
const READERS: usize = 8;

/// What it does with what it reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    /// Parses it as JSON.
    Parses,
    /// Reads the bytes, and no more.
    Skims,
}

impl Reading {
    const fn word(self) -> &'static str {
        match self {
            Self::Parses => "parses",
            Self::Skims => "skims",
        }
    }
}

/// A process that lists a project's containers and inspects each.
pub fn reader(socket: &Path, reading: Reading, containers: usize) -> Command {
    let mut command = Command::new(std::env::current_exe().expect("this program"));
    command
        .arg(WORD)
        .arg(socket)
        .arg(reading.word())
        .arg(containers.to_string())
        .env_clear();
    command
}

/// The process of [`reader`].
pub fn run(arguments: &[String]) {
    let [socket, reading, containers] = arguments else {
        panic!("a socket, what is done with the answers, and how many there are");
    };
    let reading = [Reading::Parses, Reading::Skims]
        .into_iter()
        .find(|known| known.word() == reading)
        .expect("a word for what is done");
    let containers = containers.parse().expect("a number");
    read(Path::new(socket), reading, containers);
}

/// One list by label, and an inspect of each.
fn read(socket: &Path, reading: Reading, containers: usize) {
    let mut client = Client::connect(socket).expect("it connects");
    let path = "/containers/json?all=1&filters=%7B%22label%22%3A%5B%22io.evenkeel.project%3Dbench%22%5D%7D";
    let listed = client
        .call("GET", path, None)
        .expect("it answers")
        .ok_json();
    let ids: Vec<&str> = listed
        .as_array()
        .expect("a list")
        .iter()
        .map(|container| container["Id"].as_str().expect("an id"))
        .collect();
    assert_eq!(ids.len(), containers);
    at_once(socket, READERS, ids.len(), |client, at| {
        let path = format!("/containers/{}/json", ids[at]);
        let answer = client.call("GET", &path, None).expect("it answers");
        assert_eq!(answer.status, 200);
        if reading == Reading::Parses {
            assert!(answer.ok_json().is_object());
        }
    });
}

/// A network, and containers on it, created and started.
pub fn make(socket: &Path, writers: usize, containers: usize) {
    let mut client = Client::connect(socket).expect("it connects");
    let network = json!({ "Name": "bench_default", "CheckDuplicate": true });
    write(&mut client, "POST", "/networks/create", Some(&network));
    let bodies: Vec<Value> = (0..containers)
        .map(|number| body(number, "red", &json!({})))
        .collect();
    at_once(socket, writers, containers, |client, number| {
        let path = format!("/containers/create?name=bench-{number}");
        write(client, "POST", &path, Some(&bodies[number]));
        write(
            client,
            "POST",
            &format!("/containers/bench-{number}/start"),
            None,
        );
    });
}

/// New containers in the places of old ones, in the program's own order, which loses neither.
pub fn replace(socket: &Path, writers: usize, bodies: &[Value]) {
    at_once(socket, writers, bodies.len(), |client, number| {
        let name = format!("bench-{number}");
        let post = |client: &mut Client, path: &str, body: Option<&Value>| {
            write(client, "POST", &format!("/containers/{path}"), body);
        };
        post(
            client,
            &format!("create?name={name}.next"),
            Some(&bodies[number]),
        );
        post(client, &format!("{name}/rename?name={name}.prev"), None);
        post(client, &format!("{name}.next/rename?name={name}"), None);
        post(client, &format!("{name}.prev/stop?t=10"), None);
        post(client, &format!("{name}/start"), None);
        write(client, "DELETE", &format!("/containers/{name}.prev"), None);
    });
}

/// The bodies of the containers that [`replace`] makes, with the labels that the old ones have.
pub fn bodies(socket: &Path, containers: usize, colour: &str) -> Vec<Value> {
    let mut client = Client::connect(socket).expect("it connects");
    (0..containers)
        .map(|number| {
            let path = format!("/containers/bench-{number}/json");
            let answer = client.call("GET", &path, None).expect("it answers");
            body(number, colour, &answer.ok_json()["Config"]["Labels"])
        })
        .collect()
}

fn body(number: usize, colour: &str, labels: &Value) -> Value {
    json!({
        "Image": "bench:1",
        "Env": [format!("NUMBER={number}"), format!("COLOR={colour}")],
        "Labels": labels,
        "HostConfig": { "NetworkMode": "bench_default" },
        "NetworkingConfig": { "EndpointsConfig": { "bench_default": { "Aliases": [format!("bench-{number}")] } } },
    })
}

fn write(client: &mut Client, method: &str, path: &str, body: Option<&Value>) {
    let answer = client.call(method, path, body).expect("it answers");
    assert!(
        matches!(answer.status, 201 | 204),
        "{method} {path}: {} {}",
        answer.status,
        answer.body
    );
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
