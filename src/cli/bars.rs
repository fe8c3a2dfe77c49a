//! What happens while a plan is carried out: bars on a terminal, plain lines elsewhere, both on standard error.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::{output, settings::Settings};
use crate::{
    apply::Happening,
    plan::{Step, StepId},
    report::{Progress, begun, called, escape},
};

/// How often a bar's clock and spinner move.
const TICK: Duration = Duration::from_millis(100);

/// A step that is at something.
const SPINNER: &str = "{spinner} {wide_msg} {elapsed:>4}";

/// A step that downloads.
const BYTES: &str = "{spinner} {wide_msg} {bar:20} {binary_bytes}/{binary_total_bytes}";

/// Shows what happens.
#[derive(Debug)]
pub struct Bars {
    shown: Option<MultiProgress>,
    state: Mutex<Shown>,
    quiet: bool,
}

#[derive(Debug, Default)]
struct Shown {
    lines: Progress,
    bars: BTreeMap<StepId, ProgressBar>,
}

impl Bars {
    /// Bars where they can move and no log would run through them; lines elsewhere.
    #[must_use]
    pub fn new(settings: &Settings) -> Self {
        let bars = settings.bars && settings.verbose == 0 && !settings.quiet;
        Self {
            shown: bars
                .then(|| MultiProgress::with_draw_target(ProgressDrawTarget::stderr_with_hz(10))),
            state: Mutex::default(),
            quiet: settings.quiet,
        }
    }

    /// Tells a happening.
    pub fn tell(&self, happening: &Happening<'_>) {
        if self.quiet {
            return;
        }
        let mut state = self.state();
        let line = state.lines.line(happening);
        let Some(all) = &self.shown else {
            if let Some(line) = line {
                output::message(&format!("{line}\n"));
            }
            return;
        };
        match happening {
            Happening::Begun(step) => {
                state.bars.insert(step.id.clone(), bar(all, step));
            }
            Happening::At { step, text, bytes } => {
                if let Some(bar) = state.bars.get(&step.id) {
                    at(bar, step, text, *bytes);
                }
            }
            Happening::Ended(step, _) => {
                if let Some(bar) = state.bars.remove(&step.id) {
                    bar.finish_and_clear();
                    all.remove(&bar);
                }
                print(all, line);
            }
            Happening::EngineAway(_) | Happening::EngineBack => print(all, line),
        }
    }

    /// Says something above the bars, where there are some. For another task.
    pub fn speaker(&self) -> impl Fn(&str) + Send + 'static {
        let shown = self.shown.clone();
        move |text: &str| match &shown {
            // The terminal has written `^C` behind a bar.
            Some(all) => all.suspend(|| output::message(&format!("\n{text}\n"))),
            None => output::message(&format!("{text}\n")),
        }
    }

    /// Takes all bars away, so that what is written next stands alone.
    pub fn clear(&self) {
        for bar in std::mem::take(&mut self.state().bars).into_values() {
            bar.finish_and_clear();
        }
    }

    fn state(&self) -> MutexGuard<'_, Shown> {
        // A panic while something was told must not hide what comes after it.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn print(all: &MultiProgress, line: Option<String>) {
    if let Some(line) = line {
        // Where a terminal cannot be written, nobody can be told.
        let _ = all.println(line);
    }
}

fn bar(all: &MultiProgress, step: &Step) -> ProgressBar {
    let bar = all.add(ProgressBar::new_spinner());
    bar.set_style(style(SPINNER));
    bar.set_message(begun(step));
    bar.enable_steady_tick(TICK);
    bar
}

/// A step that is at something: with a bar of bytes while it downloads.
fn at(bar: &ProgressBar, step: &Step, text: &str, bytes: Option<(u64, u64)>) {
    let name = called(step.kind, &step.name);
    bar.set_message(format!("{name}: {}", escape(text)));
    match bytes {
        Some((done, all)) if all > 0 => {
            if bar.length() != Some(all) {
                bar.set_style(style(BYTES));
                bar.set_length(all);
            }
            bar.set_position(done);
        }
        Some(_) | None if bar.length().is_some() => {
            bar.unset_length();
            bar.set_style(style(SPINNER));
        }
        Some(_) | None => {}
    }
}

/// A template of ours is sound; should one not be, a plain spinner does.
fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_spinner())
}

#[cfg(test)]
mod tests {
    use indicatif::ProgressStyle;

    use super::{BYTES, SPINNER};

    #[test]
    fn the_templates_of_the_bars_are_sound() {
        for template in [SPINNER, BYTES] {
            assert!(ProgressStyle::with_template(template).is_ok(), "{template}");
        }
    }
}
