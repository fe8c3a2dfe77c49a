//! The engines that can be started, and where they come from.

use std::{
    ffi::OsString,
    fmt,
    path::{Path, PathBuf},
    process::Command,
    str::FromStr,
};

/// An engine that can be started.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Docker 20.10, Debian 12's `docker.io`. API 1.41.
    Docker20,
    /// Docker 26.1, Debian 13's packages, unpacked into the cache. API 1.45.
    Docker26,
    /// Docker 28.5, the packages of Debian testing, unpacked into the cache. API 1.51.
    Docker28,
    /// Podman 4.3, Debian 12's `podman`. API 1.41 of Docker's.
    Podman4,
}

/// What not every engine can. A test asks for it, and says what happens where it cannot be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Can {
    /// Change limits and the restart policy of a container that is there (`docker update`).
    Update,
    /// Take a health check along in what an import says of an image.
    ImportHealthCheck,
    /// Show the fixed addresses that were asked for.
    ShowAddresses,
    /// Remove a network that a container which does not run was on.
    LoseNetworks,
}

/// What an engine does with the packet filter of its network namespace.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Filter {
    /// Rules for each network and each published port.
    #[default]
    Rules,
    /// Nothing: networks are made in a fraction of the time, and nothing leaves them but by the engine's proxies. (Podman
    /// makes its rules as a container starts, and always.)
    Untouched,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 4] = [
        Self::Docker20,
        Self::Docker26,
        Self::Docker28,
        Self::Podman4,
    ];

    /// The engine that the environment asks for by `EVENKEEL_LAB_KIND`, else [`Kind::Docker20`].
    #[must_use]
    pub fn wanted() -> Self {
        match std::env::var("EVENKEEL_LAB_KIND") {
            Ok(name) => name
                .parse()
                .unwrap_or_else(|error| panic!("EVENKEEL_LAB_KIND: {error}")),
            Err(_) => Self::Docker20,
        }
    }

    /// Its name on a command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Docker20 => "docker20",
            Self::Docker26 => "docker26",
            Self::Docker28 => "docker28",
            Self::Podman4 => "podman4",
        }
    }

    /// Whether it is Docker's own engine.
    #[must_use]
    pub const fn is_docker(self) -> bool {
        !matches!(self, Self::Podman4)
    }

    /// Whether it can do this. The one place that says so; the README lists the same for people.
    #[must_use]
    pub const fn can(self, what: Can) -> bool {
        match what {
            Can::Update | Can::ImportHealthCheck | Can::ShowAddresses | Can::LoseNetworks => {
                self.is_docker()
            }
        }
    }

    /// Whether its health checks advance only where systemd runs its timers.
    pub(crate) const fn needs_timers(self) -> bool {
        !self.is_docker()
    }

    /// Where an engine of another release of Debian is unpacked, below `target`, which Git ignores.
    fn cache(self) -> Option<PathBuf> {
        match self {
            Self::Docker20 | Self::Podman4 => None,
            Self::Docker26 | Self::Docker28 => Some(
                Path::new(env!("CARGO_MANIFEST_DIR"))
                    .join("../../target/engines")
                    .join(self.name()),
            ),
        }
    }

    /// The engine's program, and the `PATH` on which it finds its helpers. An error says what to install.
    pub(crate) fn program(self) -> Result<(PathBuf, OsString), String> {
        // Debian keeps these programs in `sbin`, which is not on everybody's path.
        let mut folders: Vec<PathBuf> = match self.cache() {
            Some(cache) => vec![cache.join("usr/sbin"), cache.join("usr/bin")],
            None => Vec::new(),
        };
        let of_cache = folders.len();
        if let Some(path) = std::env::var_os("PATH") {
            folders.extend(std::env::split_paths(&path));
        }
        folders.extend(["/usr/sbin", "/usr/bin", "/sbin", "/bin"].map(PathBuf::from));
        let (name, hint) = match self {
            Self::Docker20 => ("dockerd", "apt-get install docker.io"),
            Self::Podman4 => ("podman", "apt-get install podman"),
            Self::Docker26 | Self::Docker28 => ("dockerd", "tests/lab/fetch brings it"),
        };
        let searched = if of_cache > 0 {
            &folders[..of_cache]
        } else if self == Self::Docker20 {
            // What a package manager installed, and no program of the same name that stands before it on the path.
            &folders[folders.len() - 4..]
        } else {
            &folders[..]
        };
        let program = searched
            .iter()
            .map(|folder| folder.join(name))
            .find(|program| program.is_file())
            .ok_or_else(|| format!("the engine {self} is not installed; {hint}"))?;
        let path = std::env::join_paths(&folders).map_err(|error| error.to_string())?;
        Ok((program, path))
    }

    /// The arguments with which the engine serves a socket from a folder of its own.
    pub(crate) fn arguments(
        self,
        folder: &Path,
        group: &str,
        filter: Filter,
        command: &mut Command,
    ) {
        let at = |name: &str| folder.join(name);
        if self.is_docker() {
            command
                .arg("--data-root")
                .arg(at("data"))
                .arg("--exec-root")
                .arg(at("exec"))
                .arg("--pidfile")
                .arg(at("dockerd.pid"))
                .arg("--host")
                .arg(socket(folder))
                .args(["--cgroup-parent", &format!("/{group}")])
                // Also where systemd runs outside: it does not know the namespaces.
                .args(["--exec-opt", "native.cgroupdriver=cgroupfs"])
                .args(["--shutdown-timeout", "2"]);
            if filter == Filter::Untouched {
                command.args(["--iptables=false", "--ip6tables=false"]);
            }
        } else {
            command
                .arg("--root")
                .arg(at("data"))
                .arg("--runroot")
                .arg(at("exec"))
                .arg("--tmpdir")
                .arg(at("tmp"))
                .arg("--network-config-dir")
                .arg(at("networks"))
                .args(["--cgroup-manager", "cgroupfs", "--events-backend", "file"])
                .args(["system", "service", "--time", "0"])
                .arg(socket(folder))
                .env("CONTAINERS_REGISTRIES_CONF", at("registries.conf"));
        }
    }

    /// What the engine reads as it starts, beside its arguments.
    pub(crate) fn settings(self, folder: &Path) -> std::io::Result<()> {
        if self.is_docker() {
            return Ok(());
        }
        std::fs::create_dir_all(folder.join("networks"))?;
        // Docker asks the loopback for no TLS, and takes a short name to be one of its own registry; so does this then.
        std::fs::write(
            folder.join("registries.conf"),
            "unqualified-search-registries = [\"docker.io\"]\n\
             [[registry]]\nlocation = \"127.0.0.1:5000\"\ninsecure = true\n",
        )
    }
}

/// The engine's address.
pub(crate) fn socket(folder: &Path) -> String {
    format!("unix://{}/docker.sock", folder.display())
}

impl fmt::Display for Kind {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.name())
    }
}

impl FromStr for Kind {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|kind| kind.name() == text)
            .ok_or_else(|| {
                let names = Self::ALL.map(Self::name).join(", ");
                format!("`{text}` is no engine of the laboratory: {names}")
            })
    }
}
