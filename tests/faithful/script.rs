//! A recorder of calls and answers, and the run of one script against both engines.

use std::{collections::BTreeMap, future::Future, time::Duration};

use evenkeel::engine::{
    Act, EngineError, Observe as _,
    docker::{Docker, Host},
    simulated::{self, Behaviour, Simulated},
};
use evenkeel_lab::{Engine, ImageSpec, Kind};
use serde_json::{Map, Value, json};

/// Fields of an inspect that nobody reads, or that depend on the host.
const UNREAD: &[&str] = &[
    "Created",
    "CreatedAt",
    "Mountpoint",
    "StartedAt",
    "FinishedAt",
    "EndpointID",
    "MacAddress",
    "Pid",
    "Driver",
    "Platform",
    "ResolvConfPath",
    "HostnamePath",
    "HostsPath",
    "LogPath",
    "Log",
    "Bridge",
    "SandboxID",
    "SandboxKey",
    "HairpinMode",
    "LinkLocalIPv6Address",
    "LinkLocalIPv6PrefixLen",
    "SecondaryIPAddresses",
    "SecondaryIPv6Addresses",
    "GlobalIPv6Address",
    "GlobalIPv6PrefixLen",
    "IPv6Gateway",
    "IPAddress",
    "Gateway",
    "IPPrefixLen",
    "MaskedPaths",
    "ReadonlyPaths",
    "ExecIDs",
    "GraphDriver",
    "MountLabel",
    "ProcessLabel",
    "AppArmorProfile",
    "ConsoleSize",
    "CgroupParent",
];

/// What a client saw, call by call.
pub struct Script<'a, E> {
    /// The engine.
    pub engine: &'a E,
    seen: Vec<(String, Value)>,
    ids: BTreeMap<String, String>,
}

impl<'a, E: Act> Script<'a, E> {
    fn new(engine: &'a E) -> Self {
        Self {
            engine,
            seen: Vec::new(),
            ids: BTreeMap::new(),
        }
    }

    /// Notes an answer.
    pub fn note(&mut self, what: impl Into<String>, answer: Result<Value, EngineError>) {
        let answer = match answer {
            Ok(value) => value,
            Err(failure) => failed(&failure),
        };
        let answer = self.masked(answer);
        self.seen.push((what.into(), answer));
    }

    /// Notes how a call without an answer ended.
    pub fn done(&mut self, what: impl Into<String>, answer: Result<(), EngineError>) {
        self.note(what, answer.map(|()| json!("done")));
    }

    /// Makes a container, and shows it.
    pub async fn create(&mut self, name: &str, body: Value) -> String {
        let made = self.engine.create_container(name, &body, None).await;
        let id = made.clone().unwrap_or_default();
        if !id.is_empty() {
            self.ids.insert(id.clone(), format!("<{name}>"));
            self.ids
                .insert(id[..12].to_owned(), format!("<{name} short>"));
        }
        self.note(format!("create {name}"), made.map(|_| json!("made")));
        if id.is_empty() {
            self.note(format!("inspect {name}"), Ok(Value::Null));
        } else {
            self.inspect(name).await;
        }
        id
    }

    /// Makes a container and starts it.
    pub async fn run(&mut self, name: &str, body: Value) -> String {
        let id = self.create(name, body).await;
        self.start(name).await;
        id
    }

    /// Starts a container.
    pub async fn start(&mut self, name: &str) {
        let answer = self.engine.start(name).await;
        self.done(format!("start {name}"), answer);
    }

    /// Stops a container.
    pub async fn stop(&mut self, name: &str) {
        let answer = self.engine.stop(name, 10).await;
        self.done(format!("stop {name}"), answer);
    }

    /// Shows a container.
    pub async fn inspect(&mut self, name: &str) {
        let answer = self.engine.container(name).await;
        self.note(format!("inspect {name}"), answer.map(Value::from));
    }

    /// Shows what a container's process is doing.
    pub async fn state(&mut self, name: &str) {
        let answer = self.engine.container(name).await;
        self.note(
            format!("state of {name}"),
            answer.map(|answer| answer.map_or(Value::Null, |answer| answer["State"].clone())),
        );
    }

    /// Makes a network.
    pub async fn network(&mut self, body: Value) {
        let name = body["Name"].as_str().unwrap_or_default().to_owned();
        let answer = self.engine.create_network(&body).await;
        let good = answer.is_ok();
        self.done(format!("create network {name}"), answer);
        if good {
            self.learn_networks().await;
        }
    }

    /// Learns the ids of networks, so that they are masked by name.
    pub async fn learn_networks(&mut self) {
        for network in self.engine.networks().await.unwrap_or_default() {
            let (id, name) = (&network["Id"], &network["Name"]);
            if let (Some(id), Some(name)) = (id.as_str(), name.as_str()) {
                self.ids
                    .entry(id.to_owned())
                    .or_insert_with(|| format!("<network {name}>"));
            }
        }
    }

    fn masked(&self, value: Value) -> Value {
        match value {
            Value::Object(map) => {
                let mut all: Map<String, Value> = Map::new();
                for (key, value) in map {
                    if UNREAD.contains(&key.as_str()) {
                        continue;
                    }
                    all.insert(self.text(&key), self.masked(value));
                }
                Value::Object(all)
            }
            Value::Array(items) => {
                let mut items: Vec<Value> =
                    items.into_iter().map(|item| self.masked(item)).collect();
                // The engine keeps mounts in a map, so they come in any order.
                if items.iter().all(|item| item.get("Destination").is_some()) {
                    items.sort_by_key(|item| item["Destination"].to_string());
                }
                // So are the addresses that a port is published on.
                if items.iter().all(|item| item.get("HostPort").is_some()) {
                    items.sort_by_key(Value::to_string);
                }
                Value::Array(items)
            }
            Value::String(text) => Value::String(self.text(&text)),
            other => other,
        }
    }

    fn text(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for (id, name) in self.ids.iter().rev() {
            text = text.replace(id, name);
        }
        // Folders of volumes differ from host to host.
        if text.ends_with("/_data") {
            return "<folder of a volume>".to_owned();
        }
        // The engine names them in the order of one of its maps, which is any.
        if let Some((before, _)) = text.split_once("network endpoints: ") {
            return before.to_owned();
        }
        unnamed(&text)
    }
}

/// Ids that nobody has named: endpoints, anonymous volumes, images.
fn unnamed(text: &str) -> String {
    let mut masked = String::new();
    let mut run = String::new();
    for c in text.chars().chain(['\n']) {
        if c.is_ascii_hexdigit() && !c.is_ascii_uppercase() {
            run.push(c);
            continue;
        }
        masked.push_str(if run.len() == 64 || run.len() == 12 {
            "<id>"
        } else {
            &run
        });
        run.clear();
        if c != '\n' {
            masked.push(c);
        }
    }
    masked
}

fn failed(failure: &EngineError) -> Value {
    let (kind, status, text) = match failure {
        EngineError::Missing(text) => ("missing", 404, text.clone()),
        EngineError::Conflict(text) => ("conflict", 409, text.clone()),
        EngineError::Refused { status, text } => ("refused", *status, text.clone()),
        EngineError::Failed { status, text } => ("failed", *status, text.clone()),
        other => ("other", 0, other.to_string()),
    };
    json!({ "error": kind, "status": status, "text": text })
}

/// What both engines have at the beginning.
pub fn images() -> Vec<(&'static str, ImageSpec)> {
    let rich = ImageSpec {
        env: vec!["A=1".into(), "B=2".into()],
        expose: vec!["80/tcp".into(), "53/udp".into()],
        healthcheck: Some("--interval=3600s --retries=2 CMD true".into()),
        volumes: vec!["/data".into()],
        workdir: Some("/tmp/".into()),
        labels: vec!["x=y".into()],
        ..ImageSpec::default()
    };
    let fixed = ImageSpec {
        entrypoint: vec!["idle".into()],
        cmd: vec!["one".into()],
        ..ImageSpec::default()
    };
    vec![
        ("app:1", ImageSpec::idle()),
        ("rich:1", rich),
        ("fixed:1", fixed),
    ]
}

/// A script: the calls that both engines get.
pub trait Scenario {
    /// Plays it.
    fn play<E: Act>(script: &mut Script<'_, E>) -> impl Future<Output = ()>;
}

/// Runs a script against both engines, and compares what was seen, call by call.
pub fn agree<S: Scenario>() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let engine = Engine::start(Kind::Docker20);
    let docker = Docker::new(Host::read(Some(&engine.host())).expect("an address"));
    for (reference, spec) in images() {
        engine.image(reference, &spec);
    }
    let copy = runtime.block_on(copy(&docker));
    let expected = runtime.block_on(play::<S, _>(&docker));
    let found = runtime.block_on(play::<S, _>(&copy));
    let mut faults = Vec::new();
    for ((what, expected), (other, found)) in expected.iter().zip(&found) {
        assert_eq!(what, other, "the script took another way");
        differences(what, expected, found, &mut faults);
    }
    assert_eq!(expected.len(), found.len(), "the script took another way");
    assert!(
        faults.is_empty(),
        "the engine (above) and its simulation (below) differ:\n{}",
        faults.join("\n")
    );
}

async fn play<S: Scenario, E: Act>(engine: &E) -> Vec<(String, Value)> {
    let mut script = Script::new(engine);
    script.learn_networks().await;
    S::play(&mut script).await;
    script.seen
}

/// A simulated engine with the images of a real one.
async fn copy(docker: &Docker) -> Simulated {
    let mut copy = Simulated::new();
    for (reference, _) in images() {
        let image = docker.image(reference).await.expect("an answer");
        let config = image.expect("was just made")["Config"].clone();
        let spec = simulated::ImageSpec {
            config,
            ..simulated::ImageSpec::default()
        };
        copy = copy.with_image(reference, spec);
    }
    let host = docker.info().await.expect("an answer")["Name"].clone();
    copy.hands(|world| {
        world.info["Name"] = host;
        let commands = &mut world.commands;
        commands.insert("sh -c exit 3".into(), Behaviour::exits(3, Duration::ZERO));
        commands.insert("sh -c exit 0".into(), Behaviour::exits(0, Duration::ZERO));
        commands.insert(
            "nosuchcommand".into(),
            Behaviour::no_such_command("nosuchcommand"),
        );
    });
    copy
}

fn differences(path: &str, expected: &Value, found: &Value, faults: &mut Vec<String>) {
    match (expected, found) {
        (Value::Object(one), Value::Object(other)) => {
            let keys: std::collections::BTreeSet<&String> =
                one.keys().chain(other.keys()).collect();
            for key in keys {
                let none = json!("<absent>");
                differences(
                    &format!("{path}/{key}"),
                    one.get(key).unwrap_or(&none),
                    other.get(key).unwrap_or(&none),
                    faults,
                );
            }
        }
        (Value::Array(one), Value::Array(other)) if one.len() == other.len() => {
            for (index, (one, other)) in one.iter().zip(other).enumerate() {
                differences(&format!("{path}/{index}"), one, other, faults);
            }
        }
        (Value::Array(one), Value::Array(other)) => {
            let more = |of: &[Value], than: &[Value]| -> Vec<String> {
                let mut than = than.to_vec();
                let missing = of.iter().filter(|item| {
                    let at = than.iter().position(|other| other == *item);
                    at.map(|at| than.remove(at)).is_none()
                });
                missing.map(Value::to_string).collect()
            };
            faults.push(format!(
                "  {path}:\n    + {}\n    - {}",
                more(one, other).join("\n    + "),
                more(other, one).join("\n    - ")
            ));
        }
        (one, other) if one == other => {}
        (one, other) => faults.push(format!("  {path}:\n    {one}\n    {other}")),
    }
}
