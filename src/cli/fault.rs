//! What ends a command before its end: one line for people, and how the program exits.

use super::exit::Exit;
use crate::engine::EngineError;

/// What ends a command before its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// One lower-case sentence; empty if everything was said already.
    pub text: String,
    /// How the program exits.
    pub exit: Exit,
}

impl Fault {
    /// Something failed.
    pub fn new(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            exit: Exit::Failed,
        }
    }

    /// The command line asks for something that there is not.
    pub fn usage(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            exit: Exit::Usage,
        }
    }

    /// Something failed, and it was said already.
    #[must_use]
    pub fn told() -> Self {
        Self::new("")
    }
}

impl From<EngineError> for Fault {
    fn from(error: EngineError) -> Self {
        let text = error.to_string();
        // An engine's own words do not say whose they are.
        Self::new(if error.is_about_the_engine() || text.contains("engine") {
            text
        } else {
            format!("cannot read the engine: {text}")
        })
    }
}
