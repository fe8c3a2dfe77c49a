//! The vocabulary: storage.

use crate::model::Attribute;

/// Attributes of a container: storage.
pub const STORAGE: &[Attribute] = &[];
