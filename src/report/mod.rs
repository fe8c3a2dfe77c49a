//! What people and programs read: plans, outcomes, problems and status as text, Markdown and JSON. It is told the width
//! and the colours, and knows no terminal.

mod look;

pub use look::{Look, Painted, Tone};
