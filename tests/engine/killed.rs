//! The program is killed with `kill -9` at every single write that it makes, just before and just after the engine has
//! done it. From each of these points the next apply finishes the job, and nothing is lost.

use std::process::Stdio;

use evenkeel_lab::{Hold, Proxy};

use crate::support::{Project, engine, until};

const FILE: &str = "
containers:
  {p}-web:
    image: lab/serve:1
    environment: { COLOR: red }
    volumes: [ /cache ]
    networks: { front: { aliases: [ shop ] } }
    stop_grace_period: 1s
    update: { monitor: 500ms }
networks: { front: {} }
";

/// More writes than any of these applies makes.
const MOST: usize = 40;

/// Applies through a proxy, and kills the program at a write. `false` if it ended before that.
#[track_caller]
fn killed_at(project: &Project, hold: Hold) -> bool {
    let proxy = Proxy::holding(engine(), Some(hold));
    let mut process = project
        .command(&["apply", "--yes"])
        .env("DOCKER_HOST", proxy.host())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("it starts");
    let mut ended = false;
    until("it is held up, or ends", || {
        ended = process.try_wait().expect("it can be waited for").is_some();
        ended || proxy.is_holding()
    });
    process.kill().expect("kill -9");
    process.wait().expect("it ends");
    !ended
}

/// Kills at every write in turn; before each, `prepare` sets up, and afterwards the next apply,
/// of a file that can be applied, has to finish the job.
#[track_caller]
fn at_every_write(
    hold: fn(usize) -> Hold,
    prepare: fn(&Project),
    wanted: &str,
    good: &str,
    check: fn(&Project, &str),
) {
    for at in 0..MOST {
        let project = Project::new(FILE);
        prepare(&project);
        project.write(wanted);
        let stopped = killed_at(&project, hold(at));
        let place = format!("killed at {:?}", hold(at));
        if stopped {
            check(&project, &place);
        }
        project.write(good);
        let next = project.run(&["apply", "--yes"]);
        assert!(next.is_ok(), "{place}: {next}");
        let empty = project.run(&["plan", "--detailed-exitcode"]);
        assert!(empty.is_ok(), "{place}: {empty}");
        assert_eq!(project.containers(), [project.container("web")], "{place}");
        assert!(project.runs("web"), "{place}");
        check(&project, &place);
        if !stopped {
            assert!(at > 1, "a job of {at} writes");
            return;
        }
    }
    panic!("more than {MOST} writes");
}

/// Applies the file, and leaves something in the anonymous volume.
fn first(project: &Project) {
    project.apply();
    let web = project.container("web");
    project
        .engine
        .docker(&["exec", &web, "sh", "-c", "echo kept > /cache/file"]);
}

/// The old one or the new one is there, with the volume's content.
fn kept(project: &Project, place: &str) {
    let names = project.containers();
    assert!(!names.is_empty(), "{place}: nothing is left");
    let found = names.iter().any(|name| {
        let copied = project
            .engine
            .try_docker(&["cp", &format!("{name}:/cache/file"), "-"]);
        copied.is_ok() && copied.stdout.contains("kept")
    });
    assert!(
        found,
        "{place}: the content of the volume is gone from {names:?}"
    );
}

#[test]
fn a_first_apply_killed_before_each_write() {
    at_every_write(Hold::Before, |_| {}, FILE, FILE, |_, _| {});
}

#[test]
fn a_first_apply_killed_after_each_write() {
    at_every_write(Hold::After, |_| {}, FILE, FILE, |_, _| {});
}

/// It goes on without the program, and how it ends is for the next one to say.
#[test]
fn a_job_that_still_runs_is_waited_for() {
    for code in [0, 4] {
        let project = Project::new(&format!(
            "\ncontainers:\n  {{p}}-job: {{ image: lab/serve:1, command: [ sh, -c, sleep 5; exit {code} ], state: completed }}\n"
        ));
        let mut first = project.begin_apply();
        until("it runs", || project.runs("job"));
        first.kill().expect("kill -9");
        first.wait().expect("it ends");
        project.run(&["plan", "--detailed-exitcode"]).with_code(2);
        let next = project.run(&["apply", "--yes"]);
        let failed = code != 0;
        assert_eq!(next.is_ok(), !failed, "{next}");
        let says = next.to_string().contains("exited with code 4");
        assert_eq!(says, failed, "{next}");
        if !failed {
            project.assert_empty();
        }
    }
}

/// The file with another colour.
fn blue() -> String {
    FILE.replace("red", "blue")
}

#[test]
fn a_recreate_killed_before_each_write() {
    at_every_write(Hold::Before, first, &blue(), &blue(), kept);
}

#[test]
fn a_recreate_killed_after_each_write() {
    at_every_write(Hold::After, first, &blue(), &blue(), kept);
}

/// The file with a new container that dies at once, so that the old one is put back.
fn bad() -> String {
    blue().replace(
        "    volumes:",
        "    command: [ sh, -c, exit 3 ]\n    volumes:",
    )
}

#[test]
fn a_rollback_killed_before_each_write() {
    at_every_write(Hold::Before, first, &bad(), FILE, kept);
}

#[test]
fn a_rollback_killed_after_each_write() {
    at_every_write(Hold::After, first, &bad(), FILE, kept);
}
