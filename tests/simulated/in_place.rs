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
async fn an_update_whose_answer_was_lost_is_made_again() {
    let engine = engine();
    settled(&engine, &web("networks: [a]")).await;
    engine.fault(Trigger::Nth("update", 1), Fault::timed_out_after());
    let file = web("networks: [a], restart: always");
    let outcome = applied(&engine, &file).await.expect("it ends");
    assert!(
        outcome.is_complete() && outcome.warnings.is_empty(),
        "{outcome:?}"
    );
    assert_eq!(
        inspect(&engine, "web")["HostConfig"]["RestartPolicy"]["Name"],
        json!("always")
    );
}

#[tokio::test(start_paused = true)]
async fn a_network_that_the_file_does_not_judge_is_left_alone() {
    let engine = engine();
    settled(&engine, &web("networks: [a, b]")).await;
    engine
        .hands(|world| world.docker_disconnect("shop_b", "web"))
        .expect("it leaves");
    // Patterns are written with the keys of the file, whatever the networks are called on the engine.
    let file = web("networks: { a: { aliases: [www] }, b: }, ignore_changes: [networks.b]");
    settled(&engine, &file).await;
    let networks = inspect(&engine, "web")["NetworkSettings"]["Networks"].clone();
    assert!(networks["shop_a"]["Aliases"].to_string().contains("www"));
    assert!(networks.get("shop_b").is_none(), "{networks}");
}
