//! Env files, and variables in values.

use std::{collections::BTreeMap, fmt::Write};

use evenkeel::spec::{
    Kind, Node, Scalar, Sources, Span,
    dotenv::{Assignment, read_env, read_raw},
    interpolate::{interpolate, variables},
};

use crate::{place, places};

/// What the surroundings say.
pub(crate) fn surroundings() -> BTreeMap<String, String> {
    [
        ("A", "1"),
        ("PORT", "8080"),
        ("EMPTY", ""),
        ("DOLLAR", "$A ${B"),
        ("LINES", "a: b\n- c\n"),
        ("DB_PASSWORD", "hunter2"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .into()
}

/// Env files in Compose's format and in Docker's raw one.
pub fn env_files(text: &str) {
    type Read = fn(
        &Sources,
        evenkeel::spec::FileId,
    ) -> Result<Vec<Assignment>, Vec<evenkeel::spec::Problem>>;
    let compose: Read = |sources, file| read_env(sources, file, &surroundings());
    let formats: [(Read, fn(&mut String, &str, &str)); 2] = [
        (compose, quoted),
        (read_raw, |out, name, value| {
            let _ = write!(out, "{name}={value}\r\n");
        }),
    ];
    for (read, print) in formats {
        let mut sources = Sources::default();
        let file = sources.add("env", text);
        let all = match read(&sources, file) {
            Ok(all) => all,
            Err(problems) => {
                assert!(!problems.is_empty());
                places(&problems, &sources);
                continue;
            }
        };
        let mut printed = String::new();
        for Assignment { key, value } in &all {
            place(key.span, &sources, &key.text);
            match value {
                None => {
                    let _ = writeln!(printed, "{}", key.text);
                }
                Some(node) => {
                    place(node.span, &sources, &key.text);
                    print(&mut printed, &key.text, node.text().unwrap_or_default());
                }
            }
        }
        // A mark at the beginning of a file is none of its text.
        if printed.starts_with('\u{feff}') {
            continue;
        }
        let file = sources.add("printed", printed.as_str());
        let again = read(&sources, file).unwrap_or_else(|problems| {
            panic!("{text:?} is printed as {printed:?}: {problems:?}");
        });
        assert_eq!(
            pairs(&again),
            pairs(&all),
            "{text:?} is printed as {printed:?}"
        );
    }
}

fn pairs(all: &[Assignment]) -> Vec<(&str, Option<&str>)> {
    all.iter()
        .map(|one| {
            (
                one.key.text.as_str(),
                one.value.as_ref().and_then(Node::text),
            )
        })
        .collect()
}

/// A value in double quotes, with every escape that it needs.
fn quoted(out: &mut String, name: &str, value: &str) {
    let _ = write!(out, "{name}=\"");
    for c in value.chars() {
        let _ = match c {
            '"' | '\\' | '$' => write!(out, "\\{c}"),
            '\n' => write!(out, "\\n"),
            c if c.is_control() && u32::from(c) < 256 => write!(out, "\\0{:03o}", u32::from(c)),
            c => write!(out, "{c}"),
        };
    }
    out.push_str("\"\n");
}

/// Variables in a value.
pub fn interpolation(text: &str) {
    // It is no part of a text once that is among the sources, and no value holds one at its beginning.
    let text = text.trim_start_matches('\u{feff}');
    let mut sources = Sources::default();
    if let Some(once) = expanded(&mut sources, text) {
        let escaped = once.replace('$', "$$");
        let twice = expanded(&mut sources, &escaped);
        assert_eq!(twice.as_ref(), Some(&once), "{text:?}");
    }
    let plain = text.replace('$', "$$");
    assert_eq!(expanded(&mut sources, &plain).as_deref(), Some(text));
}

/// A value with its variables replaced; `None` if there is a problem.
fn expanded(sources: &mut Sources, text: &str) -> Option<String> {
    let file = sources.add("value", text);
    let mut node = Node {
        span: Span {
            file,
            start: 0,
            end: text.len(),
        },
        kind: Kind::Scalar(Scalar {
            text: text.to_owned(),
            plain: false,
            secrets: Vec::new(),
        }),
        tag: None,
    };
    for variable in variables(sources, &node) {
        assert!(!variable.name.is_empty());
        for span in variable.places {
            place(span, sources, &variable.name);
        }
    }
    let mut problems = Vec::new();
    interpolate(sources, &mut node, &surroundings(), &mut problems);
    places(&problems, sources);
    let text = node.text().unwrap_or_default().to_owned();
    problems.is_empty().then_some(text)
}
