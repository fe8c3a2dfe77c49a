//! A time in microseconds, as the processor scheduler's attributes of Compose write it: `50000`, `50ms`, `1400us`.

use std::{fmt, str::FromStr};

/// A time in microseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Microseconds(i64);

impl Microseconds {
    /// The number of microseconds.
    #[must_use]
    pub fn micros(self) -> i64 {
        self.0
    }
}

/// A whole number of microseconds, or of `us`, `ms` or `s`.
impl FromStr for Microseconds {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let end = text
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(text.len());
        let (number, unit) = text.split_at(end);
        let factor = match unit {
            "" | "us" | "µs" => 1,
            "ms" => 1_000,
            "s" => 1_000_000,
            _ => return Err("it is not a whole number of `us`, `ms` or `s`".to_owned()),
        };
        if number.is_empty() {
            return Err("it is not a whole number of `us`, `ms` or `s`".to_owned());
        }
        number
            .parse::<i64>()
            .ok()
            .and_then(|number| number.checked_mul(factor))
            .map(Self)
            .ok_or_else(|| "it is longer than any engine can take".to_owned())
    }
}

/// The number of microseconds.
impl fmt::Display for Microseconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Microseconds;

    #[test]
    fn numbers_are_microseconds() {
        for (text, micros) in [
            ("50000", 50_000),
            ("50ms", 50_000),
            ("1400us", 1_400),
            ("1s", 1_000_000),
            ("0", 0),
        ] {
            assert_eq!(
                text.parse::<Microseconds>().map(Microseconds::micros),
                Ok(micros),
                "{text}"
            );
        }
        for text in ["", "ms", "-1", "1.5ms", "1m", "9223372036854775807s"] {
            assert!(text.parse::<Microseconds>().is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_printed_parses_to_the_same(number in 0..1_000_000_000_i64, unit in prop::sample::select(vec!["", "us", "ms", "s"])) {
            let time: Microseconds = format!("{number}{unit}").parse().expect("a time");
            prop_assert_eq!(time.to_string().parse(), Ok(time));
        }
    }
}
