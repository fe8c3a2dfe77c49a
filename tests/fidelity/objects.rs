//! Networks and volumes, against `docker network create` and `docker volume create`.

use std::{collections::BTreeSet, fmt::Write as _};

use evenkeel::model::{Table, attributes};
use serde_json::Value;

use super::{
    engine::{Project, api, command_line, command_lines_api, engine},
    sight::fields,
};

/// An attribute of a network or a volume.
struct Row {
    attribute: &'static str,
    /// What the file says of it, as a mapping.
    yaml: &'static str,
    /// What says the same to the command line.
    docker: &'static [&'static str],
    /// What the file says then.
    changed: &'static str,
    /// What says that.
    docker_changed: &'static [&'static str],
    /// The paths of the change, all of which make the thing anew.
    paths: &'static [&'static str],
    /// The minor version of the API that knows it.
    since: u32,
}

/// Attributes that have no row, and why.
const EXCEPTIONS: &[(&str, &str)] = &[
    (
        "name",
        "another name is another network or volume; every row compares the names that its lines give",
    ),
    (
        "external",
        "it says that the thing is somebody else's, so nothing is made",
    ),
];

const NETWORKS: &[Row] = &[
    Row {
        attribute: "driver",
        yaml: "{ driver: bridge }",
        docker: &["--driver", "bridge"],
        changed: "{ driver: macvlan }",
        docker_changed: &["--driver", "macvlan"],
        paths: &["driver"],
        since: 0,
    },
    Row {
        attribute: "driver_opts",
        yaml: "{ driver_opts: { com.docker.network.driver.mtu: 1400 } }",
        docker: &["--opt", "com.docker.network.driver.mtu=1400"],
        changed: "{ driver_opts: { com.docker.network.driver.mtu: 1300 } }",
        docker_changed: &["--opt", "com.docker.network.driver.mtu=1300"],
        paths: &["driver_opts[com.docker.network.driver.mtu]"],
        since: 0,
    },
    Row {
        attribute: "ipam",
        yaml: "{ ipam: { config: [ { subnet: 10.91.0.0/24, ip_range: 10.91.0.128/25, gateway: 10.91.0.254, aux_addresses: { router: 10.91.0.2 } } ] } }",
        docker: &[
            "--subnet",
            "10.91.0.0/24",
            "--ip-range",
            "10.91.0.128/25",
            "--gateway",
            "10.91.0.254",
            "--aux-address",
            "router=10.91.0.2",
        ],
        changed: "{ ipam: { config: [ { subnet: 10.91.0.0/24, ip_range: 10.91.0.128/25, gateway: 10.91.0.253, aux_addresses: { router: 10.91.0.2 } } ] } }",
        docker_changed: &[
            "--subnet",
            "10.91.0.0/24",
            "--ip-range",
            "10.91.0.128/25",
            "--gateway",
            "10.91.0.253",
            "--aux-address",
            "router=10.91.0.2",
        ],
        paths: &["ipam.config[10.91.0.0/24].gateway"],
        since: 0,
    },
    Row {
        attribute: "internal",
        yaml: "{ internal: true }",
        docker: &["--internal"],
        changed: "{}",
        docker_changed: &[],
        paths: &["internal"],
        since: 0,
    },
    Row {
        attribute: "attachable",
        yaml: "{ attachable: true }",
        docker: &["--attachable"],
        changed: "{}",
        docker_changed: &[],
        paths: &["attachable"],
        since: 0,
    },
    Row {
        attribute: "enable_ipv4",
        yaml: "{ enable_ipv4: false, enable_ipv6: true }",
        docker: &["--ipv4=false", "--ipv6"],
        changed: "{ enable_ipv6: true }",
        docker_changed: &["--ipv6"],
        paths: &["enable_ipv4"],
        since: 47,
    },
    Row {
        attribute: "enable_ipv6",
        yaml: "{ enable_ipv6: true, ipam: { config: [ { subnet: 10.92.0.0/24 }, { subnet: 'fd00:92::/64' } ] } }",
        docker: &[
            "--ipv6",
            "--subnet",
            "10.92.0.0/24",
            "--subnet",
            "fd00:92::/64",
        ],
        changed: "{ enable_ipv6: false, ipam: { config: [ { subnet: 10.92.0.0/24 }, { subnet: 'fd00:92::/64' } ] } }",
        docker_changed: &[
            "--ipv6=false",
            "--subnet",
            "10.92.0.0/24",
            "--subnet",
            "fd00:92::/64",
        ],
        paths: &["enable_ipv6"],
        since: 0,
    },
    Row {
        attribute: "labels",
        yaml: "{ labels: { com.example.one: '1' } }",
        docker: &["--label", "com.example.one=1"],
        changed: "{ labels: { com.example.one: '2' } }",
        docker_changed: &["--label", "com.example.one=2"],
        paths: &["labels[com.example.one]"],
        since: 0,
    },
];

const VOLUMES: &[Row] = &[
    Row {
        attribute: "driver",
        yaml: "{ driver: local }",
        docker: &["--driver", "local"],
        // A private engine has no other driver.
        changed: "{}",
        docker_changed: &[],
        paths: &[],
        since: 0,
    },
    Row {
        attribute: "driver_opts",
        yaml: "{ driver_opts: { type: tmpfs, device: tmpfs, o: size=1m } }",
        docker: &[
            "--opt",
            "type=tmpfs",
            "--opt",
            "device=tmpfs",
            "--opt",
            "o=size=1m",
        ],
        changed: "{ driver_opts: { type: tmpfs, device: tmpfs, o: size=2m } }",
        docker_changed: &[
            "--opt",
            "type=tmpfs",
            "--opt",
            "device=tmpfs",
            "--opt",
            "o=size=2m",
        ],
        paths: &["driver_opts.o"],
        since: 0,
    },
    Row {
        attribute: "labels",
        yaml: "{ labels: { com.example.one: '1' } }",
        docker: &["--label", "com.example.one=1"],
        changed: "{ labels: { com.example.one: '2' } }",
        docker_changed: &["--label", "com.example.one=2"],
        paths: &["labels[com.example.one]"],
        since: 0,
    },
];

fn key(row: &Row) -> String {
    row.attribute.replace('_', "-")
}

fn file(kind: &str, rows: &[&Row], changed: bool) -> String {
    let mut text = format!("containers: {{}}\n{kind}s:\n");
    for row in rows {
        let lines = if changed { row.changed } else { row.yaml };
        let _ = writeln!(text, "  {}: {lines}", key(row));
    }
    text
}

/// What inspect shows of a network or a volume, without what differs between any two. The subnet that an engine chose by
/// itself is one of that.
fn seen(kind: &str, name: &str, given: &str) -> Vec<(String, String)> {
    let inspect = engine().get(&format!("/{kind}s/{name}"));
    let own = [
        "Id",
        "Name",
        "Created",
        "CreatedAt",
        "Mountpoint",
        "Containers",
        "Status",
    ];
    let mut parts = inspect.as_object().cloned().expect("an object");
    parts.retain(|name, _| !own.contains(&name.as_str()));
    fields(&Value::Object(parts))
        .into_iter()
        .filter(|(path, _)| !path.contains(".io.evenkeel."))
        .filter(|(path, _)| given.contains("subnet") || !path.contains("IPAM.Config"))
        .collect()
}

fn all_of(kind: &str, table: Table, all: &'static [Row]) {
    let engine = engine();
    let api = api(engine).min(command_lines_api(engine));
    let rows: Vec<&Row> = all.iter().filter(|row| row.since <= api).collect();
    let project = Project::new(if kind == "network" { "fidn" } else { "fidv" });
    let mut faults = Vec::new();
    let create = |row: &Row, words: &[&str]| {
        let name = format!("line-{}", key(row));
        // The same addresses are wanted by both.
        engine.docker(&[kind, "rm", &format!("{}_{}", project.name, key(row))]);
        command_line(engine, &[&[kind, "create"], words, &[&name]].concat()).ok();
        let seen = seen(kind, &name, &words.join(" "));
        engine.docker(&[kind, "rm", &name]);
        seen
    };
    let mut compare = |row: &Row, changed: bool| {
        let (yaml, words) = if changed {
            (row.changed, row.docker_changed)
        } else {
            (row.yaml, row.docker)
        };
        let ours = seen(kind, &format!("{}_{}", project.name, key(row)), yaml);
        let dockers = create(row, words);
        if ours != dockers {
            faults.push(format!(
                "{yaml}\n    ours: {ours:?}\n    the command line's: {dockers:?}"
            ));
        }
    };
    project.write(&file(kind, &rows, false));
    project.settle();
    for row in &rows {
        compare(row, false);
    }
    project.settle();

    project.write(&file(kind, &rows, true));
    let plan = project.run(&["plan", "--format", "json"]).json();
    for row in &rows {
        let name = format!("{}_{}", project.name, key(row));
        let steps = plan["steps"].as_array().expect("steps").iter();
        let changes: Vec<&str> = steps
            .filter(|step| step["name"] == *name && step["kind"] == kind)
            .flat_map(|step| step["changes"].as_array().expect("changes"))
            .map(|change| {
                assert_eq!(change["forces_recreate"], true, "{change}");
                change["path"].as_str().expect("a path")
            })
            .collect();
        // A volume is made anew by nothing but a removal that names it: the plan says what differs.
        let told = plan["problems"].as_array().expect("problems").iter();
        let told: Vec<&str> = told
            .filter(|problem| problem["name"] == *name)
            .map(|problem| problem["text"].as_str().expect("a text"))
            .collect();
        let shown = if kind == "network" {
            changes == row.paths
        } else {
            changes.is_empty()
                && row
                    .paths
                    .iter()
                    .all(|path| told.iter().any(|text| text.contains(path)))
                && row.paths.is_empty() == told.is_empty()
        };
        if !shown {
            faults.push(format!(
                "{} → {}\n    shows {changes:?} {told:?}, and {:?} was expected",
                row.yaml, row.changed, row.paths
            ));
        }
    }
    if kind == "network" {
        // Not every kernel has macvlan: that change is only planned.
        let rows: Vec<&Row> = rows
            .iter()
            .copied()
            .filter(|row| row.attribute != "driver")
            .collect();
        project.write(&file(kind, &rows, true));
        project.settle();
        for row in &rows {
            let ours = seen(kind, &format!("{}_{}", project.name, key(row)), row.changed);
            let dockers = create(row, row.docker_changed);
            if ours != dockers {
                faults.push(format!(
                    "{}\n    ours: {ours:?}\n    the command line's: {dockers:?}",
                    row.changed
                ));
            }
        }
    }
    assert!(
        faults.is_empty(),
        "{}:\n  {}",
        faults.len(),
        faults.join("\n  ")
    );

    for attribute in attributes::all(table) {
        let row = all.iter().any(|row| row.attribute == attribute.name);
        let reason = EXCEPTIONS.iter().any(|(name, _)| *name == attribute.name);
        assert!(
            row != reason,
            "{}: a row or a reason, and not both",
            attribute.name
        );
    }
    let known: BTreeSet<&str> = attributes::all(table)
        .map(|attribute| attribute.name)
        .collect();
    assert!(all.iter().all(|row| known.contains(row.attribute)));
}

#[test]
fn networks_are_what_the_command_line_makes_and_changes_show_alone() {
    all_of("network", &attributes::NETWORK, NETWORKS);
}

#[test]
fn volumes_are_what_the_command_line_makes_and_changes_are_told() {
    all_of("volume", &attributes::VOLUME, VOLUMES);
}
