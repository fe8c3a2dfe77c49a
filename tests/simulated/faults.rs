//! Each fault at each single call, in turn: from every such point the next runs finish the job, nothing that is not ours is
//! touched, and a container that was there is there all the time, the old one or the new one.

use std::time::Duration;

use evenkeel::{
    apply::{Trouble, Verdict},
    engine::simulated::{Behaviour, Fault, ImageSpec, Simulated, Trigger, World, instances},
};
use serde_json::json;

use crate::house::{applied, calls_of, converges, planned, settled, status};

/// From one file to another, with a fault at each call of the apply in between.
async fn from_every_point(engine: Simulated, before: &str, after: &str, good: &str) {
    settled(&engine, before).await;
    let world = engine.world();
    let first = planned(&engine, after).await;
    assert!(!first.is_empty(), "there is nothing to do");
    let calls = calls_of(&world, after).await;
    for call in calls.clone() {
        for fault in Fault::all() {
            let what = format!("{fault:?} at call {call} of {calls:?}");
            let engine = Simulated::of(world.clone());
            let keys = keys(&world);
            let said = what.clone();
            engine.on_call(move |world, made| {
                for key in &keys {
                    assert!(
                        !instances(world, "shop", key).is_empty(),
                        "{said}: nothing is left of {key} after {} {}",
                        made.name,
                        made.target
                    );
                }
            });
            engine.fault(Trigger::Call(call), fault);
            // It may end well, or fail, or be killed. What says that it was rolled back is as it was.
            if let Some(outcome) = applied(&engine, after).await {
                let rolled_back =
                    |verdict: &Verdict| matches!(verdict.trouble, Some(Trouble::RolledBack(_)));
                if outcome.verdicts.iter().any(rolled_back) {
                    let was = status(&Simulated::of(world.clone()), "web");
                    assert_eq!(status(&engine, "web"), was, "{what}");
                }
            }
            converges(&engine, good, &what).await;
        }
    }
}

/// The keys of the containers that are there and that every file of these tests wants.
fn keys(world: &World) -> Vec<String> {
    ["web", "db"]
        .into_iter()
        .filter(|key| !instances(world, "shop", key).is_empty())
        .map(str::to_owned)
        .collect()
}

fn engine() -> Simulated {
    Simulated::new()
        .with_image("app:1", ImageSpec::new(json!({"Volumes": {"/data": {}}})))
        .with_image(
            "app:2",
            ImageSpec::new(json!({"Volumes": {"/data": {}}})).build(2),
        )
        .with_image(
            "bad:1",
            ImageSpec::default().behaving(Behaviour::exits(3, Duration::from_millis(100))),
        )
        .with_image(
            "job:1",
            ImageSpec::default().behaving(Behaviour::exits(0, Duration::from_secs(1))),
        )
}

const NOTHING: &str = "project: shop\ncontainers: {}\n";

#[tokio::test(start_paused = true)]
async fn a_first_apply() {
    let file = "
project: shop
containers:
  db: { image: 'app:1', volumes: ['data:/var/lib/db'] }
  web: { image: 'app:1', depends_on: [db] }
volumes: { data: {} }
";
    from_every_point(engine(), NOTHING, file, file).await;
}

#[tokio::test(start_paused = true)]
async fn a_replacement() {
    let before = "project: shop\ncontainers: { web: { image: 'app:1', restart: always, env: { A: '1' } } }\n";
    let after = "project: shop\ncontainers: { web: { image: 'app:1', restart: always, env: { A: '2' } } }\n";
    from_every_point(engine(), before, after, after).await;
}

#[tokio::test(start_paused = true)]
async fn a_replacement_that_starts_first() {
    let before = "project: shop\ncontainers: { web: { image: 'app:1', restart: always, update: { order: start-first } } }\n";
    let after = "project: shop\ncontainers: { web: { image: 'app:2', restart: always, update: { order: start-first } } }\n";
    from_every_point(engine(), before, after, after).await;
}

#[tokio::test(start_paused = true)]
async fn a_replacement_that_is_rolled_back() {
    let before = "project: shop\ncontainers: { web: { image: 'app:1', restart: always } }\n";
    let after = "project: shop\ncontainers: { web: { image: 'bad:1' } }\n";
    from_every_point(engine(), before, after, before).await;
}

#[tokio::test(start_paused = true)]
async fn a_replacement_that_starts_first_and_is_rolled_back() {
    let before =
        "project: shop\ncontainers: { web: { image: 'app:1', update: { order: start-first } } }\n";
    let after =
        "project: shop\ncontainers: { web: { image: 'bad:1', update: { order: start-first } } }\n";
    from_every_point(engine(), before, after, before).await;
}

#[tokio::test(start_paused = true)]
async fn a_frozen_container_is_replaced() {
    let before = "project: shop\ncontainers: { web: { image: 'app:1', state: paused } }\n";
    let after = "project: shop\ncontainers: { web: { image: 'app:2', state: paused } }\n";
    from_every_point(engine(), before, after, after).await;
}

#[tokio::test(start_paused = true)]
async fn a_stopped_container_is_replaced() {
    let before = "project: shop\ncontainers: { web: { image: 'app:1', state: stopped } }\n";
    let after = "project: shop\ncontainers: { web: { image: 'app:2', state: stopped } }\n";
    from_every_point(engine(), before, after, after).await;
}

#[tokio::test(start_paused = true)]
async fn a_container_is_replaced_under_another_name() {
    let before = "project: shop\ncontainers: { web: { image: 'app:1' } }\n";
    let after = "project: shop\ncontainers: { web: { image: 'app:2', container_name: site } }\n";
    from_every_point(engine(), before, after, after).await;
}

#[tokio::test(start_paused = true)]
async fn everything_that_can_be_changed_in_place() {
    let before = "project: shop\ncontainers: { web: { image: 'app:1', networks: [a] } }\nnetworks: { a: {}, b: {} }\n";
    let after = "project: shop\ncontainers: { web: { image: 'app:1', container_name: site, restart: always, networks: [a, b], state: paused } }\nnetworks: { a: {}, b: {} }\n";
    from_every_point(engine(), before, after, after).await;
}

#[tokio::test(start_paused = true)]
async fn a_job() {
    let file = "
project: shop
containers:
  migrate: { image: 'job:1', state: completed }
  web: { image: 'app:1', depends_on: { migrate: { condition: service_completed_successfully } } }
";
    from_every_point(engine(), NOTHING, file, file).await;
}

#[tokio::test(start_paused = true)]
async fn removals() {
    let before = "
project: shop
containers:
  web: { image: 'app:1' }
  old: { image: 'app:1', networks: [back] }
  older: { image: 'app:1', depends_on: [old] }
networks: { back: {} }
";
    let after = "project: shop\ncontainers: { web: { image: 'app:1' } }\n";
    from_every_point(engine(), before, after, after).await;
}

#[tokio::test(start_paused = true)]
async fn a_network_that_is_made_anew() {
    let before = "project: shop\ncontainers: { web: { image: 'app:1' }, db: { image: 'app:1' } }\nnetworks: { default: { internal: false } }\n";
    let after = "project: shop\ncontainers: { web: { image: 'app:1' }, db: { image: 'app:1' } }\nnetworks: { default: { internal: true } }\n";
    from_every_point(engine(), before, after, after).await;
}

/// Killed at one call, and the next run killed again at one of its own: after that nothing is lost either.
async fn killed_twice(before: &str, after: &str, good: &str) {
    let engine = engine();
    settled(&engine, before).await;
    let world = engine.world();
    for first in 1.. {
        let engine = Simulated::of(world.clone());
        engine.fault(Trigger::Write(first), Fault::HangAfter);
        if applied(&engine, after).await.is_some() {
            assert!(first > 5, "there were only {first} calls");
            break;
        }
        let left = engine.world();
        for second in 1.. {
            let engine = Simulated::of(left.clone());
            let what = format!("killed after write {first}, then after write {second}");
            engine.fault(Trigger::Write(second), Fault::HangAfter);
            let killed = applied(&engine, after).await.is_none();
            assert!(
                engine.look(|world| !instances(world, "shop", "web").is_empty()),
                "{what}: nothing is left"
            );
            converges(&engine, good, &what).await;
            if !killed {
                break;
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_replacement_is_killed_twice() {
    let before = "project: shop\ncontainers: { web: { image: 'app:1', restart: always } }\n";
    let after = "project: shop\ncontainers: { web: { image: 'app:2', restart: always } }\n";
    killed_twice(before, after, after).await;
}

#[tokio::test(start_paused = true)]
async fn a_rollback_is_killed_twice() {
    let before = "project: shop\ncontainers: { web: { image: 'app:1', restart: always } }\n";
    let after = "project: shop\ncontainers: { web: { image: 'bad:1', restart: always } }\n";
    killed_twice(before, after, before).await;
}

/// Killed, and then the new one fails: the old one runs in the end, although it was found stopped.
#[tokio::test(start_paused = true)]
async fn an_old_one_that_was_stopped_on_the_way_runs_again_after_a_rollback() {
    let before = "project: shop\ncontainers: { web: { image: 'app:1', restart: always } }\n";
    let after = "project: shop\ncontainers: { web: { image: 'bad:1', restart: always } }\n";
    let first = engine();
    settled(&first, before).await;
    let world = first.world();
    for write in 1.. {
        let engine = Simulated::of(world.clone());
        engine.fault(Trigger::Write(write), Fault::HangAfter);
        let killed = applied(&engine, after).await.is_none();
        engine.heal();
        for _ in 0..2 {
            applied(&engine, after).await.expect("it ends");
        }
        assert_eq!(
            status(&engine, "web"),
            "running",
            "killed after write {write}"
        );
        assert_eq!(
            engine.look(|world| world.inspect_container("web").unwrap_or_default())["Config"]["Image"],
            "app:1",
            "killed after write {write}"
        );
        if !killed {
            break;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn two_of_which_one_has_the_name_that_the_other_one_was_made_under() {
    let file = |web: &str, db: &str, env: &str| {
        format!(
            "project: shop\ncontainers:\n  web: {{ image: 'app:1', container_name: {web}, env: {{ A: '{env}' }}, restart: always }}\n  db: {{ image: 'app:1', container_name: {db}, env: {{ A: '{env}' }}, restart: always }}\n"
        )
    };
    let engine = engine();
    settled(&engine, &file("site", "other", "1")).await;
    settled(&engine, &file("page", "other", "1")).await;
    settled(&engine, &file("page", "site", "1")).await;
    let (before, after) = (file("page", "site", "1"), file("page", "site", "2"));
    from_every_point(engine, &before, &after, &after).await;
}

#[tokio::test(start_paused = true)]
async fn two_that_need_one_name_while_their_hooks_run() {
    let file = |web: &str, db: &str| {
        format!(
            "project: shop\ncontainers:\n  web: {{ image: 'app:1', container_name: {web}, post_start: [{{ command: [warm-up] }}] }}\n  db: {{ image: 'app:1', container_name: {db}, post_start: [{{ command: [warm-up] }}] }}\n"
        )
    };
    let engine = engine();
    settled(&engine, &file("site", "other")).await;
    settled(&engine, &file("page", "other")).await;
    settled(&engine, &file("page", "site")).await;
    engine.hands(|world| world.docker_stop("page").expect("it stops"));
    let world = engine.world();
    let after = file("page", "site").replace(
        "app:1', container_name: site",
        "app:2', container_name: site",
    );
    settled(&engine, &after).await;
    assert_eq!(status(&engine, "page"), "running");
    for call in calls_of(&world, &after).await {
        let engine = Simulated::of(world.clone());
        engine.fault(Trigger::Call(call), Fault::HangAfter);
        applied(&engine, &after).await;
        converges(&engine, &after, &format!("killed after call {call}")).await;
    }
}
