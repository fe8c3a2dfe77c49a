//! Specifications over the whole vocabulary against a real engine: the one that `EVENKEEL_LAB_KIND` names.

use std::{
    collections::BTreeSet,
    sync::{
        Mutex,
        atomic::{AtomicU32, Ordering},
    },
    thread,
    time::Duration,
};

use evenkeel::{
    engine::docker::{Docker, Host},
    plan::Options,
};
use evenkeel_lab::{Can, Engine, Filter, ImageSpec, Kind};
use serde_json::Value;
use tokio::runtime::{self, Runtime};

use crate::{
    ground::{cases, converge, converge_with, desired, first_case, planned, told, vocabulary},
    law::{Case, Held, smallest},
    random::{case, tell_refusals},
    specification::Specification,
    values::each,
};

/// How many cases are tried at the same time. Four keep two cores busy, and as many again may wait for what takes its time.
const AT_ONCE: usize = 8;

/// The longest wait for one condition: most of what random containers run never ends, and is never healthy.
const WAIT: Duration = Duration::from_secs(10);

/// One file in so many wants its containers to run: a start takes twenty times as long as a creation.
const RUNNING: usize = 16;

/// What the cases of one run said.
#[derive(Default)]
struct Tally {
    distinct: BTreeSet<Specification>,
    both: u32,
    refusals: Vec<String>,
    faults: Vec<String>,
}

impl Tally {
    /// Whether so many different files were taken, or it is not worth going on.
    fn is_enough(&self, wanted: usize) -> bool {
        // Of random files some are refused, by a check, by the plan or by the engine, but never most of them.
        self.distinct.len() >= wanted || self.faults.len() > 9 || self.refusals.len() > wanted + 100
    }
}

/// How many different files the real engine takes in every check: a minute's worth. `EVENKEEL_CASES` asks for more.
const USUAL: u32 = 300;

#[test]
fn random_ones_and_one_change_of_each() {
    // Each network of each case is some thirty calls of `iptables`, more than all else together, and no answer shows them.
    let engine = Engine::start_with(Kind::wanted(), Filter::Untouched);
    images(&engine);
    let wanted = cases(USUAL) as usize;
    let next = AtomicU32::new(first_case());
    let tally = Mutex::new(Tally::default());
    thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                let client = Client::of(&engine);
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if tally.lock().expect("no panic").is_enough(wanted) {
                        break;
                    }
                    one(&client, number, &tally);
                }
            });
        }
    });
    let tally = tally.into_inner().expect("no panic");
    tell_refusals(&tally.refusals);
    assert!(
        tally.faults.is_empty(),
        "{} faults on {}:\n{}",
        tally.faults.len(),
        engine.kind(),
        tally.faults.join("\n\n")
    );
    assert!(
        tally.distinct.len() >= wanted && tally.both as usize * 2 >= wanted,
        "{} specifications were taken, and {} changes of them; {} were refused",
        tally.distinct.len(),
        tally.both,
        tally.refusals.len()
    );
}

/// What an engine refuses of [`each_value`], without the image, and why.
const REFUSED: &[(&str, &str)] = &[("entrypoint-3", "one empty word is nothing to run")];
const REFUSED_BY_PODMAN: &[(&str, &str)] = &[("logging-3", "it has no driver `local`")];

/// What a plan for Podman refuses before anything is made, as a test of its own shows.
const UNPLANNED_ON_PODMAN: &[&str] = &["links", "external_links"];

/// A file in which each container says one thing.
fn each_value(project: &str, kind: Kind) -> String {
    let mut text = format!(
        "project: {project}\ncontainers:\n  db: {{ image: 'busybox:latest', container_name: {project}-db, state: created }}\n"
    );
    for attribute in vocabulary() {
        if !kind.is_docker() && UNPLANNED_ON_PODMAN.contains(&attribute.name) {
            continue;
        }
        for (index, value) in each(attribute).iter().enumerate() {
            for (image, short) in [("busybox:latest", "b"), ("rich:1", "r")] {
                let key = format!("{}-{index}-{short}", attribute.name);
                let name = match attribute.name {
                    "container_name" => format!("{project}-{value}-{short}"),
                    _ => format!("{project}-{key}"),
                };
                let says = match attribute.name {
                    "container_name" => String::new(),
                    // Both would publish the same ports.
                    "ports" if short == "r" => continue,
                    _ => format!("{}: {value}, ", attribute.name),
                };
                // Alone it is refused.
                let more = if attribute.name == "memswap_limit" {
                    "memory: 64m, "
                } else {
                    ""
                };
                let value = says
                    .replace("legacy-db", &format!("{project}-db"))
                    .replace("18080-18082", "19080-19082");
                let container = format!(
                    "  {key}: {{ image: '{image}', container_name: '{name}', {value}{more}state: created }}\n"
                );
                // Some can only be refused.
                let alone = format!(
                    "project: {project}\ncontainers:\n  db: {{ image: x }}\n{container}{OBJECTS}"
                );
                if desired(&alone).is_ok() {
                    text.push_str(&container);
                }
            }
        }
    }
    text + OBJECTS
}

const OBJECTS: &str = "networks: { front: { ipam: { config: [{ subnet: 10.213.0.0/24 }] } }, back: {} }\nvolumes: { data: {}, more: {} }\n";

#[test]
fn each_value_alone() {
    let engine = Engine::shared();
    images(engine);
    let file = each_value("each", engine.kind());
    let wanted = desired(&file).expect("each of them is sound");
    let client = Client::of(engine);
    client.runtime.block_on(async {
        let docker = &client.docker;
        let outcome = converge(docker, &wanted).await.expect("no conflicts");
        let refused: BTreeSet<&str> = outcome
            .verdicts
            .iter()
            .filter(|verdict| verdict.trouble.is_some())
            .map(|verdict| verdict.name.as_str())
            .collect();
        let mut plan = planned(docker, &wanted).await;
        plan.steps
            .retain(|step| !refused.contains(step.name.as_str()));
        assert!(plan.is_empty(), "on {}:\n{}", engine.kind(), told(&plan));
        let mut expected = REFUSED.to_vec();
        if !engine.kind().is_docker() {
            expected.extend(REFUSED_BY_PODMAN);
        }
        let expected: BTreeSet<String> = expected
            .iter()
            .flat_map(|(what, _)| ["b", "r"].map(|image| format!("each-{what}-{image}")))
            .collect();
        let found: BTreeSet<String> = refused.iter().map(|name| (*name).to_owned()).collect();
        assert_eq!(found, expected, "{:?}", outcome.verdicts);
        for container in containers(engine, "each") {
            let path = format!("/containers/{}?force=1", text(&container["Id"]));
            let _ = engine.call("DELETE", &path, None);
        }
    });
}

/// The images that files name.
fn images(engine: &Engine) {
    engine.image("busybox:latest", &ImageSpec::idle());
    let rich = ImageSpec {
        cmd: vec!["serve".into()],
        env: vec!["COLOR=red".into()],
        labels: vec!["from=image".into()],
        workdir: Some("/srv".into()),
        expose: vec!["80/tcp".into()],
        volumes: vec!["/cache".into()],
        healthcheck: engine
            .kind()
            .can(Can::ImportHealthCheck)
            .then(|| "--interval=1s CMD true".into()),
        ..ImageSpec::default()
    };
    engine.image("rich:1", &rich);
}

/// What one thread asks an engine with, case after case.
struct Client<'a> {
    engine: &'a Engine,
    docker: Docker,
    runtime: Runtime,
}

impl<'a> Client<'a> {
    fn of(engine: &'a Engine) -> Self {
        let host = Host::read(Some(&engine.host())).expect("an address");
        let runtime = runtime::Builder::new_current_thread().enable_all().build();
        Self {
            engine,
            docker: Docker::new(host),
            runtime: runtime.expect("a runtime"),
        }
    }
}

fn one(client: &Client<'_>, number: u32, tally: &Mutex<Tally>) {
    let engine = client.engine;
    let run = |case: &Case| {
        client.runtime.block_on(async {
            let held = case.run(&client.docker, WAIT).await;
            let left = containers(engine, &case.project);
            if case.before.state == "running" {
                // Whoever ends ends by itself elsewhere.
                for container in &left {
                    let path = format!("/containers/{}?force=1", text(&container["Id"]));
                    let _ = engine.call("DELETE", &path, None);
                }
            }
            leave(&client.docker, case).await?;
            // Those without a name stay, and the next cases' lists would be longer and longer.
            let mounts = left.iter().filter_map(|one| one["Mounts"].as_array());
            for mount in mounts.flatten().filter(|mount| mount["Type"] == "volume") {
                let path = format!("/volumes/{}", text(&mount["Name"]));
                let _ = engine.call("DELETE", &path, None);
            }
            held
        })
    };
    let case = case(number, format!("r{number}"), RUNNING);
    let said = run(&case);
    let said =
        said.map_err(|fault| format!("case {number}: {}", smallest(case.clone(), fault, 40, run)));
    let mut tally = tally.lock().expect("no panic");
    match said {
        Ok(Held::Both) => {
            tally.both += 1;
            tally.distinct.insert(case.before);
        }
        Ok(Held::First(why)) => {
            tally.refusals.push(why.replace(&case.project, "shop"));
            tally.distinct.insert(case.before);
        }
        Ok(Held::Refused(why)) => tally.refusals.push(why.replace(&case.project, "shop")),
        Err(fault) => tally.faults.push(fault),
    }
}

/// A project's containers, as the engine lists them.
fn containers(engine: &Engine, project: &str) -> Vec<Value> {
    let filter = format!("%7B%22label%22%3A%5B%22io.evenkeel.project%3D{project}%22%5D%7D");
    let listed = engine.get(&format!("/containers/json?all=1&filters={filter}"));
    listed.as_array().cloned().unwrap_or_default()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// Removes all that a case made; that is what a plan for an empty file does.
async fn leave(docker: &Docker, case: &Case) -> Result<(), String> {
    let text = format!("project: {}\ncontainers: {{}}\n", case.project);
    let nothing = desired(&text)?;
    let volumes = ["data", "more"].map(|key| format!("{}_{key}", case.project));
    let options = Options {
        remove_volumes: volumes.into_iter().collect(),
        ..Options::default()
    };
    let outcome = converge_with(docker, &nothing, &options, WAIT).await?;
    if outcome.is_complete() {
        Ok(())
    } else {
        let (before, after) = case.texts();
        Err(format!(
            "{before}\nbecomes\n{after}\nand cannot be removed: {:?}",
            outcome.verdicts
        ))
    }
}
