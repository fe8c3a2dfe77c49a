//! The namespaces of one engine: who holds them, and how a program is entered into them.

use std::{
    fs,
    io::{BufRead, BufReader},
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::atomic::{AtomicU32, Ordering},
    time::{Duration, SystemTime},
};

/// Holds the namespaces, and removes what is left when they end.
const JANITOR: &str = include_str!("janitor.sh");

/// Every folder of a laboratory begins with this, below [`base`].
const PREFIX: &str = "ek-";

/// A folder whose lock nobody holds is somebody's in the making, if it is younger than this.
const YOUNG: Duration = Duration::from_mins(1);

/// Namespaces that live as long as this value does, and no longer than this process.
#[derive(Debug)]
pub struct Holder {
    /// Outside of the namespaces. Its standard input is the pipe that keeps them alive.
    janitor: Child,
    /// Pid 1 of the namespaces, as it is called outside.
    pid: u32,
    /// Everything of this engine is in here.
    folder: PathBuf,
    /// The cgroup of its containers.
    group: String,
}

impl Holder {
    /// Makes the namespaces and their folder.
    pub fn start() -> Result<Self, String> {
        sweep();
        if !fs::read_to_string("/proc/self/status").is_ok_and(|status| is_root(&status)) {
            return Err(
                "only root can start an engine in namespaces of its own; run this as root"
                    .to_owned(),
            );
        }
        let init = ["docker-init", "tini"]
            .into_iter()
            .find(|name| is_installed(name))
            .ok_or("no init is installed; apt-get install docker.io")?;
        for (program, package) in [
            ("ip", "iproute2"),
            ("iptables", "iptables"),
            ("nsenter", "util-linux"),
        ] {
            if !is_installed(program) {
                return Err(format!(
                    "`{program}` is not installed; apt-get install {package}"
                ));
            }
        }
        let group = group();
        // Short: the path of a socket has at most 107 bytes, and engines add to it. Not below /run, which is masked.
        let folder = base().join(&group);
        fs::create_dir_all(&folder)
            .map_err(|error| format!("cannot make {}: {error}", folder.display()))?;
        let log = fs::File::create(folder.join("holder.log")).map_err(|error| error.to_string())?;
        let mut janitor = Command::new("sh")
            .args(["-c", JANITOR, "evenkeel-lab"])
            .arg(&folder)
            .args([&group, init])
            .env("PATH", path())
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(log)
            // Ctrl-C on a terminal is for the tests; what they held is cleaned up because they end.
            .process_group(0)
            .spawn()
            .map_err(|error| format!("cannot run sh: {error}"))?;
        let mut ready = String::new();
        let said = janitor.stdout.take().map(BufReader::new);
        let read = said.map_or(Ok(0), |mut said| said.read_line(&mut ready));
        let mut holder = Self {
            janitor,
            pid: 0,
            folder,
            group,
        };
        if read.is_err() || ready.trim() != "ready" {
            let log = fs::read_to_string(holder.folder.join("holder.log")).unwrap_or_default();
            return Err(format!("cannot make namespaces: {}", log.trim()));
        }
        holder.pid = child_of(holder.janitor.id())
            .and_then(child_of)
            .ok_or("the holder of the namespaces has ended")?;
        Ok(holder)
    }

    /// The folder of this engine.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The cgroup of this engine's containers.
    pub fn group(&self) -> &str {
        &self.group
    }

    /// Pid 1 of the namespaces, as it is called outside.
    pub fn pid(&self) -> u32 {
        self.pid
    }

    /// A command that runs inside. What it starts ends with the namespaces.
    pub fn enter(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = self.nsenter(&["--mount", "--net", "--pid", "--ipc", "--uts"]);
        command.arg(program);
        command
    }

    /// A command that runs in the network namespace alone: it sees this machine's files.
    pub fn enter_network(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = self.nsenter(&["--net"]);
        command.arg(program);
        command
    }

    fn nsenter(&self, namespaces: &[&str]) -> Command {
        let mut command = Command::new("nsenter");
        command
            .args(["--target", &self.pid.to_string()])
            .args(namespaces)
            .env("PATH", path())
            .current_dir("/");
        // What this machine reaches the internet by does not reach anything from inside.
        for name in ["http_proxy", "https_proxy", "all_proxy", "no_proxy"] {
            command.env_remove(name).env_remove(name.to_uppercase());
        }
        command
    }
}

impl Drop for Holder {
    fn drop(&mut self) {
        // The end of pid 1 ends everything inside; closing the pipe would do too, only later.
        if self.pid != 0 {
            kill(self.pid);
        }
        drop(self.janitor.stdin.take());
        // Waits until the janitor has cleaned up. An error means that it is gone already.
        drop(self.janitor.wait());
    }
}

/// The folder of all laboratories. Tests that look at what is left behind use another.
pub(crate) fn base() -> PathBuf {
    std::env::var_os("EVENKEEL_LAB_DIR").map_or_else(|| PathBuf::from("/tmp"), PathBuf::from)
}

/// A name that no other laboratory of this machine has.
fn group() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let next = NEXT.fetch_add(1, Ordering::Relaxed);
    let now = SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or_default();
    format!(
        "{PREFIX}{}-{next}-{:x}",
        std::process::id(),
        now.subsec_micros()
    )
}

/// Removes what laboratories left whose janitors were killed as well.
fn sweep() {
    let Ok(folders) = fs::read_dir(base()) else {
        return;
    };
    for folder in folders.flatten() {
        let name = folder.file_name().to_string_lossy().into_owned();
        let lock = folder.path().join("lock");
        let old = fs::metadata(&lock)
            .and_then(|lock| lock.modified())
            .is_ok_and(|made| made.elapsed().is_ok_and(|age| age > YOUNG));
        if !name.starts_with(PREFIX) || !old {
            continue;
        }
        let Ok(file) = fs::File::open(&lock) else {
            continue;
        };
        if file.try_lock().is_ok() {
            remove_groups(Path::new("/sys/fs/cgroup"), &name);
            // What cannot be removed now is tried again by the next laboratory.
            drop(fs::remove_dir_all(folder.path()));
        }
    }
}

/// Removes a laboratory's cgroups: of version 2 at the root, of version 1 in the folder of each controller.
fn remove_groups(root: &Path, group: &str) {
    let controllers = fs::read_dir(root).into_iter().flatten().flatten();
    let roots = controllers.map(|entry| entry.path());
    for folder in roots.chain([root.to_owned()]) {
        remove_group(&folder.join(group));
    }
}

fn remove_group(folder: &Path) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            remove_group(&entry.path());
        }
    }
    // Not there, or still used by somebody who will be swept later.
    drop(fs::remove_dir(folder));
}

fn is_root(status: &str) -> bool {
    status
        .lines()
        .find_map(|line| line.strip_prefix("Uid:"))
        .and_then(|ids| ids.split_whitespace().nth(1))
        == Some("0")
}

/// The usual path, with the folders of programs for administrators.
fn path() -> String {
    let path = std::env::var("PATH").unwrap_or_default();
    format!("{path}:/usr/local/sbin:/usr/sbin:/sbin:/usr/bin:/bin")
}

pub(crate) fn is_installed(program: &str) -> bool {
    std::env::split_paths(&path()).any(|folder| folder.join(program).is_file())
}

/// The first child of a process.
pub(crate) fn child_of(parent: u32) -> Option<u32> {
    fs::read_dir("/proc").ok()?.flatten().find_map(|entry| {
        let pid: u32 = entry.file_name().to_str()?.parse().ok()?;
        let stat = fs::read_to_string(entry.path().join("stat")).ok()?;
        // "pid (name) state ppid …", where the name may hold anything.
        let (_, rest) = stat.rsplit_once(')')?;
        let found: u32 = rest.split_whitespace().nth(1)?.parse().ok()?;
        (found == parent).then_some(pid)
    })
}

/// `kill -9`, of a process that this laboratory started.
pub(crate) fn kill(pid: u32) {
    signal(pid, "KILL");
}

/// Sends a signal to a process that this laboratory started.
pub(crate) fn signal(pid: u32, name: &str) {
    // An error means that the process is gone.
    drop(
        Command::new("kill")
            .args([format!("-{name}"), pid.to_string()])
            .stderr(Stdio::null())
            .status(),
    );
}
