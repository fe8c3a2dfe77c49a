//! One field that differs, with both values and the reason.

use serde_json::Value;

use crate::model::{Path, Way};

/// Why a field differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Cause {
    /// The file says something else than when it was applied.
    File,
    /// It was changed behind our back.
    Drift,
    /// The file says nothing of it any more.
    Removed,
    /// The image says something else than the one that the container was made from.
    Image,
    /// Something that it depends on is made anew.
    Dependency,
    /// It was not ours until now.
    Adopt,
}

impl Cause {
    /// Its word in plans.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::File => "file",
            Self::Drift => "drift",
            Self::Removed => "removed",
            Self::Image => "image",
            Self::Dependency => "dependency",
            Self::Adopt => "adopt",
        }
    }
}

/// One field that differs.
#[derive(Clone, PartialEq)]
pub struct Change {
    /// Where it stands.
    pub path: Path,
    /// What is; `None` is nothing.
    pub before: Option<Value>,
    /// What will be; `None` is nothing.
    pub after: After,
    /// Why.
    pub cause: Cause,
    /// What the change takes.
    pub way: Way,
    /// Whether the values must not be shown.
    pub sensitive: bool,
}

/// What will be.
#[derive(Debug, Clone, PartialEq)]
pub enum After {
    /// Nothing.
    Nothing,
    /// This value.
    Value(Value),
    /// What the pulled or built image says.
    KnownAfterPull,
}

impl After {
    /// A value, if there is one.
    #[must_use]
    pub fn of(value: Option<Value>) -> Self {
        value.map_or(Self::Nothing, Self::Value)
    }

    /// The value, if it is known.
    #[must_use]
    pub fn value(&self) -> Option<&Value> {
        match self {
            Self::Value(value) => Some(value),
            Self::Nothing | Self::KnownAfterPull => None,
        }
    }
}

impl std::fmt::Debug for Change {
    /// Without the values, which may be secrets.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} ({}, {:?})", self.path, self.cause.word(), self.way)
    }
}
