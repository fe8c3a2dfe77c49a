//! Files that are written into a container, against `docker cp`: `inspect` does not show them, so an archive is compared.

use std::process::Command;

use evenkeel_lab::Ran;

use super::engine::{BASE, Project, engine};

/// `MODE USER GROUP SIZE`, and the text, of a file in a container that need not run.
fn file(container: &str, path: &str) -> (String, String) {
    let engine = engine();
    let archive = engine.folder().join(format!("{container}.tar"));
    let from = format!("{container}:{path}");
    let out = std::fs::File::create(&archive).expect("a file");
    let done = engine
        .docker_command(&["cp", &from, "-"])
        .stdout(out)
        .status()
        .expect("docker cp");
    assert!(done.success());
    let mut read = Command::new("tar");
    read.arg("-xOf").arg(&archive);
    let text = Ran::of(&mut read).ok();
    let mut list = Command::new("tar");
    list.args(["--numeric-owner", "-tvf"]).arg(&archive);
    let line = Ran::of(&mut list).ok();
    let words: Vec<&str> = line.split_whitespace().take(3).collect();
    (words.join(" "), text)
}

#[test]
fn files_are_as_the_command_line_copies_them_and_a_change_shows_alone() {
    let engine = engine();
    let project = Project::new("fidc");
    let yaml = |content: &str| {
        format!(
            "containers:\n  fidc-web:\n    image: {BASE}\n    state: created\n    files: [ {{ target: /srv/app.conf, content: {content}, uid: 1000, gid: 1000, mode: '0640' }} ]\n"
        )
    };
    project.write(&yaml("one"));
    project.settle();

    // An archive says who owns what is in it.
    let local = engine.folder().join("app.conf");
    std::fs::write(&local, "one").expect("written");
    let archive = engine.folder().join("app.tar");
    let mut tar = Command::new("tar");
    tar.arg("-C").arg(engine.folder()).arg("-cf").arg(&archive);
    tar.args(["--owner=1000", "--group=1000", "--mode=0640", "app.conf"]);
    Ran::of(&mut tar).ok();
    engine.docker(&["create", "--name", "fidc-line", BASE]);
    let mut copy = engine.docker_command(&["cp", "-", "fidc-line:/srv"]);
    copy.stdin(std::fs::File::open(&archive).expect("the archive"));
    Ran::of(&mut copy).ok();
    assert_eq!(
        file("fidc-web", "/srv/app.conf"),
        file("fidc-line", "/srv/app.conf")
    );

    project.write(&yaml("two"));
    let plan = project.plan();
    let changes = plan["steps"][0]["changes"].as_array().expect("changes");
    assert_eq!(changes.len(), 1, "{plan}");
    assert_eq!(changes[0]["path"], "files[/srv/app.conf]");
    assert_eq!(changes[0]["forces_recreate"], true);
    project.settle();
    assert_eq!(file("fidc-web", "/srv/app.conf").1, "two");
}
