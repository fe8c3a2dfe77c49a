//! Reading: `GET` over kept connections. There is no way to send anything else through this type.

use std::{
    sync::{Arc, OnceLock},
    time::Duration,
};

use bytes::Bytes;
use futures_util::{Stream, StreamExt};
use http_body_util::{BodyExt, Empty};
use hyper::{Request, Response, body::Incoming};
use serde_json::Value;
use tokio::sync::{OnceCell, Semaphore};

use super::{
    Host, Limits,
    credentials::auth_header,
    lean::{self, Answer},
    listed,
    progress::Lines,
    transport::{Pool, pool},
};
use crate::{
    engine::{EngineError, EngineEvent, Listed, Observe},
    model::EngineInfo,
};

/// The newest version of the API that this program speaks.
pub const NEWEST: (u32, u32) = (1, 51);

/// The oldest one that has everything that is needed: Docker 19.03.
pub const OLDEST: (u32, u32) = (1, 40);

/// How many inspects an engine has at the same time. Measured: eight take half the time of one after the other, more take
/// no less.
const AT_ONCE: usize = 8;

/// The largest answer that is read: a list of a hundred thousand containers has some 80 MB.
const LARGEST: usize = 256 << 20;

/// Reads an engine.
#[derive(Debug, Clone)]
pub struct Reader {
    host: Arc<Host>,
    limits: Limits,
    pool: Pool<Empty<Bytes>>,
    about: Arc<OnceLock<EngineInfo>>,
    version: Arc<OnceLock<String>>,
    /// What a host can enforce is as it is until it starts anew, and an engine runs two programs to tell it.
    info: Arc<OnceCell<Value>>,
    /// Many calls may begin at the same time before anything is known: one of them asks, and the others wait.
    asking: Arc<tokio::sync::Mutex<()>>,
    /// How many inspects the engine has at the same time, however many are asked for.
    inspects: Arc<Semaphore>,
}

impl Reader {
    /// A reader of an engine; nothing is contacted yet.
    #[must_use]
    pub fn new(host: Host) -> Self {
        Self::within(host, Limits::default())
    }

    /// The same, with limits of its own.
    #[must_use]
    pub fn within(host: Host, limits: Limits) -> Self {
        let host = Arc::new(host);
        Self {
            pool: pool(&host),
            host,
            limits,
            about: Arc::default(),
            version: Arc::default(),
            info: Arc::default(),
            asking: Arc::default(),
            inspects: Arc::new(Semaphore::new(AT_ONCE)),
        }
    }

    /// Where the engine listens.
    #[must_use]
    pub fn host(&self) -> &Arc<Host> {
        &self.host
    }

    /// How long an answer may take.
    #[must_use]
    pub fn limits(&self) -> Limits {
        self.limits
    }

    /// What is known of the engine, if anything was asked yet.
    #[must_use]
    pub fn agreed(&self) -> Option<&EngineInfo> {
        self.about.get()
    }

    /// The engine's version, which its answers tell in passing (`Server: Docker/28.5.2 (linux)`).
    #[must_use]
    pub fn version(&self) -> Option<&str> {
        self.version.get().map(String::as_str)
    }

    async fn send(
        &self,
        path: &str,
        headers: &[(&str, String)],
        limit: Duration,
    ) -> Result<Response<Incoming>, EngineError> {
        tracing::debug!(call = what(path), "engine");
        let mut request = Request::get(format!("http://engine{path}")).header("Host", "engine");
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        let request = request
            .body(Empty::new())
            .map_err(|error| EngineError::Unreadable {
                what: what(path),
                cause: error.to_string(),
            })?;
        let response = tokio::time::timeout(limit, self.pool.request(request))
            .await
            .map_err(|_| EngineError::TimedOut {
                what: what(path),
                after: limit,
            })?
            .map_err(|error| connection_error(&self.host, &what(path), &error))?;
        self.learn(&response)?;
        Ok(response)
    }

    /// Every answer says what the engine speaks.
    fn learn(&self, response: &Response<Incoming>) -> Result<(), EngineError> {
        if self.about.get().is_some() {
            return Ok(());
        }
        let header = |name: &str| {
            response
                .headers()
                .get(name)
                .and_then(|value| value.to_str().ok())
        };
        let Some(found) = header("Api-Version") else {
            return Ok(());
        };
        let Some(spoken) = version(found) else {
            return Ok(());
        };
        if spoken < OLDEST {
            return Err(EngineError::TooOld {
                host: self.host.to_string(),
                found: found.to_owned(),
            });
        }
        let server = header("Server").and_then(|server| server.split_once('/'));
        if let Some((_, rest)) = server {
            let version = rest.split_whitespace().next().unwrap_or(rest);
            let _ = self.version.set(version.to_owned());
        }
        let podman = header("Libpod-Api-Version").is_some()
            || header("Server").is_some_and(|server| server.contains("Libpod"));
        let _ = self.about.set(EngineInfo {
            api: spoken.min(NEWEST),
            podman,
            info: None,
        });
        Ok(())
    }

    async fn read(
        &self,
        path: &str,
        headers: &[(&str, String)],
        limit: Duration,
    ) -> Result<(u16, Bytes), EngineError> {
        let response = self.send(path, headers, limit).await?;
        let status = response.status().as_u16();
        let body = http_body_util::Limited::new(response.into_body(), LARGEST);
        let body = tokio::time::timeout(limit, body.collect())
            .await
            .map_err(|_| EngineError::TimedOut {
                what: what(path),
                after: limit,
            })?
            .map_err(|error| EngineError::Broken {
                what: what(path),
                cause: error.to_string(),
            })?;
        Ok((status, body.to_bytes()))
    }

    /// The path with the agreed version in front.
    async fn versioned(&self, path: &str) -> Result<String, EngineError> {
        let about = self.about().await?;
        Ok(format!("/v{}.{}{path}", about.api.0, about.api.1))
    }

    async fn json(&self, path: &str, answer: Answer) -> Result<Value, EngineError> {
        let path = self.versioned(path).await?;
        let (status, body) = self.read(&path, &[], self.limits.read).await?;
        if status >= 300 {
            return Err(EngineError::of_status(status, &body));
        }
        parse(&path, &body, answer)
    }

    async fn json_or_none(&self, path: &str, answer: Answer) -> Result<Option<Value>, EngineError> {
        match self.json(path, answer).await {
            Ok(value) => Ok(Some(value)),
            Err(EngineError::Missing(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

impl Observe for Reader {
    async fn about(&self) -> Result<EngineInfo, EngineError> {
        if let Some(about) = self.about.get() {
            return Ok(about.clone());
        }
        let _asking = self.asking.lock().await;
        if let Some(about) = self.about.get() {
            return Ok(about.clone());
        }
        let (status, body) = self.read("/_ping", &[], self.limits.read).await?;
        if status >= 300 {
            return Err(EngineError::of_status(status, &body));
        }
        self.about
            .get()
            .cloned()
            .ok_or_else(|| EngineError::Unreadable {
                what: "ping".into(),
                cause: "it names no API version; is this an engine?".into(),
            })
    }

    async fn info(&self) -> Result<Value, EngineError> {
        let asked = || self.json("/info", Answer::Other);
        self.info.get_or_try_init(asked).await.cloned()
    }

    /// The first call of a plan: it goes out without a version, so that it does not wait for a ping. Lists are read so
    /// leniently that every version will do.
    async fn containers(&self) -> Result<Vec<Listed>, EngineError> {
        let path = "/containers/json?all=1";
        let path = if self.about.get().is_some() {
            self.versioned(path).await?
        } else {
            path.to_owned()
        };
        let (status, body) = self.read(&path, &[], self.limits.read).await?;
        if status >= 300 {
            return Err(EngineError::of_status(status, &body));
        }
        listed::read(&body).map_err(|error| EngineError::Unreadable {
            what: what(&path),
            cause: error.to_string(),
        })
    }

    /// An answer is parsed when the next question is on its way, so that the engine does not wait for the parser: with eight
    /// questions that were asked together, it would wait for eight answers to be parsed.
    async fn container(&self, id: &str) -> Result<Option<Value>, EngineError> {
        let path = self
            .versioned(&format!("/containers/{}/json", encode(id)))
            .await?;
        // The semaphore is never closed; without a permit there would be no limit, and no fault.
        let permit = self.inspects.acquire().await.ok();
        let (status, body) = self.read(&path, &[], self.limits.read).await?;
        drop(permit);
        if status >= 300 {
            return match EngineError::of_status(status, &body) {
                EngineError::Missing(_) => Ok(None),
                error => Err(error),
            };
        }
        tokio::task::yield_now().await;
        parse(&path, &body, Answer::Container).map(Some)
    }

    async fn networks(&self) -> Result<Vec<Value>, EngineError> {
        Ok(list(self.json("/networks", Answer::Other).await?))
    }

    async fn network(&self, id: &str) -> Result<Option<Value>, EngineError> {
        self.json_or_none(&format!("/networks/{}", encode(id)), Answer::Other)
            .await
    }

    async fn volumes(&self) -> Result<Vec<Value>, EngineError> {
        let mut answer = self.json("/volumes", Answer::Other).await?;
        Ok(list(
            answer
                .get_mut("Volumes")
                .map(Value::take)
                .unwrap_or_default(),
        ))
    }

    async fn image(&self, reference: &str) -> Result<Option<Value>, EngineError> {
        self.json_or_none(
            &format!("/images/{}/json", encode(reference)),
            Answer::Other,
        )
        .await
    }

    async fn remote_digest(&self, reference: &str) -> Result<String, EngineError> {
        let path = self
            .versioned(&format!("/distribution/{}/json", encode(reference)))
            .await?;
        let headers: Vec<(&str, String)> = auth_header(reference)
            .map(|auth| ("X-Registry-Auth", auth))
            .into_iter()
            .collect();
        let (status, body) = self.read(&path, &headers, self.limits.registry).await?;
        if status >= 300 {
            return Err(EngineError::of_status(status, &body));
        }
        let answer: Value =
            serde_json::from_slice(&body).map_err(|error| EngineError::Unreadable {
                what: what(&path),
                cause: error.to_string(),
            })?;
        let digest = answer.pointer("/Descriptor/digest").and_then(Value::as_str);
        digest
            .map(str::to_owned)
            .ok_or_else(|| EngineError::Unreadable {
                what: what(&path),
                cause: "it names no digest".into(),
            })
    }

    async fn logs(&self, id: &str, lines: u32) -> Result<Vec<String>, EngineError> {
        let tty = self.container(id).await?.is_some_and(|answer| {
            answer
                .pointer("/Config/Tty")
                .and_then(Value::as_bool)
                .unwrap_or(false)
        });
        let path = self
            .versioned(&format!(
                "/containers/{}/logs?stdout=1&stderr=1&tail={lines}",
                encode(id)
            ))
            .await?;
        let (status, body) = self.read(&path, &[], self.limits.read).await?;
        if status >= 300 {
            return Err(EngineError::of_status(status, &body));
        }
        Ok(log_lines(&body, tty))
    }

    async fn events(
        &self,
        since: Option<String>,
    ) -> Result<
        impl Stream<Item = Result<EngineEvent, EngineError>> + Send + Unpin + 'static,
        EngineError,
    > {
        // Health checks flood an engine's events with `exec_*`: what is not named here is not sent.
        let filters = r#"{"type":["container","network","volume","image"],"event":["create","start","die","stop","kill","pause","unpause","restart","destroy","remove","rename","update","health_status","connect","disconnect","delete","untag","tag","pull","mount"]}"#;
        let since = since
            .map(|since| format!("&since={since}"))
            .unwrap_or_default();
        let path = self
            .versioned(&format!("/events?filters={}{since}", encode(filters)))
            .await?;
        let response = self.send(&path, &[], self.limits.read).await?;
        if response.status().as_u16() >= 300 {
            let status = response.status().as_u16();
            let body = response
                .into_body()
                .collect()
                .await
                .map(http_body_util::Collected::to_bytes)
                .unwrap_or_default();
            return Err(EngineError::of_status(status, &body));
        }
        let lines = Lines::new(response.into_body());
        Ok(Box::pin(lines.map(|line| line.map(|line| event(&line)))))
    }
}

fn parse(path: &str, body: &[u8], answer: Answer) -> Result<Value, EngineError> {
    lean::parse(body, answer).map_err(|error| EngineError::Unreadable {
        what: what(path),
        cause: error.to_string(),
    })
}

fn list(value: Value) -> Vec<Value> {
    match value {
        Value::Array(items) => items,
        _ => Vec::new(),
    }
}

fn event(line: &Value) -> EngineEvent {
    let text = |place: &str| {
        line.pointer(place)
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned()
    };
    EngineEvent {
        kind: text("/Type"),
        action: text("/Action"),
        id: text("/Actor/ID"),
        name: text("/Actor/Attributes/name"),
    }
}

/// What was asked for, in an error: the path without version and query.
pub fn what(path: &str) -> String {
    let path = path.split('?').next().unwrap_or(path);
    let rest = path
        .strip_prefix("/v1.")
        .and_then(|rest| rest.split_once('/'))
        .map_or(path.to_owned(), |(_, rest)| format!("/{rest}"));
    format!("GET {rest}")
}

fn version(text: &str) -> Option<(u32, u32)> {
    let (major, minor) = text.trim().split_once('.')?;
    Some((major.parse().ok()?, minor.parse().ok()?))
}

/// Percent-encoding of one part of a path or query. Slashes and colons stay: engines route image references with them.
pub fn encode(text: &str) -> String {
    use std::fmt::Write as _;
    text.bytes()
        .fold(String::with_capacity(text.len()), |mut encoded, byte| {
            if byte.is_ascii_alphanumeric() || b"-._~/:@".contains(&byte) {
                encoded.push(char::from(byte));
            } else {
                let _ = write!(encoded, "%{byte:02X}");
            }
            encoded
        })
}

/// Why a connection could not be made or used, with what to do about it.
pub fn connection_error(
    host: &Host,
    what: &str,
    error: &hyper_util::client::legacy::Error,
) -> EngineError {
    let mut source: Option<&(dyn std::error::Error + 'static)> = Some(error);
    let mut io = None;
    let mut last = error.to_string();
    while let Some(cause) = source {
        last = cause.to_string();
        io = cause.downcast_ref::<std::io::Error>().or(io);
        source = cause.source();
    }
    if !error.is_connect() {
        return EngineError::Broken {
            what: what.to_owned(),
            cause: last,
        };
    }
    let host = host.to_string();
    match io.map(std::io::Error::kind) {
        Some(std::io::ErrorKind::PermissionDenied) => EngineError::Denied { host },
        Some(std::io::ErrorKind::NotFound) => EngineError::Unreachable {
            host,
            cause: "there is no such socket".into(),
            hint: "start the engine, or name another with --host or DOCKER_HOST".into(),
        },
        Some(std::io::ErrorKind::ConnectionRefused) => EngineError::Unreachable {
            host,
            cause: "nobody listens there".into(),
            hint: "start the engine, or name another with --host or DOCKER_HOST".into(),
        },
        Some(_) | None => EngineError::Unreachable {
            host,
            cause: last,
            hint: "name another engine with --host or DOCKER_HOST".into(),
        },
    }
}

/// The lines of a log. Without a terminal the engine frames both streams: a byte for the stream, three of nothing, four of
/// length.
fn log_lines(body: &[u8], tty: bool) -> Vec<String> {
    let mut text = Vec::with_capacity(body.len());
    let mut rest = body;
    while !tty && rest.len() >= 8 && rest[0] <= 2 && rest[1..4] == [0, 0, 0] {
        let length = u32::from_be_bytes([rest[4], rest[5], rest[6], rest[7]]) as usize;
        let end = (8 + length).min(rest.len());
        text.extend_from_slice(&rest[8..end]);
        rest = &rest[end..];
    }
    text.extend_from_slice(rest);
    String::from_utf8_lossy(&text)
        .lines()
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{encode, log_lines, version, what};

    #[test]
    fn logs_are_taken_out_of_their_frames() {
        let framed = [b"\x01\0\0\0\0\0\0\x03a\nb\x02\0\0\0\0\0\0\x02c\n".as_slice()].concat();
        assert_eq!(log_lines(&framed, false), ["a", "bc"]);
        assert_eq!(log_lines(b"plain\r\nx", true), ["plain", "x"]);
        assert_eq!(log_lines(b"\x01\0\0\0\0\0\0\xffcut", false), ["cut"]);
        assert!(log_lines(b"", false).is_empty());
    }

    #[test]
    fn paths_are_safe_and_errors_name_them_without_versions() {
        assert_eq!(
            encode("a b?c#d%e/f:1@sha256"),
            "a%20b%3Fc%23d%25e/f:1@sha256"
        );
        assert_eq!(what("/v1.41/containers/json?all=1"), "GET /containers/json");
        assert_eq!(version("1.41"), Some((1, 41)));
        assert_eq!(version("x"), None);
    }
}
