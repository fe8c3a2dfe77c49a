//! A volume that differs keeps its data, unless a flag names it.

use crate::support::{Project, changes};

const FILE: &str = "
containers:
  {p}-web: { image: lab/idle:1, network_mode: none, volumes: [ 'data:/data' ], depends_on: [ '{p}-db' ] }
  {p}-db: { image: lab/idle:1, network_mode: none, volumes: [ 'data:/data', 'safe:/safe' ] }
  {p}-other: { image: lab/idle:1, network_mode: none, volumes: [ 'safe:/safe' ] }
volumes: { data: { labels: { tier: front } }, safe: {} }
";

#[test]
fn one_that_differs_is_made_anew_where_a_flag_names_it() {
    let project = Project::new(FILE);
    project.settle();
    let (db, other) = (project.id("db"), project.id("other"));
    let write = "echo kept > /data/x; echo kept > /safe/x";
    project.docker(&["exec", "{p}-db", "sh", "-c", write]);
    let volume = project.fill("{p}_data");
    let flag = ["--remove-volume", volume.as_str()];

    project.write(&FILE.replace("tier: front", "tier: back"));
    let (kinds, said) = project.problems(&[]);
    assert_eq!(kinds, [format!("volume-differs {volume}")], "{said}");
    assert!(said.contains(&flag.join(" ")), "{said}");
    project.run(&["apply", "--yes"]).with_code(1);
    assert_eq!(project.id("db"), db);

    let plan = project
        .run(&[&["plan", "--format", "json"][..], &flag].concat())
        .json();
    let steps = [
        "remove {p}-db",
        "remove {p}-web",
        "recreate {p}_data: labels.tier",
        "recreate {p}-db: volumes[/data]",
        "recreate {p}-web: volumes[/data]",
    ];
    assert_eq!(changes(&plan), steps.map(|step| project.fill(step)));
    let step = &plan["steps"][2];
    assert_eq!(step["loses_data"], true, "{step}");
    assert_eq!(step["interrupts"], true, "{step}");
    let reason = "its removal was asked for; takes along {p}-db, {p}-web";
    assert_eq!(step["reason"], project.fill(reason).as_str());
    project
        .run(&[&["apply", "--yes"][..], &flag].concat())
        .with_code(0);
    project.assert_empty();
    assert!(project.runs("web") && project.runs("db"));
    let found = project.docker(&["exec", "{p}-db", "sh", "-c", "ls /data; cat /safe/x"]);
    assert_eq!(found.trim(), "kept", "its data is gone, and no other's");
    assert_ne!(project.id("db"), db);
    assert_eq!(project.id("other"), other);
    // The flag says what may be lost, and not that it has to be.
    project
        .run(&[&["plan", "--detailed-exitcode"][..], &flag].concat())
        .with_code(0);
    project
        .run(&[&["destroy", "--yes"][..], &flag].concat())
        .with_code(0);
}
