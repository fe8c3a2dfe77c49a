//! A limit of a process (`setrlimit(2)`): `1024`, or soft and hard as `1024:2048`. −1 is "unlimited".

use std::{fmt, str::FromStr};

/// A soft limit, which a process may raise itself, and the hard limit up to which it may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ulimit {
    soft: i64,
    hard: i64,
}

impl Ulimit {
    /// Both limits; −1 is unlimited. An error where the soft one is above the hard one.
    pub fn new(soft: i64, hard: i64) -> Result<Self, String> {
        if soft < -1 || hard < -1 {
            return Err("a limit is at least -1, which is unlimited".to_owned());
        }
        if hard != -1 && (soft == -1 || soft > hard) {
            return Err(format!(
                "the soft limit {soft} is above the hard limit {hard}"
            ));
        }
        Ok(Self { soft, hard })
    }

    /// The soft limit.
    #[must_use]
    pub fn soft(self) -> i64 {
        self.soft
    }

    /// The hard limit.
    #[must_use]
    pub fn hard(self) -> i64 {
        self.hard
    }
}

/// One number for both, or `SOFT:HARD`, each perhaps `unlimited`.
impl FromStr for Ulimit {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let number = |text: &str| match text.trim() {
            "unlimited" => Ok(-1),
            text => text
                .parse::<i64>()
                .map_err(|_| format!("`{text}` is not a whole number")),
        };
        let (soft, hard) = text.split_once(':').unwrap_or((text, text));
        Self::new(number(soft)?, number(hard)?)
    }
}

/// `SOFT:HARD`.
impl fmt::Display for Ulimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.soft, self.hard)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Ulimit;

    #[test]
    fn soft_alone_sets_hard() {
        for (text, printed) in [
            ("1024", "1024:1024"),
            ("1024:2048", "1024:2048"),
            ("-1", "-1:-1"),
            ("0", "0:0"),
            ("10:unlimited", "10:-1"),
        ] {
            assert_eq!(
                text.parse::<Ulimit>().map(|limit| limit.to_string()),
                Ok(printed.to_owned()),
                "{text}"
            );
        }
        for text in ["", "a", "1.5", "2048:1024", "-1:5", "-2", "1:2:3", ":"] {
            assert!(text.parse::<Ulimit>().is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_printed_parses_to_the_same(soft in -1..i64::MAX, more in 0..1000_i64) {
            if let Ok(limit) = Ulimit::new(soft, soft.saturating_add(more)) {
                prop_assert_eq!(limit.to_string().parse(), Ok(limit));
            }
        }

        #[test]
        fn no_text_panics(text in "\\PC{0,40}") {
            let _ = text.parse::<Ulimit>();
        }
    }
}
