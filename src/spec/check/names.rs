//! Names on the engine: ones that it takes, each given once.

use std::collections::{BTreeMap, HashMap};

use serde_json::Value;

use super::{place, replicas};
use crate::{
    spec::{Document, Item, Problem, Span, forms::quoted},
    value::Name,
};

/// How many containers a file may make. One engine runs a few thousand at most, and every one of them costs memory here.
const CONTAINERS: u64 = 20_000;

/// Ends of names that containers have for a while when they are replaced.
const RESERVED: &[&str] = &[".next", ".prev"];

pub fn check(document: &Document, problems: &mut Vec<Problem>) {
    containers(document, problems);
    objects(document, &document.networks, "network", problems);
    objects(document, &document.volumes, "volume", problems);
}

fn containers(document: &Document, problems: &mut Vec<Problem>) {
    let total: u64 = document
        .containers
        .values()
        .map(|item| replicas(item).unwrap_or(1))
        .sum();
    if total > CONTAINERS {
        let largest = document
            .containers
            .values()
            .max_by_key(|item| replicas(item).unwrap_or(1));
        if let Some(item) = largest {
            problems.push(
                Problem::error(
                    "too-large",
                    place(item, "replicas"),
                    format!("the file makes {total} containers, and more than {CONTAINERS} are not possible"),
                )
                .hint("write fewer replicas, or part the file into several projects"),
            );
        }
        return;
    }
    let mut seen: HashMap<String, (&str, Span)> = HashMap::new();
    for (key, item) in &document.containers {
        let given = item.settings.text("container_name");
        let span = item
            .span_of("container_name")
            .filter(|_| given.is_some())
            .unwrap_or(item.span);
        let base = given.unwrap_or(key);
        let numbers = replicas(item);
        if item.spans.contains("container_name") && numbers.is_some_and(|count| count > 1) {
            problems.push(
                Problem::error(
                    "contradiction",
                    span,
                    format!("{key} has several replicas, which cannot all be called {base}"),
                )
                .hint(format!(
                    "remove container_name: they are called {key}-1, {key}-2, …"
                ))
                .also(place(item, "replicas"), "the replicas"),
            );
            continue;
        }
        if let Some(problem) = refused(base, numbers, span, "container") {
            problems.push(problem);
            continue;
        }
        let names: Vec<String> = match numbers {
            None => vec![base.to_owned()],
            Some(count) => (1..=count)
                .map(|number| format!("{base}-{number}"))
                .collect(),
        };
        for name in names {
            if let Some((other, first)) = seen.insert(name.clone(), (key, span)) {
                problems.push(
                    Problem::error(
                        "duplicate-name",
                        span,
                        format!("{key} and {other} would both be called {name}"),
                    )
                    .hint("give one of them another container_name")
                    .also(first, format!("{other} is called so here")),
                );
                break;
            }
        }
    }
}

/// What keeps an engine from taking a name.
fn refused(name: &str, replicas: Option<u64>, span: Span, noun: &str) -> Option<Problem> {
    let whole = if replicas.is_some() {
        format!("{name}-1")
    } else {
        name.to_owned()
    };
    if let Err(why) = whole.parse::<Name>() {
        let hint = if noun == "container" {
            "rename it, or say container_name: with letters, digits, _, . and -"
        } else {
            "rename it, or say name: with letters, digits, _, . and -"
        };
        return Some(
            Problem::error(
                "bad-name",
                span,
                format!("no {noun} can be called {}: {why}", quoted(name)),
            )
            .hint(hint),
        );
    }
    let reserved = RESERVED.iter().find(|end| name.ends_with(**end))?;
    (noun == "container").then(|| {
        Problem::error(
            "bad-name",
            span,
            format!("names that end in {reserved} are kept for containers that are being replaced"),
        )
        .hint("give it another name")
    })
}

/// Networks or volumes.
fn objects(
    document: &Document,
    objects: &BTreeMap<String, Item>,
    noun: &str,
    problems: &mut Vec<Problem>,
) {
    let mut seen: HashMap<String, (&str, Span)> = HashMap::new();
    for (key, item) in objects {
        let external = item.settings.get("external") == Some(&Value::Bool(true));
        let given = item.settings.text("name");
        let span = given.map_or(item.span, |_| place(item, "name"));
        let name = match given {
            Some(name) => name.to_owned(),
            None if external => key.clone(),
            None => format!("{}_{key}", document.project),
        };
        // A project without a name has been told already.
        if !document.project.is_empty()
            && let Some(problem) = refused(&name, None, span, noun)
        {
            problems.push(problem);
            continue;
        }
        if external
            && let Some(other) = ["driver", "driver_opts", "ipam", "internal", "labels"]
                .iter()
                .find(|other| item.settings.get(other).is_some())
        {
            problems.push(
                Problem::error(
                    "contradiction",
                    place(item, other),
                    format!("the {noun} {key} is external, so {other} cannot be said of it here"),
                )
                .hint(format!("remove {other}, or external"))
                .also(place(item, "external"), "external is given here"),
            );
        }
        if let Some((other, first)) = seen.insert(name.clone(), (key, span)) {
            problems.push(
                Problem::error(
                    "duplicate-name",
                    span,
                    format!("the {noun}s {key} and {other} are both called {name}"),
                )
                .hint(format!(
                    "give one of them another name, or use one {noun} twice"
                ))
                .also(first, format!("{other} is called so here")),
            );
        }
    }
}
