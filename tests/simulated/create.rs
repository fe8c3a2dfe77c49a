//! First applies: order, conditions, and what is said of a container that does not come up.

use std::{sync::Mutex, time::Duration};

use evenkeel::{
    apply::{Happening, Limits, Reached, Stop, Trouble, apply},
    engine::simulated::{Behaviour, Fault, ImageSpec, Simulated, Trigger},
    plan::{Approved, Consent, InjectedFile, Plan, Work},
};
use serde_json::json;

use crate::house::{applied, applied_until, names, planned, settled, status, trouble};

fn engine() -> Simulated {
    let says = |behaviour: Behaviour, lines: &[&str]| Behaviour {
        says: lines.iter().map(|line| (*line).to_owned()).collect(),
        ..behaviour
    };
    let check =
        json!({"Healthcheck": {"Test": ["CMD", "true"], "Interval": 1_000_000_000, "Retries": 2}});
    Simulated::new()
        .with_image("app:1", ImageSpec::default())
        .with_image(
            "sick:1",
            ImageSpec::new(check.clone()).behaving(Behaviour::unhealthy()),
        )
        .with_image("well:1", ImageSpec::new(check))
        .with_image(
            "bad:1",
            ImageSpec::default().behaving(says(
                Behaviour::exits(3, Duration::from_millis(50)),
                &["one", "the password is hunter22"],
            )),
        )
        .with_image(
            "job:1",
            ImageSpec::default().behaving(Behaviour::exits(0, Duration::from_mins(1))),
        )
        .with_image(
            "lost:1",
            ImageSpec::default().behaving(says(
                Behaviour::exits(7, Duration::from_secs(1)),
                &["no table"],
            )),
        )
}

fn agreed(plan: Plan) -> Approved {
    let consent = Consent {
        plan: true,
        emptying: false,
    };
    Approved::new(plan, consent).expect("agreed to")
}

#[tokio::test(start_paused = true)]
async fn nothing_is_called_that_need_not_be() {
    let engine = engine();
    let file = "project: shop\ncontainers: { aa: { image: 'app:1' }, bb: { image: 'app:1' } }\n";
    let plan = agreed(planned(&engine, file).await);
    engine.forget_calls();
    let (_running, stop) = tokio::sync::watch::channel(Stop::No);
    let outcome = apply(&engine, &plan, &Limits::default(), stop, &|_| {}).await;
    assert!(outcome.is_complete(), "{outcome:?}");
    let calls: Vec<&str> = engine.calls().iter().map(|call| call.name).collect();
    let count = |name: &str| calls.iter().filter(|call| **call == name).count();
    // The network, two containers, and one last look at each.
    assert_eq!(
        (
            count("create_container"),
            count("start"),
            count("container"),
            calls.len()
        ),
        (2, 2, 2, 7),
        "{calls:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn one_that_dies_at_once_is_found_by_the_last_look_and_its_secrets_are_hidden() {
    let engine = engine();
    let file = "project: shop\ncontainers: { web: { image: 'bad:1', env: { DB_PASSWORD: hunter22 } }, other: { image: 'app:1' } }\n";
    let outcome = applied(&engine, file).await.expect("it ends");
    let Trouble::Failed(failure) = trouble(&outcome, "web") else {
        panic!("{outcome:?}");
    };
    assert_eq!(failure.text, "web exited with code 3 right after its start");
    assert_eq!(failure.reached, Reached::Started);
    assert_eq!(failure.log, ["one", "the password is (sensitive)"]);
    assert_eq!(status(&engine, "other"), "running");
}

#[tokio::test(start_paused = true)]
async fn one_that_cannot_be_started_was_created_all_the_same() {
    let engine = engine();
    let file = "project: shop\ncontainers: { web: { image: 'app:1', ports: ['8300:80'] } }\n";
    let plan = agreed(planned(&engine, file).await);
    // Somebody is faster.
    let body = json!({
        "Image": "app:1",
        "ExposedPorts": { "80/tcp": {} },
        "HostConfig": { "PortBindings": { "80/tcp": [{ "HostPort": "8300" }] } },
    });
    engine
        .hands(|world| world.docker_run("fast", &body))
        .expect("it runs");
    let (_running, stop) = tokio::sync::watch::channel(Stop::No);
    let outcome = apply(&engine, &plan, &Limits::default(), stop, &|_| {}).await;
    let Trouble::Failed(failure) = trouble(&outcome, "web") else {
        panic!("{outcome:?}");
    };
    assert!(failure.text.starts_with("cannot start web"), "{failure:?}");
    assert_eq!(failure.reached, Reached::Created);
    assert_eq!(status(&engine, "web"), "created");
}

#[tokio::test(start_paused = true)]
async fn a_container_waits_until_another_one_is_healthy() {
    let engine = engine();
    let file = "project: shop\ncontainers: { db: { image: 'well:1' }, web: { image: 'app:1', depends_on: { db: { condition: service_healthy } } } }\n";
    let seen = Mutex::new(Vec::new());
    let plan = agreed(planned(&engine, file).await);
    let (_running, stop) = tokio::sync::watch::channel(Stop::No);
    let outcome = apply(&engine, &plan, &Limits::default(), stop, &|happening| {
        if let Happening::At { step, text, .. } = happening {
            seen.lock()
                .expect("not poisoned")
                .push(format!("{}: {text}", step.name));
        }
    })
    .await;
    assert!(outcome.is_complete(), "{outcome:?}");
    assert_eq!(
        *seen.lock().expect("not poisoned"),
        ["web: waiting until db is healthy"]
    );
}

#[tokio::test(start_paused = true)]
async fn a_wait_that_cannot_come_true_ends_at_once_and_takes_the_dependents_along() {
    let engine = engine();
    let file = "
project: shop
containers:
  db: { image: 'sick:1' }
  web: { image: 'app:1', depends_on: { db: { condition: service_healthy } } }
  proxy: { image: 'app:1', depends_on: [web] }
  bare: { image: 'app:1', depends_on: { plain: { condition: service_healthy } } }
  plain: { image: 'app:1' }
  alone: { image: 'app:1' }
";
    let outcome = applied(&engine, file).await.expect("it ends");
    let text = |name: &str| match trouble(&outcome, name) {
        Trouble::Failed(failure) => failure.text.clone(),
        other => panic!("{other:?}"),
    };
    assert_eq!(text("web"), "db is unhealthy");
    assert_eq!(
        text("bare"),
        "plain has no health check, and so cannot become healthy"
    );
    let Trouble::NotTried { because } = trouble(&outcome, "proxy") else {
        panic!("{outcome:?}");
    };
    assert_eq!(because.to_string(), "container.web");
    assert_eq!(status(&engine, "alone"), "running");
    assert_eq!(names(&engine), ["alone", "db", "plain"]);
}

#[tokio::test(start_paused = true)]
async fn a_dependency_that_is_not_required_may_fail() {
    let engine = engine();
    let file = "
project: shop
containers:
  db: { image: 'app:1' }
  web: { image: 'app:1', depends_on: { db: { condition: service_healthy, required: false } } }
";
    engine.fault(
        Trigger::when(|call| call.name == "create_container" && call.target == "db"),
        Fault::Error(evenkeel::engine::EngineError::Refused {
            status: 400,
            text: "no".into(),
        }),
    );
    let outcome = applied(&engine, file).await.expect("it ends");
    assert!(matches!(trouble(&outcome, "db"), Trouble::Failed(_)));
    assert_eq!(status(&engine, "web"), "running");
    assert_eq!(
        outcome.warnings,
        ["web was started although db does not exist"]
    );
}

#[tokio::test(start_paused = true)]
async fn a_job_that_fails_says_why_and_is_waited_for() {
    let engine = engine();
    let file = |image: &str| {
        format!(
            "project: shop\ncontainers: {{ job: {{ image: '{image}', state: completed }}, web: {{ image: 'app:1', depends_on: {{ job: {{ condition: service_completed_successfully }} }} }} }}\n"
        )
    };
    let outcome = applied(&engine, &file("lost:1")).await.expect("it ends");
    let Trouble::Failed(failure) = trouble(&outcome, "job") else {
        panic!("{outcome:?}");
    };
    assert_eq!(
        (failure.text.as_str(), failure.log.as_slice()),
        ("job exited with code 7", ["no table".to_owned()].as_slice())
    );
    assert_eq!(status(&engine, "web"), "gone");
    settled(&engine, &file("job:1")).await;
}

#[tokio::test(start_paused = true)]
async fn a_job_that_still_runs_is_waited_for_by_the_next_apply() {
    for (image, text) in [("job:1", None), ("lost:1", Some("job exited with code 7"))] {
        let engine = engine();
        let file = format!(
            "project: shop\ncontainers: {{ job: {{ image: '{image}', state: completed }} }}\n"
        );
        let killed = tokio::time::timeout(Duration::from_millis(500), applied(&engine, &file));
        assert!(killed.await.is_err());
        assert_eq!(status(&engine, "job"), "running");
        let plan = planned(&engine, &file).await;
        let reasons: Vec<&str> = plan.steps.iter().map(|step| &*step.reason).collect();
        assert_eq!(reasons, ["has not done its work yet, and is waited for"]);
        assert!(!plan.steps[0].interrupts && plan.steps[0].completes());
        let writes = engine.writes().len();
        let outcome = applied(&engine, &file).await.expect("it ends");
        assert_eq!(engine.writes().len(), writes, "it is only waited for");
        match text {
            None => assert!(outcome.is_complete(), "{outcome:?}"),
            Some(text) => {
                let Trouble::Failed(failure) = trouble(&outcome, "job") else {
                    panic!("{outcome:?}");
                };
                assert_eq!(
                    (&*failure.text, &*failure.log),
                    (text, &["no table".to_owned()][..])
                );
            }
        }
        assert_eq!(planned(&engine, &file).await.is_empty(), text.is_none());
    }
}

#[tokio::test(start_paused = true)]
async fn an_apply_that_is_stopped_does_not_wait_for_a_job_that_another_one_started() {
    let engine = engine();
    let file = "project: shop\ncontainers: { job: { image: 'job:1', state: completed } }\n";
    let killed = tokio::time::timeout(Duration::from_millis(500), applied(&engine, file));
    assert!(killed.await.is_err());
    let (stop, stopped) = tokio::sync::watch::channel(Stop::No);
    let stops = async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        stop.send_replace(Stop::AfterSteps);
    };
    let (outcome, ()) = tokio::join!(applied_until(&engine, file, stopped), stops);
    let outcome = outcome.expect("it ends");
    assert_eq!(*trouble(&outcome, "job"), Trouble::Stopped);
    assert_eq!(status(&engine, "job"), "running");
    settled(&engine, file).await;
}

#[tokio::test(start_paused = true)]
async fn a_job_that_was_frozen_is_thawed_and_waited_for() {
    let engine = engine();
    let file = "project: shop\ncontainers: { job: { image: 'job:1', state: completed } }\n";
    let killed = tokio::time::timeout(Duration::from_millis(500), applied(&engine, file));
    assert!(killed.await.is_err());
    engine
        .hands(|world| world.docker_pause("job"))
        .expect("frozen");
    settled(&engine, file).await;
}

#[tokio::test(start_paused = true)]
async fn a_name_stands_for_a_container_that_has_its_files() {
    for fault in [Fault::HangBefore, Fault::HangAfter] {
        let engine = engine();
        let file = "project: shop\ncontainers: { web: { image: 'app:1' } }\n";
        let mut plan = planned(&engine, file).await;
        for step in &mut plan.steps {
            if let Work::Create(creation) = &mut step.work {
                creation.files.push(InjectedFile {
                    target: "/etc/app.conf".into(),
                    uid: 0,
                    gid: 0,
                    mode: 0o444,
                    content: "hello".into(),
                });
            }
        }
        engine.fault(Trigger::Nth("upload", 1), fault);
        let plan = agreed(plan);
        let limits = Limits::default();
        let (_running, stop) = tokio::sync::watch::channel(Stop::No);
        let run = apply(&engine, &plan, &limits, stop, &|_| {});
        let killed = tokio::time::timeout(Duration::from_hours(1), run).await;
        assert!(killed.is_err(), "{killed:?}");
        assert_eq!(names(&engine), ["web.next"]);
        settled(&engine, file).await;
    }
}
