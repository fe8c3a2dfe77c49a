//! How an attribute is written in the file: the grammar that the decoder, the schema and the reference page share.
//!
//! A form says which YAML is accepted and which normal form comes out. It holds no YAML types: texts in, JSON values out.

use serde_json::{Map, Value};

/// Why a value was refused, in words that fit after "cannot …:".
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The field of a record that is at fault; empty for the value as a whole.
    pub field: String,
    /// What is wrong: a lower-case fragment.
    pub text: String,
    /// What to write instead; may be empty.
    pub hint: String,
}

impl Fault {
    /// A fault of the value as a whole.
    #[must_use]
    pub fn new(text: impl Into<String>, hint: impl Into<String>) -> Self {
        Self {
            field: String::new(),
            text: text.into(),
            hint: hint.into(),
        }
    }

    /// A fault of one field of a record.
    #[must_use]
    pub fn at(field: &str, text: impl Into<String>, hint: impl Into<String>) -> Self {
        Self {
            field: field.to_owned(),
            text: text.into(),
            hint: hint.into(),
        }
    }
}

/// What an entry of a map means that has no value (`KEY:` or `- KEY`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NullMeans {
    /// Take the value of the variable of that name from the surroundings; if there is none, the entry is `null`, which
    /// removes an entry of the image (Compose: `environment`).
    FromEnvironment,
    /// The empty text (Compose: `labels`, `driver_opts`).
    Empty,
}

/// One field of a record, written as a key of a mapping.
#[derive(Debug)]
pub struct Field {
    /// Its name in the file and in the normal form.
    pub name: &'static str,
    /// Other names that are read as this one.
    pub aliases: &'static [&'static str],
    /// One sentence for the schema and the reference.
    pub summary: &'static str,
    /// An example value, as YAML.
    pub example: &'static str,
    /// How it is written.
    pub form: Form,
    /// Whether the record is wrong without it.
    pub required: bool,
}

/// Reads the short syntax of a record.
pub type Short = fn(&str) -> Result<Value, Fault>;

/// A mapping with known keys.
#[derive(Debug)]
pub struct Record {
    /// Its fields.
    pub fields: &'static [Field],
    /// Reads the short syntax (a scalar), where there is one.
    pub short: Option<Short>,
    /// Fills in defaults and checks what belongs together; gets the decoded fields by name.
    pub finish: fn(Map<String, Value>) -> Result<Value, Fault>,
}

/// A mapping of names to records, such as `networks` and `depends_on` of a container.
#[derive(Debug)]
pub struct Keyed {
    /// What each name maps to.
    pub record: Record,
    /// Whether a list of names may stand instead (each with an empty record).
    pub list: bool,
    /// What a name is called in messages: `network`, `container`.
    pub noun: &'static str,
}

/// A list of things with a short and a long syntax, each of which may stand for several (`ports: ["80-82"]`).
#[derive(Debug)]
pub struct Items {
    /// Reads the short syntax.
    pub short: fn(&str) -> Result<Vec<Value>, Fault>,
    /// The long syntax.
    pub fields: &'static [Field],
    /// Fills in defaults and checks what belongs together in the long syntax.
    pub finish: fn(Map<String, Value>) -> Result<Vec<Value>, Fault>,
    /// What one of them is called in messages: `port`, `volume`.
    pub noun: &'static str,
    /// The key of an item in the normal form: two of the same key are a duplicate. Also names an item in a path.
    pub key: fn(&Value) -> String,
}

/// How a value is written.
#[derive(Debug)]
pub enum Form {
    /// Any scalar, as its text.
    Text,
    /// `true` or `false` (YAML 1.2; `yes` and `on` are texts and get a hint).
    Bool,
    /// A whole number between two bounds, both included.
    Integer(i64, i64),
    /// A scalar with a grammar of its own. `expected` completes "expected …" in messages; `pattern` is a regular
    /// expression for the schema (empty: any text or number).
    Parsed {
        /// What is expected: a noun phrase with an example.
        expected: &'static str,
        /// A regular expression (ECMA-262) that every accepted text matches.
        pattern: &'static str,
        /// The parser; the error is a fragment that says what is wrong.
        parse: fn(&str) -> Result<Value, String>,
    },
    /// One of a few words.
    Choice(&'static [&'static str]),
    /// A command: a text that is split as a shell does, or a list of texts that is taken as it is. `null` is absent.
    Command,
    /// The test of a health check: a text is run by the image's shell, a list begins with `CMD`, `CMD-SHELL` or `NONE`.
    HealthTest,
    /// A list in order. A single value may stand for a list of one.
    List(&'static Form),
    /// A list without an order: the normal form is sorted and has no duplicates. A single value may stand for one.
    Set(&'static Form),
    /// A mapping of names to values of one form, or a list of `NAME=value`.
    Map {
        /// The form of each value.
        value: &'static Form,
        /// What an entry without a value means.
        null: NullMeans,
    },
    /// A mapping with known keys, perhaps with a short syntax.
    Record(&'static Record),
    /// A mapping of names to records.
    Keyed(&'static Keyed),
    /// A list of things with a short and a long syntax.
    Items(&'static Items),
    /// Another form, whose normal form is brought into a better one or is checked as a whole: for attributes whose short and
    /// long syntax have different shapes (`extra_hosts` as a list and as a mapping).
    Refined {
        /// How it is written.
        form: &'static Form,
        /// Makes the normal form of it.
        finish: fn(Value) -> Result<Value, Fault>,
    },
    /// The first form that takes the kind of node at hand (scalar, list, mapping) wins: for attributes such as
    /// `build: ./app` or `ulimits: { nofile: 1024 }`.
    Either(&'static [Form]),
}
