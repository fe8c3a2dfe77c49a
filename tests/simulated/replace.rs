//! Replacements: their calls in order, and what becomes of a new container that does not come up.

use std::{sync::Mutex, time::Duration};

use evenkeel::{
    apply::{Happening, Limits, Stop, Trouble, apply},
    engine::{
        Act as _,
        simulated::{Behaviour, Fault, ImageSpec, Simulated, Trigger},
    },
    plan::{Approved, Consent, Work},
};
use serde_json::json;

use crate::house::{applied, has_variable, inspect, names, planned, settled, status, trouble};

fn engine() -> Simulated {
    let check =
        json!({"Healthcheck": {"Test": ["CMD", "true"], "Interval": 1_000_000_000, "Retries": 2}});
    Simulated::new()
        .with_image("app:1", ImageSpec::new(json!({"Volumes": {"/data": {}}})))
        .with_image(
            "app:2",
            ImageSpec::new(json!({"Volumes": {"/data": {}}})).build(2),
        )
        .with_image("well:1", ImageSpec::new(check.clone()))
        .with_image(
            "sick:1",
            ImageSpec::new(check).behaving(Behaviour::unhealthy()),
        )
        .with_image(
            "loop:1",
            ImageSpec::new(json!({"Healthcheck": {"Test": ["CMD", "true"], "Interval": 30_000_000_000_i64, "StartPeriod": 200_000_000_000_i64}}))
                .behaving(Behaviour::exits(3, Duration::from_millis(700))),
        )
        .with_image(
            "bad:1",
            ImageSpec::default().behaving(Behaviour {
                says: vec!["cannot open /etc/app.conf".into()],
                ..Behaviour::exits(3, Duration::from_millis(700))
            }),
        )
}

fn web(rest: &str) -> String {
    format!("project: shop\ncontainers: {{ web: {{ {rest} }} }}\n")
}

/// The names of the writing calls of an apply.
async fn writes(engine: &Simulated, file: &str) -> Vec<String> {
    engine.forget_calls();
    applied(engine, file).await.expect("it ends");
    let calls = engine.writes();
    calls
        .iter()
        .map(|call| call.split(' ').next().unwrap_or_default().to_owned())
        .collect()
}

#[tokio::test(start_paused = true)]
async fn the_old_one_stops_before_the_new_one_starts() {
    let engine = engine();
    settled(&engine, &web("image: 'app:1'")).await;
    assert_eq!(
        writes(&engine, &web("image: 'app:2'")).await,
        [
            "create_container",
            "rename",
            "rename",
            "stop",
            "start",
            "remove_container"
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn the_new_one_starts_before_the_old_one_stops() {
    let engine = engine();
    let order = "restart: always, update: { order: start-first }";
    settled(&engine, &web(&format!("image: 'app:1', {order}"))).await;
    assert_eq!(
        writes(&engine, &web(&format!("image: 'app:2', {order}"))).await,
        [
            "create_container",
            "start",
            "rename",
            "rename",
            "update",
            "stop",
            "remove_container"
        ]
    );
    assert_eq!(names(&engine), ["web"]);
}

#[tokio::test(start_paused = true)]
async fn one_that_is_to_be_frozen_is_frozen_however_the_replacement_ended() {
    for order in ["stop-first", "start-first"] {
        let engine = engine();
        let file = |image| {
            web(&format!(
                "image: '{image}', state: paused, update: {{ order: {order} }}"
            ))
        };
        settled(&engine, &file("app:1")).await;
        engine.fault(Trigger::Nth("remove_container", 1), Fault::HangBefore);
        assert!(applied(&engine, &file("app:2")).await.is_none());
        engine.heal();
        settled(&engine, &file("app:2")).await;
        assert_eq!(status(&engine, "web"), "paused", "{order}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_anonymous_volume_goes_along() {
    let engine = engine();
    settled(&engine, &web("image: 'app:1'")).await;
    let volume = |engine: &Simulated| inspect(engine, "web")["Mounts"][0]["Name"].clone();
    let before = volume(&engine);
    settled(&engine, &web("image: 'app:2'")).await;
    assert_eq!(before, volume(&engine));
}

#[tokio::test(start_paused = true)]
async fn one_that_dies_within_the_monitor_is_rolled_back() {
    for order in ["stop-first", "start-first"] {
        let engine = engine();
        let rest = format!("restart: always, update: {{ order: {order} }}");
        settled(
            &engine,
            &web(&format!("image: 'app:1', env: {{ A: '1' }}, {rest}")),
        )
        .await;
        let id = inspect(&engine, "web")["Id"].clone();
        let file = web(&format!("image: 'bad:1', update: {{ order: {order} }}"));
        let outcome = applied(&engine, &file).await.expect("it ends");
        let Trouble::RolledBack(failure) = trouble(&outcome, "web") else {
            panic!("{order}: {outcome:?}");
        };
        let name = if order == "stop-first" {
            "web"
        } else {
            "web.next"
        };
        assert_eq!(
            (failure.text.as_str(), failure.log.as_slice()),
            (
                format!("{name} exited with code 3 right after its start").as_str(),
                ["cannot open /etc/app.conf".to_owned()].as_slice()
            )
        );
        assert_eq!(
            (names(&engine), status(&engine, "web")),
            (vec!["web".into()], "running".into())
        );
        assert_eq!(id, inspect(&engine, "web")["Id"]);
        assert_eq!(
            inspect(&engine, "web")["HostConfig"]["RestartPolicy"]["Name"],
            "always"
        );
        assert!(has_variable(&engine, "web", "A=1"));
    }
}

#[tokio::test(start_paused = true)]
async fn one_with_a_health_check_counts_when_it_passes() {
    let engine = engine();
    settled(&engine, &web("image: 'app:1'")).await;
    settled(&engine, &web("image: 'well:1'")).await;
    let outcome = applied(&engine, &web("image: 'sick:1'"))
        .await
        .expect("it ends");
    let Trouble::RolledBack(failure) = trouble(&outcome, "web") else {
        panic!("{outcome:?}");
    };
    assert_eq!(failure.text, "web is unhealthy");
    assert_eq!(inspect(&engine, "web")["Config"]["Image"], "well:1");
}

#[tokio::test(start_paused = true)]
async fn one_with_a_health_check_that_dies_is_not_waited_for() {
    let engine = engine();
    settled(&engine, &web("image: 'app:1'")).await;
    let begun = tokio::time::Instant::now();
    let outcome = applied(&engine, &web("image: 'loop:1', restart: unless-stopped"))
        .await
        .expect("it ends");
    let Trouble::RolledBack(failure) = trouble(&outcome, "web") else {
        panic!("{outcome:?}");
    };
    assert!(
        failure.text.contains("before it was healthy"),
        "{}",
        failure.text
    );
    assert!(
        begun.elapsed() < Duration::from_secs(5),
        "{:?}",
        begun.elapsed()
    );
    assert_eq!(inspect(&engine, "web")["Config"]["Image"], "app:1");
}

#[tokio::test(start_paused = true)]
async fn what_is_waited_for_is_told() {
    for (image, aim) in [
        ("app:2", "waiting until web has lived for 2 s"),
        ("well:1", "waiting until web is healthy"),
    ] {
        let engine = engine();
        settled(&engine, &web("image: 'app:1'")).await;
        let file = web(&format!("image: '{image}', update: {{ monitor: 2s }}"));
        assert!(told(&engine, &file).await.iter().any(|text| text == aim));
    }
}

/// What steps say that they are at while a file is applied.
async fn told(engine: &Simulated, file: &str) -> Vec<String> {
    let consent = Consent {
        plan: true,
        emptying: false,
    };
    let plan = Approved::new(planned(engine, file).await, consent).expect("agreed to");
    let texts = Mutex::new(Vec::new());
    let tell = |happening: Happening<'_>| {
        if let Happening::At { text, .. } = happening {
            texts.lock().expect("not poisoned").push(text);
        }
    };
    let (_running, stop) = tokio::sync::watch::channel(Stop::No);
    apply(engine, &plan, &Limits::default(), stop, &tell).await;
    texts.into_inner().expect("not poisoned")
}

#[tokio::test(start_paused = true)]
async fn a_rollback_keeps_the_new_one_if_the_old_one_is_gone() {
    let engine = engine();
    settled(&engine, &web("image: 'app:1'")).await;
    let file = web("image: 'bad:1'");
    // Somebody removes the old one while the new one is watched.
    let somebody = engine.clone();
    let removing = async move {
        while !names(&somebody).iter().any(|name| name == "web.prev") {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        somebody
            .hands(|world| world.docker_rm("web.prev"))
            .expect("removed");
    };
    let (outcome, ()) = tokio::join!(applied(&engine, &file), removing);
    let outcome = outcome.expect("it ends");
    let Trouble::Failed(failure) = trouble(&outcome, "web") else {
        panic!("{outcome:?}");
    };
    assert!(
        failure
            .text
            .ends_with("the old web is gone, so the new one stays"),
        "{}",
        failure.text
    );
    assert_eq!(names(&engine), ["web"]);
}

#[tokio::test(start_paused = true)]
async fn one_that_another_process_made_is_not_taken_for_ours() {
    let engine = engine();
    settled(&engine, &web("image: 'app:1'")).await;
    let file = web("image: 'app:2'");
    let plan = planned(&engine, &file).await;
    // Another process makes the same container, from the same request, between our plan and our call.
    let Work::Replace(replacement) = &plan.steps.last().expect("a step").work else {
        panic!("{plan:?}");
    };
    let body = &replacement.creation.body;
    engine
        .create_container("web.next", body, None)
        .await
        .expect("made");
    let consent = Consent {
        plan: true,
        emptying: false,
    };
    let plan = Approved::new(plan, consent).expect("agreed to");
    let (_running, stop) = tokio::sync::watch::channel(Stop::No);
    let outcome = apply(&engine, &plan, &Limits::default(), stop, &|_| {}).await;
    assert!(matches!(trouble(&outcome, "web"), Trouble::Failed(_)));
    assert_eq!(names(&engine), ["web", "web.next"]);
    assert_eq!(status(&engine, "web"), "running");
    settled(&engine, &file).await;
}

#[tokio::test(start_paused = true)]
async fn the_file_may_say_that_both_stay() {
    let engine = engine();
    settled(&engine, &web("image: 'app:1'")).await;
    let file = web("image: 'bad:1', update: { failure_action: pause }");
    let outcome = applied(&engine, &file).await.expect("it ends");
    assert!(matches!(trouble(&outcome, "web"), Trouble::Paused(_)));
    assert_eq!(names(&engine), ["web", "web.prev"]);
    // Another file ends the pause, whatever it wants.
    settled(&engine, &web("image: 'app:2'")).await;
}

#[tokio::test(start_paused = true)]
async fn one_that_did_not_come_up_is_not_called_interrupted() {
    for (order, there, reason) in [
        (
            "stop-first",
            ["web", "web.prev"],
            "the new one did not come up, and is tried again",
        ),
        (
            "start-first",
            ["web", "web.next"],
            "was left by a replacement, and did not come up",
        ),
    ] {
        let engine = engine();
        settled(&engine, &web("image: 'app:1'")).await;
        let file = web(&format!(
            "image: 'bad:1', update: {{ order: {order}, failure_action: pause }}"
        ));
        applied(&engine, &file).await.expect("it ends");
        assert_eq!(names(&engine), there);
        let plan = planned(&engine, &file).await;
        assert_eq!(plan.steps[0].reason, reason, "{order}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_file_may_say_that_the_new_one_stays() {
    let engine = engine();
    settled(&engine, &web("image: 'app:1'")).await;
    let file = web("image: 'bad:1', update: { failure_action: continue }");
    let outcome = applied(&engine, &file).await.expect("it ends");
    assert!(matches!(trouble(&outcome, "web"), Trouble::Continued(_)));
    assert_eq!(
        (names(&engine), status(&engine, "web")),
        (vec!["web".into()], "exited".into())
    );
}

#[tokio::test(start_paused = true)]
async fn a_new_one_that_the_engine_refuses_leaves_the_old_one_alone() {
    let engine = engine();
    settled(&engine, &web("image: 'app:1'")).await;
    engine.fault(
        evenkeel::engine::simulated::Trigger::Nth("create_container", 1),
        evenkeel::engine::simulated::Fault::Error(evenkeel::engine::EngineError::Refused {
            status: 400,
            text: "invalid hostname".into(),
        }),
    );
    let outcome = applied(&engine, &web("image: 'app:2'"))
        .await
        .expect("it ends");
    let Trouble::Failed(failure) = trouble(&outcome, "web") else {
        panic!("{outcome:?}");
    };
    assert_eq!(failure.text, "cannot create web.next: invalid hostname");
    assert!(engine.writes().iter().all(|call| !call.starts_with("stop")));
    assert!(!planned(&engine, &web("image: 'app:2'")).await.is_empty());
}
