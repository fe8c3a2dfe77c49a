//! What is wrong with a file, or worth a warning: one sentence, one place, one hint.

use super::Span;

/// Whether a problem keeps a file from being used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// The file cannot be used.
    Error,
    /// The file can be used; `--strict` makes it an error.
    Warning,
}

/// What is wrong with a file, or worth a warning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Whether it keeps the file from being used.
    pub severity: Severity,
    /// A stable name for scripts: `unknown-key`, `wrong-type`, `bad-port`, `duplicate-key`, …
    pub code: &'static str,
    /// One lower-case sentence without a full stop.
    pub text: String,
    /// Where it stands; `None` for a file as a whole.
    pub span: Option<Span>,
    /// What to do: one lower-case sentence without a full stop.
    pub hint: Option<String>,
    /// Other places that belong to it (`first given here`).
    pub related: Vec<(Span, String)>,
}

impl Problem {
    /// An error at a place.
    #[must_use]
    pub fn error(code: &'static str, span: Span, text: impl Into<String>) -> Self {
        Self {
            severity: Severity::Error,
            code,
            text: text.into(),
            span: Some(span),
            hint: None,
            related: Vec::new(),
        }
    }

    /// A warning at a place.
    #[must_use]
    pub fn warning(code: &'static str, span: Span, text: impl Into<String>) -> Self {
        Self {
            severity: Severity::Warning,
            ..Self::error(code, span, text)
        }
    }

    /// With a hint; an empty one is none.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        let hint = hint.into();
        self.hint = (!hint.is_empty()).then_some(hint);
        self
    }

    /// With another place that belongs to it.
    #[must_use]
    pub fn also(mut self, span: Span, label: impl Into<String>) -> Self {
        self.related.push((span, label.into()));
        self
    }
}
