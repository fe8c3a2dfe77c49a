//! A value that an engine accepts and never takes is told of once, right after the apply, and with both values.

use evenkeel::{
    apply::{Limits, Stop, apply, what_came_back},
    engine::{
        look,
        simulated::{ImageSpec, Simulated},
    },
    plan::{Approved, Consent, Options, plan},
    report::came_back,
};
use serde_json::json;

use crate::house::desired;

fn engine() -> Simulated {
    Simulated::new().with_image("app:1", ImageSpec::default())
}

/// Plans and applies, and what is said of what came straight back; panics unless every step was done.
async fn told(engine: &Simulated, file: &str, options: &Options) -> Vec<String> {
    let desired = desired(file);
    let looked = look(engine, &desired).await.expect("the engine answers");
    let consent = Consent {
        plan: true,
        emptying: true,
    };
    let planned = plan(&desired, &looked.live, options);
    let approved = Approved::new(planned, consent).expect("agreed to");
    let (_running, stop) = tokio::sync::watch::channel(Stop::No);
    let outcome = apply(engine, &approved, &Limits::default(), stop, &|_| {}).await;
    assert!(outcome.is_complete(), "{outcome:#?}");
    let back = what_came_back(engine, &desired, options, approved.plan(), &outcome).await;
    back.expect("the engine answers")
        .iter()
        .map(|back| came_back(back, &approved.plan().secrets))
        .collect()
}

#[tokio::test(start_paused = true)]
async fn of_a_new_container_and_of_one_that_is_changed() {
    let engine = engine();
    let options = Options::default();
    engine.hands(|world| world.never_takes("web", "/HostConfig/Memory", json!(128 << 20)));
    let file = |memory: &str, restart: &str| {
        format!(
            "project: shop\ncontainers: {{ web: {{ image: 'app:1', mem_limit: {memory}, restart: {restart} }} }}\n"
        )
    };
    let made = told(&engine, &file("64m", "always"), &options).await;
    assert_eq!(made.len(), 1, "{made:?}");
    assert!(
        made[0].starts_with("web: memory is 128 MiB and not 64 MiB right after it was applied"),
        "{made:?}"
    );
    let changed = told(&engine, &file("64m", "no"), &options).await;
    assert_eq!(changed, made, "the restart policy was taken");
    // Nothing was done, and so nothing was asked again either.
    engine.hands(|world| world.stubborn.clear());
    told(&engine, &file("64m", "no"), &options).await;
    let calls = engine.count();
    assert!(told(&engine, &file("64m", "no"), &options).await.is_empty());
    let looks = engine.calls()[usize::try_from(calls).expect("few")..]
        .iter()
        .filter(|call| call.name == "containers")
        .count();
    assert_eq!(looks, 1);
}

#[tokio::test(start_paused = true)]
async fn without_saying_what_is_secret() {
    let engine = engine();
    let file = "project: shop\ncontainers: { web: { image: 'app:1', env: { API_TOKEN: hunter2hunter2 } } }\n";
    engine.hands(|world| {
        world.never_takes("web", "/Config/Env", json!(["API_TOKEN=swordfish99"]));
    });
    let told = told(&engine, file, &Options::default()).await;
    let token = told
        .iter()
        .find(|text| text.contains("env.API_TOKEN"))
        .unwrap_or_else(|| panic!("it is told: {told:?}"));
    assert!(token.contains("(sensitive) and not (sensitive)"), "{token}");
    let all = told.join("\n");
    assert!(
        !all.contains("hunter2") && !all.contains("swordfish"),
        "{all}"
    );
}

#[tokio::test(start_paused = true)]
async fn of_a_network() {
    let engine = engine();
    let file = "project: shop\ncontainers: { web: { image: 'app:1' } }\nnetworks: { default: { internal: true } }\n";
    engine.hands(|world| world.never_takes("shop_default", "/Internal", json!(false)));
    let told = told(&engine, file, &Options::default()).await;
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(
        told[0].starts_with("network shop_default: internal is "),
        "{told:?}"
    );
    assert!(!told[0].contains("ignore_changes"), "{told:?}");
}

#[tokio::test(start_paused = true)]
async fn what_is_held_is_neither_done_nor_told_again_and_the_rest_is_done() {
    let engine = engine();
    let file =
        "project: shop\ncontainers: { web: { image: 'app:1', mem_limit: 64m, restart: always } }\n";
    told(&engine, file, &Options::default()).await;
    engine.hands(|world| {
        world.never_takes("web", "/HostConfig/Memory", json!(128 << 20));
        let update = json!({ "RestartPolicy": { "Name": "no" } });
        world.docker_update("web", &update).expect("it is updated");
    });
    let hold = Options {
        hold: [(
            evenkeel::plan::StepId::new(evenkeel::plan::Kind::Container, "web"),
            "memory".to_owned(),
        )]
        .into(),
        ..Options::default()
    };
    assert!(told(&engine, file, &hold).await.is_empty());
    let body = engine
        .calls()
        .into_iter()
        .rfind(|call| call.name == "update")
        .map(|call| call.arguments[1].clone());
    assert_eq!(
        body,
        Some(json!({ "RestartPolicy": { "Name": "always", "MaximumRetryCount": 0 } }))
    );
}
