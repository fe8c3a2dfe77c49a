//! Mappings with known keys, and lists and mappings of them.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::{Decoder, leaf, with_article};
use crate::{
    model::{Field, Items, Keyed, Record},
    spec::{Entry, Kind, Node, Problem, Span},
};

impl Decoder<'_> {
    pub(super) fn record(&mut self, record: &Record, node: &Node, noun: &str) -> Option<Value> {
        match (&node.kind, record.short) {
            (Kind::Null, _) => (record.finish)(Map::new()).ok(),
            (Kind::Scalar(scalar), Some(short)) => {
                self.note_secrets(scalar);
                match short(&scalar.text) {
                    Ok(value) => Some(value),
                    Err(fault) => {
                        self.fault(node, &fault);
                        None
                    }
                }
            }
            (Kind::Map(entries), _) => {
                let map = self.fields(record.fields, entries, node, noun)?;
                match (record.finish)(map) {
                    Ok(value) => Some(value),
                    Err(fault) => {
                        self.fault(node, &fault);
                        None
                    }
                }
            }
            (Kind::Scalar(_) | Kind::List(_), _) => {
                let names: Vec<&str> = record
                    .fields
                    .iter()
                    .take(4)
                    .map(|field| field.name)
                    .collect();
                let text = format!(
                    "expected a mapping with keys such as {}, and found {}",
                    names.join(", "),
                    node.noun()
                );
                let hint = record
                    .fields
                    .first()
                    .map(|field| format!("write {{ {}: {} }}", field.name, field.example))
                    .unwrap_or_default();
                self.problems
                    .push(Problem::error("wrong-type", node.span, text).hint(hint));
                None
            }
        }
    }

    /// The fields of a record; `None` if one of them is wrong, which has been said then.
    pub(super) fn fields(
        &mut self,
        fields: &[Field],
        entries: &[Entry],
        node: &Node,
        noun: &str,
    ) -> Option<Map<String, Value>> {
        let before = self.problems.len();
        let mut map = Map::new();
        for entry in entries {
            let key = entry.key.text.as_str();
            if key.starts_with("x-") {
                continue;
            }
            let Some(field) = fields
                .iter()
                .find(|field| field.name == key || field.aliases.contains(&key))
            else {
                self.unknown(
                    entry,
                    &self.within_words(noun),
                    fields
                        .iter()
                        .flat_map(|field| field.aliases.iter().copied().chain([field.name])),
                );
                continue;
            };
            self.place(&[".", field.name], entry.value.span);
            let value = self.within(&[".", field.name], |decoder| {
                decoder.value(&field.form, &entry.value)
            });
            if let Some(value) = value
                && map.insert(field.name.to_owned(), value).is_some()
            {
                self.problems.push(Problem::error(
                    "duplicate-key",
                    entry.key.span,
                    format!("{key} is given twice, under two names"),
                ));
            }
        }
        for field in fields
            .iter()
            .filter(|field| field.required && !map.contains_key(field.name))
        {
            let given = entries.iter().any(|entry| {
                entry.key.text == field.name || field.aliases.contains(&entry.key.text.as_str())
            });
            if !given || self.problems.len() == before {
                self.problems.push(
                    Problem::error(
                        "missing-key",
                        node.span,
                        format!("{} is missing {}", field.name, self.within_words(noun)),
                    )
                    .hint(format!("add {}: {}", field.name, field.example)),
                );
            }
        }
        (self.problems.len() == before).then_some(map)
    }

    /// Where the fields of a record stand, in words: `in a port`, `in healthcheck`.
    fn within_words(&self, noun: &str) -> String {
        if noun == "setting" {
            format!("in {}", leaf(&self.path))
        } else {
            format!("in {}", with_article(noun))
        }
    }

    pub(super) fn keyed(&mut self, keyed: &Keyed, node: &Node) -> Option<Value> {
        let mut map = Map::new();
        match &node.kind {
            Kind::Null => return None,
            Kind::Map(entries) => {
                for entry in entries {
                    let step = [".", &entry.key.text];
                    self.place(&step, entry.key.span);
                    let value = self.within(&step, |decoder| {
                        decoder.record(&keyed.record, &entry.value, keyed.noun)
                    });
                    if let Some(value) = value {
                        map.insert(entry.key.text.clone(), value);
                    }
                }
            }
            Kind::List(items) if keyed.list => {
                for item in items {
                    let Some(name) = item.text() else {
                        let text = format!(
                            "expected the name of a {}, and found {}",
                            keyed.noun,
                            item.noun()
                        );
                        let name = item
                            .entries()
                            .first()
                            .map_or("name", |entry| &entry.key.text);
                        self.problems
                            .push(Problem::error("wrong-type", item.span, text).hint(format!(
                                "take the dashes away: {name}: and its settings below"
                            )));
                        continue;
                    };
                    self.named(keyed, name, item, &mut map);
                }
            }
            Kind::Scalar(_) if keyed.list => {
                let text = node.text().unwrap_or_default();
                self.problems.push(
                    Problem::error(
                        "wrong-type",
                        node.span,
                        format!(
                            "expected a list of {}s, and found a single value",
                            keyed.noun
                        ),
                    )
                    .hint(format!("write [{text}]")),
                );
                // Whether what it names is there, is said too.
                for name in text.split([',', ' ']).filter(|name| !name.is_empty()) {
                    self.named(keyed, name, node, &mut map);
                }
            }
            Kind::List(_) | Kind::Scalar(_) => {
                let text = format!(
                    "expected a mapping of {}s, and found {}",
                    keyed.noun,
                    node.noun()
                );
                self.problems.push(
                    Problem::error("wrong-type", node.span, text)
                        .hint(format!("write one {} a line, as name: value", keyed.noun)),
                );
                return None;
            }
        }
        Some(Value::Object(map))
    }

    /// A name alone, which has no settings of its own.
    fn named(&mut self, keyed: &Keyed, name: &str, node: &Node, map: &mut Map<String, Value>) {
        self.place(&[".", name], node.span);
        match (keyed.record.finish)(Map::new()) {
            Ok(value) => {
                if map.insert(name.to_owned(), value).is_some() {
                    self.problems.push(
                        Problem::error(
                            "duplicate-item",
                            node.span,
                            format!("the {} {name} is given twice", keyed.noun),
                        )
                        .hint("remove one of them"),
                    );
                }
            }
            Err(fault) => self.fault(node, &fault),
        }
    }

    pub(super) fn items(&mut self, items: &Items, node: &Node) -> Option<Value> {
        let nodes = match &node.kind {
            Kind::Null => return None,
            Kind::List(nodes) => nodes.as_slice(),
            Kind::Scalar(_) => std::slice::from_ref(node),
            Kind::Map(_) => {
                let text = format!(
                    "expected a list of {}s, and found {}",
                    items.noun,
                    node.noun()
                );
                let first = node.entries().first().map(std::slice::from_ref);
                let hint = match first.and_then(|first| parted(items, first)) {
                    Some(short) => format!("write one a line, each behind a dash: - \"{short}\""),
                    None => "write one a line, each behind a dash".to_owned(),
                };
                self.problems
                    .push(Problem::error("wrong-type", node.span, text).hint(hint));
                return None;
            }
        };
        let mut values: BTreeMap<String, (Value, Span)> = BTreeMap::new();
        for item in nodes {
            for value in self.item(items, item).unwrap_or_default() {
                let key = (items.key)(&value);
                if let Some((earlier, span)) = values.get_mut(&key) {
                    // The same item twice, in whatever forms, is one, as in Compose.
                    if *earlier == value {
                        continue;
                    }
                    let first = std::mem::replace(span, item.span);
                    let text = format!("the {} {key} is given twice", items.noun);
                    self.problems.push(
                        Problem::error("duplicate-item", item.span, text)
                            .hint("remove one of them")
                            .also(first, "first given here"),
                    );
                    continue;
                }
                self.place(&["[", &key, "]"], item.span);
                values.insert(key, (value, item.span));
            }
        }
        Some(values.into_values().map(|(value, _)| value).collect())
    }

    pub(super) fn item(&mut self, items: &Items, item: &Node) -> Option<Vec<Value>> {
        let expanded = match &item.kind {
            Kind::Scalar(scalar) => {
                self.note_secrets(scalar);
                (items.short)(&scalar.text)
            }
            Kind::Map(entries) => {
                if let Some(short) = parted(items, entries) {
                    let text = format!(
                        "a space behind the colon makes a mapping of this {}",
                        items.noun
                    );
                    self.problems.push(
                        Problem::error("wrong-type", item.span, text)
                            .hint(format!("write \"{short}\"")),
                    );
                    return None;
                }
                let map = self.fields(items.fields, entries, item, items.noun)?;
                (items.finish)(map)
            }
            Kind::Null | Kind::List(_) => {
                let text = format!("expected a {}, and found {}", items.noun, item.noun());
                self.problems
                    .push(Problem::error("wrong-type", item.span, text));
                return None;
            }
        };
        match expanded {
            Ok(values) => Some(values),
            Err(fault) => {
                let code = if items.noun == "port" {
                    "bad-port"
                } else {
                    "bad-value"
                };
                self.faulty(code, item, &fault);
                None
            }
        }
    }
}

/// The short form that an entry was meant to be: `80: 8080` of a list of ports is `80:8080`.
fn parted(items: &Items, entries: &[Entry]) -> Option<String> {
    let [Entry { key, value, .. }] = entries else {
        return None;
    };
    let known = items
        .fields
        .iter()
        .any(|field| field.name == key.text || field.aliases.contains(&key.text.as_str()));
    let short = format!("{}:{}", key.text, value.text()?);
    (!known && (items.short)(&short).is_ok()).then_some(short)
}
