//! What a plan says of the rows and how it was carried out, against what the rows say.

use std::collections::{BTreeMap, BTreeSet};

use evenkeel_lab::Engine;
use serde_json::Value;

use super::{
    engine::api,
    row::{Row, Way},
    table::name,
};

/// What the plan says of the rows, against what they say.
pub fn judge(plan: &Value, rows: &[(usize, &Row)]) -> Vec<String> {
    let mut faults = Vec::new();
    let mut others: BTreeSet<String> = BTreeSet::new();
    let mut found: BTreeMap<String, Vec<(String, bool)>> = BTreeMap::new();
    for step in plan["steps"].as_array().expect("steps") {
        let name = step["name"].as_str().expect("a name").to_owned();
        if step["kind"] != "container" {
            others.insert(format!("{} {} {name}", step["action"], step["kind"]));
            continue;
        }
        let entry = found.entry(name).or_default();
        for change in step["changes"].as_array().expect("changes") {
            let path = change["path"].as_str().expect("a path").to_owned();
            entry.push((path, change["forces_recreate"] == true));
        }
    }
    for (number, row) in rows {
        let mut shown: Vec<(String, bool)> = [false, true]
            .iter()
            .filter_map(|changed| found.remove(&name(*number, row, *changed)))
            .flatten()
            .collect();
        shown.sort();
        let mut wanted: Vec<(String, bool)> = row
            .changes
            .iter()
            .map(|(path, way)| ((*path).to_owned(), *way == Way::Recreate))
            .collect();
        wanted.sort();
        if shown != wanted {
            faults.push(format!(
                "{} → {}\n      shows {shown:?}, and {wanted:?} was expected",
                row.yaml, row.changed
            ));
        }
    }
    others.extend(found.into_keys());
    faults.extend(others.into_iter().map(|other| format!("also {other}")));
    faults
}

/// Whether each change was made in the way that its row says, by the ids and by the engine's own events.
pub fn ways(
    engine: &Engine,
    rows: &[(usize, &Row)],
    ids: &BTreeMap<usize, String>,
    events: &str,
) -> Vec<String> {
    let mut seen: BTreeMap<String, BTreeSet<Way>> = BTreeMap::new();
    for event in events
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
    {
        let way = match event["Action"].as_str() {
            Some("update") => Way::Update,
            Some("rename") => Way::Rename,
            Some("disconnect" | "connect") => Way::Reconnect,
            _ => continue,
        };
        let id = match way {
            Way::Reconnect => &event["Actor"]["Attributes"]["container"],
            Way::Update | Way::Rename | Way::Recreate => &event["Actor"]["ID"],
        };
        let id = id.as_str().unwrap_or_default().to_owned();
        seen.entry(id).or_default().insert(way);
    }
    let mut faults = Vec::new();
    for (number, row) in rows {
        let before = &ids[number];
        let wanted: BTreeSet<Way> = row.changes.iter().map(|(_, way)| *way).collect();
        let wanted = if wanted.contains(&Way::Recreate) {
            BTreeSet::from([Way::Recreate])
        } else {
            wanted
        };
        let did = if id_of(engine, &name(*number, row, true)) == *before {
            seen.get(before).cloned().unwrap_or_default()
        } else {
            BTreeSet::from([Way::Recreate])
        };
        // Newer engines tell of a network only where the container runs.
        let untold = api(engine) >= 44 && wanted == BTreeSet::from([Way::Reconnect]);
        if did != wanted && !(untold && did.is_empty()) {
            faults.push(format!(
                "{} → {}\n      took {did:?}, and {wanted:?} was expected",
                row.yaml, row.changed
            ));
        }
    }
    faults
}

pub fn id_of(engine: &Engine, name: &str) -> String {
    let inspect = engine.inspect(name);
    inspect["Id"].as_str().expect("an id").to_owned()
}
