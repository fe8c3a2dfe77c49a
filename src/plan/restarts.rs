//! What follows a container that is started or made anew: those that share its namespaces, and those whose `depends_on`
//! says `restart: true`.
//!
//! A program may be killed between the two, and somebody else may start the first one. So it is no plan that says who has
//! to follow, but the engine's times:
//!
//! | one that runs | follows where |
//! |---|---|
//! | shares a namespace | the other one was started after it: it holds on to a namespace that is gone, whoever did that |
//! | `restart: true` | the other one was made after it was started, or has itself to follow one that was |
//!
//! A dependency that was only started again is no such sign: its restart policy does that, and so does an engine that comes
//! up. What a plan starts takes its dependents along all the same, as Compose does.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde_json::Value;

use super::{After, Cause, Change, Kind, StepId, planner::Planner};
use crate::{
    desired,
    live::{self, RunState},
    model::{Path, State, Way},
};

/// What a plan does to containers, and when they were made, for those that need them and come after them.
#[derive(Debug, Default)]
pub struct Course {
    /// The names of the containers that are started, or started again.
    pub started: BTreeSet<String>,
    /// Since when a container is what it is, by its name: when it was made, or what it follows.
    made: BTreeMap<String, Timestamp>,
}

impl Planner<'_> {
    /// Notes that a container is made anew, unless it is left alone this time.
    pub fn makes_anew(&mut self, wanted: &desired::Container) {
        if self.is_done(wanted) {
            self.remade.insert(wanted.name.clone());
        }
    }

    /// Notes that a container is started, or started again.
    pub fn starts(&mut self, wanted: &desired::Container) {
        if self.is_done(wanted) {
            self.course.started.insert(wanted.name.clone());
        }
    }

    fn is_done(&self, wanted: &desired::Container) -> bool {
        let id = StepId::new(Kind::Container, &wanted.name);
        !self.options.leave.contains(&id)
    }

    /// A container that shares a namespace with one that is made anew has to be made anew: it names the old one by its id.
    pub fn namespace_changes(&self, wanted: &desired::Container) -> Vec<Change> {
        let shared = desired::Container::SHARED.into_iter().filter_map(|name| {
            let (value, host) = shared(wanted, name)?;
            let made = self.remade.contains(host);
            made.then(|| {
                let path = Path::new(name);
                follows(path, value, Cause::Dependency, Way::Recreate)
            })
        });
        shared.collect()
    }

    /// Why a container that is there has to be restarted. A job is not: it would run a second time.
    pub fn restarts(&self, wanted: &desired::Container, found: &live::Container) -> Vec<Change> {
        if wanted.state != State::Running || !has_namespaces(found) {
            return Vec::new();
        }
        let sharing = desired::Container::SHARED
            .into_iter()
            .filter_map(|name| self.restarts_for_namespace(wanted, found, name));
        let dependencies = wanted.depends_on.iter();
        let depending = dependencies
            .filter(|dependency| dependency.restart)
            .filter(|dependency| self.is_behind(dependency, found))
            .map(|dependency| {
                let path = Path::new("depends_on").key(&dependency.key).key("restart");
                let value = &Value::Bool(true);
                follows(path, value, Cause::Dependency, Way::Restart)
            });
        sharing
            .chain(depending)
            .filter(|change| !wanted.ignores(&change.path.to_string()))
            .collect()
    }

    fn restarts_for_namespace(
        &self,
        wanted: &desired::Container,
        found: &live::Container,
        name: &str,
    ) -> Option<Change> {
        let (value, host) = shared(wanted, name)?;
        let cause = if self.course.started.contains(host) {
            Cause::Dependency
        } else {
            let host = self.named(host).filter(|host| has_namespaces(host))?;
            (host.started? > found.started?).then_some(Cause::Drift)?
        };
        Some(follows(Path::new(name), value, cause, Way::Restart))
    }

    /// Whether a container runs on with what there was before its dependency was made anew.
    fn is_behind(&self, dependency: &desired::Dependency, found: &live::Container) -> bool {
        let Some(other) = self.desired.containers.get(&dependency.key) else {
            return false;
        };
        let made = self.course.made.get(&other.name).copied();
        self.is_new(&other.name)
            || made
                .zip(found.started)
                .is_some_and(|(made, run)| made > run)
    }

    fn is_new(&self, name: &str) -> bool {
        self.remade.contains(name) || self.course.started.contains(name)
    }

    /// Notes for those that depend on a container since when it is what it is, and whether it follows others whatever it
    /// does at the moment. They come after it.
    pub fn note_times(&mut self, wanted: &desired::Container, found: &live::Container) {
        let mut made: Option<Timestamp> = found.created;
        if wanted.state == State::Running {
            let dependencies = wanted.depends_on.iter();
            let names: Vec<&str> = dependencies
                .filter(|dependency| dependency.restart)
                .filter_map(|dependency| self.desired.containers.get(&dependency.key))
                .map(|other| other.name.as_str())
                .collect();
            made = made.max(
                names
                    .iter()
                    .filter_map(|name| self.course.made.get(*name))
                    .max()
                    .copied(),
            );
            if names.iter().any(|name| self.is_new(name)) {
                self.starts(wanted);
            }
        }
        if let Some(made) = made {
            self.course.made.insert(wanted.name.clone(), made);
        }
    }
}

/// Whether there is a process whose namespaces can be shared, or which shares others'.
fn has_namespaces(container: &live::Container) -> bool {
    matches!(container.state, RunState::Running | RunState::Paused)
}

/// What a setting says, and the container whose namespace is shared by it.
fn shared<'a>(wanted: &'a desired::Container, name: &str) -> Option<(&'a Value, &'a str)> {
    let value = wanted.settings.get(name)?;
    Some((value, value.as_str()?.strip_prefix("container:")?))
}

/// A value that stays, and of which the container has what was there before.
fn follows(path: Path, value: &Value, cause: Cause, way: Way) -> Change {
    Change {
        path,
        before: Some(value.clone()),
        after: After::Value(value.clone()),
        cause,
        way,
        sensitive: false,
    }
}
