//! A container with an error has no steps, nor has what cannot be without it: what can be foreseen to fail is not begun.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Cause, Kind, StepId, Weight, Work,
    planner::{Planner, containers_of, networks_of, volumes_of},
};
use crate::{desired, model::State};

impl Planner<'_> {
    /// Takes the steps of blocked containers out of the plan, and says of each one that is blocked by another thing why.
    pub fn drop_blocked(&mut self) {
        let mut blocked: BTreeSet<String> = self
            .draft
            .problems
            .iter()
            .filter(|problem| problem.weight == Weight::Error)
            .map(|problem| problem.name.clone())
            .collect();
        let mut givers: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        let handovers = std::mem::take(&mut self.handovers);
        for (gives, gets) in &handovers {
            givers.entry(gets).or_default().push(gives);
        }
        let planned: Vec<&desired::Container> = self
            .desired
            .containers
            .values()
            .filter(|wanted| wanted.state != State::Absent)
            .filter(|wanted| self.has_steps(&wanted.name))
            .collect();
        let mut more = true;
        while more {
            more = self.block_volumes(&mut blocked);
            for wanted in &planned {
                if blocked.contains(&wanted.name) {
                    continue;
                }
                let giver = givers.get(wanted.name.as_str()).into_iter().flatten();
                let mut giver = giver.filter(|name| blocked.contains(**name));
                let giver = giver.next().map(|name| (*name).to_owned());
                let Some(what) = self.blocker(wanted, &blocked).or(giver) else {
                    continue;
                };
                self.draft.error(
                    "blocked",
                    &wanted.name,
                    format!("is not planned, because {what} has an error"),
                    format!("mend {what} first"),
                    wanted.location.as_ref(),
                );
                blocked.insert(wanted.name.clone());
                more = true;
            }
        }
        for wanted in &planned {
            if blocked.contains(&wanted.name) {
                self.remade.remove(&wanted.name);
                self.course.started.remove(&wanted.name);
                self.draft
                    .drop_chain(&StepId::new(Kind::Container, &wanted.name));
            }
        }
        self.drop_followers(&planned, &blocked);
        self.handovers = handovers;
    }

    /// A volume is made anew only if everything that mounts it can go before and come back after it.
    fn block_volumes(&mut self, blocked: &mut BTreeSet<String>) -> bool {
        let mut stay = Vec::new();
        for volume in &self.emptied {
            let users = self.users_of(volume).into_iter();
            let mut users = users.filter_map(|user| self.wanted_of(user));
            if let Some(user) = users.find(|user| blocked.contains(&user.name)) {
                stay.push((volume.clone(), user.name.clone()));
            }
        }
        let any = !stay.is_empty();
        for (volume, user) in stay {
            self.emptied.remove(&volume);
            self.draft.drop_chain(&StepId::new(Kind::Volume, &volume));
            self.draft.error(
                "blocked",
                &volume,
                format!("is not made anew, because container {user} has an error"),
                format!("mend container {user} first"),
                None,
            );
            blocked.insert(volume);
        }
        any
    }

    fn has_steps(&self, name: &str) -> bool {
        let main = StepId::new(Kind::Container, name);
        self.draft.steps().any(|step| step.id.main() == main)
    }

    /// What a container needs that is blocked. A container that is there serves, whatever is wrong with it.
    fn blocker(&self, wanted: &desired::Container, blocked: &BTreeSet<String>) -> Option<String> {
        let of_kind = |kind: &str, names: Vec<String>| {
            let mut names = names.into_iter();
            let found = names.find(|name| blocked.contains(name))?;
            Some(format!("{kind} {found}"))
        };
        let optional = |name: &String| {
            let mut all = wanted.depends_on.iter();
            all.any(|dependency| {
                let other = self.desired.containers.get(&dependency.key);
                !dependency.required && other.is_some_and(|other| other.name == *name)
            })
        };
        let missing = |name: &String| {
            self.wanted_named(name)
                .is_some_and(|other| self.instances(&other.key).is_empty())
        };
        of_kind("image", vec![wanted.image.clone()])
            .or_else(|| of_kind("network", networks_of(wanted)))
            .or_else(|| of_kind("volume", volumes_of(wanted)))
            .or_else(|| {
                containers_of(self.desired, wanted)
                    .into_iter()
                    .find(|name| blocked.contains(name) && missing(name) && !optional(name))
            })
    }

    /// Takes out the steps of those that were to be done for no other reason than that a container which is now blocked
    /// was to be made anew.
    fn drop_followers(&mut self, planned: &[&desired::Container], blocked: &BTreeSet<String>) {
        let mut gone = blocked.clone();
        let mut more = true;
        while more {
            more = false;
            for wanted in planned {
                let main = StepId::new(Kind::Container, &wanted.name);
                let Some(step) = self.draft.get(&main) else {
                    continue;
                };
                let follows = matches!(step.work, Work::Calls { .. } | Work::Replace(_))
                    && step
                        .changes
                        .iter()
                        .all(|change| change.cause == Cause::Dependency);
                let needs = containers_of(self.desired, wanted);
                let for_nothing = needs.iter().any(|name| gone.contains(name))
                    && !needs.iter().any(|name| {
                        self.remade.contains(name) || self.course.started.contains(name)
                    });
                if follows && for_nothing {
                    self.draft.drop_chain(&main);
                    self.remade.remove(&wanted.name);
                    self.course.started.remove(&wanted.name);
                    gone.insert(wanted.name.clone());
                    more = true;
                }
            }
        }
    }
}
