//! From nodes to the normal form, by the tables of the vocabulary. Every problem is noted, and decoding goes on.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::{
    Entry, Kind, Node, Problem, Scalar, Span,
    forms::{self, Wrong},
    interpolate::Variables,
    nearest::nearest,
};
use crate::model::{
    Attribute, Fault, Field, Form, Items, Keyed, NullMeans, Record, Secrets, Settings, Table,
    attributes,
};

/// How many problems get the word that was probably meant. More are not told anyway.
const HINTS: usize = 1000;

/// What a table's worth of settings is decoded to.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Decoded {
    /// The settings in normal form.
    pub settings: Settings,
    /// Where each value stands, by its path as plans write it: `ports`, `ports[8080:80/tcp]`, `depends_on.db`.
    pub spans: BTreeMap<String, Span>,
    /// The values that must not be shown.
    pub secrets: Secrets,
}

/// Decodes, and notes what is wrong.
pub struct Decoder<'a> {
    variables: &'a dyn Variables,
    /// What was found wrong so far.
    pub problems: Vec<Problem>,
    spans: BTreeMap<String, Span>,
    secrets: Secrets,
}

impl<'a> Decoder<'a> {
    /// A decoder that takes values of `KEY:` without a value from these variables.
    #[must_use]
    pub fn new(variables: &'a dyn Variables) -> Self {
        Self {
            variables,
            problems: Vec::new(),
            spans: BTreeMap::new(),
            secrets: Secrets::default(),
        }
    }

    /// Decodes a mapping by a table. `noun` is what it is called in messages (`container`); `own` are keys that somebody
    /// else reads.
    pub fn table(&mut self, table: Table, noun: &str, own: &[&str], node: &Node) -> Decoded {
        self.spans.clear();
        self.secrets = Secrets::default();
        let told = self.problems.len();
        let mut settings = Settings::default();
        let mut first: BTreeMap<&str, Span> = BTreeMap::new();
        for entry in self.entries(noun, node) {
            let key = entry.key.text.as_str();
            if own.contains(&key) || key.starts_with("x-") {
                continue;
            }
            let Some(attribute) = attributes::find(table, key) else {
                let known = attributes::all(table)
                    .flat_map(|attribute| attribute.aliases.iter().copied().chain([attribute.name]))
                    .chain(own.iter().copied());
                self.unknown(entry, noun, known);
                continue;
            };
            if let Some(span) = first.insert(attribute.name, entry.key.span) {
                let text = format!(
                    "{key} and {} are two names for the same thing",
                    attribute.name
                );
                let text = if key == attribute.name {
                    format!("{key} is given twice, once under another name")
                } else {
                    text
                };
                self.problems.push(
                    Problem::error("duplicate-key", entry.key.span, text)
                        .hint("keep one of them")
                        .also(span, "first given here"),
                );
                continue;
            }
            self.spans
                .insert(attribute.name.to_owned(), entry.value.span);
            self.note_secret_names(attribute, &entry.value);
            if let Some(value) = self.value(&attribute.form, &entry.value, attribute.name) {
                settings.set(attribute.name, value);
            }
        }
        // What came from a variable that is called secret is not told, however wrong it is.
        for problem in &mut self.problems[told..] {
            problem.text = self.secrets.hide(&problem.text);
            problem.hint = problem.hint.take().map(|hint| self.secrets.hide(&hint));
        }
        Decoded {
            settings,
            spans: std::mem::take(&mut self.spans),
            secrets: std::mem::take(&mut self.secrets),
        }
    }

    /// Entries of what has to be a mapping; nothing at all is an empty one.
    fn entries<'n>(&mut self, noun: &str, node: &'n Node) -> &'n [Entry] {
        match &node.kind {
            Kind::Map(entries) => entries,
            Kind::Null => &[],
            Kind::Scalar(_) | Kind::List(_) => {
                let text = format!(
                    "expected the settings of a {noun}, as a mapping, and found {}",
                    node.noun()
                );
                self.problems.push(
                    Problem::error("wrong-type", node.span, text)
                        .hint("write one setting a line, as key: value"),
                );
                &[]
            }
        }
    }

    /// A key that nobody knows.
    pub fn unknown<'k>(&mut self, entry: &Entry, noun: &str, known: impl Iterator<Item = &'k str>) {
        let key = &entry.key.text;
        // A large file that is wrong all over has to end soon, too: the first problems alone get their hint.
        let near = if self.problems.len() < HINTS {
            nearest(key, known)
        } else {
            None
        };
        let hint = match near {
            Some(near) => format!("did you mean {near}?"),
            None => "keys of your own begin with x-".to_owned(),
        };
        self.problems.push(
            Problem::error(
                "unknown-key",
                entry.key.span,
                format!("unknown key {key} in a {noun}"),
            )
            .hint(hint),
        );
    }

    /// A value by its form; `None` if it is wrong or says nothing. `path` names it for its place.
    fn value(&mut self, form: &Form, node: &Node, path: &str) -> Option<Value> {
        match form {
            Form::List(inner) => self.list(inner, node, path),
            Form::Set(inner) => self.list(inner, node, path).map(forms::sorted),
            Form::Map { value, null } => self.map(value, *null, node, path),
            Form::Record(record) => self.record(record, node, path, "setting"),
            Form::Keyed(keyed) => self.keyed(keyed, node, path),
            Form::Items(items) => self.items(items, node, path),
            Form::Either(forms) => self.either(forms, node, path),
            Form::Refined { form, finish } => {
                let value = self.value(form, node, path)?;
                match finish(value) {
                    Ok(value) => Some(value),
                    Err(fault) => {
                        self.fault(node, &fault);
                        None
                    }
                }
            }
            Form::Command | Form::HealthTest => self.command(form, node),
            Form::Text | Form::Bool | Form::Integer(..) | Form::Parsed { .. } | Form::Choice(_) => {
                self.scalar(form, node)
            }
        }
    }

    fn scalar(&mut self, form: &Form, node: &Node) -> Option<Value> {
        let Kind::Scalar(scalar) = &node.kind else {
            // `key:` without anything says nothing, as in Compose.
            if !matches!(node.kind, Kind::Null) {
                self.wrong_type(form, node);
            }
            return None;
        };
        self.note_secrets(scalar);
        match forms::scalar(form, scalar) {
            Ok(value) => Some(value),
            Err(wrong) => {
                self.wrong(node.span, wrong);
                None
            }
        }
    }

    fn wrong(&mut self, span: Span, wrong: Wrong) {
        self.problems
            .push(Problem::error(wrong.code, span, wrong.text).hint(wrong.hint));
    }

    fn wrong_type(&mut self, form: &Form, node: &Node) {
        let text = format!(
            "expected {}, and found {}",
            forms::expected(form),
            node.noun()
        );
        self.problems
            .push(Problem::error("wrong-type", node.span, text));
    }

    fn fault(&mut self, node: &Node, fault: &Fault) {
        let place = node.get(&fault.field).map_or(node.span, |field| field.span);
        self.problems
            .push(Problem::error("bad-value", place, fault.text.clone()).hint(fault.hint.clone()));
    }

    fn note_secrets(&mut self, scalar: &Scalar) {
        for secret in &scalar.secrets {
            self.secrets.add_value(secret);
        }
    }

    /// `sensitive: [NAME]` names entries; what the file itself calls a password is one.
    fn note_secret_names(&mut self, attribute: &Attribute, node: &Node) {
        if attribute.name == "sensitive"
            && let Kind::List(items) = &node.kind
        {
            for name in items.iter().filter_map(Node::text) {
                self.secrets.add_name(name);
            }
        }
    }

    fn list(&mut self, inner: &Form, node: &Node, path: &str) -> Option<Value> {
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
            if let Some(value) = self.value(inner, item, &format!("{path}[{number}]")) {
                if let Value::String(text) = &value {
                    self.spans.insert(format!("{path}[{text}]"), item.span);
                }
                values.push(value);
            }
        }
        Some(Value::Array(values))
    }

    fn map(&mut self, inner: &Form, null: NullMeans, node: &Node, path: &str) -> Option<Value> {
        let mut map = Map::new();
        match &node.kind {
            Kind::Null => return None,
            Kind::Map(entries) => {
                for entry in entries {
                    self.spans
                        .insert(format!("{path}.{}", entry.key.text), entry.value.span);
                    let value = match &entry.value.kind {
                        Kind::Null => self.without_value(&entry.key.text, null),
                        Kind::Scalar(_) | Kind::List(_) | Kind::Map(_) => {
                            match self.value(inner, &entry.value, path) {
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
                    self.assignment(inner, null, item, path, &mut map);
                }
            }
            Kind::Scalar(_) => {
                let text = "expected a mapping of names to values, or a list of NAME=value";
                self.problems.push(Problem::error(
                    "wrong-type",
                    node.span,
                    format!("{text}, and found {}", node.noun()),
                ));
                return None;
            }
        }
        Some(Value::Object(map))
    }

    /// One `NAME=value` of a list.
    fn assignment(
        &mut self,
        inner: &Form,
        null: NullMeans,
        item: &Node,
        path: &str,
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
        self.spans.insert(format!("{path}.{name}"), item.span);
        let value = match value {
            None => self.without_value(name, null),
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

    fn without_value(&mut self, name: &str, null: NullMeans) -> Value {
        match null {
            NullMeans::Empty => Value::String(String::new()),
            NullMeans::FromEnvironment => {
                let value = self.variables.get(name);
                if let Some(value) = &value
                    && crate::model::looks_secret(name)
                {
                    self.secrets.add_value(value);
                }
                value.map_or(Value::Null, Value::String)
            }
        }
    }

    fn record(&mut self, record: &Record, node: &Node, path: &str, noun: &str) -> Option<Value> {
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
                let map = self.fields(record.fields, entries, node, path, noun)?;
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
                self.problems
                    .push(Problem::error("wrong-type", node.span, text));
                None
            }
        }
    }

    /// The fields of a record; `None` if one of them is wrong, which has been said then.
    fn fields(
        &mut self,
        fields: &[Field],
        entries: &[Entry],
        node: &Node,
        path: &str,
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
                    noun,
                    fields
                        .iter()
                        .flat_map(|field| field.aliases.iter().copied().chain([field.name])),
                );
                continue;
            };
            let path = format!("{path}.{}", field.name);
            self.spans.insert(path.clone(), entry.value.span);
            if let Some(value) = self.value(&field.form, &entry.value, &path)
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
                        format!("{} is missing", field.name),
                    )
                    .hint(format!("add {}: {}", field.name, field.example)),
                );
            }
        }
        (self.problems.len() == before).then_some(map)
    }

    fn keyed(&mut self, keyed: &Keyed, node: &Node, path: &str) -> Option<Value> {
        let mut map = Map::new();
        match &node.kind {
            Kind::Null => return None,
            Kind::Map(entries) => {
                for entry in entries {
                    let path = format!("{path}.{}", entry.key.text);
                    self.spans.insert(path.clone(), entry.key.span);
                    if let Some(value) = self.record(&keyed.record, &entry.value, &path, keyed.noun)
                    {
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
                        self.problems.push(
                            Problem::error("wrong-type", item.span, text)
                                .hint("for the long form take the dashes away: name: { … }"),
                        );
                        continue;
                    };
                    self.spans.insert(format!("{path}.{name}"), item.span);
                    match (keyed.record.finish)(Map::new()) {
                        Ok(value) => {
                            if map.insert(name.to_owned(), value).is_some() {
                                self.problems.push(Problem::error(
                                    "duplicate-item",
                                    item.span,
                                    format!("the {} {name} is given twice", keyed.noun),
                                ));
                            }
                        }
                        Err(fault) => self.fault(item, &fault),
                    }
                }
            }
            Kind::List(_) | Kind::Scalar(_) => {
                let list = if keyed.list {
                    " or a list of names"
                } else {
                    ""
                };
                let text = format!(
                    "expected a mapping of {}s{list}, and found {}",
                    keyed.noun,
                    node.noun()
                );
                let hint = node
                    .text()
                    .filter(|_| keyed.list)
                    .map(|text| format!("write [{text}]"))
                    .unwrap_or_default();
                self.problems
                    .push(Problem::error("wrong-type", node.span, text).hint(hint));
                return None;
            }
        }
        Some(Value::Object(map))
    }

    fn items(&mut self, items: &Items, node: &Node, path: &str) -> Option<Value> {
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
                self.problems.push(
                    Problem::error("wrong-type", node.span, text)
                        .hint("write one a line, each behind a dash"),
                );
                return None;
            }
        };
        let mut values: Vec<Value> = Vec::new();
        let mut seen: BTreeMap<String, Span> = BTreeMap::new();
        for item in nodes {
            for value in self.item(items, item, path).unwrap_or_default() {
                let key = (items.key)(&value);
                if let Some(first) = seen.insert(key.clone(), item.span) {
                    let text = format!("the {} {key} is given twice", items.noun);
                    self.problems.push(
                        Problem::error("duplicate-item", item.span, text)
                            .hint("remove one of them")
                            .also(first, "first given here"),
                    );
                    continue;
                }
                self.spans.insert(format!("{path}[{key}]"), item.span);
                values.push(value);
            }
        }
        values.sort_by_key(|value| (items.key)(value));
        Some(Value::Array(values))
    }

    fn item(&mut self, items: &Items, item: &Node, path: &str) -> Option<Vec<Value>> {
        let expanded = match &item.kind {
            Kind::Scalar(scalar) => {
                self.note_secrets(scalar);
                (items.short)(&scalar.text)
            }
            Kind::Map(entries) => {
                let map = self.fields(items.fields, entries, item, path, items.noun)?;
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
                let place = item.get(&fault.field).map_or(item.span, |field| field.span);
                let code = if items.noun == "port" {
                    "bad-port"
                } else {
                    "bad-value"
                };
                self.problems
                    .push(Problem::error(code, place, fault.text).hint(fault.hint));
                None
            }
        }
    }

    /// The first form that takes this kind of node.
    fn either(&mut self, choices: &[Form], node: &Node, path: &str) -> Option<Value> {
        if matches!(node.kind, Kind::Null) {
            return None;
        }
        match choices.iter().find(|form| forms::takes(form, node)) {
            Some(form) => self.value(form, node, path),
            None => {
                let expected: Vec<String> = choices.iter().map(forms::expected).collect();
                let text = format!(
                    "expected {}, and found {}",
                    expected.join(" or "),
                    node.noun()
                );
                self.problems
                    .push(Problem::error("wrong-type", node.span, text));
                None
            }
        }
    }

    fn command(&mut self, form: &Form, node: &Node) -> Option<Value> {
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
                            let hint = "put a word that holds a colon between quotes";
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
