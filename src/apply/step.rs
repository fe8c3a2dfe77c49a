//! One step: a `match` on what it does.

use serde_json::Value;

use super::{Failure, Trouble, hand::Hand};
use crate::{
    engine::{Act, EngineError},
    live::Container,
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
            self.call(id, call, how).await?;
        }
        Ok(())
    }

    async fn call(&self, id: &str, call: &Call, how: &How<'_>) -> Result<(), Failure> {
        let name = self.step.name.as_str();
        let (done, what) = match call {
            Call::Update(body) => {
                let updated = self.update(id, body).await;
                updated.map_err(|error| self.failed(&format!("update {name}"), &error))?;
                return self.read_back(id, body).await;
            }
            Call::Disconnect { network } => (
                self.disconnect(network, id).await,
                format!("disconnect {name} from {network}"),
            ),
            Call::Connect { network, endpoint } => (
                self.connect(network, id, endpoint).await,
                format!("connect {name} to {network}"),
            ),
            Call::Rename(to) => (self.rename(id, to).await, format!("rename {name} to {to}")),
            Call::Start => {
                let started = self.start_again(id).await;
                started.map_err(|error| self.failed(&format!("start {name}"), &error))?;
                self.run_after_start(id, name, how.hooks).await?;
                return self.gate(id, name, how.gate).await;
            }
            Call::Stop => {
                self.run_before_stop(id, name, how.hooks).await;
                (self.stop(id, how.grace).await, format!("stop {name}"))
            }
            Call::Pause => (self.pause(id).await, format!("pause {name}")),
            Call::Unpause => (self.unpause(id).await, format!("unpause {name}")),
        };
        done.map_err(|error| self.failed(&what, &error))
    }

    /// Looks whether an update holds. Engines accept values that they do not take over.
    async fn read_back(&self, id: &str, body: &Value) -> Result<(), Failure> {
        let found = self.must_look(id, &self.step.name).await?;
        for field in not_taken(&found, body) {
            self.site.warn(&format!(
                "the engine accepted a new {field} for {} and did not take it over",
                self.step.name
            ));
        }
        Ok(())
    }
}

/// The fields of an update that the engine shows otherwise.
fn not_taken(found: &Container, body: &Value) -> Vec<String> {
    let host = found.inspect.get("HostConfig").unwrap_or(&Value::Null);
    let fields = body.as_object().into_iter().flatten();
    fields
        .filter(|(field, sent)| !holds(host.get(field.as_str()), sent))
        .map(|(field, _)| field.clone())
        .collect()
}

/// Whether a value that was sent is what is shown: nothing, zero, minus one and empty are written in each other's place,
/// and what the engine adds inside an object is its own.
fn holds(shown: Option<&Value>, sent: &Value) -> bool {
    let shown = shown.unwrap_or(&Value::Null);
    match (shown, sent) {
        (Value::Object(shown), Value::Object(sent)) => {
            sent.iter().all(|(key, value)| holds(shown.get(key), value))
        }
        (shown, sent) => shown == sent || says_nothing(shown) && says_nothing(sent),
    }
}

fn says_nothing(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::Number(number) => number.as_i64().is_some_and(|number| number <= 0),
        Value::String(text) => text.is_empty() || text == "no",
        Value::Array(items) => items.is_empty(),
        Value::Object(map) => map.is_empty(),
        Value::Bool(true) => false,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::json;

    use super::not_taken;
    use crate::{live::Container, model::EngineInfo};

    #[test]
    fn what_the_engine_accepted_and_did_not_take_over_is_found() {
        let inspect = json!({"Id": "a", "HostConfig": {
            "Memory": 5, "PidsLimit": 0, "RestartPolicy": {"Name": "", "MaximumRetryCount": 0}, "CpusetCpus": "0-1",
        }});
        let found = Container::read(inspect, &BTreeMap::new(), &EngineInfo::default())
            .expect("an id is enough");
        let sent = json!({
            "Memory": 5, "PidsLimit": -1, "RestartPolicy": {"Name": "no"}, "CpusetCpus": "0", "MemorySwap": 7,
        });
        assert_eq!(not_taken(&found, &sent), ["CpusetCpus", "MemorySwap"]);
    }
}
