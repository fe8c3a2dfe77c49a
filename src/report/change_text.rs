//! One changed field as text: the sign, the path, both values, and why.

use std::{fmt, time};

use serde_json::Value;
use similar::{ChangeTag, TextDiff};

use super::{
    look::{Look, Tone},
    shown::{NO_LIMIT, Shown, is_limit},
    values::{cut, cut_both, escape, width},
};
use crate::{
    model::{Secrets, Way},
    plan::{After, Change},
};

/// How far the signs of changes stand from the left, under a step's line.
const INDENT: usize = 6;

/// The gap before a reason.
const GAP: usize = 3;

/// Lines that stay the same around lines that differ.
const CONTEXT: usize = 2;

/// The most lines of one inline difference: nobody reads the fiftieth, and `--format json` has them all.
const LINES: usize = 50;

/// The longest time for one inline difference; the rest is then shown as replaced as a whole.
const PATIENCE: time::Duration = time::Duration::from_millis(100);

/// Writes the changes of one step, their values in one column and their reasons in another.
pub fn write_changes(
    out: &mut dyn fmt::Write,
    changes: &[Change],
    secrets: &Secrets,
    look: Look,
) -> fmt::Result {
    let lines: Vec<Line> = changes
        .iter()
        .map(|change| Line::new(change, secrets))
        .collect();
    let room = look.width.saturating_sub(INDENT + 2);
    let columns = Columns::of(&lines, room);
    for line in &lines {
        line.write(out, columns, room, look)?;
    }
    Ok(())
}

/// Where values and reasons begin, counted from the path.
#[derive(Clone, Copy)]
struct Columns {
    paths: usize,
    reasons: usize,
}

impl Columns {
    /// The columns of all changes that fit into one line each, so chosen that they still do.
    fn of(lines: &[Line], room: usize) -> Self {
        let short: Vec<&Line> = lines.iter().filter(|line| line.is_short(room)).collect();
        let most = short
            .iter()
            .map(|line| room.saturating_sub(line.used(0) - width(&line.path) + line.tail()))
            .min()
            .unwrap_or(0);
        let paths = short
            .iter()
            // What has no value does not move those of others.
            .filter(|line| !line.values().is_empty())
            .map(|line| width(&line.path))
            .filter(|columns| *columns <= most)
            .max()
            .unwrap_or(0);
        let reasons = short.iter().map(|line| line.used(paths)).max().unwrap_or(0);
        Self { paths, reasons }
    }
}

/// What follows a change's values: `# forces recreate, file`.
fn reason(change: &Change) -> String {
    let forces = match change.way {
        Way::Recreate => "forces recreate, ",
        Way::Restart => "restarts, ",
        Way::Update | Way::Reconnect => "",
    };
    format!("# {forces}{}", change.cause.word())
}

/// Whether a change is about being on a network at all: the comparison says it as `true` or nothing.
fn is_network(change: &Change) -> bool {
    let is_flag = |value: &Value| value.is_boolean();
    let after = match &change.after {
        After::Value(value) => Some(value),
        After::Nothing | After::KnownAfterPull => None,
    };
    change.path.attribute() == "networks"
        && change.path.first() == Some(change.path.leaf())
        && change.before.iter().chain(after).all(is_flag)
}

/// One change, in the parts that are aligned.
struct Line {
    tone: Tone,
    sign: char,
    path: String,
    before: Shown,
    after: Shown,
    reason: String,
}

impl Line {
    fn new(change: &Change, secrets: &Secrets) -> Self {
        let before = Shown::of(
            change.before.as_ref(),
            &change.path,
            change.sensitive,
            secrets,
        );
        let after = match &change.after {
            After::Nothing => Shown::Nothing,
            After::KnownAfterPull => Shown::Text("(known after pull)".to_owned()),
            After::Value(after) => Shown::of(Some(after), &change.path, change.sensitive, secrets),
        };
        let (tone, sign) = match (&before, &after) {
            (Shown::Nothing, _) => (Tone::Add, '+'),
            (_, Shown::Nothing) => (Tone::Remove, '-'),
            _ => (Tone::Change, '~'),
        };
        let (before, after) = if is_network(change) {
            match sign {
                '-' => (Shown::Text("leaves".to_owned()), after),
                _ => (before, Shown::Text("joins".to_owned())),
            }
        } else if is_limit(&change.path) && sign == '-' {
            (before, Shown::Text(NO_LIMIT.to_owned()))
        } else {
            (before, after)
        };
        Self {
            tone,
            sign,
            path: escape(&secrets.hide(&change.path.to_string())).into_owned(),
            before,
            after,
            reason: reason(change),
        }
    }

    /// Whether a value has several lines.
    fn is_tall(&self) -> bool {
        matches!(self.before, Shown::Tall(_)) || matches!(self.after, Shown::Tall(_))
    }

    /// Whether it fits into one line.
    fn is_short(&self, room: usize) -> bool {
        !self.is_tall() && self.used(0) + self.tail() <= room
    }

    /// The path and the colon, padded.
    fn padded(&self, paths: usize) -> String {
        let gap = paths.saturating_sub(width(&self.path));
        let colon = if self.values().is_empty() { ' ' } else { ':' };
        format!("{}{colon}{:gap$}", self.path, "")
    }

    /// How many columns the path and the values take.
    fn used(&self, paths: usize) -> usize {
        width(&self.path).max(paths) + 2 + width(&self.values())
    }

    /// How many columns the reason takes, with its gap.
    fn tail(&self) -> usize {
        GAP + width(&self.reason)
    }

    /// Both values in one line.
    fn values(&self) -> String {
        match (self.before.text(), self.after.text()) {
            (Some(before), Some(after)) => format!("{before} → {after}"),
            (Some(one), None) | (None, Some(one)) => one.to_owned(),
            (None, None) => String::new(),
        }
    }

    fn write(
        &self,
        out: &mut dyn fmt::Write,
        columns: Columns,
        room: usize,
        look: Look,
    ) -> fmt::Result {
        write!(out, "{:INDENT$}{} ", "", look.paint(self.tone, self.sign))?;
        let reason = look.paint(Tone::Dim, &self.reason);
        if self.is_tall() {
            writeln!(out, "{}:{:GAP$}{reason}", self.path, "")?;
            return self.write_lines(out, look);
        }
        if self.is_short(room) {
            let start = self.padded(columns.paths);
            let used = self.used(columns.paths);
            // A reason that is longer than the others begins earlier rather than to leave the line.
            let free = room.saturating_sub(used + self.tail());
            let gap = columns.reasons.saturating_sub(used).min(free) + GAP;
            return writeln!(out, "{start} {}{:gap$}{reason}", self.values(), "");
        }
        // Too long for one line: each value gets its own.
        writeln!(out, "{}:{:GAP$}{reason}", self.path, "")?;
        let columns = room.saturating_sub(4);
        let (before, after) = match (self.before.text(), self.after.text()) {
            (Some(before), Some(after)) => {
                let (before, after) = cut_both(before, after, columns);
                (Some(before), Some(after))
            }
            (before, after) => (
                before.map(|text| cut(text, columns).into_owned()),
                after.map(|text| cut(text, columns).into_owned()),
            ),
        };
        for (tone, sign, text) in [(Tone::Remove, '-', before), (Tone::Add, '+', after)] {
            if let Some(text) = text {
                writeln!(out, "{:INDENT$}    {} {text}", "", look.paint(tone, sign))?;
            }
        }
        Ok(())
    }

    /// The lines that differ, with a few that do not.
    fn write_lines(&self, out: &mut dyn fmt::Write, look: Look) -> fmt::Result {
        let (before, after) = (
            self.before.text().unwrap_or_default(),
            self.after.text().unwrap_or_default(),
        );
        let difference = TextDiff::configure()
            .timeout(PATIENCE)
            .diff_lines(before, after);
        let columns = look.width.saturating_sub(INDENT + 6);
        let mut lines = Vec::new();
        for (at, group) in difference.grouped_ops(CONTEXT).iter().enumerate() {
            if at > 0 {
                lines.push((Tone::Dim, ' ', "⋮".to_owned()));
            }
            for change in group.iter().flat_map(|op| difference.iter_changes(op)) {
                let (tone, sign) = match change.tag() {
                    ChangeTag::Equal => (Tone::Dim, ' '),
                    ChangeTag::Delete => (Tone::Remove, '-'),
                    ChangeTag::Insert => (Tone::Add, '+'),
                };
                let text = change.value().trim_end_matches(['\n', '\r']);
                lines.push((tone, sign, cut(&escape(text), columns).into_owned()));
            }
        }
        let hidden = lines.len().saturating_sub(LINES);
        for (tone, sign, text) in lines.iter().take(LINES) {
            let line = format!("{sign} {text}");
            writeln!(
                out,
                "{:INDENT$}    {}",
                "",
                look.paint(*tone, line.trim_end())
            )?;
        }
        if hidden > 0 {
            let rest = format!("… and {hidden} lines more");
            writeln!(out, "{:INDENT$}      {}", "", look.paint(Tone::Dim, rest))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::write_changes;
    use crate::{
        model::{Path, Secrets, Way},
        plan::{After, Cause, Change},
        report::{Look, values::width},
    };

    fn value() -> impl Strategy<Value = Value> {
        prop_oneof![
            Just(Value::Null),
            any::<i64>().prop_map(Value::from),
            "\\PC{0,300}".prop_map(Value::from),
            "[a-c日\u{1b}\u{202e}\t\r\n]{0,60}".prop_map(Value::from),
            prop::collection::vec("[a-z \"]{0,12}", 0..12).prop_map(|items| json!(items)),
        ]
    }

    fn change() -> impl Strategy<Value = Change> {
        (
            value(),
            value(),
            "[a-z]{1,12}",
            any::<bool>(),
            any::<bool>(),
        )
            .prop_map(|(before, after, key, recreate, sensitive)| Change {
                path: Path::new("env").key(&key),
                before: Some(before).filter(|value| !value.is_null()),
                after: After::of(Some(after).filter(|value| !value.is_null())),
                cause: Cause::Drift,
                way: if recreate { Way::Recreate } else { Way::Update },
                sensitive,
            })
    }

    proptest! {
        #[test]
        fn no_value_leaves_its_line_or_reaches_the_terminal(
            changes in prop::collection::vec(change(), 1..6),
            columns in 60..160_usize,
        ) {
            let look = Look { colour: false, width: columns };
            let mut text = String::new();
            write_changes(&mut text, &changes, &Secrets::default(), look).expect("a String takes all");
            for line in text.lines() {
                prop_assert!(width(line) <= columns, "{} > {columns}: {line:?}", width(line));
                prop_assert!(!line.chars().any(char::is_control), "{line:?}");
            }
            let signs = text.lines().filter(|line| line.starts_with("      ") && !line.starts_with("       "));
            prop_assert_eq!(signs.count(), changes.len());
        }
    }

    #[test]
    fn times_are_read_as_the_file_writes_them() {
        let change = Change {
            path: Path::new("healthcheck").key("interval"),
            before: Some(json!(5_000_000_000_i64)),
            after: After::Value(json!(90_000_000_000_i64)),
            cause: Cause::File,
            way: Way::Recreate,
            sensitive: false,
        };
        let mut text = String::new();
        write_changes(&mut text, &[change], &Secrets::default(), Look::PLAIN)
            .expect("a String takes all");
        assert_eq!(
            text,
            "      ~ healthcheck.interval: 5s → 1m30s   # forces recreate, file\n"
        );
    }

    fn line(path: Path, before: Value, after: Value) -> String {
        let change = Change {
            path,
            before: Some(before).filter(|value| !value.is_null()),
            after: After::of(Some(after).filter(|value| !value.is_null())),
            cause: Cause::File,
            way: Way::Update,
            sensitive: false,
        };
        let mut text = String::new();
        write_changes(&mut text, &[change], &Secrets::default(), Look::PLAIN)
            .expect("a String takes all");
        let (line, _) = text.split_once(" #").expect("a reason");
        line.trim().to_owned()
    }

    #[test]
    fn values_are_read_as_the_file_writes_them() {
        let none = Value::Null;
        let port =
            json!({ "host_ip": "", "host_port": 8081, "container_port": 80, "protocol": "tcp" });
        let on = |key| Path::new("networks").key(key);
        for (path, before, after, shown) in [
            (
                Path::new("cpus"),
                json!(500_000_000),
                json!(1_250_000_000),
                "~ cpus: 0.5 → 1.25",
            ),
            (
                Path::new("cpus"),
                json!(500_000_000),
                json!(0),
                "~ cpus: 0.5 → no limit",
            ),
            (
                Path::new("memory"),
                json!(0),
                json!(64 << 20),
                "~ memory: no limit → 64 MiB",
            ),
            (
                Path::new("memory"),
                json!(64 << 20),
                none.clone(),
                "- memory: 64 MiB → no limit",
            ),
            (
                on("back"),
                none.clone(),
                json!(true),
                "+ networks.back: joins",
            ),
            (
                on("back"),
                json!(true),
                none.clone(),
                "- networks.back: leaves",
            ),
            (
                on("back").key("aliases"),
                none.clone(),
                json!(["a"]),
                "+ networks.back.aliases: [\"a\"]",
            ),
            (
                Path::new("ports").item("8081:80/tcp"),
                none.clone(),
                port,
                "+ ports[8081:80/tcp]",
            ),
        ] {
            assert_eq!(line(path, before, after), shown);
        }
    }
}
