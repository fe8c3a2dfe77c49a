//! Destroy removes what is the project's, and no data.

use crate::support::Project;

const FILE: &str = "
containers:
  {p}-web: { image: lab/serve:1, depends_on: [ '{p}-db' ] }
  {p}-db: { image: lab/idle:1, volumes: [ 'data:/data' ] }
volumes: { data: {} }
";

#[test]
fn volumes_stay_unless_they_are_named() {
    let project = Project::new(FILE);
    project.apply();
    let db = project.container("db");
    project
        .engine
        .docker(&["exec", &db, "sh", "-c", "echo kept > /data/file"]);
    let volume = format!("{}_data", project.name);

    project.run(&["destroy"]).with_code(1);
    assert!(project.runs("web"));

    project.run(&["destroy", "--yes"]).with_code(0);
    assert_eq!(project.containers(), Vec::<String>::new());
    let network = format!("{}_default", project.name);
    assert!(
        !project
            .engine
            .try_docker(&["network", "inspect", &network])
            .is_ok()
    );
    project.engine.docker(&["volume", "inspect", &volume]);

    // The data is where it was.
    project.settle();
    assert_eq!(
        project.engine.docker(&["exec", &db, "cat", "/data/file"]),
        "kept"
    );

    project
        .run(&["destroy", "--yes", "--remove-volume", &volume])
        .with_code(0);
    assert!(
        !project
            .engine
            .try_docker(&["volume", "inspect", &volume])
            .is_ok()
    );
}

#[test]
fn a_file_that_lists_nothing_any_more_needs_consent_of_its_own() {
    let project = Project::new(FILE);
    project.apply();
    project.write("containers: {}\n");
    let refused = project.run(&["apply", "--yes"]).with_code(1);
    assert!(refused.all().contains("--allow-empty"), "{refused}");
    assert!(project.runs("web"));
    project
        .run(&["apply", "--yes", "--allow-empty"])
        .with_code(0);
    assert_eq!(project.containers(), Vec::<String>::new());
    let volume = format!("{}_data", project.name);
    project.engine.docker(&["volume", "inspect", &volume]);
    project.engine.docker(&["volume", "rm", &volume]);
}
