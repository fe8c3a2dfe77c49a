//! The rules of the house that no compiler checks: which folder may import which, how long a file may be, how many
//! packages the program may be made of, and what must not stand in it.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

mod rust;

use rust::{Import, imports, items};

/// The floors of `src/`, from the lowest. A folder imports from the floors below its own, and never from one beside it.
const FLOORS: &[&[&str]] = &[
    &["value"],
    &["model"],
    &["spec"],
    &["desired", "live"],
    &["plan"],
    &["engine"],
    &["apply"],
    &["report"],
    &["watch"],
    &["status"],
    &["cli"],
];

/// A longer file is one that nobody reads to its end.
const LONGEST: usize = 500;

/// Files that may be longer, up to so many lines, and why. A file that has become short enough leaves this list.
const EXCUSED: &[(&str, usize, &str)] = &[
    (
        "src/engine/docker/reader.rs",
        530,
        "every call that reads, each a few lines",
    ),
    (
        "src/engine/docker/writer.rs",
        580,
        "every call that writes, each a few lines",
    ),
    (
        "src/model/attributes/resources/tests.rs",
        560,
        "a row for each attribute of resources",
    ),
    (
        "src/spec/template.rs",
        560,
        "half of it is the table of Compose's grammar that its tests walk",
    ),
    (
        "src/spec/yaml/builder.rs",
        680,
        "one state machine over the parser's events",
    ),
    (
        "tests/vocabulary.rs",
        540,
        "every example of the vocabulary in every way that it is written",
    ),
    (
        "src/watch/state.rs",
        560,
        "one state machine; its transitions are read together",
    ),
];

/// Module files that hold more than re-exports, and why.
const EXCUSED_MODULES: &[(&str, &str)] = &[
    (
        "src/model/attributes/mod.rs",
        "joins the tables of the files beside it, and is the place where a new one is listed",
    ),
    (
        "src/apply/build/mod.rs",
        "chooses among the sources of a build, which are the files beside it",
    ),
    ("src/apply/tests/mod.rs", "what the tests beside it share"),
];

/// How many packages the lock file may hold, those of tests included. Each is code that somebody else can change; a
/// dependency that is worth it raises this number in the same commit.
const PACKAGES: usize = 240;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every file below a folder with an ending, sorted.
fn files(folder: &str, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|found| found == ending) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

fn shown(path: &Path) -> String {
    path.strip_prefix(root())
        .unwrap_or(path)
        .display()
        .to_string()
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn none(rule: &str, faults: &[String]) {
    assert!(faults.is_empty(), "{rule}:\n  {}", faults.join("\n  "));
}

fn floor(folder: &str) -> Option<usize> {
    FLOORS.iter().position(|floor| floor.contains(&folder))
}

/// The module that a file of `src/` is: `plan/mod.rs` is `plan`, `plan/step.rs` is `plan::step`.
fn module(path: &Path) -> Vec<String> {
    let relative = path.strip_prefix(root().join("src")).unwrap_or(path);
    let mut module: Vec<String> = relative
        .with_extension("")
        .iter()
        .map(|part| part.to_string_lossy().into_owned())
        .collect();
    if module.last().is_some_and(|last| last == "mod") {
        module.pop();
    }
    module
}

/// What is wrong with an import from a folder.
fn fault(folder: &str, import: &Import) -> Option<String> {
    let into = import.path.first()?;
    if into == folder {
        return None;
    }
    let (from, to) = (floor(folder)?, floor(into)?);
    (to >= from).then(|| {
        format!(
            "line {}: `{folder}` imports `{}`, which is not below it",
            import.line,
            import.path.join("::")
        )
    })
}

#[test]
fn a_folder_imports_from_floors_below_it_only() {
    let mut faults = Vec::new();
    let mut seen = 0;
    for file in files("src", "rs") {
        let module = module(&file);
        let Some(folder) = module
            .first()
            .filter(|_| file.parent() != Some(&root().join("src")))
        else {
            continue;
        };
        if floor(folder).is_none() {
            faults.push(format!("{}: `{folder}` is on no floor", shown(&file)));
        }
        for import in imports(&module, &read(&file)) {
            seen += 1;
            faults.extend(fault(folder, &import).map(|fault| format!("{}: {fault}", shown(&file))));
        }
    }
    assert!(
        seen > 100,
        "only {seen} imports were found: the reader of imports is blind"
    );
    none("a folder imports from floors below it only", &faults);
}

#[test]
fn an_import_that_points_up_is_seen_however_it_is_written() {
    let module = ["plan".to_owned(), "step".to_owned()];
    let up = [
        "use crate::engine::Act;",
        "use crate::{value::Name, engine::{self, Act}};",
        "use crate::{model, apply};",
        "use super::super::engine::Act;",
        "use super::super::{value, report::Text};",
        "pub(crate) use crate::watch::State as Other;",
        "fn f() -> crate::engine::Error { todo() }",
        "fn f() { let x = <crate::cli::Exit>::new(); }",
        "mod tests { use super::super::super::engine::Act; }",
        "mod tests { use crate::engine::*; }",
        "fn f() { use crate::apply::Outcome; }",
        "const A: &str = \"//\"; use crate::apply;",
        "const A: char = '\"'; use crate::apply; const B: char = '\"';",
    ];
    for text in up {
        let found = imports(&module, text);
        assert!(
            found.iter().any(|import| fault("plan", import).is_some()),
            "{text} points up: {found:?}"
        );
    }
    let fine = [
        "use crate::{value::Name, model::{self, Path}, desired, live};",
        "use super::{Step, engine::Thing};",
        "use self::engine::Act;",
        "// use crate::engine::Act;",
        "/* /* */ use crate::engine::Act; */",
        "const A: &str = \"use crate::engine::Act;\";",
        "const A: &str = r#\"crate::engine\"#;",
        "/// [`crate::engine::Act`]\nfn f<'a>(x: &'a str) {}",
        "mod tests { use super::super::Plan; }",
        "use engine::Act;",
    ];
    for text in fine {
        let found = imports(&module, text);
        let faults: Vec<String> = found
            .iter()
            .filter_map(|import| fault("plan", import))
            .collect();
        assert_eq!(faults, Vec::<String>::new(), "{text}");
    }
    // One floor, two folders: neither imports the other.
    let beside = imports(&["live".to_owned()], "use crate::desired::Desired;");
    assert!(fault("live", &beside[0]).is_some());
}

#[test]
fn files_are_short_enough_to_be_read() {
    let mut faults = Vec::new();
    for file in files("src", "rs").into_iter().chain(files("tests", "rs")) {
        let (lines, path) = (read(&file).lines().count(), shown(&file));
        let excuse = EXCUSED.iter().find(|(excused, ..)| *excused == path);
        match excuse {
            None if lines > LONGEST => faults.push(format!("{path} has {lines} lines")),
            Some((_, most, _)) if lines > *most => {
                faults.push(format!(
                    "{path} has {lines} lines, and is excused for {most}"
                ));
            }
            Some(_) if lines <= LONGEST => faults.push(format!("{path} needs no excuse any more")),
            _ => {}
        }
    }
    for (path, ..) in EXCUSED {
        if !root().join(path).exists() {
            faults.push(format!("{path} is excused and not there"));
        }
    }
    none(&format!("a file has at most {LONGEST} lines"), &faults);
}

#[test]
fn a_module_file_only_re_exports() {
    let mut faults = Vec::new();
    for file in files("src", "rs") {
        let excused = EXCUSED_MODULES
            .iter()
            .any(|(path, _)| *path == shown(&file));
        if !excused && file.file_name().is_some_and(|name| name == "mod.rs") {
            let odd = items(&read(&file)).into_iter().filter(|item| {
                let item = item.as_str();
                !(item == "use" || item == "mod")
            });
            faults.extend(odd.map(|item| format!("{}: `{item}`", shown(&file))));
        }
    }
    none(
        "a mod.rs declares modules and re-exports, and nothing else",
        &faults,
    );
    assert_eq!(
        items("mod a; pub use a::{B, C};\n#[cfg(test)]\nmod tests;"),
        ["mod", "use", "mod"]
    );
    assert_eq!(items("pub fn f() { mod x; }"), ["fn"]);
    assert_eq!(items("mod a { struct B; }"), ["mod {"]);
    assert_eq!(items("pub(crate) struct A;"), ["struct"]);
}

#[test]
fn nothing_is_left_to_do() {
    // Put together, so that this file does not hold them.
    let words = [
        concat!("#[", "allow("),
        concat!("#![", "allow("),
        concat!("TO", "DO"),
        concat!("FIX", "ME"),
        concat!("XX", "X:"),
        concat!("todo", "!("),
        concat!("unimple", "mented!("),
        concat!("dbg", "!("),
    ];
    let mut faults = Vec::new();
    let all = ["src", "tests", "examples"];
    let endings = ["rs", "sh", "yaml"];
    for (folder, ending) in all
        .iter()
        .flat_map(|folder| endings.map(|ending| (folder, ending)))
    {
        for file in files(folder, ending) {
            for (number, line) in read(&file).lines().enumerate() {
                let found = words.iter().find(|word| line.contains(**word));
                faults.extend(found.map(|word| format!("{}:{}: {word}", shown(&file), number + 1)));
            }
        }
    }
    none("work that is not done does not stand in the code", &faults);
}

fn validate(file: &Path) -> std::process::Output {
    Command::new(env!("CARGO_BIN_EXE_evenkeel"))
        .arg("validate")
        .arg(file)
        .env("SHOP_DB_PASSWORD", "any")
        .output()
        .unwrap_or_else(|error| panic!("the program runs: {error}"))
}

#[test]
fn every_example_is_sound() {
    let examples = files("examples", "yaml");
    assert!(examples.len() > 3, "{examples:?}");
    for example in &examples {
        let output = validate(example);
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{}: {said}", shown(example));
    }
    // The same check refuses what is not sound.
    let folder = tempfile::tempdir().unwrap_or_else(|error| panic!("a folder: {error}"));
    let wrong = folder.path().join("evenkeel.yaml");
    let text = read(&examples[0]).replace("image:", "imagee:");
    fs::write(&wrong, text).unwrap_or_else(|error| panic!("a file: {error}"));
    assert_eq!(validate(&wrong).status.code(), Some(1));
}

#[test]
fn the_program_is_made_of_few_packages() {
    let lock = read(&root().join("Cargo.lock"));
    let packages = lock.lines().filter(|line| *line == "[[package]]").count();
    assert!(
        packages > 50,
        "{packages}: the lock file is not read rightly"
    );
    assert!(
        packages <= PACKAGES,
        "{packages} packages, {PACKAGES} are the ceiling; is each new one worth it?"
    );
}
