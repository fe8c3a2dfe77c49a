//! Lists of texts without an order, as engines report them.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::model::Seen;

/// The texts of a list, each in its canonical form, sorted and once each; `None` if there are none.
pub fn texts(seen: &Seen<'_>, place: &str, canonical: fn(&str) -> String) -> Option<Value> {
    let texts: BTreeSet<String> = seen
        .get(place)?
        .as_array()?
        .iter()
        .filter_map(Value::as_str)
        .map(canonical)
        .collect();
    Some(texts.into_iter().map(Value::String).collect())
}
