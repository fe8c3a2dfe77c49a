//! Containers that take over what others say, by Compose's rules.

use std::path::PathBuf;

use super::{DEPTH, Place, Reading, folder, joined, point_at, rename_services};
use crate::spec::{Entry, Kind, Node, Problem, merge::merge_containers, nearest::nearest};

/// The keys of `extends`; a container is what Compose calls a service.
const KEYS: &[&str] = &["service", "container", "file"];

/// `extends`: a container takes over what another one of this or another file says.
pub fn extends(reading: &mut Reading<'_>, node: &mut Node, place: Place<'_>) {
    let Some(containers) = node.get("containers") else {
        return;
    };
    let extends = |entry: &Entry| entry.value.get("extends").is_some();
    if !containers.entries().iter().any(extends) {
        return;
    }
    let containers = containers.clone();
    let Kind::Map(entries) = &mut node.kind else {
        return;
    };
    let Some(section) = entries
        .iter_mut()
        .find(|entry| entry.key.text == "containers")
    else {
        return;
    };
    let Kind::Map(own) = &mut section.value.kind else {
        return;
    };
    for entry in own.iter_mut() {
        let mut chain = vec![(place.path.to_owned(), entry.key.text.clone())];
        extend(reading, &mut entry.value, &containers, place, &mut chain);
    }
}

fn extend(
    reading: &mut Reading<'_>,
    node: &mut Node,
    containers: &Node,
    place: Place<'_>,
    chain: &mut Vec<(PathBuf, String)>,
) {
    let Some(extends) = node.get("extends").cloned() else {
        return;
    };
    remove(node, "extends");
    unknown_keys(&extends, &mut reading.problems);
    let (name, file) = match &extends.kind {
        Kind::Null => return,
        Kind::Scalar(scalar) => (Some(scalar.text.clone()), None),
        _ => (
            extends
                .get("service")
                .or_else(|| extends.get("container"))
                .and_then(Node::text)
                .map(str::to_owned),
            extends.get("file").and_then(Node::text),
        ),
    };
    let Some(name) = name else {
        reading.problems.push(
            Problem::error("missing-key", extends.span, "extends names no container")
                .hint("write extends: name, or { service: name, file: other.yaml }"),
        );
        return;
    };
    let other_path = file.map_or_else(|| place.path.to_owned(), |file| joined(place.folder, file));
    let other_folder = match file {
        Some(_) => folder(&other_path),
        None => place.folder.to_owned(),
    };
    let link = (other_path.clone(), name.clone());
    if chain.contains(&link) || chain.len() > DEPTH {
        let names: Vec<&str> = chain
            .iter()
            .map(|(_, name)| name.as_str())
            .chain([name.as_str()])
            .collect();
        reading.problems.push(
            Problem::error(
                "extends-cycle",
                extends.span,
                format!(
                    "containers extend each other in a circle: {}",
                    names.join(" → ")
                ),
            )
            .hint("remove one of these extends"),
        );
        return;
    }
    let loaded;
    let others = if file.is_some() {
        if place.depth >= DEPTH {
            return;
        }
        let before = reading.problems.len();
        let Some(mut other) = reading.yaml(&other_path, &other_folder) else {
            point_at(reading, before, &extends);
            return;
        };
        rename_services(&mut other);
        loaded = other.get("containers").cloned();
        loaded.as_ref()
    } else {
        Some(containers)
    };
    let Some(base) = others.and_then(|others| others.get(&name)) else {
        let known = others
            .map(Node::entries)
            .unwrap_or_default()
            .iter()
            .map(|entry| entry.key.text.as_str());
        let hint = nearest(&name, known).map_or_else(
            || known_names(others),
            |near| format!("did you mean {near}?"),
        );
        reading.problems.push(
            Problem::error(
                "unknown-reference",
                extends.span,
                format!("extends names {name}, which is not there"),
            )
            .hint(hint),
        );
        return;
    };
    let mut base = base.clone();
    chain.push(link);
    if let Some(others) = others {
        let place = Place {
            path: &other_path,
            folder: &other_folder,
            depth: place.depth + 1,
        };
        extend(reading, &mut base, others, place, chain);
    }
    let own = std::mem::replace(
        node,
        Node {
            span: extends.span,
            kind: Kind::Null,
            tag: None,
        },
    );
    *node = merge_containers(base, own);
}

fn unknown_keys(extends: &Node, problems: &mut Vec<Problem>) {
    for entry in extends.entries() {
        let key = entry.key.text.as_str();
        if KEYS.contains(&key) || key.starts_with("x-") {
            continue;
        }
        let hint = nearest(key, KEYS.iter().copied()).map_or_else(
            || "its keys are service and file".to_owned(),
            |near| format!("did you mean {near}?"),
        );
        problems.push(
            Problem::error(
                "unknown-key",
                entry.key.span,
                format!("unknown key {key} in extends"),
            )
            .hint(hint),
        );
    }
}

/// Which containers there are, where a name leads nowhere.
fn known_names(others: Option<&Node>) -> String {
    const SHOWN: usize = 5;
    let names: Vec<&str> = others
        .map(Node::entries)
        .unwrap_or_default()
        .iter()
        .map(|entry| entry.key.text.as_str())
        .take(SHOWN)
        .collect();
    if names.is_empty() {
        return "there are no containers in that file".to_owned();
    }
    format!("name one that is there, such as {}", names.join(", "))
}

fn remove(node: &mut Node, key: &str) {
    if let Kind::Map(entries) = &mut node.kind {
        entries.retain(|entry| entry.key.text != key);
    }
}
