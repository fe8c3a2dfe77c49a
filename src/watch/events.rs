//! Hints that something of the engine may have changed.

use std::{sync::Arc, time::Duration};

use futures_util::StreamExt;
use tokio::sync::mpsc;

use super::state::{BACKOFF_FIRST, BACKOFF_MOST};
use crate::engine::{EngineEvent, Observe};

/// Events that change nothing that a plan looks at, by their action.
const UNIMPORTANT: &[&str] = &["kill", "pull", "tag", "mount"];

/// Follows an engine's events for as long as somebody listens. Each that matters is a hint; a full queue needs no second.
///
/// An engine that went away is tried again with a back-off. Nothing is told of what happened meanwhile, so that every
/// new connection is a hint itself.
pub(super) async fn follow_engine<O: Observe>(engine: Arc<O>, hints: mpsc::Sender<()>) {
    let mut failures: u32 = 0;
    while !hints.is_closed() {
        match engine.events(None).await {
            Ok(mut events) => {
                if failures > 0 {
                    tracing::info!("the engine is back");
                }
                failures = 0;
                let _ = hints.try_send(());
                while let Some(Ok(event)) = events.next().await {
                    if matters(&event) {
                        tracing::debug!(
                            kind = event.kind,
                            action = event.action,
                            name = event.name,
                            "event"
                        );
                        let _ = hints.try_send(());
                    }
                }
                tracing::warn!("the engine's events ended; connecting again");
                let _ = hints.try_send(());
            }
            Err(error) if failures == 0 => {
                tracing::warn!(%error, "cannot follow the engine's events");
            }
            Err(error) => tracing::debug!(%error, "cannot follow the engine's events"),
        }
        failures = failures.saturating_add(1);
        tokio::time::sleep(wait(failures)).await;
    }
}

fn matters(event: &EngineEvent) -> bool {
    !UNIMPORTANT.contains(&event.action.as_str()) && !event.action.starts_with("exec_")
}

/// The wait doubles, but an engine that only restarts is looked for every few seconds: it is gone for a minute at most.
fn wait(failures: u32) -> Duration {
    let doubled = BACKOFF_FIRST.saturating_mul(1 << failures.saturating_sub(1).min(8));
    doubled.min(BACKOFF_MOST / 30)
}

#[cfg(test)]
mod tests {
    use super::{matters, wait};
    use crate::engine::EngineEvent;

    #[test]
    fn health_checks_and_pulls_are_no_hints() {
        let event = |action: &str| EngineEvent {
            kind: "container".into(),
            action: action.into(),
            ..EngineEvent::default()
        };
        for action in [
            "die",
            "destroy",
            "health_status: unhealthy",
            "rename",
            "something-new",
        ] {
            assert!(matters(&event(action)), "{action}");
        }
        for action in ["kill", "exec_create: sh", "exec_die", "pull"] {
            assert!(!matters(&event(action)), "{action}");
        }
    }

    #[test]
    fn an_engine_that_is_away_is_looked_for_every_ten_seconds_at_least() {
        assert_eq!(wait(1).as_secs(), 1);
        assert_eq!(wait(3).as_secs(), 4);
        assert_eq!(wait(u32::MAX).as_secs(), 10);
    }
}
