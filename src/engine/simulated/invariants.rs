//! What must hold whatever goes wrong.

use std::collections::BTreeSet;

use super::{By, Container, Kind, World};

/// The label that says whose a thing is.
const PROJECT: &str = "io.evenkeel.project";
/// The label that says which container of the file it is.
const CONTAINER: &str = "io.evenkeel.container";

/// What a client may do beyond the rule.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Allowed {
    /// Volumes that it may remove.
    pub volumes: BTreeSet<String>,
    /// Things that it may change although they are not its own (adopted ones), by name.
    pub foreign: BTreeSet<String>,
}

/// What a client has done that it may not: things changed that don't carry the project's label, volumes removed.
/// Nothing is sound.
#[must_use]
pub fn violations(world: &World, project: &str, allowed: &Allowed) -> Vec<String> {
    violations_since(world, project, allowed, 0)
}

/// The same of all changes but the first ones, so many, for a look after every call.
#[must_use]
pub fn violations_since(
    world: &World,
    project: &str,
    allowed: &Allowed,
    first: usize,
) -> Vec<String> {
    let mut found = Vec::new();
    for change in world
        .changes
        .iter()
        .skip(first)
        .filter(|change| change.by == By::Client)
    {
        let (name, what) = (&change.name, change.what);
        let ours = change
            .labels
            .get(PROJECT)
            .is_some_and(|owner| owner == project);
        match change.kind {
            Kind::Volume if what == "remove" && !allowed.volumes.contains(name) => {
                found.push(format!(
                    "the volume {name} was removed, and its data with it"
                ));
            }
            // Anonymous volumes come with their container, and carry no labels.
            Kind::Volume | Kind::Image => {}
            Kind::Container | Kind::Network if ours || allowed.foreign.contains(name) => {}
            Kind::Container => found.push(format!(
                "{what} of the container {name}, which is not of {project}"
            )),
            Kind::Network => found.push(format!(
                "{what} of the network {name}, which is not of {project}"
            )),
        }
    }
    found
}

/// The containers that stand for one container of the file: the one that serves, and those of a replacement.
#[must_use]
pub fn instances<'a>(world: &'a World, project: &str, key: &str) -> Vec<&'a Container> {
    world
        .containers
        .values()
        .filter(|container| {
            let label = |name: &str| {
                container
                    .config
                    .get("Labels")
                    .and_then(|labels| labels.get(name))
                    .and_then(serde_json::Value::as_str)
            };
            label(PROJECT) == Some(project) && label(CONTAINER) == Some(key)
        })
        .collect()
}
