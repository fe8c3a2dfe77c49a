//! Volumes and mounts.

use evenkeel::engine::Act;
use serde_json::{Value, json};

use crate::script::{Scenario, Script, agree};

#[test]
fn volumes_are_made_shown_and_kept() {
    agree::<Volumes>();
}

struct Volumes;

impl Scenario for Volumes {
    async fn play<E: Act>(script: &mut Script<'_, E>) {
        let engine = script.engine;
        for body in [
            json!({"Name": "data", "Labels": {"a": "b"}}),
            json!({"Name": "data", "Labels": {"c": "d"}}),
            json!({"Name": "tmp", "Driver": "local", "DriverOpts": {"type": "tmpfs", "device": "tmpfs"}}),
            json!({"Name": "xx", "Driver": "nosuch"}),
            json!({"Name": "b ad"}),
            json!({"Name": "x"}),
        ] {
            let answer = engine.create_volume(&body).await;
            script.done(format!("create volume {}", body["Name"]), answer);
        }
        script
            .create(
                "binds",
                json!({"Image": "app:1", "HostConfig": {"Binds": ["data:/a", "data:/b:ro", "made:/c:nocopy", "/etc:/d", "/etc:/e:ro", "/newdir:/f", "/etc:/g:rshared", "/h"]}}),
            )
            .await;
        script
            .create(
                "mounts",
                json!({"Image": "app:1", "HostConfig": {"Mounts": [{"Type": "volume", "Source": "data", "Target": "/a", "ReadOnly": true, "VolumeOptions": {"NoCopy": true}},
                    {"Type": "volume", "Source": "also", "Target": "/b", "VolumeOptions": {"Labels": {"l": "m"}}}, {"Type": "volume", "Target": "/c"},
                    {"Type": "bind", "Source": "/etc", "Target": "/d", "ReadOnly": true}, {"Type": "bind", "Source": "/etc", "Target": "/e", "BindOptions": {"Propagation": "rshared"}},
                    {"Type": "tmpfs", "Target": "/f", "TmpfsOptions": {"SizeBytes": 1_000_000, "Mode": 511}}]}}),
            )
            .await;
        script.create("image", json!({"Image": "rich:1"})).await;
        script
            .create(
                "over",
                json!({"Image": "rich:1", "HostConfig": {"Binds": ["data:/data"]}}),
            )
            .await;
        script
            .create(
                "from",
                json!({"Image": "app:1", "HostConfig": {"VolumesFrom": ["over:ro"]}}),
            )
            .await;
        script
            .create(
                "tmpfs",
                json!({"Image": "rich:1", "HostConfig": {"Tmpfs": {"/data": ""}}}),
            )
            .await;
        script.done("remove a used volume", engine.remove_volume("also").await);
        script.done("remove none", engine.remove_volume("nosuch").await);
        let before = engine.volumes().await.unwrap_or_default().len();
        script.done("remove", engine.remove_container("image", false).await);
        let after = engine.volumes().await.unwrap_or_default().len();
        script.note("anonymous volumes stay", Ok(json!(before == after)));
        script.done(
            "remove its user",
            engine.remove_container("mounts", false).await,
        );
        script.done("remove a volume", engine.remove_volume("also").await);
        let named = |mut all: Vec<Value>| {
            all.retain(|volume| volume["Name"].as_str().is_some_and(|name| name.len() < 64));
            all.sort_by_key(|volume| volume["Name"].to_string());
            all.into()
        };
        script.note("volumes", engine.volumes().await.map(named));
    }
}
