//! Plans that tests draw.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::{
    model::{Path, Secrets, Way},
    plan::{
        Action, After, CameBack, Cause, Change, Foreseen, Kind, Plan, Step, StepId, Weight, Work,
    },
};

/// A step without anything special.
pub fn step(action: Action, kind: Kind, name: &str) -> Step {
    Step {
        id: StepId::new(kind, name),
        action,
        kind,
        name: name.to_owned(),
        reason: String::new(),
        changes: Vec::new(),
        interrupts: false,
        loses_data: false,
        after: BTreeSet::new(),
        regardless: BTreeSet::new(),
        work: Work::RemoveImage,
    }
}

fn change(path: Path, before: Value, after: Value, cause: Cause, way: Way) -> Change {
    Change {
        path,
        before: Some(before).filter(|value| !value.is_null()),
        after: After::of(Some(after).filter(|value| !value.is_null())),
        cause,
        way,
        sensitive: false,
    }
}

fn plan(steps: Vec<Step>) -> Plan {
    let mut secrets = Secrets::default();
    secrets.add_value("hunter2");
    Plan {
        project: "shop".into(),
        steps,
        secrets,
        wanted: 3,
        owned: 3,
        ..Plan::default()
    }
}

/// Nothing to do.
pub fn empty() -> Plan {
    plan(Vec::new())
}

/// Most of what a plan can have.
pub fn busy() -> Plan {
    let mut pull = step(Action::Pull, Kind::Image, "docker.io/library/nginx:1.27");
    pull.reason = "is not on the engine".into();
    let create = step(Action::Create, Kind::Container, "db");
    let mut update = step(Action::Update, Kind::Container, "cache");
    update.changes = vec![
        change(
            Path::new("memory"),
            json!(67_108_864),
            json!(134_217_728),
            Cause::Drift,
            Way::Update,
        ),
        change(
            Path::new("restart"),
            json!("no"),
            json!("always"),
            Cause::File,
            Way::Update,
        ),
    ];
    let recreate = recreated(&pull);
    let mut remove = step(Action::Remove, Kind::Container, "old");
    remove.interrupts = true;
    remove.reason = "is not in evenkeel.yaml any more".into();
    let mut volume = step(Action::Remove, Kind::Volume, "shop_old-data");
    volume.loses_data = true;
    volume.reason = "its removal was asked for".into();
    let mut plan = plan(vec![pull, create, update, recreate, remove, volume]);
    plan.problems = vec![Foreseen {
        weight: Weight::Warning,
        code: "unenforceable",
        name: "cache".into(),
        text: "the host cannot enforce memswap_limit".into(),
        hint: String::new(),
        place: None,
    }];
    plan
}

/// A container that is made anew for every kind of change.
fn recreated(pull: &Step) -> Step {
    let mut recreate = step(Action::Recreate, Kind::Container, "web");
    recreate.interrupts = true;
    recreate.after = BTreeSet::from([pull.id.clone()]);
    recreate.changes = vec![
        Change {
            after: After::KnownAfterPull,
            ..change(
                Path::new("image"),
                json!("nginx:1.25"),
                json!(null),
                Cause::File,
                Way::Recreate,
            )
        },
        change(
            Path::new("env").key("COLOR"),
            json!("red"),
            json!("blue"),
            Cause::File,
            Way::Recreate,
        ),
        Change {
            sensitive: true,
            ..change(
                Path::new("env").key("TOKEN"),
                json!("hunter2"),
                json!("hunter3"),
                Cause::File,
                Way::Recreate,
            )
        },
        change(
            Path::new("env").key("OLD"),
            json!("to hunter2"),
            json!(null),
            Cause::Removed,
            Way::Recreate,
        ),
        change(
            Path::new("ports").item("8080:80/tcp"),
            json!(null),
            json!({"host_ip": null, "host_port": 8080, "container_port": 80, "protocol": "tcp"}),
            Cause::File,
            Way::Recreate,
        ),
        change(
            Path::new("command"),
            json!([
                "nginx",
                "-g",
                "daemon off;",
                "-c",
                "/etc/nginx/a-rather-long-name-of-a-file.conf",
                "-q"
            ]),
            json!([
                "nginx",
                "-g",
                "daemon off;",
                "-c",
                "/etc/nginx/a-rather-long-name-of-a-file.conf",
                "-t"
            ]),
            Cause::File,
            Way::Recreate,
        ),
    ];
    recreate
}

/// A plan with errors and a difference that is held.
pub fn stuck() -> Plan {
    let mut plan = empty();
    plan.problems = vec![Foreseen {
        weight: Weight::Error,
        code: "port-taken",
        name: "web".into(),
        text: "the host port 8080/tcp is published by the container proxy already".into(),
        hint:
            "publish another port, or stop proxy; docker ps --filter publish=8080 shows who has it"
                .into(),
        place: Some(("evenkeel.yaml".into(), 31, 9)),
    }];
    plan.held = vec![CameBack {
        id: StepId::new(Kind::Container, "db"),
        change: change(
            Path::new("shm_size"),
            json!(64),
            json!(65),
            Cause::Drift,
            Way::Recreate,
        ),
    }];
    plan
}

/// A value of several lines.
pub fn tall() -> Plan {
    let lines = |word: &str| {
        let mut lines: Vec<String> = (1..=9).map(|number| format!("line {number}")).collect();
        lines[4] = word.to_owned();
        lines.push("\u{1b}[31mred".to_owned());
        json!(lines.join("\n"))
    };
    let mut recreate = step(Action::Recreate, Kind::Container, "web");
    recreate.changes = vec![
        change(
            Path::new("labels").key("a.script"),
            lines("old"),
            lines("new"),
            Cause::File,
            Way::Recreate,
        ),
        change(
            Path::new("labels").key("tier"),
            json!("back"),
            json!("front"),
            Cause::Drift,
            Way::Recreate,
        ),
    ];
    plan(vec![recreate])
}
