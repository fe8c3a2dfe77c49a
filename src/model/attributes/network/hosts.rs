//! Entries of a container's hosts file.

use serde_json::{Map, Value};

use crate::{
    model::{
        Attribute, Fault, Form, NullMeans, Place, Shape, Unset,
        attributes::parts::{empty_list, sorted, texts},
        recreate,
    },
    value::HostEntry,
};

pub const EXTRA_HOSTS: Attribute = Attribute {
    name: "extra_hosts",
    aliases: &[],
    summary: "More names for the container's `/etc/hosts`, with their addresses; `host-gateway` stands for the host's own address.",
    example: "[\"db:10.0.0.2\"]",
    form: EXTRA_HOSTS_FORM,
    shape: Shape::Whole,
    unset: Unset::Default(empty_list),
    way: recreate,
    place: Place::Custom {
        api: "HostConfig/ExtraHosts",
        write: |value, body| body.set("HostConfig/ExtraHosts", value.clone()),
        read: |seen| {
            let entries = seen.get("HostConfig/ExtraHosts");
            let canonical = |text: &str| {
                text.parse::<HostEntry>()
                    .map_or_else(|_| text.to_owned(), |entry| entry.to_string())
            };
            entries.map(|_| sorted(texts(entries).map(canonical)))
        },
    },
};

/// A list of `NAME:ADDRESS` or `NAME=ADDRESS`, or a mapping of names to an address or several. The normal form is the
/// sorted list.
pub const EXTRA_HOSTS_FORM: Form = Form::Refined {
    form: &Form::Either(&[
        Form::Set(&Form::Parsed {
            expected: "a name and its address such as db:10.0.0.2",
            pattern: "^[^:=\\s]+[:=].+$",
            parse: |text| Ok(Value::String(text.parse::<HostEntry>()?.to_string())),
        }),
        Form::Map {
            value: &Form::Either(&[Form::Text, Form::List(&Form::Text)]),
            null: NullMeans::Empty,
        },
    ]),
    finish,
};

fn finish(value: Value) -> Result<Value, Fault> {
    match value {
        Value::Object(map) => from_map(&map),
        list => Ok(list),
    }
}

fn from_map(map: &Map<String, Value>) -> Result<Value, Fault> {
    let mut entries = Vec::new();
    for (host, addresses) in map {
        let addresses: Vec<&str> = match addresses {
            Value::String(address) => vec![address.as_str()],
            list => texts(Some(list)).collect(),
        };
        for address in addresses {
            let entry = HostEntry::new(host, address).map_err(|why| {
                Fault::at(
                    host,
                    why,
                    "write an address such as 10.0.0.2, or host-gateway",
                )
            })?;
            entries.push(entry.to_string());
        }
    }
    Ok(sorted(entries))
}
