//! Writing to standard output and standard error. A reader that goes away (`| head`) ends nothing but the writing.

use std::io::{self, ErrorKind, Write, stderr, stdout};

use serde::Serialize;

use super::{fault::Fault, settings::Settings};
use crate::report::{Tone, escape};

/// Writes a result. A pipe that nobody reads any more is no error.
pub fn result(text: &str) -> Result<(), Fault> {
    let mut out = stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(cannot_write(&error)),
        Ok(()) | Err(_) => Ok(()),
    }
}

fn cannot_write(error: &io::Error) -> Fault {
    Fault::new(format!("cannot write to standard output: {error}"))
}

/// Writes a result as JSON, indented.
pub fn json(value: &impl Serialize) -> Result<(), Fault> {
    let text = serde_json::to_string_pretty(value)
        .map_err(|error| Fault::new(format!("cannot write JSON: {error}")))?;
    result(&format!("{text}\n"))
}

/// Writes a text that was drawn by a report.
pub fn drawn(draw: impl FnOnce(&mut String) -> std::fmt::Result) -> Result<(), Fault> {
    let mut text = String::new();
    draw(&mut text).map_err(|_| Fault::new("cannot draw the report"))?;
    result(&text)
}

/// Writes a message of lines that are complete. Where messages cannot be written, nobody can be told.
pub fn message(text: &str) {
    let mut err = stderr().lock();
    let _ = err.write_all(text.as_bytes());
    let _ = err.flush();
}

/// Writes a line for people, unless they asked for quiet.
pub fn note(settings: &Settings, text: &str) {
    if !settings.quiet {
        message(&format!("{text}\n"));
    }
}

/// Writes what ended a command.
pub fn fault(settings: &Settings, fault: &Fault) {
    if !fault.text.is_empty() {
        let word = settings.err.paint(Tone::Error, "error:");
        message(&format!("{word} {}\n", escape(&fault.text)));
    }
}
