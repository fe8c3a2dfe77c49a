//! A recreate loses nothing: the new container is there before the old one stops, and the old one comes back.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::support::Project;

const FILE: &str = "
containers:
  {p}-web:
    image: lab/serve:1
    environment: { COLOR: red }
    volumes: [ /cache ]
    update: { monitor: 1s }
";

/// The events of a project's containers since a time, as `action name`, in order.
fn events(project: &Project, since: Duration) -> Vec<String> {
    // Podman tells of nothing unless it is to wait for more.
    let until = now() + Duration::from_secs(1);
    let [since, until] =
        [since, until].map(|time| format!("{}.{:09}", time.as_secs(), time.subsec_nanos()));
    let listed = project.engine.docker(&[
        "events",
        "--since",
        &since,
        "--until",
        &until,
        "--filter",
        "type=container",
        "--format",
        "{{.Action}} {{.Actor.Attributes.name}}",
    ]);
    listed
        .lines()
        .filter(|line| line.contains(&project.name))
        .map(str::to_owned)
        .collect()
}

/// The time since 1970, which is the engine's, too.
fn now() -> Duration {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .expect("a time after 1970")
}

#[test]
fn the_new_one_is_created_before_the_old_one_stops() {
    let project = Project::new(FILE);
    project.apply();
    let old = project.id("web");
    let since = now();
    project.write(&FILE.replace("red", "blue"));
    project.settle();
    assert_ne!(project.id("web"), old);
    assert_eq!(project.containers(), [project.container("web")]);
    let events = events(&project, since);
    let at = |what: &str, name: &str| {
        let event = format!("{what} {}", project.container(name));
        events
            .iter()
            .position(|found| *found == event)
            .unwrap_or_else(|| panic!("{event}: {events:?}"))
    };
    assert!(
        at("create", "web.next") < at("die", "web.prev"),
        "{events:?}"
    );
    assert!(at("die", "web.prev") < at("start", "web"), "{events:?}");
    let removed = if project.engine.kind().is_docker() {
        "destroy"
    } else {
        "remove"
    };
    assert!(at("start", "web") < at(removed, "web.prev"), "{events:?}");
}

#[test]
fn the_old_one_comes_back_when_the_new_one_does_not_start() {
    let project = Project::new(FILE);
    project.apply();
    let old = project.id("web");
    let policy = project.inspect("web")["HostConfig"]["RestartPolicy"].clone();
    project.write(&format!(
        "{}    command: [ /no/such/program ]\n",
        FILE.replace("red", "blue")
    ));
    let failed = project.run(&["apply", "--yes"]).with_code(1);
    assert!(
        failed.all().contains("/no/such/program"),
        "the engine's words: {failed}"
    );
    assert_eq!(project.id("web"), old);
    assert!(project.runs("web"));
    assert_eq!(project.containers(), [project.container("web")]);
    assert_eq!(
        project.inspect("web")["HostConfig"]["RestartPolicy"],
        policy
    );
    // What failed is still to be done, and once it can be done it is.
    project.run(&["plan", "--detailed-exitcode"]).with_code(2);
    project.write(&FILE.replace("red", "blue"));
    project.settle();
    assert!(project.runs("web"));
}

#[test]
fn the_old_one_comes_back_when_the_new_one_dies() {
    let project = Project::new(FILE);
    project.apply();
    let old = project.id("web");
    project.write(&format!(
        "{}    command: [ sh, -c, 'echo the last words; exit 3' ]\n",
        FILE.replace("red", "blue")
    ));
    let failed = project.run(&["apply", "--yes"]).with_code(1);
    assert!(
        failed.all().contains("the last words"),
        "its log is shown: {failed}"
    );
    assert_eq!(project.id("web"), old);
    assert!(project.runs("web"));
    assert_eq!(project.containers(), [project.container("web")]);
}

#[test]
fn the_old_one_comes_back_when_the_new_one_is_not_healthy() {
    let project = Project::new(FILE);
    project.apply();
    let old = project.id("web");
    project.write(&format!(
        "{FILE}    healthcheck: {{ test: [ CMD, 'false' ], interval: 300ms, retries: 2 }}\n"
    ));
    let failed = project.run(&["apply", "--yes"]).with_code(1);
    assert!(failed.all().contains("healthy"), "{failed}");
    assert_eq!(project.id("web"), old);
    assert!(project.runs("web"));
    assert_eq!(project.containers(), [project.container("web")]);
}

#[test]
fn anonymous_volumes_go_along() {
    let project = Project::new(FILE);
    project.apply();
    let web = project.container("web");
    project
        .engine
        .docker(&["exec", &web, "sh", "-c", "echo kept > /cache/file"]);
    project.write(&FILE.replace("red", "blue"));
    project.settle();
    assert_eq!(
        project.engine.docker(&["exec", &web, "cat", "/cache/file"]),
        "kept"
    );
    assert_eq!(
        project
            .engine
            .docker(&["exec", &web, "sh", "-c", "echo $COLOR"]),
        "blue"
    );
}

#[test]
fn one_that_fails_does_not_stop_the_others() {
    let project = Project::new(
        "
containers:
  {p}-bad: { image: lab/idle:1, command: [ /no/such/program ] }
  {p}-waits: { image: lab/idle:1, depends_on: [ '{p}-bad' ] }
  {p}-good: { image: lab/idle:1 }
",
    );
    let failed = project.run(&["apply", "--yes"]).with_code(1);
    assert!(project.runs("good"), "{failed}");
    assert!(!project.runs("waits"), "{failed}");
    let all = failed.all();
    for text in [
        project.container("bad"),
        project.container("waits"),
        "not tried".to_owned(),
    ] {
        assert!(all.contains(&text), "`{text}` is said: {failed}");
    }
}
