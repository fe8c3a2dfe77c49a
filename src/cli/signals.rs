//! Ctrl-C and SIGTERM while a plan is carried out: the first finishes what is at hand, the second stops at once.

use tokio::{
    signal::unix::{Signal, SignalKind, signal},
    sync::watch,
    task::JoinHandle,
};

use super::fault::Fault;
use crate::apply::Stop;

/// Listens from now on, and says what a signal means. The task ends with the runtime, or when it is aborted.
pub fn listen(
    say: impl Fn(&str) + Send + 'static,
) -> Result<(watch::Receiver<Stop>, JoinHandle<()>), Fault> {
    let cannot = |error| Fault::new(format!("cannot listen for Ctrl-C: {error}"));
    let interrupt = signal(SignalKind::interrupt()).map_err(cannot)?;
    let terminate = signal(SignalKind::terminate()).map_err(cannot)?;
    let (tell, told) = watch::channel(Stop::No);
    Ok((told, tokio::spawn(pass_on(interrupt, terminate, tell, say))))
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
