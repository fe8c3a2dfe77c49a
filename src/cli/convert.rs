//! `evenkeel convert`: the evenkeel.yaml that says what a Compose file says.

use std::{io, path::Path};

use super::{exit::Exit, fault::Fault, load, output, settings::Settings};
use crate::{
    report,
    spec::{self, Problem, Source},
    value::clean,
};

/// Runs the command.
pub fn run(file: &Path, settings: &Settings) -> Result<Exit, Fault> {
    let name = file.display().to_string();
    let bytes = load::read(file).map_err(|error| {
        Fault::new(match error.kind() {
            io::ErrorKind::NotFound => format!("there is no file {name}; name a Compose file"),
            _ => format!("cannot read {name}: {error}; name a Compose file"),
        })
    })?;
    let text = Source::from_bytes(&name, &bytes).map_err(|problem| Fault::new(told(&problem)))?;
    match spec::convert(&name, &text, &folder(file, settings)) {
        Ok(converted) => {
            output::result(&converted)?;
            Ok(Exit::Done)
        }
        Err(failure) => {
            output::message(&report::problems_text(
                &failure.problems,
                &failure.sources,
                settings.err,
            ));
            Err(Fault::told())
        }
    }
}

/// The name of the folder that a file lies in: Compose calls the project so.
fn folder(file: &Path, settings: &Settings) -> String {
    let whole = clean(&settings.base.join(file).to_string_lossy());
    let folder = whole.rsplit('/').nth(1);
    folder.unwrap_or_default().to_owned()
}

fn told(problem: &Problem) -> String {
    match &problem.hint {
        Some(hint) => format!("{}; {hint}", problem.text),
        None => problem.text.clone(),
    }
}
