//! A difference that came straight back after it was applied, told with both values and what to do about it.

use serde_json::Value;

use super::{outcome::called, shown::Shown, values::value};
use crate::{
    model::Secrets,
    plan::{After, CameBack, Change, Foreseen, Kind, Weight},
};

/// One that is held, among what a plan foresees.
#[must_use]
pub fn held(back: &CameBack, secrets: &Secrets) -> Foreseen {
    Foreseen {
        weight: Weight::Warning,
        code: "held",
        name: back.id.name().to_owned(),
        text: format!("{}, and is left alone now", what(back, secrets)),
        hint: hint(back),
        place: None,
    }
}

/// One in a single line: what it is about, both values, and what to do.
#[must_use]
pub fn came_back(back: &CameBack, secrets: &Secrets) -> String {
    let name = called(back.id.kind(), back.id.name());
    secrets.hide(&format!("{name}: {}; {}", what(back, secrets), hint(back)))
}

fn what(back: &CameBack, secrets: &Secrets) -> String {
    let (before, after) = in_words(&back.change, secrets);
    format!(
        "{} is {before} and not {after} right after it was applied",
        back.change.path
    )
}

/// Both values of a change, before and after, as they stand in a sentence.
fn in_words(change: &Change, secrets: &Secrets) -> (String, String) {
    let words =
        |found: Option<&Value>| match Shown::of(found, &change.path, change.sensitive, secrets) {
            Shown::Nothing => "nothing".to_owned(),
            Shown::Text(text) if text.is_empty() => "set".to_owned(),
            Shown::Text(text) => text,
            Shown::Tall(text) => value(&Value::String(text)),
        };
    let after = match &change.after {
        After::KnownAfterPull => "what the image says".to_owned(),
        After::Nothing | After::Value(_) => words(change.after.value()),
    };
    (words(change.before.as_ref()), after)
}

fn hint(back: &CameBack) -> String {
    let report = "most likely evenkeel misreads the engine: report it with both values";
    match back.id.kind() {
        Kind::Container => format!(
            "{report}, and add {} to ignore_changes until it is mended",
            back.change.path
        ),
        Kind::Image | Kind::Network | Kind::Volume => report.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::came_back;
    use crate::{
        model::{Path, Secrets, Way},
        plan::{After, CameBack, Cause, Change, Kind, StepId},
    };

    fn back(kind: Kind, path: Path, sensitive: bool) -> CameBack {
        CameBack {
            id: StepId::new(kind, "web"),
            change: Change {
                path,
                before: Some(json!(134_217_728)),
                after: After::Value(json!(67_108_864)),
                cause: Cause::Drift,
                way: Way::Update,
                sensitive,
            },
        }
    }

    #[test]
    fn it_is_told_with_both_values_and_what_to_do() {
        assert_eq!(
            came_back(
                &back(Kind::Container, Path::new("memory"), false),
                &Secrets::default()
            ),
            "web: memory is 128 MiB and not 64 MiB right after it was applied; most likely evenkeel misreads the engine: \
             report it with both values, and add memory to ignore_changes until it is mended"
        );
        assert_eq!(
            came_back(
                &back(Kind::Network, Path::new("driver_opts").key("mtu"), true),
                &Secrets::default()
            ),
            "network web: driver_opts.mtu is (sensitive) and not (sensitive) right after it was applied; most likely \
             evenkeel misreads the engine: report it with both values"
        );
    }
}
