//! `security_opt: [seccomp=FILE]`: the engine takes a profile itself and not a file's name, so the file is read here, as
//! Docker's own command line does.

use crate::spec::{Kind, Node, Problem, composition::Reading};

/// Words of the engine in place of a profile.
const WORDS: &[&str] = &["unconfined", "builtin"];

/// Puts profiles in place of the files that hold them.
pub fn lower(container: &mut Node, reading: &mut Reading<'_>) {
    let Some(options) = super::lower::entry_mut(container, "security_opt") else {
        return;
    };
    let items = match &mut options.value.kind {
        Kind::List(items) => items.as_mut_slice(),
        Kind::Scalar(_) => std::slice::from_mut(&mut options.value),
        Kind::Null | Kind::Map(_) => &mut [],
    };
    for item in items {
        let span = item.span;
        let Kind::Scalar(scalar) = &mut item.kind else {
            continue;
        };
        let value = scalar
            .text
            .strip_prefix("seccomp")
            .and_then(|rest| rest.strip_prefix(['=', ':']))
            .map(str::trim)
            .filter(|value| !value.starts_with('{') && !WORDS.contains(value));
        let Some(name) = value else { continue };
        let path = reading.beside(span.file, name);
        let profile = match reading.bytes(&path) {
            Ok(bytes) => serde_json::from_slice::<serde_json::Value>(&bytes).map_err(|error| {
                (
                    format!("{name} is no seccomp profile: {error}"),
                    "a profile is a file of JSON",
                )
            }),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Err((
                format!("there is no file {name}"),
                "name a profile's file, or write seccomp=unconfined",
            )),
            Err(error) => Err((
                format!("{name} cannot be read: {error}"),
                "name a profile's file, or write seccomp=unconfined",
            )),
        };
        match profile {
            Ok(profile) => scalar.text = format!("seccomp={profile}"),
            Err((text, hint)) => {
                reading.note(Problem::error("missing-file", span, text).hint(hint));
                // What is wrong has been said.
                "seccomp=unconfined".clone_into(&mut scalar.text);
            }
        }
    }
}
