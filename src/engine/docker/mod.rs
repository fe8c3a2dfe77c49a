//! A Docker engine (or Podman behind Docker's API) over its socket.
//!
//! Reads go over kept connections, as `GET` and nothing else, with lenient types of our own; writes go through bollard
//! over the same kind of connection.

mod build;
mod client;
mod credentials;
mod host;
mod lean;
mod limits;
mod listed;
mod plain;
mod progress;
mod reader;
mod transport;
mod writer;

pub use client::Docker;
pub use host::Host;
pub use limits::Limits;
pub use reader::Reader;
/// The simulated engine refuses what this client cannot send.
pub(in crate::engine) use writer::typed;
