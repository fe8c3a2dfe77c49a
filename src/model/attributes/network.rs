//! The vocabulary: network.

use crate::model::Attribute;

/// Attributes of a container: network.
pub const NETWORK: &[Attribute] = &[];
