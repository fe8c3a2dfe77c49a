//! The container that takes another one's place, where that one's own labels do not say for which key or under which name it
//! stands: it was made by hand and is taken over, its key was changed in the file, or it was given another name in place.
//!
//! Labels cannot be given to a container that is there, so the new one carries what a replacement has to know of the old
//! one. It is the last of the two to go: until the old one has its name again, it is there to say what that one is.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::{Container, Owner, Role, container::role, labels};

/// What the new container says of the old one.
#[derive(Debug, Clone, PartialEq)]
pub struct Successor {
    /// Whose the new one is.
    pub owner: Owner,
    /// Whether the old one ran before it was set aside.
    pub ran: bool,
    /// The restart policy that it had (`HostConfig.RestartPolicy`).
    pub restart: Value,
}

/// The label of a container that takes the place of one that does not say for which key it stands.
#[must_use]
pub fn label(id: &str, ran: bool, restart: &Value) -> String {
    json!({ "id": id, "ran": ran, "restart": restart }).to_string()
}

/// The id in such a label.
#[must_use]
pub fn replaced(label: &str) -> Option<String> {
    let label: Value = serde_json::from_str(label).ok()?;
    Some(label.get("id")?.as_str()?.to_owned())
}

/// Notes with each container which one says that it takes its place. An id alone does not count: one that is called neither
/// `NAME` nor `NAME.prev` any more is somebody else's again.
pub fn note(containers: &mut [Container]) {
    let said: BTreeMap<String, (String, Successor)> = containers.iter().filter_map(said).collect();
    let mut in_place = BTreeSet::new();
    for container in &mut *containers {
        let Some((name, successor)) = said.get(&container.id) else {
            continue;
        };
        let role = role(&container.name, Some(name));
        if role == Role::Prev || container.name == *name {
            container.role = role;
            container.successor = Some(successor.clone());
        }
        if container.name == *name {
            in_place.insert(container.id.clone());
        }
    }
    // Whatever hands call a new one whose old one is in its place: it is no old one itself.
    for container in containers {
        let replaces = container.label(labels::REPLACES).and_then(replaced);
        if container.role == Role::Prev && replaces.is_some_and(|id| in_place.contains(&id)) {
            container.role = Role::Next;
        }
    }
}

/// The id of the container that one takes the place of, the name that both have in the end, and what it says.
fn said(new: &Container) -> Option<(String, (String, Successor))> {
    let label: Value = serde_json::from_str(new.label(labels::REPLACES)?).ok()?;
    let successor = Successor {
        owner: new.owner.clone()?,
        ran: label.get("ran").and_then(Value::as_bool).unwrap_or(true),
        restart: label.get("restart").cloned().unwrap_or(Value::Null),
    };
    let name = new.label(labels::NAME)?.to_owned();
    Some((label.get("id")?.as_str()?.to_owned(), (name, successor)))
}
