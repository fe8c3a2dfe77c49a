//! A set of processors by their numbers: `0-3,5`. `0,1,2,3,5` is the same one.

use std::{fmt, str::FromStr};

/// A set of processors: ranges in order, neither overlapping nor touching.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Cpuset(Vec<(u32, u32)>);

/// The highest number that is accepted: Linux itself knows no more processors than 8192.
const HIGHEST: u32 = 8191;

impl FromStr for Cpuset {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut ranges = Vec::new();
        for part in text.split(',') {
            let part = part.trim();
            let (from, to) = part.split_once('-').unwrap_or((part, part));
            let (from, to) = (number(from)?, number(to)?);
            if from > to {
                return Err(format!("the range `{part}` runs backwards"));
            }
            ranges.push((from, to));
        }
        ranges.sort_unstable();
        let mut merged: Vec<(u32, u32)> = Vec::with_capacity(ranges.len());
        for (from, to) in ranges {
            match merged.last_mut() {
                Some((_, last)) if from <= *last + 1 => *last = to.max(*last),
                Some(_) | None => merged.push((from, to)),
            }
        }
        Ok(Self(merged))
    }
}

fn number(text: &str) -> Result<u32, String> {
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err("it is not a list of numbers and ranges".to_owned());
    }
    text.parse()
        .ok()
        .filter(|number| *number <= HIGHEST)
        .ok_or_else(|| format!("no host has a processor {text}"))
}

/// In order, neighbours as a range.
impl fmt::Display for Cpuset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, (from, to)) in self.0.iter().enumerate() {
            if at > 0 {
                f.write_str(",")?;
            }
            write!(f, "{from}")?;
            if to > from {
                write!(f, "-{to}")?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Cpuset;

    #[test]
    fn the_same_processors_are_the_same_text() {
        for (text, printed) in [
            ("0", "0"),
            ("0-3", "0-3"),
            ("3,0,1,2", "0-3"),
            ("5, 0-3", "0-3,5"),
            ("0-2,1-4,4", "0-4"),
            ("0-0", "0"),
        ] {
            assert_eq!(
                text.parse::<Cpuset>().map(|set| set.to_string()),
                Ok(printed.to_owned()),
                "{text}"
            );
        }
    }

    #[test]
    fn what_is_no_set_is_refused() {
        for text in [
            "",
            ",",
            "0,",
            "a",
            "3-1",
            "-1",
            "0-",
            "1-2-3",
            "9999",
            "99999999999",
        ] {
            assert!(text.parse::<Cpuset>().is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_printed_parses_to_the_same(ranges in prop::collection::vec((0..60_u32, 0..5_u32), 1..8)) {
            let text: Vec<String> = ranges.iter().map(|(from, length)| format!("{from}-{}", from + length)).collect();
            let set: Cpuset = text.join(",").parse().expect("ranges");
            prop_assert_eq!(set.to_string().parse(), Ok(set));
        }

        #[test]
        fn no_text_panics(text in "\\PC{0,40}") {
            let _ = text.parse::<Cpuset>();
        }
    }
}
