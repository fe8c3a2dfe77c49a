//! A server on a socket that answers what it is told to, as an engine would.

use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader, Write},
    os::unix::net::{UnixListener, UnixStream},
    path::PathBuf,
    sync::{Arc, Mutex},
    thread,
};

use evenkeel::engine::docker::Host;
use tempfile::TempDir;

/// Answers by path, without the API's version and the query; each is a whole body.
type Answers = Arc<Mutex<BTreeMap<String, Vec<u8>>>>;

/// A server. Its threads end with the process.
pub struct Server {
    socket: PathBuf,
    answers: Answers,
    _folder: TempDir,
}

impl Server {
    pub fn start() -> Self {
        let folder = TempDir::new().expect("a folder");
        let socket = folder.path().join("engine.sock");
        let listener = UnixListener::bind(&socket).expect("a socket");
        let answers = Answers::default();
        let given = Arc::clone(&answers);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let given = Arc::clone(&given);
                thread::spawn(move || serve(&stream, &given));
            }
        });
        Self {
            socket,
            answers,
            _folder: folder,
        }
    }

    pub fn host(&self) -> Host {
        let address = format!("unix://{}", self.socket.display());
        Host::read(Some(&address)).expect("an address")
    }

    /// What it answers from now on to a GET of a path.
    pub fn answer(&self, path: &str, body: impl Into<Vec<u8>>) {
        let mut answers = self.answers.lock().expect("no panic");
        answers.insert(path.to_owned(), body.into());
    }
}

/// Serves one connection until the other side closes it.
fn serve(stream: &UnixStream, answers: &Answers) -> Option<()> {
    let mut reader = BufReader::new(stream);
    loop {
        let mut request = String::new();
        reader
            .read_line(&mut request)
            .ok()
            .filter(|read| *read > 0)?;
        let mut header = String::new();
        while reader.read_line(&mut header).ok()? > 2 {
            header.clear();
        }
        let path = request.split_whitespace().nth(1)?.split('?').next()?;
        let path = path
            .strip_prefix("/v1.")
            .and_then(|rest| rest.split_once('/'))
            .map_or(path.to_owned(), |(_, rest)| format!("/{rest}"));
        let body = answers.lock().ok()?.get(&path).cloned();
        let (status, body) = match body {
            Some(body) => ("200 OK", body),
            None => ("404 Not Found", br#"{"message":"no such thing"}"#.to_vec()),
        };
        let head = format!(
            "HTTP/1.1 {status}\r\nApi-Version: 1.51\r\nServer: Docker/99.1 (linux)\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        let mut writer = stream;
        writer.write_all(head.as_bytes()).ok()?;
        writer.write_all(&body).ok()?;
    }
}
