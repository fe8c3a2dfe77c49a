//! The rows of recovery: what the containers of one key say about how far a replacement got.
//!
//! There is no journal. A replacement makes `NAME.next`, renames `NAME` to `NAME.prev` and `NAME.next` to `NAME`, stops
//! `NAME.prev`, starts `NAME`, waits, and removes `NAME.prev`; one that starts first starts `NAME.next` and waits before it
//! renames, and stops `NAME.prev` after that. A rollback stops the new one, gives the old one its restart policy back,
//! starts it, renames the new one to `NAME.next` and the old one to `NAME`, and removes the new one last. A container that
//! gets files or has hooks is made as `NAME.next` too, so that `NAME` says that it has had them, and one with hooks that is
//! started again is called so until they have run. The process may die between any two calls, so each combination is a row
//! of [`TABLE`], which the reference prints.
//!
//! Whether the old one runs at that moment says nothing: it may have been stopped on the way. It must run again in a
//! rollback if it ran and the file that it was made from wanted it to.
//!
//! An old one that was made by hand, or whose key was changed, does not say that it is one. The new one says it for it (see
//! [`crate::live::Successor`]), from its creation until it is removed last in a rollback: from then on the old one is what
//! it was before. So one that is taken over needs the consent to that once more if the program died before there was a new
//! one, or after it was gone again.

use crate::live::{Container, Role, labels};

/// What one of the three has to be for a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Is {
    /// Whatever it is, or not there.
    Any,
    /// Not there.
    Absent,
    /// There.
    There,
    /// There, and it ran at least once.
    Ran,
    /// There, and it never ran.
    NeverRan,
    /// There, and what the file wants, all but its name, its state and its restart policy.
    Wanted,
    /// There, it ran, and it is not what the file wants.
    RanUnwanted,
}

impl Is {
    fn word(self) -> &'static str {
        match self {
            Self::Any => "any",
            Self::Absent => "–",
            Self::There => "yes",
            Self::Ran => "ran",
            Self::NeverRan => "never ran",
            Self::Wanted => "as wanted",
            Self::RanUnwanted => "ran, not as wanted",
        }
    }

    fn fits(self, container: Option<&Container>, as_wanted: &impl Fn(&Container) -> bool) -> bool {
        match (self, container) {
            (Self::Any, _) | (Self::Absent, None) | (Self::There, Some(_)) => true,
            (Self::Ran, Some(found)) => found.ran,
            (Self::NeverRan, Some(found)) => !found.ran,
            (Self::Wanted, Some(found)) => as_wanted(found),
            (Self::RanUnwanted, Some(found)) => found.ran && !as_wanted(found),
            (Self::Absent, Some(_)) | (_, None) => false,
        }
    }
}

/// What a row leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Deed {
    Create,
    Compare,
    TakeName,
    Finish,
    PutBack,
}

impl Deed {
    fn words(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Compare => "compare `NAME`, then change it in place or replace it",
            Self::TakeName => "run its hooks, give it its name, and compare it",
            Self::Finish => {
                "finish: the name, the start, the hooks, the wait, and last remove `.prev`"
            }
            Self::PutBack => "put `.prev` back, remove the new one last, and compare the old one",
        }
    }
}

/// A row of the table.
#[derive(Debug, Clone, Copy)]
struct Entry {
    /// What `NAME`, `NAME.next` and `NAME.prev` are.
    is: [Is; 3],
    /// How it came to that.
    came: &'static str,
    /// What is removed first, if it is there.
    removes: &'static [Role],
    /// What is done then.
    deed: Deed,
}

/// The table of recovery; the first row that fits counts.
const TABLE: &[Entry] = &[
    Entry {
        is: [Is::Absent, Is::Absent, Is::Absent],
        came: "nothing was begun",
        removes: &[],
        deed: Deed::Create,
    },
    Entry {
        is: [Is::Absent, Is::Ran, Is::Absent],
        came: "its hooks failed, or it died before they had run, or the old one was removed by hand",
        removes: &[],
        deed: Deed::TakeName,
    },
    Entry {
        is: [Is::Absent, Is::NeverRan, Is::Absent],
        came: "died before a new one had its files or was started, or the old one was removed by hand",
        removes: &[Role::Next],
        deed: Deed::Create,
    },
    Entry {
        is: [Is::There, Is::Absent, Is::Absent],
        came: "the usual case",
        removes: &[],
        deed: Deed::Compare,
    },
    Entry {
        is: [Is::There, Is::There, Is::Absent],
        came: "died before the names were exchanged, or at the end of a rollback",
        removes: &[Role::Next],
        deed: Deed::Compare,
    },
    Entry {
        // What serves is never given up for what never did.
        is: [Is::RanUnwanted, Is::Any, Is::NeverRan],
        came: "somebody gave the name to one that was never an old one",
        removes: &[Role::Next, Role::Prev],
        deed: Deed::Compare,
    },
    Entry {
        is: [Is::Wanted, Is::Any, Is::There],
        came: "died after the renames, or in a rollback",
        removes: &[Role::Next],
        deed: Deed::Finish,
    },
    Entry {
        is: [Is::There, Is::Any, Is::There],
        came: "the same, and the file has changed since",
        removes: &[Role::Next],
        deed: Deed::PutBack,
    },
    Entry {
        is: [Is::Absent, Is::Wanted, Is::There],
        came: "died between the two renames",
        removes: &[],
        deed: Deed::Finish,
    },
    Entry {
        is: [Is::Absent, Is::Any, Is::There],
        came: "the same, and the file has changed since; or the new one was removed by hand",
        removes: &[],
        deed: Deed::PutBack,
    },
];

/// The table as people read it: what the three are, how it came, and what is done.
pub fn recovery() -> impl Iterator<Item = [String; 5]> {
    TABLE.iter().map(|entry| {
        let mut done = String::new();
        for role in entry.removes {
            let name = match role {
                Role::Main => "NAME",
                Role::Next => ".next",
                Role::Prev => ".prev",
            };
            done.push_str(&format!("remove `{name}`; "));
        }
        done.push_str(entry.deed.words());
        let [main, next, prev] = entry.is.map(|is| is.word().to_owned());
        [main, next, prev, entry.came.to_owned(), done]
    })
}

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
    /// This one has yet to get the name, and before that, it may be, its hooks: compare it.
    TakeName(&'a Container),
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
        let Some(entry) = self.entry(as_wanted) else {
            return (Row::Create, Vec::new());
        };
        let removed = entry.removes.iter().filter_map(|role| match role {
            Role::Main => self.main,
            Role::Next => self.next,
            Role::Prev => self.prev,
        });
        let new = self.main.or(self.next);
        let row = match (entry.deed, new, self.prev) {
            (Deed::Compare, Some(main), _) => Row::Compare(main),
            (Deed::TakeName, Some(next), _) => Row::TakeName(next),
            (Deed::Finish, Some(new), Some(old)) => Row::Finish {
                new,
                old,
                rename: self.main.is_none(),
            },
            (Deed::PutBack, discard, Some(old)) => Row::PutBack { old, discard },
            (Deed::Create, _, _)
            | (Deed::Compare | Deed::TakeName | Deed::Finish, None, _)
            | (Deed::Finish | Deed::PutBack, _, None) => Row::Create,
        };
        (row, removed.collect())
    }

    /// The row of the table. There is one for every combination.
    fn entry(&self, as_wanted: impl Fn(&Container) -> bool) -> Option<&'static Entry> {
        let containers = [self.main, self.next, self.prev];
        TABLE.iter().find(|entry| {
            let mut pairs = entry.is.iter().zip(containers);
            pairs.all(|(is, container)| is.fits(container, &as_wanted))
        })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use serde_json::json;

    use super::{Instances, TABLE};
    use crate::{live::Container, model::EngineInfo};

    fn container(ran: bool, wanted: bool) -> Container {
        let started = if ran {
            "2026-01-01T00:00:00Z"
        } else {
            "0001-01-01T00:00:00Z"
        };
        let id = if wanted { "wanted" } else { "unwanted" };
        let inspect = json!({ "Id": id, "State": { "StartedAt": started } });
        Container::read(inspect, &BTreeMap::new(), &EngineInfo::default()).expect("an id is enough")
    }

    #[test]
    fn every_combination_has_a_row_and_every_row_a_combination() {
        let mut some: Vec<Option<Container>> = vec![None];
        for ran in [false, true] {
            some.extend([false, true].map(|wanted| Some(container(ran, wanted))));
        }
        let mut used = BTreeSet::new();
        for main in &some {
            for next in &some {
                for prev in &some {
                    let [main, next, prev] = [main, next, prev].map(Option::as_ref);
                    let instances = Instances { main, next, prev };
                    let entry = instances.entry(|found| found.id == "wanted");
                    let entry = entry.unwrap_or_else(|| panic!("{instances:?}"));
                    used.insert(entry.came);
                }
            }
        }
        assert_eq!(used.len(), TABLE.len(), "{used:?}");
    }
}
