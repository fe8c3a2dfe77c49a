//! A network whose creation was answered to nobody: engines before API 1.44 would make a second one of its name.

use std::{
    io::{self, Read, Write},
    net::Shutdown,
    os::unix::net::{UnixListener, UnixStream},
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};

use evenkeel::engine::{
    Act, EngineError,
    docker::{Docker, Host},
};

use super::engine::{Project, engine};

/// Stands before an engine, and ends the connection in place of the answer to the first creation of a network.
/// Says whether it has.
fn swallowing(socket: &Path, server: &Path) -> Arc<AtomicBool> {
    let listener = UnixListener::bind(socket).expect("a socket");
    let server = server.to_owned();
    let done = Arc::new(AtomicBool::new(false));
    let swallowed = Arc::clone(&done);
    // Ends with the process.
    thread::spawn(move || {
        for client in listener.incoming().flatten() {
            let engine = UnixStream::connect(&server).expect("the engine");
            let swallow = Arc::new(AtomicBool::new(false));
            let (from, to) = (
                client.try_clone().expect("a clone"),
                engine.try_clone().expect("a clone"),
            );
            let (done, told) = (Arc::clone(&done), Arc::clone(&swallow));
            thread::spawn(move || {
                pass(from, to, |bytes| {
                    let text = String::from_utf8_lossy(bytes);
                    if text.contains("/networks/create ") && !done.swap(true, Ordering::SeqCst) {
                        told.store(true, Ordering::SeqCst);
                    }
                    true
                })
            });
            thread::spawn(move || pass(engine, client, |_| !swallow.load(Ordering::SeqCst)));
        }
    });
    swallowed
}

/// Passes on what comes, until `goes_on` says no or one side ends; then both ends are closed.
fn pass(
    mut from: UnixStream,
    mut to: UnixStream,
    mut goes_on: impl FnMut(&[u8]) -> bool,
) -> io::Result<()> {
    let mut bytes = vec![0; 1 << 16];
    loop {
        let read = from.read(&mut bytes)?;
        if read == 0 || !goes_on(&bytes[..read]) {
            from.shutdown(Shutdown::Both)?;
            return to.shutdown(Shutdown::Both);
        }
        to.write_all(&bytes[..read])?;
    }
}

#[test]
fn a_network_whose_answer_was_lost_is_not_made_twice() {
    let project = Project::new("lost");
    project.write("containers: { lost-web: { image: fid/base:1, state: created } }\n");
    let socket = project.folder.path().join("proxy.sock");
    let swallowed = swallowing(&socket, &engine().socket());
    let host = format!("unix://{}", socket.display());
    project.run_at(&host, &["apply", "--yes"]).ok();
    assert!(swallowed.load(Ordering::SeqCst));
    project.run(&["plan", "--detailed-exitcode"]).with_code(0);
    let names = engine().docker(&[
        "network",
        "ls",
        "--filter",
        "name=^lost_default$",
        "--quiet",
    ]);
    assert_eq!(names.lines().count(), 1, "{names}");
}

#[test]
fn a_second_network_of_a_name_is_a_conflict_and_not_a_second_network() {
    let host = Host::read(Some(&engine().host())).expect("an address");
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let body = serde_json::json!({ "Name": "fid-once", "Labels": {} });
    runtime.block_on(async {
        let docker = Docker::new(host);
        docker.create_network(&body).await.expect("it is made");
        let again = docker.create_network(&body).await;
        assert!(matches!(again, Err(EngineError::Conflict(_))), "{again:?}");
    });
    let names = engine().docker(&["network", "ls", "--filter", "name=^fid-once$", "--quiet"]);
    assert_eq!(names.lines().count(), 1, "{names}");
}
