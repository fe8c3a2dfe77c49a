//! An absolute path inside a container, in its shortest form: `/var//lib/../log/` is `/var/log`.

use std::{fmt, str::FromStr};

/// An absolute path inside a container, without `.`, `..`, doubled slashes or a slash at the end.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ContainerPath(String);

/// Longer paths are refused by Linux itself (`PATH_MAX`).
const LONGEST: usize = 4096;

impl ContainerPath {
    /// The path.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for ContainerPath {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let drive = text.starts_with(|c: char| c.is_ascii_alphabetic())
            && text
                .get(1..3)
                .is_some_and(|start| matches!(start, ":\\" | ":/"));
        if drive || text.starts_with('\\') {
            return Err("it is a Windows path, and only Linux containers are known".to_owned());
        }
        if !text.starts_with('/') {
            return Err("a path inside a container begins with `/`".to_owned());
        }
        if text.len() > LONGEST {
            return Err("it is longer than Linux can take".to_owned());
        }
        if text.contains('\0') {
            return Err("it has a NUL byte".to_owned());
        }
        Ok(Self(clean(text)))
    }
}

impl fmt::Display for ContainerPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// An absolute path in its shortest form, by its text alone, as the engine does it (Go's `path.Clean`).
#[must_use]
pub fn clean(path: &str) -> String {
    let mut parts = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    format!("/{}", parts.join("/"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::ContainerPath;

    #[test]
    fn paths_are_cleaned_as_the_engine_does() {
        for (text, path) in [
            ("/", "/"),
            // Odd, but a path of Linux, and none of Windows.
            ("/.//:/dat", "/:/dat"),
            ("/:/dat", "/:/dat"),
            ("/data/", "/data"),
            ("/var//lib/../log/.", "/var/log"),
            ("/../..", "/"),
        ] {
            assert_eq!(
                text.parse::<ContainerPath>()
                    .map(|path| path.to_string())
                    .as_deref(),
                Ok(path)
            );
        }
        for text in [
            "",
            "data",
            "./data",
            "C:\\data",
            "c:/data",
            "\\\\host\\share",
            "/a\0",
        ] {
            assert!(text.parse::<ContainerPath>().is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_printed_parses_to_the_same(text in "/[a-z./:]{0,20}") {
            let path: ContainerPath = text.parse().expect("an absolute path");
            prop_assert_eq!(path.to_string().parse(), Ok(path));
        }
    }
}
