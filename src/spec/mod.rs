//! The file: from YAML text to a checked document. Knows nothing of an engine.

pub mod dotenv;
pub mod interpolate;
mod node;
mod problem;
mod source;
mod template;
pub mod yaml;

pub use interpolate::{Variable, Variables};
pub use node::{Entry, Key, Kind, Node, Scalar, Tag};
pub use problem::{Problem, Severity};
pub use source::{FileId, Source, Sources, Span};
