//! A server on a socket that answers what it is told to, as an engine would.

use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader, Read, Write},
    os::unix::net::{UnixListener, UnixStream},
    path::PathBuf,
    sync::{Arc, Mutex},
    thread,
};

use evenkeel::engine::docker::Host;
use tempfile::TempDir;

/// What a server says of itself with every answer, as a newer engine would.
const HEADERS: &str = "Api-Version: 1.51\r\nServer: Docker/99.1 (linux)\r\n";

/// What is answered.
struct Answers {
    /// Status and body by path, without the API's version and the query.
    by_path: BTreeMap<String, (u16, Vec<u8>)>,
    headers: String,
}

/// A server. Its threads end with the process.
pub struct Server {
    socket: PathBuf,
    answers: Arc<Mutex<Answers>>,
    _folder: TempDir,
}

impl Server {
    pub fn start() -> Self {
        let folder = TempDir::new().expect("a folder");
        let socket = folder.path().join("engine.sock");
        let listener = UnixListener::bind(&socket).expect("a socket");
        let answers = Arc::new(Mutex::new(Answers {
            by_path: BTreeMap::new(),
            headers: HEADERS.to_owned(),
        }));
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

    pub fn address(&self) -> String {
        format!("unix://{}", self.socket.display())
    }

    pub fn host(&self) -> Host {
        Host::read(Some(&self.address())).expect("an address")
    }

    /// What it answers from now on at a path.
    pub fn answer(&self, path: &str, body: impl Into<Vec<u8>>) {
        self.answer_with(200, path, body);
    }

    /// The same with another status.
    pub fn answer_with(&self, status: u16, path: &str, body: impl Into<Vec<u8>>) {
        let mut answers = self.answers.lock().expect("no panic");
        answers
            .by_path
            .insert(path.to_owned(), (status, body.into()));
    }

    /// What it says of itself from now on: whole lines.
    pub fn says(&self, headers: &str) {
        let mut answers = self.answers.lock().expect("no panic");
        headers.clone_into(&mut answers.headers);
    }
}

/// Serves one connection until the other side closes it.
fn serve(stream: &UnixStream, answers: &Mutex<Answers>) -> Option<()> {
    let mut reader = BufReader::new(stream);
    loop {
        let mut request = String::new();
        reader
            .read_line(&mut request)
            .ok()
            .filter(|read| *read > 0)?;
        let mut header = String::new();
        let mut length = 0;
        while reader.read_line(&mut header).ok()? > 2 {
            if let Some((name, value)) = header.split_once(':')
                && name.eq_ignore_ascii_case("content-length")
            {
                length = value.trim().parse().ok()?;
            }
            header.clear();
        }
        std::io::copy(&mut (&mut reader).take(length), &mut std::io::sink()).ok()?;
        let path = request.split_whitespace().nth(1)?.split('?').next()?;
        let path = path
            .strip_prefix("/v1.")
            .and_then(|rest| rest.split_once('/'))
            .map_or(path.to_owned(), |(_, rest)| format!("/{rest}"));
        let (headers, answer) = {
            let answers = answers.lock().ok()?;
            (answers.headers.clone(), answers.by_path.get(&path).cloned())
        };
        let (status, body) =
            answer.unwrap_or_else(|| (404, br#"{"message":"no such thing"}"#.to_vec()));
        let head = format!(
            "HTTP/1.1 {status} \r\n{headers}Content-Type: application/json\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        let mut writer = stream;
        writer.write_all(head.as_bytes()).ok()?;
        writer.write_all(&body).ok()?;
    }
}
