//! The file: from YAML text to a checked document. Knows nothing of an engine.

mod check;
mod composition;
mod conceal;
mod convert;
mod decode;
mod document;
pub mod dotenv;
mod forms;
pub mod interpolate;
mod merge;
mod nearest;
mod node;
mod problem;
mod schema;
mod services;
mod source;
mod spans;
mod template;
pub mod yaml;

pub use conceal::conceals;
pub use convert::convert;
pub use document::{Document, Failure, Inputs, Item, parse};
pub use interpolate::{Variable, Variables};
pub use nearest::nearest;
pub use node::{Entry, Key, Kind, Node, Scalar, Tag};
pub use problem::{Problem, Severity};
pub use schema::{OWN, Own, schema};
pub use source::{FileId, Source, Sources, Span};
pub use spans::Spans;
