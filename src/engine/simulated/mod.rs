//! A simulated engine for tests: deterministic, in memory, behind the same traits as the real one.
//!
//! [`World`] is the engine's state and its rules, without I/O and without a lock: it can be cloned, looked into, and changed
//! behind a client's back ([`Simulated::hands`]). [`Simulated`] is a client's side of it: the traits, a log of calls, faults, a clock.
//!
//! It answers as Docker 20.10 does (API 1.41) unless a [`Profile`] says otherwise, with the engine's own words and statuses;
//! a test runs the same calls against a real engine and compares. What no part of Evenkeel reads is left out.
//!
//! ```
//! # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
//! use evenkeel::engine::{Act, Observe, simulated::{ImageSpec, Simulated}};
//! let engine = Simulated::new().with_image("app:1", ImageSpec::default());
//! let id = engine.create_container("web", &serde_json::json!({"Image": "app:1"}), None).await.unwrap();
//! engine.start(&id).await.unwrap();
//! assert_eq!(engine.container("web").await.unwrap().unwrap()["State"]["Status"], "running");
//! # });
//! ```

mod call;
mod client;
mod clock;
mod config;
mod containers;
mod create;
mod engine;
mod faults;
mod following;
mod hands;
mod host_config;
mod images;
mod inside;
mod inspect;
mod invariants;
mod mounts;
mod networking;
mod networks;
mod ports;
mod process;
mod profile;
#[cfg(test)]
mod tests;
mod update;
mod volumes;
mod world;

pub use call::{Call, Ending};
pub use clock::Clock;
pub use containers::{Container, Endpoint, Phase};
pub use engine::{Delays, Simulated};
pub use faults::{Fault, Trigger};
pub use images::{Image, ImageSpec, Remote};
pub use invariants::{Allowed, instances, violations, violations_since};
pub use networks::Network;
pub use process::{Behaviour, Checks, OnStop, Runs};
pub use profile::Profile;
pub use volumes::Volume;
pub use world::{By, Change, Happened, Kind, World};
