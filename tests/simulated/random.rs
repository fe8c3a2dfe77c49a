//! Random projects through random faults, kills, stops and hands: after every call nothing is lost, and at the end three
//! runs without faults finish the job.
//!
//! A failure names its seed. `EVENKEEL_SEED=17 cargo test --test simulated random` runs that one again and tells what
//! happened; `EVENKEEL_CASES=100000` is a long run.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use evenkeel::{
    apply::{Limits, Outcome, Stop, Trouble, apply},
    desired::Desired,
    engine::{
        EngineError, look,
        simulated::{
            Allowed, Call, Delays, Fault, Simulated, Trigger, World, instances, violations_since,
        },
    },
    model::{FailureAction, State},
    plan::{Approved, Consent, Options, Plan, plan},
};
use tokio::sync::watch;

use crate::{
    chance::Chance,
    house::desired,
    projects::{Project, engine},
};

/// How many cases are tried when nobody says otherwise: about 25 ms each of a processor in a build without optimisation.
const CASES: u64 = 1500;

/// How many runs without faults may be needed.
const CALM_RUNS: u32 = 3;

/// Longer than any apply here takes, of virtual time.
const ENDLESS: Duration = Duration::from_hours(1);

/// What must hold, looked at after every call.
#[derive(Debug, Default)]
struct Guard {
    /// The keys of which something must be there.
    kept: BTreeSet<String>,
    /// Those of them of which something that has run must be there.
    ran: BTreeSet<String>,
    /// How many changes were looked at.
    seen: usize,
    /// What did not hold.
    broken: Vec<String>,
    /// What was called, for a failure's story.
    story: Vec<String>,
}

impl Guard {
    fn look(&mut self, world: &World, call: &Call) {
        if call.writes {
            self.story.push(format!(
                "    {} {} {:?}",
                call.name, call.target, call.ending
            ));
        }
        let place = || format!("{} {} ({:?})", call.name, call.target, call.ending);
        for wrong in violations_since(world, "shop", &Allowed::default(), self.seen) {
            self.broken.push(format!("{wrong}: {}", place()));
        }
        self.seen = world.changes.len();
        for key in &self.kept {
            let there = instances(world, "shop", key);
            if there.is_empty() {
                self.broken
                    .push(format!("nothing is left of {key}: {}", place()));
            } else if self.ran.contains(key) && there.iter().all(|found| found.started.is_none()) {
                self.broken
                    .push(format!("nothing of {key} has ever run: {}", place()));
            }
        }
    }
}

/// One case.
struct Case {
    chance: Chance,
    engine: Simulated,
    guard: Arc<Mutex<Guard>>,
    told: bool,
}

impl Case {
    fn new(seed: u64, told: bool) -> Self {
        let mut chance = Chance::of(seed);
        let mut time = |most: u64| Duration::from_millis(chance.below(most));
        let delays = Delays {
            read: time(4),
            create: time(20),
            start: time(200),
            stop: time(20),
            pull: time(20),
            write: time(10),
        };
        let engine = engine().with_delays(delays);
        let guard = Arc::new(Mutex::new(Guard::default()));
        let watching = Arc::clone(&guard);
        engine.on_call(move |world, call| {
            watching
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .look(world, call);
        });
        Self {
            chance,
            engine,
            guard,
            told,
        }
    }

    fn guard(&self) -> std::sync::MutexGuard<'_, Guard> {
        self.guard.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn say(&self, text: impl Into<String>) {
        if self.told {
            eprintln!("{}", text.into());
        } else {
            self.guard().story.push(text.into());
        }
    }

    /// Everything that happens in this case.
    async fn run(&mut self) -> Result<(), String> {
        let mut project = Project::random(&mut self.chance);
        if self.chance.percent(80) {
            self.keeps(&desired(&project.mended().text()), &project.mended());
            self.apply(&desired(&project.mended().text())).await?;
        }
        for _ in 0..=self.chance.below(4) {
            if self.chance.percent(70) {
                project = project.edited(&mut self.chance);
            }
            let wanted = desired(&project.text());
            self.meddle(&project);
            self.keeps(&wanted, &project);
            self.plan_faults();
            self.apply(&wanted).await?;
            self.engine.heal();
            self.sound()?;
        }
        self.converge(&project.mended()).await
    }

    /// From now on nothing of these containers may be lost.
    fn keeps(&self, wanted: &Desired, project: &Project) {
        self.say(project.text());
        let (kept, ran) = self.engine.look(|world| {
            let mut kept = BTreeSet::new();
            let mut ran = BTreeSet::new();
            for key in wanted.containers.keys() {
                // A new one that is not in its place yet may be given up for another one.
                let mut there = instances(world, "shop", key);
                there.retain(|found| found.name.strip_suffix(".next").is_none());
                if there.is_empty() {
                    continue;
                }
                kept.insert(key.clone());
                let container = &wanted.containers[key];
                let runs = matches!(container.state, State::Running | State::Paused);
                // `continue` says that a new one stays even if it cannot be started.
                let stays = container.update.failure_action == FailureAction::Continue;
                if runs && !stays && there.iter().any(|found| found.started.is_some()) {
                    ran.insert(key.clone());
                }
            }
            (kept, ran)
        });
        let mut guard = self.guard();
        guard.kept = kept;
        guard.ran = ran;
    }

    /// Somebody does something behind our back.
    fn meddle(&mut self, project: &Project) {
        if !self.chance.percent(25) {
            return;
        }
        let keys = project.keys();
        let key = self.chance.pick(&keys);
        let deed = self.chance.below(10);
        let done = self.engine.hands(|world| {
            let name = instances(world, "shop", &key).first()?.name.clone();
            let result = match deed {
                0 => world.docker_stop(&name),
                1 => world.docker_kill(&name),
                2 => world.docker_pause(&name),
                3 => world.docker_rm(&name),
                4 => world.docker_rename(&name, "mine"),
                5 => world.docker_rename(&name, &format!("{key}.prev")),
                6 => world.docker_start(&name),
                7 => world.crash(&name, 9),
                8 => world.docker_network_rm("shop_a"),
                _ => {
                    world.reboot();
                    Ok(())
                }
            };
            Some((name, result.is_ok()))
        });
        self.say(format!("  hands: {deed} of {key}: {done:?}"));
    }

    fn plan_faults(&mut self) {
        for _ in 0..self.chance.below(4) {
            let fault = match self.chance.below(10) {
                0 => Fault::HangAfter,
                1 => Fault::HangBefore,
                2 => Fault::Away(1 + self.chance.below(100)),
                _ => self.chance.pick(&Fault::all()),
            };
            let trigger = if self.chance.percent(70) {
                Trigger::Write(1 + self.chance.below(20))
            } else {
                Trigger::Call(self.engine.count() + 1 + self.chance.below(60))
            };
            self.say(format!("  fault: {fault:?} at {trigger:?}"));
            self.engine.fault(trigger, fault);
        }
    }

    /// Plans and applies; it may be stopped, or killed.
    async fn apply(&mut self, wanted: &Desired) -> Result<Option<Outcome>, String> {
        let planned = tokio::select! {
            planned = self.planned(wanted) => planned,
            () = self.engine.killed() => {
                self.say("  killed while it looked");
                return Ok(None);
            }
        };
        let plan = match planned {
            Ok(plan) => plan,
            Err(error) => {
                self.say(format!("  cannot look: {error}"));
                return Ok(None);
            }
        };
        if plan.has_errors() {
            return Err(format!("{:?}", plan.problems));
        }
        let consent = Consent {
            plan: true,
            emptying: true,
        };
        let approved = Approved::new(plan, consent).map_err(|refusal| refusal.to_string())?;
        let (stopper, stop) = watch::channel(Stop::No);
        let limits = Limits::default();
        let run = apply(&self.engine, &approved, &limits, stop, &|_| {});
        let stopping = async {
            if self.chance.percent(10) {
                let after = Duration::from_millis(self.chance.below(6000));
                tokio::time::sleep(after).await;
                let how = self.chance.pick(&[Stop::AfterSteps, Stop::Now]);
                stopper.send_replace(how);
            }
            stopper.closed().await;
        };
        let outcome = tokio::select! {
            outcome = async { tokio::join!(run, stopping).0 } => Some(outcome),
            () = self.engine.killed() => None,
        };
        self.say(format!("  ended: {}", told(outcome.as_ref())));
        Ok(outcome)
    }

    async fn planned(&self, wanted: &Desired) -> Result<Plan, EngineError> {
        let looked = look(&self.engine, wanted).await?;
        Ok(plan(wanted, &looked.live, &Options::default()))
    }

    fn sound(&self) -> Result<(), String> {
        let broken = std::mem::take(&mut self.guard().broken);
        if broken.is_empty() {
            Ok(())
        } else {
            Err(broken.join("\n"))
        }
    }

    /// Without faults it ends within three runs, with nothing left over.
    async fn converge(&mut self, project: &Project) -> Result<(), String> {
        let wanted = desired(&project.text());
        self.keeps(&wanted, project);
        self.say("  from here on without faults");
        for _ in 0..CALM_RUNS {
            let plan = self
                .planned(&wanted)
                .await
                .map_err(|error| error.to_string())?;
            if plan.is_empty() {
                break;
            }
            self.apply_calmly(&wanted).await?;
            self.sound()?;
        }
        let left = self
            .planned(&wanted)
            .await
            .map_err(|error| error.to_string())?;
        if !left.is_empty() {
            let steps = left.steps.iter().map(|step| {
                let paths: Vec<String> = step
                    .changes
                    .iter()
                    .map(|change| change.path.to_string())
                    .collect();
                format!(
                    "{:?} {} ({}) {}",
                    step.action,
                    step.name,
                    step.reason,
                    paths.join(", ")
                )
            });
            return Err(format!(
                "something is left after three runs:\n{}",
                steps.collect::<Vec<_>>().join("\n")
            ));
        }
        let names = crate::house::names(&self.engine);
        if names.iter().any(|name| {
            [".prev", ".next"]
                .iter()
                .any(|role| name.strip_suffix(role).is_some())
        }) {
            return Err(format!("something is left over: {names:?}"));
        }
        Ok(())
    }

    async fn apply_calmly(&self, wanted: &Desired) -> Result<(), String> {
        let plan = self
            .planned(wanted)
            .await
            .map_err(|error| error.to_string())?;
        let consent = Consent {
            plan: true,
            emptying: true,
        };
        let approved = Approved::new(plan, consent).map_err(|refusal| refusal.to_string())?;
        let (_keep, stop) = watch::channel(Stop::No);
        let limits = Limits::default();
        let run = apply(&self.engine, &approved, &limits, stop, &|_| {});
        let outcome = tokio::time::timeout(ENDLESS, run).await.ok();
        self.say(format!("  ended: {}", told(outcome.as_ref())));
        Ok(())
    }
}

fn told(outcome: Option<&Outcome>) -> String {
    let Some(outcome) = outcome else {
        return "killed".into();
    };
    let mut text = String::new();
    for verdict in &outcome.verdicts {
        let how = match &verdict.trouble {
            None => "done".to_owned(),
            Some(Trouble::NotTried { because }) => format!("not tried because of {because}"),
            Some(trouble) => format!("{trouble:?}"),
        };
        let _ = write!(
            text,
            "\n      {} {}: {how}",
            verdict.action.word(),
            verdict.id
        );
    }
    text
}

/// Runs one case; what went wrong, with its story.
fn case(seed: u64, told: bool) -> Result<(), String> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .expect("a runtime");
    let mut case = Case::new(seed, told);
    let result = catch_unwind(AssertUnwindSafe(|| runtime.block_on(case.run())));
    let result = match result {
        Ok(result) => result,
        Err(panic) => Err(panic
            .downcast_ref::<String>()
            .cloned()
            .or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()))
            .unwrap_or_else(|| "it panicked".into())),
    };
    result.and_then(|()| case.sound()).map_err(|wrong| {
        let story = std::mem::take(&mut case.guard().story);
        format!("seed {seed}: {wrong}\n{}", story.join("\n"))
    })
}

fn number(variable: &str) -> Option<u64> {
    std::env::var(variable).ok()?.parse().ok()
}

#[test]
fn random_schedules_lose_nothing() {
    if let Some(seed) = number("EVENKEEL_SEED") {
        if let Err(wrong) = case(seed, true) {
            panic!("{wrong}");
        }
        return;
    }
    let cases = number("EVENKEEL_CASES").unwrap_or(CASES);
    let next = AtomicU64::new(0);
    let failed: Mutex<BTreeMap<u64, String>> = Mutex::default();
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= cases || failed.lock().is_ok_and(|failed| failed.len() >= 20) {
                        return;
                    }
                    if let Err(wrong) = case(seed, false)
                        && let Ok(mut failed) = failed.lock()
                    {
                        failed.insert(seed, wrong);
                    }
                }
            });
        }
    });
    let failed = failed.into_inner().unwrap_or_default();
    let heads: Vec<&str> = failed
        .values()
        .filter_map(|wrong| wrong.lines().next())
        .collect();
    if let Some(first) = failed.values().min_by_key(|wrong| wrong.len()) {
        panic!(
            "{} of {cases} cases:\n{}\n\nthe shortest:\n{first}",
            failed.len(),
            heads.join("\n")
        );
    }
}
