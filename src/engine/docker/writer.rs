//! Writing, through bollard. The version of the API stands in every path: without it an engine answers in its newest one,
//! which may mean something else by the same field.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use bollard::{
    BollardRequest, ClientVersion,
    exec::{StartExecOptions, StartExecResults},
    models::{
        ContainerCreateBody, ContainerUpdateBody, ExecConfig, NetworkConnectRequest,
        NetworkCreateRequest, NetworkDisconnectRequest, VolumeCreateRequest,
    },
    query_parameters::{
        CreateImageOptions, RemoveContainerOptions, RemoveImageOptions, RemoveVolumeOptions,
        RenameContainerOptions, StartContainerOptions, StopContainerOptions,
        UploadToContainerOptions,
    },
};
use bytes::Bytes;
use futures_util::{Stream, StreamExt};
use hyper::Uri;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use super::{
    Host, Limits, build, credentials::credentials, plain::Plain, reader::connection_error,
    transport::pool,
};
use crate::engine::{BuildRequest, EngineError, ExecRequest, PullProgress};

/// How much of a command's output is kept.
const OUTPUT: usize = 64 << 10;

/// The version of the API from which on no two networks have one name.
const UNIQUE_SINCE: (u32, u32) = (1, 44);

/// Writes to an engine.
#[derive(Debug, Clone)]
pub struct Writer {
    bollard: bollard::Docker,
    plain: Plain,
    limits: Limits,
    /// Whether no two networks have one name, whatever is asked for.
    names_are_unique: bool,
}

impl Writer {
    /// A writer that speaks an agreed version of the API.
    pub fn new(host: &Arc<Host>, limits: Limits, api: (u32, u32)) -> Result<Self, EngineError> {
        let prefix = format!("/v{}.{}", api.0, api.1);
        let plain = Plain::new(host, limits, &prefix);
        let pool = pool(host);
        let host = Arc::clone(host);
        let transport = move |request: BollardRequest| {
            let pool = pool.clone();
            let host = Arc::clone(&host);
            let prefix = prefix.clone();
            async move {
                let (mut parts, body) = request.into_parts();
                let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
                let path = if path.starts_with("/v1.") {
                    path.to_owned()
                } else {
                    format!("{prefix}{path}")
                };
                let path = build::repeated(&path);
                parts.uri = format!("http://engine{path}")
                    .parse::<Uri>()
                    .map_err(hyper::http::Error::from)?;
                let what = format!(
                    "{} {}",
                    parts.method,
                    path.split('?').next().unwrap_or(&path)
                );
                // Never the body: it holds the environment, and so passwords.
                tracing::debug!(call = what, "engine");
                pool.request(BollardRequest::from_parts(parts, body))
                    .await
                    .map_err(|error| {
                        std::io::Error::other(Lost(connection_error(&host, &what, &error))).into()
                    })
            }
        };
        let version = ClientVersion {
            major_version: api.0 as usize,
            minor_version: api.1 as usize,
        };
        let mut bollard = bollard::Docker::connect_with_custom_transport(
            transport,
            Some("http://engine"),
            limits.write.as_secs(),
            &version,
        )
        .map_err(|error| EngineError::Unreadable {
            what: "the connection".into(),
            cause: error.to_string(),
        })?;
        bollard.set_timeout(limits.write);
        Ok(Self {
            bollard,
            plain,
            limits,
            names_are_unique: api >= UNIQUE_SINCE,
        })
    }

    fn within(&self, limit: Duration) -> bollard::Docker {
        let mut bollard = self.bollard.clone();
        bollard.set_timeout(limit);
        bollard
    }

    /// Pulls an image.
    pub async fn pull(
        &self,
        reference: &str,
        platform: Option<&str>,
        progress: &mut (dyn FnMut(PullProgress) + Send),
    ) -> Result<(), EngineError> {
        let (name, tag) = split(reference);
        let options = CreateImageOptions {
            from_image: Some(name.to_owned()),
            tag: Some(tag.to_owned()),
            platform: platform.unwrap_or_default().to_owned(),
            ..CreateImageOptions::default()
        };
        let stream =
            self.within(self.limits.pull)
                .create_image(Some(options), None, credentials(reference));
        follow(
            &format!("pull {reference}"),
            self.limits.pull,
            stream,
            |info| {
                let detail = info.progress_detail.as_ref();
                let bytes = detail.and_then(|detail| {
                    Some((
                        u64::try_from(detail.current?).ok()?,
                        u64::try_from(detail.total?).ok()?,
                    ))
                });
                let failed = info.error_detail.and_then(|detail| detail.message);
                (
                    PullProgress {
                        text: info.status.unwrap_or_default(),
                        bytes,
                    },
                    failed,
                )
            },
            progress,
        )
        .await
    }

    /// Builds an image with the engine's own builder, which every engine has and which needs no session.
    pub async fn build(
        &self,
        request: BuildRequest,
        progress: &mut (dyn FnMut(PullProgress) + Send),
    ) -> Result<(), EngineError> {
        let options = build::options(&request.parameters)?;
        let bollard = self.within(self.limits.build);
        let context = bollard::body_full(Bytes::from(request.context));
        let stream = bollard.build_image(options, None, Some(context));
        follow("build", self.limits.build, stream, build::read, progress).await
    }

    /// Makes a container.
    pub async fn create_container(
        &self,
        name: &str,
        body: &Value,
        platform: Option<&str>,
    ) -> Result<String, EngineError> {
        if body.get("MacAddress").is_none() {
            typed::<ContainerCreateBody>("the container's settings", body)?;
        }
        // Of the answer the id counts alone, and bollard wants all of it to be as it knows it.
        self.plain.create_container(name, body, platform).await
    }

    /// Starts a container.
    pub async fn start(&self, id: &str) -> Result<(), EngineError> {
        self.done(
            self.bollard
                .start_container(id, None::<StartContainerOptions>)
                .await,
            "start",
        )
    }

    /// Stops a container.
    pub async fn stop(&self, id: &str, grace_s: u64) -> Result<(), EngineError> {
        let limit = Duration::from_secs(grace_s) + self.limits.after_grace;
        let stopped = self
            .within(limit)
            .stop_container(id, None::<StopContainerOptions>)
            .await;
        done(stopped, "stop", limit)
    }

    /// Freezes a container.
    pub async fn pause(&self, id: &str) -> Result<(), EngineError> {
        self.done(self.bollard.pause_container(id).await, "pause")
    }

    /// Thaws a container.
    pub async fn unpause(&self, id: &str) -> Result<(), EngineError> {
        self.done(self.bollard.unpause_container(id).await, "unpause")
    }

    /// Renames a container.
    pub async fn rename(&self, id: &str, name: &str) -> Result<(), EngineError> {
        self.done(
            self.bollard
                .rename_container(
                    id,
                    RenameContainerOptions {
                        name: name.to_owned(),
                    },
                )
                .await,
            "rename",
        )
    }

    /// Changes limits and the restart policy.
    pub async fn update(&self, id: &str, body: &Value) -> Result<(), EngineError> {
        let body: ContainerUpdateBody = typed("the update", body)?;
        self.done(self.bollard.update_container(id, body).await, "update")
    }

    /// Removes a container, without its anonymous volumes.
    pub async fn remove_container(&self, id: &str, force: bool) -> Result<(), EngineError> {
        let options = RemoveContainerOptions {
            force,
            v: false,
            link: false,
        };
        self.gone(
            self.bollard.remove_container(id, Some(options)).await,
            "remove",
        )
    }

    /// Joins a container to a network.
    pub async fn connect(
        &self,
        network: &str,
        container: &str,
        endpoint: &Value,
    ) -> Result<(), EngineError> {
        let body = serde_json::json!({ "Container": container, "EndpointConfig": endpoint });
        let body: NetworkConnectRequest = typed("the network's settings", &body)?;
        self.done(self.bollard.connect_network(network, body).await, "connect")
    }

    /// Takes a container off a network.
    pub async fn disconnect(&self, network: &str, container: &str) -> Result<(), EngineError> {
        let body = serde_json::json!({ "Container": container, "Force": false });
        let body: NetworkDisconnectRequest = typed("the network's settings", &body)?;
        self.done(
            self.bollard.disconnect_network(network, body).await,
            "disconnect",
        )
    }

    /// Makes a network. One of its name is a conflict: from API 1.44 on by itself, before that where it is asked for.
    pub async fn create_network(&self, body: &Value) -> Result<(), EngineError> {
        if !self.names_are_unique {
            return self.plain.create_network(body).await;
        }
        let body: NetworkCreateRequest = typed("the network's settings", body)?;
        self.done(
            self.bollard.create_network(body).await.map(|_| ()),
            "create network",
        )
    }

    /// Removes a network.
    pub async fn remove_network(&self, id: &str) -> Result<(), EngineError> {
        self.gone(self.bollard.remove_network(id).await, "remove network")
    }

    /// Makes a volume.
    pub async fn create_volume(&self, body: &Value) -> Result<(), EngineError> {
        let body: VolumeCreateRequest = typed("the volume's settings", body)?;
        self.done(
            self.bollard.create_volume(body).await.map(|_| ()),
            "create volume",
        )
    }

    /// Removes a volume and its data.
    pub async fn remove_volume(&self, name: &str) -> Result<(), EngineError> {
        self.gone(
            self.bollard
                .remove_volume(name, None::<RemoveVolumeOptions>)
                .await,
            "remove volume",
        )
    }

    /// Removes an image's tag.
    pub async fn remove_image(&self, reference: &str) -> Result<(), EngineError> {
        self.gone(
            self.bollard
                .remove_image(reference, None::<RemoveImageOptions>, None)
                .await
                .map(|_| ()),
            "remove image",
        )
    }

    /// Unpacks an archive in a container.
    pub async fn upload(&self, id: &str, path: &str, archive: Vec<u8>) -> Result<(), EngineError> {
        let options = UploadToContainerOptions {
            path: path.to_owned(),
            ..UploadToContainerOptions::default()
        };
        let body = bollard::body_full(Bytes::from(archive));
        self.done(
            self.bollard
                .upload_to_container(id, Some(options), body)
                .await,
            "copy into the container",
        )
    }

    /// Runs a command in a container.
    pub async fn exec(
        &self,
        id: &str,
        request: &ExecRequest,
    ) -> Result<(i64, String), EngineError> {
        let text = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let config = ExecConfig {
            attach_stdout: Some(true),
            attach_stderr: Some(true),
            cmd: Some(request.command.clone()),
            user: text(&request.user),
            env: Some(request.env.clone()),
            working_dir: text(&request.working_dir),
            privileged: Some(request.privileged),
            ..ExecConfig::default()
        };
        let made = self
            .bollard
            .create_exec(id, config)
            .await
            .map_err(self.error("exec"))?;
        let mut output = String::new();
        if let StartExecResults::Attached {
            output: mut stream, ..
        } = self
            .bollard
            .start_exec(&made.id, None::<StartExecOptions>)
            .await
            .map_err(self.error("exec"))?
        {
            while let Some(part) = stream.next().await {
                let part = part.map_err(self.error("exec"))?;
                output.push_str(&String::from_utf8_lossy(&part.into_bytes()));
                if output.len() > OUTPUT {
                    let from = output.ceil_char_boundary(output.len() - OUTPUT);
                    output.drain(..from);
                }
            }
        }
        let ended = self
            .bollard
            .inspect_exec(&made.id)
            .await
            .map_err(self.error("exec"))?;
        Ok((ended.exit_code.unwrap_or(0), output))
    }

    fn error(&self, what: &str) -> impl Fn(bollard::errors::Error) -> EngineError {
        error(what, self.limits.write)
    }

    fn done(
        &self,
        result: Result<(), bollard::errors::Error>,
        what: &str,
    ) -> Result<(), EngineError> {
        done(result, what, self.limits.write)
    }

    /// What is gone already need not be removed, and what is just being removed will be gone.
    fn gone(
        &self,
        result: Result<(), bollard::errors::Error>,
        what: &str,
    ) -> Result<(), EngineError> {
        match self.done(result, what) {
            Err(EngineError::Missing(_)) => Ok(()),
            Err(EngineError::Conflict(text)) if text.contains("already in progress") => Ok(()),
            other => other,
        }
    }
}

/// Follows a stream of progress to its end; an error inside it is an error although the status was 200.
async fn follow<T>(
    what: &str,
    silence: Duration,
    stream: impl Stream<Item = Result<T, bollard::errors::Error>>,
    read: impl Fn(T) -> (PullProgress, Option<String>),
    progress: &mut (dyn FnMut(PullProgress) + Send),
) -> Result<(), EngineError> {
    let mut stream = std::pin::pin!(stream);
    loop {
        let next = tokio::time::timeout(silence, stream.next()).await;
        let next = next.map_err(|_| EngineError::TimedOut {
            what: what.to_owned(),
            after: silence,
        })?;
        let Some(item) = next else { return Ok(()) };
        let (now, failed) = read(item.map_err(error(what, silence))?);
        if let Some(text) = failed {
            return Err(EngineError::Failed { status: 200, text });
        }
        progress(now);
    }
}

/// A reference's repository and its tag or digest, as `POST /images/create` takes them.
fn split(reference: &str) -> (&str, &str) {
    if let Some((name, digest)) = reference.split_once('@') {
        return (name, digest);
    }
    match reference.rsplit_once(':') {
        Some((name, tag)) if !tag.contains('/') => (name, tag),
        Some(_) | None => (reference, "latest"),
    }
}

/// A body as bollard's type. Should that type not know a field of ours, the engine would never see it: that is refused
/// rather than lost.
pub fn typed<T: DeserializeOwned + Serialize>(what: &str, body: &Value) -> Result<T, EngineError> {
    let refused = |text: String| EngineError::Refused {
        status: 400,
        text: format!("cannot send {what}: {text}"),
    };
    let typed: T =
        serde_json::from_value(body.clone()).map_err(|error| refused(error.to_string()))?;
    let back = serde_json::to_value(&typed).map_err(|error| refused(error.to_string()))?;
    let mut lost = BTreeSet::new();
    missing(body, &back, "", &mut lost);
    match lost.into_iter().next() {
        None => Ok(typed),
        Some(field) => Err(refused(format!(
            "the client does not know the field {field}"
        ))),
    }
}

fn missing(body: &Value, back: &Value, path: &str, lost: &mut BTreeSet<String>) {
    match (body, back) {
        (Value::Object(body), Value::Object(back)) => {
            for (key, value) in body {
                let path = format!("{path}/{key}");
                match back.get(key) {
                    Some(other) => missing(value, other, &path, lost),
                    None if value.is_null() => {}
                    None => {
                        lost.insert(path);
                    }
                }
            }
        }
        (Value::Array(body), Value::Array(back)) => {
            for (value, other) in body.iter().zip(back) {
                missing(value, other, path, lost);
            }
        }
        _ => {}
    }
}

/// What became of a call whose answer says nothing but that it was done.
fn done(
    result: Result<(), bollard::errors::Error>,
    what: &str,
    limit: Duration,
) -> Result<(), EngineError> {
    use bollard::errors::Error;
    match result {
        // Only an answer of success is taken apart like this, and nobody reads it: whatever a newer engine says in it.
        Err(Error::JsonDataError { .. }) => Ok(()),
        Err(Error::JsonSerdeError { err }) if err.is_eof() => Ok(()),
        result => result.map_err(error(what, limit)),
    }
}

/// An error of the transport on its way through bollard, which has no place for it but an I/O error.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Lost(EngineError);

fn error(what: &str, limit: Duration) -> impl Fn(bollard::errors::Error) -> EngineError {
    let what = what.to_owned();
    move |error| match error {
        bollard::errors::Error::DockerResponseServerError {
            status_code,
            message,
        } => EngineError::of_status(status_code, message.as_bytes()),
        bollard::errors::Error::RequestTimeoutError => EngineError::TimedOut {
            what: what.clone(),
            after: limit,
        },
        bollard::errors::Error::DockerStreamError { error } => EngineError::Failed {
            status: 200,
            text: error,
        },
        bollard::errors::Error::IOError { err } => {
            match err.get_ref().and_then(|inner| inner.downcast_ref::<Lost>()) {
                Some(Lost(error)) => error.clone(),
                None => EngineError::Broken {
                    what: what.clone(),
                    cause: err.to_string(),
                },
            }
        }
        error @ (bollard::errors::Error::JsonDataError { .. }
        | bollard::errors::Error::JsonSerdeError { .. }) => EngineError::Unreadable {
            what: what.clone(),
            cause: error.to_string(),
        },
        error => EngineError::Broken {
            what: what.clone(),
            cause: error.to_string(),
        },
    }
}

#[cfg(test)]
mod tests {
    use bollard::models::{ContainerCreateBody, ContainerUpdateBody};
    use serde_json::json;

    use super::{split, typed};

    #[test]
    fn a_reference_is_split_as_the_api_wants_it() {
        assert_eq!(split("nginx"), ("nginx", "latest"));
        assert_eq!(
            split("localhost:5000/a/b"),
            ("localhost:5000/a/b", "latest")
        );
        assert_eq!(split("localhost:5000/a:1.2"), ("localhost:5000/a", "1.2"));
        assert_eq!(split("a@sha256:00"), ("a", "sha256:00"));
    }

    #[test]
    fn a_field_that_the_client_does_not_know_is_refused_and_not_lost() {
        let sent: ContainerCreateBody =
            typed("x", &json!({"Image": "a", "HostConfig": {"Memory": 5}})).expect("known fields");
        assert_eq!(sent.image.as_deref(), Some("a"));
        let error = typed::<ContainerCreateBody>("x", &json!({"HostConfig": {"Levitation": true}}))
            .expect_err("unknown");
        assert!(
            error.to_string().contains("/HostConfig/Levitation"),
            "{error}"
        );
        assert!(
            typed::<ContainerUpdateBody>("x", &json!({"RestartPolicy": {"Name": "no"}})).is_ok()
        );
    }
}
