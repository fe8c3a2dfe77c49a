//! Each fault at each call: from every such point the next runs converge, and nothing is lost on the way.

use std::time::Duration;

use evenkeel::engine::simulated::{
    Allowed, Fault, ImageSpec, Simulated, Trigger, World, instances, violations,
};
use serde_json::json;

use crate::ground::{converge, desired, planned, runtime, told};

/// How many faultless runs may be needed: one puts things back, one goes on, one for good measure.
const RUNS: u32 = 3;

/// A foreign container, and what an earlier apply of the first file has made.
fn begin(first: Option<&str>) -> World {
    let engine =
        Simulated::new().with_image("app:1", ImageSpec::new(json!({"Volumes": {"/data": {}}})));
    runtime().block_on(async {
        engine
            .hands(|world| world.docker_run("foreign", &json!({"Image": "app:1"})))
            .expect("a foreign container");
        if let Some(first) = first {
            let wanted = desired(first).expect("sound");
            let outcome = converge(&engine, &wanted).await.expect("an apply");
            assert!(outcome.is_complete(), "{outcome:?}");
        }
        engine.world()
    })
}

/// Every fault at every call of one apply.
fn survives(first: Option<&str>, second: &str, keys: &[&str]) {
    let begun = begin(first);
    let calls = runtime().block_on(async {
        let engine = Simulated::of(begun.clone());
        let outcome = converge(&engine, &desired(second).expect("sound")).await;
        assert!(outcome.expect("an apply").is_complete());
        engine.count()
    });
    let mut faults = Vec::new();
    for number in 1..=calls {
        for fault in Fault::all() {
            if let Err(text) = one(&begun, second, number, &fault, keys) {
                faults.push(format!("{fault:?} at call {number}: {text}"));
            }
        }
    }
    assert!(
        faults.is_empty(),
        "{} faults, the first ones:\n{}",
        faults.len(),
        faults
            .iter()
            .take(5)
            .cloned()
            .collect::<Vec<_>>()
            .join("\n")
    );
}

fn one(
    begun: &World,
    second: &str,
    number: u64,
    fault: &Fault,
    keys: &[&str],
) -> Result<(), String> {
    let engine = Simulated::of(begun.clone());
    let wanted = desired(second)?;
    let lost = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
    let seen = std::sync::Arc::clone(&lost);
    let watched: Vec<String> = keys
        .iter()
        .filter(|key| !instances(begun, "shop", key).is_empty())
        .map(|key| (*key).to_owned())
        .collect();
    engine.on_call(move |world, call| {
        for key in &watched {
            if instances(world, "shop", key).is_empty() {
                let mut seen = seen.lock().expect("nobody panics here");
                seen.push(format!(
                    "neither an old nor a new {key} after {} {}",
                    call.name, call.target
                ));
            }
        }
    });
    engine.fault(Trigger::Call(number), fault.clone());
    runtime().block_on(async {
        // A killed program is one whose future is dropped: hours later nothing has come of it.
        let _ = tokio::time::timeout(Duration::from_hours(6), converge(&engine, &wanted)).await;
        engine.heal();
        let mut runs = 0;
        loop {
            let plan = planned(&engine, &wanted).await;
            if plan.is_empty() {
                break;
            }
            if runs == RUNS {
                let calls: Vec<String> = engine.writes();
                return Err(format!(
                    "not converged:\n{}\n{}",
                    told(&plan),
                    calls.join("\n")
                ));
            }
            runs += 1;
            converge(&engine, &wanted).await?;
        }
        let world = engine.world();
        let mut wrong = violations(&world, "shop", &Allowed::default());
        wrong.extend(
            lost.lock()
                .map_err(|error| error.to_string())?
                .iter()
                .cloned(),
        );
        let leftovers = world.containers.values().filter(|container| {
            container.name.ends_with(".prev") || container.name.ends_with(".next")
        });
        wrong.extend(leftovers.map(|container| format!("{} is left", container.name)));
        if wrong.is_empty() {
            Ok(())
        } else {
            Err(format!(
                "{}\n{}",
                wrong.join("\n"),
                engine.writes().join("\n")
            ))
        }
    })
}

const FIRST: &str = "project: shop
containers:
  db: { image: 'app:1', volumes: ['data:/var'] }
  web: { image: 'app:1', env: { COLOR: red }, depends_on: [db] }
volumes: { data: {} }
";

#[test]
fn a_first_apply() {
    survives(None, FIRST, &["db", "web"]);
}

#[test]
fn a_recreate() {
    survives(Some(FIRST), &FIRST.replace("red", "blue"), &["db", "web"]);
}

#[test]
fn a_recreate_that_starts_the_new_one_first() {
    let second = FIRST.replace(
        "COLOR: red }",
        "COLOR: blue }, update: { order: start-first }",
    );
    survives(Some(FIRST), &second, &["db", "web"]);
}

#[test]
fn a_change_in_place() {
    let second = FIRST.replace(
        "COLOR: red }",
        "COLOR: red }, restart: always, mem_limit: 64m",
    );
    survives(Some(FIRST), &second, &["db", "web"]);
}

#[test]
fn a_removal() {
    let second = "project: shop\ncontainers:\n  db: { image: 'app:1', volumes: ['data:/var'] }\nvolumes: { data: {} }\n";
    survives(Some(FIRST), second, &["db"]);
}
