//! The engine: what can be read of it, and what can be done to it, as two traits, and the Docker client behind them.
//!
//! [`Observe`] has no call that writes, so that a plan cannot: it is handed nothing else. Plans do not belong here.

mod act;
pub mod docker;
mod error;
mod inspects;
mod look;
mod observe;
pub mod simulated;

pub use act::{Act, BuildRequest, ExecRequest, PullProgress};
pub use error::{EngineError, Next};
pub use look::{Looked, look, look_again};
pub use observe::{EngineEvent, Listed, Observe, PublishedPort};
