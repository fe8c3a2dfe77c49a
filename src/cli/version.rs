//! `evenkeel version`: this program's version, and the engine's where one answers.

use serde_json::json;

use super::{args::Format, engine, exit::Exit, fault::Fault, output, settings::Settings};
use crate::{engine::Observe, report::Engine};

/// Runs the command. An engine that does not answer is told, and is no failure: the question was answered as far as it is
/// about this program.
pub fn run(settings: &Settings) -> Result<Exit, Fault> {
    let format = settings.format_of("version", &[Format::Text, Format::Json])?;
    let own = env!("CARGO_PKG_VERSION");
    let host = engine::host(settings)?;
    let reader = engine::reader(settings)?;
    let engine = engine::block_on(async {
        let about = reader.about().await?;
        Ok((Engine::of(&about, reader.version()), about.podman))
    });
    if format == Format::Json {
        let (engine, error) = match engine {
            Ok((engine, _)) => (Some(engine), None),
            Err(fault) => (None, Some(fault.text)),
        };
        output::json(&json!({ "version": own, "engine": engine, "error": error }))?;
        return Ok(Exit::Done);
    }
    let engine = match engine {
        Ok((engine, podman)) => format!(
            "{} {}, API {}, at {host}",
            if podman { "Podman" } else { "Docker" },
            engine.version.as_deref().unwrap_or("of an unknown version"),
            engine.api
        ),
        Err(fault) => fault.text,
    };
    output::result(&format!("evenkeel {own}\nengine: {engine}\n"))?;
    Ok(Exit::Done)
}
