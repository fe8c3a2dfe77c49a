//! What Evenkeel makes is what the `docker` command line makes of the same settings, field for field in `inspect`; the plan
//! is empty then; and a change of one attribute shows as exactly that change, takes the way that is promised, and leads to
//! what the command line makes of the changed settings.
//!
//! Every attribute has a row, or stands in [`exceptions`] with the reason why it has none; a test holds the rows against
//! the vocabulary. Nothing runs but what has to, so that a hundred containers take seconds.

mod contents;
mod engine;
mod exceptions;
mod facts;
mod identity;
mod images;
mod judge;
mod lost_answer;
mod network;
mod objects;
mod process;
mod refusals;
mod resources;
mod row;
mod security;
mod sight;
mod states;
mod storage;
mod table;
