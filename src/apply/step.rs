//! One step: a `match` on what it does.

use super::{Failure, Stop, Trouble, hand::Hand};
use crate::{
    engine::{Act, EngineError},
    plan::{Call, Gate, Hooks, Wait, Work},
};

/// How a container is started and stopped.
struct How<'a> {
    gate: Gate,
    grace: u64,
    hooks: &'a Hooks,
}

impl<A: Act> Hand<'_, A> {
    /// Does the step.
    pub async fn work(&self) -> Result<(), Trouble> {
        let name = self.step.name.as_str();
        match &self.step.work {
            Work::Pull {
                reference,
                platform,
            } => Ok(self.pull(reference, platform.as_deref()).await?),
            Work::Build(build) => Ok(self.build(build).await?),
            Work::CreateNetwork { body } => self.result(self.create_network(body).await, "create"),
            Work::RemakeNetwork { id, body, members } => {
                Ok(self.remake_network(id, body, members).await?)
            }
            Work::RemoveNetwork { id } => self.result(self.remove_network(id).await, "remove"),
            Work::CreateVolume { body } => self.result(self.create_volume(body).await, "create"),
            Work::RemakeVolume { body } => self.result(self.remake_volume(body).await, "make anew"),
            Work::RemoveVolume => self.result(self.remove_volume(name).await, "remove"),
            Work::RemoveImage => self.result(self.remove_image(name).await, "remove"),
            Work::Create(creation) => self.create_new(creation).await,
            Work::Replace(replacement) => self.replace(replacement).await,
            Work::Resume(resumption) => self.resume(resumption).await,
            Work::Restore(restoration) => Ok(self.restore(restoration).await?),
            Work::Calls {
                id,
                calls,
                waits,
                gate,
                grace,
                hooks,
            } => {
                let how = How {
                    gate: *gate,
                    grace: *grace,
                    hooks,
                };
                self.calls(id, calls, waits, &how).await
            }
            Work::Remove {
                id,
                running,
                paused,
                grace,
                hooks,
            } => self.result(
                self.stop_and_remove(id, *running, *paused, (*grace, hooks))
                    .await,
                "remove",
            ),
        }
    }

    fn result(&self, result: Result<(), EngineError>, verb: &str) -> Result<(), Trouble> {
        let what = format!("{verb} {}", self.step.name);
        Ok(result.map_err(|error| self.failed(&what, &error))?)
    }

    /// Changes a container while it lives.
    async fn calls(
        &self,
        id: &str,
        calls: &[Call],
        waits: &[Wait],
        how: &How<'_>,
    ) -> Result<(), Trouble> {
        let starts = calls.contains(&Call::Start);
        if starts {
            // Before any of them: a container that is restarted runs on while its dependencies are waited for.
            self.conditions(waits).await?;
        }
        for call in calls {
            if *call == Call::Await && !starts {
                self.wait_for_what_runs(id, how.gate).await?;
            } else {
                self.call(id, call, how).await?;
            }
        }
        Ok(())
    }

    /// Waits for one that was running already; an apply that is stopped meanwhile leaves it as it is.
    async fn wait_for_what_runs(&self, id: &str, gate: Gate) -> Result<(), Trouble> {
        tokio::select! {
            result = self.gate(id, &self.step.name, gate) => Ok(result?),
            () = self.site.until(Stop::AfterSteps) => Err(Trouble::Stopped),
        }
    }

    async fn call(&self, id: &str, call: &Call, how: &How<'_>) -> Result<(), Failure> {
        let name = self.step.name.as_str();
        let (done, what) = match call {
            Call::Update(body) => (self.update(id, body).await, format!("update {name}")),
            Call::Disconnect { network } => (
                self.disconnect(network, id).await,
                format!("disconnect {name} from {network}"),
            ),
            Call::Connect { network, endpoint } => (
                self.connect(network, id, endpoint).await,
                format!("connect {name} to {network}"),
            ),
            Call::Rename(to) => (self.rename(id, to).await, format!("rename {name} to {to}")),
            Call::Start => (self.start_again(id).await, format!("start {name}")),
            Call::PostStart => return self.run_after_start(id, name, how.hooks).await,
            Call::TryPostStart => {
                if let Err(failure) = self.run_after_start(id, name, how.hooks).await {
                    let text = format!("{}; it is replaced all the same", failure.text);
                    self.site.warn(&text);
                }
                return Ok(());
            }
            Call::Await => return self.gate(id, name, how.gate).await,
            Call::Stop => {
                self.run_before_stop(id, name, how.hooks).await;
                (self.stop(id, how.grace).await, format!("stop {name}"))
            }
            Call::Pause => (self.pause(id).await, format!("pause {name}")),
            Call::Unpause => (self.unpause(id).await, format!("unpause {name}")),
        };
        done.map_err(|error| self.failed(&what, &error))
    }
}
