//! How a report is drawn: its width and its colours, and the few kinds of text that have one.

use std::fmt;

use anstyle::{AnsiColor, Style};

/// How a report is drawn. Told by whoever knows the terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Look {
    /// With colours.
    pub colour: bool,
    /// The width in columns.
    pub width: usize,
}

impl Look {
    /// Without colours, 80 columns wide: what a pipe gets, and what tests compare.
    pub const PLAIN: Self = Self {
        colour: false,
        width: 80,
    };

    /// A text in its kind's colour, or as it is where there are no colours.
    #[must_use]
    pub fn paint<T: fmt::Display>(self, tone: Tone, text: T) -> Painted<T> {
        Painted {
            style: self.colour.then(|| tone.style()),
            text,
        }
    }
}

/// The kinds of text that have a colour of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// Something that comes.
    Add,
    /// Something that changes.
    Change,
    /// Something that goes.
    Remove,
    /// Something that is replaced.
    Replace,
    /// Something that matters less.
    Dim,
    /// Something that matters more.
    Strong,
    /// The word `error`, and a failure.
    Error,
    /// The word `warning`.
    Warning,
}

impl Tone {
    fn style(self) -> Style {
        let colour = |colour: AnsiColor| colour.on_default();
        match self {
            Self::Add => colour(AnsiColor::Green),
            Self::Change => colour(AnsiColor::Yellow),
            Self::Remove => colour(AnsiColor::Red),
            Self::Replace => colour(AnsiColor::Magenta),
            Self::Dim => Style::new().dimmed(),
            Self::Strong => Style::new().bold(),
            Self::Error => colour(AnsiColor::Red).bold(),
            Self::Warning => colour(AnsiColor::Yellow).bold(),
        }
    }
}

/// A text with its colour; displays as the escape codes around it.
#[derive(Debug, Clone, Copy)]
pub struct Painted<T> {
    style: Option<Style>,
    text: T,
}

impl<T: fmt::Display> fmt::Display for Painted<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.style {
            Some(style) => write!(f, "{style}{}{style:#}", self.text),
            None => self.text.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Look, Tone};

    #[test]
    fn colours_appear_only_where_they_are_asked_for() {
        let coloured = Look {
            colour: true,
            ..Look::PLAIN
        };
        assert_eq!(Look::PLAIN.paint(Tone::Add, "x").to_string(), "x");
        assert_eq!(
            coloured.paint(Tone::Add, "x").to_string(),
            "\u{1b}[32mx\u{1b}[0m"
        );
    }
}
