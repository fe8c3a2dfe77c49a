//! The texts that problems point into.

use std::{collections::BTreeSet, ops::Range};

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
    /// Its text, without a byte order mark.
    pub text: String,
    /// How many bytes of the file stand before the text: those of its byte order mark.
    pub skipped: usize,
}

/// What some editors write before UTF-8 text.
const MARK: char = '\u{feff}';

impl Source {
    /// The text of a file's bytes, its byte order mark included: [`Sources::add`] takes it away and remembers it.
    ///
    /// # Errors
    ///
    /// A problem without a place (there is no text to point into), which names the file and the first byte that is not
    /// UTF-8, counted from 1, and its line.
    pub fn from_bytes(name: &str, bytes: &[u8]) -> Result<String, Box<Problem>> {
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
pub struct Sources {
    /// Each with the beginnings of its lines.
    texts: Vec<(Source, Vec<usize>)>,
    concealed: BTreeSet<Span>,
}

impl Sources {
    /// Adds a text. A byte order mark at its beginning is no part of it, but counts in [`Sources::bytes`].
    pub fn add(&mut self, name: impl Into<String>, text: impl Into<String>) -> FileId {
        let mut text = text.into();
        let skipped = if text.starts_with(MARK) {
            text.drain(..MARK.len_utf8()).map(char::len_utf8).sum()
        } else {
            0
        };
        let source = Source {
            name: name.into(),
            text,
            skipped,
        };
        // Where each line begins: a place is asked for several times for every container.
        let lines = std::iter::once(0)
            .chain(source.text.match_indices('\n').map(|(at, _)| at + 1))
            .collect();
        self.texts.push((source, lines));
        FileId(self.texts.len() - 1)
    }

    /// A text.
    #[must_use]
    pub fn get(&self, file: FileId) -> &Source {
        &self.texts[file.0].0
    }

    /// Notes a place whose text must not be shown.
    pub fn conceal(&mut self, span: Span) {
        self.concealed.insert(span);
    }

    /// The places of a text that must not be shown, as far as they reach into these bytes.
    pub fn concealed(
        &self,
        file: FileId,
        within: &Range<usize>,
    ) -> impl Iterator<Item = Range<usize>> {
        let (from, to) = (within.start, within.end);
        self.concealed
            .iter()
            .filter(move |span| span.file == file && span.start < to && from < span.end)
            .map(move |span| span.start.max(from)..span.end.min(to))
    }

    /// The bytes of the file that a place stands for, the end excluded.
    #[must_use]
    pub fn bytes(&self, span: Span) -> Range<usize> {
        let skipped = self.get(span.file).skipped;
        span.start + skipped..span.end + skipped
    }

    /// Line and column of a byte offset, both counted from 1; a column counts characters.
    #[must_use]
    pub fn position(&self, file: FileId, offset: usize) -> (usize, usize) {
        let (source, lines) = &self.texts[file.0];
        let mut offset = offset.min(source.text.len());
        while !source.text.is_char_boundary(offset) {
            offset -= 1;
        }
        let line = lines.partition_point(|start| *start <= offset);
        let start = lines.get(line.saturating_sub(1)).copied().unwrap_or(0);
        (line, source.text[start..offset].chars().count() + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::{Source, Sources, Span};

    #[test]
    fn a_byte_order_mark_counts_in_bytes_and_in_no_column() {
        let written = b"\xEF\xBB\xBFa: \xC3\xA9\nb: 2\n";
        let text = Source::from_bytes("x", written).expect("UTF-8");
        let mut sources = Sources::default();
        let file = sources.add("x", text);
        assert_eq!(sources.get(file).text, "a: é\nb: 2\n");
        let start = sources.get(file).text.find('b').expect("it is there");
        let span = Span {
            file,
            start,
            end: start + 1,
        };
        assert_eq!(sources.position(file, 0), (1, 1));
        assert_eq!(sources.position(file, start), (2, 1));
        assert_eq!(&written[sources.bytes(span)], b"b");
        // A file without one is not touched.
        let file = sources.add("y", "a: 1\n");
        assert_eq!(
            sources.bytes(Span {
                file,
                start: 0,
                end: 1
            }),
            0..1
        );
    }

    #[test]
    fn what_is_no_text_is_told_with_its_first_bad_byte_of_the_file() {
        let told = |bytes: &[u8]| Source::from_bytes("x", bytes).expect_err("no text").text;
        assert_eq!(told(b"a\n\xFF"), "`x` is not UTF-8 text: byte 3 (line 2)");
        assert_eq!(
            told(b"\xEF\xBB\xBFa\n\xFF"),
            "`x` is not UTF-8 text: byte 6 (line 2)"
        );
        assert_eq!(told(b"\xFF\xFEa\0"), "`x` is UTF-16 text");
    }
}
