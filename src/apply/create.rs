//! Making a container, and bringing it to what it should be doing.

use super::{Failure, Reached, Trouble, files, hand::Hand};
use crate::{engine::Act, live::next, model::State, plan::Creation};

impl<A: Act> Hand<'_, A> {
    /// Makes a container that is not there, and starts it if it should run.
    pub async fn create_new(&self, creation: &Creation) -> Result<(), Trouble> {
        if creation.state.starts() {
            self.conditions(&creation.waits).await?;
        }
        // A name says that everything is in place. Whether a file was copied in, or a hook has run, can be seen nowhere,
        // so a container that gets files or has hooks has another name until then.
        let name = &creation.name;
        if creation.is_hooked() {
            let id = self.make(&next(name), creation).await?;
            return Ok(self
                .bring_up(&id, Named::AfterHooks(name), creation)
                .await?);
        }
        let id = if creation.files.is_empty() {
            self.make(name, creation).await?
        } else {
            let id = self.make(&next(name), creation).await?;
            if let Err(failure) = self.take_name(&id, name).await {
                self.discard(&id).await;
                return Err(failure.into());
            }
            id
        };
        Ok(self.bring_up(&id, Named::Already(name), creation).await?)
    }

    /// Gives a container the name that says that everything is in place.
    pub async fn take_name(&self, id: &str, name: &str) -> Result<(), Failure> {
        let named = self.rename(id, name).await;
        named.map_err(|error| self.failed(&format!("rename {} to {name}", next(name)), &error))
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
    pub async fn bring_up(
        &self,
        id: &str,
        named: Named<'_>,
        creation: &Creation,
    ) -> Result<(), Failure> {
        if !creation.state.starts() {
            return Ok(());
        }
        let (Named::Already(name) | Named::AfterHooks(name)) = named;
        if let Err(error) = self.start_new(id).await {
            return Err(Failure {
                reached: Reached::Created,
                ..self.failed(&format!("start {name}"), &error)
            });
        }
        self.is_up_again();
        let up = self.after_start(id, named, creation).await;
        up.map_err(|failure| Failure {
            reached: failure.reached.max(Reached::Started),
            ..failure
        })
    }

    async fn after_start(
        &self,
        id: &str,
        named: Named<'_>,
        creation: &Creation,
    ) -> Result<(), Failure> {
        let (Named::Already(name) | Named::AfterHooks(name)) = named;
        self.run_after_start(id, name, &creation.hooks).await?;
        if matches!(named, Named::AfterHooks(_)) {
            self.take_name(id, name).await?;
        }
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

/// When a container has the name that it is spoken of by.
#[derive(Debug, Clone, Copy)]
pub enum Named<'a> {
    /// It has it.
    Already(&'a str),
    /// It is called `.next`, and gets it when its hooks have run.
    AfterHooks(&'a str),
}
