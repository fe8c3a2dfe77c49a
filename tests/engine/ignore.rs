//! What the file leaves to others is not judged, and what stands beside it is.

use evenkeel_lab::Can;

use crate::support::Project;

/// Sets another limit than the file's and a restart policy, where the engine has no update by a container made by hand.
fn limits(project: &Project, restart: &str) {
    let restart = format!("--restart={restart}");
    let limits = ["--memory=96m", "--memory-swap=192m", restart.as_str()];
    if project.engine.kind().can(Can::Update) {
        project.docker(&[&["update"], &limits[..], &["{p}-web"]].concat());
    } else {
        project.make_again("web", &[&["--network=none"], &limits[..]].concat(), &[]);
    }
}

#[test]
fn paths_and_patterns_of_maps_that_are_not_ours_to_judge() {
    let project = Project::new(
        "
containers:
  {p}-web:
    image: lab/idle:1
    network_mode: none
    memory: 64m
    restart: always
    labels: { com.example.tier: front, org.example.tier: front }
    ignore_changes: [ memory, 'labels[com.example.*]' ]
",
    );
    project.settle();
    limits(&project, "always");
    project.assert_empty();
    limits(&project, "no");
    let in_place = project.engine.kind().can(Can::Update);
    let action = if in_place { "update" } else { "recreate" };
    let change = format!("{action} {{p}}-web: restart");
    assert_eq!(project.changes(), [project.fill(&change)]);
    project.settle();
    // What is beside it was healed, and what others set stays unless it takes a new container.
    let host = project.inspect("web")["HostConfig"].clone();
    assert_eq!(host["RestartPolicy"]["Name"], "always");
    assert_eq!(host["Memory"], if in_place { 96 << 20 } else { 64 << 20 });

    // Labels cannot change while a container lives: it is made again by hand.
    let options = ["--network=none", "--restart=always"];
    let ignored = [("com.example.tier", "back"), ("com.example.new", "1")];
    project.make_again("web", &options, &ignored);
    project.assert_empty();
    project.make_again("web", &options, &[("org.example.tier", "back")]);
    assert_eq!(
        project.changes(),
        [project.fill("recreate {p}-web: labels[org.example.tier]")]
    );
    project.settle();
}
