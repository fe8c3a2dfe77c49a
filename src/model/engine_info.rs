//! What an engine says about itself, as far as a comparison depends on it.

use serde_json::Value;

/// What an engine says about itself (`GET /_ping`'s headers and, where it was asked for, `GET /info`).
#[derive(Debug, Clone, Default, PartialEq)]
pub struct EngineInfo {
    /// The API version that both sides speak, as (major, minor).
    pub api: (u32, u32),
    /// Whether it is Podman behind Docker's API.
    pub podman: bool,
    /// `GET /info`; `None` where nothing depends on it.
    pub info: Option<Value>,
}

impl EngineInfo {
    /// Whether the agreed API version is at least `1.minor`.
    #[must_use]
    pub fn at_least(&self, minor: u32) -> bool {
        self.api >= (1, minor)
    }

    /// Whether the host can enforce something, by its name in `/info` (`SwapLimit`). Unknown counts as "it can".
    #[must_use]
    pub fn can(&self, feature: &str) -> bool {
        self.info
            .as_ref()
            .and_then(|info| info.get(feature))
            .and_then(Value::as_bool)
            .unwrap_or(true)
    }
}
