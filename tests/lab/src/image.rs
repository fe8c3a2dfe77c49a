//! Images made of Debian's static busybox, in a tenth of a second and without a registry.

use std::{
    fs,
    os::unix::fs::{PermissionsExt, symlink},
    path::{Path, PathBuf},
    process::Command,
    sync::atomic::{AtomicU32, Ordering},
};

use crate::{Engine, Kind, Ran, engine::feed};

/// Serves `/www` on `$PORT`, and ends at once on SIGTERM, which pid 1 ignores unless it handles it.
const SERVE: &str = r#"#!/bin/sh
trap 'exit 0' TERM INT
httpd -f -p "${PORT:-80}" -h /www &
while :; do wait; done
"#;

/// Does nothing, and ends at once on SIGTERM.
const IDLE: &str = r"#!/bin/sh
trap 'exit 0' TERM INT
while :; do sleep 3600 & wait $!; done
";

/// What an image of the laboratory says. Its files are busybox with all its names in `/bin`, the users `root` and `app`
/// (1000), and two programs: `idle` does nothing, `serve` serves `/www` on `$PORT`, or 80; both end on SIGTERM.
#[derive(Debug, Clone, Default)]
pub struct ImageSpec {
    /// `CMD`; `["idle"]` if this and the entrypoint are empty.
    pub cmd: Vec<String>,
    /// `ENTRYPOINT`.
    pub entrypoint: Vec<String>,
    /// `ENV`, as `NAME=value`.
    pub env: Vec<String>,
    /// `EXPOSE`, such as `80/tcp`.
    pub expose: Vec<String>,
    /// What stands after `HEALTHCHECK`.
    pub healthcheck: Option<String>,
    /// `VOLUME`.
    pub volumes: Vec<String>,
    /// `USER`.
    pub user: Option<String>,
    /// `WORKDIR`.
    pub workdir: Option<String>,
    /// `LABEL`, as `name=value`.
    pub labels: Vec<String>,
    /// Programs in `/usr/local/bin` besides, each a name and the text of a shell script.
    pub programs: Vec<(String, String)>,
}

impl ImageSpec {
    /// An image that idles.
    #[must_use]
    pub fn idle() -> Self {
        Self::default()
    }

    /// An image that serves HTTP on port 80.
    #[must_use]
    pub fn serve() -> Self {
        Self {
            cmd: vec!["serve".to_owned()],
            expose: vec!["80/tcp".to_owned()],
            ..Self::default()
        }
    }

    /// With this command.
    #[must_use]
    pub fn cmd(mut self, words: &[&str]) -> Self {
        self.cmd = owned(words);
        self
    }

    /// With these variables, as `NAME=value`.
    #[must_use]
    pub fn env(mut self, variables: &[&str]) -> Self {
        self.env = owned(variables);
        self
    }

    /// With these labels, as `name=value`.
    #[must_use]
    pub fn labels(mut self, labels: &[&str]) -> Self {
        self.labels = owned(labels);
        self
    }

    /// With these volumes.
    #[must_use]
    pub fn volumes(mut self, paths: &[&str]) -> Self {
        self.volumes = owned(paths);
        self
    }

    /// With one more program: a shell script.
    pub fn program(mut self, name: &str, script: &str) -> Self {
        self.programs.push((name.to_owned(), script.to_owned()));
        self
    }

    fn changes(&self, kind: Kind) -> Vec<String> {
        let json = |words: &[String]| serde_json::Value::from(words.to_vec()).to_string();
        let pair = |word: &str, pair: &str| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            if !kind.is_docker() {
                // Podman takes what follows as it is.
                return format!("{word} {name}={value}");
            }
            let value = value
                .replace('\\', "\\\\")
                .replace('"', "\\\"")
                .replace('$', "\\$");
            format!("{word} {name}=\"{value}\"")
        };
        let mut changes = Vec::new();
        if !self.entrypoint.is_empty() {
            changes.push(format!("ENTRYPOINT {}", json(&self.entrypoint)));
        }
        if !self.cmd.is_empty() {
            changes.push(format!("CMD {}", json(&self.cmd)));
        } else if self.entrypoint.is_empty() {
            changes.push(r#"CMD ["idle"]"#.to_owned());
        }
        // Without it the engine's own default would do as well, but an image from a registry usually says it.
        changes.push(
            "ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin".to_owned(),
        );
        changes.extend(self.env.iter().map(|variable| pair("ENV", variable)));
        changes.extend(self.expose.iter().map(|port| format!("EXPOSE {port}")));
        changes.extend(self.volumes.iter().map(|path| format!("VOLUME {path}")));
        changes.extend(self.user.iter().map(|user| format!("USER {user}")));
        changes.extend(self.workdir.iter().map(|path| format!("WORKDIR {path}")));
        changes.extend(self.labels.iter().map(|label| pair("LABEL", label)));
        changes.extend(
            self.healthcheck
                .iter()
                .map(|check| format!("HEALTHCHECK {check}")),
        );
        changes
    }
}

fn owned(words: &[&str]) -> Vec<String> {
    words.iter().map(|&word| word.to_owned()).collect()
}

/// Makes the archive of a root file system in an engine's folder.
pub(crate) fn root(folder: &Path) -> Result<PathBuf, String> {
    let busybox = ["/bin/busybox", "/usr/bin/busybox"]
        .into_iter()
        .find(|path| Path::new(path).is_file())
        .ok_or("busybox is not installed; apt-get install busybox-static")?;
    let listed = Command::new(busybox)
        .arg("--list")
        .output()
        .map_err(|error| error.to_string())?;
    let root = folder.join("rootfs");
    files(&root, busybox, &String::from_utf8_lossy(&listed.stdout))
        .map_err(|error| format!("cannot write {}: {error}", root.display()))?;
    let archive = folder.join("rootfs.tar");
    let ran = Ran::of(
        Command::new("tar")
            .arg("-C")
            .arg(&root)
            .args(["--owner=0", "--group=0", "-cf"])
            .arg(&archive)
            .arg("."),
    );
    if ran.is_ok() {
        Ok(archive)
    } else {
        Err(ran.stderr)
    }
}

fn files(root: &Path, busybox: &str, names: &str) -> std::io::Result<()> {
    for folder in ["bin", "etc", "root", "www", "data", "home/app", "var/lib"] {
        fs::create_dir_all(root.join(folder))?;
    }
    fs::create_dir_all(root.join("tmp"))?;
    fs::set_permissions(root.join("tmp"), fs::Permissions::from_mode(0o1777))?;
    fs::copy(busybox, root.join("bin/busybox"))?;
    for name in names.lines().filter(|&name| name != "busybox") {
        symlink("busybox", root.join("bin").join(name))?;
    }
    for (name, text) in [("serve", SERVE), ("idle", IDLE)] {
        let program = root.join("bin").join(name);
        fs::write(&program, text)?;
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755))?;
    }
    fs::write(
        root.join("etc/passwd"),
        "root:x:0:0:root:/root:/bin/sh\napp:x:1000:1000:app:/home/app:/bin/sh\n",
    )?;
    fs::write(root.join("etc/group"), "root:x:0:\napp:x:1000:\n")?;
    fs::write(root.join("www/index.html"), "hello\n")
}

/// Makes an image of the archive. Answers with its id.
#[track_caller]
pub(crate) fn import(engine: &Engine, archive: &Path, reference: &str, spec: &ImageSpec) -> String {
    let mut arguments = vec!["import".to_owned()];
    for change in spec.changes(engine.kind()) {
        arguments.extend(["--change".to_owned(), change]);
    }
    arguments.extend(["-".to_owned(), reference.to_owned()]);
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let content = content(archive, &spec.programs)
        .unwrap_or_else(|error| panic!("cannot make an image: {error}"));
    let ran = feed(&mut engine.docker_command(&words), &content)
        .unwrap_or_else(|error| panic!("{error}"));
    // Podman says it twice, as a step and as what came of it.
    let said = ran.ok();
    said.split_whitespace()
        .next_back()
        .unwrap_or_default()
        .to_owned()
}

/// The archive, with programs besides.
fn content(archive: &Path, programs: &[(String, String)]) -> std::io::Result<Vec<u8>> {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    if programs.is_empty() {
        return fs::read(archive);
    }
    let next = NEXT.fetch_add(1, Ordering::Relaxed);
    let own = archive.with_file_name(format!("rootfs-{next}"));
    let bin = own.join("usr/local/bin");
    fs::create_dir_all(&bin)?;
    for (name, script) in programs {
        fs::write(bin.join(name), format!("#!/bin/sh\n{script}\n"))?;
        fs::set_permissions(bin.join(name), fs::Permissions::from_mode(0o755))?;
    }
    let whole = archive.with_file_name(format!("rootfs-{next}.tar"));
    fs::copy(archive, &whole)?;
    Ran::of(
        Command::new("tar")
            .arg("-C")
            .arg(&own)
            .args(["--owner=0", "--group=0", "-rf"])
            .arg(&whole)
            .arg("usr"),
    )
    .ok();
    let content = fs::read(&whole)?;
    fs::remove_file(&whole)?;
    Ok(content)
}
