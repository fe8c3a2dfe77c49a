//! The addresses of a network.

use serde_json::{Map, Value};

use crate::{
    model::{
        Attribute, Body, Fault, Field, Form, Keyed, Place, Record, Seen, Shape, Unset,
        attributes::parts::{IP, TEXT_MAP, applied, as_it_is, field, remember},
        recreate,
    },
    value::{Subnet, canonical_ip},
};

/// The normal form of `config` is a mapping by subnet, so that what the engine fills in for one (a gateway) is not taken for a
/// difference of the whole list.
pub const IPAM: Attribute = Attribute {
    name: "ipam",
    aliases: &[],
    summary: "The addresses of the network; what is not said is the engine's choice.",
    example: "{ config: [{ subnet: 10.213.0.0/24 }] }",
    form: Form::Record(&Record {
        fields: &[
            field(
                "driver",
                "What manages the addresses.",
                "default",
                Form::Text,
            ),
            field(
                "config",
                "The subnets, as a list or as a mapping by subnet.",
                "[{ subnet: 10.213.0.0/24 }]",
                Form::Either(&[
                    // A mapping is one by subnet: the other form would take it for a list of one.
                    Form::Refined {
                        form: &Form::Keyed(&Keyed {
                            record: Record {
                                fields: &[
                                    field(
                                        "subnet",
                                        "The subnet once more.",
                                        "10.213.0.0/24",
                                        SUBNET,
                                    ),
                                    IP_RANGE,
                                    GATEWAY,
                                    AUX_ADDRESSES,
                                ],
                                short: None,
                                finish: as_it_is,
                            },
                            list: false,
                            noun: "subnet",
                        }),
                        finish: checked_keys,
                    },
                    Form::Refined {
                        form: &Form::List(&Form::Record(&Record {
                            fields: &[
                                Field {
                                    required: true,
                                    ..field("subnet", "The subnet.", "10.213.0.0/24", SUBNET)
                                },
                                IP_RANGE,
                                GATEWAY,
                                AUX_ADDRESSES,
                            ],
                            short: None,
                            finish: as_it_is,
                        })),
                        finish: by_subnet,
                    },
                ]),
            ),
            field(
                "options",
                "Options of what manages the addresses.",
                "{ com.example.option: \"1\" }",
                TEXT_MAP,
            ),
        ],
        short: None,
        finish: as_it_is,
    }),
    shape: Shape::Tree,
    unset: Unset::EngineFills,
    way: recreate,
    place: Place::Custom {
        api: "IPAM",
        write,
        read,
    },
};

const SUBNET: Form = Form::Parsed {
    expected: "a subnet such as 10.213.0.0/24",
    pattern: "^[0-9a-fA-F.:]+/[0-9]+$",
    parse: |text| Ok(Value::String(text.parse::<Subnet>()?.to_string())),
};
const IP_RANGE: Field = field(
    "ip_range",
    "The part of it that addresses are taken from.",
    "10.213.0.128/25",
    SUBNET,
);
const GATEWAY: Field = field("gateway", "The address of its gateway.", "10.213.0.1", IP);
const AUX_ADDRESSES: Field = field(
    "aux_addresses",
    "Addresses that are taken by others, by name.",
    "{ router: 10.213.0.2 }",
    TEXT_MAP,
);

fn by_subnet(list: Value) -> Result<Value, Fault> {
    let mut map = Map::new();
    let Value::Array(items) = list else {
        return Ok(list);
    };
    for item in items {
        let Some(subnet) = item
            .get("subnet")
            .and_then(Value::as_str)
            .map(str::to_owned)
        else {
            continue;
        };
        if map.contains_key(&subnet) {
            let text = format!("the subnet {subnet} is given twice");
            return Err(Fault::new(text, "remove one of them"));
        }
        map.insert(subnet, item);
    }
    Ok(Value::Object(map))
}

/// A subnet stands in its own settings, too, or one without further settings would have nothing to compare.
fn checked_keys(value: Value) -> Result<Value, Fault> {
    let Value::Object(given) = value else {
        return Ok(value);
    };
    let mut map = Map::new();
    for (key, mut settings) in given {
        let subnet = key
            .parse::<Subnet>()
            .map_err(|why| Fault::at(&key, why, "write a subnet such as 10.213.0.0/24"))?
            .to_string();
        if let Value::Object(settings) = &mut settings {
            settings.insert("subnet".into(), Value::String(subnet.clone()));
        }
        map.insert(subnet, settings);
    }
    Ok(Value::Object(map))
}

/// The fields of a subnet in the file and in the API.
const FIELDS: &[(&str, &str)] = &[
    ("ip_range", "IPRange"),
    ("gateway", "Gateway"),
    ("aux_addresses", "AuxiliaryAddresses"),
];

/// What Podman takes and does not show, of the whole and of each subnet.
const UNSHOWN_BY_PODMAN: &[&str] = &["driver", "options"];
const UNSHOWN_OF_A_SUBNET: &[&str] = &["ip_range", "aux_addresses"];

fn write(value: &Value, body: &mut Body<'_>) {
    let mut ipam = Map::new();
    for (name, api) in [("driver", "Driver"), ("options", "Options")] {
        if let Some(value) = value.get(name) {
            ipam.insert(api.into(), value.clone());
        }
    }
    let subnets = value.get("config").and_then(Value::as_object);
    let config: Vec<Value> = subnets
        .into_iter()
        .flatten()
        .map(|(subnet, settings)| {
            let mut entry = Map::from_iter([("Subnet".to_owned(), Value::String(subnet.clone()))]);
            for (name, api) in FIELDS {
                if let Some(value) = settings.get(name) {
                    entry.insert((*api).to_owned(), value.clone());
                }
            }
            Value::Object(entry)
        })
        .collect();
    if !config.is_empty() {
        ipam.insert("Config".into(), Value::Array(config));
    }
    body.set("IPAM", Value::Object(ipam));
}

fn read(seen: &Seen<'_>) -> Option<Value> {
    let ipam = seen.get("IPAM")?;
    let mut map = Map::new();
    for (name, api) in [("driver", "Driver"), ("options", "Options")] {
        if let Some(value) = ipam.get(api).filter(|value| !crate::model::is_empty(value)) {
            map.insert(name.into(), value.clone());
        }
    }
    let mut subnets = Map::new();
    for entry in ipam
        .get("Config")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
    {
        let Some(subnet) = entry.get("Subnet").and_then(Value::as_str) else {
            continue;
        };
        let subnet = subnet
            .parse::<Subnet>()
            .map_or_else(|_| subnet.to_owned(), |subnet| subnet.to_string());
        let mut settings = read_subnet(entry);
        settings.insert("subnet".into(), Value::String(subnet.clone()));
        subnets.insert(subnet, Value::Object(settings));
    }
    if seen.engine.podman {
        let applied = applied(seen, "ipam");
        remember(&mut map, Some(&applied), UNSHOWN_BY_PODMAN);
        for (subnet, settings) in &mut subnets {
            let applied = applied.get("config").and_then(|config| config.get(subnet));
            if let Value::Object(settings) = settings {
                remember(settings, applied, UNSHOWN_OF_A_SUBNET);
            }
        }
    }
    if !subnets.is_empty() {
        map.insert("config".into(), Value::Object(subnets));
    }
    Some(Value::Object(map))
}

fn read_subnet(entry: &Value) -> Map<String, Value> {
    FIELDS
        .iter()
        .filter_map(|(name, api)| {
            let value = entry
                .get(api)
                .filter(|value| !crate::model::is_empty(value))?;
            let value = value
                .as_str()
                .map_or_else(|| value.clone(), |text| Value::String(canonical_ip(text)));
            Some(((*name).to_owned(), value))
        })
        .collect()
}
