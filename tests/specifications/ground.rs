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
    engine::{look, simulated::Simulated},
    plan::{Approved, Consent, Options, Plan, plan},
    spec,
};
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
