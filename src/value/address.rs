//! Addresses: of the internet protocols, of subnets, of network cards; and entries of a hosts file.

use std::{fmt, net::IpAddr, str::FromStr};

/// An IP address in its one canonical text; text that is none stays as it is, because engines show other words too.
#[must_use]
pub fn canonical_ip(text: &str) -> String {
    parse_ip(text).map_or_else(|| text.to_owned(), |address| address.to_string())
}

/// Reads an IP address, of which an IPv6 one may stand in brackets.
#[must_use]
pub fn parse_ip(text: &str) -> Option<IpAddr> {
    let inner = text
        .strip_prefix('[')
        .and_then(|text| text.strip_suffix(']'))
        .unwrap_or(text);
    inner.parse().ok()
}

/// A subnet: `10.5.0.0/16`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Subnet {
    address: IpAddr,
    bits: u8,
}

impl FromStr for Subnet {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (address, bits) = text
            .split_once('/')
            .ok_or("a subnet ends in its number of bits, as in 10.5.0.0/16")?;
        let address: IpAddr = address
            .parse()
            .map_err(|_| format!("`{address}` is no IP address"))?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        let bits = bits
            .parse()
            .ok()
            .filter(|bits| *bits <= most)
            .ok_or_else(|| format!("`{bits}` is not a number of bits from 0 to {most}"))?;
        Ok(Self { address, bits })
    }
}

impl fmt::Display for Subnet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.bits)
    }
}

/// The address of a network card, in lower case with colons: `02:42:ac:11:65:43`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MacAddress([u8; 6]);

impl FromStr for MacAddress {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong =
            || "an address of a network card has six pairs of hexadecimal digits".to_owned();
        let separator = if text.contains('-') { '-' } else { ':' };
        let mut bytes = [0; 6];
        let mut parts = text.split(separator);
        for byte in &mut bytes {
            let part = parts
                .next()
                .filter(|part| part.len() == 2)
                .ok_or_else(wrong)?;
            // `from_str_radix` takes a sign, and this has none.
            if !part.bytes().all(|byte| byte.is_ascii_hexdigit()) {
                return Err(wrong());
            }
            *byte = u8::from_str_radix(part, 16).map_err(|_| wrong())?;
        }
        match parts.next() {
            None => Ok(Self(bytes)),
            Some(_) => Err(wrong()),
        }
    }
}

impl fmt::Display for MacAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let pairs: Vec<String> = self.0.iter().map(|byte| format!("{byte:02x}")).collect();
        f.write_str(&pairs.join(":"))
    }
}

/// One entry of a container's hosts file: a name and its address, or the word `host-gateway`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HostEntry {
    host: String,
    address: String,
}

/// What stands for the host's own address.
const HOST_GATEWAY: &str = "host-gateway";

impl HostEntry {
    /// An entry; the error is a fragment that says what is wrong.
    pub fn new(host: &str, address: &str) -> Result<Self, String> {
        if host.is_empty() {
            return Err("the name of the host is empty".to_owned());
        }
        if host.contains(|c: char| c.is_whitespace() || matches!(c, ':' | '=')) {
            return Err(format!("`{host}` is not the name of a host"));
        }
        let address = match parse_ip(address) {
            Some(address) => address.to_string(),
            None if address == HOST_GATEWAY => address.to_owned(),
            None => return Err(format!("`{address}` is no IP address")),
        };
        Ok(Self {
            host: host.to_owned(),
            address,
        })
    }
}

/// `NAME:ADDRESS`, or `NAME=ADDRESS`.
impl FromStr for HostEntry {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let at = text
            .find([':', '='])
            .ok_or("it has no address behind the name")?;
        let (host, address) = text.split_at(at);
        Self::new(host, address.get(1..).unwrap_or_default())
    }
}

/// As the engine's API has it.
impl fmt::Display for HostEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.host, self.address)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{HostEntry, MacAddress, Subnet, canonical_ip};

    #[test]
    fn one_address_has_one_text() {
        assert_eq!(canonical_ip("127.0.0.1"), "127.0.0.1");
        assert_eq!(canonical_ip("0:0:0::1"), "::1");
        assert_eq!(canonical_ip("[2001:DB8::1]"), "2001:db8::1");
        assert_eq!(canonical_ip("gateway"), "gateway");
    }

    #[test]
    fn subnets() {
        for text in ["10.5.0.0/16", "2001:db8::/64", "0.0.0.0/0"] {
            assert_eq!(
                text.parse::<Subnet>().map(|subnet| subnet.to_string()),
                Ok(text.to_owned())
            );
        }
        for text in [
            "",
            "10.5.0.0",
            "10.5.0.0/33",
            "10.5.0/16",
            "10.5.0.0/x",
            "::/129",
        ] {
            assert!(text.parse::<Subnet>().is_err(), "{text}");
        }
    }

    #[test]
    fn addresses_of_network_cards() {
        let text = "02:42:AC:11:65:43";
        assert_eq!(
            text.parse::<MacAddress>().map(|mac| mac.to_string()),
            Ok(text.to_lowercase())
        );
        assert_eq!(
            "02-42-ac-11-65-43".parse::<MacAddress>(),
            text.parse::<MacAddress>()
        );
        for text in [
            "",
            "02:42",
            "02:42:ac:11:65:4g",
            "+2:42:ac:11:65:43",
            "02:42:ac:11:65:43:00",
            "0:2:42:ac:11:6",
        ] {
            assert!(text.parse::<MacAddress>().is_err(), "{text}");
        }
    }

    #[test]
    fn entries_of_a_hosts_file() {
        for (text, canonical) in [
            ("db:10.0.0.1", "db:10.0.0.1"),
            ("db=10.0.0.1", "db:10.0.0.1"),
            ("db:::1", "db:::1"),
            ("db=[::1]", "db:::1"),
            (
                "host.docker.internal:host-gateway",
                "host.docker.internal:host-gateway",
            ),
        ] {
            assert_eq!(
                text.parse::<HostEntry>().map(|entry| entry.to_string()),
                Ok(canonical.to_owned())
            );
        }
        for text in [
            "",
            "db",
            "db:",
            ":10.0.0.1",
            "db:db2",
            "a b:10.0.0.1",
            "db:10.0.0",
        ] {
            assert!(text.parse::<HostEntry>().is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_printed_parses_to_the_same(bytes in any::<[u8; 6]>(), address in any::<std::net::IpAddr>(), host in "[a-z][a-z0-9.-]{0,20}") {
            let mac = MacAddress(bytes);
            prop_assert_eq!(mac.to_string().parse(), Ok(mac));
            let entry = HostEntry::new(&host, &address.to_string()).expect("an entry");
            prop_assert_eq!(entry.to_string().parse(), Ok(entry));
            let most = if address.is_ipv4() { 32 } else { 128 };
            let subnet = Subnet { address, bits: bytes[0] % (most + 1) };
            prop_assert_eq!(subnet.to_string().parse(), Ok(subnet));
        }

        #[test]
        fn no_text_panics(text in "\\PC{0,40}") {
            let _ = text.parse::<MacAddress>();
            let _ = text.parse::<Subnet>();
            let _ = text.parse::<HostEntry>();
        }
    }
}
