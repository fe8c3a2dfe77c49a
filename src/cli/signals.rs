//! Ctrl-C and SIGTERM while a plan is carried out: the first finishes what is at hand, the second stops at once.

use tokio::{
    signal::unix::{Signal, SignalKind, signal},
    sync::watch,
    task::JoinHandle,
};

use super::{fault::Fault, output};
use crate::apply::Stop;

/// Listens from now on. The task ends with the runtime, or when it is aborted.
pub fn listen() -> Result<(watch::Receiver<Stop>, JoinHandle<()>), Fault> {
    let cannot = |error| Fault::new(format!("cannot listen for Ctrl-C: {error}"));
    let interrupt = signal(SignalKind::interrupt()).map_err(cannot)?;
    let terminate = signal(SignalKind::terminate()).map_err(cannot)?;
    let (tell, told) = watch::channel(Stop::No);
    Ok((told, tokio::spawn(pass_on(interrupt, terminate, tell))))
}

async fn pass_on(mut interrupt: Signal, mut terminate: Signal, tell: watch::Sender<Stop>) {
    loop {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
        let now = *tell.borrow();
        match now {
            Stop::No => {
                output::message(
                    "\nStopping: the steps at hand are finished, and no new one is begun. Ctrl-C again stops at once.\n",
                );
                tell.send_replace(Stop::AfterSteps);
            }
            Stop::AfterSteps => {
                output::message("\nStopping at once. The next apply finishes what was begun.\n");
                tell.send_replace(Stop::Now);
            }
            // Whatever still hangs is left: every state between two calls can be recovered from.
            Stop::Now => std::process::exit(130),
        }
    }
}
