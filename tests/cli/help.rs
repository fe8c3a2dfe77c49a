//! Help is read on terminals of eighty columns, and ends with examples.

use std::{fs, path::PathBuf};

use crate::support::Place;

const COMMANDS: &[&str] = &[
    "",
    "plan",
    "apply",
    "watch",
    "validate",
    "config",
    "status",
    "destroy",
    "convert",
    "schema",
    "reference",
    "completions",
    "version",
];

/// The help of each command as it was last read by a person. `EVENKEEL_BLESS=1 cargo test --test cli` writes it anew.
#[test]
fn the_help_of_every_command_is_as_it_was_read() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/cli/help");
    let bless = std::env::var_os("EVENKEEL_BLESS").is_some();
    for command in COMMANDS {
        let ran = Place::new().run(&format!("{command} --help"));
        assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""), "{command}");
        let name = if command.is_empty() {
            "evenkeel"
        } else {
            command
        };
        let file = folder.join(format!("{name}.txt"));
        if bless {
            fs::write(&file, &ran.out).expect("a file");
        }
        let read = fs::read_to_string(&file).expect("every command's help is kept");
        assert_eq!(ran.out, read, "{name}");
    }
}

#[test]
fn every_help_fits_into_eighty_columns_and_has_examples() {
    for command in COMMANDS {
        let ran = Place::new().run(&format!("{command} --help"));
        assert!(ran.out.contains("\nExamples:\n"), "{command}");
        for line in ran.out.lines() {
            assert!(line.chars().count() <= 80, "{command}: {line}");
        }
        // The examples are wrapped by hand: a line that was wrapped for us has lost its indentation.
        let examples = ran.out.split("\nExamples:\n").nth(1).unwrap_or_default();
        let first = examples.split("\n\n").next().unwrap_or_default();
        for line in first.lines() {
            assert!(line.starts_with("  evenkeel "), "{command}: {line}");
        }
    }
}
