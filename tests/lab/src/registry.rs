//! A registry that one engine reaches.

use std::{
    fs,
    process::{Child, Command, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};

use crate::{
    Engine, Ran,
    engine::feed,
    holder::{child_of, is_installed, kill},
};

/// How long a registry may take to answer; 85 ms are usual.
const PATIENCE: Duration = Duration::from_secs(20);

/// Debian's `docker-registry` on the loopback of an engine, where the engine asks for no TLS. Ends with this value.
#[derive(Debug)]
pub struct Registry<'a> {
    engine: &'a Engine,
    process: Child,
    login: Option<(String, String)>,
}

impl<'a> Registry<'a> {
    /// Its address, as image references begin with.
    pub const ADDRESS: &'static str = "127.0.0.1:5000";

    #[track_caller]
    pub(crate) fn start(engine: &'a Engine, login: Option<(&str, &str)>) -> Self {
        for (program, package) in [
            ("docker-registry", "docker-registry"),
            ("htpasswd", "apache2-utils"),
        ] {
            assert!(
                is_installed(program),
                "`{program}` is not installed; apt-get install {package}"
            );
        }
        let folder = engine.folder().join("registry");
        fs::create_dir_all(&folder)
            .unwrap_or_else(|error| panic!("cannot make {}: {error}", folder.display()));
        let mut config = format!(
            "version: 0.1\nlog: {{ level: error }}\nstorage: {{ filesystem: {{ rootdirectory: {}/data }}, delete: {{ enabled: true }} }}\nhttp: {{ addr: \"{}\" }}\n",
            folder.display(),
            Self::ADDRESS
        );
        if let Some((user, password)) = login {
            let users = Ran::of(Command::new("htpasswd").args(["-Bbn", user, password])).ok();
            write(&folder.join("htpasswd"), &users);
            let users = folder.join("htpasswd").display().to_string();
            config.push_str("auth: { htpasswd: { realm: laboratory, path: ");
            config.push_str(&users);
            config.push_str(" } }\n");
        }
        write(&folder.join("config.yml"), &config);
        let log = fs::File::create(folder.join("log")).unwrap_or_else(|error| panic!("{error}"));
        let process = engine
            .holder()
            .enter("docker-registry")
            .arg("serve")
            .arg(folder.join("config.yml"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .unwrap_or_else(|error| panic!("cannot run nsenter: {error}"));
        let registry = Self {
            engine,
            process,
            login: login.map(|(user, password)| (user.to_owned(), password.to_owned())),
        };
        let started = Instant::now();
        while !registry.answers() {
            assert!(
                started.elapsed() < PATIENCE,
                "the registry does not answer: {}",
                fs::read_to_string(folder.join("log")).unwrap_or_default()
            );
            sleep(Duration::from_millis(20));
        }
        registry
    }

    fn answers(&self) -> bool {
        let mut curl = self.engine.on_its_network("curl");
        curl.args(["--silent", "--max-time", "2", "--output", "/dev/null"])
            .arg(format!("http://{}/v2/", Self::ADDRESS));
        Ran::of(&mut curl).is_ok()
    }

    /// Pushes an image that the engine has under another name, as `127.0.0.1:5000/NAME`; answers with that reference.
    /// The engine keeps the tag, unless it is removed with [`Engine::docker`].
    #[track_caller]
    pub fn push(&self, image: &str, name: &str) -> String {
        let reference = format!("{}/{name}", Self::ADDRESS);
        if let Some((user, password)) = &self.login {
            self.log_in(user, password);
        }
        self.engine.docker(&["tag", image, &reference]);
        self.engine.docker(&["push", "--quiet", &reference]);
        reference
    }
}

impl Registry<'_> {
    /// Writes what `docker login` writes. The command itself asks the engine first, which Podman cannot do without TLS.
    #[track_caller]
    pub fn log_in(&self, user: &str, password: &str) {
        let pair = format!("{user}:{password}");
        let coded = feed(Command::new("base64").arg("--wrap=0"), pair.as_bytes());
        let coded = coded.unwrap_or_else(|error| panic!("{error}")).ok();
        let folder = self.engine.folder().join("config");
        fs::create_dir_all(&folder)
            .unwrap_or_else(|error| panic!("cannot make {}: {error}", folder.display()));
        let settings = serde_json::json!({ "auths": { Self::ADDRESS: { "auth": coded } } });
        write(&folder.join("config.json"), &settings.to_string());
    }
}

impl Drop for Registry<'_> {
    fn drop(&mut self) {
        if let Some(inside) = child_of(self.process.id()) {
            kill(inside);
        }
        drop(self.process.wait());
    }
}

#[track_caller]
fn write(path: &std::path::Path, text: &str) {
    if let Err(error) = fs::write(path, text) {
        panic!("cannot write {}: {error}", path.display());
    }
}
