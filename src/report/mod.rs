//! What people and programs read: plans, outcomes, problems and status as text, Markdown and JSON. It is told the width
//! and the colours, and knows no terminal.

mod problems;

pub use problems::{problems_count, problems_json, problems_text};
