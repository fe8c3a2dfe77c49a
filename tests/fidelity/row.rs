//! One attribute, said in the file and to the command line.

/// What an attribute comes to, and what becomes of a change of it.
#[derive(Debug, Clone, Copy)]
pub struct Row {
    /// The attribute, as the vocabulary calls it.
    pub attribute: &'static str,
    /// What the file says, one line a key. A line `image:` stands in for the usual image.
    pub yaml: &'static str,
    /// What says the same to `docker create`. A word that begins with `@` is the image, and what stands behind it is the
    /// command. Without a `--network` it gets the network that containers of the file join by themselves.
    pub docker: &'static [&'static str],
    /// What the file says then.
    pub changed: &'static str,
    /// What says that to `docker create`.
    pub docker_changed: &'static [&'static str],
    /// The paths of the change, and what it takes.
    pub changes: &'static [(&'static str, Way)],
    /// The paths that the plan shows where somebody made the changed container by hand, if they are others: a difference
    /// that `inspect` does not show, or that the file does not judge, is none.
    pub by_hand: Option<&'static [&'static str]>,
    /// The minor version of the API that knows it.
    pub since: u32,
    /// Why it cannot be compared on an engine of this kind, by the beginning of the kind's name; empty if it can.
    pub not_on: &'static str,
}

/// What every row has, but for what it says itself.
pub const ROW: Row = Row {
    attribute: "",
    yaml: "",
    docker: &[],
    changed: "",
    docker_changed: &[],
    changes: &[],
    by_hand: None,
    since: 0,
    not_on: "",
};

/// What a change takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Way {
    /// The engine updates the container.
    Update,
    /// The container leaves networks and joins them again.
    Reconnect,
    /// The engine renames the container.
    Rename,
    /// A new container takes its place.
    Recreate,
}
