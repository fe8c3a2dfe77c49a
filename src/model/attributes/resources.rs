//! The vocabulary: resources.

use crate::model::Attribute;

/// Attributes of a container: resources.
pub const RESOURCES: &[Attribute] = &[];
