//! What is run in a container after its start and before its stop.

use std::time::Duration;

use evenkeel::{
    apply::{Limits, Outcome, Stop, Trouble, apply},
    engine::simulated::{Behaviour, Call, Ending, Fault, ImageSpec, Simulated, Trigger, instances},
    plan::{Approved, Consent, Step},
};

use serde_json::json;

use crate::house::{applied, converges, inspect, names, planned, settled, status, trouble};

const FILE: &str = "project: shop\ncontainers: { web: { image: 'app:1', post_start: [{ command: [warm-up] }], pre_stop: [{ command: [drain] }] } }\n";

fn engine() -> Simulated {
    Simulated::new()
        .with_image("app:1", ImageSpec::default())
        .with_image("app:2", ImageSpec::default().build(2))
}

/// The writing calls of the last apply, by name.
fn calls(engine: &Simulated) -> Vec<&'static str> {
    let calls = engine.calls();
    calls
        .iter()
        .filter(|call| call.writes)
        .map(|call| call.name)
        .collect()
}

#[tokio::test(start_paused = true)]
async fn they_run_at_their_times() {
    let engine = engine();
    settled(&engine, FILE).await;
    assert!(
        calls(&engine).ends_with(&["start", "exec", "rename"]),
        "{:?}",
        calls(&engine)
    );
    engine.forget_calls();
    settled(&engine, &FILE.replace("app:1", "app:2")).await;
    assert_eq!(
        calls(&engine),
        [
            "create_container",
            "exec",
            "rename",
            "rename",
            "stop",
            "start",
            "exec",
            "remove_container"
        ]
    );
    // What the file lists no more is stopped as it was meant to be.
    engine.forget_calls();
    settled(&engine, "project: shop\ncontainers: {}\n").await;
    assert_eq!(calls(&engine)[..2], ["exec", "stop"]);
}

#[tokio::test(start_paused = true)]
async fn one_that_fails_after_a_start_is_a_start_that_failed() {
    let engine = engine();
    settled(&engine, FILE).await;
    // The first is before the old one's stop, which comes all the same; the second after the new one's start.
    let refused = || {
        Fault::Error(evenkeel::engine::EngineError::Refused {
            status: 400,
            text: "no such program".into(),
        })
    };
    engine.fault(Trigger::Nth("exec", 1), refused());
    engine.fault(Trigger::Nth("exec", 2), refused());
    let outcome = applied(&engine, &FILE.replace("app:1", "app:2"))
        .await
        .expect("it ends");
    let Trouble::RolledBack(failure) = trouble(&outcome, "web") else {
        panic!("{outcome:?}");
    };
    assert_eq!(failure.text, "cannot run warm-up in web: no such program");
    assert!(
        outcome.warnings[0].contains("drain"),
        "{:?}",
        outcome.warnings
    );
    assert_eq!(status(&engine, "web"), "running");
}

/// Whether its hook has run in the container that is called `web` since this client started it.
fn is_warm(engine: &Simulated) -> bool {
    let id = engine.look(|world| world.container("web").map(|found| found.id.clone()));
    let calls = engine.calls();
    let last = |is: &dyn Fn(&Call) -> bool| {
        calls
            .iter()
            .rposition(|call| Some(&call.target) == id.as_ref() && is(call))
    };
    // A start may have been done whatever was heard of it; a command that counts is one that was run.
    let started = last(&|call| call.name == "start" && !matches!(call.ending, Ending::Failed(_)));
    let warmed = last(&|call| {
        call.name == "exec"
            && call.arguments.to_string().contains("warm-up")
            && matches!(call.ending, Ending::Done | Ending::Lost(_))
    });
    id.is_some() && started <= warmed
}

/// Applies until the end, or until the program is killed, which a command that hangs is not: `None`.
async fn applied_or_killed(engine: &Simulated, file: &str) -> Option<Outcome> {
    tokio::select! {
        outcome = applied(engine, file) => outcome,
        () = engine.killed() => None,
    }
}

/// From one file to another, killed at each call in turn: in the end the hook has run after the last start.
async fn killed_at_each_call(engine: Simulated, before: &str, after: &str, good: &str) {
    let engine = engine.with_image(
        "bad:1",
        ImageSpec::default().behaving(Behaviour::exits(3, Duration::from_millis(100))),
    );
    settled(&engine, before).await;
    let prepared = |engine: &Simulated| {
        // What is wanted running was stopped by somebody.
        if before == after {
            engine
                .hands(|world| world.docker_stop("web"))
                .expect("stopped");
        }
    };
    prepared(&engine);
    let world = engine.world();
    let looks = {
        let engine = Simulated::of(world.clone());
        planned(&engine, after).await;
        engine.count()
    };
    for fault in [Fault::HangBefore, Fault::HangAfter] {
        for call in looks + 1.. {
            let engine = Simulated::of(world.clone());
            let what = format!("{fault:?} at call {call}");
            engine.fault(Trigger::Call(call), fault.clone());
            let killed = applied_or_killed(&engine, after).await.is_none();
            converges(&engine, good, &what).await;
            assert_eq!(status(&engine, "web"), "running", "{what}");
            assert!(is_warm(&engine), "{what}: {:#?}", engine.writes());
            if !killed {
                assert!(call > looks + 4, "there were only {call} calls");
                break;
            }
        }
    }
}

const NOTHING: &str = "project: shop\ncontainers: {}\n";

#[tokio::test(start_paused = true)]
async fn a_first_apply_that_is_killed_does_not_lose_one() {
    killed_at_each_call(engine(), NOTHING, FILE, FILE).await;
}

#[tokio::test(start_paused = true)]
async fn a_replacement_that_is_killed_does_not_lose_one() {
    for order in ["stop-first", "start-first"] {
        let before = FILE.replace(
            "}] } }",
            &format!("}}], update: {{ order: {order} }} }} }}"),
        );
        let after = before.replace("app:1", "app:2");
        killed_at_each_call(engine(), &before, &after, &after).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_rollback_that_is_killed_does_not_lose_one() {
    for order in ["stop-first", "start-first"] {
        let before = FILE.replace(
            "}] } }",
            &format!("}}], update: {{ order: {order} }} }} }}"),
        );
        killed_at_each_call(
            engine(),
            &before,
            &before.replace("app:1", "bad:1"),
            &before,
        )
        .await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_start_that_is_killed_does_not_lose_one() {
    killed_at_each_call(engine(), FILE, FILE, FILE).await;
}

#[tokio::test(start_paused = true)]
async fn one_that_fails_keeps_a_new_container_from_its_name_until_it_has_run() {
    let engine = engine();
    engine.hands(|world| {
        let ends = (1, "not yet".to_owned());
        world.execs.insert("warm-up".into(), ends);
    });
    for _ in 0..2 {
        let outcome = applied(&engine, FILE).await.expect("it ends");
        let Trouble::Failed(failure) = trouble(&outcome, "web") else {
            panic!("{outcome:?}");
        };
        assert_eq!(failure.text, "warm-up exited with code 1 in web");
        assert_eq!(names(&engine), ["web.next"]);
        let waiting = [("its post_start has not run yet".to_owned(), Vec::new())];
        assert_eq!(reasons(&engine, FILE).await, waiting);
        assert_eq!(status(&engine, "web.next"), "running");
    }
    let id = engine.look(|world| instances(world, "shop", "web")[0].id.clone());
    engine.hands(|world| world.execs.clear());
    settled(&engine, FILE).await;
    assert_eq!(
        engine.look(|world| instances(world, "shop", "web")[0].id.clone()),
        id,
        "it is the same one"
    );
}

/// The file with another image, and a new container that stays whatever its hooks do.
fn continuing(order: &str) -> [String; 2] {
    let before = FILE.replace(
        "}] } }",
        &format!("}}], update: {{ order: {order}, failure_action: continue }} }} }}"),
    );
    let after = before.replace("app:1", "app:2");
    [before, after]
}

fn fails(engine: &Simulated) {
    engine.hands(|world| {
        let ends = (1, "not yet".to_owned());
        world.execs.insert("warm-up".into(), ends);
    });
}

/// The reasons of a plan's steps, and the paths of their changes.
async fn reasons(engine: &Simulated, file: &str) -> Vec<(String, Vec<String>)> {
    let plan = planned(engine, file).await;
    let paths = |step: &Step| {
        let changes = step.changes.iter();
        changes.map(|change| change.path.to_string()).collect()
    };
    let steps = plan.steps.iter();
    steps
        .map(|step| (step.reason.clone(), paths(step)))
        .collect()
}

#[tokio::test(start_paused = true)]
async fn one_that_fails_in_a_new_one_that_stays_is_run_by_each_apply_until_it_succeeds() {
    for order in ["stop-first", "start-first"] {
        let [before, after] = continuing(order);
        let engine = engine();
        settled(&engine, &before).await;
        fails(&engine);
        let outcome = applied(&engine, &after).await.expect("it ends");
        let Trouble::Continued(failure) = trouble(&outcome, "web") else {
            panic!("{order}: {outcome:?}");
        };
        let hint = "check post_start; it is called web.next until that has succeeded";
        assert_eq!(failure.hint, hint, "{order}");
        assert_eq!(names(&engine), ["web.next"], "{order}");
        assert_eq!(status(&engine, "web.next"), "running", "{order}");
        let id = engine.look(|world| instances(world, "shop", "web")[0].id.clone());
        let waiting = [("its post_start has not run yet".to_owned(), Vec::new())];
        assert_eq!(reasons(&engine, &after).await, waiting, "{order}");
        let outcome = applied(&engine, &after).await.expect("it ends");
        assert!(matches!(trouble(&outcome, "web"), Trouble::Failed(_)));
        engine.hands(|world| world.execs.clear());
        settled(&engine, &after).await;
        assert!(is_warm(&engine), "{order}");
        let same = engine.look(|world| instances(world, "shop", "web")[0].id == id);
        assert!(same, "{order}: it is the same one");
    }
}

#[tokio::test(start_paused = true)]
async fn one_that_fails_in_a_new_one_that_stays_and_is_killed_is_not_lost() {
    for order in ["stop-first", "start-first"] {
        let [before, after] = continuing(order);
        let engine = engine();
        settled(&engine, &before).await;
        fails(&engine);
        let world = engine.world();
        for write in 1.. {
            let engine = Simulated::of(world.clone());
            let what = format!("{order}, killed after write {write}");
            engine.fault(Trigger::Write(write), Fault::HangAfter);
            let killed = applied_or_killed(&engine, &after).await.is_none();
            engine.hands(|world| world.execs.clear());
            converges(&engine, &after, &what).await;
            assert!(is_warm(&engine), "{what}: {:#?}", engine.writes());
            if !killed {
                assert!(write > 7, "there were only {write} writes");
                break;
            }
        }
    }
}

/// It was made by hand just as the file wants it, and there is nothing that its name could say.
#[tokio::test(start_paused = true)]
async fn one_that_was_not_run_in_what_somebody_made_by_hand_is_told() {
    let engine = engine();
    let made = json!({ "Image": "app:1" });
    engine
        .hands(|world| world.docker_run("web", &made))
        .expect("it runs");
    for (adopts, hint) in [
        ("", "say adopt: true"),
        ("adopt: true, ", "run it by hand, or remove"),
    ] {
        let file = FILE.replace("image:", &format!("{adopts}network_mode: bridge, image:"));
        let plan = planned(&engine, &file).await;
        assert!(plan.is_empty(), "{:?}", plan.steps);
        let [problem] = &plan.problems[..] else {
            panic!("{:?}", plan.problems);
        };
        assert_eq!(
            (problem.code, &*problem.text),
            (
                "container-foreign",
                "a container of this name exists and was not made by Evenkeel; it is used as it is, and its post_start was not run"
            )
        );
        assert!(problem.hint.starts_with(hint), "{}", problem.hint);
    }
}

/// It has run for long, and its data is in it; the file changed while it was waiting for its hooks.
#[tokio::test(start_paused = true)]
async fn one_that_waits_for_its_hooks_is_replaced_like_any_other() {
    let engine = engine();
    settled(&engine, FILE).await;
    engine
        .hands(|world| world.docker_stop("web"))
        .expect("stopped");
    engine.fault(Trigger::Nth("exec", 1), Fault::HangBefore);
    assert!(applied_or_killed(&engine, FILE).await.is_none());
    assert_eq!(names(&engine), ["web.next"]);
    engine.heal();
    let id = engine.look(|world| instances(world, "shop", "web")[0].id.clone());
    engine.on_call(move |world, call| {
        let there = instances(world, "shop", "web");
        assert!(
            there
                .iter()
                .any(|found| found.id == id || found.started.is_some()),
            "{} {}: what ran is gone",
            call.name,
            call.target
        );
    });
    settled(&engine, &FILE.replace("app:1", "app:2")).await;
}

#[tokio::test(start_paused = true)]
async fn an_old_one_runs_its_hooks_though_it_does_not_get_its_restart_policy_back() {
    let engine = engine().with_image(
        "bad:1",
        ImageSpec::default().behaving(Behaviour::exits(3, Duration::from_millis(100))),
    );
    let file = FILE.replace("post_start", "restart: always, post_start");
    settled(&engine, &file).await;
    engine.forget_calls();
    let refused = evenkeel::engine::EngineError::Refused {
        status: 400,
        text: "made up".into(),
    };
    // The first takes the policy away.
    engine.fault(Trigger::Nth("update", 2), Fault::Error(refused));
    let bad = file.replace("app:1", "bad:1");
    applied(&engine, &bad).await.expect("it ends");
    assert_eq!(names(&engine), ["web"]);
    assert!(is_warm(&engine), "{:#?}", engine.writes());
}

/// A command that hangs must not hold up an apply for ever.
#[tokio::test(start_paused = true)]
async fn one_that_does_not_end_is_waited_for_as_long_as_the_user_wants() {
    for (wait, limit) in [
        (None, Duration::from_hours(1)),
        (Some(Duration::from_secs(90)), Duration::from_secs(90)),
    ] {
        let engine = engine();
        settled(&engine, FILE).await;
        let plan = planned(&engine, &FILE.replace("app:1", "app:2")).await;
        let consent = Consent {
            plan: true,
            emptying: false,
        };
        let plan = Approved::new(plan, consent).expect("agreed to");
        engine.fault(Trigger::Nth("exec", 1), Fault::HangAfter);
        engine.fault(Trigger::Nth("exec", 2), Fault::HangAfter);
        let limits = Limits {
            wait,
            ..Limits::default()
        };
        let (_running, stop) = tokio::sync::watch::channel(Stop::No);
        let outcome = apply(&engine, &plan, &limits, stop, &|_| {}).await;
        let Trouble::RolledBack(failure) = trouble(&outcome, "web") else {
            panic!("{outcome:?}");
        };
        let within = format!("did not end within {} s in web", limit.as_secs());
        assert_eq!(failure.text, format!("warm-up {within}"));
        assert_eq!(
            outcome.warnings,
            [format!("drain {within}; web was stopped all the same")]
        );
        assert_eq!(status(&engine, "web"), "running");
    }
}

/// It has never run, and what is in its volume may be all that is left of another one.
#[tokio::test(start_paused = true)]
async fn one_that_never_ran_gives_its_volumes_on() {
    let image = json!({ "Volumes": { "/cache": {} } });
    let engine = engine().with_image("app:1", ImageSpec::new(image));
    let volume = |engine: &Simulated| inspect(engine, "web")["Mounts"][0]["Name"].clone();
    settled(&engine, &FILE.replace("image:", "state: created, image:")).await;
    let before = volume(&engine);
    engine.fault(Trigger::Nth("start", 1), Fault::HangBefore);
    assert!(applied(&engine, FILE).await.is_none());
    assert_eq!(names(&engine), ["web.next"]);
    engine.heal();
    settled(&engine, FILE).await;
    assert_eq!(volume(&engine), before);
}
