//! What is wanted beside what is: one row a container.

use std::{collections::BTreeMap, fmt};

use serde::Serialize;
use serde_json::{Value, json};

use super::{
    look::{Look, Tone},
    plan_json::FORMAT_VERSION,
    values::{cut, escape, width},
};
use crate::{
    desired::Desired,
    live::{self, Health, Live, Role},
    model::State,
    plan::{Cause, Kind, Plan},
};

/// One container: what is wanted, and what is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Row {
    /// Its name.
    pub name: String,
    /// The state that is wanted; `None` if the file does not want it any more.
    pub wanted: Option<&'static str>,
    /// What it is doing; `None` if it is not there.
    pub now: Option<String>,
    /// The verdict of its health check.
    pub health: Option<&'static str>,
    /// The reference of the image that it was made from, or is to be made from.
    pub image: String,
    /// The ports that it publishes.
    pub ports: Vec<String>,
    /// Whether it differs from the file, and how.
    pub difference: Difference,
}

/// How a container differs from the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Difference {
    /// Not at all.
    None,
    /// It is to be changed, because the file or the image did.
    Pending,
    /// It was changed behind our back.
    Drift,
    /// An error keeps it from being planned.
    Blocked,
}

impl Difference {
    fn word(self) -> &'static str {
        match self {
            Self::None => "no",
            Self::Pending => "pending",
            Self::Drift => "drift",
            Self::Blocked => "blocked",
        }
    }
}

/// The rows of a project: those that the file wants by name, then those that it does not want any more.
#[must_use]
pub fn rows(desired: &Desired, live: &Live, plan: &Plan) -> Vec<Row> {
    let ours: BTreeMap<&str, &live::Container> = live
        .containers
        .iter()
        .filter(|container| container.role == Role::Main)
        .filter_map(|container| Some((container.key_in(&desired.project)?, container)))
        .collect();
    let wanted = desired
        .containers
        .values()
        .filter(|wanted| wanted.state != State::Absent || ours.contains_key(wanted.key.as_str()))
        .map(|wanted| {
            let found = ours.get(wanted.key.as_str()).copied();
            let image = found.map_or(wanted.image.as_str(), |found| found.image_text.as_str());
            Row {
                name: wanted.name.clone(),
                wanted: Some(wanted.state.word()),
                now: found.map(live::Container::doing),
                health: found.and_then(|found| found.health).map(health),
                image: image.to_owned(),
                ports: found.map_or_else(Vec::new, published),
                difference: difference(plan, &wanted.name),
            }
        });
    let unwanted = ours
        .iter()
        .filter(|(key, _)| !desired.containers.contains_key(**key))
        .map(|(_, found)| Row {
            name: found.name.clone(),
            wanted: None,
            now: Some(found.doing()),
            health: found.health.map(health),
            image: found.image_text.clone(),
            ports: published(found),
            difference: difference(plan, &found.name),
        });
    let mut rows: Vec<Row> = wanted.chain(unwanted).collect();
    rows.sort_by(|left, right| {
        (left.wanted.is_none(), &left.name).cmp(&(right.wanted.is_none(), &right.name))
    });
    rows
}

fn health(health: Health) -> &'static str {
    match health {
        Health::Starting => "starting",
        Health::Healthy => "healthy",
        Health::Unhealthy => "unhealthy",
    }
}

/// The ports that are published now, as the file writes them: `8080:80/tcp`, each once whatever the addresses of all.
fn published(found: &live::Container) -> Vec<String> {
    let bindings = found.inspect.pointer("/NetworkSettings/Ports");
    let mut ports: Vec<String> = bindings
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
        .flat_map(|(port, bindings)| {
            let bindings = bindings.as_array().into_iter().flatten();
            bindings.map(move |binding| {
                let text = |field| binding.get(field).and_then(Value::as_str).unwrap_or("");
                let host = text("HostPort");
                match text("HostIp") {
                    "" | "0.0.0.0" | "::" => format!("{host}:{port}"),
                    ip if ip.contains(':') => format!("[{ip}]:{host}:{port}"),
                    ip => format!("{ip}:{host}:{port}"),
                }
            })
        })
        .collect();
    ports.sort();
    ports.dedup();
    ports
}

fn difference(plan: &Plan, name: &str) -> Difference {
    let blocked = plan
        .problems
        .iter()
        .any(|problem| problem.weight == crate::plan::Weight::Error && problem.name == name);
    if blocked {
        return Difference::Blocked;
    }
    let mut steps = plan
        .steps
        .iter()
        .filter(|step| step.kind == Kind::Container && step.name == name)
        .peekable();
    if steps.peek().is_none() {
        return Difference::None;
    }
    let drifted = steps
        .flat_map(|step| &step.changes)
        .any(|change| change.cause == Cause::Drift);
    if drifted {
        Difference::Drift
    } else {
        Difference::Pending
    }
}

/// Writes the rows as a table.
pub fn status_text(out: &mut dyn fmt::Write, rows: &[Row], look: Look) -> fmt::Result {
    if rows.is_empty() {
        return writeln!(out, "The project has no containers.");
    }
    let head = [
        "CONTAINER",
        "WANTED",
        "NOW",
        "HEALTH",
        "IMAGE",
        "PORTS",
        "DIFFERS",
    ];
    let cells: Vec<[String; 7]> = rows.iter().map(cells).collect();
    let mut widths = head.map(width);
    for row in &cells {
        for (at, cell) in row.iter().enumerate() {
            widths[at] = widths[at].max(width(cell));
        }
    }
    narrow(&mut widths, head, look.width);
    let line = |row: [&str; 7]| {
        let mut line = String::new();
        for (at, cell) in row.iter().enumerate() {
            let cell = cut(cell, widths[at]);
            let gap = widths[at] - width(&cell) + 2;
            line.push_str(&cell);
            line.extend(std::iter::repeat_n(' ', gap));
        }
        line.truncate(line.trim_end().len());
        line
    };
    writeln!(out, "{}", look.paint(Tone::Dim, line(head)))?;
    for (row, cells) in rows.iter().zip(&cells) {
        let text = line(cells.each_ref().map(String::as_str));
        match tone(row) {
            Some(tone) => writeln!(out, "{}", look.paint(tone, text))?,
            None => writeln!(out, "{text}")?,
        }
    }
    Ok(())
}

/// Takes columns away from the image and the ports, which are the longest and least looked at, until a row fits.
fn narrow(widths: &mut [usize; 7], head: [&str; 7], room: usize) {
    for (at, least) in [(4, 16), (5, 10), (0, 12), (4, 6)] {
        let all: usize = widths.iter().sum::<usize>() + 2 * (widths.len() - 1);
        let over = all.saturating_sub(room);
        let floor = width(head[at]).max(least).min(widths[at]);
        widths[at] = widths[at].saturating_sub(over).max(floor);
    }
}

fn cells(row: &Row) -> [String; 7] {
    let or_dash = |text: Option<&str>| text.unwrap_or("-").to_owned();
    let ports = row.ports.join(" ");
    [
        escape(&row.name).into_owned(),
        row.wanted.unwrap_or("absent").to_owned(),
        or_dash(row.now.as_deref()),
        or_dash(row.health),
        escape(&row.image).into_owned(),
        or_dash(Some(ports.as_str()).filter(|ports| !ports.is_empty())),
        row.difference.word().to_owned(),
    ]
}

fn tone(row: &Row) -> Option<Tone> {
    match row.difference {
        Difference::Blocked => Some(Tone::Remove),
        Difference::Drift | Difference::Pending => Some(Tone::Change),
        Difference::None if row.health == Some("unhealthy") => Some(Tone::Remove),
        Difference::None => None,
    }
}

/// The rows as JSON.
#[must_use]
pub fn status_json(project: &str, rows: &[Row]) -> Value {
    json!({ "format_version": FORMAT_VERSION, "project": project, "containers": rows })
}

#[cfg(test)]
mod tests {
    use super::{Difference, Row, status_json, status_text};
    use crate::report::Look;

    fn row(name: &str, difference: Difference) -> Row {
        Row {
            name: name.into(),
            wanted: Some("running"),
            now: Some("running".into()),
            health: Some("healthy"),
            image: "registry.example.com/a/very/long/path/to/an/image:1.27".into(),
            ports: vec!["8080:80/tcp".into(), "127.0.0.1:9090:90/tcp".into()],
            difference,
        }
    }

    #[test]
    fn a_table_fits_into_eighty_columns() {
        let mut gone = row("old", Difference::Pending);
        gone.wanted = None;
        gone.health = None;
        gone.ports.clear();
        let mut text = String::new();
        status_text(
            &mut text,
            &[
                row("web", Difference::None),
                row("db", Difference::Drift),
                gone,
            ],
            Look::PLAIN,
        )
        .expect("a String takes all");
        assert_eq!(
            text,
            "\
CONTAINER  WANTED   NOW      HEALTH   IMAGE             PORTS            DIFFERS
web        running  running  healthy  registry.exampl…  8080:80/tcp 12…  no
db         running  running  healthy  registry.exampl…  8080:80/tcp 12…  drift
old        absent   running  -        registry.exampl…  -                pending
"
        );
        assert!(text.lines().all(|line| super::width(line) <= 80), "{text}");
    }

    #[test]
    fn programs_get_every_row_whole() {
        let json = status_json("shop", &[row("web", Difference::Drift)]);
        assert_eq!(
            json.pointer("/containers/0/difference"),
            Some(&"drift".into())
        );
        assert_eq!(
            json.pointer("/containers/0/ports/1"),
            Some(&"127.0.0.1:9090:90/tcp".into())
        );
    }
}
