//! A plan while it is made: steps and problems by name, ordered in the end.

use std::collections::{BTreeMap, BTreeSet};

use super::{Action, Change, Foreseen, Kind, Step, StepId, Weight, Work};

/// A plan while it is made.
#[derive(Debug, Default)]
pub struct Draft {
    steps: BTreeMap<StepId, Step>,
    /// What can be foreseen.
    pub problems: Vec<Foreseen>,
}

/// A step without changes; [`Draft::add`] takes it as it is.
#[must_use]
pub fn step(action: Action, kind: Kind, name: &str, reason: impl Into<String>, work: Work) -> Step {
    Step {
        id: StepId::new(kind, name),
        action,
        kind,
        name: name.to_owned(),
        reason: reason.into(),
        changes: Vec::new(),
        interrupts: false,
        loses_data: false,
        after: BTreeSet::new(),
        regardless: BTreeSet::new(),
        work,
    }
}

impl Step {
    /// The same step as a part of its thing's work, which comes before the main one.
    #[must_use]
    pub fn part(mut self, part: &'static str) -> Self {
        self.id = self.id.part(part);
        self
    }

    /// The same step as one of another thing's chain.
    #[must_use]
    pub fn of(mut self, kind: Kind, name: &str) -> Self {
        self.id = StepId::new(kind, name);
        self
    }

    /// The same step with the fields that differ.
    #[must_use]
    pub fn with_changes(mut self, changes: Vec<Change>) -> Self {
        self.changes = changes;
        self
    }

    /// The same step, known to interrupt something that runs.
    #[must_use]
    pub fn interrupting(mut self, interrupts: bool) -> Self {
        self.interrupts = interrupts;
        self
    }
}

impl Draft {
    /// Adds a step and says what it is called.
    pub fn add(&mut self, step: Step) -> StepId {
        let id = step.id.clone();
        self.steps.insert(id.clone(), step);
        id
    }

    /// A step by its name.
    #[must_use]
    pub fn get(&self, id: &StepId) -> Option<&Step> {
        self.steps.get(id)
    }

    /// Every step, by name.
    pub fn steps(&self) -> impl Iterator<Item = &Step> {
        self.steps.values()
    }

    /// Makes a step wait for another one. Without effect where one of them is not in the plan, or where they are the same.
    pub fn order(&mut self, first: &StepId, then: &StepId) {
        if first == then || !self.steps.contains_key(first) {
            return;
        }
        if let Some(step) = self.steps.get_mut(then) {
            step.after.insert(first.clone());
        }
    }

    /// Makes a replacement wait for a while before it begins.
    pub fn delay(&mut self, id: &StepId, delay: i64) {
        if let Some(Step {
            work: Work::Replace(replacement),
            ..
        }) = self.steps.get_mut(id)
        {
            replacement.delay = delay;
        }
    }

    /// Makes every step of a container's chain (`container.web.…`, `container.web`) wait for another step, but for those that
    /// this one waits for itself: what has to go before something else is made comes before all of it.
    pub fn order_chain(&mut self, first: &StepId, then: &StepId) {
        let chain: Vec<StepId> = self
            .steps
            .keys()
            .filter(|id| id.main() == *then)
            .cloned()
            .collect();
        for id in chain {
            if id == *then || !self.waits_for(first, &id) {
                self.order(first, &id);
            }
        }
    }

    /// Whether a step waits for another one, directly or not.
    #[must_use]
    pub fn waits_for(&self, then: &StepId, first: &StepId) -> bool {
        let mut seen = BTreeSet::new();
        let mut open = vec![then];
        while let Some(id) = open.pop() {
            let after = self.steps.get(id).map(|step| &step.after);
            for id in after.into_iter().flatten() {
                if id == first {
                    return true;
                }
                if seen.insert(id) {
                    open.push(id);
                }
            }
        }
        false
    }

    /// Takes out a step that is left alone this time, and with an image, a network or a volume everything that needs it.
    ///
    /// What waits for a container stays in: the container that is there may still serve.
    pub fn leave(&mut self, main: &StepId) {
        let mut left = vec![main.clone()];
        while let Some(main) = left.pop() {
            if main.kind() != Kind::Container {
                let needs = |step: &&Step| step.after.iter().any(|id| id.main() == main);
                left.extend(self.steps.values().filter(needs).map(|step| step.id.main()));
            }
            self.drop_chain(&main);
        }
    }

    /// Makes the steps of a chain that already wait for another one go on whatever becomes of it.
    pub fn disregard(&mut self, first: &StepId, then: &StepId) {
        for step in self.steps.values_mut() {
            if step.id.main() == *then && step.after.contains(first) {
                step.regardless.insert(first.clone());
            }
        }
    }

    /// Takes a container's steps out again, and every wait for them.
    pub fn drop_chain(&mut self, main: &StepId) {
        let gone = |id: &StepId| id.main() == *main;
        self.steps.retain(|id, _| !gone(id));
        for step in self.steps.values_mut() {
            step.after.retain(|id| !gone(id));
            step.regardless.retain(|id| !gone(id));
        }
    }

    /// Says that something will go wrong.
    pub fn error(
        &mut self,
        code: &'static str,
        name: &str,
        text: impl Into<String>,
        hint: impl Into<String>,
        place: Option<&(String, usize, usize)>,
    ) {
        self.foresee(Weight::Error, code, name, text, hint, place);
    }

    /// Whether something of this name will go wrong.
    #[must_use]
    pub fn has_error(&self, name: &str) -> bool {
        let mut problems = self.problems.iter();
        problems.any(|problem| problem.weight == Weight::Error && problem.name == name)
    }

    /// Says something that is worth knowing.
    pub fn warn(
        &mut self,
        code: &'static str,
        name: &str,
        text: impl Into<String>,
        hint: impl Into<String>,
        place: Option<&(String, usize, usize)>,
    ) {
        self.foresee(Weight::Warning, code, name, text, hint, place);
    }

    fn foresee(
        &mut self,
        weight: Weight,
        code: &'static str,
        name: &str,
        text: impl Into<String>,
        hint: impl Into<String>,
        place: Option<&(String, usize, usize)>,
    ) {
        self.problems.push(Foreseen {
            weight,
            code,
            name: name.to_owned(),
            text: text.into(),
            hint: hint.into(),
            place: place.cloned(),
        });
    }

    /// The steps in an order in which they can be done: each after those that it waits for, otherwise by kind and name.
    ///
    /// A cycle cannot come from a checked file. Should one come from what is on the engine, the step of the cycle that
    /// comes first by name is done first and stops waiting: a plan that never ends would be worse.
    #[must_use]
    pub fn ordered(mut self) -> Vec<Step> {
        let mut done: BTreeSet<StepId> = BTreeSet::new();
        let mut ordered = Vec::with_capacity(self.steps.len());
        while !self.steps.is_empty() {
            let rank = |step: &Step| (step.action == Action::Remove, step.kind, step.id.clone());
            let ready = self
                .steps
                .values()
                .filter(|step| step.after.is_subset(&done))
                .map(rank)
                .min();
            let next = ready
                .or_else(|| self.steps.values().map(rank).min())
                .map(|(_, _, id)| id);
            let Some(mut step) = next.and_then(|id| self.steps.remove(&id)) else {
                break;
            };
            step.after.retain(|id| done.contains(id));
            step.regardless.retain(|id| done.contains(id));
            done.insert(step.id.clone());
            ordered.push(step);
        }
        ordered
    }
}
