//! `evenkeel validate`: whether files are sound, without an engine.

use std::path::PathBuf;

use serde_json::{Value, json};

use super::{
    args::{Format, ValidateArgs},
    exit::Exit,
    fault::Fault,
    load, output,
    settings::{Named, Settings},
};
use crate::{
    report::{self, FORMAT_VERSION, count, escape},
    spec::{Problem, Sources},
};

/// What was found in the files of one project.
struct Found {
    name: String,
    sources: Sources,
    problems: Vec<Problem>,
    containers: Option<usize>,
}

/// Runs the command.
pub fn run(args: &ValidateArgs, settings: &Settings) -> Result<Exit, Fault> {
    let format = settings.format_of("validate", &[Format::Text, Format::Json])?;
    if settings.named == Named::Typed && !args.files.is_empty() {
        return Err(Fault::usage(
            "name the files either with -f, to merge them, or behind validate, to check each by itself",
        ));
    }
    let groups: Vec<Vec<PathBuf>> = if args.files.is_empty() {
        load::groups(&settings.files)?
    } else {
        let alone = args
            .files
            .iter()
            .map(|file| load::groups(std::slice::from_ref(file)));
        alone.collect::<Result<Vec<_>, _>>()?.concat()
    };
    let found: Vec<Found> = groups.iter().map(|files| check(settings, files)).collect();
    let unsound = found.iter().any(|found| found.is_unsound(args.strict));
    match format {
        Format::Json => {
            let files: Vec<Value> = found.iter().map(|found| found.json(args.strict)).collect();
            output::json(&json!({ "format_version": FORMAT_VERSION, "files": files }))?;
        }
        Format::Text | Format::Yaml | Format::Markdown => {
            for found in &found {
                tell(found, args.strict, settings)?;
            }
        }
    }
    Ok(if unsound { Exit::Failed } else { Exit::Done })
}

fn check(settings: &Settings, files: &[PathBuf]) -> Found {
    let names: Vec<String> = files
        .iter()
        .map(|file| file.display().to_string())
        .collect();
    let name = names.join(", ");
    match load::parse(settings, files) {
        Ok(document) => Found {
            name,
            containers: Some(document.containers.len()),
            sources: document.sources,
            problems: document.warnings,
        },
        Err(failure) => Found {
            name,
            containers: None,
            sources: failure.sources,
            problems: failure.problems,
        },
    }
}

/// Problems go where errors go; that a file is sound is the result.
fn tell(found: &Found, strict: bool, settings: &Settings) -> Result<(), Fault> {
    if !found.problems.is_empty() {
        output::message(&report::problems_text(
            &found.problems,
            &found.sources,
            settings.err,
        ));
    }
    let name = escape(&found.name);
    let told = report::problems_count(&found.problems);
    if found.is_unsound(strict) {
        output::message(&format!("{name}: {told}\n"));
        return Ok(());
    }
    if settings.quiet {
        return Ok(());
    }
    let containers = count(found.containers.unwrap_or_default(), "container");
    let told = if told.is_empty() {
        String::new()
    } else {
        format!(", {told}")
    };
    output::result(&format!("{name}: sound, {containers}{told}\n"))
}

impl Found {
    fn is_unsound(&self, strict: bool) -> bool {
        self.containers.is_none() || (strict && !self.problems.is_empty())
    }

    fn json(&self, strict: bool) -> Value {
        json!({
            "file": self.name,
            "sound": !self.is_unsound(strict),
            "problems": report::problems_json(&self.problems, &self.sources),
        })
    }
}
