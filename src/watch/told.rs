//! What was said of problems that can be foreseen: said when they come, when they go, and at each full look, and not at
//! every one of the many looks in between.

use std::time::Duration;

use crate::plan::{Foreseen, Weight};

/// What was said last.
#[derive(Debug, Clone, Default)]
pub(super) struct Told {
    problems: Vec<Foreseen>,
    /// When all of it was said last.
    at: Duration,
    /// Whether all of it is said once more.
    again: bool,
}

impl Told {
    /// Says all of it once more at the next look.
    pub(super) fn repeat(&mut self) {
        self.again = true;
    }

    /// The same, if that is a full look's interval ago.
    pub(super) fn repeat_after(&mut self, interval: Duration, now: Duration) {
        self.again |= now.saturating_sub(self.at) >= interval;
    }

    /// Notes what was said now.
    pub(super) fn said(&mut self, problems: Vec<Foreseen>, now: Duration) {
        self.problems = problems;
        if self.again {
            self.at = now;
        }
        self.again = false;
    }

    /// Says what there is to say of the problems that there are now.
    pub(super) fn say(&self, now: &[Foreseen]) {
        for Foreseen {
            weight,
            name,
            text,
            hint,
            ..
        } in self.fresh(now)
        {
            match weight {
                Weight::Error => tracing::error!(name, "{text}; {hint}"),
                Weight::Warning => tracing::warn!(name, "{text}; {hint}"),
            }
        }
        for Foreseen { name, text, .. } in self.gone(now) {
            tracing::info!(name, "mended: {text}");
        }
    }

    fn fresh<'a>(&'a self, now: &'a [Foreseen]) -> impl Iterator<Item = &'a Foreseen> {
        now.iter()
            .filter(|problem| self.again || !self.problems.contains(problem))
    }

    /// One that is said in other words now is not gone.
    fn gone<'a>(&'a self, now: &'a [Foreseen]) -> impl Iterator<Item = &'a Foreseen> {
        let same =
            |one: &Foreseen, other: &Foreseen| one.code == other.code && one.name == other.name;
        let stays = move |was: &Foreseen| now.iter().any(|problem| same(was, problem));
        self.problems.iter().filter(move |was| !stays(was))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::Told;
    use crate::plan::{Foreseen, Weight};

    fn problem(name: &str, text: &str) -> Foreseen {
        Foreseen {
            weight: Weight::Error,
            code: "name-taken",
            name: name.to_owned(),
            text: text.to_owned(),
            hint: "rename it".to_owned(),
            place: None,
        }
    }

    /// The names of what is said as new, and as gone.
    fn said(told: &Told, now: &[Foreseen]) -> (Vec<String>, Vec<String>) {
        let names = |problem: &Foreseen| problem.name.clone();
        (
            told.fresh(now).map(names).collect(),
            told.gone(now).map(names).collect(),
        )
    }

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn a_problem_is_said_when_it_comes_when_it_changes_and_when_it_goes() {
        let mut told = Told::default();
        let (web, db) = (problem("web", "is taken"), problem("db", "is taken"));
        let now = [web.clone(), db.clone()];
        assert_eq!(said(&told, &now), (names(&["web", "db"]), names(&[])));
        told.said(now.to_vec(), Duration::from_secs(1));
        assert_eq!(said(&told, &now), (names(&[]), names(&[])));
        let changed = problem("web", "is taken by another project");
        let then = [changed];
        assert_eq!(said(&told, &then), (names(&["web"]), names(&["db"])));
        told.said(then.to_vec(), Duration::from_secs(2));
        assert_eq!(said(&told, &[]), (names(&[]), names(&["web"])));
    }

    #[test]
    fn what_stays_is_said_once_in_each_interval() {
        let mut told = Told::default();
        let now = [problem("web", "is taken")];
        told.said(now.to_vec(), Duration::ZERO);
        let interval = Duration::from_mins(5);
        let mut times = Vec::new();
        for seconds in (1..=900).step_by(7) {
            let at = Duration::from_secs(seconds);
            told.repeat_after(interval, at);
            if !said(&told, &now).0.is_empty() {
                times.push(seconds);
            }
            told.said(now.to_vec(), at);
        }
        assert_eq!(times, [302, 603]);
        told.repeat();
        assert_eq!(said(&told, &now).0, ["web"]);
    }
}
