//! Putting a new container in an old one's place without losing either.
//!
//! ```text
//! stop-first                               start-first
//! create NAME.next                         create NAME.next
//! rename NAME to NAME.prev                 start NAME.next, wait until it counts as up
//! rename NAME.next to NAME                 rename NAME to NAME.prev
//! stop NAME.prev                           rename NAME.next to NAME
//! start NAME, wait until it counts as up   stop NAME.prev
//! remove NAME.prev                         remove NAME.prev
//! ```
//!
//! The names are exchanged while the old one still runs, so that nothing but a stop and a start lies between the two: an
//! engine renames one that runs as well as one that does not.

use std::time::Duration;

use super::{Failure, Reached, Stop, Trouble, create::Named, hand::Hand};
use crate::{
    engine::Act,
    live::next,
    model::{FailureAction, Order, State},
    plan::{Old, Replacement, Resumption},
};

/// Where a replacement failed.
enum Failed {
    /// A call did not succeed; whatever the file says, the old one comes back.
    OnTheWay(Failure),
    /// The new one did not come up; the file says what happens.
    ComingUp(Failure),
}

impl<A: Act> Hand<'_, A> {
    /// Puts a new container in an old one's place.
    pub async fn replace(&self, replacement: &Replacement) -> Result<(), Trouble> {
        let creation = &replacement.creation;
        let old = &replacement.old;
        self.delay(replacement.delay).await?;
        if creation.state.starts() {
            self.conditions(&creation.waits).await?;
        }
        let id = self.make(&next(&creation.name), creation).await?;
        let changed_over = match replacement.update.order {
            Order::StopFirst => self.stop_first(replacement, &id).await,
            Order::StartFirst => self.start_first(replacement, &id).await,
        };
        self.conclude(old, &id, replacement.update.failure_action, changed_over)
            .await
    }

    /// Waits between two replicas; nothing has been touched yet.
    async fn delay(&self, delay: i64) -> Result<(), Trouble> {
        let Some(delay) = u64::try_from(delay).ok().filter(|delay| *delay > 0) else {
            return Ok(());
        };
        self.at("waiting before the next replica");
        let waiting = tokio::time::sleep(Duration::from_nanos(delay));
        tokio::select! {
            () = self.rest(waiting) => Ok(()),
            () = self.site.until(Stop::AfterSteps) => Err(Trouble::Stopped),
        }
    }

    async fn stop_first(&self, replacement: &Replacement, id: &str) -> Result<(), Failed> {
        let creation = &replacement.creation;
        let old = &replacement.old;
        // The wait for the others that are down, and what the old one does before its stop, may take long: until then it
        // keeps its name and its restart policy.
        self.goes_down().await;
        self.before_stop(old).await?;
        self.take_restart_away(old).await;
        self.change_names(old, id, &creation.name).await?;
        self.end_old(old).await?;
        self.bring_up(id, Named::Already(&creation.name), creation)
            .await
            .map_err(Failed::ComingUp)
    }

    async fn start_first(&self, replacement: &Replacement, id: &str) -> Result<(), Failed> {
        let creation = &replacement.creation;
        let old = &replacement.old;
        let up = self
            .bring_up(id, Named::Already(&next(&creation.name)), creation)
            .await
            .map_err(Failed::ComingUp);
        // One that stays whatever becomes of it takes the old one's place all the same: under the name `.next` it would
        // be a leftover.
        if up.is_ok() || replacement.update.failure_action == FailureAction::Continue {
            self.change_names(old, id, &creation.name).await?;
            self.take_restart_away(old).await;
            self.stop_old(old).await?;
        }
        up
    }

    /// Finishes a replacement that was interrupted.
    pub async fn resume(&self, resumption: &Resumption) -> Result<(), Trouble> {
        let finished = self.finish(resumption).await;
        self.conclude(
            &resumption.old,
            &resumption.new_id,
            resumption.update.failure_action,
            finished?,
        )
        .await
    }

    async fn finish(&self, resumption: &Resumption) -> Result<Result<(), Failed>, Trouble> {
        let id = resumption.new_id.as_str();
        let old = &resumption.old;
        // What it waits for was so once already, and the old one may be down: but a start without it may fail for good.
        if resumption.state.starts() && !resumption.running {
            self.conditions(&resumption.waits).await?;
        }
        Ok(self.finish_change_over(resumption, id, old).await)
    }

    async fn finish_change_over(
        &self,
        resumption: &Resumption,
        id: &str,
        old: &Old,
    ) -> Result<(), Failed> {
        let name = &old.name;
        self.take_restart_away(old).await;
        if let Some(name) = &resumption.rename_to {
            self.renamed(id, &next(name), name).await?;
        }
        if resumption.update.order == Order::StopFirst {
            self.stop_old(old).await?;
        }
        let up = self
            .come_up(resumption, id, name)
            .await
            .map_err(Failed::ComingUp);
        let stays = resumption.update.failure_action == FailureAction::Continue;
        if resumption.update.order == Order::StartFirst && (up.is_ok() || stays) {
            self.stop_old(old).await?;
        }
        up
    }

    /// Brings a new one up that may have been started before; whether its hooks have run nobody knows.
    async fn come_up(&self, resumption: &Resumption, id: &str, name: &str) -> Result<(), Failure> {
        if !resumption.state.starts() {
            return Ok(());
        }
        let mut restarts = 0;
        if resumption.running {
            // Whatever it went through before is no fault of what follows.
            restarts = self.must_look(id, name).await?.restarts;
        } else {
            let started = self.start_again(id).await;
            started.map_err(|error| self.failed(&format!("start {name}"), &error))?;
        }
        if resumption.paused {
            let thawed = self.unpause(id).await;
            thawed.map_err(|error| self.failed(&format!("unpause {name}"), &error))?;
        }
        self.run_after_start(id, name, &resumption.hooks).await?;
        self.gate_after(id, name, resumption.gate, restarts).await?;
        if resumption.state == State::Paused {
            let paused = self.pause(id).await;
            paused.map_err(|error| self.failed(&format!("pause {name}"), &error))?;
        }
        Ok(())
    }

    async fn stop_old(&self, old: &Old) -> Result<(), Failed> {
        self.before_stop(old).await?;
        self.end_old(old).await
    }

    /// What comes before the stop of an old one: what is frozen runs nothing, and ends at no signal.
    async fn before_stop(&self, old: &Old) -> Result<(), Failed> {
        if old.paused {
            let thawed = self.unpause(&old.id).await;
            thawed.map_err(|error| {
                Failed::OnTheWay(self.failed(&format!("unpause {}", old.name), &error))
            })?;
        }
        if old.up {
            self.run_before_stop(&old.id, &old.name, &old.hooks).await;
        }
        Ok(())
    }

    async fn end_old(&self, old: &Old) -> Result<(), Failed> {
        if old.up {
            let stopped = self.stop(&old.id, old.grace).await;
            stopped.map_err(|error| {
                Failed::OnTheWay(self.failed(&format!("stop {}", old.name), &error))
            })?;
        }
        Ok(())
    }

    async fn change_names(&self, old: &Old, id: &str, name: &str) -> Result<(), Failed> {
        self.renamed(&old.id, &old.name, &old.aside).await?;
        self.renamed(id, &next(name), name).await
    }

    async fn renamed(&self, id: &str, from: &str, to: &str) -> Result<(), Failed> {
        let renamed = self.rename(id, to).await;
        renamed.map_err(|error| {
            Failed::OnTheWay(self.failed(&format!("rename {from} to {to}"), &error))
        })
    }

    /// The end of a replacement: the old one goes, or comes back.
    async fn conclude(
        &self,
        old: &Old,
        new_id: &str,
        action: FailureAction,
        changed_over: Result<(), Failed>,
    ) -> Result<(), Trouble> {
        self.is_up_again();
        match (changed_over, action) {
            (Ok(()), _) => match self
                .is_there(new_id, &format!("the new {}", self.step.name))
                .await
            {
                Ok(()) => Ok(self.remove_old(old).await?),
                Err(failure) => Err(self.roll_back(old, new_id, failure).await),
            },
            (Err(Failed::ComingUp(failure)), FailureAction::Pause) => {
                Err(Trouble::Paused(self.explained(failure, new_id).await))
            }
            (Err(Failed::ComingUp(failure)), FailureAction::Continue) => {
                let mut failure = self.explained(failure, new_id).await;
                if failure.reached == Reached::Unhooked {
                    // Its name would say that they have run.
                    self.give_name_up(&[new_id.to_owned()]).await?;
                    failure.hint = format!(
                        "check post_start; it is called {} until that has succeeded",
                        next(&self.step.name)
                    );
                }
                self.remove_old(old).await?;
                Err(Trouble::Continued(failure))
            }
            (Err(Failed::ComingUp(failure) | Failed::OnTheWay(failure)), _) => {
                let failure = self.explained(failure, new_id).await;
                Err(self.roll_back(old, new_id, failure).await)
            }
        }
    }

    async fn remove_old(&self, old: &Old) -> Result<(), Failure> {
        let removed = self.remove(&old.id, false).await;
        removed.map_err(|error| {
            let mut failure = self.failed(&format!("remove {}", old.aside), &error);
            if failure.hint.is_empty() {
                failure.hint =
                    "the new one has its place; the next apply removes the old one".into();
            }
            failure
        })
    }

    async fn roll_back(&self, old: &Old, new_id: &str, failure: Failure) -> Trouble {
        self.at("putting the old one back");
        match self.put_back(old, &old.name, &[new_id.to_owned()]).await {
            Ok(()) => Trouble::RolledBack(failure),
            Err(back) => Trouble::Failed(Failure {
                text: format!("{}; and {}", failure.text, back.text),
                hint: if back.hint.is_empty() {
                    "the next apply tries to put it back".into()
                } else {
                    back.hint
                },
                log: failure.log,
                ..Failure::default()
            }),
        }
    }

    /// Whether a container is still there.
    async fn is_there(&self, id: &str, name: &str) -> Result<(), Failure> {
        self.must_look(id, name).await.map(|_| ())
    }

    /// A failure with the new one's last lines, if it does not have them yet.
    async fn explained(&self, failure: Failure, new_id: &str) -> Failure {
        if failure.log.is_empty() {
            self.with_log(failure, new_id).await
        } else {
            failure
        }
    }
}
