//! What can be read of an engine.

use std::{collections::BTreeMap, future::Future};

use futures_util::Stream;
use serde_json::Value;

use super::EngineError;
use crate::model::EngineInfo;

/// A port that a container publishes now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublishedPort {
    /// The host's address; empty for all.
    pub ip: String,
    /// The host's port.
    pub public: u16,
    /// `tcp`, `udp` or `sctp`.
    pub protocol: String,
}

/// One entry of an engine's list of containers.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Listed {
    /// Its id.
    pub id: String,
    /// Its names, without the slash.
    pub names: Vec<String>,
    /// Its labels.
    pub labels: BTreeMap<String, String>,
    /// The ports that it publishes now; empty while it does not run.
    pub ports: Vec<PublishedPort>,
    /// The names of the networks that it is on.
    pub networks: Vec<String>,
    /// The names of the volumes that it mounts.
    pub volumes: Vec<String>,
}

/// Something that happened on an engine. A hint, and nothing to rely on: engines drop events.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct EngineEvent {
    /// `container`, `network`, `volume`, `image`; another word on an engine that knows more.
    pub kind: String,
    /// `die`, `start`, `destroy`, …
    pub action: String,
    /// The id of what it is about.
    pub id: String,
    /// Its name, where the engine tells it.
    pub name: String,
}

/// The calls that read. Nothing else can be called through this trait.
pub trait Observe: Send + Sync + 'static {
    /// What is known of the engine without asking for more than it says with every answer.
    fn about(&self) -> impl Future<Output = Result<EngineInfo, EngineError>> + Send;

    /// `GET /info`.
    fn info(&self) -> impl Future<Output = Result<Value, EngineError>> + Send;

    /// Every container, whoever owns it.
    fn containers(&self) -> impl Future<Output = Result<Vec<Listed>, EngineError>> + Send;

    /// One container by id or name, as the engine reports it; `None` if there is none.
    fn container(
        &self,
        id: &str,
    ) -> impl Future<Output = Result<Option<Value>, EngineError>> + Send;

    /// Every network.
    fn networks(&self) -> impl Future<Output = Result<Vec<Value>, EngineError>> + Send;

    /// One network by id or name, with its members; `None` if there is none.
    fn network(&self, id: &str) -> impl Future<Output = Result<Option<Value>, EngineError>> + Send;

    /// Every volume.
    fn volumes(&self) -> impl Future<Output = Result<Vec<Value>, EngineError>> + Send;

    /// One image by reference or id; `None` if there is none.
    fn image(
        &self,
        reference: &str,
    ) -> impl Future<Output = Result<Option<Value>, EngineError>> + Send;

    /// The digest that the registry has for a reference now (`sha256:…`).
    fn remote_digest(
        &self,
        reference: &str,
    ) -> impl Future<Output = Result<String, EngineError>> + Send;

    /// The last lines that a container wrote, both streams together.
    fn logs(
        &self,
        id: &str,
        lines: u32,
    ) -> impl Future<Output = Result<Vec<String>, EngineError>> + Send;

    /// What happens from now on, or since a time in seconds and nanoseconds (`1700000000.000000000`). The stream's end is
    /// an error.
    fn events(
        &self,
        since: Option<String>,
    ) -> impl Future<
        Output = Result<
            impl Stream<Item = Result<EngineEvent, EngineError>> + Send + Unpin + 'static,
            EngineError,
        >,
    > + Send;
}
