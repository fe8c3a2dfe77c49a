//! The project's name.

use crate::spec::{
    Node, Problem,
    composition::{Reading, folder},
    document::Inputs,
    forms::quoted,
    interpolate::Variables,
    template,
};

/// A project's name stands in the names of its networks, volumes and Compose's containers, which may have 200 characters.
const LONGEST: usize = 63;

/// The variable that holds the project's name.
pub const VARIABLE: &str = "COMPOSE_PROJECT_NAME";

/// The project's name before anything is put into the files, for those that use [`VARIABLE`]; `None` where it is wrong,
/// which is told later. `files` are those that were named, without their variables; the last one with a name counts.
pub fn expected(
    files: &[&Node],
    compose: bool,
    inputs: &Inputs<'_>,
    variables: &dyn Variables,
) -> Option<String> {
    let given = |key| files.iter().rev().find_map(|file| file.get(key));
    let outside = variables
        .get(VARIABLE)
        .filter(|name| compose && is_sound(name));
    let project = given("project");
    if let Some(name) = outside.filter(|_| project.is_none()) {
        return Some(name);
    }
    let name = match project.or_else(|| given("name")) {
        Some(given) => template::expand(given.text()?, variables).text,
        None if compose => folders_name(inputs),
        None => return None,
    };
    is_sound(&name).then_some(name)
}

/// The project's name: `project`, or Compose's `name`. A Compose file without one is called as its folder is.
pub fn project(node: &Node, inputs: &Inputs<'_>, reading: &mut Reading<'_>) -> String {
    let given = [node.get("project"), node.get("name")];
    if let [Some(project), Some(name)] = given
        && project.text() != name.text()
    {
        reading.problems.push(
            Problem::error(
                "duplicate-key",
                name.span,
                "name and project are two names for the same thing",
            )
            .hint("keep project alone")
            .also(project.span, "first given here"),
        );
    }
    let outside = reading
        .variables
        .get_outside(VARIABLE)
        .filter(|name| reading.compose && !name.is_empty() && is_sound(name));
    // Compose asks its variable first.
    if let Some(name) = outside.filter(|_| node.get("project").is_none()) {
        return name;
    }
    let Some(given) = given.into_iter().flatten().next() else {
        let suggested = folders_name(inputs);
        if reading.compose && !suggested.is_empty() {
            return suggested;
        }
        let hint = if suggested.is_empty() {
            "shop"
        } else {
            &suggested
        };
        reading.problems.push(
            Problem::error("missing-key", start(node), "the project has no name").hint(format!(
                "add a line project: {hint}; it says which containers on the engine are this file's"
            )),
        );
        return String::new();
    };
    let Some(text) = given.text() else {
        reading.problems.push(
            Problem::error(
                "wrong-type",
                given.span,
                format!("expected the project's name, and found {}", given.noun()),
            )
            .hint("write a name such as shop"),
        );
        return String::new();
    };
    if !is_sound(text) {
        let better = normalised(text);
        let hint = if better.is_empty() {
            "write a name such as shop".to_owned()
        } else {
            format!("write {better}")
        };
        let why = if text.chars().count() > LONGEST {
            format!("it has more than {LONGEST} characters")
        } else {
            "a project's name has lower-case letters, digits, - and _ alone, and a letter or a digit first"
                .to_owned()
        };
        reading.problems.push(
            Problem::error(
                "bad-name",
                given.span,
                format!("the project cannot be called {}: {why}", quoted(text)),
            )
            .hint(hint),
        );
    }
    text.to_owned()
}

/// The file's first place, where something is missing.
fn start(node: &Node) -> crate::spec::Span {
    let first = node.entries().first();
    first.map_or(node.span, |entry| entry.key.span)
}

/// Compose's rule for names of projects.
fn is_sound(name: &str) -> bool {
    name.len() <= LONGEST && !name.is_empty() && normalised(name) == name
}

/// A name as Compose makes one from a folder's: lower case, without what cannot stand in it.
pub fn normalised(name: &str) -> String {
    let name: String = name
        .to_lowercase()
        .chars()
        .filter(|c| matches!(c, 'a'..='z' | '0'..='9' | '-' | '_'))
        .take(LONGEST)
        .collect();
    name.trim_start_matches(['-', '_']).to_owned()
}

/// The name of the first file's folder.
fn folders_name(inputs: &Inputs<'_>) -> String {
    let folder = inputs
        .files
        .first()
        .map(|file| inputs.base.join(folder(file)))
        .unwrap_or_default();
    let folder = crate::value::clean(&folder.to_string_lossy());
    normalised(folder.rsplit('/').next().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::{is_sound, normalised};

    #[test]
    fn folders_are_normalised_as_compose_does_it() {
        for (folder, name) in [
            ("shop", "shop"),
            ("My Shop", "myshop"),
            ("_private", "private"),
            ("a.b-c_d", "ab-c_d"),
            ("ÄÖ", ""),
        ] {
            assert_eq!(normalised(folder), name, "{folder}");
        }
        assert!(is_sound("shop-2"));
        assert!(!is_sound("Shop") && !is_sound("-shop") && !is_sound(""));
    }
}
