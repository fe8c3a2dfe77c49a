//! What a program said and how it ended.

use std::{
    fmt,
    process::{Command, Output},
};

/// A program that has ended.
#[derive(Debug, Clone)]
pub struct Ran {
    /// What was run, for messages.
    pub command: String,
    /// The exit code; `None` if a signal ended it.
    pub code: Option<i32>,
    /// What it printed.
    pub stdout: String,
    /// What it printed as messages.
    pub stderr: String,
}

impl Ran {
    /// Runs a program to its end. Panics if it is not there.
    pub fn of(command: &mut Command) -> Self {
        match command.output() {
            Ok(output) => Self::ended(command, &output),
            Err(error) => panic!("cannot run {command:?}: {error}"),
        }
    }

    pub(crate) fn ended(command: &Command, output: &Output) -> Self {
        Self {
            command: format!("{command:?}"),
            code: output.status.code(),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// Whether it ended with 0.
    #[must_use]
    pub fn is_ok(&self) -> bool {
        self.code == Some(0)
    }

    /// What it printed; panics with its messages if it did not end with 0.
    #[track_caller]
    pub fn ok(self) -> String {
        assert!(self.is_ok(), "{self}");
        self.stdout
    }

    /// Itself; panics with its messages if it did not end with this code.
    #[track_caller]
    pub fn with_code(self, code: i32) -> Self {
        assert!(
            self.code == Some(code),
            "exit code {code} was expected\n{self}"
        );
        self
    }

    /// What it printed, as JSON; panics if it is none.
    #[track_caller]
    #[must_use]
    pub fn json(&self) -> serde_json::Value {
        match serde_json::from_str(&self.stdout) {
            Ok(value) => value,
            Err(error) => panic!("no JSON was printed: {error}\n{self}"),
        }
    }

    /// Everything that it printed, as a person sees it.
    #[must_use]
    pub fn all(&self) -> String {
        format!("{}{}", self.stdout, self.stderr)
    }
}

impl fmt::Display for Ran {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let code = self
            .code
            .map_or_else(|| "a signal".to_owned(), |code| code.to_string());
        write!(
            out,
            "{}\nended with {code}\n--- stdout\n{}\n--- stderr\n{}",
            self.command, self.stdout, self.stderr
        )
    }
}
