//! Changes in place.

use evenkeel::engine::simulated::{Fault, ImageSpec, Simulated, Trigger};
use serde_json::json;

use crate::house::{applied, inspect, settled, status};

fn engine() -> Simulated {
    Simulated::new().with_image("app:1", ImageSpec::default())
}

fn web(rest: &str) -> String {
    format!(
        "project: shop\ncontainers: {{ web: {{ image: 'app:1', {rest} }} }}\nnetworks: {{ a: {{}}, b: {{}} }}\n"
    )
}

#[tokio::test(start_paused = true)]
async fn one_container_lives_through_all_of_it() {
    let engine = engine();
    settled(&engine, &web("networks: [a]")).await;
    let id = inspect(&engine, "web")["Id"].clone();
    for file in [
        web("networks: [a], restart: always"),
        web("networks: [a, b]"),
        web("networks: [b]"),
        web("networks: [b], state: paused"),
        web("networks: [b], state: stopped"),
        web("networks: [b], container_name: site"),
        web("networks: [b]"),
    ] {
        settled(&engine, &file).await;
        let name = if file.contains("site") { "site" } else { "web" };
        assert_eq!(inspect(&engine, name)["Id"], id, "{file}");
    }
    assert_eq!(status(&engine, "web"), "running");
}

#[tokio::test(start_paused = true)]
async fn what_the_engine_does_not_take_over_is_said() {
    let engine = engine();
    settled(&engine, &web("networks: [a]")).await;
    // The engine says that it did it, and did not: somebody changed it back at the same moment.
    engine.on_call(|_, _| {});
    let watched = engine.clone();
    engine.fault(
        Trigger::Nth("update", 1),
        Fault::Lost(evenkeel::engine::EngineError::Failed {
            status: 503,
            text: "busy".into(),
        }),
    );
    let outcome = applied(&watched, &web("networks: [a], restart: always"))
        .await
        .expect("it ends");
    assert!(
        outcome.is_complete() && outcome.warnings.is_empty(),
        "{outcome:?}"
    );
    assert_eq!(
        inspect(&engine, "web")["HostConfig"]["RestartPolicy"]["Name"],
        json!("always")
    );
}
