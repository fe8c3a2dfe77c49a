//! Random projects through random faults, kills, stops and hands: after every call nothing is lost, and at the end three
//! runs without faults finish the job.
//!
//! A failure names its seed. `EVENKEEL_SEED=17 cargo test --test simulated random` runs that one again and tells what
//! happened; `EVENKEEL_CASES=100000` is a long run.

use std::{
    collections::BTreeMap,
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
        simulated::{Delays, Fault, Simulated, Trigger, instances},
    },
    live::labels,
    model::State,
    plan::{Approved, Consent, Options, Plan, Weight, plan},
};
use serde_json::json;
use tokio::sync::watch;

use crate::{
    chance::Chance,
    guard::Guard,
    house::desired,
    projects::{Project, engine},
};

/// How many cases are tried when nobody says otherwise: about 45 ms each of a processor in a build without optimisation.
const CASES: u64 = 5000;

/// How many runs without faults may be needed.
const CALM_RUNS: u32 = 3;

/// Longer than any apply here takes, of virtual time.
const ENDLESS: Duration = Duration::from_hours(1);

/// One case.
struct Case {
    chance: Chance,
    engine: Simulated,
    guard: Arc<Mutex<Guard>>,
    /// Whether what was made by hand is taken over.
    adopt: bool,
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
        let adopt = chance.percent(30);
        let mut guard = Guard::default();
        if adopt {
            guard.allowed.foreign = Project::names()
                .flat_map(|name| [format!("{name}.prev"), name])
                .collect();
        }
        let guard = Arc::new(Mutex::new(guard));
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
            adopt,
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
        let guard = &mut *self.guard();
        self.engine.look(|world| guard.keep(world, wanted));
    }

    /// Somebody does something behind our back.
    fn meddle(&mut self, project: &Project) {
        if !self.chance.percent(25) {
            return;
        }
        let keys = project.keys();
        let key = self.chance.pick(&keys);
        let deed = self.chance.below(if self.adopt { 14 } else { 10 });
        let restart = self.chance.pick(&["no", "always", "unless-stopped"]);
        let mut renamed = None;
        let done = self.engine.hands(|world| {
            if deed >= 10 {
                if world.containers.values().any(|found| found.name == key)
                    || !instances(world, "shop", &key).is_empty()
                {
                    return None;
                }
                let made =
                    json!({"Image": "app:1", "HostConfig": {"RestartPolicy": {"Name": restart}}});
                let made = match deed {
                    10 => world.docker_create(&key, &made),
                    _ => world.docker_run(&key, &made),
                };
                return Some((key.clone(), made.is_ok()));
            }
            let first = *instances(world, "shop", &key).first()?;
            let (name, id) = (first.name.clone(), first.id.clone());
            let own = first.labels().get(labels::NAME).cloned();
            let result = match deed {
                0 => world.docker_stop(&name),
                1 => world.docker_kill(&name),
                2 => world.docker_pause(&name),
                3 => {
                    // Without the new one nothing says what one that was made by hand was set aside for.
                    let aside = format!("{}.prev", name.trim_end_matches(".next"));
                    if world
                        .container(&aside)
                        .is_some_and(|found| found.labels().is_empty())
                    {
                        world.docker_rm(&aside).ok()?;
                    }
                    world.docker_rm(&name)
                }
                4 => world.docker_rename(&name, "mine"),
                5 => world.docker_rename(&name, &format!("{}.prev", own?)),
                6 => world.docker_start(&name),
                7 => world.crash(&name, 9),
                8 => world.docker_network_rm("shop_a"),
                _ => {
                    world.reboot();
                    Ok(())
                }
            };
            if matches!(deed, 4 | 5) && result.is_ok() {
                renamed = Some(id);
            }
            Some((name, result.is_ok()))
        });
        if let Some(id) = renamed {
            self.guard().renamed(&id);
        }
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
            self.say("  they exchange their names");
            return Ok(None);
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

    /// A plan that can be carried out: what somebody made by hand and that stands in the way is removed.
    async fn planned(&self, wanted: &Desired) -> Result<Plan, EngineError> {
        let options = Options {
            adopt: self.adopt,
            ..Options::default()
        };
        loop {
            let looked = look(&self.engine, wanted).await?;
            let plan = plan(wanted, &looked.live, &options);
            let in_the_way = plan.problems.iter().filter(|problem| {
                problem.code == "set-aside" || self.adopt && problem.code == "name-taken"
            });
            let mut removed = 0;
            for problem in in_the_way {
                self.say(format!(
                    "  hands: remove {}, {}",
                    problem.name, problem.text
                ));
                removed += self.engine.hands(|world| {
                    let found = world.container(&problem.name);
                    let theirs = found.is_some_and(|found| found.labels().is_empty());
                    usize::from(theirs && world.docker_rm(&problem.name).is_ok())
                });
            }
            if removed == 0 {
                let errors = plan
                    .problems
                    .iter()
                    .filter(|problem| problem.weight == Weight::Error);
                let wrong: Vec<_> = errors
                    .filter(|problem| problem.code != "name-exchange")
                    .collect();
                assert!(wrong.is_empty(), "{wrong:?}");
                return Ok(plan);
            }
        }
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
        let mut wanted = desired(&project.text());
        self.say("  from here on without faults");
        if self
            .planned(&wanted)
            .await
            .is_ok_and(|plan| plan.has_errors())
        {
            wanted = desired(&project.unnamed().text());
        }
        self.keeps(&wanted, project);
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
            // What its restart policy starts again is waited for longer each time, and up again after a minute.
            tokio::time::sleep(Duration::from_mins(2)).await;
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
        let cold = self.engine.look(|world| {
            let hooked = wanted.containers.values().filter(|wanted| {
                wanted.state == State::Running && wanted.settings.get("post_start").is_some()
            });
            let found = hooked.filter_map(|wanted| world.container(&wanted.name));
            let cold = found.filter(|found| self.guard().cold.contains(&found.id));
            cold.map(|found| found.name.clone()).collect::<Vec<_>>()
        });
        if !cold.is_empty() {
            return Err(format!("the hooks of {cold:?} have not run"));
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
