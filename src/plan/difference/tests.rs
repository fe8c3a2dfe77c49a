use serde_json::{Value, json};

use super::{Sides, compare};
use crate::{
    model::{EngineInfo, Secrets, Settings, attributes},
    plan::Cause,
};

fn settings(json: &Value) -> Settings {
    let map = json.as_object().expect("an object");
    map.iter()
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}

/// The causes of the changes by their paths.
fn causes(desired: &Value, applied: &Value, found: &Value) -> Vec<(String, Cause)> {
    let sides = Sides {
        place: "shop/web",
        desired: &settings(desired),
        applied: Some(&settings(applied)),
        found: &settings(found),
        image: Some(&json!({ "Cmd": ["image"] })),
        other_image: false,
        engine: &EngineInfo::default(),
        secrets: &Secrets::default(),
    };
    compare(&attributes::CONTAINER, &sides)
        .into_iter()
        // A made-up answer lacks what an engine shows of everything else.
        .filter(|change| ["command", "entrypoint"].contains(&change.path.attribute()))
        .map(|change| (change.path.to_string(), change.cause))
        .collect()
}

#[test]
fn what_podman_shows_may_not_tell_and_what_was_applied_does() {
    let podman = EngineInfo {
        podman: true,
        ..EngineInfo::default()
    };
    let admin = json!(["CAP_NET_ADMIN"]);
    let plain = json!([{ "type": "bind", "source": "/a", "target": "/a" }]);
    let mut alone = plain.clone();
    alone[0]["bind"] = json!({ "recursive": "disabled" });
    for (name, was, is, found) in [
        ("cap_add", admin.clone(), json!(["ALL"]), admin),
        ("memswap_limit", json!(0), json!(-1), json!(null)),
        ("pids_limit", json!(5), json!(null), json!(5)),
        ("volumes", alone, plain.clone(), plain),
    ] {
        let changes = |wanted: &Value| {
            let sides = Sides {
                place: "shop/web",
                desired: &settings(&json!({ name: wanted })),
                applied: Some(&settings(&json!({ name: was }))),
                found: &settings(&json!({ name: found })),
                image: Some(&json!({})),
                other_image: false,
                engine: &podman,
                secrets: &Secrets::default(),
            };
            let all = compare(&attributes::CONTAINER, &sides);
            let own = all.iter().filter(|change| change.path.attribute() == name);
            own.count()
        };
        assert!(changes(&is) > 0, "{name} was {was} and is {is}");
        assert_eq!(changes(&was), 0, "{name} is {was}");
    }
}

#[test]
fn what_follows_from_a_change_of_the_file_is_no_drift() {
    let found = json!({ "command": ["image"] });
    assert_eq!(
        causes(&json!({ "entrypoint": ["/own"] }), &json!({}), &found),
        [
            ("command".to_owned(), Cause::File),
            ("entrypoint".to_owned(), Cause::File)
        ]
    );
    let drifted = json!({ "command": ["else"] });
    assert_eq!(
        causes(&json!({}), &json!({}), &drifted),
        [("command".to_owned(), Cause::Drift)]
    );
}
