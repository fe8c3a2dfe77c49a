//! A Linux capability: `NET_ADMIN`, `cap_net_admin` and `CAP_NET_ADMIN` are the same one.

use std::{fmt, str::FromStr};

/// A Linux capability by its full name, or all of them (`ALL`).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Capability(String);

/// Every capability of Linux 6, without its prefix. The last one came with 5.9.
const KNOWN: &[&str] = &[
    "AUDIT_CONTROL",
    "AUDIT_READ",
    "AUDIT_WRITE",
    "BLOCK_SUSPEND",
    "BPF",
    "CHECKPOINT_RESTORE",
    "CHOWN",
    "DAC_OVERRIDE",
    "DAC_READ_SEARCH",
    "FOWNER",
    "FSETID",
    "IPC_LOCK",
    "IPC_OWNER",
    "KILL",
    "LEASE",
    "LINUX_IMMUTABLE",
    "MAC_ADMIN",
    "MAC_OVERRIDE",
    "MKNOD",
    "NET_ADMIN",
    "NET_BIND_SERVICE",
    "NET_BROADCAST",
    "NET_RAW",
    "PERFMON",
    "SETFCAP",
    "SETGID",
    "SETPCAP",
    "SETUID",
    "SYSLOG",
    "SYS_ADMIN",
    "SYS_BOOT",
    "SYS_CHROOT",
    "SYS_MODULE",
    "SYS_NICE",
    "SYS_PACCT",
    "SYS_PTRACE",
    "SYS_RAWIO",
    "SYS_RESOURCE",
    "SYS_TIME",
    "SYS_TTY_CONFIG",
    "WAKE_ALARM",
];

impl Capability {
    /// A capability as an engine reports it, which may know more of them than this version does.
    #[must_use]
    pub fn from_engine(text: &str) -> Self {
        let upper = text.trim().to_ascii_uppercase();
        match upper.strip_prefix("CAP_").unwrap_or(&upper) {
            "ALL" => Self("ALL".to_owned()),
            name => Self(format!("CAP_{name}")),
        }
    }
}

impl FromStr for Capability {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let capability = Self::from_engine(text);
        let Some(name) = capability.0.strip_prefix("CAP_") else {
            return Ok(capability);
        };
        if KNOWN.contains(&name) {
            return Ok(capability);
        }
        // Two slips of the finger still mean the same word; more are a guess.
        let near = KNOWN
            .iter()
            .map(|known| (strsim::damerau_levenshtein(known, name), known))
            .filter(|(distance, _)| *distance <= 2)
            .min();
        Err(match near {
            Some((_, near)) => format!("Linux has no such capability; did you mean {near}?"),
            None => "Linux has no such capability".to_owned(),
        })
    }
}

/// The full name in capital letters: `CAP_NET_ADMIN`; `ALL` has no prefix.
impl fmt::Display for Capability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Capability, KNOWN};

    #[test]
    fn prefix_and_case_do_not_matter() {
        for text in [
            "NET_ADMIN",
            "net_admin",
            "CAP_NET_ADMIN",
            "cap_net_admin",
            " Net_Admin ",
        ] {
            assert_eq!(
                text.parse::<Capability>()
                    .map(|capability| capability.to_string()),
                Ok("CAP_NET_ADMIN".to_owned()),
                "{text}"
            );
        }
        for text in ["ALL", "all", "CAP_ALL"] {
            assert_eq!(
                text.parse::<Capability>()
                    .map(|capability| capability.to_string()),
                Ok("ALL".to_owned())
            );
        }
    }

    #[test]
    fn what_is_none_is_refused_with_the_near_one() {
        assert_eq!(
            "NET_ADMN".parse::<Capability>(),
            Err("Linux has no such capability; did you mean NET_ADMIN?".to_owned())
        );
        assert!("LEVITATE".parse::<Capability>().is_err());
        assert!("".parse::<Capability>().is_err());
        assert_eq!(
            Capability::from_engine("levitate").to_string(),
            "CAP_LEVITATE"
        );
    }

    proptest! {
        #[test]
        fn what_is_printed_parses_to_the_same(name in prop::sample::select(KNOWN.to_vec()), prefix in prop::sample::select(vec!["", "cap_", "CAP_"])) {
            let capability: Capability = format!("{prefix}{name}").parse().expect("a known one");
            prop_assert_eq!(capability.to_string().parse(), Ok(capability.clone()));
            prop_assert_eq!(Capability::from_engine(&capability.to_string()), capability);
        }

        #[test]
        fn no_text_panics(text in "\\PC{0,40}") {
            let _ = text.parse::<Capability>();
        }
    }
}
