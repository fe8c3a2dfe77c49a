//! A value of a change as the file would write it: sizes and times with their units, and nothing that must stay secret.

use serde_json::Value;

use super::values::value;
use crate::{
    model::{Path, SECRET_TEXT, Secrets},
    value::{Cpus, Duration},
};

/// What stands for a value: itself, or that it must not be shown.
pub enum Shown {
    /// Nothing is there.
    Nothing,
    /// In one line.
    Text(String),
    /// A text of several lines, as it is.
    Tall(String),
}

impl Shown {
    /// What a change shows of a value that was found at its path.
    pub fn of(found: Option<&Value>, path: &Path, sensitive: bool, secrets: &Secrets) -> Self {
        match found {
            None | Some(Value::Null) => Self::Nothing,
            Some(_) if sensitive => Self::Text(SECRET_TEXT.to_owned()),
            Some(Value::Number(number)) if is_limit(path) && number.as_i64() == Some(0) => {
                Self::Text(NO_LIMIT.to_owned())
            }
            Some(Value::Number(number)) if is_size(path) => {
                Self::Text(number.as_i64().map_or_else(|| number.to_string(), size))
            }
            Some(Value::Number(number)) if path.attribute() == "cpus" => {
                let cpus = number.as_i64().and_then(Cpus::from_nanos);
                Self::Text(cpus.map_or_else(|| number.to_string(), |it| it.to_string()))
            }
            // The path says all of it.
            Some(Value::Object(_)) if path.attribute() == "ports" => Self::Text(String::new()),
            Some(Value::Number(number)) if is_duration(path) => {
                let duration = number.as_i64().and_then(Duration::from_nanoseconds);
                Self::Text(duration.map_or_else(|| number.to_string(), |it| it.to_string()))
            }
            Some(Value::String(text)) if text.trim_end().contains('\n') => {
                Self::Tall(secrets.hide(text))
            }
            Some(found) => Self::Text(secrets.hide(&value(found))),
        }
    }

    /// The text, if there is any.
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Nothing => None,
            Self::Text(text) | Self::Tall(text) => Some(text),
        }
    }
}

/// Whether an attribute's number is one of bytes.
fn is_size(path: &Path) -> bool {
    matches!(
        path.attribute(),
        "memory" | "memory_reservation" | "memswap_limit" | "shm_size"
    )
}

/// What a limit of 0, or none, means.
pub const NO_LIMIT: &str = "no limit";

/// Whether an attribute is a limit, and nothing is none.
pub fn is_limit(path: &Path) -> bool {
    matches!(
        path.attribute(),
        "memory" | "memory_reservation" | "memswap_limit" | "cpus"
    )
}

/// Whether an attribute's number is one of nanoseconds.
fn is_duration(path: &Path) -> bool {
    match path.attribute() {
        "stop_grace_period" => true,
        "healthcheck" => matches!(
            path.leaf(),
            "interval" | "timeout" | "start_period" | "start_interval"
        ),
        _ => false,
    }
}

/// A number of bytes as people read it, where it is a round one: `64 MiB`.
fn size(bytes: i64) -> String {
    let round = [("GiB", 30), ("MiB", 20), ("KiB", 10)]
        .into_iter()
        .find(|(_, shift)| bytes > 0 && bytes % (1_i64 << shift) == 0);
    round.map_or_else(
        || bytes.to_string(),
        |(unit, shift)| format!("{} {unit}", bytes >> shift),
    )
}

#[cfg(test)]
mod tests {
    use super::size;

    #[test]
    fn round_sizes_are_read_with_their_unit() {
        for (bytes, text) in [
            (64 << 20, "64 MiB"),
            (3 << 30, "3 GiB"),
            (1536 << 20, "1536 MiB"),
            (1025, "1025"),
            (0, "0"),
            (-1, "-1"),
        ] {
            assert_eq!(size(bytes), text);
        }
    }
}
