//! Two processes that apply different files to one engine at the same time, as two hosts do that share no lock. Which of
//! the two wins is chance; nothing is lost whoever does.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use evenkeel::{
    apply::{Limits, Stop, apply},
    engine::simulated::{
        Allowed, Behaviour, Delays, ImageSpec, Simulated, instances, violations_since,
    },
    plan::{Approved, Consent},
};
use serde_json::json;

use crate::{
    chance::Chance,
    house::{converges, planned},
};

/// How many orders of calls are tried: about 40 ms each.
const SEEDS: u64 = 200;

/// A container that is replaced, with one that stays.
fn file(chance: &mut Chance, which: u64) -> String {
    let image = chance.pick(&["app:1", "app:2", "app:3", "bad:1", "well:1"]);
    let order = chance.pick(&["stop-first", "start-first"]);
    // Only one at a time may have the volume.
    let volumes = if order == "stop-first" {
        "'data:/data'"
    } else {
        ""
    };
    let restart = chance.pick(&["no", "always"]);
    format!(
        "project: shop\nvolumes: {{ data: {{}} }}\ncontainers:\n  web: {{ image: '{image}', restart: '{restart}', env: {{ WHICH: '{which}' }}, volumes: [{volumes}], update: {{ order: {order} }} }}\n  db: {{ image: 'app:1' }}\n"
    )
}

fn engine(chance: &mut Chance) -> Simulated {
    let mut time = |most: u64| Duration::from_millis(1 + chance.below(most));
    let delays = Delays {
        read: time(30),
        create: time(60),
        start: time(200),
        stop: time(200),
        pull: time(20),
        write: time(60),
    };
    let check = json!({"Healthcheck": {"Test": ["CMD", "true"], "Interval": 1_000_000_000}});
    Simulated::new()
        .with_image("app:1", ImageSpec::default())
        .with_image("app:2", ImageSpec::default().build(2))
        .with_image("app:3", ImageSpec::default().build(3))
        .with_image("well:1", ImageSpec::new(check))
        .with_image(
            "bad:1",
            ImageSpec::default().behaving(Behaviour::exits(3, Duration::from_millis(700))),
        )
        .with_delays(delays)
}

/// One process: looks, waits for as long as chance wants, and applies what it planned.
async fn process(engine: &Simulated, file: &str, waits: (Duration, Duration)) {
    tokio::time::sleep(waits.0).await;
    let plan = planned(engine, file).await;
    tokio::time::sleep(waits.1).await;
    let consent = Consent {
        plan: true,
        emptying: false,
    };
    let Ok(plan) = Approved::new(plan, consent) else {
        return;
    };
    let (_running, stop) = tokio::sync::watch::channel(Stop::No);
    apply(engine, &plan, &Limits::default(), stop, &|_| {}).await;
}

async fn case(seed: u64) {
    let mut chance = Chance::of(seed);
    let engine = engine(&mut chance);
    let mut pause = || Duration::from_millis(chance.below(3000));
    let waits = [(pause(), pause()), (pause(), pause())];
    let first = "project: shop\nvolumes: { data: {} }\ncontainers: { web: { image: 'app:1', volumes: ['data:/data'] }, db: { image: 'app:1' } }\n";
    converges(&engine, first, "the first apply").await;
    let broken = Arc::new(Mutex::new((0, BTreeSet::new(), Vec::new())));
    let watching = Arc::clone(&broken);
    engine.on_call(move |world, call| {
        let mut broken = watching.lock().unwrap_or_else(PoisonError::into_inner);
        let (looked, wrong, story) = &mut *broken;
        if call.writes {
            story.push(format!("{} {} {:?}", call.name, call.target, call.ending));
        }
        wrong.extend(violations_since(
            world,
            "shop",
            &Allowed::default(),
            *looked,
        ));
        *looked = world.changes.len();
        for key in ["web", "db"] {
            if instances(world, "shop", key).is_empty() {
                wrong.insert(format!("nothing is left of {key}"));
            }
        }
    });
    let files = [file(&mut chance, 1), file(&mut chance, 2)];
    tokio::join!(
        process(&engine, &files[0], waits[0]),
        process(&engine, &files[1], waits[1])
    );
    {
        let broken = broken.lock().unwrap_or_else(PoisonError::into_inner);
        assert!(
            broken.1.is_empty(),
            "seed {seed}: {:?}\n{}\n{}",
            broken.1,
            files.join("\n"),
            broken.2.join("\n")
        );
    }
    let last = files[1].replace("bad:1", "app:2");
    converges(&engine, &last, &format!("seed {seed}")).await;
}

#[test]
fn two_at_once_lose_nothing() {
    let mut failed = Vec::new();
    for seed in 0..SEEDS {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()
            .expect("a runtime");
        let run = std::panic::AssertUnwindSafe(|| runtime.block_on(case(seed)));
        if std::panic::catch_unwind(run).is_err() {
            failed.push(seed);
        }
    }
    assert!(failed.is_empty(), "these seeds fail: {failed:?}");
}
