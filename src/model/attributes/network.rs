//! The vocabulary: ports, networks and names.

mod endpoints;
mod hosts;
mod links;
mod mode;
mod ports;

use super::parts::{empty_list, sorted, texts};
use crate::{
    model::{Attribute, Form, Place, Shape, Unset, recreate},
    value::{MacAddress, canonical_ip},
};

pub use endpoints::{NetworkChange, OWN as OWN_NAMES, endpoint, gone, mark_gone, network_changes};
pub use hosts::EXTRA_HOSTS_FORM;
use serde_json::Value;

/// Attributes of a container: network.
pub const NETWORK: &[Attribute] = &[
    ports::EXPOSE,
    ports::PORTS,
    mode::NETWORK_MODE,
    endpoints::NETWORKS,
    Attribute {
        name: "hostname",
        aliases: &[],
        summary: "The host name inside the container; unset is the first twelve digits of its id.",
        example: "web",
        form: HOSTNAME,
        shape: Shape::Whole,
        unset: Unset::EngineFills,
        way: recreate,
        place: Place::Field("Config/Hostname"),
    },
    Attribute {
        name: "domainname",
        aliases: &[],
        summary: "The domain of the host name inside the container.",
        example: "example.com",
        form: HOSTNAME,
        shape: Shape::Whole,
        unset: Unset::EngineFills,
        way: recreate,
        place: Place::Field("Config/Domainname"),
    },
    Attribute {
        name: "mac_address",
        aliases: &[],
        summary: "The address of the network card on the first network.",
        example: "\"02:42:ac:11:65:43\"",
        form: MAC,
        shape: Shape::Whole,
        // A generated address is shown as well, and a stopped container shows none at all: only the label tells.
        unset: Unset::Remembered,
        way: recreate,
        place: Place::Custom {
            api: "NetworkingConfig/EndpointsConfig/NETWORK/MacAddress",
            write: endpoints::write_mac_address,
            read: |_| None,
        },
    },
    Attribute {
        name: "dns",
        aliases: &[],
        summary: "The name servers, in order.",
        example: "[10.0.0.53]",
        form: Form::List(&super::parts::IP),
        shape: Shape::Whole,
        unset: Unset::Default(empty_list),
        way: recreate,
        place: Place::Custom {
            api: "HostConfig/Dns",
            write: |value, body| body.set("HostConfig/Dns", value.clone()),
            read: |seen| {
                let servers = seen.get("HostConfig/Dns");
                servers.map(|_| {
                    texts(servers)
                        .map(canonical_ip)
                        .map(Value::String)
                        .collect()
                })
            },
        },
    },
    Attribute {
        name: "dns_search",
        aliases: &[],
        summary: "The domains that short names are looked for in, in order.",
        example: "[example.com]",
        form: super::parts::TEXTS,
        shape: Shape::Whole,
        unset: Unset::Default(empty_list),
        way: recreate,
        place: Place::Field("HostConfig/DnsSearch"),
    },
    Attribute {
        name: "dns_opt",
        aliases: &[],
        summary: "Options of the resolver.",
        example: "[\"ndots:1\"]",
        form: super::parts::TEXT_SET,
        shape: Shape::Whole,
        unset: Unset::Default(empty_list),
        way: recreate,
        place: Place::Custom {
            api: "HostConfig/DnsOptions",
            write: |value, body| body.set("HostConfig/DnsOptions", value.clone()),
            read: |seen| {
                let options = seen.get("HostConfig/DnsOptions");
                options.map(|_| sorted(texts(options)))
            },
        },
    },
    hosts::EXTRA_HOSTS,
    links::LINKS,
    links::EXTERNAL_LINKS,
];

/// An address of a network card.
const MAC: Form = Form::Parsed {
    expected: "the address of a network card such as 02:42:ac:11:65:43",
    pattern: "^[0-9a-fA-F]{2}([:-][0-9a-fA-F]{2}){5}$",
    parse: |text| Ok(Value::String(text.parse::<MacAddress>()?.to_string())),
};

/// A host name. Linux takes 64 characters, of which the kernel looks at none.
const HOSTNAME: Form = Form::Parsed {
    expected: "a host name such as web or web.example.com",
    pattern: "^[a-zA-Z0-9]([a-zA-Z0-9_.-]*)$",
    parse: |text| {
        let sound = text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_'));
        if text.is_empty() || !sound || text.starts_with(['-', '.', '_']) {
            return Err("it has characters that no host name has".to_owned());
        }
        if text.len() > 64 {
            return Err("it is longer than the 64 characters that Linux takes".to_owned());
        }
        Ok(Value::String(text.to_owned()))
    },
};

#[cfg(test)]
mod tests;
