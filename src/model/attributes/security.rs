//! The vocabulary: security, that is what a container may do to its host, and what it shares with it.

mod capabilities;

use serde_json::{Map, Value};

use self::capabilities::Kind;
use super::lists;
use crate::{
    model::{
        Attribute, Fault, Field, Form, NullMeans, Place, Record, Seen, Shape, Unset, recreate,
    },
    value::{Capability, SecurityOpt},
};

/// Attributes of a container: security.
pub const SECURITY: &[Attribute] = &[
    PRIVILEGED,
    CAP_ADD,
    CAP_DROP,
    SECURITY_OPT,
    GROUP_ADD,
    USERNS_MODE,
    IPC,
    PID,
    UTS,
    CGROUP,
    CGROUP_PARENT,
    ISOLATION,
    SYSCTLS,
    CREDENTIAL_SPEC,
];

const PRIVILEGED: Attribute = Attribute {
    name: "privileged",
    aliases: &[],
    summary: "Whether the container may do to the host all that root can.",
    example: "false",
    form: Form::Bool,
    shape: Shape::Whole,
    unset: Unset::Default(|_| Value::Bool(false)),
    way: recreate,
    place: Place::Field("HostConfig/Privileged"),
};

const CAPABILITIES: Form = Form::Set(&Form::Parsed {
    expected: "a capability such as NET_ADMIN, or ALL",
    pattern: "^[A-Za-z_]+$",
    parse: |text| {
        text.parse::<Capability>()
            .map(|capability| Value::String(capability.to_string()))
    },
});

const CAP_ADD: Attribute = Attribute {
    name: "cap_add",
    aliases: &[],
    summary: "Linux capabilities that the container gets beyond the engine's default ones, with or without `CAP_`; `ALL` is every one.",
    example: "[NET_ADMIN]",
    form: CAPABILITIES,
    shape: Shape::Whole,
    unset: Unset::Inherit(|expect| capabilities::expected(expect, Kind::Added)),
    way: recreate,
    place: Place::Custom {
        api: "HostConfig/CapAdd",
        write: |value, body| body.set("HostConfig/CapAdd", value.clone()),
        read: |seen| capabilities::read(seen, Kind::Added),
    },
};

const CAP_DROP: Attribute = Attribute {
    name: "cap_drop",
    aliases: &[],
    summary: "Linux capabilities that the container does not get, with or without `CAP_`; `ALL` is every one.",
    example: "[ALL]",
    form: CAPABILITIES,
    shape: Shape::Whole,
    unset: Unset::Inherit(|expect| capabilities::expected(expect, Kind::Dropped)),
    way: recreate,
    place: Place::Custom {
        api: "HostConfig/CapDrop",
        write: |value, body| body.set("HostConfig/CapDrop", value.clone()),
        read: |seen| capabilities::read(seen, Kind::Dropped),
    },
};

const SECURITY_OPT: Attribute = Attribute {
    name: "security_opt",
    aliases: &[],
    summary: "Options of the host's security modules: `no-new-privileges`, `apparmor`, `seccomp`, `label`, each as `NAME=VALUE` or `NAME:VALUE`.",
    example: "[\"no-new-privileges=true\"]",
    form: Form::Set(&Form::Parsed {
        expected: "an option such as no-new-privileges=true or apparmor=unconfined",
        pattern: "",
        parse: |text| {
            text.parse::<SecurityOpt>()
                .map(|option| Value::String(option.to_string()))
        },
    }),
    // An option by its name, without a profile of many pages; several labels may stand side by side.
    shape: Shape::Items(|option| {
        let text = option.as_str().unwrap_or_default();
        let option = SecurityOpt::from_engine(text);
        match option.name() {
            "label" => text.to_owned(),
            name => name.to_owned(),
        }
    }),
    // Hosts add `label=disable` by themselves.
    unset: Unset::EngineFills,
    way: recreate,
    place: Place::Custom {
        api: "HostConfig/SecurityOpt",
        write: |value, body| body.set("HostConfig/SecurityOpt", value.clone()),
        read: |seen| {
            lists::texts(seen, "HostConfig/SecurityOpt", |text| {
                SecurityOpt::from_engine(text).to_string()
            })
        },
    },
};

const GROUP_ADD: Attribute = Attribute {
    name: "group_add",
    aliases: &[],
    summary: "Groups that the container's user is a member of too, by name or number.",
    example: "[\"1001\"]",
    form: Form::Set(&Form::Text),
    shape: Shape::Whole,
    unset: Unset::Default(|_| Value::Null),
    way: recreate,
    place: Place::Custom {
        api: "HostConfig/GroupAdd",
        write: |value, body| body.set("HostConfig/GroupAdd", value.clone()),
        read: |seen| lists::texts(seen, "HostConfig/GroupAdd", str::to_owned),
    },
};

const USERNS_MODE: Attribute = Attribute {
    name: "userns_mode",
    aliases: &[],
    summary: "The user namespace: `host` switches off the remapping that the engine was set up with.",
    example: "host",
    form: Form::Text,
    shape: Shape::Whole,
    unset: Unset::Inherit(|expect| Some(expect.desired.cloned().unwrap_or(Value::Null))),
    way: recreate,
    place: Place::Field("HostConfig/UsernsMode"),
};

/// A namespace that is the host's, a container's of the file, or any other container's.
fn namespace(text: &str, words: &[&str]) -> Result<Value, String> {
    let other = ["service:", "container:"]
        .iter()
        .find_map(|prefix| text.strip_prefix(prefix));
    match other {
        Some("") => Err("the name behind the colon is missing".to_owned()),
        Some(_) => Ok(Value::String(text.to_owned())),
        None if words.contains(&text) => Ok(Value::String(text.to_owned())),
        None => Err("there is no such mode".to_owned()),
    }
}

/// A mode as an engine reports it, with the name of the container whose namespace is shared. One that is gone keeps its id,
/// which is equal to no name. `private` is Podman's word for "its own".
fn read_namespace(seen: &Seen<'_>, place: &str) -> Option<Value> {
    let text = seen.text(place)?;
    if let Some(other) = text.strip_prefix("container:") {
        let name = seen.names.get(other).map_or(other, String::as_str);
        return Some(Value::String(format!("container:{name}")));
    }
    Some(Value::String(text.to_owned()))
}

const IPC: Attribute = Attribute {
    name: "ipc",
    aliases: &[],
    summary: "The namespace of shared memory and message queues: `private`, `shareable`, `host`, `none`, or that of another container (`service:KEY`, `container:NAME`).",
    example: "shareable",
    form: Form::Parsed {
        expected: "private, shareable, host, none, service:KEY or container:NAME",
        pattern: "^(private|shareable|host|none|(service|container):.+)$",
        parse: |text| namespace(text, &["private", "shareable", "host", "none"]),
    },
    shape: Shape::Whole,
    unset: Unset::EngineFills,
    way: recreate,
    place: Place::Custom {
        api: "HostConfig/IpcMode",
        write: |value, body| body.set("HostConfig/IpcMode", value.clone()),
        read: |seen| read_namespace(seen, "HostConfig/IpcMode"),
    },
};

const PID: Attribute = Attribute {
    name: "pid",
    aliases: &[],
    summary: "The namespace of processes: `host`, or that of another container (`service:KEY`, `container:NAME`); unset is its own.",
    example: "host",
    form: Form::Parsed {
        expected: "host, service:KEY or container:NAME",
        pattern: "^(host|(service|container):.+)$",
        parse: |text| namespace(text, &["host"]),
    },
    shape: Shape::Whole,
    unset: Unset::Default(|_| Value::Null),
    way: recreate,
    place: Place::Custom {
        api: "HostConfig/PidMode",
        write: |value, body| body.set("HostConfig/PidMode", value.clone()),
        read: |seen| read_namespace(seen, "HostConfig/PidMode").filter(|mode| mode != "private"),
    },
};

const UTS: Attribute = Attribute {
    name: "uts",
    aliases: &[],
    summary: "The namespace of the host name: `host` is the host's, unset is its own.",
    example: "host",
    form: Form::Choice(&["host"]),
    shape: Shape::Whole,
    unset: Unset::Default(|_| Value::Null),
    way: recreate,
    place: Place::Custom {
        api: "HostConfig/UTSMode",
        write: |value, body| body.set("HostConfig/UTSMode", value.clone()),
        read: |seen| read_namespace(seen, "HostConfig/UTSMode").filter(|mode| mode != "private"),
    },
};

const CGROUP: Attribute = Attribute {
    name: "cgroup",
    aliases: &[],
    summary: "The namespace of control groups, `host` or `private`; unset is the engine's default.",
    example: "host",
    form: Form::Choice(&["host", "private"]),
    shape: Shape::Whole,
    unset: Unset::EngineFills,
    way: recreate,
    place: Place::Field("HostConfig/CgroupnsMode"),
};

const CGROUP_PARENT: Attribute = Attribute {
    name: "cgroup_parent",
    aliases: &[],
    summary: "The control group that the container's own one is made in; unset is the engine's. With systemd it is a slice.",
    // What is right depends on the host: a path, or a slice.
    example: "\"\"",
    form: Form::Text,
    shape: Shape::Whole,
    unset: Unset::EngineFills,
    way: recreate,
    place: Place::Custom {
        api: "HostConfig/CgroupParent",
        write: |value, body| body.set("HostConfig/CgroupParent", value.clone()),
        read: |seen| seen.get("HostConfig/CgroupParent").cloned(),
    },
};

const ISOLATION: Attribute = Attribute {
    name: "isolation",
    aliases: &[],
    summary: "How the container is kept apart; engines on Linux know only `default`.",
    example: "default",
    form: Form::Parsed {
        expected: "default",
        pattern: "^default$",
        parse: |text| match text {
            "default" => Ok(Value::String("default".to_owned())),
            "process" | "hyperv" => Err("only engines on Windows know it".to_owned()),
            _ => Err("there is no such isolation".to_owned()),
        },
    },
    shape: Shape::Whole,
    unset: Unset::Default(|_| Value::String("default".to_owned())),
    way: recreate,
    place: Place::Field("HostConfig/Isolation"),
};

const SYSCTLS: Attribute = Attribute {
    name: "sysctls",
    aliases: &[],
    summary: "Kernel parameters of the container's namespaces, such as `net.core.somaxconn`.",
    example: "{ net.core.somaxconn: \"1024\" }",
    form: Form::Map {
        value: &Form::Text,
        null: NullMeans::Empty,
    },
    shape: Shape::Tree,
    // Podman has defaults of its own.
    unset: Unset::EngineFills,
    way: recreate,
    place: Place::Custom {
        api: "HostConfig/Sysctls",
        write: |value, body| body.set("HostConfig/Sysctls", value.clone()),
        read: read_sysctls,
    },
};

/// Where Docker puts parameters of one interface since its release 28: into the options of the endpoint.
const ENDPOINT_SYSCTLS: &str = "com.docker.network.endpoint.sysctls";

fn read_sysctls(seen: &Seen<'_>) -> Option<Value> {
    let mut map: Map<String, Value> = seen
        .get("HostConfig/Sysctls")
        .and_then(Value::as_object)
        .cloned()
        .unwrap_or_default();
    let networks = seen
        .get("NetworkSettings/Networks")
        .and_then(Value::as_object);
    for (_, endpoint) in networks.into_iter().flatten() {
        let moved = endpoint
            .get("DriverOpts")
            .and_then(|options| options.get(ENDPOINT_SYSCTLS))
            .and_then(Value::as_str)
            .unwrap_or_default();
        for (name, value) in moved.split(',').filter_map(|pair| pair.split_once('=')) {
            // Only `eth0`'s are moved: a container's first interface.
            let name = name.replace(".IFNAME.", ".eth0.");
            map.entry(name).or_insert_with(|| value.into());
        }
    }
    (!map.is_empty()).then_some(Value::Object(map))
}

const CREDENTIAL_SPEC: Attribute = Attribute {
    name: "credential_spec",
    aliases: &[],
    summary: "A managed service account of Windows, which Evenkeel does not know: anything in it is an error.",
    example: "{}",
    form: Form::Record(&Record {
        fields: &[
            credential("config", "A config with the account's credential spec."),
            credential("file", "A file with the account's credential spec."),
            credential(
                "registry",
                "A key of the host's registry with the credential spec.",
            ),
        ],
        short: None,
        finish: |fields| {
            if fields.is_empty() {
                return Ok(Value::Null);
            }
            Err(Fault::new(
                "only engines on Windows have credential specs",
                "take it out",
            ))
        },
    }),
    shape: Shape::Whole,
    unset: Unset::Ours,
    way: recreate,
    place: Place::Nowhere,
};

const fn credential(name: &'static str, summary: &'static str) -> Field {
    Field {
        name,
        aliases: &[],
        summary,
        example: "account",
        form: Form::Text,
        required: false,
    }
}

#[cfg(test)]
mod tests;
