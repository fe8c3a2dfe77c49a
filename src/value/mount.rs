//! The short syntax of a mount, `[SOURCE:]TARGET[:OPTIONS]`, which is also what the engine calls a bind.
//!
//! The long syntax is the vocabulary's; it can say more.

use std::{fmt, str::FromStr};

use super::{ContainerPath, container_path::clean};

/// What is mounted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MountSource {
    /// A volume that the engine makes and names.
    Anonymous,
    /// A volume by its name.
    Volume(String),
    /// A file or folder of the host. An absolute path is in its shortest form, any other (`./data`, `~/data`) as given.
    Path(String),
}

/// A mount in the short syntax.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mount {
    /// What is mounted.
    pub source: MountSource,
    /// Where it is mounted.
    pub target: ContainerPath,
    /// Whether the container may not write to it (`ro`).
    pub read_only: bool,
    /// The label that `SELinux` gives to what is mounted: `z` shared, `Z` private.
    pub selinux: Option<&'static str>,
    /// How mounts inside spread between host and container: one of [`PROPAGATIONS`].
    pub propagation: Option<&'static str>,
    /// Whether a new volume stays empty instead of getting the image's files of the same folder.
    pub nocopy: bool,
    /// How exactly both sides see each other's changes, where that is a choice: one of [`CONSISTENCIES`].
    pub consistency: Option<&'static str>,
}

/// How mounts inside a bind mount spread (`mount(8)`).
pub const PROPAGATIONS: &[&str] = &[
    "private", "rprivate", "shared", "rshared", "slave", "rslave",
];

/// Docker's words for consistency; engines on Linux take and ignore them.
pub const CONSISTENCIES: &[&str] = &["consistent", "cached", "delegated"];

impl Mount {
    /// A mount without options.
    #[must_use]
    pub fn new(source: MountSource, target: ContainerPath) -> Self {
        Self {
            source,
            target,
            read_only: false,
            selinux: None,
            propagation: None,
            nocopy: false,
            consistency: None,
        }
    }

    /// Reads a bind as an engine reports it: options that nobody knows are left out, since engines add some of their own
    /// (Podman: `rbind`, `nosuid`). `None` if there is no mount in it.
    #[must_use]
    pub fn from_engine(bind: &str) -> Option<Self> {
        let (mut mount, options) = parts(bind).ok()?;
        for option in options {
            let _ = mount.set(option);
        }
        Some(mount)
    }

    fn set(&mut self, option: &str) -> Result<(), String> {
        let word = |words: &[&'static str]| words.iter().copied().find(|word| *word == option);
        match option {
            "ro" => self.read_only = true,
            "rw" => self.read_only = false,
            "z" => self.selinux = Some("z"),
            "Z" => self.selinux = Some("Z"),
            "nocopy" => self.nocopy = true,
            "copy" => self.nocopy = false,
            _ => {
                if let Some(word) = word(PROPAGATIONS) {
                    self.propagation = Some(word);
                } else if let Some(word) = word(CONSISTENCIES) {
                    self.consistency = Some(word);
                } else {
                    return Err(format!(
                        "`{option}` is no option of a mount, such as ro, nocopy or z"
                    ));
                }
            }
        }
        Ok(())
    }
}

/// The word of a list that a text is.
#[must_use]
pub fn word_of(words: &[&'static str], text: &str) -> Option<&'static str> {
    words.iter().copied().find(|word| *word == text)
}

/// Whether a source is a path of the host and not a volume's name (Compose's rule).
#[must_use]
pub fn is_path(source: &str) -> bool {
    source.starts_with(['/', '.', '~'])
}

/// A path of the host: an absolute one in its shortest form, any other as given.
#[must_use]
pub fn host_path(source: &str) -> String {
    if source.starts_with('/') {
        clean(source)
    } else {
        source.to_owned()
    }
}

/// Whether a volume may have this name (the engine's rule, but for a single letter: as a key of the file it gets the
/// project's name before it).
#[must_use]
pub fn is_volume_name(name: &str) -> bool {
    // The engine's own limit is that of a folder's name.
    (1..=255).contains(&name.len())
        && name.starts_with(|c: char| c.is_ascii_alphanumeric())
        && name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-'))
}

/// Whether a volume's name is one that an engine made up: 64 hexadecimal digits.
#[must_use]
pub fn is_anonymous(name: &str) -> bool {
    name.len() == 64
        && name
            .bytes()
            .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// The parts of the short syntax: a mount without its options, and the options.
fn parts(text: &str) -> Result<(Mount, Vec<&str>), String> {
    let windows = text.starts_with('\\')
        || (text.starts_with(|c: char| c.is_ascii_alphabetic())
            && text
                .get(1..3)
                .is_some_and(|start| matches!(start, ":\\" | ":/"))
            && text.matches(':').count() > 1);
    if windows {
        return Err("it is a Windows path, and only Linux hosts are known".to_owned());
    }
    let parts: Vec<&str> = text.split(':').collect();
    let (source, target, options) = match parts.as_slice() {
        [target] => ("", *target, ""),
        [source, target] => (*source, *target, ""),
        [source, target, options] => (*source, *target, *options),
        _ => return Err("it has more than the three parts SOURCE:TARGET:OPTIONS".to_owned()),
    };
    if source.is_empty() && parts.len() > 1 {
        return Err("there is nothing before the first `:`".to_owned());
    }
    let path = target.parse::<ContainerPath>().map_err(|error| {
        if target.is_empty() {
            "the target is missing".to_owned()
        } else if parts.len() == 1 {
            format!("`{target}` has no target: {error}")
        } else {
            format!("the target `{target}` is wrong: {error}")
        }
    })?;
    if path.as_str() == "/" {
        return Err("nothing can be mounted over `/`".to_owned());
    }
    let source = if source.is_empty() {
        MountSource::Anonymous
    } else if is_path(source) {
        MountSource::Path(host_path(source))
    } else if is_volume_name(source) {
        MountSource::Volume(source.to_owned())
    } else {
        return Err(format!(
            "`{source}` is no volume's name; a folder of the host begins with `/`, `./` or `~`"
        ));
    };
    let options = if options.is_empty() {
        Vec::new()
    } else {
        options.split(',').collect()
    };
    Ok((Mount::new(source, path), options))
}

impl FromStr for Mount {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (mut mount, options) = parts(text)?;
        for option in options {
            mount.set(option)?;
        }
        if mount.propagation.is_some() && !matches!(mount.source, MountSource::Path(_)) {
            return Err("propagation is for folders of the host, not for volumes".to_owned());
        }
        if mount.nocopy && matches!(mount.source, MountSource::Path(_)) {
            return Err("`nocopy` is for volumes, not for folders of the host".to_owned());
        }
        Ok(mount)
    }
}

/// As the engine takes it in `HostConfig.Binds`, without options that are the default.
///
/// An anonymous mount with options has no short syntax of its own, and none comes from parsing.
impl fmt::Display for Mount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.source {
            MountSource::Anonymous => {}
            MountSource::Volume(source) | MountSource::Path(source) => write!(f, "{source}:")?,
        }
        write!(f, "{}", self.target)?;
        let options: Vec<&str> = self
            .read_only
            .then_some("ro")
            .into_iter()
            .chain(self.selinux)
            .chain(self.propagation)
            .chain(self.nocopy.then_some("nocopy"))
            .chain(self.consistency)
            .collect();
        if options.is_empty() {
            Ok(())
        } else {
            write!(f, ":{}", options.join(","))
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Mount, MountSource, is_anonymous};

    fn parse(text: &str) -> Mount {
        text.parse().expect(text)
    }

    #[test]
    fn the_source_tells_what_is_mounted() {
        assert_eq!(parse("/data").source, MountSource::Anonymous);
        assert_eq!(
            parse("data:/data").source,
            MountSource::Volume("data".into())
        );
        assert_eq!(parse("x:/data").source, MountSource::Volume("x".into()));
        for (text, path) in [
            ("/srv//x/:/data", "/srv/x"),
            ("./x:/data", "./x"),
            ("../x:/data", "../x"),
            (".:/data", "."),
            ("~/x:/data", "~/x"),
        ] {
            assert_eq!(parse(text).source, MountSource::Path(path.into()), "{text}");
        }
        assert_eq!(parse("data:/data//x/..").target.as_str(), "/data");
    }

    #[test]
    fn options_are_read() {
        let mount = parse("/srv:/data:ro,Z,rslave,cached");
        assert!(mount.read_only);
        assert_eq!(
            (mount.selinux, mount.propagation, mount.consistency),
            (Some("Z"), Some("rslave"), Some("cached"))
        );
        assert!(parse("data:/data:nocopy").nocopy);
        assert_eq!(parse("data:/data:rw"), parse("data:/data"));
    }

    #[test]
    fn what_is_no_mount_is_refused_with_a_reason() {
        for (text, reason) in [
            ("", "target is missing"),
            ("data", "begins with `/`"),
            ("data:/x:ro:z", "more than the three parts"),
            (":/x", "nothing before"),
            ("/data:ro", "target `ro` is wrong"),
            ("data:/", "over `/`"),
            ("C:\\data:/data", "Windows"),
            ("c:/data:/data", "Windows"),
            ("\\\\host\\share:/data", "Windows"),
            ("data:/x:rocket", "`rocket` is no option"),
            ("data/sub:/x", "is no volume's name"),
            ("data:/x:rslave", "propagation is for folders"),
            ("/srv:/x:nocopy", "is for volumes"),
        ] {
            let error = text.parse::<Mount>().expect_err(text);
            assert!(error.contains(reason), "{text}: {error}");
        }
    }

    #[test]
    fn an_engines_own_options_are_left_out() {
        let mount =
            Mount::from_engine("data:/data:rw,rprivate,nosuid,nodev,rbind").expect("a mount");
        assert_eq!(
            (mount.read_only, mount.propagation),
            (false, Some("rprivate"))
        );
        assert_eq!(Mount::from_engine("data"), None);
    }

    #[test]
    fn a_name_of_64_hexadecimal_digits_is_the_engines() {
        assert!(is_anonymous(&"0a".repeat(32)));
        assert!(!is_anonymous(&"0A".repeat(32)));
        assert!(!is_anonymous(&"0a".repeat(31)));
        assert!(!is_anonymous("data"));
    }

    proptest! {
        #[test]
        fn what_is_printed_parses_to_the_same(
            source in "(|[a-z][a-z0-9_.-]{1,10}:|/[a-z./]{0,10}:|[.]/[a-z]{0,5}:|~/[a-z]{0,5}:)",
            target in "/[a-z][a-z/.]{0,10}",
            options in prop::collection::vec(prop::sample::select(vec!["ro", "rw", "z", "Z", "cached", "nocopy", "rslave"]), 0..4),
        ) {
            let options = if source.is_empty() || options.is_empty() { String::new() } else { format!(":{}", options.join(",")) };
            if let Ok(mount) = format!("{source}{target}{options}").parse::<Mount>() {
                prop_assert_eq!(mount.to_string().parse(), Ok(mount));
            }
        }

        #[test]
        fn no_text_panics(text in "\\PC{0,60}") {
            let _ = text.parse::<Mount>();
            let _ = Mount::from_engine(&text);
        }
    }
}
