//! A plan sends nothing but GET.

use evenkeel_lab::{Proxy, Ran};

use crate::support::{Project, engine};

#[test]
fn plan_and_status_only_read() {
    let project = Project::new(
        "
containers:
  {p}-web: { image: lab/serve:1, ports: [ '{port}1:80' ], networks: [ front ] }
  {p}-db: { image: lab/idle:1, volumes: [ 'data:/data' ] }
networks: { front: {} }
volumes: { data: {} }
",
    );
    let proxy = Proxy::before(engine());
    let through = |arguments: &[&str]| {
        let mut command = project.command(arguments);
        command.env("DOCKER_HOST", proxy.host());
        Ran::of(&mut command)
    };
    // Nothing is there; everything is there; something has drifted; a name is taken.
    through(&["plan", "--detailed-exitcode"]).with_code(2);
    project.apply();
    through(&["plan", "--detailed-exitcode"]).with_code(0);
    project.engine.docker(&["stop", &project.container("web")]);
    project.engine.docker(&[
        "rename",
        &project.container("db"),
        &project.container("other"),
    ]);
    through(&["plan", "--detailed-exitcode"]).with_code(2);
    through(&["plan", "--format", "json"]).with_code(0);
    through(&["plan", "--format", "markdown"]).with_code(0);
    through(&["status"]).with_code(0);

    let recorded = proxy.recorded();
    assert!(recorded.len() > 20, "{recorded:?}");
    let odd: Vec<String> = recorded
        .iter()
        .filter(|request| request.method != "GET")
        .map(ToString::to_string)
        .collect();
    assert_eq!(odd, Vec::<String>::new());

    // The same proxy sees what an apply writes: it is not blind.
    let before = recorded.len();
    through(&["apply", "--yes"]).with_code(0);
    assert!(
        proxy.recorded()[before..]
            .iter()
            .any(|request| request.method == "POST"),
        "an apply writes"
    );
}
