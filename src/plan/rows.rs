//! The rows of recovery: what the containers of one key say about how far a replacement got.
//!
//! There is no journal. A replacement makes `NAME.next`, renames `NAME` to `NAME.prev` and `NAME.next` to `NAME`, stops
//! `NAME.prev`, starts `NAME`, waits, and removes `NAME.prev`; one that starts first starts `NAME.next` and waits before it renames,
//! and stops `NAME.prev` after that. A rollback stops the new one, gives the old one its restart policy back, starts it,
//! removes the new one, and gives the old one its name back last, because what is called `NAME` is like any other container, and only `.prev` says that
//! something is left to do. A container that gets files is made as `NAME.next` too, so that `NAME` says that it has them.
//! The process may die between any two calls, so each combination is a row:
//!
//! | `NAME` | `.next` | `.prev` | how it came | what is done |
//! |---|---|---|---|---|
//! | – | – | – | nothing was begun | create |
//! | yes | – | – | the usual case | compare, then change in place or replace |
//! | – | yes | – | died before a new one had its files, or the old one was removed by hand | one that ran and is as wanted: rename; else remove `.next`, create |
//! | yes | yes | – | died before the names were exchanged | remove `.next`, compare `NAME` |
//! | – | yes | yes | died between the two renames | new one as wanted: rename, start, remove `.prev`; else put `.prev` back |
//! | yes | – | yes | died after the renames, or in a rollback | new one as wanted: start, wait, remove `.prev`; else put `.prev` back |
//! | – | – | yes | died in a rollback | put `.prev` back, then compare it |
//! | yes | yes | yes | two of the above | remove `.next`, then as without it |
//! | ran | any | never ran | somebody gave the name to one that was never an old one | remove `.prev` and `.next`, compare `NAME` |
//!
//! Whether the old one runs at that moment says nothing: it may have been stopped on the way. It must run again in a
//! rollback if it ran and the file that it was made from wanted it to.

use crate::live::{Container, Role, labels};

/// The containers of one key.
#[derive(Debug, Clone, Copy, Default)]
pub struct Instances<'a> {
    /// The one that serves.
    pub main: Option<&'a Container>,
    /// `NAME.next`.
    pub next: Option<&'a Container>,
    /// `NAME.prev`.
    pub prev: Option<&'a Container>,
}

/// What is done for one key before its container is compared.
#[derive(Debug, Clone, Copy)]
pub enum Row<'a> {
    /// There is none: create it.
    Create,
    /// Compare this one.
    Compare(&'a Container),
    /// The new one is as wanted and only has to be brought up: finish the replacement.
    Finish {
        /// The new one.
        new: &'a Container,
        /// The old one.
        old: &'a Container,
        /// Whether the new one has yet to get the name.
        rename: bool,
    },
    /// Put the old one back, remove the new one if there is one, and compare the old one.
    PutBack {
        /// The old one.
        old: &'a Container,
        /// The new one.
        discard: Option<&'a Container>,
    },
}

impl<'a> Instances<'a> {
    /// Sorts the containers of one key. Of two of the same part, which only hands can make, the one that has its own name
    /// counts, and the other one is not looked at.
    pub fn of(containers: impl Iterator<Item = &'a Container>) -> Self {
        let misnamed =
            |container: &Container| container.label(labels::NAME) != Some(container.name.as_str());
        let mut instances = Self::default();
        for container in containers {
            let slot = match container.role {
                Role::Main => {
                    if instances.main.is_some_and(misnamed) && !misnamed(container) {
                        instances.main = None;
                    }
                    &mut instances.main
                }
                Role::Next => &mut instances.next,
                Role::Prev => &mut instances.prev,
            };
            slot.get_or_insert(container);
        }
        instances
    }

    /// Whether there is none at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.main.is_none() && self.next.is_none() && self.prev.is_none()
    }

    /// Every one of them.
    pub fn iter(&self) -> impl Iterator<Item = &'a Container> + use<'a> {
        [self.main, self.next, self.prev].into_iter().flatten()
    }

    /// The row, and the containers that are removed before: those that nothing needs any more.
    ///
    /// `as_wanted` tells whether a container is what the file wants, all but its name, its state and its restart policy.
    #[must_use]
    pub fn row(&self, as_wanted: impl Fn(&Container) -> bool) -> (Row<'a>, Vec<&'a Container>) {
        let next = self.next.into_iter().collect();
        match (self.main, self.prev) {
            (None, None) => match self.next {
                // It has its files, as it ran, and what the old one wrote into its anonymous volumes.
                Some(new) if new.ran && as_wanted(new) => (Row::Compare(new), Vec::new()),
                _ => (Row::Create, next),
            },
            (Some(main), None) => (Row::Compare(main), next),
            // What serves is never given up for what never did.
            (Some(main), Some(old)) if main.ran && !old.ran && !as_wanted(main) => (
                Row::Compare(main),
                self.next.into_iter().chain([old]).collect(),
            ),
            (Some(new), Some(old)) if as_wanted(new) => (
                Row::Finish {
                    new,
                    old,
                    rename: false,
                },
                next,
            ),
            (Some(new), Some(old)) => (
                Row::PutBack {
                    old,
                    discard: Some(new),
                },
                next,
            ),
            (None, Some(old)) => match self.next {
                Some(new) if as_wanted(new) => (
                    Row::Finish {
                        new,
                        old,
                        rename: true,
                    },
                    Vec::new(),
                ),
                _ => (Row::PutBack { old, discard: None }, next),
            },
        }
    }
}
