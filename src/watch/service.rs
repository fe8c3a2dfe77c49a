//! The shell around the state machine: files, the engine's events, signals and the clock become events; commands become
//! work.

use std::{collections::BTreeSet, path::PathBuf, sync::Arc, time::Duration};

use tokio::{
    sync::{mpsc, watch},
    task::JoinHandle,
    time::{Instant, MissedTickBehavior},
};

use super::{
    Command, Event, State,
    events::follow_engine,
    files::{Files, REARM},
    reconcile::{Complaint, Done, Good, Job, reconcile},
    told::Told,
};
use crate::{
    apply::{Limits, Stop},
    engine::Act,
    plan::Options,
    spec::{Document, Failure},
};

/// How many hints wait at most: one more says nothing that the first did not say.
const QUEUE: usize = 16;

/// Reads the specification anew.
pub type Load = Arc<dyn Fn() -> Result<Document, Box<Failure>> + Send + Sync>;

/// Takes the lock of a project for as long as what it gives lives; the error says who holds it.
pub type Guard = Arc<dyn Fn(&str) -> Result<Box<dyn Send + Sync>, String> + Send + Sync>;

/// How the service works.
#[derive(Clone)]
pub struct Setup {
    /// How often everything is looked at, whatever happened.
    pub interval: Duration,
    /// Spreads the timers of many services; any number.
    pub seed: u64,
    /// Ask the file system for changes instead of waiting for it to tell.
    pub poll: bool,
    /// What may be done beyond the ordinary.
    pub options: Options,
    /// Whether a file that lists nothing may remove everything.
    pub allow_empty: bool,
    /// Bounds of each apply.
    pub limits: Limits,
    /// The files that are followed until one could be read.
    pub files: Vec<PathBuf>,
    /// Keeps two applies of one project from running at the same time.
    pub guard: Guard,
}

/// How the service ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// It was asked to, and finished what it was at.
    Finished,
    /// It was asked twice, and stopped at once.
    AtOnce,
}

/// Runs the service until a signal ends it.
///
/// `signals` brings [`Event::Hangup`] and [`Event::Terminate`]; its end counts as [`Event::Terminate`].
///
/// # Errors
/// The file system gives no watch.
pub async fn run<A: Act>(
    engine: Arc<A>,
    load: Load,
    setup: Setup,
    mut signals: mpsc::Receiver<Event>,
) -> notify::Result<Ended> {
    let (file_hints, mut file_hinted) = mpsc::channel(QUEUE);
    let (engine_hints, mut engine_hinted) = mpsc::channel(QUEUE);
    let mut files = Files::new(file_hints, setup.poll)?;
    let mut followed: BTreeSet<PathBuf> = setup.files.iter().cloned().collect();
    files.follow(followed.iter().map(PathBuf::as_path));
    let _events = AbortOnDrop(tokio::spawn(follow_engine(
        Arc::clone(&engine),
        engine_hints,
    )));
    let mut rearm = tokio::time::interval(REARM);
    rearm.set_missed_tick_behavior(MissedTickBehavior::Skip);

    let began = Instant::now();
    let mut state = State::new(setup.interval, setup.seed);
    let mut run = Running::default();
    let mut good: Option<Arc<Good>> = None;
    let mut complaint: Option<Complaint> = None;
    let mut told = Told::default();
    let mut seen = digest(&followed);
    let mut event = Event::Time;
    loop {
        if event == Event::Hangup {
            told.repeat();
        }
        for command in state.on(event, began.elapsed()) {
            match command {
                Command::Reconcile { leave, hold } => {
                    let options = Options {
                        leave,
                        hold,
                        ..setup.options.clone()
                    };
                    told.repeat_after(setup.interval, began.elapsed());
                    let job = Job {
                        options,
                        allow_empty: setup.allow_empty,
                        limits: setup.limits,
                        guard: Arc::clone(&setup.guard),
                        good: good.clone(),
                        complaint: complaint.clone(),
                        told: told.clone(),
                        stop: run.stop.subscribe(),
                    };
                    let (engine, load) = (Arc::clone(&engine), Arc::clone(&load));
                    run.task = Some(tokio::spawn(async move {
                        reconcile(&*engine, &load, job).await
                    }));
                }
                Command::FinishSteps => {
                    tracing::info!("ending: the steps at hand are finished first");
                    run.stop.send_replace(Stop::AfterSteps);
                }
                Command::Abort => return Ok(Ended::AtOnce),
                Command::Exit => return Ok(Ended::Finished),
                Command::ReportHeld(text) => {
                    tracing::error!("{text}; it is left alone until the file changes");
                }
            }
        }
        let wake = state.wakes_at().map(|at| began + at);
        event = loop {
            tokio::select! {
                signal = signals.recv() => break signal.unwrap_or(Event::Terminate),
                done = run.ended() => {
                    let done = done.unwrap_or_default();
                    if !done.files.is_empty() {
                        followed = done.files;
                        files.follow(followed.iter().map(PathBuf::as_path));
                    }
                    seen = done.digest.unwrap_or(seen);
                    good = done.good.or(good);
                    complaint = done.complaint;
                    if let Some(foreseen) = done.foreseen {
                        told.said(foreseen, began.elapsed());
                    }
                    break Event::Reconciled(done.report);
                }
                Some(()) = file_hinted.recv() => {}
                Some(()) = engine_hinted.recv() => break Event::Engine,
                _ = rearm.tick() => { let _ = files.rearm(); }
                () = sleep_until(wake) => break Event::Time,
            }
            // A hint of the files, or a look at them now and then where nothing hints: only another content counts.
            let now = digest(&followed);
            if now != seen {
                seen = now;
                break Event::Files;
            }
        };
    }
}

/// The reconcile that runs, and how it is told to stop.
struct Running {
    task: Option<JoinHandle<Done>>,
    stop: watch::Sender<Stop>,
}

impl Default for Running {
    fn default() -> Self {
        Self {
            task: None,
            stop: watch::Sender::new(Stop::No),
        }
    }
}

impl Running {
    /// Waits for the end of the reconcile that runs; for ever if none does. `None` if it panicked.
    async fn ended(&mut self) -> Option<Done> {
        let Some(task) = &mut self.task else {
            return std::future::pending().await;
        };
        let done = task.await;
        self.task = None;
        match done {
            Ok(done) => Some(done),
            Err(error) => {
                tracing::error!(%error, "a reconcile broke off; it is tried again");
                None
            }
        }
    }
}

struct AbortOnDrop(JoinHandle<()>);

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}

async fn sleep_until(wake: Option<Instant>) {
    match wake {
        Some(wake) => tokio::time::sleep_until(wake).await,
        None => std::future::pending().await,
    }
}

/// A digest of what the files hold; a file that cannot be read has one too.
pub(super) fn digest(files: &BTreeSet<PathBuf>) -> [u8; 32] {
    use sha2::{Digest as _, Sha256};

    let mut hash = Sha256::new();
    for file in files {
        hash.update(file.as_os_str().as_encoded_bytes());
        match std::fs::read(file) {
            Ok(bytes) => {
                hash.update([1]);
                hash.update(bytes.len().to_le_bytes());
                hash.update(bytes);
            }
            Err(error) => hash.update(error.kind().to_string().as_bytes()),
        }
    }
    hash.finalize().into()
}
