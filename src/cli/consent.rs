//! Asking a person.

use std::io::{BufRead, stdin};

use super::{output, settings::Settings};
use crate::report::Tone;

/// Asks on standard error; only `y` and `yes` mean yes, and the end of the input means no.
#[must_use]
pub fn ask(settings: &Settings, question: &str) -> bool {
    let question = settings.err.paint(Tone::Strong, question);
    output::message(&format!("{question} [y/N] "));
    let mut answer = String::new();
    let read = stdin().lock().read_line(&mut answer);
    if !answer.ends_with('\n') {
        // Ctrl-D leaves the cursor behind the question.
        output::message("\n");
    }
    read.is_ok() && agrees(&answer)
}

fn agrees(answer: &str) -> bool {
    matches!(answer.trim().to_lowercase().as_str(), "y" | "yes")
}

#[cfg(test)]
mod tests {
    use super::agrees;

    #[test]
    fn only_yes_is_yes() {
        for yes in ["y\n", "yes\n", " Yes \r\n", "Y"] {
            assert!(agrees(yes), "{yes:?}");
        }
        for no in ["", "\n", "n\n", "no\n", "yess\n", "ja\n", "1\n"] {
            assert!(!agrees(no), "{no:?}");
        }
    }
}
