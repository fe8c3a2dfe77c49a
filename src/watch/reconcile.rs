//! One reconcile of the service: read the file, look at the engine, plan, apply.

use std::{collections::BTreeSet, path::PathBuf, sync::Arc};

use tokio::sync::watch;

use super::{
    Report,
    service::{Guard, Load, digest},
    told::Told,
};
use crate::{
    apply::{
        Failure as Fault, Happening, Limits, Outcome, Stop, Trouble, Verdict, apply, what_came_back,
    },
    desired::{Desired, resolve},
    engine::{Act, look},
    model::Secrets,
    plan::{Approved, CameBack, Consent, Foreseen, Options, plan},
    report::came_back,
    spec::{Failure, Severity},
};

/// The last specification that was sound.
#[derive(Debug)]
pub(super) struct Good {
    desired: Desired,
    digest: [u8; 32],
}

/// What was said of files that are not sound: said once, however often they are looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Complaint {
    /// What the files held.
    digest: [u8; 32],
    /// The problems, and what is done now.
    lines: Vec<String>,
    /// Whether there is no file at all, which is no mistake in it.
    missing: bool,
}

/// What one reconcile is given.
pub(super) struct Job {
    pub(super) options: Options,
    pub(super) allow_empty: bool,
    pub(super) limits: Limits,
    pub(super) guard: Guard,
    pub(super) good: Option<Arc<Good>>,
    /// What was said last, if the files were not sound.
    pub(super) complaint: Option<Complaint>,
    /// What was said of problems that can be foreseen.
    pub(super) told: Told,
    pub(super) stop: watch::Receiver<Stop>,
}

/// What came of it.
#[derive(Debug, Default)]
pub(super) struct Done {
    pub(super) report: Report,
    /// The specification, if it was sound.
    pub(super) good: Option<Arc<Good>>,
    /// What there is to say of it, if it was not.
    pub(super) complaint: Option<Complaint>,
    /// What can be foreseen to go wrong, if the engine could be looked at.
    pub(super) foreseen: Option<Vec<Foreseen>>,
    /// The files that it is made from; empty if nothing is known of them.
    pub(super) files: BTreeSet<PathBuf>,
    /// What they held.
    pub(super) digest: Option<[u8; 32]>,
}

/// Reads, looks, plans and applies once.
pub(super) async fn reconcile<A: Act>(engine: &A, load: &Load, mut job: Job) -> Done {
    let mut done = Done::default();
    let Some(good) = read(
        load,
        &mut done,
        job.good.take(),
        job.complaint.take().as_ref(),
    ) else {
        // Nothing sound was ever read: there is nothing to keep.
        done.report.engine = true;
        return done;
    };
    if let Err(error) = with_file(engine, &good.desired, job, &mut done).await {
        tracing::error!(%error, "cannot look at the engine; it is tried again");
        done.report.engine = false;
    }
    done.good = Some(good);
    done
}

/// The specification as it is now, or the last sound one.
fn read(
    load: &Load,
    done: &mut Done,
    last: Option<Arc<Good>>,
    said: Option<&Complaint>,
) -> Option<Arc<Good>> {
    match load() {
        Ok(document) => {
            let digest = digest(&document.files);
            done.files.clone_from(&document.files);
            done.digest = Some(digest);
            let before = last.as_ref().map(|last| last.desired.project.clone());
            if let Some(last) = last
                && last.digest == digest
            {
                if said.is_some() {
                    tracing::info!("the file is as it was when it was last sound");
                }
                return Some(last);
            }
            done.report.new_file = true;
            tracing::info!(
                project = document.project,
                containers = document.containers.len(),
                "the file was read"
            );
            for warning in &document.warnings {
                tracing::warn!("{}", line(&document.sources, warning));
            }
            if let Some(warning) = other_project(before.as_deref(), &document.project) {
                tracing::warn!("{warning}");
            }
            let desired = resolve(&document);
            Some(Arc::new(Good { desired, digest }))
        }
        Err(failure) => {
            let digest = digest(&failure.files);
            done.digest = Some(digest);
            done.files.clone_from(&failure.files);
            let complaint = complain(&failure, digest, last.is_some());
            if said != Some(&complaint) {
                for line in &complaint.lines {
                    if complaint.missing {
                        tracing::warn!("{line}");
                    } else {
                        tracing::error!("{line}");
                    }
                }
            }
            done.complaint = Some(complaint);
            last
        }
    }
}

/// What there is to say of files that are not sound.
fn complain(failure: &Failure, digest: [u8; 32], kept: bool) -> Complaint {
    let errors: Vec<_> = failure
        .problems
        .iter()
        .filter(|problem| problem.severity == Severity::Error)
        .collect();
    // A file that another one names has a place where it is named.
    let unread = errors
        .iter()
        .all(|problem| problem.code == "unreadable-file" && problem.span.is_none());
    let gone = failure.files.iter().filter(|_| unread).find(|file| {
        let text = format!("there is no file {}", file.display());
        errors.iter().any(|problem| problem.text == text)
    });
    let lines = match gone {
        Some(file) if kept => vec![format!(
            "there is no file {} any more: the last sound one is kept until it is back",
            file.display()
        )],
        Some(file) => vec![format!(
            "there is no file {} yet; waiting for it",
            file.display()
        )],
        None => {
            let problems = errors.iter().map(|problem| line(&failure.sources, problem));
            let then = if kept {
                "the file is not sound: the last sound one is kept until it is mended"
            } else {
                "the file is not sound: nothing is done until it is mended"
            };
            problems.chain([then.to_owned()]).collect()
        }
    };
    Complaint {
        digest,
        lines,
        missing: gone.is_some(),
    }
}

/// What becomes of the containers of a project whose file names another one now.
fn other_project(before: Option<&str>, now: &str) -> Option<String> {
    let before = before.filter(|before| *before != now)?;
    Some(format!(
        "the file is of the project {now} now: the containers of the project {before} stay, and nobody looks after them"
    ))
}

/// A problem as one line of a log.
fn line(sources: &crate::spec::Sources, problem: &crate::spec::Problem) -> String {
    let place = problem.span.map(|span| {
        let (line, column) = sources.position(span.file, span.start);
        format!("{}:{line}:{column}: ", sources.get(span.file).name)
    });
    let hint = problem.hint.as_ref().map(|hint| format!("; {hint}"));
    format!(
        "{}{}{}",
        place.unwrap_or_default(),
        problem.text,
        hint.unwrap_or_default()
    )
}

async fn with_file<A: Act>(
    engine: &A,
    desired: &Desired,
    job: Job,
    Done {
        report, foreseen, ..
    }: &mut Done,
) -> Result<(), crate::engine::EngineError> {
    let looked = look(engine, desired).await?;
    report.engine = true;
    for warning in &looked.warnings {
        tracing::warn!("{warning}");
    }
    let options = job.options;
    let plan = plan(desired, &looked.live, &options);
    job.told.say(&plan.problems);
    *foreseen = Some(plan.problems.clone());
    if plan.is_empty() {
        tracing::debug!("nothing to do");
        return Ok(());
    }
    let consent = Consent {
        plan: true,
        emptying: job.allow_empty,
    };
    let approved = match Approved::new(plan, consent) {
        Ok(approved) => approved,
        Err(refusal) => {
            tracing::error!(
                "{refusal}: nothing is removed; restart with --allow-empty if that is meant"
            );
            return Ok(());
        }
    };
    let _lock = match (job.guard)(&desired.project) {
        Ok(lock) => lock,
        Err(why) => {
            tracing::warn!("{why}");
            let mains = approved.plan().steps.iter().map(|step| step.id.main());
            report.failed.extend(mains);
            return Ok(());
        }
    };
    for step in &approved.plan().steps {
        let changes: Vec<String> = step
            .changes
            .iter()
            .map(|change| change.path.to_string())
            .collect();
        // A field that says nothing is left out of the line.
        let changes = (!changes.is_empty()).then(|| changes.join(" "));
        let reason = (!step.reason.is_empty()).then_some(step.reason.as_str());
        tracing::info!(step = %step.id, action = step.action.word(), changes, reason, "planned");
    }
    let outcome = apply(engine, &approved, &job.limits, job.stop, &tell).await;
    learn(&outcome, report);
    match what_came_back(engine, desired, &options, approved.plan(), &outcome).await {
        Ok(back) => returned(&back, &approved.plan().secrets, report),
        Err(error) => tracing::debug!(%error, "cannot look at what was applied"),
    }
    Ok(())
}

fn tell(happening: Happening<'_>) {
    match happening {
        Happening::Begun(step) => {
            tracing::debug!(step = %step.id, action = step.action.word(), "begun");
        }
        Happening::At { step, text, .. } => tracing::debug!(step = %step.id, "{text}"),
        Happening::Ended(step, verdict) => ended(&step.id.to_string(), verdict),
        Happening::EngineAway(why) => tracing::warn!("the engine went away: {why}"),
        Happening::EngineBack => tracing::info!("the engine is back"),
    }
}

fn ended(step: &str, verdict: &Verdict) {
    let action = verdict.action.word();
    let seconds = verdict.took.as_secs_f64();
    match &verdict.trouble {
        None => tracing::info!(step, action, seconds, "done"),
        Some(Trouble::Failed(fault)) => trouble(step, action, "failed", fault),
        Some(Trouble::RolledBack(fault)) => trouble(step, action, "rolled back", fault),
        Some(Trouble::Paused(fault)) => trouble(step, action, "left as it is", fault),
        Some(Trouble::Continued(fault)) => {
            trouble(step, action, "kept although it did not come up", fault);
        }
        Some(Trouble::NotTried { because }) => tracing::warn!(step, action, %because, "not tried"),
        Some(Trouble::Stopped) => tracing::info!(step, action, "not tried: the service ends"),
    }
}

fn trouble(step: &str, action: &str, how: &str, fault: &Fault) {
    let log = (!fault.log.is_empty()).then(|| fault.log.join("\n"));
    let hint = (!fault.hint.is_empty()).then_some(fault.hint.as_str());
    tracing::error!(step, action, log, hint, "{how}: {}", fault.text);
}

/// What the state machine has to know of an outcome.
fn learn(outcome: &Outcome, report: &mut Report) {
    for verdict in &outcome.verdicts {
        let main = verdict.id.main();
        match &verdict.trouble {
            None => {
                report.done.insert(main);
            }
            Some(Trouble::Failed(_)) => {
                report.failed.insert(main);
            }
            Some(Trouble::RolledBack(_) | Trouble::Paused(_) | Trouble::Continued(_)) => {
                report.rolled_back.insert(main);
            }
            Some(Trouble::NotTried { .. } | Trouble::Stopped) => {}
        }
    }
    let failed =
        |id: &crate::plan::StepId| report.failed.contains(id) || report.rolled_back.contains(id);
    report.done.retain(|id| !failed(id));
}

/// What the state machine has to know of what came straight back. A process that ended by itself is started again, but not
/// at once each time: its start counts as one that failed.
fn returned(back: &[CameBack], secrets: &Secrets, report: &mut Report) {
    for back in back {
        if back.is_doing() {
            report.done.remove(&back.id);
            report.failed.insert(back.id.clone());
        } else {
            let text = came_back(back, secrets);
            report.came_back.insert(back.difference(), text);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{
        collections::BTreeMap,
        fs,
        path::{Path, PathBuf},
    };

    use super::{complain, other_project};
    use crate::spec::{Failure, Inputs, parse};

    fn failure(file: &Path) -> Failure {
        let files: [PathBuf; 1] = [file.to_owned()];
        *parse(&Inputs {
            files: &files,
            env_files: &[],
            variables: &BTreeMap::new(),
            base: Path::new("/"),
            profiles: &[],
            read: &|path: &Path| fs::read(path),
        })
        .expect_err("it is not sound")
    }

    #[test]
    fn a_file_that_is_not_there_is_missing_and_not_wrong() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("evenkeel.yaml");
        let name = file.display();
        let missing = complain(&failure(&file), [0; 32], false);
        assert!(missing.missing);
        assert_eq!(
            missing.lines,
            [format!("there is no file {name} yet; waiting for it")]
        );
        let gone = complain(&failure(&file), [0; 32], true);
        assert!(gone.lines[0].ends_with("any more: the last sound one is kept until it is back"));
        fs::write(&file, "project: shop\ncontainers: { web: { imgae: a } }\n").expect("write");
        let wrong = complain(&failure(&file), [0; 32], false);
        assert!(
            !wrong.missing && wrong.lines[0].contains("imgae"),
            "{wrong:?}"
        );
    }

    #[test]
    fn the_same_content_has_the_same_complaint_and_another_one_has_another() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("evenkeel.yaml");
        fs::write(&file, "project: [").expect("write");
        let first = complain(&failure(&file), [1; 32], true);
        assert_eq!(first, complain(&failure(&file), [1; 32], true));
        assert_ne!(first, complain(&failure(&file), [2; 32], true));
    }

    #[test]
    fn containers_of_another_project_are_not_forgotten_silently() {
        assert_eq!(other_project(None, "shop"), None);
        assert_eq!(other_project(Some("shop"), "shop"), None);
        let warning = other_project(Some("shop"), "store").expect("a warning");
        assert!(warning.contains("the containers of the project shop stay"));
    }
}
