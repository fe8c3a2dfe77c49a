//! Image references: `nginx`, `nginx:1.27`, `registry.example.com:5000/team/app@sha256:…`.
//!
//! The grammar is that of the distribution project, which all engines use; short names are completed as Docker does it.

use std::{fmt, str::FromStr};

/// The registry of references that name none.
const DEFAULT_REGISTRY: &str = "docker.io";

/// The folder of Docker's own images, which may be left out.
const LIBRARY: &str = "library/";

/// The tag of references that name none.
const DEFAULT_TAG: &str = "latest";

/// The longest repository name that registries take.
const LONGEST_NAME: usize = 255;

/// The longest tag.
const LONGEST_TAG: usize = 128;

/// An image reference in its full form.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Reference {
    registry: String,
    repository: String,
    tag: Option<String>,
    digest: Option<String>,
}

impl Reference {
    /// As the engine and people write it: without Docker's own registry, with a tag or a digest: `nginx:latest`.
    ///
    /// The registry stays where the rest alone would be read as something else (`docker.io/localhost/app`), and so does
    /// the folder of a repository further down (`library/team/app`).
    #[must_use]
    pub fn familiar(&self) -> String {
        let repository = self.repository.as_str();
        let official = repository
            .strip_prefix(LIBRARY)
            .filter(|short| !short.contains('/'));
        let name = match official {
            Some(short) if self.registry == DEFAULT_REGISTRY => short.to_owned(),
            _ if self.registry == DEFAULT_REGISTRY && !begins_with_host(repository) => {
                repository.to_owned()
            }
            _ => format!("{}/{repository}", self.registry),
        };
        format!("{name}{}", self.suffix())
    }

    /// The tag, if there is one; a reference with a digest alone has none.
    #[must_use]
    pub fn tag(&self) -> Option<&str> {
        self.tag.as_deref()
    }

    /// The digest (`sha256:…`), if there is one.
    #[must_use]
    pub fn digest(&self) -> Option<&str> {
        self.digest.as_deref()
    }

    fn suffix(&self) -> String {
        let tag = self.tag.as_ref().map(|tag| format!(":{tag}"));
        let digest = self.digest.as_ref().map(|digest| format!("@{digest}"));
        format!("{}{}", tag.unwrap_or_default(), digest.unwrap_or_default())
    }
}

impl FromStr for Reference {
    type Err = String;

    /// Reads a reference. The error is a fragment that says what is wrong.
    fn from_str(text: &str) -> Result<Self, String> {
        if text.is_empty() {
            return Err("it is empty".to_owned());
        }
        if text.contains("://") {
            return Err("a reference has no scheme such as https://".to_owned());
        }
        if let Some(c) = text.chars().find(|c| c.is_whitespace() || c.is_control()) {
            return Err(format!("{c:?} cannot stand in a reference"));
        }
        let (rest, digest) = match text.split_once('@') {
            Some((rest, digest)) => (rest, Some(checked_digest(digest)?)),
            None => (text, None),
        };
        let (name, tag) = match rest.rsplit_once(':') {
            Some((name, tag)) if !tag.contains('/') => (name, Some(checked_tag(tag)?)),
            Some(_) | None => (rest, None),
        };
        let (registry, path) = match name.split_once('/') {
            Some((host, path)) if is_host(host) => (host, path),
            Some(_) | None => (DEFAULT_REGISTRY, name),
        };
        let registry = match registry {
            "index.docker.io" => DEFAULT_REGISTRY,
            registry => registry,
        };
        check_registry(registry)?;
        check_path(path)?;
        let library = registry == DEFAULT_REGISTRY && !path.contains('/');
        let repository = format!("{}{path}", if library { LIBRARY } else { "" });
        if repository.len() + registry.len() > LONGEST_NAME {
            return Err(format!("the name is longer than {LONGEST_NAME} characters"));
        }
        let tag = match (tag, &digest) {
            (None, None) => Some(DEFAULT_TAG.to_owned()),
            (tag, _) => tag,
        };
        Ok(Self {
            registry: registry.to_owned(),
            repository,
            tag,
            digest,
        })
    }
}

impl fmt::Display for Reference {
    /// The full form: `docker.io/library/nginx:1.27`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}{}", self.registry, self.repository, self.suffix())
    }
}

/// The first part is a registry if it looks like a host; `team/app` is a repository of Docker's registry.
fn is_host(part: &str) -> bool {
    part.contains(['.', ':']) || part == "localhost" || part.chars().any(|c| c.is_ascii_uppercase())
}

fn begins_with_host(repository: &str) -> bool {
    repository
        .split_once('/')
        .is_some_and(|(first, _)| is_host(first))
}

fn check_registry(registry: &str) -> Result<(), String> {
    let (host, port) = match registry.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => (host, Some(port)),
        Some(_) | None => (registry, None),
    };
    if port.is_some_and(|port| port.parse::<u16>().is_err()) {
        return Err(format!("the port of the registry {registry} is no port"));
    }
    let address = host.starts_with('[') && host.ends_with(']');
    let known = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-');
    if host.is_empty() || !(address || host.chars().all(known)) {
        return Err(format!("{registry} is no registry"));
    }
    Ok(())
}

fn check_path(path: &str) -> Result<(), String> {
    if path.chars().any(|c| c.is_ascii_uppercase()) {
        return Err("a repository is written in lower case".to_owned());
    }
    for part in path.split('/') {
        if part.is_empty() {
            return Err("a part of the repository is empty".to_owned());
        }
        let alphanumeric = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
        if let Some(c) = part
            .chars()
            .find(|c| !alphanumeric(*c) && !matches!(c, '.' | '_' | '-'))
        {
            return Err(format!("{c:?} cannot stand in a repository"));
        }
        if !part.starts_with(alphanumeric) || !part.ends_with(alphanumeric) {
            return Err(format!(
                "{part:?} must begin and end with a letter or digit"
            ));
        }
        let mut separators = part.split(alphanumeric).filter(|run| !run.is_empty());
        if let Some(run) = separators.find(|run| !is_separator(run)) {
            return Err(format!("{run:?} cannot stand in a repository"));
        }
    }
    Ok(())
}

/// One dot, one or two underscores, or any number of dashes.
fn is_separator(run: &str) -> bool {
    matches!(run, "." | "_" | "__") || run.bytes().all(|byte| byte == b'-')
}

fn checked_tag(tag: &str) -> Result<String, String> {
    let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    if tag.is_empty() {
        return Err("the tag behind : is empty".to_owned());
    }
    if tag.len() > LONGEST_TAG {
        return Err(format!("the tag is longer than {LONGEST_TAG} characters"));
    }
    if !tag.starts_with(word) || !tag.chars().all(|c| word(c) || matches!(c, '.' | '-')) {
        return Err(format!("{tag:?} is no tag"));
    }
    Ok(tag.to_owned())
}

fn checked_digest(digest: &str) -> Result<String, String> {
    let hex = |text: &str, length: usize| {
        text.len() == length && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
    };
    match digest.split_once(':') {
        Some(("sha256", rest)) if hex(rest, 64) => Ok(digest.to_owned()),
        Some(("sha512", rest)) if hex(rest, 128) => Ok(digest.to_owned()),
        Some(_) | None => Err("a digest is sha256: and 64 hexadecimal digits".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Reference;

    const DIGEST: &str = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    #[test]
    fn references_are_completed_as_docker_does_it() {
        for (text, full, familiar) in [
            ("nginx", "docker.io/library/nginx:latest", "nginx:latest"),
            ("nginx:1.27", "docker.io/library/nginx:1.27", "nginx:1.27"),
            ("team/app", "docker.io/team/app:latest", "team/app:latest"),
            (
                "docker.io/nginx",
                "docker.io/library/nginx:latest",
                "nginx:latest",
            ),
            ("index.docker.io/a/b:1", "docker.io/a/b:1", "a/b:1"),
            ("localhost/a", "localhost/a:latest", "localhost/a:latest"),
            (
                "localhost:5000/a/b:1.2",
                "localhost:5000/a/b:1.2",
                "localhost:5000/a/b:1.2",
            ),
            (
                "r.example.com/a__b/c--d",
                "r.example.com/a__b/c--d:latest",
                "r.example.com/a__b/c--d:latest",
            ),
            (
                "library/team/app",
                "docker.io/library/team/app:latest",
                "library/team/app:latest",
            ),
            (
                "docker.io/localhost/app",
                "docker.io/localhost/app:latest",
                "docker.io/localhost/app:latest",
            ),
        ] {
            let reference: Reference = text.parse().expect(text);
            assert_eq!(reference.to_string(), full, "{text}");
            assert_eq!(reference.familiar(), familiar, "{text}");
        }
        let pinned: Reference = format!("nginx:1.27@{DIGEST}").parse().expect("pinned");
        assert_eq!(pinned.familiar(), format!("nginx:1.27@{DIGEST}"));
        let digest: Reference = format!("nginx@{DIGEST}").parse().expect("a digest");
        assert_eq!((digest.tag(), digest.digest()), (None, Some(DIGEST)));
    }

    #[test]
    fn what_is_no_reference_is_refused_with_a_reason() {
        for (text, why) in [
            ("", "empty"),
            ("Nginx", "lower case"),
            ("nginx:", "tag behind : is empty"),
            ("nginx:-x", "is no tag"),
            ("nginx@sha256:12", "64 hexadecimal digits"),
            ("https://example.com/a", "scheme"),
            ("a b", "' '"),
            ("a//b", "empty"),
            ("a..b", "\"..\""),
            ("-a", "begin and end"),
            ("localhost:99999/a", "no port"),
            ("a/Ünicode", "'Ü'"),
        ] {
            let error = text.parse::<Reference>().expect_err(text);
            assert!(error.contains(why), "{text}: {error}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "\\PC{0,80}") {
            let _ = text.parse::<Reference>();
        }

        #[test]
        fn what_is_printed_reads_as_the_same(text in "([a-z]{1,5}\\.[a-z]{2}(:[1-9][0-9]{0,3})?/|(docker.io/)?(library|localhost|a.b)/)?[a-z0-9]{1,6}(/[a-z0-9]{1,6}){0,2}(:[a-zA-Z0-9_.]{1,6})?") {
            if let Ok(reference) = text.parse::<Reference>() {
                prop_assert_eq!(&reference.to_string().parse::<Reference>().expect("its own text"), &reference);
                prop_assert_eq!(&reference.familiar().parse::<Reference>().expect("its short text"), &reference);
            }
        }
    }
}
