//! `evenkeel destroy`: removes what the project has. An apply of a file that wants nothing, and says so in its own words.

use super::{
    apply::{Making, Session, make_all},
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
    let session = Session::new(settings)?;
    let options = Options {
        remove_volumes: args.remove_volume.iter().cloned().collect(),
        ..Options::default()
    };
    let nothing: Vec<Desired> = projects
        .into_iter()
        .map(|project| Desired {
            project: project.desired.project,
            file: project.desired.file,
            secrets: project.desired.secrets,
            ..Desired::default()
        })
        .collect();
    engine::block_on(async {
        let makings = nothing.iter().map(|desired| Making {
            desired,
            options: &options,
            adjust: in_own_words,
            yes: args.yes,
            emptying: true,
            question: "Remove all of this?",
            applying: &args.applying,
            format,
            several: nothing.len() > 1,
        });
        make_all(makings, &session).await
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
