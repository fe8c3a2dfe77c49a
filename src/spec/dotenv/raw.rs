//! Docker's raw format: a name, `=`, and the rest of the line as it is.

use std::collections::HashMap;

use super::read::{Assignment, PROBLEMS};
use crate::{
    model::looks_secret,
    spec::{FileId, Key, Kind, Node, Problem, Scalar, Sources, Span, yaml},
};

/// Reads an env file in the raw format (`format: raw` of `env_file`; `docker run --env-file`): no quotes, no escapes, no
/// variables, no comments behind a value. Blanks before a name are passed over; blanks behind a value belong to it.
///
/// A name alone takes the value of the surroundings. A name that stands twice has its last value, at the place of its
/// first.
///
/// # Errors
///
/// Every line without a name, or with a blank in it.
pub fn read_raw(sources: &Sources, file: FileId) -> Result<Vec<Assignment>, Vec<Problem>> {
    let text = sources.get(file).text.as_str();
    if let Some(problem) = yaml::unreadable(text, file) {
        return Err(vec![problem]);
    }
    let mut all: Vec<Assignment> = Vec::new();
    let mut order: HashMap<&str, usize> = HashMap::new();
    let mut problems = Vec::new();
    let mut next = 0;
    while next < text.len() && problems.len() < PROBLEMS {
        let rest = &text[next..];
        let length = rest.find('\n').unwrap_or(rest.len());
        let whole = rest[..length].strip_suffix('\r').unwrap_or(&rest[..length]);
        let line = whole.trim_start();
        let start = next + whole.len() - line.len();
        next += length + 1;
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let (name, value) = match line.split_once('=') {
            Some((name, value)) => (name, Some(value)),
            None => (line, None),
        };
        let span = |start: usize, end: usize| Span { file, start, end };
        let problem = if name.is_empty() {
            Some((span(start, start + 1), "a variable's name is missing"))
        } else {
            name.find(char::is_whitespace).map(|at| {
                let place = span(start + at, start + name.len());
                (place, "a blank cannot stand in a variable's name")
            })
        };
        if let Some((place, text)) = problem {
            let problem = Problem::error("bad-env-file", place, text)
                .hint("write `NAME=value`, without blanks around `=`");
            problems.push(problem);
            continue;
        }
        let assignment = Assignment {
            key: Key {
                text: name.to_owned(),
                span: span(start, start + name.len()),
            },
            value: value.map(|value| Node {
                span: span(start + name.len() + 1, start + line.len()),
                kind: Kind::Scalar(Scalar {
                    text: value.to_owned(),
                    plain: false,
                    secrets: if looks_secret(name) && !value.is_empty() {
                        vec![value.to_owned()]
                    } else {
                        Vec::new()
                    },
                }),
                tag: None,
            }),
        };
        if let Some(index) = order.get(name) {
            all[*index] = assignment;
        } else {
            order.insert(name, all.len());
            all.push(assignment);
        }
    }
    if problems.is_empty() {
        Ok(all)
    } else {
        Err(problems)
    }
}
