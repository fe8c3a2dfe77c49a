//! Several files, included ones, those that are extended, and profiles.

use std::path::Path;

use serde_json::{Value, json};

use super::{read_with, said, sound, sound_or_told};

#[test]
fn an_included_file_is_an_application_of_its_own() {
    let files = [
        (
            "compose.yaml",
            "include: [sub/compose.yaml, { path: [other/a.yaml, over/b.yaml], env_file: [x.env, y.env], project_directory: home }]
services: { web: { image: \"web:${TAG}\" } }
networks: { shared: {} }
",
        ),
        (".env", "TAG=main\n"),
        (
            "sub/compose.yaml",
            "name: theirs
include: [deep/c.yaml]
services: { db: { image: \"db:${SUB}-${TAG}\", environment: [SUB, TAG], volumes: [\"./data:/data\"] } }
networks: { shared: }
secrets: { s: { environment: SUB } }
",
        ),
        ("sub/.env", "SUB=sub\nTAG=theirs\n"),
        (
            "sub/deep/c.yaml",
            "services: { deep: { image: \"deep:$SUB-$DEEP\" } }\n",
        ),
        ("sub/deep/.env", "SUB=deep\nDEEP=1\n"),
        (
            "other/a.yaml",
            "services: { app: { image: \"app:$X\", volumes: [\"./data:/data\"] } }\n",
        ),
        (
            "over/b.yaml",
            "services: { app: { image: \"app:$X-$Y\", volumes: [\"./more:/more\"] } }\n",
        ),
        ("x.env", "X=1\nY=1\n"),
        ("y.env", "Y=2\n"),
        ("home/.env", "X=9\n"),
    ];
    let document = sound(&files);
    assert_eq!(document.project, "myshop");
    for (key, image) in [
        ("web", "web:main"),
        ("deep", "deep:sub-1"),
        ("db", "db:sub-main"),
        ("app", "app:1-2"),
    ] {
        assert_eq!(said(&document, key, "image"), image, "{key}");
    }
    assert_eq!(
        said(&document, "db", "env"),
        json!({ "SUB": "sub", "TAG": "main" })
    );
    let sources = |key: &str| -> Vec<Value> {
        let mounts = said(&document, key, "volumes");
        let mounts = mounts.as_array().expect("mounts").iter();
        mounts.map(|mount| mount["source"].clone()).collect()
    };
    assert_eq!(sources("db"), ["/srv/My Shop/sub/data"].map(Value::from));
    assert_eq!(
        sources("app"),
        ["/srv/My Shop/home/data", "/srv/My Shop/home/more"].map(Value::from)
    );
    for name in ["sub/.env", "x.env", "y.env", "over/b.yaml"] {
        assert!(document.files.contains(Path::new(name)), "{name}");
    }
    assert!(!document.files.contains(Path::new("home/.env")));
}

#[test]
fn paths_of_several_files_are_relative_to_the_first() {
    let files = [
        (
            "a/compose.yaml",
            "services: { web: { image: \"web:1\" } }\n",
        ),
        (
            "b/over.yaml",
            "include: [more.yaml]
services:
  web: { env_file: [web.env], volumes: [\"./html:/html\"] }
  job: { extends: { service: base, file: base.yaml } }
",
        ),
        ("a/web.env", "A=1\n"),
        ("a/more.yaml", "services: { more: { image: \"more:1\" } }\n"),
        ("a/base.yaml", "services: { base: { image: \"base:1\" } }\n"),
    ];
    let read = read_with(&["a/compose.yaml", "b/over.yaml"], &[], &files);
    let document = sound_or_told(read);
    let keys: Vec<&String> = document.containers.keys().collect();
    assert_eq!(keys, ["job", "more", "web"]);
    assert_eq!(said(&document, "web", "env"), json!({ "A": "1" }));
    assert_eq!(
        said(&document, "web", "volumes")[0]["source"],
        "/srv/My Shop/a/html"
    );
}

#[test]
fn the_project_and_the_profiles_are_composes_variables_too() {
    let file = "name: shop
services:
  web: { image: \"web:1\", hostname: \"${COMPOSE_PROJECT_NAME}-web\" }
  debug: { image: \"debug:1\", profiles: [debug, dev] }
  other: { image: \"other:1\", profiles: [other] }
";
    let files = [
        ("compose.yaml", file),
        (".env", "COMPOSE_PROFILES=x, debug\n"),
    ];
    let document = sound(&files);
    assert_eq!(said(&document, "web", "hostname"), "shop-web");
    assert!(document.containers.contains_key("debug"));
    assert!(!document.containers.contains_key("other"));
    // What is named counts alone.
    let document = sound_or_told(read_with(&["compose.yaml"], &["other"], &files));
    assert!(document.containers.contains_key("other"));
    assert!(!document.containers.contains_key("debug"));
    // The folder's name, where there is none.
    let text = file.replace("name: shop\n", "");
    let document = sound(&[("compose.yaml", &text)]);
    assert_eq!(said(&document, "web", "hostname"), "myshop-web");
}

#[test]
fn what_takes_no_part_needs_no_files() {
    let document = sound(&[(
        "compose.yaml",
        "services:
  web: { image: \"web:1\", ports: [\"80:80\"] }
  debug: { image: \"debug:1\", profiles: [debug], ports: [\"80:80\"], env_file: absent.env, depends_on: [helper] }
  helper: { image: \"helper:1\", profiles: [debug] }
",
    )]);
    assert_eq!(document.containers.len(), 1);
}

#[test]
fn what_another_file_is_taken_over_from_keeps_what_it_needs() {
    let document = sound(&[
        (
            "compose.yaml",
            "services:
  web: { extends: { service: base, file: base.yaml } }
  db: { image: \"db:1\" }
",
        ),
        (
            "base.yaml",
            "services: { base: { image: \"web:1\", depends_on: [db], volumes_from: [db] } }\n",
        ),
    ]);
    assert!(said(&document, "web", "depends_on").get("db").is_some());
    assert_eq!(said(&document, "web", "volumes_from"), json!(["db"]));
}
