//! The file: from YAML text to a checked document. Knows nothing of an engine.

mod node;
mod problem;
mod source;

pub use node::{Entry, Key, Kind, Node, Scalar, Tag};
pub use problem::{Problem, Severity};
pub use source::{FileId, Source, Sources, Span};
