//! A start-first recreate behind a reverse proxy: whoever asks all the time is always answered.

use std::{
    path::Path,
    sync::{
        Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread::{scope, sleep},
    time::Duration,
};

use evenkeel_lab::{Balancer, ImageSpec, request};

use crate::support::{Project, engine, until};

/// How many ask at the same time, each again as soon as it has its answer.
const CLIENTS: usize = 4;

/// The pause of a client between an answer and its next question: some hundred questions a second are enough, and leave
/// the processors to what is tested.
const PAUSE: Duration = Duration::from_millis(5);

/// A server as one that is meant for this: it takes a while before it can answer, and on SIGTERM it says that it is not
/// ready any more, answers what comes all the same, and ends when the proxy has noticed.
const SERVER: &str = r#"
trap 'rm /www/ready; sleep 2; exit 0' TERM
sleep 2
echo "$COLOR" > /www/index.html
echo yes > /www/ready
httpd -f -p 80 -h /www &
while :; do wait; done
"#;

/// The proxy stands for one in a container; `web` is found by its alias.
const FILE: &str = "
containers:
  {p}-proxy: { image: 'lab/idle:1' }
  {p}-web:
    image: lab/slow:1
    environment: { COLOR: red }
    networks: { default: { aliases: [ web ] } }
    healthcheck: { test: [ CMD, wget, -q, -O, /dev/null, 'http://127.0.0.1/ready' ], interval: 300ms, retries: 50 }
    update: { order: start-first }
";

/// What the clients were told, in order, and what went wrong.
#[derive(Debug, Default)]
struct Answers {
    colours: Vec<String>,
    failures: Vec<String>,
}

/// Asks until it is told to stop.
fn ask(socket: &Path, answers: &Mutex<Answers>, enough: &AtomicBool) {
    while !enough.load(Ordering::Relaxed) {
        let answer = request(socket, "GET", "/", None);
        let mut answers = answers.lock().expect("not poisoned");
        match answer {
            Ok(answer) if answer.status == 200 => {
                answers.colours.push(answer.body.trim().to_owned());
            }
            other => answers.failures.push(format!("{other:?}")),
        }
        drop(answers);
        sleep(PAUSE);
    }
}

#[test]
fn no_request_fails_during_a_start_first_recreate_behind_a_proxy() {
    engine().image(
        "lab/slow:1",
        &ImageSpec::idle().cmd(&["slow"]).program("slow", SERVER),
    );
    let project = Project::new(FILE);
    project.settle();
    let old = project.id("web");
    let balancer = Balancer::start(project.engine, &project.container("proxy"), "web");
    let socket = balancer.socket();
    until("the proxy has found the server", || {
        request(&socket, "GET", "/", None).is_ok_and(|answer| answer.status == 200)
    });

    project.write(&FILE.replace("red", "blue"));
    let answers = Mutex::new(Answers::default());
    let enough = AtomicBool::new(false);
    scope(|scope| {
        for _ in 0..CLIENTS {
            scope.spawn(|| ask(&socket, &answers, &enough));
        }
        // Whatever happens, the clients have to end.
        let applied = project.run(&["apply", "--yes"]);
        sleep(Duration::from_secs(1));
        enough.store(true, Ordering::Relaxed);
        applied.ok();
    });

    let Answers { colours, failures } = answers.into_inner().expect("not poisoned");
    assert!(
        failures.is_empty(),
        "{} of {} failed, such as {}\n{}",
        failures.len(),
        failures.len() + colours.len(),
        failures[0],
        balancer.log()
    );
    // The old one answered while the new one was not ready, the new one afterwards, and nothing else ever did.
    let red = colours.iter().filter(|colour| *colour == "red").count();
    let blue = colours.iter().filter(|colour| *colour == "blue").count();
    assert_eq!(red + blue, colours.len(), "{colours:?}");
    assert!(red > 100 && blue > 100, "{red} red, {blue} blue");
    let last = colours.iter().rev().take(50);
    assert!(last.clone().all(|colour| colour == "blue"), "{last:?}");
    assert_ne!(project.id("web"), old);
    assert_eq!(
        project.containers(),
        [project.container("proxy"), project.container("web")]
    );
    project.assert_empty();
}
