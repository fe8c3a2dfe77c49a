//! The vocabulary of the file, as tables, and the normal form that both sides of the comparison are brought into.
//!
//! One [`Attribute`] says everything about one attribute: its names, how it is written in the file, what it is called in
//! the engine's API, what it means when it is unset, and what a change of it takes. Reading YAML and talking to an engine
//! do not belong here.

mod applied;
mod attribute;
pub mod attributes;
mod engine_info;
mod form;
mod path;
mod secrets;
mod settings;
mod state;

pub use applied::{Applied, LABEL_VERSION};
pub use attribute::{
    Attribute, Attributes, Body, Expect, Place, Question, Seen, Shape, Table, Unset, Way, is_empty,
    recreate, update, update_unless_removed,
};
pub use engine_info::EngineInfo;
pub use form::{Fault, Field, Form, Items, Keyed, NullMeans, Record};
pub use path::Path;
pub use secrets::{SEALED, SECRET_TEXT, Secrets, looks_secret};
pub use settings::Settings;
pub use state::{Condition, FailureAction, Order, PullPolicy, State, Update};
