//! What a file says beside its tables: the project's name, configs and secrets, and what Compose says in its own words.

use super::{Document, Inputs, Node, Problem, composition::Reading};

/// Keys of a container that are read here and not by the vocabulary's tables.
pub const OWN_KEYS: &[&str] = &[];

/// `configs`, `secrets` and `sensitive` of the file.
#[derive(Debug, Default)]
pub struct Extras;

impl Extras {
    /// Reads `configs` or `secrets`.
    pub fn read(&mut self, _section: &str, _node: &Node, _problems: &mut Vec<Problem>) {}

    /// Reads `sensitive`.
    pub fn sensitive(&mut self, _node: &Node, _problems: &mut Vec<Problem>) {}
}

/// The project's name.
pub fn project(node: &Node, _inputs: &Inputs<'_>, _reading: &mut Reading<'_>) -> String {
    node.get("project")
        .and_then(Node::text)
        .unwrap_or_default()
        .to_owned()
}

/// Completes a document with what only the whole file tells.
pub fn finish(
    _document: &mut Document,
    _node: &Node,
    _extras: &Extras,
    _reading: &mut Reading<'_>,
) {
}
