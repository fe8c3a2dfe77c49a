//! From the command line to the command, and from its end to an exit code.

use std::process::ExitCode;

use clap::{Parser, error::ErrorKind};

use super::{
    apply,
    args::{Cli, Command},
    completions, config, convert, destroy,
    exit::Exit,
    fault::Fault,
    log, output, plan, schema,
    settings::Settings,
    status, validate, version, watch,
};

/// Runs the program with the process's own arguments.
#[must_use]
pub fn run() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Help and the version are results and no mistakes. A reader that went away is none either.
            let _ = error.print();
            return match error.kind() {
                ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => Exit::Done,
                _ => Exit::Usage,
            }
            .into();
        }
    };
    let settings = Settings::resolve(&cli.common);
    let service = match &cli.command {
        Command::Watch(args) => Some(args.log_format),
        _ => None,
    };
    log::begin(&settings, service);
    match dispatch(&cli.command, &settings) {
        Ok(exit) => exit.into(),
        Err(fault) => {
            output::fault(&settings, &fault);
            fault.exit.into()
        }
    }
}

fn dispatch(command: &Command, settings: &Settings) -> Result<Exit, Fault> {
    match command {
        Command::Plan(args) => plan::run(args, settings),
        Command::Apply(args) => apply::run(args, settings),
        Command::Validate(args) => validate::run(args, settings),
        Command::Status => status::run(settings),
        Command::Destroy(args) => destroy::run(args, settings),
        Command::Completions { shell } => completions::run(*shell),
        Command::Version => version::run(settings),
        Command::Watch(args) => watch::run(args, settings),
        Command::Schema => schema::schema(),
        Command::Reference => schema::reference(),
        Command::Config => config::run(settings),
        Command::Convert { compose } => convert::run(compose, settings),
    }
}
