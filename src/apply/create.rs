//! Making a container, and bringing it to what it should be doing.

use super::{Failure, Reached, Trouble, files, hand::Hand};
use crate::{engine::Act, model::State, plan::Creation};

impl<A: Act> Hand<'_, A> {
    /// Makes a container that is not there, and starts it if it should run.
    pub async fn create_new(&self, creation: &Creation) -> Result<(), Trouble> {
        if starts(creation.state) {
            self.conditions(&creation.waits).await?;
        }
        // A name says that everything is in place. Whether a file was copied in can be seen nowhere, so a container that
        // gets files has another name until it has them.
        let id = if creation.files.is_empty() {
            self.make(&creation.name, creation).await?
        } else {
            let id = self.make(&next(&creation.name), creation).await?;
            let what = format!("rename {} to {}", next(&creation.name), creation.name);
            if let Err(error) = self.rename(&id, &creation.name).await {
                let failure = self.failed(&what, &error);
                self.discard(&id).await;
                return Err(failure.into());
            }
            id
        };
        self.bring_up(&id, &creation.name, creation).await?;
        Ok(())
    }

    /// Makes a container with its networks and files; what was made is removed again if that fails.
    pub async fn make(&self, name: &str, creation: &Creation) -> Result<String, Failure> {
        let made = self
            .create(name, &creation.body, creation.platform.as_deref())
            .await;
        let id = made.map_err(|error| self.failed(&format!("create {name}"), &error))?;
        match self.furnish(&id, name, creation).await {
            Ok(()) => Ok(id),
            Err(failure) => {
                self.discard(&id).await;
                Err(failure)
            }
        }
    }

    async fn furnish(&self, id: &str, name: &str, creation: &Creation) -> Result<(), Failure> {
        for (network, endpoint) in &creation.connect {
            let joined = self.connect(network, id, endpoint).await;
            joined.map_err(|error| self.failed(&format!("connect {name} to {network}"), &error))?;
        }
        if creation.files.is_empty() {
            return Ok(());
        }
        let archive = files::archive(&creation.files).map_err(|error| {
            self.failure(
                &format!("cannot pack the files of {name}: {error}"),
                "check the paths that they go to",
            )
        })?;
        // Unpacking the same archive again changes nothing.
        let copied = self
            .settle(
                || self.site.engine.upload(id, "/", archive.clone()),
                || async move { Ok(None) },
            )
            .await;
        copied.map_err(|error| self.failed(&format!("copy files into {name}"), &error))
    }

    /// Starts a container that was just made, waits until it counts as up, and freezes it if it should be frozen.
    pub async fn bring_up(&self, id: &str, name: &str, creation: &Creation) -> Result<(), Failure> {
        if !starts(creation.state) {
            return Ok(());
        }
        if let Err(error) = self.start_new(id).await {
            return Err(Failure {
                reached: Reached::Created,
                ..self.failed(&format!("start {name}"), &error)
            });
        }
        self.is_up_again();
        let up = self.after_start(id, name, creation).await;
        up.map_err(|failure| Failure {
            reached: Reached::Started,
            ..failure
        })
    }

    async fn after_start(&self, id: &str, name: &str, creation: &Creation) -> Result<(), Failure> {
        self.run_after_start(id, name, &creation.hooks).await?;
        self.gate(id, name, creation.gate).await?;
        if creation.state == State::Paused {
            let paused = self.pause(id).await;
            paused.map_err(|error| self.failed(&format!("pause {name}"), &error))?;
        }
        Ok(())
    }

    /// Removes a container that was just made and is of no use. Should that fail, it is a row of recovery.
    pub async fn discard(&self, id: &str) {
        if let Err(error) = self.remove(id, true).await {
            self.site.warn(&format!(
                "cannot remove what was made for {}: {error}",
                self.step.name
            ));
        }
    }
}

/// The name that a container has until it takes its place.
pub fn next(name: &str) -> String {
    format!("{name}.next")
}

/// Whether a container of this state is started.
pub fn starts(state: State) -> bool {
    match state {
        State::Running | State::Paused | State::Completed => true,
        State::Created | State::Stopped | State::Absent => false,
    }
}
