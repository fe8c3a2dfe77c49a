//! What belongs together in a whole file: references that lead somewhere, names that are given once, no circles.

use super::{Document, Problem, Sources};

/// Checks a decoded document; notes what is wrong or worth a warning.
pub fn check(_document: &Document, _sources: &Sources, _problems: &mut Vec<Problem>) {}
