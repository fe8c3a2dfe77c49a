//! What happens while a plan is carried out, as lines: for pipes, logs, and everything else that is no terminal.

use std::{collections::BTreeMap, time::Duration};

use super::{
    outcome::{achievement, called, doing},
    values::escape,
};
use crate::{
    apply::{Happening, Trouble, Verdict},
    plan::{Step, StepId},
};

/// Turns happenings into lines, each thing once.
#[derive(Debug, Default)]
pub struct Progress {
    last: BTreeMap<StepId, String>,
}

impl Progress {
    /// The line of a happening, if it is worth one.
    pub fn line(&mut self, happening: &Happening<'_>) -> Option<String> {
        match happening {
            Happening::Begun(step) => Some(begun(step)),
            // How far a download got is for bars: a log would be full of it.
            Happening::At { bytes: Some(_), .. } => None,
            Happening::At {
                step,
                text,
                bytes: None,
            } => {
                let before = self.last.insert(step.id.clone(), text.clone());
                (before.as_ref() != Some(text))
                    .then(|| format!("{}: {}", called(step.kind, &step.name), escape(text)))
            }
            Happening::Ended(step, verdict) => {
                self.last.remove(&step.id);
                ended(verdict)
            }
            Happening::EngineAway(cause) => Some(format!(
                "the engine went away ({}); waiting for it",
                escape(cause)
            )),
            Happening::EngineBack => Some("the engine is back".to_owned()),
        }
    }
}

/// `web: creating`.
#[must_use]
pub fn begun(step: &Step) -> String {
    format!("{}: {}", called(step.kind, &step.name), doing(step.action))
}

/// `web: created (0.3 s)`; nothing for what was not tried, which the summary tells.
#[must_use]
pub fn ended(verdict: &Verdict) -> Option<String> {
    let name = called(verdict.kind, &verdict.name);
    let took = seconds(verdict.took);
    Some(match &verdict.trouble {
        None => format!("{name}: {} ({took})", achievement(verdict)),
        Some(Trouble::Failed(_)) => format!("{name}: failed ({took})"),
        Some(Trouble::RolledBack(_)) => format!("{name}: failed, the old one is back ({took})"),
        Some(Trouble::Paused(_)) => format!("{name}: failed, left as it is ({took})"),
        Some(Trouble::Continued(_)) => format!("{name}: did not come up, and stays ({took})"),
        Some(Trouble::NotTried { .. } | Trouble::Stopped) => return None,
    })
}

/// A time that was measured, as short as it is useful: `0.3 s`, `12 s`, `2 min 5 s`.
#[must_use]
pub fn seconds(took: Duration) -> String {
    let whole = took.as_secs();
    match whole {
        0..10 => format!("{:.1} s", took.as_secs_f64()),
        10..60 => format!("{whole} s"),
        _ => format!("{} min {} s", whole / 60, whole % 60),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Progress, seconds};
    use crate::{
        apply::{Happening, Verdict},
        plan::{Action, Kind},
        report::samples::step,
    };

    #[test]
    fn each_thing_is_told_once_and_downloads_are_not() {
        let step = step(Action::Create, Kind::Container, "web");
        let at = |text: &str, bytes| Happening::At {
            step: &step,
            text: text.into(),
            bytes,
        };
        let verdict = Verdict {
            id: step.id.clone(),
            action: step.action,
            kind: step.kind,
            name: step.name.clone(),
            completes: false,
            trouble: None,
            took: Duration::from_millis(310),
        };
        let mut progress = Progress::default();
        let lines: Vec<String> = [
            Happening::Begun(&step),
            at("waiting until db is healthy", None),
            at("waiting until db is healthy", None),
            at("Downloading", Some((1, 2))),
            Happening::Ended(&step, &verdict),
        ]
        .iter()
        .filter_map(|happening| progress.line(happening))
        .collect();
        assert_eq!(
            lines,
            [
                "web: creating",
                "web: waiting until db is healthy",
                "web: created (0.3 s)"
            ]
        );
        let job = Verdict {
            completes: true,
            ..verdict
        };
        let line = progress.line(&Happening::Ended(&step, &job));
        assert_eq!(line.as_deref(), Some("web: completed (0.3 s)"));
    }

    #[test]
    fn times_are_as_short_as_they_are_useful() {
        assert_eq!(seconds(Duration::from_millis(49)), "0.0 s");
        assert_eq!(seconds(Duration::from_secs(12)), "12 s");
        assert_eq!(seconds(Duration::from_secs(125)), "2 min 5 s");
    }
}
