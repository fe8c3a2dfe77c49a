//! The vocabulary: network.

use crate::model::Attribute;

/// Attributes of a container: network.
pub const NETWORK: &[Attribute] = &[];

/// What becomes of one network of a container.
#[derive(Debug, Clone, PartialEq)]
pub struct NetworkChange {
    /// n
    pub network: String,
    /// f
    pub field: String,
    /// b
    pub before: Option<serde_json::Value>,
    /// a
    pub after: Option<serde_json::Value>,
}
/// Shim.
#[must_use]
pub fn network_changes(_: &serde_json::Value, _: &serde_json::Value) -> Vec<NetworkChange> {
    Vec::new()
}
/// Shim.
#[must_use]
pub fn endpoint(_: &serde_json::Value) -> serde_json::Value {
    serde_json::Value::Null
}
