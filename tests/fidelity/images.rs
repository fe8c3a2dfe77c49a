//! Images that are built, against `docker build` of the same.

use std::{collections::BTreeSet, fs, path::Path};

use evenkeel::model::{Form, attributes};
use serde_json::{Value, json};

use super::engine::{Project, engine};

/// A key of `build`.
struct Row {
    field: &'static str,
    /// What the file says under `build`.
    yaml: &'static str,
    /// What says the same to the command line, besides the context `app`.
    docker: &'static [&'static str],
    /// A part of the image's configuration that is there because of it.
    shows: (&'static str, &'static str),
}

const ROWS: &[Row] = &[
    Row {
        field: "context",
        yaml: "./app",
        docker: &[],
        shows: ("/Labels/stage", "last"),
    },
    Row {
        field: "dockerfile",
        yaml: "{ context: app, dockerfile: other/Dockerfile }",
        docker: &["--file", "app/other/Dockerfile"],
        shows: ("/Labels/other", "yes"),
    },
    Row {
        field: "dockerfile_inline",
        yaml: "{ context: app, dockerfile_inline: \"FROM fid/base:1\\nLABEL other=yes\\nCOPY file /file\\n\" }",
        docker: &["--file", "app/other/Dockerfile"],
        shows: ("/Labels/other", "yes"),
    },
    Row {
        field: "args",
        yaml: "{ context: app, args: { VERSION: '2' } }",
        docker: &["--build-arg", "VERSION=2"],
        shows: ("/Labels/version", "2"),
    },
    Row {
        field: "labels",
        yaml: "{ context: app, labels: { com.example.team: shop } }",
        docker: &["--label", "com.example.team=shop"],
        shows: ("/Labels/com.example.team", "shop"),
    },
    Row {
        field: "target",
        yaml: "{ context: app, target: first }",
        docker: &["--target", "first"],
        shows: ("/Labels/stage", "first"),
    },
    Row {
        field: "no_cache",
        yaml: "{ context: app, no_cache: true }",
        docker: &["--no-cache"],
        shows: ("/Labels/stage", "last"),
    },
    Row {
        field: "tags",
        yaml: "{ context: app, tags: ['fidi/again:1'] }",
        docker: &["--tag", "line/again:1"],
        shows: ("/Labels/stage", "last"),
    },
];

/// Keys of `build` that have no row, and why.
const WITHOUT_ROW: &[(&str, &str)] = &[
    (
        "cache_from",
        "it is where layers come from, and not what is in them",
    ),
    ("pull", "the base image is in no registry"),
    ("network", "RUN lines alone see it"),
    ("extra_hosts", "RUN lines alone see them"),
    ("shm_size", "RUN lines alone see it"),
    ("platforms", "the base image has one"),
];

const DOCKERFILE: &str = "ARG VERSION=1
FROM fid/base:1 AS first
LABEL project=PROJECT
ARG VERSION=1
LABEL stage=first version=$VERSION
FROM first
ENV BUILT=yes
COPY file /file
LABEL stage=last
CMD [\"idle\", \"built\"]
";

/// A project with the context `app`.
fn project(name: &'static str) -> Project {
    let project = Project::new(name);
    let app = project.folder.path().join("app");
    fs::create_dir_all(app.join("other")).expect("a folder");
    let write = |name: &str, text: &str| fs::write(app.join(name), text).expect("a file");
    // The tests share an engine: what its builder remembers of one is nothing to another.
    write("Dockerfile", &DOCKERFILE.replace("PROJECT", name));
    write(
        "other/Dockerfile",
        "FROM fid/base:1\nLABEL other=yes\nCOPY file /file\n",
    );
    write("file", "content\n");
    project
}

/// What the command line makes of the context.
fn build(folder: &Path, reference: &str, words: &[&str]) {
    let words = [&["build", "--quiet", "--tag", reference], words, &["app"]].concat();
    let mut command = engine().docker_command(&words);
    // The engine's own builder, which is the one that the API has.
    command.env("DOCKER_BUILDKIT", "0").current_dir(folder);
    evenkeel_lab::Ran::of(&mut command).ok();
}

fn inspect(reference: &str) -> Value {
    engine().get(&format!("/images/{reference}/json"))
}

/// An image's configuration. The layer that it was made from last is another one each time.
fn config(reference: &str) -> Value {
    let mut config = inspect(reference)["Config"].clone();
    if let Value::Object(config) = &mut config {
        config.remove("Image");
        config.remove("Hostname");
    }
    config
}

fn shows(config: &Value, (pointer, expected): (&str, &str)) -> bool {
    config.pointer(pointer) == Some(&json!(expected))
}

/// The steps of the plan, each as `action kind name`.
fn steps(project: &Project) -> Vec<String> {
    let plan = project.plan();
    let steps = plan["steps"].as_array().expect("steps").iter();
    steps
        .map(|step| {
            let word = |name: &str| step[name].as_str().expect("a word").to_owned();
            format!("{} {} {}", word("action"), word("kind"), word("name"))
        })
        .collect()
}

#[test]
fn images_are_what_the_command_line_builds_of_every_key_of_build() {
    let project = project("fidi");
    let mut file = String::from("images:\n");
    for row in ROWS {
        file += &format!(
            "  {0}: {{ reference: 'fidi/{0}:1', build: {1} }}\n",
            row.field, row.yaml
        );
    }
    project.write(&file);
    let builds = ROWS
        .iter()
        .map(|row| format!("build image fidi/{}:1", row.field));
    let builds: BTreeSet<String> = builds.collect();
    assert_eq!(steps(&project).into_iter().collect::<BTreeSet<_>>(), builds);
    project.settle();
    for row in ROWS {
        let line = format!("line/{}:1", row.field);
        build(project.folder.path(), &line, row.docker);
        let ours = config(&format!("fidi/{}:1", row.field));
        assert_eq!(ours, config(&line), "{}", row.yaml);
        assert!(shows(&ours, row.shows), "{}: {ours:#}", row.yaml);
    }
    assert_eq!(inspect("fidi/again:1")["Id"], inspect("fidi/tags:1")["Id"]);

    let known = attributes::find(&attributes::IMAGE, "build").expect("it is there");
    let Form::Record(record) = &known.form else {
        panic!("build is a mapping");
    };
    for field in record.fields {
        let row = ROWS.iter().any(|row| row.field == field.name);
        let reason = WITHOUT_ROW.iter().any(|(name, _)| *name == field.name);
        assert!(row != reason, "{}: a row or a reason", field.name);
    }
}

/// What each attribute of an image leads to, and what a change of it shows: the tests below, by attribute.
const TESTED: &[&str] = &["build", "reference", "pull", "state"];

/// Attributes of an image that have no test here, and why.
const EXCEPTIONS: &[(&str, &str)] = &[("platform", "the base image has one")];

#[test]
fn every_attribute_of_an_image_is_tested_or_has_a_reason() {
    for attribute in attributes::all(&attributes::IMAGE) {
        let tested = TESTED.contains(&attribute.name);
        let reason = EXCEPTIONS.iter().any(|(name, _)| *name == attribute.name);
        assert!(tested != reason, "{}", attribute.name);
    }
}

const FILE: &str = "
images:
  app: { reference: 'REFERENCE', pull: missing, build: { context: app, args: { VERSION: '1' } } }
containers:
  fidc-web: { image: app, state: created }
";

#[test]
fn a_built_image_is_taken_as_it_is_until_it_is_to_be_built_anew() {
    let project = project("fidc");
    let file = FILE.replace("REFERENCE", "fidc/app:1");
    project.write(&file);
    assert!(steps(&project).contains(&"build image fidc/app:1".to_owned()));
    project.settle();
    assert!(shows(&config("fidc/app:1"), ("/Labels/version", "1")));

    // What the builder remembers is the same image again, and without its memory there is another one.
    let id = || inspect("fidc/app:1")["Id"].clone();
    let first = id();
    let always = file.replace("missing", "always");
    project.write(&always);
    project.apply();
    assert_eq!(id(), first);
    project.write(&always.replace("context: app", "context: app, no_cache: true"));
    project.apply();
    assert_ne!(id(), first);

    // build: an image that is there is taken, as by Compose without --build.
    let changed = file.replace("VERSION: '1'", "VERSION: '2'");
    project.write(&changed);
    assert_eq!(steps(&project), [""; 0]);

    // pull: with `always` the change is built, and what runs is made of it.
    project.write(&changed.replace("missing", "always"));
    assert!(steps(&project).contains(&"build image fidc/app:1".to_owned()));
    project.apply();
    build(
        project.folder.path(),
        "line/changed:1",
        &["--build-arg", "VERSION=2"],
    );
    assert_eq!(config("fidc/app:1"), config("line/changed:1"));
    assert!(shows(&config("fidc/app:1"), ("/Labels/version", "2")));
    let of = engine().inspect("fidc-web")["Image"].clone();
    assert_eq!(of, inspect("fidc/app:1")["Id"]);
    project.write(&changed);
    assert_eq!(steps(&project), [""; 0]);

    // reference: another name is another image.
    let renamed = changed.replace("fidc/app:1", "fidc/app:2");
    project.write(&renamed);
    assert_eq!(
        steps(&project),
        ["build image fidc/app:2", "recreate container fidc-web"]
    );
    project.settle();
    assert_eq!(config("fidc/app:2"), config("line/changed:1"));

    // state: what nothing uses any more goes.
    project.write(&format!(
        "{}\n",
        renamed.replace(
            "images:\n",
            "images:\n  old: { reference: 'fidc/app:1', state: absent }\n"
        )
    ));
    assert_eq!(steps(&project), ["remove image fidc/app:1"]);
    project.settle();
    let gone = engine().call("GET", "/images/fidc/app:1/json", None);
    assert_eq!(gone.status, 404);
}
