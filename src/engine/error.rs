//! What can go wrong with an engine, named for what the caller can do next.

use std::time::Duration;

/// What to do about a failed call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// The same call may succeed a little later.
    Retry,
    /// It may have been done, or something is not what it was: look again.
    LookAgain,
    /// It will fail again.
    GiveUp,
}

/// A call to an engine that failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EngineError {
    /// The address of the engine is not one.
    #[error("cannot use {host} as an engine's address: {cause}")]
    BadHost {
        /// As it was given.
        host: String,
        /// What is wrong, and what to write.
        cause: String,
    },
    /// Nobody answers.
    #[error("cannot reach the engine at {host}: {cause}; {hint}")]
    Unreachable {
        /// The address that was tried.
        host: String,
        /// Why it failed.
        cause: String,
        /// What to do.
        hint: String,
    },
    /// We may not.
    #[error(
        "cannot reach the engine at {host}: permission denied; run as root, or as a member of the group docker (usermod -aG docker USER, then log in again)"
    )]
    Denied {
        /// The address that was tried.
        host: String,
    },
    /// The engine speaks only older versions of the API.
    #[error(
        "cannot work with the engine at {host}: it speaks API {found}, and 1.40 (Docker 19.03) is the oldest that will do"
    )]
    TooOld {
        /// The address.
        host: String,
        /// What it speaks.
        found: String,
    },
    /// There is no such thing (404).
    #[error("{0}")]
    Missing(String),
    /// Something stands in the way (409).
    #[error("{0}")]
    Conflict(String),
    /// The engine refuses (any other 4xx).
    #[error("{text}")]
    Refused {
        /// The HTTP status.
        status: u16,
        /// The engine's words.
        text: String,
    },
    /// The engine failed (5xx), or a stream ended with an error.
    #[error("{text}")]
    Failed {
        /// The HTTP status.
        status: u16,
        /// The engine's words.
        text: String,
    },
    /// No answer in time. What was asked for may have been done.
    #[error("no answer from the engine to {what} within {} s", after.as_secs_f64())]
    TimedOut {
        /// What was asked for.
        what: String,
        /// How long was waited.
        after: Duration,
    },
    /// The connection ended before the answer. What was asked for may have been done.
    #[error("the connection to the engine ended during {what}: {cause}")]
    Broken {
        /// What was asked for.
        what: String,
        /// Why.
        cause: String,
    },
    /// The answer is not what the API says.
    #[error("cannot read the engine's answer to {what}: {cause}")]
    Unreadable {
        /// What was asked for.
        what: String,
        /// Why.
        cause: String,
    },
}

impl EngineError {
    /// What to do about it.
    #[must_use]
    pub fn next(&self) -> Next {
        match self {
            Self::Unreachable { .. } => Next::Retry,
            // Engines answer 500 to lasting faults (a port that is taken) as well as to passing ones; these are passing.
            Self::Failed {
                status: 502..=504, ..
            }
            | Self::Refused {
                status: 408 | 429, ..
            } => Next::Retry,
            Self::TimedOut { .. } | Self::Broken { .. } | Self::Conflict(_) => Next::LookAgain,
            Self::BadHost { .. }
            | Self::Denied { .. }
            | Self::TooOld { .. }
            | Self::Missing(_)
            | Self::Refused { .. }
            | Self::Failed { .. }
            | Self::Unreadable { .. } => Next::GiveUp,
        }
    }

    /// Whether what was asked for may have been done all the same: the answer was lost on its way, or a proxy gave up.
    #[must_use]
    pub fn may_be_done(&self) -> bool {
        matches!(
            self,
            Self::TimedOut { .. }
                | Self::Broken { .. }
                | Self::Unreadable { .. }
                | Self::Failed {
                    status: 502..=504,
                    ..
                }
        )
    }

    /// Whether the engine itself cannot be reached, so that any other call would fail too.
    #[must_use]
    pub fn is_about_the_engine(&self) -> bool {
        matches!(
            self,
            Self::BadHost { .. }
                | Self::Unreachable { .. }
                | Self::Denied { .. }
                | Self::TooOld { .. }
        )
    }

    /// The error of an HTTP status and the body that came with it.
    #[must_use]
    pub fn of_status(status: u16, body: &[u8]) -> Self {
        let text = message(body, status);
        match status {
            404 => Self::Missing(text),
            409 => Self::Conflict(text),
            400..=499 => Self::Refused { status, text },
            _ => Self::Failed { status, text },
        }
    }
}

/// The engine's own words: `{"message": "…"}`, or whatever text came.
fn message(body: &[u8], status: u16) -> String {
    let json: Option<serde_json::Value> = serde_json::from_slice(body).ok();
    let message = json
        .as_ref()
        .and_then(|json| json.get("message").or_else(|| json.get("cause")))
        .and_then(serde_json::Value::as_str);
    let text = message.map_or_else(|| String::from_utf8_lossy(body).into_owned(), str::to_owned);
    let text = text.trim();
    if text.is_empty() {
        format!("the engine answered with HTTP status {status}")
    } else {
        text.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::{EngineError, Next};

    #[test]
    fn an_answer_becomes_the_error_that_says_what_to_do() {
        let error = EngineError::of_status(409, br#"{"message":"name in use"}"#);
        assert_eq!(
            (error.to_string().as_str(), error.next()),
            ("name in use", Next::LookAgain)
        );
        assert_eq!(EngineError::of_status(503, b"busy").next(), Next::Retry);
        assert_eq!(
            EngineError::of_status(500, b"port is already allocated").next(),
            Next::GiveUp
        );
        assert_eq!(
            EngineError::of_status(404, b"").to_string(),
            "the engine answered with HTTP status 404"
        );
    }
}
