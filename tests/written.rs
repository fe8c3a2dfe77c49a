//! What is written from the vocabulary's tables lies in the repository as it is written today, and the examples fit it.
//!
//! `EVENKEEL_BLESS=1 cargo test --test written` writes the reference anew.

use std::{fs, path::PathBuf};

use evenkeel::{
    report, spec,
    spec::{Kind, Node, Sources, yaml},
};
use serde_json::Value;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn the_reference_in_the_repository_is_the_programs() {
    let mut text = String::new();
    report::reference(&mut text).expect("a String takes everything");
    let file = root().join("schemas/reference.md");
    if std::env::var_os("EVENKEEL_BLESS").is_some() {
        fs::write(&file, &text).expect("a file");
    }
    assert_eq!(
        text,
        fs::read_to_string(&file).unwrap_or_default(),
        "the vocabulary has changed: run EVENKEEL_BLESS=1 cargo test --test written"
    );
}

/// A tree by YAML's core schema, as editors read it.
fn json(node: &Node) -> Value {
    match &node.kind {
        Kind::Null => Value::Null,
        Kind::List(items) => items.iter().map(json).collect(),
        Kind::Map(entries) => entries
            .iter()
            .map(|entry| (entry.key.text.clone(), json(&entry.value)))
            .collect(),
        Kind::Scalar(scalar) if scalar.plain => match scalar.text.as_str() {
            "true" => Value::Bool(true),
            "false" => Value::Bool(false),
            text => text
                .parse::<i64>()
                .map(Value::from)
                .or_else(|_| text.parse::<f64>().map(Value::from))
                .unwrap_or_else(|_| text.into()),
        },
        Kind::Scalar(scalar) => scalar.text.as_str().into(),
    }
}

fn read(text: &str) -> Value {
    let mut sources = Sources::default();
    let file = sources.add("file", text);
    match yaml::read(&sources, file) {
        Ok(node) => json(&node),
        Err(problems) => panic!("{text}\n{problems:?}"),
    }
}

#[test]
fn examples_fit_the_schema() {
    let schema = jsonschema::draft202012::new(&spec::schema()).expect("the schema is one");
    let mut folders = vec![root().join("examples")];
    let mut seen = 0;
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|found| found == "yaml") {
                let file = read(&fs::read_to_string(&path).expect("an example"));
                let errors: Vec<String> = schema
                    .iter_errors(&file)
                    .map(|error| format!("{}: {error}", error.instance_path()))
                    .collect();
                assert!(errors.is_empty(), "{}: {errors:?}", path.display());
                seen += 1;
            }
        }
    }
    assert!(seen >= 3, "only {seen} examples");
}

#[test]
fn composes_own_words_fit_the_schema_and_their_mistakes_do_not() {
    let schema = jsonschema::draft202012::new(&spec::schema()).expect("the schema is one");
    let of = |setting: &str| {
        read(&format!(
            "project: shop\ncontainers:\n  web: {{ image: a, {setting} }}\n"
        ))
    };
    for own in spec::OWN {
        let file = of(&format!("{}: {}", own.name, own.example));
        assert!(schema.is_valid(&file), "{}", own.name);
    }
    for setting in [
        "env_file: [{ path: a, requierd: false }]",
        "deploy: { replica: 2 }",
        "deploy: { resources: { limit: { memory: 64m } } }",
        "deploy: { resources: { limits: { memroy: 64m } } }",
        "deploy: { resources: { limits: { memory: [64m] } } }",
        "deploy: { resources: { reservations: { pids: 2 } } }",
        "deploy: { restart_policy: { condition: sometimes } }",
        "deploy: { update_config: { paralellism: 2 } }",
        "configs: [{ sorce: a }]",
        "secrets: token",
        "extends: { servce: a }",
        "provider: { type: a }",
    ] {
        assert!(!schema.is_valid(&of(setting)), "{setting}");
    }
    for setting in [
        "deploy: { resources: { limits: { cpus: 0.5, pids: 9 }, reservations: { devices: [], cpus: 1 } } }",
        "deploy: { mode: $MODE, resources: { limits: null }, restart_policy: { condition: any, delay: 5s } }",
        "deploy: { update_config: { order: start-first, parallelism: 2, max_failure_ratio: 0.1 }, x-own: 1 }",
    ] {
        assert!(schema.is_valid(&of(setting)), "{setting}");
    }
    assert!(schema.is_valid(&read("services: { web: { image: a } }")));
    assert!(!schema.is_valid(&read("containers: { web: { image: a } }")));
}
