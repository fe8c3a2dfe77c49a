//! What people and programs read: plans, outcomes, problems and status as text, Markdown and JSON. It is told the width
//! and the colours, and knows no terminal.

mod came_back;
mod change_text;
mod config;
mod look;
mod outcome;
mod plan_json;
mod plan_markdown;
mod plan_text;
mod problems;
mod progress;
mod reference;
#[cfg(test)]
mod samples;
mod shown;
mod status;
mod values;

pub use came_back::came_back;
pub use config::{Config, config};
pub use look::{Look, Painted, Tone};
pub use outcome::{called, outcome_json, outcome_text};
pub use plan_json::{Engine, FORMAT_VERSION, PlanJson, plan_json};
pub use plan_markdown::plan_markdown;
pub use plan_text::{Heading, plan_text};
pub use problems::{problems_count, problems_json, problems_text};
pub use progress::{Progress, begun, ended, seconds};
pub use reference::reference;
pub use status::{Row, rows, status_json, status_text};
pub use values::{count, cut, escape, wrap};
