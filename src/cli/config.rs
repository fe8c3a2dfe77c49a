//! `evenkeel config`: the file as it is understood.

use super::{args::Format, exit::Exit, fault::Fault, load, output, settings::Settings};
use crate::report;

/// Runs the command.
pub fn run(settings: &Settings) -> Result<Exit, Fault> {
    let format = settings.format_of("config", &[Format::Yaml, Format::Json])?;
    let projects = load::projects(settings)?;
    for (at, project) in projects.iter().enumerate() {
        let config = report::config(&project.document);
        if format == Format::Json {
            output::json(&config)?;
            continue;
        }
        // Several documents of one stream are told apart as YAML does it.
        if at > 0 {
            output::result("---\n")?;
        }
        let text = serde_yaml::to_string(&config)
            .map_err(|error| Fault::new(format!("cannot write YAML: {error}")))?;
        output::result(&text)?;
    }
    Ok(Exit::Done)
}
