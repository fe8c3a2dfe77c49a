//! Podman runs health checks only where systemd runs its timers. Elsewhere what waits for health waits up to its limit.

use evenkeel_lab::{Engine, ImageSpec, Kind};

use crate::support::{IDLE, Project};

const FILE: &str = "
containers:
  {p}-db: { image: 'lab/idle:1', healthcheck: { test: 'true', interval: 500ms } }
  {p}-web:
    image: lab/idle:1
    depends_on: { '{p}-db': { condition: service_healthy } }
";

#[test]
fn what_waits_for_health_waits_up_to_its_limit_and_says_so() {
    let engine = Box::leak(Box::new(Engine::start(Kind::wanted()).without_timers()));
    engine.image(IDLE, &ImageSpec::idle());
    let project = Project::on(engine, FILE);
    let applied = project.run(&["apply", "--yes", "--wait-timeout", "5s"]);
    if engine.kind().is_docker() {
        applied.ok();
        project.assert_empty();
        return;
    }
    let failed = applied.with_code(1);
    assert!(failed.all().contains("not healthy within 5 s"), "{failed}");
    assert_eq!(
        project.inspect("db")["State"]["Health"]["Status"],
        "starting"
    );
    assert!(project.runs("db") && !project.runs("web"), "{failed}");
}
