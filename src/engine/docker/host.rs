//! Where an engine listens.

use std::{fmt, path::PathBuf};

use crate::engine::EngineError;

/// The socket that an engine listens on unless told otherwise.
const DEFAULT: &str = "unix:///var/run/docker.sock";

/// Where an engine listens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Host {
    /// A Unix socket.
    Unix(PathBuf),
    /// A TCP address, host and port, without TLS.
    Tcp(String),
}

impl Host {
    /// Reads what `--host` or `DOCKER_HOST` says; the default socket if neither says anything.
    pub fn read(text: Option<&str>) -> Result<Self, EngineError> {
        let text = text
            .map(str::trim)
            .filter(|text| !text.is_empty())
            .unwrap_or(DEFAULT);
        let bad = |cause: &str| EngineError::BadHost {
            host: text.to_owned(),
            cause: cause.to_owned(),
        };
        match text.split_once("://") {
            Some(("unix", path)) if path.starts_with('/') => Ok(Self::Unix(path.into())),
            Some(("unix", _)) => Err(bad(
                "a socket's path is absolute: unix:///var/run/docker.sock",
            )),
            Some(("tcp" | "http", address)) => {
                let address = address.trim_end_matches('/');
                if address.is_empty() || address.contains('/') {
                    return Err(bad("write tcp://host:2375"));
                }
                let port = address
                    .rsplit_once(':')
                    .is_some_and(|(_, port)| port.parse::<u16>().is_ok());
                Ok(Self::Tcp(if port {
                    address.to_owned()
                } else {
                    format!("{address}:2375")
                }))
            }
            Some(("https", _)) => Err(bad(
                "TLS is not supported; forward the socket with ssh -L and use unix://",
            )),
            Some(("ssh", _)) => Err(bad(
                "forward the socket with ssh -L /tmp/engine.sock:/var/run/docker.sock and use unix:///tmp/engine.sock",
            )),
            Some((scheme, _)) => Err(bad(&format!(
                "{scheme} is not supported; write unix:///path or tcp://host:port"
            ))),
            None if text.starts_with('/') => Ok(Self::Unix(text.into())),
            None => Err(bad("write unix:///path or tcp://host:port")),
        }
    }

    /// One text for one engine, where links lead to the same socket (`/var/run` and `/run`).
    #[must_use]
    pub fn resolved(&self) -> String {
        match self {
            Self::Unix(path) => {
                let path = path.canonicalize().unwrap_or_else(|_| path.clone());
                Self::Unix(path).to_string()
            }
            Self::Tcp(_) => self.to_string(),
        }
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unix(path) => write!(f, "unix://{}", path.display()),
            Self::Tcp(address) => write!(f, "tcp://{address}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Host;

    #[test]
    fn hosts_are_read_as_docker_reads_them() {
        let read = |text: &str| Host::read(Some(text)).map(|host| host.to_string());
        assert_eq!(
            Host::read(None).expect("default").to_string(),
            "unix:///var/run/docker.sock"
        );
        assert_eq!(
            read("").expect("empty is unset"),
            "unix:///var/run/docker.sock"
        );
        assert_eq!(read("/tmp/x.sock").expect("a path"), "unix:///tmp/x.sock");
        assert_eq!(
            read("tcp://localhost").expect("a port is added"),
            "tcp://localhost:2375"
        );
        assert_eq!(read("tcp://[::1]:99/").expect("IPv6"), "tcp://[::1]:99");
        for text in [
            "ssh://host",
            "https://x",
            "unix://relative",
            "npipe:////./pipe/x",
            "localhost:2375",
            "tcp://",
        ] {
            let error = read(text).expect_err(text).to_string();
            assert!(error.contains(text), "{error}");
        }
    }
}
