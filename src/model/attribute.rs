//! One entry of the vocabulary, and the small types that its functions are given.

use std::{
    collections::{BTreeMap, HashMap},
    sync::OnceLock,
};

use serde_json::{Map, Value};

use super::{EngineInfo, Form, Settings};

/// A table of attributes: what a container, an image, a network or a volume of the file can say.
pub type Table = &'static Attributes;

/// Attributes as they are listed, subject by subject, and by their names.
#[derive(Debug)]
pub struct Attributes {
    subjects: &'static [&'static [Attribute]],
    /// By name and alias. Made once: every key of every container of a file is looked for.
    by_name: OnceLock<HashMap<&'static str, &'static Attribute>>,
}

impl Attributes {
    /// The attributes of some subjects.
    #[must_use]
    pub const fn of(subjects: &'static [&'static [Attribute]]) -> Self {
        Self {
            subjects,
            by_name: OnceLock::new(),
        }
    }

    /// Every attribute, in the order in which they are listed.
    pub fn iter(&self) -> impl Iterator<Item = &'static Attribute> + use<> {
        self.subjects.iter().flat_map(|subject| subject.iter())
    }

    /// The attribute of a name or an alias.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<&'static Attribute> {
        let by_name = self.by_name.get_or_init(|| {
            let names = |attribute: &'static Attribute| {
                let names = attribute.aliases.iter().copied().chain([attribute.name]);
                names.map(move |name| (name, attribute))
            };
            self.iter().flat_map(names).collect()
        });
        by_name.get(name).copied()
    }
}

/// Everything that is known about one attribute of the file.
#[derive(Debug)]
pub struct Attribute {
    /// Its name in the file, in plans and in the normal form.
    pub name: &'static str,
    /// Other names that are read as this one (`environment` for `env`).
    pub aliases: &'static [&'static str],
    /// What it is for: one sentence for the schema and the reference page.
    pub summary: &'static str,
    /// An example value as YAML, one that every engine takes.
    pub example: &'static str,
    /// How it is written in the file.
    pub form: Form,
    /// How far a comparison descends into it.
    pub shape: Shape,
    /// What it means when the file says nothing.
    pub unset: Unset,
    /// What a change of it takes.
    pub way: fn(&Question<'_>) -> Way,
    /// Where it stands in the engine's API.
    pub place: Place,
}

/// How far a comparison descends into a value, which is also how paths are written.
#[derive(Debug, Clone, Copy)]
pub enum Shape {
    /// It is one value: `command`.
    Whole,
    /// Each key of the object is compared by itself: `env.COLOR`, `healthcheck.interval`.
    Tree,
    /// Each item of the array is compared by itself, found by its key: `ports[8080:80/tcp]`.
    Items(fn(&Value) -> String),
}

/// What the engine should show for an attribute.
#[derive(Debug, Clone, Copy)]
pub enum Unset {
    /// Unset means this value, and an unset attribute is always judged. An answer without a value reads as it, too.
    Default(fn(&EngineInfo) -> Value),
    /// The whole expected value is made from what the file says and from the image; `None` is not judged.
    /// Asked for set attributes also, so that it can overlay (`env`) or merge (`healthcheck`).
    Inherit(fn(&Expect<'_>) -> Option<Value>),
    /// The engine fills something in that is not ours to judge. What the file says is compared key by key (a subset);
    /// what it said once and says no longer is a removal while the engine still has it.
    EngineFills,
    /// The engine cannot show it (the content of a file that was copied in, a hook): what the label says was applied is
    /// what there is, and the file is compared with that.
    Remembered,
    /// It is about us and not about the engine (`state`, `depends_on`): never compared.
    Ours,
}

/// What is known when the expected value of an attribute is asked for.
#[derive(Debug, Clone, Copy)]
pub struct Expect<'a> {
    /// What the file says of this attribute.
    pub desired: Option<&'a Value>,
    /// All that the file says of this container.
    pub settings: &'a Settings,
    /// All that the engine shows of this container; `None` where nothing is compared.
    pub found: Option<&'a Settings>,
    /// The image's `Config` as the engine reports it; `None` if the image is not there.
    pub image: Option<&'a Value>,
    /// What the engine said about itself.
    pub engine: &'a EngineInfo,
}

impl Expect<'_> {
    /// A field of the image's configuration; absent, null and empty texts, lists and objects are all `None`, because
    /// engines differ in which of them they write.
    #[must_use]
    pub fn image_field(&self, name: &str) -> Option<&Value> {
        self.image
            .and_then(|config| config.get(name))
            .filter(|value| !is_empty(value))
    }
}

/// Whether a value says nothing: null, or an empty text, list or object.
#[must_use]
pub fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(map) => map.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

/// What is known when the way of a change is asked for.
#[derive(Debug, Clone, Copy)]
pub struct Question<'a> {
    /// The value that is wanted; `None` if it is to go.
    pub wanted: Option<&'a Value>,
    /// The value that the engine shows.
    pub found: Option<&'a Value>,
    /// What the engine said about itself.
    pub engine: &'a EngineInfo,
}

/// What a change takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Way {
    /// `POST /containers/{id}/update`.
    Update,
    /// Leaving and joining networks.
    Reconnect,
    /// Stopping and starting it again.
    Restart,
    /// A new container in place of the old one.
    Recreate,
}

/// Where an attribute stands in the engine's API.
#[derive(Debug, Clone, Copy)]
pub enum Place {
    /// `HostConfig/X` or `Config/X`: the value is written as it is, and read back as it is.
    Field(&'static str),
    /// Written and read by functions.
    Custom {
        /// The fields' names in the engine's API, for the reference page.
        api: &'static str,
        /// Puts the value into a request that creates a container.
        write: fn(&Value, &mut Body<'_>),
        /// Reads it from an answer to an inspect, in normal form.
        read: fn(&Seen<'_>) -> Option<Value>,
    },
    /// Not in the engine's API.
    Nowhere,
}

/// A request that creates a container, while it is filled.
#[derive(Debug)]
pub struct Body<'a> {
    /// The request's JSON: `Config`'s fields at the top, `HostConfig` and `NetworkingConfig` inside.
    pub json: &'a mut Map<String, Value>,
    /// All that the file says of this container.
    pub settings: &'a Settings,
    /// What the engine said about itself.
    pub engine: &'a EngineInfo,
}

impl Body<'_> {
    /// Sets a field by its place as `inspect` shows it: `Config/Env`, `HostConfig/Memory`. Missing objects are made.
    pub fn set(&mut self, place: &str, value: Value) {
        let mut parts: Vec<&str> = place.split('/').collect();
        if parts.first() == Some(&"Config") {
            parts.remove(0);
        }
        let Some(last) = parts.pop() else { return };
        let mut object = &mut *self.json;
        for part in parts {
            let inner = object
                .entry(part)
                .or_insert_with(|| Value::Object(Map::new()));
            if !inner.is_object() {
                *inner = Value::Object(Map::new());
            }
            let Value::Object(map) = inner else { return };
            object = map;
        }
        object.insert(last.to_owned(), value);
    }

    /// Reads back a field that was set before, by the same kind of place.
    #[must_use]
    pub fn get(&self, place: &str) -> Option<&Value> {
        let mut parts = place.split('/').skip_while(|part| *part == "Config");
        let first = self.json.get(parts.next()?)?;
        parts.try_fold(first, |value, part| value.get(part))
    }
}

/// An answer to an inspect of a container, while it is read.
#[derive(Debug, Clone, Copy)]
pub struct Seen<'a> {
    /// The answer's JSON.
    pub inspect: &'a Value,
    /// Names of the engine's containers by id, to resolve `container:ID`.
    pub names: &'a BTreeMap<String, String>,
    /// What the engine said about itself.
    pub engine: &'a EngineInfo,
}

impl<'a> Seen<'a> {
    /// A field by its place (`HostConfig/Memory`). Absent, null, and empty texts, lists and objects are all `None`.
    #[must_use]
    pub fn get(&self, place: &str) -> Option<&'a Value> {
        let mut value = self.inspect;
        let mut rest = place;
        // By hand: this is called a hundred times for each container, and a search for a character that is made for long
        // texts takes longer than the field itself.
        while let Some(at) = rest.bytes().position(|byte| byte == b'/') {
            value = value.get(&rest[..at])?;
            rest = &rest[at + 1..];
        }
        value.get(rest).filter(|value| !is_empty(value))
    }

    /// A text field.
    #[must_use]
    pub fn text(&self, place: &str) -> Option<&'a str> {
        self.get(place).and_then(Value::as_str)
    }
}

impl Attribute {
    /// Puts a value into a request that creates a container.
    pub fn write(&self, value: &Value, body: &mut Body<'_>) {
        match self.place {
            Place::Field(place) => body.set(place, value.clone()),
            Place::Custom { write, .. } => write(value, body),
            Place::Nowhere => {}
        }
    }

    /// Reads the value from an answer to an inspect.
    #[must_use]
    pub fn read(&self, seen: &Seen<'_>) -> Option<Value> {
        match self.place {
            Place::Field(place) => seen.get(place).cloned(),
            Place::Custom { read, .. } => read(seen),
            Place::Nowhere => None,
        }
    }
}

/// A change that only a new container can make: the answer for most attributes.
#[must_use]
pub fn recreate(_: &Question<'_>) -> Way {
    Way::Recreate
}

/// A change that the engine makes in place, to any value. Podman cannot: its Docker API has no update.
#[must_use]
pub fn update(question: &Question<'_>) -> Way {
    if question.engine.podman {
        Way::Recreate
    } else {
        Way::Update
    }
}

/// A limit: set or changed in place, but taken away only with a new container, because the engine's update reads 0 and
/// `""` as "leave as it is".
#[must_use]
pub fn update_unless_removed(question: &Question<'_>) -> Way {
    match question.wanted {
        None => Way::Recreate,
        Some(Value::Number(number)) if number.as_i64() == Some(0) => Way::Recreate,
        Some(value) if is_empty(value) => Way::Recreate,
        Some(_) => update(question),
    }
}
