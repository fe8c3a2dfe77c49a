//! `evenkeel completions`: what a shell needs to complete a command line.

use clap::CommandFactory;
use clap_complete::Shell;

use super::{args::Cli, exit::Exit, fault::Fault, output};

/// Runs the command.
pub fn run(shell: Shell) -> Result<Exit, Fault> {
    let mut bytes = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "evenkeel", &mut bytes);
    output::result(&String::from_utf8_lossy(&bytes))?;
    Ok(Exit::Done)
}
