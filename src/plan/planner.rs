//! The planner: everything that is wanted, everything that is, and the plan that comes of it.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    CameBack, Change, Difference, Kind, Plan, StepId, containers::order_after, draft::Draft,
    restarts::Course, rows::Instances,
};
use crate::{
    desired::{self, Desired},
    live::{self, Live},
    model::{EngineInfo, State},
};

/// The part of a chain that removes a container whose name another one of the file gets.
const REMOVAL: &str = "remove";

/// What may be done beyond the ordinary, and what is held back.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Take over what stands under a wanted name and is not ours.
    pub adopt: bool,
    /// The volumes of the project, by their names on the engine, that may be removed.
    pub remove_volumes: BTreeSet<String>,
    /// Whether that was said once for everything that will ever change, as to a service: then no volume is made anew that
    /// the file wants.
    pub standing: bool,
    /// The main steps of things that are left alone this time: they failed just now, and are tried again later.
    pub leave: BTreeSet<StepId>,
    /// Differences that are left alone: an apply that succeeded did not end them.
    pub hold: BTreeSet<Difference>,
}

impl Options {
    /// Whether a difference of a thing is left alone.
    #[must_use]
    pub fn holds(&self, id: &StepId, change: &Change) -> bool {
        // Nearly always there is none, and a path is no text before somebody asks.
        !self.hold.is_empty() && self.hold.contains(&(id.clone(), change.path.to_string()))
    }
}

/// A plan while it is made.
pub struct Planner<'a> {
    /// What is wanted.
    pub desired: &'a Desired,
    /// What is.
    pub live: &'a Live,
    /// What may be done.
    pub options: &'a Options,
    /// What there is of each key of this project.
    by_key: BTreeMap<&'a str, Instances<'a>>,
    /// What there is under each name.
    by_name: BTreeMap<&'a str, &'a live::Container>,
    /// The plan so far.
    pub draft: Draft,
    /// The references of the images that this plan pulls or builds: what they say is not known yet.
    pub fetched: BTreeSet<String>,
    /// The names of the containers that are made anew.
    pub remade: BTreeSet<String>,
    /// What containers that need others have to know of those.
    pub course: Course,
    /// The names of the volumes that are made anew.
    pub emptied: BTreeSet<String>,
    /// Differences that were held back.
    pub held: Vec<CameBack>,
    /// The containers that pass a name or a host port on, each with one that gets it.
    pub handovers: Vec<(String, String)>,
}

/// Plans: what has to be done so that what is becomes what is wanted.
#[must_use]
pub fn plan(desired: &Desired, live: &Live, options: &Options) -> Plan {
    let mut by_key: BTreeMap<&str, Vec<&live::Container>> = BTreeMap::new();
    for container in &live.containers {
        if let Some(key) = key_of(container, desired) {
            by_key.entry(key).or_default().push(container);
        }
    }
    let mut planner = Planner {
        desired,
        live,
        options,
        by_key: by_key
            .into_iter()
            .map(|(key, containers)| (key, Instances::of(containers.into_iter())))
            .collect(),
        by_name: live
            .containers
            .iter()
            .map(|container| (container.name.as_str(), container))
            .collect(),
        draft: Draft::default(),
        fetched: BTreeSet::new(),
        remade: BTreeSet::new(),
        course: Course::default(),
        emptied: BTreeSet::new(),
        held: Vec::new(),
        handovers: Vec::new(),
    };
    planner.images();
    planner.networks();
    planner.volumes();
    for key in in_dependency_order(desired) {
        let Some(wanted) = desired.containers.get(&key) else {
            continue;
        };
        if wanted.state == State::Absent {
            continue;
        }
        planner.container(wanted);
    }
    planner.removals();
    planner.names_change_hands();
    planner.names_aside_meet();
    planner.rolling();
    planner.ports();
    planner.drop_blocked();
    planner.beyond();
    // The engine may be unable to do what others need.
    planner.drop_blocked();
    planner.leftovers();
    planner.leave();
    planner.finish()
}

impl<'a> Planner<'a> {
    /// What the engine said about itself.
    #[must_use]
    pub fn engine(&self) -> &'a EngineInfo {
        &self.live.engine
    }

    /// The containers of a key.
    #[must_use]
    pub fn instances(&self, key: &str) -> Instances<'a> {
        self.by_key.get(key).copied().unwrap_or_default()
    }

    /// What stands under a name: something of ours, or what was looked at because the name is wanted.
    #[must_use]
    pub fn named(&self, name: &str) -> Option<&'a live::Container> {
        self.by_name.get(name).copied()
    }

    /// Takes out what is left alone this time. A volume cannot be made anew around a container that stays.
    fn leave(&mut self) {
        for id in &self.options.leave {
            self.draft.leave(id);
        }
        for volume in &self.emptied {
            let stays = self.users_of(volume).into_iter().any(|user| {
                self.wanted_of(user).is_some_and(|wanted| {
                    let id = StepId::new(Kind::Container, &wanted.name);
                    self.options.leave.contains(&id)
                })
            });
            if stays {
                self.draft.leave(&StepId::new(Kind::Volume, volume));
            }
        }
    }

    /// Takes the differences of a thing out that are held.
    pub fn hold(&mut self, id: &StepId, changes: &mut Vec<Change>) {
        let held = changes.extract_if(.., |change| self.options.holds(id, change));
        self.held.extend(held.map(|change| CameBack {
            id: id.clone(),
            change,
        }));
    }

    /// Makes a container's steps wait for its image, networks, volumes and dependencies.
    pub fn order_after_needs(&mut self, wanted: &desired::Container) {
        let main = StepId::new(Kind::Container, &wanted.name);
        self.draft
            .order_chain(&StepId::new(Kind::Image, &wanted.image), &main);
        for network in networks_of(wanted) {
            self.draft
                .order_chain(&StepId::new(Kind::Network, &network), &main);
        }
        for volume in volumes_of(wanted) {
            self.draft
                .order_chain(&StepId::new(Kind::Volume, &volume), &main);
        }
        for name in containers_of(self.desired, wanted) {
            order_after(&mut self.draft, &wanted.name, &name);
        }
        let optional = wanted
            .depends_on
            .iter()
            .filter(|dependency| !dependency.required)
            .filter_map(|dependency| self.desired.containers.get(&dependency.key));
        for other in optional {
            self.draft
                .disregard(&StepId::new(Kind::Container, &other.name), &main);
        }
    }

    /// Containers of the project that the file does not want: the dependents first, as they were started last.
    fn removals(&mut self) {
        let project = self.desired.project.as_str();
        let mut removed: BTreeMap<String, (StepId, Vec<String>)> = BTreeMap::new();
        for found in &self.live.containers {
            let Some(key) = found.key_in(project) else {
                self.left_aside(found);
                continue;
            };
            let absent = match self.desired.containers.get(key) {
                None => true,
                Some(wanted) => wanted.state == State::Absent,
            };
            if !absent {
                self.remove_double(found, key);
                continue;
            }
            if self.succeeded(found) {
                continue;
            }
            let reason = match self.desired.containers.get(key) {
                Some(_) => "is wanted absent".to_owned(),
                None => format!("is not in {} any more", self.desired.file),
            };
            let depends_on = found
                .applied
                .as_ref()
                .and_then(|applied| applied.get("depends_on"))
                .and_then(serde_json::Value::as_object);
            let mut depends_on: Vec<String> = depends_on
                .map(|map| map.keys().cloned().collect())
                .unwrap_or_default();
            // Podman removes nothing whose namespace another container uses.
            depends_on.extend(self.shares_with(found));
            let step = self.remove(found, reason);
            // A wanted container of the same name has a step of the same name: this one becomes a part of it.
            let shared = self
                .desired
                .containers
                .values()
                .any(|wanted| wanted.name == found.name && wanted.state != State::Absent);
            let step = if shared { step.part(REMOVAL) } else { step };
            let id = self.draft.add(step);
            for volume in self.emptied.iter().filter(|volume| found.mounts(volume)) {
                self.draft.order(&id, &StepId::new(Kind::Volume, volume));
            }
            removed.insert(key.to_owned(), (id, depends_on));
        }
        let edges: Vec<(StepId, StepId)> = removed
            .values()
            .flat_map(|(id, needs)| {
                needs
                    .iter()
                    .filter_map(|need| Some((id.clone(), removed.get(need)?.0.clone())))
                    .collect::<Vec<_>>()
            })
            .collect();
        for (dependent, dependency) in edges {
            self.draft.order(&dependent, &dependency);
        }
    }

    /// The keys of the containers whose namespaces or volumes a container uses.
    fn shares_with(&self, found: &live::Container) -> Vec<String> {
        let modes = desired::Container::SHARED.iter();
        let modes = modes.filter_map(|name| {
            let mode = found.settings.text(name)?;
            mode.strip_prefix("container:")
        });
        let volumes = found.settings.get("volumes_from");
        let volumes = volumes.and_then(serde_json::Value::as_array);
        let volumes = volumes.into_iter().flatten().filter_map(|from| {
            let from = from.as_str()?;
            let from = from.strip_prefix("container:").unwrap_or(from);
            from.split(':').next()
        });
        modes
            .chain(volumes)
            .filter_map(|name| {
                let used = self.live.containers.iter();
                let used = used
                    .filter(|used| used.name == name || used.id == name)
                    .find(|used| used.id != found.id)?;
                Some(used.key_in(&self.desired.project)?.to_owned())
            })
            .collect()
    }

    /// Whether a container that no key of the file means any more is replaced by one of another key under its name.
    fn succeeded(&self, found: &live::Container) -> bool {
        let own = found.key_in(&self.desired.project);
        key_of(found, self.desired) != own
            || self.desired.containers.values().any(|wanted| {
                wanted.state != State::Absent
                    && self.instances(&wanted.key).is_empty()
                    && self
                        .rekeyed(wanted)
                        .is_some_and(|other| other.id == found.id)
            })
    }

    /// A second container with the key and the part of another one: made by hand from our labels, or an engine's ghost.
    fn remove_double(&mut self, found: &'a live::Container, key: &str) {
        let instances = self.instances(key);
        if instances.iter().any(|other| other.id == found.id) {
            return;
        }
        let first = instances
            .iter()
            .find(|other| other.role == found.role)
            .map(|other| other.name.clone())
            .unwrap_or_default();
        self.draft.warn(
            "double",
            &found.name,
            format!("it carries the labels of {key}, as {first} does"),
            "it is left alone; remove one of the two by hand",
            None,
        );
    }

    /// Where a container gets a name that another one of ours has now, that one's step comes first.
    fn names_change_hands(&mut self) {
        let mut edges = Vec::new();
        for wanted in self.desired.containers.values() {
            let Some(holder) = self.named(&wanted.name) else {
                continue;
            };
            let Some(key) = holder
                .key_in(&self.desired.project)
                .filter(|key| *key != wanted.key)
            else {
                continue;
            };
            let first = match self
                .desired
                .containers
                .get(key)
                .filter(|other| other.state != State::Absent)
            {
                Some(other) => StepId::new(Kind::Container, &other.name),
                None => StepId::new(Kind::Container, &holder.name).part(REMOVAL),
            };
            edges.push((first, StepId::new(Kind::Container, &wanted.name)));
        }
        for name in self.in_circles(&edges).into_iter().flatten() {
            let wanted = self.wanted_named(&name);
            self.draft.error(
                "name-exchange",
                &name,
                "containers exchange their names, which cannot be done one after the other",
                "rename one of them to a third name first",
                wanted.and_then(|wanted| wanted.location.as_ref()),
            );
            self.draft.drop_chain(&StepId::new(Kind::Container, &name));
        }
        self.hand_over(edges);
    }

    /// The container that is to have a name.
    pub fn wanted_named(&self, name: &str) -> Option<&'a desired::Container> {
        let mut wanted = self.desired.containers.values();
        wanted.find(|wanted| wanted.name == name && wanted.state != State::Absent)
    }

    fn finish(self) -> Plan {
        let project = self.desired.project.as_str();
        let wanted = self
            .desired
            .containers
            .values()
            .filter(|container| container.state != State::Absent)
            .count();
        let owned = self
            .live
            .containers
            .iter()
            .filter(|container| container.key_in(project).is_some())
            .count();
        let mut problems = self.draft.problems.clone();
        problems.sort_by(|left, right| {
            (left.weight, &left.place, &left.name).cmp(&(right.weight, &right.place, &right.name))
        });
        Plan {
            project: project.to_owned(),
            problems,
            held: self.held,
            wanted,
            owned,
            secrets: self.desired.secrets.clone(),
            steps: self.draft.ordered(),
        }
    }
}

/// The key that a container stands for: the one in its own labels, or that of the one that takes its place.
pub fn key_of<'a>(container: &'a live::Container, desired: &Desired) -> Option<&'a str> {
    let own = container.key_in(&desired.project);
    if own.is_some_and(|key| desired.wants(key)) {
        return own;
    }
    let successor = container.successor.as_ref();
    let successor = successor.filter(|successor| {
        successor.owner.project == desired.project
            && desired.wants(&successor.owner.key)
            && (own.is_some() || container.owner.is_none())
    });
    successor.map_or(own, |successor| Some(successor.owner.key.as_str()))
}

/// The networks that a container joins.
pub fn networks_of(wanted: &desired::Container) -> Vec<String> {
    wanted
        .settings
        .get("networks")
        .and_then(serde_json::Value::as_object)
        .map(|map| map.keys().cloned().collect())
        .unwrap_or_default()
}

/// The named volumes that a container mounts.
pub fn volumes_of(wanted: &desired::Container) -> Vec<String> {
    let items = wanted
        .settings
        .get("volumes")
        .and_then(serde_json::Value::as_array);
    items
        .into_iter()
        .flatten()
        .filter(|item| item.get("type").and_then(serde_json::Value::as_str) == Some("volume"))
        .filter_map(|item| {
            item.get("source")
                .and_then(serde_json::Value::as_str)
                .map(str::to_owned)
        })
        .collect()
}

/// The names of the containers that must come first: dependencies, and those whose namespaces or volumes are shared.
pub fn containers_of(desired: &Desired, wanted: &desired::Container) -> BTreeSet<String> {
    let by_key = wanted
        .depends_on
        .iter()
        .filter_map(|dependency| Some(desired.containers.get(&dependency.key)?.name.clone()));
    let shared = wanted.shares().map(str::to_owned);
    let from = wanted
        .settings
        .get("volumes_from")
        .and_then(serde_json::Value::as_array);
    let from = from
        .into_iter()
        .flatten()
        .filter_map(serde_json::Value::as_str)
        .map(|text| text.split(':').next().unwrap_or(text).to_owned());
    by_key.chain(shared).chain(from).collect()
}

/// The keys of all containers, each after those that it needs. A cycle, which a checked file does not have, is cut.
fn in_dependency_order(desired: &Desired) -> Vec<String> {
    let by_name: BTreeMap<&str, &str> = desired
        .containers
        .values()
        .map(|container| (container.name.as_str(), container.key.as_str()))
        .collect();
    let mut seen: BTreeSet<&str> = BTreeSet::new();
    let mut order = Vec::with_capacity(desired.containers.len());
    for key in desired.containers.keys() {
        // Depth first without recursion: a chain of ten thousand dependencies must not overflow the stack.
        let mut stack = vec![(key.as_str(), false)];
        while let Some((key, entered)) = stack.pop() {
            if entered {
                order.push(key.to_owned());
                continue;
            }
            if !seen.insert(key) {
                continue;
            }
            stack.push((key, true));
            let Some(wanted) = desired.containers.get(key) else {
                continue;
            };
            for name in containers_of(desired, wanted) {
                if let Some(other) = by_name
                    .get(name.as_str())
                    .filter(|other| !seen.contains(*other))
                {
                    stack.push((other, false));
                }
            }
        }
    }
    order
}
