//! How much the program costs beside the engine's own time: `cargo bench --bench cost`.
//!
//! Each measure runs the program against a private engine, and in the same run a bare client that makes the same calls on
//! kept connections. The two take turns, so that whatever else the machine does hits both; a ratio is that of the medians.
//!
//! What a fair bare client is: for reads, a process of its own that starts, connects, lists by label and inspects eight at
//! a time, and parses each answer as JSON, as any client must that wants to know what it says. It looks at nothing else:
//! no networks, volumes and images, and no file. Beside it stands a stricter one that only reads the bytes. For writes, it
//! is threads of the benchmark, with bodies that were made beforehand, at the concurrency that was found to be its best.
//!
//! Reading a file needs no engine and has no other client beside it: it has a limit, and may not cost more by the container
//! the more there are.
//!
//! Arguments choose measures by a part of their names (`file`, `plan-running`, `plan-created`, `memory`, `apply`,
//! `recreate`, `downtime`); `--check` ends with 1 where a target is missed.

mod bare;
mod events;
mod file;
mod ground;
#[path = "../large/mod.rs"]
mod large;
mod reads;
mod table;
mod writes;

use std::process::ExitCode;

use ground::Ground;
use table::Table;

/// Something that is measured on an engine, and goes into the table.
type Measure = fn(&Ground, &mut Table);

/// Every measure, by its name on the command line.
const MEASURES: &[(&str, Measure)] = &[
    ("file", file::file),
    ("plan-running", reads::plan_running),
    ("plan-created", reads::plan_created),
    ("memory", reads::memory),
    ("apply", writes::apply),
    ("recreate", writes::recreate),
    ("downtime", writes::downtime),
];

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [word, rest @ ..] = arguments.as_slice()
        && word == bare::WORD
    {
        bare::run(rest);
        return ExitCode::SUCCESS;
    }
    let named: Vec<&String> = arguments
        .iter()
        .filter(|word| !word.starts_with("--"))
        .collect();
    let ground = Ground::default();
    let mut table = Table::default();
    for (name, measure) in MEASURES {
        if named.is_empty() || named.iter().any(|part| name.contains(part.as_str())) {
            measure(&ground, &mut table);
        }
    }
    table.print();
    if table.all_met() || !arguments.iter().any(|word| word == "--check") {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
