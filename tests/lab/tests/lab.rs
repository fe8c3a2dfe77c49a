//! The laboratory itself: what is started answers, and what ends leaves nothing behind.

use std::{
    fs,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};

use evenkeel_lab::{Engine, ImageSpec, Kind, Proxy};

/// Waits until something holds; panics after 20 s.
#[track_caller]
fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let started = Instant::now();
    while !holds() {
        assert!(started.elapsed() < Duration::from_secs(20), "{what}");
        sleep(Duration::from_millis(20));
    }
}

/// The cgroup folders of an engine.
fn groups(name: &str) -> Vec<PathBuf> {
    let controllers = fs::read_dir("/sys/fs/cgroup")
        .into_iter()
        .flatten()
        .flatten();
    let roots = controllers.map(|entry| entry.path());
    roots
        .chain([PathBuf::from("/sys/fs/cgroup")])
        .map(|root| root.join(name))
        .filter(|group| group.exists())
        .collect()
}

/// Every process whose command line holds a text.
fn processes(text: &str) -> Vec<String> {
    let all = fs::read_dir("/proc").into_iter().flatten().flatten();
    all.filter_map(|entry| fs::read(entry.path().join("cmdline")).ok())
        .map(|line| String::from_utf8_lossy(&line).replace('\0', " "))
        .filter(|line| line.contains(text))
        .collect()
}

fn name(folder: &Path) -> String {
    folder
        .file_name()
        .expect("a name")
        .to_string_lossy()
        .into_owned()
}

#[test]
fn an_engine_runs_containers_and_leaves_nothing() {
    let engine = Engine::start(Kind::wanted());
    let id = engine.image(
        "app:1",
        &ImageSpec::serve().env(&["A=b c \"d\" $e"]).labels(&["l=m"]),
    );
    assert!(id.starts_with("sha256:"), "{id}");
    engine.docker(&["run", "-d", "--name", "web", "-p", "8080:80", "app:1"]);
    until("the published port answers", || {
        engine.curl(8080).as_deref() == Some("hello\n")
    });
    let inspected = engine.inspect("web");
    let env = inspected["Config"]["Env"].to_string();
    assert!(env.contains(r#""A=b c \"d\" $e""#), "{env}");
    assert_eq!(inspected["Config"]["Labels"]["l"], "m");
    assert!(engine.has("web") && !engine.has("other"));

    // It ends on SIGTERM, so that tests don't wait.
    let started = Instant::now();
    engine.docker(&["stop", "web"]);
    assert!(
        started.elapsed() < Duration::from_secs(5),
        "{:?}",
        started.elapsed()
    );

    engine.docker(&["start", "web"]);
    let folder = engine.folder().to_owned();
    let group = name(&folder);
    assert!(
        !engine.kind().is_docker() || !groups(&group).is_empty(),
        "the containers have cgroups under {group}"
    );
    drop(engine);
    assert!(!folder.exists(), "{}", folder.display());
    assert_eq!(groups(&group), Vec::<PathBuf>::new());
    assert_eq!(processes(&group), Vec::<String>::new());
}

#[test]
fn two_engines_know_nothing_of_each_other() {
    let (one, two) = (Engine::start(Kind::wanted()), Engine::start(Kind::Docker20));
    for engine in [&one, &two] {
        engine.image("app:1", &ImageSpec::serve());
    }
    one.docker(&["run", "-d", "--name", "web", "-p", "8080:80", "app:1"]);
    assert!(!two.has("web"));
    two.docker(&[
        "run", "-d", "--name", "web", "-p", "8080:80", "-e", "PORT=81", "app:1",
    ]);
    until("the first one's port answers", || one.curl(8080).is_some());
    assert_eq!(two.curl(8080), None);
    assert_ne!(one.get("/info")["ID"], two.get("/info")["ID"]);
}

#[test]
fn an_engine_is_killed_and_started_again() {
    let engine = Engine::start(Kind::wanted());
    engine.image("app:1", &ImageSpec::idle());
    engine.docker(&["run", "-d", "--name", "web", "--restart", "always", "app:1"]);
    engine.kill();
    assert!(!engine.try_docker(&["ps"]).is_ok());
    engine.revive();
    until("the container comes back", || {
        engine.inspect("web")["State"]["Running"] == true
    });
    engine.restart();
    assert!(engine.has("web"));
}

#[test]
fn images_come_from_a_registry_with_and_without_a_password() {
    let engine = Engine::start(Kind::wanted());
    engine.image("app:1", &ImageSpec::idle());
    let registry = engine.registry();
    let reference = registry.push("app:1", "team/app:1");
    engine.docker(&["rmi", &reference]);
    engine.docker(&["pull", &reference]);
    drop(registry);
    assert!(!engine.try_docker(&["pull", &reference]).is_ok());

    let registry = engine.registry_with_password("reader", "open sesame");
    let reference = registry.push("app:1", "team/app:2");
    engine.docker(&["rmi", &reference]);
    if !engine.kind().is_docker() {
        // Podman 4.3 pushes with a password, and does not hand it on when it pulls.
        return;
    }
    engine.docker(&["pull", &reference]);
    engine.docker(&["logout", evenkeel_lab::Registry::ADDRESS]);
    let refused = engine.try_docker(&["pull", &reference]);
    assert!(
        refused.stderr.contains("no basic auth credentials"),
        "{refused}"
    );
}

#[test]
fn a_proxy_records_what_a_client_asks() {
    let engine = Engine::start(Kind::wanted());
    engine.image("app:1", &ImageSpec::idle());
    let proxy = Proxy::before(&engine);
    let mut docker = engine.docker_command(&["run", "--rm", "app:1", "echo", "done"]);
    docker.env("DOCKER_HOST", proxy.host());
    assert_eq!(evenkeel_lab::Ran::of(&mut docker).ok(), "done\n");
    let recorded: Vec<String> = proxy.recorded().iter().map(ToString::to_string).collect();
    assert!(
        recorded
            .iter()
            .any(|line| line.contains("/containers/create")),
        "{recorded:?}"
    );
    assert!(
        recorded.iter().any(|line| line.contains("/attach")),
        "{recorded:?}"
    );
}

#[test]
fn nothing_is_left_when_the_process_is_killed() {
    let mut up = Command::new(env!("CARGO_BIN_EXE_evenkeel-lab"))
        .args(["up", "--image", "app:1"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("starts");
    let mut lines = BufReader::new(up.stdout.take().expect("piped")).lines();
    let line = lines.next().expect("a line").expect("text");
    let host = line
        .strip_prefix("DOCKER_HOST=")
        .expect("the address")
        .to_owned();
    let folder = PathBuf::from(
        host.trim_start_matches("unix://")
            .trim_end_matches("/docker.sock"),
    );
    let run = Command::new("docker")
        .args([
            "-H", &host, "run", "-d", "--name", "stubborn", "app:1", "sleep", "1000",
        ])
        .output()
        .expect("docker runs");
    assert!(
        run.status.success(),
        "{}",
        String::from_utf8_lossy(&run.stderr)
    );
    let group = name(&folder);
    assert!(!groups(&group).is_empty());
    up.kill().expect("kill -9");
    up.wait().expect("it ends");
    until("everything is removed", || {
        !folder.exists() && groups(&group).is_empty() && processes(&group).is_empty()
    });
}

#[test]
fn the_end_of_its_input_ends_an_engine() {
    let mut up = Command::new(env!("CARGO_BIN_EXE_evenkeel-lab"))
        .arg("up")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("starts");
    let mut lines = BufReader::new(up.stdout.take().expect("piped")).lines();
    let line = lines.next().expect("a line").expect("text");
    let socket = PathBuf::from(line.trim_start_matches("DOCKER_HOST=unix://"));
    assert!(socket.exists());
    drop(up.stdin.take());
    assert!(up.wait().expect("it ends").success());
    assert!(!socket.exists());
}
