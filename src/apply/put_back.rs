//! Putting an old container back: in a rollback, and when a plan finds one that waits as `.prev`.
//!
//! It is started before it gets its name back. A container that has its name again is like any other, and nobody would
//! know that it has to be started; one that is called `.prev` is a row of recovery.
//!
//! The new one makes room for it first, and is removed last. Another process that thinks that the replacement succeeded may
//! be about to remove the old one: an engine refuses that of one that runs, and if it was faster, the new one is still
//! there. And it may be the only one that says what the old one is, until that has its name back.

use std::time::Duration;

use serde_json::{Value, json};

use super::{Failure, hand::Hand};
use crate::{
    engine::Act,
    live::{Container, RunState, labels, next},
    plan::{Old, Restoration},
};

/// How often a rollback as a whole is tried: each of its calls is tried again by itself already.
const ROLLBACKS: u32 = 3;

/// The pause between two of them.
const BETWEEN: Duration = Duration::from_secs(1);

/// Which try of a rollback it is. One that cannot be started gets its name at the last try alone: until then the name
/// `.prev` says that it has to be started, and that its hooks have to run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Try {
    Again,
    Last,
}

impl<A: Act> Hand<'_, A> {
    /// Puts one back that waits as `.prev`.
    pub async fn restore(&self, restoration: &Restoration) -> Result<(), Failure> {
        self.put_back(&restoration.old, &restoration.name, &restoration.discard)
            .await
    }

    /// Gives an old container its restart policy, its process and its name back, as far as it does not have them, and
    /// removes the new ones.
    pub async fn put_back(&self, old: &Old, name: &str, discard: &[String]) -> Result<(), Failure> {
        for _ in 1..ROLLBACKS {
            let put_back = self.put_back_once(old, name, discard, Try::Again).await;
            if put_back.is_ok() {
                return Ok(());
            }
            self.rest(tokio::time::sleep(BETWEEN)).await;
        }
        self.put_back_once(old, name, discard, Try::Last).await
    }

    async fn put_back_once(
        &self,
        old: &Old,
        name: &str,
        discard: &[String],
        this: Try,
    ) -> Result<(), Failure> {
        let found = self.old_one(old, name, discard).await?;
        let went_down = self.make_room(discard).await;
        let mut failed = None;
        if !old.restart.is_null() && policy(&found) != policy_name(&old.restart) {
            let given = self
                .update(&old.id, &json!({ "RestartPolicy": old.restart }))
                .await;
            if let Err(error) = given {
                failed = Some(self.failed(&format!("give {name} its restart policy back"), &error));
            }
        }
        let mut runs = found.is_up();
        if old.running && !runs {
            match self.start_again(&old.id).await {
                Ok(()) => runs = true,
                Err(error) => {
                    failed = Some(self.failed(&format!("start the old {name} again"), &error));
                }
            }
        }
        if this == Try::Again
            && let Some(failure) = failed
        {
            return Err(failure);
        }
        // It may have been started by a run that was killed then; its name would say that its hooks have run.
        let waits_for_hooks = !found.is_up() || found.name != name;
        if old.running
            && runs
            && waits_for_hooks
            && found.state != RunState::Paused
            && let Err(failure) = self.run_after_start(&old.id, name, &old.hooks).await
        {
            self.site
                .warn(&format!("{}, which is put back all the same", failure.text));
        }
        if failed.is_some() || !old.running {
            // It does not run, and so nothing keeps it from being removed by somebody else: one more look.
            if let Err(gone) = self.old_one(old, name, discard).await {
                self.come_again(&went_down).await;
                return Err(gone);
            }
        }
        // One that cannot be started gets its name all the same: it is what there was.
        if found.name != name {
            self.give_name_up(discard).await?;
            let named = self.rename(&old.id, name).await;
            named.map_err(|error| {
                self.failed(&format!("rename {} to {name}", found.name), &error)
            })?;
        }
        for id in discard {
            self.discard(id).await;
        }
        if old.paused && found.state != RunState::Paused && failed.is_none() {
            let frozen = self.pause(&old.id).await;
            frozen.map_err(|error| self.failed(&format!("pause {name}"), &error))?;
        }
        match failed {
            Some(failure) => Err(failure),
            None => Ok(()),
        }
    }

    /// The old one. Another process may have removed it: then a new one is all that there is, whatever is wrong with it.
    async fn old_one(
        &self,
        old: &Old,
        name: &str,
        discard: &[String],
    ) -> Result<Container, Failure> {
        let found = self.must_look(&old.id, &format!("the old {name}")).await;
        found.map_err(|mut failure| {
            if !discard.is_empty() {
                failure.text.push_str(", so the new one stays");
            }
            failure
        })
    }

    /// Stops new containers that are in the way of an old one (its ports, its name in a network). Gives back those that ran.
    async fn make_room(&self, discard: &[String]) -> Vec<String> {
        let mut went_down = Vec::new();
        for id in discard {
            if let Ok(Some(found)) = self.look(id).await
                && found.is_up()
            {
                // It is of no use to anybody, and gets no time to end. One that stays up is removed all the same.
                if self.stop(id, 0).await.is_ok() {
                    went_down.push(id.clone());
                }
            }
        }
        went_down
    }

    /// Gives new containers the names back that they had before they were in place.
    pub async fn give_name_up(&self, discard: &[String]) -> Result<(), Failure> {
        for id in discard {
            let Ok(Some(found)) = self.look(id).await else {
                continue;
            };
            let name = found.label(labels::NAME).unwrap_or(&found.name);
            let aside = next(name);
            if found.name != aside {
                let named = self.rename(id, &aside).await;
                named.map_err(|error| self.failed(&format!("rename {name} to {aside}"), &error))?;
            }
        }
        Ok(())
    }

    /// Starts new containers that were stopped for nothing.
    async fn come_again(&self, went_down: &[String]) {
        for id in went_down {
            if let Err(error) = self.start_again(id).await {
                self.site.warn(&format!(
                    "cannot start the new {} again: {error}",
                    self.step.name
                ));
            }
        }
    }

    /// Takes an old container's restart policy away, so that an engine that is restarted meanwhile does not start it.
    ///
    /// An engine that cannot change it (Podman 4) leaves it: then the next plan finds both running, and goes on from there.
    pub async fn take_restart_away(&self, old: &Old) {
        if policy_name(&old.restart) == "no" {
            return;
        }
        if let Err(error) = self
            .update(&old.id, &json!({ "RestartPolicy": { "Name": "no" } }))
            .await
        {
            tracing::debug!(name = %old.name, %error, "the restart policy stays");
        }
    }
}

fn policy(found: &Container) -> String {
    found
        .inspect
        .pointer("/HostConfig/RestartPolicy")
        .map_or_else(|| "no".to_owned(), policy_name)
}

/// The name of a restart policy; none at all is `no`.
fn policy_name(policy: &Value) -> String {
    policy
        .get("Name")
        .and_then(Value::as_str)
        .filter(|name| !name.is_empty())
        .unwrap_or("no")
        .to_owned()
}
