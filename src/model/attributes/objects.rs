//! The vocabulary of images, networks and volumes.

use crate::model::Attribute;

/// What an image of the file can say.
pub const IMAGE_ATTRIBUTES: &[Attribute] = &[];
/// What a network of the file can say.
pub const NETWORK_ATTRIBUTES: &[Attribute] = &[];
/// What a volume of the file can say.
pub const VOLUME_ATTRIBUTES: &[Attribute] = &[];
