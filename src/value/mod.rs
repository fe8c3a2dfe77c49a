//! Small values with a grammar of their own: one type a file, with its parser, its text and its tests.

mod address;
mod container_path;
mod cpus;
mod duration;
mod microseconds;
mod mode;
pub mod mount;
mod name;
mod port;
mod reference;
mod restart;
mod signal;
mod size;

pub use address::{HostEntry, MacAddress, Subnet, canonical_ip, parse_ip};
pub use container_path::{ContainerPath, clean};
pub use cpus::Cpus;
pub use duration::Duration;
pub use microseconds::Microseconds;
pub use mode::Mode;
pub use mount::{Mount, MountSource};
pub use name::Name;
pub use port::{ExposedPort, PortMapping, PortRange, Protocol};
pub use reference::Reference;
pub use restart::RestartPolicy;
pub use signal::Signal;
pub use size::Size;
