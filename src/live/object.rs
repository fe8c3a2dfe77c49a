//! Networks, volumes and images as the engine reports them.

use std::collections::BTreeMap;

use serde_json::Value;

use super::labels;
use crate::model::{Applied, EngineInfo, Seen, Settings, Table, attributes};

/// A network as the engine reports it.
#[derive(Debug, Clone)]
pub struct Network {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The project that owns it, and its key there.
    pub owner: Option<(String, String)>,
    /// What the vocabulary knows of it.
    pub settings: Settings,
    /// What the file said when it was made.
    pub applied: Option<Applied>,
}

/// A volume as the engine reports it.
#[derive(Debug, Clone)]
pub struct Volume {
    /// Its name.
    pub name: String,
    /// The project that owns it, and its key there.
    pub owner: Option<(String, String)>,
    /// What the vocabulary knows of it.
    pub settings: Settings,
    /// What the file said when it was made.
    pub applied: Option<Applied>,
}

/// An image as the engine reports it.
#[derive(Debug, Clone)]
pub struct Image {
    /// Its id.
    pub id: String,
    /// Its configuration (`Config`), or an empty object.
    pub config: Value,
    /// The digests that registries know it by (`repository@sha256:…`).
    pub digests: Vec<String>,
}

impl Network {
    /// Reads one entry of `GET /networks`.
    #[must_use]
    pub fn read(json: &Value, engine: &EngineInfo) -> Option<Self> {
        Some(Self {
            id: text(json, "Id")?,
            name: text(json, "Name")?,
            owner: owner(json, labels::NETWORK),
            settings: settings(&attributes::NETWORK, json, engine),
            applied: applied(json),
        })
    }
}

impl Volume {
    /// Reads one entry of `GET /volumes`.
    #[must_use]
    pub fn read(json: &Value, engine: &EngineInfo) -> Option<Self> {
        Some(Self {
            name: text(json, "Name")?,
            owner: owner(json, labels::VOLUME),
            settings: settings(&attributes::VOLUME, json, engine),
            applied: applied(json),
        })
    }
}

impl Image {
    /// Reads an answer to `GET /images/{reference}/json`.
    #[must_use]
    pub fn read(json: &Value) -> Option<Self> {
        let digests = json
            .get("RepoDigests")
            .and_then(Value::as_array)
            .into_iter()
            .flatten();
        Some(Self {
            id: text(json, "Id")?,
            config: json
                .get("Config")
                .filter(|config| config.is_object())
                .cloned()
                .unwrap_or_else(|| Value::Object(serde_json::Map::new())),
            digests: digests
                .filter_map(Value::as_str)
                .map(str::to_owned)
                .collect(),
        })
    }
}

fn text(json: &Value, field: &str) -> Option<String> {
    json.get(field).and_then(Value::as_str).map(str::to_owned)
}

fn owner(json: &Value, label: &str) -> Option<(String, String)> {
    let ours = json.get("Labels")?;
    Some((text(ours, labels::PROJECT)?, text(ours, label)?))
}

fn applied(json: &Value) -> Option<Applied> {
    Applied::read(json.get("Labels")?.get(labels::APPLIED)?.as_str()?)
}

fn settings(table: Table, json: &Value, engine: &EngineInfo) -> Settings {
    let seen = Seen {
        inspect: json,
        names: &BTreeMap::new(),
        engine,
    };
    attributes::all(table)
        .filter_map(|attribute| Some((attribute.name.to_owned(), attribute.read(&seen)?)))
        .collect()
}
