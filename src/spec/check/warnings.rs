//! What works and may still not be wanted; `--strict` makes it errors.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{place, ports};
use crate::{
    model::looks_secret,
    spec::{Document, FileId, Item, Problem, Sources, Span},
    value::Reference,
};

/// Sockets that command an engine.
const SOCKETS: &[&str] = &["docker.sock", "podman.sock", "containerd.sock"];

/// Where names and values stand.
const NAMED_VALUES: &[&str] = &["env", "labels", "build.args", "logging.options"];

/// What a container's `image` names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Image {
    /// A key of `images`.
    OfTheFile,
    /// Perhaps no image at all, which has been said.
    Doubtful,
    /// An image by its reference, or none.
    Reference,
}

/// What warnings are made from besides the document.
pub struct Warnings<'a> {
    pub sources: &'a Sources,
    pub env_files: &'a BTreeSet<FileId>,
}

impl Warnings<'_> {
    /// Those of a container.
    pub fn container(&self, key: &str, item: &Item, image: Image, problems: &mut Vec<Problem>) {
        // A name that is perhaps no image's needs no version.
        if image == Image::Reference && item.settings.get("build").is_none() {
            unpinned(item, "image", problems);
        }
        privileged(key, item, problems);
        socket(key, item, problems);
        self.passwords(item, problems);
        self.labels(item, problems);
    }

    /// Those of images, networks and volumes.
    pub fn others(&self, document: &Document, problems: &mut Vec<Problem>) {
        for item in document.images.values() {
            let absent = item.settings.text("state") == Some("absent");
            if !absent && item.settings.get("build").is_none() {
                unpinned(item, "reference", problems);
            }
            self.passwords(item, problems);
        }
        for item in document.networks.values().chain(document.volumes.values()) {
            self.labels(item, problems);
        }
    }

    /// Labels are shown to everybody who may list containers, and to every program that looks for some.
    fn labels(&self, item: &Item, problems: &mut Vec<Problem>) {
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
            let source = self.sources.get(span.file);
            let written = source.text.get(span.start..span.end).unwrap_or_default();
            let Some(variable) = secret_variable(written) else {
                continue;
            };
            problems.push(
                Problem::warning(
                    "secret-in-label",
                    span,
                    format!("the secret value of {variable} stands in a label in plain text"),
                )
                .hint(
                    "everybody who may list containers can read it; use env, env_file or secrets",
                ),
            );
        }
    }

    /// A password that stands in the file stands in Git.
    fn passwords(&self, item: &Item, problems: &mut Vec<Problem>) {
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
                self.password(name, value, span, problems);
            }
        }
    }

    fn password(&self, name: &str, value: &str, span: Span, problems: &mut Vec<Problem>) {
        let source = self.sources.get(span.file);
        let written = source.text.get(span.start..span.end);
        // From an env file, from a variable, or from the surroundings.
        if self.env_files.contains(&span.file)
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
        problems.push(
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
fn unpinned(item: &Item, attribute: &str, problems: &mut Vec<Problem>) {
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
    problems.push(
        Problem::warning(
            "unpinned-image",
            place(item, attribute),
            format!("{name} has no fixed version: latest is another image tomorrow"),
        )
        .hint(format!("name a version, such as {name}:1.2")),
    );
}

fn privileged(key: &str, item: &Item, problems: &mut Vec<Problem>) {
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
        problems.push(
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

fn socket(key: &str, item: &Item, problems: &mut Vec<Problem>) {
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
    problems.push(
        Problem::warning(
            "engine-socket",
            place(item, &path),
            format!("{key} gets the engine's socket, and with it all rights on the host"),
        )
        .hint("read-only does not help; put a proxy before the socket that lets through what is needed"),
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
