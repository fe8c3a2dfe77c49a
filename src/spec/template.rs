//! The grammar of variables inside one text, as Compose has it: `$NAME`, `${NAME}`, `${NAME:-word}`, `-`, `:?`, `?`,
//! `:+`, `+`, words that hold variables themselves, and `$$` for a dollar sign. Used for values of the file and for env
//! files; where a text stands, and what is done with its faults, is up to those.

use std::ops::Range;

use crate::{model::looks_secret, spec::Variables};

/// How deep words may hold variables whose words hold variables. Compose files go to two or three.
pub(super) const DEPTH: usize = 16;

/// How long one text may get, in bytes. The longest that an engine takes for one entry of an environment is 128 KiB (a
/// limit of Linux); a text of this length is a mistake, and many of them would fill the memory.
const LONGEST: usize = 1024 * 1024;

/// What follows a name inside the braces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operator {
    /// `-`: the word stands in where there is no value.
    Default,
    /// `?`: no value is an error, and the word says what to do.
    Required,
    /// `+`: the word stands in where there is a value.
    Alternative,
}

/// One use of a variable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Use<'t> {
    pub(super) name: &'t str,
    pub(super) operator: Option<Operator>,
    /// Whether an empty value counts as none (`:-`, `:?`, `:+`).
    pub(super) or_empty: bool,
    /// What follows the operator, and where.
    pub(super) word: &'t str,
    pub(super) word_at: usize,
}

/// A piece of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Part<'t> {
    Text(&'t str),
    /// `$$`
    Dollar,
    Use(Range<usize>, Use<'t>),
    /// What is none of those.
    Bad(Range<usize>, Fault),
}

/// What is wrong with one use of a variable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) code: &'static str,
    pub(super) text: String,
    pub(super) hint: String,
}

impl Fault {
    fn syntax(text: impl Into<String>, hint: impl Into<String>) -> Self {
        Self {
            code: "bad-interpolation",
            text: text.into(),
            hint: hint.into(),
        }
    }

    /// The same without a name: in the value of something that is called secret, what follows a `$` most likely is a part
    /// of it, unless braces say otherwise. `part` is what the fault is about. `None` if the fault may be told as it is.
    pub(super) fn discreet(&self, part: &str) -> Option<Self> {
        let text = match self.code {
            "unset-variable" if !part.starts_with("${") => {
                "a `$` in this value begins a variable that is not set"
            }
            "bad-interpolation" if self.text.ends_with(NO_OPERATOR) => {
                "a variable in this value is followed by something that is no operator"
            }
            _ => return None,
        };
        Some(Self {
            code: self.code,
            text: text.to_owned(),
            hint: DOLLAR_HINT.to_owned(),
        })
    }
}

/// What a text becomes.
#[derive(Debug, Default)]
pub(super) struct Expanded {
    pub(super) text: String,
    /// What came from variables whose names look like secrets.
    pub(super) secrets: Vec<String>,
    /// What is wrong, with its bytes in the text.
    pub(super) faults: Vec<(Range<usize>, Fault)>,
}

/// How the sentence ends about `${NAME!}`.
const NO_OPERATOR: &str = "is followed by something that is no operator";

const DOLLAR_HINT: &str = "write `$$` for a dollar sign that stands for itself";

/// Takes a text apart. `at` is where it begins in the text that places are counted in.
pub(super) fn parts(text: &str, at: usize) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some(dollar) = rest.find('$') {
        if dollar > 0 {
            parts.push(Part::Text(&rest[..dollar]));
        }
        rest = &rest[dollar..];
        let start = at + text.len() - rest.len();
        let (length, part) = one(rest, start);
        parts.push(part);
        rest = &rest[length..];
    }
    if !rest.is_empty() {
        parts.push(Part::Text(rest));
    }
    parts
}

/// The piece that begins with a `$`, and its length.
fn one(text: &str, start: usize) -> (usize, Part<'_>) {
    let after = &text[1..];
    if after.starts_with('$') {
        return (2, Part::Dollar);
    }
    if after.starts_with('{') {
        return braced(text, start);
    }
    let name = name(after);
    if name.is_empty() {
        let fault = if after.starts_with('(') {
            Fault::syntax(
                "`$(…)` runs no command here",
                "write `$$(…)` for a text that a shell in the container runs",
            )
        } else {
            Fault::syntax("a `$` without a variable's name", DOLLAR_HINT)
        };
        return (1, Part::Bad(start..start + 1, fault));
    }
    let length = 1 + name.len();
    let one = Use {
        name,
        operator: None,
        or_empty: false,
        word: "",
        word_at: start + length,
    };
    (length, Part::Use(start..start + length, one))
}

/// The piece that begins with `${`.
fn braced(text: &str, start: usize) -> (usize, Part<'_>) {
    let Some(close) = closing(text) else {
        let length = text.trim_end().len();
        let fault = Fault::syntax("this `${` is never closed", "write the closing `}`");
        return (text.len(), Part::Bad(start..start + length, fault));
    };
    let length = close + 1;
    let range = start..start + length;
    let inside = &text[2..close];
    let name = name(inside);
    if name.is_empty() {
        let fault = Fault::syntax(
            "a variable's name is missing after `${`",
            format!("a name has letters, digits and `_`, and begins with no digit; {DOLLAR_HINT}"),
        );
        return (length, Part::Bad(range, fault));
    }
    let rest = &inside[name.len()..];
    let (or_empty, after) = match rest.strip_prefix(':') {
        Some(after) => (true, after),
        None => (false, rest),
    };
    let operator = match after.chars().next() {
        None if !or_empty => None,
        Some('-') => Some(Operator::Default),
        Some('?') => Some(Operator::Required),
        Some('+') => Some(Operator::Alternative),
        _ => {
            let fault = Fault::syntax(
                format!("`{name}` {NO_OPERATOR}"),
                "the operators are `:-`, `-`, `:?`, `?`, `:+` and `+`, such as in `${NAME:-default}`",
            );
            return (length, Part::Bad(range, fault));
        }
    };
    let word = after.get(1..).unwrap_or_default();
    let one = Use {
        name,
        operator,
        or_empty,
        word,
        word_at: start + close - word.len(),
    };
    (length, Part::Use(range, one))
}

/// Where the `}` stands that closes a text's first `{`. Braces inside must come in pairs: `${X:-{"a": 1}}`.
fn closing(text: &str) -> Option<usize> {
    let mut open = 0_usize;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'{' => open += 1,
            b'}' => {
                open = open.saturating_sub(1);
                if open == 0 {
                    return Some(at);
                }
            }
            _ => {}
        }
    }
    None
}

/// The name that a text begins with; empty if it begins with none.
fn name(text: &str) -> &str {
    let end = text
        .find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
        .unwrap_or(text.len());
    let name = &text[..end];
    if name.starts_with(|c: char| c.is_ascii_digit()) {
        ""
    } else {
        name
    }
}

/// Puts values in place of variables.
pub(super) fn expand(text: &str, variables: &dyn Variables) -> Expanded {
    let mut out = Expanded::default();
    let result = expand_part(text, 0, variables, Some(&mut out), 0);
    match result {
        Ok(text) => out.text = text,
        Err(fault) => out.faults.push((0..text.len(), fault)),
    }
    out
}

/// Expands a text into a new one. Without `out`, faults and secrets are not kept: the text is not used.
///
/// # Errors
///
/// What cannot go on: a text that gets too long, or words that stand too deep in each other.
fn expand_part(
    text: &str,
    at: usize,
    variables: &dyn Variables,
    mut out: Option<&mut Expanded>,
    depth: usize,
) -> Result<String, Fault> {
    if depth > DEPTH {
        return Err(Fault::syntax(
            format!("variables stand more than {DEPTH} levels deep in each other"),
            "use fewer levels",
        ));
    }
    let mut all = String::new();
    for part in parts(text, at) {
        match part {
            Part::Text(text) => all.push_str(text),
            Part::Dollar => all.push('$'),
            Part::Bad(range, fault) => {
                if let Some(out) = out.as_deref_mut() {
                    out.faults.push((range, fault));
                }
            }
            Part::Use(range, one) => {
                let value = value(&one, range, variables, out.as_deref_mut(), depth)?;
                all.push_str(&value);
            }
        }
        if all.len() > LONGEST {
            return Err(Fault {
                code: "too-large",
                text: format!("the text gets longer than {} MiB", LONGEST / 1024 / 1024),
                hint: "hand long texts over in a file".to_owned(),
            });
        }
    }
    Ok(all)
}

/// What one use of a variable becomes.
fn value(
    one: &Use<'_>,
    range: Range<usize>,
    variables: &dyn Variables,
    mut out: Option<&mut Expanded>,
    depth: usize,
) -> Result<String, Fault> {
    let found = variables.get(one.name);
    let empty = found.as_ref().is_some_and(String::is_empty);
    let counts = found.is_some() && !(one.or_empty && empty);
    let uses_word = match one.operator {
        None => false,
        Some(Operator::Default | Operator::Required) => !counts,
        Some(Operator::Alternative) => counts,
    };
    // A word that is not used must be well-formed all the same, as Compose has it, but its variables may be unset.
    let word = if uses_word {
        expand_part(
            one.word,
            one.word_at,
            variables,
            out.as_deref_mut(),
            depth + 1,
        )?
    } else {
        if let Some(out) = out.as_deref_mut() {
            syntax(one.word, one.word_at, out, depth + 1);
        }
        String::new()
    };
    let value = match (one.operator, found) {
        (Some(Operator::Alternative), _) => return Ok(word),
        (Some(Operator::Default), _) if uses_word => word,
        (Some(Operator::Required), found) if uses_word => {
            let state = if found.is_some() { "empty" } else { "not set" };
            let text = if word.is_empty() {
                format!("the variable `{}` is {state}", one.name)
            } else {
                format!("the variable `{}` is {state}: {word}", one.name)
            };
            let fault = Fault {
                code: "unset-variable",
                text,
                hint: "set it in the environment or in an env file".to_owned(),
            };
            if let Some(out) = out {
                out.faults.push((range, fault));
            }
            return Ok(String::new());
        }
        (_, Some(value)) => value,
        (_, None) => {
            let fault = Fault {
                code: "unset-variable",
                text: format!("the variable `{}` is not set", one.name),
                hint: format!(
                    "set it, or write `${{{name}:-default}}` for a default, or `${{{name}:-}}` for an empty text",
                    name = one.name
                ),
            };
            if let Some(out) = out {
                out.faults.push((range, fault));
            }
            return Ok(String::new());
        }
    };
    // The default of a password is a password too.
    if let Some(out) = out
        && !value.is_empty()
        && looks_secret(one.name)
        && !out.secrets.contains(&value)
    {
        out.secrets.push(value.clone());
    }
    Ok(value)
}

/// The faults of a text's syntax alone.
fn syntax(text: &str, at: usize, out: &mut Expanded, depth: usize) {
    if depth > DEPTH {
        return;
    }
    for part in parts(text, at) {
        match part {
            Part::Text(_) | Part::Dollar => {}
            Part::Bad(range, fault) => out.faults.push((range, fault)),
            Part::Use(_, one) => syntax(one.word, one.word_at, out, depth + 1),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::expand;

    fn variables() -> BTreeMap<String, String> {
        [
            ("A", "a"),
            ("EMPTY", ""),
            ("_x1", "under"),
            ("DOLLAR", "$A"),
            ("DB_PASSWORD", "hunter2"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into()
    }

    fn text(template: &str) -> String {
        let out = expand(template, &variables());
        assert_eq!(out.faults, [], "{template}");
        out.text
    }

    fn faults(template: &str) -> Vec<String> {
        expand(template, &variables())
            .faults
            .into_iter()
            .map(|(range, fault)| format!("{} `{}`: {}", fault.code, &template[range], fault.text))
            .collect()
    }

    #[test]
    fn the_whole_grammar() {
        for (template, expected) in [
            ("", ""),
            ("plain", "plain"),
            ("$A", "a"),
            ("${A}", "a"),
            ("é$A-$A.é", "éa-a.é"),
            ("$_x1/${_x1}", "under/under"),
            ("${A:-d}", "a"),
            ("${A-d}", "a"),
            ("${EMPTY:-d}", "d"),
            ("${EMPTY-d}", ""),
            ("${NO:-d}", "d"),
            ("${NO-d}", "d"),
            ("${NO:-}", ""),
            ("${NO-}", ""),
            ("${A:?m}", "a"),
            ("${EMPTY?m}", ""),
            ("${A:+alt}", "alt"),
            ("${EMPTY:+alt}", ""),
            ("${EMPTY+alt}", "alt"),
            ("${NO:+alt}", ""),
            ("${NO+alt}", ""),
            ("${NO:-${ALSO:-$A}}", "a"),
            ("${NO:-x${EMPTY:-y$A}z}", "xyaz"),
            ("${A:+${NO:-b}}", "b"),
            ("${A:-${UNSET_BUT_UNUSED}}", "a"),
            ("${NO:-{\"a\": {}}}", "{\"a\": {}}"),
            ("${NO:-a:-b?c}", "a:-b?c"),
            ("${NO:-a}b}", "ab}"),
            ("$$", "$"),
            ("$$A", "$A"),
            ("$$$A", "$a"),
            ("$${A}", "${A}"),
            ("${NO:-$$A}", "$A"),
            ("$DOLLAR", "$A"),
            ("a}b{c", "a}b{c"),
        ] {
            assert_eq!(text(template), expected, "{template}");
        }
    }

    #[test]
    fn faults_have_a_place_and_a_sentence() {
        for (template, expected) in [
            (
                "x $NO y",
                "unset-variable `$NO`: the variable `NO` is not set",
            ),
            (
                "${NO}",
                "unset-variable `${NO}`: the variable `NO` is not set",
            ),
            (
                "é${NO:?set it}",
                "unset-variable `${NO:?set it}`: the variable `NO` is not set: set it",
            ),
            (
                "${EMPTY:?}",
                "unset-variable `${EMPTY:?}`: the variable `EMPTY` is empty",
            ),
            (
                "${NO?for $A}",
                "unset-variable `${NO?for $A}`: the variable `NO` is not set: for a",
            ),
            (
                "${NO:-a${ALSO}}",
                "unset-variable `${ALSO}`: the variable `ALSO` is not set",
            ),
            (
                "a$",
                "bad-interpolation `$`: a `$` without a variable's name",
            ),
            (
                "$1",
                "bad-interpolation `$`: a `$` without a variable's name",
            ),
            (
                "$(date)",
                "bad-interpolation `$`: `$(…)` runs no command here",
            ),
            ("${A", "bad-interpolation `${A`: this `${` is never closed"),
            (
                "${NO:-${A}",
                "bad-interpolation `${NO:-${A}`: this `${` is never closed",
            ),
            (
                "${}",
                "bad-interpolation `${}`: a variable's name is missing after `${`",
            ),
            (
                "${1A}",
                "bad-interpolation `${1A}`: a variable's name is missing after `${`",
            ),
            (
                "${A:x}",
                "bad-interpolation `${A:x}`: `A` is followed by something that is no operator",
            ),
            (
                "${A:}",
                "bad-interpolation `${A:}`: `A` is followed by something that is no operator",
            ),
            (
                "${A:-${}}",
                "bad-interpolation `${}`: a variable's name is missing after `${`",
            ),
        ] {
            assert_eq!(faults(template), [expected], "{template}");
        }
        assert_eq!(faults("$NO ${ALSO} $").len(), 3);
    }

    #[test]
    fn secrets_are_remembered_with_the_defaults_that_stand_for_them() {
        let secrets = |template: &str| expand(template, &variables()).secrets;
        assert_eq!(secrets("postgres://$DB_PASSWORD@db/$A"), ["hunter2"]);
        assert_eq!(secrets("${NO_TOKEN:-abc}"), ["abc"]);
        assert_eq!(secrets("${NO:-${DB_PASSWORD}}"), ["hunter2"]);
        assert_eq!(secrets("${A:-${DB_PASSWORD}}"), [""; 0]);
        assert_eq!(secrets("${DB_PASSWORD:+yes}"), [""; 0]);
    }

    #[test]
    fn deep_and_long_texts_end_with_a_fault() {
        let deep = format!("{}x{}", "${NO:-".repeat(5000), "}".repeat(5000));
        assert_eq!(expand(&deep, &variables()).faults.len(), 1);
        let long: BTreeMap<String, String> = [("L".to_owned(), "x".repeat(100_000))].into();
        let out = expand(&"$L".repeat(50), &long);
        assert_eq!(out.faults.len(), 1);
        assert_eq!(out.text, "");
    }
}
