//! The vocabulary as a user meets it: every example of the tables is accepted by the decoder that reads files.

use std::{
    collections::BTreeMap,
    io,
    path::{Path, PathBuf},
};

use evenkeel::{
    model::{Field, Form, Table, attributes},
    spec::{self, Document},
};

/// Containers that examples refer to.
const OTHERS: &str = "  db: { image: busybox }\n  legacy-db: { image: busybox }\n";

fn parse(text: &str) -> Result<Document, String> {
    let owned = text.to_owned();
    let read = move |path: &Path| -> io::Result<Vec<u8>> {
        if path.ends_with("evenkeel.yaml") {
            Ok(owned.clone().into_bytes())
        } else {
            Err(io::ErrorKind::NotFound.into())
        }
    };
    let files = [PathBuf::from("evenkeel.yaml")];
    let inputs = spec::Inputs {
        files: &files,
        env_files: &[],
        variables: &BTreeMap::new(),
        profiles: &["debug".to_owned()],
        read: &read,
    };
    spec::parse(&inputs).map_err(|failure| {
        let texts: Vec<&str> = failure
            .problems
            .iter()
            .map(|problem| problem.text.as_str())
            .collect();
        format!("{text}\n{}", texts.join("\n"))
    })
}

/// A file in which one thing of a section says one thing.
fn file(section: &str, setting: &str) -> String {
    let (image, others) = if section == "containers" {
        ("image: busybox, ", OTHERS)
    } else {
        ("", "")
    };
    let image = if setting.starts_with("image:") {
        ""
    } else {
        image
    };
    format!("project: shop\n{section}:\n{others}  thing: {{ {image}{setting} }}\n")
}

/// What is read only to be refused with a reason.
const REFUSED: &[&str] = &["credential_spec"];

const SECTIONS: &[(&str, Table)] = &[
    ("containers", attributes::CONTAINER),
    ("images", attributes::IMAGE),
    ("networks", attributes::NETWORK),
    ("volumes", attributes::VOLUME),
];

#[test]
fn every_example_is_accepted() {
    for (section, table) in SECTIONS {
        for attribute in attributes::all(table) {
            for name in attribute.aliases.iter().chain([&attribute.name]) {
                let text = file(section, &format!("{name}: {}", attribute.example));
                let document = parse(&text).unwrap_or_else(|error| panic!("{error}"));
                let items = match *section {
                    "containers" => &document.containers,
                    "images" => &document.images,
                    "networks" => &document.networks,
                    _ => &document.volumes,
                };
                assert!(
                    items["thing"].settings.get(attribute.name).is_some(),
                    "{text}"
                );
            }
        }
    }
}

/// The example of a field, with those fields beside it that are required.
fn with_required(fields: &[Field], field: &Field) -> String {
    let mut parts = vec![format!("{}: {}", field.name, field.example)];
    parts.extend(
        fields
            .iter()
            .filter(|other| other.required && other.name != field.name)
            .map(|other| match (other.name, field.name) {
                // Options of one type of mount go with that type alone.
                ("type", "bind") => "type: bind, source: ./data".to_owned(),
                ("type", "image") => "type: image, source: busybox".to_owned(),
                ("type", "volume" | "tmpfs") => format!("type: {}", field.name),
                (name, _) => format!("{name}: {}", other.example),
            }),
    );
    format!("{{ {} }}", parts.join(", "))
}

/// A value for every field of every record inside a form.
fn examples(form: &Form) -> Vec<String> {
    let of = |fields: &[Field]| -> Vec<String> {
        fields
            .iter()
            .flat_map(|field| {
                let nested = examples(&field.form).into_iter().map(|example| {
                    let field = Field {
                        name: field.name,
                        aliases: &[],
                        summary: "",
                        example: Box::leak(example.into_boxed_str()),
                        form: Form::Text,
                        required: field.required,
                    };
                    with_required(fields, &field)
                });
                nested
                    .chain([with_required(fields, field)])
                    .collect::<Vec<_>>()
            })
            .collect()
    };
    match form {
        Form::Record(record) => of(record.fields),
        Form::Keyed(keyed) => of(keyed.record.fields)
            .into_iter()
            .map(|example| {
                let key = match keyed.noun {
                    "subnet" => "10.213.0.0/24",
                    "network" => "default",
                    "container" => "db",
                    _ => "nofile",
                };
                format!("{{ {key}: {example} }}")
            })
            .collect(),
        Form::Items(items) => of(items.fields)
            .into_iter()
            .map(|example| format!("[{example}]"))
            .collect(),
        Form::List(inner) | Form::Set(inner) => examples(inner)
            .into_iter()
            .map(|example| format!("[{example}]"))
            .collect(),
        Form::Refined { form, .. } => examples(form),
        Form::Either(forms) => forms.iter().flat_map(examples).collect(),
        Form::Map { value, .. } => examples(value)
            .into_iter()
            .map(|example| format!("{{ x: {example} }}"))
            .collect(),
        Form::Text
        | Form::Bool
        | Form::Integer(..)
        | Form::Parsed { .. }
        | Form::Choice(_)
        | Form::Command
        | Form::HealthTest => Vec::new(),
    }
}

#[test]
fn every_example_of_a_field_is_accepted() {
    let mut seen = 0;
    for (section, table) in SECTIONS {
        for attribute in
            attributes::all(table).filter(|attribute| !REFUSED.contains(&attribute.name))
        {
            for example in examples(&attribute.form) {
                let text = file(section, &format!("{}: {example}", attribute.name));
                let read = parse(&text);
                assert!(read.is_ok(), "{}", read.unwrap_err());
                seen += 1;
            }
        }
    }
    assert!(seen > 50, "only {seen} examples of fields");
}

#[test]
fn every_parsed_example_matches_the_pattern_that_editors_check() {
    for (_, table) in SECTIONS {
        for attribute in attributes::all(table) {
            let Form::Parsed { pattern, parse, .. } = &attribute.form else {
                continue;
            };
            let schema = serde_json::json!({ "pattern": pattern });
            let validator = jsonschema::validator_for(&schema).expect("a regular expression");
            let example = attribute.example.trim_matches('"');
            assert!(
                validator.is_valid(&example.into()),
                "{}: {example} does not match {pattern}",
                attribute.name
            );
            assert!(parse(example).is_ok(), "{}", attribute.name);
        }
    }
}
