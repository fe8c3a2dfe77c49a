//! Without an engine: one line that says which one was tried, why it failed, and what to do.

use std::os::unix::net::UnixListener;

use crate::support::{Place, SHOP};

#[test]
fn an_engine_that_is_not_there_is_one_line() {
    let place = Place::with("evenkeel.yaml", SHOP);
    for command in [
        "plan",
        "apply --yes",
        "status",
        "destroy --yes",
        "plan --format json",
    ] {
        let ran = place.run(command);
        assert_eq!((ran.code, ran.out.as_str()), (Some(1), ""), "{command}");
        assert_eq!(ran.err.lines().count(), 1, "{command}: {}", ran.err);
        assert!(
            ran.err.starts_with(
                "error: cannot reach the engine at unix:///nowhere/docker.sock: there is no such socket; "
            ),
            "{command}: {}",
            ran.err
        );
    }
}

/// The socket takes the connection, and nobody is behind it.
#[test]
fn an_engine_that_does_not_answer_is_waited_for_as_long_as_the_user_wants() {
    let place = Place::with("evenkeel.yaml", SHOP);
    let socket = place.path().join("docker.sock");
    let _listener = UnixListener::bind(&socket).expect("a socket");
    let host = format!("--host unix://{} --engine-timeout 300ms", socket.display());
    for command in ["plan", "apply --yes", "status", "destroy --yes"] {
        let ran = place.run(&format!("{command} {host}"));
        assert_eq!((ran.code, ran.out.as_str()), (Some(1), ""), "{command}");
        assert_eq!(ran.err.lines().count(), 1, "{command}: {}", ran.err);
        assert!(ran.err.contains(" within 0.3 s"), "{command}: {}", ran.err);
    }
}

#[test]
fn an_address_that_is_none_says_what_to_write() {
    let place = Place::with("evenkeel.yaml", SHOP);
    let ran = place.run("plan --host ssh://box");
    assert_eq!(ran.code, Some(1));
    assert!(ran.err.contains("ssh -L"), "{}", ran.err);
}

#[test]
fn the_version_is_told_all_the_same() {
    let ran = Place::new().run("version");
    let version = env!("CARGO_PKG_VERSION");
    assert_eq!(ran.code, Some(0));
    assert!(
        ran.out.starts_with(&format!(
            "evenkeel {version}\nengine: cannot reach the engine at "
        )),
        "{}",
        ran.out
    );
}

#[test]
fn files_are_checked_without_an_engine() {
    let ran = Place::with("evenkeel.yaml", SHOP).run("validate");
    assert_eq!(ran.code, Some(0), "{}", ran.err);
}
