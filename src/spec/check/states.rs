//! What a container is to be, against what else is said of it.

use serde_json::Value;

use super::{place, replicas, state, texts, volumes_from};
use crate::{
    model::{Condition, State},
    spec::{Document, Item, Problem},
};

/// What the engine refuses for a container that uses the network of another one.
const NOT_WITH_ANOTHERS_NETWORK: &[&str] = &[
    "ports",
    "expose",
    "hostname",
    "dns",
    "extra_hosts",
    "links",
    "mac_address",
];

pub fn container(document: &Document, key: &str, item: &Item, problems: &mut Vec<Problem>) {
    job(key, item, problems);
    network(key, item, problems);
    waits(document, key, item, problems);
    nobody(document, key, item, problems);
}

/// What needs one container of another key, of which there are to be none. A wait for it is over at once, as in Compose.
fn nobody(document: &Document, key: &str, item: &Item, problems: &mut Vec<Problem>) {
    if state(item) == "absent" || replicas(item) == Some(0) {
        return;
    }
    let mut needed: Vec<(&str, String)> = Vec::new();
    for attribute in ["network_mode", "pid", "ipc"] {
        let shared = item.settings.text(attribute);
        if let Some(other) = shared.and_then(|text| text.strip_prefix("service:")) {
            needed.push((other, attribute.to_owned()));
        }
    }
    for text in texts(item, "volumes_from") {
        needed.extend(volumes_from(text).map(|other| (other, format!("volumes_from[{text}]"))));
    }
    for text in texts(item, "links") {
        let other = text.split(':').next().unwrap_or(text);
        needed.push((other, format!("links[{text}]")));
    }
    for (other, path) in needed {
        let Some(none) = document.containers.get(other) else {
            continue;
        };
        if replicas(none) == Some(0) {
            let attribute = path.split('[').next().unwrap_or(&path);
            let text =
                format!("{key} needs {other} for its {attribute}, and {other} has 0 replicas");
            problems.push(
                Problem::error("contradiction", place(item, &path), text)
                    .hint(format!("remove {attribute}, or give {other} a replica"))
                    .also(place(none, "replicas"), "there are to be none"),
            );
        }
    }
}

/// A job ends; what is always restarted does not.
fn job(key: &str, item: &Item, problems: &mut Vec<Problem>) {
    let restart = item.settings.text("restart").unwrap_or("no");
    if state(item) != State::Completed.word() || !matches!(restart, "always" | "unless-stopped") {
        return;
    }
    // A Compose file has no word for a job: it is one because another service waits for its end.
    let (why, state) = match item.span_of("state") {
        Some(span) => (format!("{key} is to run to its end"), Some(span)),
        None => (
            format!("another container waits for the end of {key}"),
            None,
        ),
    };
    let mut problem = Problem::error(
        "contradiction",
        place(item, "restart"),
        format!("{why}, and restart: {restart} would start it again for ever"),
    )
    .hint("write restart: on-failure, or remove it");
    if let Some(state) = state {
        problem = problem.also(state, "it is to be completed");
    }
    problems.push(problem);
}

fn network(key: &str, item: &Item, problems: &mut Vec<Problem>) {
    let Some(mode) = item.settings.text("network_mode") else {
        return;
    };
    let given = |name: &str| {
        item.settings
            .get(name)
            .is_some_and(|value| !crate::model::is_empty(value))
    };
    if mode.starts_with("service:") || mode.starts_with("container:") {
        for name in NOT_WITH_ANOTHERS_NETWORK.iter().filter(|name| given(name)) {
            problems.push(
                Problem::error(
                    "contradiction",
                    place(item, name),
                    format!("{key} uses another container's network, so it cannot have {name} of its own"),
                )
                .hint(format!("move {name} to that container"))
                .also(place(item, "network_mode"), "the other container's network"),
            );
        }
    } else if matches!(mode, "host" | "none") && given("ports") {
        let text = if mode == "host" {
            "uses the host's network, so every port is open there anyway, and ports means nothing"
        } else {
            "has no network, so ports means nothing"
        };
        problems.push(
            Problem::warning("ignored-key", place(item, "ports"), format!("{key} {text}"))
                .hint("remove ports, or network_mode")
                .also(place(item, "network_mode"), "the network"),
        );
    }
}

fn waits(document: &Document, key: &str, item: &Item, problems: &mut Vec<Problem>) {
    links(document, key, item, problems);
    let depends = item.settings.get("depends_on").and_then(Value::as_object);
    for (other, how) in depends.into_iter().flatten() {
        let Some(waited) = document.containers.get(other) else {
            continue;
        };
        let span = || place(item, &format!("depends_on.{other}"));
        let word = how.get("condition").and_then(Value::as_str);
        let condition = word.and_then(Condition::from_word).unwrap_or_default();
        let wants = matches!(state(item), "running" | "paused" | "completed");
        let required = how.get("required").and_then(Value::as_bool) != Some(false);
        let there = state(waited);
        if wants && required && matches!(there, "absent" | "created" | "stopped") {
            problems.push(
                Problem::error(
                    "contradiction",
                    span(),
                    format!("{key} waits for {other}, which is to be {there} and never starts"),
                )
                .hint(format!("remove the wait, or state: {there}"))
                .also(place(waited, "state"), format!("{other} is to be {there}")),
            );
            continue;
        }
        match condition {
            Condition::Completed if there != State::Completed.word() => problems.push(
                Problem::error(
                    "contradiction",
                    span(),
                    format!("{key} waits for {other} to complete, and {other} is no job"),
                )
                .hint(format!("add state: completed to {other}"))
                .also(waited.span, format!("{other} runs on")),
            ),
            Condition::Healthy if has_no_check(waited) => problems.push(
                Problem::error(
                    "contradiction",
                    span(),
                    format!(
                        "{key} waits for {other} to be healthy, and its health check is turned off"
                    ),
                )
                .hint(format!(
                    "wait with condition: service_started, or give {other} a health check"
                ))
                .also(place(waited, "healthcheck"), "turned off here"),
            ),
            Condition::Started | Condition::Healthy | Condition::Completed => {}
        }
    }
}

/// The engine refuses to start a container with a link to one that does not run.
fn links(document: &Document, key: &str, item: &Item, problems: &mut Vec<Problem>) {
    if !matches!(state(item), "running" | "paused" | "completed") {
        return;
    }
    for text in texts(item, "links") {
        let other = text.split(':').next().unwrap_or(text);
        let Some(linked) = document.containers.get(other) else {
            continue;
        };
        let there = state(linked);
        if matches!(there, "absent" | "created" | "stopped") {
            problems.push(
                Problem::error(
                    "contradiction",
                    place(item, &format!("links[{text}]")),
                    format!("{key} is linked to {other}, which is to be {there} and never starts"),
                )
                .hint(format!("remove the link, or state: {there}"))
                .also(place(linked, "state"), format!("{other} is to be {there}")),
            );
        }
    }
}

/// Whether the file itself turns the check off; whether the image has one, only the engine knows.
fn has_no_check(item: &Item) -> bool {
    let check = item.settings.get("healthcheck");
    let test = check.and_then(|check| check.get("test"));
    test.and_then(|test| test.get(0)).and_then(Value::as_str) == Some("NONE")
}
