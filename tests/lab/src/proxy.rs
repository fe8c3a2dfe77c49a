//! A proxy between a program and an engine that records every request.

use std::{
    fmt, fs,
    io::{self, BufRead, BufReader, Read, Write},
    net::Shutdown,
    os::unix::net::{UnixListener, UnixStream},
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    thread,
    time::Duration,
};

use crate::{Engine, holder::base, http::chunk};

/// The longest head of a request that is read; an engine's own limit is 1 MiB.
const LONGEST_HEAD: usize = 1 << 20;

/// How long a program is held up at most. A test kills it as soon as it is.
const LONGEST_HOLD: Duration = Duration::from_secs(30);

/// A request, as it was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    /// The method.
    pub method: String,
    /// The path, with its query.
    pub path: String,
    /// How many bytes its body has.
    pub body: u64,
}

impl fmt::Display for Recorded {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} {}", self.method, self.path)
    }
}

impl Recorded {
    /// Whether it may change something.
    #[must_use]
    pub fn writes(&self) -> bool {
        !matches!(self.method.as_str(), "GET" | "HEAD")
    }
}

/// Where a proxy holds a program up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hold {
    /// The write with this number, from 0, is not passed on.
    Before(usize),
    /// The write with this number is passed on and done, and its answer is not.
    After(usize),
}

/// Stands between a program and an engine: from a Unix socket to a Unix socket.
#[derive(Debug)]
pub struct Proxy {
    socket: PathBuf,
    state: Arc<State>,
}

#[derive(Debug, Default)]
struct State {
    recorded: Mutex<Vec<Recorded>>,
    hold: Option<Hold>,
    held: AtomicBool,
}

impl State {
    fn recorded(&self) -> MutexGuard<'_, Vec<Recorded>> {
        self.recorded.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Holds a program up until it is killed.
    fn hold_up(&self) {
        self.held.store(true, Ordering::SeqCst);
        thread::sleep(LONGEST_HOLD);
    }
}

impl Proxy {
    /// Stands before an engine.
    #[must_use]
    #[track_caller]
    pub fn before(engine: &Engine) -> Self {
        Self::holding(engine, None)
    }

    /// Stands before an engine, and holds a program up at a write, so that it can be killed there.
    #[must_use]
    #[track_caller]
    pub fn holding(engine: &Engine, hold: Option<Hold>) -> Self {
        match Self::between(&engine.socket(), hold) {
            Ok(proxy) => proxy,
            Err(error) => panic!("cannot start a proxy: {error}"),
        }
    }

    /// Stands before any server on a Unix socket.
    pub fn between(server: &Path, hold: Option<Hold>) -> io::Result<Self> {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let next = NEXT.fetch_add(1, Ordering::Relaxed);
        let socket = base().join(format!("ek-proxy-{}-{next}.sock", std::process::id()));
        let listener = UnixListener::bind(&socket)?;
        let state = Arc::new(State {
            hold,
            ..State::default()
        });
        let server = server.to_owned();
        let into = Arc::clone(&state);
        // Ends with the process: nobody connects any more once the socket is removed.
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let server = server.clone();
                let into = Arc::clone(&into);
                thread::spawn(move || {
                    // A connection that breaks is the program's to report.
                    drop(pass(client, &server, &into));
                });
            }
        });
        Ok(Self { socket, state })
    }

    /// Its address, for `DOCKER_HOST`.
    #[must_use]
    pub fn host(&self) -> String {
        format!("unix://{}", self.socket.display())
    }

    /// Its socket.
    #[must_use]
    pub fn socket(&self) -> &Path {
        &self.socket
    }

    /// Every request until now, in the order of arrival.
    #[must_use]
    pub fn recorded(&self) -> Vec<Recorded> {
        self.state.recorded().clone()
    }
}

impl Proxy {
    /// Whether a program is held up now.
    #[must_use]
    pub fn is_holding(&self) -> bool {
        self.state.held.load(Ordering::SeqCst)
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        drop(fs::remove_file(&self.socket));
    }
}

/// Passes one connection on. What comes back is copied as it is; what goes out is read as a row of requests.
fn pass(client: UnixStream, server: &Path, state: &Arc<State>) -> io::Result<()> {
    let mut upstream = UnixStream::connect(server)?;
    let keeps_answer = Arc::new(AtomicBool::new(false));
    let back = {
        let (from, to) = (upstream.try_clone()?, client.try_clone()?);
        let (state, keeps_answer) = (Arc::clone(state), Arc::clone(&keeps_answer));
        thread::spawn(move || drop(pass_back(from, to, &state, &keeps_answer)))
    };
    let mut reader = BufReader::new(client);
    while let Some(head) = head(&mut reader)? {
        let length = header(&head, "content-length").and_then(|text| text.parse().ok());
        let chunked =
            header(&head, "transfer-encoding").is_some_and(|text| text.contains("chunked"));
        let mut words = head.split_whitespace().map(str::to_owned);
        let request = Recorded {
            method: words.next().unwrap_or_default(),
            path: words.next().unwrap_or_default(),
            body: length.unwrap_or(0),
        };
        let writes = request.writes();
        let (position, write) = {
            let mut recorded = state.recorded();
            let write = recorded.iter().filter(|earlier| earlier.writes()).count();
            recorded.push(request);
            (recorded.len() - 1, write)
        };
        match state.hold {
            Some(Hold::Before(at)) if writes && at == write => {
                state.hold_up();
                return Ok(());
            }
            Some(Hold::After(at)) if writes && at == write => {
                keeps_answer.store(true, Ordering::SeqCst);
            }
            _ => {}
        }
        upstream.write_all(head.as_bytes())?;
        if header(&head, "upgrade").is_some() {
            io::copy(&mut reader, &mut upstream)?;
            break;
        }
        if chunked {
            let mut size = 0;
            while let Some(bytes) = chunk(&mut reader)? {
                size += bytes.len() as u64;
                write!(upstream, "{:x}\r\n", bytes.len())?;
                upstream.write_all(&bytes)?;
                upstream.write_all(b"\r\n")?;
            }
            upstream.write_all(b"0\r\n\r\n")?;
            state.recorded()[position].body = size;
        } else if let Some(length) = length {
            io::copy(&mut reader.by_ref().take(length), &mut upstream)?;
        }
    }
    upstream.shutdown(Shutdown::Write)?;
    drop(back.join());
    Ok(())
}

/// Passes answers back as they are, or keeps one.
fn pass_back(
    mut from: UnixStream,
    mut to: UnixStream,
    state: &State,
    keeps_answer: &AtomicBool,
) -> io::Result<()> {
    let mut bytes = vec![0; 1 << 16];
    loop {
        let read = from.read(&mut bytes)?;
        if keeps_answer.load(Ordering::SeqCst) {
            state.hold_up();
            return Ok(());
        }
        if read == 0 {
            return to.shutdown(Shutdown::Write);
        }
        to.write_all(&bytes[..read])?;
    }
}

/// The head of the next request, with the empty line; `None` at the connection's end.
fn head(reader: &mut impl BufRead) -> io::Result<Option<String>> {
    let mut head = String::new();
    loop {
        let from = head.len();
        if reader.read_line(&mut head)? == 0 {
            return Ok(None);
        }
        if head[from..].trim().is_empty() && from > 0 {
            return Ok(Some(head));
        }
        if head.len() > LONGEST_HEAD {
            return Err(io::Error::new(
                io::ErrorKind::InvalidData,
                "the head of a request is too long",
            ));
        }
    }
}

fn header(head: &str, name: &str) -> Option<String> {
    head.lines().skip(1).find_map(|line| {
        let (key, value) = line.split_once(':')?;
        key.eq_ignore_ascii_case(name)
            .then(|| value.trim().to_ascii_lowercase())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Answers every request with its body's size, on kept connections.
    fn server() -> PathBuf {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let next = NEXT.fetch_add(1, Ordering::Relaxed);
        let socket = base().join(format!("ek-server-{}-{next}.sock", std::process::id()));
        let listener = UnixListener::bind(&socket).expect("binds");
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                thread::spawn(move || {
                    let mut writer = stream.try_clone().expect("clones");
                    let mut reader = BufReader::new(stream);
                    while let Ok(Some(head)) = head(&mut reader) {
                        let mut size = 0;
                        if header(&head, "transfer-encoding").is_some() {
                            while let Ok(Some(bytes)) = chunk(&mut reader) {
                                size += bytes.len() as u64;
                            }
                        } else if let Some(length) = header(&head, "content-length") {
                            let length = length.parse().expect("a number");
                            size = io::copy(&mut reader.by_ref().take(length), &mut io::sink())
                                .expect("copies");
                        }
                        let text = size.to_string();
                        write!(
                            writer,
                            "HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{text}",
                            text.len()
                        )
                        .expect("writes");
                    }
                });
            }
        });
        socket
    }

    #[test]
    fn every_request_of_a_kept_connection_is_recorded() {
        let server = server();
        let proxy = Proxy::between(&server, None).expect("starts");
        let mut stream = UnixStream::connect(proxy.socket()).expect("connects");
        stream
            .write_all(
                b"GET /a?b=c HTTP/1.1\r\nHost: x\r\n\r\n\
                  POST /sized HTTP/1.1\r\nContent-Length: 9\r\n\r\nGET / no \
                  PUT /chunked HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nGET /\r\n3\r\nabc\r\n0\r\n\r\n\
                  DELETE /d HTTP/1.1\r\n\r\n",
            )
            .expect("writes");
        stream.shutdown(Shutdown::Write).expect("shuts down");
        let mut answers = String::new();
        stream.read_to_string(&mut answers).expect("reads");
        let sizes: Vec<&str> = answers
            .split("\r\n\r\n")
            .skip(1)
            .map(|rest| rest.split("HTTP").next().unwrap_or(rest))
            .collect();
        assert_eq!(sizes, ["0", "9", "8", "0"]);
        let recorded: Vec<String> = proxy.recorded().iter().map(ToString::to_string).collect();
        assert_eq!(
            recorded,
            ["GET /a?b=c", "POST /sized", "PUT /chunked", "DELETE /d"]
        );
        let bodies: Vec<u64> = proxy
            .recorded()
            .iter()
            .map(|request| request.body)
            .collect();
        assert_eq!(bodies, [0, 9, 8, 0]);
        fs::remove_file(server).expect("removes");
    }

    #[test]
    fn what_cannot_be_reached_breaks_the_connection_and_nothing_else() {
        let proxy = Proxy::between(Path::new("/nowhere/docker.sock"), None).expect("starts");
        let mut stream = UnixStream::connect(proxy.socket()).expect("connects");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("ends");
        assert_eq!(answer, "");
        assert_eq!(proxy.recorded(), []);
    }
}
