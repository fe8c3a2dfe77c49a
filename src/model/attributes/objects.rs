//! The vocabulary of images, networks and volumes.

mod ipam;

use serde_json::{Map, Value, json};

use super::{
    build::BUILD,
    parts::{NAME, OURS, PLATFORM, TEXT_MAP, no, others_labels},
    process::LABELS_FORM,
};
use crate::{
    model::{Attribute, Form, Place, PullPolicy, Shape, Unset, recreate},
    value::Reference,
};

/// Networks without IPv4 came with this minor version of the API.
const WITHOUT_IPV4_SINCE: u32 = 47;

/// What an image of the file can say.
pub const IMAGE_ATTRIBUTES: &[Attribute] = &[
    Attribute {
        name: "reference",
        summary: "The image's name in a registry or on the engine, with its tag or digest.",
        example: "nginx:1.27",
        form: Form::Parsed {
            expected: "an image reference such as nginx:1.27",
            pattern: "^[^\\s]+$",
            parse: |text| Ok(Value::String(text.parse::<Reference>()?.familiar())),
        },
        ..OURS
    },
    Attribute {
        name: "pull",
        summary: "When the image is pulled: if it is missing, whenever the registry has another one, or never.",
        example: "always",
        form: Form::Choice(PullPolicy::WORDS),
        ..OURS
    },
    Attribute {
        name: "state",
        summary: "Whether the image should be there; an absent one is removed once nothing uses it.",
        example: "present",
        form: Form::Choice(&["present", "absent"]),
        ..OURS
    },
    Attribute {
        name: "build",
        summary: "How the image is built: the folder with its Dockerfile, or a mapping of the keys below.",
        example: "./app",
        form: BUILD,
        ..OURS
    },
    Attribute {
        name: "platform",
        summary: "The platform that the image is pulled or built for.",
        example: "linux/amd64",
        form: PLATFORM,
        ..OURS
    },
];

/// The name on the engine, which both networks and volumes may have.
const OBJECT_NAME: Attribute = Attribute {
    name: "name",
    summary: "Its name on the engine, if it is not to be the project's and its key.",
    example: "shop-front",
    form: NAME,
    ..OURS
};

/// What belongs to somebody else, which both networks and volumes may do.
const EXTERNAL: Attribute = Attribute {
    name: "external",
    summary: "Whether it was made outside of this project: it is then only used, and never made, changed or removed.",
    example: "false",
    form: Form::Bool,
    ..OURS
};

/// Labels of networks and volumes. Others may have added some, which are not ours to judge.
const LABELS: Attribute = Attribute {
    name: "labels",
    aliases: &[],
    summary: "Labels, beside those that Evenkeel gives it.",
    example: "{ com.example.tier: front }",
    form: LABELS_FORM,
    shape: Shape::Tree,
    unset: Unset::EngineFills,
    way: recreate,
    place: Place::Custom {
        api: "Labels",
        write: |value, body| body.set("Labels", Value::Object(others_labels(Some(value)))),
        read: |seen| Some(Value::Object(others_labels(seen.get("Labels")))),
    },
};

/// What a network of the file can say.
pub const NETWORK_ATTRIBUTES: &[Attribute] = &[
    OBJECT_NAME,
    EXTERNAL,
    Attribute {
        name: "driver",
        aliases: &[],
        summary: "The driver of the network.",
        example: "bridge",
        form: Form::Text,
        shape: Shape::Whole,
        unset: Unset::Default(|_| json!("bridge")),
        way: recreate,
        place: Place::Field("Driver"),
    },
    Attribute {
        name: "driver_opts",
        aliases: &[],
        summary: "Options of the driver.",
        example: "{ com.docker.network.driver.mtu: \"1400\" }",
        form: TEXT_MAP,
        shape: Shape::Tree,
        unset: Unset::EngineFills,
        way: recreate,
        place: Place::Field("Options"),
    },
    ipam::IPAM,
    Attribute {
        name: "internal",
        aliases: &[],
        summary: "Whether the network has no way out.",
        example: "true",
        form: Form::Bool,
        shape: Shape::Whole,
        unset: Unset::Default(no),
        way: recreate,
        place: Place::Field("Internal"),
    },
    Attribute {
        name: "attachable",
        aliases: &[],
        summary: "Whether containers may join a network of a swarm.",
        example: "false",
        form: Form::Bool,
        shape: Shape::Whole,
        unset: Unset::Default(no),
        way: recreate,
        place: Place::Field("Attachable"),
    },
    Attribute {
        name: "enable_ipv4",
        aliases: &[],
        summary: "Whether the network has IPv4 addresses; engines before API 1.47 always give them.",
        example: "true",
        form: Form::Bool,
        shape: Shape::Whole,
        unset: Unset::Inherit(|expect| {
            let given = expect.desired.cloned().unwrap_or(Value::Bool(true));
            expect.engine.at_least(WITHOUT_IPV4_SINCE).then_some(given)
        }),
        way: recreate,
        place: Place::Custom {
            api: "EnableIPv4",
            write: |value, body| body.set("EnableIPv4", value.clone()),
            read: |seen| Some(seen.get("EnableIPv4").cloned().unwrap_or(Value::Bool(true))),
        },
    },
    Attribute {
        name: "enable_ipv6",
        aliases: &[],
        summary: "Whether the network has IPv6 addresses; unset is the engine's own default.",
        example: "false",
        form: Form::Bool,
        shape: Shape::Whole,
        unset: Unset::EngineFills,
        way: recreate,
        place: Place::Field("EnableIPv6"),
    },
    LABELS,
];

/// What a volume of the file can say.
pub const VOLUME_ATTRIBUTES: &[Attribute] = &[
    OBJECT_NAME,
    EXTERNAL,
    Attribute {
        name: "driver",
        aliases: &[],
        summary: "The driver of the volume.",
        example: "local",
        form: Form::Text,
        shape: Shape::Whole,
        unset: Unset::Default(|_| json!("local")),
        way: recreate,
        place: Place::Field("Driver"),
    },
    Attribute {
        name: "driver_opts",
        aliases: &[],
        summary: "Options of the driver.",
        example: "{ type: tmpfs, device: tmpfs }",
        form: TEXT_MAP,
        shape: Shape::Tree,
        unset: Unset::EngineFills,
        way: recreate,
        place: Place::Custom {
            api: "DriverOpts",
            write: |value, body| body.set("DriverOpts", value.clone()),
            read: |seen| {
                let options = seen.get("Options").cloned();
                Some(options.unwrap_or_else(|| Value::Object(Map::new())))
            },
        },
    },
    LABELS,
];

#[cfg(test)]
mod tests;
