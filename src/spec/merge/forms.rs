//! Short forms as the long ones that they stand for, so that the two can be merged.

use crate::spec::{Entry, Key, Kind, Node, Scalar};

/// `build: ./app` is short for `build: { context: ./app }`.
pub fn build(node: Node) -> Node {
    if node.text().is_none() {
        return node;
    }
    let span = node.span;
    let key = Key {
        text: "context".to_owned(),
        span,
    };
    Node {
        span,
        kind: Kind::Map(vec![Entry { key, value: node }]),
        tag: None,
    }
}

/// One alone is a list of one.
pub fn sequence(node: Node) -> Node {
    if matches!(node.kind, Kind::Null | Kind::List(_)) {
        return node;
    }
    Node {
        span: node.span,
        kind: Kind::List(vec![node]),
        tag: None,
    }
}

/// `{ HOST: ADDRESS }` and `{ HOST: [ADDRESS…] }` are short for a list.
pub fn hosts(node: Node) -> Node {
    let Kind::Map(entries) = node.kind else {
        return node;
    };
    let line = |host: &Key, address: Node| {
        let kind = match address.kind {
            Kind::Scalar(scalar) => Kind::Scalar(Scalar {
                text: format!("{}={}", host.text, scalar.text),
                plain: false,
                ..scalar
            }),
            other => other,
        };
        Node { kind, ..address }
    };
    let lines = entries
        .into_iter()
        .flat_map(|Entry { key, value, .. }| match value.kind {
            Kind::List(addresses) => addresses
                .into_iter()
                .map(|address| line(&key, address))
                .collect(),
            _ => vec![line(&key, value)],
        });
    Node {
        kind: Kind::List(lines.collect()),
        ..node
    }
}

/// A list of names is short for a mapping of them to nothing.
pub fn names(node: Node) -> Node {
    as_mapping(node, |_| None)
}

/// A list of `NAME=value` is short for a mapping.
pub fn assignments(node: Node) -> Node {
    as_mapping(node, |text| text.split_once('='))
}

/// A list of texts as the mapping that it is short for; of two of one name the later counts.
fn as_mapping(node: Node, parts: fn(&str) -> Option<(&str, &str)>) -> Node {
    let Kind::List(items) = &node.kind else {
        return node;
    };
    if items.iter().any(|item| item.text().is_none()) {
        return node;
    }
    let mut entries: Vec<Entry> = Vec::with_capacity(items.len());
    for item in items {
        let Kind::Scalar(scalar) = &item.kind else {
            continue;
        };
        let (name, value) = match parts(&scalar.text) {
            Some((name, value)) => (name, Some(value)),
            None => (scalar.text.as_str(), None),
        };
        let kind = value.map_or(Kind::Null, |value| {
            Kind::Scalar(Scalar {
                text: value.to_owned(),
                plain: false,
                secrets: scalar.secrets.clone(),
            })
        });
        entries.retain(|entry| entry.key.text != name);
        entries.push(Entry {
            key: Key {
                text: name.to_owned(),
                span: item.span,
            },
            value: Node { kind, ..*item },
        });
    }
    Node {
        kind: Kind::Map(entries),
        ..node
    }
}
