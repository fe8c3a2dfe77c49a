//! Exit codes, which scripts rely on.

use std::process::ExitCode;

/// How the program ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// All of it was done; nothing to do; the file is sound. 0.
    Done,
    /// Something failed, was refused, or the file is not sound. 1.
    Failed,
    /// `plan --detailed-exitcode`: there are changes. 2.
    Changes,
    /// The command line was not understood (clap's own code). 2 would read as "changes": it is 64, `EX_USAGE` of sysexits.
    Usage,
    /// It was interrupted at once, by a second Ctrl-C: 128 and the signal's number, as shells count.
    Interrupted,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Done => 0,
            Exit::Failed => 1,
            Exit::Changes => 2,
            Exit::Usage => 64,
            Exit::Interrupted => 130,
        })
    }
}
