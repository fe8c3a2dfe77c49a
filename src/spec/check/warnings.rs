//! What works and may still not be wanted; `--strict` makes it errors.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{place, ports};
use crate::{
    model::looks_secret,
    spec::{Document, FileId, Item, Problem, Span, composition::Reading},
    value::Reference,
};

/// Sockets that command an engine.
const SOCKETS: &[&str] = &["docker.sock", "podman.sock", "containerd.sock"];

pub fn check(document: &Document, env_files: &BTreeSet<FileId>, reading: &mut Reading<'_>) {
    for item in document.images.values() {
        let absent = item.settings.text("state") == Some("absent");
        if !absent && item.settings.get("build").is_none() {
            unpinned(item, "reference", reading);
        }
        passwords(item, env_files, reading);
    }
    // A name that is perhaps no image's at all needs no version.
    let doubtful: BTreeSet<Option<Span>> = reading
        .problems
        .iter()
        .filter(|problem| problem.code == "unknown-reference")
        .map(|problem| problem.span)
        .collect();
    for (key, item) in &document.containers {
        let of_images = item
            .settings
            .text("image")
            .is_some_and(|image| document.images.contains_key(image));
        let doubtful = doubtful.contains(&Some(place(item, "image")));
        if !of_images && !doubtful && item.settings.get("build").is_none() {
            unpinned(item, "image", reading);
        }
        privileged(key, item, reading);
        socket(key, item, reading);
        passwords(item, env_files, reading);
    }
    let all = [&document.containers, &document.networks, &document.volumes];
    for item in all.into_iter().flat_map(|items| items.values()) {
        labels(item, reading);
    }
}

/// Labels are shown to everybody who may list containers, and to every program that looks for some.
fn labels(item: &Item, reading: &mut Reading<'_>) {
    let labels = item.settings.get("labels").and_then(Value::as_object);
    for (name, value) in labels.into_iter().flatten() {
        if !value
            .as_str()
            .is_some_and(|text| item.secrets.hides_text(text))
        {
            continue;
        }
        let Some(span) = item.span_of(&format!("labels.{name}")) else {
            continue;
        };
        let source = reading.sources.get(span.file);
        let written = source.text.get(span.start..span.end).unwrap_or_default();
        let Some(variable) = secret_variable(written) else {
            continue;
        };
        reading.problems.push(
            Problem::warning(
                "secret-in-label",
                span,
                format!("the secret value of {variable} stands in a label in plain text"),
            )
            .hint("everybody who may list containers can read it; use env, env_file or secrets"),
        );
    }
}

/// The first variable of a text as it is written that is called a secret.
fn secret_variable(written: &str) -> Option<&str> {
    written.split('$').skip(1).find_map(|text| {
        let text = text.strip_prefix('{').unwrap_or(text);
        let end = text
            .find(|c: char| !c.is_alphanumeric() && c != '_')
            .unwrap_or(text.len());
        Some(&text[..end]).filter(|name| looks_secret(name))
    })
}

/// Without a tag, the same file makes another container tomorrow.
fn unpinned(item: &Item, attribute: &str, reading: &mut Reading<'_>) {
    let Some(text) = item.settings.text(attribute) else {
        return;
    };
    let Ok(reference) = text.parse::<Reference>() else {
        return;
    };
    if reference.digest().is_some() || reference.tag() != Some("latest") {
        return;
    }
    let name = text.strip_suffix(":latest").unwrap_or(text);
    reading.problems.push(
        Problem::warning(
            "unpinned-image",
            place(item, attribute),
            format!("{name} has no fixed version: latest is another image tomorrow"),
        )
        .hint(format!("name a version, such as {name}:1.2")),
    );
}

fn privileged(key: &str, item: &Item, reading: &mut Reading<'_>) {
    if item.settings.get("privileged") != Some(&Value::Bool(true)) {
        return;
    }
    let open = ports::ports(item).find(|port| {
        matches!(
            port.get("host_ip").and_then(Value::as_str),
            Some("" | "0.0.0.0" | "::")
        )
    });
    if let Some(port) = open {
        reading.problems.push(
            Problem::warning(
                "exposed-privileged",
                place(item, &format!("ports[{}]", ports::written(port))),
                format!(
                    "{key} has all rights on the host, and this port is open on all its addresses"
                ),
            )
            .hint("put an address before it, such as 127.0.0.1:, or remove privileged")
            .also(place(item, "privileged"), "all rights"),
        );
    }
}

fn socket(key: &str, item: &Item, reading: &mut Reading<'_>) {
    let mounts = item.settings.get("volumes").and_then(Value::as_array);
    let mounted = mounts.into_iter().flatten().find_map(|mount| {
        let source = mount.get("source").and_then(Value::as_str)?;
        let target = mount.get("target").and_then(Value::as_str)?;
        let name = source.rsplit('/').next()?;
        SOCKETS
            .contains(&name)
            .then(|| format!("volumes[{target}]"))
    });
    let asked = item.settings.get("use_api_socket") == Some(&Value::Bool(true));
    let Some(path) = mounted.or_else(|| asked.then(|| "use_api_socket".to_owned())) else {
        return;
    };
    reading.problems.push(
        Problem::warning(
            "engine-socket",
            place(item, &path),
            format!("{key} gets the engine's socket, and with it all rights on the host"),
        )
        .hint("read-only does not help; put a proxy before the socket that lets through what is needed"),
    );
}

/// Where names and values stand.
const NAMED_VALUES: &[&str] = &["env", "labels", "build.args", "logging.options"];

/// A password that stands in the file stands in Git.
fn passwords(item: &Item, env_files: &BTreeSet<FileId>, reading: &mut Reading<'_>) {
    for place in NAMED_VALUES {
        let (attribute, field) = place.split_once('.').unwrap_or((place, ""));
        let found = item.settings.get(attribute);
        let found = if field.is_empty() {
            found
        } else {
            found.and_then(|value| value.get(field))
        };
        for (name, value) in found.and_then(Value::as_object).into_iter().flatten() {
            let value = value.as_str().unwrap_or_default();
            // The label `com.example.secrets.colour` is called `colour`.
            let own = if *place == "labels" {
                name.rsplit('.').next()
            } else {
                None
            };
            if !looks_secret(own.unwrap_or(name)) || !could_be_secret(value) {
                continue;
            }
            let Some(span) = item.span_of(&format!("{place}.{name}")) else {
                continue;
            };
            password(name, value, span, env_files, reading);
        }
    }
}

fn password(
    name: &str,
    value: &str,
    span: Span,
    env_files: &BTreeSet<FileId>,
    reading: &mut Reading<'_>,
) {
    let source = reading.sources.get(span.file);
    let written = source.text.get(span.start..span.end);
    // From an env file, from a variable, or from the surroundings.
    if env_files.contains(&span.file)
        || written.is_none_or(|text| text.contains('$') || !text.contains(value))
    {
        return;
    }
    // A name with a dot is no variable's.
    let variable = if name.contains(['.', '-']) {
        "NAME"
    } else {
        name
    };
    reading.problems.push(
        Problem::warning(
            "plain-text-password",
            span,
            format!("the value of {name} stands in the file for everybody to read"),
        )
        .hint(format!(
            "write ${{{variable}}} and set it in .env, or use env_file or secrets"
        )),
    );
}

/// `true`, `1` and a path say how a secret is handled, not what it is.
fn could_be_secret(value: &str) -> bool {
    !value.is_empty()
        && !value.starts_with('/')
        && !matches!(
            value.to_lowercase().as_str(),
            "true" | "false" | "yes" | "no" | "0" | "1"
        )
}
