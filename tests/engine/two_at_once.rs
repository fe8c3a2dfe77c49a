//! Two applies at the same time: those of one project wait for each other, those of two do not.

use std::{
    process::Child,
    time::{Duration, Instant},
};

use crate::support::{Project, until};

/// A job that keeps an apply busy.
const FILE: &str = "
containers:
  {p}-job: { image: 'lab/idle:1', command: [ sleep, '4' ], state: completed }
";

fn busy(project: &Project) -> Child {
    let process = project.begin_apply();
    until("the first is at work", || project.runs("job"));
    process
}

#[test]
fn the_second_apply_of_a_project_is_told_who_holds_the_lock_and_gives_up_or_waits() {
    let project = Project::new(FILE);
    let mut first = busy(&project);
    let second = project
        .run(&["apply", "--yes", "--lock-timeout", "200ms"])
        .with_code(1);
    let holder = format!("process {}", first.id());
    assert!(second.all().contains(&holder), "{second}");
    assert!(second.all().contains("--lock-timeout"), "{second}");
    let third = project.run(&["apply", "--yes", "--lock-timeout", "30s"]);
    assert!(third.is_ok(), "{third}");
    assert!(third.all().contains("waiting up to"), "{third}");
    let ended = first.try_wait().expect("it can be waited for");
    assert!(
        ended.is_some(),
        "the third waited until the first had ended"
    );
    project.assert_empty();
}

#[test]
fn different_projects_do_not_wait_for_each_other() {
    let (one, other) = (
        Project::new(FILE),
        Project::new("containers: { '{p}-web': { image: 'lab/idle:1' } }\n"),
    );
    let mut first = busy(&one);
    let begun = Instant::now();
    other.apply();
    assert!(
        first.try_wait().expect("it can be waited for").is_none()
            || begun.elapsed() < Duration::from_secs(3),
        "it waited"
    );
    first.wait().expect("it ends");
}
