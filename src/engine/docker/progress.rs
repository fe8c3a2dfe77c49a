//! Streams of JSON lines: events, pulls and builds.

use std::{
    collections::VecDeque,
    pin::Pin,
    task::{Context, Poll},
};

use futures_util::Stream;
use hyper::body::{Body, Incoming};
use serde_json::Value;

use crate::engine::EngineError;

/// The longest line that is read: a build's step may print a long one, an event has some kilobytes.
const LONGEST: usize = 1 << 20;

/// The JSON values of an answer that never ends. Its end is an error.
#[derive(Debug)]
pub struct Lines {
    body: Incoming,
    buffer: Vec<u8>,
    ready: VecDeque<Value>,
}

impl Lines {
    /// Reads a body.
    #[must_use]
    pub fn new(body: Incoming) -> Self {
        Self {
            body,
            buffer: Vec::new(),
            ready: VecDeque::new(),
        }
    }

    /// Takes whole lines out of the buffer. What is no JSON is passed over: a hint that cannot be read is none.
    fn split(&mut self) {
        while let Some(end) = self.buffer.iter().position(|byte| *byte == b'\n') {
            let line: Vec<u8> = self.buffer.drain(..=end).collect();
            self.ready
                .extend(serde_json::from_slice::<Value>(&line).ok());
        }
        if self.buffer.len() > LONGEST {
            self.buffer.clear();
        }
    }
}

impl Stream for Lines {
    type Item = Result<Value, EngineError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            if let Some(value) = self.ready.pop_front() {
                return Poll::Ready(Some(Ok(value)));
            }
            let broken = |cause: String| EngineError::Broken {
                what: "GET /events".into(),
                cause,
            };
            match Pin::new(&mut self.body).poll_frame(cx) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(None) => {
                    return Poll::Ready(Some(Err(broken("the engine ended it".into()))));
                }
                Poll::Ready(Some(Err(error))) => {
                    return Poll::Ready(Some(Err(broken(error.to_string()))));
                }
                Poll::Ready(Some(Ok(frame))) => {
                    if let Ok(data) = frame.into_data() {
                        self.buffer.extend_from_slice(&data);
                        self.split();
                    }
                }
            }
        }
    }
}
