//! Connections to an engine, kept and used again: a new one costs as much as a small request.

use std::{
    future::Future,
    io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use hyper::{Uri, body::Body};
use hyper_util::{
    client::legacy::{
        Client,
        connect::{Connected, Connection},
    },
    rt::{TokioExecutor, TokioIo},
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::{TcpStream, UnixStream},
};

use super::Host;

/// A connection that was not used for this long is given up: an engine that is restarted leaves dead ones behind.
const IDLE: Duration = Duration::from_secs(30);

/// The longest wait for a connection. A local socket answers at once or not at all.
const CONNECT: Duration = Duration::from_secs(10);

/// A pool of connections to one engine.
pub type Pool<B> = Client<Connector, B>;

/// A new pool.
pub fn pool<B>(host: &Arc<Host>) -> Pool<B>
where
    B: Body + Send + Unpin + 'static,
    B::Data: Send,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    Client::builder(TokioExecutor::new())
        .pool_idle_timeout(IDLE)
        // Inspects run eight at a time, and steps at most 64: none of them needs a new connection.
        .pool_max_idle_per_host(64)
        .build(Connector {
            host: Arc::clone(host),
        })
}

/// Connects to the engine, whatever address a request names.
#[derive(Debug, Clone)]
pub struct Connector {
    host: Arc<Host>,
}

impl tower_service::Service<Uri> for Connector {
    type Response = TokioIo<Stream>;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<Self::Response>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Uri) -> Self::Future {
        let host = Arc::clone(&self.host);
        Box::pin(async move {
            let connect = async {
                Ok(match &*host {
                    Host::Unix(path) => Stream::Unix(UnixStream::connect(path).await?),
                    Host::Tcp(address) => {
                        let stream = TcpStream::connect(address.as_str()).await?;
                        stream.set_nodelay(true)?;
                        Stream::Tcp(stream)
                    }
                })
            };
            let stream: io::Result<Stream> = tokio::time::timeout(CONNECT, connect)
                .await
                .unwrap_or_else(|_| {
                    Err(io::Error::new(
                        io::ErrorKind::TimedOut,
                        "no connection within 10 s",
                    ))
                });
            stream.map(TokioIo::new)
        })
    }
}

/// A connection.
#[derive(Debug)]
pub enum Stream {
    /// Over a Unix socket.
    Unix(UnixStream),
    /// Over TCP.
    Tcp(TcpStream),
}

impl Connection for Stream {
    fn connected(&self) -> Connected {
        Connected::new()
    }
}

impl AsyncRead for Stream {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Unix(stream) => Pin::new(stream).poll_read(cx, buf),
            Self::Tcp(stream) => Pin::new(stream).poll_read(cx, buf),
        }
    }
}

impl AsyncWrite for Stream {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Unix(stream) => Pin::new(stream).poll_write(cx, buf),
            Self::Tcp(stream) => Pin::new(stream).poll_write(cx, buf),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Unix(stream) => Pin::new(stream).poll_flush(cx),
            Self::Tcp(stream) => Pin::new(stream).poll_flush(cx),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Unix(stream) => Pin::new(stream).poll_shutdown(cx),
            Self::Tcp(stream) => Pin::new(stream).poll_shutdown(cx),
        }
    }
}
