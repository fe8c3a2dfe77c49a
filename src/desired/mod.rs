//! What should be: the file's side of the comparison, with every reference resolved to a name on the engine.

mod document;
mod pattern;
mod resolve;

pub use document::{Container, Dependency, Desired, Image, Location, Network, Volume};
pub use pattern::Pattern;
pub use resolve::resolve;
