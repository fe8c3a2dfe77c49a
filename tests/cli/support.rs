//! Running the program in a folder of its own, with nothing of the surroundings.

use std::{
    fs,
    path::Path,
    process::{Command, Output},
};

use tempfile::TempDir;

/// A folder, and the program run in it.
pub struct Place {
    folder: TempDir,
}

/// What the program printed, and how it ended.
#[derive(Debug)]
pub struct Ran {
    /// Its exit code; none if a signal ended it.
    pub code: Option<i32>,
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub err: String,
}

impl Place {
    /// An empty folder.
    pub fn new() -> Self {
        Self {
            folder: TempDir::new().expect("a folder"),
        }
    }

    /// A folder with a file.
    pub fn with(name: &str, text: &str) -> Self {
        Self::new().and(name, text)
    }

    /// With one more file.
    pub fn and(self, name: &str, text: &str) -> Self {
        let path = self.path().join(name);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).expect("a folder");
        }
        fs::write(path, text).expect("a file");
        self
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// The program, about to be run here.
    pub fn command(&self, line: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_evenkeel"));
        command
            .args(line.split_whitespace())
            .current_dir(self.path())
            .env_clear()
            // An engine that is not there: a test must not reach one that is.
            .env("DOCKER_HOST", "unix:///nowhere/docker.sock")
            .env("COLUMNS", "80");
        command
    }

    /// Runs the program here to its end.
    pub fn run(&self, line: &str) -> Ran {
        let output = self.command(line).output().expect("the program runs");
        Ran::of(output)
    }
}

impl Ran {
    /// Reads what was printed.
    pub fn of(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).expect("what is printed is UTF-8");
        Self {
            code: output.status.code(),
            out: text(output.stdout),
            err: text(output.stderr),
        }
    }
}

/// A file that is sound.
pub const SHOP: &str = "\
project: shop
containers:
  web:
    image: nginx:1.27
";
