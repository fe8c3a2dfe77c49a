//! Asking a person.

use std::io::{BufRead, stdin};

use super::{output, settings::Settings, signals::Signals};
use crate::report::Tone;

/// Asks on standard error; only `y` and `yes` mean yes. The end of the input means no, and so does a signal.
pub async fn ask(settings: &Settings, signals: &Signals, question: &str) -> bool {
    let question = settings.err.paint(Tone::Strong, question);
    output::message(&format!("{question} [y/N] "));
    // In a thread of its own, so that a signal is heard; that thread ends with the program.
    let answer = tokio::task::spawn_blocking(|| {
        let mut answer = String::new();
        let read = stdin().lock().read_line(&mut answer);
        read.map(|_| answer).unwrap_or_default()
    });
    let answer = tokio::select! {
        answer = answer => answer.unwrap_or_default(),
        () = signals.stopped() => return false,
    };
    if !answer.ends_with('\n') {
        // Ctrl-D leaves the cursor behind the question.
        output::message("\n");
    }
    agrees(&answer)
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
