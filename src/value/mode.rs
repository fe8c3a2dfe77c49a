//! Permission bits of a file, in octal as `chmod` and Compose write them: `0444`, `1777`.

use std::{fmt, str::FromStr};

/// Permission bits, the set-id and sticky bits included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Mode(u32);

/// All bits that a mode can have.
const ALL: u32 = 0o7777;

impl Mode {
    /// A mode of its bits; `None` if there are others than permission bits.
    #[must_use]
    pub fn from_bits(bits: u32) -> Option<Self> {
        (bits <= ALL).then_some(Self(bits))
    }

    /// The bits.
    #[must_use]
    pub fn bits(self) -> u32 {
        self.0
    }
}

/// Octal digits, perhaps after `0o`. They are octal with and without a leading zero: `mode: 644` means what `chmod 644`
/// means, and a decimal number in its place mostly has an 8 or a 9, or too many digits, and is refused.
impl FromStr for Mode {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let digits = text.strip_prefix("0o").unwrap_or(text);
        if digits.is_empty() || !digits.bytes().all(|byte| (b'0'..=b'7').contains(&byte)) {
            return Err("it is not an octal number".to_owned());
        }
        u32::from_str_radix(digits, 8)
            .ok()
            .and_then(Self::from_bits)
            .ok_or_else(|| "it has bits that no file has".to_owned())
    }
}

/// Four octal digits.
impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04o}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Mode;

    #[test]
    fn modes_are_octal() {
        for (text, bits) in [
            ("0444", 0o444),
            ("444", 0o444),
            ("0o440", 0o440),
            ("1777", 0o1777),
            ("0", 0),
        ] {
            assert_eq!(text.parse::<Mode>().map(Mode::bits), Ok(bits), "{text}");
        }
        for text in [
            "",
            "0o",
            "292",
            "rwx",
            "-1",
            "10000",
            "77777777777777777777",
        ] {
            assert!(text.parse::<Mode>().is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_printed_parses_to_the_same(bits in 0..=0o7777_u32) {
            let mode = Mode::from_bits(bits).expect("permission bits");
            prop_assert_eq!(mode.to_string().parse(), Ok(mode));
        }

        #[test]
        fn no_text_panics(text in "\\PC{0,20}") {
            let _ = text.parse::<Mode>();
        }
    }
}
