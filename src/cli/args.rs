//! The command line as it is typed. What is made of it stands in `settings.rs`.

use std::{path::PathBuf, time::Duration};

use clap::{Args, Parser, Subcommand, ValueEnum};

/// Keeps the containers of a Docker engine as a YAML file says they should be.
#[derive(Debug, Parser)]
#[command(
    name = "evenkeel",
    version,
    about = "Keeps the containers of a Docker engine as a YAML file in Git says they should be",
    after_help = "Examples:
  evenkeel plan          # what would change, field by field; writes nothing
  evenkeel apply         # make it so, after asking
  evenkeel apply --yes   # the same without asking, for scripts
  evenkeel watch         # keep it so: follow the file and the engine

The file is evenkeel.yaml in this folder, or the Compose file there, unless -f
names another. Exit codes: 0 done, 1 failed, 2 changes (of plan with
--detailed-exitcode), 64 unknown option or argument, 130 stopped at once.",
    disable_help_subcommand = true,
    propagate_version = false
)]
pub struct Cli {
    /// Options that may stand before or after any command.
    #[command(flatten)]
    pub common: Common,
    /// The command.
    #[command(subcommand)]
    pub command: Command,
}

/// Options that belong to no command.
#[derive(Debug, Clone, Args)]
pub struct Common {
    /// The file (several are merged), or a folder of files, one project each [default: evenkeel.yaml].
    #[arg(
        short,
        long = "file",
        global = true,
        value_name = "FILE",
        env = "EVENKEEL_FILE",
        hide_env_values = true,
        help_heading = EVERYWHERE
    )]
    pub file: Vec<PathBuf>,
    /// The engine's address.
    #[arg(
        long,
        help = "The engine: unix:///path or tcp://host:port",
        global = true,
        value_name = "URL",
        env = "DOCKER_HOST",
        hide_env_values = true,
        help_heading = EVERYWHERE
    )]
    pub host: Option<String>,
    /// The longest wait for one answer of the engine, in place of what each call has.
    #[arg(
        long,
        help = "The longest silence of the engine [default: 1m to read, 5m to write or pull, 1h to build]",
        global = true,
        value_name = "DURATION",
        value_parser = duration,
        help_heading = EVERYWHERE
    )]
    pub engine_timeout: Option<Duration>,
    /// A file of variables, instead of the .env beside the file.
    #[arg(long, global = true, value_name = "FILE", help_heading = EVERYWHERE)]
    pub env_file: Vec<PathBuf>,
    /// Switch profiles on, separated by commas.
    #[arg(
        long,
        global = true,
        value_name = "NAME",
        env = "EVENKEEL_PROFILES",
        hide_env_values = true,
        value_delimiter = ',',
        help_heading = EVERYWHERE
    )]
    pub profile: Vec<String>,
    /// Print results as text or json; plan also as markdown, config also as yaml.
    #[arg(
        long,
        global = true,
        value_name = "FORMAT",
        hide_possible_values = true,
        help_heading = EVERYWHERE
    )]
    pub format: Option<Format>,
    /// Say more: -v for what is done, -vv for the details of it.
    #[arg(
        short,
        long,
        global = true,
        action = clap::ArgAction::Count,
        conflicts_with = "quiet",
        help_heading = EVERYWHERE
    )]
    pub verbose: u8,
    /// Print results and errors alone.
    #[arg(short, long, global = true, help_heading = EVERYWHERE)]
    pub quiet: bool,
    /// When to use colours: auto, always or never.
    #[arg(
        long,
        global = true,
        value_name = "WHEN",
        default_value = "auto",
        hide_possible_values = true,
        hide_default_value = true,
        help_heading = EVERYWHERE
    )]
    pub color: When,
}

/// The heading of the options that belong to no command.
const EVERYWHERE: &str = "Options of every command";

/// How results are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people.
    Text,
    /// For programs.
    Json,
    /// `config`: as YAML.
    Yaml,
    /// `plan`: a pull request's comment.
    Markdown,
}

impl Format {
    /// Its word on the command line.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Json => "json",
            Self::Yaml => "yaml",
            Self::Markdown => "markdown",
        }
    }
}

/// When to use colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum When {
    /// On a terminal that has them, unless `NO_COLOR` is set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Show what would change, and why. Writes nothing.
    #[command(after_help = "Examples:
  evenkeel plan
  evenkeel plan --detailed-exitcode   # 0: nothing to do, 2: changes, 1: error
  evenkeel plan --format json | jq .summary
  evenkeel plan --format markdown     # for a pull request")]
    Plan(PlanArgs),
    /// Make the engine what the file says. Asks first, or needs --yes.
    #[command(after_help = "Examples:
  evenkeel apply
  evenkeel apply --yes
  evenkeel apply --yes --adopt   # take over what was made by hand")]
    Apply(ApplyArgs),
    /// Keep the engine as the file says: follow the file and the engine's events, and heal.
    #[command(after_help = "Examples:
  evenkeel watch
  evenkeel watch -f /etc/evenkeel/shop.yaml --interval 5m --log-format json

SIGHUP reads the file again and tries everything again; SIGTERM finishes the
step at hand and ends with exit code 0.")]
    Watch(WatchArgs),
    /// Check files, without an engine.
    #[command(after_help = "Examples:
  evenkeel validate
  evenkeel validate hosts/*.yaml --strict
  evenkeel validate --format json     # for editors and CI, with byte ranges")]
    Validate(ValidateArgs),
    /// Print the file as it is understood: short forms expanded, references in full, sizes in bytes.
    #[command(after_help = "Examples:
  evenkeel config
  evenkeel config --format json

Sizes are in bytes, durations are texts such as 10s, and sensitive values are
hidden.")]
    Config,
    /// Show what is wanted beside what is.
    #[command(after_help = "Examples:
  evenkeel status
  evenkeel status --format json | jq '.containers[].now'

DIFFERS is no, pending (the file changed), drift (the engine changed) or blocked
(an error keeps it from being planned). What exactly differs, plan shows.")]
    Status,
    /// Remove every container and network of the project. Volumes stay unless named.
    #[command(after_help = "Examples:
  evenkeel destroy
  evenkeel destroy --yes
  evenkeel destroy --yes --remove-volume shop_db-data   # its data goes too")]
    Destroy(DestroyArgs),
    /// Write the evenkeel.yaml that says what a Compose file says.
    #[command(after_help = "Examples:
  evenkeel convert compose.yaml > evenkeel.yaml")]
    Convert {
        /// The Compose file.
        #[arg(value_name = "FILE")]
        compose: PathBuf,
    },
    /// Print the JSON Schema of the file, for editors.
    #[command(after_help = "Examples:
  evenkeel schema > evenkeel.schema.json

Then begin the file with
  # yaml-language-server: $schema=evenkeel.schema.json")]
    Schema,
    /// Print the reference of every attribute, as Markdown.
    #[command(after_help = "Examples:
  evenkeel reference | less")]
    Reference,
    /// Print a shell's completions.
    #[command(after_help = "Examples:
  evenkeel completions bash > /etc/bash_completion.d/evenkeel")]
    Completions {
        /// The shell.
        shell: clap_complete::Shell,
    },
    /// Print the versions of this program and of the engine.
    #[command(after_help = "Examples:
  evenkeel version
  evenkeel version --format json")]
    Version,
}

/// Options that change what is planned.
#[derive(Debug, Clone, Args)]
pub struct Planning {
    /// Take over containers and networks under wanted names that are not the project's.
    #[arg(long)]
    pub adopt: bool,
    /// A volume of the project that may be removed with its data, by its name on the engine, if the file does not want it
    /// any more, or wants another one in its place.
    #[arg(long, value_name = "NAME")]
    pub remove_volume: Vec<String>,
}

/// `plan`.
#[derive(Debug, Args)]
pub struct PlanArgs {
    /// Options that change what is planned.
    #[command(flatten)]
    pub planning: Planning,
    /// Exit with 0 if there is nothing to do, 2 if there are changes, 1 on an error.
    #[arg(long)]
    pub detailed_exitcode: bool,
}

/// `apply`.
#[derive(Debug, Args)]
pub struct ApplyArgs {
    /// Options that change what is planned.
    #[command(flatten)]
    pub planning: Planning,
    /// Do not ask.
    #[arg(short, long)]
    pub yes: bool,
    /// Agree to remove everything, where the file lists no container any more.
    #[arg(long)]
    pub allow_empty: bool,
    /// How it is carried out.
    #[command(flatten)]
    pub applying: Applying,
}

/// How far carrying out a plan may go in time and at once.
#[derive(Debug, Clone, Args)]
pub struct Limiting {
    /// How many steps run at the same time [default: 8].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=64))]
    pub parallelism: Option<u16>,
    /// The longest wait for one container to be healthy or completed, or for a hook, such as 90s or 5m.
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    pub wait_timeout: Option<Duration>,
    /// The longest wait for an engine that goes away in the middle [default: 60s].
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    pub patience: Option<Duration>,
}

/// How a plan is carried out.
#[derive(Debug, Clone, Args)]
pub struct Applying {
    /// How far it may go in time and at once.
    #[command(flatten)]
    pub limiting: Limiting,
    /// The longest wait for another apply of the same project to end.
    #[arg(long, value_name = "DURATION", default_value = "60s", value_parser = duration)]
    pub lock_timeout: Duration,
}

/// A duration as the file writes it, too: `90s`, `5m`, `1m30s`, `500ms`. Of the numbers alone only 0 is one.
fn duration(text: &str) -> Result<Duration, String> {
    let text = text.trim();
    match text.parse::<u32>() {
        Ok(0) => return Ok(Duration::ZERO),
        Ok(number) => return Err(format!("it has no unit; write {number}s or {number}m")),
        Err(_) => {}
    }
    let parsed: Option<jiff::SignedDuration> = text.parse().ok();
    parsed
        .and_then(|duration| duration.try_into().ok())
        .ok_or_else(|| "it is not a duration such as 90s, 5m or 1m30s".to_owned())
}

/// `watch`.
#[derive(Debug, Args)]
pub struct WatchArgs {
    /// Options that change what is planned.
    #[command(flatten)]
    pub planning: Planning,
    /// How often everything is looked at again, whatever happened.
    #[arg(long, value_name = "DURATION", default_value = "5m", value_parser = duration)]
    pub interval: Duration,
    /// Agree to remove everything, where the file lists no container any more.
    #[arg(long)]
    pub allow_empty: bool,
    /// How far it may go in time and at once.
    #[command(flatten)]
    pub limiting: Limiting,
    /// Write the log as text or json.
    #[arg(
        long,
        value_name = "FORMAT",
        default_value = "text",
        hide_possible_values = true,
        hide_default_value = true
    )]
    pub log_format: LogFormat,
    /// Ask the file system for changes instead of waiting for it to tell (network file systems).
    #[arg(long)]
    pub poll: bool,
}

/// How a log is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

/// `validate`.
#[derive(Debug, Args)]
pub struct ValidateArgs {
    /// The files; each is checked by itself.
    pub files: Vec<PathBuf>,
    /// Count warnings as errors.
    #[arg(long)]
    pub strict: bool,
}

/// `destroy`.
#[derive(Debug, Args)]
pub struct DestroyArgs {
    /// Do not ask.
    #[arg(short, long)]
    pub yes: bool,
    /// A volume to remove too, by its name on the engine; its data is gone for good.
    #[arg(long, value_name = "NAME")]
    pub remove_volume: Vec<String>,
    /// How it is carried out.
    #[command(flatten)]
    pub applying: Applying,
}
