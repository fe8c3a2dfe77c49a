//! Stopping: after the steps at hand, or at once.

use std::time::Duration;

use evenkeel::{
    apply::{Limits, Stop, Trouble, apply},
    engine::simulated::{Behaviour, ImageSpec, OnStop, Simulated},
    plan::{Approved, Consent},
};
use serde_json::json;

use crate::house::{converges, names, planned, settled, status};

const BEFORE: &str = "project: shop\ncontainers: { web: { image: 'slow:1' } }\n";
const AFTER: &str = "project: shop\ncontainers: { web: { image: 'app:1' }, late: { image: 'app:1', depends_on: [web] } }\n";

fn engine() -> Simulated {
    let slow = Behaviour {
        on_stop: OnStop::Ends {
            code: 0,
            after: Duration::from_secs(5),
        },
        ..Behaviour::default()
    };
    Simulated::new()
        .with_image("app:1", ImageSpec::default())
        .with_image("slow:1", ImageSpec::new(json!({})).behaving(slow))
        .with_image(
            "well:1",
            json!({"Healthcheck": {"Test": ["CMD", "true"], "Interval": 600_000_000_000_i64}}),
        )
}

/// Applies, and is stopped two seconds later.
async fn stopped(engine: &Simulated, file: &str, how: Stop) -> evenkeel::apply::Outcome {
    let consent = Consent {
        plan: true,
        emptying: false,
    };
    let plan = Approved::new(planned(engine, file).await, consent).expect("agreed to");
    let (stopper, stop) = tokio::sync::watch::channel(Stop::No);
    let limits = Limits::default();
    let run = apply(engine, &plan, &limits, stop, &|_| {});
    let stopping = async {
        tokio::time::sleep(Duration::from_secs(2)).await;
        stopper.send_replace(how);
        stopper.closed().await;
    };
    tokio::join!(run, stopping).0
}

#[tokio::test(start_paused = true)]
async fn the_step_at_hand_is_finished() {
    let engine = engine();
    settled(&engine, BEFORE).await;
    let outcome = stopped(&engine, AFTER, Stop::AfterSteps).await;
    let troubles: Vec<_> = outcome
        .verdicts
        .iter()
        .map(|verdict| (verdict.name.as_str(), verdict.trouble.clone()))
        .collect();
    assert_eq!(troubles, [("web", None), ("late", Some(Trouble::Stopped))]);
    assert_eq!(
        (names(&engine), status(&engine, "web")),
        (vec!["web".into()], "running".into())
    );
}

#[tokio::test(start_paused = true)]
async fn at_once_means_between_two_calls_and_the_next_run_finishes() {
    let engine = engine();
    settled(&engine, BEFORE).await;
    let begun = tokio::time::Instant::now();
    let outcome = stopped(&engine, AFTER, Stop::Now).await;
    assert!(
        begun.elapsed() < Duration::from_millis(2100),
        "{:?}",
        begun.elapsed()
    );
    assert!(
        outcome
            .verdicts
            .iter()
            .all(|verdict| verdict.trouble == Some(Trouble::Stopped))
    );
    assert_eq!(names(&engine), ["web", "web.prev"]);
    converges(&engine, AFTER, "stopped at once").await;
}

#[tokio::test(start_paused = true)]
async fn the_wait_for_a_new_one_that_is_not_healthy_yet_ends_at_once() {
    let engine = engine();
    let before = "project: shop\ncontainers: { web: { image: 'app:1' } }\n";
    settled(&engine, before).await;
    let after = "project: shop\ncontainers: { web: { image: 'well:1' } }\n";
    let begun = tokio::time::Instant::now();
    let outcome = stopped(&engine, after, Stop::Now).await;
    assert!(
        begun.elapsed() < Duration::from_millis(2100),
        "{:?}",
        begun.elapsed()
    );
    assert_eq!(outcome.verdicts[0].trouble, Some(Trouble::Stopped));
    assert_eq!(names(&engine), ["web", "web.prev"]);
    converges(&engine, before, "stopped while it waited").await;
}

#[tokio::test(start_paused = true)]
async fn a_step_that_still_waits_for_another_container_has_not_begun() {
    let engine = engine();
    let file = "project: shop\ncontainers: { db: { image: 'well:1' }, web: { image: 'app:1', depends_on: { db: { condition: service_healthy } } } }\n";
    let begun = tokio::time::Instant::now();
    let outcome = stopped(&engine, file, Stop::AfterSteps).await;
    assert!(
        begun.elapsed() < Duration::from_secs(3),
        "{:?}",
        begun.elapsed()
    );
    assert_eq!(
        outcome
            .verdicts
            .last()
            .and_then(|verdict| verdict.trouble.clone()),
        Some(Trouble::Stopped)
    );
    assert_eq!(names(&engine), ["db"]);
}
