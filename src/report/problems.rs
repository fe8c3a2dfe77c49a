//! What is wrong with a file, under the line that is wrong; and the same for editors and CI, with byte ranges.

use std::ops::Range;

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};
use serde_json::{Map, Value, json};

use super::Look;
use crate::spec::{FileId, Problem, Severity, Sources, Span, conceals};

/// How far before its place a line may begin to be shown at all: nobody finds anything in a longer one.
const BEFORE: usize = 4096;

/// How much of a line is shown behind the place.
const BEHIND: usize = 512;

/// How many lines apart two places may be to be shown in one piece.
const APART: usize = 500;

/// All problems as a person reads them, each followed by an empty line.
#[must_use]
pub fn problems_text(problems: &[Problem], sources: &Sources, look: Look) -> String {
    let renderer = if look.colour {
        Renderer::styled()
    } else {
        Renderer::plain()
    };
    let renderer = renderer.term_width(look.width);
    let mut text = String::new();
    for problem in problems {
        text.push_str(&one(problem, sources, &renderer));
        text.push_str("\n\n");
    }
    text
}

/// All problems as a program reads them, each as `schemas/problems.schema.json` has it. `start` and `end` are bytes of the
/// file, the end excluded; what concerns a file as a whole has no place.
#[must_use]
pub fn problems_json(problems: &[Problem], sources: &Sources) -> Value {
    problems
        .iter()
        .map(|problem| {
            let related: Value = problem
                .related
                .iter()
                .map(|(span, text)| {
                    let mut other = place(Some(*span), sources);
                    other.insert("text".to_owned(), text.as_str().into());
                    Value::Object(other)
                })
                .collect();
            let mut told = place(problem.span, sources);
            let severity = match problem.severity {
                Severity::Error => "error",
                Severity::Warning => "warning",
            };
            told.insert("severity".to_owned(), severity.into());
            told.insert("kind".to_owned(), problem.code.into());
            told.insert("text".to_owned(), problem.text.as_str().into());
            let hint = problem.hint.as_deref().unwrap_or_default();
            told.insert("hint".to_owned(), hint.into());
            told.insert("related".to_owned(), related);
            Value::Object(told)
        })
        .collect()
}

fn place(span: Option<Span>, sources: &Sources) -> Map<String, Value> {
    let place = span.map(|span| {
        let (line, column) = sources.position(span.file, span.start);
        let name = sources.get(span.file).name.as_str();
        (name, line, column, sources.bytes(span))
    });
    [
        ("file", json!(place.as_ref().map(|(file, ..)| file))),
        ("line", json!(place.as_ref().map(|(_, line, ..)| line))),
        (
            "column",
            json!(place.as_ref().map(|(_, _, column, _)| column)),
        ),
        (
            "start",
            json!(place.as_ref().map(|(.., bytes)| bytes.start)),
        ),
        ("end", json!(place.as_ref().map(|(.., bytes)| bytes.end))),
    ]
    .into_iter()
    .map(|(key, value)| (key.to_owned(), value))
    .collect()
}

/// How many there are of each kind: `2 errors, 1 warning`. Empty if there are none.
#[must_use]
pub fn problems_count(problems: &[Problem]) -> String {
    let count = |severity: Severity, noun: &str| {
        let number = problems
            .iter()
            .filter(|problem| problem.severity == severity)
            .count();
        match number {
            0 => None,
            1 => Some(format!("1 {noun}")),
            _ => Some(format!("{number} {noun}s")),
        }
    };
    let parts: Vec<String> = [
        count(Severity::Error, "error"),
        count(Severity::Warning, "warning"),
    ]
    .into_iter()
    .flatten()
    .collect();
    parts.join(", ")
}

/// A part of a text that is shown.
struct Window {
    file: FileId,
    /// Its bytes.
    range: Range<usize>,
    /// The number of its first line.
    line: usize,
    /// The places in it, the first of them the problem's own.
    marks: Vec<(Range<usize>, Option<String>)>,
}

fn one(problem: &Problem, sources: &Sources, renderer: &Renderer) -> String {
    let level = match problem.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let mut group = Group::with_title(level.primary_title(shown(&problem.text)));
    let mut windows: Vec<Window> = Vec::new();
    let mut origins = Vec::new();
    if let Some(span) = problem.span {
        match window(sources, span) {
            Some(window) => windows.push(window),
            None => origins.push(span),
        }
    }
    for (span, label) in &problem.related {
        add(&mut windows, sources, *span, label);
    }
    // The texts outlive the group, which borrows them.
    let texts: Vec<String> = windows
        .iter()
        .map(|window| excerpt(sources, window.file, &window.range))
        .collect();
    for span in origins {
        let (line, column) = sources.position(span.file, span.start);
        let name = sources.get(span.file).name.as_str();
        group = group.element(Origin::path(name).line(line).char_column(column));
    }
    for (number, (window, text)) in windows.iter().zip(&texts).enumerate() {
        let mut snippet = Snippet::source(text.as_str())
            .path(sources.get(window.file).name.as_str())
            .line_start(window.line)
            .fold(true);
        for (place, (range, label)) in window.marks.iter().enumerate() {
            let own = number == 0 && place == 0 && problem.span.is_some();
            let kind = if own {
                AnnotationKind::Primary
            } else {
                AnnotationKind::Context
            };
            snippet = snippet.annotation(kind.span(range.clone()).label(label.clone()));
        }
        group = group.element(snippet);
    }
    if let Some(hint) = &problem.hint {
        group = group.element(Level::HELP.message(shown(hint)));
    }
    renderer.render(&[group])
}

/// The line of a place; `None` if it is too long to be shown.
fn window(sources: &Sources, span: Span) -> Option<Window> {
    let text = sources.get(span.file).text.as_str();
    let start = floor(text, span.start.min(text.len()));
    let from = text[..start].rfind('\n').map_or(0, |at| at + 1);
    if start - from > BEFORE {
        return None;
    }
    let line_end = text[start..].find('\n').map_or(text.len(), |at| start + at);
    // What ends a line on Windows is not shown.
    let line_end = start + text[start..line_end].trim_end_matches('\r').len();
    let mark_end = floor(text, span.end.clamp(start, line_end));
    // Blanks behind a value that goes on below are not meant.
    let mark_end = start + text[start..mark_end].trim_end().len();
    let to = floor(text, line_end.min(mark_end + BEHIND));
    let (line, _) = sources.position(span.file, start);
    Some(Window {
        file: span.file,
        range: from..to,
        line,
        marks: vec![(start - from..mark_end - from, None)],
    })
}

/// Adds another place: to the piece that is shown already if it is near, and else as a piece of its own.
fn add(windows: &mut Vec<Window>, sources: &Sources, span: Span, label: &str) {
    let Some(mut other) = window(sources, span) else {
        return;
    };
    for (_, text) in &mut other.marks {
        *text = Some(shown(label));
    }
    let near = windows
        .iter_mut()
        .find(|window| window.file == other.file && window.line.abs_diff(other.line) <= APART);
    let Some(near) = near else {
        windows.push(other);
        return;
    };
    let from = near.range.start.min(other.range.start);
    let moved = |marks: &mut Vec<(Range<usize>, Option<String>)>, by: usize| {
        for (range, _) in marks {
            *range = range.start + by..range.end + by;
        }
    };
    moved(&mut near.marks, near.range.start - from);
    moved(&mut other.marks, other.range.start - from);
    near.range = from..near.range.end.max(other.range.end);
    near.line = near.line.min(other.line);
    near.marks.append(&mut other.marks);
}

fn floor(text: &str, mut at: usize) -> usize {
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// A sentence on one line, without what would move a terminal's cursor.
fn shown(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect()
}

/// A piece of a file without what must not be shown: what its tree says is secret, and what looks so line by line, for a
/// text that could not be read as YAML.
fn excerpt(sources: &Sources, file: FileId, range: &Range<usize>) -> String {
    let text = &sources.get(file).text[range.clone()];
    let mut bytes = text.as_bytes().to_vec();
    for place in sources.concealed(file, range) {
        for byte in &mut bytes[place.start - range.start..place.end - range.start] {
            *byte = star(*byte);
        }
    }
    masked(&String::from_utf8(bytes).unwrap_or_default())
}

/// What stands for a byte that is hidden.
fn star(byte: u8) -> u8 {
    if byte.is_ascii_whitespace() || matches!(byte, b'"' | b'\'') {
        byte
    } else {
        b'*'
    }
}

/// A piece of a file with the values hidden that are called secret there, byte for byte of the same length: what is shown
/// goes into the logs of a CI.
fn masked(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        let mut rest = line;
        while let Some((before, value, behind)) = secret(rest) {
            bytes.extend_from_slice(before.as_bytes());
            bytes.extend(value.bytes().map(star));
            rest = behind;
        }
        bytes.extend_from_slice(rest.as_bytes());
    }
    String::from_utf8(bytes).unwrap_or_default()
}

/// The first `NAME: value` or `NAME=value` of a line whose name looks like a secret's: what is before the value, the
/// value, and what is behind it.
fn secret(line: &str) -> Option<(&str, &str, &str)> {
    let word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.');
    let mut from = 0;
    while let Some(at) = line[from..].find([':', '=']).map(|at| from + at) {
        from = at + 1;
        // In `${NAME:?text}` and `${NAME:-default}` it is no key that stands before the colon.
        if in_variable(&line[..at]) {
            continue;
        }
        let name = line[..at].trim_end_matches(['"', '\'', ' ']);
        let name = &name[name.rfind(|c| !word(c)).map_or(0, |start| {
            start + name[start..].chars().next().map_or(1, char::len_utf8)
        })..];
        if !conceals(name) {
            continue;
        }
        let value = &line[from..];
        let end = value.find([',', '}', '\n']).unwrap_or(value.len());
        let end = value[..end].find(" #").unwrap_or(end);
        let value = &value[..end];
        // A variable is no secret, and neither is what stands below. Without braces, `$` may belong to a password.
        let plain = value.trim().trim_matches(['"', '\'']);
        let variable = plain.starts_with("${");
        if plain.is_empty() || variable || plain.starts_with(['|', '>', '&', '[', '{']) {
            continue;
        }
        return Some((&line[..from], value, &line[from + end..]));
    }
    None
}

/// Whether a text ends inside of `${…}`, where the name of the variable is.
fn in_variable(before: &str) -> bool {
    before.rfind("${").is_some_and(|start| {
        let name = &before[start + 2..];
        !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || c == '_')
    })
}

#[cfg(test)]
mod tests {
    use super::{masked, problems_count, problems_json, problems_text};
    use crate::report::Look;
    use crate::spec::{Problem, Sources, Span};

    fn example() -> (Sources, Problem) {
        let mut sources = Sources::default();
        let file = sources.add("evenkeel.yaml", "containers:\n  web:\n    imgae: nginx\n");
        let span = Span {
            file,
            start: 23,
            end: 28,
        };
        let problem = Problem::error("unknown-key", span, "unknown key imgae in a container")
            .hint("did you mean image?");
        (sources, problem)
    }

    #[test]
    fn a_problem_reads_as_compilers_write_it() {
        let (sources, problem) = example();
        assert_eq!(
            problems_text(&[problem], &sources, Look::PLAIN),
            "error: unknown key imgae in a container
 --> evenkeel.yaml:3:5
  |
3 |     imgae: nginx
  |     ^^^^^
  |
  = help: did you mean image?

"
        );
    }

    #[test]
    fn programs_get_byte_ranges() {
        let (sources, problem) = example();
        assert_eq!(problems_count(std::slice::from_ref(&problem)), "1 error");
        let json = problems_json(&[problem], &sources);
        assert_eq!(json[0]["start"], 23);
        assert_eq!(json[0]["end"], 28);
        assert_eq!(
            (&json[0]["line"], &json[0]["column"]),
            (&3.into(), &5.into())
        );
    }

    #[test]
    fn values_that_are_called_secret_are_hidden() {
        for (line, shown) in [
            ("DB_PASSWORD: hunter2 # mine", "DB_PASSWORD: ******* # mine"),
            ("- \"API_KEY=abc\"", "- \"API_KEY=***\""),
            (
                "env: { A: b, TOKEN: 'x', C: d }",
                "env: { A: b, TOKEN: '*', C: d }",
            ),
            ("PASSWORD: ${PASSWORD}", "PASSWORD: ${PASSWORD}"),
            ("PASSWORD=$ecret", "PASSWORD=******"),
            (
                "env: { TOKEN: \"${DB_PASSWORD:?set it}\", KEY: b }",
                "env: { TOKEN: \"${DB_PASSWORD:?set it}\", KEY: b }",
            ),
            (
                "url: \"postgres://u:${DB_PASSWORD:?set it}@db\"",
                "url: \"postgres://u:${DB_PASSWORD:?set it}@db\"",
            ),
            ("secrets: [a]", "secrets: [a]"),
            ("image: nginx:1", "image: nginx:1"),
        ] {
            assert_eq!(masked(line), shown);
        }
    }

    #[test]
    fn a_very_long_line_is_not_drawn() {
        let mut sources = Sources::default();
        let file = sources.add("x", "a".repeat(5_000_000));
        let span = Span {
            file,
            start: 4_000_000,
            end: 4_000_001,
        };
        let text = problems_text(&[Problem::error("x", span, "wrong")], &sources, Look::PLAIN);
        assert_eq!(text, "error: wrong\n--> x:1:4000001\n\n");
    }
}
