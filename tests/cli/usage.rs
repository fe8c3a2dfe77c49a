//! A command line that is not understood is told from a file that is wrong: scripts see 64, and not 1 or 2.

use crate::support::{Place, SHOP};

#[test]
fn what_is_not_understood_ends_with_64() {
    let place = Place::with("evenkeel.yaml", SHOP);
    for (line, told) in [
        ("", "Usage:"),
        ("plam", "plan"),
        ("plan --detailed-exit", "--detailed-exitcode"),
        ("apply --parallelism 0", "1..=64"),
        ("apply --wait-timeout soon", "90s"),
        ("apply --wait-timeout 5", "it has no unit; write 5s"),
        ("watch --interval 30", "it has no unit; write 30s"),
        ("plan -v -q", "--quiet"),
        ("plan --format yaml", "text, json, markdown"),
        ("status --format markdown", "text, json"),
        ("watch --interval 0s", "1s"),
    ] {
        let ran = place.run(line);
        assert_eq!((ran.code, ran.out.as_str()), (Some(64), ""), "{line}");
        assert!(ran.err.contains(told), "{line}: {}", ran.err);
    }
}

#[test]
fn options_of_every_command_stand_before_or_after_it() {
    let place = Place::with("other.yaml", SHOP);
    for line in ["-f other.yaml validate", "validate -f other.yaml"] {
        let ran = place.run(line);
        assert_eq!(
            (ran.code, ran.out.as_str()),
            (Some(0), "other.yaml: sound, 1 container\n"),
            "{ran:?}"
        );
    }
}

#[test]
fn colours_are_for_terminals_and_those_who_ask() {
    let place = Place::with("evenkeel.yaml", "project: shop\ncontainers: 7\n");
    assert!(!place.run("validate").err.contains('\u{1b}'));
    assert!(place.run("validate --color always").err.contains('\u{1b}'));
    assert!(!place.run("validate --color never").err.contains('\u{1b}'));
}
