//! Evenkeel keeps the containers of a Docker engine as a YAML file, kept in Git, says they should be.
//!
//! # The map
//!
//! Everything flows one way. Each arrow is one function with one type on each side:
//!
//! ```text
//!  YAML text ─► spec::Document ─► desired::Desired ─┐
//!                                                   ├─► plan::Plan ─► plan::Approved ─► apply ─► report
//!  engine (reads only) ─► live::Live ───────────────┘        ▲                           │
//!         ▲                                                  └────── watch ◄─────────────┘
//!         └─ events ─────────────────────────────────────────────────┘
//! ```
//!
//! A folder is a floor, and imports only from the floors below it; a test reads every `use` and fails otherwise:
//!
//! | floor | what lives there | may not |
//! |---|---|---|
//! | `cli` | one file a command; arguments as typed, then as resolved; exit codes | decide anything |
//! | `watch` | a state machine without I/O, and a thin shell around it | hold a clock or a socket in the state machine |
//! | `report` | plans, outcomes, problems and status as text, Markdown and JSON | know a terminal: it is told the width and the colours |
//! | `apply` | one `match` on a step; concurrency, waiting for health | choose: what a plan left open is a fault of the plan |
//! | `engine` | `engine::Observe` (reads) and `engine::Act` (writes); the Docker client and the simulated engine behind them | know plans |
//! | `plan` | differences, steps, order, consent. Pure | I/O, clocks, the environment |
//! | `desired`, `live` | the two sides of the comparison, in the same normal form | I/O |
//! | `spec` | the file: parse, interpolate, merge, check, schema | know the engine |
//! | [`model`] | the vocabulary: one table entry an attribute | know YAML or HTTP |
//! | [`value`] | names, image references, ports, sizes, durations: one type a file | import anything of ours |
//!
//! # Where to begin
//!
//! The heart is [`model::Attribute`]: one entry says what an attribute of the file is called, how it is written, what the
//! engine calls it, what "unset" means and whether the engine can change it in place. The decoder, the schema, the
//! reference page, both sides of the comparison, the request that creates a container and the label that remembers what
//! was applied all walk the same tables, so a new attribute is one entry in `model/attributes/`.
//!
//! # Invariants
//!
//! - After a successful apply the plan is empty.
//! - Only what carries the project's label is ever changed or removed. Volumes are never removed unless named.
//! - A plan cannot write: it is made from values, and its reader has no writing calls.
//! - Between any two calls of a recreate the process may die: the containers that exist say how far it got.

pub mod apply;
pub mod cli;
pub mod desired;
pub mod engine;
pub mod live;
pub mod model;
pub mod plan;
pub mod report;
pub mod spec;
pub mod value;
pub mod watch;
