//! A YAML document as a tree in which everything knows its place.

use super::Span;

/// A value with its place.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// Where it stands.
    pub span: Span,
    /// What it is.
    pub kind: Kind,
    /// A tag of Compose's that says how it is merged.
    pub tag: Option<Tag>,
}

/// Compose's tags for merging several files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tag {
    /// `!reset`: what an earlier file said is forgotten.
    Reset,
    /// `!override`: stands in place of what an earlier file said, instead of being merged with it.
    Override,
}

/// What a node is.
#[derive(Debug, Clone, PartialEq)]
pub enum Kind {
    /// Nothing: `key:`, `~` or `null`.
    Null,
    /// A single value.
    Scalar(Scalar),
    /// A sequence.
    List(Vec<Node>),
    /// A mapping, in the order of the file. No key stands twice.
    Map(Vec<Entry>),
}

/// A single value: its text as it was written, and whether quotes or a block forbid to read it as a number or a boolean.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scalar {
    /// The text after YAML's unquoting and after interpolation. `1.10` stays `1.10`.
    pub text: String,
    /// Whether it was written plain, so that `8080` is a number and `true` a boolean.
    pub plain: bool,
    /// Texts of variables that look like secrets and that were put into this value.
    pub secrets: Vec<String>,
}

/// One entry of a mapping.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// Its key.
    pub key: Key,
    /// Its value.
    pub value: Node,
}

/// The key of a mapping's entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// Its text.
    pub text: String,
    /// Where it stands.
    pub span: Span,
}

impl Node {
    /// The value of a key, if this is a mapping that has it.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.entries()
            .iter()
            .find(|entry| entry.key.text == key)
            .map(|entry| &entry.value)
    }

    /// The entries, if this is a mapping; none otherwise.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        match &self.kind {
            Kind::Map(entries) => entries,
            Kind::Null | Kind::Scalar(_) | Kind::List(_) => &[],
        }
    }

    /// The text, if this is a single value.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match &self.kind {
            Kind::Scalar(scalar) => Some(&scalar.text),
            Kind::Null | Kind::List(_) | Kind::Map(_) => None,
        }
    }

    /// Whether both say the same, wherever they stand and in whatever order.
    #[must_use]
    pub fn says_same(&self, other: &Node) -> bool {
        match (&self.kind, &other.kind) {
            (Kind::Null, Kind::Null) => true,
            (Kind::Null, Kind::Map(all)) | (Kind::Map(all), Kind::Null) => all.is_empty(),
            (Kind::Scalar(one), Kind::Scalar(other)) => {
                (&one.text, one.plain) == (&other.text, other.plain)
            }
            (Kind::List(one), Kind::List(other)) => {
                let mut both = one.iter().zip(other);
                one.len() == other.len() && both.all(|(one, other)| one.says_same(other))
            }
            (Kind::Map(one), Kind::Map(all)) => {
                let same = |entry: &Entry| {
                    let found = other.get(&entry.key.text);
                    found.is_some_and(|found| entry.value.says_same(found))
                };
                one.len() == all.len() && one.iter().all(same)
            }
            _ => false,
        }
    }

    /// What it is, in the words of a message: `a list`.
    #[must_use]
    pub fn noun(&self) -> &'static str {
        match &self.kind {
            Kind::Null => "nothing",
            Kind::Scalar(_) => "a single value",
            Kind::List(_) => "a list",
            Kind::Map(_) => "a mapping",
        }
    }
}
