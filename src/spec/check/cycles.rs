//! Circles: containers that wait for each other would wait for ever.

use std::collections::HashMap;

use serde_json::Value;

use super::{place, texts, volumes_from};
use crate::spec::{Document, Item, Problem, Span};

/// How many circles are told: each is followed once, and a file with more has one cause.
const CIRCLES: usize = 20;

/// How many containers of a circle are named.
const NAMED: usize = 8;

/// Which container waits for which.
pub struct Waits<'d> {
    document: &'d Document,
    /// The containers' numbers, in the order of the document.
    numbers: HashMap<&'d str, usize>,
    /// The numbers of those that each waits for; once for each, in order.
    graph: Vec<Vec<usize>>,
}

impl<'d> Waits<'d> {
    pub fn of(document: &'d Document) -> Self {
        let keys = document.containers.keys().enumerate();
        Self {
            document,
            numbers: keys.map(|(number, key)| (key.as_str(), number)).collect(),
            graph: Vec::with_capacity(document.containers.len()),
        }
    }

    /// Adds what the next container waits for.
    pub fn container(&mut self, item: &Item) {
        let waits = waits(item).into_iter();
        let mut waits: Vec<usize> = waits
            .filter_map(|wait| self.numbers.get(wait.other).copied())
            .collect();
        waits.sort_unstable();
        waits.dedup();
        self.graph.push(waits);
    }

    /// Tells the circles among all that were added.
    pub fn circles(&self, problems: &mut Vec<Problem>) {
        let circles = circles(&self.graph);
        if circles.is_empty() {
            return;
        }
        let containers: Vec<(&str, &Item)> = self
            .document
            .containers
            .iter()
            .map(|(key, item)| (key.as_str(), item))
            .collect();
        for circle in circles {
            let mut steps = Vec::with_capacity(circle.len());
            for (at, number) in circle.iter().enumerate() {
                let (key, item) = containers[*number];
                let next = containers[circle[(at + 1) % circle.len()]].0;
                // Of several ways from one to another the first is shown.
                let wait = waits(item).into_iter().find(|wait| wait.other == next);
                steps.push((
                    key,
                    wait.map_or(item.span, |wait| place(item, &wait.path())),
                ));
            }
            problems.push(problem(&steps));
        }
    }
}

/// That a container waits for another one.
struct Wait<'i> {
    other: &'i str,
    attribute: &'static str,
    /// The item of a list that says so.
    item: Option<&'i str>,
}

impl Wait<'_> {
    /// The path of what says so.
    fn path(&self) -> String {
        match (self.attribute, self.item) {
            ("depends_on", _) => format!("depends_on.{}", self.other),
            (attribute, Some(item)) => format!("{attribute}[{item}]"),
            (attribute, None) => attribute.to_owned(),
        }
    }
}

/// What a container waits for.
fn waits(item: &Item) -> Vec<Wait<'_>> {
    let mut waits = Vec::new();
    let mut add = |attribute, other, item| {
        waits.push(Wait {
            other,
            attribute,
            item,
        });
    };
    let depends = item.settings.get("depends_on").and_then(Value::as_object);
    for (other, _) in depends.into_iter().flatten() {
        add("depends_on", other.as_str(), None);
    }
    for attribute in ["network_mode", "pid", "ipc"] {
        let shared = item.settings.text(attribute);
        if let Some(other) = shared.and_then(|text| text.strip_prefix("service:")) {
            add(attribute, other, None);
        }
    }
    for text in texts(item, "volumes_from") {
        if let Some(other) = volumes_from(text) {
            add("volumes_from", other, Some(text));
        }
    }
    for text in texts(item, "links") {
        let other = text.split(':').next().unwrap_or(text);
        add("links", other, Some(text));
    }
    waits
}

/// The numbers of those in each circle, of which each waits for the next. Walks depth first with a stack of its own, since
/// a chain may be as long as the file.
fn circles(graph: &[Vec<usize>]) -> Vec<Vec<usize>> {
    #[derive(Clone, Copy, PartialEq)]
    enum Mark {
        New,
        Open,
        Done,
    }
    let mut marks = vec![Mark::New; graph.len()];
    let mut found = Vec::new();
    for start in 0..graph.len() {
        if marks[start] != Mark::New {
            continue;
        }
        let mut path: Vec<(usize, usize)> = vec![(start, 0)];
        marks[start] = Mark::Open;
        while let Some((node, next)) = path.last_mut() {
            let node = *node;
            let Some(other) = graph[node].get(*next) else {
                marks[node] = Mark::Done;
                path.pop();
                continue;
            };
            *next += 1;
            match marks[*other] {
                Mark::New => {
                    marks[*other] = Mark::Open;
                    path.push((*other, 0));
                }
                Mark::Open if found.len() < CIRCLES => {
                    let from = path
                        .iter()
                        .position(|(node, _)| node == other)
                        .unwrap_or_default();
                    found.push(path[from..].iter().map(|(node, _)| *node).collect());
                }
                Mark::Open | Mark::Done => {}
            }
        }
    }
    found
}

/// Tells a circle: containers with the places that say for whom they wait.
fn problem(circle: &[(&str, Span)]) -> Problem {
    // It begins where the file does, whichever container the walk began with.
    let first = circle
        .iter()
        .enumerate()
        .min_by_key(|(_, (_, span))| *span)
        .map_or(0, |(at, _)| at);
    let (behind, before) = circle.split_at(first);
    let turned = [before, behind].concat();
    let (start, span) = turned[0];
    if turned.len() == 1 {
        return Problem::error(
            "dependency-cycle",
            span,
            format!("{start} waits for itself"),
        )
        .hint("remove this");
    }
    let mut words: Vec<&str> = turned.iter().take(NAMED).map(|(name, _)| *name).collect();
    if turned.len() > NAMED {
        words.push("…");
    }
    words.push(start);
    let mut problem = Problem::error(
        "dependency-cycle",
        span,
        format!(
            "containers wait for each other in a circle: {}",
            words.join(" → ")
        ),
    )
    .hint("remove one of these waits");
    for (name, span) in turned.iter().skip(1).take(NAMED - 1) {
        problem = problem.also(*span, format!("{name} waits here"));
    }
    problem
}

#[cfg(test)]
mod tests {
    use super::circles;

    fn graph(edges: &[(usize, usize)], size: usize) -> Vec<Vec<usize>> {
        let mut graph = vec![Vec::new(); size];
        for (from, to) in edges {
            graph[*from].push(*to);
        }
        graph
    }

    #[test]
    fn circles_are_found_once_and_diamonds_are_none() {
        assert!(circles(&graph(&[(0, 1), (0, 2), (1, 3), (2, 3)], 4)).is_empty());
        let found = circles(&graph(&[(0, 1), (1, 2), (2, 1)], 3));
        assert_eq!(found, [[1, 2]]);
        assert_eq!(circles(&graph(&[(0, 0)], 1)).len(), 1);
    }

    #[test]
    fn a_long_chain_does_not_overflow_the_stack() {
        let edges: Vec<(usize, usize)> = (0..100_000).map(|n| (n, (n + 1) % 100_001)).collect();
        assert!(circles(&graph(&edges, 100_001)).is_empty());
    }
}
