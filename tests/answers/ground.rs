//! A file with many settings, and everything that an engine answers about it.

use std::{
    collections::BTreeMap,
    io,
    path::{Path, PathBuf},
};

use evenkeel::{
    apply::{self, Limits, Stop},
    desired::{self, Desired},
    engine::{
        Act, Observe, look,
        simulated::{ImageSpec, Profile, Simulated},
    },
    live::{Answers, Live, Other, labels},
    model::EngineInfo,
    plan::{Approved, Consent, Options, Plan, plan},
    spec,
};
use serde_json::{Map, Value, json};
use tokio::sync::watch;

/// Everything that goes together, over several containers.
pub const FILE: &str = include_str!("many.yaml");

/// What a file wants.
pub fn desired(text: &str) -> Desired {
    let read = |path: &Path| -> io::Result<Vec<u8>> {
        if path.ends_with("evenkeel.yaml") {
            Ok(text.as_bytes().to_vec())
        } else {
            Ok(b"content\n".to_vec())
        }
    };
    let files = [PathBuf::from("/srv/many/evenkeel.yaml")];
    let document = spec::parse(&spec::Inputs {
        files: &files,
        env_files: &[],
        variables: &BTreeMap::new(),
        base: Path::new("/"),
        profiles: &[],
        read: &read,
    });
    match document {
        Ok(document) => desired::resolve(&document),
        Err(failure) => {
            let texts = failure.problems.iter().map(|problem| problem.text.clone());
            panic!("{}", texts.collect::<Vec<_>>().join("\n"))
        }
    }
}

/// Applies a file; panics unless all of it was done and nothing is left to do.
pub async fn settle<E: Act>(engine: &E, wanted: &Desired) {
    let options = Options::default();
    let looked = look(engine, wanted).await.expect("the engine answers");
    let plan_now = plan(wanted, &looked.live, &options);
    let consent = Consent {
        plan: true,
        emptying: true,
    };
    let approved = Approved::new(plan_now, consent).expect("agreed to");
    let (_keep, stop) = watch::channel(Stop::No);
    let outcome = apply::apply(engine, &approved, &Limits::default(), stop, &|_| {}).await;
    let troubles: Vec<_> = outcome
        .verdicts
        .iter()
        .filter(|verdict| verdict.trouble.is_some())
        .collect();
    assert!(troubles.is_empty(), "{troubles:?}");
    let looked = look(engine, wanted).await.expect("the engine answers");
    assert_nothing_to_do(&plan(wanted, &looked.live, &options));
}

/// Panics with what a plan would do.
#[track_caller]
pub fn assert_nothing_to_do(plan: &Plan) {
    let steps = plan.steps.iter().map(|step| {
        let changes: Vec<String> = step
            .changes
            .iter()
            .map(|change| format!("{}: {:?} -> {:?}", change.path, change.before, change.after))
            .collect();
        format!(
            "{} {}: {}",
            step.action.word(),
            step.name,
            changes.join("; ")
        )
    });
    let steps: Vec<String> = steps.collect();
    let problems: Vec<&str> = plan
        .problems
        .iter()
        .map(|problem| problem.text.as_str())
        .collect();
    assert!(
        steps.is_empty() && !plan.has_errors(),
        "{}\n{}",
        steps.join("\n"),
        problems.join("\n")
    );
}

/// Everything that an engine answers about what a file wants, as one JSON value.
pub async fn captured<E: Observe>(engine: &E, wanted: &Desired) -> Value {
    let about = engine.about().await.expect("it says what it is");
    let list = engine.containers().await.expect("a list");
    let mut containers = Vec::new();
    let mut names = Map::new();
    for one in &list {
        names.insert(one.id.clone(), json!(one.names));
        if one.labels.get(labels::PROJECT) == Some(&wanted.project) {
            containers.push(engine.container(&one.id).await.expect("an inspect"));
        }
    }
    let mut images = Map::new();
    for reference in wanted.images.keys() {
        let image = engine.image(reference).await.expect("an image");
        images.insert(reference.clone(), image.unwrap_or_default());
    }
    json!({
        "api": [about.api.0, about.api.1],
        "podman": about.podman,
        "info": engine.info().await.expect("it says what it can"),
        "names": names,
        "containers": containers,
        "networks": engine.networks().await.expect("networks"),
        "volumes": engine.volumes().await.expect("volumes"),
        "images": images,
    })
}

/// What is, as those answers say it.
pub fn live(captured: &Value) -> Live {
    let values = |name: &str| captured[name].as_array().cloned().unwrap_or_default();
    let number = |index: usize| {
        let number = captured["api"][index].as_u64().unwrap_or(0);
        u32::try_from(number).unwrap_or(0)
    };
    let texts = |value: &Value| -> Vec<String> {
        let texts = value.as_array().into_iter().flatten();
        texts
            .filter_map(|text| Some(text.as_str()?.to_owned()))
            .collect()
    };
    let list = captured["names"].as_object().into_iter().flatten();
    let images = captured["images"].as_object().into_iter().flatten();
    Live::read(Answers {
        engine: EngineInfo {
            api: (number(0), number(1)),
            podman: captured["podman"] == true,
            info: captured.get("info").cloned(),
        },
        list: list
            .map(|(id, names)| Other {
                id: id.clone(),
                names: texts(names),
                ..Other::default()
            })
            .collect(),
        containers: values("containers"),
        networks: values("networks"),
        volumes: values("volumes"),
        images: images
            .map(|(reference, image)| (reference.clone(), image.clone()))
            .collect(),
        remote: BTreeMap::new(),
    })
}

/// What would be done about those answers.
pub fn planned(wanted: &Desired, captured: &Value) -> Plan {
    plan(wanted, &live(captured), &Options::default())
}

/// What runs the calls of a test.
pub fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime")
}

/// A simulated engine that has what the file wants.
pub fn settled(wanted: &Desired) -> Simulated {
    let rich = json!({
        "Env": ["PATH=/bin", "COLOR=red"], "Cmd": ["serve"], "Labels": {"from": "image"}, "WorkingDir": "/srv/",
        "ExposedPorts": {"80/tcp": {}}, "Volumes": {"/cache": {}},
        "Healthcheck": {"Test": ["CMD", "true"], "Interval": 1_000_000_000},
    });
    let engine = Simulated::with_profile(Profile::DOCKER_28_5)
        .with_image("busybox:latest", ImageSpec::default())
        .with_image("rich:1", ImageSpec::new(rich))
        .with_host_path("/etc/hosts")
        .with_host_path("/dev/null");
    runtime().block_on(settle(&engine, wanted));
    engine
}

/// Answers as the engine writes them, by path.
pub fn answers(engine: &Simulated, wanted: &Desired) -> Vec<(String, Value)> {
    runtime().block_on(async {
        let mut all = Vec::new();
        let mut list = Vec::new();
        for one in engine.containers().await.expect("a list") {
            let inspect = engine.container(&one.id).await.expect("an answer");
            let inspect = inspect.expect("a container");
            list.push(json!({
                "Id": one.id, "Names": one.names.iter().map(|name| format!("/{name}")).collect::<Vec<_>>(),
                "Image": "rich:1", "ImageID": "sha256:0", "Command": "serve", "Created": 1_700_000_000,
                "Ports": [{"IP": "0.0.0.0", "PrivatePort": 80, "PublicPort": 18_080, "Type": "tcp"}, {"PrivatePort": 81, "Type": "udp"}],
                "Labels": one.labels, "State": "running", "Status": "Up 1 second",
                "HostConfig": {"NetworkMode": "default"}, "NetworkSettings": {"Networks": {}}, "Mounts": [],
            }));
            all.push((format!("/containers/{}/json", one.id), inspect));
        }
        // One of the list is enough to be spoiled.
        all.push(("/containers/json".to_owned(), Value::from(list)));
        all.push(("/networks".to_owned(), engine.networks().await.expect("networks").into()));
        let volumes = engine.volumes().await.expect("volumes");
        all.push(("/volumes".to_owned(), json!({"Volumes": volumes, "Warnings": null})));
        all.push(("/info".to_owned(), engine.info().await.expect("an info")));
        for reference in wanted.images.keys() {
            let image = engine.image(reference).await.expect("an answer");
            all.push((format!("/images/{reference}/json"), image.unwrap_or_default()));
        }
        all
    })
}
