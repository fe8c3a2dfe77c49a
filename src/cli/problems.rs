//! Problems of a file, one a paragraph.

use std::fmt::Write;

use crate::{
    report::{Look, Tone},
    spec::{Problem, Severity, Sources},
};

/// All problems as text.
#[must_use]
pub fn text(sources: &Sources, problems: &[Problem], look: Look) -> String {
    let mut text = String::new();
    for problem in problems {
        let word = match problem.severity {
            Severity::Error => look.paint(Tone::Error, "error"),
            Severity::Warning => look.paint(Tone::Warning, "warning"),
        };
        let place = problem.span.map_or_else(String::new, |span| {
            let (line, column) = sources.position(span.file, span.start);
            format!("{}:{line}:{column}: ", sources.get(span.file).name)
        });
        let hint = problem
            .hint
            .as_ref()
            .map_or_else(String::new, |hint| format!("; {hint}"));
        // A String takes everything.
        let _ = writeln!(text, "{word}: {place}{}{hint}", problem.text);
    }
    text
}
