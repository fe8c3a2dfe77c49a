//! A plan as text, in Terraform's words.

use std::fmt;

use super::{
    came_back::held,
    change_text::write_changes,
    look::{Look, Tone},
    values::{count, escape, help, width, wrap, wrap_from},
};
use crate::plan::{Action, Foreseen, Plan, Step, Weight, Work};

/// What a plan's text says beside the plan.
#[derive(Debug, Clone, Copy)]
pub struct Heading<'a> {
    /// The file's name, without its folders.
    pub file: &'a str,
    /// Whether the project is named, because there are several.
    pub project: bool,
}

/// Writes a plan.
pub fn plan_text(
    out: &mut dyn fmt::Write,
    plan: &Plan,
    heading: Heading<'_>,
    look: Look,
) -> fmt::Result {
    if heading.project {
        let project = format!("Project {} ({})", plan.project, heading.file);
        writeln!(out, "{}", look.paint(Tone::Strong, escape(&project)))?;
    }
    for step in &plan.steps {
        write_step(out, step, plan, look)?;
    }
    if !plan.steps.is_empty() {
        writeln!(out)?;
    }
    write_problems(out, plan, look)?;
    if plan.is_empty() && !plan.has_errors() {
        return writeln!(
            out,
            "No changes. The engine matches {}.",
            escape(heading.file)
        );
    }
    if plan.has_errors() {
        writeln!(out, "Nothing is planned for what has an error.")?;
    }
    writeln!(
        out,
        "{} {}.",
        look.paint(Tone::Strong, "Plan:"),
        summary(plan)
    )
}

/// The numbers of a plan's last line: those that Terraform's readers look for always, the others where there are any.
#[must_use]
pub fn summary(plan: &Plan) -> String {
    let parts: Vec<String> = plan
        .summary()
        .into_iter()
        .filter(|(action, number)| {
            let always = match action {
                Action::Pull
                | Action::Create
                | Action::Update
                | Action::Recreate
                | Action::Remove => true,
                Action::Build | Action::Start | Action::Stop => false,
            };
            always || *number > 0
        })
        .map(|(action, number)| format!("{number} to {}", action.word()))
        .collect();
    parts.join(", ")
}

/// A step's sign.
#[must_use]
pub fn sign(action: Action) -> &'static str {
    match action {
        Action::Pull | Action::Build => "<=",
        Action::Create => "+",
        Action::Update | Action::Start | Action::Stop => "~",
        Action::Recreate => "-/+",
        Action::Remove => "-",
    }
}

/// The colour of what a step does.
#[must_use]
pub fn tone(action: Action) -> Tone {
    match action {
        Action::Pull | Action::Build | Action::Create => Tone::Add,
        Action::Update | Action::Start | Action::Stop => Tone::Change,
        Action::Recreate => Tone::Replace,
        Action::Remove => Tone::Remove,
    }
}

fn write_step(out: &mut dyn fmt::Write, step: &Step, plan: &Plan, look: Look) -> fmt::Result {
    let tone = tone(step.action);
    let title = format!(
        "{} {} {}",
        step.action.word(),
        step.kind.word(),
        escape(&step.name)
    );
    let mut head = format!(
        "{} {}",
        look.paint(tone, format_args!("{:>3}", sign(step.action))),
        look.paint(Tone::Strong, &title)
    );
    let mut used = 4 + width(&title);
    let mut add = |text: &str, tone: Option<Tone>| {
        used += width(text);
        match tone {
            Some(tone) => head.push_str(&look.paint(tone, text).to_string()),
            None => head.push_str(text),
        }
    };
    if let Some(image) = image_of(step) {
        add(&format!(" from {}", escape(image)), None);
    }
    for (mark, tone, holds) in [
        ("loses data", Tone::Error, step.loses_data),
        ("interrupts service", Tone::Warning, step.interrupts),
    ] {
        if holds {
            add(", ", None);
            add(mark, Some(tone));
        }
    }
    // That something is made says already that it does not exist.
    if step.reason.is_empty() || step.action == Action::Create {
        writeln!(out, "{head}")?;
    } else {
        add(":", None);
        let reason = plan.secrets.hide(&step.reason);
        let lines = wrap_from(used, &escape(&reason), look.width, 4);
        writeln!(out, "{head}{}", lines.join("\n"))?;
    }
    write_changes(out, &step.changes, &plan.secrets, look)
}

/// The image that a container is made from, where its changes do not say it.
#[must_use]
pub fn image_of(step: &Step) -> Option<&str> {
    match &step.work {
        Work::Create(creation) => creation.body.get("Image")?.as_str(),
        _ => None,
    }
}

fn write_problems(out: &mut dyn fmt::Write, plan: &Plan, look: Look) -> fmt::Result {
    let problems: Vec<Foreseen> = problems(plan);
    for problem in &problems {
        let (word, tone) = match problem.weight {
            Weight::Error => ("error", Tone::Error),
            Weight::Warning => ("warning", Tone::Warning),
        };
        let about = if problem.name.is_empty() {
            String::new()
        } else {
            format!("{}: ", problem.name)
        };
        let text = format!("{word}: {about}{}", problem.text);
        let text = plan.secrets.hide(&text);
        for line in wrap(&escape(&text), look.width, 2) {
            match line.strip_prefix(word).filter(|rest| rest.starts_with(':')) {
                Some(rest) => writeln!(out, "{}{rest}", look.paint(tone, word))?,
                None => writeln!(out, "{line}")?,
            }
        }
        if let Some((file, line, column)) = &problem.place {
            let place = format!("{file}:{line}:{column}");
            writeln!(out, "  {} {}", look.paint(Tone::Dim, "-->"), escape(&place))?;
        }
        if !problem.hint.is_empty() {
            let hint = plan.secrets.hide(&problem.hint);
            for line in help(&hint, look.width) {
                writeln!(out, "{line}")?;
            }
        }
    }
    if !problems.is_empty() {
        writeln!(out)?;
    }
    Ok(())
}

/// What can be foreseen, and what is held: errors first.
#[must_use]
pub fn problems(plan: &Plan) -> Vec<Foreseen> {
    let held = plan.held.iter().map(|back| held(back, &plan.secrets));
    plan.problems.iter().cloned().chain(held).collect()
}

/// `2 errors and 1 warning`, for sentences; empty if there are none.
#[must_use]
pub fn weighed(errors: usize, warnings: usize) -> String {
    let part = |number: usize, noun: &str| (number > 0).then(|| count(number, noun));
    [part(errors, "error"), part(warnings, "warning")]
        .into_iter()
        .flatten()
        .collect::<Vec<_>>()
        .join(" and ")
}

#[cfg(test)]
mod tests {
    use super::{Heading, plan_text};
    use crate::{
        plan::Plan,
        report::{
            Look,
            samples::{busy, empty, stuck, tall},
        },
    };

    fn text(plan: &Plan, look: Look) -> String {
        let heading = Heading {
            file: "evenkeel.yaml",
            project: false,
        };
        let mut text = String::new();
        plan_text(&mut text, plan, heading, look).expect("a String takes all");
        text
    }

    #[test]
    fn a_plan_reads_as_terraforms() {
        let text = text(&busy(), Look::PLAIN);
        assert_eq!(
            text,
            r#" <= pull image docker.io/library/nginx:1.27: is not on the engine
  + create container db
  ~ update container cache
      ~ memory:  64 MiB → 128 MiB   # drift
      ~ restart: "no" → "always"    # file
-/+ recreate container web, interrupts service
      ~ image:     "nginx:1.25" → (known after pull)   # forces recreate, file
      ~ env.COLOR: "red" → "blue"                      # forces recreate, file
      ~ env.TOKEN: (sensitive) → (sensitive)           # forces recreate, file
      - env.OLD:   "to (sensitive)"                   # forces recreate, removed
      + ports[8080:80/tcp]                             # forces recreate, file
      ~ command:   # forces recreate, file
          - … off;", "-c", "/etc/nginx/a-rather-long-name-of-a-file.conf", "-q"]
          + … off;", "-c", "/etc/nginx/a-rather-long-name-of-a-file.conf", "-t"]
  - remove container old, interrupts service: is not in evenkeel.yaml any more
  - remove volume shop_old-data, loses data: its removal was asked for

warning: cache: the host cannot enforce memswap_limit

Plan: 1 to pull, 1 to create, 1 to update, 1 to recreate, 2 to remove.
"#
        );
        assert!(
            text.lines()
                .all(|line| super::super::values::width(line) <= 80)
        );
    }

    #[test]
    fn a_plan_that_is_stuck_says_what_to_do() {
        assert_eq!(
            text(&stuck(), Look::PLAIN),
            "\
error: web: the host port 8080/tcp is published by the container proxy already
  --> evenkeel.yaml:31:9
  help: publish another port, or stop proxy; docker ps --filter publish=8080
    shows who has it
warning: db: shm_size is 64 and not 65 right after it was applied, and is left
  alone now
  help: most likely evenkeel misreads the engine: report it with both values,
    and add shm_size to ignore_changes until it is mended

Nothing is planned for what has an error.
Plan: 0 to pull, 0 to create, 0 to update, 0 to recreate, 0 to remove.
"
        );
    }

    #[test]
    fn texts_of_several_lines_are_compared_by_lines() {
        assert_eq!(
            text(&tall(), Look::PLAIN),
            r#"-/+ recreate container web
      ~ labels[a.script]:   # forces recreate, file
            line 3
            line 4
          - old
          + new
            line 6
            line 7
      ~ labels.tier: "back" → "front"   # forces recreate, drift

Plan: 0 to pull, 0 to create, 0 to update, 1 to recreate, 0 to remove.
"#
        );
    }

    #[test]
    fn nothing_to_do_is_one_line() {
        assert_eq!(
            text(&empty(), Look::PLAIN),
            "No changes. The engine matches evenkeel.yaml.\n"
        );
    }

    #[test]
    fn colours_change_no_letter() {
        let coloured = text(
            &busy(),
            Look {
                colour: true,
                ..Look::PLAIN
            },
        );
        assert!(coloured.contains("\u{1b}["));
        assert_eq!(
            anstream::adapter::strip_str(&coloured).to_string(),
            text(&busy(), Look::PLAIN)
        );
    }
}
