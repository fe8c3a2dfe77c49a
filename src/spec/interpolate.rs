//! Puts the values of variables into the file's values, in Compose's grammar.
//!
//! Keys are left alone, and what a value means is decided afterwards: a plain `${PORT}` becomes a plain `8080`, which is
//! a number where a number is wanted. A variable that becomes nothing leaves an empty text, not [`Kind::Null`].
//!
//! Two rules differ from Compose's, on purpose: a variable that is not set is a problem and no empty text, unless the
//! file says so (`${NAME:-}`); and what cannot be interpolated below a top-level `x-…` key is left as it is, because
//! nothing reads it there. What an anchor carries from there into a container is checked where it is used.

use std::{
    collections::{BTreeMap, HashSet},
    ops::Range,
};

use super::{
    FileId, Kind, Node, Problem, Scalar, Sources, Span, conceals,
    template::{self, Operator, Part},
};
use crate::model::looks_secret;

/// How many bytes all texts may grow by together. A hundred times what the largest environment of a process holds; a
/// million uses of one long variable must not fill the memory.
const GROWTH: usize = 64 * 1024 * 1024;

/// How many problems are reported: nobody reads the ten thousandth, and a generated file could have millions.
const PROBLEMS: usize = 10_000;

/// Where the values of variables come from: the environment, env files, the command line.
pub trait Variables {
    /// The value of a variable; `None` if it is not set.
    fn get(&self, name: &str) -> Option<String>;

    /// The value of a variable in a text: an included file may have variables of its own.
    fn get_in(&self, file: FileId, name: &str) -> Option<String> {
        let _ = file;
        self.get(name)
    }
}

impl Variables for BTreeMap<String, String> {
    fn get(&self, name: &str) -> Option<String> {
        BTreeMap::get(self, name).cloned()
    }
}

/// Puts values in place of variables everywhere below a document's root.
///
/// Values of variables whose names look like secrets, and defaults that stand for them, are noted in
/// [`Scalar::secrets`]. A value with a problem keeps its text.
pub fn interpolate(
    sources: &Sources,
    node: &mut Node,
    variables: &dyn Variables,
    problems: &mut Vec<Problem>,
) {
    let mut walk = Walk {
        sources,
        variables,
        problems,
        reported: HashSet::new(),
        growth: 0,
    };
    if let Kind::Map(entries) = &mut node.kind {
        for entry in entries {
            let extension = entry.key.text.starts_with("x-");
            walk.node(&mut entry.value, extension, false);
        }
    } else {
        walk.node(node, false, false);
    }
}

struct Walk<'a> {
    sources: &'a Sources,
    variables: &'a dyn Variables,
    problems: &'a mut Vec<Problem>,
    /// What an alias repeats is reported once.
    reported: HashSet<(Span, &'static str)>,
    growth: usize,
}

impl Walk<'_> {
    /// Everything below a node, which is `secret` if the key before it is called so.
    fn node(&mut self, node: &mut Node, extension: bool, secret: bool) {
        let span = node.span;
        match &mut node.kind {
            Kind::Null => {}
            Kind::Scalar(scalar) => self.scalar(scalar, span, extension, secret),
            Kind::List(items) => {
                for item in items {
                    self.node(item, extension, secret);
                }
            }
            Kind::Map(entries) => {
                for entry in entries {
                    let secret = conceals(&entry.key.text);
                    self.node(&mut entry.value, extension, secret);
                }
            }
        }
    }

    fn scalar(&mut self, scalar: &mut Scalar, span: Span, extension: bool, secret: bool) {
        if !scalar.text.contains('$') {
            return;
        }
        let expanded = template::expand(&scalar.text, self.variables);
        if expanded.faults.is_empty() {
            self.growth += expanded.text.len().saturating_sub(scalar.text.len());
            if self.growth > GROWTH {
                self.report(
                    Problem::error(
                        "too-large",
                        span,
                        format!(
                            "variables make the file's values longer than {} MiB here",
                            GROWTH / 1024 / 1024
                        ),
                    )
                    .hint("hand long texts over in a file"),
                );
                return;
            }
            scalar.text = expanded.text;
            scalar.secrets.extend(expanded.secrets);
            return;
        }
        if extension {
            return;
        }
        let places = Places::new(self.sources, span, &scalar.text);
        let assigned = scalar.text.split_once('=');
        let secret = secret || assigned.is_some_and(|(name, _)| conceals(name));
        for (range, fault) in expanded.faults {
            if let Some(fault) = fault.discreet(&scalar.text[range.clone()])
                && secret
            {
                self.report(Problem::error(fault.code, span, fault.text).hint(fault.hint));
                continue;
            }
            let place = places.place(range);
            self.report(Problem::error(fault.code, place, fault.text).hint(fault.hint));
        }
    }

    fn report(&mut self, problem: Problem) {
        if problem
            .span
            .is_none_or(|span| self.reported.insert((span, problem.code)))
            && self.reported.len() <= PROBLEMS
        {
            self.problems.push(problem);
        }
    }
}

/// Where parts of one value's text stand in the file.
///
/// Between the two lie quotes, escapes, indentation and folded lines, so bytes cannot be counted. But a `$` stays a `$`:
/// the third one of the text is the third one of the source. Where that is not so (`"\x24A"`), the whole value is the
/// place.
struct Places<'a> {
    span: Span,
    text: &'a str,
    source: &'a str,
    /// Where the dollar signs stand in the text, and in the source; none if they do not match.
    dollars: Vec<(usize, usize)>,
}

impl<'a> Places<'a> {
    fn new(sources: &'a Sources, span: Span, text: &'a str) -> Self {
        let source = sources
            .get(span.file)
            .text
            .get(span.start..span.end)
            .unwrap_or_default();
        let of = |text: &str| -> Vec<usize> { text.match_indices('$').map(|(at, _)| at).collect() };
        let (in_text, in_source) = (of(text), of(source));
        let dollars = if in_text.len() == in_source.len() {
            in_text.into_iter().zip(in_source).collect()
        } else {
            Vec::new()
        };
        Self {
            span,
            text,
            source,
            dollars,
        }
    }

    /// The place of a part that begins with a `$`.
    fn place(&self, range: Range<usize>) -> Span {
        let start = self
            .dollars
            .binary_search_by_key(&range.start, |(in_text, _)| *in_text)
            .ok()
            .map(|index| self.dollars[index].1);
        let (Some(start), Some(part)) = (start, self.text.get(range)) else {
            return self.span;
        };
        let length = part
            .bytes()
            .zip(self.source[start..].bytes())
            .take_while(|(a, b)| a == b)
            .count();
        let mut end = start + length;
        while !self.source.is_char_boundary(end) {
            end -= 1;
        }
        Span {
            file: self.span.file,
            start: self.span.start + start,
            end: self.span.start + end,
        }
    }
}

/// A variable that the file uses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Variable {
    /// Its name.
    pub name: String,
    /// The first default that the file gives, as it is written (`${OTHER:-x}` stays that).
    pub default: Option<String>,
    /// Whether the file cannot be used without it: one use has neither a default nor an alternative. A variable that is
    /// only used in the default of another one is not required.
    pub required: bool,
    /// What the file says where it is missing (`${NAME:?message}`).
    pub message: Option<String>,
    /// Whether its name looks like a secret's, so that its value is never shown.
    pub secret: bool,
    /// Where it is used.
    pub places: Vec<Span>,
}

/// The variables that a document uses, by name. It must not be interpolated yet; what is below a top-level `x-…` key
/// counts only where an alias repeats it.
#[must_use]
pub fn variables(sources: &Sources, node: &Node) -> Vec<Variable> {
    let mut all = BTreeMap::new();
    if let Kind::Map(entries) = &node.kind {
        for entry in entries {
            if !entry.key.text.starts_with("x-") {
                collect(sources, &entry.value, &mut all);
            }
        }
    } else {
        collect(sources, node, &mut all);
    }
    for variable in all.values_mut() {
        variable.places.sort_unstable();
        variable.places.dedup();
    }
    all.into_values().collect()
}

fn collect(sources: &Sources, node: &Node, all: &mut BTreeMap<String, Variable>) {
    match &node.kind {
        Kind::Null => {}
        Kind::Scalar(scalar) if !scalar.text.contains('$') => {}
        Kind::Scalar(scalar) => {
            let places = Places::new(sources, node.span, &scalar.text);
            collect_text(&scalar.text, 0, 0, &places, all);
        }
        Kind::List(items) => items.iter().for_each(|item| collect(sources, item, all)),
        Kind::Map(entries) => entries
            .iter()
            .for_each(|entry| collect(sources, &entry.value, all)),
    }
}

/// Collects the variables of a text that begins at `at`, `depth` levels deep in the words of others.
fn collect_text(
    text: &str,
    at: usize,
    depth: usize,
    places: &Places<'_>,
    all: &mut BTreeMap<String, Variable>,
) {
    if depth > template::DEPTH {
        return;
    }
    for part in template::parts(text, at) {
        let Part::Use(range, one) = part else {
            continue;
        };
        let variable = all.entry(one.name.to_owned()).or_insert_with(|| Variable {
            name: one.name.to_owned(),
            default: None,
            required: false,
            message: None,
            secret: looks_secret(one.name),
            places: Vec::new(),
        });
        variable.places.push(places.place(range));
        match one.operator {
            None => variable.required |= depth == 0,
            Some(Operator::Required) => {
                variable.required |= depth == 0;
                if !one.word.is_empty() {
                    variable.message.get_or_insert_with(|| one.word.to_owned());
                }
            }
            Some(Operator::Default) => {
                variable.default.get_or_insert_with(|| one.word.to_owned());
            }
            Some(Operator::Alternative) => {}
        }
        if one.word.contains('$') {
            collect_text(one.word, one.word_at, depth + 1, places, all);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{interpolate, variables};
    use crate::spec::{Node, Problem, Sources, yaml};

    fn read(text: &str) -> (Sources, Node) {
        let mut sources = Sources::default();
        let file = sources.add("test.yaml", text);
        let node = yaml::read(&sources, file).expect("good YAML");
        (sources, node)
    }

    fn run(text: &str) -> (Node, Vec<Problem>) {
        let (sources, mut node) = read(text);
        let values: BTreeMap<String, String> = [("PORT", "8080"), ("DB_PASSWORD", "hunter2")]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into();
        let mut problems = Vec::new();
        interpolate(&sources, &mut node, &values, &mut problems);
        (node, problems)
    }

    fn places(text: &str) -> Vec<String> {
        let (_, problems) = run(text);
        problems
            .iter()
            .map(|problem| {
                let span = problem.span.expect("a place");
                format!(
                    "{}..{} {}",
                    span.start,
                    span.end,
                    &text[span.start..span.end]
                )
            })
            .collect()
    }

    #[test]
    fn values_are_interpolated_and_keys_are_not() {
        let (node, problems) = run("$PORT: ${PORT}\nb: ['${PORT}:80', { c: $PORT }]\nd: $$PORT\n");
        assert_eq!(problems, []);
        assert_eq!(node.get("$PORT").and_then(Node::text), Some("8080"));
        assert_eq!(node.get("d").and_then(Node::text), Some("$PORT"));
        let shown = format!("{node:?}");
        assert!(shown.contains("text: \"8080:80\", plain: false"), "{shown}");
        assert!(shown.contains("text: \"8080\", plain: true"), "{shown}");
    }

    #[test]
    fn a_fault_has_its_place_inside_of_the_value() {
        assert_eq!(places("é: é-${NO}-$PORT\n"), ["7..12 ${NO}"]);
        assert_eq!(
            places("a: \"\\u00e9\\n$PORT ${NO:?x}\"\n"),
            ["18..26 ${NO:?x}"]
        );
        assert_eq!(places("a: |\n  x $PORT\n  y $NO z\n"), ["19..22 $NO"]);
        assert_eq!(places("a: 'it''s $NO'\n"), ["10..13 $NO"]);
        // A use that is folded over two lines ends where the first line does.
        assert_eq!(places("a: >\n  ${NO:?two\n  words}\n"), ["7..16 ${NO:?two"]);
        // An escaped dollar sign cannot be counted: the value as a whole.
        assert_eq!(places("a: \"\\x24NO\"\n"), ["3..11 \"\\x24NO\""]);
        assert_eq!(
            places("a: $NO $NO2 $\n"),
            ["3..6 $NO", "7..11 $NO2", "12..13 $"]
        );
    }

    #[test]
    fn what_an_alias_repeats_is_reported_once() {
        assert_eq!(places("a: &a [$NO]\nb: *a\nc: *a\n"), ["7..10 $NO"]);
    }

    #[test]
    fn extensions_are_interpolated_where_that_works_and_checked_where_they_are_used() {
        let (node, problems) = run("x-a: &a { p: $PORT, q: $NO, r: '$' }\nb: c\n");
        assert_eq!(problems, []);
        let extension = node.get("x-a").expect("there");
        assert_eq!(extension.get("p").and_then(Node::text), Some("8080"));
        assert_eq!(extension.get("q").and_then(Node::text), Some("$NO"));
        assert_eq!(places("x-a: &a { q: $NO }\nb: *a\n"), ["13..16 $NO"]);
    }

    #[test]
    fn letters_of_a_secret_are_not_told_as_a_variable() {
        let text = "env: { DB_PASSWORD: sup$er$ecret, B: $NO }\nlist: ['DB_TOKEN=$ecret', 'C=$NO2']\nTOKEN: ${NO3}\n";
        let (_, problems) = run(text);
        let told: Vec<&str> = problems
            .iter()
            .map(|problem| problem.text.as_str())
            .collect();
        let discreet = "a `$` in this value begins a variable that is not set";
        assert_eq!(
            told,
            [
                discreet,
                "the variable `NO` is not set",
                discreet,
                "the variable `NO2` is not set",
                "the variable `NO3` is not set",
            ]
        );
    }

    #[test]
    fn secrets_are_noted() {
        let (node, _) = run("a: pg://u:$DB_PASSWORD@db\nb: $PORT\n");
        let shown = format!("{node:?}");
        assert!(shown.contains("secrets: [\"hunter2\"]"), "{shown}");
    }

    #[test]
    fn variables_are_listed_with_defaults() {
        let text = "x-a: $IGNORED\na: ${A:-1} $B\nb: [\"${A:-2}\", \"${C:?say $D}\", \"${E:+x}\", \"${F:-${B_TOKEN}}\"]\n";
        let (sources, node) = read(text);
        let listed: Vec<String> = variables(&sources, &node)
            .iter()
            .map(|variable| {
                format!(
                    "{} {:?} {:?} {}{} {}",
                    variable.name,
                    variable.default,
                    variable.message,
                    if variable.required {
                        "required"
                    } else {
                        "optional"
                    },
                    if variable.secret { " secret" } else { "" },
                    variable.places.len()
                )
            })
            .collect();
        assert_eq!(
            listed,
            [
                "A Some(\"1\") None optional 2",
                "B None None required 1",
                "B_TOKEN None None optional secret 1",
                "C None Some(\"say $D\") required 1",
                "D None None optional 1",
                "E None None optional 1",
                "F Some(\"${B_TOKEN}\") None optional 1",
            ]
        );
    }
}
