//! What can be done to an engine.

use std::future::Future;

use serde_json::Value;

use super::{EngineError, Observe};

/// How far a pull or a build is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PullProgress {
    /// The engine's words: `Downloading`, `Step 2/5 : RUN make`.
    pub text: String,
    /// Bytes that are done, and how many there are in all, as far as known.
    pub bytes: Option<(u64, u64)>,
}

/// A command to run in a container.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ExecRequest {
    /// The command.
    pub command: Vec<String>,
    /// Who runs it; the container's user if empty.
    pub user: String,
    /// Additional variables, `NAME=value`.
    pub env: Vec<String>,
    /// Where it runs; the container's folder if empty.
    pub working_dir: String,
    /// With all capabilities.
    pub privileged: bool,
}

/// An image to build: the parameters of `POST /build`, and the folder as a tar archive.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct BuildRequest {
    /// The query's parameters.
    pub parameters: Vec<(String, String)>,
    /// The context as a tar archive.
    pub context: Vec<u8>,
}

/// The calls that write. What is already so is no error.
pub trait Act: Observe {
    /// Pulls an image.
    fn pull(
        &self,
        reference: &str,
        platform: Option<&str>,
        progress: &mut (dyn FnMut(PullProgress) + Send),
    ) -> impl Future<Output = Result<(), EngineError>> + Send;

    /// Builds an image.
    fn build(
        &self,
        request: BuildRequest,
        progress: &mut (dyn FnMut(PullProgress) + Send),
    ) -> impl Future<Output = Result<(), EngineError>> + Send;

    /// Makes a container, and gives its id.
    fn create_container(
        &self,
        name: &str,
        body: &Value,
        platform: Option<&str>,
    ) -> impl Future<Output = Result<String, EngineError>> + Send;

    /// Starts a container.
    fn start(&self, id: &str) -> impl Future<Output = Result<(), EngineError>> + Send;

    /// Stops a container, within its own grace period of so many seconds (for our time-out; the engine knows it).
    fn stop(&self, id: &str, grace_s: u64) -> impl Future<Output = Result<(), EngineError>> + Send;

    /// Freezes a container.
    fn pause(&self, id: &str) -> impl Future<Output = Result<(), EngineError>> + Send;

    /// Thaws a container.
    fn unpause(&self, id: &str) -> impl Future<Output = Result<(), EngineError>> + Send;

    /// Gives a container another name.
    fn rename(&self, id: &str, name: &str) -> impl Future<Output = Result<(), EngineError>> + Send;

    /// Changes limits and the restart policy in place.
    fn update(
        &self,
        id: &str,
        body: &Value,
    ) -> impl Future<Output = Result<(), EngineError>> + Send;

    /// Removes a container; its anonymous volumes stay. One that is gone is no error.
    fn remove_container(
        &self,
        id: &str,
        force: bool,
    ) -> impl Future<Output = Result<(), EngineError>> + Send;

    /// Joins a container to a network.
    fn connect(
        &self,
        network: &str,
        container: &str,
        endpoint: &Value,
    ) -> impl Future<Output = Result<(), EngineError>> + Send;

    /// Takes a container off a network.
    fn disconnect(
        &self,
        network: &str,
        container: &str,
    ) -> impl Future<Output = Result<(), EngineError>> + Send;

    /// Makes a network.
    fn create_network(&self, body: &Value) -> impl Future<Output = Result<(), EngineError>> + Send;

    /// Removes a network; one that is gone is no error.
    fn remove_network(&self, id: &str) -> impl Future<Output = Result<(), EngineError>> + Send;

    /// Makes a volume.
    fn create_volume(&self, body: &Value) -> impl Future<Output = Result<(), EngineError>> + Send;

    /// Removes a volume and its data; one that is gone is no error.
    fn remove_volume(&self, name: &str) -> impl Future<Output = Result<(), EngineError>> + Send;

    /// Removes an image's tag; one that is gone is no error.
    fn remove_image(&self, reference: &str)
    -> impl Future<Output = Result<(), EngineError>> + Send;

    /// Unpacks a tar archive in a container.
    fn upload(
        &self,
        id: &str,
        path: &str,
        archive: Vec<u8>,
    ) -> impl Future<Output = Result<(), EngineError>> + Send;

    /// Runs a command in a container; gives its exit code and the last of what it wrote.
    fn exec(
        &self,
        id: &str,
        request: &ExecRequest,
    ) -> impl Future<Output = Result<(i64, String), EngineError>> + Send;
}
