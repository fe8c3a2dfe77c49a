//! What must hold after every single call, whatever goes wrong.

use std::collections::{BTreeMap, BTreeSet};

use evenkeel::{
    desired::Desired,
    engine::simulated::{Allowed, Call, Container, Ending, World, instances, violations_since},
    model::{FailureAction, State},
};

/// What must hold, looked at after every call.
#[derive(Debug, Default)]
pub struct Guard {
    /// The keys of which something must be there.
    kept: BTreeSet<String>,
    /// Those of them of which something that has run must be there.
    ran: BTreeSet<String>,
    /// The ids of those that were made by hand and are taken over, by key.
    foreign: BTreeMap<String, String>,
    /// The anonymous volumes of what must be there, by key.
    data: BTreeMap<String, String>,
    /// What may be changed though it is not ours.
    pub allowed: Allowed,
    /// The ids of the containers that were started and whose hooks have not run since.
    pub cold: BTreeSet<String>,
    /// How many changes were looked at.
    seen: usize,
    /// What did not hold.
    pub broken: Vec<String>,
    /// What was called, for a failure's story.
    pub story: Vec<String>,
}

impl Guard {
    /// From now on nothing of these containers may be lost.
    pub fn keep(&mut self, world: &World, wanted: &Desired) {
        for keys in [&mut self.kept, &mut self.ran] {
            keys.clear();
        }
        for values in [&mut self.foreign, &mut self.data] {
            values.clear();
        }
        for (key, container) in &wanted.containers {
            let foreign = world.containers.values().find(|found| {
                found.labels().is_empty() && found.name.trim_end_matches(".prev") == container.name
            });
            // A new one that is not in its place yet may be given up for another one, unless it is all there is.
            let mut there = instances(world, "shop", key);
            let is_next = |found: &&Container| found.name.strip_suffix(".next").is_some();
            let alone = foreign.is_none() && there.iter().all(is_next);
            there.retain(|found| !is_next(found) || alone && found.started.is_some());
            if let Some(foreign) = foreign {
                self.foreign.insert(key.clone(), foreign.id.clone());
                there.push(foreign);
            }
            if there.is_empty() {
                continue;
            }
            self.kept.insert(key.clone());
            if let [only] = there.as_slice()
                && let Some(data) = data_of(only)
            {
                self.data.insert(key.clone(), data.to_owned());
            }
            let runs = matches!(container.state, State::Running | State::Paused);
            // `continue` says that a new one stays even if it cannot be started.
            let stays = container.update.failure_action == FailureAction::Continue;
            // A new one is given up for the old one even if that never ran.
            let back = there
                .iter()
                .any(|found| found.started.is_none() && found.name.strip_suffix(".prev").is_some());
            if runs && !stays && !back && there.iter().any(|found| found.started.is_some()) {
                self.ran.insert(key.clone());
            }
        }
    }

    /// Somebody gave this container another name: nothing says any more that its hooks have to run.
    pub fn renamed(&mut self, id: &str) {
        self.cold.remove(id);
    }

    /// Looks after a call.
    pub fn look(&mut self, world: &World, call: &Call) {
        if call.writes {
            self.story.push(format!(
                "    {} {} {:?}",
                call.name, call.target, call.ending
            ));
        }
        let place = || format!("{} {} ({:?})", call.name, call.target, call.ending);
        for wrong in violations_since(world, "shop", &self.allowed, self.seen) {
            self.broken.push(format!("{wrong}: {}", place()));
        }
        self.seen = world.changes.len();
        match (call.name, &call.ending) {
            ("start", Ending::Done | Ending::Lost(_) | Ending::Never) => {
                self.cold.insert(call.target.clone());
            }
            // One that failed was told of.
            ("exec", _) => {
                self.cold.remove(&call.target);
            }
            _ => {}
        }
        if !call.writes {
            return;
        }
        for key in &self.kept {
            let mut there = instances(world, "shop", key);
            let foreign = self
                .foreign
                .get(key)
                .and_then(|id| world.containers.get(id));
            there.extend(foreign);
            if there.is_empty() {
                self.broken
                    .push(format!("nothing is left of {key}: {}", place()));
            } else if self.ran.contains(key) && there.iter().all(|found| found.started.is_none()) {
                self.broken
                    .push(format!("nothing of {key} has ever run: {}", place()));
            }
            if let Some(data) = self.data.get(key)
                && !there.iter().any(|found| data_of(found) == Some(data))
            {
                self.broken
                    .push(format!("nothing has the data of {key}: {}", place()));
            }
        }
    }
}

/// The anonymous volume of a container: every image of these projects has one.
fn data_of(found: &Container) -> Option<&str> {
    let data = found
        .mounts
        .iter()
        .find(|mount| mount["Destination"] == "/data")?;
    data["Name"].as_str()
}
