//! The command line: one file a command. What was typed stands in `args.rs`, what is meant by it in `settings.rs`.

mod apply;
mod args;
mod bars;
mod completions;
mod config;
mod consent;
mod convert;
mod destroy;
mod engine;
mod exit;
mod fault;
mod load;
mod lock;
mod log;
mod output;
mod plan;
mod run;
mod schema;
mod settings;
mod signals;
mod status;
mod validate;
mod version;
mod watch;

pub use run::run;
