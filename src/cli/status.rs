//! `evenkeel status`: what is wanted beside what is.

use super::{args::Format, engine, exit::Exit, fault::Fault, load, output, settings::Settings};
use crate::{plan::Options, report};

/// Runs the command.
pub fn run(settings: &Settings) -> Result<Exit, Fault> {
    let format = settings.format_of("status", &[Format::Text, Format::Json])?;
    let projects = load::projects(settings)?;
    let reader = engine::reader(settings)?;
    engine::block_on(async {
        for (at, project) in projects.iter().enumerate() {
            let desired = &project.desired;
            let (plan, live) = engine::plan_for(&reader, desired, &Options::default()).await?;
            let rows = report::rows(desired, &live, &plan);
            if format == Format::Json {
                output::json(&report::status_json(&desired.project, &rows))?;
                continue;
            }
            if projects.len() > 1 {
                let gap = if at > 0 { "\n" } else { "" };
                output::result(&format!(
                    "{gap}Project {} ({})\n",
                    report::escape(&desired.project),
                    report::escape(&desired.file)
                ))?;
            }
            output::drawn(|out| report::status_text(out, &rows, settings.out))?;
        }
        Ok(Exit::Done)
    })
}
