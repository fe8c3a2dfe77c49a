//! What people do to an engine behind a client's back. Reached through [`Simulated::hands`](super::Simulated::hands).

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{ImageSpec, Phase, World};
use crate::engine::EngineError;

impl World {
    /// `docker stop`
    pub fn docker_stop(&mut self, container: &str) -> Result<(), EngineError> {
        self.stop(container)
    }

    /// `docker start`
    pub fn docker_start(&mut self, container: &str) -> Result<(), EngineError> {
        self.start(container)
    }

    /// `docker kill`
    pub fn docker_kill(&mut self, container: &str) -> Result<(), EngineError> {
        self.kill(container)
    }

    /// `docker pause`
    pub fn docker_pause(&mut self, container: &str) -> Result<(), EngineError> {
        self.pause(container)
    }

    /// `docker unpause`
    pub fn docker_unpause(&mut self, container: &str) -> Result<(), EngineError> {
        self.unpause(container)
    }

    /// `docker rm -f`
    pub fn docker_rm(&mut self, container: &str) -> Result<(), EngineError> {
        self.remove_container(container, true)
    }

    /// `docker rename`
    pub fn docker_rename(&mut self, container: &str, name: &str) -> Result<(), EngineError> {
        self.rename(container, name)
    }

    /// `docker update`, with the body of the engine's API.
    pub fn docker_update(&mut self, container: &str, body: &Value) -> Result<(), EngineError> {
        self.update(container, body)
    }

    /// `docker network connect`, with the endpoint's settings.
    pub fn docker_connect(
        &mut self,
        network: &str,
        container: &str,
        endpoint: &Value,
    ) -> Result<(), EngineError> {
        self.connect(network, container, endpoint)
    }

    /// `docker network disconnect`
    pub fn docker_disconnect(&mut self, network: &str, container: &str) -> Result<(), EngineError> {
        self.disconnect(network, container)
    }

    /// `docker create`, with the body of the engine's API; gives the id.
    pub fn docker_create(&mut self, name: &str, body: &Value) -> Result<String, EngineError> {
        self.create_container(name, body)
    }

    /// `docker run -d`, with the body of the engine's API; gives the id.
    pub fn docker_run(&mut self, name: &str, body: &Value) -> Result<String, EngineError> {
        let id = self.create_container(name, body)?;
        self.start(&id)?;
        Ok(id)
    }

    /// `docker tag` or `docker build -t`: the reference names this image from now on. Gives the image's id.
    pub fn docker_tag(&mut self, reference: &str, spec: &ImageSpec) -> String {
        self.add_image(reference, spec)
    }

    /// `docker rmi -f`: the image is gone, whoever uses it.
    pub fn docker_rmi(&mut self, reference: &str) {
        if let Some(id) = self.find_image(reference) {
            self.images.remove(&id);
            self.emit("image", "delete", &id, &id);
        }
    }

    /// `docker network create`, with the body of the engine's API; gives the id.
    pub fn docker_network_create(&mut self, body: &Value) -> Result<String, EngineError> {
        self.create_network(body)
    }

    /// `docker network rm`, after everything that runs on it was disconnected: the engine asks for no more.
    pub fn docker_network_rm(&mut self, network: &str) -> Result<(), EngineError> {
        let id = self.known_network(network)?;
        let members: Vec<String> = self
            .containers
            .values()
            .filter(|container| {
                container
                    .endpoints
                    .values()
                    .any(|endpoint| endpoint.network_id == id && endpoint.live.is_some())
            })
            .map(|container| container.id.clone())
            .collect();
        for member in members {
            self.disconnect(&id, &member)?;
        }
        self.remove_network(&id)
    }

    /// `docker volume create`
    pub fn docker_volume_create(
        &mut self,
        name: &str,
        labels: &BTreeMap<String, String>,
    ) -> Result<(), EngineError> {
        self.create_volume(&json!({ "Name": name, "Labels": labels }))
            .map(|_| ())
    }

    /// `docker volume rm`
    pub fn docker_volume_rm(&mut self, name: &str) -> Result<(), EngineError> {
        self.remove_volume(name)
    }

    /// The process ends by itself with an exit code; its restart policy decides what comes then.
    pub fn crash(&mut self, container: &str, code: i64) -> Result<(), EngineError> {
        let id = self.known(container)?;
        if self.containers[&id].phase == Phase::Running {
            self.end(&id, code);
        }
        Ok(())
    }

    /// The engine dies and comes back: everything is stopped; `always` starts again, as does `unless-stopped` in what was
    /// running. Nothing of it is an event.
    pub fn reboot(&mut self) {
        let ids: Vec<(String, bool, bool)> = self
            .containers
            .values()
            .map(|container| {
                (
                    container.id.clone(),
                    container.is_up(),
                    container.started.is_some(),
                )
            })
            .collect();
        for (id, was_up, ran) in ids {
            if was_up {
                self.die(&id, 137);
            }
            let policy = self.containers[&id]
                .host
                .pointer("/RestartPolicy/Name")
                .and_then(Value::as_str)
                .unwrap_or("")
                .to_owned();
            let comes_back = match policy.as_str() {
                "always" => ran,
                "unless-stopped" | "on-failure" => was_up,
                _ => false,
            };
            if comes_back {
                // What cannot start stays down, as it does on a real engine.
                let _ = self.run(&id);
            }
        }
        self.events.clear();
    }
}
