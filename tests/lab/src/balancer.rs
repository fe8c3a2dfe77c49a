//! A reverse proxy, as people put one before their containers.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Child, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};

use crate::{
    Engine,
    holder::{child_of, is_installed, kill},
};

/// How long the proxy may take to listen; 100 ms are usual.
const PATIENCE: Duration = Duration::from_secs(20);

/// Debian's `haproxy` in a container's network: it finds what it passes requests on to by asking the engine's name server
/// for an alias, as it would as a program of that container. Ends with this value.
#[derive(Debug)]
pub struct Balancer {
    folder: PathBuf,
    process: Child,
}

impl Balancer {
    /// Starts it in the network of a running container. Requests go to port 80 of every container of that network which
    /// has the alias and answers `GET /ready` with 200. It asks each five times a second, and believes the second bad answer.
    #[track_caller]
    #[must_use]
    pub fn start(engine: &Engine, container: &str, alias: &str) -> Self {
        assert!(
            is_installed("haproxy"),
            "`haproxy` is not installed; apt-get install haproxy"
        );
        let folder = engine.folder().join(container);
        fs::create_dir_all(&folder)
            .unwrap_or_else(|error| panic!("cannot make {}: {error}", folder.display()));
        let config = folder.join("haproxy.cfg");
        fs::write(
            &config,
            settings(&folder, &name_server(engine, container), alias),
        )
        .unwrap_or_else(|error| panic!("cannot write {}: {error}", config.display()));
        let log = fs::File::create(folder.join("log")).unwrap_or_else(|error| panic!("{error}"));
        let errors = log.try_clone().unwrap_or_else(|error| panic!("{error}"));
        let pid = engine.inspect(container)["State"]["Pid"].clone();
        // The container's pid is one of the engine's namespaces, so the way into its network begins there.
        let process = engine
            .holder()
            .enter("nsenter")
            .args([
                "--target",
                &pid.to_string(),
                "--net",
                "haproxy",
                "-db",
                "-f",
            ])
            .arg(&config)
            .stdin(Stdio::null())
            .stdout(log)
            .stderr(errors)
            .spawn()
            .unwrap_or_else(|error| panic!("cannot run nsenter: {error}"));
        let balancer = Self { folder, process };
        let started = Instant::now();
        while !balancer.socket().exists() {
            assert!(
                started.elapsed() < PATIENCE,
                "the proxy does not listen: {}",
                balancer.log()
            );
            sleep(Duration::from_millis(20));
        }
        balancer
    }

    /// Where it takes requests: its clients need not be in the engine's network.
    #[must_use]
    pub fn socket(&self) -> PathBuf {
        self.folder.join("proxy.sock")
    }

    /// What it logged: each server that it takes up or down, and why.
    #[must_use]
    pub fn log(&self) -> String {
        fs::read_to_string(self.folder.join("log")).unwrap_or_default()
    }
}

/// The name server of a container.
fn name_server(engine: &Engine, container: &str) -> String {
    let settings = engine.docker(&["exec", container, "cat", "/etc/resolv.conf"]);
    settings
        .lines()
        .find_map(|line| line.strip_prefix("nameserver "))
        .unwrap_or_else(|| panic!("{container} has no name server: {settings}"))
        .to_owned()
}

/// What haproxy's own guide to Docker's name server recommends, with the times cut short where no busy machine
/// makes them too short.
fn settings(folder: &Path, name_server: &str, alias: &str) -> String {
    format!(
        "global
    log stdout format raw local0
defaults
    mode http
    timeout connect 2s
    timeout check 5s
    timeout client 10s
    timeout server 10s
    retries 3
    option redispatch 1
resolvers engine
    nameserver engine {name_server}:53
    timeout resolve 100ms
    timeout retry 100ms
    hold valid 100ms
    hold obsolete 0s
frontend requests
    bind unix@{folder}/proxy.sock
    default_backend servers
backend servers
    log global
    option httpchk GET /ready
    default-server check inter 200ms fall 2 rise 1 resolvers engine init-addr none
    server-template server 4 {alias}:80
",
        folder = folder.display()
    )
}

impl Drop for Balancer {
    fn drop(&mut self) {
        if let Some(inside) = child_of(self.process.id()) {
            kill(inside);
        }
        drop(self.process.wait());
    }
}
