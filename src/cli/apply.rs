//! `evenkeel apply`: shows the plan, asks, and makes it so.

use super::{
    args::{ApplyArgs, Applying, Format, Limiting},
    bars::Bars,
    consent, engine,
    exit::Exit,
    fault::Fault,
    load, lock, output,
    plan::options,
    settings::Settings,
    signals::Signals,
};
use crate::{
    apply::{self, Limits, Outcome, Stop},
    desired::Desired,
    engine::docker::Docker,
    plan::{Approved, Consent, Options, Plan, Refusal, empties},
    report::{self, Heading},
};

/// How one project is made what it should be; `destroy` is one of these, too.
#[derive(Debug)]
pub struct Making<'a> {
    /// What is wanted.
    pub desired: &'a Desired,
    /// What may be planned.
    pub options: &'a Options,
    /// The last touch to a plan before it is shown.
    pub adjust: fn(&mut Plan),
    /// Whether it was agreed to beforehand.
    pub yes: bool,
    /// Whether it was agreed to beforehand that all containers go.
    pub emptying: bool,
    /// What is asked.
    pub question: &'static str,
    /// How it is carried out.
    pub applying: &'a Applying,
    /// How the outcome is printed.
    pub format: Format,
    /// Whether the project is named, because there are several.
    pub several: bool,
}

/// What all projects of one command share.
#[derive(Debug)]
pub struct Session<'a> {
    docker: Docker,
    settings: &'a Settings,
    bars: Bars,
    signals: Signals,
}

impl<'a> Session<'a> {
    /// A session with the engine that the settings name; nothing is contacted yet.
    pub fn new(settings: &'a Settings) -> Result<Self, Fault> {
        Ok(Self {
            docker: engine::docker(settings)?,
            settings,
            bars: Bars::new(settings),
            signals: Signals::default(),
        })
    }
}

/// Runs the command.
pub fn run(args: &ApplyArgs, settings: &Settings) -> Result<Exit, Fault> {
    let format = settings.format_of("apply", &[Format::Text, Format::Json])?;
    let projects = load::projects(settings)?;
    let session = Session::new(settings)?;
    let options = options(&args.planning);
    engine::block_on(async {
        let makings = projects.iter().map(|project| Making {
            desired: &project.desired,
            options: &options,
            adjust: |_| {},
            yes: args.yes,
            emptying: args.allow_empty,
            question: "Apply this plan?",
            applying: &args.applying,
            format,
            several: projects.len() > 1,
        });
        make_all(makings, &session).await
    })
}

/// Makes one project after the other what it should be; one that fails does not hold up the others, a signal does.
pub async fn make_all(
    makings: impl Iterator<Item = Making<'_>>,
    session: &Session<'_>,
) -> Result<Exit, Fault> {
    let mut exit = Exit::Done;
    for (at, making) in makings.enumerate() {
        match session.signals.stop() {
            Stop::No => {}
            Stop::AfterSteps => return Ok(Exit::Failed),
            Stop::Now => return Ok(Exit::Interrupted),
        }
        if at > 0 && making.format == Format::Text && !session.settings.quiet {
            output::result("\n")?;
        }
        match make(&making, session).await? {
            Exit::Done => {}
            Exit::Interrupted => return Ok(Exit::Interrupted),
            Exit::Failed | Exit::Changes | Exit::Usage => exit = Exit::Failed,
        }
    }
    Ok(exit)
}

/// Plans, asks and applies.
async fn make(making: &Making<'_>, session: &Session<'_>) -> Result<Exit, Fault> {
    let settings = session.settings;
    if !making.yes && !settings.can_ask {
        // What would be done is shown all the same: it is what the one who reads the log needs to know.
        let plan = planned(making, session).await?;
        show(&plan, making, settings)?;
        if plan.is_empty() {
            return Ok(exit_of(&plan));
        }
        return Err(Fault::new(
            "nobody can be asked here, as standard input or error is no terminal; agree beforehand with --yes",
        ));
    }
    if making.yes {
        let _lock = lock(making, settings)?;
        let plan = planned(making, session).await?;
        show(&plan, making, settings)?;
        return carry_out(plan, making, session).await;
    }
    // Nobody else has to wait while a person thinks. So the lock is taken after the answer, and the plan made again.
    let mut plan = planned(making, session).await?;
    loop {
        show(&plan, making, settings)?;
        if plan.is_empty() {
            return Ok(exit_of(&plan));
        }
        refuse_emptying(&plan, making)?;
        if !consent::ask(settings, &session.signals, making.question).await {
            output::message("Nothing was done.\n");
            return Ok(Exit::Failed);
        }
        let _lock = lock(making, settings)?;
        let again = planned(making, session).await?;
        if again.steps == plan.steps {
            return carry_out(again, making, session).await;
        }
        output::message("\nThe engine has changed in the meantime. The plan is now:\n\n");
        plan = again;
    }
}

async fn planned(making: &Making<'_>, session: &Session<'_>) -> Result<Plan, Fault> {
    let (mut plan, _) = engine::plan_for(&session.docker, making.desired, making.options).await?;
    (making.adjust)(&mut plan);
    Ok(plan)
}

/// The plan goes where the outcome goes, unless that is for a program.
fn show(plan: &Plan, making: &Making<'_>, settings: &Settings) -> Result<(), Fault> {
    let heading = Heading {
        file: &making.desired.file,
        project: making.several,
    };
    if making.format == Format::Json {
        let mut text = String::new();
        report::plan_text(&mut text, plan, heading, settings.err)
            .map_err(|_| Fault::new("cannot draw the plan"))?;
        output::note(settings, text.trim_end());
        return Ok(());
    }
    // What was agreed to beforehand need not be shown to someone who wants results alone.
    if settings.quiet && making.yes {
        return Ok(());
    }
    output::drawn(|out| report::plan_text(out, plan, heading, settings.out))
}

fn refuse_emptying(plan: &Plan, making: &Making<'_>) -> Result<(), Fault> {
    if empties(plan) && !making.emptying {
        return Err(refused(Refusal::Emptying(plan.owned)));
    }
    Ok(())
}

fn refused(refusal: Refusal) -> Fault {
    Fault::new(match refusal {
        Refusal::NoConsent => format!("{refusal}; agree with --yes"),
        Refusal::Emptying(_) => {
            format!("{refusal}; if that is meant, agree with --allow-empty, or use destroy")
        }
    })
}

fn lock(making: &Making<'_>, settings: &Settings) -> Result<lock::Lock, Fault> {
    let host = engine::host(settings)?;
    lock::take(
        &host.resolved(),
        &making.desired.project,
        making.applying.lock_timeout,
        |text| output::message(&format!("{text}\n")),
    )
    .map_err(|error| Fault::new(error.to_string()))
}

async fn carry_out(plan: Plan, making: &Making<'_>, session: &Session<'_>) -> Result<Exit, Fault> {
    let planned = exit_of(&plan);
    let consent = Consent {
        plan: true,
        emptying: making.emptying,
    };
    let approved = Approved::new(plan, consent).map_err(refused)?;
    let settings = session.settings;
    if approved.plan().is_empty() {
        // The plan has said so; a program is told as always.
        if making.format == Format::Json {
            tell(approved.plan(), &Outcome::default(), making, settings)?;
        }
        return Ok(planned);
    }
    let bars = &session.bars;
    let stop = session.signals.listen(bars)?;
    let mut outcome = apply::apply(
        &session.docker,
        &approved,
        &limits(&making.applying.limiting),
        stop,
        &|happening| bars.tell(&happening),
    )
    .await;
    if session.signals.stop() == Stop::No {
        let looking = came_back(approved.plan(), &outcome, making, session);
        tokio::select! {
            warnings = looking => outcome.warnings.extend(warnings),
            () = session.signals.stopped() => {}
        }
    }
    bars.clear();
    tell(approved.plan(), &outcome, making, settings)?;
    Ok(match session.signals.stop() {
        Stop::Now => Exit::Interrupted,
        Stop::No | Stop::AfterSteps if outcome.is_complete() => planned,
        Stop::No | Stop::AfterSteps => Exit::Failed,
    })
}

/// A warning for each difference that was applied and is there again at once. It is no failure: every step was done.
async fn came_back(
    plan: &Plan,
    outcome: &Outcome,
    making: &Making<'_>,
    session: &Session<'_>,
) -> Vec<String> {
    let (desired, options) = (making.desired, making.options);
    match apply::what_came_back(&session.docker, desired, options, plan, outcome).await {
        Ok(back) => back
            .iter()
            .filter(|back| !back.is_doing())
            .map(|back| report::came_back(back, &plan.secrets))
            .collect(),
        Err(error) => vec![format!("cannot look whether it is so now: {error}")],
    }
}

fn tell(
    plan: &Plan,
    outcome: &Outcome,
    making: &Making<'_>,
    settings: &Settings,
) -> Result<(), Fault> {
    if making.format == Format::Json {
        return output::json(&report::outcome_json(plan, outcome));
    }
    output::drawn(|out| {
        if !settings.quiet {
            out.push('\n');
        }
        report::outcome_text(out, plan, outcome, settings.out)
    })
}

/// All of it is done only if nothing stood in the way of planning all of it.
fn exit_of(plan: &Plan) -> Exit {
    if plan.has_errors() {
        Exit::Failed
    } else {
        Exit::Done
    }
}

/// How far an apply may go, with the usual where nothing was said.
pub fn limits(limiting: &Limiting) -> Limits {
    let usual = Limits::default();
    Limits {
        parallelism: limiting.parallelism.map_or(usual.parallelism, usize::from),
        patience: limiting.patience.unwrap_or(usual.patience),
        wait: limiting.wait_timeout,
    }
}
