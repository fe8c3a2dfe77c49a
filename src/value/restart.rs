//! When the engine starts a container again by itself: `no`, `always`, `unless-stopped`, `on-failure:5`.

use std::{fmt, str::FromStr};

/// A restart policy.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RestartPolicy {
    /// Never.
    #[default]
    No,
    /// Always, also after the engine itself was restarted.
    Always,
    /// Always, unless it was stopped on purpose.
    UnlessStopped,
    /// When it ended with another exit code than 0, so many times at most; 0 is without a limit.
    OnFailure(u32),
}

impl RestartPolicy {
    /// Reads an engine's answer. No name is the same as `no`, and the count is only of meaning for `on-failure`.
    #[must_use]
    pub fn from_engine(name: &str, count: u32) -> Option<Self> {
        match name {
            "" | "no" => Some(Self::No),
            "always" => Some(Self::Always),
            "unless-stopped" => Some(Self::UnlessStopped),
            "on-failure" => Some(Self::OnFailure(count)),
            _ => None,
        }
    }

    /// The name that the engine's API has for it, which is never empty: an update with an empty one changes nothing.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::No => "no",
            Self::Always => "always",
            Self::UnlessStopped => "unless-stopped",
            Self::OnFailure(_) => "on-failure",
        }
    }

    /// How often it is started again at most; 0 is without a limit.
    #[must_use]
    pub fn count(self) -> u32 {
        match self {
            Self::OnFailure(count) => count,
            Self::No | Self::Always | Self::UnlessStopped => 0,
        }
    }
}

impl FromStr for RestartPolicy {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, count) = match text.split_once(':') {
            Some((name, count)) => (name, Some(count)),
            None => (text, None),
        };
        match (name, count) {
            ("on-failure", Some(count)) => count
                .parse()
                // The engine's API carries it as a signed number.
                .ok()
                .filter(|count| i32::try_from(*count).is_ok())
                .map(Self::OnFailure)
                .ok_or_else(|| format!("`{count}` is not a number of restarts")),
            ("on-failure", None) => Ok(Self::OnFailure(0)),
            ("no", None) => Ok(Self::No),
            ("always", None) => Ok(Self::Always),
            ("unless-stopped", None) => Ok(Self::UnlessStopped),
            ("no" | "always" | "unless-stopped", Some(_)) => {
                Err("only on-failure takes a number of restarts".to_owned())
            }
            _ => Err("there is no such restart policy".to_owned()),
        }
    }
}

impl fmt::Display for RestartPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.count() {
            0 => f.write_str(self.name()),
            count => write!(f, "{}:{count}", self.name()),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::RestartPolicy;

    #[test]
    fn policies_of_compose() {
        for (text, policy) in [
            ("no", RestartPolicy::No),
            ("always", RestartPolicy::Always),
            ("unless-stopped", RestartPolicy::UnlessStopped),
            ("on-failure", RestartPolicy::OnFailure(0)),
            ("on-failure:5", RestartPolicy::OnFailure(5)),
        ] {
            assert_eq!(text.parse(), Ok(policy));
            assert_eq!(policy.to_string(), text);
            assert_eq!(
                RestartPolicy::from_engine(policy.name(), policy.count()),
                Some(policy)
            );
        }
        assert_eq!("on-failure:0".parse(), Ok(RestartPolicy::OnFailure(0)));
        for text in [
            "",
            "never",
            "Always",
            "always:3",
            "on-failure:",
            "on-failure:-1",
            "on-failure:x",
            "on-failure:4294967295",
        ] {
            assert!(text.parse::<RestartPolicy>().is_err(), "{text}");
        }
    }

    #[test]
    fn the_engines_words_for_no_are_the_same() {
        assert_eq!(RestartPolicy::from_engine("", 0), Some(RestartPolicy::No));
        assert_eq!(RestartPolicy::from_engine("no", 3), Some(RestartPolicy::No));
        assert_eq!(
            RestartPolicy::from_engine("always", 3),
            Some(RestartPolicy::Always)
        );
        assert_eq!(RestartPolicy::from_engine("levitate", 0), None);
    }

    proptest! {
        #[test]
        fn what_is_printed_parses_to_the_same(count in 0..=u32::MAX, name in prop::sample::select(vec!["no", "always", "unless-stopped", "on-failure"])) {
            if let Ok(policy) = format!("{name}:{count}").parse::<RestartPolicy>() {
                prop_assert_eq!(policy.to_string().parse(), Ok(policy));
            }
            let policy: RestartPolicy = name.parse().expect("a policy");
            prop_assert_eq!(policy.to_string().parse(), Ok(policy));
        }

        #[test]
        fn no_text_panics(text in "\\PC{0,40}") {
            let _ = text.parse::<RestartPolicy>();
        }
    }
}
