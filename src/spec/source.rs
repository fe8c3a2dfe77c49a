//! The texts that problems point into.

use super::{Problem, Severity};

/// Which of the texts of one run; see [`Sources`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(usize);

/// A place in a text: byte offsets, the end excluded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// The text.
    pub file: FileId,
    /// The first byte.
    pub start: usize,
    /// The byte after the last one.
    pub end: usize,
}

/// One text, with the name that problems show.
#[derive(Debug, Clone)]
pub struct Source {
    /// As the user named it (`evenkeel.yaml`, `<standard input>`).
    pub name: String,
    /// Its text.
    pub text: String,
}

impl Source {
    /// The text of a file's bytes, without a byte order mark.
    ///
    /// # Errors
    ///
    /// A problem without a place (there is no text to point into), which names the file and the first byte that is not
    /// UTF-8, counted from 1, and its line.
    pub fn from_bytes(name: &str, bytes: &[u8]) -> Result<String, Problem> {
        let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
        let error = match std::str::from_utf8(bytes) {
            Ok(text) => return Ok(text.to_owned()),
            Err(error) => error,
        };
        let good = error.valid_up_to();
        let line = bytes[..good].split(|byte| *byte == b'\n').count();
        let text = if bytes.starts_with(&[0xFF, 0xFE]) || bytes.starts_with(&[0xFE, 0xFF]) {
            format!("`{name}` is UTF-16 text")
        } else {
            format!(
                "`{name}` is not UTF-8 text: byte {} (line {line})",
                good + 1
            )
        };
        Err(Problem {
            severity: Severity::Error,
            code: "not-text",
            text,
            span: None,
            hint: Some("save the file as UTF-8".to_owned()),
            related: Vec::new(),
        })
    }
}

/// All texts of one run: the files, what they include, the env files.
#[derive(Debug, Clone, Default)]
pub struct Sources(Vec<Source>);

impl Sources {
    /// Adds a text.
    pub fn add(&mut self, name: impl Into<String>, text: impl Into<String>) -> FileId {
        self.0.push(Source {
            name: name.into(),
            text: text.into(),
        });
        FileId(self.0.len() - 1)
    }

    /// A text.
    #[must_use]
    pub fn get(&self, file: FileId) -> &Source {
        &self.0[file.0]
    }

    /// Line and column of a byte offset, both counted from 1; a column counts characters.
    #[must_use]
    pub fn position(&self, file: FileId, offset: usize) -> (usize, usize) {
        let text = &self.get(file).text;
        let mut offset = offset.min(text.len());
        while !text.is_char_boundary(offset) {
            offset -= 1;
        }
        let before = &text[..offset];
        let line = before.matches('\n').count() + 1;
        let column = before
            .rsplit('\n')
            .next()
            .map_or(0, |last| last.chars().count())
            + 1;
        (line, column)
    }
}
