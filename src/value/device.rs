//! Devices of the host in a container: `/dev/snd`, `/dev/ttyUSB0:/dev/modem:rw`, and the rules of the device cgroup.

use std::{fmt, str::FromStr};

use super::ContainerPath;

/// What a container may do with a device: read, write, make (`mknod`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Permissions {
    read: bool,
    write: bool,
    make: bool,
}

impl Permissions {
    /// All of them, which is what a device gets that says nothing.
    pub const ALL: Self = Self {
        read: true,
        write: true,
        make: true,
    };
}

/// Letters of `r`, `w` and `m`, each at most once.
impl FromStr for Permissions {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("`{text}` is not made of r, w and m");
        let mut permissions = Self {
            read: false,
            write: false,
            make: false,
        };
        for letter in text.chars() {
            let permission = match letter {
                'r' => &mut permissions.read,
                'w' => &mut permissions.write,
                'm' => &mut permissions.make,
                _ => return Err(wrong()),
            };
            if std::mem::replace(permission, true) {
                return Err(wrong());
            }
        }
        if text.is_empty() {
            return Err(wrong());
        }
        Ok(permissions)
    }
}

impl fmt::Display for Permissions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (letter, given) in [("r", self.read), ("w", self.write), ("m", self.make)] {
            if given {
                f.write_str(letter)?;
            }
        }
        Ok(())
    }
}

/// A device of the host in a container.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Device {
    /// Its path on the host, which may be a folder of devices.
    pub source: ContainerPath,
    /// Its path in the container.
    pub target: ContainerPath,
    /// What the container may do with it.
    pub permissions: Permissions,
}

/// Docker's short syntax: `SOURCE[:TARGET][:PERMISSIONS]`.
impl FromStr for Device {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parts: Vec<&str> = text.split(':').collect();
        let (source, target, permissions) = match parts.as_slice() {
            [source] => (*source, *source, None),
            // A path begins with a slash, so what does not are permissions.
            [source, second] if second.starts_with('/') => (*source, *second, None),
            [source, second] => (*source, *source, Some(*second)),
            [source, target, permissions] => (*source, *target, Some(*permissions)),
            _ => {
                return Err("it has more than the parts SOURCE:TARGET:PERMISSIONS".to_owned());
            }
        };
        let path = |text: &str| {
            text.parse::<ContainerPath>()
                .map_err(|_| format!("`{text}` is no absolute path"))
        };
        Ok(Self {
            source: path(source)?,
            target: path(target)?,
            permissions: permissions.map_or(Ok(Permissions::ALL), str::parse)?,
        })
    }
}

/// All three parts, as the engine keeps them.
impl fmt::Display for Device {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.source, self.target, self.permissions)
    }
}

/// A rule of the device cgroup: `c 1:3 mr`, `a 7:* rmw`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DeviceRule {
    kind: char,
    major: String,
    minor: String,
    permissions: Permissions,
}

/// `TYPE MAJOR:MINOR PERMISSIONS`, where the type is `a`, `b` or `c` and `*` is any number.
impl FromStr for DeviceRule {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || "it is not TYPE MAJOR:MINOR PERMISSIONS".to_owned();
        let parts: Vec<&str> = text.split_whitespace().collect();
        let [kind @ ("a" | "b" | "c"), numbers, permissions] = parts.as_slice() else {
            return Err(wrong());
        };
        let (major, minor) = numbers.split_once(':').ok_or_else(wrong)?;
        let number = |text: &str| {
            if text == "*" {
                return Ok(text.to_owned());
            }
            text.parse::<u32>()
                .map(|number| number.to_string())
                .map_err(|_| format!("`{text}` is neither a device's number nor `*`"))
        };
        Ok(Self {
            kind: kind.chars().next().ok_or_else(wrong)?,
            major: number(major)?,
            minor: number(minor)?,
            permissions: permissions.parse()?,
        })
    }
}

impl fmt::Display for DeviceRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} {}:{} {}",
            self.kind, self.major, self.minor, self.permissions
        )
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Device, DeviceRule};

    #[test]
    fn the_same_defaults_are_filled_in_as_by_the_engine() {
        for (text, printed) in [
            ("/dev/snd", "/dev/snd:/dev/snd:rwm"),
            ("/dev/a:/dev/b", "/dev/a:/dev/b:rwm"),
            ("/dev/a:r", "/dev/a:/dev/a:r"),
            ("/dev/a:/dev/b:mr", "/dev/a:/dev/b:rm"),
            ("/dev//a/", "/dev/a:/dev/a:rwm"),
        ] {
            assert_eq!(
                text.parse::<Device>().map(|device| device.to_string()),
                Ok(printed.to_owned()),
                "{text}"
            );
        }
        for text in [
            "",
            "snd",
            "/dev/a:b",
            "/dev/a:/dev/b:rr",
            "/dev/a:/dev/b:",
            "/a:/b:r:w",
            "/a:",
        ] {
            assert!(text.parse::<Device>().is_err(), "{text}");
        }
    }

    #[test]
    fn rules_of_the_device_cgroup() {
        for (text, printed) in [
            ("c 1:3 mr", "c 1:3 rm"),
            ("a 7:* rmw", "a 7:* rwm"),
            ("b  08:0  r", "b 8:0 r"),
        ] {
            assert_eq!(
                text.parse::<DeviceRule>().map(|rule| rule.to_string()),
                Ok(printed.to_owned()),
                "{text}"
            );
        }
        for text in [
            "",
            "c 1:3",
            "d 1:3 r",
            "c 1 r",
            "c 1:x r",
            "c 1:3 q",
            "c 1:3 r w",
        ] {
            assert!(text.parse::<DeviceRule>().is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_printed_parses_to_the_same(source in "/[a-z/]{1,9}", target in "(|:/[a-z/]{1,9})", permissions in "(|:r|:rw|:mw|:rwm)") {
            let device: Device = format!("{source}{target}{permissions}").parse().expect("a device");
            prop_assert_eq!(device.to_string().parse(), Ok(device));
        }

        #[test]
        fn a_printed_rule_parses_to_the_same(kind in "[abc]", major in "([*]|[0-9]{1,4})", minor in "([*]|[0-9]{1,4})", permissions in "(r|w|m|wr|mrw)") {
            let rule: DeviceRule = format!("{kind} {major}:{minor} {permissions}").parse().expect("a rule");
            prop_assert_eq!(rule.to_string().parse(), Ok(rule));
        }

        #[test]
        fn no_text_panics(text in "\\PC{0,40}") {
            let _ = text.parse::<Device>();
            let _ = text.parse::<DeviceRule>();
        }
    }
}
