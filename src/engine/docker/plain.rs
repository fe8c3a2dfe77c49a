//! Requests that bollard's types cannot say, and answers of which they want more than is needed: a container's id.
//!
//! They follow the newest API, in which the address of a container's network card has left the container's own settings,
//! and in which no two networks have one name. Engines before API 1.44 know the address there alone, and ignore it in an
//! endpoint; and they make a second network of the same name unless they are asked to look first.

use std::sync::Arc;

use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::Request;
use serde_json::Value;

use super::{
    Host, Limits,
    reader::{connection_error, encode},
    transport::{Pool, pool},
};
use crate::engine::EngineError;

/// An answer to a creation is an id and some warnings.
const LARGEST: usize = 1 << 20;

/// Sends JSON as it is.
#[derive(Debug, Clone)]
pub struct Plain {
    pool: Pool<Full<Bytes>>,
    host: Arc<Host>,
    limits: Limits,
    prefix: String,
}

impl Plain {
    /// A sender of requests whose paths begin with the API's version.
    pub fn new(host: &Arc<Host>, limits: Limits, prefix: &str) -> Self {
        Self {
            pool: pool(host),
            host: Arc::clone(host),
            limits,
            prefix: prefix.to_owned(),
        }
    }

    /// Makes a container, and gives its id.
    pub async fn create_container(
        &self,
        name: &str,
        body: &Value,
        platform: Option<&str>,
    ) -> Result<String, EngineError> {
        let what = format!("create {name}");
        let platform = platform.map_or_else(String::new, |platform| {
            format!("&platform={}", encode(platform))
        });
        let path = format!("/containers/create?name={}{platform}", encode(name));
        let answer = self.post(&what, &path, body).await?;
        let answer: Option<Value> = serde_json::from_slice(&answer).ok();
        let id = answer
            .as_ref()
            .and_then(|answer| answer.get("Id")?.as_str());
        id.map(str::to_owned)
            .ok_or_else(|| EngineError::Unreadable {
                what,
                cause: "it names no id".to_owned(),
            })
    }

    /// Makes a network, unless there is one of its name. A create whose answer was lost can so be sent again.
    pub async fn create_network(&self, body: &Value) -> Result<(), EngineError> {
        let mut body = body.clone();
        body["CheckDuplicate"] = Value::Bool(true);
        self.post("create network", "/networks/create", &body)
            .await
            .map(drop)
    }

    async fn post(&self, what: &str, path: &str, body: &Value) -> Result<Bytes, EngineError> {
        let request = Request::post(format!("http://engine{}{path}", self.prefix))
            .header("Host", "engine")
            .header("Content-Type", "application/json")
            .body(Full::new(Bytes::from(body.to_string())))
            .map_err(|error| EngineError::Unreadable {
                what: what.to_owned(),
                cause: error.to_string(),
            })?;
        let exchange = async {
            let response = self
                .pool
                .request(request)
                .await
                .map_err(|error| connection_error(&self.host, what, &error))?;
            let status = response.status().as_u16();
            let body = Limited::new(response.into_body(), LARGEST)
                .collect()
                .await
                .map_err(|error| EngineError::Broken {
                    what: what.to_owned(),
                    cause: error.to_string(),
                })?;
            Ok((status, body.to_bytes()))
        };
        let (status, answer) = tokio::time::timeout(self.limits.write, exchange)
            .await
            .map_err(|_| EngineError::TimedOut {
                what: what.to_owned(),
                after: self.limits.write,
            })??;
        if status >= 300 {
            return Err(EngineError::of_status(status, &answer));
        }
        Ok(answer)
    }
}
