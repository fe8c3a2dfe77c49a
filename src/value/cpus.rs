//! A number of processors, which may be a part of one: `1.5`, `0.25`. The engine counts it in billionths.

use std::{fmt, str::FromStr};

/// A number of processors in billionths of one (the engine's `NanoCpus`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cpus(i64);

/// Billionths in one.
const ONE: i64 = 1_000_000_000;

/// The most that is accepted: a million processors, more than any host has, so that no sum overflows.
const MOST: i64 = 1_000_000;

impl Cpus {
    /// A number in billionths; `None` if it is negative or more than a million processors.
    #[must_use]
    pub fn from_nanos(nanos: i64) -> Option<Self> {
        (0..=MOST * ONE).contains(&nanos).then_some(Self(nanos))
    }

    /// The number in billionths.
    #[must_use]
    pub fn nanos(self) -> i64 {
        self.0
    }
}

/// A decimal number. It is rounded to the nearest billionth by its digits, not as a binary fraction, so that `0.29` is
/// 290000000 and not 289999999.
impl FromStr for Cpus {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || "it is not a number of processors".to_owned();
        let too_many = || "it is more than any host has".to_owned();
        let text = text.trim();
        let (whole, part) = text.split_once('.').unwrap_or((text, ""));
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        // `.5` and `1.` are numbers for Compose, `.` is none.
        if !digits(whole) || !digits(part) || (whole.is_empty() && part.is_empty()) {
            return Err(wrong());
        }
        let whole: i64 = if whole.is_empty() {
            0
        } else {
            whole.parse().map_err(|_| too_many())?
        };
        if whole > MOST {
            return Err(too_many());
        }
        let mut nanos = 0;
        for at in 0..9 {
            nanos = nanos * 10 + i64::from(digit(part, at));
        }
        let up = i64::from(digit(part, 9) >= 5);
        Self::from_nanos(whole * ONE + nanos + up).ok_or_else(too_many)
    }
}

fn digit(digits: &str, at: usize) -> u8 {
    digits.as_bytes().get(at).map_or(0, |byte| byte - b'0')
}

/// The shortest decimal number that is the same: `1.5`, `2`.
impl fmt::Display for Cpus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, part) = (self.0 / ONE, self.0 % ONE);
        if part == 0 {
            return write!(f, "{whole}");
        }
        let part = format!("{part:09}");
        write!(f, "{whole}.{}", part.trim_end_matches('0'))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Cpus;

    #[test]
    fn decimals_are_rounded_exactly() {
        for (text, nanos) in [
            ("0", 0),
            ("1.5", 1_500_000_000),
            ("0.29", 290_000_000),
            (".5", 500_000_000),
            ("2.", 2_000_000_000),
            ("0.0000000015", 2),
            ("0.0000000014", 1),
            ("0.9999999999", 1_000_000_000),
            ("007", 7_000_000_000),
        ] {
            assert_eq!(text.parse::<Cpus>().map(Cpus::nanos), Ok(nanos), "{text}");
        }
    }

    #[test]
    fn what_is_no_number_of_processors_is_refused() {
        for text in [
            "",
            ".",
            "-1",
            "1,5",
            "1e3",
            "two",
            "1.5.0",
            "1000001",
            "99999999999999999999",
        ] {
            assert!(text.parse::<Cpus>().is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_printed_parses_to_the_same(nanos in 0..=1_000_000_000_000_000_i64) {
            let cpus = Cpus::from_nanos(nanos).expect("in bounds");
            prop_assert_eq!(cpus.to_string().parse(), Ok(cpus));
        }

        #[test]
        fn no_text_panics(text in "\\PC{0,40}") {
            let _ = text.parse::<Cpus>();
        }
    }
}
