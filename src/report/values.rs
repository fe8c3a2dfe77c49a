//! Values and texts of others as they may stand in a line: escaped, and cut to a width.

use std::borrow::Cow;

use serde_json::Value;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// What stands where something was cut off.
const CUT: &str = "…";

/// How much of the part that two long texts share is shown before the place where they part.
const LEAD: usize = 8;

/// A text without anything that a terminal would act on: control characters become escapes, and so do the characters
/// that change the direction of writing, which can make a plan read as another one.
#[must_use]
pub fn escape(text: &str) -> Cow<'_, str> {
    if !text.chars().any(acts) {
        return Cow::Borrowed(text);
    }
    let mut escaped = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match c {
            '\n' => escaped.push_str("\\n"),
            '\r' => escaped.push_str("\\r"),
            '\t' => escaped.push_str("\\t"),
            c if acts(c) => escaped.extend(c.escape_unicode()),
            c => escaped.push(c),
        }
    }
    Cow::Owned(escaped)
}

/// Whether a terminal, or a reader's eye, would be led astray by a character.
fn acts(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// A value in one line: texts in quotes, lists and objects as JSON with spaces, nulls inside objects left out.
#[must_use]
pub fn value(value: &Value) -> String {
    let mut text = String::new();
    write_value(value, &mut text);
    text
}

fn write_value(value: &Value, out: &mut String) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(flag) => out.push_str(if *flag { "true" } else { "false" }),
        Value::Number(number) => out.push_str(&number.to_string()),
        Value::String(text) => {
            out.push('"');
            for c in text.chars() {
                match c {
                    '"' => out.push_str("\\\""),
                    '\\' => out.push_str("\\\\"),
                    c => out.push_str(&escape(c.encode_utf8(&mut [0; 4]))),
                }
            }
            out.push('"');
        }
        Value::Array(items) => {
            out.push('[');
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    out.push_str(", ");
                }
                write_value(item, out);
            }
            out.push(']');
        }
        Value::Object(map) => {
            let said: Vec<_> = map.iter().filter(|(_, item)| !item.is_null()).collect();
            if said.is_empty() {
                out.push_str("{}");
                return;
            }
            for (at, (key, item)) in said.into_iter().enumerate() {
                out.push_str(if at > 0 { ", " } else { "{ " });
                out.push_str(&escape(key));
                out.push_str(": ");
                write_value(item, out);
            }
            out.push_str(" }");
        }
    }
}

/// The width of a text in columns.
#[must_use]
pub fn width(text: &str) -> usize {
    text.width()
}

/// A text of at most so many columns; where something was cut off stands `…`.
#[must_use]
pub fn cut(text: &str, columns: usize) -> Cow<'_, str> {
    if text.width() <= columns {
        return Cow::Borrowed(text);
    }
    let mut kept = take(text, columns.saturating_sub(1)).to_owned();
    kept.push_str(CUT);
    Cow::Owned(kept)
}

/// The longest beginning of a text that fits into so many columns.
fn take(text: &str, columns: usize) -> &str {
    let mut used = 0;
    for (at, c) in text.char_indices() {
        used += c.width().unwrap_or(0);
        if used > columns {
            return &text[..at];
        }
    }
    text
}

/// Two texts of at most so many columns each. If they part only after that, both begin shortly before that place, so that
/// what differs can be seen.
#[must_use]
pub fn cut_both(before: &str, after: &str, columns: usize) -> (String, String) {
    let shared: usize = before
        .chars()
        .zip(after.chars())
        .take_while(|(left, right)| left == right)
        .count();
    let shared_width: usize = before
        .chars()
        .take(shared)
        .map(|c| c.width().unwrap_or(0))
        .sum();
    // The difference is in sight, with some of what follows.
    if shared_width + LEAD < columns || before.width().max(after.width()) <= columns {
        return (
            cut(before, columns).into_owned(),
            cut(after, columns).into_owned(),
        );
    }
    // As much of what they share as there is room for.
    let room = before.width().max(after.width()).saturating_sub(columns) + 1;
    let skipped = shared.saturating_sub(LEAD).min(room);
    let from = |text: &str| {
        let rest: String = text.chars().skip(skipped).collect();
        cut(&format!("{CUT}{rest}"), columns).into_owned()
    };
    (from(before), from(after))
}

/// A text in lines of at most so many columns, parted at spaces; all but the first are indented. A word that is longer
/// than a line stands in one of its own.
#[must_use]
pub fn wrap(text: &str, columns: usize, indent: usize) -> Vec<String> {
    wrap_from(0, text, columns, indent)
}

/// As [`wrap`], behind something in the first line that takes so many columns.
#[must_use]
pub fn wrap_from(used: usize, text: &str, columns: usize, indent: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    let mut is_new = used == 0;
    let mut used = used;
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        if !is_new && used + line.width() + 1 + word.width() > columns {
            lines.push(std::mem::replace(&mut line, " ".repeat(indent)));
            (is_new, used) = (true, 0);
        }
        if !is_new {
            line.push(' ');
        }
        line.push_str(word);
        is_new = false;
    }
    lines.push(line);
    lines
}

/// What to do, in lines below what it is about.
#[must_use]
pub fn help(hint: &str, columns: usize) -> Vec<String> {
    let lines = wrap(
        &format!("help: {}", escape(hint)),
        columns.saturating_sub(2),
        2,
    );
    lines.into_iter().map(|line| format!("  {line}")).collect()
}

/// `1 container`, `2 containers`.
#[must_use]
pub fn count(number: usize, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {noun}{plural}")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{cut, cut_both, escape, value, wrap};

    #[test]
    fn nothing_that_a_terminal_acts_on_comes_through() {
        assert_eq!(escape("plain – text"), "plain – text");
        assert_eq!(escape("a\u{1b}[31mb\r\n"), "a\\u{1b}[31mb\\r\\n");
        assert_eq!(escape("a\u{202e}b"), "a\\u{202e}b");
        assert_eq!(value(&json!("say \"hi\"\u{7}")), r#""say \"hi\"\u{7}""#);
    }

    #[test]
    fn values_stand_in_one_line() {
        assert_eq!(value(&json!(["nginx", "-g"])), r#"["nginx", "-g"]"#);
        assert_eq!(
            value(&json!({"host_ip": "", "host_port": 8080, "none": null, "list": [true]})),
            r#"{ host_ip: "", host_port: 8080, list: [true] }"#
        );
        assert_eq!(value(&json!({})), "{}");
        assert_eq!(value(&json!({"a": null})), "{}");
        assert_eq!(value(&json!({"a": {}})), "{ a: {} }");
    }

    #[test]
    fn cuts_count_columns_and_not_bytes() {
        assert_eq!(cut("abcdef", 6), "abcdef");
        assert_eq!(cut("abcdefg", 6), "abcde…");
        assert_eq!(cut("日本語日本語", 6), "日本…");
        assert_eq!(cut("x", 0), "…");
    }

    #[test]
    fn two_long_texts_are_cut_where_they_differ() {
        let (before, after) = cut_both(
            "registry.example.com/team/project/app:1.27.1-alpine",
            "registry.example.com/team/project/app:1.27.2-alpine",
            24,
        );
        assert_eq!(
            (before.as_str(), after.as_str()),
            ("…oject/app:1.27.1-alpine", "…oject/app:1.27.2-alpine")
        );
    }

    #[test]
    fn texts_are_wrapped_at_spaces() {
        assert_eq!(
            wrap("one two three averyveryverylongword x", 9, 2),
            ["one two", "  three", "  averyveryverylongword", "  x"]
        );
    }
}
