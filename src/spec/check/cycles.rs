//! Circles: containers that wait for each other would wait for ever.

use std::collections::{BTreeMap, HashMap};

use serde_json::Value;

use super::{place, texts, volumes_from};
use crate::spec::{Document, Item, Problem, Span};

/// How many circles are told: each is followed once, and a file with more has one cause.
const CIRCLES: usize = 20;

/// How many containers of a circle are named.
const NAMED: usize = 8;

pub fn check(document: &Document, problems: &mut Vec<Problem>) {
    let keys: HashMap<&str, usize> = document
        .containers
        .keys()
        .enumerate()
        .map(|(number, key)| (key.as_str(), number))
        .collect();
    let names: Vec<&str> = document.containers.keys().map(String::as_str).collect();
    let graph: Vec<Vec<(usize, Span)>> = document
        .containers
        .values()
        .map(|item| {
            // Of several ways from one to another the first is shown.
            let mut edges = BTreeMap::new();
            for (other, span) in edges_of(item) {
                if let Some(number) = keys.get(other) {
                    edges.entry(*number).or_insert(span);
                }
            }
            edges.into_iter().collect()
        })
        .collect();
    for circle in circles(&graph) {
        problems.push(problem(&circle, &names));
    }
}

/// What a container waits for, with the place that says so.
fn edges_of(item: &Item) -> Vec<(&str, Span)> {
    let mut edges = Vec::new();
    let depends = item.settings.get("depends_on").and_then(Value::as_object);
    for (other, _) in depends.into_iter().flatten() {
        edges.push((other.as_str(), place(item, &format!("depends_on.{other}"))));
    }
    for attribute in ["network_mode", "pid", "ipc"] {
        let shared = item.settings.text(attribute);
        if let Some(other) = shared.and_then(|text| text.strip_prefix("service:")) {
            edges.push((other, place(item, attribute)));
        }
    }
    for text in texts(item, "volumes_from") {
        if let Some(other) = volumes_from(text) {
            edges.push((other, place(item, &format!("volumes_from[{text}]"))));
        }
    }
    for text in texts(item, "links") {
        let other = text.split(':').next().unwrap_or(text);
        edges.push((other, place(item, &format!("links[{text}]"))));
    }
    edges
}

/// One step of a circle: from which container, and where it says so.
type Circle = Vec<(usize, Span)>;

/// Walks depth first with a stack of its own, since a chain may be as long as the file.
fn circles(graph: &[Vec<(usize, Span)>]) -> Vec<Circle> {
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
            let Some((other, _)) = graph[node].get(*next) else {
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
                    let circle = path[from..]
                        .iter()
                        .map(|(node, next)| (*node, graph[*node][next - 1].1))
                        .collect();
                    found.push(circle);
                }
                Mark::Open | Mark::Done => {}
            }
        }
    }
    found
}

fn problem(circle: &Circle, names: &[&str]) -> Problem {
    // It begins where the file does, whichever container the walk began with.
    let first = circle
        .iter()
        .enumerate()
        .min_by_key(|(_, (_, span))| *span)
        .map_or(0, |(at, _)| at);
    let turned: Vec<(usize, Span)> = circle[first..]
        .iter()
        .chain(&circle[..first])
        .copied()
        .collect();
    let (start, span) = turned[0];
    if turned.len() == 1 {
        return Problem::error(
            "dependency-cycle",
            span,
            format!("{} waits for itself", names[start]),
        )
        .hint("remove this");
    }
    let mut words: Vec<&str> = turned
        .iter()
        .take(NAMED)
        .map(|(node, _)| names[*node])
        .collect();
    if turned.len() > NAMED {
        words.push("…");
    }
    words.push(names[start]);
    let mut problem = Problem::error(
        "dependency-cycle",
        span,
        format!(
            "containers wait for each other in a circle: {}",
            words.join(" → ")
        ),
    )
    .hint("remove one of these waits");
    for (node, span) in turned.iter().skip(1).take(NAMED - 1) {
        problem = problem.also(*span, format!("{} waits here", names[*node]));
    }
    problem
}

#[cfg(test)]
mod tests {
    use super::circles;
    use crate::spec::{Sources, Span};

    fn graph(edges: &[(usize, usize)], size: usize) -> Vec<Vec<(usize, Span)>> {
        let file = Sources::default().add("x", "");
        let span = Span {
            file,
            start: 0,
            end: 0,
        };
        let mut graph = vec![Vec::new(); size];
        for (from, to) in edges {
            graph[*from].push((*to, span));
        }
        graph
    }

    #[test]
    fn circles_are_found_once_and_diamonds_are_none() {
        assert!(circles(&graph(&[(0, 1), (0, 2), (1, 3), (2, 3)], 4)).is_empty());
        let found = circles(&graph(&[(0, 1), (1, 2), (2, 1)], 3));
        let nodes: Vec<usize> = found[0].iter().map(|(node, _)| *node).collect();
        assert_eq!((found.len(), nodes), (1, vec![1, 2]));
        assert_eq!(circles(&graph(&[(0, 0)], 1)).len(), 1);
    }

    #[test]
    fn a_long_chain_does_not_overflow_the_stack() {
        let edges: Vec<(usize, usize)> = (0..100_000).map(|n| (n, (n + 1) % 100_001)).collect();
        assert!(circles(&graph(&edges, 100_001)).is_empty());
    }
}
