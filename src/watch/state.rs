//! The service as a state machine: events in, commands out. It holds no clock, no socket and no file: the time comes in
//! with each event, as the time since the service began.
//!
//! Level-triggered: an event says only that something may have changed. What to do is derived anew from the file and the
//! engine each time.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use crate::plan::{Difference, StepId};

/// After the last event of a burst this long passes before a reconcile: an editor's write, a `git checkout` and a
/// `docker run` each make several events within some ten milliseconds.
pub const DEBOUNCE: Duration = Duration::from_millis(200);

/// A stream of events without a pause is reconciled all the same after this long.
pub const DEBOUNCE_AT_MOST: Duration = Duration::from_secs(2);

/// The first wait after a failure, which doubles each time.
pub const BACKOFF_FIRST: Duration = Duration::from_secs(1);

/// The longest wait after a failure: five minutes, as long as the usual full look, so that it is never the slower of both.
pub const BACKOFF_MOST: Duration = Duration::from_mins(5);

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// A file of the specification may have changed.
    Files,
    /// Something of the engine may have changed.
    Engine,
    /// Time has passed: a wait that was asked for is over.
    Time,
    /// `SIGHUP`: read everything again, and try again what is held.
    Hangup,
    /// `SIGTERM` or `SIGINT`.
    Terminate,
    /// A reconcile has ended.
    Reconciled(Report),
}

/// How a reconcile ended.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// Whether the engine could be reached.
    pub engine: bool,
    /// Whether the content of the specification is another one than before.
    pub new_file: bool,
    /// The main steps of the things that were done.
    pub done: BTreeSet<StepId>,
    /// Those that failed and are tried again.
    pub failed: BTreeSet<StepId>,
    /// Those whose replacement was rolled back: to try again would interrupt what works.
    pub rolled_back: BTreeSet<StepId>,
    /// The differences that were applied with success and came straight back, each with what there is to say of it.
    pub came_back: BTreeMap<Difference, String>,
}

/// What to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Read the file, look at the engine, plan and apply.
    Reconcile {
        /// The main steps of the things that are left alone this time.
        leave: BTreeSet<StepId>,
        /// The differences that are held as faults of the comparison.
        hold: BTreeSet<Difference>,
    },
    /// Let the apply that runs finish its steps, and start no new ones.
    FinishSteps,
    /// Stop at once.
    Abort,
    /// End with exit code 0.
    Exit,
    /// Say this of a difference that came straight back after it was applied, and is held from now on.
    ReportHeld(String),
}

/// A container that failed.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Failing {
    times: u32,
    not_before: Option<Duration>,
}

/// The state of the service.
#[derive(Debug, Clone)]
pub struct State {
    /// How often everything is looked at, whatever happened.
    interval: Duration,
    /// A number that spreads the timers of many services.
    seed: u64,
    first_event: Option<Duration>,
    last_event: Option<Duration>,
    running: bool,
    ending: bool,
    next_resync: Duration,
    engine_failures: u32,
    engine_not_before: Option<Duration>,
    failing: BTreeMap<StepId, Failing>,
    held: BTreeSet<Difference>,
}

impl State {
    /// A service that has just begun, and looks at everything at once.
    #[must_use]
    pub fn new(interval: Duration, seed: u64) -> Self {
        Self {
            interval,
            seed,
            first_event: Some(Duration::ZERO),
            // As if the burst had ended long ago: the first look is not delayed.
            last_event: None,
            running: false,
            ending: false,
            next_resync: Duration::ZERO,
            engine_failures: 0,
            engine_not_before: None,
            failing: BTreeMap::new(),
            held: BTreeSet::new(),
        }
    }

    /// Takes an event, and says what to do. A [`Command::Reconcile`] is answered with [`Event::Reconciled`].
    #[must_use]
    pub fn on(&mut self, event: Event, now: Duration) -> Vec<Command> {
        let mut commands = Vec::new();
        match event {
            Event::Files | Event::Engine => self.note(now),
            Event::Time => {}
            Event::Hangup => {
                self.forget();
                self.note(now);
            }
            Event::Terminate if self.ending => return vec![Command::Abort],
            Event::Terminate => {
                self.ending = true;
                return vec![if self.running {
                    Command::FinishSteps
                } else {
                    Command::Exit
                }];
            }
            Event::Reconciled(report) => {
                self.running = false;
                commands.extend(self.learn(&report, now));
            }
        }
        if self.ending {
            if !self.running {
                commands.push(Command::Exit);
            }
            return commands;
        }
        commands.extend(self.reconcile_if_due(now));
        commands
    }

    /// When the service next has something to do by itself.
    #[must_use]
    pub fn wakes_at(&self) -> Option<Duration> {
        if self.running || self.ending {
            return None;
        }
        let retries = self
            .failing
            .values()
            .filter_map(|failing| failing.not_before);
        let due = self
            .burst_due()
            .into_iter()
            .chain(retries)
            .chain([self.next_resync])
            .min();
        due.map(|due| due.max(self.engine_not_before.unwrap_or(Duration::ZERO)))
    }

    fn note(&mut self, now: Duration) {
        self.first_event.get_or_insert(now);
        self.last_event = Some(now);
    }

    fn burst_due(&self) -> Option<Duration> {
        let first = self.first_event?;
        let quiet = self.last_event.map_or(first, |last| last + DEBOUNCE);
        Some(quiet.min(first + DEBOUNCE_AT_MOST))
    }

    fn reconcile_if_due(&mut self, now: Duration) -> Option<Command> {
        if self.running || self.wakes_at().is_none_or(|due| now < due) {
            return None;
        }
        self.running = true;
        self.first_event = None;
        self.last_event = None;
        self.next_resync = now + self.jittered(self.interval);
        let leave = self
            .failing
            .iter()
            .filter(|(_, failing)| failing.not_before.is_none_or(|due| now < due))
            .map(|(name, _)| name.clone())
            .collect();
        Some(Command::Reconcile {
            leave,
            hold: self.held.clone(),
        })
    }

    fn learn(&mut self, report: &Report, now: Duration) -> Vec<Command> {
        if !report.engine {
            self.engine_failures = self.engine_failures.saturating_add(1);
            self.engine_not_before = Some(now + self.backoff(self.engine_failures));
            self.note(now);
            return Vec::new();
        }
        self.engine_failures = 0;
        self.engine_not_before = None;
        if report.new_file {
            // What was left alone in this very run may succeed with the new file: it is tried at once.
            if !self.failing.is_empty() || !self.held.is_empty() {
                self.note(now);
            }
            self.forget();
        }
        for name in &report.done {
            self.failing.remove(name);
        }
        for name in &report.failed {
            let times = self
                .failing
                .get(name)
                .map_or(0, |failing| failing.times)
                .saturating_add(1);
            let not_before = Some(now + self.backoff(times));
            self.failing
                .insert(name.clone(), Failing { times, not_before });
        }
        for name in &report.rolled_back {
            let times = self
                .failing
                .get(name)
                .map_or(0, |failing| failing.times)
                .saturating_add(1);
            self.failing.insert(
                name.clone(),
                Failing {
                    times,
                    not_before: None,
                },
            );
        }
        self.hold(report)
    }

    /// What comes straight back is a fault of ours, or the engine does not take it: to apply it again would change nothing,
    /// for ever. Whatever else differs is healed on.
    fn hold(&mut self, report: &Report) -> Vec<Command> {
        let mut commands = Vec::new();
        for (difference, text) in &report.came_back {
            if self.held.insert(difference.clone()) {
                commands.push(Command::ReportHeld(text.clone()));
            }
        }
        commands
    }

    /// A new file, or a person's wish: what failed may succeed now.
    fn forget(&mut self) {
        self.failing.clear();
        self.held.clear();
        self.engine_not_before = None;
    }

    fn backoff(&self, times: u32) -> Duration {
        let doubled = BACKOFF_FIRST.saturating_mul(1_u32 << times.saturating_sub(1).min(16));
        self.jittered(doubled.min(BACKOFF_MOST))
    }

    /// Up to a tenth more, so that many services of one engine do not wake at the same moment.
    fn jittered(&self, duration: Duration) -> Duration {
        duration
            + duration.mul_f64(f64::from(u32::try_from(self.seed % 1000).unwrap_or(0)) / 10_000.0)
    }
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, time::Duration};

    use crate::plan::{Difference, Kind, StepId};

    use super::{BACKOFF_MOST, Command, DEBOUNCE, DEBOUNCE_AT_MOST, Event, Report, State};

    fn at(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    fn names(names: &[&str]) -> BTreeSet<StepId> {
        names
            .iter()
            .map(|name| StepId::new(Kind::Container, name))
            .collect()
    }

    fn begun() -> State {
        let mut state = State::new(Duration::from_mins(5), 0);
        assert!(
            matches!(
                state.on(Event::Time, at(0)).as_slice(),
                [Command::Reconcile { .. }]
            ),
            "looks at once"
        );
        state
    }

    fn clean() -> Report {
        Report {
            engine: true,
            ..Report::default()
        }
    }

    #[test]
    fn a_burst_is_one_reconcile() {
        let mut state = begun();
        assert!(state.on(Event::Reconciled(clean()), at(100)).is_empty());
        for ms in [1000, 1050, 1100] {
            assert!(state.on(Event::Files, at(ms)).is_empty());
        }
        assert_eq!(state.wakes_at(), Some(at(1100) + DEBOUNCE));
        assert!(state.on(Event::Time, at(1200)).is_empty(), "too early");
        assert_eq!(state.on(Event::Time, at(1300)).len(), 1);
    }

    #[test]
    fn a_burst_without_end_is_reconciled_all_the_same() {
        let mut state = begun();
        let _ = state.on(Event::Reconciled(clean()), at(0));
        let mut reconciles = 0;
        for ms in (1000..4000).step_by(50) {
            reconciles += state.on(Event::Engine, at(ms)).len();
        }
        assert_eq!(reconciles, 1, "after {DEBOUNCE_AT_MOST:?}");
    }

    #[test]
    fn a_change_during_an_apply_means_another_afterwards() {
        let mut state = begun();
        assert!(state.on(Event::Files, at(100)).is_empty());
        let commands = state.on(Event::Reconciled(clean()), at(5000));
        assert!(matches!(commands.as_slice(), [Command::Reconcile { .. }]));
    }

    #[test]
    fn what_failed_backs_off_and_does_not_hold_up_the_others() {
        let mut state = begun();
        let report = Report {
            failed: names(&["web"]),
            ..clean()
        };
        assert!(
            state
                .on(Event::Reconciled(report.clone()), at(0))
                .is_empty()
        );
        let _ = state.on(Event::Engine, at(100));
        let commands = state.on(Event::Time, at(300));
        assert_eq!(
            commands,
            [Command::Reconcile {
                leave: names(&["web"]),
                hold: BTreeSet::new()
            }],
            "the others go on"
        );
        let _ = state.on(Event::Reconciled(clean()), at(400));
        assert_eq!(
            state.on(Event::Time, at(1000)),
            [Command::Reconcile {
                leave: BTreeSet::new(),
                hold: BTreeSet::new()
            }]
        );
        let _ = state.on(Event::Reconciled(report.clone()), at(1000));
        assert_eq!(state.wakes_at(), Some(at(3000)), "twice as long");
        for _ in 0..40 {
            let now = state.wakes_at().expect("a retry");
            let _ = state.on(Event::Time, now);
            let _ = state.on(Event::Reconciled(report.clone()), now);
            assert!(state.wakes_at().expect("a retry") <= now + BACKOFF_MOST);
        }
    }

    #[test]
    fn a_rollback_is_left_alone_until_the_file_changes_or_someone_asks() {
        for asks in [true, false] {
            let mut state = begun();
            let _ = state.on(
                Event::Reconciled(Report {
                    rolled_back: names(&["web"]),
                    ..clean()
                }),
                at(0),
            );
            let later = state.wakes_at().expect("a full look");
            assert_eq!(
                state.on(Event::Time, later),
                [Command::Reconcile {
                    leave: names(&["web"]),
                    hold: BTreeSet::new()
                }]
            );
            if asks {
                let _ = state.on(Event::Reconciled(clean()), later);
                let _ = state.on(Event::Hangup, later);
            } else {
                let _ = state.on(Event::Files, later);
                let _ = state.on(
                    Event::Reconciled(Report {
                        new_file: true,
                        ..clean()
                    }),
                    later,
                );
            }
            let commands = state.on(Event::Time, later + DEBOUNCE);
            assert_eq!(
                commands,
                [Command::Reconcile {
                    leave: BTreeSet::new(),
                    hold: BTreeSet::new()
                }]
            );
        }
    }

    #[test]
    fn what_comes_straight_back_is_reported_once_and_held_until_the_file_changes() {
        let mut state = begun();
        let difference = (StepId::new(Kind::Container, "web"), "memory".to_owned());
        let report = Report {
            came_back: [(difference.clone(), "as told".to_owned())].into(),
            ..clean()
        };
        let held = |hold: BTreeSet<Difference>| {
            [Command::Reconcile {
                leave: BTreeSet::new(),
                hold,
            }]
        };
        assert_eq!(
            state.on(Event::Reconciled(report.clone()), at(100)),
            [Command::ReportHeld("as told".to_owned())]
        );
        let _ = state.on(Event::Engine, at(1000));
        assert_eq!(
            state.on(Event::Time, at(2000)),
            held([difference.clone()].into())
        );
        // A reconcile that began before it was held.
        assert!(state.on(Event::Reconciled(report), at(2100)).is_empty());
        let _ = state.on(Event::Files, at(3000));
        assert_eq!(state.on(Event::Time, at(4000)), held([difference].into()));
        // The new file was read in that reconcile: only now it is known that it is another one.
        let new = Report {
            new_file: true,
            ..clean()
        };
        assert!(state.on(Event::Reconciled(new), at(4100)).is_empty());
        assert_eq!(state.on(Event::Time, at(5000)), held(BTreeSet::new()));
    }

    #[test]
    fn the_engine_is_waited_for() {
        let mut state = begun();
        let _ = state.on(Event::Reconciled(Report::default()), at(0));
        assert!(state.on(Event::Engine, at(500)).is_empty());
        assert!(state.on(Event::Time, at(900)).is_empty());
        assert_eq!(state.on(Event::Time, at(1000)).len(), 1);
    }

    #[test]
    fn the_first_signal_finishes_the_step_and_the_second_stops_at_once() {
        let mut state = begun();
        assert_eq!(state.on(Event::Terminate, at(10)), [Command::FinishSteps]);
        assert_eq!(state.clone().on(Event::Terminate, at(20)), [Command::Abort]);
        assert_eq!(
            state.on(Event::Reconciled(clean()), at(30)),
            [Command::Exit]
        );
        let mut idle = begun();
        let _ = idle.on(Event::Reconciled(clean()), at(10));
        assert_eq!(idle.on(Event::Terminate, at(20)), [Command::Exit]);
    }

    #[test]
    fn everything_is_looked_at_again_now_and_then() {
        let mut state = begun();
        let _ = state.on(Event::Reconciled(clean()), at(100));
        assert_eq!(state.wakes_at(), Some(Duration::from_mins(5)));
        assert_eq!(state.on(Event::Time, Duration::from_mins(5)).len(), 1);
    }
}
