//! The vocabulary: resources, that is limits and shares of memory, processors, processes and disks.
//!
//! Most of them change in place (`POST /containers/{id}/update`), and so are always judged: unset means "no limit". What
//! the host cannot enforce the engine drops with a warning, and so it is no difference.

mod blkio;
mod cpu;
mod gpus;
mod memory;
mod processes;

pub use memory::BYTES;

use crate::model::Attribute;

/// Attributes of a container: resources.
pub const RESOURCES: &[Attribute] = &[
    memory::MEMORY,
    memory::MEMORY_RESERVATION,
    memory::MEMSWAP_LIMIT,
    memory::MEM_SWAPPINESS,
    memory::OOM_KILL_DISABLE,
    memory::OOM_SCORE_ADJ,
    memory::SHM_SIZE,
    cpu::CPUS,
    cpu::CPU_SHARES,
    cpu::CPU_PERIOD,
    cpu::CPU_QUOTA,
    cpu::CPU_RT_PERIOD,
    cpu::CPU_RT_RUNTIME,
    cpu::CPUSET,
    cpu::CPU_COUNT,
    cpu::CPU_PERCENT,
    processes::PIDS_LIMIT,
    processes::ULIMITS,
    blkio::BLKIO_CONFIG,
    gpus::GPUS,
];

#[cfg(test)]
mod tests;
