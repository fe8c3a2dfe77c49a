//! Names in `sensitive` that hide nothing, because nothing is called so: what was meant would be shown.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::spec::{Document, Item, Problem, Span, composition::Reading, nearest::nearest};

/// Looks for every name that the file, or one container, calls sensitive. `whole` are the file's own.
pub fn check(document: &Document, whole: &[(String, Span)], reading: &mut Reading<'_>) {
    let items = || {
        let all = [
            &document.containers,
            &document.images,
            &document.networks,
            &document.volumes,
        ];
        all.into_iter().flat_map(|items| items.values())
    };
    // What is switched off is not read, and may have the name.
    if !whole.is_empty() && reading.switched_off.is_empty() {
        let mut known = BTreeSet::new();
        items().for_each(|item| names(item, &mut known));
        for (name, span) in whole {
            unknown(name, *span, &known, &mut reading.problems);
        }
    }
    for item in items().filter(|item| item.settings.get("sensitive").is_some()) {
        let mut known = BTreeSet::new();
        names(item, &mut known);
        for name in super::texts(item, "sensitive") {
            let span = super::place(item, &format!("sensitive[{name}]"));
            unknown(name, span, &known, &mut reading.problems);
        }
    }
}

fn unknown(name: &str, span: Span, known: &BTreeSet<&str>, problems: &mut Vec<Problem>) {
    if known.contains(name) {
        return;
    }
    let hint = if name.contains('*') {
        "a name stands for itself alone: write each one".to_owned()
    } else {
        nearest(name, known.iter().copied()).map_or_else(
            || "it takes the names of variables, labels and options".to_owned(),
            |near| format!("did you mean {near}?"),
        )
    };
    problems.push(
        Problem::warning(
            "unknown-name",
            span,
            format!("nothing is called {name}, and so nothing is hidden by it"),
        )
        .hint(hint),
    );
}

/// Everything that has a name in the settings.
fn names<'i>(item: &'i Item, known: &mut BTreeSet<&'i str>) {
    for (_, value) in item.settings.iter() {
        below(value, known);
    }
}

fn below<'i>(value: &'i Value, known: &mut BTreeSet<&'i str>) {
    match value {
        Value::Object(map) => {
            for (name, value) in map {
                known.insert(name);
                below(value, known);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| below(item, known)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
