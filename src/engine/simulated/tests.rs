//! What a client sees of the simulated engine.

use std::time::Duration;

use futures_util::StreamExt;
use serde_json::{Value, json};

use super::{Behaviour, Clock, Fault, ImageSpec, Profile, Remote, Simulated, Trigger};
use crate::engine::{Act, EngineError, Next, Observe};

fn engine() -> Simulated {
    Simulated::new()
        .with_clock(Clock::Manual)
        .with_image("app:1", ImageSpec::default())
}

async fn inspect(engine: &Simulated, name: &str) -> Value {
    engine
        .container(name)
        .await
        .expect("answers")
        .expect("is there")
}

async fn create(engine: &Simulated, name: &str) -> String {
    engine
        .create_container(name, &json!({"Image": "app:1"}), None)
        .await
        .expect("made")
}

fn text(result: Result<(), EngineError>) -> String {
    result.expect_err("refused").to_string()
}

#[tokio::test]
async fn a_container_lives_and_ends() {
    let engine = engine();
    let id = create(&engine, "web").await;
    let made = inspect(&engine, "web").await;
    assert_eq!(made["State"]["Status"], "created");
    assert_eq!(made["State"]["StartedAt"], "0001-01-01T00:00:00Z");
    assert_eq!(made["Config"]["Hostname"], id[..12]);
    engine.start(&id).await.expect("starts");
    engine.start(&id).await.expect("is no error");
    engine.pause(&id).await.expect("freezes");
    assert_eq!(inspect(&engine, &id).await["State"]["Status"], "paused");
    assert_eq!(
        text(engine.start(&id).await),
        "cannot start a paused container, try unpause instead"
    );
    engine.unpause(&id).await.expect("thaws");
    assert!(text(engine.remove_container(&id, false).await).contains("running container"));
    engine.stop(&id, 10).await.expect("stops");
    engine.stop(&id, 10).await.expect("is no error");
    assert_eq!(
        engine.pause(&id).await.expect_err("stopped").next(),
        Next::LookAgain
    );
    engine.remove_container(&id, false).await.expect("goes");
    engine
        .remove_container(&id, false)
        .await
        .expect("is no error");
    assert_eq!(engine.container(&id).await, Ok(None));
}

#[tokio::test]
async fn names_conflict_and_the_error_names_the_other() {
    let engine = engine();
    let web = create(&engine, "web").await;
    let other = create(&engine, "other").await;
    let again = engine
        .create_container("web", &json!({"Image": "app:1"}), None)
        .await
        .expect_err("taken");
    assert!(matches!(&again, EngineError::Conflict(text) if text.contains(&web)));
    assert!(text(engine.rename(&other, "web").await).contains(&web));
    assert!(matches!(
        engine.rename(&web, "web").await,
        Err(EngineError::Refused { status: 400, .. })
    ));
    engine.rename(&web, "web.prev").await.expect("free");
    engine.rename(&other, "web").await.expect("free");
}

#[tokio::test]
async fn missing_things_are_refused_where_the_engine_looks_for_them() {
    let engine = engine();
    let image = engine
        .create_container("web", &json!({"Image": "nosuch"}), None)
        .await;
    assert_eq!(
        image,
        Err(EngineError::Missing("No such image: nosuch:latest".into()))
    );
    let body = json!({"Image": "app:1", "HostConfig": {"NetworkMode": "nonet"}});
    let id = engine
        .create_container("web", &body, None)
        .await
        .expect("looks at the start");
    assert_eq!(
        engine.start(&id).await,
        Err(EngineError::Missing("network nonet not found".into()))
    );
    let state = inspect(&engine, &id).await["State"].clone();
    assert_eq!(
        (&state["Status"], &state["ExitCode"]),
        (&json!("created"), &json!(128))
    );
    let mount = json!({"Image": "app:1", "HostConfig": {"Mounts": [{"Type": "bind", "Source": "/nosuch", "Target": "/x"}]}});
    assert!(matches!(
        engine.create_container("m", &mount, None).await,
        Err(EngineError::Refused { status: 400, .. })
    ));
}

#[tokio::test]
async fn a_host_port_belongs_to_one() {
    let engine = engine();
    let body = json!({"Image": "app:1", "ExposedPorts": {"80/tcp": {}}, "HostConfig": {"PortBindings": {"80/tcp": [{"HostPort": "8080"}]}}});
    let one = engine
        .create_container("one", &body, None)
        .await
        .expect("made");
    let two = engine
        .create_container("two", &body, None)
        .await
        .expect("made");
    engine.start(&one).await.expect("free");
    assert_eq!(
        engine.containers().await.expect("lists")[1].ports[0].public,
        8080
    );
    let taken = engine.start(&two).await.expect_err("taken");
    assert!(
        matches!(&taken, EngineError::Failed { status: 500, text } if text.ends_with("Bind for 0.0.0.0:8080 failed: port is already allocated"))
    );
    assert_eq!(inspect(&engine, "two").await["State"]["Status"], "created");
    engine.stop(&one, 10).await.expect("stops");
    engine.start(&two).await.expect("free again");
}

#[tokio::test]
async fn networks_are_joined_and_left() {
    let engine = engine();
    engine
        .create_network(&json!({"Name": "net"}))
        .await
        .expect("made");
    let id = create(&engine, "web").await;
    engine.start(&id).await.expect("starts");
    engine
        .connect("net", &id, &json!({"Aliases": ["www"]}))
        .await
        .expect("joins");
    let endpoint = inspect(&engine, &id).await["NetworkSettings"]["Networks"]["net"].clone();
    assert_eq!(endpoint["Aliases"], json!(["www", id[..12]]));
    assert_eq!(endpoint["IPAddress"], "172.18.0.2");
    assert!(matches!(
        engine.connect("net", &id, &json!({})).await,
        Err(EngineError::Refused { status: 403, .. })
    ));
    assert!(matches!(
        engine.remove_network("net").await,
        Err(EngineError::Refused { status: 403, .. })
    ));
    engine.disconnect("net", &id).await.expect("leaves");
    assert!(matches!(
        engine.disconnect("net", &id).await,
        Err(EngineError::Failed { status: 500, .. })
    ));
    engine.remove_network("net").await.expect("goes");
    engine.remove_network("net").await.expect("is no error");
}

#[tokio::test]
async fn zero_means_unchanged_in_an_update() {
    let engine = engine();
    let id = create(&engine, "web").await;
    assert!(matches!(
        engine.update(&id, &json!({"Memory": 67_108_864})).await,
        Err(EngineError::Conflict(_))
    ));
    engine
        .update(&id, &json!({"Memory": 67_108_864, "MemorySwap": 67_108_864, "RestartPolicy": {"Name": "always"}}))
        .await
        .expect("changes");
    engine
        .update(&id, &json!({"Memory": 0, "RestartPolicy": {"Name": ""}}))
        .await
        .expect("changes nothing");
    let host = inspect(&engine, &id).await["HostConfig"].clone();
    assert_eq!(
        (&host["Memory"], &host["RestartPolicy"]["Name"]),
        (&json!(67_108_864), &json!("always"))
    );
}

#[tokio::test]
async fn images_are_pulled_and_in_use() {
    let engine = engine().with_remote("new:1", Remote::Image(ImageSpec::default().build(7)));
    assert!(matches!(
        engine.pull("nosuch:1", None, &mut |_| {}).await,
        Err(EngineError::Missing(_))
    ));
    engine
        .pull("docker.io/library/new:1", None, &mut |_| {})
        .await
        .expect("is there");
    let image = engine
        .image("new:1")
        .await
        .expect("answers")
        .expect("is there");
    let digest = engine.remote_digest("new:1").await.expect("is there");
    assert_eq!(image["RepoDigests"][0], format!("new@{digest}"));
    create(&engine, "web").await;
    assert!(matches!(
        engine.remove_image("app:1").await,
        Err(EngineError::Conflict(_))
    ));
    engine.remove_image("new:1").await.expect("unused");
    engine.remove_image("new:1").await.expect("is no error");
}

#[tokio::test(start_paused = true)]
async fn processes_crash_and_come_back_as_time_goes_by() {
    let crashing = ImageSpec::default().behaving(Behaviour::exits(3, Duration::from_secs(1)));
    let engine = Simulated::new().with_image("app:1", crashing);
    let body = json!({"Image": "app:1", "HostConfig": {"RestartPolicy": {"Name": "on-failure", "MaximumRetryCount": 2}}});
    let id = engine
        .create_container("web", &body, None)
        .await
        .expect("made");
    let mut events = engine.events(None).await.expect("follows");
    engine.start(&id).await.expect("starts");
    let mut seen = Vec::new();
    for _ in 0..10 {
        let event = events.next().await.expect("goes on").expect("sound");
        if event.kind == "container" {
            seen.push(event.action);
        }
    }
    assert_eq!(
        seen,
        ["start", "die", "start", "die", "start"],
        "and the networks' between"
    );
    tokio::time::sleep(Duration::from_secs(5)).await;
    let state = inspect(&engine, &id).await;
    assert_eq!(
        (&state["State"]["Status"], &state["RestartCount"]),
        (&json!("exited"), &json!(2))
    );
}

#[tokio::test(start_paused = true)]
async fn health_comes_with_the_checks() {
    let check = json!({"Cmd": ["x"], "Healthcheck": {"Test": ["CMD", "x"], "Interval": 1_000_000_000, "Retries": 2}});
    let engine = Simulated::new()
        .with_image(
            "late:1",
            ImageSpec::new(check.clone()).behaving(Behaviour::healthy_after(1)),
        )
        .with_image(
            "never:1",
            ImageSpec::new(check).behaving(Behaviour::unhealthy()),
        );
    for name in ["late", "never"] {
        let body = json!({"Image": format!("{name}:1")});
        let id = engine
            .create_container(name, &body, None)
            .await
            .expect("made");
        engine.start(&id).await.expect("starts");
    }
    let mut seen = Vec::new();
    for _ in 0..3 {
        seen.push((
            inspect(&engine, "late").await["State"]["Health"]["Status"].clone(),
            inspect(&engine, "never").await["State"]["Health"]["Status"].clone(),
        ));
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    assert_eq!(
        seen,
        [
            ("starting".into(), "starting".into()),
            ("starting".into(), "starting".into()),
            ("healthy".into(), "unhealthy".into())
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn faults_strike_before_and_after_the_deed() {
    let engine = Simulated::new().with_image("app:1", ImageSpec::default());
    engine.fault(Trigger::Write(1), Fault::timed_out_before());
    engine.fault(Trigger::Write(2), Fault::broken_after());
    let body = json!({"Image": "app:1"});
    assert!(matches!(
        engine.create_container("aa", &body, None).await,
        Err(EngineError::TimedOut { .. })
    ));
    assert_eq!(engine.container("aa").await, Ok(None));
    assert!(matches!(
        engine.create_container("aa", &body, None).await,
        Err(EngineError::Broken { .. })
    ));
    assert!(engine.container("aa").await.expect("answers").is_some());
    engine.fault(Trigger::Nth("start", 1), Fault::HangAfter);
    let hung = tokio::time::timeout(Duration::from_secs(5), engine.start("aa")).await;
    assert!(hung.is_err(), "it never answers");
    assert_eq!(inspect(&engine, "aa").await["State"]["Status"], "running");
    engine.fault(
        Trigger::when(|call| call.name == "containers"),
        Fault::Away(2),
    );
    assert!(engine.containers().await.is_err());
    assert!(engine.info().await.is_err());
    assert!(engine.info().await.is_ok());
}

#[tokio::test]
async fn a_client_makes_no_second_network_of_one_name_and_hands_can_on_older_engines() {
    let body = json!({"Name": "twin"});
    for (profile, twins) in [(Profile::DOCKER_20_10, true), (Profile::DOCKER_28_5, false)] {
        let engine = Simulated::with_profile(profile);
        engine.create_network(&body).await.expect("made");
        assert!(matches!(
            engine.create_network(&body).await,
            Err(EngineError::Conflict(_))
        ));
        let by_hand = engine.hands(|world| world.docker_network_create(&body));
        assert_eq!(by_hand.is_ok(), twins, "{by_hand:?}");
    }
}
