//! Containers: what they are, and what changes their state.

use std::{collections::BTreeMap, time::Duration};

use serde_json::Value;

use super::{
    World,
    create::check_name,
    ports::Taken,
    process::{Behaviour, Health, Runs},
    world::{error, labels},
};
use crate::engine::EngineError;

/// What a container's process is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// It was never started.
    Created,
    /// It runs.
    Running,
    /// It is frozen.
    Paused,
    /// It died, and its restart policy starts it again.
    Restarting,
    /// It ended.
    Exited,
}

/// A container's place on a network.
#[derive(Debug, Clone, PartialEq)]
pub struct Endpoint {
    /// What was said when it was joined (`EndpointSettings`).
    pub said: Value,
    /// The aliases that are shown.
    pub aliases: Option<Vec<String>>,
    /// The network's id, once the container has run on it.
    pub network_id: String,
    /// The endpoint's id, address and card while the container runs.
    pub live: Option<Joined>,
}

/// What an endpoint has while its container runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Joined {
    /// Its id.
    pub id: String,
    /// Its address; empty on networks without addresses.
    pub address: String,
    /// The length of the network's prefix.
    pub prefix: u8,
    /// The network's gateway.
    pub gateway: String,
    /// The address of its card.
    pub mac: String,
}

impl Endpoint {
    pub(super) fn new(said: &Value) -> Self {
        let aliases = said
            .get("Aliases")
            .and_then(Value::as_array)
            .filter(|aliases| !aliases.is_empty())
            .map(|aliases| {
                aliases
                    .iter()
                    .filter_map(Value::as_str)
                    .map(str::to_owned)
                    .collect()
            });
        Self {
            said: if said.is_object() {
                said.clone()
            } else {
                serde_json::json!({})
            },
            aliases,
            network_id: String::new(),
            live: None,
        }
    }
}

/// A container.
#[derive(Debug, Clone, PartialEq)]
pub struct Container {
    /// 64 hexadecimal digits.
    pub id: String,
    /// Its name, without the slash.
    pub name: String,
    /// The image that it was made from.
    pub image_id: String,
    /// `Config`, merged with the image's.
    pub config: Value,
    /// `HostConfig`, with what the engine fills in.
    pub host: Value,
    /// Its networks by name (or by id, until it has run).
    pub endpoints: BTreeMap<String, Endpoint>,
    /// `Mounts`.
    pub mounts: Vec<Value>,
    /// The entrypoint and the command.
    pub command: Vec<String>,
    /// What its process is doing.
    pub phase: Phase,
    /// The exit code of the last run.
    pub exit_code: i64,
    /// Why the last start failed.
    pub error: String,
    /// When it was started last, as the engine writes it.
    pub started: Option<String>,
    /// The same since the engine's beginning.
    pub started_at: Option<Duration>,
    /// When it ended last.
    pub finished: Option<String>,
    /// How often its restart policy has started it.
    pub restart_count: u64,
    /// Its health check, while it runs and after.
    pub health: Option<Health>,
    /// How its process behaves, since its last start.
    pub behaviour: Behaviour,
    /// When its process ends by itself, and with which code.
    pub ends_at: Option<(Duration, i64)>,
    /// When its restart policy starts it again.
    pub restarts_at: Option<Duration>,
    /// Since when it is frozen.
    pub paused_at: Option<Duration>,
    /// The restart policy's last delay.
    pub delay: Duration,
    /// How often it was started.
    pub starts: u32,
    /// The host ports that it holds.
    pub ports: Vec<Taken>,
    /// What it has written.
    pub logs: Vec<String>,
    /// The archives that were unpacked in it, by path.
    pub files: BTreeMap<String, Vec<Vec<u8>>>,
    /// When it was made, as the engine writes it.
    pub created: String,
    /// The order of making.
    pub created_number: u64,
}

impl Container {
    /// Its labels.
    #[must_use]
    pub fn labels(&self) -> BTreeMap<String, String> {
        labels(self.config.get("Labels"))
    }

    /// Whether its process is there, frozen or about to be started again.
    #[must_use]
    pub fn is_up(&self) -> bool {
        matches!(
            self.phase,
            Phase::Running | Phase::Paused | Phase::Restarting
        )
    }

    /// A text of its `HostConfig`.
    pub(super) fn host_text(&self, field: &str) -> &str {
        self.host.get(field).and_then(Value::as_str).unwrap_or("")
    }

    pub(super) fn removes_itself(&self) -> bool {
        self.host
            .get("AutoRemove")
            .and_then(Value::as_bool)
            .unwrap_or(false)
    }

    /// When something happens to it by itself.
    pub(super) fn due(&self) -> Option<Duration> {
        match self.phase {
            Phase::Running => {
                let ends = self.ends_at.map(|(at, _)| at);
                let check = self.health.as_ref().map(|health| health.next);
                ends.into_iter().chain(check).min()
            }
            Phase::Restarting => self.restarts_at,
            Phase::Created | Phase::Paused | Phase::Exited => None,
        }
    }
}

impl World {
    /// `POST /containers/{id}/start`.
    pub(super) fn start(&mut self, text: &str) -> Result<(), EngineError> {
        let id = self.known(text)?;
        match self.containers[&id].phase {
            Phase::Paused => {
                return Err(error(
                    409,
                    "cannot start a paused container, try unpause instead",
                ));
            }
            Phase::Running | Phase::Restarting => return Ok(()),
            Phase::Created | Phase::Exited => {}
        }
        self.note_container(&id, "start");
        if let Some(container) = self.containers.get_mut(&id) {
            container.restart_count = 0;
            container.delay = Duration::ZERO;
        }
        self.run(&id)
    }

    /// Starts a process; what goes wrong is remembered in the container, which stays what it was.
    pub(super) fn run(&mut self, id: &str) -> Result<(), EngineError> {
        let begun = self.begin(id);
        if let Err((code, failure)) = &begun {
            self.leave_networks(id);
            if let Some(container) = self.containers.get_mut(id) {
                container.exit_code = *code;
                container.error = failure.to_string();
            }
        }
        begun.map_err(|(_, failure)| failure)
    }

    fn begin(&mut self, id: &str) -> Result<(), (i64, EngineError)> {
        let failed = |failure| (128, failure);
        self.check_memory(id).map_err(failed)?;
        self.join_networks(id).map_err(failed)?;
        let behaviour = self.behaviour(id);
        if let Runs::Refuses { status, code, text } = &behaviour.runs {
            return Err((*code, error(*status, text.clone())));
        }
        self.make_bind_sources(id);
        let (now, moment) = (self.now, self.moment());
        let Some(container) = self.containers.get_mut(id) else {
            return Ok(());
        };
        container.starts += 1;
        container.ends_at = match &behaviour.runs {
            Runs::Exits { code, after } => Some((now + *after, *code)),
            Runs::ExitsAtFirst { code, after, times } if container.starts <= *times => {
                Some((now + *after, *code))
            }
            Runs::ExitsAtFirst { .. } | Runs::Forever | Runs::Refuses { .. } => None,
        };
        container.logs.extend(behaviour.says.iter().cloned());
        container.behaviour = behaviour;
        container.health = Health::begin(&container.config, now);
        container.phase = Phase::Running;
        container.exit_code = 0;
        container.error = String::new();
        container.started = Some(moment);
        container.started_at = Some(now);
        container.restarts_at = None;
        if container.host.get("Runtime").is_none() {
            container.host["Runtime"] = serde_json::json!("runc");
        }
        let name = container.name.clone();
        self.emit("container", "start", id, &name);
        Ok(())
    }

    fn behaviour(&self, id: &str) -> Behaviour {
        let Some(container) = self.containers.get(id) else {
            return Behaviour::default();
        };
        let by_image = || {
            self.images
                .get(&container.image_id)
                .map(|image| &image.spec.behaviour)
        };
        self.names
            .get(&container.name)
            .or_else(|| self.commands.get(&container.command.join(" ")))
            .or_else(by_image)
            .cloned()
            .unwrap_or_default()
    }

    fn check_memory(&self, id: &str) -> Result<(), EngineError> {
        let number = |field: &str| {
            self.containers[id]
                .host
                .get(field)
                .and_then(Value::as_i64)
                .unwrap_or(0)
        };
        if number("Memory") > 0 && number("MemoryReservation") > number("Memory") {
            return Err(error(
                400,
                "Minimum memory limit can not be less than memory reservation limit, see usage",
            ));
        }
        Ok(())
    }

    /// `POST /containers/{id}/stop`.
    pub(super) fn stop(&mut self, text: &str) -> Result<(), EngineError> {
        let id = self.known(text)?;
        let container = &self.containers[&id];
        let (name, code) = (container.name.clone(), Self::stop_code(container));
        match container.phase {
            Phase::Created | Phase::Exited => return Ok(()),
            Phase::Restarting => {
                self.note_container(&id, "stop");
                if let Some(container) = self.containers.get_mut(&id) {
                    container.phase = Phase::Exited;
                    container.restarts_at = None;
                }
                self.emit("container", "stop", &id, &name);
                return Ok(());
            }
            Phase::Running | Phase::Paused => {}
        }
        self.note_container(&id, "stop");
        self.emit("container", "kill", &id, &name);
        self.die(&id, code);
        self.emit("container", "stop", &id, &name);
        if self.containers[&id].removes_itself() {
            self.destroy(&id);
        }
        Ok(())
    }

    /// `POST /containers/{id}/kill`.
    pub(super) fn kill(&mut self, text: &str) -> Result<(), EngineError> {
        let id = self.known(text)?;
        let container = &self.containers[&id];
        if !matches!(container.phase, Phase::Running | Phase::Paused) {
            return Err(error(
                409,
                format!("Cannot kill container: {text}: Container {id} is not running"),
            ));
        }
        let name = container.name.clone();
        self.note_container(&id, "kill");
        self.emit("container", "kill", &id, &name);
        self.die(&id, 137);
        Ok(())
    }

    /// `POST /containers/{id}/pause`.
    pub(super) fn pause(&mut self, text: &str) -> Result<(), EngineError> {
        let id = self.known(text)?;
        match self.containers[&id].phase {
            Phase::Created | Phase::Exited => {
                Err(error(409, format!("Container {id} is not running")))
            }
            Phase::Paused => Err(error(409, format!("Container {id} is already paused"))),
            Phase::Restarting => Err(error(
                409,
                format!("Container {id} is restarting, wait until the container is running"),
            )),
            Phase::Running => {
                self.note_container(&id, "pause");
                let now = self.now;
                self.change(&id, "pause", |container| {
                    container.phase = Phase::Paused;
                    container.paused_at = Some(now);
                });
                Ok(())
            }
        }
    }

    /// `POST /containers/{id}/unpause`.
    pub(super) fn unpause(&mut self, text: &str) -> Result<(), EngineError> {
        let id = self.known(text)?;
        if self.containers[&id].phase != Phase::Paused {
            return Err(error(500, format!("Container {id} is not paused")));
        }
        self.note_container(&id, "unpause");
        let now = self.now;
        self.change(&id, "unpause", |container| {
            // Time stood still for its process.
            let frozen = now.saturating_sub(container.paused_at.take().unwrap_or(now));
            container.phase = Phase::Running;
            container.ends_at = container.ends_at.map(|(at, code)| (at + frozen, code));
            if let Some(health) = &mut container.health {
                health.next += frozen;
            }
        });
        Ok(())
    }

    fn change(&mut self, id: &str, event: &str, change: impl FnOnce(&mut Container)) {
        if let Some(container) = self.containers.get_mut(id) {
            change(container);
            let name = container.name.clone();
            self.emit("container", event, id, &name);
        }
    }

    /// `POST /containers/{id}/rename`.
    pub(super) fn rename(&mut self, text: &str, name: &str) -> Result<(), EngineError> {
        if name.is_empty() {
            return Err(error(400, "Neither old nor new names may be empty"));
        }
        let id = self.known(text)?;
        if self.containers[&id].name == name {
            return Err(error(
                400,
                "Renaming a container with the same name as its current name",
            ));
        }
        check_name(name, &format!("/{name}"))
            .and_then(|()| self.check_free(name))
            .map_err(|failure| match failure {
                EngineError::Conflict(text) => {
                    error(409, format!("Error when allocating new name: {text}"))
                }
                EngineError::Refused { status, text } => {
                    error(status, format!("Error when allocating new name: {text}"))
                }
                failure => failure,
            })?;
        self.note_container(&id, "rename");
        self.change(&id, "rename", |container| {
            name.clone_into(&mut container.name);
        });
        Ok(())
    }

    /// `DELETE /containers/{id}`; anonymous volumes stay.
    pub(super) fn remove_container(&mut self, text: &str, force: bool) -> Result<(), EngineError> {
        let id = self.known(text)?;
        let refused = match self.containers[&id].phase {
            Phase::Created | Phase::Exited => None,
            Phase::Running => Some(format!(
                "You cannot remove a running container {id}. Stop the container before attempting removal or force remove"
            )),
            Phase::Paused => Some(format!(
                "You cannot remove a paused container {id}. Unpause and then stop the container before attempting removal or force remove"
            )),
            Phase::Restarting => Some(format!(
                "You cannot remove a restarting container {id}. Stop the container before attempting removal or force remove"
            )),
        };
        if let Some(text) = refused {
            if !force {
                return Err(error(409, text));
            }
            let name = self.containers[&id].name.clone();
            if self.containers[&id].phase != Phase::Restarting {
                self.emit("container", "kill", &id, &name);
                self.die(&id, 137);
            }
        }
        self.destroy(&id);
        Ok(())
    }

    pub(super) fn destroy(&mut self, id: &str) {
        if let Some(container) = self.forget(id) {
            self.emit("container", "destroy", id, &container.name);
        }
    }
}
