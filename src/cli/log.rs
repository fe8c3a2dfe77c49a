//! The log: quiet unless it is asked for, on standard error, never with what an engine is sent.

use tracing_subscriber::EnvFilter;

use super::{args::LogFormat, settings::Settings};

/// Begins to log. The service says what it does without being asked; a command says it through its report.
pub fn begin(settings: &Settings, service: Option<LogFormat>) {
    let level = match (settings.quiet, settings.verbose, service) {
        (true, _, _) => "error",
        (false, 0, None) => return,
        (false, 0, Some(_)) | (false, 1, None) => "info",
        (false, 1, Some(_)) | (false, 2.., _) => "debug",
    };
    // The engine's client logs whole requests at debug, passwords among them.
    let filter = EnvFilter::new(format!("warn,evenkeel={level},bollard=info"));
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_target(false)
        .with_ansi(settings.err.colour);
    match service {
        Some(LogFormat::Json) => log.json().init(),
        Some(LogFormat::Text) | None => log.init(),
    }
}
