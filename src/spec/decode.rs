//! From nodes to the normal form, by the tables of the vocabulary. Every problem is noted, and decoding goes on.

mod lists;
mod records;

use std::collections::BTreeMap;

use serde_json::Value;

use super::{
    Entry, Kind, Node, Problem, Scalar, Span, Spans,
    forms::{self, Wrong},
    interpolate::Variables,
    nearest::nearest,
    spans::Gathered,
};
use crate::model::{Attribute, Fault, Form, Secrets, Settings, Table, attributes};

/// How many problems get the word that was probably meant. More are not told anyway.
const HINTS: usize = 1000;

/// What to do about a value that is wrong and must not be shown.
const SECRET_HINT: &str = "it is not shown here; look at the variable where it is set";

/// Attributes of a container that an empty text leaves unset, as in Compose: what is left of `${NAME:-}`.
pub const EMPTY_IS_UNSET: &[&str] = &[
    "cgroup",
    "container_name",
    "domainname",
    "hostname",
    "ipc",
    "isolation",
    "mac_address",
    "network_mode",
    "pid",
    "platform",
    "pull_policy",
    "restart",
    "runtime",
    "stop_signal",
    "userns_mode",
    "uts",
];

/// What a table's worth of settings is decoded to.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Decoded {
    /// The settings in normal form.
    pub settings: Settings,
    /// Where each value stands.
    pub spans: Spans,
    /// The values that must not be shown.
    pub secrets: Secrets,
}

/// Decodes, and notes what is wrong.
pub struct Decoder<'a> {
    variables: &'a dyn Variables,
    /// What was found wrong so far.
    pub problems: Vec<Problem>,
    /// The path of what is decoded at the moment.
    path: String,
    spans: Gathered,
    secrets: Secrets,
}

impl<'a> Decoder<'a> {
    /// A decoder that takes values of `KEY:` without a value from these variables.
    #[must_use]
    pub fn new(variables: &'a dyn Variables) -> Self {
        Self {
            variables,
            problems: Vec::new(),
            path: String::new(),
            spans: Gathered::default(),
            secrets: Secrets::default(),
        }
    }

    /// Decodes a mapping by a table. `noun` is what it is called in messages (`container`); `own` are keys that somebody
    /// else reads.
    pub fn table(&mut self, table: Table, noun: &str, own: &[&str], node: &Node) -> Decoded {
        let told = self.problems.len();
        let mut settings = Settings::default();
        let mut first: BTreeMap<&str, Span> = BTreeMap::new();
        for entry in self.entries(table, noun, node) {
            let key = entry.key.text.as_str();
            if own.contains(&key) || key.starts_with("x-") {
                continue;
            }
            let Some(attribute) = attributes::find(table, key) else {
                let known = attributes::all(table)
                    .flat_map(|attribute| attribute.aliases.iter().copied().chain([attribute.name]))
                    .chain(own.iter().copied());
                self.unknown(entry, &format!("in {}", with_article(noun)), known);
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
            let emptied =
                entry.value.text() == Some("") && EMPTY_IS_UNSET.contains(&attribute.name);
            if emptied && std::ptr::eq(table, &raw const attributes::CONTAINER) {
                continue;
            }
            // `key:` without anything says nothing, as in Compose.
            if !matches!(entry.value.kind, Kind::Null) {
                self.place(&[attribute.name], entry.value.span);
            }
            self.note_secret_names(attribute, &entry.value);
            let value = self.within(&[attribute.name], |decoder| {
                decoder.value(&attribute.form, &entry.value)
            });
            // A single value may say no more than what holds anyway.
            let single = matches!(entry.value.kind, Kind::Scalar(_));
            if let Some(value) = value.filter(|value| !(single && value.is_null())) {
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
            spans: self.spans.take(),
            secrets: std::mem::take(&mut self.secrets),
        }
    }

    /// Notes where something stands that is so many steps below what is decoded at the moment.
    fn place(&mut self, steps: &[&str], span: Span) {
        let Self { path, spans, .. } = self;
        spans.add(path, steps, span);
    }

    /// Decodes something that is so many steps below what is decoded at the moment.
    fn within<T>(&mut self, steps: &[&str], decode: impl FnOnce(&mut Self) -> T) -> T {
        let length = self.path.len();
        self.path.extend(steps.iter().copied());
        let decoded = decode(self);
        self.path.truncate(length);
        decoded
    }

    /// Entries of what has to be a mapping; nothing at all is an empty one.
    fn entries<'n>(&mut self, table: Table, noun: &str, node: &'n Node) -> &'n [Entry] {
        match &node.kind {
            Kind::Map(entries) => entries,
            Kind::Null => &[],
            Kind::Scalar(_) | Kind::List(_) => {
                let text = format!(
                    "expected the settings of {}, as a mapping, and found {}",
                    with_article(noun),
                    node.noun()
                );
                let parts = node.text().and_then(|text| text.split_once(':'));
                let hint = match parts {
                    Some((key, value)) if attributes::find(table, key).is_some() => {
                        format!("write {key}: {value}, with a space behind the colon")
                    }
                    Some(_) if noun == "container" => {
                        format!("write image: {} below it", node.text().unwrap_or_default())
                    }
                    _ => "write one setting a line, as key: value".to_owned(),
                };
                self.problems
                    .push(Problem::error("wrong-type", node.span, text).hint(hint));
                &[]
            }
        }
    }

    /// A key that nobody knows. `place` is where it stands, in words: `in a container`.
    pub fn unknown<'k>(
        &mut self,
        entry: &Entry,
        place: &str,
        known: impl Iterator<Item = &'k str>,
    ) {
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
                format!("unknown key {key} {place}"),
            )
            .hint(hint),
        );
    }

    /// A value by its form; `None` if it is wrong or says nothing.
    fn value(&mut self, form: &Form, node: &Node) -> Option<Value> {
        if let Some(text) = forms::stuck_dash(form, node) {
            self.problems.push(
                Problem::error(
                    "wrong-type",
                    node.span,
                    "a space is missing behind this dash",
                )
                .hint(format!("write - {text}")),
            );
            return None;
        }
        match form {
            Form::List(inner) => self.list(inner, node),
            Form::Set(inner) => self.list(inner, node).map(forms::sorted),
            Form::Map { value, null } => self.map(value, *null, node),
            Form::Record(record) => self.record(record, node, "setting"),
            Form::Keyed(keyed) => self.keyed(keyed, node),
            Form::Items(items) => self.items(items, node),
            Form::Either(forms) => self.either(forms, node),
            Form::Refined { form, finish } => {
                let value = self.value(form, node)?;
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
            Err(wrong) if !scalar.secrets.is_empty() => {
                let expected = forms::expected(form);
                let text = format!("expected {expected}, and what a secret variable holds is none");
                self.problems
                    .push(Problem::error(wrong.code, node.span, text).hint(SECRET_HINT));
                None
            }
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
        let hint = match (form, &node.kind) {
            (Form::Command, _) => "write [\"program\", \"argument\"]",
            (_, Kind::List(_)) => "write one value, without a dash or brackets",
            (_, Kind::Map(_)) => {
                "write one value; a text that holds a colon and a space needs quotes"
            }
            (_, Kind::Null | Kind::Scalar(_)) => "",
        };
        self.problems
            .push(Problem::error("wrong-type", node.span, text).hint(hint));
    }

    fn fault(&mut self, node: &Node, fault: &Fault) {
        self.faulty("bad-value", node, fault);
    }

    /// A fault of a value under its own name. Of what a secret variable put in, not even a part is told.
    fn faulty(&mut self, code: &'static str, node: &Node, fault: &Fault) {
        let place = node.get(&fault.field).unwrap_or(node);
        let secret = matches!(&place.kind, Kind::Scalar(scalar) if !scalar.secrets.is_empty());
        let problem = if secret {
            let text = "what a secret variable holds cannot stand here";
            Problem::error(code, place.span, text).hint(SECRET_HINT)
        } else {
            Problem::error(code, place.span, fault.text.clone()).hint(fault.hint.clone())
        };
        self.problems.push(problem);
    }

    fn note_secrets(&mut self, scalar: &Scalar) {
        for secret in &scalar.secrets {
            self.secrets.add_secret(secret);
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

    /// The first form that takes this kind of node.
    fn either(&mut self, choices: &[Form], node: &Node) -> Option<Value> {
        if matches!(node.kind, Kind::Null) {
            return None;
        }
        if let Some(form) = choices.iter().find(|form| forms::takes(form, node)) {
            return self.value(form, node);
        }
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

/// A noun as a sentence has it: `an image`.
fn with_article(noun: &str) -> String {
    let article = if noun.starts_with(['a', 'e', 'i', 'o', 'u']) {
        "an"
    } else {
        "a"
    };
    format!("{article} {noun}")
}

/// The last name of a path: `bind` of `volumes.bind`.
fn leaf(path: &str) -> &str {
    let path = path.split('[').next().unwrap_or(path);
    path.rsplit('.').next().unwrap_or(path)
}
