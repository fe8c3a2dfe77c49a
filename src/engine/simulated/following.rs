//! A stream of events.

use std::pin::Pin;

use futures_util::{Stream, stream};
use tokio::sync::watch;

use super::{Clock, Simulated};
use crate::engine::{EngineError, EngineEvent};

/// A stream of events: where it is, and how it hears of more.
pub struct Following {
    engine: Simulated,
    changed: watch::Receiver<()>,
    next: usize,
    life: u64,
    over: bool,
}

impl Following {
    /// The events from a place in the world's list on, each as it happens.
    pub fn from(
        engine: Simulated,
        next: usize,
    ) -> Pin<Box<dyn Stream<Item = Result<EngineEvent, EngineError>> + Send>> {
        let life = engine.lock().life;
        let changed = engine.changed.subscribe();
        let following = Self {
            engine,
            changed,
            next,
            life,
            over: false,
        };
        Box::pin(stream::unfold(following, Self::next))
    }

    async fn next(mut self) -> Option<(Result<EngineEvent, EngineError>, Self)> {
        loop {
            if self.over {
                return None;
            }
            let due = {
                let mut shared = self.engine.lock();
                shared.catch_up();
                if shared.life != self.life {
                    drop(shared);
                    self.over = true;
                    let failure = EngineError::Broken {
                        what: "GET /events".into(),
                        cause: "connection reset by peer".into(),
                    };
                    return Some((Err(failure), self));
                }
                if let Some(happened) = shared.world.events.get(self.next) {
                    let event = happened.event.clone();
                    drop(shared);
                    self.next += 1;
                    return Some((Ok(event), self));
                }
                self.changed.mark_unchanged();
                let due = shared
                    .world
                    .next_due()
                    .map(|due| due.saturating_sub(shared.world.now));
                due.filter(|_| shared.clock == Clock::Tokio)
            };
            match due {
                Some(due) => {
                    tokio::select! {
                        changed = self.changed.changed() => changed.ok()?,
                        () = tokio::time::sleep(due) => {}
                    }
                }
                None => self.changed.changed().await.ok()?,
            }
        }
    }
}
