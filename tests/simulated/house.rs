//! A file, an engine, and the way from one to the other.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    time::Duration,
};

use evenkeel::{
    apply::{Limits, Outcome, Stop, Trouble, apply},
    desired::{Desired, resolve},
    engine::{
        look,
        simulated::{Allowed, Simulated, World, violations},
    },
    plan::{Approved, Consent, Options, Plan, plan},
    spec::{Inputs, parse},
};

/// Longer than any apply here takes, of virtual time: what takes longer hangs.
const KILLED_AFTER: Duration = Duration::from_hours(2);

/// What a file says.
pub fn desired(file: &str) -> Desired {
    let path = [PathBuf::from("/x/evenkeel.yaml")];
    let read = |_: &Path| Ok(file.as_bytes().to_vec());
    let document = parse(&Inputs {
        files: &path,
        env_files: &[],
        variables: &BTreeMap::new(),
        base: Path::new("/"),
        profiles: &[],
        read: &read,
    });
    match document {
        Ok(document) => resolve(&document),
        Err(failure) => panic!("{file}: {:?}", failure.problems),
    }
}

/// The plan for a file.
pub async fn planned(engine: &Simulated, file: &str) -> Plan {
    let desired = desired(file);
    let looked = look(engine, &desired).await.expect("the engine answers");
    plan(&desired, &looked.live, &Options::default())
}

/// Plans and applies once, until the end or until the program is killed: `None`.
pub async fn applied(engine: &Simulated, file: &str) -> Option<Outcome> {
    let (_running, stop) = tokio::sync::watch::channel(Stop::No);
    applied_until(engine, file, stop).await
}

/// The same with somebody who can stop it.
pub async fn applied_until(
    engine: &Simulated,
    file: &str,
    stop: tokio::sync::watch::Receiver<Stop>,
) -> Option<Outcome> {
    let plan = planned(engine, file).await;
    let errors: Vec<_> = plan.problems.iter().map(|problem| &problem.text).collect();
    assert!(!plan.has_errors(), "{errors:?}");
    let consent = Consent {
        plan: true,
        emptying: true,
    };
    let approved = Approved::new(plan, consent).expect("agreed to");
    let limits = Limits::default();
    let run = apply(engine, &approved, &limits, stop, &|_| {});
    tokio::time::timeout(KILLED_AFTER, run).await.ok()
}

/// The numbers of the calls that an apply makes after its look, from a state of an engine on.
pub async fn calls_of(world: &World, file: &str) -> std::ops::RangeInclusive<u64> {
    let looks = Simulated::of(world.clone());
    planned(&looks, file).await;
    let whole = Simulated::of(world.clone());
    applied(&whole, file).await.expect("it ends");
    assert!(whole.count() > looks.count(), "nothing was done");
    looks.count() + 1..=whole.count()
}

/// Applies a file that can be applied, and finds the plan empty after it.
pub async fn settled(engine: &Simulated, file: &str) {
    let outcome = applied(engine, file).await.expect("it ends");
    assert!(outcome.is_complete(), "{outcome:#?}");
    is_settled(engine, file).await;
}

/// Whether there is nothing left to do, and nothing was done that may not be.
pub async fn is_settled(engine: &Simulated, file: &str) {
    let left = planned(engine, file).await;
    assert!(left.is_empty(), "{:#?}", left.steps);
    let names = names(engine);
    assert!(
        !names
            .iter()
            .any(|name| matches!(name.rsplit_once('.'), Some((_, "prev" | "next")))),
        "{names:?}"
    );
    engine.look(|world| {
        let found = violations(world, "shop", &Allowed::default());
        assert!(found.is_empty(), "{found:?}");
    });
}

/// Applies without faults until nothing is left to do, three times at most.
pub async fn converges(engine: &Simulated, file: &str, what: &str) {
    engine.heal();
    let mut last = None;
    for _ in 0..3 {
        if planned(engine, file).await.is_empty() {
            return is_settled(engine, file).await;
        }
        last = applied(engine, file).await;
    }
    let left = planned(engine, file).await;
    assert!(left.is_empty(), "{what}: {:#?}\n{last:#?}", left.steps);
    is_settled(engine, file).await;
}

/// The names of all containers.
pub fn names(engine: &Simulated) -> Vec<String> {
    engine.look(|world| {
        let mut names: Vec<String> = world
            .containers
            .values()
            .map(|container| container.name.clone())
            .collect();
        names.sort();
        names
    })
}

/// What a container is doing, in the engine's word.
pub fn status(engine: &Simulated, name: &str) -> String {
    inspect(engine, name)["State"]["Status"]
        .as_str()
        .unwrap_or("gone")
        .to_owned()
}

/// An inspect of a container.
pub fn inspect(engine: &Simulated, name: &str) -> serde_json::Value {
    engine.look(|world| world.inspect_container(name).unwrap_or_default())
}

/// Whether a container has a variable.
pub fn has_variable(engine: &Simulated, name: &str, entry: &str) -> bool {
    inspect(engine, name)["Config"]["Env"]
        .as_array()
        .is_some_and(|env| env.iter().any(|found| found == entry))
}

/// What became of the step of a thing.
pub fn trouble<'a>(outcome: &'a Outcome, name: &str) -> &'a Trouble {
    outcome
        .verdicts
        .iter()
        .filter(|verdict| verdict.name == name)
        .find_map(|verdict| verdict.trouble.as_ref())
        .unwrap_or_else(|| panic!("nothing went wrong with {name}: {outcome:#?}"))
}
