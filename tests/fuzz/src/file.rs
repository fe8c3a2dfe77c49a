//! YAML, and the whole file.

use std::{
    collections::BTreeMap,
    io,
    path::{Path, PathBuf},
};

use evenkeel::{
    report::{Look, config, problems_json, problems_text},
    spec::{
        Document, Failure, FileId, Inputs, Kind, Node, Problem, Severity, Sources, convert, parse,
        yaml as spec_yaml,
    },
};
use serde_json::Value;

use crate::{place, places, texts::surroundings};

/// Longer texts are not printed and read again: aliases make them of a few bytes, and each costs as long as a thousand others.
const PRINTED: usize = 64 * 1024;

/// The longest key that YAML lets stand in one line with its value.
const KEY: usize = 1000;

/// YAML: the tree, its places, and the same tree from its JSON, which is YAML too.
pub fn yaml(text: &str) {
    let mut sources = Sources::default();
    let file = sources.add("yaml", text);
    let node = match spec_yaml::read(&sources, file) {
        Ok(node) => node,
        Err(problems) => {
            assert!(problems.iter().any(|one| one.severity == Severity::Error));
            reported(&problems, &sources);
            return;
        }
    };
    let mut budget = PRINTED;
    let Some(tree) = tree(&node, &sources, &mut budget) else {
        return;
    };
    let printed = tree.to_string();
    let file: FileId = sources.add("printed", printed.as_str());
    let again = spec_yaml::read(&sources, file)
        .unwrap_or_else(|problems| panic!("{text:?} is printed as {printed}: {problems:?}"));
    let again = self::tree(&again, &sources, &mut PRINTED.clone());
    assert_eq!(again, Some(tree), "{text:?} is printed as {printed}");
}

/// A tree of texts; `None` if it is too large to be printed.
fn tree(node: &Node, sources: &Sources, budget: &mut usize) -> Option<Value> {
    place(node.span, sources, "a node");
    *budget = budget.checked_sub(4)?;
    Some(match &node.kind {
        Kind::Null => Value::Null,
        Kind::Scalar(scalar) => {
            *budget = budget.checked_sub(scalar.text.len())?;
            Value::String(scalar.text.clone())
        }
        Kind::List(items) => items
            .iter()
            .map(|item| tree(item, sources, budget))
            .collect::<Option<_>>()?,
        Kind::Map(entries) => {
            let mut map = serde_json::Map::new();
            for entry in entries {
                place(entry.key.span, sources, &entry.key.text);
                if entry.key.text.len() > KEY {
                    return None;
                }
                *budget = budget.checked_sub(entry.key.text.len())?;
                map.insert(entry.key.text.clone(), tree(&entry.value, sources, budget)?);
            }
            Value::Object(map)
        }
    })
}

/// Problems are shown as people and as programs read them.
fn reported(problems: &[Problem], sources: &Sources) {
    places(problems, sources);
    assert!(!problems_text(problems, sources, Look::PLAIN).is_empty() || problems.is_empty());
    let _ = problems_json(problems, sources);
}

/// A whole file. What stands behind a line `%%% NAME` is another file beside it.
pub fn file(text: &str) {
    let mut files = BTreeMap::new();
    let mut parts = text.split("\n%%% ");
    let main = parts.next().unwrap_or_default();
    files.insert("evenkeel.yaml".to_owned(), main.to_owned());
    for part in parts {
        let (name, content) = part.split_once('\n').unwrap_or((part, ""));
        files
            .entry(name.to_owned())
            .or_insert_with(|| content.to_owned());
    }
    match read(&files) {
        Err(failure) => {
            assert!(
                failure
                    .problems
                    .iter()
                    .any(|one| one.severity == Severity::Error)
            );
            reported(&failure.problems, &failure.sources);
        }
        Ok(document) => {
            reported(&document.warnings, &document.sources);
            assert!(serde_json::to_value(config(&document)).is_ok());
        }
    }
    if let Err(failure) = convert("compose.yaml", main, "shop") {
        reported(&failure.problems, &failure.sources);
    }
}

fn read(files: &BTreeMap<String, String>) -> Result<Document, Box<Failure>> {
    parse(&Inputs {
        files: &[PathBuf::from("evenkeel.yaml")],
        env_files: &[],
        variables: &surroundings(),
        base: Path::new("/work"),
        profiles: &["debug".to_owned()],
        read: &|path| {
            let name = path.strip_prefix("/work").unwrap_or(path).to_string_lossy();
            let name = name.strip_prefix("./").unwrap_or(&name);
            files
                .get(name)
                .map(|text| text.clone().into_bytes())
                .ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))
        },
    })
}
