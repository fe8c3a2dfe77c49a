//! A client's side of a simulated engine: the traits.

use bollard::models::{
    ContainerCreateBody, ContainerUpdateBody, NetworkConnectRequest, NetworkCreateRequest,
    VolumeCreateRequest,
};
use futures_util::Stream;
use serde_json::{Value, json};

use super::{ImageSpec, Simulated, World, clock, following::Following, world::error};
use crate::{
    engine::{
        Act, BuildRequest, EngineError, EngineEvent, ExecRequest, Listed, Observe, PullProgress,
        docker::typed,
    },
    model::EngineInfo,
};

impl Observe for Simulated {
    async fn about(&self) -> Result<EngineInfo, EngineError> {
        self.read("about", "", |world| EngineInfo {
            api: world.profile.api,
            podman: world.profile.podman,
            info: None,
        })
        .await
    }

    async fn info(&self) -> Result<Value, EngineError> {
        self.read("info", "", |world| world.info.clone()).await
    }

    async fn containers(&self) -> Result<Vec<Listed>, EngineError> {
        self.read("containers", "", World::list_containers).await
    }

    async fn container(&self, id: &str) -> Result<Option<Value>, EngineError> {
        self.read("container", id, |world| world.inspect_container(id))
            .await
    }

    async fn networks(&self) -> Result<Vec<Value>, EngineError> {
        self.read("networks", "", |world| {
            world
                .networks
                .values()
                .map(|network| world.show_network(network, false))
                .collect()
        })
        .await
    }

    async fn network(&self, id: &str) -> Result<Option<Value>, EngineError> {
        self.call("network", id, json!([id]), false, |world| {
            world.inspect_network(id)
        })
        .await
    }

    async fn volumes(&self) -> Result<Vec<Value>, EngineError> {
        self.read("volumes", "", World::list_volumes).await
    }

    async fn image(&self, reference: &str) -> Result<Option<Value>, EngineError> {
        self.read("image", reference, |world| world.inspect_image(reference))
            .await
    }

    async fn remote_digest(&self, reference: &str) -> Result<String, EngineError> {
        self.call(
            "remote_digest",
            reference,
            json!([reference]),
            false,
            |world| world.remote_digest(reference),
        )
        .await
    }

    async fn logs(&self, id: &str, lines: u32) -> Result<Vec<String>, EngineError> {
        self.call("logs", id, json!([id, lines]), false, |world| {
            let id = world.known(id)?;
            let logs = &world.containers[&id].logs;
            let from = logs.len().saturating_sub(lines as usize);
            Ok(logs[from..].to_vec())
        })
        .await
    }

    async fn events(
        &self,
        since: Option<String>,
    ) -> Result<
        impl Stream<Item = Result<EngineEvent, EngineError>> + Send + Unpin + 'static,
        EngineError,
    > {
        let from = self
            .call(
                "events",
                since.as_deref().unwrap_or(""),
                json!([since]),
                false,
                |world| {
                    let all = world.events.len();
                    Ok(since.as_deref().map(clock::since).map_or(all, |since| {
                        // The engine remembers 256 events.
                        let remembered = all.saturating_sub(256);
                        remembered
                            + world.events[remembered..]
                                .iter()
                                .take_while(|happened| happened.at < since)
                                .count()
                    }))
                },
            )
            .await?;
        Ok(Following::from(self.clone(), from))
    }
}

/// What is gone already need not be removed.
fn gone(done: Result<(), EngineError>) -> Result<(), EngineError> {
    match done {
        Err(EngineError::Missing(_)) => Ok(()),
        done => done,
    }
}

impl Act for Simulated {
    async fn pull(
        &self,
        reference: &str,
        platform: Option<&str>,
        progress: &mut (dyn FnMut(PullProgress) + Send),
    ) -> Result<(), EngineError> {
        let done = self
            .write("pull", reference, json!([reference, platform]), |world| {
                world.pull(reference)
            })
            .await;
        if done.is_ok() {
            progress(PullProgress {
                text: "Pull complete".into(),
                bytes: Some((1_984_154, 1_984_154)),
            });
        }
        done
    }

    async fn build(
        &self,
        request: BuildRequest,
        progress: &mut (dyn FnMut(PullProgress) + Send),
    ) -> Result<(), EngineError> {
        let tag = request
            .parameters
            .iter()
            .find(|(name, _)| name == "t")
            .map(|(_, tag)| tag.clone())
            .unwrap_or_default();
        let size = request.context.len() as u64;
        let done = self
            .write("build", &tag, json!([request.parameters, size]), |world| {
                if tag.is_empty() {
                    return Err(error(400, "a build without a tag cannot be found again"));
                }
                // The same context gives the same image, as a build from its cache does.
                let digest = clock::id(
                    &format!("{:?} {:?}", request.parameters, request.context),
                    0,
                );
                let build = u64::from_str_radix(&digest[..15], 16).unwrap_or(0);
                world.add_image(&tag, &ImageSpec::default().build(build));
                Ok(())
            })
            .await;
        if done.is_ok() {
            progress(PullProgress {
                text: "Successfully built".into(),
                bytes: None,
            });
        }
        done
    }

    async fn create_container(
        &self,
        name: &str,
        body: &Value,
        platform: Option<&str>,
    ) -> Result<String, EngineError> {
        // The one field that the client sends although its types do not have it.
        let mut rest = body.clone();
        if let Some(rest) = rest.as_object_mut() {
            rest.remove("MacAddress");
        }
        typed::<ContainerCreateBody>("the container's settings", &rest)?;
        self.write(
            "create_container",
            name,
            json!([name, body, platform]),
            |world| world.create_container(name, body),
        )
        .await
    }

    async fn start(&self, id: &str) -> Result<(), EngineError> {
        self.write("start", id, json!([id]), |world| world.start(id))
            .await
    }

    async fn stop(&self, id: &str, grace_s: u64) -> Result<(), EngineError> {
        self.write("stop", id, json!([id, grace_s]), |world| world.stop(id))
            .await
    }

    async fn pause(&self, id: &str) -> Result<(), EngineError> {
        self.write("pause", id, json!([id]), |world| world.pause(id))
            .await
    }

    async fn unpause(&self, id: &str) -> Result<(), EngineError> {
        self.write("unpause", id, json!([id]), |world| world.unpause(id))
            .await
    }

    async fn rename(&self, id: &str, name: &str) -> Result<(), EngineError> {
        self.write("rename", id, json!([id, name]), |world| {
            world.rename(id, name)
        })
        .await
    }

    async fn update(&self, id: &str, body: &Value) -> Result<(), EngineError> {
        typed::<ContainerUpdateBody>("the update", body)?;
        self.write("update", id, json!([id, body]), |world| {
            world.update(id, body)
        })
        .await
    }

    async fn remove_container(&self, id: &str, force: bool) -> Result<(), EngineError> {
        self.write("remove_container", id, json!([id, force]), |world| {
            gone(world.remove_container(id, force))
        })
        .await
    }

    async fn connect(
        &self,
        network: &str,
        container: &str,
        endpoint: &Value,
    ) -> Result<(), EngineError> {
        let whole = json!({ "Container": container, "EndpointConfig": endpoint });
        typed::<NetworkConnectRequest>("the network's settings", &whole)?;
        self.write(
            "connect",
            network,
            json!([network, container, endpoint]),
            |world| world.connect(network, container, endpoint),
        )
        .await
    }

    async fn disconnect(&self, network: &str, container: &str) -> Result<(), EngineError> {
        self.write(
            "disconnect",
            network,
            json!([network, container]),
            |world| world.disconnect(network, container),
        )
        .await
    }

    async fn create_network(&self, body: &Value) -> Result<(), EngineError> {
        let name = body.get("Name").and_then(Value::as_str).unwrap_or("");
        typed::<NetworkCreateRequest>("the network's settings", body)?;
        // As the Docker client does it: no second network of one name.
        let mut sent = body.clone();
        sent["CheckDuplicate"] = Value::Bool(true);
        self.write("create_network", name, json!([body]), |world| {
            world.create_network(&sent).map(|_| ())
        })
        .await
    }

    async fn remove_network(&self, id: &str) -> Result<(), EngineError> {
        self.write("remove_network", id, json!([id]), |world| {
            gone(world.remove_network(id))
        })
        .await
    }

    async fn create_volume(&self, body: &Value) -> Result<(), EngineError> {
        let name = body.get("Name").and_then(Value::as_str).unwrap_or("");
        typed::<VolumeCreateRequest>("the volume's settings", body)?;
        self.write("create_volume", name, json!([body]), |world| {
            world.create_volume(body).map(|_| ())
        })
        .await
    }

    async fn remove_volume(&self, name: &str) -> Result<(), EngineError> {
        self.write("remove_volume", name, json!([name]), |world| {
            gone(world.remove_volume(name))
        })
        .await
    }

    async fn remove_image(&self, reference: &str) -> Result<(), EngineError> {
        self.write("remove_image", reference, json!([reference]), |world| {
            gone(world.remove_image(reference))
        })
        .await
    }

    async fn upload(&self, id: &str, path: &str, archive: Vec<u8>) -> Result<(), EngineError> {
        self.write("upload", id, json!([id, path, archive.len()]), |world| {
            world.upload(id, path, archive)
        })
        .await
    }

    async fn exec(&self, id: &str, request: &ExecRequest) -> Result<(i64, String), EngineError> {
        let arguments = json!([
            id,
            request.command,
            request.user,
            request.env,
            request.working_dir,
            request.privileged
        ]);
        self.write("exec", id, arguments, |world| {
            world.exec(id, &request.command)
        })
        .await
    }
}
