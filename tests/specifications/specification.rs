//! A random file, and the same with one thing changed.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
};

use evenkeel::model::{Attribute, Table, attributes};

use crate::{
    ground::{self, apart},
    values::{Dice, value},
};

/// Where a thing stands in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Section {
    Containers,
    Networks,
    Volumes,
}

/// A thing's section and key.
pub type Place = (Section, &'static str);

/// What a thing says, by attribute, as YAML.
pub type Says = BTreeMap<&'static str, String>;

/// A file: what its things say.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Specification {
    /// The things.
    pub things: BTreeMap<Place, Says>,
    /// What containers are to be that say nothing of it themselves.
    pub state: &'static str,
}

const KEYS: &[&str] = &["thing0", "thing1", "thing2"];

/// Attributes of networks and volumes that are left out, and why.
const LEFT_OUT: &[(&str, &str)] = &[
    ("external", "is somebody else's"),
    ("name", "is the project's"),
    ("enable_ipv4", "is known to the newest engines alone"),
    ("adopt", "there is nobody else's"),
];

/// Drivers of networks and volumes, their options and `internal` are not for every engine in every place.
fn of_objects(table: Table) -> Vec<&'static Attribute> {
    attributes::all(table)
        .filter(|attribute| LEFT_OUT.iter().all(|(name, _)| *name != attribute.name))
        .collect()
}

fn vocabulary(section: Section) -> Vec<&'static Attribute> {
    match section {
        Section::Containers => ground::vocabulary(),
        Section::Networks => of_objects(&attributes::NETWORK),
        Section::Volumes => of_objects(&attributes::VOLUME),
    }
}

impl Specification {
    /// A file. One in `running` of them wants its containers to run, the others want them to be there.
    pub fn random(dice: &mut Dice, running: usize) -> Self {
        let state = if dice.one_in(running) {
            "running"
        } else {
            "created"
        };
        let mut things = BTreeMap::new();
        let containers = 1 + dice.below(KEYS.len());
        for key in &KEYS[..containers] {
            let most = if state == "running" { 6 } else { 12 };
            let mut says = random_says(Section::Containers, most, dice);
            says.insert("image", (*dice.pick(IMAGES)).to_owned());
            if says.contains_key("memswap_limit") {
                says.entry("memory").or_insert_with(|| "64m".to_owned());
            }
            if state == "running" {
                // Many a command does not heed SIGTERM, and the stop of one would take that long.
                says.insert("stop_grace_period", "1s".to_owned());
                says.entry("update")
                    .or_insert_with(|| "{ monitor: 200ms }".to_owned());
            }
            things.insert((Section::Containers, *key), says);
        }
        for key in ["front", "back"] {
            let says = random_says(Section::Networks, 3, dice);
            things.insert((Section::Networks, key), says);
        }
        for key in ["data", "more"] {
            let says = random_says(Section::Volumes, 2, dice);
            things.insert((Section::Volumes, key), says);
        }
        let mut random = Self { things, state };
        random.leave_out_what_is_unused();
        random
    }

    /// The same with one thing changed, and what that is.
    pub fn changed(&self, dice: &mut Dice) -> (Self, Place, &'static str) {
        let places: Vec<Place> = self.things.keys().copied().collect();
        loop {
            let place = *dice.pick(&places);
            let mut vocabulary = vocabulary(place.0);
            vocabulary.extend(
                attributes::find(&attributes::CONTAINER, "state")
                    .filter(|_| place.0 == Section::Containers),
            );
            let attribute = *dice.pick(&vocabulary);
            let mut changed = self.clone();
            let says = changed.things.get_mut(&place).expect("a place of ours");
            let had = says.remove(attribute.name);
            if had.is_none() || !dice.one_in(3) {
                says.insert(attribute.name, value(attribute, dice));
            }
            let now = says.get(attribute.name).cloned();
            let names: Vec<&str> = says.keys().copied().collect();
            if now != had && !apart(&names) {
                return (changed, place, attribute.name);
            }
        }
    }

    /// Networks and volumes that no container names cost an engine time.
    fn leave_out_what_is_unused(&mut self) {
        let used: Vec<String> = self
            .things
            .iter()
            .filter(|(place, _)| place.0 == Section::Containers)
            .flat_map(|(_, says)| says.values().cloned())
            .collect();
        self.things.retain(|(section, key), _| {
            *section == Section::Containers || used.iter().any(|value| value.contains(key))
        });
    }

    /// Without one of its settings, for each of them: smaller files that may still show what is wrong.
    pub fn smaller(&self) -> Vec<Self> {
        let mut all = Vec::new();
        for (place, says) in &self.things {
            if place.0 == Section::Containers && place.1 != KEYS[0] {
                let mut less = self.clone();
                less.things.remove(place);
                all.push(less);
            }
            for name in says.keys().filter(|name| **name != "image") {
                let mut less = self.clone();
                less.things
                    .get_mut(place)
                    .expect("a place of ours")
                    .remove(name);
                all.push(less);
            }
        }
        all
    }

    /// The containers that are there for others to name, as far as this names them: each costs an engine time.
    pub fn others(&self) -> BTreeSet<&'static str> {
        let values = || self.things.values().flat_map(BTreeMap::values);
        [("db", "db"), ("legacy", "legacy-db")]
            .into_iter()
            .filter(|(_, name)| values().any(|value| value.contains(name)))
            .map(|(key, _)| key)
            .collect()
    }

    /// The file, with some of those others. What only one project of an engine can have is made of its number.
    pub fn text(&self, project: &str, number: u32, others: &BTreeSet<&str>) -> String {
        let mut text = format!("project: {project}\ncontainers:\n");
        for (key, check) in [
            ("db", ", healthcheck: { test: [CMD, 'true'], interval: 1s }"),
            ("legacy", ""),
        ] {
            if others.contains(key) {
                let _ = writeln!(
                    text,
                    "  {key}: {{ image: 'busybox:latest', container_name: {project}-{key}, state: {}{check} }}",
                    self.state
                );
            }
        }
        let section = |text: &mut String, wanted: Section| {
            for ((section, key), says) in &self.things {
                if *section != wanted {
                    continue;
                }
                let _ = writeln!(text, "  {key}:");
                let mut says = says.clone();
                if wanted == Section::Containers {
                    let name = says.get("container_name").map_or(*key, String::as_str);
                    let name = format!("{project}-{}-{key}", name.trim_matches('"'));
                    says.insert("container_name", name);
                    says.entry("state").or_insert_with(|| self.state.to_owned());
                }
                for (attribute, value) in &says {
                    let _ = writeln!(
                        text,
                        "    {attribute}: {}",
                        own(value, project, number, key)
                    );
                }
                if says.is_empty() {
                    let _ = writeln!(text, "    {{}}");
                }
            }
        };
        section(&mut text, Section::Containers);
        for (wanted, name) in [
            (Section::Networks, "networks"),
            (Section::Volumes, "volumes"),
        ] {
            if self.things.keys().any(|(section, _)| *section == wanted) {
                let _ = writeln!(text, "{name}:");
                section(&mut text, wanted);
            }
        }
        text
    }
}

const IMAGES: &[&str] = &["busybox:latest", "rich:1"];

fn random_says(section: Section, most: usize, dice: &mut Dice) -> Says {
    let vocabulary = vocabulary(section);
    let mut says = Says::new();
    for _ in 0..dice.below(most + 1) {
        let attribute = *dice.pick(&vocabulary);
        let mut names: Vec<&str> = says.keys().copied().collect();
        names.push(attribute.name);
        if !apart(&names) {
            says.insert(attribute.name, value(attribute, dice));
        }
    }
    says
}

/// A value with the project's own names, addresses and ports in the place of everybody's.
fn own(value: &str, project: &str, number: u32, key: &str) -> String {
    let index = u32::from(key.as_bytes().last().copied().unwrap_or(0) % 8);
    let port = 20_000 + (number * 8 + index) * 10 % 40_000;
    let mut value = value
        .replace("legacy-db", &format!("{project}-legacy"))
        .replace(
            "10.213.0.",
            &format!("10.{}.{}.", 130 + number / 250 % 100, number % 250),
        );
    for offset in 0..8 {
        value = value.replace(&(18_080 + offset).to_string(), &(port + offset).to_string());
    }
    value
}
