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
    pub fn from_bytes(name: &str, bytes: &[u8]) -> Result<String, Box<Problem>> {
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
        Err(Box::new(Problem {
            severity: Severity::Error,
            code: "not-text",
            text,
            span: None,
            hint: Some("save the file as UTF-8".to_owned()),
            related: Vec::new(),
        }))
    }
}

/// All texts of one run: the files, what they include, the env files.
#[derive(Debug, Clone, Default)]
pub struct Sources(Vec<(Source, Vec<usize>)>);

impl Sources {
    /// Adds a text.
    pub fn add(&mut self, name: impl Into<String>, text: impl Into<String>) -> FileId {
        let source = Source {
            name: name.into(),
            text: text.into(),
        };
        // Where each line begins: a place is asked for several times for every container.
        let lines = std::iter::once(0)
            .chain(source.text.match_indices('\n').map(|(at, _)| at + 1))
            .collect();
        self.0.push((source, lines));
        FileId(self.0.len() - 1)
    }

    /// A text.
    #[must_use]
    pub fn get(&self, file: FileId) -> &Source {
        &self.0[file.0].0
    }

    /// Line and column of a byte offset, both counted from 1; a column counts characters.
    #[must_use]
    pub fn position(&self, file: FileId, offset: usize) -> (usize, usize) {
        let (source, lines) = &self.0[file.0];
        let mut offset = offset.min(source.text.len());
        while !source.text.is_char_boundary(offset) {
            offset -= 1;
        }
        let line = lines.partition_point(|start| *start <= offset);
        let start = lines.get(line.saturating_sub(1)).copied().unwrap_or(0);
        (line, source.text[start..offset].chars().count() + 1)
    }
}
