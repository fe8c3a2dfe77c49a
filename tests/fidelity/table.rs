//! All rows at once: a file with a container for each.

use std::{collections::BTreeSet, fmt::Write as _, fs, sync::Mutex, thread};

use evenkeel::model::{Field, Form, attributes};
use evenkeel_lab::Engine;
use serde_json::Value;

use super::{
    engine::{BASE, Events, Project, api, command_line, command_lines_api, engine},
    exceptions::{EXCEPTIONS, WITHOUT_ROW},
    identity,
    judge::{id_of, judge, ways},
    network, process, resources,
    row::Row,
    security, sight, storage,
};

/// The project, whose name is part of its networks' names, and so of the rows.
const PROJECT: &str = "fid";

/// What the rows refer to.
const GROUND: &str = "\
networks:
  default: {}
  front: { ipam: { config: [ { subnet: 10.77.0.0/24 } ] } }
  back: { ipam: { config: [ { subnet: 10.78.0.0/24 } ] } }
  six: { enable_ipv6: true, ipam: { config: [ { subnet: 10.79.0.0/24 }, { subnet: 'fd00:79::/64' } ] } }
volumes: { data: {}, more: {} }
";

/// Containers that the rows refer to.
const PEERS: &str =
    "  peer: { image: fid/base:1, state: created, ipc: shareable, volumes: [ 'data:/peer' ] }
  second: { image: fid/base:1, state: created, ipc: shareable, volumes: [ 'more:/second' ] }
";

/// How many of the command line run at once. Each is a process that waits for the engine.
const AT_ONCE: usize = 4;

fn all() -> Vec<&'static Row> {
    [
        identity::ROWS,
        process::ROWS,
        network::ROWS,
        storage::ROWS,
        resources::ROWS,
        security::ROWS,
    ]
    .concat_rows()
}

trait Rows {
    fn concat_rows(self) -> Vec<&'static Row>;
}

impl<const N: usize> Rows for [&'static [Row]; N] {
    fn concat_rows(self) -> Vec<&'static Row> {
        self.into_iter().flatten().collect()
    }
}

/// A row's container: its key in the file, and its name.
fn key(number: usize, row: &Row) -> String {
    format!("c{number}-{}", row.attribute.replace('_', "-"))
}

/// What a row's container is called: by its key, or as its lines say.
pub fn name(number: usize, row: &Row, changed: bool) -> String {
    let lines = if changed { row.changed } else { row.yaml };
    lines
        .lines()
        .find_map(|line| line.strip_prefix("container_name: "))
        .map_or_else(|| key(number, row), str::to_owned)
}

/// The name of the command line's container for a row. The first one and the one of the change differ by their end.
fn dockers(number: usize, row: &Row, changed: bool) -> String {
    let end = if changed { "-changed" } else { "" };
    format!("d{number}-{}{end}", row.attribute.replace('_', "-"))
}

fn file(rows: &[(usize, &Row)], changed: bool) -> String {
    let mut text = String::from("containers:\n");
    text.push_str(PEERS);
    for (number, row) in rows {
        let lines = if changed { row.changed } else { row.yaml };
        let _ = writeln!(text, "  {}:", key(*number, row));
        if !lines.lines().any(|line| line.starts_with("image:")) {
            let _ = writeln!(text, "    image: {BASE}");
        }
        let _ = writeln!(text, "    state: created");
        for line in lines.lines() {
            let _ = writeln!(text, "    {line}");
        }
    }
    text.push_str(GROUND);
    text
}

/// A container that the command line makes.
struct Line {
    name: String,
    /// More options.
    options: Vec<String>,
    words: &'static [&'static str],
}

impl Line {
    /// The container that a row is compared with.
    fn beside(number: usize, row: &Row, changed: bool) -> Self {
        Self {
            name: dockers(number, row, changed),
            options: Vec::new(),
            words: if changed {
                row.docker_changed
            } else {
                row.docker
            },
        }
    }

    fn arguments(&self, engine: &Engine) -> Vec<String> {
        let mut line = vec!["create".to_owned(), "--name".to_owned(), self.name.clone()];
        if !self.words.contains(&"--network") {
            line.extend(["--network".to_owned(), "fid_default".to_owned()]);
        }
        line.extend(self.options.iter().cloned());
        let folder = engine.folder().display().to_string();
        let words = self
            .words
            .iter()
            .map(|word| word.replace("{folder}", &folder));
        let (options, rest): (Vec<_>, Vec<_>) = {
            let at = self.words.iter().position(|word| word.starts_with('@'));
            let at = at.unwrap_or(self.words.len());
            let words: Vec<String> = words.collect();
            (words[..at].to_vec(), words[at..].to_vec())
        };
        line.extend(options);
        line.push(rest.first().map_or(BASE, |image| &image[1..]).to_owned());
        line.extend(rest.into_iter().skip(1));
        line
    }
}

/// Makes the command line's containers, a few at once; panics with what it refused.
#[track_caller]
fn create(engine: &Engine, lines: &[Line]) {
    let next = Mutex::new(lines.iter());
    let faults = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                loop {
                    let Some(line) = next.lock().expect("no panic").next() else {
                        break;
                    };
                    let arguments = line.arguments(engine);
                    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
                    let ran = command_line(engine, &arguments);
                    if !ran.is_ok() {
                        faults.lock().expect("no panic").push(ran.to_string());
                    }
                }
            });
        }
    });
    none("refused", &faults.into_inner().expect("no panic"));
}

/// Somebody removes our containers and makes them again by hand, under our labels: just so, then changed. The plan sees
/// the second alone, and calls it drift.
fn by_hand(project: &Project, rows: &[(usize, &'static Row)]) -> Vec<String> {
    let engine = project.engine;
    let names: Vec<String> = rows
        .iter()
        .map(|(number, row)| name(*number, row, false))
        .collect();
    let labels: Vec<Vec<String>> = names
        .iter()
        .map(|name| {
            let inspect = engine.inspect(name);
            let labels = inspect["Config"]["Labels"].as_object().expect("labels");
            let ours = labels
                .iter()
                .filter(|(name, _)| name.starts_with("io.evenkeel."));
            ours.flat_map(|(name, value)| {
                [
                    "--label".to_owned(),
                    format!("{name}={}", value.as_str().expect("a text")),
                ]
            })
            .collect()
        })
        .collect();
    let mut faults = Vec::new();
    for changed in [false, true] {
        let words: Vec<&str> = ["rm"]
            .into_iter()
            .chain(names.iter().map(String::as_str))
            .collect();
        engine.docker(&words);
        let lines: Vec<Line> = rows
            .iter()
            .zip(names.iter().zip(&labels))
            .map(|((number, row), (name, labels))| Line {
                name: name.clone(),
                options: labels.clone(),
                ..Line::beside(*number, row, changed)
            })
            .collect();
        create(engine, &lines);
        let plan = project.plan();
        let steps = plan["steps"].as_array().expect("steps");
        for ((_, row), name) in rows.iter().zip(&names) {
            let changes: Vec<&Value> = steps
                .iter()
                .filter(|step| step["name"] == **name)
                .flat_map(|step| step["changes"].as_array().expect("changes"))
                .collect();
            let mut shown: Vec<&str> = changes
                .iter()
                .filter_map(|change| change["path"].as_str())
                .collect();
            shown.sort_unstable();
            let mut wanted: Vec<&str> = match (changed, row.by_hand) {
                (false, _) => Vec::new(),
                (true, Some(paths)) => paths.to_vec(),
                (true, None) => row.changes.iter().map(|(path, _)| *path).collect(),
            };
            wanted.sort_unstable();
            let file = changes.iter().any(|change| change["cause"] == "file");
            if shown != wanted || file {
                faults.push(format!(
                    "{}\n      by hand {:?}\n      shows {changes:?}, and {wanted:?} was expected",
                    row.yaml,
                    if changed {
                        row.docker_changed
                    } else {
                        row.docker
                    },
                ));
            }
        }
    }
    faults
}

/// Compares the containers of both.
fn compare(engine: &Engine, rows: &[(usize, &Row)], changed: bool) -> Vec<String> {
    let mut faults = Vec::new();
    for (number, row) in rows {
        let dockers = dockers(*number, row, changed);
        let ours = name(*number, row, changed);
        if !engine.has(&dockers) || !engine.has(&ours) {
            faults.push(format!(
                "{}: {ours} or {dockers} is not there",
                row.attribute
            ));
            continue;
        }
        let found = sight::differences(&engine.inspect(&ours), &engine.inspect(&dockers));
        let lines = if changed { row.changed } else { row.yaml };
        faults.extend(found.iter().map(|line| format!("{lines}\n      {line}")));
    }
    faults
}

#[track_caller]
fn none(what: &str, faults: &[String]) {
    assert!(
        faults.is_empty(),
        "{what}: {}\n  {}",
        faults.len(),
        faults.join("\n  ")
    );
}

#[test]
fn every_attribute_is_what_the_command_line_makes_of_it_and_a_change_shows_alone() {
    let engine = engine();
    let api = api(engine).min(command_lines_api(engine));
    let kind = engine.kind().to_string().to_lowercase();
    let rows: Vec<(usize, &'static Row)> = all()
        .into_iter()
        .enumerate()
        .filter(|(_, row)| row.since <= api)
        .filter(|(_, row)| row.not_on.is_empty() || !kind.starts_with(row.not_on))
        .collect();
    let project = Project::new(PROJECT);
    let text =
        |changed| file(&rows, changed).replace("{folder}", &engine.folder().display().to_string());

    // The same profile, and another one, in layouts of their own.
    let profile = engine.folder().join("profile.json");
    fs::write(
        &profile,
        "{ \"defaultAction\": \"SCMP_ACT_ALLOW\",\n  \"architectures\": [] }\n",
    )
    .expect("written");
    let other = engine.folder().join("other.json");
    fs::write(&other, "{\"defaultAction\":\"SCMP_ACT_LOG\"}").expect("written");

    project.write(&text(false));
    project.settle();
    let lines = |changed| -> Vec<Line> {
        rows.iter()
            .map(|(number, row)| Line::beside(*number, row, changed))
            .collect()
    };
    create(engine, &lines(false));
    let mut faults = compare(engine, &rows, false);
    faults.extend(by_hand(&project, &rows));
    project.settle();

    let ids = rows
        .iter()
        .map(|(number, row)| (*number, id_of(engine, &name(*number, row, false))))
        .collect();
    project.write(&text(true));
    let plan = project.plan();
    faults.extend(judge(&plan, &rows));
    let events = Events::follow(engine, project.folder.path().join("events"));
    project.settle();
    faults.extend(ways(engine, &rows, &ids, &events.end(engine)));
    create(engine, &lines(true));
    faults.extend(compare(engine, &rows, true));
    none("differences", &faults);
}

#[test]
fn every_attribute_of_a_container_has_a_row_or_a_reason_why_not() {
    let rows: BTreeSet<&str> = all().iter().map(|row| row.attribute).collect();
    let excepted: BTreeSet<&str> = EXCEPTIONS.iter().map(|(name, _)| *name).collect();
    for attribute in attributes::all(&attributes::CONTAINER) {
        let (row, reason) = (
            rows.contains(attribute.name),
            excepted.contains(attribute.name),
        );
        assert!(
            row || reason,
            "{} has neither a row nor a reason",
            attribute.name
        );
        assert!(
            !(row && reason),
            "{} has both a row and a reason",
            attribute.name
        );
    }
    for name in rows.union(&excepted) {
        assert!(
            attributes::find(&attributes::CONTAINER, name).is_some_and(|found| found.name == *name),
            "{name} is no attribute"
        );
    }
}

/// The keys of a mapping that a form takes, those of mappings in it among them.
fn keys(form: &Form, of: &str, all: &mut Vec<String>) {
    let mut fields = |fields: &[Field]| {
        for field in fields {
            let key = format!("{of}.{}", field.name);
            keys(&field.form, &key, all);
            all.push(key);
        }
    };
    match form {
        Form::Record(record) => fields(record.fields),
        Form::Keyed(keyed) => fields(keyed.record.fields),
        Form::Items(items) => fields(items.fields),
        Form::List(inner) | Form::Set(inner) => keys(inner, of, all),
        Form::Refined { form, .. } => keys(form, of, all),
        Form::Either(forms) => forms.iter().for_each(|form| keys(form, of, all)),
        Form::Text
        | Form::Bool
        | Form::Integer(..)
        | Form::Parsed { .. }
        | Form::Choice(_)
        | Form::Command
        | Form::HealthTest
        | Form::Map { .. } => {}
    }
}

#[test]
fn every_key_below_an_attribute_stands_in_a_row_or_has_a_reason_why_not() {
    let mut wrong = Vec::new();
    for attribute in attributes::all(&attributes::CONTAINER) {
        if EXCEPTIONS.iter().any(|(name, _)| *name == attribute.name) {
            continue;
        }
        let mut all_keys = Vec::new();
        keys(&attribute.form, attribute.name, &mut all_keys);
        for key in all_keys {
            let word = format!("{}:", key.rsplit('.').next().unwrap_or_default());
            let row = all()
                .iter()
                .filter(|row| row.attribute == attribute.name)
                .any(|row| {
                    let said = [row.yaml, row.changed];
                    let mut words = said
                        .iter()
                        .flat_map(|text| text.split([' ', '\n', '{', '[']));
                    words.any(|one| one == word)
                });
            let reason = WITHOUT_ROW.iter().any(|(name, _)| *name == key);
            if row == reason {
                wrong.push(key);
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "neither a row nor a reason, or both: {wrong:?}"
    );
}
