//! What is tried again, when, and for how long.
//!
//! A call that failed is one of three: it may succeed later, it may have been done and only the answer was lost, or it
//! will fail again. In every case what is on the engine decides: if the thing is as it should be, the call was done.

use std::{
    hash::{BuildHasher, Hasher, RandomState},
    time::Duration,
};

use tokio::time::Instant;

use super::hand::Hand;
use crate::engine::{EngineError, Next, Observe};

/// How often a call is tried: with the pauses below that is about three seconds, in which an engine that was busy with the
/// same container, or a registry's hiccup, mostly passes.
const TRIES: u32 = 5;

/// How often something is tried that stands in another one's way: what is being removed is gone by then, and a name that
/// belongs to somebody else stays so.
const CONFLICTS: u32 = 3;

/// The first pause; each is twice as long as the one before.
const FIRST: Duration = Duration::from_millis(100);

/// The longest pause.
const LONGEST: Duration = Duration::from_secs(5);

/// The longest pause while the engine is away: it is noticed soon after it is back.
const AWAY: Duration = Duration::from_secs(1);

/// A series of tries.
#[derive(Debug, Default)]
pub struct Tries {
    made: u32,
}

impl Tries {
    /// The pause before the next try, with a quarter of it left to chance, so that many that failed together do not come
    /// back together; `None` if there is none.
    pub fn pause(&mut self, of: u32) -> Option<Duration> {
        self.made += 1;
        if self.made >= of {
            return None;
        }
        let pause = FIRST
            .saturating_mul(1 << (self.made - 1).min(16))
            .min(LONGEST);
        Some(jittered(pause))
    }
}

/// A pause, shortened by up to a quarter.
pub fn jittered(pause: Duration) -> Duration {
    // The standard library's hasher is seeded at random: chance enough for this, without a crate.
    let chance = RandomState::new().build_hasher().finish() % 256;
    let cut = pause.as_micros() / 4 * u128::from(chance) / 256;
    pause.saturating_sub(Duration::from_micros(u64::try_from(cut).unwrap_or(0)))
}

impl<A: Observe> Hand<'_, A> {
    /// Makes a call, waiting for the engine while it is away.
    pub async fn reach<T, F>(&self, call: impl Fn() -> F) -> Result<T, EngineError>
    where
        F: Future<Output = Result<T, EngineError>>,
    {
        let patience = self.site.limits.patience;
        let mut pause = FIRST;
        let mut since = None;
        loop {
            match call().await {
                Err(error @ EngineError::Unreachable { .. }) => {
                    // All calls share one wait; but others that get through must not make this one wait for ever.
                    let own = since.get_or_insert_with(Instant::now).elapsed();
                    let shared = self.site.engine_is_away(&error);
                    if patience.is_zero() || own.max(shared) >= patience {
                        return Err(error);
                    }
                    self.rest(tokio::time::sleep(jittered(pause))).await;
                    pause = (pause * 2).min(AWAY);
                }
                result => {
                    if !matches!(result, Err(EngineError::Broken { .. })) {
                        self.site.engine_is_there();
                    }
                    return result;
                }
            }
        }
    }

    /// Reads something; a read can be made again without a thought.
    pub async fn read<T, F>(&self, call: impl Fn() -> F) -> Result<T, EngineError>
    where
        F: Future<Output = Result<T, EngineError>>,
    {
        let mut tries = Tries::default();
        loop {
            let error = match self.reach(&call).await {
                Ok(value) => return Ok(value),
                Err(error) => error,
            };
            if error.next() == Next::GiveUp || error.is_about_the_engine() {
                return Err(error);
            }
            match tries.pause(TRIES) {
                Some(pause) => self.rest(tokio::time::sleep(pause)).await,
                None => return Err(error),
            }
        }
    }

    /// Makes a call that writes until it is done, cannot be done, or was tried often enough. After every failure `done`
    /// looks whether things are as they should be all the same.
    pub async fn settle<T, F, D>(
        &self,
        call: impl Fn() -> F,
        done: impl Fn() -> D,
    ) -> Result<T, EngineError>
    where
        F: Future<Output = Result<T, EngineError>>,
        D: Future<Output = Result<Option<T>, EngineError>>,
    {
        let mut tries = Tries::default();
        loop {
            let error = match self.reach(&call).await {
                Ok(value) => return Ok(value),
                Err(error) => error,
            };
            if error.is_about_the_engine() {
                return Err(error);
            }
            if let Ok(Some(value)) = self.read(&done).await {
                return Ok(value);
            }
            let of = match (error.next(), &error) {
                (Next::GiveUp, _) => return Err(error),
                (Next::LookAgain, EngineError::Conflict(_)) => CONFLICTS,
                (Next::LookAgain | Next::Retry, _) => TRIES,
            };
            match tries.pause(of) {
                Some(pause) => self.rest(tokio::time::sleep(pause)).await,
                None => return Err(error),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{TRIES, Tries};

    #[test]
    fn pauses_double_and_end() {
        let mut tries = Tries::default();
        let pauses: Vec<Duration> = std::iter::from_fn(|| tries.pause(TRIES)).collect();
        assert_eq!(pauses.len(), 4);
        for (pause, whole) in pauses.iter().zip([100, 200, 400, 800]) {
            let whole = Duration::from_millis(whole);
            assert!(
                *pause <= whole && *pause >= whole * 3 / 4,
                "{pause:?} of {whole:?}"
            );
        }
    }
}
