//! A container that somebody made by hand is replaced by one of ours, and the program is killed on the way: the old one
//! carries no label of ours, and is found again all the same. What only looks like it is left alone.

use std::collections::BTreeSet;

use evenkeel::{
    apply::{Limits, Outcome, Stop, apply},
    engine::{
        look,
        simulated::{
            Allowed, Behaviour, Fault, ImageSpec, Simulated, Trigger, World, instances, violations,
        },
    },
    plan::{Approved, Consent, Options, Plan, plan},
};
use serde_json::json;

use crate::house::{converges, desired, inspect, names, planned, status};

/// The file that takes `web` over: in an order, from an image, and saying itself that it may or not.
fn file(order: &str, image: &str, says_so: bool) -> String {
    format!(
        "project: shop\ncontainers: {{ web: {{ image: '{image}', restart: always, adopt: {says_so}, update: {{ order: {order} }} }} }}\n"
    )
}

/// An engine with a `web` that somebody made by hand.
fn engine() -> Simulated {
    let volume = json!({"Volumes": {"/data": {}}});
    let engine = Simulated::new()
        .with_image("app:1", ImageSpec::new(volume.clone()))
        .with_image("app:2", ImageSpec::new(volume.clone()).build(2))
        .with_image(
            "bad:1",
            ImageSpec::new(volume)
                .build(3)
                .behaving(Behaviour::exits(3, std::time::Duration::from_millis(100))),
        );
    let made =
        json!({"Image": "app:1", "HostConfig": {"RestartPolicy": {"Name": "unless-stopped"}}});
    engine
        .hands(|world| world.docker_run("web", &made))
        .expect("it runs");
    engine
}

async fn planned_to_adopt(engine: &Simulated, file: &str, adopt: bool) -> Plan {
    let desired = desired(file);
    let looked = look(engine, &desired).await.expect("the engine answers");
    let options = Options {
        adopt,
        ..Options::default()
    };
    plan(&desired, &looked.live, &options)
}

/// Applies until the end, or until the program is killed: `None`.
async fn applied(engine: &Simulated, file: &str, adopt: bool) -> Option<Outcome> {
    let plan = planned_to_adopt(engine, file, adopt).await;
    assert!(!plan.has_errors(), "{:?}", plan.problems);
    let consent = Consent {
        plan: true,
        emptying: false,
    };
    let approved = Approved::new(plan, consent).expect("agreed to");
    let (_running, stop) = tokio::sync::watch::channel(Stop::No);
    let limits = Limits::default();
    tokio::select! {
        outcome = apply(engine, &approved, &limits, stop, &|_| {}) => Some(outcome),
        () = engine.killed() => None,
    }
}

/// What a container of a name was made from, and whether it runs and would come back after a restart of the engine.
fn stands(engine: &Simulated, name: &str) -> (String, String, String) {
    let found = inspect(engine, name);
    let text = |pointer: &str| {
        let value = found.pointer(pointer).and_then(serde_json::Value::as_str);
        value.unwrap_or_default().to_owned()
    };
    (
        text("/Config/Image"),
        status(engine, name),
        text("/HostConfig/RestartPolicy/Name"),
    )
}

fn as_it_was() -> (String, String, String) {
    ("app:1".into(), "running".into(), "unless-stopped".into())
}

/// Whether the old one or a new one that has run is there, and nobody else's was touched.
fn nothing_is_lost(world: &World, what: &str) {
    let old = world.containers.values().any(|found| {
        matches!(found.name.as_str(), "web" | "web.prev") && found.labels().is_empty()
    });
    let new = instances(world, "shop", "web");
    assert!(
        old || new.iter().any(|found| found.started.is_some()),
        "{what}: nothing is left of web"
    );
    let allowed = Allowed {
        foreign: BTreeSet::from(["web".to_owned(), "web.prev".to_owned()]),
        ..Allowed::default()
    };
    let wrong = violations(world, "shop", &allowed);
    assert!(wrong.is_empty(), "{what}: {wrong:?}");
}

/// Kills at each write of an adoption by replacement, before and after the engine has done it; `then` finishes the job.
async fn killed_at_each_write(wanted: &str, says_so: bool, then: impl AsyncFn(Simulated, &str)) {
    let world = engine().world();
    for fault in [Fault::HangBefore, Fault::HangAfter] {
        for write in 1.. {
            let engine = Simulated::of(world.clone());
            let what = format!("{fault:?} at write {write}");
            let said = what.clone();
            engine.on_call(move |world, _| nothing_is_lost(world, &said));
            engine.fault(Trigger::Write(write), fault.clone());
            let killed = applied(&engine, wanted, !says_so).await.is_none();
            engine.heal();
            then(engine, &what).await;
            if !killed {
                assert!(write > 4, "there were only {write} writes");
                break;
            }
        }
    }
}

/// Whether the next run has to be told once more that it may take `web` over: only where it stands there as it was.
async fn asks_again(engine: &Simulated, wanted: &str, what: &str) -> bool {
    let plan = planned(engine, wanted).await;
    if !plan.has_errors() {
        return false;
    }
    assert_eq!(names(engine), ["web"], "{what}: {:?}", plan.problems);
    assert_eq!(stands(engine, "web"), as_it_was(), "{what}");
    true
}

#[tokio::test(start_paused = true)]
async fn killed_at_each_write_it_is_finished_by_the_next_run() {
    for order in ["stop-first", "start-first"] {
        for says_so in [true, false] {
            let wanted = file(order, "app:2", says_so);
            killed_at_each_write(&wanted, says_so, async |engine, what| {
                let what = format!("{order}, {what}");
                if asks_again(&engine, &wanted, &what).await {
                    assert!(!says_so, "{what}: the file says that it may");
                    applied(&engine, &wanted, true).await.expect("it ends");
                }
                for _ in 0..2 {
                    applied(&engine, &wanted, false).await.expect("it ends");
                }
                let left = planned(&engine, &wanted).await;
                assert!(left.is_empty(), "{what}: {:#?}", left.steps);
                assert_eq!(names(&engine), ["web"], "{what}");
                let running = ("app:2".into(), "running".into(), "always".into());
                assert_eq!(stands(&engine, "web"), running, "{what}");
            })
            .await;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn killed_at_each_write_of_a_rollback_the_old_one_is_put_back_as_it_was() {
    for order in ["stop-first", "start-first"] {
        let wanted = file(order, "bad:1", true);
        killed_at_each_write(&wanted, true, async |engine, what| {
            let what = format!("{order}, {what}");
            for _ in 0..2 {
                applied(&engine, &wanted, false).await.expect("it ends");
            }
            assert_eq!(names(&engine), ["web"], "{what}");
            assert_eq!(stands(&engine, "web"), as_it_was(), "{what}");
        })
        .await;
    }
}

/// Killed while it takes `web` over, and then the file wants something else of it.
#[tokio::test(start_paused = true)]
async fn a_file_that_changed_meanwhile_puts_it_back_and_takes_it_over_anew() {
    for order in ["stop-first", "start-first"] {
        let first = file(order, "app:2", true);
        let then = first.replace("restart: always", "restart: 'no', env: { A: '1' }");
        killed_at_each_write(&first, true, async |engine, what| {
            for _ in 0..3 {
                applied(&engine, &then, false).await.expect("it ends");
            }
            let left = planned(&engine, &then).await;
            assert!(left.is_empty(), "{order}, {what}: {:#?}", left.steps);
            assert_eq!(names(&engine), ["web"], "{order}, {what}");
        })
        .await;
    }
}

/// Killed while it takes `web` over, and then the file does not list it any more: what was made by hand is left alone.
#[tokio::test(start_paused = true)]
async fn a_file_that_does_not_want_it_any_more_leaves_what_was_made_by_hand_alone() {
    let first = file("stop-first", "app:2", true);
    let empty = "project: shop\ncontainers: {}\n";
    killed_at_each_write(&first, true, async |engine, what| {
        // Nothing of it need be left in the end.
        engine.on_call(|_, _| {});
        let old = engine.look(|world| {
            let mut made = world.containers.values();
            made.find(|found| found.labels().is_empty())
                .map(|found| (found.id.clone(), found.name.clone()))
        });
        let aside = matches!(&old, Some((_, name)) if name == "web.prev");
        let plan = planned(&engine, empty).await;
        let told = plan.problems.iter().any(|found| found.code == "set-aside");
        assert_eq!(told, aside, "{what}: {:?}", plan.problems);
        let consent = Consent {
            plan: true,
            emptying: true,
        };
        let approved = Approved::new(plan, consent).expect("agreed to");
        let (_running, stop) = tokio::sync::watch::channel(Stop::No);
        apply(&engine, &approved, &Limits::default(), stop, &|_| {}).await;
        let names = names(&engine);
        match old {
            Some((_, name)) => assert_eq!(names, [name], "{what}"),
            None => assert!(names.is_empty(), "{what}: {names:?}"),
        }
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn what_is_only_called_so_is_left_alone() {
    let wanted = file("stop-first", "app:2", false);
    for name in ["web.prev", "web.next"] {
        let engine = engine();
        engine
            .hands(|world| {
                world.docker_rm("web")?;
                world.docker_run(name, &json!({"Image": "app:1"}))
            })
            .expect("done");
        applied(&engine, &wanted, false).await.expect("it ends");
        // It stands in the way of a replacement, which the plan foresees.
        let other = wanted.replace("app:2", "app:1");
        let plan = planned(&engine, &other).await;
        let codes: Vec<&str> = plan.problems.iter().map(|found| found.code).collect();
        assert_eq!(codes, ["name-taken"], "{name}: {:?}", plan.problems);
        assert!(plan.is_empty(), "{name}");
        assert_eq!(names(&engine), ["web", name]);
        let running = ("app:2".into(), "running".into(), "always".into());
        assert_eq!(stands(&engine, "web"), running, "{name}");
        engine.look(|world| {
            let wrong = violations(world, "shop", &Allowed::default());
            assert!(wrong.is_empty(), "{wrong:?}");
        });
        engine.hands(|world| world.docker_rm(name)).expect("gone");
        converges(&engine, &other, name).await;
    }
}

/// An id in a label of ours says nothing of a container that has another name by now.
#[tokio::test(start_paused = true)]
async fn one_that_was_set_aside_and_renamed_by_hand_is_somebody_elses_again() {
    let engine = engine();
    let wanted = file("stop-first", "app:2", true);
    engine.fault(Trigger::Nth("rename", 2), Fault::HangAfter);
    assert!(applied(&engine, &wanted, false).await.is_none());
    assert_eq!(names(&engine), ["web", "web.prev"]);
    engine.heal();
    engine
        .hands(|world| world.docker_rename("web.prev", "mine"))
        .expect("renamed");
    for _ in 0..2 {
        applied(&engine, &wanted, false).await.expect("it ends");
    }
    assert_eq!(names(&engine), ["mine", "web"]);
    assert!(planned(&engine, &wanted).await.is_empty());
}

/// A key that was changed in the file: the old one's own labels speak of a key that nobody wants.
#[tokio::test(start_paused = true)]
async fn a_changed_key_killed_at_each_write_is_finished_by_the_next_run() {
    for order in ["stop-first", "start-first"] {
        let of = |key: &str| {
            format!(
                "project: shop\ncontainers: {{ {key}: {{ image: 'app:1', container_name: web, update: {{ order: {order} }} }} }}\n"
            )
        };
        let engine = engine();
        engine.hands(|world| world.docker_rm("web")).expect("gone");
        converges(&engine, &of("old"), "first").await;
        let world = engine.world();
        for write in 1.. {
            let engine = Simulated::of(world.clone());
            let what = format!("{order}, killed after write {write}");
            let said = what.clone();
            engine.on_call(move |world, _| {
                let there = ["old", "new"].map(|key| instances(world, "shop", key));
                let ran = there.iter().flatten().any(|found| found.started.is_some());
                assert!(ran, "{said}: nothing that ran is left");
            });
            engine.fault(Trigger::Write(write), Fault::HangAfter);
            let killed = applied(&engine, &of("new"), false).await.is_none();
            converges(&engine, &of("new"), &what).await;
            assert_eq!(status(&engine, "web"), "running", "{what}");
            if !killed {
                assert!(write > 5, "there were only {write} writes");
                break;
            }
        }
    }
}

/// It has no label of ours, so the next change needs a consent that this one did not.
#[tokio::test(start_paused = true)]
async fn one_that_matches_is_used_as_it_is_and_told() {
    let engine = engine();
    let of = |says_so: bool, more: &str| {
        let file = "project: shop\ncontainers: { web: { image: 'app:1', restart: unless-stopped, network_mode: bridge, ";
        format!("{file}adopt: {says_so}{more} }} }}\n")
    };
    let told = |plan: &Plan| -> Vec<&'static str> {
        plan.problems.iter().map(|problem| problem.code).collect()
    };
    let plan = planned(&engine, &of(false, "")).await;
    assert!(plan.is_empty(), "{:?}", plan.steps);
    assert_eq!(told(&plan), ["container-foreign"]);
    assert_eq!(
        plan.problems[0].text,
        "a container of this name exists and was not made by Evenkeel; it is used as it is"
    );
    let plan = planned(&engine, &of(true, "")).await;
    assert!(
        plan.is_empty() && plan.problems.is_empty(),
        "{:?}",
        plan.problems
    );
    // What was told comes true, and what was asked for is done.
    let changed = of(false, ", env: { A: '1' }");
    assert_eq!(told(&planned(&engine, &changed).await), ["name-taken"]);
    let outcome = applied(&engine, &changed, true).await.expect("it ends");
    assert!(outcome.is_complete(), "{outcome:?}");
    let plan = planned(&engine, &changed).await;
    assert!(
        plan.is_empty() && plan.problems.is_empty(),
        "{:?}",
        plan.problems
    );
}

/// It gives its host port to the one that takes its place.
#[tokio::test(start_paused = true)]
async fn one_that_publishes_the_same_port_is_taken_over() {
    let engine = engine();
    let made = json!({
        "Image": "app:1", "ExposedPorts": {"80/tcp": {}},
        "HostConfig": {"PortBindings": {"80/tcp": [{"HostPort": "8080"}]}},
    });
    engine
        .hands(|world| {
            world.docker_rm("web")?;
            world.docker_run("web", &made)
        })
        .expect("it runs");
    let wanted = "project: shop\ncontainers: { web: { image: 'app:2', ports: ['8080:80'] } }\n";
    let outcome = applied(&engine, wanted, true).await.expect("it ends");
    assert!(outcome.is_complete(), "{outcome:?}");
    assert!(planned(&engine, wanted).await.is_empty());
}
