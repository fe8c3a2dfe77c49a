//! A reader that goes away ends nothing but the writing.

use std::process::Stdio;

use crate::support::{Place, Ran};

#[test]
fn a_pipe_that_nobody_reads_is_no_panic() {
    for line in ["completions zsh", "--help", "version"] {
        let (reader, writer) = std::io::pipe().expect("a pipe");
        drop(reader);
        let output = Place::new()
            .command(line)
            .stdout(writer)
            .stderr(Stdio::piped())
            .output()
            .expect("the program runs");
        let ran = Ran::of(output);
        assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""), "{line}");
    }
}

#[test]
fn a_full_disk_is_told() {
    let full = std::fs::OpenOptions::new()
        .write(true)
        .open("/dev/full")
        .expect("Linux has one");
    let output = Place::new()
        .command("version")
        .stdout(full)
        .stderr(Stdio::piped())
        .output()
        .expect("the program runs");
    let ran = Ran::of(output);
    assert_eq!(ran.code, Some(1));
    assert!(
        ran.err
            .starts_with("error: cannot write to standard output: No space left"),
        "{}",
        ran.err
    );
}
