//! Random projects: containers that depend on each other, jobs, replicas, networks, volumes, both orders of a
//! replacement, and images that fail in every way.

use std::{collections::BTreeMap, fmt::Write as _, time::Duration};

use evenkeel::engine::simulated::{Behaviour, ImageSpec, OnStop, Simulated};
use serde_json::json;

use crate::chance::Chance;

const KEYS: [&str; 5] = ["api", "cache", "db", "web", "zeta"];

/// Images of containers that run, and come up.
const GOOD: [&str; 4] = ["app:1", "app:2", "well:1", "slow:1"];

/// Images of containers that do not: they die, never get healthy, or cannot be started.
const BAD: [&str; 3] = ["bad:1", "sick:1", "none:1"];

/// A project, of which one thing after the other changes.
#[derive(Debug, Clone)]
pub struct Project {
    containers: BTreeMap<&'static str, Shape>,
    internal: bool,
}

#[derive(Debug, Clone)]
struct Shape {
    image: &'static str,
    variable: u64,
    restart: &'static str,
    state: &'static str,
    order: &'static str,
    failure: &'static str,
    network: Option<&'static str>,
    volume: bool,
    memory: u64,
    replicas: Option<u64>,
    name: Option<&'static str>,
    needs: Option<(&'static str, bool)>,
    inside: Option<&'static str>,
    hook: bool,
}

impl Shape {
    fn random(chance: &mut Chance) -> Self {
        let mut shape = Self {
            image: chance.pick(&GOOD),
            variable: chance.below(3),
            restart: chance.pick(&["no", "always", "on-failure", "unless-stopped"]),
            state: "running",
            order: chance.pick(&["stop-first", "start-first"]),
            failure: chance.pick(&["rollback", "rollback", "rollback", "pause", "continue"]),
            network: None,
            volume: false,
            memory: 64,
            replicas: None,
            name: None,
            needs: None,
            inside: None,
            hook: chance.percent(20),
        };
        for _ in 0..chance.below(4) {
            shape.change(chance);
        }
        shape
    }

    fn change(&mut self, chance: &mut Chance) {
        match chance.below(14) {
            0 | 1 => self.image = chance.pick(&GOOD),
            2 | 3 => self.image = chance.pick(&BAD),
            4 => self.variable += 1,
            5 => self.restart = chance.pick(&["no", "always", "on-failure", "unless-stopped"]),
            6 => {
                self.state = chance.pick(&["running", "stopped", "paused", "created", "completed"]);
            }
            7 => self.order = chance.pick(&["stop-first", "start-first"]),
            8 => self.network = chance.pick(&[None, Some("a"), Some("b")]),
            9 => self.volume = !self.volume,
            10 => self.memory = 64 + chance.below(3) * 64,
            11 => self.hook = !self.hook,
            12 => self.replicas = chance.percent(60).then(|| 1 + chance.below(3)),
            _ => self.name = chance.percent(50).then_some("site"),
        }
        if chance.percent(30) {
            self.needs = chance
                .percent(80)
                .then(|| (chance.pick(&KEYS), chance.percent(40)));
        }
        if chance.percent(10) {
            self.inside = chance.percent(60).then(|| chance.pick(&KEYS));
        }
    }

    /// The image as its state allows: what is to be completed must end.
    fn image(&self) -> &'static str {
        match (self.state, self.image) {
            ("completed", "app:1" | "bad:1") => "job:1",
            ("completed", "sick:1" | "none:1") => "lost:1",
            ("completed", _) => "job:2",
            (_, image) => image,
        }
    }

    fn runs_on(&self) -> bool {
        matches!(self.state, "running" | "paused") && self.replicas.is_none()
    }
}

impl Project {
    pub fn random(chance: &mut Chance) -> Self {
        let mut containers = BTreeMap::new();
        for _ in 0..=chance.below(4) {
            containers.insert(chance.pick(&KEYS), Shape::random(chance));
        }
        Self {
            containers,
            internal: false,
        }
    }

    /// Another project that came of this one by an edit or two.
    pub fn edited(&self, chance: &mut Chance) -> Self {
        let mut edited = self.clone();
        for _ in 0..=chance.below(2) {
            match chance.below(12) {
                0 => {
                    edited
                        .containers
                        .insert(chance.pick(&KEYS), Shape::random(chance));
                }
                1 if edited.containers.len() > 1 => {
                    edited.containers.remove(chance.pick(&KEYS));
                }
                2 => edited.internal = !edited.internal,
                _ => {
                    let keys: Vec<&str> = edited.containers.keys().copied().collect();
                    let key = chance.pick(&keys);
                    if let Some(shape) = edited.containers.get_mut(key) {
                        shape.change(chance);
                    }
                }
            }
        }
        edited
    }

    /// Every name that a container of any project may have.
    pub fn names() -> impl Iterator<Item = String> {
        KEYS.iter()
            .flat_map(|key| {
                let replicas = (1..=3).map(move |number| format!("{key}-{number}"));
                replicas.chain([(*key).to_owned()])
            })
            .chain(["site".to_owned()])
    }

    /// The same with nothing in it that fails.
    pub fn mended(&self) -> Self {
        let mut mended = self.clone();
        for shape in mended.containers.values_mut() {
            if BAD.contains(&shape.image) {
                shape.image = "app:2";
            }
            if shape.image() == "lost:1" {
                shape.image = "well:1";
            }
        }
        mended
    }

    /// The same with each container called by its key.
    pub fn unnamed(&self) -> Self {
        let mut unnamed = self.clone();
        for shape in unnamed.containers.values_mut() {
            shape.name = None;
        }
        unnamed
    }

    /// The keys of its containers, with the numbers of replicas, and whether each is to run.
    pub fn keys(&self) -> Vec<String> {
        let mut keys = Vec::new();
        for (key, shape) in &self.containers {
            match shape.replicas {
                None => keys.push((*key).to_owned()),
                Some(count) => keys.extend((1..=count).map(|number| format!("{key}-{number}"))),
            }
        }
        keys
    }

    /// The file.
    pub fn text(&self) -> String {
        let mut text = String::from("project: shop\ncontainers:\n");
        let mut named = false;
        for (key, shape) in &self.containers {
            let _ = write!(
                text,
                "  {key}: {{ image: '{}', env: {{ A: '{}' }}, restart: '{}', state: {}, mem_limit: {}m, update: {{ order: {}, failure_action: {} }}",
                shape.image(),
                shape.variable,
                if shape.state == "completed" {
                    "no"
                } else {
                    shape.restart
                },
                shape.state,
                shape.memory,
                Self::order(shape),
                shape.failure,
            );
            if let Some(count) = shape.replicas {
                let _ = write!(text, ", replicas: {count}");
            } else if let Some(name) = shape.name.filter(|_| !named) {
                named = true;
                let _ = write!(text, ", container_name: {name}");
            }
            if let Some((other, restart)) =
                shape.needs.filter(|(other, _)| self.may_need(key, other))
            {
                let there = &self.containers[other];
                let condition = match (there.state, there.image()) {
                    ("completed", _) => "service_completed_successfully",
                    (_, "well:1" | "sick:1") => "service_healthy",
                    _ => "service_started",
                };
                let _ = write!(
                    text,
                    ", depends_on: {{ {other}: {{ condition: {condition}, restart: {restart} }} }}"
                );
            }
            if let Some(other) = self.host_of(key) {
                let _ = write!(text, ", network_mode: 'service:{other}'");
            } else if let Some(network) = shape.network {
                let _ = write!(text, ", networks: [{network}]");
            }
            if shape.hook {
                let _ = write!(text, ", post_start: [{{ command: [warm-up] }}]");
            }
            if shape.volume {
                let _ = write!(text, ", volumes: ['data:/var/lib/data']");
            }
            text.push_str(" }\n");
        }
        let _ = write!(
            text,
            "networks: {{ default: {{}}, a: {{ internal: {} }}, b: {{}} }}\nvolumes: {{ data: {{}} }}\n",
            self.internal
        );
        text
    }

    /// One that has a volume for itself cannot run beside its successor.
    fn order(shape: &Shape) -> &'static str {
        if shape.volume {
            "stop-first"
        } else {
            shape.order
        }
    }

    /// Only on those that come before it by name, so that there are no circles.
    fn may_need(&self, key: &str, other: &str) -> bool {
        other < key
            && self.containers.get(other).is_some_and(|there| {
                there.replicas.is_none() && matches!(there.state, "running" | "completed")
            })
    }

    /// The container whose network it uses.
    fn host_of(&self, key: &str) -> Option<&'static str> {
        let shape = &self.containers[key];
        let other = shape.inside.filter(|other| *other < key)?;
        self.containers
            .get(other)
            .is_some_and(|there| there.runs_on() && there.state == "running")
            .then_some(other)
    }
}

/// An engine that has every image of these projects, and things that are none of theirs.
pub fn engine() -> Simulated {
    let check = json!({
        "Healthcheck": {"Test": ["CMD", "true"], "Interval": 1_000_000_000, "Retries": 2}, "Volumes": {"/data": {}},
    });
    let volume = json!({"Volumes": {"/data": {}}});
    let image = |behaviour: Behaviour, build: u64| {
        ImageSpec::new(volume.clone())
            .behaving(behaviour)
            .build(build)
    };
    let slow = Behaviour {
        on_stop: OnStop::Ends {
            code: 0,
            after: Duration::from_secs(3),
        },
        ..Behaviour::default()
    };
    let job = || Behaviour::exits(0, Duration::from_secs(1));
    let engine = Simulated::new()
        .with_image("app:1", image(Behaviour::default(), 1))
        .with_image("app:2", image(Behaviour::default(), 2))
        .with_image("slow:1", image(slow, 3))
        .with_image("well:1", ImageSpec::new(check.clone()))
        .with_image(
            "sick:1",
            ImageSpec::new(check).behaving(Behaviour::unhealthy()),
        )
        .with_image(
            "bad:1",
            image(Behaviour::exits(3, Duration::from_millis(100)), 4),
        )
        .with_image("none:1", image(Behaviour::no_such_command("serve"), 5))
        .with_image("job:1", image(job(), 6))
        .with_image("job:2", image(job(), 7))
        .with_image(
            "lost:1",
            image(Behaviour::exits(7, Duration::from_secs(1)), 8),
        );
    engine.hands(|world| {
        world
            .docker_run("stranger", &json!({"Image": "app:1"}))
            .expect("it runs");
        let others = json!({"Image": "app:1", "Labels": {
            "io.evenkeel.project": "other", "io.evenkeel.container": "web", "io.evenkeel.name": "other-web",
        }});
        world.docker_run("other-web", &others).expect("it runs");
        world
            .docker_network_create(&json!({"Name": "theirs"}))
            .expect("made");
    });
    engine
}
