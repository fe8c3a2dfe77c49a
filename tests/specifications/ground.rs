//! From a file's text to an engine that matches it.

use std::{
    collections::BTreeMap,
    io,
    path::{Path, PathBuf},
    time::Duration,
};

use evenkeel::{
    apply::{self, Limits, Outcome, Stop},
    desired::{self, Desired},
    engine::{
        look,
        simulated::{ImageSpec, Profile, Simulated},
    },
    model::{Attribute, attributes},
    plan::{Approved, Consent, Options, Plan, plan},
    spec,
};
use serde_json::json;
use tokio::sync::watch;

/// What a file wants; the error is every problem's text.
pub fn desired(text: &str) -> Result<Desired, String> {
    let read = |path: &Path| -> io::Result<Vec<u8>> {
        if path.ends_with("evenkeel.yaml") {
            Ok(text.as_bytes().to_vec())
        } else if path.extension().is_some_and(|ending| ending == "env") {
            Ok(b"FROM_FILE=1\n".to_vec())
        } else {
            Ok(b"content\n".to_vec())
        }
    };
    let files = [PathBuf::from("/srv/shop/evenkeel.yaml")];
    let document = spec::parse(&spec::Inputs {
        files: &files,
        env_files: &[],
        variables: &BTreeMap::new(),
        base: std::path::Path::new("/"),
        profiles: &["debug".to_owned()],
        read: &read,
    });
    document
        .map(|document| desired::resolve(&document))
        .map_err(|failure| {
            let texts = failure.problems.iter().map(|problem| problem.text.clone());
            texts.collect::<Vec<_>>().join("\n")
        })
}

/// What a plan would do now.
pub async fn planned(engine: &Simulated, desired: &Desired) -> Plan {
    let looked = look(engine, desired).await.expect("the engine answers");
    plan(desired, &looked.live, &Options::default())
}

/// Applies what a plan would do now, agreed to.
pub async fn converge(engine: &Simulated, desired: &Desired) -> Result<Outcome, String> {
    let looked = look(engine, desired)
        .await
        .map_err(|error| error.to_string())?;
    let plan = plan(desired, &looked.live, &Options::default());
    if plan.has_errors() {
        let texts: Vec<String> = plan
            .problems
            .iter()
            .map(|problem| problem.text.clone())
            .collect();
        return Err(texts.join("\n"));
    }
    let consent = Consent {
        plan: true,
        emptying: true,
    };
    let approved = Approved::new(plan, consent).map_err(|refusal| refusal.to_string())?;
    let (_keep, stop) = watch::channel(Stop::No);
    let limits = Limits {
        wait: Some(Duration::from_mins(10)),
        ..Limits::default()
    };
    Ok(apply::apply(engine, &approved, &limits, stop, &|_| {}).await)
}

/// A plan in a line or two each step, for a failed test.
pub fn told(plan: &Plan) -> String {
    let steps = plan.steps.iter().map(|step| {
        let changes = step.changes.iter().map(|change| {
            format!(
                "    {}: {:?} -> {:?} ({:?}, {:?})",
                change.path, change.before, change.after, change.cause, change.way
            )
        });
        let changes: Vec<String> = changes.collect();
        format!(
            "  {:?} {} ({})\n{}",
            step.action,
            step.name,
            step.reason,
            changes.join("\n")
        )
    });
    let problems = plan
        .problems
        .iter()
        .map(|problem| format!("  problem: {}", problem.text));
    steps.chain(problems).collect::<Vec<_>>().join("\n")
}

/// A runtime whose time does not take any.
pub fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .expect("a runtime")
}

/// Attributes whose example is about something that this test does not have, and why.
const LEFT_OUT: &[(&str, &str)] = &[
    ("image", "every container has one"),
    ("build", "an image that is built is another test's"),
    ("extends", "takes another container along"),
    ("replicas", "goes with neither names nor host ports"),
    ("credential_spec", "is refused"),
    ("state", "is chosen with care below"),
    ("platform", "is the image's"),
    ("pull_policy", "is the image's"),
];

/// Every attribute of a container that a random specification may have, as YAML.
pub fn vocabulary() -> Vec<&'static Attribute> {
    attributes::all(attributes::CONTAINER)
        .filter(|attribute| LEFT_OUT.iter().all(|(name, _)| *name != attribute.name))
        .collect()
}

/// Two that the engine refuses together.
const APART: &[(&str, &str)] = &[("cpus", "cpu_period"), ("cpus", "cpu_quota")];

pub fn apart(names: &[&str]) -> bool {
    APART
        .iter()
        .any(|(one, other)| names.contains(one) && names.contains(other))
}

pub fn engine(profile: Profile) -> Simulated {
    let config = json!({
        "Env": ["PATH=/bin", "COLOR=red"], "Cmd": ["serve"], "Labels": {"from": "image"}, "WorkingDir": "/srv/",
        "ExposedPorts": {"80/tcp": {}}, "Volumes": {"/cache": {}},
        "Healthcheck": {"Test": ["CMD", "true"], "Interval": 1_000_000_000},
    });
    Simulated::with_profile(profile)
        .with_image("busybox:latest", ImageSpec::default())
        .with_image("rich:1", ImageSpec::new(config))
        .with_host_path("/srv/shop")
        .with_host_path("/etc/app")
        .with_host_path("/run/docker.sock")
        .with_host_path("/var/run/docker.sock")
}

pub fn file(containers: &BTreeMap<String, Vec<(&str, String)>>) -> String {
    use std::fmt::Write as _;
    let mut text = String::from(
        "project: shop\ncontainers:\n  db: { image: busybox, healthcheck: { test: [CMD, 'true'], interval: 1s } }\n  legacy-db: { image: busybox }\n",
    );
    for (name, settings) in containers {
        let _ = writeln!(text, "  {name}:");
        for (attribute, value) in settings {
            let _ = writeln!(text, "    {attribute}: {value}");
        }
    }
    text
}

/// Applies a file on an empty engine; the plan after it is empty. `Err` says what was wrong, `Ok(false)` that the file or
/// its plan was refused, which a random one may be.
pub fn holds(profile: Profile, text: &str) -> Result<bool, String> {
    let Ok(wanted) = desired(text) else {
        return Ok(false);
    };
    runtime().block_on(settles(&engine(profile), &wanted, text))
}

/// The same on an engine that may have something already.
pub async fn settles(engine: &Simulated, wanted: &Desired, text: &str) -> Result<bool, String> {
    let Ok(outcome) = converge(engine, wanted).await else {
        return Ok(false);
    };
    if !outcome.is_complete() {
        let verdicts = outcome.verdicts.iter();
        let troubles: Vec<String> = verdicts
            .filter_map(|verdict| {
                let trouble = verdict.trouble.as_ref()?;
                Some(format!("{}: {trouble:?}", verdict.name))
            })
            .collect();
        return Err(format!(
            "{text}\ncannot be applied:\n{}",
            troubles.join("\n")
        ));
    }
    let plan = planned(engine, wanted).await;
    if plan.is_empty() {
        Ok(true)
    } else {
        Err(format!("{text}\nis planned again:\n{}", told(&plan)))
    }
}

/// The engines whose answers are simulated.
pub const PROFILES: &[Profile] = &[
    Profile::DOCKER_20_10,
    Profile::DOCKER_26_1,
    Profile::DOCKER_28_5,
];

/// How many random cases a test tries: what the variable `EVENKEEL_CASES` says, for a long run.
pub fn cases(usual: u32) -> u32 {
    let said = std::env::var("EVENKEEL_CASES").ok();
    said.and_then(|cases| cases.parse().ok()).unwrap_or(usual)
}
