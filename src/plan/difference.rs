//! The one comparison: what the file says, what was applied, and what the engine reports.
//!
//! ```text
//!  desired   applied            live        means
//!  set       equal to desired   different   drift: changed behind our back
//!  set       different          –           the file changed
//!  unset     set                –           removed from the file: back to the image's or the engine's default
//!  unset     unset              –           not ours to judge, unless the image or the engine's default says what it is
//! ```

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::{After, Cause, Change};
use crate::{
    desired,
    live::{self, Image},
    model::{
        Attribute, EngineInfo, Expect, Path, Question, SEALED, Secrets, Settings, Shape, Table,
        Unset, Way, attributes, is_empty,
    },
};

/// What is compared, and with what.
#[derive(Debug, Clone, Copy)]
pub struct Sides<'a> {
    /// Where digests of sensitive values are made for: `project/container`.
    pub place: &'a str,
    /// The file's side.
    pub desired: &'a Settings,
    /// What was applied, if the thing is ours.
    pub applied: Option<&'a Settings>,
    /// The engine's side.
    pub found: &'a Settings,
    /// The configuration of the image that is wanted, where it is known.
    pub image: Option<&'a Value>,
    /// Whether the thing was made from another image than the one that is wanted.
    pub other_image: bool,
    /// What the engine said about itself.
    pub engine: &'a EngineInfo,
    /// What must not be shown.
    pub secrets: &'a Secrets,
}

/// Compares a container that is there with what the file says, all but its image, its networks, its name and its state.
#[must_use]
pub fn container(
    wanted: &desired::Container,
    found: &live::Container,
    image: Option<&Image>,
    engine: &EngineInfo,
    project: &str,
) -> Vec<Change> {
    let place = place(project, &wanted.key);
    let sides = Sides {
        place: &place,
        desired: &wanted.settings,
        applied: found.applied.as_ref().map(|applied| &applied.settings),
        found: &found.settings,
        image: image.map(|image| &image.config),
        other_image: image.is_none_or(|image| image.id != found.image_id),
        engine,
        secrets: &wanted.secrets,
    };
    let mut changes = compare(&attributes::CONTAINER, &sides);
    changes.retain(|change| !wanted.ignores(&change.path.to_string()));
    changes
}

/// What stands in digests for the place of a container.
#[must_use]
pub fn place(project: &str, key: &str) -> String {
    format!("{project}/{key}")
}

/// Compares everything that a table knows.
#[must_use]
pub fn compare(table: Table, sides: &Sides<'_>) -> Vec<Change> {
    attributes::all(table)
        .flat_map(|attribute| attribute_changes(attribute, sides))
        .collect()
}

fn attribute_changes(attribute: &Attribute, sides: &Sides<'_>) -> Vec<Change> {
    let desired = sides.desired.get(attribute.name);
    let found = sides.found.get(attribute.name);
    let applied = sides
        .applied
        .and_then(|applied| applied.get(attribute.name));
    let walk = Walk {
        attribute,
        sides,
        desired,
        applied,
    };
    match attributes::unset_on(attribute, sides.engine, desired) {
        Unset::Ours => Vec::new(),
        Unset::Remembered => walk.remembered(),
        // The default on both sides: most attributes of most containers.
        Unset::Default(_) if desired.is_none() && found.is_none() => Vec::new(),
        Unset::Default(default) => {
            let default = default(sides.engine);
            walk.whole(
                Some(desired.unwrap_or(&default)),
                Some(found.unwrap_or(&default)),
            )
        }
        Unset::Inherit(expect) => {
            let expect_of = Expect {
                desired,
                settings: sides.desired,
                found: Some(sides.found),
                image: sides.image,
                engine: sides.engine,
            };
            match expect(&expect_of) {
                // What Podman shows does not tell. It changes nothing in place, so that no label is ever behind.
                None if sides.engine.podman => walk.remembered(),
                None => Vec::new(),
                // Without the image only what the file says itself can be judged.
                Some(_) if sides.image.is_none() => walk.subset(found),
                Some(expected) => {
                    let changes = walk.whole(Some(&expected), found);
                    if changes.is_empty() && attributes::shown_in_part(attribute, sides.engine) {
                        walk.remembered()
                    } else {
                        changes
                    }
                }
            }
        }
        Unset::EngineFills => walk.subset(found),
    }
}

/// One attribute while it is compared.
struct Walk<'a> {
    attribute: &'a Attribute,
    sides: &'a Sides<'a>,
    desired: Option<&'a Value>,
    applied: Option<&'a Value>,
}

/// A leaf's value by its path inside an attribute, in the parts that [`Shape`] makes of it.
type Leaves<'a> = BTreeMap<Path, &'a Value>;

impl Walk<'_> {
    fn path(&self) -> Path {
        Path::new(self.attribute.name)
    }

    fn leaves<'v>(&self, value: Option<&'v Value>) -> Leaves<'v> {
        let mut leaves = Leaves::new();
        if let Some(value) = value {
            collect(self.path(), value, self.attribute.shape, &mut leaves);
        }
        leaves
    }

    /// Everything that is expected must be there, and nothing else.
    fn whole(&self, expected: Option<&Value>, found: Option<&Value>) -> Vec<Change> {
        // Most things are as they should be, and taking them apart costs more than looking at them.
        if same(expected, found) {
            return Vec::new();
        }
        let (expected, found) = (self.leaves(expected), self.leaves(found));
        let paths: BTreeSet<&Path> = expected.keys().chain(found.keys()).collect();
        paths
            .into_iter()
            .filter_map(|path| {
                let (expected, found) = (expected.get(path).copied(), found.get(path).copied());
                (!same(expected, found)).then(|| self.change(path, found, expected))
            })
            .collect()
    }

    /// Everything that the file says must be there; what it once said and says no longer must be gone.
    fn subset(&self, found: Option<&Value>) -> Vec<Change> {
        // What is there is what the file says, all of it; or neither the file nor the memory says anything.
        if same(self.desired, found) || self.desired.is_none() && self.applied.is_none() {
            return Vec::new();
        }
        let (desired, found, applied) = (
            self.leaves(self.desired),
            self.leaves(found),
            self.leaves(self.applied),
        );
        let mut changes = Vec::new();
        for (path, wanted) in &desired {
            let there = found.get(path).copied();
            // What is there may be what is remembered of something that the engine does not show.
            let equal = match there {
                Some(there) => self.is_applied(path, there, wanted),
                None => same(Some(wanted), None),
            };
            if !equal {
                changes.push(self.change(path, there, Some(wanted)));
            }
        }
        for (path, was) in &applied {
            let Some(there) = found.get(path).copied() else {
                continue;
            };
            if !desired.contains_key(path) && self.is_applied(path, was, there) {
                changes.push(self.change(path, Some(there), None));
            }
        }
        changes
    }

    /// The engine cannot show it: what was applied is what there is.
    fn remembered(&self) -> Vec<Change> {
        // Something that was adopted has no memory; it is taken as it is.
        if self.sides.applied.is_none() || self.desired.is_none() && self.applied.is_none() {
            return Vec::new();
        }
        let (desired, applied) = (self.leaves(self.desired), self.leaves(self.applied));
        let paths: BTreeSet<&Path> = desired.keys().chain(applied.keys()).collect();
        paths
            .into_iter()
            .filter_map(|path| {
                let (wanted, was) = (desired.get(path).copied(), applied.get(path).copied());
                let equal = match (wanted, was) {
                    (Some(wanted), Some(was)) => self.is_applied(path, was, wanted),
                    (wanted, was) => same(wanted, was),
                };
                (!equal).then(|| self.change(path, was, wanted))
            })
            .collect()
    }

    /// Whether a value is the one that the label remembers, which may be a digest.
    fn is_applied(&self, path: &Path, was: &Value, value: &Value) -> bool {
        match sealed_text(was) {
            Some(sealed) => sealed == seal(self.sides.place, path, value),
            None => same(Some(was), Some(value)),
        }
    }

    fn change(&self, path: &Path, before: Option<&Value>, after: Option<&Value>) -> Change {
        let question = Question {
            wanted: after,
            found: before,
            engine: self.sides.engine,
        };
        let secrets = self.sides.secrets;
        let hides = |value: Option<&Value>| {
            value.is_some_and(|value| secrets.hides_value(value) || sealed_text(value).is_some())
        };
        Change {
            path: path.clone(),
            before: before.cloned(),
            after: After::of(after.cloned()),
            cause: self.cause(path, before),
            way: (self.attribute.way)(&question),
            sensitive: self.is_secret(path) || hides(before) || hides(after),
        }
    }

    /// A path inside a map of names to values may be secret by its name; so may a whole attribute that is a secret.
    fn is_secret(&self, path: &Path) -> bool {
        let named =
            self.sides.secrets.hides_name(path.leaf()) && path.leaf() != self.attribute.name;
        named || self.attribute.name == "files"
    }

    /// Whether what is there is what the settings that were applied led to.
    fn followed_from_applied(&self, path: &Path, before: Option<&Value>) -> bool {
        let (Unset::Inherit(expect), Some(settings)) = (self.attribute.unset, self.sides.applied)
        else {
            return false;
        };
        let expected = expect(&Expect {
            desired: self.applied,
            settings,
            found: None,
            image: self.sides.image,
            engine: self.sides.engine,
        });
        same(self.leaves(expected.as_ref()).get(path).copied(), before)
    }

    fn cause(&self, path: &Path, before: Option<&Value>) -> Cause {
        if self.sides.applied.is_none() {
            return Cause::Adopt;
        }
        let wanted = self.leaves(self.desired).get(path).copied();
        let was = self.leaves(self.applied).get(path).copied();
        match (wanted, was) {
            (Some(wanted), Some(was)) if self.is_applied(path, was, wanted) => Cause::Drift,
            (Some(_), _) => Cause::File,
            (None, Some(_)) => Cause::Removed,
            (None, None)
                if self.sides.other_image && matches!(self.attribute.unset, Unset::Inherit(_)) =>
            {
                Cause::Image
            }
            // The file changed something that this one follows from: with an entrypoint the image's command goes.
            (None, None) if self.followed_from_applied(path, before) => Cause::File,
            (None, None) => Cause::Drift,
        }
    }
}

/// Whether two values are the same: absent, null and empty are, because engines differ in which of them they write.
fn same(left: Option<&Value>, right: Option<&Value>) -> bool {
    match (
        left.filter(|value| !is_empty(value)),
        right.filter(|value| !is_empty(value)),
    ) {
        (Some(left), Some(right)) => left == right,
        (None, None) => true,
        (Some(_), None) | (None, Some(_)) => false,
    }
}

/// The digest that stands for a sensitive value: a text, or the `sealed` member of an item that kept its key.
fn sealed_text(value: &Value) -> Option<&str> {
    value
        .as_str()
        .or_else(|| value.get("sealed")?.as_str())
        .filter(|text| text.starts_with(SEALED))
}

fn seal(place: &str, path: &Path, value: &Value) -> String {
    Secrets::seal(&format!("{place}/{path}"), value)
}

fn collect<'v>(path: Path, value: &'v Value, shape: Shape, leaves: &mut Leaves<'v>) {
    match (shape, value) {
        (Shape::Tree, Value::Object(map)) => {
            for (key, value) in map {
                collect(path.key(key), value, Shape::Tree, leaves);
            }
        }
        (Shape::Items(key), Value::Array(items)) => {
            for item in items {
                leaves.insert(path.item(&key(item)), item);
            }
        }
        (Shape::Whole | Shape::Tree | Shape::Items(_), value) => {
            leaves.insert(path, value);
        }
    }
}

/// What is written into the label: the file's side, sensitive leaves as digests.
#[must_use]
pub fn to_label(table: Table, settings: &Settings, secrets: &Secrets, place: &str) -> Settings {
    settings
        .iter()
        .map(|(name, value)| {
            let path = Path::new(name);
            let shape =
                attributes::find(table, name).map_or(Shape::Whole, |attribute| attribute.shape);
            let whole = name == "files";
            (
                name.to_owned(),
                sealed(&path, value, shape, secrets, place, whole),
            )
        })
        .collect()
}

fn sealed(
    path: &Path,
    value: &Value,
    shape: Shape,
    secrets: &Secrets,
    place: &str,
    hide: bool,
) -> Value {
    match (shape, value) {
        (Shape::Tree, Value::Object(map)) => Value::Object(
            map.iter()
                .map(|(key, value)| {
                    let path = path.key(key);
                    let hide = hide || secrets.hides_name(key);
                    (
                        key.clone(),
                        sealed(&path, value, Shape::Tree, secrets, place, hide),
                    )
                })
                .collect::<Map<_, _>>(),
        ),
        (Shape::Items(key), Value::Array(items))
            if hide || items.iter().any(|item| secrets.hides_value(item)) =>
        {
            Value::Array(
                items
                    .iter()
                    .map(|item| {
                        let path = path.item(&key(item));
                        if hide || secrets.hides_value(item) {
                            sealed_item(&path, item, place)
                        } else {
                            item.clone()
                        }
                    })
                    .collect(),
            )
        }
        (Shape::Whole | Shape::Tree | Shape::Items(_), value)
            if (hide || secrets.hides_value(value)) && !is_empty(value) =>
        {
            Value::String(seal(place, path, value))
        }
        (Shape::Whole | Shape::Tree | Shape::Items(_), value) => value.clone(),
    }
}

/// A sealed item keeps its target readable, which is the key of everything that can be secret: or it would not be found.
fn sealed_item(path: &Path, item: &Value, place: &str) -> Value {
    let target = item.get("target").cloned().unwrap_or(Value::Null);
    serde_json::json!({ "target": target, "sealed": seal(place, path, item) })
}

/// The way of a set of changes: the furthest-reaching one.
#[must_use]
pub fn way(changes: &[Change]) -> Option<Way> {
    changes.iter().map(|change| change.way).max()
}

#[cfg(test)]
mod tests;
