//! What engines make of a container by themselves, or by their own rules, beside what the rows say.

use super::engine::{BASE, Project, command_line, engine};

/// Makes one of our containers again by hand, under our labels, and gives the paths that the plan then shows.
fn again(project: &Project, name: &str, options: &[&str]) -> Vec<String> {
    let engine = engine();
    let inspect = engine.inspect(name);
    let labels = inspect["Config"]["Labels"].as_object().expect("labels");
    let labels: Vec<String> = labels
        .iter()
        .filter(|(name, _)| name.starts_with("io.evenkeel."))
        .map(|(name, value)| format!("{name}={}", value.as_str().expect("a text")))
        .collect();
    engine.docker(&["rm", name]);
    let mut line = vec!["create", "--name", name];
    for label in &labels {
        line.extend(["--label", label]);
    }
    line.extend(options);
    line.push(BASE);
    command_line(engine, &line).ok();
    let plan = project.plan();
    let steps = plan["steps"].as_array().expect("steps").iter();
    steps
        .flat_map(|step| step["changes"].as_array().expect("changes"))
        .map(|change| change["path"].as_str().expect("a path").to_owned())
        .collect()
}

#[test]
fn a_network_that_is_named_by_its_id_is_the_same_one() {
    let project = Project::new("facta");
    project.write(&format!(
        "containers: {{ facta-web: {{ image: {BASE}, state: created, networks: [ front ] }} }}\nnetworks: {{ front: {{}} }}\n"
    ));
    project.settle();
    let id = engine().docker(&["network", "inspect", "--format", "{{.Id}}", "facta_front"]);
    let paths = again(&project, "facta-web", &["--network", &id]);
    assert!(paths.is_empty(), "{paths:?}");
}

#[test]
fn a_signal_may_be_a_number_and_a_shared_folder_may_say_that_it_is_writable() {
    let project = Project::new("factb");
    project.write(&format!(
        "containers: {{ factb-web: {{ image: {BASE}, state: created, stop_signal: SIGINT, volumes: [ '/usr:/host' ], cpus: 1 }} }}\n"
    ));
    project.settle();
    let same = [
        "--network",
        "factb_default",
        "--stop-signal",
        "2",
        "-v",
        "/usr:/host:rw",
        "--cpus",
        "1.0",
    ];
    assert_eq!(again(&project, "factb-web", &same), [""; 0]);
    let other = [
        "--network",
        "factb_default",
        "--stop-signal",
        "3",
        "-v",
        "/usr:/host:rw",
        "--cpus",
        "1.0",
    ];
    assert_eq!(again(&project, "factb-web", &other), ["stop_signal"]);
}

#[test]
fn a_link_waits_for_what_it_names() {
    let project = Project::new("factc");
    // In the alphabet's order the first would be started before there is anything to link it to.
    project.write(&format!(
        "containers:\n  factc-a: {{ image: {BASE}, links: [ 'factc-z:db' ], stop_signal: SIGKILL }}\n  factc-z: {{ image: {BASE}, stop_signal: SIGKILL }}\n"
    ));
    project.settle();
    let started = |name: &str| {
        let state = &engine().inspect(name)["State"];
        assert_eq!(state["Running"], true, "{name}");
        state["StartedAt"].as_str().expect("a time").to_owned()
    };
    assert!(started("factc-z") < started("factc-a"));
}

#[test]
fn who_shares_a_namespace_is_made_anew_with_its_owner() {
    let project = Project::new("factd");
    let text = |color: &str| {
        format!(
            "containers:\n  factd-a: {{ image: {BASE}, state: created, network_mode: 'service:factd-z' }}\n  factd-z: {{ image: {BASE}, state: created, env: {{ COLOR: {color} }} }}\n"
        )
    };
    project.write(&text("red"));
    project.settle();
    project.write(&text("blue"));
    let plan = project.plan();
    let mut paths: Vec<(&str, &str)> = plan["steps"]
        .as_array()
        .expect("steps")
        .iter()
        .flat_map(|step| step["changes"].as_array().expect("changes"))
        .map(|change| {
            let text = |name: &str| change[name].as_str().expect("a text");
            (text("path"), text("cause"))
        })
        .collect();
    paths.sort_unstable();
    assert_eq!(
        paths,
        [("env.COLOR", "file"), ("network_mode", "dependency")]
    );
    project.settle();
}
