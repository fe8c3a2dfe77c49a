//! Networks that are there already: others', and others on ours.

use evenkeel::{
    engine::{
        look,
        simulated::{ImageSpec, Simulated},
    },
    plan::{Options, Plan, plan},
};
use serde_json::json;

use crate::house::{applied, desired, inspect, is_settled, planned, settled};

fn engine() -> Simulated {
    Simulated::new().with_image("app:1", ImageSpec::default())
}

fn shop(network: &str) -> String {
    format!(
        "project: shop\ncontainers: {{ web: {{ image: 'app:1', networks: {{ front: {{ aliases: [www] }} }} }} }}\nnetworks: {{ front: {{ {network} }} }}\n"
    )
}

async fn adopting(engine: &Simulated, file: &str) -> Plan {
    let desired = desired(file);
    let looked = look(engine, &desired).await.expect("the engine answers");
    let options = Options {
        adopt: true,
        ..Options::default()
    };
    plan(&desired, &looked.live, &options)
}

/// The only problem, as code and text.
fn problem(plan: &Plan) -> (&'static str, &str) {
    let problem = plan
        .problems
        .iter()
        .find(|problem| problem.code != "blocked")
        .expect("a problem");
    (problem.code, problem.text.as_str())
}

#[tokio::test(start_paused = true)]
async fn one_that_nobody_owns_counts_as_ours_if_it_matches() {
    let engine = engine();
    engine.hands(|world| {
        let body = json!({"Name": "shop_front"});
        world.docker_network_create(&body).expect("it is made");
    });
    settled(&engine, &shop("")).await;
    assert_eq!(
        problem(&planned(&engine, &shop("")).await),
        (
            "network-foreign",
            "a network of this name exists and was not made by Evenkeel; it is used as it is"
        )
    );
    let differs = planned(&engine, &shop("internal: true")).await;
    assert_eq!(
        problem(&differs),
        (
            "name-taken",
            "a network of this name exists and is not Evenkeel's; it differs in internal"
        )
    );
    let adopted = adopting(&engine, &shop("internal: true")).await;
    assert!(!adopted.has_errors(), "{:?}", adopted.problems);
    assert_eq!(adopted.steps[0].reason, "takes along web");
}

#[tokio::test(start_paused = true)]
async fn one_of_another_project_is_never_taken_over() {
    let engine = engine();
    engine.hands(|world| {
        let body = json!({"Name": "shop_front", "Labels": {
            "io.evenkeel.project": "other", "io.evenkeel.network": "front",
        }});
        world.docker_network_create(&body).expect("it is made");
    });
    let plan = adopting(&engine, &shop("")).await;
    assert_eq!(
        problem(&plan),
        (
            "name-taken",
            "a network of this name exists and belongs to the project other; it is just as the file wants it"
        )
    );
    assert!(plan.is_empty(), "{:?}", plan.steps);
}

#[tokio::test(start_paused = true)]
async fn one_with_others_on_it_is_not_made_anew() {
    let engine = engine();
    settled(&engine, &shop("")).await;
    engine.hands(|world| {
        let body = json!({"Image": "app:1"});
        world.docker_run("theirs", &body).expect("it runs");
        world
            .docker_connect("shop_front", "theirs", &json!({}))
            .expect("it joins");
    });
    let file = shop("internal: true");
    let plan = planned(&engine, &file).await;
    assert_eq!(
        problem(&plan),
        (
            "network-used",
            "it differs in internal, and cannot be made anew while theirs is on it, which is not this project's"
        )
    );
    assert!(plan.is_empty(), "{:?}", plan.steps);
    engine.hands(|world| {
        world
            .docker_disconnect("shop_front", "theirs")
            .expect("it leaves");
    });
    let outcome = applied(&engine, &file).await.expect("it ends");
    assert!(outcome.is_complete(), "{outcome:#?}");
    is_settled(&engine, &file).await;
    let aliases = &inspect(&engine, "web")["NetworkSettings"]["Networks"]["shop_front"]["Aliases"];
    assert!(aliases.to_string().contains("www"), "{aliases}");
}
