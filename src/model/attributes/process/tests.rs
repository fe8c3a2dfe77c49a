use proptest::prelude::*;
use serde_json::{Value, json};

use crate::model::{
    Question, Unset, Way,
    attributes::round::{attribute, engine, expected, inspect, podman, read},
};

/// What is written is read back as the same.
#[test]
fn what_is_written_is_read_back() {
    let settings = json!({
        "env": { "COLOR": "blue", "EMPTY": "", "EQUALS": "a=b" },
        "command": ["sleep", "1"],
        "entrypoint": ["/bin/sh", "-c"],
        "user": "1000:1000",
        "working_dir": "/srv",
        "stop_signal": "SIGQUIT",
        "stop_grace_period": 30_000_000_000_i64,
        "healthcheck": { "test": ["CMD", "true"], "interval": 1_000_000_000, "timeout": 2, "retries": 3, "start_period": 4, "start_interval": 5 },
        "tty": true,
        "stdin_open": true,
        "init": false,
        "labels": { "a": "b" },
        "annotations": { "a": "b" },
        "restart": "on-failure:5",
        "runtime": "runc",
        "logging": { "driver": "json-file", "options": { "max-size": "10m" } },
    });
    for minor in [44, 51] {
        let engine = engine(minor);
        let inspect = inspect(&settings, &engine);
        for (name, value) in settings.as_object().into_iter().flatten() {
            assert_eq!(
                read(name, &inspect, &engine).as_ref(),
                Some(value),
                "{name}"
            );
        }
    }
}

#[test]
fn variables_are_the_images_overlaid_with_ours() {
    let image = json!({ "Env": ["COLOR=red", "SIZE=big", "PATH=/bin"] });
    let settings = json!({ "env": { "COLOR": "blue", "SIZE": null, "UNKNOWN": null } });
    let merged = expected("env", &settings, &image, &engine(41));
    assert_eq!(merged, Some(json!({ "COLOR": "blue", "PATH": "/bin" })));
    // The engine shows what keeps an entry of the image away as an entry without a value.
    let shown = json!({ "Config": { "Env": ["SIZE", "COLOR=blue", "UNKNOWN", "PATH=/bin"] } });
    assert_eq!(read("env", &shown, &engine(41)), merged);
    assert_eq!(
        expected("env", &json!({}), &json!({ "Env": null }), &engine(41)),
        Some(json!({}))
    );
}

#[test]
fn a_variable_without_a_value_is_sent_as_its_name() {
    let inspect = inspect(&json!({ "env": { "B": null, "A": "1" } }), &engine(41));
    assert_eq!(inspect["Config"]["Env"], json!(["A=1", "B"]));
}

#[test]
fn labels_are_the_images_overlaid_with_ours_and_never_evenkeels_own() {
    let image = json!({ "Labels": { "a": "1", "b": "1", "io.evenkeel.project": "x" } });
    let settings = json!({ "labels": { "b": "2" } });
    let merged = expected("labels", &settings, &image, &engine(41));
    assert_eq!(merged, Some(json!({ "a": "1", "b": "2" })));
    let shown =
        json!({ "Config": { "Labels": { "a": "1", "b": "2", "io.evenkeel.applied": "{}" } } });
    assert_eq!(read("labels", &shown, &engine(41)), merged);
}

/// The engine's rule: the image's command counts only where the file gives neither a command nor an entrypoint.
#[test]
fn the_images_command_counts_only_without_an_entrypoint() {
    let image = json!({ "Cmd": ["image"], "Entrypoint": ["/entry"] });
    for (settings, command, entrypoint) in [
        (json!({}), json!(["image"]), json!(["/entry"])),
        (
            json!({ "command": ["own"] }),
            json!(["own"]),
            json!(["/entry"]),
        ),
        (
            json!({ "command": [] }),
            json!(["image"]),
            json!(["/entry"]),
        ),
        (
            json!({ "entrypoint": ["/own"] }),
            json!([]),
            json!(["/own"]),
        ),
        (
            json!({ "entrypoint": ["/own"], "command": ["x"] }),
            json!(["x"]),
            json!(["/own"]),
        ),
        (json!({ "entrypoint": [] }), json!(["image"]), json!([])),
        (json!({ "entrypoint": [""] }), json!([]), json!([])),
        (
            json!({ "entrypoint": [""], "command": ["x"] }),
            json!(["x"]),
            json!([]),
        ),
    ] {
        let engine = engine(41);
        assert_eq!(
            expected("command", &settings, &image, &engine),
            Some(command),
            "{settings}"
        );
        assert_eq!(
            expected("entrypoint", &settings, &image, &engine),
            Some(entrypoint),
            "{settings}"
        );
    }
}

#[test]
fn user_folder_and_signal_are_the_images_in_one_spelling() {
    let image = json!({ "User": "app", "WorkingDir": "/srv//app/", "StopSignal": "3" });
    let engine = engine(41);
    for (name, inherited, nothing) in [
        ("user", json!("app"), json!("")),
        ("working_dir", json!("/srv/app"), json!("/")),
        ("stop_signal", json!("SIGQUIT"), json!("SIGTERM")),
    ] {
        assert_eq!(
            expected(name, &json!({}), &image, &engine),
            Some(inherited),
            "{name}"
        );
        assert_eq!(
            expected(name, &json!({}), &json!({}), &engine),
            Some(nothing),
            "{name}"
        );
    }
    let shown = json!({ "Config": { "StopSignal": "15", "WorkingDir": "" } });
    assert_eq!(read("stop_signal", &shown, &engine), Some(json!("SIGTERM")));
    assert_eq!(read("working_dir", &shown, &engine), Some(json!("/")));
    let odd = json!({ "Config": { "StopSignal": "SIGNEW" } });
    assert_eq!(read("stop_signal", &odd, &engine), Some(json!("SIGNEW")));
}

#[test]
fn no_grace_period_is_ten_seconds() {
    let Unset::Default(default) = attribute("stop_grace_period").unset else {
        unreachable!()
    };
    assert_eq!(default(&engine(41)), json!(10_000_000_000_i64));
    assert_eq!(
        read("stop_grace_period", &json!({ "Config": {} }), &engine(41)),
        None
    );
    assert_eq!(
        read(
            "stop_grace_period",
            &json!({ "Config": { "StopTimeout": 0 } }),
            &engine(41)
        ),
        Some(json!(0))
    );
}

#[test]
fn a_health_check_inherits_each_field_that_says_nothing() {
    let image = json!({ "Healthcheck": { "Test": ["CMD", "a"], "Interval": 10, "Retries": 5 } });
    let merged =
        |settings: Value, minor| expected("healthcheck", &settings, &image, &engine(minor));
    assert_eq!(
        merged(json!({}), 44),
        Some(json!({ "test": ["CMD", "a"], "interval": 10, "retries": 5 }))
    );
    assert_eq!(
        merged(
            json!({ "healthcheck": { "interval": 20, "timeout": 7 } }),
            44
        ),
        Some(json!({ "test": ["CMD", "a"], "interval": 20, "retries": 5, "timeout": 7 }))
    );
    // One that is turned off keeps the image's numbers.
    assert_eq!(
        merged(json!({ "healthcheck": { "test": ["NONE"] } }), 44),
        Some(json!({ "test": ["NONE"], "interval": 10, "retries": 5 }))
    );
    // Engines before API 1.44 don't know it.
    let settings = json!({ "healthcheck": { "start_interval": 3 } });
    assert_eq!(merged(settings.clone(), 43), merged(json!({}), 43));
    assert_ne!(merged(settings, 44), merged(json!({}), 44));
}

#[test]
fn a_health_check_of_podman_is_filled_with_what_docker_uses_anyway() {
    let shown = json!({ "Config": { "Healthcheck": { "Test": ["CMD", "a"], "Interval": 30_000_000_000_i64, "Timeout": 30_000_000_000_i64, "Retries": 3 } } });
    let settings = json!({ "healthcheck": { "test": ["CMD", "a"] } });
    assert_eq!(
        read("healthcheck", &shown, &podman()),
        expected("healthcheck", &settings, &json!({}), &podman())
    );
    assert_eq!(
        read(
            "healthcheck",
            &json!({ "Config": { "Healthcheck": null } }),
            &podman()
        ),
        None
    );
}

#[test]
fn an_unset_init_is_kept_apart_from_false_but_not_by_podman() {
    let Unset::Default(default) = attribute("init").unset else {
        unreachable!()
    };
    assert_eq!(default(&engine(41)), Value::Null);
    assert_eq!(default(&podman()), json!(false));
    assert_eq!(
        read(
            "init",
            &json!({ "HostConfig": { "Init": false } }),
            &engine(41)
        ),
        Some(json!(false))
    );
    assert_eq!(
        read(
            "init",
            &json!({ "HostConfig": { "Init": null } }),
            &engine(41)
        ),
        None
    );
}

#[test]
fn no_restart_policy_has_two_spellings_and_the_count_only_counts_on_failure() {
    for (policy, text) in [
        (json!({ "Name": "", "MaximumRetryCount": 0 }), "no"),
        (json!({ "Name": "no", "MaximumRetryCount": 3 }), "no"),
        (
            json!({ "Name": "always", "MaximumRetryCount": 3 }),
            "always",
        ),
        (
            json!({ "Name": "on-failure", "MaximumRetryCount": 0 }),
            "on-failure",
        ),
        (
            json!({ "Name": "on-failure", "MaximumRetryCount": 3 }),
            "on-failure:3",
        ),
        (json!({ "Name": "levitate" }), "levitate"),
        (json!(null), "no"),
    ] {
        let shown = json!({ "HostConfig": { "RestartPolicy": policy } });
        assert_eq!(read("restart", &shown, &engine(41)), Some(json!(text)));
    }
    // An empty name changes nothing in an update.
    let shown = inspect(&json!({ "restart": "no" }), &engine(41));
    assert_eq!(shown["HostConfig"]["RestartPolicy"]["Name"], json!("no"));
}

#[test]
fn a_restart_policy_changes_in_place_except_on_podman() {
    let way = |engine: &crate::model::EngineInfo| {
        (attribute("restart").way)(&Question {
            wanted: None,
            found: None,
            engine,
        })
    };
    assert_eq!(way(&engine(41)), Way::Update);
    assert_eq!(way(&podman()), Way::Recreate);
}

#[test]
fn annotations_are_not_judged_where_they_cannot_be_seen() {
    let settings = json!({ "annotations": { "a": "b" } });
    assert_eq!(
        expected("annotations", &settings, &json!({}), &engine(42)),
        None
    );
    assert_eq!(
        expected("annotations", &settings, &json!({}), &engine(43)),
        Some(json!({ "a": "b" }))
    );
}

proptest! {
    #[test]
    fn any_variables_and_labels_are_read_back_as_they_were_written(
        map in proptest::collection::btree_map("[A-Za-z_.][A-Za-z0-9_.]{0,8}", "\\PC{0,12}", 0..6),
    ) {
        for name in ["env", "labels"] {
            let inspect = inspect(&json!({ name: map }), &engine(41));
            prop_assert_eq!(read(name, &inspect, &engine(41)), Some(json!(map)));
        }
    }
}
