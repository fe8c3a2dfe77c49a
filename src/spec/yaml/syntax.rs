//! Syntax errors in the words of someone who writes the file.

use granit_parser::{ErrorKind, ScanError};

use super::missing_space;
use crate::spec::{FileId, Problem, Span};

/// What stood before an error.
pub(super) struct Context {
    /// The innermost bracket that is open.
    pub(super) open: Option<Span>,
    /// The last single value.
    pub(super) last_scalar: Option<Span>,
    /// Whether it stands in a mapping.
    pub(super) in_mapping: bool,
    /// Whether a key waits for its value.
    pub(super) waits_for_value: bool,
}

/// The one problem of a text that is not YAML.
pub(super) fn problem(error: &ScanError, text: &str, file: FileId, context: &Context) -> Problem {
    let mut at = error
        .marker()
        .byte_offset()
        .unwrap_or_default()
        .min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    let span = character(text, file, at);
    if let Some(problem) = slip(error.kind(), text, span, context) {
        return problem;
    }
    let (words, hint) = words(error.kind());
    let words = words.replace("{here}", &shown(text, at));
    let problem = Problem::error("syntax", span, words).hint(hint);
    match context.open {
        Some(open) if in_brackets(error.kind()) && open.start != span.start => {
            problem.also(open, "opened here")
        }
        _ => problem,
    }
}

/// The slips that have a better place or a better sentence than the parser's own.
fn slip(kind: &ErrorKind, text: &str, span: Span, context: &Context) -> Option<Problem> {
    let line_start = text[..span.start].rfind('\n').map_or(0, |at| at + 1);
    let indentation: &str = {
        let line = line(text, line_start);
        &line[..line.len() - line.trim_start().len()]
    };
    let tabs = matches!(
        kind,
        ErrorKind::TabNotAllowed
            | ErrorKind::TabInBlockIndentation
            | ErrorKind::TabInIndentation
            | ErrorKind::TabAtBlockScalarStart
            | ErrorKind::TabInPlainScalar
    );
    // A value that goes on in the next line is reported where it begins.
    let tab = indentation
        .find('\t')
        .map(|tab| line_start + tab)
        .or_else(|| tabs.then(|| tab_below(text, line_start)).flatten());
    if let Some(start) = tab {
        let place = Span {
            start,
            end: start + 1,
            ..span
        };
        return Some(
            Problem::error("tab", place, "a tab cannot indent a line").hint("indent with spaces"),
        );
    }
    // `image:nginx` swallows the lines after it, so that the error comes at the next colon.
    let scalar = context
        .last_scalar
        .filter(|scalar| scalar.end <= span.start);
    let mut starts = vec![line_start];
    if let Some(scalar) = scalar {
        starts.insert(0, text[..scalar.start].rfind('\n').map_or(0, |at| at + 1));
    }
    let structural = matches!(
        kind,
        ErrorKind::MappingValueNotAllowed
            | ErrorKind::SimpleKeyExpected
            | ErrorKind::InvalidSimpleKey
            | ErrorKind::ExpectedBlockMappingKey
            | ErrorKind::ExpectedNodeContent
    );
    if structural {
        for start in starts {
            if let Some(after) = missing_space(line(text, start)) {
                let place = start + after;
                return Some(
                    Problem::error(
                        "syntax",
                        Span {
                            start: place - 1,
                            end: place,
                            ..span
                        },
                        "a space is missing after this colon",
                    )
                    .hint("write `key: value`"),
                );
            }
        }
    }
    if let (ErrorKind::MappingValueNotAllowed, Some(scalar)) = (kind, scalar) {
        let first = line(text, scalar.start);
        if text[scalar.start..scalar.end].contains('\n') && !context.waits_for_value {
            let value = Span {
                end: scalar.start + first.trim_end().len(),
                ..scalar
            };
            // A word alone on its line is no value, but a key whose colon was forgotten.
            let first_start = text[..scalar.start].rfind('\n').map_or(0, |at| at + 1);
            let alone = text[first_start..scalar.start].trim().is_empty();
            if context.in_mapping && !alone {
                let place = Span {
                    start: line_start + indentation.len(),
                    ..span
                };
                return Some(
                    Problem::error(
                        "syntax",
                        place,
                        "this line is indented deeper than the key before it, which already has a value",
                    )
                    .also(value, "the value")
                    .hint("indent keys of the same mapping alike"),
                );
            }
            return Some(no_colon(value));
        }
    }
    if *kind == ErrorKind::SimpleKeyExpected {
        let rest = line(text, span.start).trim_end();
        let place = Span {
            end: span.start + rest.len(),
            ..span
        };
        let above = text[..line_start].trim_end();
        let above = above.lines().next_back().unwrap_or_default();
        let block = [": >", ": |"]
            .iter()
            .any(|sign| above.trim_end_matches(['-', '+']).ends_with(sign));
        if block {
            return Some(
                Problem::error(
                    "syntax",
                    place,
                    "this text belongs to the key above, and is not indented below it",
                )
                .hint("indent it deeper than that key"),
            );
        }
        return Some(no_colon(place));
    }
    let before = text[line_start..span.start].trim();
    if *kind == ErrorKind::ExpectedBlockMappingKey
        && before.is_empty()
        && text[span.start..].starts_with("- ")
    {
        return Some(
            Problem::error(
                "syntax",
                span,
                "this item is not indented as those before it",
            )
            .hint("indent items of the same list alike, below their key"),
        );
    }
    if *kind == ErrorKind::ExpectedBlockMappingKey && before == "-" {
        let start = line_start + indentation.len();
        let place = Span {
            start,
            end: start + 1,
            ..span
        };
        return Some(
            Problem::error("syntax", place, "a list's item cannot stand among keys")
                .hint("indent it below the key that it belongs to"),
        );
    }
    if *kind == ErrorKind::ExpectedBlockMappingKey && !before.is_empty() {
        return Some(
            Problem::error(
                "syntax",
                span,
                format!(
                    "{} cannot follow what stands before it",
                    shown(text, span.start)
                ),
            )
            .hint("put quotes around the whole value"),
        );
    }
    None
}

fn no_colon(place: Span) -> Problem {
    Problem::error("syntax", place, "expected a `:` after this key")
        .hint("write `key: value`, with a space after the colon")
}

/// A tab among the blanks that begin the next line that is not empty.
fn tab_below(text: &str, line_start: usize) -> Option<usize> {
    let mut at = line_start + text[line_start..].find('\n')? + 1;
    while text[at..].starts_with('\n') {
        at += 1;
    }
    let next = line(text, at);
    let blanks = next.len() - next.trim_start().len();
    next[..blanks].find('\t').map(|tab| at + tab)
}

/// Whether an error is one of an unfinished `[…]` or `{…}`.
fn in_brackets(kind: &ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::UnexpectedEofFlowSequence
            | ErrorKind::UnexpectedEofFlowMapping
            | ErrorKind::UnexpectedEofImplicitFlowMapping
            | ErrorKind::ExpectedFlowMappingSeparator
            | ErrorKind::ExpectedFlowSequenceSeparator
            | ErrorKind::InvalidColonPlacement
            | ErrorKind::BlockEntryInFlowCollection
            | ErrorKind::MismatchedFlowCollectionEnd { .. }
            | ErrorKind::InvalidFlowScalarIndent
    )
}

/// One character, or nothing at the end of a line.
fn character(text: &str, file: FileId, at: usize) -> Span {
    let length = text[at..]
        .chars()
        .next()
        .filter(|c| !matches!(c, '\n' | '\r'))
        .map_or(0, char::len_utf8);
    Span {
        file,
        start: at,
        end: at + length,
    }
}

fn line(text: &str, start: usize) -> &str {
    text[start..].lines().next().unwrap_or_default()
}

/// What stands at a place, for a sentence.
fn shown(text: &str, at: usize) -> String {
    match text[at..].chars().next() {
        None => "the end of the file".to_owned(),
        Some('\n' | '\r') => "the end of the line".to_owned(),
        Some(c) => format!("`{}`", c.escape_debug()),
    }
}

/// A sentence and a hint. `{here}` is what stands at the place.
#[expect(
    clippy::too_many_lines,
    reason = "a table: one row for a kind of error, and nothing to take apart"
)]
fn words(kind: &ErrorKind) -> (String, &'static str) {
    use ErrorKind as E;
    let (text, hint) = match kind {
        E::UnclosedQuotedScalar | E::DocumentIndicatorInQuotedScalar => (
            "the text that begins with this quote never ends",
            "write the closing quote",
        ),
        E::UnclosedFlowCollection { open } => {
            let close = if *open == '[' { ']' } else { '}' };
            return (
                format!("this `{open}` is never closed"),
                if close == ']' {
                    "write the closing `]`, or put quotes around a text that begins with `[`"
                } else {
                    "write the closing `}`, or put quotes around a text that begins with `{`"
                },
            );
        }
        E::MismatchedFlowCollectionEnd { open, close } => {
            return (
                format!("this `{open}` is closed by a `{close}`"),
                "close brackets in the order in which they were opened",
            );
        }
        E::MisplacedFlowCollectionEnd => (
            "this {here} closes nothing",
            "remove it, or put quotes around the text",
        ),
        E::UnexpectedEofFlowSequence
        | E::ExpectedFlowSequenceSeparator
        | E::InvalidFlowScalarIndent => (
            "expected `,` or `]`, and found {here}",
            "part the items of `[…]` with commas, and close it",
        ),
        E::UnexpectedEofFlowMapping
        | E::UnexpectedEofImplicitFlowMapping
        | E::ExpectedFlowMappingSeparator => (
            "expected `,` or `}`, and found {here}",
            "part the entries of `{…}` with commas, and close it",
        ),
        E::InvalidColonPlacement | E::FlowMappingValueAdjacentCollection => (
            "a `:` cannot stand here, inside of brackets",
            "close the bracket first, or put quotes around the text",
        ),
        E::BlockEntryInFlowCollection | E::PlainScalarStartsWithDashFlowIndicator => (
            "a `-` cannot begin an item inside of brackets",
            "part the items of `[…]` with commas",
        ),
        E::MappingValueNotAllowed | E::MappingKeyNotAllowed => (
            "a second key stands on the same line, or at the wrong depth",
            "put quotes around a text that holds `: `, or give the key a line of its own",
        ),
        E::SimpleKeyExpected | E::InvalidSimpleKey => (
            "expected a `:` after this key",
            "write `key: value`, with a space, and indent keys of the same mapping alike",
        ),
        E::ExpectedBlockMappingKey => (
            "expected a key here, as on the lines before",
            "write `key: value`, and indent keys of the same mapping alike",
        ),
        E::ExpectedBlockSequenceEntry => (
            "expected another `- item` here, as on the lines before",
            "indent items of the same list alike",
        ),
        E::BlockSequenceEntryNotAllowed => (
            "a list's item cannot begin here",
            "begin `- item` on a line of its own, below the key",
        ),
        E::InvalidBlockEntryWhitespace => ("a space is missing after `-`", "write `- item`"),
        E::InvalidMappingValueWhitespace => ("a space is missing after `:`", "write `key: value`"),
        E::InvalidIndentation | E::InvalidBlockScalarIndent | E::InvalidQuotedScalarIndent => (
            "this line is indented less than what it belongs to",
            "indent it deeper than the key above",
        ),
        E::TabNotAllowed
        | E::TabInBlockIndentation
        | E::TabInIndentation
        | E::TabAtBlockScalarStart
        | E::TabInPlainScalar => ("a tab cannot stand here", "use spaces"),
        E::UnexpectedCharacter { .. } => (
            "a text cannot begin with {here}",
            "put quotes around the text",
        ),
        E::UnexpectedEndOfPlainScalar | E::ExpectedNodeContent => (
            "expected a value, and found {here}",
            "write a value, or put quotes around the text",
        ),
        E::CommentNotSeparated | E::CommentInterceptedScalar => (
            "a comment cannot stand here",
            "write a space before `#`, or put quotes around the text",
        ),
        E::ExpectedWhitespace => ("a space is missing here", "write a space"),
        E::InvalidTrailingSingleQuotedScalar | E::InvalidTrailingDoubleQuotedScalar => (
            "the text ended with the quote before {here}, and something else follows",
            "put the whole value in quotes; a quote inside is written `''` in single and `\\\"` in double quotes",
        ),
        E::UnknownQuotedScalarEscape
        | E::InvalidQuotedScalarHexEscape
        | E::InvalidLowSurrogateHexEscape
        | E::InvalidLowSurrogate
        | E::MissingLowSurrogate
        | E::UnpairedLowSurrogate
        | E::InvalidUnicodeEscape => (
            "this text in double quotes has an escape that YAML does not know",
            "write `\\\\` for a backslash, or use single quotes",
        ),
        E::ZeroBlockScalarIndent | E::InvalidBlockScalarHeader => (
            "nothing but a comment can follow {here} on its line",
            "begin the text on the next line, indented",
        ),
        E::MissingAnchorOrAliasName => (
            "a name is missing after {here}",
            "put quotes around a text that begins with `&` or `*`",
        ),
        E::UnknownAnchor => (
            "nothing before this is marked with that name",
            "put quotes around a text that begins with `*`",
        ),
        E::BomInsideDocument => (
            "a byte order mark stands in the middle of the file",
            "remove it; it is invisible in most editors",
        ),
        E::RecursionLimitExceeded => (
            "lists and mappings stand too deep in each other here",
            "no attribute is that deep; look for a bracket too many",
        ),
        E::InvalidDocumentEnd => (
            "nothing can follow `...` on its line",
            "remove what follows",
        ),
        E::UndeclaredTagHandle
        | E::ExpectedTagBang
        | E::InvalidGlobalTagCharacter
        | E::InvalidTagTerminator
        | E::MissingTagUri
        | E::UnclosedVerbatimTag
        | E::InvalidTagEscape
        | E::InvalidTagUtf8LeadingByte
        | E::InvalidTagUtf8TrailingByte
        | E::InvalidTagUtf8 => (
            "this is no tag that is known",
            "the tags are `!reset` and `!override`; put quotes around a text that begins with `!`",
        ),
        E::DuplicateVersionDirective
        | E::UnsupportedYamlMajorVersion
        | E::DuplicateTagDirective
        | E::MissingDocumentEndBeforeDirective
        | E::ExpectedTagDirectiveBang
        | E::InvalidDirectiveTerminator
        | E::DirectiveDisallowed
        | E::MissingYamlVersionSeparator
        | E::MissingDirectiveName
        | E::InvalidDirectiveName
        | E::DirectiveByteLimitExceeded { .. }
        | E::TooManyReservedDirectiveParams { .. }
        | E::YamlVersionTooLong
        | E::MissingYamlVersion
        | E::InvalidTagDirectiveTerminator
        | E::ExpectedDocumentStart => (
            "a line that begins with `%` cannot stand here, or not like this",
            "remove it; no such line is needed",
        ),
        E::UnexpectedEof | E::UnexpectedEofBlockSequence | E::UnexpectedEofBlockMapping => {
            ("the file ends in the middle of a value", "write the rest")
        }
        // Streams, includes and internal limits, none of which a text in memory meets.
        _ => (
            "this is no YAML: {here} cannot stand here",
            "put quotes around a text",
        ),
    };
    (text.to_owned(), hint)
}
