//! A span of time as Compose writes it: `10s`, `1m30s`, `1.5h`, `500ms`. The engine's API counts nanoseconds.

use std::{fmt, str::FromStr};

/// A span of time in nanoseconds, never negative.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Duration(i64);

/// The units by their length in nanoseconds, the longest first.
const UNITS: &[(&str, i64)] = &[
    ("h", 3_600_000_000_000),
    ("m", 60_000_000_000),
    ("s", 1_000_000_000),
    ("ms", 1_000_000),
    ("us", 1_000),
    ("ns", 1),
];

/// The longest fraction that is read: a billionth of an hour is 3.6 microseconds, and nobody writes more.
const DIGITS: usize = 9;

impl Duration {
    /// The nanoseconds of a second.
    pub const SECOND: i64 = 1_000_000_000;

    /// A span of so many nanoseconds; `None` if it is negative.
    #[must_use]
    pub fn from_nanoseconds(nanoseconds: i64) -> Option<Self> {
        (nanoseconds >= 0).then_some(Self(nanoseconds))
    }

    /// The nanoseconds.
    #[must_use]
    pub fn nanoseconds(self) -> i64 {
        self.0
    }

    /// The span in whole seconds, rounded up: a grace period must not get shorter than what was asked for.
    #[must_use]
    pub fn whole_seconds(self) -> i64 {
        self.0 / Self::SECOND + i64::from(self.0 % Self::SECOND != 0)
    }
}

/// Compose's grammar (Go's `time.ParseDuration` without a sign): numbers, each with a unit, one behind the other.
impl FromStr for Duration {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let text = text.trim();
        if text == "0" {
            return Ok(Self(0));
        }
        if text.is_empty() {
            return Err("it is empty".to_owned());
        }
        if text.starts_with('-') {
            return Err("a time span is not negative".to_owned());
        }
        if text
            .bytes()
            .all(|byte| byte.is_ascii_digit() || byte == b'.')
        {
            return Err("it has no unit".to_owned());
        }
        let mut rest = text;
        let mut total: i64 = 0;
        while !rest.is_empty() {
            let end = rest
                .find(|c: char| !c.is_ascii_digit() && c != '.')
                .ok_or("the last number has no unit")?;
            let (number, tail) = rest.split_at(end);
            let end = tail
                .find(|c: char| c.is_ascii_digit() || c == '.')
                .unwrap_or(tail.len());
            let (unit, tail) = tail.split_at(end);
            let part = part(number, unit)?;
            total = total.checked_add(part).ok_or_else(too_long)?;
            rest = tail;
        }
        Ok(Self(total))
    }
}

fn part(number: &str, unit: &str) -> Result<i64, String> {
    let name = match unit.trim() {
        "µs" | "μs" => "us",
        name => name,
    };
    let (_, scale) = UNITS
        .iter()
        .find(|(known, _)| *known == name)
        .ok_or_else(|| format!("`{}` is no unit of time", unit.trim()))?;
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if (whole.is_empty() && fraction.is_empty()) || fraction.contains('.') {
        return Err(format!("`{number}` is not a number"));
    }
    let digits = |text: &str| -> Result<i64, String> {
        if text.is_empty() {
            return Ok(0);
        }
        text.parse().map_err(|_| too_long())
    };
    let fraction = fraction
        .get(..DIGITS.min(fraction.len()))
        .unwrap_or_default();
    let below = i128::from(digits(fraction)?) * i128::from(*scale)
        / 10_i128.pow(u32::try_from(fraction.len()).map_err(|_| too_long())?);
    digits(whole)?
        .checked_mul(*scale)
        .and_then(|whole| whole.checked_add(i64::try_from(below).ok()?))
        .ok_or_else(too_long)
}

fn too_long() -> String {
    "it is longer than any engine can take".to_owned()
}

/// In whole numbers of every unit that is needed: `1m30s`, `1s500ms`.
impl fmt::Display for Duration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 == 0 {
            return f.write_str("0s");
        }
        let mut rest = self.0;
        for (unit, scale) in UNITS {
            if rest >= *scale {
                write!(f, "{}{unit}", rest / scale)?;
                rest %= scale;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Duration;

    #[test]
    fn durations_of_compose() {
        for (text, nanoseconds) in [
            ("0", 0),
            ("0s", 0),
            ("10s", 10_000_000_000),
            ("1m30s", 90_000_000_000),
            ("1h5m30s20ms", 3_930_020_000_000),
            ("1.5s", 1_500_000_000),
            (".5s", 500_000_000),
            ("500ms", 500_000_000),
            ("10us", 10_000),
            ("10µs", 10_000),
            ("5000us", 5_000_000),
        ] {
            assert_eq!(
                text.parse::<Duration>().map(Duration::nanoseconds),
                Ok(nanoseconds),
                "{text}"
            );
        }
    }

    #[test]
    fn what_is_no_duration_is_refused() {
        for text in [
            "",
            "10",
            "1.5",
            "-1s",
            "s",
            "1x",
            "1s5",
            "1..5s",
            ".s",
            "1 2s",
            "10S",
            "9999999999h",
            "99999999999999999999s",
        ] {
            assert!(text.parse::<Duration>().is_err(), "{text}");
        }
    }

    #[test]
    fn whole_seconds_are_rounded_up() {
        for (text, seconds) in [("1.5s", 2), ("1s", 1), ("0s", 0), ("1ns", 1)] {
            assert_eq!(
                text.parse::<Duration>().map(Duration::whole_seconds),
                Ok(seconds)
            );
        }
    }

    proptest! {
        #[test]
        fn what_is_printed_parses_to_the_same(nanoseconds in 0..=i64::MAX, by in 1..1_000_000_000_i64) {
            for nanoseconds in [nanoseconds, nanoseconds / by, nanoseconds / by * by] {
                let duration = Duration::from_nanoseconds(nanoseconds).expect("not negative");
                prop_assert_eq!(duration.to_string().parse(), Ok(duration));
            }
        }

        #[test]
        fn no_text_panics(text in "\\PC{0,40}") {
            let _ = text.parse::<Duration>();
        }
    }
}
