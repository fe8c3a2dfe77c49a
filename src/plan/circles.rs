//! What changes hands: a name or a host port that one container gives up and another one gets. Where containers wait for
//! one another in a circle, none of them can be first.

use std::collections::{BTreeMap, BTreeSet};

use super::{StepId, planner::Planner};

impl Planner<'_> {
    /// Makes what gets something wait for what passes it on, and remembers it.
    pub fn hand_over(&mut self, edges: Vec<(StepId, StepId)>) {
        for (first, then) in edges {
            self.draft.order_chain(&first, &then);
            self.handovers
                .push((first.name().to_owned(), then.name().to_owned()));
        }
    }

    /// The names of the containers that would wait for one another if each of these edges was a wait of the second step for
    /// the first: one list for each circle. Only circles that these edges close count.
    pub fn in_circles(&self, edges: &[(StepId, StepId)]) -> Vec<BTreeSet<String>> {
        if edges.is_empty() {
            return Vec::new();
        }
        let mut needs: BTreeMap<&StepId, BTreeSet<&StepId>> = BTreeMap::new();
        let mut needed: BTreeMap<&StepId, BTreeSet<&StepId>> = BTreeMap::new();
        let waits = self
            .draft
            .steps()
            .flat_map(|step| step.after.iter().map(move |first| (first, &step.id)));
        let planned = edges
            .iter()
            .map(|(first, then)| (first, then))
            .filter(|(first, then)| {
                self.draft.get(first).is_some() && self.draft.get(then).is_some()
            });
        for (first, then) in waits.chain(planned) {
            needs.entry(then).or_default().insert(first);
            needed.entry(first).or_default().insert(then);
        }
        let mut seen: BTreeSet<StepId> = BTreeSet::new();
        let mut circles = Vec::new();
        for (first, then) in edges {
            if seen.contains(first) && seen.contains(then) {
                continue;
            }
            let before = reached(&needs, first);
            if !before.contains(then) {
                continue;
            }
            let after = reached(&needed, first);
            let circle = before.intersection(&after).copied();
            let circle: BTreeSet<&StepId> = circle.chain([first]).collect();
            seen.extend(circle.iter().map(|id| (*id).clone()));
            let steps = circle.iter().filter_map(|id| self.draft.get(id));
            circles.push(steps.map(|step| step.name.clone()).collect());
        }
        circles
    }
}

/// All that can be reached from a step along the edges.
fn reached<'e>(
    edges: &BTreeMap<&'e StepId, BTreeSet<&'e StepId>>,
    from: &StepId,
) -> BTreeSet<&'e StepId> {
    let mut found = BTreeSet::new();
    let mut left: Vec<&StepId> = edges.get(from).into_iter().flatten().copied().collect();
    while let Some(id) = left.pop() {
        if found.insert(id) {
            left.extend(edges.get(id).into_iter().flatten().copied());
        }
    }
    found
}
