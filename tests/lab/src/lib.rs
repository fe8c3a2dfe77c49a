//! Private, throw-away container engines, for tests, benchmarks and the quick start.
//!
//! [`Engine::start`] starts an engine in mount, network, pid, ipc and uts namespaces of its own, so that it shares
//! nothing with an engine that this machine may run: not its firewall, its addresses, its socket, its key or its images.
//! It ends with the process that started it, also after `kill -9`, and leaves nothing behind.
//!
//! Everything here blocks, and panics with what went wrong and what to do: a missing engine fails a test, and never
//! skips it. It needs root, and Debian's packages `docker.io`, `busybox-static`, `iproute2`, `iptables` and `curl`
//! (`docker-registry` and `apache2-utils` for a registry, `haproxy` for a reverse proxy).

mod balancer;
mod engine;
mod holder;
mod http;
mod image;
mod kind;
mod proxy;
mod registry;
mod run;
mod timers;

pub use balancer::Balancer;
pub use engine::{Engine, Error, unique};
pub use http::{Answer, Client, request};
pub use image::ImageSpec;
pub use kind::{Can, Filter, Kind};
pub use proxy::{Hold, Proxy, Recorded};
pub use registry::Registry;
pub use run::Ran;
