//! How long containers are down, by the engine's own clock.

use std::{
    collections::BTreeMap,
    io::{Read, Write},
    net::Shutdown,
    os::unix::net::UnixStream,
    path::Path,
    thread::{self, JoinHandle},
    time::Duration,
};

use serde_json::Value;

/// An engine's events, written down while something is done.
pub struct Events {
    stream: UnixStream,
    reader: JoinHandle<Vec<u8>>,
}

impl Events {
    /// Begins to listen.
    pub fn listen(socket: &Path) -> Self {
        let mut stream = UnixStream::connect(socket).expect("it connects");
        let path = "/events?filters=%7B%22type%22%3A%5B%22container%22%5D%2C%22event%22%3A%5B%22kill%22%2C%22start%22%5D%7D";
        write!(stream, "GET {path} HTTP/1.1\r\nHost: engine\r\n\r\n").expect("it is sent");
        let mut first = [0];
        // The answer's first byte: from here on the engine tells everything.
        stream.read_exact(&mut first).expect("it answers");
        let mut reading = stream.try_clone().expect("a second handle");
        let reader = thread::spawn(move || {
            let mut bytes = Vec::new();
            let _ = reading.read_to_end(&mut bytes);
            bytes
        });
        Self { stream, reader }
    }

    /// Ends, and gives for each name the time from the first signal of its stop to the start of what bears the name then.
    pub fn downtimes(self) -> Vec<Duration> {
        // Events come a moment after the answer of the call that they are about.
        thread::sleep(Duration::from_millis(300));
        self.stream.shutdown(Shutdown::Both).expect("it is closed");
        let bytes = self.reader.join().expect("the reader ends");
        let mut down: BTreeMap<String, u64> = BTreeMap::new();
        let mut times = Vec::new();
        for line in String::from_utf8_lossy(&bytes).lines() {
            // Between the events stand the sizes of HTTP's chunks.
            let Ok(event @ Value::Object(_)) = serde_json::from_str(line) else {
                continue;
            };
            let name = event["Actor"]["Attributes"]["name"]
                .as_str()
                .unwrap_or_default();
            // An old one has its name aside when it is stopped.
            let name = name.strip_suffix(".prev").unwrap_or(name).to_owned();
            let at = event["timeNano"].as_u64().expect("a time");
            match event["Action"].as_str() {
                Some("kill") => {
                    down.entry(name).or_insert(at);
                }
                Some("start") => {
                    if let Some(since) = down.remove(&name) {
                        times.push(Duration::from_nanos(at.saturating_sub(since)));
                    }
                }
                _ => {}
            }
        }
        times
    }
}
