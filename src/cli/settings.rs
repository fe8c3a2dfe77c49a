//! The command line as it is meant: what was typed, the environment and the terminal, resolved once.
//!
//! The only place that reads the environment and the terminal.

use std::{
    collections::BTreeMap,
    io::{IsTerminal, stderr, stdin, stdout},
    path::PathBuf,
    time::Duration,
};

use super::{
    args::{Common, Format, When},
    fault::Fault,
};
use crate::report::Look;

/// The file that is read if none is named.
const DEFAULT_FILE: &str = "evenkeel.yaml";

/// Read if there is no [`DEFAULT_FILE`], in Compose's order.
const COMPOSE_FILES: &[&str] = &[
    "compose.yaml",
    "compose.yml",
    "docker-compose.yaml",
    "docker-compose.yml",
];

/// The width of what is written where no terminal says another.
const WIDTH: usize = 80;

/// The variable that names the file where the command line does not.
const FILE: &str = "EVENKEEL_FILE";

/// Wider lines are hard to read, however wide the terminal.
const WIDEST: usize = 160;

/// Who named the files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Named {
    /// A person, with `-f`.
    Typed,
    /// A variable, or nobody.
    Otherwise,
}

/// Everything that a command needs to know about its surroundings.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The files, merged in this order.
    pub files: Vec<PathBuf>,
    /// Who named them.
    pub named: Named,
    /// The engine, as named.
    pub host: Option<String>,
    /// The longest wait for one of its answers, if it was said.
    pub engine_timeout: Option<Duration>,
    /// Files of variables; empty for the `.env` beside the file.
    pub env_files: Vec<PathBuf>,
    /// The profiles that are on.
    pub profiles: Vec<String>,
    /// The environment's variables.
    pub variables: BTreeMap<String, String>,
    /// The working directory, against which relative files are resolved.
    pub base: PathBuf,
    /// How results are printed, if it was said.
    pub format: Option<Format>,
    /// How much is said: 0 is the usual.
    pub verbose: u8,
    /// Results and errors alone.
    pub quiet: bool,
    /// How results are drawn.
    pub out: Look,
    /// How messages are drawn.
    pub err: Look,
    /// Whether messages go to a terminal, where bars can move.
    pub bars: bool,
    /// Whether a person can be asked.
    pub can_ask: bool,
}

impl Settings {
    /// Resolves what was typed.
    #[must_use]
    pub fn resolve(common: &Common) -> Self {
        // A variable whose name or value is no Unicode cannot be used in a file, which is Unicode.
        let variables: BTreeMap<String, String> = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect();
        let look = |terminal: bool| Look {
            colour: colour(common.color, terminal, &variables),
            width: width(&variables),
        };
        let by_variable = variables.get(FILE).map(PathBuf::from);
        let typed = common
            .file
            .iter()
            .any(|file| Some(file) != by_variable.as_ref());
        Self {
            files: files(&common.file),
            named: if typed {
                Named::Typed
            } else {
                Named::Otherwise
            },
            host: common.host.clone().filter(|host| !host.is_empty()),
            engine_timeout: common.engine_timeout,
            env_files: common.env_file.clone(),
            profiles: common
                .profile
                .iter()
                .filter(|profile| !profile.is_empty())
                .cloned()
                .collect(),
            format: common.format,
            verbose: common.verbose,
            quiet: common.quiet,
            out: look(stdout().is_terminal()),
            err: look(stderr().is_terminal()),
            bars: stderr().is_terminal() && variables.get("TERM").is_none_or(|term| term != "dumb"),
            can_ask: stdin().is_terminal() && stderr().is_terminal(),
            variables,
            // Without one, what is relative stays so, and the engine says what it makes of that.
            base: std::env::current_dir().unwrap_or_default(),
        }
    }

    /// How a command prints its result; one that it does not have is a mistake on the command line.
    pub fn format_of(&self, command: &str, known: &[Format]) -> Result<Format, Fault> {
        let usual = known.first().copied().unwrap_or(Format::Text);
        let asked = self.format.unwrap_or(usual);
        if known.contains(&asked) {
            return Ok(asked);
        }
        let words: Vec<&str> = known.iter().map(|format| format.word()).collect();
        Err(Fault::usage(format!(
            "{command} has no format {}; it has {}",
            asked.word(),
            words.join(", ")
        )))
    }
}

fn files(given: &[PathBuf]) -> Vec<PathBuf> {
    if !given.is_empty() {
        return given.to_vec();
    }
    let default = PathBuf::from(DEFAULT_FILE);
    if default.exists() {
        return vec![default];
    }
    let compose = COMPOSE_FILES
        .iter()
        .map(PathBuf::from)
        .find(|file| file.exists());
    vec![compose.unwrap_or(default)]
}

/// Colours where a person sees them: `NO_COLOR` of any text switches them off, and so does a terminal without any.
fn colour(when: When, terminal: bool, variables: &BTreeMap<String, String>) -> bool {
    let set = |name: &str| variables.get(name).is_some_and(|value| !value.is_empty());
    match when {
        When::Always => true,
        When::Never => false,
        When::Auto => {
            terminal && !set("NO_COLOR") && variables.get("TERM").is_some_and(|term| term != "dumb")
        }
    }
}

fn width(variables: &BTreeMap<String, String>) -> usize {
    let asked = variables
        .get("COLUMNS")
        .and_then(|columns| columns.parse().ok());
    let found = terminal_size::terminal_size().map(|(width, _)| usize::from(width.0));
    asked.or(found).unwrap_or(WIDTH).clamp(40, WIDEST)
}
