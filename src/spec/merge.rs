//! Merging by Compose's rules: mappings key by key, lists one after the other, single values by the later file.

mod forms;

use forms::{assignments, build, hosts, names, sequence};

use super::{Entry, Kind, Node, Tag};
use crate::model::{Attribute, attributes};

/// The mappings of a file whose keys are the user's own names.
const SECTIONS: &[&str] = &[
    "containers",
    "images",
    "networks",
    "volumes",
    "configs",
    "secrets",
];

/// What a later file says over what an earlier one said.
#[must_use]
pub fn merge(base: Node, over: Node) -> Node {
    settled(merged(&Place::File, base, over))
}

/// What a container says over what it takes over from another one.
#[must_use]
pub fn merge_containers(base: Node, over: Node) -> Node {
    settled(merged(&Place::Thing(String::new()), base, over))
}

/// A node whose tags have been obeyed: what is reset is gone, in the first file too.
#[must_use]
pub fn settled(mut node: Node) -> Node {
    settle(&mut node);
    node
}

fn settle(node: &mut Node) {
    if node.tag.take() == Some(Tag::Reset) {
        node.kind = Kind::Null;
    }
    let reset = |node: &Node| node.tag == Some(Tag::Reset);
    match &mut node.kind {
        Kind::Map(entries) => {
            entries.retain(|entry| !reset(&entry.value));
            for entry in entries {
                settle(&mut entry.value);
            }
        }
        Kind::List(items) => {
            items.retain(|item| !reset(item));
            items.iter_mut().for_each(settle);
        }
        Kind::Null | Kind::Scalar(_) => {}
    }
}

/// Where in a file a value stands: a container may be called `command`, and is none.
enum Place {
    /// The file itself.
    File,
    /// A mapping of the user's names.
    Section,
    /// A container, network, volume and so on, or what stands at this path in it.
    Thing(String),
    /// What means nothing to the engine.
    Elsewhere,
}

impl Place {
    fn of(&self, key: &str) -> Self {
        match self {
            Self::File if SECTIONS.contains(&key) => Self::Section,
            Self::File | Self::Elsewhere => Self::Elsewhere,
            Self::Section => Self::Thing(String::new()),
            Self::Thing(path) if path.is_empty() => Self::Thing(key.to_owned()),
            Self::Thing(path) => Self::Thing(format!("{path}.{key}")),
        }
    }

    fn rule(&self) -> Rule {
        let Self::Thing(path) = self else {
            return Rule::Deep;
        };
        match path.as_str() {
            "command" | "entrypoint" | "healthcheck.test" => Rule::Whole,
            "env" | "environment" | "labels" | "annotations" | "sysctls" | "build.args"
            | "build.labels" | "deploy.labels" => Rule::Assignments,
            "extra_hosts" | "build.extra_hosts" => Rule::Hosts,
            "depends_on" | "networks" => Rule::Named,
            "dns" | "dns_opt" | "dns_search" | "env_file" | "label_file" | "tmpfs" => {
                Rule::Sequence
            }
            "build" => Rule::Build,
            "logging" => Rule::Logging,
            "volumes" | "devices" => Rule::Unique(by_target),
            "ports" => Rule::Unique(|item| Some(by_port(item))),
            "configs" | "secrets" => Rule::Unique(|item| Some(by_file(item))),
            "ipam.config" => Rule::Unique(by_subnet),
            _ => Rule::Deep,
        }
    }

    /// What a key of a container is called in other words: its `environment` is its `env`.
    fn attribute(&self, key: &str) -> Option<&'static Attribute> {
        matches!(self, Self::Thing(path) if path.is_empty())
            .then(|| attributes::CONTAINER.find(key))
            .flatten()
    }
}

/// How a later value is put over an earlier one (Compose specification, "Merge Compose files").
enum Rule {
    /// Mappings key by key, lists one after the other, single values by the later file.
    Deep,
    /// The later one as a whole.
    Whole,
    /// Lists of `NAME=value` that may also be mappings: by name.
    Assignments,
    /// Lists of names that may also be mappings.
    Named,
    /// Lists of `HOST=ADDRESS` that may also be mappings; a host may have several addresses.
    Hosts,
    /// Lists of which one may also be written alone.
    Sequence,
    /// A text alone is the context.
    Build,
    /// The options of one driver mean nothing to another.
    Logging,
    /// Lists whose items have a key of their own: a later item takes the place of the earlier one with the same key.
    Unique(fn(&Node) -> Option<String>),
}

fn merged(place: &Place, base: Node, over: Node) -> Node {
    match over.tag {
        Some(Tag::Override) => return Node { tag: None, ..over },
        Some(Tag::Reset) => return over,
        None => {}
    }
    let both = |form: fn(Node) -> Node, base: Node, over: Node| (form(base), form(over));
    let rule = place.rule();
    let (base, over) = match rule {
        Rule::Whole => return over,
        Rule::Logging if drivers_differ(&base, &over) => return over,
        Rule::Assignments => both(assignments, base, over),
        Rule::Named => both(names, base, over),
        Rule::Hosts => both(hosts, base, over),
        Rule::Sequence => both(sequence, base, over),
        Rule::Build => both(build, base, over),
        Rule::Deep | Rule::Logging | Rule::Unique(_) => (base, over),
    };
    let span = over.span;
    let kind = match (base.kind, over.kind) {
        (kind, Kind::Null) => {
            return Node {
                kind,
                span: base.span,
                tag: None,
            };
        }
        (Kind::Map(base), Kind::Map(over)) => Kind::Map(entries(place, &rule, base, over)),
        (Kind::List(base), Kind::List(over)) => Kind::List(items(place, &rule, base, over)),
        (_, kind) => kind,
    };
    Node {
        span,
        kind,
        tag: None,
    }
}

fn entries(place: &Place, rule: &Rule, mut base: Vec<Entry>, over: Vec<Entry>) -> Vec<Entry> {
    for entry in over {
        let attribute = place.attribute(&entry.key.text);
        let same = |other: &Entry| {
            let called = |attribute: &Attribute| {
                let other = other.key.text.as_str();
                attribute.name == other || attribute.aliases.contains(&other)
            };
            other.key.text == entry.key.text || attribute.is_some_and(called)
        };
        let reset = entry.value.tag == Some(Tag::Reset);
        match base.iter_mut().find(|other| same(other)) {
            _ if reset => base.retain(|other| !same(other)),
            // A name alone takes its value from elsewhere, whatever an earlier file gave it.
            Some(other) if matches!(rule, Rule::Assignments) && entry.value.kind == Kind::Null => {
                *other = entry;
            }
            Some(other) => {
                let value = std::mem::replace(&mut other.value, nothing(&entry));
                other.value = merged(&place.of(&entry.key.text), value, entry.value);
                other.key = entry.key;
            }
            None => base.push(entry),
        }
    }
    base
}

fn nothing(entry: &Entry) -> Node {
    Node {
        span: entry.key.span,
        kind: Kind::Null,
        tag: None,
    }
}

fn items(place: &Place, rule: &Rule, mut base: Vec<Node>, over: Vec<Node>) -> Vec<Node> {
    let identity = |item: &Node| match rule {
        Rule::Unique(identity) => identity(item),
        _ => None,
    };
    for item in over {
        let own = identity(&item);
        let earlier = own
            .as_ref()
            .and_then(|_| base.iter().position(|other| identity(other) == own));
        // The same item twice is one, as in Compose.
        let again = item.text().is_some() && base.iter().any(|other| other.text() == item.text());
        match earlier {
            Some(at) if matches!(place, Place::Thing(path) if path == "ipam.config") => {
                let other = base.remove(at);
                base.insert(at, merged(&Place::Elsewhere, other, item));
            }
            Some(at) => {
                base.remove(at);
                base.push(item);
            }
            None if again => {}
            None => base.push(item),
        }
    }
    base
}

fn field<'a>(item: &'a Node, name: &str) -> &'a str {
    item.get(name).and_then(Node::text).unwrap_or_default()
}

/// A volume and a device are what stands at their path in the container.
fn by_target(item: &Node) -> Option<String> {
    let Some(text) = item.text() else {
        let target = field(item, "target");
        return (!target.is_empty()).then(|| target.to_owned());
    };
    let mut parts = text.split(':');
    let first = parts.next()?;
    Some(parts.next().unwrap_or(first).to_owned())
}

fn by_port(item: &Node) -> String {
    if let Some(text) = item.text() {
        return text.to_owned();
    }
    let [host_ip, published, target, protocol] =
        ["host_ip", "published", "target", "protocol"].map(|name| field(item, name));
    format!("{host_ip}:{published}:{target}/{protocol}")
}

/// A config or a secret is the file that it becomes, called like it if nothing else is said.
fn by_file(item: &Node) -> String {
    let name = match item.text() {
        Some(text) => text,
        None if field(item, "target").is_empty() => field(item, "source"),
        None => field(item, "target"),
    };
    let bare = name.strip_prefix("/run/secrets/").unwrap_or(name);
    bare.trim_start_matches('/').to_owned()
}

fn by_subnet(item: &Node) -> Option<String> {
    let subnet = field(item, "subnet");
    (!subnet.is_empty()).then(|| subnet.to_owned())
}

fn drivers_differ(base: &Node, over: &Node) -> bool {
    let [base, over] = [base, over].map(|node| node.get("driver").and_then(Node::text));
    matches!((base, over), (Some(base), Some(over)) if base != over)
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
        let [base, over] = [base, over].map(|text| format!("{{containers: {{web: {text}}}}}"));
        let whole = files(&base, &over);
        let web = whole.strip_prefix("{containers: {web: ");
        web.and_then(|web| web.strip_suffix("}}"))
            .expect("one container")
            .to_owned()
    }

    fn files(base: &str, over: &str) -> String {
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
            ("{a: !reset 1, b: [!reset 1, 2]}", "{b: [3]}", "{b: [2, 3]}"),
            (
                "{extra_hosts: ['h:1.1.1.1', 'h:::1']}",
                "{extra_hosts: {h: 2.2.2.2, k: [3.3.3.3, 4.4.4.4]}}",
                "{extra_hosts: [h:1.1.1.1, h:::1, h=2.2.2.2, k=3.3.3.3, k=4.4.4.4]}",
            ),
            (
                "{env_file: a.env, dns: 1.1.1.1, tmpfs: [/a]}",
                "{env_file: [b.env], dns: 2.2.2.2, tmpfs: /b}",
                "{env_file: [a.env, b.env], dns: [1.1.1.1, 2.2.2.2], tmpfs: [/a, /b]}",
            ),
            (
                "{build: ./app}",
                "{build: {args: [V=1]}}",
                "{build: {context: ./app, args: [V=1]}}",
            ),
            (
                "{build: {context: ./app, target: t}}",
                "{build: ./other}",
                "{build: {context: ./other, target: t}}",
            ),
            (
                "{logging: {driver: json-file, options: {max-size: 1m}}}",
                "{logging: {driver: syslog, options: {a: b}}}",
                "{logging: {driver: syslog, options: {a: b}}}",
            ),
            (
                "{logging: {driver: json-file, options: {max-size: 1m}}}",
                "{logging: {options: {max-file: 2}}}",
                "{logging: {driver: json-file, options: {max-size: 1m, max-file: 2}}}",
            ),
            ("{env: [A=1, B=2]}", "{env: [A]}", "{env: {A: ~, B: 2}}"),
            (
                "{environment: {A: 1}}",
                "{env: {B: 2}}",
                "{env: {A: 1, B: 2}}",
            ),
            (
                "{secrets: [pin]}",
                "{secrets: [{source: other, target: /run/secrets/pin}]}",
                "{secrets: [{source: other, target: /run/secrets/pin}]}",
            ),
            (
                "{healthcheck: {test: [CMD, a], retries: 1}}",
                "{healthcheck: {test: [CMD, b]}}",
                "{healthcheck: {test: [CMD, b], retries: 1}}",
            ),
        ] {
            assert_eq!(merged(base, over), result, "{base} + {over}");
        }
    }

    #[test]
    fn a_name_of_the_users_is_no_key_of_composes() {
        for (base, over, result) in [
            (
                "{containers: {test: {image: x}}}",
                "{containers: {test: {cpus: 1}}}",
                "{containers: {test: {image: x, cpus: 1}}}",
            ),
            (
                "{volumes: {command: {driver: d}}}",
                "{volumes: {command: {name: n}}}",
                "{volumes: {command: {driver: d, name: n}}}",
            ),
            (
                "{networks: {n: {ipam: {config: [{subnet: a}, {subnet: b}]}}}}",
                "{networks: {n: {ipam: {config: [{subnet: a, gateway: g}]}}}}",
                "{networks: {n: {ipam: {config: [{subnet: a, gateway: g}, {subnet: b}]}}}}",
            ),
        ] {
            assert_eq!(files(base, over), result, "{base} + {over}");
        }
    }
}
