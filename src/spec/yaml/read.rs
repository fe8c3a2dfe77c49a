//! Reads one text: checks its size, walks the parser's events, and hands each to the builder.

use std::borrow::Cow;

use granit_parser::{Event, Parser, ScalarStyle, Tag};

use super::{
    builder::{Builder, Properties, Stop, Text, Written},
    syntax,
};
use crate::spec::{FileId, Kind, Node, Problem, Severity, Sources, Span};

/// The longest text that is read, in bytes. A thousand containers written out in full are under 1 MiB, and a generated
/// file of 5 MB is read in well under a second; what is larger is a mistake (a dump, a log) and says so at once.
pub const LARGEST_FILE: usize = 8 * 1024 * 1024;

/// Reads the one document of a text.
///
/// A text without a document (empty, or comments only) is [`Kind::Null`]. Scalars are not interpreted, except that plain
/// `~`, `null`, `Null`, `NULL` and nothing at all are [`Kind::Null`] (YAML 1.2, core schema).
///
/// # Errors
///
/// Every problem that was found: one syntax error at most, since nothing behind it can be trusted, but all duplicate
/// keys, unknown tags, unknown aliases, bad merges and bad keys.
pub fn read(sources: &Sources, file: FileId) -> Result<Node, Vec<Problem>> {
    let mut problems = Vec::new();
    match read_partly(sources, file, &mut problems) {
        Some(node)
            if problems
                .iter()
                .all(|problem| problem.severity == Severity::Warning) =>
        {
            Ok(node)
        }
        _ => Err(problems),
    }
}

/// Reads what can be read, for a caller that goes on to check the rest and reports everything in one go.
///
/// What a problem concerns is left out of the tree: the second of two equal keys, an entry whose key is no text. A tree
/// is given unless the syntax is broken or a limit was passed.
pub fn read_partly(sources: &Sources, file: FileId, problems: &mut Vec<Problem>) -> Option<Node> {
    let text = sources.get(file).text.as_str();
    if let Some(problem) = unreadable(text, file) {
        problems.push(problem);
        return None;
    }
    let options = granit_parser::options! {
        emit_unresolved_aliases: true,
        emit_comments: false,
    };
    let mut builder = Builder::new(text, file, problems);
    let mut documents = 0;
    for event in Parser::new_from_str_with_options(text, options) {
        let (event, span) = match event {
            Ok(event) => event,
            Err(error) => {
                let problem = syntax::problem(&error, text, file, &builder.context());
                problems.push(problem);
                return None;
            }
        };
        let tag = span.tag_span().map(|span| place(&span, text, file));
        let span = place(&span, text, file);
        if let Event::DocumentStart(..) = event {
            documents += 1;
            if documents > 1 {
                builder.problem(
                    Problem::error("several-documents", span, "a second document begins here")
                        .hint("keep one document in a file, and remove `---`"),
                );
                break;
            }
        }
        match walk(&mut builder, event, span, tag) {
            Ok(()) => {}
            Err(Stop(problem)) => {
                problems.push(*problem);
                return None;
            }
        }
    }
    Some(builder.finish().unwrap_or(Node {
        span: Span {
            file,
            start: 0,
            end: 0,
        },
        kind: Kind::Null,
        tag: None,
    }))
}

/// A place of the parser's as one of ours.
fn place(span: &granit_parser::Span, text: &str, file: FileId) -> Span {
    let range = span.byte_range().unwrap_or_default();
    let start = range.start.min(text.len());
    Span {
        file,
        start,
        end: range.end.clamp(start, text.len()),
    }
}

/// Hands one event to the builder.
fn walk(
    builder: &mut Builder<'_>,
    event: Event<'_>,
    span: Span,
    tag_place: Option<Span>,
) -> Result<(), Stop> {
    let properties = |anchor: usize, tag: Option<Cow<'_, Tag>>| Properties {
        anchor,
        tag: tag.map(|tag| Written {
            text: tag.original(),
            place: tag_place.unwrap_or(span),
            is_text: tag.core_suffix() == Some("str"),
            is_plain: matches!(tag.core_suffix(), Some("map" | "seq")),
        }),
    };
    match event {
        Event::Scalar(text, style, anchor, tag) => builder.scalar(
            Text {
                plain: style == ScalarStyle::Plain,
                block: matches!(style, ScalarStyle::Literal | ScalarStyle::Folded),
                text: text.into_owned(),
            },
            span,
            properties(anchor, tag),
        ),
        Event::SequenceStart(_, anchor, tag) => builder.list(span, properties(anchor, tag)),
        Event::MappingStart(_, anchor, tag) => builder.map(span, properties(anchor, tag)),
        Event::SequenceEnd | Event::MappingEnd => builder.end(span),
        Event::Alias(id) => builder.alias(id, span),
        Event::UnresolvedAlias(name) => builder.unknown_alias(&name, span),
        _ => Ok(()),
    }
}

/// What keeps a text from being read at all, be it YAML or an env file.
pub(in crate::spec) fn unreadable(text: &str, file: FileId) -> Option<Problem> {
    if text.len() > LARGEST_FILE {
        let mut problem = Problem::error(
            "too-large",
            Span {
                file,
                start: 0,
                end: 0,
            },
            format!(
                "the file has {} MiB, and at most {} MiB are read",
                text.len().div_ceil(1024 * 1024),
                LARGEST_FILE / 1024 / 1024
            ),
        );
        problem.hint = Some("split it into several files, and include them".to_owned());
        return Some(problem);
    }
    // Nearly every text is seen to be sound byte by byte, which is much faster: all other control characters begin with C2.
    let suspect = |byte: u8| {
        byte == 0xC2 || byte.is_ascii_control() && !matches!(byte, b'\n' | b'\r' | b'\t')
    };
    if !text.bytes().any(suspect) {
        return None;
    }
    let place =
        text.find(|c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t' | '\u{85}'))?;
    let c = text[place..].chars().next()?;
    Some(
        Problem::error(
            "not-text",
            Span {
                file,
                start: place,
                end: place + c.len_utf8(),
            },
            format!("a control character (U+{:04X}) stands here", u32::from(c)),
        )
        .hint("the file must be text; write the character as an escape in double quotes"),
    )
}
