//! What is run in a container whenever Evenkeel starts or stops it.

use std::fmt;

use serde_json::Value;

use crate::model::Settings;

/// A command that is run in a container.
#[derive(Clone, PartialEq, Eq)]
pub struct Hook {
    /// The command.
    pub command: Vec<String>,
    /// Who runs it; the container's user if empty.
    pub user: String,
    /// More variables, `NAME=value`.
    pub env: Vec<String>,
    /// Where it runs; the container's folder if empty.
    pub working_dir: String,
    /// With all rights.
    pub privileged: bool,
}

impl fmt::Debug for Hook {
    /// Without the variables, which may be secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hook")
            .field("command", &self.command)
            .finish_non_exhaustive()
    }
}

/// What is run in a container whenever Evenkeel starts or stops it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Hooks {
    /// Right after a start; one that fails is a start that failed.
    pub post_start: Vec<Hook>,
    /// Before a stop, which comes all the same if one fails.
    pub pre_stop: Vec<Hook>,
}

impl Hooks {
    /// What a container's settings say.
    #[must_use]
    pub fn of(settings: &Settings) -> Self {
        let of = |name: &str| {
            let items = settings.get(name).and_then(Value::as_array);
            items.into_iter().flatten().map(hook).collect()
        };
        Self {
            post_start: of("post_start"),
            pre_stop: of("pre_stop"),
        }
    }
}

fn hook(item: &Value) -> Hook {
    let text = |name: &str| {
        let value = item.get(name).and_then(Value::as_str);
        value.unwrap_or_default().to_owned()
    };
    let command = item.get("command").and_then(Value::as_array);
    let env = item.get("environment").and_then(Value::as_object);
    Hook {
        command: command
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .map(str::to_owned)
            .collect(),
        user: text("user"),
        env: env
            .into_iter()
            .flatten()
            .filter_map(|(name, value)| Some(format!("{name}={}", value.as_str()?)))
            .collect(),
        working_dir: text("working_dir"),
        privileged: item.get("privileged").and_then(Value::as_bool) == Some(true),
    }
}
