//! What the file leaves to others is not judged, and what stands beside it is.

use crate::support::Project;

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
    let update = ["update", "--memory=96m", "--memory-swap=192m", "{p}-web"];
    project.docker(&update);
    project.assert_empty();
    project.docker(&["update", "--restart=no", "{p}-web"]);
    assert_eq!(project.changes(), [project.fill("update {p}-web: restart")]);
    project.settle();
    // What is beside it was healed, and what others set stays.
    let host = project.inspect("web")["HostConfig"].clone();
    assert_eq!(host["RestartPolicy"]["Name"], "always");
    assert_eq!(host["Memory"], 96 << 20);

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
