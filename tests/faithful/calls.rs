//! What changes a container in place, and what its restart policy does.

use std::time::Duration;

use evenkeel::engine::{Act, ExecRequest};
use serde_json::json;

use crate::script::{Scenario, Script, agree};

#[test]
fn updates_mean_what_they_mean_to_the_engine() {
    agree::<Updates>();
}

#[test]
fn processes_end_and_come_back_as_on_the_engine() {
    agree::<Ends>();
}

struct Updates;

impl Scenario for Updates {
    async fn play<E: Act>(script: &mut Script<'_, E>) {
        let engine = script.engine;
        script
            .create("web", json!({"Image": "app:1", "HostConfig": {}}))
            .await;
        for body in [
            json!({"Memory": 67_108_864}),
            json!({"Memory": 67_108_864, "MemorySwap": 134_217_728}),
            json!({"Memory": 100_000_000}),
            json!({"Memory": 268_435_456}),
            json!({"Memory": 0, "RestartPolicy": {"Name": ""}}),
            json!({"MemorySwap": -1, "Memory": 67_108_864}),
            json!({"RestartPolicy": {"Name": "on-failure", "MaximumRetryCount": 4}}),
            json!({"RestartPolicy": {"Name": "no"}}),
            json!({"NanoCpus": 500_000_000}),
            json!({"CpuQuota": 50_000}),
            json!({"PidsLimit": 50}),
            json!({"PidsLimit": 0}),
            json!({"PidsLimit": -1}),
            json!({"CpuShares": 100, "CpusetCpus": "0"}),
            json!({"CpuShares": 0, "CpusetCpus": ""}),
            json!({"Memory": 1000}),
            json!({"MemoryReservation": 33_554_432}),
        ] {
            let answer = engine.update("web", &body).await;
            script.done(format!("update {body}"), answer);
            script.inspect("web").await;
        }
        script.done(
            "update nobody",
            engine.update("nobody", &json!({"CpuShares": 100})).await,
        );
    }
}

struct Ends;

impl Scenario for Ends {
    async fn play<E: Act>(script: &mut Script<'_, E>) {
        let engine = script.engine;
        for (name, code, policy) in [
            ("fine", 0, "no"),
            ("badly", 3, "no"),
            ("again", 3, "on-failure"),
            ("enough", 0, "on-failure"),
        ] {
            let retries = if name == "again" { 2 } else { 0 };
            script
                .run(name, json!({"Image": "app:1", "Cmd": ["sh", "-c", format!("exit {code}")],
                    "HostConfig": {"RestartPolicy": {"Name": policy, "MaximumRetryCount": retries}}}))
                .await;
            tokio::time::sleep(Duration::from_secs(if retries > 0 { 3 } else { 1 })).await;
            script.inspect(name).await;
        }
        script
            .run(
                "lasting",
                json!({"Image": "app:1", "HostConfig": {"RestartPolicy": {"Name": "always"}}}),
            )
            .await;
        script.stop("lasting").await;
        script.state("lasting").await;
        script.start("lasting").await;
        let ran = engine
            .exec(
                "lasting",
                &ExecRequest {
                    command: vec!["true".into()],
                    ..ExecRequest::default()
                },
            )
            .await;
        script.note("exec", ran.map(|(code, output)| json!([code, output])));
        script.done("pause", engine.pause("lasting").await);
        let ran = engine
            .exec(
                "lasting",
                &ExecRequest {
                    command: vec!["true".into()],
                    ..ExecRequest::default()
                },
            )
            .await;
        script.note(
            "exec in a frozen one",
            ran.map(|(code, output)| json!([code, output])),
        );
        script.done("unpause", engine.unpause("lasting").await);
        script.stop("lasting").await;
        let ran = engine
            .exec(
                "lasting",
                &ExecRequest {
                    command: vec!["true".into()],
                    ..ExecRequest::default()
                },
            )
            .await;
        script.note(
            "exec in a stopped one",
            ran.map(|(code, output)| json!([code, output])),
        );
        script.run("checked", json!({"Image": "app:1", "Healthcheck": {"Test": ["CMD", "true"], "Interval": 1_000_000_000}})).await;
        script.state("checked").await;
        tokio::time::sleep(Duration::from_secs(2)).await;
        script.state("checked").await;
        script.stop("checked").await;
        script.state("checked").await;
    }
}
