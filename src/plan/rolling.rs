//! Replicas are replaced some at a time, so that the others go on serving: the next ones wait for those before them, and
//! are not tried if one of those failed.

use std::collections::BTreeMap;

use super::{Kind, StepId, Work, planner::Planner};
use crate::desired;

impl Planner<'_> {
    /// Orders the replacements of the replicas of one key, by their numbers.
    pub fn rolling(&mut self) {
        let mut groups: BTreeMap<&str, Vec<(u64, &desired::Container)>> = BTreeMap::new();
        for wanted in self.desired.containers.values() {
            let Some((key, number)) = &wanted.replica else {
                continue;
            };
            let id = StepId::new(Kind::Container, &wanted.name);
            let replaced = self
                .draft
                .get(&id)
                .is_some_and(|step| matches!(step.work, Work::Replace(_) | Work::Resume(_)));
            if replaced {
                groups.entry(key).or_default().push((*number, wanted));
            }
        }
        for mut replicas in groups.into_values() {
            replicas.sort_by_key(|(number, _)| *number);
            let update = replicas[0].1.update;
            if update.parallelism == 0 {
                continue;
            }
            let batches: Vec<_> = replicas.chunks(update.parallelism).collect();
            for pair in batches.windows(2) {
                for (_, then) in pair[1] {
                    let then = StepId::new(Kind::Container, &then.name);
                    for (_, first) in pair[0] {
                        let first = StepId::new(Kind::Container, &first.name);
                        self.draft.order_chain(&first, &then);
                    }
                    self.draft.delay(&then, update.delay);
                }
            }
        }
    }
}
