//! A file that uses every attribute: the plan after its apply is empty, and a change of one of them shows as exactly that.

use evenkeel_lab::Can;

use crate::support::{Project, engine};

/// What stands in the file at first, what stands there then, and what a plan says of it: `~` is an update in place,
/// `-/+` a recreate.
type Row = (&'static str, &'static str, &'static [&'static str]);

/// One container with everything that goes together.
const ROWS: &[Row] = &[
    ("image: lab/serve:1", "image: lab/idle:1", &["-/+ image"]),
    (
        "command: [ serve, a, 'b c' ]",
        "command: serve a \"b  c\"",
        &["-/+ command"],
    ),
    (
        "entrypoint: [ env, X=1 ]",
        "entrypoint: [ env, X=2 ]",
        &["-/+ entrypoint"],
    ),
    (
        "environment: { COLOR: red, EMPTY: '', TEXT: 'a=b \"c\" $$d' }",
        "environment: [ COLOR=blue, EMPTY=, 'TEXT=a=b \"c\" $$d', MORE=1 ]",
        &["-/+ env.COLOR", "-/+ env.MORE"],
    ),
    (
        "ports: [ '{port}1:80', '127.0.0.1:{port}2:81/udp', '{port}3-{port}4:90-91', { target: 95, published: '{port}5', protocol: tcp }, '0.0.0.0:{port}6:96' ]",
        "ports: [ '{port}1:80', '127.0.0.1:{port}2:81/udp', '{port}3-{port}4:90-91', '0.0.0.0:{port}6:96' ]",
        &["-/+ ports"],
    ),
    (
        "volumes: [ 'data:/data', '{folder}:/host:ro', { type: volume, source: more, target: /more, read_only: true }, /cache, { type: tmpfs, target: /scratch, tmpfs: { size: 1m } } ]",
        "volumes: [ 'data:/data:ro', '{folder}:/host:ro', { type: volume, source: more, target: /more, read_only: true }, /cache, { type: tmpfs, target: /scratch, tmpfs: { size: 1m } } ]",
        &["-/+ volumes"],
    ),
    (
        "networks: { front: { aliases: [ shop, store ] }, back: }",
        "networks: { front: { aliases: [ shop ] }, back: }",
        &["~ networks"],
    ),
    (
        "labels: { com.example.one: '1', com.example.two: two words }",
        "labels: [ com.example.one=2, com.example.two=two words ]",
        &["-/+ labels"],
    ),
    (
        "restart: unless-stopped",
        "restart: on-failure:3",
        &["~ restart"],
    ),
    ("user: '0:0'", "user: root", &["-/+ user"]),
    (
        "working_dir: /tmp/",
        "working_dir: /data",
        &["-/+ working_dir"],
    ),
    (
        "hostname: shop-host",
        "hostname: other-host",
        &["-/+ hostname"],
    ),
    (
        "stop_signal: SIGINT",
        "stop_signal: TERM",
        &["-/+ stop_signal"],
    ),
    (
        "stop_grace_period: 1m30s",
        "stop_grace_period: 5s",
        &["-/+ stop_grace_period"],
    ),
    (
        "healthcheck: { test: 'true', interval: 1s, timeout: 2s, retries: 3, start_period: 1s }",
        "healthcheck: { test: 'true', interval: 1s, timeout: 2s, retries: 4, start_period: 1s }",
        &["-/+ healthcheck.retries"],
    ),
    ("tty: true", "tty: false", &["-/+ tty"]),
    ("stdin_open: true", "stdin_open: false", &["-/+ stdin_open"]),
    ("init: true", "init: false", &["-/+ init"]),
    (
        "cap_add: [ NET_ADMIN, cap_sys_time ]",
        "cap_add: [ SYS_TIME ]",
        &["-/+ cap_add"],
    ),
    (
        "cap_drop: [ MKNOD ]",
        "cap_drop: [ ALL ]",
        &["-/+ cap_drop"],
    ),
    ("mem_limit: 64m", "mem_limit: 96mb", &["~ memory"]),
    (
        "mem_reservation: 32m",
        "mem_reservation: 48m",
        &["~ memory_reservation"],
    ),
    ("cpus: 0.5", "cpus: '0.75'", &["~ cpus"]),
    ("cpu_shares: 512", "cpu_shares: 256", &["~ cpu_shares"]),
    ("cpuset: '0'", "cpuset: '0-1'", &["~ cpuset"]),
    ("pids_limit: 100", "pids_limit: 200", &["~ pids_limit"]),
    ("state: running", "state: stopped", &["state"]),
    // Not a property of the container: an order of work.
    ("depends_on: [ '{p}-third' ]", "depends_on: {}", &[]),
];

/// What does not go together with the rows above, in a container of its own.
const OTHER: &[Row] = &[
    (
        "image: lab/idle:1",
        "image: lab/serve:1",
        &["-/+ image", "-/+ command"],
    ),
    ("privileged: true", "privileged: false", &["-/+ privileged"]),
    ("read_only: true", "read_only: false", &["-/+ read_only"]),
    (
        "container_name: {p}-named",
        "container_name: {p}-renamed",
        &["~ container_name"],
    ),
    ("state: created", "state: running", &["state"]),
];

fn file(project: &Project, changed: Option<(&str, &Row)>) -> String {
    let mut text = String::from("containers:\n");
    for (name, rows) in [("web", ROWS), ("other", OTHER)] {
        text.push_str("  {p}-");
        text.push_str(name);
        text.push_str(":\n");
        for row in rows {
            let line = match changed {
                Some((container, changed)) if container == name && changed.0 == row.0 => row.1,
                _ => row.0,
            };
            text.push_str("    ");
            text.push_str(line);
            text.push('\n');
        }
    }
    text.push_str("  {p}-third:\n    image: lab/idle:1\n");
    text.push_str("networks: { front: {}, back: {} }\nvolumes: { data: {}, more: {} }\n");
    text.replace("{folder}", &project.folder().display().to_string())
}

/// What a plan says on the engine at hand: where limits cannot be changed, a new container takes the others.
fn on_this_engine(line: &str) -> String {
    const UPDATED: &[&str] = &[
        "restart",
        "memory",
        "memory_reservation",
        "cpus",
        "cpu_shares",
        "cpuset",
        "pids_limit",
    ];
    match line.strip_prefix("~ ") {
        Some(name) if UPDATED.contains(&name) && !engine().kind().can(Can::Update) => {
            format!("-/+ {name}")
        }
        _ => line.to_owned(),
    }
}

#[test]
fn all_of_them_apply_and_each_change_shows_alone() {
    let project = Project::new("containers: {}\n");
    project.write(&file(&project, None));
    project.settle();
    let mut faults = Vec::new();
    for (container, row) in ROWS
        .iter()
        .map(|row| ("web", row))
        .chain(OTHER.iter().map(|row| ("other", row)))
    {
        project.write(&file(&project, Some((container, row))));
        let plan = project.plan();
        let mut found = Vec::new();
        for step in plan["steps"].as_array().expect("steps") {
            let of = step["name"].as_str().expect("a name");
            let own: &[&str] = match container {
                "web" => &["web"],
                _ => &["named", "renamed"],
            };
            if !own.iter().any(|name| of == project.container(name)) {
                found.push(format!("{} {of}", step["action"]));
            }
            for change in step["changes"].as_array().expect("changes") {
                let sign = if change["forces_recreate"] == true {
                    "-/+"
                } else {
                    "~"
                };
                found.push(format!(
                    "{sign} {}",
                    change["path"].as_str().expect("a path")
                ));
            }
        }
        let wanted: Vec<String> = row.2.iter().map(|line| on_this_engine(line)).collect();
        let whole = found
            .iter()
            .all(|line| wanted.iter().any(|path| line.contains(path)))
            && wanted
                .iter()
                .all(|path| found.iter().any(|line| line.contains(path)));
        if !whole {
            faults.push(format!(
                "{} → {}\n    shows {found:?}, and {:?} was expected",
                row.0, row.1, wanted
            ));
        }
    }
    assert!(
        faults.is_empty(),
        "{} changes do not show alone:\n{}",
        faults.len(),
        faults.join("\n")
    );

    // All of them at once, and nothing is left to do.
    let changed: String = {
        let mut text = file(&project, None);
        for row in ROWS.iter().chain(OTHER) {
            let line = |text: &str| {
                format!(
                    "    {}\n",
                    text.replace("{folder}", &project.folder().display().to_string())
                )
            };
            text = text.replacen(&line(row.0), &line(row.1), 1);
        }
        text
    };
    project.write(&changed);
    project.settle();
    // And back: what was changed is changed again, in place or not.
    project.write(&file(&project, None));
    project.settle();
}

/// An attribute that goes from the file goes back to the image's or the engine's default.
#[test]
fn what_goes_from_the_file_goes_back_to_its_default() {
    let project = Project::new("containers: {}\n");
    project.write(&file(&project, None));
    project.apply();
    project.write(
        "containers:\n  {p}-web: { image: lab/serve:1 }\n  {p}-other: { image: lab/idle:1 }\n",
    );
    project.settle();
    let host = &project.inspect("web")["HostConfig"];
    assert_eq!(host["Memory"], 0, "{host}");
    assert_eq!(host["NanoCpus"], 0, "{host}");
    let added = host["CapAdd"].as_array();
    assert!(added.is_none_or(Vec::is_empty), "{host}");
    let config = &project.inspect("web")["Config"];
    assert_eq!(config["Cmd"], serde_json::json!(["serve"]), "{config}");
    assert_eq!(config["Tty"], false, "{config}");
}
