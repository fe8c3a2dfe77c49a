//! The vocabulary: one entry an attribute, in one file a subject.

mod build;
mod identity;
mod lists;
mod network;
mod objects;
mod parts;
mod podman;
mod process;
mod resources;
#[cfg(test)]
mod round;
mod security;
mod storage;
#[cfg(test)]
mod testing;

pub use network::{NetworkChange, OWN_NAMES, endpoint, gone, mark_gone, network_changes};
pub use podman::{shown_in_part, unset as unset_on};
pub use storage::carried_over;

use super::{Attribute, Attributes, Table};

/// What a container of the file can say.
pub static CONTAINER: Attributes = Attributes::of(&[
    identity::IDENTITY,
    process::PROCESS,
    network::NETWORK,
    storage::STORAGE,
    resources::RESOURCES,
    security::SECURITY,
]);
/// What an image of the file can say.
pub static IMAGE: Attributes = Attributes::of(&[objects::IMAGE_ATTRIBUTES]);
/// What a network of the file can say.
pub static NETWORK: Attributes = Attributes::of(&[objects::NETWORK_ATTRIBUTES]);
/// What a volume of the file can say.
pub static VOLUME: Attributes = Attributes::of(&[objects::VOLUME_ATTRIBUTES]);

/// Every attribute of a table.
pub fn all(table: Table) -> impl Iterator<Item = &'static Attribute> {
    table.iter()
}

/// The attribute of a name or an alias.
#[must_use]
pub fn find(table: Table, name: &str) -> Option<&'static Attribute> {
    table.find(name)
}
