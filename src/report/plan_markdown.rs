//! A plan as a pull request's comment: a table for the hurried, and the details behind a fold.

use std::{collections::BTreeMap, fmt};

use super::{
    change_text::write_changes,
    look::Look,
    plan_text::{image_of, problems, sign, summary, weighed},
    values::{cut, escape},
};
use crate::{
    model::Way,
    plan::{Cause, Plan, Step, Weight},
};

/// The most rows of the table: a comment of GitHub has at most 65,536 characters.
const ROWS: usize = 200;

/// The most characters of the details, for the same reason.
const DETAILS: usize = 40_000;

/// The longest reason in the table.
const REASON: usize = 160;

/// Details scroll sideways, so they may be wider than a terminal.
const LOOK: Look = Look {
    colour: false,
    width: 120,
};

/// Writes a plan.
pub fn plan_markdown(out: &mut dyn fmt::Write, plan: &Plan, file: &str) -> fmt::Result {
    writeln!(out, "### Plan for `{}`\n", code(&plan.project))?;
    if plan.is_empty() && !plan.has_errors() {
        writeln!(out, "No changes. The engine matches `{}`.", code(file))?;
        if problems(plan).is_empty() {
            return Ok(());
        }
        writeln!(out)?;
        return write_problems(out, plan);
    }
    writeln!(out, "**{}.**\n", summary(plan))?;
    let interrupted: Vec<String> = plan
        .steps
        .iter()
        .filter(|step| step.interrupts)
        .map(|step| format!("`{}`", code(&step.name)))
        .collect();
    if !interrupted.is_empty() {
        writeln!(out, "Interrupts {}.\n", interrupted.join(", "))?;
    }
    let lost: Vec<String> = plan
        .steps
        .iter()
        .filter(|step| step.loses_data)
        .map(|step| format!("`{}`", code(&step.name)))
        .collect();
    if !lost.is_empty() {
        writeln!(out, "**Loses the data of {}.**\n", lost.join(", "))?;
    }
    write_table(out, plan)?;
    write_problems(out, plan)?;
    write_details(out, plan)
}

fn write_table(out: &mut dyn fmt::Write, plan: &Plan) -> fmt::Result {
    if plan.steps.is_empty() {
        return Ok(());
    }
    writeln!(out, "| | what | why |\n|---|---|---|")?;
    for step in plan.steps.iter().take(ROWS) {
        writeln!(
            out,
            "| `{}` | {} {} `{}` | {} |",
            sign(step.action),
            step.action.word(),
            step.kind.word(),
            code(&step.name),
            text(&plan.secrets.hide(&why(step)))
        )?;
    }
    let hidden = plan.steps.len().saturating_sub(ROWS);
    if hidden > 0 {
        writeln!(out, "| | … and {hidden} more | |")?;
    }
    writeln!(out)
}

/// A step's reason, or the fields that differ.
fn why(step: &Step) -> String {
    if !step.reason.is_empty() {
        return step.reason.clone();
    }
    if step.changes.is_empty() {
        return image_of(step).map_or_else(String::new, |image| format!("from {image}"));
    }
    // Beside what forces a recreate, the rest is of no weight.
    let forced = step
        .changes
        .iter()
        .any(|change| change.way == Way::Recreate);
    let mut causes: BTreeMap<Cause, Vec<String>> = BTreeMap::new();
    for change in &step.changes {
        if !forced || change.way == Way::Recreate {
            let paths = causes.entry(change.cause).or_default();
            paths.push(change.path.to_string());
        }
    }
    let told: Vec<String> = causes
        .into_iter()
        .map(|(cause, paths)| format!("{}: {}", cause.word(), paths.join(", ")))
        .collect();
    cut(&told.join("; "), REASON).into_owned()
}

fn write_problems(out: &mut dyn fmt::Write, plan: &Plan) -> fmt::Result {
    let problems = problems(plan);
    if problems.is_empty() {
        return Ok(());
    }
    for problem in &problems {
        let word = match problem.weight {
            Weight::Error => "Error",
            Weight::Warning => "Warning",
        };
        let place = problem
            .place
            .as_ref()
            .map(|(file, line, column)| format!(" (`{}:{line}:{column}`)", code(file)))
            .unwrap_or_default();
        let hint = if problem.hint.is_empty() {
            String::new()
        } else {
            format!("; {}", text(&plan.secrets.hide(&problem.hint)))
        };
        writeln!(
            out,
            "- **{word}:** `{}`: {}{place}{hint}",
            code(&problem.name),
            text(&plan.secrets.hide(&problem.text))
        )?;
    }
    let errors = problems
        .iter()
        .filter(|problem| problem.weight == Weight::Error)
        .count();
    if errors > 0 {
        let weighed = weighed(errors, problems.len() - errors);
        writeln!(
            out,
            "\n{weighed}: nothing is planned for what has an error."
        )?;
    }
    writeln!(out)
}

fn write_details(out: &mut dyn fmt::Write, plan: &Plan) -> fmt::Result {
    let mut details = String::new();
    for step in plan.steps.iter().filter(|step| !step.changes.is_empty()) {
        use fmt::Write as _;
        writeln!(
            details,
            "{:>3} {} {} {}",
            sign(step.action),
            step.action.word(),
            step.kind.word(),
            escape(&step.name)
        )?;
        write_changes(&mut details, &step.changes, &plan.secrets, LOOK)?;
        if details.len() > DETAILS {
            details.push_str("… and more: see evenkeel plan\n");
            break;
        }
    }
    if details.is_empty() {
        return Ok(());
    }
    // A fence must be longer than any run of backticks inside it.
    let fence = "`".repeat(longest_run(&details).max(2) + 1);
    writeln!(
        out,
        "<details><summary>Field by field</summary>\n\n{fence}text\n{details}{fence}\n\n</details>"
    )
}

fn longest_run(text: &str) -> usize {
    text.split(|c| c != '`').map(str::len).max().unwrap_or(0)
}

/// A text inside a code span of a table: what would end either of the two is replaced.
fn code(text: &str) -> String {
    escape(text).replace('`', "'").replace('|', "\\|")
}

/// A text outside of code: everything that Markdown or HTML would act on is escaped.
fn text(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in escape(text).chars() {
        match c {
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '&' => escaped.push_str("&amp;"),
            // A mention would send somebody a message.
            '@' => escaped.push_str("&#64;"),
            '|' | '`' | '*' | '_' | '[' | ']' | '\\' | '~' | '#' => {
                escaped.push('\\');
                escaped.push(c);
            }
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::{plan_markdown, text};
    use crate::{
        plan::Plan,
        report::samples::{busy, empty, stuck},
    };

    fn markdown(plan: &Plan) -> String {
        let mut markdown = String::new();
        plan_markdown(&mut markdown, plan, "evenkeel.yaml").expect("a String takes all");
        markdown
    }

    #[test]
    fn a_comment_has_a_table_and_folded_details() {
        assert_eq!(
            markdown(&busy()),
            r#"### Plan for `shop`

**1 to pull, 1 to create, 1 to update, 1 to recreate, 2 to remove.**

Interrupts `web`, `old`.

**Loses the data of `shop_old-data`.**

| | what | why |
|---|---|---|
| `<=` | pull image `docker.io/library/nginx:1.27` | is not on the engine |
| `+` | create container `db` |  |
| `~` | update container `cache` | file: restart; drift: memory |
| `-/+` | recreate container `web` | file: image, env.COLOR, env.TOKEN, ports\[8080:80/tcp\], command; removed: env.OLD |
| `-` | remove container `old` | is not in evenkeel.yaml any more |
| `-` | remove volume `shop_old-data` | its removal was asked for |

- **Warning:** `cache`: the host cannot enforce memswap\_limit

<details><summary>Field by field</summary>

```text
  ~ update container cache
      ~ memory:  64 MiB → 128 MiB   # drift
      ~ restart: "no" → "always"    # file
-/+ recreate container web
      ~ image:     "nginx:1.25" → (known after pull)   # forces recreate, file
      ~ env.COLOR: "red" → "blue"                      # forces recreate, file
      ~ env.TOKEN: (sensitive) → (sensitive)           # forces recreate, file
      - env.OLD:   "to (sensitive)"                    # forces recreate, removed
      + ports[8080:80/tcp]                             # forces recreate, file
      ~ command:   # forces recreate, file
          - ["nginx", "-g", "daemon off;", "-c", "/etc/nginx/a-rather-long-name-of-a-file.conf", "-q"]
          + ["nginx", "-g", "daemon off;", "-c", "/etc/nginx/a-rather-long-name-of-a-file.conf", "-t"]
```

</details>
"#
        );
    }

    #[test]
    fn a_comment_says_what_stands_in_the_way() {
        assert_eq!(
            markdown(&stuck()),
            r"### Plan for `shop`

**0 to pull, 0 to create, 0 to update, 0 to recreate, 0 to remove.**

- **Error:** `web`: the host port 8080/tcp is published by the container proxy already (`evenkeel.yaml:31:9`); publish another port, or stop proxy; docker ps --filter publish=8080 shows who has it
- **Warning:** `db`: shm\_size is 64 and not 65 right after it was applied, and is left alone now; most likely evenkeel misreads the engine: report it with both values, and add shm\_size to ignore\_changes until it is mended

1 error and 1 warning: nothing is planned for what has an error.

"
        );
    }

    #[test]
    fn a_comment_says_that_there_is_nothing_to_do() {
        assert_eq!(
            markdown(&empty()),
            "### Plan for `shop`\n\nNo changes. The engine matches `evenkeel.yaml`.\n"
        );
    }

    #[test]
    fn nothing_in_a_text_acts_in_a_comment() {
        assert_eq!(
            text("<img src=x> @all [a](b) `c` | **d**"),
            "&lt;img src=x&gt; &#64;all \\[a\\](b) \\`c\\` \\| \\*\\*d\\*\\*"
        );
    }
}
