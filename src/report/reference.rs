//! The reference of every attribute, as Markdown, made from the vocabulary's tables.

use std::fmt;

use serde_json::{Map, Value, json};

use crate::{
    model::{
        Attribute, EngineInfo, Expect, Field, Form, NullMeans, Place, PullPolicy, Question, Record,
        Settings, Table, Unset, Way, attributes,
    },
    plan, spec,
    value::Duration,
};

/// What stands before the attributes.
const HEAD: &str = "\
# Reference

Every attribute of the file, made by `evenkeel reference`. Names, short and long syntax and meaning are Compose's, where
Compose has the attribute. *Change* says what a change of it takes: in place, while the container lives, or a new
container in place of the old one. Keys that begin with `x-` are yours.
";

/// What stands before the table of recovery.
const RECOVERY: &str = "\
## Recovery

There is no journal: the containers that exist say how far a run got that failed or was killed, and the next one goes on
from there. A replacement makes `NAME.next`, renames `NAME` to `NAME.prev` and `NAME.next` to `NAME`, stops `NAME.prev`,
starts `NAME`, waits, and removes `NAME.prev`; with `order: start-first` it starts `NAME.next` and waits before it renames,
and stops `NAME.prev` after that. A rollback stops the new one, starts the old one, gives the new one the name `NAME.next` and the old
one its name, and removes the new one.

A container that gets files or has `post_start` hooks is called `NAME.next` until it has had them, so that `NAME` says that
everything is in place; one with hooks that is started again is called so until they have run. A run that is killed in
between leaves that name, or the old container, behind, and the next one runs the hooks again: they run at least once after
each start, and should bear to run twice. A new one that stays although they failed (`failure_action: continue`) is called
`NAME.next` until an apply has run them with success. A container that was made by hand, and that is used as it is, has not
had them: the plan warns of it. In the networks the container is known by its aliases all the time.

The first row that fits counts. *Ran* means that it was started at least once, *as wanted* that it is what the file says,
whatever it is called and whether it runs.

| `NAME` | `.next` | `.prev` | how it came | what is done |
|---|---|---|---|---|";

/// Writes the reference.
pub fn reference(out: &mut dyn fmt::Write) -> fmt::Result {
    writeln!(out, "{HEAD}")?;
    for (title, text, table) in [
        (
            "Containers",
            "Below `containers`, by name.",
            &attributes::CONTAINER,
        ),
        (
            "Images",
            "Below `images`, by a short name; `name: reference` is short for `name: { reference: … }`.",
            &attributes::IMAGE,
        ),
        (
            "Networks",
            "Below `networks`, by key. A network that differs is made anew, and what is on it is joined again.",
            &attributes::NETWORK,
        ),
        (
            "Volumes",
            "Below `volumes`, by key. A volume that differs is never made anew by itself.",
            &attributes::VOLUME,
        ),
    ] {
        writeln!(out, "## {title}\n\n{text}\n")?;
        section(out, table)?;
    }
    writeln!(
        out,
        "## Compose's other words\n\nBelow a container, as in Compose; they are read in the words of the attributes above.\n"
    )?;
    for own in spec::OWN {
        writeln!(out, "### `{}`\n\n{}\n", own.name, own.summary)?;
        writeln!(out, "```yaml\n{}\n```\n", example(own.name, own.example))?;
    }
    writeln!(out, "{RECOVERY}")?;
    for row in plan::recovery() {
        writeln!(out, "| {} |", row.join(" | "))?;
    }
    Ok(())
}

fn section(out: &mut dyn fmt::Write, table: Table) -> fmt::Result {
    let mut all: Vec<&Attribute> = attributes::all(table).collect();
    all.sort_by_key(|attribute| attribute.name);
    for attribute in all {
        entry(out, table, attribute)?;
    }
    Ok(())
}

fn entry(out: &mut dyn fmt::Write, table: Table, attribute: &Attribute) -> fmt::Result {
    writeln!(out, "### `{}`\n\n{}\n", attribute.name, attribute.summary)?;
    if !attribute.aliases.is_empty() {
        let names: Vec<String> = attribute
            .aliases
            .iter()
            .map(|name| format!("`{name}`"))
            .collect();
        writeln!(out, "- Also called: {}", names.join(", "))?;
    }
    writeln!(out, "- Form: {}", form(&attribute.form))?;
    writeln!(out, "- Unset: {}", unset(attribute))?;
    writeln!(out, "- Change: {}", change(table, attribute))?;
    match attribute.place {
        Place::Field(api) | Place::Custom { api, .. } if !api.is_empty() => {
            writeln!(out, "- API: `{api}`")?;
        }
        Place::Field(_) | Place::Custom { .. } | Place::Nowhere => {}
    }
    writeln!(
        out,
        "\n```yaml\n{}\n```\n",
        example(attribute.name, attribute.example)
    )?;
    let (fields, defaults) = fields_of(&attribute.form);
    if !fields.is_empty() {
        writeln!(out, "| key | meaning | form | unset |\n|---|---|---|---|")?;
        rows(out, "", fields, &defaults)?;
        writeln!(out)?;
    }
    Ok(())
}

/// A row for each key of a mapping, and for each key of the mappings in it (`bind.propagation`, `config[].subnet`).
fn rows(out: &mut dyn fmt::Write, before: &str, fields: &[Field], defaults: &Value) -> fmt::Result {
    for field in fields {
        let name = format!("{before}{}", field.name);
        writeln!(
            out,
            "| `{name}` | {} | {} | {} |",
            cell(field.summary),
            cell(&form(&field.form)),
            cell(&unset_field(field, defaults)),
        )?;
        let (inner, defaults) = fields_of(&field.form);
        let several = if is_record(&field.form) { "." } else { "[]." };
        rows(out, &format!("{name}{several}"), inner, &defaults)?;
    }
    Ok(())
}

fn is_record(of: &Form) -> bool {
    match of {
        Form::Refined { form, .. } => is_record(form),
        of => matches!(of, Form::Record(_)),
    }
}

/// What it means when a mapping says nothing of one of its keys; empty where the meaning says it, or where it is nothing.
fn unset_field(field: &Field, defaults: &Value) -> String {
    match defaults.get(field.name) {
        _ if field.required => "must be given".to_owned(),
        _ if field.summary.contains("unset is") => String::new(),
        Some(Value::Null) => String::new(),
        Some(value) if crate::model::is_empty(value) => String::new(),
        // Written as the file writes it, which is octal.
        Some(Value::Number(bits)) if field.name == "mode" => bits
            .as_u64()
            .map_or_else(String::new, |bits| format!("`0{bits:o}`")),
        Some(value) => format!("`{}`", written(&field.form, value)),
        None if matches!(field.form, Form::Bool) => "`false`".to_owned(),
        None => String::new(),
    }
}

/// What a record says of the keys that are not given: those that have to be are as their examples have them.
fn defaults(fields: &[Field], finish: impl FnOnce(Map<String, Value>) -> Option<Value>) -> Value {
    let given: Option<Map<String, Value>> = fields
        .iter()
        .filter(|field| field.required)
        .map(|field| Some((field.name.to_owned(), plain(&field.form, field.example)?)))
        .collect();
    given.and_then(finish).unwrap_or_default()
}

/// The normal form of an example that is a single value.
fn plain(of: &Form, example: &str) -> Option<Value> {
    let text = example.trim_matches('"');
    match of {
        Form::Text | Form::Choice(_) => Some(text.into()),
        Form::Bool => text.parse::<bool>().ok().map(Value::from),
        Form::Integer(..) => text.parse::<i64>().ok().map(Value::from),
        Form::Parsed { parse, .. } => parse(text).ok(),
        Form::Command => Some(json!([text])),
        Form::Refined { form, finish } => finish(plain(form, example)?).ok(),
        Form::HealthTest
        | Form::List(_)
        | Form::Set(_)
        | Form::Map { .. }
        | Form::Record(_)
        | Form::Keyed(_)
        | Form::Items(_)
        | Form::Either(_) => None,
    }
}

/// An example behind its key: in the same line, or below it if it has several.
fn example(name: &str, example: &str) -> String {
    if example.contains('\n') {
        let lines: Vec<String> = example.lines().map(|line| format!("  {line}")).collect();
        format!("{name}:\n{}", lines.join("\n"))
    } else {
        format!("{name}: {example}")
    }
}

fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

/// How a value is written, in words.
fn form(of: &Form) -> String {
    match of {
        Form::Text => "a text".to_owned(),
        Form::Bool => "`true` or `false`".to_owned(),
        Form::Integer(low, high) if *high == i64::MAX => format!("a whole number from {low}"),
        Form::Integer(low, high) => format!("a whole number from {low} to {high}"),
        Form::Parsed { expected, .. } => (*expected).to_owned(),
        Form::Choice(words) => words
            .iter()
            .map(|word| format!("`{word}`"))
            .collect::<Vec<_>>()
            .join(", "),
        Form::Command => "a text, which is split as a shell does, or a list of words".to_owned(),
        Form::HealthTest => {
            "a text, which the image's shell runs, or a list that begins with `CMD`, `CMD-SHELL` or `NONE`"
                .to_owned()
        }
        Form::List(inner) => format!("a list, in order: {}", form(inner)),
        Form::Set(inner) => format!("a list, in any order: {}", form(inner)),
        Form::Map { value, null } => {
            let nothing = match null {
                NullMeans::FromEnvironment => {
                    "; a name alone takes the variable's value from where Evenkeel runs"
                }
                NullMeans::Empty => "",
            };
            let value = form(value);
            format!("a mapping of names to values ({value}), or a list of `NAME=value`{nothing}")
        }
        Form::Record(record) if record.short.is_some() => "a short text, or a mapping".to_owned(),
        Form::Record(_) => "a mapping".to_owned(),
        Form::Keyed(keyed) if keyed.list => {
            format!("a mapping of {}s by name, or a list of names", keyed.noun)
        }
        Form::Keyed(keyed) => format!("a mapping of {}s by name", keyed.noun),
        Form::Items(items) => format!("a list of {}s, each as a short text or a mapping", items.noun),
        Form::Refined { form: inner, .. } => form(inner),
        Form::Either(forms) => forms.iter().map(form).collect::<Vec<_>>().join("; or "),
    }
}

/// The keys of the mapping that a form has, if it has one, and what those are that are not given.
fn fields_of(of: &Form) -> (&'static [Field], Value) {
    let record = |record: &Record| {
        let defaults = defaults(record.fields, |given| (record.finish)(given).ok());
        (record.fields, defaults)
    };
    match of {
        Form::Record(of) => record(of),
        Form::Keyed(keyed) => record(&keyed.record),
        Form::Items(items) => {
            let one = |given| (items.finish)(given).ok()?.into_iter().next();
            (items.fields, defaults(items.fields, one))
        }
        Form::Refined { form, .. } | Form::List(form) | Form::Set(form) => fields_of(form),
        Form::Either(forms) => forms
            .iter()
            .map(fields_of)
            .find(|(fields, _)| !fields.is_empty())
            .unwrap_or_default(),
        Form::Text
        | Form::Bool
        | Form::Integer(..)
        | Form::Parsed { .. }
        | Form::Choice(_)
        | Form::Command
        | Form::HealthTest
        | Form::Map { .. } => (&[], Value::Null),
    }
}

/// What it means when the file says nothing.
fn unset(attribute: &Attribute) -> String {
    match attribute.unset {
        Unset::Default(default) => match default(&EngineInfo::default()) {
            Value::Null => "none".to_owned(),
            value => format!("`{}`", written(&attribute.form, &value)),
        },
        Unset::Inherit(expect) => {
            let nothing = Expect {
                desired: None,
                settings: &Settings::default(),
                found: None,
                image: None,
                engine: &EngineInfo::default(),
            };
            match expect(&nothing) {
                Some(Value::Null) | None => "what the image or the engine says".to_owned(),
                Some(value) if crate::model::is_empty(&value) => {
                    "what the image says, or nothing".to_owned()
                }
                Some(value) => format!(
                    "what the image says, or `{}`",
                    written(&attribute.form, &value)
                ),
            }
        }
        Unset::EngineFills => "what the engine says, which is not judged".to_owned(),
        Unset::Remembered => {
            "nothing; the engine cannot show it, so what was applied counts".to_owned()
        }
        Unset::Ours => match attribute.name {
            "state" if is_image(attribute) => "`present`".to_owned(),
            "state" => "`running`".to_owned(),
            "pull" | "pull_policy" => format!("`{}`", PullPolicy::default().word()),
            "replicas" => "`1`".to_owned(),
            "networks" => "the network `default` of the project".to_owned(),
            "container_name" => "its key".to_owned(),
            "name" => "the project's name, `_` and its key".to_owned(),
            _ => "nothing is asked for".to_owned(),
        },
    }
}

/// A normal form as the file writes it.
fn written(form: &Form, value: &Value) -> String {
    let time = match (form, value.as_i64()) {
        (Form::Parsed { expected, .. }, Some(number)) if expected.starts_with("a time span") => {
            Duration::from_nanoseconds(number)
        }
        _ => None,
    };
    match (time, value) {
        (Some(time), _) => time.to_string(),
        (None, Value::String(text)) => text.clone(),
        (None, value) => value.to_string(),
    }
}

fn is_image(attribute: &Attribute) -> bool {
    attributes::all(&attributes::IMAGE).any(|other| std::ptr::eq(other, attribute))
}

/// What a change takes. Asked as a comparison asks: for a value that differs, and for one that goes.
fn change(table: Table, attribute: &Attribute) -> &'static str {
    let is = |other: Table| std::ptr::eq(table, other);
    if matches!(attribute.unset, Unset::Ours) {
        // What is compared by rules of its own, and not by the table.
        return match attribute.name {
            "image" | "use_api_socket" => "a new container",
            "state" if is_image(attribute) => "in place, by pulling or removing it",
            "build" => {
                "takes effect at the next build: of an image that is not there, or with `pull: always`"
            }
            "reference" => "a new container for each that uses it",
            "state" => "in place, by starting, stopping, pausing or thawing it",
            "networks" => "in place, by leaving and joining networks",
            "container_name" => "in place, by renaming it",
            _ => "takes effect without a change on the engine",
        };
    }
    let engine = EngineInfo::default();
    let (one, two) = (Value::from(1), Value::from(2));
    let way = |wanted| {
        (attribute.way)(&Question {
            wanted,
            found: Some(&two),
            engine: &engine,
        })
    };
    match (way(Some(&one)), way(None)) {
        (Way::Recreate, _) if is(&attributes::NETWORK) => "a new network",
        (Way::Recreate, _) if is(&attributes::VOLUME) => "never by itself: the data would be lost",
        (Way::Recreate, _) => "a new container",
        (Way::Update | Way::Reconnect | Way::Restart, Way::Recreate) => {
            "in place; to take it away needs a new container"
        }
        (Way::Restart, _) | (_, Way::Restart) => "in place, by a restart",
        (Way::Update, Way::Update | Way::Reconnect) => "in place",
        (Way::Reconnect, Way::Update | Way::Reconnect) => {
            "in place, by leaving and joining networks"
        }
    }
}

#[cfg(test)]
mod tests {
    use super::reference;
    use crate::model::attributes;

    #[test]
    fn every_attribute_stands_in_the_reference() {
        let mut text = String::new();
        reference(&mut text).expect("a String takes all");
        for table in [
            &attributes::CONTAINER,
            &attributes::IMAGE,
            &attributes::NETWORK,
            &attributes::VOLUME,
        ] {
            for attribute in attributes::all(table) {
                assert!(text.contains(&format!("### `{}`\n", attribute.name)));
                assert!(text.contains(attribute.summary), "{}", attribute.name);
            }
        }
        for (name, told) in [
            (
                "memory",
                "- Change: in place; to take it away needs a new container\n",
            ),
            ("restart", "- Change: in place\n"),
            (
                "networks",
                "- Change: in place, by leaving and joining networks\n",
            ),
            ("env", "- Change: a new container\n"),
            (
                "depends_on",
                "`service_completed_successfully` | `service_started` |\n",
            ),
            (
                "depends_on",
                "it is there. | `true` or `false` | `true` |\n",
            ),
            ("files", "permissions in octal, such as 0444 | `0444` |\n"),
            (
                "files",
                "an absolute path such as /srv/app | must be given |\n",
            ),
            ("ports", "`tcp`, `udp`, `sctp` | `tcp` |\n"),
            ("image", "- Change: a new container\n"),
        ] {
            let entry = text
                .split(&format!("### `{name}`\n"))
                .nth(1)
                .unwrap_or_default();
            let entry = entry.split("\n### ").next().unwrap_or_default();
            assert!(entry.contains(told), "{name}: {entry}");
        }
    }
}
