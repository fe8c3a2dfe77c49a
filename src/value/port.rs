//! Published and exposed ports: `8080:80`, `127.0.0.1:8080-8082:80-82/udp`, `[::1]::53/udp`, `3000-3005/tcp`.

use std::{fmt, net::IpAddr, str::FromStr};

use super::address::parse_ip;

/// The protocol of a port.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Protocol {
    /// TCP.
    #[default]
    Tcp,
    /// UDP.
    Udp,
    /// SCTP.
    Sctp,
}

impl Protocol {
    /// Every protocol, in the words of the file.
    pub const WORDS: &'static [&'static str] = &["tcp", "udp", "sctp"];
}

impl FromStr for Protocol {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.to_ascii_lowercase().as_str() {
            "tcp" => Ok(Self::Tcp),
            "udp" => Ok(Self::Udp),
            "sctp" => Ok(Self::Sctp),
            _ => Err(format!("`{text}` is not tcp, udp or sctp")),
        }
    }
}

impl fmt::Display for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Tcp => "tcp",
            Self::Udp => "udp",
            Self::Sctp => "sctp",
        })
    }
}

/// Ports one after the other, at least one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PortRange {
    first: u16,
    last: u16,
}

impl PortRange {
    /// A single port.
    #[must_use]
    pub fn one(port: u16) -> Self {
        Self {
            first: port,
            last: port,
        }
    }

    /// The port, if it is only one.
    #[must_use]
    pub fn single(self) -> Option<u16> {
        (self.first == self.last).then_some(self.first)
    }

    fn len(self) -> u32 {
        u32::from(self.last) - u32::from(self.first) + 1
    }

    /// Its ports.
    pub fn ports(self) -> impl Iterator<Item = u16> {
        self.first..=self.last
    }
}

impl FromStr for PortRange {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let port = |text: &str| -> Result<u16, String> {
            if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
                return Err(format!("`{text}` is not a port"));
            }
            text.parse()
                .map_err(|_| format!("{text} is no port: they end at 65535"))
        };
        let (first, last) = match text.split_once('-') {
            Some((first, last)) => (port(first)?, port(last)?),
            None => (port(text)?, port(text)?),
        };
        if last < first {
            return Err(format!("the range {text} runs backwards"));
        }
        Ok(Self { first, last })
    }
}

impl fmt::Display for PortRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.single() {
            Some(port) => write!(f, "{port}"),
            None => write!(f, "{}-{}", self.first, self.last),
        }
    }
}

/// One published port of a container.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PortMapping {
    /// The address of the host; `None` is all of them.
    pub host_ip: Option<IpAddr>,
    /// The port of the host; `None` is any free one, and a range is any free one of it.
    pub host: Option<PortRange>,
    /// The port inside the container.
    pub container: u16,
    /// The protocol.
    pub protocol: Protocol,
}

impl PortMapping {
    /// Pairs ranges: as many ports of the host as of the container, or any one of several for a single one.
    pub fn expand(
        host_ip: Option<IpAddr>,
        host: Option<PortRange>,
        container: PortRange,
        protocol: Protocol,
    ) -> Result<Vec<Self>, String> {
        if container.first == 0 {
            return Err("the port inside the container is not 0".to_owned());
        }
        let mapping = |host, container| Self {
            host_ip,
            host,
            container,
            protocol,
        };
        // Port 0 of the host means any free one.
        let host = host.filter(|host| *host != PortRange::one(0));
        let Some(host) = host else {
            return Ok(container.ports().map(|port| mapping(None, port)).collect());
        };
        if host.first == 0 {
            return Err("a range of ports does not begin at 0".to_owned());
        }
        if let Some(port) = container.single() {
            return Ok(vec![mapping(Some(host), port)]);
        }
        if host.len() != container.len() {
            return Err(format!(
                "{host} are {} ports, and {container} are {}",
                host.len(),
                container.len()
            ));
        }
        Ok(host
            .ports()
            .zip(container.ports())
            .map(|(host, port)| mapping(Some(PortRange::one(host)), port))
            .collect())
    }

    /// Reads the short syntax of Compose: `[[ADDRESS:]HOST:]CONTAINER[/PROTOCOL]`, with ranges.
    pub fn parse_all(text: &str) -> Result<Vec<Self>, String> {
        let (rest, protocol) = with_protocol(text)?;
        let (before, container) = match rest.rsplit_once(':') {
            Some((before, container)) => (Some(before), container),
            None => (None, rest),
        };
        let container: PortRange = container.parse()?;
        let Some(before) = before else {
            return Self::expand(None, None, container, protocol);
        };
        let (address, host) = match before.rsplit_once(':') {
            Some((address, host)) => (Some(address), host),
            None => (None, before),
        };
        let address = match address {
            None => None,
            Some(address) => {
                Some(parse_ip(address).ok_or_else(|| format!("`{address}` is no IP address"))?)
            }
        };
        let host = match (host, address) {
            ("", Some(_)) => None,
            ("", None) => return Err("the port of the host is empty".to_owned()),
            (host, _) => Some(host.parse()?),
        };
        Self::expand(address, host, container, protocol)
    }
}

impl fmt::Display for PortMapping {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.host_ip {
            None => {}
            Some(IpAddr::V4(address)) => write!(f, "{address}:")?,
            Some(IpAddr::V6(address)) => write!(f, "[{address}]:")?,
        }
        match self.host {
            Some(host) => write!(f, "{host}:")?,
            None if self.host_ip.is_some() => f.write_str(":")?,
            None => {}
        }
        write!(f, "{}/{}", self.container, self.protocol)
    }
}

/// A port inside a container with its protocol: `80/tcp`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ExposedPort {
    /// The port.
    pub port: u16,
    /// The protocol.
    pub protocol: Protocol,
}

impl ExposedPort {
    /// Reads a port or a range of them: `80`, `53/udp`, `3000-3005/tcp`.
    pub fn parse_all(text: &str) -> Result<Vec<Self>, String> {
        let (range, protocol) = with_protocol(text)?;
        let range: PortRange = range.parse()?;
        if range.first == 0 {
            return Err("the port inside the container is not 0".to_owned());
        }
        Ok(range.ports().map(|port| Self { port, protocol }).collect())
    }
}

impl fmt::Display for ExposedPort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.port, self.protocol)
    }
}

fn with_protocol(text: &str) -> Result<(&str, Protocol), String> {
    match text.split_once('/') {
        Some((rest, protocol)) => Ok((rest, protocol.parse()?)),
        None => Ok((text, Protocol::Tcp)),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{ExposedPort, PortMapping, PortRange, Protocol};

    fn texts(text: &str) -> Vec<String> {
        PortMapping::parse_all(text)
            .unwrap_or_else(|error| panic!("{text}: {error}"))
            .iter()
            .map(ToString::to_string)
            .collect()
    }

    #[test]
    fn short_syntax_of_compose() {
        for (text, expected) in [
            ("80", vec!["80/tcp"]),
            ("8080:80", vec!["8080:80/tcp"]),
            ("8080:80/udp", vec!["8080:80/udp"]),
            ("8080:80/UDP", vec!["8080:80/udp"]),
            ("0:80", vec!["80/tcp"]),
            ("127.0.0.1:8080:80", vec!["127.0.0.1:8080:80/tcp"]),
            ("127.0.0.1::80", vec!["127.0.0.1::80/tcp"]),
            ("[::1]:8080:80", vec!["[::1]:8080:80/tcp"]),
            ("::1:8080:80", vec!["[::1]:8080:80/tcp"]),
            ("[::]:53:53/udp", vec!["[::]:53:53/udp"]),
            ("80-82", vec!["80/tcp", "81/tcp", "82/tcp"]),
            ("8000-8001:80-81", vec!["8000:80/tcp", "8001:81/tcp"]),
            ("8000-8002:80", vec!["8000-8002:80/tcp"]),
            ("9000:9000/sctp", vec!["9000:9000/sctp"]),
        ] {
            assert_eq!(texts(text), expected, "{text}");
        }
    }

    #[test]
    fn what_is_no_mapping_is_refused() {
        for text in [
            "",
            ":",
            ":80",
            "80:",
            "8080:",
            "a:80",
            "80:a",
            "8080:80/http",
            "8080:80/",
            "65536:80",
            "80:65536",
            "8080:0",
            "0-5:80-85",
            "82-80",
            "8000-8002:80-81",
            "80:81-82",
            "localhost:8080:80",
            "1.2.3:8080:80",
            "8080:80:90",
            "+80:80",
            "-1:80",
            " 80",
            "80-",
            "-80",
            "0x50:80",
        ] {
            assert!(PortMapping::parse_all(text).is_err(), "{text}");
        }
    }

    #[test]
    fn exposed_ports_with_ranges() {
        let texts = |text: &str| -> Vec<String> {
            ExposedPort::parse_all(text)
                .into_iter()
                .flatten()
                .map(|port| port.to_string())
                .collect()
        };
        assert_eq!(texts("80"), ["80/tcp"]);
        assert_eq!(texts("53/udp"), ["53/udp"]);
        assert_eq!(texts("3000-3002"), ["3000/tcp", "3001/tcp", "3002/tcp"]);
        for text in ["", "0", "80/x", "8080:80", "70000"] {
            assert!(ExposedPort::parse_all(text).is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_printed_parses_to_the_same(
            host_ip in any::<Option<std::net::IpAddr>>(),
            host in proptest::option::of((1..=u16::MAX, 0..3_u16)),
            container in 1..=u16::MAX,
            protocol in prop_oneof![Just(Protocol::Tcp), Just(Protocol::Udp), Just(Protocol::Sctp)],
        ) {
            let host = host.map(|(first, more)| PortRange { first, last: first.saturating_add(more) });
            let mapping = PortMapping { host_ip, host, container, protocol };
            prop_assert_eq!(PortMapping::parse_all(&mapping.to_string()), Ok(vec![mapping]));
        }

        #[test]
        fn no_text_panics(text in "[0-9:./\\[\\]a-f-]{0,40}") {
            let _ = PortMapping::parse_all(&text);
            let _ = ExposedPort::parse_all(&text);
        }
    }
}
