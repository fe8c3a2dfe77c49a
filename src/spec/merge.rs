//! Merging by Compose's rules: mappings key by key, lists one after the other, single values by the later file.

use super::{Entry, Kind, Node, Scalar, Tag};

/// Lists whose items have a key of their own: a later item with the same one takes the place of the earlier (Compose:
/// "unique resources").
const UNIQUE: &[&str] = &["volumes", "ports", "configs", "secrets", "devices"];

/// Values that are taken as a whole from the later file.
const WHOLE: &[&str] = &["command", "entrypoint", "test"];

/// Lists of `NAME=value` that may also be mappings: they are merged by name.
const ASSIGNMENTS: &[&str] = &[
    "env",
    "environment",
    "labels",
    "annotations",
    "sysctls",
    "driver_opts",
    "args",
    "extra_hosts",
];

/// Lists of names that may also be mappings.
const NAMED: &[&str] = &["depends_on", "networks"];

/// What a later file says over what an earlier one said.
#[must_use]
pub fn merge(base: Node, over: Node) -> Node {
    merged("", base, over)
}

fn merged(key: &str, base: Node, over: Node) -> Node {
    match over.tag {
        Some(Tag::Override) => return Node { tag: None, ..over },
        Some(Tag::Reset) => {
            return Node {
                kind: Kind::Null,
                tag: None,
                ..over
            };
        }
        None => {}
    }
    if WHOLE.contains(&key) {
        return over;
    }
    let base = if ASSIGNMENTS.contains(&key) || NAMED.contains(&key) {
        as_mapping(key, base, &over)
    } else {
        base
    };
    let span = over.span;
    let over = if ASSIGNMENTS.contains(&key) || NAMED.contains(&key) {
        as_mapping(key, over, &base)
    } else {
        over
    };
    match (base.kind, over.kind) {
        (kind, Kind::Null) => Node {
            kind,
            span: base.span,
            tag: None,
        },
        (Kind::Map(base), Kind::Map(over)) => Node {
            span,
            kind: Kind::Map(entries(base, over)),
            tag: None,
        },
        (Kind::List(base), Kind::List(over)) => Node {
            span,
            kind: Kind::List(items(key, base, over)),
            tag: None,
        },
        (_, kind) => Node {
            span,
            kind,
            tag: None,
        },
    }
}

fn entries(mut base: Vec<Entry>, over: Vec<Entry>) -> Vec<Entry> {
    for entry in over {
        let reset = entry.value.tag == Some(Tag::Reset);
        match base
            .iter_mut()
            .find(|other| other.key.text == entry.key.text)
        {
            _ if reset => base.retain(|other| other.key.text != entry.key.text),
            Some(other) => {
                let value = std::mem::replace(
                    &mut other.value,
                    Node {
                        span: entry.key.span,
                        kind: Kind::Null,
                        tag: None,
                    },
                );
                other.value = merged(&entry.key.text, value, entry.value);
                other.key.span = entry.key.span;
            }
            None => base.push(entry),
        }
    }
    base
}

fn items(key: &str, mut base: Vec<Node>, over: Vec<Node>) -> Vec<Node> {
    for item in over {
        let own = identity(key, &item);
        base.retain(|other| own.is_none() || identity(key, other) != own);
        // The same item twice is one, as in Compose.
        if !base
            .iter()
            .any(|other| other.text().is_some() && other.text() == item.text())
        {
            base.push(item);
        }
    }
    base
}

/// What makes an item of a list the same thing as another: a volume's target, a port's container side and host side.
fn identity(key: &str, item: &Node) -> Option<String> {
    if !UNIQUE.contains(&key) {
        return None;
    }
    let field = |name: &str| {
        item.get(name)
            .and_then(Node::text)
            .unwrap_or_default()
            .to_owned()
    };
    match (key, item.text()) {
        ("ports", None) => Some(format!(
            "{}:{}:{}/{}",
            field("host_ip"),
            field("published"),
            field("target"),
            field("protocol")
        )),
        (_, None) => Some(if field("target").is_empty() {
            field("source")
        } else {
            field("target")
        }),
        ("ports" | "configs" | "secrets", Some(text)) => Some(text.to_owned()),
        (_, Some(text)) => {
            let mut parts = text.split(':');
            let first = parts.next()?;
            Some(parts.next().unwrap_or(first).to_owned())
        }
    }
}

/// A list of `NAME=value` or of names as the mapping that it is short for, if the other side is a mapping or a list too.
fn as_mapping(key: &str, node: Node, other: &Node) -> Node {
    let Kind::List(items) = &node.kind else {
        return node;
    };
    if !matches!(other.kind, Kind::List(_) | Kind::Map(_))
        || items.iter().any(|item| item.text().is_none())
    {
        return node;
    }
    let entries = items
        .iter()
        .map(|item| {
            let text = item.text().unwrap_or_default();
            let parts = if NAMED.contains(&key) {
                None
            } else {
                text.split_once('=')
                    .or_else(|| text.split_once(':').filter(|_| key == "extra_hosts"))
            };
            let (name, value) = parts.map_or((text, None), |(name, value)| (name, Some(value)));
            let secrets = match &item.kind {
                Kind::Scalar(scalar) => scalar.secrets.clone(),
                Kind::Null | Kind::List(_) | Kind::Map(_) => Vec::new(),
            };
            let kind = value.map_or(Kind::Null, |value| {
                Kind::Scalar(Scalar {
                    text: value.to_owned(),
                    plain: false,
                    secrets,
                })
            });
            Entry {
                key: super::Key {
                    text: name.to_owned(),
                    span: item.span,
                },
                value: Node {
                    span: item.span,
                    kind,
                    tag: None,
                },
            }
        })
        .collect();
    Node {
        kind: Kind::Map(entries),
        ..node
    }
}

#[cfg(test)]
mod tests {
    use super::merge;
    use crate::spec::{Kind, Node, Sources, yaml};

    fn plain(node: &Node) -> String {
        match &node.kind {
            Kind::Null => "~".to_owned(),
            Kind::Scalar(scalar) => scalar.text.clone(),
            Kind::List(items) => format!(
                "[{}]",
                items.iter().map(plain).collect::<Vec<_>>().join(", ")
            ),
            Kind::Map(entries) => {
                format!(
                    "{{{}}}",
                    entries
                        .iter()
                        .map(|entry| format!("{}: {}", entry.key.text, plain(&entry.value)))
                        .collect::<Vec<_>>()
                        .join(", ")
                )
            }
        }
    }

    fn merged(base: &str, over: &str) -> String {
        let mut sources = Sources::default();
        let mut read = |text: &str| {
            let file = sources.add("x", text);
            yaml::read(&sources, file).expect("sound YAML")
        };
        let base = read(base);
        let over = read(over);
        plain(&merge(base, over))
    }

    #[test]
    fn merging_follows_composes_rules() {
        for (base, over, result) in [
            ("{a: 1, b: 2}", "{b: 3, c: 4}", "{a: 1, b: 3, c: 4}"),
            ("{dns: [a]}", "{dns: [b]}", "{dns: [a, b]}"),
            ("{command: [a, b]}", "{command: [c]}", "{command: [c]}"),
            ("{env: [A=1, B=2]}", "{env: {B: 3}}", "{env: {A: 1, B: 3}}"),
            (
                "{volumes: ['x:/a', 'y:/b']}",
                "{volumes: ['z:/b']}",
                "{volumes: [x:/a, z:/b]}",
            ),
            (
                "{ports: ['80:80']}",
                "{ports: ['80:80', '81:81']}",
                "{ports: [80:80, 81:81]}",
            ),
            (
                "{depends_on: [a]}",
                "{depends_on: {b: {condition: service_healthy}}}",
                "{depends_on: {a: ~, b: {condition: service_healthy}}}",
            ),
            (
                "{ports: [1], a: {b: 1}}",
                "{ports: !reset [], a: !override {c: 1}}",
                "{a: {c: 1}}",
            ),
            ("{a: 1}", "{a: ~}", "{a: 1}"),
        ] {
            assert_eq!(merged(base, over), result, "{base} + {over}");
        }
    }
}
