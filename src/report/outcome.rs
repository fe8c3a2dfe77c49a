//! What became of a plan, for people and for programs.

use std::{collections::BTreeMap, fmt};

use serde_json::{Value, json};

use super::{
    look::{Look, Tone},
    plan_json::FORMAT_VERSION,
    values::{cut, escape, help, wrap},
};
use crate::{
    apply::{Failure, Outcome, Reached, Trouble, Verdict},
    plan::{Action, Foreseen, Kind, Plan, Weight},
};

/// Writes what was done, what failed and why, what was not tried, and a last line.
///
/// What the plan left out because of an error was told before everything was done, and is told again after the last line.
pub fn outcome_text(
    out: &mut dyn fmt::Write,
    plan: &Plan,
    outcome: &Outcome,
    look: Look,
) -> fmt::Result {
    for verdict in &outcome.verdicts {
        if let Some(trouble) = &verdict.trouble {
            write_trouble(out, verdict, trouble, outcome, look)?;
        }
    }
    for warning in &outcome.warnings {
        write_wrapped(out, look, Tone::Warning, "warning", &format!(": {warning}"))?;
    }
    last_line(out, outcome, look)?;
    for problem in not_planned(plan) {
        let text = plan
            .secrets
            .hide(&format!(" {}: {}", problem.name, problem.text));
        write_wrapped(out, look, Tone::Warning, "not tried:", &text)?;
    }
    Ok(())
}

/// What stood in the way of planning.
fn not_planned(plan: &Plan) -> impl Iterator<Item = &Foreseen> {
    let problems = plan.problems.iter();
    problems.filter(|problem| problem.weight == Weight::Error)
}

/// How a thing is called in sentences: a container by its name alone, because most are.
#[must_use]
pub fn called(kind: Kind, name: &str) -> String {
    match kind {
        Kind::Container => escape(name).into_owned(),
        Kind::Image | Kind::Network | Kind::Volume => format!("{} {}", kind.word(), escape(name)),
    }
}

/// What an action is called once it is done.
#[must_use]
pub fn done(action: Action) -> &'static str {
    match action {
        Action::Pull => "pulled",
        Action::Build => "built",
        Action::Create => "created",
        Action::Update => "updated",
        Action::Recreate => "recreated",
        Action::Start => "started",
        Action::Stop => "stopped",
        Action::Remove => "removed",
    }
}

/// What a step that was done is called: one whose container has ended is not only created.
#[must_use]
pub fn achievement(verdict: &Verdict) -> &'static str {
    if verdict.completes {
        COMPLETED
    } else {
        done(verdict.action)
    }
}

/// What is said of a container that has done its work.
const COMPLETED: &str = "completed";

/// What an action is called while it is done.
#[must_use]
pub fn doing(action: Action) -> &'static str {
    match action {
        Action::Pull => "pulling",
        Action::Build => "building",
        Action::Create => "creating",
        Action::Update => "updating",
        Action::Recreate => "recreating",
        Action::Start => "starting",
        Action::Stop => "stopping",
        Action::Remove => "removing",
    }
}

fn write_trouble(
    out: &mut dyn fmt::Write,
    verdict: &Verdict,
    trouble: &Trouble,
    outcome: &Outcome,
    look: Look,
) -> fmt::Result {
    let name = called(verdict.kind, &verdict.name);
    let done = done(verdict.action);
    let (text, failure) = match trouble {
        Trouble::Failed(failure) => {
            let text = match failure.reached {
                Reached::Created if verdict.action == Action::Create => {
                    "was created, but not started".to_owned()
                }
                Reached::Started | Reached::Unhooked if verdict.action == Action::Create => {
                    "was created, but did not come up".to_owned()
                }
                // What runs already is only waited for, whatever else is changed of it.
                _ if verdict.completes && verdict.action == Action::Update => {
                    format!("was not {COMPLETED}")
                }
                Reached::Nothing | Reached::Created | Reached::Started | Reached::Unhooked => {
                    format!("was not {done}")
                }
            };
            (text, failure)
        }
        Trouble::RolledBack(failure) => {
            (format!("was not {done}, and the old one is back"), failure)
        }
        Trouble::Paused(failure) => (
            format!("was {done} and did not come up; both are left as they are"),
            failure,
        ),
        Trouble::Continued(failure) => (
            format!("was {done} and did not come up; it stays all the same"),
            failure,
        ),
        Trouble::NotTried { because } => {
            let cause = outcome.verdicts.iter().find(|other| other.id == *because);
            let cause = cause.map_or_else(
                || because.to_string(),
                |other| called(other.kind, &other.name),
            );
            let text = format!(" {name} was not {done}, because {cause} comes first");
            return write_wrapped(out, look, Tone::Warning, "not tried:", &text);
        }
        Trouble::Stopped => {
            let text = format!(" {name} was not {done}, because the apply was stopped");
            return write_wrapped(out, look, Tone::Warning, "not tried:", &text);
        }
    };
    let text = format!(" {name} {text}: {}", failure.text);
    write_wrapped(out, look, Tone::Error, "failed:", &text)?;
    write_failure(out, failure, look)
}

fn write_failure(out: &mut dyn fmt::Write, failure: &Failure, look: Look) -> fmt::Result {
    if !failure.hint.is_empty() {
        for line in help(&failure.hint, look.width) {
            writeln!(out, "{line}")?;
        }
    }
    if !failure.log.is_empty() {
        writeln!(out, "  its last lines:")?;
    }
    for line in &failure.log {
        let line = escape(line.trim_end()).into_owned();
        let line = cut(&line, look.width.saturating_sub(6));
        writeln!(out, "    {} {line}", look.paint(Tone::Dim, "|"))?;
    }
    Ok(())
}

/// A word with a colour and a text behind it; the lines after the first are indented.
fn write_wrapped(
    out: &mut dyn fmt::Write,
    look: Look,
    tone: Tone,
    word: &str,
    text: &str,
) -> fmt::Result {
    let text = format!("{word}{text}");
    for (at, line) in wrap(&escape(&text), look.width, 2).iter().enumerate() {
        match line.strip_prefix(word).filter(|_| at == 0) {
            Some(rest) => writeln!(out, "{}{rest}", look.paint(tone, word))?,
            None => writeln!(out, "{line}")?,
        }
    }
    Ok(())
}

/// `2 created, 1 recreated`; empty if nothing was done.
fn achieved(outcome: &Outcome) -> String {
    let mut numbers: BTreeMap<&str, usize> = BTreeMap::new();
    for verdict in &outcome.verdicts {
        if verdict.trouble.is_none() {
            *numbers.entry(achievement(verdict)).or_default() += 1;
        }
    }
    let words = Action::ALL.into_iter().map(done).chain([COMPLETED]);
    let parts: Vec<String> = words
        .filter_map(|word| Some(format!("{} {word}", numbers.get(word)?)))
        .collect();
    parts.join(", ")
}

fn last_line(out: &mut dyn fmt::Write, outcome: &Outcome, look: Look) -> fmt::Result {
    let achieved = achieved(outcome);
    if outcome.is_complete() {
        let achieved = if achieved.is_empty() {
            "nothing was to be done"
        } else {
            &achieved
        };
        return writeln!(out, "{} {achieved}.", look.paint(Tone::Strong, "Applied:"));
    }
    let not_tried = outcome
        .verdicts
        .iter()
        .filter(|verdict| {
            matches!(
                verdict.trouble,
                Some(Trouble::NotTried { .. } | Trouble::Stopped)
            )
        })
        .count();
    let failed = outcome
        .verdicts
        .iter()
        .filter(|verdict| verdict.trouble.is_some())
        .count()
        - not_tried;
    let mut parts = Vec::new();
    if failed > 0 {
        parts.push(format!("{failed} failed"));
    }
    if not_tried > 0 {
        parts.push(format!("{not_tried} not tried"));
    }
    if !achieved.is_empty() {
        parts.push(achieved);
    }
    let word = if failed > 0 { "Failed:" } else { "Stopped:" };
    writeln!(
        out,
        "{} {}.",
        look.paint(Tone::Error, word),
        parts.join(", ")
    )
}

/// What became of a plan, as JSON.
#[must_use]
pub fn outcome_json(plan: &Plan, outcome: &Outcome) -> Value {
    let mut summary: BTreeMap<&str, usize> = Action::ALL
        .into_iter()
        .map(|action| (done(action), 0))
        .collect();
    for verdict in outcome.verdicts.iter().filter(|v| v.trouble.is_none()) {
        *summary.entry(done(verdict.action)).or_default() += 1;
    }
    let steps: Vec<Value> = outcome.verdicts.iter().map(verdict_json).collect();
    json!({
        "format_version": FORMAT_VERSION,
        "project": plan.project,
        "complete": outcome.is_complete() && !plan.has_errors(),
        "summary": summary,
        "steps": steps,
        "not_planned": not_planned(plan).map(|problem| json!({
            "kind": problem.code,
            "name": problem.name,
            "text": plan.secrets.hide(&problem.text),
            "hint": plan.secrets.hide(&problem.hint),
        })).collect::<Vec<_>>(),
        "warnings": outcome.warnings,
    })
}

fn verdict_json(verdict: &Verdict) -> Value {
    let (result, failure, because) = match &verdict.trouble {
        None => ("done", None, None),
        Some(Trouble::Failed(failure)) => ("failed", Some(failure), None),
        Some(Trouble::RolledBack(failure)) => ("rolled-back", Some(failure), None),
        Some(Trouble::Paused(failure)) => ("paused", Some(failure), None),
        Some(Trouble::Continued(failure)) => ("continued", Some(failure), None),
        Some(Trouble::NotTried { because }) => ("not-tried", None, Some(because.to_string())),
        Some(Trouble::Stopped) => ("stopped", None, None),
    };
    json!({
        "id": verdict.id.to_string(),
        "action": verdict.action.word(),
        "kind": verdict.kind.word(),
        "name": verdict.name,
        "result": result,
        "text": failure.map(|failure| failure.text.as_str()),
        "hint": failure.map(|failure| failure.hint.as_str()).filter(|hint| !hint.is_empty()),
        "log": failure.map(|failure| failure.log.as_slice()).unwrap_or_default(),
        "because": because,
        "seconds": verdict.took.as_secs_f64(),
    })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{outcome_json, outcome_text};
    use crate::{
        apply::{Failure, Outcome, Reached, Trouble, Verdict},
        plan::{Action, Foreseen, Kind, Plan, StepId, Weight},
        report::Look,
    };

    fn verdict(action: Action, name: &str, trouble: Option<Trouble>) -> Verdict {
        Verdict {
            id: StepId::new(Kind::Container, name),
            action,
            kind: Kind::Container,
            name: name.to_owned(),
            completes: false,
            trouble,
            took: Duration::from_millis(300),
        }
    }

    fn text(outcome: &Outcome) -> String {
        let mut text = String::new();
        outcome_text(&mut text, &Plan::default(), outcome, Look::PLAIN)
            .expect("a String takes all");
        text
    }

    #[test]
    fn an_apply_that_did_everything_ends_with_what_it_did() {
        let outcome = Outcome {
            verdicts: vec![
                verdict(Action::Recreate, "web", None),
                verdict(Action::Create, "db", None),
                verdict(Action::Create, "app", None),
                Verdict {
                    completes: true,
                    ..verdict(Action::Create, "migrate", None)
                },
            ],
            warnings: vec!["the host cannot enforce memswap_limit".into()],
        };
        assert_eq!(
            text(&outcome),
            "warning: the host cannot enforce memswap_limit\nApplied: 2 created, 1 recreated, 1 completed.\n"
        );
    }

    #[test]
    fn a_failure_says_why_what_now_and_what_the_container_said() {
        let failure = Failure {
            text: "the new container ended with exit code 1 within 2 s of its start".into(),
            hint: "look at its last lines".into(),
            log: vec!["nginx: [emerg] unknown directive \u{1b}[1m\"lisen\"".into()],
            ..Failure::default()
        };
        let outcome = Outcome {
            verdicts: vec![
                verdict(Action::Create, "db", None),
                verdict(Action::Recreate, "web", Some(Trouble::RolledBack(failure))),
                verdict(
                    Action::Create,
                    "proxy",
                    Some(Trouble::NotTried {
                        because: StepId::new(Kind::Container, "web"),
                    }),
                ),
            ],
            warnings: Vec::new(),
        };
        assert_eq!(
            text(&outcome),
            r#"failed: web was not recreated, and the old one is back: the new container ended
  with exit code 1 within 2 s of its start
  help: look at its last lines
  its last lines:
    | nginx: [emerg] unknown directive \u{1b}[1m"lisen"
not tried: proxy was not created, because web comes first
Failed: 1 failed, 1 not tried, 1 created.
"#
        );
        let json = outcome_json(&Plan::default(), &outcome);
        assert_eq!(json.pointer("/complete"), Some(&false.into()));
        assert_eq!(json.pointer("/summary/created"), Some(&1.into()));
        assert_eq!(json.pointer("/steps/1/result"), Some(&"rolled-back".into()));
        assert_eq!(
            json.pointer("/steps/2/because"),
            Some(&"container.web".into())
        );
    }

    #[test]
    fn a_container_that_was_made_and_could_not_be_started_was_created() {
        let told = |reached: Reached| {
            let failure = Failure {
                text: "cannot start web".into(),
                reached,
                ..Failure::default()
            };
            let failed = verdict(Action::Create, "web", Some(Trouble::Failed(failure)));
            let outcome = Outcome {
                verdicts: vec![failed],
                warnings: Vec::new(),
            };
            text(&outcome).lines().next().map(str::to_owned)
        };
        let line = |text: &str| Some(format!("failed: web was {text}: cannot start web"));
        assert_eq!(told(Reached::Nothing), line("not created"));
        assert_eq!(told(Reached::Created), line("created, but not started"));
        assert_eq!(told(Reached::Started), line("created, but did not come up"));
    }

    #[test]
    fn what_was_not_planned_is_told_again_in_the_end() {
        let problem = |weight, name: &str| Foreseen {
            weight,
            code: "name-taken",
            name: name.to_owned(),
            text: "a container of this name exists".into(),
            hint: "rename it".into(),
            place: None,
        };
        let plan = Plan {
            problems: vec![
                problem(Weight::Error, "web"),
                problem(Weight::Warning, "db"),
            ],
            ..Plan::default()
        };
        let outcome = Outcome {
            verdicts: vec![verdict(Action::Create, "app", None)],
            warnings: Vec::new(),
        };
        let mut text = String::new();
        outcome_text(&mut text, &plan, &outcome, Look::PLAIN).expect("a String takes all");
        assert_eq!(
            text,
            "Applied: 1 created.\nnot tried: web: a container of this name exists\n"
        );
        let json = outcome_json(&plan, &outcome);
        assert_eq!(json.pointer("/complete"), Some(&false.into()));
        assert_eq!(json.pointer("/not_planned/0/name"), Some(&"web".into()));
        assert_eq!(json.pointer("/not_planned/1"), None);
    }

    #[test]
    fn a_stopped_apply_failed_at_nothing() {
        let outcome = Outcome {
            verdicts: vec![verdict(Action::Create, "db", Some(Trouble::Stopped))],
            warnings: Vec::new(),
        };
        assert!(text(&outcome).ends_with("Stopped: 1 not tried.\n"));
    }
}
