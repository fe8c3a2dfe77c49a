//! The vocabulary: identity.

use crate::model::Attribute;

/// Attributes of a container: identity.
pub const IDENTITY: &[Attribute] = &[];
