//! Answers of real engines about a file with many settings, captured once: there is no difference, whatever the version.
//!
//! `EVENKEEL_CAPTURE=1 EVENKEEL_LAB_KIND=docker28 cargo test --test answers` writes those of one engine again. A change of
//! the file needs all four. The folder `tests/labels` keeps one for each version of the label that was ever released, and
//! none of those is ever written again.

use std::{fs, path::Path};

use evenkeel::engine::docker::{Docker, Host};
use evenkeel_lab::{Engine, ImageSpec, Kind};
use serde_json::{Value, json};

use crate::ground::{FILE, assert_nothing_to_do, captured, desired, planned, settle};

fn folder() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &Path) -> Value {
    let text = fs::read_to_string(path).unwrap_or_else(|error| {
        panic!("{}: {error}; EVENKEEL_CAPTURE=1 writes it", path.display())
    });
    serde_json::from_str(&text).expect("JSON")
}

#[test]
fn no_engines_answers_differ_from_the_file_that_led_to_them() {
    if std::env::var_os("EVENKEEL_CAPTURE").is_some() {
        capture(Kind::wanted());
    }
    for kind in Kind::ALL {
        let answers = read(&folder().join(format!("tests/answers/{kind}.json")));
        let wanted = desired(answers["file"].as_str().expect("the file"));
        assert_eq!(
            answers["containers"].as_array().map(Vec::len),
            Some(wanted.containers.len()),
            "{kind}"
        );
        assert_nothing_to_do(&planned(&wanted, &answers));
    }
}

#[test]
fn each_setting_of_captured_answers_is_judged() {
    for kind in Kind::ALL {
        let answers = read(&folder().join(format!("tests/answers/{kind}.json")));
        let file = answers["file"].as_str().expect("the file");
        for (was, becomes, path) in [
            ("COLOR: blue", "COLOR: red", "env.COLOR"),
            ("user: \"1000:1000\"", "user: \"1000\"", "user"),
            ("memory: 64m", "memory: 65m", "memory"),
            ("\"18080:80\"", "\"18085:80\"", "ports"),
            ("cap_drop: [MKNOD]", "cap_drop: [CHOWN]", "cap_drop"),
            ("[shop, store]", "[shop]", "networks"),
            ("/mnt/hosts:ro", "/mnt/hosts", "volumes"),
            ("retries: 4", "retries: 5", "healthcheck.retries"),
            (
                "stop_grace_period: 30s",
                "stop_grace_period: 31s",
                "stop_grace_period",
            ),
            ("hunter2-hunter2", "hunter3-hunter3", "env.DB_PASSWORD"),
            ("somaxconn: \"1024\"", "somaxconn: \"1025\"", "sysctls"),
        ] {
            assert!(file.contains(was), "{was}");
            let plan = planned(&desired(&file.replace(was, becomes)), &answers);
            let changes = plan.steps.iter().flat_map(|step| &step.changes);
            let paths: Vec<String> = changes.map(|change| change.path.to_string()).collect();
            assert!(
                !paths.is_empty() && paths.iter().any(|one| one.starts_with(path)),
                "{kind}: {was} → {becomes} shows as {paths:?}"
            );
        }
    }
}

#[test]
fn the_label_of_each_released_version_is_read_and_nothing_is_planned_for_it_alone() {
    let mut versions = 0;
    for entry in fs::read_dir(folder().join("tests/labels")).expect("the folder") {
        let path = entry.expect("an entry").path();
        let answers = read(&path);
        let wanted = desired(answers["file"].as_str().expect("the file"));
        assert_nothing_to_do(&planned(&wanted, &answers));
        // A file from which something is gone shows what the label remembers, and only that.
        let gone = answers["file"].as_str().unwrap_or_default();
        let gone = gone.replace("    hostname: web\n", "");
        let plan = planned(&desired(&gone), &answers);
        let changes: Vec<String> = plan
            .steps
            .iter()
            .flat_map(|step| &step.changes)
            .map(|change| change.path.to_string())
            .collect();
        assert_eq!(changes, ["hostname"], "{}", path.display());
        versions += 1;
    }
    assert_eq!(
        versions,
        evenkeel::model::LABEL_VERSION,
        "one for each version"
    );
}

/// What a later version may do to a label.
type Change = fn(&mut Value);

#[test]
fn a_label_of_a_later_version_is_read_as_far_as_it_is_understood() {
    let answers = read(&folder().join("tests/labels/version-1.json"));
    let wanted = desired(answers["file"].as_str().expect("the file"));
    let changes: [(&str, Change); 5] = [
        ("a higher version", |label| label["version"] = json!(99)),
        ("a field beside the settings", |label| {
            label["signature"] = json!({ "by": "a later version", "over": [1, 2] });
        }),
        ("an attribute that nobody knows", |label| {
            label["settings"]["levitation"] = json!({ "height": 3 });
        }),
        ("a field of an attribute that nobody knows", |label| {
            if let Some(Value::Object(check)) = label["settings"].get_mut("healthcheck") {
                check.insert("mood".into(), json!("good"));
            }
        }),
        ("all of it", |label| {
            label["version"] = json!(7);
            label["settings"]["x"] = Value::Null;
            label["y"] = Value::Null;
        }),
    ];
    for (what, change) in changes {
        let mut answers = answers.clone();
        for container in answers["containers"].as_array_mut().expect("containers") {
            let text = &mut container["Config"]["Labels"]["io.evenkeel.applied"];
            let mut label: Value =
                serde_json::from_str(text.as_str().expect("a label")).expect("JSON");
            change(&mut label);
            *text = label.to_string().into();
        }
        eprintln!("{what}");
        assert_nothing_to_do(&planned(&wanted, &answers));
    }
}

/// Asks a real engine.
fn capture(kind: Kind) {
    let engine = Engine::shared();
    engine.image("busybox:latest", &ImageSpec::idle());
    let rich = ImageSpec {
        cmd: vec!["serve".into()],
        env: vec!["COLOR=red".into(), "IMAGE=1".into()],
        labels: vec!["from=image".into()],
        workdir: Some("/srv".into()),
        expose: vec!["80/tcp".into()],
        volumes: vec!["/cache".into()],
        ..ImageSpec::default()
    };
    engine.image("rich:1", &rich);
    let wanted = desired(FILE);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let answers = runtime.block_on(async {
        let host = Host::read(Some(&engine.host())).expect("an address");
        let docker = Docker::new(host);
        settle(&docker, &wanted).await;
        captured(&docker, &wanted).await
    });
    let mut answers = answers;
    answers["file"] = json!(FILE);
    // The host's own numbers are nobody's business.
    if let Value::Object(info) = &mut answers["info"] {
        info.retain(|_, value| value.is_boolean());
    }
    let text = serde_json::to_string_pretty(&answers).expect("JSON");
    let text = text.replace(&engine.folder().display().to_string(), "/var/lib/engine");
    fs::write(
        folder().join(format!("tests/answers/{kind}.json")),
        text + "\n",
    )
    .expect("a file");
}
