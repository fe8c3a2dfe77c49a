//! Time and names without chance: timestamps from a virtual clock, ids from a counter.

use std::time::Duration;

use sha2::{Digest, Sha256};

/// Where the engine's time comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Clock {
    /// It follows tokio's clock, which tests pause, and can be advanced by hand on top of that.
    #[default]
    Tokio,
    /// It stands still unless it is advanced by hand; waits advance it.
    Manual,
}

/// 2026-01-01T00:00:00Z, when every simulated engine begins.
const BEGINNING: i64 = 1_767_225_600;

/// What the engine writes for "never".
pub const NEVER: &str = "0001-01-01T00:00:00Z";

/// A moment since the engine's beginning as the engine writes it.
pub fn stamp(since: Duration) -> String {
    let nanos =
        i128::from(BEGINNING) * 1_000_000_000 + i128::try_from(since.as_nanos()).unwrap_or(0);
    jiff::Timestamp::from_nanosecond(nanos)
        .map_or_else(|_| NEVER.to_owned(), |moment| moment.to_string())
}

/// A moment as seconds and nanoseconds, as `since` of the events has it, back to a moment since the beginning.
pub fn since(text: &str) -> Duration {
    let (seconds, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let seconds = seconds
        .parse::<i64>()
        .unwrap_or(0)
        .saturating_sub(BEGINNING);
    let nanos = format!("{fraction:0<9}")
        .get(..9)
        .and_then(|digits| digits.parse().ok())
        .unwrap_or(0);
    u64::try_from(seconds).map_or(Duration::ZERO, |seconds| Duration::new(seconds, nanos))
}

/// The 64 hexadecimal digits of the n-th thing.
pub fn id(kind: &str, number: u64) -> String {
    use std::fmt::Write as _;
    let digest = Sha256::digest(format!("{kind} {number}").as_bytes());
    digest
        .iter()
        .fold(String::with_capacity(64), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
}

/// The engine's short form of an id.
pub fn short(id: &str) -> &str {
    id.get(..12).unwrap_or(id)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{id, short, since, stamp};

    #[test]
    fn moments_and_ids_are_written_as_the_engine_writes_them() {
        assert_eq!(stamp(Duration::from_millis(1500)), "2026-01-01T00:00:01.5Z");
        assert_eq!(since("1767225601.500000000"), Duration::from_millis(1500));
        assert_eq!(since("1767225601"), Duration::from_secs(1));
        assert_eq!(since("5"), Duration::ZERO);
        assert_eq!(
            (id("container", 1).len(), short(&id("container", 1)).len()),
            (64, 12)
        );
        assert_ne!(id("container", 1), id("container", 2));
    }
}
