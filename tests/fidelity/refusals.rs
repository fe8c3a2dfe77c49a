//! What an engine refuses is told before anything is asked of it, and nothing is told that it would take.

use super::engine::{BASE, Project, command_line, engine};

/// What the file says, what says the same to `docker create`, and whether the engine refuses it.
const ROWS: &[(&str, &[&str], bool)] = &[
    (
        "cpus: 0.5\ncpu_quota: 25000",
        &["--cpus", "0.5", "--cpu-quota", "25000"],
        true,
    ),
    (
        "cpus: 0.5\ncpu_period: 50000",
        &["--cpus", "0.5", "--cpu-period", "50000"],
        true,
    ),
    ("cpu_period: 2s", &["--cpu-period", "2000000"], true),
    ("cpu_period: 1s", &["--cpu-period", "1000000"], false),
    ("cpu_quota: 999", &["--cpu-quota", "999"], true),
    ("cpu_quota: 1ms", &["--cpu-quota", "1000"], false),
    ("memswap_limit: 100m", &["--memory-swap", "100m"], true),
    ("memswap_limit: -1", &["--memory-swap", "-1"], false),
    (
        "memory: 64m\nmemswap_limit: 32m",
        &["--memory", "64m", "--memory-swap", "32m"],
        true,
    ),
    (
        "memory: 64m\nmemswap_limit: 64m",
        &["--memory", "64m", "--memory-swap", "64m"],
        false,
    ),
    (
        "memory: 64m\nmem_reservation: 65m",
        &["--memory", "64m", "--memory-reservation", "65m"],
        true,
    ),
    (
        "memory: 64m\nmem_reservation: 64m",
        &["--memory", "64m", "--memory-reservation", "64m"],
        false,
    ),
    ("memory: 5m", &["--memory", "5m"], true),
    ("memory: 6m", &["--memory", "6m"], false),
    (
        "network_mode: host\nlinks: [ peer ]",
        &["--network", "host", "--link", "refused-peer:peer"],
        true,
    ),
    (
        "network_mode: host\nmac_address: 02:42:ac:11:65:43",
        &["--network", "host", "--mac-address", "02:42:ac:11:65:43"],
        true,
    ),
    (
        "network_mode: host\nhostname: web",
        &["--network", "host", "--hostname", "web"],
        false,
    ),
    (
        "network_mode: host\nports: [ '80:80' ]",
        &["--network", "host", "--publish", "80:80"],
        false,
    ),
    (
        "network_mode: service:peer\nhostname: web",
        &["--network", "container:refused-peer", "--hostname", "web"],
        true,
    ),
    (
        "network_mode: service:peer\nports: [ '80:80' ]",
        &["--network", "container:refused-peer", "--publish", "80:80"],
        true,
    ),
    (
        "network_mode: service:peer\nexpose: [ '80' ]",
        &["--network", "container:refused-peer", "--expose", "80"],
        true,
    ),
    (
        "network_mode: service:peer\ndns: 10.0.0.1",
        &["--network", "container:refused-peer", "--dns", "10.0.0.1"],
        true,
    ),
    (
        "network_mode: service:peer\nextra_hosts: [ 'a:10.0.0.1' ]",
        &[
            "--network",
            "container:refused-peer",
            "--add-host",
            "a:10.0.0.1",
        ],
        true,
    ),
    (
        "network_mode: service:peer\nlinks: [ peer ]",
        &[
            "--network",
            "container:refused-peer",
            "--link",
            "refused-peer:peer",
        ],
        true,
    ),
    (
        "network_mode: service:peer\nmac_address: 02:42:ac:11:65:43",
        &[
            "--network",
            "container:refused-peer",
            "--mac-address",
            "02:42:ac:11:65:43",
        ],
        true,
    ),
    (
        "uts: host\nhostname: web",
        &["--uts", "host", "--hostname", "web"],
        true,
    ),
];

#[test]
fn what_an_engine_refuses_is_told_before_and_nothing_else() {
    let engine = engine();
    engine.docker(&["create", "--name", "refused-peer", BASE]);
    let project = Project::new("refused");
    let mut faults = Vec::new();
    for (yaml, words, refused) in ROWS {
        // Since API 1.44 engines ignore the address without a word: it is told all the same.
        let ignored = super::engine::api(engine) >= 44 && yaml.contains("mac_address");
        let lines: String = yaml.lines().map(|line| format!("    {line}\n")).collect();
        project.write(&format!(
            "containers:\n  peer: {{ image: {BASE} }}\n  web:\n    image: {BASE}\n{lines}"
        ));
        let told = !project.run(&["validate"]).is_ok();
        let ran = command_line(engine, &[&["create"], *words, &[BASE]].concat());
        if told != *refused || (ran.is_ok() == *refused && !ignored) {
            let telling = if told { "is told" } else { "is not told" };
            faults.push(format!(
                "{yaml:?} {telling}, and the engine says: {} {}",
                ran.stdout, ran.stderr
            ));
        }
    }
    assert!(
        faults.is_empty(),
        "{}:\n  {}",
        faults.len(),
        faults.join("\n  ")
    );
}

#[test]
fn a_part_of_a_volume_is_refused_where_the_engine_would_mount_all_of_it() {
    let project = Project::new("subpath");
    project.write(&format!(
        "containers:\n  subpath-web:\n    image: {BASE}\n    state: created\n    volumes: [ {{ type: volume, source: data, target: /data, volume: {{ subpath: a }} }} ]\nvolumes: {{ data: {{}} }}\n"
    ));
    let ran = project.run(&["plan"]);
    if super::engine::api(engine()) < 45 {
        assert!(!ran.is_ok(), "{ran}");
        assert!(ran.stdout.contains("needs an engine of API 1.45"), "{ran}");
        assert!(!project.run(&["apply", "--yes"]).is_ok());
        assert!(!engine().has("subpath-web"));
    } else {
        assert!(ran.is_ok(), "{ran}");
    }
}

#[test]
fn a_weight_that_the_kernel_does_not_know_is_no_difference_for_ever() {
    let project = Project::new("weight");
    let text = |weight: &str| {
        format!("containers:\n  weight-web: {{ image: {BASE}, state: created{weight} }}\n")
    };
    project.write(&text(", blkio_config: { weight: 300 }"));
    let told = project
        .run(&["plan"])
        .stdout
        .contains("the host cannot enforce blkio_config.weight");
    project.settle();
    command_line(
        engine(),
        &[
            "create",
            "--name",
            "weight-line",
            "--blkio-weight",
            "300",
            BASE,
        ],
    )
    .ok();
    let seen = |name: &str| engine().inspect(name)["HostConfig"]["BlkioWeight"].clone();
    assert_eq!(seen("weight-web"), seen("weight-line"));
    project.write(&text(", blkio_config: { weight: 400 }"));
    let steps = project.plan()["steps"].as_array().expect("steps").len();
    assert_eq!(
        steps,
        usize::from(!told),
        "a weight is told about or changed, and not both"
    );
    project.settle();
    project.write(&text(""));
    project.settle();
}
