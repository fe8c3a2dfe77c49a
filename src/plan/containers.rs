//! The steps of one container.

use serde_json::Value;

use super::{
    Action, After, Call, Cause, Change, Hooks, Kind, Replacement, Step, StepId, Work,
    creation::{Making, creation, start_gate, waits},
    difference,
    draft::{Draft, step},
    in_place::{self, StateChange, is_hooked, start, takes_name},
    old::{grace, restart_policy, was_meant_to_run},
    planner::Planner,
    replacements::{rejoin, take_name, why_left},
    rows::{Instances, Row},
};
use crate::{
    desired,
    live::{self, Image},
    model::{Path, State, Way},
};

impl<'a> Planner<'a> {
    /// Plans one container that the file wants to exist.
    pub fn container(&mut self, wanted: &desired::Container) {
        let instances = self.instances(&wanted.key);
        let mut chain = Vec::new();
        let has_name = |main: &live::Container| main.name == wanted.name;
        if !instances.main.is_some_and(has_name) && self.name_is_taken(wanted, &instances) {
            return;
        }
        let adopted = if instances.is_empty() {
            self.rekeyed(wanted).or_else(|| self.adoptable(wanted))
        } else {
            None
        };
        let instances = Instances {
            main: instances.main.or(adopted),
            ..instances
        };
        if self.stands_on_emptied(&instances) {
            self.around_volume(wanted, &instances);
            return;
        }
        let (row, discard) = instances.row(|container| self.is_as_wanted(wanted, container));
        // It may be the last one that has what an old one wrote into its anonymous volumes.
        let left_over = discard.first().copied();
        for left in discard {
            let part = if left.role == live::Role::Prev {
                "remove-prev"
            } else {
                "remove-next"
            };
            let step = self.remove(left, why_left(left));
            chain.push(step.of(Kind::Container, &wanted.name).part(part));
        }
        match row {
            Row::Create => {
                let work = Work::Create(creation(&self.making(wanted, left_over)));
                chain.push(step(
                    Action::Create,
                    Kind::Container,
                    &wanted.name,
                    "does not exist",
                    work,
                ));
                self.makes_anew(wanted);
            }
            Row::Compare(found) => {
                let step = self.compared(wanted, found, found);
                // What comes back if the new one does not come up has to be able to.
                if matches!(&step, Some(step) if matches!(step.work, Work::Replace(_))) {
                    chain.extend(rejoin(wanted, found, "rejoin"));
                }
                chain.extend(step);
                if chain.is_empty() {
                    self.used_as_it_is(wanted, found);
                }
            }
            Row::TakeName(found) => {
                let mut step = self.compared(wanted, found, found);
                if let Some(Step {
                    work: Work::Replace(replacement),
                    ..
                }) = &mut step
                {
                    replacement.old.name.clone_from(&wanted.name);
                    let hooks = self.hooks_of(found);
                    chain.push(take_name(wanted, found, hooks));
                }
                chain.extend(step);
            }
            Row::Finish { new, old, rename } => {
                chain.extend(rejoin(wanted, old, "rejoin-prev"));
                chain.extend(rejoin(wanted, new, "rejoin"));
                chain.push(self.finish_replacement(wanted, new, old, rename));
                self.makes_anew(wanted);
            }
            Row::PutBack { old, discard } => {
                chain.extend(rejoin(wanted, old, "rejoin-prev"));
                chain.push(self.put_back(wanted, old, discard));
                let mut back = old.clone();
                back.name.clone_from(&wanted.name);
                if old.is_up() || was_meant_to_run(old) {
                    back.state = live::RunState::Running;
                    self.starts(wanted);
                }
                let restart = restart_policy(old);
                if let Value::Object(map) = &mut back.inspect
                    && let Some(Value::Object(host)) = map.get_mut("HostConfig")
                {
                    host.insert("RestartPolicy".into(), restart);
                }
                if let Some(restart) = wanted.settings.get("restart") {
                    back.settings.set("restart", restart.clone());
                } else {
                    back.settings.remove("restart");
                }
                chain.extend(self.compared(wanted, &back, old));
            }
        }
        if !self.name_aside_is_taken(wanted, &instances, &chain) {
            self.add_chain(wanted, chain);
        }
    }

    /// Puts a container's steps into the plan, one after the other, after everything that they need.
    pub fn add_chain(&mut self, wanted: &desired::Container, chain: Vec<Step>) {
        let mut previous: Option<StepId> = None;
        for step in chain {
            let id = self.draft.add(step);
            if let Some(previous) = previous.replace(id.clone()) {
                self.draft.order(&previous, &id);
            }
        }
        self.order_after_needs(wanted);
    }

    /// The steps for a container that is there. `named` is the one as it stands on the engine now.
    fn compared(
        &mut self,
        wanted: &desired::Container,
        found: &live::Container,
        named: &live::Container,
    ) -> Option<Step> {
        let mut changes = self.judged(wanted, found);
        let takes_name = takes_name(wanted, found);
        // That it has not got its name yet is no difference: its hooks have yet to run.
        let renamed = in_place::name_change(wanted, found);
        changes.extend(renamed.filter(|change| !takes_name || change.cause == Cause::File));
        let state = in_place::state_change(wanted.state, found);
        if !matches!(state, StateChange::None | StateChange::Waits) {
            let way = if state == StateChange::Recreate {
                Way::Recreate
            } else {
                Way::Update
            };
            changes.push(in_place::state_field(wanted, found, way));
        }
        self.note_times(wanted, found);
        changes.extend(self.restarts(wanted, found));
        self.hold(&StepId::new(Kind::Container, &wanted.name), &mut changes);
        let way = difference::way(&changes);
        if way == Some(Way::Recreate) {
            return Some(self.replace(wanted, found, named, changes));
        }
        let waits_for_it = state == StateChange::Waits;
        if changes.is_empty() && !waits_for_it && !takes_name {
            return None;
        }
        let only_state = !changes.is_empty()
            && changes
                .iter()
                .all(|change| change.path.attribute() == "state");
        let calls = self.calls(wanted, found, &changes, &state);
        if calls.contains(&Call::Start) {
            self.starts(wanted);
        }
        let action = match &state {
            StateChange::Calls(calls)
                if only_state
                    && calls
                        .iter()
                        .any(|call| matches!(call, Call::Start | Call::Unpause))
                    && wanted.state != State::Stopped =>
            {
                Action::Start
            }
            StateChange::Calls(_) if only_state => Action::Stop,
            StateChange::Calls(_)
            | StateChange::None
            | StateChange::Waits
            | StateChange::Recreate => Action::Update,
        };
        let interrupts = found.is_up()
            && calls
                .iter()
                .any(|call| matches!(call, Call::Stop | Call::Pause | Call::Disconnect { .. }));
        let restarts =
            !changes.is_empty() && changes.iter().all(|change| change.way == Way::Restart);
        let reason = if takes_name && calls.contains(&Call::PostStart) {
            "its post_start has not run yet"
        } else if takes_name {
            "has not got its name yet"
        } else if waits_for_it {
            "has not done its work yet, and is waited for"
        } else if restarts {
            "is restarted, because what it needs is another one now or was started again"
        } else {
            ""
        };
        let work = Work::Calls {
            id: named.id.clone(),
            calls,
            waits: waits(self.desired, self.live, wanted),
            gate: start_gate(wanted),
            grace: grace(found),
            hooks: Hooks::of(&wanted.settings),
        };
        Some(
            step(action, Kind::Container, &wanted.name, reason, work)
                .with_changes(changes)
                .interrupting(interrupts),
        )
    }

    /// Everything in which a container that is there differs, all but its name and its state; what the file leaves to
    /// others is left out.
    #[must_use]
    pub fn judged(&self, wanted: &desired::Container, found: &live::Container) -> Vec<Change> {
        let mut changes: Vec<Change> = self.image_change(wanted, found).into_iter().collect();
        changes.extend(difference::container(
            wanted,
            found,
            self.known_image(wanted),
            self.engine(),
            &self.desired.project,
        ));
        let known = &self.desired.networks;
        changes.extend(in_place::network_changes(wanted, found, known));
        changes.extend(self.namespace_changes(wanted));
        changes.extend(self.key_change(wanted, found));
        changes.retain(|change| !wanted.ignores(&change.path.to_string()));
        changes
    }

    fn calls(
        &self,
        wanted: &desired::Container,
        found: &live::Container,
        changes: &[Change],
        state: &StateChange,
    ) -> Vec<Call> {
        // One that is still called `.next` gets its name when its hooks have run, which is after its start.
        let takes_name = takes_name(wanted, found);
        let mut calls = Vec::new();
        let differs = |name: &str| changes.iter().any(|change| change.path.attribute() == name);
        if differs("container_name") && !takes_name {
            calls.push(Call::Rename(wanted.name.clone()));
        }
        let config = self.known_image(wanted).map(|image| &image.config);
        calls.extend(
            in_place::update_body(changes, &wanted.settings, config, self.engine())
                .map(Call::Update),
        );
        if changes.iter().any(|change| change.way == Way::Reconnect) {
            let known = &self.desired.networks;
            calls.extend(in_place::network_calls(wanted, found, known, changes));
        }
        let mut state = match state {
            StateChange::Calls(more) if differs("state") => more.clone(),
            StateChange::Waits => vec![Call::Await],
            StateChange::Calls(_) | StateChange::None | StateChange::Recreate => Vec::new(),
        };
        if changes.iter().any(|change| change.way == Way::Restart) {
            state.extend([Call::Stop, Call::Start]);
        }
        if takes_name && !state.contains(&Call::Start) {
            // What is frozen runs nothing.
            if state.first() == Some(&Call::Unpause) {
                calls.push(state.remove(0));
            }
            if found.is_up()
                && (found.state != live::RunState::Paused || calls.contains(&Call::Unpause))
            {
                calls.push(Call::PostStart);
            }
            calls.push(Call::Rename(wanted.name.clone()));
        }
        for call in state {
            match call {
                Call::Start => calls.extend(start(wanted, found, is_hooked(wanted))),
                call => calls.push(call),
            }
        }
        calls
    }

    fn replace(
        &mut self,
        wanted: &desired::Container,
        found: &live::Container,
        named: &live::Container,
        changes: Vec<Change>,
    ) -> Step {
        self.makes_anew(wanted);
        let work = Work::Replace(Replacement {
            old: self.old(wanted, found, &named.id, &found.name),
            creation: creation(&self.making(wanted, Some(found))),
            update: wanted.update,
            delay: 0,
        });
        step(Action::Recreate, Kind::Container, &wanted.name, "", work)
            .with_changes(changes)
            .interrupting(found.is_up())
    }

    /// A step that removes a container.
    #[must_use]
    pub fn remove(&self, found: &live::Container, reason: impl Into<String>) -> Step {
        let work = Work::Remove {
            id: found.id.clone(),
            running: found.is_up(),
            paused: found.state == live::RunState::Paused,
            grace: grace(found),
            hooks: self.hooks_of(found),
        };
        step(Action::Remove, Kind::Container, &found.name, reason, work).interrupting(found.is_up())
    }

    /// What a container is made from.
    pub fn making<'m>(
        &'m self,
        wanted: &'m desired::Container,
        old: Option<&'m live::Container>,
    ) -> Making<'m> {
        Making {
            desired: self.desired,
            live: self.live,
            wanted,
            old,
            image: self.known_image(wanted),
            engine: self.engine(),
        }
    }

    /// The image that a container is to be made from, if it is known before the plan is carried out.
    #[must_use]
    pub fn known_image(&self, wanted: &desired::Container) -> Option<&'a Image> {
        if self.fetched.contains(&wanted.image) {
            None
        } else {
            self.live.images.get(&wanted.image)
        }
    }

    /// The difference of the image: the same reference may stand for another image than before.
    pub fn image_change(
        &self,
        wanted: &desired::Container,
        found: &live::Container,
    ) -> Option<Change> {
        let known = self.known_image(wanted);
        if known.is_some_and(|image| image.id == found.image_id) {
            return None;
        }
        let same_text = found
            .applied
            .as_ref()
            .and_then(|applied| applied.settings.text("image"))
            == Some(wanted.image.as_str())
            || found.image_text == wanted.image;
        // Under `pull: never` and such a missing image is a problem of its own, and nothing to replace a container for.
        if known.is_none() && !self.fetched.contains(&wanted.image) && same_text {
            return None;
        }
        let short = |id: &str| {
            id.trim_start_matches("sha256:")
                .chars()
                .take(12)
                .collect::<String>()
        };
        let (before, after) = match (same_text, known) {
            (true, Some(image)) => (
                format!("{} ({})", found.image_text, short(&found.image_id)),
                After::Value(Value::String(format!(
                    "{} ({})",
                    wanted.image,
                    short(&image.id)
                ))),
            ),
            (true, None) => (
                format!("{} ({})", found.image_text, short(&found.image_id)),
                After::KnownAfterPull,
            ),
            (false, _) => (
                found.image_text.clone(),
                After::Value(Value::String(wanted.image.clone())),
            ),
        };
        Some(Change {
            path: Path::new("image"),
            before: Some(Value::String(before)),
            after,
            cause: match found.applied {
                None => Cause::Adopt,
                Some(_) if same_text => Cause::Image,
                Some(_) => Cause::File,
            },
            way: Way::Recreate,
            sensitive: false,
        })
    }

    /// Whether a container is what the file wants, all but what a replacement changes on the way.
    fn is_as_wanted(&self, wanted: &desired::Container, container: &live::Container) -> bool {
        let passing = ["restart", "state", "container_name"];
        let id = StepId::new(Kind::Container, &wanted.name);
        let image = self.known_image(wanted);
        let mut changes = difference::container(
            wanted,
            container,
            image,
            self.engine(),
            &self.desired.project,
        );
        changes.extend(self.image_change(wanted, container));
        changes.iter().all(|change| {
            passing.contains(&change.path.attribute()) || self.options.holds(&id, change)
        })
    }
}

/// Makes the steps of a container wait for another container's main step.
pub fn order_after(draft: &mut Draft, name: &str, other: &str) {
    draft.order_chain(
        &StepId::new(Kind::Container, other),
        &StepId::new(Kind::Container, name),
    );
}
