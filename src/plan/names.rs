//! What stands under a wanted name: something of ours whose key changed, something that may be taken over, or a conflict.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{
    After, Call, Cause, Change, Kind, Step, StepId, Work,
    in_place::{self, StateChange, is_hooked},
    planner::Planner,
    rows::Instances,
};
use crate::{
    desired, live,
    model::{Path, Way},
};

impl<'a> Planner<'a> {
    /// Whether something else stands under the wanted name; says so in the plan, or waits for its end.
    pub fn name_is_taken(
        &mut self,
        wanted: &desired::Container,
        instances: &Instances<'_>,
    ) -> bool {
        let own: BTreeSet<&str> = instances
            .iter()
            .map(|container| container.id.as_str())
            .collect();
        let Some(holder) = self
            .named(&wanted.name)
            .filter(|holder| !own.contains(holder.id.as_str()))
        else {
            return false;
        };
        if let Some(key) = holder.key_in(&self.desired.project) {
            // One of ours that is removed or renamed by this plan makes room; the order is made when all steps are known.
            if key != wanted.key
                && self
                    .desired
                    .containers
                    .get(key)
                    .is_none_or(|other| other.name != wanted.name)
            {
                return false;
            }
        }
        // Where there is one of ours already, it cannot be taken over as well.
        if instances.is_empty() && self.may_adopt(wanted, holder) {
            return false;
        }
        let whose = match &holder.owner {
            Some(owner) => format!("belongs to the project {}", owner.project),
            None => "is not Evenkeel's".to_owned(),
        };
        let differences = differs_in(&self.differences(wanted, holder));
        self.draft.error(
            "name-taken",
            &wanted.name,
            format!("a container of this name exists and {whose}; it {differences}"),
            if instances.is_empty() {
                "remove or rename it, give this one another container_name, or take it over with --adopt"
            } else {
                "remove or rename it, or give this one another container_name"
            },
            wanted.location.as_ref(),
        );
        true
    }

    /// Whether something that is not this container's stands under a name that it needs for a while; says so in the plan.
    pub fn name_aside_is_taken(
        &mut self,
        wanted: &desired::Container,
        instances: &Instances<'_>,
        chain: &[Step],
    ) -> bool {
        let steps = chain.iter();
        let needed: BTreeSet<String> = steps
            .flat_map(|step| names_aside(&step.work, &wanted.name))
            .collect();
        if needed.is_empty() {
            return false;
        }
        let project = Some(self.desired.project.as_str());
        let holders = self.live.others.iter().filter(|other| {
            other.project.as_deref() != project && !instances.iter().any(|own| own.id == other.id)
        });
        let mut names = holders.filter_map(|other| other.names.first());
        let Some(name) = names.find(|name| needed.contains(*name)) else {
            return false;
        };
        self.draft.error(
            "name-taken",
            &wanted.name,
            format!("a container is called {name}, which this one needs while it is changed"),
            format!("remove or rename it: docker rename {name} ANOTHER"),
            wanted.location.as_ref(),
        );
        true
    }

    /// Where two containers of ours need one name for a while, one goes after the other: first the one that has it already.
    pub fn names_aside_meet(&mut self) {
        let mut needed: BTreeMap<String, BTreeSet<(bool, StepId)>> = BTreeMap::new();
        for step in self.draft.steps() {
            for name in names_aside(&step.work, step.id.name()) {
                needed
                    .entry(name)
                    .or_default()
                    .insert((true, step.id.main()));
            }
        }
        for found in &self.live.containers {
            let wanted = self.wanted_of(found);
            if let Some((wanted, needed)) = wanted.zip(needed.get_mut(&found.name)) {
                let id = StepId::new(Kind::Container, &wanted.name);
                needed.insert((false, id));
            }
        }
        for steps in needed.into_values() {
            let mut steps: Vec<StepId> = steps.into_iter().map(|(_, id)| id).collect();
            steps.dedup();
            for pair in steps.windows(2) {
                let (first, then) = if self.draft.waits_for(&pair[0], &pair[1]) {
                    (&pair[1], &pair[0])
                } else {
                    (&pair[0], &pair[1])
                };
                self.draft.order_chain(first, then);
            }
        }
    }

    /// Whether something under the wanted name that nobody owns may be taken over: because it was said so, or because it
    /// is just as the file wants it, so that there is nothing to take over but the name.
    pub fn may_adopt(&self, wanted: &desired::Container, holder: &live::Container) -> bool {
        let allowed = self.options.adopt || wanted.adopt;
        holder.owner.is_none() && (allowed || self.differences(wanted, holder).is_empty())
    }

    /// Says of one that nobody owns, and that counts as ours because it matches, what does not hold for it.
    pub fn used_as_it_is(&mut self, wanted: &desired::Container, found: &live::Container) {
        let unhooked = is_hooked(wanted);
        // Where it may be replaced it is like any other, but that nobody ran anything in it.
        if found.owner.is_some() || wanted.adopt && !unhooked {
            return;
        }
        let mut text = foreign("container", None);
        if unhooked {
            text.push_str(", and its post_start was not run");
        }
        let hint = if wanted.adopt {
            "run it by hand, or remove the container, so that it is made anew"
        } else {
            "say adopt: true to let it be replaced when the file changes, which needs --adopt otherwise, or give this one another container_name"
        };
        let place = wanted.location.as_ref();
        self.draft
            .warn("container-foreign", &wanted.name, text, hint, place);
    }

    /// Everything in which a container that is not ours differs from what the file wants.
    fn differences(&self, wanted: &desired::Container, holder: &live::Container) -> Vec<Change> {
        let mut changes = self.judged(wanted, holder);
        let state = in_place::state_change(wanted.state, holder);
        if !matches!(state, StateChange::None | StateChange::Waits) {
            changes.push(in_place::state_field(wanted, holder, Way::Update));
        }
        changes
    }

    /// Whether a container may be changed by this plan: one of the project, or one that is taken over.
    pub fn is_ours_to_change(&self, container: &live::Container) -> bool {
        container.key_in(&self.desired.project).is_some()
            || self
                .wanted_named(&container.name)
                .is_some_and(|wanted| self.may_adopt(wanted, container))
    }

    /// What the file says of a container that is there and ours to change.
    pub fn wanted_of(&self, container: &live::Container) -> Option<&'a desired::Container> {
        let key = container.key_in(&self.desired.project);
        // A key that was changed in the file is known by the name.
        key.and_then(|key| self.desired.containers.get(key))
            .or_else(|| self.wanted_named(&container.name))
    }

    /// The names of the containers that use something and are not among these, which are ours to change. The list is older
    /// than the answers for each: one of ours that is not among these by now has left it in between.
    pub fn strangers(
        &self,
        ours: &[&live::Container],
        uses: impl Fn(&live::Other) -> bool,
    ) -> Vec<&'a str> {
        let by_now = self.live.containers.iter();
        let by_now: Vec<&live::Container> =
            by_now.filter(|one| self.is_ours_to_change(one)).collect();
        let mut names: Vec<&str> = self
            .live
            .others
            .iter()
            .filter(|other| uses(other) && ours.iter().all(|one| one.id != other.id))
            .filter(|other| !by_now.iter().any(|one| one.id == other.id))
            .map(|other| {
                other
                    .names
                    .first()
                    .map_or(other.id.as_str(), String::as_str)
            })
            .collect();
        names.sort_unstable();
        names
    }

    /// A container of ours under the wanted name whose key the file does not have any more: its key was changed in the
    /// file. It is replaced like any other, and so not removed before its successor runs.
    pub fn rekeyed(&self, wanted: &desired::Container) -> Option<&'a live::Container> {
        self.named(&wanted.name).filter(|container| {
            container.role == live::Role::Main
                && container
                    .key_in(&self.desired.project)
                    .is_some_and(|key| key != wanted.key && !self.desired.wants(key))
        })
    }

    /// A container carries its key as a label, which cannot change while it lives.
    pub fn key_change(
        &self,
        wanted: &desired::Container,
        found: &live::Container,
    ) -> Option<Change> {
        let key = found.key_in(&self.desired.project)?;
        (key != wanted.key).then(|| Change {
            path: Path::new("key"),
            before: Some(Value::String(key.to_owned())),
            after: After::Value(Value::String(wanted.key.clone())),
            cause: Cause::File,
            way: Way::Recreate,
            sensitive: false,
        })
    }

    /// Something of nobody's that was set aside for one of ours that the file does not want any more.
    pub fn left_aside(&mut self, found: &live::Container) {
        let Some(successor) = &found.successor else {
            return;
        };
        let key = &successor.owner.key;
        if found.role == live::Role::Prev
            && successor.owner.project == self.desired.project
            && !self.desired.wants(key)
        {
            self.draft.warn(
                "set-aside",
                &found.name,
                format!("it was set aside for {key}, which was not done taking its place"),
                "it is left alone; rename it back and start it, or remove it, by hand",
                None,
            );
        }
    }

    pub fn adoptable(&self, wanted: &desired::Container) -> Option<&'a live::Container> {
        self.named(&wanted.name)
            .filter(|container| self.may_adopt(wanted, container))
    }
}

/// The names beside its own that a container has, or gives to the old one, while a work is done.
fn names_aside(work: &Work, name: &str) -> Vec<String> {
    match work {
        Work::Create(creation) if creation.begins_aside() => vec![live::next(name)],
        Work::Replace(replacement) => vec![live::next(name), replacement.old.aside.clone()],
        Work::Calls { calls, .. } => calls
            .iter()
            .filter_map(|call| match call {
                Call::Rename(to) if to != name => Some(to.clone()),
                _ => None,
            })
            .collect(),
        _ => Vec::new(),
    }
}

/// What is said of something under a wanted name that matches and is not the project's.
#[must_use]
pub fn foreign(kind: &str, owner: Option<&str>) -> String {
    let whose = owner.map_or_else(
        || "was not made by Evenkeel".to_owned(),
        |project| format!("belongs to the project {project}"),
    );
    format!("a {kind} of this name exists and {whose}; it is used as it is")
}

/// The containers that go along with something that is made anew, as a reason of its step; `None` if there are none.
#[must_use]
pub fn takes_along(containers: &[&live::Container]) -> Option<String> {
    let mut names: Vec<&str> = containers.iter().map(|one| one.name.as_str()).collect();
    names.sort_unstable();
    (!names.is_empty()).then(|| format!("takes along {}", names.join(", ")))
}

/// In what a thing differs that is there, as the end of a sentence.
#[must_use]
pub fn differs_in(changes: &[Change]) -> String {
    if changes.is_empty() {
        return "is just as the file wants it".to_owned();
    }
    // Ten paths tell what kind of thing it is; more would not fit a sentence.
    let paths: Vec<String> = changes
        .iter()
        .take(10)
        .map(|change| change.path.to_string())
        .collect();
    let more = changes.len().saturating_sub(paths.len());
    let rest = if more > 0 {
        format!(" and {more} more")
    } else {
        String::new()
    };
    format!("differs in {}{rest}", paths.join(", "))
}
