//! A whole program against an engine that accepts a value and does not take it.

use std::{
    fs,
    process::{Command, Output},
};

use crate::{
    ground::{answers, desired, settled},
    server::Server,
};

const FILE: &str = "project: shop\ncontainers: { web: { image: 'rich:1', memory: 64m } }\n";

#[test]
fn an_apply_that_did_all_of_it_tells_what_came_straight_back_and_succeeds() {
    let wanted = desired(FILE);
    let engine = settled(&wanted);
    let server = Server::start();
    server.answer("/_ping", "OK");
    for (path, answer) in answers(&engine, &wanted) {
        server.answer(&path, answer.to_string());
        if let Some(container) = path.strip_suffix("/json") {
            server.answer(&format!("{container}/update"), r#"{"Warnings":null}"#);
        }
    }
    let folder = tempfile::tempdir().expect("a folder");
    let file = FILE.replace("64m", "96m");
    fs::write(folder.path().join("evenkeel.yaml"), file).expect("the file");
    let run = |words: &[&str]| -> Output {
        Command::new(env!("CARGO_BIN_EXE_evenkeel"))
            .args(words)
            .current_dir(folder.path())
            .env_clear()
            .env("DOCKER_HOST", server.address())
            .env("XDG_RUNTIME_DIR", folder.path())
            .env("COLUMNS", "80")
            .output()
            .expect("the program runs")
    };
    let ran = run(&["apply", "--yes", "--quiet"]);
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert_eq!(
        (
            ran.status.code(),
            text(&ran.stdout).as_str(),
            text(&ran.stderr).as_str()
        ),
        (
            Some(0),
            "\
warning: web: memory is 64 MiB and not 96 MiB right after it was applied; most
  likely evenkeel misreads the engine: report it with both values, and add
  memory to ignore_changes until it is mended
Applied: 1 updated.
",
            ""
        )
    );
    let plan = run(&["plan", "--detailed-exitcode"]);
    assert_eq!(plan.status.code(), Some(2), "{}", text(&plan.stdout));
}
