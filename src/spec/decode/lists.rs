//! Lists of values, mappings of names to values, and commands.

use serde_json::{Map, Value};

use super::{Decoder, forms};
use crate::{
    model::{Form, NullMeans},
    spec::{Key, Kind, Node, Problem, Scalar},
};

impl Decoder<'_> {
    pub(super) fn list(&mut self, inner: &Form, node: &Node) -> Option<Value> {
        let items = match &node.kind {
            Kind::Null => return None,
            Kind::List(items) => items.as_slice(),
            Kind::Scalar(_) => std::slice::from_ref(node),
            Kind::Map(_) if matches!(inner, Form::Record(_)) => std::slice::from_ref(node),
            Kind::Map(_) => {
                let text = format!("expected a list, and found {}", node.noun());
                self.problems.push(
                    Problem::error("wrong-type", node.span, text)
                        .hint("write one item a line, each behind a dash"),
                );
                return None;
            }
        };
        let mut values = Vec::with_capacity(items.len());
        for (number, item) in items.iter().enumerate() {
            if matches!(item.kind, Kind::Null) {
                self.problems.push(
                    Problem::error("empty-item", item.span, "an item of the list is empty")
                        .hint("remove the dash, or write a value behind it"),
                );
                continue;
            }
            let step = ["[", &number.to_string(), "]"];
            let value = self.within(&step, |decoder| decoder.value(inner, item));
            if let Some(value) = value {
                if let Value::String(text) = &value {
                    self.place(&["[", text, "]"], item.span);
                }
                values.push(value);
            }
        }
        Some(Value::Array(values))
    }

    pub(super) fn map(&mut self, inner: &Form, null: NullMeans, node: &Node) -> Option<Value> {
        let mut map = Map::new();
        match &node.kind {
            Kind::Null => return None,
            Kind::Map(entries) => {
                for entry in entries {
                    self.place(&[".", &entry.key.text], entry.value.span);
                    let value = match &entry.value.kind {
                        Kind::Null => self.without_value(&entry.key, null),
                        Kind::Scalar(_) | Kind::List(_) | Kind::Map(_) => {
                            match self.value(inner, &entry.value) {
                                Some(value) => value,
                                None => continue,
                            }
                        }
                    };
                    map.insert(entry.key.text.clone(), value);
                }
            }
            Kind::List(items) => {
                for item in items {
                    self.assignment(inner, null, item, &mut map);
                }
            }
            Kind::Scalar(_) => {
                let text = "expected a mapping of names to values, or a list of NAME=value";
                let given = node.text().unwrap_or_default();
                let hint = match given.split_once('=') {
                    Some((name, value)) if !name.contains(char::is_whitespace) => {
                        format!("write {{ {name}: {value} }}")
                    }
                    _ => "write NAME: value on a line of its own below".to_owned(),
                };
                self.problems.push(
                    Problem::error(
                        "wrong-type",
                        node.span,
                        format!("{text}, and found {}", node.noun()),
                    )
                    .hint(hint),
                );
                return None;
            }
        }
        Some(Value::Object(map))
    }

    /// One `NAME=value` of a list.
    pub(super) fn assignment(
        &mut self,
        inner: &Form,
        null: NullMeans,
        item: &Node,
        map: &mut Map<String, Value>,
    ) {
        let Kind::Scalar(scalar) = &item.kind else {
            let hint = match item.entries() {
                [entry] => format!("write {}=value, or take the dash away", entry.key.text),
                _ => String::new(),
            };
            self.problems.push(
                Problem::error(
                    "wrong-type",
                    item.span,
                    format!("expected NAME=value, and found {}", item.noun()),
                )
                .hint(hint),
            );
            return;
        };
        self.note_secrets(scalar);
        let (name, value) = match scalar.text.split_once('=') {
            Some((name, value)) => (name, Some(value)),
            None => (scalar.text.as_str(), None),
        };
        if name.is_empty() {
            self.problems.push(
                Problem::error("bad-value", item.span, "the name before = is empty")
                    .hint("write NAME=value"),
            );
            return;
        }
        self.place(&[".", name], item.span);
        let value = match value {
            None => {
                let key = Key {
                    text: name.to_owned(),
                    span: item.span,
                };
                self.without_value(&key, null)
            }
            Some(text) => match forms::scalar(
                inner,
                &Scalar {
                    text: text.to_owned(),
                    plain: false,
                    secrets: Vec::new(),
                },
            ) {
                Ok(value) => value,
                Err(wrong) => return self.wrong(item.span, wrong),
            },
        };
        if map.insert(name.to_owned(), value).is_some() {
            self.problems.push(
                Problem::error(
                    "duplicate-item",
                    item.span,
                    format!("{name} is given twice"),
                )
                .hint("keep one of them"),
            );
        }
    }

    pub(super) fn without_value(&mut self, key: &Key, null: NullMeans) -> Value {
        match null {
            NullMeans::Empty => Value::String(String::new()),
            NullMeans::FromEnvironment => {
                let name = key.text.as_str();
                let value = self.variables.get_in(key.span.file, name);
                if let Some(value) = &value
                    && crate::model::looks_secret(name)
                {
                    self.secrets.add_secret(value);
                }
                value.map_or(Value::Null, Value::String)
            }
        }
    }

    pub(super) fn command(&mut self, form: &Form, node: &Node) -> Option<Value> {
        match &node.kind {
            Kind::Null => None,
            Kind::Scalar(scalar) => {
                self.note_secrets(scalar);
                match forms::command(form, &scalar.text) {
                    Ok(value) => Some(value),
                    Err(wrong) => {
                        self.wrong(node.span, wrong);
                        None
                    }
                }
            }
            Kind::List(items) => {
                let mut words = Vec::with_capacity(items.len());
                for item in items {
                    match &item.kind {
                        Kind::Scalar(scalar) => {
                            self.note_secrets(scalar);
                            words.push(Value::String(scalar.text.clone()));
                        }
                        Kind::Null | Kind::List(_) | Kind::Map(_) => {
                            let hint = match item.kind {
                                Kind::Null => "put a word such as null or ~ between quotes",
                                _ => "put a word that holds a colon between quotes",
                            };
                            let text =
                                format!("expected a word of a command, and found {}", item.noun());
                            self.problems
                                .push(Problem::error("wrong-type", item.span, text).hint(hint));
                        }
                    }
                }
                if let Err(wrong) = forms::checked(form, &words) {
                    self.wrong(node.span, wrong);
                    return None;
                }
                Some(Value::Array(words))
            }
            Kind::Map(_) => {
                self.wrong_type(form, node);
                None
            }
        }
    }
}
