//! The engine's list of containers, read so that no entry of it can end the program.

use std::collections::BTreeMap;

use serde::de::IgnoredAny;
use serde_json::Value;

use crate::engine::{Listed, PublishedPort};

/// Reads the list. The usual answer is read without a detour; one that has something unusual in it, value by value.
pub fn read(body: &[u8]) -> Result<Vec<Listed>, serde_json::Error> {
    if let Ok(Some(list)) = serde_json::from_slice::<Option<Vec<ListedJson>>>(body) {
        let listed = list.into_iter().map(Listed::from);
        return Ok(listed.filter(|one| !one.id.is_empty()).collect());
    }
    let answer: Value = serde_json::from_slice(body)?;
    let items = answer.as_array().into_iter().flatten();
    Ok(items.filter_map(listed).collect())
}

/// One entry of the list, as far as it matters. Everything has a default: a field that an engine leaves out is no error.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct ListedJson {
    id: String,
    names: Option<Vec<String>>,
    labels: Option<BTreeMap<String, String>>,
    ports: Option<Vec<PortJson>>,
    network_settings: Option<NetworksJson>,
    mounts: Option<Vec<MountJson>>,
}

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct NetworksJson {
    #[expect(
        clippy::zero_sized_map_values,
        reason = "serde reads a map as a map, and only its keys matter"
    )]
    networks: Option<BTreeMap<String, IgnoredAny>>,
}

/// A bind mount has no name.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct MountJson {
    name: Option<String>,
}

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct PortJson {
    #[serde(rename = "IP")]
    ip: Option<String>,
    public_port: Option<u16>,
    r#type: Option<String>,
}

impl From<ListedJson> for Listed {
    fn from(json: ListedJson) -> Self {
        let port = |port: PortJson| {
            Some(PublishedPort {
                ip: port.ip.unwrap_or_default(),
                public: port.public_port?,
                protocol: port.r#type.unwrap_or_else(|| "tcp".into()),
            })
        };
        // The engine lists links as names too (`/other/alias`); a container's own name has one slash.
        let mut names: Vec<String> = json
            .names
            .unwrap_or_default()
            .iter()
            .map(|name| name.trim_start_matches('/').to_owned())
            .collect();
        names.sort_by_key(|name| name.contains('/'));
        Self {
            id: json.id,
            names,
            labels: json.labels.unwrap_or_default(),
            ports: json
                .ports
                .unwrap_or_default()
                .into_iter()
                .filter_map(port)
                .collect(),
            networks: json
                .network_settings
                .and_then(|settings| settings.networks)
                .unwrap_or_default()
                .into_keys()
                .collect(),
            volumes: json
                .mounts
                .unwrap_or_default()
                .into_iter()
                .filter_map(|mount| mount.name)
                .filter(|name| !name.is_empty())
                .collect(),
        }
    }
}

/// One entry of the list, of which something is not as it has ever been: what can be understood. Without an id it is
/// nothing that could be asked about.
fn listed(entry: &Value) -> Option<Listed> {
    fn known<T: serde::de::DeserializeOwned>(value: Option<&Value>) -> Option<T> {
        T::deserialize(value?).ok()
    }
    let all = |name: &str| {
        let items = entry.get(name).and_then(Value::as_array);
        items.into_iter().flatten()
    };
    let labels = entry.get("Labels").and_then(Value::as_object);
    let listed = ListedJson {
        id: known(entry.get("Id"))?,
        names: Some(all("Names").filter_map(|name| known(Some(name))).collect()),
        labels: Some(
            labels
                .into_iter()
                .flatten()
                .filter_map(|(name, value)| Some((name.clone(), known(Some(value))?)))
                .collect(),
        ),
        ports: Some(
            all("Ports")
                .map(|port| PortJson {
                    ip: known(port.get("IP")),
                    public_port: known(port.get("PublicPort")),
                    r#type: known(port.get("Type")),
                })
                .collect(),
        ),
        network_settings: Some(NetworksJson {
            networks: entry
                .pointer("/NetworkSettings/Networks")
                .and_then(Value::as_object)
                .map(|networks| {
                    networks
                        .keys()
                        .map(|name| (name.clone(), IgnoredAny))
                        .collect()
                }),
        }),
        mounts: Some(
            all("Mounts")
                .map(|mount| MountJson {
                    name: known(mount.get("Name")),
                })
                .collect(),
        ),
    };
    Some(Listed::from(listed)).filter(|one| !one.id.is_empty())
}
