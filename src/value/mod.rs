//! Small values with a grammar of their own: one type a file, with its parser, its text and its tests.

mod capability;
mod container_path;
mod cpus;
mod cpuset;
mod device;
mod microseconds;
mod mode;
pub mod mount;
mod reference;
mod security_opt;
mod size;
mod tmpfs;
mod ulimit;

pub use capability::Capability;
pub use container_path::{ContainerPath, clean};
pub use cpus::Cpus;
pub use cpuset::Cpuset;
pub use device::{Device, DeviceRule, Permissions};
pub use microseconds::Microseconds;
pub use mode::Mode;
pub use mount::{Mount, MountSource};
pub use reference::Reference;
pub use security_opt::SecurityOpt;
pub use size::Size;
pub use tmpfs::Tmpfs;
pub use ulimit::Ulimit;
