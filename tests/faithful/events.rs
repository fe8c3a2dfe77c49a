//! What happens on an engine, in its own words. Nothing relies on the order of a stop's events; it is not compared.

use std::time::Duration;

use evenkeel::engine::Act;
use futures_util::StreamExt as _;
use serde_json::{Value, json};

use crate::script::{Scenario, Script, agree};

#[test]
fn the_same_things_happen() {
    agree::<Events>();
}

struct Events;

impl Scenario for Events {
    async fn play<E: Act>(script: &mut Script<'_, E>) {
        let engine = script.engine;
        let Ok(events) = engine.events(None).await else {
            return script.note("events", Ok(json!("none")));
        };
        script.network(json!({"Name": "net"})).await;
        script.run("web", json!({"Image": "app:1"})).await;
        script.done("connect", engine.connect("net", "web", &json!({})).await);
        script.done("disconnect", engine.disconnect("net", "web").await);
        script.done("pause", engine.pause("web").await);
        script.done("unpause", engine.unpause("web").await);
        script.done(
            "update",
            engine.update("web", &json!({"CpuShares": 100})).await,
        );
        script.done("rename", engine.rename("web", "www").await);
        script.stop("www").await;
        script.done("remove", engine.remove_container("www", false).await);
        script
            .run(
                "ends",
                json!({"Image": "app:1", "Cmd": ["sh", "-c", "exit 3"]}),
            )
            .await;
        tokio::time::sleep(Duration::from_secs(1)).await;
        script.done("remove", engine.remove_container("ends", false).await);
        script.run("forced", json!({"Image": "app:1"})).await;
        script.done("remove", engine.remove_container("forced", true).await);
        script.done("remove network", engine.remove_network("net").await);
        script.done(
            "create volume",
            engine.create_volume(&json!({"Name": "data"})).await,
        );
        script.done("remove volume", engine.remove_volume("data").await);
        let mut all: Vec<Value> = Vec::new();
        let mut events = events;
        while let Ok(Some(Ok(event))) =
            tokio::time::timeout(Duration::from_millis(500), events.next()).await
        {
            all.push(json!([event.kind, event.action, event.name]));
        }
        all.sort_by_key(Value::to_string);
        script.note("events", Ok(all.into()));
    }
}
