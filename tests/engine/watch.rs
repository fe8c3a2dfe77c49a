//! The service: heals, follows the file, keeps the last good one, and ends cleanly.

use std::{
    fs,
    process::{Child, Stdio},
};

use crate::support::{Project, until};

const FILE: &str = "
containers:
  {p}-web:
    image: lab/serve:1
    environment: { COLOR: red }
";

/// A service that runs until the end of the test.
struct Service {
    process: Child,
    log: std::path::PathBuf,
}

impl Service {
    fn start(project: &Project) -> Self {
        let log = project.folder().join("watch.log");
        let out = fs::File::create(&log).expect("a log");
        let process = project
            .command(&["watch"])
            .stdin(Stdio::null())
            .stdout(out.try_clone().expect("a log"))
            .stderr(out)
            .spawn()
            .expect("it starts");
        Self { process, log }
    }

    fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }

    fn signal(&self, name: &str) {
        let pid = self.process.id().to_string();
        let sent = std::process::Command::new("kill")
            .args([name, &pid])
            .status()
            .expect("kill runs");
        assert!(sent.success());
    }

    /// Its exit code.
    #[track_caller]
    fn end(mut self) -> Option<i32> {
        let mut code = None;
        let log = self.log();
        until(&format!("watch ends; its log:\n{log}"), || {
            code = self.process.try_wait().expect("it can be waited for");
            code.is_some()
        });
        code.and_then(|status| status.code())
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("--- the log of watch\n{}", self.log());
        }
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

#[test]
fn it_heals_and_follows_the_file_and_ends_cleanly() {
    let project = Project::new(FILE);
    let service = Service::start(&project);
    let colour = |wanted: &str| {
        let web = project.container("web");
        let said = project
            .engine
            .try_docker(&["exec", &web, "sh", "-c", "echo $COLOR"]);
        said.stdout.trim() == wanted
    };
    until("it makes what the file says", || colour("red"));

    project.engine.docker(&["stop", &project.container("web")]);
    until("it starts what was stopped", || project.runs("web"));
    project
        .engine
        .docker(&["rm", "-f", &project.container("web")]);
    until("it makes what was removed", || project.runs("web"));

    project.write(&FILE.replace("red", "blue"));
    until("it follows the file", || colour("blue"));

    // As editors and Git do: another file takes the name.
    let other = project.folder().join("other");
    let text = fs::read_to_string(project.file()).expect("the file");
    fs::write(&other, text.replace("blue", "green")).expect("written");
    fs::rename(&other, project.file()).expect("renamed");
    until("it follows a file that took the place", || colour("green"));

    // A file that is not sound: the last good one holds.
    fs::write(project.file(), "containers: [\n").expect("written");
    until("it says that the file is not sound", || {
        service.log().contains("evenkeel.yaml:")
    });
    project.engine.docker(&["stop", &project.container("web")]);
    until("it goes on healing", || colour("green"));
    project.write(&FILE.replace("red", "black"));
    until("it follows the file once it is sound again", || {
        colour("black")
    });

    service.signal("-TERM");
    assert_eq!(service.end(), Some(0));
    assert!(project.runs("web"), "what it kept goes on");
    project.assert_empty();
}
