//! `deploy`: what Compose says for a swarm, read as our own attributes where one engine can do it.

use super::lower::{node, put, take, text};
use crate::{
    model::attributes,
    spec::{Entry, Kind, Node, Problem, Scalar, forms, nearest::nearest},
};

/// Keys of `deploy` that concern several hosts, and change nothing on one.
const OF_A_SWARM: &[&str] = &["placement", "endpoint_mode", "rollback_config", "labels"];

/// Keys of `deploy`.
const KEYS: &[&str] = &[
    "replicas",
    "resources",
    "restart_policy",
    "update_config",
    "mode",
    "placement",
    "endpoint_mode",
    "rollback_config",
    "labels",
];

/// Reads `deploy` of a container as the attributes that say the same.
pub fn lower(container: &mut Node, problems: &mut Vec<Problem>) {
    let Some(deploy) = take(container, "deploy") else {
        return;
    };
    let mut lowering = Lowering {
        container,
        problems,
    };
    for entry in lowering.map("deploy", deploy.value) {
        match entry.key.text.as_str() {
            "replicas" => lowering.set("replicas", &["replicas", "scale"], entry),
            "resources" => lowering.resources(entry),
            "restart_policy" => lowering.restart(entry),
            "update_config" => lowering.update(entry),
            "mode" if matches!(entry.value.text(), Some("replicated" | "global")) => {}
            "mode" => lowering.problems.push(
                Problem::error(
                    "unsupported",
                    entry.value.span,
                    "only replicated and global are modes on one engine",
                )
                .hint("for a job write state: completed"),
            ),
            key if OF_A_SWARM.contains(&key) => lowering.ignored(&entry),
            _ => lowering.unknown(&entry, "deploy", KEYS),
        }
    }
}

/// Whether two values of an attribute say the same, as `512m` and `512M` do.
fn same(key: &str, one: &Node, other: &Node) -> bool {
    let (Kind::Scalar(one), Kind::Scalar(other)) = (&one.kind, &other.kind) else {
        return false;
    };
    let read = |scalar: &Scalar| {
        let attribute = attributes::find(&attributes::CONTAINER, key)?;
        forms::scalar(&attribute.form, scalar).ok()
    };
    one.text == other.text || read(one).is_some_and(|value| read(other) == Some(value))
}

struct Lowering<'a> {
    container: &'a mut Node,
    problems: &'a mut Vec<Problem>,
}

impl Lowering<'_> {
    /// The entries of what has to be a mapping.
    fn map(&mut self, name: &str, node: Node) -> Vec<Entry> {
        match node.kind {
            Kind::Map(entries) => entries
                .into_iter()
                .filter(|entry| !entry.key.text.starts_with("x-"))
                .collect(),
            Kind::Null => Vec::new(),
            Kind::Scalar(_) | Kind::List(_) => {
                self.problems.push(
                    Problem::error(
                        "wrong-type",
                        node.span,
                        format!("expected a mapping in {name}, and found {}", node.noun()),
                    )
                    .hint("write one setting a line, as key: value"),
                );
                Vec::new()
            }
        }
    }

    /// Says an attribute, unless the container does itself: the same is fine, something else is not.
    fn set(&mut self, key: &str, names: &[&str], entry: Entry) {
        let own = names
            .iter()
            .find_map(|name| Some((*name, self.container.get(name)?)));
        match own {
            Some((_, own)) if same(key, own, &entry.value) => {}
            Some((name, own)) => {
                let span = own.span;
                self.problems.push(
                    Problem::error(
                        "duplicate-key",
                        entry.key.span,
                        format!("deploy says again what {name} says"),
                    )
                    .hint("keep one of them")
                    .also(span, "first given here"),
                );
            }
            None => put(self.container, key, entry.key.span, entry.value),
        }
    }

    fn ignored(&mut self, entry: &Entry) {
        self.problems.push(
            Problem::warning(
                "ignored-key",
                entry.key.span,
                format!(
                    "{} means nothing on one engine, and is ignored",
                    entry.key.text
                ),
            )
            .hint("remove it, or keep it for Compose"),
        );
    }

    fn unknown(&mut self, entry: &Entry, noun: &str, known: &[&str]) {
        let key = &entry.key.text;
        let near = nearest(key, known.iter().copied());
        self.problems.push(
            Problem::error(
                "unknown-key",
                entry.key.span,
                format!("unknown key {key} in {noun}"),
            )
            .hint(near.map_or_else(
                || format!("its keys are {}", known.join(", ")),
                |near| format!("did you mean {near}?"),
            )),
        );
    }

    fn resources(&mut self, entry: Entry) {
        for part in self.map("resources", entry.value) {
            match part.key.text.as_str() {
                "limits" => {
                    for limit in self.map("limits", part.value) {
                        match limit.key.text.as_str() {
                            "cpus" => self.set("cpus", &["cpus"], limit),
                            "memory" => self.set("memory", &["memory", "mem_limit"], limit),
                            "pids" => self.set("pids_limit", &["pids_limit"], limit),
                            _ => self.unknown(&limit, "limits", &["cpus", "memory", "pids"]),
                        }
                    }
                }
                "reservations" => {
                    for reservation in self.map("reservations", part.value) {
                        match reservation.key.text.as_str() {
                            "memory" => self.set(
                                "memory_reservation",
                                &["memory_reservation", "mem_reservation"],
                                reservation,
                            ),
                            "devices" => self.set("gpus", &["gpus"], reservation),
                            "cpus" | "generic_resources" => self.ignored(&reservation),
                            _ => self.unknown(
                                &reservation,
                                "reservations",
                                &["memory", "devices", "cpus", "generic_resources"],
                            ),
                        }
                    }
                }
                _ => self.unknown(&part, "resources", &["limits", "reservations"]),
            }
        }
    }

    /// `condition` and `max_attempts` are the engine's restart policy; it has no delay and no window of its own.
    fn restart(&mut self, entry: Entry) {
        let key = entry.key.clone();
        let span = entry.value.span;
        let (mut condition, mut attempts) = (None, None);
        for part in self.map("restart_policy", entry.value) {
            match part.key.text.as_str() {
                "condition" => condition = Some(part.value),
                "max_attempts" => attempts = Some(part.value),
                "delay" | "window" => self.ignored(&part),
                _ => self.unknown(
                    &part,
                    "restart_policy",
                    &["condition", "max_attempts", "delay", "window"],
                ),
            }
        }
        let place = condition.as_ref().map_or(span, |node| node.span);
        let word = condition.as_ref().and_then(Node::text);
        if let Some(attempts) = attempts.as_ref().filter(|_| word != Some("on-failure")) {
            self.problems.push(
                Problem::warning(
                    "ignored-key",
                    attempts.span,
                    "an engine counts attempts after failures alone, so max_attempts is ignored",
                )
                .hint("add condition: on-failure, or remove max_attempts"),
            );
        }
        let policy = match word {
            None | Some("any" | "always" | "") => "always".to_owned(),
            Some("none" | "no") => "no".to_owned(),
            Some("unless-stopped") => "unless-stopped".to_owned(),
            Some("on-failure") => match attempts.as_ref().and_then(Node::text) {
                Some(attempts) => format!("on-failure:{attempts}"),
                None => "on-failure".to_owned(),
            },
            Some(other) => {
                self.problems.push(
                    Problem::error(
                        "bad-value",
                        place,
                        format!(
                            "expected none, on-failure, unless-stopped or any, and found {other:?}"
                        ),
                    )
                    .hint("write restart: unless-stopped in place of deploy.restart_policy"),
                );
                return;
            }
        };
        let value = text(place, policy, Vec::new());
        // Of both, Compose takes this one.
        if let Some(own) = take(self.container, "restart")
            && !same("restart", &own.value, &value)
            && own.value.text().is_some()
        {
            self.problems.push(
                Problem::warning(
                    "ignored-key",
                    own.key.span,
                    "restart is ignored: deploy.restart_policy says something else",
                )
                .hint("keep one of them")
                .also(key.span, "this one counts"),
            );
        }
        put(self.container, "restart", key.span, value);
    }

    /// How it is replaced; the keys of ours have Compose's names.
    fn update(&mut self, entry: Entry) {
        let span = entry.value.span;
        let key = entry.key.clone();
        let mut entries = Vec::new();
        for part in self.map("update_config", entry.value) {
            match part.key.text.as_str() {
                "order" | "monitor" | "failure_action" | "parallelism" | "delay" => {
                    entries.push(part);
                }
                "max_failure_ratio" => self.ignored(&part),
                _ => self.unknown(
                    &part,
                    "update_config",
                    &[
                        "order",
                        "monitor",
                        "failure_action",
                        "parallelism",
                        "delay",
                        "max_failure_ratio",
                    ],
                ),
            }
        }
        let value = node(span, Kind::Map(entries));
        self.set("update", &["update"], Entry { key, value });
    }
}
