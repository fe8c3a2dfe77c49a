//! A request over a Unix socket, answered in full: what a test needs of HTTP, and nothing else.

use std::{
    io::{self, BufRead, BufReader, Read, Write},
    os::unix::net::UnixStream,
    path::Path,
    time::Duration,
};

use serde_json::Value;

/// How long an engine may think about one call.
const PATIENCE: Duration = Duration::from_mins(1);

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The body.
    pub body: String,
}

impl Answer {
    /// The body as JSON; panics unless the status is 200 or 201.
    #[track_caller]
    #[must_use]
    pub fn ok_json(&self) -> Value {
        assert!(
            matches!(self.status, 200 | 201),
            "the engine answered {}: {}",
            self.status,
            self.body
        );
        match serde_json::from_str(&self.body) {
            Ok(value) => value,
            Err(error) => panic!(
                "the engine did not answer with JSON: {error}: {}",
                self.body
            ),
        }
    }
}

/// One call, on a connection of its own.
pub fn request(
    socket: &Path,
    method: &str,
    path: &str,
    body: Option<&Value>,
) -> io::Result<Answer> {
    Client::connect(socket)?.call(method, path, body)
}

/// A connection that is kept: the barest client that there is, and what benchmarks compare with.
#[derive(Debug)]
pub struct Client {
    reader: BufReader<UnixStream>,
}

impl Client {
    /// Connects.
    pub fn connect(socket: &Path) -> io::Result<Self> {
        let stream = UnixStream::connect(socket)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        Ok(Self {
            reader: BufReader::new(stream),
        })
    }

    /// One call, answered in full.
    pub fn call(&mut self, method: &str, path: &str, body: Option<&Value>) -> io::Result<Answer> {
        let body = body.map(Value::to_string).unwrap_or_default();
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: engine\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        self.reader.get_mut().write_all(request.as_bytes())?;
        self.answer(method)
    }

    fn answer(&mut self, method: &str) -> io::Result<Answer> {
        let reader = &mut self.reader;
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let status: u16 = line
            .split_whitespace()
            .nth(1)
            .and_then(|status| status.parse().ok())
            .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "no status line"))?;
        let mut chunked = false;
        let mut length = None;
        loop {
            line.clear();
            if reader.read_line(&mut line)? == 0 || line.trim().is_empty() {
                break;
            }
            let lower = line.to_ascii_lowercase();
            chunked |= lower.starts_with("transfer-encoding:") && lower.contains("chunked");
            if let Some(text) = lower.strip_prefix("content-length:") {
                length = text.trim().parse().ok();
            }
        }
        let mut bytes = Vec::new();
        if method == "HEAD" || matches!(status, 204 | 304) {
            // These never have a body.
        } else if chunked {
            while let Some(chunk) = chunk(reader)? {
                bytes.extend(chunk);
            }
        } else if let Some(length) = length {
            reader.take(length).read_to_end(&mut bytes)?;
        } else {
            reader.read_to_end(&mut bytes)?;
        }
        Ok(Answer {
            status,
            body: String::from_utf8_lossy(&bytes).into_owned(),
        })
    }
}

/// The next chunk of a chunked body; `None` at its end.
pub(crate) fn chunk(reader: &mut impl BufRead) -> io::Result<Option<Vec<u8>>> {
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let size = line.trim().split(';').next().unwrap_or_default();
    let size = usize::from_str_radix(size, 16)
        .map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "no size of a chunk"))?;
    if size == 0 {
        // Trailers, up to the empty line.
        loop {
            line.clear();
            if reader.read_line(&mut line)? == 0 || line.trim().is_empty() {
                return Ok(None);
            }
        }
    }
    let mut bytes = vec![0; size];
    reader.read_exact(&mut bytes)?;
    line.clear();
    reader.read_line(&mut line)?;
    Ok(Some(bytes))
}
