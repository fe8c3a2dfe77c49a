//! An engine that goes away in the middle is waited for, as long as the user wants.

use std::{sync::Mutex, time::Duration};

use tokio::time::Instant;

use evenkeel::{
    apply::{Happening, Limits, Outcome, Stop, Trouble, apply},
    engine::simulated::{Fault, ImageSpec, Simulated, Trigger},
    plan::{Approved, Consent},
};

use crate::house::{converges, planned, settled, trouble};

const BEFORE: &str = "project: shop\ncontainers: { web: { image: 'app:1' } }\n";
const AFTER: &str = "project: shop\ncontainers: { web: { image: 'app:2' } }\n";

/// Applies while the engine is away for so many calls. The pauses between calls grow to a second, of which up to a quarter
/// is left to chance.
async fn apply_while_away(calls: u64, patience: Duration) -> (Simulated, Outcome, Vec<String>) {
    let engine = Simulated::new()
        .with_image("app:1", ImageSpec::default())
        .with_image("app:2", ImageSpec::default().build(2));
    settled(&engine, BEFORE).await;
    let consent = Consent {
        plan: true,
        emptying: false,
    };
    let plan = Approved::new(planned(&engine, AFTER).await, consent).expect("agreed to");
    engine.fault(Trigger::Nth("rename", 2), Fault::Away(calls));
    let limits = Limits {
        patience,
        ..Limits::default()
    };
    let told = Mutex::new(Vec::new());
    let (_running, stop) = tokio::sync::watch::channel(Stop::No);
    let outcome = apply(&engine, &plan, &limits, stop, &|happening| {
        let text = match happening {
            Happening::EngineAway(why) => why,
            Happening::EngineBack => "back".to_owned(),
            Happening::Begun(_) | Happening::At { .. } | Happening::Ended(..) => return,
        };
        told.lock().expect("not poisoned").push(text);
    })
    .await;
    let told = told.into_inner().expect("not poisoned");
    (engine, outcome, told)
}

#[tokio::test(start_paused = true)]
async fn it_comes_back_and_the_apply_goes_on() {
    // Twenty calls with pauses of up to a second are about a quarter of a minute.
    let (_, outcome, told) = apply_while_away(20, Duration::from_mins(1)).await;
    assert!(outcome.is_complete(), "{outcome:?}");
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(told[0].contains("cannot reach the engine"), "{told:?}");
    assert_eq!(told[1], "back");
}

#[tokio::test(start_paused = true)]
async fn patience_has_an_end_and_the_next_run_finishes() {
    let (engine, outcome, _) = apply_while_away(1000, Duration::from_secs(5)).await;
    let Trouble::Failed(failure) = trouble(&outcome, "web") else {
        panic!("{outcome:?}");
    };
    assert!(
        failure.text.starts_with("cannot reach the engine"),
        "{failure:?}"
    );
    converges(&engine, AFTER, "it stayed away").await;
}

/// An engine that is upgraded is away for half a minute; a host that is started anew, for longer.
#[tokio::test(start_paused = true)]
async fn half_a_minute_and_longer_are_waited_for_if_the_user_says_so() {
    for (calls, away, patience) in [
        (45, Duration::from_secs(30), Duration::from_mins(1)),
        (850, Duration::from_mins(10), Duration::from_mins(15)),
    ] {
        let begun = Instant::now();
        let (engine, outcome, told) = apply_while_away(calls, patience).await;
        assert!(begun.elapsed() > away, "it was away for long enough");
        assert!(outcome.is_complete(), "{outcome:?}");
        assert_eq!(told.len(), 2, "{told:?}");
        converges(&engine, AFTER, "it was away for long").await;
    }
}

#[tokio::test(start_paused = true)]
async fn the_wait_ends_when_the_user_said() {
    for patience in [
        Duration::ZERO,
        Duration::from_secs(30),
        Duration::from_mins(10),
    ] {
        let begun = Instant::now();
        let (_, outcome, _) = apply_while_away(u64::MAX, patience).await;
        let took = begun.elapsed();
        assert!(!outcome.is_complete(), "{outcome:?}");
        // All calls share one wait: what undoes the step does not wait once more.
        let most = patience + Duration::from_secs(10);
        assert!(took >= patience && took < most, "{took:?}");
    }
}
