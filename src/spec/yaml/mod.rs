//! From YAML text to a tree of [`Node`](super::Node)s in which everything knows its place.
//!
//! What a value means (a number, a port, a list in its short form) is not decided here, and neither is what a variable
//! stands for: `read` only takes YAML apart, repeats what aliases name, and merges `<<`.

mod builder;
mod colon;
mod read;
mod syntax;
#[cfg(test)]
mod tests;

pub(super) use read::unreadable;

pub use colon::missing_space;
pub use read::{LARGEST_FILE, read, read_partly};
