//! Each call of an engine that changes something, made so that it can be made twice: what is already so is done.

use std::{
    collections::BTreeMap,
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use serde_json::Value;

use super::{Failure, hand::Hand};
use crate::{
    engine::{Act, EngineError},
    live::{Container, RunState},
    model::EngineInfo,
    plan::Hooks,
};

/// How long a stop counts as work. A process that ends when it is told to ends within this time; one that does not is
/// waited for, and a wait holds nobody up.
const STOP_IS_WORK: Duration = Duration::from_millis(400);

impl<A: Act> Hand<'_, A> {
    /// One container as it is now.
    pub async fn look(&self, id: &str) -> Result<Option<Container>, EngineError> {
        let answer = self.read(|| self.site.engine.container(id)).await?;
        Ok(answer
            .and_then(|answer| Container::read(answer, &BTreeMap::new(), &EngineInfo::default())))
    }

    async fn done_if(
        &self,
        id: &str,
        is_so: impl Fn(&Container) -> bool,
    ) -> Result<Option<()>, EngineError> {
        Ok(self
            .look(id)
            .await?
            .filter(|found| is_so(found))
            .map(|_| ()))
    }

    /// Makes a container. One of this name that was made from the same request, and never started, is the one that a lost
    /// answer spoke of: but only if an answer was lost. One that stands in the way from the beginning is another process's.
    pub async fn create(
        &self,
        name: &str,
        body: &Value,
        platform: Option<&str>,
    ) -> Result<String, EngineError> {
        let lost = &AtomicBool::new(false);
        self.settle(
            || async move {
                let made = self
                    .site
                    .engine
                    .create_container(name, body, platform)
                    .await;
                if made.as_ref().is_err_and(EngineError::may_be_done) {
                    lost.store(true, Ordering::Relaxed);
                }
                made
            },
            || async move {
                if !lost.load(Ordering::Relaxed) {
                    return Ok(None);
                }
                let found = self.look(name).await?;
                Ok(found
                    .filter(|found| found.name == name && is_made_from(found, body))
                    .map(|found| found.id))
            },
        )
        .await
    }

    /// Starts a container that was never started before.
    pub async fn start_new(&self, id: &str) -> Result<(), EngineError> {
        self.settle(
            || self.site.engine.start(id),
            || self.done_if(id, |found| found.ran),
        )
        .await
    }

    /// Starts a container that ran before.
    pub async fn start_again(&self, id: &str) -> Result<(), EngineError> {
        self.settle(
            || self.site.engine.start(id),
            || self.done_if(id, Container::is_up),
        )
        .await
    }

    /// Stops a container within its grace period.
    pub async fn stop(&self, id: &str, grace: u64) -> Result<(), EngineError> {
        let stop = self.settle(
            || self.site.engine.stop(id, grace),
            || self.done_if(id, |found| !found.is_up()),
        );
        self.rest_after(STOP_IS_WORK, stop).await
    }

    /// Freezes a container.
    pub async fn pause(&self, id: &str) -> Result<(), EngineError> {
        self.settle(
            || self.site.engine.pause(id),
            || async move {
                self.done_if(id, |found| found.state == RunState::Paused)
                    .await
            },
        )
        .await
    }

    /// Thaws a container.
    pub async fn unpause(&self, id: &str) -> Result<(), EngineError> {
        self.settle(
            || self.site.engine.unpause(id),
            || async move {
                self.done_if(id, |found| found.state != RunState::Paused)
                    .await
            },
        )
        .await
    }

    /// Gives a container another name.
    pub async fn rename(&self, id: &str, name: &str) -> Result<(), EngineError> {
        self.settle(
            || self.site.engine.rename(id, name),
            || self.done_if(id, |found| found.name == name),
        )
        .await
    }

    /// Changes limits or the restart policy. Making it twice is making it once.
    pub async fn update(&self, id: &str, body: &Value) -> Result<(), EngineError> {
        self.settle(
            || self.site.engine.update(id, body),
            || async move { Ok(None) },
        )
        .await
    }

    /// Removes a container; its volumes stay.
    pub async fn remove(&self, id: &str, force: bool) -> Result<(), EngineError> {
        self.settle(
            || self.site.engine.remove_container(id, force),
            || async move { Ok(self.look(id).await?.is_none().then_some(())) },
        )
        .await
    }

    /// Stops and removes a container that may run, its grace period respected.
    pub async fn stop_and_remove(
        &self,
        id: &str,
        running: bool,
        paused: bool,
        (grace, hooks): (u64, &Hooks),
    ) -> Result<(), EngineError> {
        self.still_left_over(id).await?;
        if paused {
            self.unpause(id).await?;
        }
        if running {
            self.run_before_stop(id, &self.step.name, hooks).await;
            match self.stop(id, grace).await {
                // What is gone need not be stopped.
                Ok(()) | Err(EngineError::Missing(_)) => {}
                Err(error) => return Err(error),
            }
            self.still_left_over(id).await?;
        }
        self.remove(id, false).await
    }

    /// Whether what a replacement left over is that still. Another process that was at it meanwhile may have given it the
    /// name of the one that serves.
    async fn still_left_over(&self, id: &str) -> Result<(), EngineError> {
        let name = self.step.name.as_str();
        if !matches!(name.rsplit_once('.'), Some((_, "next" | "prev"))) {
            return Ok(());
        }
        match self.look(id).await? {
            Some(found) if found.name != name => Err(EngineError::Conflict(format!(
                "another process named it {} meanwhile; apply again",
                found.name
            ))),
            Some(_) | None => Ok(()),
        }
    }

    /// Joins a network.
    pub async fn connect(
        &self,
        network: &str,
        id: &str,
        endpoint: &Value,
    ) -> Result<(), EngineError> {
        self.settle(
            || self.site.engine.connect(network, id, endpoint),
            || async move {
                self.done_if(id, |found| found.endpoints.contains_key(network))
                    .await
            },
        )
        .await
    }

    /// Leaves a network.
    pub async fn disconnect(&self, network: &str, id: &str) -> Result<(), EngineError> {
        self.settle(
            || self.site.engine.disconnect(network, id),
            || async move {
                self.done_if(id, |found| !found.endpoints.contains_key(network))
                    .await
            },
        )
        .await
    }

    /// A container that must be there.
    pub async fn must_look(&self, id: &str, name: &str) -> Result<Container, Failure> {
        match self.look(id).await {
            Ok(Some(found)) => Ok(found),
            Ok(None) => Err(self.failure(
                &format!("{name} is gone"),
                "somebody removed it meanwhile; apply again",
            )),
            Err(error) => Err(self.failed(&format!("look at {name}"), &error)),
        }
    }
}

/// Whether a container that was never started was made from this request: its labels hold what the file said, and a
/// request without labels of ours is nobody's.
fn is_made_from(found: &Container, body: &Value) -> bool {
    let labels = body.get("Labels").and_then(Value::as_object);
    found.state == RunState::Created
        && !found.ran
        && found.owner.is_some()
        && body.get("Image").and_then(Value::as_str) == Some(found.image_text.as_str())
        && labels.is_some_and(|labels| {
            labels
                .iter()
                .all(|(name, value)| found.label(name) == value.as_str())
        })
}
