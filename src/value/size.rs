//! A number of bytes as Compose writes it: `512`, `64m`, `1.5g`, `1gb`. Units are powers of 1024.
//!
//! What a size means where (0 as "no limit", −1 as "unlimited") belongs to the attribute that has it.

use std::{fmt, str::FromStr};

/// A number of bytes, at most what the engine's API can carry (`int64`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Size(i64);

/// The units by their letter, the largest first.
const UNITS: &[(char, u32)] = &[('p', 50), ('t', 40), ('g', 30), ('m', 20), ('k', 10)];

/// More digits after the point than any unit can make whole bytes of: what follows cannot change the result.
const DIGITS: usize = 18;

impl Size {
    /// A size in bytes; `None` if it is negative.
    #[must_use]
    pub fn from_bytes(bytes: i64) -> Option<Self> {
        (bytes >= 0).then_some(Self(bytes))
    }

    /// The number of bytes.
    #[must_use]
    pub fn bytes(self) -> i64 {
        self.0
    }
}

/// Compose's grammar of byte values: a decimal number, then perhaps `b`, `k`, `m`, `g`, `t` or `p`, each perhaps with `b` or
/// `ib` after it, in any case. Parts of a byte are dropped, as the docker command line does.
impl FromStr for Size {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let end = text
            .find(|c: char| !c.is_ascii_digit() && c != '.')
            .unwrap_or(text.len());
        let (number, unit) = text.split_at(end);
        if number.is_empty() {
            return Err("it has no number".to_owned());
        }
        let unit = unit.trim_start();
        let shift = shift(unit).ok_or_else(|| format!("`{unit}` is no unit"))?;
        let (whole, part) = number.split_once('.').unwrap_or((number, ""));
        if whole.is_empty() || part.contains('.') || (number.contains('.') && part.is_empty()) {
            return Err("it is not a number with a unit".to_owned());
        }
        let too_large = || "it is larger than any engine can take".to_owned();
        let whole: i128 = whole.parse().map_err(|_| too_large())?;
        let part = part.get(..DIGITS.min(part.len())).unwrap_or_default();
        let (part, scale) = if part.is_empty() {
            (0, 1)
        } else {
            let digits = u32::try_from(part.len()).map_err(|_| too_large())?;
            (
                part.parse::<i128>().map_err(|_| too_large())?,
                10_i128.pow(digits),
            )
        };
        let unit = 1_i128 << shift;
        let bytes = whole
            .checked_mul(unit)
            .ok_or_else(too_large)?
            .saturating_add(part.saturating_mul(unit) / scale);
        i64::try_from(bytes).map(Self).map_err(|_| too_large())
    }
}

fn shift(unit: &str) -> Option<u32> {
    let unit = unit.to_ascii_lowercase();
    if matches!(unit.as_str(), "" | "b") {
        return Some(0);
    }
    let mut letters = unit.chars();
    let first = letters.next()?;
    let (_, shift) = UNITS.iter().find(|(letter, _)| *letter == first)?;
    matches!(letters.as_str(), "" | "b" | "ib").then_some(*shift)
}

/// In the largest unit that it is a whole number of, so that nothing is lost: `64m`, `1536m`, `1000`.
impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let exact = UNITS
            .iter()
            .find(|(_, shift)| self.0 > 0 && self.0 % (1_i64 << shift) == 0);
        match exact {
            Some((letter, shift)) => write!(f, "{}{letter}", self.0 >> shift),
            None => write!(f, "{}", self.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Size;

    #[test]
    fn byte_values_of_compose() {
        for (text, bytes) in [
            ("0", 0),
            ("512", 512),
            ("512b", 512),
            ("64m", 64 << 20),
            ("64MB", 64 << 20),
            ("64 MiB", 64 << 20),
            ("1.5g", 3 << 29),
            ("1gb", 1 << 30),
            ("0.5k", 512),
            ("0.0001k", 0),
            ("2T", 2 << 40),
            ("7p", 7 << 50),
        ] {
            assert_eq!(text.parse::<Size>().map(Size::bytes), Ok(bytes), "{text}");
        }
    }

    #[test]
    fn what_is_no_size_is_refused() {
        for text in [
            "",
            "m",
            "-1",
            "1.",
            ".5m",
            "1..5m",
            "64q",
            "64mm",
            "1e9",
            "0x10",
            "9p9",
            "8192p",
            "99999999999999999999999999999999999999999999",
            "9223372036854775808",
        ] {
            assert!(text.parse::<Size>().is_err(), "{text}");
        }
    }

    #[test]
    fn it_is_printed_in_the_largest_exact_unit() {
        for (bytes, text) in [
            (0, "0"),
            (512, "512"),
            (1024, "1k"),
            (64 << 20, "64m"),
            (3 << 29, "1536m"),
            ((64 << 20) + 1, "67108865"),
        ] {
            assert_eq!(
                Size::from_bytes(bytes)
                    .map(|size| size.to_string())
                    .as_deref(),
                Some(text)
            );
        }
        assert_eq!(Size::from_bytes(-1), None);
    }

    proptest! {
        #[test]
        fn what_is_printed_parses_to_the_same(bytes in 0..=i64::MAX, shift in 0..50_u32) {
            for bytes in [bytes, (bytes >> shift >> 13) << shift] {
                let size = Size::from_bytes(bytes).expect("not negative");
                prop_assert_eq!(size.to_string().parse(), Ok(size));
            }
        }

        #[test]
        fn no_text_panics(text in "\\PC{0,40}") {
            let _ = text.parse::<Size>();
        }
    }
}
