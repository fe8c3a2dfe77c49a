//! Calls that come at the wrong time, and their errors.

use evenkeel::engine::Act;
use serde_json::json;

use crate::script::{Scenario, Script, agree};

#[test]
fn errors_have_the_engines_status_and_words() {
    agree::<Conflicts>();
}

struct Conflicts;

impl Scenario for Conflicts {
    async fn play<E: Act>(script: &mut Script<'_, E>) {
        states(script).await;
        starts(script).await;
        names(script).await;
        networks(script).await;
        twins(script).await;
        images(script).await;
    }
}

async fn states<E: Act>(script: &mut Script<'_, E>) {
    let engine = script.engine;
    script.create("web", json!({"Image": "app:1"})).await;
    script.done("pause created", engine.pause("web").await);
    script.done("unpause created", engine.unpause("web").await);
    script.stop("web").await;
    script.start("web").await;
    script.start("web").await;
    script.done("unpause running", engine.unpause("web").await);
    script.done(
        "remove running",
        engine.remove_container("web", false).await,
    );
    script.done("pause", engine.pause("web").await);
    script.state("web").await;
    script.done("pause again", engine.pause("web").await);
    script.start("web").await;
    script.done("remove paused", engine.remove_container("web", false).await);
    script.done("unpause", engine.unpause("web").await);
    script.stop("web").await;
    script.inspect("web").await;
    script.done("pause stopped", engine.pause("web").await);
    script.start("web").await;
    script.done(
        "remove by force",
        engine.remove_container("web", true).await,
    );
    script.done("remove again", engine.remove_container("web", true).await);
    for answer in [
        engine.start("nobody").await,
        engine.stop("nobody", 10).await,
        engine.pause("nobody").await,
        engine.unpause("nobody").await,
        engine.rename("nobody", "other").await,
    ] {
        script.done("of nobody", answer);
    }
    script.inspect("nobody").await;
}

async fn starts<E: Act>(script: &mut Script<'_, E>) {
    let engine = script.engine;
    let ports = json!({"Image": "app:1", "ExposedPorts": {"80/tcp": {}}, "HostConfig": {"PortBindings": {"80/tcp": [{"HostPort": "18080"}]}}});
    script.run("one", ports.clone()).await;
    script.run("two", ports).await;
    script.state("two").await;
    let listed = engine.containers().await.unwrap_or_default();
    script.note(
        "list",
        Ok(listed
            .iter()
            .map(|one| {
                json!([
                    one.names,
                    one.ports
                        .iter()
                        .map(|port| json!([port.ip, port.public, port.protocol]))
                        .collect::<Vec<_>>()
                ])
            })
            .collect()),
    );
    script.stop("one").await;
    script.start("two").await;
    script
        .run("bad", json!({"Image": "app:1", "Cmd": ["nosuchcommand"]}))
        .await;
    script.state("bad").await;
    script
        .run(
            "lost",
            json!({"Image": "app:1", "HostConfig": {"NetworkMode": "nonet"}}),
        )
        .await;
    script.state("lost").await;
    script
        .run(
            "shares",
            json!({"Image": "app:1", "HostConfig": {"NetworkMode": "container:one"}}),
        )
        .await;
    script.state("shares").await;
    script
        .run(
            "orphan",
            json!({"Image": "app:1", "HostConfig": {"NetworkMode": "container:nobody"}}),
        )
        .await;
    script.run("wants", json!({"Image": "app:1", "HostConfig": {"Memory": 67_108_864, "MemoryReservation": 134_217_728}})).await;
}

async fn names<E: Act>(script: &mut Script<'_, E>) {
    let engine = script.engine;
    script.done("rename to itself", engine.rename("one", "one").await);
    script.done("rename to a taken one", engine.rename("one", "two").await);
    script.done("rename badly", engine.rename("one", "b ad").await);
    script.done("rename", engine.rename("one", "three").await);
    script.inspect("one").await;
    script.inspect("three").await;
}

async fn networks<E: Act>(script: &mut Script<'_, E>) {
    let engine = script.engine;
    script.network(json!({"Name": "net", "IPAM": {"Config": [{"Subnet": "10.77.0.0/24", "Gateway": "10.77.0.1"}]}})).await;
    script.network(json!({"Name": "plain"})).await;
    script.network(json!({"Name": "bridge"})).await;
    script
        .network(json!({"Name": "overlaps", "IPAM": {"Config": [{"Subnet": "10.77.0.0/25"}]}}))
        .await;
    script
        .network(json!({"Name": "driver", "Driver": "nosuch"}))
        .await;
    script.run("web", json!({"Image": "app:1"})).await;
    let alias = json!({"Aliases": ["al"]});
    let fixed = |address: &str| json!({"IPAMConfig": {"IPv4Address": address}});
    let none = json!({});
    for (network, container, endpoint) in [
        ("net", "web", &alias),
        ("net", "web", &none),
        ("nonet", "web", &none),
        ("net", "nobody", &none),
        ("bridge", "web", &alias),
        ("host", "web", &none),
        ("plain", "web", &fixed("172.18.0.99")),
    ] {
        script.done(
            format!("connect {container} to {network}"),
            engine.connect(network, container, endpoint).await,
        );
        script.inspect("web").await;
    }
    script.done("disconnect", engine.disconnect("net", "web").await);
    script.done("disconnect again", engine.disconnect("net", "web").await);
    script.done(
        "disconnect from nothing",
        engine.disconnect("nonet", "web").await,
    );
    script.done(
        "outside",
        engine.connect("net", "web", &fixed("10.99.0.2")).await,
    );
    script.done(
        "inside",
        engine.connect("net", "web", &fixed("10.77.0.9")).await,
    );
    script.inspect("web").await;
    script.run("late", json!({"Image": "app:1"})).await;
    script.done(
        "taken address",
        engine.connect("net", "late", &fixed("10.77.0.9")).await,
    );
    script.done(
        "leave the bridge",
        engine.disconnect("bridge", "late").await,
    );
    script.inspect("late").await;
    script.done(
        "remove a network in use",
        engine.remove_network("net").await,
    );
    script.done(
        "remove a predefined one",
        engine.remove_network("bridge").await,
    );
    script.done("remove none", engine.remove_network("nonet").await);
    stopped(script).await;
    gone(script).await;
    let shown = engine.network("net").await;
    script.note("network", shown.map(serde_json::Value::from));
    let shown = engine.networks().await;
    script.note(
        "networks",
        shown.map(|mut all| {
            all.sort_by_key(|network| network["Name"].to_string());
            all.into()
        }),
    );
}

/// One that ran is not started again without the very network that it was on, whatever has its name by now.
async fn gone<E: Act>(script: &mut Script<'_, E>) {
    let engine = script.engine;
    let lost = json!({"Name": "lost", "IPAM": {"Config": [{"Subnet": "10.79.0.0/24"}]}});
    script.network(lost.clone()).await;
    let body = json!({"Image": "app:1", "HostConfig": {"NetworkMode": "lost"}});
    script.run("ran", body).await;
    script.stop("ran").await;
    script.done("remove", engine.remove_network("lost").await);
    script.start("ran").await;
    let again = lost.clone();
    script.network(lost).await;
    script.start("ran").await;
    script.state("ran").await;
    script.done("leave", engine.disconnect("lost", "ran").await);
    script.done("join", engine.connect("lost", "ran", &json!({})).await);
    script.start("ran").await;
    script.inspect("ran").await;
    script.stop("ran").await;
    script.done("remove", engine.remove_network("lost").await);
    script.network(again).await;
    script.done("join", engine.connect("lost", "ran", &json!({})).await);
    script.start("ran").await;
    script.inspect("ran").await;
}

/// A container that does not run can be connected to what is not there any more.
async fn stopped<E: Act>(script: &mut Script<'_, E>) {
    let engine = script.engine;
    script
        .create(
            "idle",
            json!({"Image": "app:1", "HostConfig": {"NetworkMode": "plain"}}),
        )
        .await;
    script.done(
        "connect",
        engine
            .connect("net", "idle", &json!({"Aliases": ["a"]}))
            .await,
    );
    script.done(
        "connect again",
        engine
            .connect("net", "idle", &json!({"Aliases": ["b"]}))
            .await,
    );
    script.inspect("idle").await;
    script.done("leave", engine.disconnect("plain", "idle").await);
    script.done("leave again", engine.disconnect("plain", "idle").await);
    script.network(json!({"Name": "gone"})).await;
    script.done("connect", engine.connect("gone", "idle", &json!({})).await);
    script.done("remove", engine.remove_network("gone").await);
    script.inspect("idle").await;
    script.start("idle").await;
    script.state("idle").await;
    script.done(
        "leave what is gone",
        engine.disconnect("gone", "idle").await,
    );
    script
        .create(
            "hosted",
            json!({"Image": "app:1", "HostConfig": {"NetworkMode": "host"}}),
        )
        .await;
    script.done(
        "connect a hosted one",
        engine.connect("net", "hosted", &json!({})).await,
    );
    script.done("take it off", engine.disconnect("host", "hosted").await);
    script
        .create(
            "alone",
            json!({"Image": "app:1", "HostConfig": {"NetworkMode": "none"}}),
        )
        .await;
    script.done(
        "connect a lonely one",
        engine.connect("net", "alone", &json!({})).await,
    );
    script.done("take it off", engine.disconnect("none", "alone").await);
    script.inspect("alone").await;
}

/// Older engines let two networks have one name, and then know neither by it.
async fn twins<E: Act>(script: &mut Script<'_, E>) {
    let engine = script.engine;
    script.network(json!({"Name": "twin"})).await;
    script.network(json!({"Name": "twin"})).await;
    script.run("near", json!({"Image": "rich:1"})).await;
    script.done(
        "connect to either",
        engine.connect("twin", "near", &json!({})).await,
    );
    script.done(
        "disconnect from either",
        engine.disconnect("twin", "near").await,
    );
    script.done("remove either", engine.remove_network("twin").await);
    let shown = engine.network("twin").await;
    script.note("show either", shown.map(serde_json::Value::from));
    script
        .run(
            "joins",
            json!({"Image": "rich:1", "HostConfig": {"NetworkMode": "twin"}}),
        )
        .await;
    script.done("leaves", engine.remove_container("joins", true).await);
}

async fn images<E: Act>(script: &mut Script<'_, E>) {
    let engine = script.engine;
    script.done("remove a used image", engine.remove_image("rich:1").await);
    script.done("remove an unused one", engine.remove_image("fixed:1").await);
    script.done("remove it again", engine.remove_image("fixed:1").await);
    for reference in ["app:1", "app", "docker.io/library/app:1", "fixed:1"] {
        let shown = engine.image(reference).await;
        script.note(
            format!("image {reference}"),
            shown.map(|image| {
                image.map_or(serde_json::Value::Null, |image| image["RepoTags"].clone())
            }),
        );
    }
}
