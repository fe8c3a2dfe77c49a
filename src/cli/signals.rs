//! Ctrl-C and SIGTERM while a plan is carried out: the first finishes what is at hand, the second stops at once.

use std::cell::OnceCell;

use tokio::{
    signal::unix::{Signal, SignalKind, signal},
    sync::watch,
};

use super::{bars::Bars, fault::Fault};
use crate::apply::Stop;

/// What signals have asked for. Before the first apply they end the program, as they do any other.
#[derive(Debug, Default)]
pub struct Signals(OnceCell<watch::Receiver<Stop>>);

impl Signals {
    /// Listens from now on, for as long as the runtime lives. What a signal means is said above the bars.
    pub fn listen(&self, bars: &Bars) -> Result<watch::Receiver<Stop>, Fault> {
        if let Some(stop) = self.0.get() {
            return Ok(stop.clone());
        }
        let cannot = |error| Fault::new(format!("cannot listen for Ctrl-C: {error}"));
        let interrupt = signal(SignalKind::interrupt()).map_err(cannot)?;
        let terminate = signal(SignalKind::terminate()).map_err(cannot)?;
        let (tell, told) = watch::channel(Stop::No);
        tokio::spawn(pass_on(interrupt, terminate, tell, bars.speaker()));
        Ok(self.0.get_or_init(|| told).clone())
    }

    /// What was asked for so far.
    #[must_use]
    pub fn stop(&self) -> Stop {
        self.0.get().map_or(Stop::No, |stop| *stop.borrow())
    }

    /// Waits until something is asked for; for ever, where signals end the program by themselves.
    pub async fn stopped(&self) {
        match self.0.get() {
            Some(stop) => {
                let mut stop = stop.clone();
                // The sender lives as long as the runtime, so an error cannot be.
                let _ = stop.wait_for(|stop| *stop != Stop::No).await;
            }
            None => std::future::pending().await,
        }
    }
}

async fn pass_on(
    mut interrupt: Signal,
    mut terminate: Signal,
    tell: watch::Sender<Stop>,
    say: impl Fn(&str),
) {
    loop {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
        let now = *tell.borrow();
        match now {
            Stop::No => {
                say(
                    "Stopping: the steps at hand are finished, and no new one is begun.\n\
                     Ctrl-C again stops at once.",
                );
                tell.send_replace(Stop::AfterSteps);
            }
            Stop::AfterSteps => {
                say("Stopping at once. The next apply finishes what was begun.");
                tell.send_replace(Stop::Now);
            }
            // Whatever still hangs is left: every state between two calls can be recovered from.
            Stop::Now => std::process::exit(130),
        }
    }
}
