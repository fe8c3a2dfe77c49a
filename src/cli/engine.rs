//! Getting at the engine, and the look and the plan that every command begins with.

use std::future::Future;

use super::{fault::Fault, settings::Settings};
use crate::{
    desired::Desired,
    engine::{
        Observe,
        docker::{Docker, Host, Reader},
        look,
    },
    live::Live,
    plan::{self, Foreseen, Options, Plan, Weight},
};

/// Where the engine listens.
pub fn host(settings: &Settings) -> Result<Host, Fault> {
    Ok(Host::read(settings.host.as_deref())?)
}

/// A client that cannot write.
pub fn reader(settings: &Settings) -> Result<Reader, Fault> {
    Ok(Reader::within(
        host(settings)?,
        settings.engine_timeout.into(),
    ))
}

/// A client that can.
pub fn docker(settings: &Settings) -> Result<Docker, Fault> {
    Ok(Docker::within(
        host(settings)?,
        settings.engine_timeout.into(),
    ))
}

/// Runs a command's calls on this thread: all of them wait for the engine, and threads would only take time to start.
pub fn block_on<T>(calls: impl Future<Output = Result<T, Fault>>) -> Result<T, Fault> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Fault::new(format!("cannot start: {error}")))?;
    let result = runtime.block_on(calls);
    // A name that is being looked up in a thread of its own is not waited for.
    runtime.shutdown_background();
    result
}

/// Looks, and plans what comes of it.
pub async fn plan_for<O: Observe>(
    engine: &O,
    desired: &Desired,
    options: &Options,
) -> Result<(Plan, Live), Fault> {
    let looked = look(engine, desired).await?;
    let mut plan = plan::plan(desired, &looked.live, options);
    plan.problems
        .extend(looked.warnings.into_iter().map(|text| Foreseen {
            weight: Weight::Warning,
            code: "registry-unreachable",
            name: String::new(),
            text,
            hint: String::new(),
            place: None,
        }));
    Ok((plan, looked.live))
}
