//! Which step runs when: as soon as everything that it waits for has ended well.

use std::{collections::BTreeMap, time::Duration};

use futures_util::{StreamExt, future::BoxFuture, stream::FuturesUnordered};
use tokio::{sync::watch, time::Instant};

use super::{
    Failure, Happening, Limits, Outcome, Reached, Stop, Trouble, Verdict,
    hand::{Hand, Site},
};
use crate::{
    engine::Act,
    plan::{Approved, Step, StepId},
};

/// How long after the last start the last look is taken: a program that cannot run at all ends within this time.
const SETTLE: Duration = Duration::from_millis(200);

/// How many last looks are taken at the same time, as many as a plan takes.
const AT_ONCE: usize = 8;

/// Carries an approved plan out.
///
/// A step that fails takes those that wait for it along; everything else goes on. [`Stop::Now`] drops the calls at hand,
/// and the next plan finds what they left.
pub async fn apply<A: Act>(
    engine: &A,
    approved: &Approved,
    limits: &Limits,
    stop: watch::Receiver<Stop>,
    tell: &(dyn Fn(Happening<'_>) + Sync),
) -> Outcome {
    let plan = approved.plan();
    let site = Site::new(engine, limits, stop, tell, &plan.secrets);
    let mut course = Course::new(&plan.steps);
    {
        let run = run(&site, &plan.steps, &mut course);
        tokio::select! {
            // Biased, so that a stop is seen before another step is begun.
            biased;
            () = site.until(Stop::Now) => {}
            () = run => {}
        }
    }
    Outcome {
        verdicts: course.verdicts(&plan.steps),
        warnings: site.take_warnings(),
    }
}

async fn run<A: Act>(site: &Site<'_, A>, steps: &[Step], course: &mut Course) {
    let mut running = FuturesUnordered::new();
    let mut ready = course.ready(steps);
    loop {
        for index in std::mem::take(&mut ready) {
            running.push(one(site, &steps[index], index));
        }
        let Some((index, took, result)) = running.next().await else {
            break;
        };
        let verdict = verdict(&steps[index], took, result.err());
        // A step that was never begun has no end that anybody waits to be told.
        if verdict.trouble != Some(Trouble::Stopped) {
            (site.tell)(Happening::Ended(&steps[index], &verdict));
        }
        ready = course.ended(steps, index, verdict);
    }
    drop(running);
    last_looks(site, steps, course).await;
}

/// One step from its permit to its end. Boxed: the compiler cannot tell by itself that so large a future may be sent.
fn one<'a, A: Act>(
    site: &'a Site<'a, A>,
    step: &'a Step,
    index: usize,
) -> BoxFuture<'a, (usize, Duration, Result<(), Trouble>)> {
    Box::pin(async move {
        let permit = site.permits.begin().await;
        if site.stopped() >= Stop::AfterSteps {
            return (index, Duration::ZERO, Err(Trouble::Stopped));
        }
        let since = Instant::now();
        (site.tell)(Happening::Begun(step));
        let hand = Hand::new(site, step, Some(permit));
        let result = hand.work().await;
        (index, since.elapsed(), result)
    })
}

/// One look at every new container, when all is done.
async fn last_looks<A: Act>(site: &Site<'_, A>, steps: &[Step], course: &mut Course) {
    let started = site.take_started();
    if started.is_empty() {
        return;
    }
    tokio::time::sleep(SETTLE).await;
    let looks = started.into_iter().filter_map(|started| {
        let index = *course.index.get(&started.step)?;
        let look: BoxFuture<'_, _> = Box::pin(async move {
            let hand = Hand::new(site, &steps[index], None);
            let name = steps[index].name.as_str();
            (index, hand.last_look(&started, name).await)
        });
        Some(look)
    });
    let looks: Vec<_> = looks.collect();
    let mut looks = futures_util::stream::iter(looks).buffer_unordered(AT_ONCE);
    while let Some((index, result)) = looks.next().await {
        let Err(failure) = result else { continue };
        let failure = Failure {
            reached: Reached::Started,
            ..failure
        };
        let took = course.took(index);
        let verdict = verdict(&steps[index], took, Some(Trouble::Failed(failure)));
        (site.tell)(Happening::Ended(&steps[index], &verdict));
        course.amend(index, verdict);
    }
}

fn verdict(step: &Step, took: Duration, trouble: Option<Trouble>) -> Verdict {
    Verdict {
        id: step.id.clone(),
        action: step.action,
        kind: step.kind,
        name: step.name.clone(),
        completes: step.completes(),
        trouble,
        took,
    }
}

/// How far a plan is.
#[derive(Debug)]
struct Course {
    index: BTreeMap<StepId, usize>,
    verdicts: Vec<Option<Verdict>>,
    /// For each step, how many it still waits for.
    open: Vec<usize>,
    /// For each step, those that wait for it.
    followers: Vec<Vec<usize>>,
}

impl Course {
    fn new(steps: &[Step]) -> Self {
        let index: BTreeMap<StepId, usize> = steps
            .iter()
            .enumerate()
            .map(|(index, step)| (step.id.clone(), index))
            .collect();
        let mut followers = vec![Vec::new(); steps.len()];
        let mut open = vec![0; steps.len()];
        for (then, step) in steps.iter().enumerate() {
            for first in step.after.iter().filter_map(|id| index.get(id)) {
                followers[*first].push(then);
                open[then] += 1;
            }
        }
        Self {
            index,
            verdicts: steps.iter().map(|_| None).collect(),
            open,
            followers,
        }
    }

    /// The steps that wait for nothing, in the plan's order.
    fn ready(&self, steps: &[Step]) -> Vec<usize> {
        (0..steps.len())
            .filter(|index| self.open[*index] == 0)
            .collect()
    }

    /// Notes the end of a step, and gives the steps that can begin now.
    fn ended(&mut self, steps: &[Step], index: usize, verdict: Verdict) -> Vec<usize> {
        let mut ended = vec![(index, verdict)];
        let mut ready = Vec::new();
        while let Some((index, verdict)) = ended.pop() {
            let because = cause(&verdict);
            self.verdicts[index] = Some(verdict);
            for then in self.followers[index].clone() {
                self.open[then] -= 1;
                if self.verdicts[then].is_some() {
                    continue;
                }
                let step = &steps[then];
                match &because {
                    Some(trouble) if !step.regardless.contains(&steps[index].id) => {
                        let trouble = trouble.clone();
                        ended.push((then, self::verdict(step, Duration::ZERO, Some(trouble))));
                        // Marked at once, so that no other cause is noted for it.
                        self.verdicts[then] = ended.last().map(|(_, verdict)| verdict.clone());
                    }
                    Some(_) | None if self.open[then] == 0 => ready.push(then),
                    Some(_) | None => {}
                }
            }
        }
        ready.sort_unstable();
        ready
    }

    fn took(&self, index: usize) -> Duration {
        self.verdicts[index]
            .as_ref()
            .map_or(Duration::ZERO, |verdict| verdict.took)
    }

    fn amend(&mut self, index: usize, verdict: Verdict) {
        self.verdicts[index] = Some(verdict);
    }

    /// A verdict for every step; those that have none were stopped.
    fn verdicts(self, steps: &[Step]) -> Vec<Verdict> {
        self.verdicts
            .into_iter()
            .zip(steps)
            .map(|(verdict, step)| {
                verdict
                    .unwrap_or_else(|| self::verdict(step, Duration::ZERO, Some(Trouble::Stopped)))
            })
            .collect()
    }
}

/// What becomes of the steps that wait for one that ended like this; `None` if they can begin.
fn cause(verdict: &Verdict) -> Option<Trouble> {
    match &verdict.trouble {
        // What the file says about a new one that does not come up: it stays, and everything goes on.
        None | Some(Trouble::Continued(_)) => None,
        Some(Trouble::Failed(_) | Trouble::RolledBack(_) | Trouble::Paused(_)) => {
            Some(Trouble::NotTried {
                because: verdict.id.clone(),
            })
        }
        Some(Trouble::NotTried { because }) => Some(Trouble::NotTried {
            because: because.clone(),
        }),
        Some(Trouble::Stopped) => Some(Trouble::Stopped),
    }
}

#[cfg(test)]
mod tests {
    use super::apply;
    use crate::{engine::docker::Docker, plan::Approved};

    /// The service runs an apply as a task of its own.
    #[test]
    fn an_apply_can_be_sent_to_another_thread() {
        fn is_send<T: Send>(_: impl FnOnce() -> T) {}
        fn never<T>() -> T {
            unreachable!()
        }
        is_send(|| {
            let engine: &'static Docker = never();
            let approved: &'static Approved = never();
            apply(engine, approved, never(), never(), never())
        });
    }
}
