//! What a file says beside its tables: the project's name, and what Compose says in words that are not ours. Before the
//! tables are walked it is put into their words ([`lower()`]); afterwards names and paths are completed ([`finish()`]).

mod deploy;
mod env_file;
mod finish;
mod grants;
mod lower;
mod project;
mod seccomp;

pub use finish::{IGNORED_ORDER, finish};
pub use lower::{Lowered, OWN_KEYS, lower, lower_switched_off};
pub use project::{VARIABLE, expected, normalised, project};
