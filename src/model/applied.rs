//! What the file said when a container was made: the label `io.evenkeel.applied`.
//!
//! An invariant of the label: later versions read it. A field that is not known is ignored, a higher version than ours is
//! read as far as it is understood, and text that is not ours at all counts as "nothing was applied".

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Settings;

/// The version that is written.
pub const LABEL_VERSION: u32 = 1;

/// What the file said when a container was made, sensitive values as digests.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Applied {
    /// The version of the label's format.
    pub version: u32,
    /// What the file said. A sensitive leaf is a text that begins with [`super::SEALED`].
    pub settings: Settings,
}

impl Applied {
    /// Reads a label. `None` if it is not ours.
    #[must_use]
    pub fn read(label: &str) -> Option<Self> {
        serde_json::from_str(label).ok()
    }

    /// The label's text.
    #[must_use]
    pub fn text(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// A label of what the file says now.
    #[must_use]
    pub fn new(settings: Settings) -> Self {
        Self {
            version: LABEL_VERSION,
            settings,
        }
    }

    /// What was said of an attribute.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.settings.get(name)
    }
}
