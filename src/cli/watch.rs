//! `evenkeel watch`: the service, for every project that was named.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use tokio::{
    signal::unix::{SignalKind, signal},
    sync::mpsc,
    task::JoinSet,
};

use super::{
    apply::limits, args::WatchArgs, engine, exit::Exit, fault::Fault, load, lock, plan::options,
    settings::Settings,
};
use crate::{
    engine::docker::{Docker, Host},
    plan::Options,
    watch::{self, Ended, Event, Load, Setup},
};

/// Shorter intervals would only load the engine: what happens on it is told by its events.
const SHORTEST_INTERVAL: Duration = Duration::from_secs(1);

/// How many signals wait at most; the second `SIGTERM` is the last one that means something.
const SIGNALS: usize = 8;

/// Runs the command.
pub fn run(args: &WatchArgs, settings: &Settings) -> Result<Exit, Fault> {
    if args.interval < SHORTEST_INTERVAL {
        return Err(Fault::usage("--interval must be at least 1s"));
    }
    if settings.files.iter().any(|file| file == Path::new("-")) {
        return Err(Fault::usage(
            "watch cannot follow standard input; name a file with -f",
        ));
    }
    let host = engine::host(settings)?;
    let groups = load::groups(&settings.files)?;
    engine::block_on(serve(args, settings, &host, groups))
}

async fn serve(
    args: &WatchArgs,
    settings: &Settings,
    host: &Host,
    groups: Vec<Vec<PathBuf>>,
) -> Result<Exit, Fault> {
    let limits = settings.engine_timeout.into();
    let docker = Arc::new(Docker::within(host.clone(), limits));
    let mut services = JoinSet::new();
    let mut listeners = Vec::new();
    for files in groups {
        let (tell, told) = mpsc::channel(SIGNALS);
        listeners.push(tell);
        tracing::info!(file = %name(&files), engine = %host, "watching");
        let setup = setup(args, host, &files);
        services.spawn(watch::run(
            Arc::clone(&docker),
            loader(settings, files),
            setup,
            told,
        ));
    }
    let signals = tokio::spawn(pass_on(listeners)?);
    let mut exit = Exit::Done;
    while let Some(ended) = services.join_next().await {
        match ended {
            Ok(Ok(Ended::Finished)) => {}
            Ok(Ok(Ended::AtOnce)) => exit = Exit::Interrupted,
            Ok(Err(error)) => {
                return Err(Fault::new(format!(
                    "cannot watch files: {error}; use --poll, or raise fs.inotify.max_user_instances"
                )));
            }
            Err(error) => return Err(Fault::new(format!("the service broke off: {error}"))),
        }
    }
    signals.abort();
    tracing::info!("ended");
    Ok(exit)
}

fn setup(args: &WatchArgs, host: &Host, files: &[PathBuf]) -> Setup {
    let engine = host.resolved();
    Setup {
        interval: args.interval,
        seed: u64::from(std::process::id()),
        poll: args.poll,
        options: Options {
            standing: true,
            ..options(&args.planning)
        },
        allow_empty: args.allow_empty,
        limits: limits(&args.limiting),
        files: files.to_vec(),
        // A person's apply has the right of way; the service comes back to it.
        guard: Arc::new(move |project| {
            lock::take(&engine, project, Duration::ZERO, |_| {})
                .map(|lock| Box::new(lock) as Box<dyn Send + Sync>)
                .map_err(|error| error.to_string())
        }),
    }
}

fn loader(settings: &Settings, files: Vec<PathBuf>) -> Load {
    let settings = settings.clone();
    Arc::new(move || load::parse(&settings, &files))
}

fn name(files: &[PathBuf]) -> String {
    let names: Vec<String> = files
        .iter()
        .map(|file| file.display().to_string())
        .collect();
    names.join(", ")
}

/// Passes signals on to every service.
fn pass_on(
    listeners: Vec<mpsc::Sender<Event>>,
) -> Result<impl Future<Output = ()> + Send + 'static, Fault> {
    let cannot = |error| Fault::new(format!("cannot listen for signals: {error}"));
    let mut hangup = signal(SignalKind::hangup()).map_err(cannot)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(cannot)?;
    let mut terminate = signal(SignalKind::terminate()).map_err(cannot)?;
    Ok(async move {
        loop {
            let event = tokio::select! {
                _ = hangup.recv() => Event::Hangup,
                _ = interrupt.recv() => Event::Terminate,
                _ = terminate.recv() => Event::Terminate,
            };
            for listener in &listeners {
                // A full queue holds enough of the same already.
                let _ = listener.try_send(event.clone());
            }
        }
    })
}
