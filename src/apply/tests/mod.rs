//! Applies against a scripted engine.

use super::apply;
use crate::{engine::docker::Docker, plan::Approved};

/// The service runs an apply as a task of its own.
#[test]
fn an_apply_can_be_sent_to_another_thread() {
    fn is_send<T: Send>(_: impl FnOnce() -> T) {}
    fn never<T>() -> T {
        unreachable!()
    }
    is_send(|| {
        let engine: &'static Docker = never();
        let approved: &'static Approved = never();
        apply(engine, approved, never(), never(), never())
    });
}
