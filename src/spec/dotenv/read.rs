//! Compose's format: quotes, escapes, comments, `export`, and variables of the surroundings and of earlier lines.

use std::collections::HashMap;

use super::quoted::{self, Text};
use crate::{
    model::looks_secret,
    spec::{FileId, Key, Kind, Node, Problem, Scalar, Sources, Span, Variables, template, yaml},
};

/// How many problems are reported: nobody reads the thousandth.
pub(super) const PROBLEMS: usize = 1000;

/// What to do about a secret with a dollar sign in it.
const SINGLE_QUOTES_HINT: &str =
    "put the value in single quotes, or write `$$` for a dollar sign that stands for itself";

/// One line of an env file.
#[derive(Debug, Clone, PartialEq)]
pub struct Assignment {
    /// The variable's name.
    pub key: Key,
    /// Its value, always a text ([`Scalar::plain`] is false). `None` for a name alone: the value of the surroundings, and
    /// no variable at all if there is none.
    pub value: Option<Node>,
}

/// Reads an env file in Compose's format.
///
/// - `NAME=value`, also with blanks around `=`, with `export` before it, and with `:` in place of `=`
/// - `NAME` alone takes the value of the surroundings
/// - a value without quotes ends at the line's end or before ` #`
/// - `'…'` is taken as it is, but for `\'`; `"…"` knows `\n`, `\r`, `\t`, `\"`, `\\`, `\$`, `\a`, `\b`, `\f`, `\v` and
///   octal `\0101`; both may go over several lines
/// - `$NAME` and its longer forms are expanded, except in single quotes: first from the surroundings, then from earlier
///   lines. `$$` is a dollar sign
///
/// A name that stands twice has its last value, at the place of its first.
///
/// Three things that Compose lets pass are problems: a variable that is not set (a password with a `$` in it would lose
/// half its letters), text behind a closing quote, and a `$` that begins no variable. And a comment behind `NAME= ` is a
/// comment, not the value.
///
/// # Errors
///
/// Every problem of the file, line by line; behind a quote that never ends nothing is read.
pub fn read_env(
    sources: &Sources,
    file: FileId,
    variables: &dyn Variables,
) -> Result<Vec<Assignment>, Vec<Problem>> {
    let text = sources.get(file).text.as_str();
    if let Some(problem) = yaml::unreadable(text, file) {
        return Err(vec![problem]);
    }
    let mut reader = Reader {
        text,
        file,
        at: 0,
        scope: Scope {
            outer: variables,
            own: HashMap::new(),
        },
        order: HashMap::new(),
        all: Vec::new(),
        problems: Vec::new(),
    };
    while reader.statement().is_some() {}
    if reader.problems.is_empty() {
        Ok(reader.all)
    } else {
        Err(reader.problems)
    }
}

/// What a value's variables are looked up in.
struct Scope<'a> {
    outer: &'a dyn Variables,
    own: HashMap<String, String>,
}

impl Variables for Scope<'_> {
    fn get(&self, name: &str) -> Option<String> {
        self.outer.get(name).or_else(|| self.own.get(name).cloned())
    }
}

struct Reader<'a> {
    text: &'a str,
    file: FileId,
    /// What is read next.
    at: usize,
    scope: Scope<'a>,
    order: HashMap<String, usize>,
    all: Vec<Assignment>,
    problems: Vec<Problem>,
}

impl<'a> Reader<'a> {
    /// Reads one assignment, or passes over a comment, a blank line or a bad line. `None` at the end.
    fn statement(&mut self) -> Option<()> {
        self.at = self.text.len() - self.rest().trim_start().len();
        if self.rest().is_empty() || self.problems.len() >= PROBLEMS {
            return None;
        }
        if self.rest().starts_with('#') {
            self.skip_line();
            return Some(());
        }
        if let Some(rest) = self.rest().strip_prefix("export")
            && rest.starts_with([' ', '\t'])
        {
            self.at = self.text.len() - rest.trim_start_matches([' ', '\t']).len();
        }
        let line = self.line();
        let end = line.find(['=', ':']).unwrap_or(line.len());
        let (name, inherited) = (line[..end].trim_end(), end == line.len());
        // A name alone may have a comment behind it.
        let name = match name.split_once(" #") {
            Some((name, _)) if inherited => name.trim_end(),
            _ => name,
        };
        let key = Key {
            text: name.to_owned(),
            span: self.span(self.at, self.at + name.len()),
        };
        if let Some(problem) = self.bad_name(&key) {
            self.problems.push(problem);
            self.skip_line();
            return Some(());
        }
        if inherited {
            self.skip_line();
            // What the surroundings say counts for the lines below anyway.
            self.add(key, None);
            return Some(());
        }
        self.at += end + 1;
        let value = self.value(&key)?;
        self.add(key, Some(value));
        Some(())
    }

    /// What is wrong with a name.
    fn bad_name(&self, key: &Key) -> Option<Problem> {
        if key.text.is_empty() {
            // What stands there instead, which may be a blank of several bytes.
            let start = key.span.start;
            let length = self.text[start..].chars().next().map_or(0, char::len_utf8);
            let span = self.span(start, start + length);
            return Some(
                Problem::error("bad-env-file", span, "a variable's name is missing")
                    .hint("write `NAME=value`"),
            );
        }
        let good = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | '-' | '[' | ']');
        let at = key.text.find(|c| !good(c))?;
        let c = key.text[at..].chars().next()?;
        let start = key.span.start + at;
        let span = self.span(start, start + c.len_utf8());
        let text = if c.is_whitespace() {
            "a blank cannot stand in a variable's name".to_owned()
        } else {
            format!("`{}` cannot stand in a variable's name", c.escape_debug())
        };
        Some(
            Problem::error("bad-env-file", span, text)
                .hint("write `NAME=value`, or `#` before a comment"),
        )
    }

    /// Reads a value and what follows it on its line. `None` where nothing more can be read.
    fn value(&mut self, key: &Key) -> Option<Node> {
        let line = self.line();
        let blanks = line.len() - line.trim_start().len();
        let start = self.at + blanks;
        let quote = line[blanks..]
            .chars()
            .next()
            .filter(|c| matches!(c, '\'' | '"'));
        let (text, end) = if let Some(quote) = quote {
            let Some((text, end)) = quoted::read(self.text, start, quote) else {
                self.problems.push(
                    Problem::error(
                        "bad-env-file",
                        self.span(start, start + 1),
                        "the value that begins with this quote never ends",
                    )
                    .hint("write the closing quote, or put the value in quotes of the other kind"),
                );
                return None;
            };
            self.at = end;
            self.behind_quote();
            (text, end)
        } else {
            let value = if blanks > 0 && line[blanks..].starts_with('#') {
                ""
            } else {
                line[blanks..]
                    .split(" #")
                    .next()
                    .unwrap_or_default()
                    .trim_end()
            };
            self.skip_line();
            (Text::plain(value, start), start + value.len())
        };
        let span = self.span(start, end);
        let mut secrets = Vec::new();
        let value = if text.expands && text.text.contains('$') {
            let expanded = template::expand(&text.text, &self.scope);
            for (range, fault) in expanded.faults {
                let place = self.span(text.place(range.start), text.place(range.end));
                let discreet = fault
                    .discreet(&text.text[range])
                    .filter(|_| looks_secret(&key.text));
                let problem = match discreet {
                    Some(fault) => {
                        Problem::error(fault.code, span, fault.text).hint(SINGLE_QUOTES_HINT)
                    }
                    None => Problem::error(fault.code, place, fault.text).hint(fault.hint),
                };
                if !self.problems.contains(&problem) {
                    self.problems.push(problem);
                }
            }
            secrets = expanded.secrets;
            expanded.text
        } else {
            text.text
        };
        if looks_secret(&key.text) && !value.is_empty() && !secrets.contains(&value) {
            secrets.push(value.clone());
        }
        Some(Node {
            span,
            kind: Kind::Scalar(Scalar {
                text: value,
                plain: false,
                secrets,
            }),
            tag: None,
        })
    }

    /// Passes over what follows a closing quote: a comment at most.
    fn behind_quote(&mut self) {
        let rest = self.line().trim();
        if !rest.is_empty() && !rest.starts_with('#') {
            let start = self.at + self.line().len() - self.line().trim_start().len();
            self.problems.push(
                Problem::error(
                    "bad-env-file",
                    self.span(start, start + rest.len()),
                    "something follows the closing quote",
                )
                .hint("put the whole value in quotes, or write `#` before a comment"),
            );
        }
        self.skip_line();
    }

    fn add(&mut self, key: Key, value: Option<Node>) {
        if let Some(text) = value.as_ref().and_then(Node::text) {
            self.scope.own.insert(key.text.clone(), text.to_owned());
        }
        if let Some(index) = self.order.get(&key.text) {
            self.all[*index] = Assignment { key, value };
        } else {
            self.order.insert(key.text.clone(), self.all.len());
            self.all.push(Assignment { key, value });
        }
    }

    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    /// The rest of the line, without its end.
    fn line(&self) -> &'a str {
        let rest = self.rest();
        &rest[..rest.find('\n').unwrap_or(rest.len())]
    }

    fn skip_line(&mut self) {
        self.at = (self.at + self.line().len() + 1).min(self.text.len());
    }

    fn span(&self, start: usize, end: usize) -> Span {
        Span {
            file: self.file,
            start: start.min(self.text.len()),
            end: end.min(self.text.len()),
        }
    }
}
