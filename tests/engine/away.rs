//! An engine that dies in the middle of an apply is waited for; the apply goes on when it is back.

use std::{process::Stdio, thread::sleep, time::Duration};

use evenkeel_lab::{Engine, ImageSpec, Kind};

use crate::support::{Project, until};

/// `web` waits for a job that takes a while, so that there is a middle.
const FILE: &str = "
containers:
  {p}-job: { image: 'lab/idle:1', command: [ sleep, '3' ], state: completed, environment: { COLOR: red } }
  {p}-web:
    image: lab/idle:1
    depends_on: { '{p}-job': { condition: service_completed_successfully } }
    environment: { COLOR: red }
";

/// An engine of its own for this test: the others' must not die.
fn engine() -> &'static Engine {
    let engine = Box::leak(Box::new(Engine::start(Kind::wanted())));
    engine.image("lab/idle:1", &ImageSpec::idle());
    engine
}

#[test]
fn an_engine_that_dies_is_waited_for_as_long_as_the_user_wants() {
    let project = Project::on(engine(), FILE);
    project.settle();
    project.write(&FILE.replace("red", "blue"));
    let apply = |patience: &str| {
        project
            .command(&["apply", "--yes", "--patience", patience])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("it starts")
    };

    // Not long enough: it says what happened, and nothing is lost.
    let process = apply("1s");
    until("the new job is there", || project.containers().len() > 2);
    project.engine.kill();
    let ended = process.wait_with_output().expect("it ends");
    assert_eq!(ended.status.code(), Some(1));
    let said = String::from_utf8_lossy(&ended.stdout).into_owned()
        + &String::from_utf8_lossy(&ended.stderr);
    assert!(said.contains("cannot reach the engine"), "{said}");
    project.engine.revive();

    // Long enough: it goes on.
    let process = apply("60s");
    sleep(Duration::from_millis(700));
    project.engine.kill();
    sleep(Duration::from_secs(3));
    project.engine.revive();
    let ended = process.wait_with_output().expect("it ends");
    let said = String::from_utf8_lossy(&ended.stdout).into_owned()
        + &String::from_utf8_lossy(&ended.stderr);
    // The job died with the engine, which is a failure of its own; but no call was given up.
    assert!(
        !said.contains("cannot reach the engine at") || said.contains("is back"),
        "{said}"
    );
    for _ in 0..3 {
        if project.run(&["plan", "--detailed-exitcode"]).is_ok() {
            break;
        }
        project.run(&["apply", "--yes"]);
    }
    project.assert_empty();
    assert!(project.runs("web"));
}
