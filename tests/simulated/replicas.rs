//! Replicas are replaced some at a time, and those that are left go on when one of them fails.

use std::time::Duration;

use evenkeel::{
    apply::Trouble,
    engine::simulated::{Behaviour, ImageSpec, Simulated, instances},
};
use tokio::time::Instant;

use crate::house::{applied, settled, status, trouble};

fn file(image: &str, update: &str) -> String {
    format!(
        "project: shop\ncontainers: {{ web: {{ image: '{image}', replicas: 5, update: {{ {update} }} }} }}\n"
    )
}

fn engine() -> Simulated {
    Simulated::new()
        .with_image("app:1", ImageSpec::default())
        .with_image("app:2", ImageSpec::default().build(2))
        .with_image(
            "bad:1",
            ImageSpec::default().behaving(Behaviour::exits(3, Duration::from_millis(100))),
        )
}

/// Replaces all replicas while somebody counts how many are down at most; gives that and how long it took.
async fn replaced(update: &str) -> (usize, Duration) {
    let engine = engine();
    settled(&engine, &file("app:1", update)).await;
    let most = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let seen = std::sync::Arc::clone(&most);
    engine.on_call(move |world, _| {
        let down = (1..=5)
            .filter(|number| {
                instances(world, "shop", &format!("web-{number}"))
                    .iter()
                    .all(|found| !found.is_up())
            })
            .count();
        seen.fetch_max(down, std::sync::atomic::Ordering::Relaxed);
    });
    let begun = Instant::now();
    settled(&engine, &file("app:2", update)).await;
    (
        most.load(std::sync::atomic::Ordering::Relaxed),
        begun.elapsed(),
    )
}

#[tokio::test(start_paused = true)]
async fn one_after_the_other_is_the_default() {
    let (down, took) = replaced("monitor: 1s").await;
    assert_eq!(down, 1);
    assert!(took >= Duration::from_secs(5), "{took:?}");
}

#[tokio::test(start_paused = true)]
async fn some_at_a_time_with_a_delay_between_them() {
    let (down, took) = replaced("monitor: 1s, parallelism: 2, delay: 1m").await;
    assert!((1..=2).contains(&down), "{down}");
    // Three batches, and so two delays.
    assert!(
        (Duration::from_secs(123)..Duration::from_secs(130)).contains(&took),
        "{took:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn all_at_once_if_it_says_so() {
    let (_, took) = replaced("monitor: 1s, parallelism: 0, delay: 1m").await;
    assert!(took < Duration::from_secs(5), "{took:?}");
}

#[tokio::test(start_paused = true)]
async fn the_others_are_not_tried_when_one_fails() {
    let engine = engine();
    settled(&engine, &file("app:1", "monitor: 1s")).await;
    let outcome = applied(&engine, &file("bad:1", "monitor: 1s"))
        .await
        .expect("it ends");
    assert!(matches!(trouble(&outcome, "web-1"), Trouble::RolledBack(_)));
    for number in 2..=5 {
        let name = format!("web-{number}");
        assert!(matches!(trouble(&outcome, &name), Trouble::NotTried { .. }));
        assert_eq!(status(&engine, &name), "running");
    }
    assert!(
        engine
            .writes()
            .iter()
            .filter(|call| call.starts_with("stop"))
            .count()
            == 1
    );
}
