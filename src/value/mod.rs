//! Small values with a grammar of their own: one type a file, with its parser, its text and its tests.

mod container_path;
mod cpus;
mod microseconds;
mod mode;
pub mod mount;
mod reference;
mod size;

pub use container_path::{ContainerPath, clean};
pub use cpus::Cpus;
pub use microseconds::Microseconds;
pub use mode::Mode;
pub use mount::{Mount, MountSource};
pub use reference::Reference;
pub use size::Size;
