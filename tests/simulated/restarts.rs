//! What needs a container that was started or made anew follows it, though the program was killed in between, and nothing
//! else is restarted.

use std::time::Duration;

use evenkeel::{
    engine::simulated::{Fault, ImageSpec, Simulated, Trigger, World},
    model::Way,
    plan::Cause,
};

use crate::house::{applied, calls_of, converges, inspect, planned, settled};

fn engine() -> Simulated {
    Simulated::new().with_image("app:1", ImageSpec::default())
}

/// A container, one that shares a namespace of it, and one that shares that one's.
fn sharing(name: &str) -> String {
    format!(
        "project: shop\ncontainers:\n  host: {{ image: 'app:1', restart: always, ipc: shareable }}\n  near: {{ image: 'app:1', {name}: 'service:host' }}\n  far: {{ image: 'app:1', network_mode: 'service:near' }}\n"
    )
}

/// A container, one that is restarted with it, and one that is restarted with that one.
fn depending(env: &str) -> String {
    format!(
        "project: shop\ncontainers:\n  db: {{ image: 'app:1', restart: always, env: {{ A: '{env}' }} }}\n  web: {{ image: 'app:1', depends_on: {{ db: {{ condition: service_started, restart: true }} }} }}\n  page: {{ image: 'app:1', depends_on: {{ web: {{ condition: service_started, restart: true }} }} }}\n"
    )
}

/// Where among all that happened an action on the container that has this name now came last.
fn last(engine: &Simulated, name: &str, action: &str) -> usize {
    engine.look(|world| {
        let id = &world.container(name).expect("it is there").id;
        let mut events = world.events.iter();
        let found = events.rposition(|one| one.event.id == *id && one.event.action == action);
        found.unwrap_or_else(|| panic!("no {action} of {name}"))
    })
}

/// How often each container was started.
fn starts(engine: &Simulated, names: &[&str]) -> Vec<u32> {
    let of = |world: &World, name: &&str| world.container(name).map_or(0, |found| found.starts);
    engine.look(|world| names.iter().map(|name| of(world, name)).collect())
}

/// The changes that a plan for a file has, as `name: path`, those of restarts with a cause.
async fn changes(engine: &Simulated, file: &str) -> Vec<String> {
    let plan = planned(engine, file).await;
    let steps = plan.steps.iter();
    let told = steps.flat_map(|step| {
        step.changes.iter().map(|change| {
            let cause = match (change.way, change.cause) {
                (Way::Restart, Cause::Drift) => " (drift)",
                (Way::Restart, _) => " (follows)",
                (Way::Update | Way::Reconnect | Way::Recreate, _) => "",
            };
            format!("{}: {}{cause}", step.name, change.path)
        })
    });
    told.collect()
}

/// Kills an apply before and after each of its calls, lets the next ones finish, and looks.
async fn killed(engine: Simulated, file: &str, look: impl Fn(&Simulated, &str)) {
    let world = engine.world();
    for call in calls_of(&world, file).await {
        for fault in [Fault::HangBefore, Fault::HangAfter] {
            let what = format!("{fault:?} at call {call}");
            let engine = Simulated::of(world.clone());
            engine.fault(Trigger::Call(call), fault);
            applied(&engine, file).await;
            converges(&engine, file, &what).await;
            look(&engine, &what);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn who_shares_a_namespace_is_restarted_after_whoever_started_the_other_one() {
    for name in ["network_mode", "pid", "ipc"] {
        let (engine, file) = (engine(), sharing(name));
        settled(&engine, &file).await;
        engine.hands(|world| world.docker_stop("host").expect("it stops"));
        let expected = [
            "host: state".to_owned(),
            format!("near: {name} (follows)"),
            "far: network_mode (follows)".to_owned(),
        ];
        assert_eq!(changes(&engine, &file).await, expected);
        settled(&engine, &file).await;
        assert_eq!(starts(&engine, &["host", "near", "far"]), [2, 2, 2]);

        engine.hands(|world| {
            world.docker_stop("host").expect("it stops");
            world.docker_start("host").expect("it starts");
        });
        let expected = [
            format!("near: {name} (drift)"),
            "far: network_mode (follows)".to_owned(),
        ];
        assert_eq!(changes(&engine, &file).await, expected);
        settled(&engine, &file).await;
        assert_eq!(starts(&engine, &["host", "near", "far"]), [3, 3, 3]);

        // So it is after its own restart policy has started it.
        engine.hands(|world| world.crash("host", 1).expect("it dies"));
        engine.advance(Duration::from_secs(1));
        assert_eq!(changes(&engine, &file).await, expected);
        settled(&engine, &file).await;
    }
}

#[tokio::test(start_paused = true)]
async fn who_shares_a_namespace_is_not_forgotten_when_the_program_is_killed() {
    let (engine, file) = (engine(), sharing("network_mode"));
    settled(&engine, &file).await;
    engine.hands(|world| world.docker_stop("host").expect("it stops"));
    killed(engine, &file, |engine, what| {
        let times = ["host", "near", "far"].map(|name| last(engine, name, "start"));
        assert!(times.is_sorted(), "{what}: {times:?}");
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn who_shares_the_namespace_of_one_that_is_not_ours_follows_it_too() {
    let engine = engine();
    engine.hands(|world| {
        let body = serde_json::json!({"Image": "app:1"});
        world.docker_run("theirs", &body).expect("it runs");
    });
    let file = "project: shop\ncontainers: { web: { image: 'app:1', network_mode: 'container:theirs' } }\n";
    settled(&engine, file).await;
    engine.hands(|world| {
        world.docker_stop("theirs").expect("it stops");
        world.docker_start("theirs").expect("it starts");
    });
    assert_eq!(changes(&engine, file).await, ["web: network_mode (drift)"]);
    settled(&engine, file).await;
    assert_eq!(starts(&engine, &["web", "theirs"]), [2, 2]);
}

#[tokio::test(start_paused = true)]
async fn who_shares_with_one_that_does_not_run_is_left_alone() {
    let (engine, file) = (engine(), sharing("network_mode"));
    settled(&engine, &file).await;
    let stopped = file.replace("restart: always", "state: stopped");
    engine.hands(|world| world.docker_stop("host").expect("it stops"));
    let left = planned(&engine, &stopped).await;
    let touched: Vec<&str> = left.steps.iter().map(|step| step.name.as_str()).collect();
    assert!(!touched.contains(&"near"), "{touched:?}");
}

#[tokio::test(start_paused = true)]
async fn a_dependency_takes_its_dependents_along_though_the_program_is_killed() {
    let engine = engine();
    settled(&engine, &depending("1")).await;
    let file = depending("2");
    let expected = [
        "db: env.A",
        "web: depends_on.db.restart (follows)",
        "page: depends_on.web.restart (follows)",
    ];
    assert_eq!(changes(&engine, &file).await, expected);
    killed(engine, &file, |engine, what| {
        let made = last(engine, "db", "create");
        let times = ["web", "page"].map(|name| last(engine, name, "start"));
        assert!(
            made < times[0] && made < times[1],
            "{what}: {made} {times:?}"
        );
        assert_eq!(inspect(engine, "web")["State"]["Running"], true, "{what}");
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_dependency_that_is_started_in_place_takes_its_dependents_along() {
    let (engine, file) = (engine(), depending("1"));
    settled(&engine, &file).await;
    engine.hands(|world| world.docker_stop("db").expect("it stops"));
    settled(&engine, &file).await;
    assert_eq!(starts(&engine, &["db", "web", "page"]), [2, 2, 2]);
}

#[tokio::test(start_paused = true)]
async fn what_others_start_again_takes_no_dependents_along() {
    let (engine, file) = (engine(), depending("1"));
    settled(&engine, &file).await;
    engine.hands(|world| world.crash("db", 1).expect("it dies"));
    engine.advance(Duration::from_secs(1));
    engine.hands(|world| {
        world.docker_stop("db").expect("it stops");
        world.docker_start("db").expect("it starts");
    });
    assert_eq!(starts(&engine, &["db"]), [3]);
    let plan = planned(&engine, &file).await;
    assert!(plan.is_empty(), "{:#?}", plan.steps);
}

#[tokio::test(start_paused = true)]
async fn a_frozen_dependent_is_thawed_and_restarted_at_once() {
    let engine = engine();
    settled(&engine, &depending("1")).await;
    engine.hands(|world| world.docker_pause("web").expect("it stops"));
    settled(&engine, &depending("2")).await;
    assert_eq!(starts(&engine, &["web", "page"]), [2, 2]);
}

#[tokio::test(start_paused = true)]
async fn a_dependent_may_leave_it_to_others() {
    let engine = engine();
    settled(&engine, &depending("1")).await;
    let file = depending("2").replace(
        "web: { image",
        "web: { ignore_changes: [depends_on.db.restart], image",
    );
    assert_eq!(changes(&engine, &file).await[0], "db: env.A");
    applied(&engine, &file).await.expect("it ends");
    assert_eq!(starts(&engine, &["web"]), [1]);
}
