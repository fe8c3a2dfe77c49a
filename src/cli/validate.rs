//! `evenkeel validate`: whether files are sound, without an engine.

use std::path::PathBuf;

use serde_json::{Value, json};

use super::{
    args::{Format, ValidateArgs},
    exit::Exit,
    fault::Fault,
    load, output,
    settings::Settings,
};
use crate::{
    report::{self, FORMAT_VERSION, count, escape},
    spec::{Problem, Severity, Sources},
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
            settings.err.width,
            settings.err.colour,
        ));
    }
    let errors = found.number(Severity::Error);
    let warnings = found.number(Severity::Warning);
    let name = escape(&found.name);
    let told = match (errors, warnings) {
        (0, 0) => None,
        (0, warnings) => Some(count(warnings, "warning")),
        (errors, 0) => Some(count(errors, "error")),
        (errors, warnings) => Some(format!(
            "{} and {}",
            count(errors, "error"),
            count(warnings, "warning")
        )),
    };
    if found.is_unsound(strict) {
        output::message(&format!("{name}: {}\n", told.unwrap_or_default()));
        return Ok(());
    }
    if settings.quiet {
        return Ok(());
    }
    let containers = count(found.containers.unwrap_or_default(), "container");
    let told = told.map_or_else(String::new, |told| format!(", {told}"));
    output::result(&format!("{name}: sound, {containers}{told}\n"))
}

impl Found {
    fn number(&self, severity: Severity) -> usize {
        self.problems
            .iter()
            .filter(|problem| problem.severity == severity)
            .count()
    }

    fn is_unsound(&self, strict: bool) -> bool {
        self.containers.is_none() || (strict && !self.problems.is_empty())
    }

    fn json(&self, strict: bool) -> Value {
        let problems: Vec<Value> = self
            .problems
            .iter()
            .map(|problem| self.problem_json(problem))
            .collect();
        json!({
            "file": self.name,
            "sound": !self.is_unsound(strict),
            "problems": problems,
        })
    }

    /// A problem for an editor: line and column from 1, and the range in bytes from 0, its end excluded.
    fn problem_json(&self, problem: &Problem) -> Value {
        let mut json = json!({
            "severity": match problem.severity {
                Severity::Error => "error",
                Severity::Warning => "warning",
            },
            "kind": problem.code,
            "text": problem.text,
            "hint": problem.hint,
        });
        if let Some(span) = problem.span {
            let (line, column) = self.sources.position(span.file, span.start);
            let (end_line, end_column) = self.sources.position(span.file, span.end);
            json["file"] = self.sources.get(span.file).name.as_str().into();
            json["line"] = line.into();
            json["column"] = column.into();
            json["end_line"] = end_line.into();
            json["end_column"] = end_column.into();
            json["start"] = span.start.into();
            json["end"] = span.end.into();
        }
        json
    }
}
