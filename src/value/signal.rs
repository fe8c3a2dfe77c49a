//! A signal as the file and engines write it: `SIGTERM`, `term`, `15`, `SIGRTMIN+3`.

use std::{fmt, str::FromStr};

/// A signal of Linux, by its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Signal(u8);

/// The names of the signals from 1 on, as on every architecture but MIPS and SPARC.
const NAMES: &[&str] = &[
    "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2",
    "PIPE", "ALRM", "TERM", "STKFLT", "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG",
    "XCPU", "XFSZ", "VTALRM", "PROF", "WINCH", "IO", "PWR", "SYS",
];

/// Other names of the same signals.
const ALIASES: &[(&str, &str)] = &[("CLD", "CHLD"), ("IOT", "ABRT"), ("POLL", "IO")];

/// The first real-time signal that the C library leaves to programs.
const RTMIN: u8 = 34;

/// The last signal.
const RTMAX: u8 = 64;

impl Signal {
    /// What a container is stopped with where nothing else is said.
    pub const TERM: Self = Self(15);

    /// Its number.
    #[must_use]
    pub fn number(self) -> u8 {
        self.0
    }
}

impl FromStr for Signal {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let text = text.trim();
        if let Ok(number) = text.parse::<u8>() {
            return if (1..=RTMAX).contains(&number) {
                Ok(Self(number))
            } else {
                Err(format!("signals have numbers from 1 to {RTMAX}"))
            };
        }
        let upper = text.to_ascii_uppercase();
        let name = upper.strip_prefix("SIG").unwrap_or(&upper);
        let name = ALIASES
            .iter()
            .find(|(alias, _)| *alias == name)
            .map_or(name, |(_, name)| name);
        if let Some(at) = NAMES.iter().position(|known| *known == name) {
            return u8::try_from(at + 1)
                .map(Self)
                .map_err(|error| error.to_string());
        }
        real_time(name)
            .map(Self)
            .ok_or_else(|| "there is no signal of this name".to_owned())
    }
}

fn real_time(name: &str) -> Option<u8> {
    let number = match name.strip_prefix("RTMIN") {
        Some("") => RTMIN,
        Some(more) => RTMIN.checked_add(more.strip_prefix('+')?.parse().ok()?)?,
        None => match name.strip_prefix("RTMAX")? {
            "" => RTMAX,
            less => RTMAX.checked_sub(less.strip_prefix('-')?.parse().ok()?)?,
        },
    };
    (RTMIN..=RTMAX).contains(&number).then_some(number)
}

impl fmt::Display for Signal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Engines know the lower half from RTMIN on and the upper half from RTMAX down.
        const MIDDLE: u8 = 49;
        match (NAMES.get(usize::from(self.0.saturating_sub(1))), self.0) {
            (Some(name), _) => write!(f, "SIG{name}"),
            (None, RTMIN) => f.write_str("SIGRTMIN"),
            (None, RTMAX) => f.write_str("SIGRTMAX"),
            (None, number @ RTMIN..=MIDDLE) => write!(f, "SIGRTMIN+{}", number - RTMIN),
            (None, number) if number > MIDDLE => write!(f, "SIGRTMAX-{}", RTMAX - number),
            (None, number) => write!(f, "{number}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Signal;

    #[test]
    fn names_and_numbers_are_the_same_signals() {
        for (text, name) in [
            ("SIGTERM", "SIGTERM"),
            ("term", "SIGTERM"),
            ("15", "SIGTERM"),
            ("9", "SIGKILL"),
            ("SIGCLD", "SIGCHLD"),
            ("SIGPOLL", "SIGIO"),
            ("WINCH", "SIGWINCH"),
            ("37", "SIGRTMIN+3"),
            ("SIGRTMIN+3", "SIGRTMIN+3"),
            ("RTMAX-1", "SIGRTMAX-1"),
            ("SIGRTMAX", "SIGRTMAX"),
        ] {
            assert_eq!(
                text.parse::<Signal>().map(|signal| signal.to_string()),
                Ok(name.to_owned())
            );
        }
        for text in [
            "",
            "0",
            "65",
            "300",
            "-1",
            "SIGFOO",
            "SIG",
            "SIGRTMIN+",
            "SIGRTMIN+31",
            "RTMAX+1",
        ] {
            assert!(text.parse::<Signal>().is_err(), "{text}");
        }
    }

    #[test]
    fn what_is_printed_parses_to_the_same() {
        for number in 1..=64_u8 {
            let signal: Signal = number.to_string().parse().expect("a signal");
            assert_eq!(signal.to_string().parse(), Ok(signal));
            assert_eq!(signal.number(), number);
        }
    }
}
