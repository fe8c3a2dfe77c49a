//! The client that reads and writes.

use futures_util::Stream;
use serde_json::Value;
use tokio::sync::OnceCell;

use super::{Host, Limits, Reader, writer::Writer};
use crate::{
    engine::{
        Act, BuildRequest, EngineError, EngineEvent, ExecRequest, Listed, Observe, PullProgress,
    },
    model::EngineInfo,
};

/// A Docker engine that can be read and written. For a plan, use a [`Reader`] alone.
#[derive(Debug)]
pub struct Docker {
    reader: Reader,
    writer: OnceCell<Writer>,
}

impl Docker {
    /// A client of an engine; nothing is contacted yet.
    #[must_use]
    pub fn new(host: Host) -> Self {
        Self::within(host, Limits::default())
    }

    /// The same, with limits of its own.
    #[must_use]
    pub fn within(host: Host, limits: Limits) -> Self {
        Self {
            reader: Reader::within(host, limits),
            writer: OnceCell::new(),
        }
    }

    async fn writer(&self) -> Result<&Writer, EngineError> {
        self.writer
            .get_or_try_init(|| async {
                let about = self.reader.about().await?;
                Writer::new(self.reader.host(), self.reader.limits(), about.api)
            })
            .await
    }
}

impl Observe for Docker {
    async fn about(&self) -> Result<EngineInfo, EngineError> {
        self.reader.about().await
    }

    async fn info(&self) -> Result<Value, EngineError> {
        self.reader.info().await
    }

    async fn containers(&self) -> Result<Vec<Listed>, EngineError> {
        self.reader.containers().await
    }

    async fn container(&self, id: &str) -> Result<Option<Value>, EngineError> {
        self.reader.container(id).await
    }

    async fn networks(&self) -> Result<Vec<Value>, EngineError> {
        self.reader.networks().await
    }

    async fn network(&self, id: &str) -> Result<Option<Value>, EngineError> {
        self.reader.network(id).await
    }

    async fn volumes(&self) -> Result<Vec<Value>, EngineError> {
        self.reader.volumes().await
    }

    async fn image(&self, reference: &str) -> Result<Option<Value>, EngineError> {
        self.reader.image(reference).await
    }

    async fn remote_digest(&self, reference: &str) -> Result<String, EngineError> {
        self.reader.remote_digest(reference).await
    }

    async fn logs(&self, id: &str, lines: u32) -> Result<Vec<String>, EngineError> {
        self.reader.logs(id, lines).await
    }

    async fn events(
        &self,
        since: Option<String>,
    ) -> Result<
        impl Stream<Item = Result<EngineEvent, EngineError>> + Send + Unpin + 'static,
        EngineError,
    > {
        self.reader.events(since).await
    }
}

impl Act for Docker {
    async fn pull(
        &self,
        reference: &str,
        platform: Option<&str>,
        progress: &mut (dyn FnMut(PullProgress) + Send),
    ) -> Result<(), EngineError> {
        self.writer()
            .await?
            .pull(reference, platform, progress)
            .await
    }

    async fn build(
        &self,
        request: BuildRequest,
        progress: &mut (dyn FnMut(PullProgress) + Send),
    ) -> Result<(), EngineError> {
        self.writer().await?.build(request, progress).await
    }

    async fn create_container(
        &self,
        name: &str,
        body: &Value,
        platform: Option<&str>,
    ) -> Result<String, EngineError> {
        self.writer()
            .await?
            .create_container(name, body, platform)
            .await
    }

    async fn start(&self, id: &str) -> Result<(), EngineError> {
        self.writer().await?.start(id).await
    }

    async fn stop(&self, id: &str, grace_s: u64) -> Result<(), EngineError> {
        self.writer().await?.stop(id, grace_s).await
    }

    async fn pause(&self, id: &str) -> Result<(), EngineError> {
        self.writer().await?.pause(id).await
    }

    async fn unpause(&self, id: &str) -> Result<(), EngineError> {
        self.writer().await?.unpause(id).await
    }

    async fn rename(&self, id: &str, name: &str) -> Result<(), EngineError> {
        self.writer().await?.rename(id, name).await
    }

    async fn update(&self, id: &str, body: &Value) -> Result<(), EngineError> {
        self.writer().await?.update(id, body).await
    }

    async fn remove_container(&self, id: &str, force: bool) -> Result<(), EngineError> {
        self.writer().await?.remove_container(id, force).await
    }

    async fn connect(
        &self,
        network: &str,
        container: &str,
        endpoint: &Value,
    ) -> Result<(), EngineError> {
        self.writer()
            .await?
            .connect(network, container, endpoint)
            .await
    }

    async fn disconnect(&self, network: &str, container: &str) -> Result<(), EngineError> {
        self.writer().await?.disconnect(network, container).await
    }

    async fn create_network(&self, body: &Value) -> Result<(), EngineError> {
        self.writer().await?.create_network(body).await
    }

    async fn remove_network(&self, id: &str) -> Result<(), EngineError> {
        self.writer().await?.remove_network(id).await
    }

    async fn create_volume(&self, body: &Value) -> Result<(), EngineError> {
        self.writer().await?.create_volume(body).await
    }

    async fn remove_volume(&self, name: &str) -> Result<(), EngineError> {
        self.writer().await?.remove_volume(name).await
    }

    async fn remove_image(&self, reference: &str) -> Result<(), EngineError> {
        self.writer().await?.remove_image(reference).await
    }

    async fn upload(&self, id: &str, path: &str, archive: Vec<u8>) -> Result<(), EngineError> {
        self.writer().await?.upload(id, path, archive).await
    }

    async fn exec(&self, id: &str, request: &ExecRequest) -> Result<(i64, String), EngineError> {
        self.writer().await?.exec(id, request).await
    }
}
