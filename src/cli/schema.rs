//! `evenkeel schema` and `evenkeel reference`: the vocabulary, for editors and for people.

use super::{exit::Exit, fault::Fault, output};
use crate::{report, spec};

/// Prints the JSON Schema of the file.
pub fn schema() -> Result<Exit, Fault> {
    output::json(&spec::schema())?;
    Ok(Exit::Done)
}

/// Prints the reference of every attribute.
pub fn reference() -> Result<Exit, Fault> {
    output::drawn(|out| report::reference(out))?;
    Ok(Exit::Done)
}
