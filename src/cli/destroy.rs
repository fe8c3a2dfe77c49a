//! `evenkeel destroy`: removes what the project has. An apply of a file that wants nothing, and says so in its own words.

use super::{
    apply::{Making, make},
    args::{DestroyArgs, Format},
    engine,
    exit::Exit,
    fault::Fault,
    load,
    settings::Settings,
};
use crate::{
    desired::Desired,
    plan::{Action, Kind, Options, Plan},
};

/// Runs the command.
pub fn run(args: &DestroyArgs, settings: &Settings) -> Result<Exit, Fault> {
    let format = settings.format_of("destroy", &[Format::Text, Format::Json])?;
    let projects = load::projects(settings)?;
    let docker = engine::docker(settings)?;
    let options = Options {
        remove_volumes: args.remove_volume.iter().cloned().collect(),
        ..Options::default()
    };
    engine::block_on(async {
        let mut exit = Exit::Done;
        for project in &projects {
            let nothing = Desired {
                project: project.desired.project.clone(),
                file: project.desired.file.clone(),
                secrets: project.desired.secrets.clone(),
                ..Desired::default()
            };
            let making = Making {
                desired: &nothing,
                options: &options,
                adjust: in_own_words,
                yes: args.yes,
                emptying: true,
                question: "Remove all of this?",
                applying: &args.applying,
                format,
                several: projects.len() > 1,
            };
            match make(&making, &docker, settings).await? {
                Exit::Done => {}
                Exit::Interrupted => return Ok(Exit::Interrupted),
                Exit::Failed | Exit::Changes | Exit::Usage => exit = Exit::Failed,
            }
        }
        Ok(exit)
    })
}

/// The file does list them: what is said of a removal must not be that it does not.
fn in_own_words(plan: &mut Plan) {
    for step in &mut plan.steps {
        if step.action == Action::Remove && step.kind != Kind::Volume {
            step.reason.clear();
        }
    }
}
