//! What a container does, against what the command line brings it to.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{
    engine::{BASE, Project, engine},
    sight,
};

/// States with what the command line does for each after a `create`.
const STATES: &[(&str, &[&str])] = &[
    ("created", &[]),
    ("running", &["start"]),
    ("paused", &["start", "pause"]),
    ("stopped", &["start", "stop"]),
];

/// What becomes of each, and whether that takes a new container.
const THEN: &[(&str, &str, bool)] = &[
    ("created", "running", false),
    ("running", "paused", false),
    ("paused", "running", false),
    ("stopped", "created", false),
];

fn file(states: &BTreeMap<&str, &str>) -> String {
    let mut text = String::from("containers:\n");
    for (key, state) in states {
        text.push_str(&format!(
            "  fids-{key}: {{ image: {BASE}, state: {state}, stop_signal: SIGKILL }}\n"
        ));
    }
    text
}

fn state(inspect: &Value) -> String {
    inspect["State"]["Status"]
        .as_str()
        .expect("a state")
        .to_owned()
}

#[test]
fn states_are_what_the_command_line_brings_containers_to() {
    let engine = engine();
    let project = Project::new("fids");
    let mut wanted: BTreeMap<&str, &str> =
        STATES.iter().map(|(state, _)| (*state, *state)).collect();
    project.write(&file(&wanted));
    project.settle();
    for (name, calls) in STATES {
        let line = format!("line-{name}");
        engine.docker(&[
            "create",
            "--name",
            &line,
            "--network",
            "fids_default",
            "--stop-signal",
            "SIGKILL",
            BASE,
        ]);
        for call in *calls {
            engine.docker(&[call, &line]);
        }
        let (ours, dockers) = (
            engine.inspect(&format!("fids-{name}")),
            engine.inspect(&line),
        );
        // One that the file wants stopped has never been started: it is as far from running.
        if *name == "stopped" {
            assert_eq!(state(&ours), "created");
        } else {
            assert_eq!(state(&ours), state(&dockers), "{name}");
        }
        let mut differences = sight::differences(&ours, &dockers);
        // The engine makes one up for each container that runs.
        differences.retain(|line| !line.contains(".MacAddress: "));
        assert!(differences.is_empty(), "{name}: {differences:?}");
    }

    for (name, then, _) in THEN {
        wanted.insert(name, then);
    }
    project.write(&file(&wanted));
    let plan = project.plan();
    let steps = plan["steps"].as_array().expect("steps");
    for (name, then, anew) in THEN {
        let name = format!("fids-{name}");
        let changes: Vec<&Value> = steps
            .iter()
            .filter(|step| step["name"] == *name)
            .flat_map(|step| step["changes"].as_array().expect("changes"))
            .collect();
        if *then == "created" && state(&engine.inspect(&name)) == "created" {
            assert!(changes.is_empty(), "{changes:?}");
            continue;
        }
        assert_eq!(changes.len(), 1, "{name}: {changes:?}");
        assert_eq!(changes[0]["path"], "state");
        assert_eq!(changes[0]["forces_recreate"], *anew, "{name}");
    }
    project.settle();
    assert_eq!(state(&engine.inspect("fids-created")), "running");
    assert_eq!(state(&engine.inspect("fids-running")), "paused");
    assert_eq!(state(&engine.inspect("fids-paused")), "running");
}
