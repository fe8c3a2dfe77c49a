//! What needs a container that was started or made anew follows it, and what lost its network is started on the new one.

use evenkeel_lab::Can;

use crate::support::{Project, engine, until};

#[test]
fn who_shares_a_namespace_follows_each_start_of_the_other_one() {
    let project = Project::new(
        "
containers:
  {p}-host: { image: lab/idle:1, stop_grace_period: 1s }
  {p}-near: { image: lab/idle:1, network_mode: 'service:{p}-host', stop_grace_period: 1s }
",
    );
    project.settle();
    let network = |name: &str| {
        project.docker(&[
            "exec",
            &format!("{{p}}-{name}"),
            "readlink",
            "/proc/self/ns/net",
        ])
    };
    assert_eq!(network("near"), network("host"));
    let follows = project.fill("update {p}-near: network_mode");

    project.docker(&["stop", "{p}-host"]);
    let changes = project.changes();
    assert_eq!(changes[0], project.fill("start {p}-host: state"));
    assert_eq!(changes.last(), Some(&follows), "{changes:?}");
    project.settle();
    assert_eq!(network("near"), network("host"));

    project.docker(&["restart", "{p}-host"]);
    assert_eq!(project.changes(), [follows]);
    project.settle();
    assert_eq!(network("near"), network("host"));
}

fn depending(env: &str, hook: &str) -> String {
    format!(
        "
containers:
  {{p}}-db: {{ image: lab/idle:1, env: {{ A: '{env}' }}, stop_grace_period: 1s }}
  {{p}}-web:
    image: lab/idle:1
    stop_grace_period: 1s
    depends_on: {{ '{{p}}-db': {{ condition: service_started, restart: true }} }}
    pre_stop: [ {{ command: [ {hook} ] }} ]
"
    )
}

#[test]
fn a_dependent_is_restarted_though_the_program_was_killed_after_its_dependency_was_made_anew() {
    let project = Project::new(&depending("1", "'true'"));
    project.settle();
    let (db, started) = (project.id("db"), started(&project));
    project.write(&depending("2", "sleep, '30'"));
    let mut process = project.begin_apply();
    until("web's hook runs", || {
        project.containers().len() == 2
            && project.id("db") != db
            && project.docker(&["top", "{p}-web"]).contains("sleep 30")
    });
    process.kill().expect("kill -9");
    process.wait().expect("it ends");
    assert_eq!(self::started(&project), started, "it was not restarted yet");

    project.write(&depending("2", "'true'"));
    let follows = project.fill("update {p}-web: depends_on.{p}-db.restart");
    assert_eq!(project.changes(), [follows]);
    project.settle();
    assert_ne!(self::started(&project), started);
    // What is started by others takes nobody along.
    project.docker(&["restart", "{p}-db"]);
    project.assert_empty();
}

fn started(project: &Project) -> String {
    project.inspect("web")["State"]["StartedAt"].to_string()
}

#[test]
fn a_stopped_container_whose_network_was_removed_is_started_on_the_new_one() {
    let project = Project::new(
        "
containers:
  {p}-web: { image: lab/idle:1, stop_grace_period: 1s, networks: { front: { aliases: [ shop ] } } }
networks: { front: {} }
",
    );
    project.settle();
    let remove = project.fill("{p}_front");
    let remove = ["network", "rm", remove.as_str()];
    project.docker(&["stop", "{p}-web"]);
    if !engine().kind().can(Can::LoseNetworks) {
        assert!(!project.engine.try_docker(&remove).is_ok());
        return;
    }
    for made_again in [false, true] {
        project.engine.docker(&remove);
        if made_again {
            project.docker(&["network", "create", "{p}_front"]);
        }
        let start = project.fill("{p}-web");
        assert!(!project.engine.try_docker(&["start", &start]).is_ok());
        let mut expected = vec![project.fill("create {p}_front")];
        expected.retain(|_| !made_again);
        expected.extend(
            ["networks.front", "state"]
                .map(|path| format!("update {}: {path}", project.container("web"))),
        );
        assert_eq!(project.changes(), expected);
        project.settle();
        assert!(project.runs("web"));
        let aliases = project.endpoint("web", "front")["Aliases"].to_string();
        assert!(aliases.contains("shop"), "{aliases}");
        project.docker(&["stop", "{p}-web"]);
    }
    project.settle();
    project.docker(&["rm", "-f", "{p}-web"]);
    project.docker(&["network", "rm", "{p}_front"]);
}
