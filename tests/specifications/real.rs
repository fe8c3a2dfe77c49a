//! Specifications over the whole vocabulary against a real engine: the one that `EVENKEEL_LAB_KIND` names.

use std::{
    collections::BTreeSet,
    sync::{
        Mutex,
        atomic::{AtomicU32, Ordering},
    },
    thread,
};

use evenkeel::{
    engine::docker::{Docker, Host},
    plan::Options,
};
use evenkeel_lab::{Engine, ImageSpec};

use crate::{
    ground::{cases, converge, converge_with, desired, first_case, planned, told, vocabulary},
    law::{Case, Held, smallest},
    random::{case, tell_refusals},
    values::each,
};

/// How many cases are tried at the same time. An engine on two cores is no faster with more.
const AT_ONCE: usize = 4;

/// One file in so many wants its containers to run: a start takes twenty times as long as a creation.
const RUNNING: usize = 16;

/// What the cases of one run said.
#[derive(Default)]
struct Tally {
    distinct: BTreeSet<String>,
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
const USUAL: u32 = 120;

#[test]
fn random_ones_and_one_change_of_each() {
    let engine = engine();
    let wanted = cases(USUAL) as usize;
    let next = AtomicU32::new(first_case());
    let tally = Mutex::new(Tally::default());
    thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if tally.lock().expect("no panic").is_enough(wanted) {
                        break;
                    }
                    one(engine, number, &tally);
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

/// A file in which each container says one thing.
fn each_value(project: &str) -> String {
    let mut text = format!(
        "project: {project}\ncontainers:\n  db: {{ image: 'busybox:latest', container_name: {project}-db, state: created }}\n"
    );
    for attribute in vocabulary() {
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
    let engine = engine();
    let text = each_value("each");
    let wanted = desired(&text).expect("each of them is sound");
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        let host = Host::read(Some(&engine.host())).expect("an address");
        let docker = Docker::new(host);
        let outcome = converge(&docker, &wanted).await.expect("no conflicts");
        let refused: BTreeSet<&str> = outcome
            .verdicts
            .iter()
            .filter(|verdict| verdict.trouble.is_some())
            .map(|verdict| verdict.name.as_str())
            .collect();
        let mut plan = planned(&docker, &wanted).await;
        plan.steps
            .retain(|step| !refused.contains(step.name.as_str()));
        if std::env::var_os("EVENKEEL_TELL").is_some() {
            for verdict in &outcome.verdicts {
                if let Some(trouble) = &verdict.trouble {
                    eprintln!("{}: {trouble:?}", verdict.name);
                }
            }
        }
        assert!(plan.is_empty(), "on {}:\n{}", engine.kind(), told(&plan));
        assert!(
            refused.len() * 6 < wanted.containers.len(),
            "too many are refused: {refused:?}"
        );
        for container in containers(engine, "each") {
            let path = format!("/containers/{container}?force=1");
            let _ = engine.call("DELETE", &path, None);
        }
    });
}

/// The engine, with the images that files name.
fn engine() -> &'static Engine {
    let engine = Engine::shared();
    engine.image("busybox:latest", &ImageSpec::idle());
    let rich = ImageSpec {
        cmd: vec!["serve".into()],
        env: vec!["COLOR=red".into()],
        labels: vec!["from=image".into()],
        workdir: Some("/srv".into()),
        expose: vec!["80/tcp".into()],
        volumes: vec!["/cache".into()],
        // Podman knows no health check in what an import says.
        healthcheck: engine
            .kind()
            .is_docker()
            .then(|| "--interval=1s CMD true".into()),
        ..ImageSpec::default()
    };
    engine.image("rich:1", &rich);
    engine
}

fn one(engine: &Engine, number: u32, tally: &Mutex<Tally>) {
    let run = |case: &Case| {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime");
        runtime.block_on(async {
            let host = Host::read(Some(&engine.host())).expect("an address");
            let docker = Docker::new(host);
            let held = case.run(&docker).await;
            if case.before.state == "running" {
                // Whoever ends ends by itself elsewhere.
                for container in containers(engine, &case.project) {
                    let path = format!("/containers/{container}?force=1");
                    let _ = engine.call("DELETE", &path, None);
                }
            }
            leave(&docker, case).await?;
            held
        })
    };
    let case = case(number, format!("r{number}"), RUNNING);
    let said = run(&case);
    let said =
        said.map_err(|fault| format!("case {number}: {}", smallest(case.clone(), fault, 40, run)));
    let (before, _) = case.texts();
    let before = before.replace(&case.project, "shop");
    let mut tally = tally.lock().expect("no panic");
    match said {
        Ok(Held::Both) => {
            tally.both += 1;
            tally.distinct.insert(before);
        }
        Ok(Held::First(why)) => {
            tally.refusals.push(why.replace(&case.project, "shop"));
            tally.distinct.insert(before);
        }
        Ok(Held::Refused(why)) => tally.refusals.push(why.replace(&case.project, "shop")),
        Err(fault) => tally.faults.push(fault),
    }
}

/// The ids of a project's containers.
fn containers(engine: &Engine, project: &str) -> Vec<String> {
    let filter = format!("%7B%22label%22%3A%5B%22io.evenkeel.project%3D{project}%22%5D%7D");
    let listed = engine.get(&format!("/containers/json?all=1&filters={filter}"));
    let ids = listed.as_array().into_iter().flatten();
    ids.filter_map(|one| Some(one["Id"].as_str()?.to_owned()))
        .collect()
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
    let outcome = converge_with(docker, &nothing, &options).await?;
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
