//! Networks that are there already: others', and others on ours; and those that are gone.

use std::time::Duration;

use evenkeel::{
    engine::{
        look,
        simulated::{Behaviour, Fault, ImageSpec, Simulated, Trigger},
    },
    plan::{Options, Plan, plan},
};
use serde_json::json;

use crate::house::{
    applied, calls_of, converges, desired, inspect, is_settled, names, planned, settled,
};

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

/// What a plan for a file changes, as `action name: path`.
async fn changes(engine: &Simulated, file: &str) -> Vec<String> {
    let plan = planned(engine, file).await;
    let steps = plan.steps.iter().filter(|step| !step.changes.is_empty());
    steps
        .map(|step| {
            let paths: Vec<String> = step
                .changes
                .iter()
                .map(|one| one.path.to_string())
                .collect();
            format!("{} {}: {}", step.action.word(), step.name, paths.join(", "))
        })
        .collect()
}

#[tokio::test(start_paused = true)]
async fn a_stopped_container_whose_network_was_removed_is_put_on_the_new_one_and_started() {
    for made_again in [false, true] {
        let engine = engine();
        settled(&engine, &shop("")).await;
        engine.hands(|world| {
            world.docker_stop("web").expect("it stops");
            world.docker_network_rm("shop_front").expect("it goes");
            if made_again {
                let body = json!({"Name": "shop_front"});
                world.docker_network_create(&body).expect("it is made");
            }
            let refused = world.docker_start("web").expect_err("its network is gone");
            assert!(refused.to_string().contains("not found"), "{refused}");
        });
        let expected = ["update web: networks.front, state"];
        assert_eq!(changes(&engine, &shop("")).await, expected);
        settled(&engine, &shop("")).await;
        let aliases =
            &inspect(&engine, "web")["NetworkSettings"]["Networks"]["shop_front"]["Aliases"];
        assert!(aliases.to_string().contains("www"), "{aliases}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_stopped_container_leaves_a_network_that_is_gone_and_not_wanted_any_more() {
    let engine = engine();
    settled(&engine, &shop("")).await;
    engine.hands(|world| {
        world.docker_stop("web").expect("it stops");
        world.docker_network_rm("shop_front").expect("it goes");
    });
    let file = shop("").replace("front", "back");
    settled(&engine, &file).await;
    let networks = inspect(&engine, "web")["NetworkSettings"]["Networks"].clone();
    assert!(networks.get("shop_back").is_some(), "{networks}");
    assert!(networks.get("shop_front").is_none(), "{networks}");
}

#[tokio::test(start_paused = true)]
async fn an_old_one_comes_back_though_its_network_was_removed_while_it_was_set_aside() {
    let engine = engine().with_image(
        "bad:1",
        ImageSpec::default().behaving(Behaviour::exits(3, Duration::from_millis(100))),
    );
    settled(&engine, &shop("")).await;
    let world = engine.world();
    let bad = shop("").replace("app:1", "bad:1");
    let mut set_aside = 0;
    for call in calls_of(&world, &bad).await {
        let engine = Simulated::of(world.clone());
        engine.fault(Trigger::Call(call), Fault::HangAfter);
        applied(&engine, &bad).await;
        engine.heal();
        let removed = engine.hands(|world| {
            for name in ["web", "web.next"] {
                let _ = world.docker_stop(name);
            }
            world.docker_network_rm("shop_front").is_ok()
        });
        set_aside += u32::from(removed && names(&engine).iter().any(|name| name == "web.prev"));
        converges(&engine, &shop(""), &format!("killed after call {call}")).await;
    }
    assert!(set_aside > 1, "{set_aside} times");
}

#[tokio::test(start_paused = true)]
async fn one_of_ours_that_leaves_while_the_engine_is_looked_at_is_no_stranger() {
    let engine = engine();
    settled(&engine, &shop("")).await;
    let desired = desired(&shop("internal: true"));
    let mut live = look(&engine, &desired).await.expect("it answers").live;
    assert_eq!(live.others[0].networks, ["shop_front"]);
    // An apply that was killed has taken it off between the list and the answer about this one.
    live.containers[0].endpoints.clear();
    let plan = plan(&desired, &live, &Options::default());
    assert!(!plan.has_errors(), "{:?}", plan.problems);
}
