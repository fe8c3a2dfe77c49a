//! What is run in a container after its start and before its stop.

use std::time::Duration;

use evenkeel::{
    apply::{Limits, Stop, Trouble, apply},
    engine::simulated::{Fault, ImageSpec, Simulated, Trigger},
    plan::{Approved, Consent},
};

use crate::house::{applied, planned, settled, status, trouble};

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
        calls(&engine).ends_with(&["start", "exec"]),
        "{:?}",
        calls(&engine)
    );
    engine.forget_calls();
    settled(&engine, &FILE.replace("app:1", "app:2")).await;
    assert_eq!(
        calls(&engine),
        [
            "create_container",
            "rename",
            "rename",
            "exec",
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
