//! The breaker: what comes straight back after it was applied.
//!
//! After an apply that succeeded there is nothing left to do. Where a look right after it shows the same difference again,
//! applying it once more would lead to the same: the engine does not take the value, or the comparison misreads it. Either is
//! a fault to report, and no reason to change a container for ever.
//!
//! | the step that was done | a difference of the same thing is a fault |
//! |---|---|
//! | changed it | if the path and both values are those of the step: somebody else would have set another one |
//! | made it, or made it anew | always: it was made as the file says a moment ago |
//!
//! Not meant is what no value says: an image whose tag moved on meanwhile, and what is made anew with something else. What
//! is restarted with something else and has to be once more right after it counts as a process that ended by itself.

use std::collections::BTreeSet;

use super::{After, Cause, Change, Plan, Step, StepId, Work};
use crate::model::Way;

/// A difference that is known again: the main step of its thing, and its path.
pub type Difference = (StepId, String);

/// A difference that was there right after it was applied.
#[derive(Debug, Clone, PartialEq)]
pub struct CameBack {
    /// The main step of the thing that differs.
    pub id: StepId,
    /// The difference, as it is after the apply.
    pub change: Change,
}

impl CameBack {
    /// What it is known by.
    #[must_use]
    pub fn difference(&self) -> Difference {
        (self.id.clone(), self.change.path.to_string())
    }

    /// Whether it is about what a process is doing, which is no value: a process may end at any time by itself.
    #[must_use]
    pub fn is_doing(&self) -> bool {
        self.change.path.attribute() == "state" || self.change.way == Way::Restart
    }
}

/// What came straight back: `plan` was applied, `done` are the main steps of what was done of it, and `again` is what a look
/// right after it leads to.
#[must_use]
pub fn came_back(plan: &Plan, done: &BTreeSet<StepId>, again: &Plan) -> Vec<CameBack> {
    again
        .steps
        .iter()
        .filter(|step| done.contains(&step.id.main()))
        .flat_map(|step| {
            let id = step.id.main();
            let told: Vec<&Step> = plan
                .steps
                .iter()
                .filter(|told| told.id.main() == id)
                .collect();
            let made = told.iter().any(|told| makes(&told.work));
            step.changes
                .iter()
                .filter(move |change| match change.cause {
                    Cause::Dependency if change.way != Way::Restart => false,
                    Cause::Dependency | Cause::Image => told.iter().any(|told| says(told, change)),
                    Cause::File | Cause::Drift | Cause::Removed | Cause::Adopt => {
                        made || told.iter().any(|told| says(told, change))
                    }
                })
                .map(move |change| CameBack {
                    id: id.clone(),
                    change: change.clone(),
                })
        })
        .collect()
}

/// Whether a step was to end this very difference.
fn says(step: &Step, change: &Change) -> bool {
    step.changes.iter().any(|told| {
        told.path == change.path
            && told.before == change.before
            && told.after == change.after
            // What is built or pulled again may be the same, and nobody knows before.
            && told.after != After::KnownAfterPull
    })
}

/// Whether a step makes its thing, so that all of it is as the file says.
fn makes(work: &Work) -> bool {
    match work {
        Work::Create(_)
        | Work::Replace(_)
        | Work::CreateNetwork { .. }
        | Work::RemakeNetwork { .. }
        | Work::CreateVolume { .. }
        | Work::RemakeVolume { .. } => true,
        Work::Pull { .. }
        | Work::Build(_)
        | Work::RemoveNetwork { .. }
        | Work::RemoveVolume
        | Work::RemoveImage
        | Work::Resume(_)
        | Work::Restore(_)
        | Work::Calls { .. }
        | Work::Remove { .. } => false,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::{Value, json};

    use super::{super::draft::step, came_back};
    use crate::{
        model::{Path, Way},
        plan::{Action, After, Cause, Change, Kind, Plan, Step, StepId, Work},
    };

    fn change(path: &str, before: Value, after: Value, cause: Cause) -> Change {
        Change {
            path: Path::new(path),
            before: Some(before),
            after: After::Value(after),
            cause,
            way: Way::Update,
            sensitive: false,
        }
    }

    fn memory(before: u64) -> Change {
        change("memory", json!(before), json!(64), Cause::Drift)
    }

    fn network(work: Work, changes: Vec<Change>) -> Step {
        step(Action::Update, Kind::Network, "net", "", work).with_changes(changes)
    }

    fn in_place(changes: Vec<Change>) -> Step {
        network(Work::RemoveNetwork { id: "1".into() }, changes)
    }

    fn made(changes: Vec<Change>) -> Step {
        network(Work::CreateNetwork { body: json!({}) }, changes)
    }

    /// The paths that came back.
    fn back(told: Step, again: Vec<Change>) -> Vec<String> {
        let plan = |step| Plan {
            steps: vec![step],
            ..Plan::default()
        };
        let done = BTreeSet::from([StepId::new(Kind::Network, "net")]);
        let (told, again) = (plan(told), plan(in_place(again)));
        assert!(came_back(&told, &BTreeSet::new(), &again).is_empty());
        came_back(&told, &done, &again)
            .iter()
            .map(|back| back.change.path.to_string())
            .collect()
    }

    #[test]
    fn the_same_values_on_the_same_path_came_back_and_others_did_not() {
        assert_eq!(
            back(in_place(vec![memory(128)]), vec![memory(128)]),
            ["memory"]
        );
        let nothing: [&str; 0] = [];
        // Somebody set another value meanwhile.
        assert_eq!(
            back(in_place(vec![memory(128)]), vec![memory(256)]),
            nothing
        );
        let other = change("cpus", json!(1), json!(2), Cause::Drift);
        assert_eq!(back(in_place(vec![memory(128)]), vec![other]), nothing);
    }

    #[test]
    fn what_was_just_made_differs_in_nothing() {
        assert_eq!(back(made(Vec::new()), vec![memory(128)]), ["memory"]);
        assert_eq!(back(made(vec![memory(128)]), vec![memory(256)]), ["memory"]);
    }

    #[test]
    fn a_tag_may_move_on_but_not_between_the_same_two_images() {
        let image = |before: &str| change("image", json!(before), json!("app (2)"), Cause::Image);
        let nothing: [&str; 0] = [];
        assert_eq!(back(made(Vec::new()), vec![image("app (1)")]), nothing);
        assert_eq!(
            back(made(vec![image("app (1)")]), vec![image("app (1)")]),
            ["image"]
        );
        let mut built = image("app (1)");
        built.after = After::KnownAfterPull;
        assert_eq!(back(made(vec![built.clone()]), vec![built]), nothing);
        let again = change(
            "pid",
            json!("container:a"),
            json!("container:a"),
            Cause::Dependency,
        );
        assert_eq!(back(made(vec![again.clone()]), vec![again]), nothing);
    }
}
