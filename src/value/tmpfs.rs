//! A file system in memory in the short syntax: `/run`, `/tmp:size=64m,mode=1777,noexec`.

use std::{collections::BTreeSet, fmt, str::FromStr};

use super::{ContainerPath, Mode, Size};

/// A file system in memory.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tmpfs {
    target: ContainerPath,
    options: BTreeSet<String>,
}

impl Tmpfs {
    /// A file system in memory from its parts, as the engine keeps them: options as one text.
    pub fn new(target: &str, options: &str) -> Result<Self, String> {
        let target: ContainerPath = target.parse()?;
        if target.as_str() == "/" {
            return Err("nothing can be mounted over `/`".to_owned());
        }
        let mut found = BTreeSet::new();
        for option in options.split(',').filter(|option| !option.is_empty()) {
            let option = canonical(option)?;
            // It is the default.
            if option != "rw" {
                found.insert(option);
            }
        }
        Ok(Self {
            target,
            options: found,
        })
    }

    /// Where it is mounted.
    #[must_use]
    pub fn target(&self) -> &str {
        self.target.as_str()
    }

    /// The options as one text, in order.
    #[must_use]
    pub fn options(&self) -> String {
        let options: Vec<&str> = self.options.iter().map(String::as_str).collect();
        options.join(",")
    }
}

/// An option in the one form that all ways to write it have: sizes in bytes, modes in four octal digits.
fn canonical(option: &str) -> Result<String, String> {
    let Some((name, value)) = option.split_once('=') else {
        return if option
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        {
            Ok(option.to_owned())
        } else {
            Err(format!("`{option}` is no option of a tmpfs"))
        };
    };
    let value = match name {
        // A share of the memory is the kernel's to read.
        "size" if !value.ends_with('%') => value
            .parse::<Size>()
            .map_err(|error| format!("the size `{value}` is wrong: {error}"))?
            .bytes()
            .to_string(),
        "mode" => value
            .parse::<Mode>()
            .map_err(|error| format!("the mode `{value}` is wrong: {error}"))?
            .to_string(),
        _ => value.to_owned(),
    };
    Ok(format!("{name}={value}"))
}

impl FromStr for Tmpfs {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (target, options) = text.split_once(':').unwrap_or((text, ""));
        Self::new(target, options)
    }
}

impl fmt::Display for Tmpfs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.target)?;
        if self.options.is_empty() {
            Ok(())
        } else {
            write!(f, ":{}", self.options())
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Tmpfs;

    #[test]
    fn options_are_a_set_in_one_form() {
        for (text, printed) in [
            ("/run", "/run"),
            ("/run/", "/run"),
            ("/run:rw", "/run"),
            (
                "/tmp:size=64m,mode=755,noexec",
                "/tmp:mode=0755,noexec,size=67108864",
            ),
            (
                "/tmp:noexec,mode=0755,size=65536k",
                "/tmp:mode=0755,noexec,size=67108864",
            ),
            ("/tmp:size=50%", "/tmp:size=50%"),
        ] {
            assert_eq!(
                text.parse::<Tmpfs>().map(|tmpfs| tmpfs.to_string()),
                Ok(printed.to_owned()),
                "{text}"
            );
        }
        for text in [
            "",
            "run",
            "/",
            "/tmp:size=big",
            "/tmp:mode=999",
            "/tmp:no exec",
        ] {
            assert!(text.parse::<Tmpfs>().is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_printed_parses_to_the_same(
            target in "/[a-z][a-z/]{0,8}",
            options in prop::collection::vec(prop::sample::select(vec!["ro", "rw", "noexec", "size=1m", "size=3", "mode=700", "mode=1777", "uid=5"]), 0..5),
        ) {
            let tmpfs: Tmpfs = format!("{target}:{}", options.join(",")).parse().expect("a tmpfs");
            prop_assert_eq!(tmpfs.to_string().parse(), Ok(tmpfs));
        }

        #[test]
        fn no_text_panics(text in "\\PC{0,40}") {
            let _ = text.parse::<Tmpfs>();
        }
    }
}
