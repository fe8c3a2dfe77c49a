//! What can be foreseen to go wrong is in the plan.

use crate::support::Project;

const FILE: &str = "
containers:
  {p}-web: { image: lab/serve:1, ports: [ '{port}1:80' ] }
  {p}-db: { image: lab/idle:1 }
";

#[test]
fn a_foreign_container_under_a_wanted_name_is_a_conflict() {
    let project = Project::new(FILE);
    let web = project.container("web");
    project.engine.docker(&[
        "run",
        "-d",
        "--name",
        &web,
        "--env",
        "MINE=1",
        "lab/serve:1",
    ]);
    let before = project.id("web");
    let ran = project.run(&["plan", "--format", "json"]);
    let plan = ran.json();
    let problem = &plan["problems"][0];
    assert_eq!(problem["severity"], "error", "{ran}");
    assert_eq!(problem["kind"], "name-taken", "{ran}");
    assert_eq!(problem["name"], web.as_str(), "{ran}");
    assert_eq!(problem["line"], 4, "{ran}");
    let hint = format!("{}{}", problem["text"], problem["hint"]);
    assert!(hint.contains("--adopt"), "{ran}");

    // What is foreign is never touched; the rest is done.
    project.run(&["apply", "--yes"]).with_code(1);
    assert_eq!(project.id("web"), before);
    assert!(project.runs("web"));

    // Taken over where it is asked for.
    let adopted = project.run(&["apply", "--yes", "--adopt"]);
    assert!(adopted.is_ok(), "{adopted}");
    project.assert_empty();
    assert_ne!(project.id("web"), before);
}

#[test]
fn a_host_port_that_is_taken_is_foreseen() {
    let project = Project::new(FILE);
    let other = project.container("other");
    let publish = format!("{}1:80", project.port);
    project
        .engine
        .docker(&["run", "-d", "--name", &other, "-p", &publish, "lab/serve:1"]);
    let ran = project.run(&["plan", "--format", "json"]);
    let plan = ran.json();
    let problem = &plan["problems"][0];
    assert_eq!(problem["kind"], "port-taken", "{ran}");
    let text = problem["text"].as_str().unwrap_or_default();
    assert!(text.contains(&other), "it says whose it is: {ran}");
    project.engine.docker(&["rm", "-f", &other]);
    project.settle();
}

#[test]
fn a_missing_external_network_is_foreseen() {
    let project = Project::new(
        "
containers:
  {p}-web: { image: lab/idle:1, networks: [ outside ] }
networks: { outside: { external: true, name: '{p}-outside' } }
",
    );
    let ran = project.run(&["plan", "--format", "json"]);
    let problems = ran.json()["problems"].clone();
    let kinds: Vec<&str> = problems
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|problem| problem["kind"].as_str())
        .collect();
    assert_eq!(kinds, ["blocked", "network-missing"], "{ran}");
    let network = project.container("outside");
    project.engine.docker(&["network", "create", &network]);
    project.settle();
    project.run(&["destroy", "--yes"]).with_code(0);
    // It is somebody else's.
    project.engine.docker(&["network", "inspect", &network]);
    project.engine.docker(&["network", "rm", &network]);
}
