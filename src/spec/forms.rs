//! Single values by their form.

use serde_json::Value;

use super::{Kind, Node, Scalar, nearest::nearest};
use crate::model::Form;

/// What is wrong with a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrong {
    /// The stable name of the problem.
    pub code: &'static str,
    /// What is wrong.
    pub text: String,
    /// What to write.
    pub hint: String,
}

impl Wrong {
    fn new(code: &'static str, text: impl Into<String>, hint: impl Into<String>) -> Self {
        Self {
            code,
            text: text.into(),
            hint: hint.into(),
        }
    }
}

/// What a form takes, in the words of a message.
#[must_use]
pub fn expected(form: &Form) -> String {
    match form {
        Form::Refined { form, .. } => expected(form),
        Form::Text => "a text".to_owned(),
        Form::Bool => "true or false".to_owned(),
        Form::Integer(low, high) if *high == i64::MAX => {
            format!("a whole number of at least {low}")
        }
        Form::Integer(low, high) => format!("a whole number from {low} to {high}"),
        Form::Parsed { expected, .. } => (*expected).to_owned(),
        Form::Choice(words) => one_of(words),
        Form::Command => "a command, as a text or a list of words".to_owned(),
        Form::HealthTest => {
            "a test, as a text or a list that begins with CMD, CMD-SHELL or NONE".to_owned()
        }
        Form::List(_) | Form::Set(_) => "a list".to_owned(),
        Form::Map { .. } => "a mapping of names to values, or a list of NAME=value".to_owned(),
        Form::Record(_) => "a mapping".to_owned(),
        Form::Keyed(keyed) => format!("a mapping of {}s", keyed.noun),
        Form::Items(items) => format!("a list of {}s", items.noun),
        Form::Either(forms) => forms.iter().map(expected).collect::<Vec<_>>().join(" or "),
    }
}

fn one_of(words: &[&str]) -> String {
    match words {
        [] => "nothing".to_owned(),
        [word] => (*word).to_owned(),
        [rest @ .., last] => format!("{} or {last}", rest.join(", ")),
    }
}

/// Whether a form takes this kind of node at all.
#[must_use]
pub fn takes(form: &Form, node: &Node) -> bool {
    if let Form::Refined { form, .. } = form {
        return takes(form, node);
    }
    match &node.kind {
        Kind::Null => true,
        Kind::Scalar(scalar) => match form {
            Form::Record(record) => record.short.is_some(),
            Form::Keyed(_) | Form::Map { .. } => false,
            Form::Integer(..) | Form::Bool => self::scalar(form, scalar).is_ok(),
            Form::Either(forms) => forms.iter().any(|form| takes(form, node)),
            Form::Text
            | Form::Parsed { .. }
            | Form::Choice(_)
            | Form::Command
            | Form::HealthTest
            | Form::List(_)
            | Form::Set(_)
            | Form::Items(_)
            | Form::Refined { .. } => true,
        },
        Kind::List(_) => match form {
            Form::Keyed(keyed) => keyed.list,
            Form::Either(forms) => forms.iter().any(|form| takes(form, node)),
            Form::List(_)
            | Form::Set(_)
            | Form::Items(_)
            | Form::Command
            | Form::HealthTest
            | Form::Map { .. } => true,
            Form::Text
            | Form::Bool
            | Form::Integer(..)
            | Form::Parsed { .. }
            | Form::Choice(_)
            | Form::Record(_)
            | Form::Refined { .. } => false,
        },
        Kind::Map(_) => match form {
            Form::Either(forms) => forms.iter().any(|form| takes(form, node)),
            Form::Keyed(_) | Form::Map { .. } | Form::Record(_) => true,
            Form::List(inner) | Form::Set(inner) => matches!(inner, Form::Record(_)),
            Form::Text
            | Form::Bool
            | Form::Integer(..)
            | Form::Parsed { .. }
            | Form::Choice(_)
            | Form::Command
            | Form::HealthTest
            | Form::Items(_)
            | Form::Refined { .. } => false,
        },
    }
}

/// What stands behind the dash of a list's item that has no blank between them, and so is no item.
#[must_use]
pub fn stuck_dash<'n>(form: &Form, node: &'n Node) -> Option<&'n str> {
    let listed = match form {
        Form::List(_) | Form::Set(_) | Form::Items(_) | Form::Keyed(_) | Form::Map { .. } => true,
        Form::Refined { form, .. } => return stuck_dash(form, node),
        Form::Text
        | Form::Bool
        | Form::Integer(..)
        | Form::Parsed { .. }
        | Form::Choice(_)
        | Form::Command
        | Form::HealthTest
        | Form::Record(_)
        | Form::Either(_) => false,
    };
    let Kind::Scalar(scalar) = &node.kind else {
        return None;
    };
    let text = scalar
        .text
        .strip_prefix('-')
        .filter(|_| listed && scalar.plain)?;
    // Lines that follow are read as one text with the first.
    text.split(" -").next().filter(|text| !text.is_empty())
}

/// A single value by a form that takes one.
pub fn scalar(form: &Form, scalar: &Scalar) -> Result<Value, Wrong> {
    let text = scalar.text.as_str();
    match form {
        Form::Bool => boolean(scalar),
        Form::Integer(low, high) => integer(text, *low, *high),
        Form::Parsed {
            expected, parse, ..
        } => parse(text).map_err(|why| {
            // The unit that is forgotten most.
            let seconds = format!("{text}s");
            let hint = if text.parse::<u32>().is_ok() && parse(&seconds).is_ok() {
                format!("write {seconds}")
            } else if let Some(near) = nearest(text, words(expected)) {
                format!("did you mean {near}?")
            } else {
                format!("write {expected}")
            };
            Wrong::new(
                "bad-value",
                format!("cannot read {}: {why}", quoted(text)),
                hint,
            )
        }),
        Form::Choice(words) => {
            if words.contains(&text) {
                return Ok(Value::String(text.to_owned()));
            }
            let holds = || words.iter().copied().find(|word| word.contains(text));
            let hint = nearest(text, words.iter().copied())
                .or_else(|| holds().filter(|_| text.len() > 2))
                .map_or_else(
                    || "write one of these words".to_owned(),
                    |near| format!("did you mean {near}?"),
                );
            Err(Wrong::new(
                "bad-value",
                format!("expected {}, and found {}", one_of(words), quoted(text)),
                hint,
            ))
        }
        Form::Command | Form::HealthTest => command(form, text),
        Form::Refined { form, finish } => {
            let value = self::scalar(form, scalar)?;
            finish(value).map_err(|fault| Wrong::new("bad-value", fault.text, fault.hint))
        }
        Form::Text
        | Form::List(_)
        | Form::Set(_)
        | Form::Map { .. }
        | Form::Record(_)
        | Form::Keyed(_)
        | Form::Items(_)
        | Form::Either(_) => Ok(Value::String(text.to_owned())),
    }
}

/// The words that a form lists: `host, none or container:NAME` has two, and `a size such as 64m` has none.
fn words(expected: &str) -> impl Iterator<Item = &str> {
    let listed = !expected.starts_with("a ") && !expected.starts_with("an ");
    expected
        .split([',', ' '])
        .filter(move |word| listed && word.len() > 2 && !word.contains(':'))
}

/// A text as messages show it; a long one is cut, because nobody reads it to the end.
#[must_use]
pub fn quoted(text: &str) -> String {
    const LONGEST: usize = 60;
    if text.chars().count() <= LONGEST {
        return format!("{text:?}");
    }
    let cut: String = text.chars().take(LONGEST).collect();
    format!("{cut:?}…")
}

fn boolean(scalar: &Scalar) -> Result<Value, Wrong> {
    let text = scalar.text.as_str();
    // A quoted boolean is a text in YAML; Compose takes it all the same, because variables are often quoted.
    match text {
        "true" | "True" | "TRUE" => Ok(Value::Bool(true)),
        "false" | "False" | "FALSE" => Ok(Value::Bool(false)),
        _ => {
            let hint = match text.to_lowercase().as_str() {
                "yes" | "on" | "y" | "1" => "write true",
                "no" | "off" | "n" | "0" => "write false",
                _ => "write one of the two",
            };
            Err(Wrong::new(
                "wrong-type",
                format!("expected true or false, and found {}", quoted(text)),
                hint,
            ))
        }
    }
}

fn integer(text: &str, low: i64, high: i64) -> Result<Value, Wrong> {
    let hint = if text
        .parse::<f64>()
        .is_ok_and(|number| number.fract() != 0.0)
    {
        "a fraction is not possible here"
    } else {
        "write it in digits alone"
    };
    let number: i64 = text.parse().map_err(|_| {
        Wrong::new(
            "wrong-type",
            format!(
                "expected {}, and found {}",
                expected(&Form::Integer(low, high)),
                quoted(text)
            ),
            hint,
        )
    })?;
    if number < low || number > high {
        return Err(Wrong::new(
            "out-of-range",
            format!(
                "expected {}, and found {number}",
                expected(&Form::Integer(low, high))
            ),
            if number < low {
                format!("{low} is the lowest")
            } else {
                format!("{high} is the highest")
            },
        ));
    }
    Ok(number.into())
}

/// A command that is written as one text: split as a shell does, without running one. The text of a health check is run by
/// the image's shell.
pub fn command(form: &Form, text: &str) -> Result<Value, Wrong> {
    if matches!(form, Form::HealthTest) {
        return Ok(Value::Array(vec![
            Value::String("CMD-SHELL".into()),
            Value::String(text.to_owned()),
        ]));
    }
    let words = shell_words::split(text).map_err(|_| {
        Wrong::new(
            "bad-value",
            "a quote in the command has no end",
            "close it, or write the command as a list of words",
        )
    })?;
    Ok(Value::Array(words.into_iter().map(Value::String).collect()))
}

/// Checks a command that is written as a list.
pub fn checked(form: &Form, words: &[Value]) -> Result<(), Wrong> {
    let first = words.first().and_then(Value::as_str);
    match (form, first) {
        (Form::HealthTest, Some("CMD" | "CMD-SHELL")) if words.len() < 2 => Err(Wrong::new(
            "bad-value",
            "the test has no command",
            "write [CMD, command, argument], or [CMD-SHELL, \"command argument\"]",
        )),
        (Form::HealthTest, Some("CMD" | "CMD-SHELL" | "NONE") | None) => Ok(()),
        (Form::HealthTest, Some(first)) => Err(Wrong::new(
            "bad-value",
            format!(
                "a test as a list begins with CMD, CMD-SHELL or NONE, and not with {}",
                quoted(first)
            ),
            "put CMD first to run the words as they are",
        )),
        _ => Ok(()),
    }
}

/// A list without order: sorted, each item once.
#[must_use]
pub fn sorted(list: Value) -> Value {
    let Value::Array(mut items) = list else {
        return list;
    };
    items.sort_by_key(|item| {
        item.as_str()
            .map_or_else(|| item.to_string(), str::to_owned)
    });
    items.dedup();
    Value::Array(items)
}
