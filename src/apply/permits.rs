//! How much goes on at the same time.
//!
//! What has begun comes before what has not: a container that is down goes on before another one is touched. So there is a
//! turnstile before the permits of new steps, and whoever has begun does not pass through it.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// How many containers are replaced at the same time. Each of them is down meanwhile, and the engine's processors are
/// shared among them: with two at a time a container is down for half as long as with four, and fifty take no longer.
const CUT_OVERS: usize = 3;

/// The permits of one apply.
#[derive(Debug)]
pub struct Permits {
    steps: Class,
    cut_overs: Class,
}

#[derive(Debug)]
struct Class {
    turnstile: Semaphore,
    permits: Arc<Semaphore>,
}

/// Which permits a step needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Something is down while the step runs.
    CutOver,
    /// Nothing is.
    Other,
}

/// A permit; giving it back is dropping it.
pub type Permit = OwnedSemaphorePermit;

impl Permits {
    /// So many at the same time; none would be a deadlock.
    #[must_use]
    pub fn new(parallelism: usize) -> Self {
        Self {
            steps: Class::new(parallelism.max(1)),
            cut_overs: Class::new(parallelism.clamp(1, CUT_OVERS)),
        }
    }

    /// A permit for a step that begins.
    pub async fn begin(&self, purpose: Purpose) -> Option<Permit> {
        let class = self.class(purpose);
        let _turn = class.turnstile.acquire().await.ok()?;
        class.take().await
    }

    /// A permit for a step that goes on after it has waited.
    pub async fn go_on(&self, purpose: Purpose) -> Option<Permit> {
        self.class(purpose).take().await
    }

    fn class(&self, purpose: Purpose) -> &Class {
        match purpose {
            Purpose::CutOver => &self.cut_overs,
            Purpose::Other => &self.steps,
        }
    }
}

impl Class {
    fn new(permits: usize) -> Self {
        Self {
            turnstile: Semaphore::new(1),
            permits: Arc::new(Semaphore::new(permits)),
        }
    }

    /// The semaphore is never closed, so there is always a permit in the end.
    async fn take(&self) -> Option<Permit> {
        Arc::clone(&self.permits).acquire_owned().await.ok()
    }
}
