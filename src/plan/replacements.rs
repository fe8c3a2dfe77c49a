//! The steps of a replacement that was interrupted, and what each replacement has to know of the old container.

use super::{
    Action, Call, Hooks, Kind, Old, Restoration, Resumption, Step, Work,
    creation::{endpoints, replacement_gate, start_gate, waits},
    draft::step,
    old::{grace, restart_policy, was_meant_to_run},
    planner::Planner,
};
use crate::{
    desired,
    live::{self, Health, RunState},
    model::{FailureAction, SEALED, Settings, attributes},
};

impl Planner<'_> {
    /// An old container as a replacement needs to know it.
    pub fn old(
        &self,
        wanted: &desired::Container,
        found: &live::Container,
        id: &str,
        name: &str,
    ) -> Old {
        Old {
            id: id.to_owned(),
            name: name.to_owned(),
            // What does not say itself that it stands for this key and name is recognised by the new one's label.
            aside: live::prev(&wanted.name),
            up: found.is_up(),
            running: found.is_up() || was_meant_to_run(found),
            paused: found.state == live::RunState::Paused,
            grace: grace(found),
            restart: restart_policy(found),
            hooks: self.hooks_of(found),
        }
    }

    /// What is run in a container that is there: before its stop as the file says now, or as it said when the file lists it
    /// no more; after its start as the file said that it was made from, all but what of that only the file has.
    pub fn hooks_of(&self, found: &live::Container) -> Hooks {
        let wanted = found
            .key_in(&self.desired.project)
            .and_then(|key| self.desired.containers.get(key))
            .map(|wanted| &wanted.settings);
        let applied = found.applied.as_ref().map(|applied| &applied.settings);
        let legible = applied.filter(|applied| {
            let hooks = applied.get("post_start");
            hooks.is_none_or(|hooks| !hooks.to_string().contains(SEALED))
        });
        let of = |settings: Option<&Settings>| settings.map(Hooks::of).unwrap_or_default();
        Hooks {
            post_start: of(legible.or(wanted)).post_start,
            pre_stop: of(wanted.or(applied)).pre_stop,
        }
    }

    pub fn finish_replacement(
        &self,
        wanted: &desired::Container,
        new: &live::Container,
        old: &live::Container,
        rename: bool,
    ) -> Step {
        let image = self.known_image(wanted);
        let old = Old {
            name: wanted.name.clone(),
            ..self.old(wanted, old, &old.id, &old.name)
        };
        let work = Work::Resume(Resumption {
            old,
            new_id: new.id.clone(),
            rename_to: rename.then(|| wanted.name.clone()),
            state: wanted.state,
            running: new.is_up(),
            paused: new.state == live::RunState::Paused,
            waits: waits(self.desired, self.live, wanted),
            gate: replacement_gate(wanted, image),
            update: wanted.update,
            hooks: Hooks::of(&wanted.settings),
        });
        step(
            Action::Recreate,
            Kind::Container,
            &wanted.name,
            why_again(wanted, new),
            work,
        )
        .interrupting(!new.is_up())
    }

    pub fn put_back(
        &self,
        wanted: &desired::Container,
        old: &live::Container,
        discard: Option<&live::Container>,
    ) -> Step {
        let work = Work::Restore(Restoration {
            old: self.old(wanted, old, &old.id, &old.name),
            name: wanted.name.clone(),
            discard: discard
                .map(|container| container.id.clone())
                .into_iter()
                .collect(),
        });
        step(
            Action::Start,
            Kind::Container,
            &wanted.name,
            "a replacement was interrupted, and the old one is put back",
            work,
        )
        .part("put-back")
        .interrupting(discard.is_some_and(live::Container::is_up))
    }
}

/// Why a replacement is finished. How it comes that it stands halfway is written nowhere, but for what the new one says.
fn why_again(wanted: &desired::Container, new: &live::Container) -> &'static str {
    if came_down(new) {
        "the new one did not come up, and is tried again"
    } else if new.ran && wanted.update.failure_action == FailureAction::Pause {
        "the new one did not come up, or its replacement was interrupted: it is tried again"
    } else {
        "a replacement was interrupted, and is finished"
    }
}

/// Why something that a replacement left behind is removed.
pub fn why_left(left: &live::Container) -> &'static str {
    if left.role == live::Role::Next && came_down(left) {
        "was left by a replacement, and did not come up"
    } else {
        "was left by a replacement that was interrupted"
    }
}

/// Whether a new container was started, and is not up.
fn came_down(new: &live::Container) -> bool {
    let down = matches!(new.state, RunState::Exited | RunState::Restarting);
    new.ran && (down && new.exit_code != 0 || new.health == Some(Health::Unhealthy))
}

/// A step that takes a container off networks that are gone, and puts it on those that have their names now: no engine
/// starts it before that. `None` if there is no such network.
pub fn rejoin(
    wanted: &desired::Container,
    found: &live::Container,
    part: &'static str,
) -> Option<Step> {
    let gone: Vec<&String> = attributes::gone(found.settings.get("networks")?).collect();
    let endpoints = endpoints(&wanted.settings);
    let leave = gone.iter().map(|network| Call::Disconnect {
        network: (*network).clone(),
    });
    let join = gone.iter().filter_map(|network| {
        Some(Call::Connect {
            network: (*network).clone(),
            endpoint: endpoints.get(*network)?.clone(),
        })
    });
    let work = Work::Calls {
        id: found.id.clone(),
        calls: leave.chain(join).collect(),
        waits: Vec::new(),
        gate: start_gate(wanted),
        grace: grace(found),
        hooks: Hooks::default(),
    };
    let reason = "a network that it was on is gone";
    let step = step(Action::Update, Kind::Container, &wanted.name, reason, work);
    (!gone.is_empty()).then(|| step.part(part))
}

/// A step that gives a container its name before it is replaced: its successor is called `.next` for a while.
pub fn take_name(wanted: &desired::Container, found: &live::Container, hooks: Hooks) -> Step {
    let mut calls = vec![Call::Rename(wanted.name.clone())];
    // It may come back if its replacement fails, and its name says then that its hooks have run.
    if matches!(found.state, live::RunState::Running) && !hooks.post_start.is_empty() {
        calls.insert(0, Call::TryPostStart);
    }
    let work = Work::Calls {
        id: found.id.clone(),
        calls,
        waits: Vec::new(),
        gate: start_gate(wanted),
        grace: grace(found),
        hooks,
    };
    let reason = "has not got its name yet";
    step(Action::Update, Kind::Container, &wanted.name, reason, work).part("take-name")
}
