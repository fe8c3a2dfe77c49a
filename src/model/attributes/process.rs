//! The vocabulary: process.

use crate::model::Attribute;

/// Attributes of a container: process.
pub const PROCESS: &[Attribute] = &[];
