//! Names of containers, networks and volumes, as engines take them.

use std::{fmt, str::FromStr};

/// A name of a container, a network or a volume: letters, digits, `_`, `.` and `-`, the first one a letter or a digit.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name(String);

/// Longer names fit into no host name and hardly into a table; engines have no limit of their own, file systems have 255.
const LONGEST: usize = 200;

impl Name {
    /// A regular expression (ECMA-262) that every name matches.
    pub const PATTERN: &'static str = "^[a-zA-Z0-9][a-zA-Z0-9_.-]+$";

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Name {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let Some(first) = text.chars().next() else {
            return Err("it is empty".to_owned());
        };
        if !first.is_ascii_alphanumeric() {
            return Err("a name begins with a letter or a digit".to_owned());
        }
        if let Some(c) = text
            .chars()
            .find(|c| !c.is_ascii_alphanumeric() && !matches!(c, '_' | '.' | '-'))
        {
            return Err(format!("{c:?} cannot stand in a name"));
        }
        if text.len() < 2 {
            return Err("engines take no name of a single character".to_owned());
        }
        if text.len() > LONGEST {
            return Err(format!("it is longer than {LONGEST} characters"));
        }
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Name;

    #[test]
    fn names_that_engines_take() {
        for text in ["web", "web-1", "shop_default", "a.b", "9a", "Web"] {
            assert_eq!(
                text.parse::<Name>().map(|name| name.to_string()),
                Ok(text.to_owned())
            );
        }
        for text in [
            "",
            "a",
            "-web",
            ".web",
            "_web",
            "web/1",
            "web 1",
            "wéb",
            &"a".repeat(300),
        ] {
            assert!(text.parse::<Name>().is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_printed_parses_to_the_same(text in "[a-zA-Z0-9][a-zA-Z0-9_.-]{1,199}") {
            let name: Name = text.parse().expect("a name");
            prop_assert_eq!(name.as_str(), text.as_str());
            prop_assert_eq!(name.to_string().parse(), Ok(name));
        }

        #[test]
        fn no_text_panics(text in "\\PC{0,40}") {
            let _ = text.parse::<Name>();
        }
    }
}
