//! A security option: `no-new-privileges`, `apparmor=PROFILE`, `seccomp=…`, `label=type:TYPE`. `:` may stand for the first `=`.

use std::{fmt, str::FromStr};

/// A security option in the form `NAME=VALUE`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SecurityOpt {
    name: String,
    value: String,
}

/// The options that engines know.
const KNOWN: &[&str] = &[
    "apparmor",
    "label",
    "mask",
    "no-new-privileges",
    "proc-opts",
    "seccomp",
    "unmask",
    "writable-cgroups",
];

impl SecurityOpt {
    /// An option as an engine reports it, which may know more of them than this version does.
    #[must_use]
    pub fn from_engine(text: &str) -> Self {
        let at = text.find(['=', ':']);
        let (name, value) = match at {
            Some(at) => (&text[..at], text.get(at + 1..).unwrap_or_default()),
            None => (text, ""),
        };
        let value = match (name, value) {
            ("no-new-privileges", "") => "true".to_owned(),
            // A profile that was read from a file: its layout does not count.
            ("seccomp", json) if json.trim_start().starts_with('{') => {
                serde_json::from_str::<serde_json::Value>(json)
                    .map_or_else(|_| json.to_owned(), |profile| profile.to_string())
            }
            (_, value) => value.to_owned(),
        };
        Self {
            name: name.to_owned(),
            value,
        }
    }

    /// The option's name. All but `label` can be given once.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What it is set to.
    #[must_use]
    pub fn value(&self) -> &str {
        &self.value
    }
}

impl FromStr for SecurityOpt {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let option = Self::from_engine(text.trim());
        if option.name == "systempaths" {
            return Err(
                "the engine's API has no such option; it is one of the docker command line"
                    .to_owned(),
            );
        }
        if !KNOWN.contains(&option.name.as_str()) {
            return Err(format!("engines know {}", KNOWN.join(", ")));
        }
        if option.name == "no-new-privileges" && !matches!(option.value.as_str(), "true" | "false")
        {
            return Err("no-new-privileges is true or false".to_owned());
        }
        if option.value.is_empty() {
            return Err(format!("{} has no value", option.name));
        }
        Ok(option)
    }
}

impl fmt::Display for SecurityOpt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}={}", self.name, self.value)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::SecurityOpt;

    #[test]
    fn both_separators_are_legal_and_one_form_comes_out() {
        for (text, printed) in [
            ("no-new-privileges", "no-new-privileges=true"),
            ("no-new-privileges:true", "no-new-privileges=true"),
            ("label:type:svirt_t", "label=type:svirt_t"),
            ("label=disable", "label=disable"),
            ("apparmor:unconfined", "apparmor=unconfined"),
            ("seccomp=unconfined", "seccomp=unconfined"),
            (
                "seccomp={\"b\": 1,\n \"a\": 2}",
                "seccomp={\"a\":2,\"b\":1}",
            ),
        ] {
            assert_eq!(
                text.parse::<SecurityOpt>().map(|option| option.to_string()),
                Ok(printed.to_owned()),
                "{text}"
            );
        }
        for text in [
            "",
            "levitate=true",
            "seccomp",
            "apparmor=",
            "no-new-privileges:maybe",
            "systempaths=unconfined",
        ] {
            assert!(text.parse::<SecurityOpt>().is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_printed_parses_to_the_same(name in prop::sample::select(super::KNOWN.to_vec()), separator in "[=:]", value in "[a-z:=/.]{1,12}") {
            if let Ok(option) = format!("{name}{separator}{value}").parse::<SecurityOpt>() {
                prop_assert_eq!(option.to_string().parse(), Ok(option));
            }
        }

        #[test]
        fn no_text_panics(text in "\\PC{0,40}") {
            let _ = text.parse::<SecurityOpt>();
        }
    }
}
