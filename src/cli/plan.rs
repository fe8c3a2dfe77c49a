//! `evenkeel plan`: what would change, and why. It is given a reader alone, which has no call that writes.

use super::{
    args::{Format, PlanArgs, Planning},
    engine,
    exit::Exit,
    fault::Fault,
    load::{self, Project},
    output,
    settings::Settings,
};
use crate::{
    engine::docker::Reader,
    live::Live,
    plan::{Options, Plan},
    report::{self, Engine, Heading, Look},
};

/// Runs the command.
pub fn run(args: &PlanArgs, settings: &Settings) -> Result<Exit, Fault> {
    let format = settings.format_of("plan", &[Format::Text, Format::Json, Format::Markdown])?;
    let projects = load::projects(settings)?;
    let reader = engine::reader(settings)?;
    let options = options(&args.planning);
    let exit = engine::block_on(async {
        let (mut changes, mut errors) = (false, false);
        for (at, project) in projects.iter().enumerate() {
            if at > 0 && format == Format::Text {
                output::result("\n")?;
            }
            let (plan, live) = engine::plan_for(&reader, &project.desired, &options).await?;
            changes |= !plan.is_empty();
            errors |= plan.has_errors();
            show(
                &plan,
                &live,
                project,
                &reader,
                format,
                projects.len() > 1,
                settings.out,
            )?;
            // The process is about to end. Taking thousands of small values apart first would only make it end later.
            std::mem::forget((plan, live));
        }
        Ok(match (errors, changes && args.detailed_exitcode) {
            (true, _) => Exit::Failed,
            (false, true) => Exit::Changes,
            (false, false) => Exit::Done,
        })
    });
    std::mem::forget(projects);
    exit
}

/// What the flags say of planning.
#[must_use]
pub fn options(planning: &Planning) -> Options {
    Options {
        adopt: planning.adopt,
        remove_volumes: planning.remove_volume.iter().cloned().collect(),
        ..Options::default()
    }
}

fn show(
    plan: &Plan,
    live: &Live,
    project: &Project,
    reader: &Reader,
    format: Format,
    several: bool,
    look: Look,
) -> Result<(), Fault> {
    let file = &project.desired.file;
    match format {
        Format::Json => {
            let engine = Engine::of(&live.engine, reader.version());
            output::json(&report::plan_json(plan, &engine))
        }
        Format::Markdown => output::drawn(|out| report::plan_markdown(out, plan, file)),
        Format::Text | Format::Yaml => {
            let heading = Heading {
                file,
                project: several,
            };
            output::drawn(|out| report::plan_text(out, plan, heading, look))
        }
    }
}
