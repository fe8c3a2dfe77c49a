//! A Compose file works as it stands: Compose's words, its files, and its names.

use std::{
    collections::BTreeMap,
    io,
    path::{Path, PathBuf},
};

#[path = "compose/files.rs"]
mod files;
#[path = "compose/words.rs"]
mod words;

use evenkeel::{
    desired,
    spec::{Document, Failure, Inputs, convert, parse},
};
use serde_json::{Value, json};

fn read(files: &[(&str, &str)]) -> Result<Document, Box<Failure>> {
    read_with(&[files[0].0], &[], files)
}

/// Reads the named ones of some files.
fn read_with(
    named: &[&str],
    profiles: &[&str],
    files: &[(&str, &str)],
) -> Result<Document, Box<Failure>> {
    let named: Vec<PathBuf> = named.iter().map(PathBuf::from).collect();
    let profiles: Vec<String> = profiles.iter().map(ToString::to_string).collect();
    let texts: BTreeMap<PathBuf, String> = files
        .iter()
        .map(|(name, text)| (PathBuf::from(name), (*text).to_owned()))
        .collect();
    let variables = BTreeMap::from([
        ("HOME".to_owned(), "/home/me".to_owned()),
        ("TOKEN".to_owned(), "t0ken-value".to_owned()),
        ("INHERITED".to_owned(), "from outside".to_owned()),
    ]);
    parse(&Inputs {
        files: &named,
        env_files: &[],
        variables: &variables,
        base: Path::new("/srv/My Shop"),
        profiles: &profiles,
        read: &|path| {
            let text = texts.get(path);
            text.map(|text| text.clone().into_bytes())
                .ok_or_else(|| io::ErrorKind::NotFound.into())
        },
    })
}

fn sound(files: &[(&str, &str)]) -> Document {
    sound_or_told(read(files))
}

fn sound_or_told(read: Result<Document, Box<Failure>>) -> Document {
    read.unwrap_or_else(|failure| {
        let texts: Vec<_> = failure
            .problems
            .iter()
            .map(|problem| &problem.text)
            .collect();
        panic!("{texts:#?}")
    })
}

fn said(document: &Document, container: &str, attribute: &str) -> Value {
    let settings = &document.containers[container].settings;
    settings.get(attribute).cloned().unwrap_or_default()
}

const SHOP: &str = r#"
version: "3.9"
x-logging: &logging
  driver: json-file
  options: { max-size: 10m }
services:
  proxy:
    image: traefik:3.1
    command: ["--providers.docker=true"]
    ports: ["80:80", "127.0.0.1:8080:8080"]
    networks: { front: { aliases: [www] } }
    depends_on: [app]
    logging: *logging
    restart: unless-stopped
  app:
    build: { context: ./app, args: { VERSION: "1" } }
    env_file:
      - ./common.env
      - { path: secret.env, format: raw }
      - { path: missing.env, required: false }
    environment:
      COLOR: red
      INHERITED:
    label_file: app.labels
    labels: ["tier=app"]
    secrets: [token, { source: tls, target: /etc/tls.pem, mode: 0400, uid: "1000" }]
    configs: [motd]
    networks: [front, back]
    volumes: ["./html:/html:ro", "~/cache:/cache", "data:/data"]
    deploy:
      replicas: 2
      resources:
        limits: { cpus: "0.50", memory: 256M, pids: 100 }
        reservations: { memory: 64M }
      restart_policy: { condition: on-failure, max_attempts: 3 }
      update_config: { order: start-first, parallelism: 1, delay: 5s }
    depends_on:
      migrate: { condition: service_completed_successfully }
      db: { condition: service_healthy }
      absent: { condition: service_started, required: false }
  migrate:
    image: shop/app:1
    command: ./migrate --now
    network_mode: "service:db"
  db:
    image: postgres:16
    security_opt: ["seccomp:./seccomp.json", no-new-privileges]
    healthcheck: { test: [CMD-SHELL, pg_isready], interval: 5s }
    networks: [back]
    scale: 1
  absent:
    image: busybox:1.36
    profiles: [debug]
networks:
  front: {}
  back: { internal: true }
volumes:
  data: { driver_opts: { type: none, o: bind, device: ./data } }
secrets:
  token: { environment: TOKEN }
  tls: { file: ./tls.pem }
configs:
  motd: { content: "hello" }
"#;

const FILES: &[(&str, &str)] = &[
    ("compose.yaml", SHOP),
    ("common.env", "COLOR=blue\nSIZE=large\nNAMED\nINHERITED=x\n"),
    ("secret.env", "DB_PASSWORD=\"kept with quotes\"\n"),
    ("app.labels", "tier=file\nteam=shop\n"),
    ("tls.pem", "-----KEY-----\n"),
    (
        "seccomp.json",
        "{ \"defaultAction\":\n \"SCMP_ACT_ALLOW\" }\n",
    ),
];

#[test]
fn composes_words_are_read_as_ours() {
    let document = sound(FILES);
    assert_eq!(document.project, "myshop");
    let app = |attribute: &str| said(&document, "app", attribute);
    assert_eq!(
        app("env"),
        json!({ "COLOR": "red", "SIZE": "large", "INHERITED": "from outside", "DB_PASSWORD": "\"kept with quotes\"" })
    );
    assert_eq!(app("labels"), json!({ "tier": "app", "team": "shop" }));
    assert_eq!(
        app("files"),
        json!([
            { "target": "/etc/tls.pem", "content": "-----KEY-----\n", "uid": 1000, "gid": 0, "mode": 0o400 },
            { "target": "/motd", "content": "hello", "uid": 0, "gid": 0, "mode": 0o444 },
            { "target": "/run/secrets/token", "content": "t0ken-value", "uid": 0, "gid": 0, "mode": 0o444 },
        ])
    );
    for (attribute, value) in [
        ("replicas", json!(2)),
        ("memory", json!(268_435_456)),
        ("memory_reservation", json!(67_108_864)),
        ("pids_limit", json!(100)),
        ("restart", json!("on-failure:3")),
    ] {
        assert_eq!(app(attribute), value, "{attribute}");
    }
    assert_eq!(app("update")["order"], "start-first");
    let sources: Vec<Value> = app("volumes")
        .as_array()
        .expect("mounts")
        .iter()
        .map(|mount| mount["source"].clone())
        .collect();
    assert_eq!(
        sources,
        ["/home/me/cache", "data", "/srv/My Shop/html"].map(Value::from)
    );
    assert_eq!(app("build")["context"], "/srv/My Shop/app");
    assert_eq!(
        document.volumes["data"]
            .settings
            .get("driver_opts")
            .expect("options")["device"],
        "/srv/My Shop/data"
    );
    assert_eq!(
        said(&document, "db", "security_opt"),
        json!([
            "no-new-privileges=true",
            "seccomp={\"defaultAction\":\"SCMP_ACT_ALLOW\"}"
        ])
    );
    // Its profile is not on, and it is not required.
    assert!(!document.containers.contains_key("absent"));
    assert_eq!(app("depends_on").get("absent"), None);
}

#[test]
fn containers_are_called_as_compose_calls_them() {
    let document = sound(FILES);
    let desired = desired::resolve(&document);
    let names: Vec<&str> = desired
        .containers
        .values()
        .map(|container| container.name.as_str())
        .collect();
    assert_eq!(
        names,
        [
            "myshop-app-1",
            "myshop-app-2",
            "myshop-db-1",
            "myshop-migrate-1",
            "myshop-proxy-1"
        ]
    );
    assert_eq!(desired.networks["front"].name, "myshop_front");
    assert_eq!(said(&document, "migrate", "state"), "completed");
}

#[test]
fn secrets_are_known_to_be_secret() {
    let document = sound(FILES);
    let secrets = &document.containers["app"].secrets;
    for secret in ["t0ken-value", "-----KEY-----", "\"kept with quotes\""] {
        assert!(secrets.hides_text(&format!("x {secret} y")), "{secret}");
    }
    assert!(!secrets.hides_text("hello"));
}

#[test]
fn the_watch_knows_every_file() {
    let document = sound(FILES);
    for name in [
        "compose.yaml",
        ".env",
        "common.env",
        "missing.env",
        "app.labels",
        "tls.pem",
        "seccomp.json",
    ] {
        assert!(
            document.files.contains(Path::new(name)),
            "{name}: {:?}",
            document.files
        );
    }
}

#[test]
fn what_is_converted_says_the_same() {
    // Replicas cannot keep Compose's names: two numbers would have one.
    let text = SHOP.replace("      replicas: 2\n", "");
    let mut files = FILES.to_vec();
    files[0] = ("compose.yaml", &text);
    let before = sound(&files);
    let converted = convert("compose.yaml", &text, "My Shop").expect("a Compose file");
    // One that has a volume for itself alone cannot run beside its successor.
    assert_eq!(said(&before, "app", "update")["order"], "stop-first");
    assert!(converted.contains("order: stop-first"), "{converted}");
    files[0] = ("evenkeel.yaml", &converted);
    let after = sound(&files);
    assert_eq!(before.project, after.project);
    let names = |document: &Document| -> Vec<String> {
        let desired = desired::resolve(document);
        let containers = desired.containers.into_values();
        containers.map(|container| container.name).collect()
    };
    assert_eq!(names(&before), names(&after));
    for (key, item) in before.containers.iter().filter(|(key, _)| *key != "db") {
        assert!(item.settings == after.containers[key].settings, "{key}");
    }
}

#[test]
fn what_belongs_to_somebody_else_may_be_named_as_older_files_do() {
    let text = "services: { web: { image: \"nginx:1.27\", networks: [ front ] } }
networks: { front: { external: { name: shared } } }
volumes: { data: { external: { name: old }, name: new } }
";
    let document = sound(&[("compose.yaml", text)]);
    for (item, name) in [
        (&document.networks["front"], "shared"),
        (&document.volumes["data"], "new"),
    ] {
        assert_eq!(item.settings.get("external"), Some(&json!(true)));
        assert_eq!(item.settings.text("name"), Some(name));
    }
}

/// What a base says about paths is meant in the base's folder, whatever is laid over it.
#[test]
fn a_context_that_is_taken_over_stays_where_it_was() {
    let base =
        "services:\n  web: { build: ./app }\n  job: { build: { context: ./job, target: one } }\n";
    let own = "services:
  web: { image: 'web:1', extends: { service: web, file: sub/base.yaml }, build: { args: [ V=1 ] } }
  job: { image: 'job:1', extends: { service: job, file: sub/base.yaml }, build: { target: two } }
";
    let document = sound(&[("compose.yaml", own), ("sub/base.yaml", base)]);
    let web = said(&document, "web", "build");
    assert_eq!(web["context"], "/srv/My Shop/sub/app");
    assert_eq!(web["args"], json!({ "V": "1" }));
    let job = said(&document, "job", "build");
    assert_eq!(job["context"], "/srv/My Shop/sub/job");
    assert_eq!(job["target"], "two");
}

#[test]
fn what_is_reset_is_gone_in_the_first_file_too() {
    let text = "services: { web: { image: 'nginx:1.27', ports: !reset [ '80:80' ], environment: { A: !reset q, B: b } } }";
    let document = sound(&[("compose.yaml", text)]);
    assert_eq!(said(&document, "web", "ports"), Value::Null);
    assert_eq!(said(&document, "web", "env"), json!({ "B": "b" }));
}

#[test]
fn the_same_item_twice_is_one() {
    let text = "services: { web: { image: 'nginx:1.27', ports: [ '3000', '3000-3001', '8080:80', { target: 80, published: 8080 } ] } }";
    let document = sound(&[("compose.yaml", text)]);
    let ports = said(&document, "web", "ports");
    assert_eq!(ports.as_array().map(Vec::len), Some(3), "{ports}");
}
