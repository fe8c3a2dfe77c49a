//! Every row of `plan::rows`: whatever containers an interrupted replacement left behind, two runs finish the job.

use evenkeel::engine::simulated::{ImageSpec, Simulated, World};
use serde_json::{Value, json};

use crate::house::{converges, inspect, settled};

const FILE: &str = "project: shop\ncontainers: { web: { image: 'app:2', restart: always } }\n";
const OLD: &str = "project: shop\ncontainers: { web: { image: 'app:1', restart: always } }\n";

/// A container of a replacement, as it may have been left.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Left {
    Nothing,
    /// Made from what this image's file says, and in this state.
    Is(&'static str, &'static str),
}

fn engine() -> Simulated {
    Simulated::new()
        .with_image("app:1", ImageSpec::default())
        .with_image("app:2", ImageSpec::default().build(2))
}

/// The request that made a container of a file, taken from the container itself.
async fn request(file: &str) -> Value {
    let engine = engine();
    settled(&engine, file).await;
    let made = engine.calls();
    let call = made
        .iter()
        .find(|call| call.name == "create_container")
        .expect("one was made");
    call.arguments[1].clone()
}

fn put(world: &mut World, name: &str, left: Left, old: &Value, new: &Value) {
    let Left::Is(image, state) = left else { return };
    let body = if image == "old" { old } else { new };
    world.docker_create(name, body).expect("made");
    if state != "created" {
        world.docker_start(name).expect("started");
    }
    match state {
        "exited" => world.docker_stop(name).expect("stopped"),
        "paused" => world.docker_pause(name).expect("paused"),
        _ => {}
    }
    if matches!(name.rsplit_once('.'), Some((_, "prev"))) {
        let away = json!({"RestartPolicy": {"Name": "no"}});
        world.docker_update(name, &away).expect("updated");
    }
}

#[tokio::test(start_paused = true)]
async fn every_combination_converges() {
    let (old, new) = (request(OLD).await, request(FILE).await);
    let mut lefts = vec![Left::Nothing];
    for image in ["old", "new"] {
        for state in ["created", "running", "exited", "paused"] {
            lefts.push(Left::Is(image, state));
        }
    }
    let mut rows = 0;
    for main in &lefts {
        for next in &lefts {
            for prev in &lefts {
                let engine = engine();
                settled(
                    &engine,
                    "project: shop\ncontainers: {}\nnetworks: { default: {} }\n",
                )
                .await;
                engine.hands(|world| {
                    for (name, left) in [("web", main), ("web.next", next), ("web.prev", prev)] {
                        put(world, name, *left, &old, &new);
                    }
                });
                let what = format!("{main:?}, {next:?}, {prev:?}");
                converges(&engine, FILE, &what).await;
                let web = inspect(&engine, "web");
                assert_eq!(
                    (&web["Config"]["Image"], &web["State"]["Status"]),
                    (&json!("app:2"), &json!("running")),
                    "{what}"
                );
                rows += 1;
            }
        }
    }
    assert_eq!(rows, 9 * 9 * 9);
}
