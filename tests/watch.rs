//! The service against a simulated engine and real files.

use std::{
    collections::BTreeMap,
    fs,
    io::Write,
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use evenkeel::{
    apply::Limits,
    engine::simulated::{Behaviour, Clock, ImageSpec, Simulated},
    plan::Options,
    spec::{self, Inputs},
    watch::{self, Ended, Event, Setup},
};
use serde_json::json;
use tokio::{sync::mpsc, task::JoinHandle};

/// A service that runs, its file and its engine.
struct Service {
    engine: Simulated,
    folder: tempfile::TempDir,
    signals: mpsc::Sender<Event>,
    running: JoinHandle<notify::Result<Ended>>,
}

/// Longer than anything here takes, on a machine that does other things too.
const PATIENCE: Duration = Duration::from_secs(20);

impl Service {
    fn start(engine: Simulated, file: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("evenkeel.yaml");
        fs::write(&path, file).expect("the file");
        let (signals, told) = mpsc::channel(8);
        let setup = Setup {
            interval: Duration::from_mins(5),
            seed: 0,
            poll: false,
            options: Options::default(),
            allow_empty: false,
            limits: Limits::default(),
            files: vec![path.clone()],
            guard: Arc::new(|_| Ok(Box::new(()))),
        };
        let load = Arc::new(move || {
            let files: [PathBuf; 1] = [path.clone()];
            spec::parse(&Inputs {
                files: &files,
                env_files: &[],
                variables: &BTreeMap::new(),
                base: Path::new("/"),
                profiles: &[],
                read: &|path: &Path| fs::read(path),
            })
        });
        let running = tokio::spawn(watch::run(Arc::new(engine.clone()), load, setup, told));
        Self {
            engine,
            folder,
            signals,
            running,
        }
    }

    /// Changes the file as an editor does: a new one is renamed over it.
    fn edit(&self, text: &str) {
        let new = self.folder.path().join("new");
        fs::write(&new, text).expect("a new file");
        fs::rename(&new, self.folder.path().join("evenkeel.yaml")).expect("a rename");
    }

    async fn until(&self, what: &str, is: impl Fn(&Simulated) -> bool) {
        let begun = Instant::now();
        while !is(&self.engine) {
            assert!(begun.elapsed() < PATIENCE, "waited in vain until {what}");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    async fn end(self) -> Ended {
        self.signals
            .send(Event::Terminate)
            .await
            .expect("it listens");
        let ended = tokio::time::timeout(PATIENCE, self.running).await;
        ended
            .expect("it ends in time")
            .expect("it does not panic")
            .expect("it can watch files")
    }
}

fn engine() -> Simulated {
    Simulated::new()
        .with_clock(Clock::Tokio)
        .with_image("app:1", ImageSpec::default())
}

fn is_up(engine: &Simulated, name: &str) -> bool {
    engine.look(|world| {
        world
            .container(name)
            .is_some_and(evenkeel::engine::simulated::Container::is_up)
    })
}

fn variable(engine: &Simulated, name: &str, entry: &str) -> bool {
    engine.look(|world| {
        let inspect = world.inspect_container(name).unwrap_or_default();
        inspect["Config"]["Env"]
            .as_array()
            .is_some_and(|env| env.contains(&json!(entry)))
    })
}

const FILE: &str = "project: shop\ncontainers: { web: { image: app:1, env: { COLOR: red }, update: { monitor: 10ms } } }\n";

#[tokio::test]
async fn what_was_removed_by_hand_comes_back() {
    let service = Service::start(engine(), FILE);
    service
        .until("web runs", |engine| is_up(engine, "web"))
        .await;
    service
        .engine
        .hands(|world| world.docker_rm("web"))
        .expect("it is removed");
    service
        .until("web is back", |engine| is_up(engine, "web"))
        .await;
    assert_eq!(service.end().await, Ended::Finished);
}

#[tokio::test]
async fn an_edit_of_the_file_is_followed_and_a_mistake_keeps_the_last_good_one() {
    let service = Service::start(engine(), FILE);
    service
        .until("web runs", |engine| is_up(engine, "web"))
        .await;
    service.edit(&FILE.replace("red", "blue"));
    service
        .until("web is blue", |engine| {
            variable(engine, "web", "COLOR=blue")
        })
        .await;
    service.edit("project: shop\ncontainers: { web: { imgae: app:1 } }\n");
    tokio::time::sleep(Duration::from_millis(600)).await;
    service
        .engine
        .hands(|world| world.docker_rm("web"))
        .expect("it is removed");
    service
        .until("web is back and still blue", |engine| {
            is_up(engine, "web") && variable(engine, "web", "COLOR=blue")
        })
        .await;
    service.edit(&FILE.replace("red", "green"));
    service
        .until("web is green", |engine| {
            variable(engine, "web", "COLOR=green")
        })
        .await;
    assert_eq!(service.end().await, Ended::Finished);
}

#[tokio::test]
async fn a_file_that_lists_nothing_any_more_removes_nothing_without_consent() {
    let service = Service::start(engine(), FILE);
    service
        .until("web runs", |engine| is_up(engine, "web"))
        .await;
    service.edit("project: shop\n");
    tokio::time::sleep(Duration::from_millis(600)).await;
    assert!(is_up(&service.engine, "web"));
    assert_eq!(service.end().await, Ended::Finished);
}

#[tokio::test]
async fn one_that_fails_does_not_hold_up_the_others_and_is_tried_again() {
    let broken = ImageSpec::default().behaving(Behaviour::no_such_command("nothing"));
    let service = Service::start(
        engine().with_image("broken:1", broken),
        "project: shop\ncontainers: { bad: { image: broken:1 }, web: { image: app:1 } }\n",
    );
    service
        .until("web runs", |engine| is_up(engine, "web"))
        .await;
    let tries = |engine: &Simulated| {
        let calls = engine.calls();
        calls.iter().filter(|call| call.name == "start").count()
    };
    service
        .until("bad is tried three times", |engine| tries(engine) > 3)
        .await;
    service.edit("project: shop\ncontainers: { bad: { image: app:1, update: { monitor: 10ms } }, web: { image: app:1 } }\n");
    service
        .until("bad runs once it is mended", |engine| is_up(engine, "bad"))
        .await;
    assert_eq!(service.end().await, Ended::Finished);
}

/// What is logged on this thread, for as long as the guard lives.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    fn listen(&self) -> tracing::subscriber::DefaultGuard {
        let log = self.clone();
        let subscriber = tracing_subscriber::fmt()
            .with_ansi(false)
            .with_writer(move || log.clone());
        tracing::subscriber::set_default(subscriber.finish())
    }

    fn text(&self) -> String {
        let log = self.0.lock().expect("nobody panicked");
        String::from_utf8_lossy(&log).into_owned()
    }

    /// How many lines have this in them.
    fn lines(&self, part: &str) -> usize {
        let text = self.text();
        text.lines().filter(|line| line.contains(part)).count()
    }
}

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("nobody panicked").write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn what_is_never_taken_is_reported_once_and_held_until_the_file_changes() {
    let log = Log::default();
    let _listening = log.listen();
    let told = |after: &str| {
        log.lines(&format!(
            "web: cpu_shares is 2048 and not {after} right after it was applied"
        ))
    };
    let file = |shares: &str| {
        format!(
            "project: shop\ncontainers: {{ web: {{ image: app:1, cpu_shares: {shares} }}, db: {{ image: app:1 }} }}\n"
        )
    };
    let updates = |engine: &Simulated| {
        let calls = engine.calls().into_iter();
        calls
            .filter(|call| call.name == "update")
            .map(|call| call.arguments[1].to_string())
            .collect::<Vec<_>>()
    };
    let restarts = |engine: &Simulated| {
        engine.look(|world| world.inspect_container("web").unwrap_or_default()["HostConfig"]["RestartPolicy"]["Name"].clone())
    };
    let engine = engine();
    engine.hands(|world| world.never_takes("web", "/HostConfig/CpuShares", json!(2048)));
    let service = Service::start(engine, &file("512"));
    service.until("it is told", |_| told("512") > 0).await;

    // Everything else is healed: of the same container, and others.
    service.engine.hands(|world| {
        let always = json!({ "RestartPolicy": { "Name": "always" } });
        world.docker_update("web", &always).expect("it is updated");
        world.docker_rm("db").expect("it is removed");
    });
    service
        .until("the rest is healed", |engine| {
            is_up(engine, "db") && restarts(engine) != json!("always")
        })
        .await;
    service
        .engine
        .hands(|world| world.docker_rm("web"))
        .expect("it is removed");
    service
        .until("web is back", |engine| is_up(engine, "web"))
        .await;
    let sent = updates(&service.engine);
    assert!(
        sent.len() == 1 && !sent[0].contains("CpuShares"),
        "the shares were left alone: {sent:?}"
    );
    assert_eq!(told("512"), 1);

    // The new file may be the mended one: it is tried once, and told once.
    service.edit(&file("256"));
    service.until("it is told", |_| told("256") > 0).await;
    service
        .engine
        .hands(|world| world.docker_rm("db"))
        .expect("it is removed");
    service
        .until("db is back", |engine| is_up(engine, "db"))
        .await;
    let sent = updates(&service.engine);
    assert_eq!(sent.len(), 2, "{sent:?}\n{}", log.text());
    assert_eq!((told("512"), told("256")), (1, 1));
    assert_eq!(service.end().await, Ended::Finished);
}

#[tokio::test]
async fn idle_costs_no_call() {
    let service = Service::start(engine(), FILE);
    service
        .until("web runs", |engine| is_up(engine, "web"))
        .await;
    // The apply's own events lead to one more look, which finds nothing.
    tokio::time::sleep(Duration::from_secs(3)).await;
    let calls = service.engine.count();
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(service.engine.count(), calls);
    assert_eq!(service.end().await, Ended::Finished);
}
