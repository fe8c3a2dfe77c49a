//! From a file's text to an engine that matches it.

use std::{
    collections::BTreeMap,
    io,
    path::{Path, PathBuf},
    time::Duration,
};

use evenkeel::{
    apply::{self, Limits, Outcome, Stop, Trouble},
    desired::{self, Desired},
    engine::{
        Act, look,
        simulated::{ImageSpec, Profile, Simulated},
    },
    live::Live,
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
            let errors = failure
                .problems
                .iter()
                .filter(|problem| problem.severity == spec::Severity::Error);
            let texts = errors.map(|problem| problem.text.clone());
            texts.collect::<Vec<_>>().join("\n")
        })
}

/// What an engine has.
pub async fn look_at<E: Act>(engine: &E, desired: &Desired) -> Result<Live, String> {
    let looked = look(engine, desired).await;
    looked
        .map(|looked| looked.live)
        .map_err(|error| error.to_string())
}

/// What a plan would do now.
pub async fn planned<E: Act>(engine: &E, desired: &Desired) -> Plan {
    let live = look_at(engine, desired).await.expect("the engine answers");
    plan(desired, &live, &Options::default())
}

/// The longest wait for one condition on an engine whose time does not take any.
pub const PATIENCE: Duration = Duration::from_mins(10);

/// Applies what a plan would do now, agreed to.
pub async fn converge<E: Act>(engine: &E, desired: &Desired) -> Result<Outcome, String> {
    converge_with(engine, desired, &Options::default(), PATIENCE).await
}

/// The same with a plan's options, and the longest wait for one condition.
pub async fn converge_with<E: Act>(
    engine: &E,
    desired: &Desired,
    options: &Options,
    wait: Duration,
) -> Result<Outcome, String> {
    let live = look_at(engine, desired).await?;
    let plan = plan(desired, &live, options);
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
        wait: Some(wait),
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
    attributes::all(&attributes::CONTAINER)
        .filter(|attribute| LEFT_OUT.iter().all(|(name, _)| *name != attribute.name))
        .collect()
}

/// Two that the engine refuses together.
const APART: &[(&str, &str)] = &[
    ("cpus", "cpu_period"),
    ("cpus", "cpu_quota"),
    ("networks", "network_mode"),
];

pub fn apart(names: &[&str]) -> bool {
    APART
        .iter()
        .any(|(one, other)| names.contains(one) && names.contains(other))
}

pub fn engine(profile: Profile) -> Simulated {
    let config = json!({
        "Env": ["PATH=/bin", "COLOR=red"], "Cmd": ["serve"], "Labels": {"from": "image"}, "WorkingDir": "/srv/",
        "ExposedPorts": {"80/tcp": {}}, "Volumes": {"/cache": {}},
        "Healthcheck": {"Test": ["CMD-SHELL", "true"], "Interval": 1_000_000_000},
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

/// How an apply ended that may be refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Settled {
    /// All of it was done, and the plan after it is empty.
    Yes,
    /// The plan or the engine refused it, in these words.
    Refused(String),
}

/// Applies a file on an empty engine; the plan after it is empty. `Err` says what was wrong, `Ok(false)` that the file or
/// its plan was refused, which a random one may be.
pub fn holds(profile: Profile, text: &str) -> Result<bool, String> {
    let Ok(wanted) = desired(text) else {
        return Ok(false);
    };
    let settled = runtime().block_on(settles(&engine(profile), &wanted, text))?;
    Ok(settled == Settled::Yes)
}

/// Applies what a file wants, on an engine that may have something already; the plan after it is empty.
pub async fn settles<E: Act>(engine: &E, wanted: &Desired, text: &str) -> Result<Settled, String> {
    settles_within(engine, wanted, text, PATIENCE).await
}

/// The same with the longest wait for one condition.
pub async fn settles_within<E: Act>(
    engine: &E,
    wanted: &Desired,
    text: &str,
    wait: Duration,
) -> Result<Settled, String> {
    let outcome = match converge_with(engine, wanted, &Options::default(), wait).await {
        Ok(outcome) => outcome,
        Err(why) => return Ok(Settled::Refused(why)),
    };
    if !outcome.is_complete() {
        let troubles = outcome
            .verdicts
            .iter()
            .filter_map(|verdict| match &verdict.trouble {
                Some(
                    Trouble::Failed(failure)
                    | Trouble::RolledBack(failure)
                    | Trouble::Paused(failure)
                    | Trouble::Continued(failure),
                ) => Some(format!("{}: {}", verdict.name, failure.text)),
                Some(Trouble::NotTried { .. } | Trouble::Stopped) | None => None,
            });
        return Ok(Settled::Refused(troubles.collect::<Vec<_>>().join("\n")));
    }
    let plan = planned(engine, wanted).await;
    if plan.is_empty() {
        Ok(Settled::Yes)
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

/// The number of the first random case: what the variable `EVENKEEL_FIRST` says, for another part of a long run, or for one
/// case again.
pub fn first_case() -> u32 {
    let said = std::env::var("EVENKEEL_FIRST").ok();
    said.and_then(|first| first.parse().ok()).unwrap_or(0)
}
