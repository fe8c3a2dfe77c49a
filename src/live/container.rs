//! One container as the engine reports it.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::Value;

use super::{Successor, labels};
use crate::model::{Applied, EngineInfo, Seen, Settings, attributes};

/// Whose a container is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Owner {
    /// The project.
    pub project: String,
    /// The key in its file.
    pub key: String,
}

/// Which part a container plays in a replacement, told by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// The one that serves.
    Main,
    /// `NAME.next`: made, and not yet in place.
    Next,
    /// `NAME.prev`: set aside, and not yet removed.
    Prev,
}

/// What a container's process is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum RunState {
    /// It was never started.
    Created,
    /// It runs.
    Running,
    /// It is frozen.
    Paused,
    /// It died, and the engine is about to start it again.
    Restarting,
    /// It ended.
    Exited,
    /// The engine failed to remove it.
    Dead,
    /// Something that this version does not know.
    Unknown,
}

/// The verdict of a health check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Health {
    /// Not known yet.
    Starting,
    /// It passed.
    Healthy,
    /// It failed.
    Unhealthy,
}

/// One container as the engine reports it.
#[derive(Debug, Clone)]
pub struct Container {
    /// Its id, 64 hexadecimal digits.
    pub id: String,
    /// Its name, without the slash.
    pub name: String,
    /// Whose it is; `None` if it is not Evenkeel's.
    pub owner: Option<Owner>,
    /// Which part it plays.
    pub role: Role,
    /// The container of ours that says that it takes this one's place, if this one does not say itself what it is.
    pub successor: Option<Successor>,
    /// What its process is doing.
    pub state: RunState,
    /// The verdict of its health check, if it has one.
    pub health: Option<Health>,
    /// The exit code of the last run.
    pub exit_code: i64,
    /// Whether it ran at least once.
    pub ran: bool,
    /// When it was made.
    pub created: Option<Timestamp>,
    /// When it was started last.
    pub started: Option<Timestamp>,
    /// How often the engine has started it again.
    pub restarts: i64,
    /// The id of the image that it was made from.
    pub image_id: String,
    /// The reference that it was made with.
    pub image_text: String,
    /// What the file said when it was made.
    pub applied: Option<Applied>,
    /// All that the vocabulary knows of it, in normal form.
    pub settings: Settings,
    /// Its networks as the engine reports them (`NetworkSettings.Networks`), whatever its network mode.
    pub endpoints: BTreeMap<String, Value>,
    /// The whole answer, for what is carried over to its successor.
    pub inspect: Value,
}

impl Container {
    /// What its process is doing, in words that people read: `running`, `exited (1)`.
    #[must_use]
    pub fn doing(&self) -> String {
        match self.state {
            RunState::Created => "created".to_owned(),
            RunState::Running => "running".to_owned(),
            RunState::Paused => "paused".to_owned(),
            RunState::Restarting => "restarting".to_owned(),
            RunState::Exited => format!("exited ({})", self.exit_code),
            RunState::Dead => "dead".to_owned(),
            RunState::Unknown => "unknown".to_owned(),
        }
    }

    /// Reads an answer to an inspect. `None` if it has no id, which no engine does.
    #[must_use]
    pub fn read(
        inspect: Value,
        names: &BTreeMap<String, String>,
        engine: &EngineInfo,
    ) -> Option<Self> {
        let seen = Seen {
            inspect: &inspect,
            names,
            engine,
        };
        let id = seen.text("Id")?.to_owned();
        let name = seen
            .text("Name")
            .unwrap_or_default()
            .trim_start_matches('/')
            .to_owned();
        let label = |key: &str| {
            inspect
                .pointer("/Config/Labels")
                .and_then(|labels| labels.get(key))
                .and_then(Value::as_str)
        };
        let owner = label(labels::PROJECT)
            .zip(label(labels::CONTAINER))
            .map(|(project, key)| Owner {
                project: project.to_owned(),
                key: key.to_owned(),
            });
        let role = role(&name, label(labels::NAME).filter(|_| owner.is_some()));
        let settings = attributes::all(&attributes::CONTAINER)
            .filter_map(|attribute| Some((attribute.name.to_owned(), attribute.read(&seen)?)))
            .collect();
        let endpoints = inspect
            .pointer("/NetworkSettings/Networks")
            .and_then(Value::as_object)
            .map(|networks| {
                networks
                    .iter()
                    .map(|(name, endpoint)| (name.clone(), endpoint.clone()))
                    .collect()
            })
            .unwrap_or_default();
        Some(Self {
            owner,
            role,
            successor: None,
            state: run_state(&seen),
            health: seen.text("State/Health/Status").and_then(health),
            exit_code: seen
                .get("State/ExitCode")
                .and_then(Value::as_i64)
                .unwrap_or(0),
            ran: has_run(&seen),
            created: moment(&seen, "Created"),
            started: moment(&seen, "State/StartedAt").filter(|_| has_run(&seen)),
            restarts: seen
                .get("RestartCount")
                .and_then(Value::as_i64)
                .unwrap_or(0),
            image_id: seen.text("Image").unwrap_or_default().to_owned(),
            image_text: seen.text("Config/Image").unwrap_or_default().to_owned(),
            applied: label(labels::APPLIED).and_then(Applied::read),
            settings,
            endpoints,
            id,
            name,
            inspect,
        })
    }

    /// The key in the file, if it belongs to the project.
    #[must_use]
    pub fn key_in(&self, project: &str) -> Option<&str> {
        self.owner
            .as_ref()
            .filter(|owner| owner.project == project)
            .map(|owner| owner.key.as_str())
    }

    /// Whether its process is there, frozen or not.
    #[must_use]
    pub fn is_up(&self) -> bool {
        matches!(
            self.state,
            RunState::Running | RunState::Paused | RunState::Restarting
        )
    }

    /// Whether it mounts a volume of this name.
    #[must_use]
    pub fn mounts(&self, volume: &str) -> bool {
        let mounts = self.inspect.get("Mounts").and_then(Value::as_array);
        mounts
            .into_iter()
            .flatten()
            .any(|mount| mount.get("Name").and_then(Value::as_str) == Some(volume))
    }

    /// A label's text.
    #[must_use]
    pub fn label(&self, key: &str) -> Option<&str> {
        self.inspect
            .pointer("/Config/Labels")
            .and_then(|labels| labels.get(key))
            .and_then(Value::as_str)
    }
}

/// The name that a new container has until it takes its place.
#[must_use]
pub fn next(name: &str) -> String {
    format!("{name}{NEXT}")
}

/// The name that an old container has until it goes.
#[must_use]
pub fn prev(name: &str) -> String {
    format!("{name}{PREV}")
}

const NEXT: &str = ".next";
const PREV: &str = ".prev";

/// `NAME.next` and `NAME.prev` count only where our label says that NAME is what it is called in the end, so that a
/// container that a person called `web.next` is none of a replacement's.
pub fn role(name: &str, intended: Option<&str>) -> Role {
    match intended.and_then(|intended| name.strip_prefix(intended)) {
        Some(NEXT) => Role::Next,
        Some(PREV) => Role::Prev,
        Some(_) | None => Role::Main,
    }
}

fn run_state(seen: &Seen<'_>) -> RunState {
    let flag = |name: &str| seen.get(name).and_then(Value::as_bool).unwrap_or(false);
    match seen.text("State/Status").unwrap_or_default() {
        "created" | "configured" | "initialized" => RunState::Created,
        "running" if flag("State/Paused") => RunState::Paused,
        "running" => RunState::Running,
        "paused" => RunState::Paused,
        "restarting" => RunState::Restarting,
        // Podman says `stopped` where Docker says `exited`; `removing` and `stopping` are on the way there.
        "exited" | "stopped" | "stopping" | "removing" => RunState::Exited,
        "dead" => RunState::Dead,
        _ if flag("State/Running") => RunState::Running,
        _ => RunState::Unknown,
    }
}

/// The engine writes the year 1 for "never".
fn has_run(seen: &Seen<'_>) -> bool {
    seen.text("State/StartedAt")
        .is_some_and(|started| !started.starts_with("0001-"))
}

/// A moment as engines write it, with nanoseconds. Podman writes those of the host's time zone.
fn moment(seen: &Seen<'_>, place: &str) -> Option<Timestamp> {
    seen.text(place)?.parse().ok()
}

fn health(word: &str) -> Option<Health> {
    match word {
        "starting" => Some(Health::Starting),
        "healthy" => Some(Health::Healthy),
        "unhealthy" => Some(Health::Unhealthy),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::json;

    use super::{Container, Role, RunState, role};
    use crate::model::EngineInfo;

    #[test]
    fn a_part_in_a_replacement_is_told_by_name_and_label_together() {
        assert_eq!(role("web.next", Some("web")), Role::Next);
        assert_eq!(role("web.prev", Some("web")), Role::Prev);
        assert_eq!(role("web.prev", Some("web.prev")), Role::Main);
        assert_eq!(role("web.prev", None), Role::Main);
        assert_eq!(role("renamed", Some("web")), Role::Main);
    }

    #[test]
    fn an_answer_with_words_that_nobody_knows_is_read() {
        let container = Container::read(
            json!({"Id": "abc", "Name": "/web", "State": {"Status": "levitating", "Health": {"Status": "purple"}}, "Config": {"Labels": null}}),
            &BTreeMap::new(),
            &EngineInfo::default(),
        )
        .expect("an id is enough");
        assert_eq!(
            (container.state, container.health, container.name.as_str()),
            (RunState::Unknown, None, "web")
        );
        assert!(Container::read(json!({}), &BTreeMap::new(), &EngineInfo::default()).is_none());
    }
}
