//! The program as it is typed, without an engine: what it prints where, and how it ends.

mod files;
mod help;
mod no_engine;
mod pipes;
mod schema;
mod support;
mod usage;
