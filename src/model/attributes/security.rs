//! The vocabulary: security.

use crate::model::Attribute;

/// Attributes of a container: security.
pub const SECURITY: &[Attribute] = &[];
