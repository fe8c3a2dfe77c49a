//! What goes wrong is said in one line, with what to do, and loses nothing.

use std::{fs, os::unix::fs::PermissionsExt, os::unix::net::UnixListener, process::Command};

use evenkeel_lab::Ran;
use tempfile::TempDir;

use crate::support::{Project, engine, program};

const FILE: &str = "
containers:
  {p}-web: { image: lab/serve:1 }
";

#[test]
fn no_engine() {
    let project = Project::new(FILE);
    for host in ["unix:///nowhere/docker.sock", "tcp://127.0.0.1:1"] {
        let mut command = project.command(&["plan"]);
        command.env("DOCKER_HOST", host);
        let ran = Ran::of(&mut command).with_code(1);
        let place = host.split_once("://").map_or(host, |(_, place)| place);
        assert!(ran.stderr.contains(place), "it says what was tried: {ran}");
        assert_eq!(ran.stderr.trim().lines().count(), 1, "one line: {ran}");
        assert_eq!(ran.stdout, "", "{ran}");
    }
}

#[test]
fn no_permission() {
    let project = Project::new(FILE);
    // A socket that only root may use, and a program that anybody may run.
    let folder = TempDir::new().expect("a folder");
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).expect("permissions");
    fs::set_permissions(project.folder(), fs::Permissions::from_mode(0o755)).expect("permissions");
    let socket = folder.path().join("docker.sock");
    let _listener = UnixListener::bind(&socket).expect("a socket");
    fs::set_permissions(&socket, fs::Permissions::from_mode(0o600)).expect("permissions");
    let program = folder.path().join("evenkeel");
    fs::copy(env!("CARGO_BIN_EXE_evenkeel"), &program).expect("a copy");
    let mut command = Command::new("setpriv");
    command
        .args(["--reuid=65534", "--regid=65534", "--clear-groups"])
        .arg(&program)
        .arg("plan")
        .current_dir(project.folder())
        .env("HOME", "/")
        .env("DOCKER_HOST", format!("unix://{}", socket.display()));
    let ran = Ran::of(&mut command).with_code(1);
    assert!(ran.stderr.contains("permission"), "{ran}");
    assert!(ran.stderr.contains("group"), "it names the group: {ran}");
    assert_eq!(ran.stderr.trim().lines().count(), 1, "one line: {ran}");
}

#[test]
fn an_image_that_cannot_be_pulled_leaves_the_old_container() {
    let project = Project::new(FILE);
    project.apply();
    let old = project.id("web");
    project.write(
        "
containers:
  {p}-web: { image: '127.0.0.1:5999/no/such:image' }
  {p}-other: { image: lab/idle:1 }
",
    );
    let failed = project.run(&["apply", "--yes"]).with_code(1);
    assert!(
        failed.all().contains("127.0.0.1:5999"),
        "the engine's words: {failed}"
    );
    assert_eq!(project.id("web"), old);
    assert!(project.runs("web"));
    assert!(project.runs("other"), "the others are done: {failed}");
}

#[test]
fn an_image_is_pulled_where_it_can_be() {
    let project = Project::new("containers:\n  {p}-web: { image: '127.0.0.1:5000/team/app:1' }\n");
    let engine = engine();
    let registry = engine.registry_with_password("reader", "sesame");
    let reference = registry.push("lab/idle:1", "team/app:1");
    engine.docker(&["rmi", &reference]);
    let plan = project.plan();
    assert_eq!(plan["summary"]["pull"], 1, "{plan}");
    project.settle();
    assert!(project.runs("web"));
}

#[test]
fn strange_files() {
    let folder = TempDir::new().expect("a folder");
    let write = |name: &str, content: &[u8]| {
        let path = folder.path().join(name);
        fs::write(&path, content).expect("the file is written");
        path.display().to_string()
    };
    let mut large = String::from("project: large\ncontainers:\n");
    while large.len() < 5 << 20 {
        large.push_str("  # a line that says nothing, again and again and again\n");
    }
    large.push_str("  web: { imagee: x }\n");
    // Aliases within aliases: a short text that stands for billions of items.
    let mut laughs = String::from("project: p\nx-0: &a0 [l, l]\n");
    for level in 1..12 {
        let below = format!("*a{}, ", level - 1).repeat(9);
        let line = format!("x-{level}: &a{level} [{below}l]\n");
        laughs.push_str(&line);
    }
    laughs.push_str("containers: {}\n");
    let files = [
        write("empty.yaml", b""),
        write("binary.yaml", &[0, 159, 146, 150, 255, 0, 1]),
        write("large.yaml", large.as_bytes()),
        write("laughs.yaml", laughs.as_bytes()),
        write(
            "deep.yaml",
            format!("project: {}\n", "[".repeat(100_000)).as_bytes(),
        ),
        write("list.yaml", b"- a\n- b\n"),
        folder.path().join("missing.yaml").display().to_string(),
        "/proc/self/mem".to_owned(),
    ];
    for file in files {
        let ran = Ran::of(&mut program(&["validate", &file])).with_code(1);
        assert!(!ran.stderr.contains("panicked"), "{ran}");
        assert!(!ran.all().trim().is_empty(), "{file} is told what is wrong");
        assert!(
            ran.all().len() < 20_000,
            "{file}: the message is {} bytes",
            ran.all().len()
        );
    }
}
