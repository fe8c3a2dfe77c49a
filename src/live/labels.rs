//! The labels that say what is ours.

/// The project that owns a container, a network or a volume.
pub const PROJECT: &str = "io.evenkeel.project";
/// The key of a container in the file (with the number of a replica).
pub const CONTAINER: &str = "io.evenkeel.container";
/// The name that a container has in the end, without `.next` and `.prev`.
pub const NAME: &str = "io.evenkeel.name";
/// The key of a network in the file.
pub const NETWORK: &str = "io.evenkeel.network";
/// The key of a volume in the file.
pub const VOLUME: &str = "io.evenkeel.volume";
/// The container whose place this one takes, where that one does not say so itself.
pub const REPLACES: &str = "io.evenkeel.replaces";
/// What the file said when it was applied.
pub const APPLIED: &str = "io.evenkeel.applied";

/// Whether a label is one of ours, which no file may set and no comparison sees.
#[must_use]
pub fn is_ours(label: &str) -> bool {
    label.starts_with("io.evenkeel.")
}
