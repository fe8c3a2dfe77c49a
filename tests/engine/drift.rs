//! What is changed behind the program's back is seen, named, and put right.

use evenkeel_lab::ImageSpec;

use crate::support::Project;

const FILE: &str = "
containers:
  {p}-web:
    image: lab/serve:1
    restart: unless-stopped
    mem_limit: 64m
    networks: { front: { aliases: [ shop ] } }
networks: { front: {}, back: {} }
";

/// Applies the file, lets `disturb` change something, and expects exactly these changes; then heals.
#[track_caller]
fn drift(disturb: impl FnOnce(&Project, &str), expected: &[&str]) -> Project {
    let project = Project::new(FILE);
    project.settle();
    disturb(&project, &project.container("web"));
    let expected: Vec<String> = expected.iter().map(|line| project.fill(line)).collect();
    assert_eq!(project.changes(), expected);
    project.settle();
    assert!(project.runs("web"));
    project
}

#[test]
fn a_changed_limit() {
    drift(
        |project, web| {
            project
                .engine
                .docker(&["update", "--memory", "128m", "--memory-swap", "256m", web]);
        },
        &["update {p}-web: memory"],
    );
}

#[test]
fn a_changed_restart_policy() {
    drift(
        |project, web| {
            project
                .engine
                .docker(&["update", "--restart", "always", web]);
        },
        &["update {p}-web: restart"],
    );
}

#[test]
fn stopped() {
    drift(
        |project, web| {
            project.engine.docker(&["stop", web]);
        },
        &["start {p}-web: state"],
    );
}

#[test]
fn paused() {
    drift(
        |project, web| {
            project.engine.docker(&["pause", web]);
        },
        &["start {p}-web: state"],
    );
}

#[test]
fn renamed() {
    let project = drift(
        |project, web| {
            let other = project.container("other");
            project.engine.docker(&["rename", web, &other]);
        },
        &["update {p}-web: container_name"],
    );
    assert_eq!(project.containers(), [project.container("web")]);
}

#[test]
fn removed() {
    drift(
        |project, web| {
            project.engine.docker(&["rm", "-f", web]);
        },
        &["create {p}-web"],
    );
}

#[test]
fn disconnected_from_a_network() {
    let project = drift(
        |project, web| {
            let network = format!("{}_front", project.name);
            project
                .engine
                .docker(&["network", "disconnect", &network, web]);
        },
        &["update {p}-web: networks.front"],
    );
    let networks = &project.inspect("web")["NetworkSettings"]["Networks"];
    let aliases = networks[format!("{}_front", project.name)]["Aliases"].to_string();
    assert!(aliases.contains("shop"), "{aliases}");
}

#[test]
fn connected_to_one_more_network() {
    drift(
        |project, web| {
            let network = format!("{}_back", project.name);
            project
                .engine
                .docker(&["network", "connect", &network, web]);
        },
        &["update {p}-web: networks.back"],
    );
}

#[test]
fn an_alias_is_lost() {
    drift(
        |project, web| {
            let network = format!("{}_front", project.name);
            project
                .engine
                .docker(&["network", "disconnect", &network, web]);
            project
                .engine
                .docker(&["network", "connect", "--alias", "other", &network, web]);
        },
        &["update {p}-web: networks.front.aliases"],
    );
}

#[test]
fn a_network_is_removed() {
    let project = Project::new(FILE);
    project.settle();
    let network = format!("{}_back", project.name);
    project.engine.docker(&["network", "rm", &network]);
    assert_eq!(project.changes(), [format!("create {network}")]);
    project.settle();
}

#[test]
fn a_tag_moves_to_another_image() {
    let project = Project::new("containers:\n  {p}-web: { image: 'lab/{p}:1' }\n");
    let reference = format!("lab/{}:1", project.name);
    project.engine.image(&reference, &ImageSpec::idle());
    project.settle();
    // The same content, made again: another id.
    let id = project.engine.image(&reference, &ImageSpec::idle());
    let changes = project.changes();
    assert_eq!(changes, [project.fill("recreate {p}-web: image")]);
    project.settle();
    assert_eq!(project.inspect("web")["Image"], id.as_str());
}

#[test]
fn what_is_not_in_the_file_any_more_is_removed_and_nothing_else() {
    let project = Project::new(FILE);
    project.settle();
    let foreign = project.container("foreign");
    project
        .engine
        .docker(&["run", "-d", "--name", &foreign, "lab/idle:1"]);
    project.write("containers:\n  {p}-db: { image: lab/idle:1 }\n");
    project.apply();
    assert_eq!(project.containers(), [project.container("db")]);
    assert!(project.engine.has(&foreign));
    project.engine.docker(&["rm", "-f", &foreign]);
}
