//! Env files: `NAME=value` lines, as Compose reads them for `env_file` and `.env`, and Docker's raw format.
//!
//! Where the files are and which of them wins does not belong here.

mod quoted;
mod raw;
mod read;
#[cfg(test)]
mod tests;

pub use raw::read_raw;
pub use read::{Assignment, read_env};
