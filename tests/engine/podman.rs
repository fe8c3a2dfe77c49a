//! What Podman refuses and Docker takes: the user is told, and nothing is left behind. The README lists the same for people.

use crate::support::{Project, engine};

/// What the README says of it, a container that has it, and the words: the plan's or Podman's.
const REFUSED: &[(&str, &str, &str)] = &[
    ("`links`", "links: [ '{p}-db:db' ]", "links needs Docker"),
    (
        "`external_links`",
        "network_mode: bridge, depends_on: [ '{p}-db' ], external_links: [ '{p}-db:db' ]",
        "external_links needs Docker",
    ),
    (
        "`logging` with the driver `local`",
        "logging: { driver: local }",
        "invalid log driver",
    ),
    (
        "`init` with `pid: host`",
        "init: true, pid: host",
        "PID namespace isn't private",
    ),
    (
        "`shm_size` with `ipc: host`",
        "shm_size: 64m, ipc: host",
        "cannot set shmsize",
    ),
    (
        "`cap_add` and `cap_drop` that both say `ALL`",
        "cap_add: [ ALL ], cap_drop: [ ALL ]",
        "adding all caps and removing all caps",
    ),
    (
        "ports of SCTP",
        "expose: [ '80/sctp' ]",
        "SCTP is not allowed",
    ),
    (
        "any host port of a range",
        "ports: [ '{port}1-{port}3:80' ]",
        "invalid syntax",
    ),
    (
        "the `consistent` of a bind",
        "volumes: [ '/etc/hosts:/mnt/hosts:consistent' ]",
        "invalid option type",
    ),
];

#[test]
fn what_it_refuses_is_said_and_nothing_is_left() {
    let readme = include_str!("../../README.md");
    for (named, says, words) in REFUSED {
        assert!(readme.contains(named), "the README names {named}");
        let project = Project::new(&format!(
            "
containers:
  {{p}}-db: {{ image: lab/idle:1, state: created }}
  {{p}}-web: {{ image: lab/idle:1, state: created, {says} }}
"
        ));
        let applied = project.run(&["apply", "--yes"]);
        if engine().kind().is_docker() {
            applied.ok();
            project.assert_empty();
            continue;
        }
        let failed = applied.with_code(1);
        // It is wrapped to a terminal's width.
        let said: Vec<&str> = failed.stdout.split_whitespace().collect();
        assert!(said.join(" ").contains(words), "{named}: {failed}");
        assert_eq!(project.containers(), [project.container("db")], "{named}");
    }
}
