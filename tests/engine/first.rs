//! The first apply, and what a plan says before and after it.

use crate::support::{IDLE, Project, SERVE};

const FILE: &str = "
containers:
  {p}-web:
    image: lab/serve:1
    environment: { COLOR: red }
    ports: [ '{port}1:80' ]
    depends_on: [ '{p}-db' ]
  {p}-db:
    image: lab/idle:1
    volumes: [ 'data:/data' ]
volumes: { data: {} }
";

#[test]
fn a_plan_writes_nothing_and_apply_does_all_of_it() {
    let project = Project::new(FILE);
    let plan = project.run(&["plan", "--detailed-exitcode"]).with_code(2);
    for name in ["web", "db"] {
        let line = format!("create container {}", project.container(name));
        assert!(plan.stdout.contains(&line), "{plan}");
    }
    assert!(
        plan.stdout
            .contains("Plan: 0 to pull, 4 to create, 0 to update, 0 to recreate, 0 to remove."),
        "{plan}"
    );
    assert_eq!(project.containers(), Vec::<String>::new());
    // Without --detailed-exitcode a plan with changes is no failure.
    project.run(&["plan"]).with_code(0);

    project.apply();
    assert_eq!(
        project.containers(),
        [project.container("db"), project.container("web")]
    );
    assert!(project.runs("web") && project.runs("db"));
    let port = format!("{}1", project.port).parse().expect("a port");
    crate::support::until("the page answers", || project.engine.curl(port).is_some());

    let plan = project.run(&["plan", "--detailed-exitcode"]).with_code(0);
    assert!(
        plan.stdout
            .contains("No changes. The engine matches evenkeel.yaml."),
        "{plan}"
    );
    // Nothing is done twice.
    let id = project.id("web");
    project.apply();
    assert_eq!(project.id("web"), id);
}

#[test]
fn a_plan_as_json_says_what_scripts_rely_on() {
    let project = Project::new(FILE);
    let plan = project.plan();
    assert_eq!(plan["format_version"], "1.0");
    assert_eq!(plan["project"], project.name);
    assert!(plan["engine"]["api"].is_string(), "{plan}");
    assert_eq!(plan["summary"]["create"], 4);
    assert_eq!(plan["summary"]["recreate"], 0);
    let steps = plan["steps"].as_array().expect("steps");
    let at = |name: &str| {
        steps
            .iter()
            .position(|step| step["name"] == name)
            .unwrap_or_else(|| panic!("{name} is planned: {plan}"))
    };
    let (web, db) = (at(&project.container("web")), at(&project.container("db")));
    assert!(db < web, "a dependency stands first: {plan}");
    let step = &steps[web];
    assert_eq!(step["action"], "create");
    assert_eq!(step["kind"], "container");
    assert_eq!(step["interrupts"], false);
    assert_eq!(step["loses_data"], false);
    assert!(
        step["after"]
            .as_array()
            .is_some_and(|after| !after.is_empty()),
        "{step}"
    );
    assert_eq!(plan["problems"].as_array().map(Vec::len), Some(0), "{plan}");

    project.apply();
    project.write(&FILE.replace("red", "blue"));
    let plan = project.plan();
    let step = &plan["steps"][0];
    assert_eq!(step["action"], "recreate", "{plan}");
    assert_eq!(step["interrupts"], true);
    let change = &step["changes"][0];
    assert_eq!(change["path"], "env.COLOR", "{plan}");
    assert_eq!(change["before"], "red");
    assert_eq!(change["after"], "blue");
    assert_eq!(change["cause"], "file");
    assert_eq!(change["forces_recreate"], true);
    assert_eq!(change["sensitive"], false);
}

#[test]
fn consent_is_needed_where_nobody_can_be_asked() {
    let project = Project::new(FILE);
    let refused = project.run(&["apply"]).with_code(1);
    assert!(refused.stderr.contains("--yes"), "{refused}");
    assert_eq!(project.containers(), Vec::<String>::new());
}

#[test]
fn status_shows_what_is_wanted_beside_what_is() {
    let project = Project::new(FILE);
    project.apply();
    let port = project.fill("{port}1:80/tcp");
    let before = project.run(&["status", "--format", "json"]).json();
    let ports: Vec<&serde_json::Value> = before["containers"]
        .as_array()
        .into_iter()
        .flatten()
        .flat_map(|row| row["ports"].as_array().into_iter().flatten())
        .collect();
    assert_eq!(ports, [port.as_str()], "{before}");
    project.engine.docker(&["stop", &project.container("web")]);
    let status = project.run(&["status"]);
    assert!(status.is_ok(), "{status}");
    let line = |name: &str| {
        let name = project.container(name);
        status
            .stdout
            .lines()
            .find(|line| line.starts_with(&name))
            .unwrap_or_else(|| panic!("{name} has a line: {status}"))
            .to_owned()
    };
    assert!(line("web").contains("exited"), "{status}");
    assert!(line("db").contains("running"), "{status}");
    let json = project.run(&["status", "--format", "json"]).json();
    assert_eq!(
        json["containers"].as_array().map(Vec::len),
        Some(2),
        "{json}"
    );
}

#[test]
fn a_file_that_is_not_sound_contacts_nothing() {
    let project = Project::new("containers:\n  {p}-web: { imagee: lab/serve:1 }\n");
    let mut plan = project.command(&["plan"]);
    plan.env("DOCKER_HOST", "unix:///nowhere/docker.sock");
    let ran = evenkeel_lab::Ran::of(&mut plan).with_code(1);
    assert!(ran.stderr.contains("imagee"), "{ran}");
    assert!(!ran.stderr.contains("/nowhere"), "{ran}");
    assert_ne!(IDLE, SERVE);
}

#[test]
fn dependencies_wait_for_what_their_conditions_say() {
    let project = Project::new(
        "
containers:
  {p}-db:
    image: lab/idle:1
    healthcheck: { test: [ CMD-SHELL, 'test -e /tmp/ready || { touch /tmp/ready; false; }' ], interval: 500ms, retries: 20 }
  {p}-job:
    image: lab/idle:1
    command: [ sh, -c, 'echo done > /data/job' ]
    volumes: [ 'data:/data' ]
    state: completed
    depends_on: { '{p}-db': { condition: service_healthy } }
  {p}-web:
    image: lab/idle:1
    command: [ sh, -c, 'test -e /data/job && exec idle' ]
    volumes: [ 'data:/data' ]
    depends_on: { '{p}-job': { condition: service_completed_successfully } }
volumes: { data: {} }
",
    );
    project.settle();
    assert!(project.runs("web") && project.runs("db"));
    assert_eq!(project.inspect("job")["State"]["ExitCode"], 0);
}
