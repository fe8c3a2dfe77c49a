//! The command line: one file a command. What was typed stands in `args.rs`, what is meant by it in `settings.rs`.

mod args;
mod exit;
mod settings;
