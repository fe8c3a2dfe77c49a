//! What is completed once the tables have been walked: names as Compose gives them, absolute paths, what must not be shown.

use serde_json::{Value, json};

use super::Lowered;
use crate::{
    model::{Condition, State, looks_secret},
    spec::{
        Document, FileId, Item, Problem, Span,
        check::side_by_side::{self, Single},
        composition::Reading,
        nearest::nearest,
    },
};

/// The stable name of the warning that `start-first` is not followed.
pub const IGNORED_ORDER: &str = "ignored-order";

/// Completes a document.
pub fn finish(document: &mut Document, lowered: &Lowered, reading: &mut Reading<'_>) {
    if reading.compose {
        compose_names(document);
        compose_jobs(document);
        compose_order(document, &mut reading.problems);
    }
    optional_dependencies(document, reading);
    for item in document.containers.values_mut() {
        mounts(item, reading);
        build(item, reading);
        secrets(item, &lowered.sensitive);
    }
    for item in document.images.values_mut() {
        build(item, reading);
        secrets(item, &lowered.sensitive);
    }
    for item in document.volumes.values_mut() {
        device(item, reading);
        option_secrets(item);
        secrets(item, &lowered.sensitive);
    }
    for item in document.networks.values_mut() {
        option_secrets(item);
        secrets(item, &lowered.sensitive);
    }
}

/// Compose calls a container `project-service-1`; a scale of one is what there is anyway.
fn compose_names(document: &mut Document) {
    let project = &document.project;
    for (key, item) in &mut document.containers {
        let settings = &mut item.settings;
        if settings.get("replicas") == Some(&json!(1)) {
            settings.remove("replicas");
        }
        if settings.get("container_name").is_some() {
            continue;
        }
        let name = match settings.get("replicas") {
            Some(_) => format!("{project}-{key}"),
            None => format!("{project}-{key}-1"),
        };
        settings.set("container_name", Value::String(name));
    }
}

/// Compose has no word for a job: a service is one that another waits for to complete.
fn compose_jobs(document: &mut Document) {
    let jobs: Vec<String> = document
        .containers
        .values()
        .filter_map(|item| item.settings.get("depends_on")?.as_object())
        .flatten()
        .filter(|(_, how)| {
            how.get("condition").and_then(Value::as_str) == Some(Condition::Completed.word())
        })
        .map(|(key, _)| key.clone())
        .collect();
    for job in jobs {
        if let Some(item) = document.containers.get_mut(&job)
            && item.settings.get("state").is_none()
        {
            let word = Value::String(State::Completed.word().to_owned());
            item.settings.set("state", word);
        }
    }
}

/// Compose ignores the order of an update outside a swarm, where neither ports nor volumes stand in its way: the file works
/// as it stands, with the order that is possible.
fn compose_order(document: &mut Document, problems: &mut Vec<Problem>) {
    let singles: Vec<(String, Single)> = side_by_side::singles(document)
        .into_iter()
        .map(|(key, single)| (key.to_owned(), single))
        .collect();
    for (key, Single { span, what }) in singles {
        let Some(item) = document.containers.get_mut(&key) else {
            continue;
        };
        if let Some(update) = item.settings.get_mut("update") {
            update["order"] = json!("stop-first");
        }
        problems.push(
            Problem::warning(
                IGNORED_ORDER,
                item.span_of("update.order").unwrap_or(item.span),
                format!(
                    "{key} is replaced stop-first: only the old or the new one can have its {what}"
                ),
            )
            .hint("write order: stop-first, or keep it for a swarm")
            .also(span, format!("the {what}")),
        );
    }
}

/// A wait that is not required, for a container that is not there, is none.
fn optional_dependencies(document: &mut Document, reading: &mut Reading<'_>) {
    let containers = &document.containers;
    let mut none: Vec<(String, String)> = Vec::new();
    for (key, item) in containers {
        let waits = item.settings.get("depends_on").and_then(Value::as_object);
        for (other, how) in waits.into_iter().flatten() {
            let optional = how.get("required").and_then(Value::as_bool) == Some(false);
            if !optional || containers.contains_key(other) {
                continue;
            }
            none.push((key.clone(), other.clone()));
            if reading.switched_off.contains_key(other) {
                continue;
            }
            let hint = nearest(other, containers.keys().map(String::as_str))
                .map(|near| format!("did you mean {near}?"))
                .unwrap_or_default();
            let span = item.span_of(&format!("depends_on.{other}"));
            reading.problems.push(
                Problem::warning(
                    "unknown-reference",
                    span.unwrap_or(item.span),
                    format!("there is no container {other}, so nothing is waited for"),
                )
                .hint(hint),
            );
        }
    }
    for (key, other) in none {
        if let Some(item) = document.containers.get_mut(&key)
            && let Some(Value::Object(waits)) = item.settings.get_mut("depends_on")
        {
            waits.remove(&other);
        }
    }
}

fn file_of(item: &Item, path: &str) -> FileId {
    item.span_of(path).unwrap_or(item.span).file
}

/// Sources of the host, absolute.
fn mounts(item: &mut Item, reading: &Reading<'_>) {
    let fallback: Span = item.span;
    let spans = &item.spans;
    if let Some(Value::Array(mounts)) = item.settings.get_mut("volumes") {
        for mount in mounts {
            let bind = mount.get("type").and_then(Value::as_str) == Some("bind");
            let target = mount.get("target").and_then(Value::as_str);
            let source = mount.get("source").and_then(Value::as_str);
            let Some(source) = source.filter(|source| bind && !source.starts_with('/')) else {
                continue;
            };
            let path = format!("volumes[{}]", target.unwrap_or_default());
            let file = spans.get(&path).unwrap_or(fallback).file;
            mount["source"] = Value::String(reading.resolve(file, source));
        }
    }
}

/// The folder that is built, absolute; a repository stays as it is.
fn build(item: &mut Item, reading: &Reading<'_>) {
    let context = item.span_of("build.context");
    let file = context.map_or_else(|| file_of(item, "build"), |span| span.file);
    if let Some(build) = item.settings.get_mut("build")
        && let Some(context) = build.get("context").and_then(Value::as_str)
        && !is_remote(context)
    {
        build["context"] = Value::String(reading.resolve(file, context));
    }
}

fn is_remote(context: &str) -> bool {
    context.contains("://")
        || ["git@", "github.com/"]
            .iter()
            .any(|start| context.starts_with(start))
}

/// The folder of a volume that is a bind mount of the host's (`driver_opts: { type: none, o: bind, device: ./data }`).
fn device(item: &mut Item, reading: &Reading<'_>) {
    let file = file_of(item, "driver_opts.device");
    if let Some(options) = item.settings.get_mut("driver_opts")
        && let Some(device) = options.get("device").and_then(Value::as_str)
        && device.starts_with(['.', '~'])
        && options
            .get("o")
            .and_then(Value::as_str)
            .is_some_and(|o| o.split(',').any(|word| matches!(word, "bind" | "rbind")))
    {
        options["device"] = Value::String(reading.resolve(file, device));
    }
}

/// Options that hold options of their own, such as `o: username=u,password=p` of a volume on another machine.
fn option_secrets(item: &mut Item) {
    let options = item.settings.get("driver_opts").and_then(Value::as_object);
    let texts = options.into_iter().flat_map(serde_json::Map::values);
    for text in texts.filter_map(Value::as_str) {
        let inner = text.split(',').filter_map(|option| option.split_once('='));
        for (_, value) in inner.filter(|(name, _)| looks_secret(name.trim())) {
            item.secrets.add_secret(value);
        }
    }
}

/// Values of entries that are called secret are secret wherever they turn up.
fn secrets(item: &mut Item, sensitive: &[(String, Span)]) {
    for (name, _) in sensitive {
        item.secrets.add_name(name);
    }
    for attribute in ["env", "labels"] {
        let entries = item.settings.get(attribute).and_then(Value::as_object);
        let values: Vec<String> = entries
            .into_iter()
            .flatten()
            .filter(|(name, _)| item.secrets.hides_name(name))
            .filter_map(|(_, value)| value.as_str().map(str::to_owned))
            .collect();
        for value in values {
            item.secrets.add_value(&value);
        }
    }
}
