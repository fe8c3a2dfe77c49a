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
        base: Path::new("/"),
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

/// What examples refer to besides.
const BESIDES: &str = "volumes: { data: {}, db-data: {} }\n";

/// A file in which one thing of a section says one thing.
fn file(section: &str, setting: &str) -> String {
    let image = match section {
        "containers" if !setting.starts_with("image:") => "image: busybox, ",
        "images" if !setting.starts_with("reference:") => "reference: busybox, ",
        _ => "",
    };
    let (others, besides) = if section == "containers" {
        (OTHERS, BESIDES)
    } else {
        ("", "")
    };
    format!("project: shop\n{section}:\n{others}  thing: {{ {image}{setting} }}\n{besides}")
}

/// What is read only to be refused with a reason.
const REFUSED: &[&str] = &["credential_spec"];

const SECTIONS: &[(&str, Table)] = &[
    ("containers", &attributes::CONTAINER),
    ("images", &attributes::IMAGE),
    ("networks", &attributes::NETWORK),
    ("volumes", &attributes::VOLUME),
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
                ("type", "tmpfs") => "type: tmpfs".to_owned(),
                ("type", "source") => "type: volume".to_owned(),
                ("type", _) => "type: volume, source: data".to_owned(),
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

/// What one setting of a thing comes out as.
fn normal(section: &str, name: &str, yaml: &str) -> Result<serde_json::Value, String> {
    let document = parse(&file(section, &format!("{name}: {yaml}")))?;
    let items = match section {
        "containers" => &document.containers,
        "images" => &document.images,
        "networks" => &document.networks,
        _ => &document.volumes,
    };
    let value = items["thing"].settings.get(name).cloned();
    Ok(value.unwrap_or_default())
}

#[test]
fn short_and_long_syntaxes_have_one_normal_form() {
    for (section, name, spellings) in [
        (
            "containers",
            "extra_hosts",
            vec![
                "{ b: 10.0.0.2, a: [10.0.0.1, \"::1\"] }",
                "[\"a:10.0.0.1\", \"b=10.0.0.2\", \"a:::1\"]",
                "[\"a=[::1]\", \"b:10.0.0.2\", \"a:10.0.0.1\"]",
            ],
        ),
        (
            "containers",
            "ports",
            vec![
                "[\"8080-8081:80-81/udp\"]",
                "[\"8081:81/udp\", \"8080:80/UDP\"]",
                "[{ target: 80-81, published: 8080-8081, protocol: udp }]",
                "[{ target: 80, published: 8080, protocol: udp, mode: ingress }, { target: 81, published: \"8081\", protocol: udp }]",
            ],
        ),
        (
            "containers",
            "healthcheck",
            vec![
                "{ disable: true }",
                "{ test: [NONE] }",
                "{ disable: true, test: \"true\" }",
            ],
        ),
        (
            "containers",
            "stop_grace_period",
            vec!["61s", "1m1s", "1m0.5s", "60001ms"],
        ),
        ("containers", "stop_signal", vec!["15", "SIGTERM", "term"]),
        (
            "containers",
            "networks",
            vec!["[default]", "{ default: }", "{ default: {} }"],
        ),
        ("containers", "expose", vec!["[\"80-81\"]", "[81, 80/tcp]"]),
        (
            "networks",
            "ipam",
            vec![
                "{ config: [{ subnet: 10.1.0.0/16, gateway: 10.1.0.1 }] }",
                "{ config: { 10.1.0.0/16: { gateway: 10.1.0.1 } } }",
            ],
        ),
        ("images", "build", vec!["./app", "{ context: ./app }"]),
    ] {
        let first = normal(section, name, spellings[0]).expect("a value");
        assert!(!first.is_null(), "{name}");
        for spelling in &spellings[1..] {
            assert_eq!(
                normal(section, name, spelling),
                Ok(first.clone()),
                "{name}: {spelling}"
            );
        }
    }
}

#[test]
fn what_is_wrong_is_refused_with_its_reason() {
    for (section, name, yaml, reason) in [
        (
            "containers",
            "labels",
            "{ io.evenkeel.project: x }",
            "Evenkeel's own",
        ),
        (
            "containers",
            "labels",
            "[io.evenkeel.project=x]",
            "Evenkeel's own",
        ),
        ("containers", "ports", "[\"8080:80:90\"]", "8080"),
        (
            "containers",
            "devices",
            "[\"/dev/null:/dev/x\", \"/dev/zero:/dev/x\"]",
            "given twice",
        ),
        (
            "containers",
            "ports",
            "[\"8000-8002:80-81\"]",
            "are 3 ports, and 80-81 are 2",
        ),
        (
            "containers",
            "ports",
            "[{ published: 8080 }]",
            "target is missing",
        ),
        (
            "containers",
            "restart",
            "sometimes",
            "no such restart policy",
        ),
        ("containers", "restart", "always:3", "only on-failure"),
        ("containers", "stop_grace_period", "10", "no unit"),
        (
            "containers",
            "healthcheck",
            "{ interval: 1us }",
            "below a millisecond",
        ),
        (
            "containers",
            "network_mode",
            "front",
            "belongs into networks",
        ),
        ("containers", "extra_hosts", "[\"db\"]", "no address"),
        (
            "containers",
            "extra_hosts",
            "{ db: other }",
            "no IP address",
        ),
        ("containers", "mac_address", "\"02:42\"", "six pairs"),
        (
            "containers",
            "networks",
            "{ default: { ipv4_address: \"::1\" } }",
            "other kind",
        ),
        (
            "networks",
            "ipam",
            "{ config: [{ subnet: 10.1.0.0 }] }",
            "number of bits",
        ),
        (
            "networks",
            "ipam",
            "{ config: [{ subnet: 10.1.0.0/16 }, { subnet: 10.1.0.0/16, gateway: 10.1.0.9 }] }",
            "given twice",
        ),
        (
            "images",
            "build",
            "{ dockerfile: a, dockerfile_inline: b }",
            "exclude each other",
        ),
    ] {
        let error = normal(section, name, yaml).expect_err(yaml);
        let text = error
            .split_once("\n\n")
            .map_or(error.as_str(), |(_, text)| text);
        assert!(text.contains(reason), "{name}: {yaml}: {text}");
    }
}

/// What a file wants, as text and without places in it: two files that say the same are equal in it.
fn wanted(document: &Document) -> String {
    let mut wanted = evenkeel::desired::resolve(document);
    // A value is left out by `Debug`, because it may be a password.
    let mut settings = Vec::new();
    for container in wanted.containers.values_mut() {
        container.location = None;
        container.ports_location = None;
        settings.push(container.settings.clone());
    }
    for network in wanted.networks.values_mut() {
        network.location = None;
        settings.push(network.settings.clone());
    }
    for volume in wanted.volumes.values_mut() {
        volume.location = None;
        settings.push(volume.settings.clone());
    }
    for image in wanted.images.values_mut() {
        image.location = None;
    }
    let settings = serde_json::to_string_pretty(&settings).expect("settings are JSON");
    format!("{settings}\n{wanted:#?}")
}

/// What `evenkeel config` prints of a file, as YAML and as JSON, is read as the same.
fn comes_back(text: &str) -> Result<(), String> {
    let document = parse(text)?;
    let config = evenkeel::report::config(&document);
    let yaml = serde_yaml::to_string(&config).map_err(|error| error.to_string())?;
    let json = serde_json::to_string_pretty(&config).map_err(|error| error.to_string())?;
    let before = wanted(&document);
    for printed in [yaml, json] {
        let after = wanted(&parse(&printed).map_err(|error| format!("{text}\n{error}"))?);
        let other = before
            .lines()
            .zip(after.lines())
            .find(|(one, two)| one != two);
        if let Some((one, two)) = other {
            return Err(format!("{text}\n{printed}\n{one}\n{two}"));
        }
    }
    Ok(())
}

#[test]
fn what_config_prints_is_read_as_the_same() {
    let mut wrong = Vec::new();
    for (section, table) in SECTIONS {
        for attribute in
            attributes::all(table).filter(|attribute| !REFUSED.contains(&attribute.name))
        {
            let values = examples(&attribute.form).into_iter();
            let values = values.chain([attribute.example.to_owned()]);
            let settings = values.map(|value| format!("{}: {value}", attribute.name));
            for setting in settings {
                let text = file(section, &setting);
                wrong.extend(comes_back(&text).err());
            }
        }
    }
    wrong.extend(comes_back(RICH).err());
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    for file in std::fs::read_dir(folder).expect("a folder") {
        let path = file.expect("a file").path();
        if path
            .extension()
            .is_some_and(|extension| extension == "yaml")
        {
            let text = std::fs::read_to_string(&path).expect("a file");
            wrong.extend(comes_back(&plain(&text)).err());
        }
    }
    assert!(
        wrong.is_empty(),
        "{} differ:\n{}",
        wrong.len(),
        wrong.join("\n---\n")
    );
}

/// An example with words in place of its variables: what is secret is hidden, and does not come back.
fn plain(text: &str) -> String {
    let mut parts = text.split("${");
    let first = parts.next().unwrap_or_default().to_owned();
    parts
        .fold(first, |text, part| {
            let rest = part.split_once('}').map_or(part, |(_, rest)| rest);
            format!("{text}word{rest}")
        })
        .replace("PASSWORD", "WORD")
}

/// A file with what is written in another way than it is kept.
const RICH: &str = r#"
project: shop
images:
  app: { reference: "ghcr.io/example/app:2", pull: always }
containers:
  web-app:
    image: app
    command: [sh, -c, "echo $$HOME $$$$ $${A}"]
    env: { PRICE: "5$$", EMPTY: "", NUMBER: "0440", WORD: "yes", NOTHING: "~" }
    labels: { rule: "Host(`a.example`) && $$1", "a.b": "x" }
    ports: ["8080:80", "127.0.0.1::81/udp", "82", "[::1]:9000-9001:83-84", "8090-8099:85"]
    cpus: 0.25
    memory: 64m
    memswap_limit: -1
    stop_grace_period: 1m30s
    healthcheck: { test: "curl $$HOST", interval: 1500ms, retries: 3 }
    networks: { front: { aliases: [www] }, back: }
    volumes: ["./data:/data:ro", "db-data:/db", "/anonymous"]
    depends_on: { database: { condition: service_started, restart: true } }
    restart: on-failure:3
    update: { order: stop-first, monitor: 10s }
  database: { image: "postgres:16", replicas: 2, tmpfs: ["/tmp:size=64m"] }
networks: { front: { internal: true }, back: { name: other, driver_opts: { a: "$$b" } } }
volumes: { db-data: { labels: { a: "$$" } } }
"#;
