//! How much goes on at the same time.
//!
//! What has begun comes before what has not, so there is a turnstile before the permits of new steps, and whoever has begun
//! does not pass through it. Among those that have begun, few have something down at the same time: the engine's
//! processors are shared among all that runs, and a container that shares them with seven others is down eight times as
//! long. What does not count as being down (making the new one, removing the old one) fills the gaps.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// How many containers are down at the same time because they are being replaced. A judgement between being down for long
/// and waiting for long: fifty containers on an engine with two busy processors were down for 0.75 s each (median) in 15.6 s
/// with three, and for 0.64 s in 19.1 s with two; a bare client that replaces sixteen at a time had each down for 3.1 s and
/// took 12.1 s.
const CUT_OVERS: usize = 3;

/// The permits of one apply.
#[derive(Debug)]
pub struct Permits {
    turnstile: Semaphore,
    steps: Arc<Semaphore>,
    cut_overs: Arc<Semaphore>,
}

/// What a step holds while it works; giving it back is dropping it.
#[derive(Debug)]
pub struct Permit {
    _step: Option<OwnedSemaphorePermit>,
    cut_over: Option<OwnedSemaphorePermit>,
}

impl Permits {
    /// So many at the same time; none would be a deadlock.
    #[must_use]
    pub fn new(parallelism: usize) -> Self {
        let parallelism = parallelism.max(1);
        Self {
            turnstile: Semaphore::new(1),
            steps: Arc::new(Semaphore::new(parallelism)),
            cut_overs: Arc::new(Semaphore::new(parallelism.min(CUT_OVERS))),
        }
    }

    /// A permit for a step that begins.
    pub async fn begin(&self) -> Permit {
        let _turn = self.turnstile.acquire().await;
        self.go_on(false).await
    }

    /// A permit for a step that goes on after it has waited; also for having something down, if it has.
    pub async fn go_on(&self, down: bool) -> Permit {
        // Always in this order, so that nobody who holds the second waits for the first. Neither semaphore is ever closed.
        let step = Arc::clone(&self.steps).acquire_owned().await.ok();
        let mut permit = Permit {
            _step: step,
            cut_over: None,
        };
        if down {
            self.take_down(&mut permit).await;
        }
        permit
    }

    /// Adds the permit for having something down.
    pub async fn take_down(&self, permit: &mut Permit) {
        permit.cut_over = Arc::clone(&self.cut_overs).acquire_owned().await.ok();
    }
}

impl Permit {
    /// Nothing is down any more.
    pub fn is_up(&mut self) {
        self.cut_over = None;
    }
}
