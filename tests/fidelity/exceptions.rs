//! Attributes without a row, and why.

/// An attribute, and the reason.
pub const EXCEPTIONS: &[(&str, &str)] = &[
    (
        "state",
        "it is what a container does, and not how it is made: `states` compares that",
    ),
    (
        "files",
        "`inspect` does not show what is in a container: `contents` compares that",
    ),
    (
        "build",
        "it says how the image is made, which the container's row `image` then names",
    ),
    (
        "replicas",
        "it says how many containers there are, each of which is made as any other",
    ),
    (
        "profiles",
        "it says whether the container is in the file at all",
    ),
    (
        "use_api_socket",
        "the engine of a test is not at /var/run/docker.sock, and the mount is as any other bind",
    ),
    (
        "storage_opt",
        "the command line's only option, size, is refused by every file system but XFS with project quotas",
    ),
    (
        "cpu_rt_period",
        "the kernels of Debian have no real-time groups, and engines refuse it there",
    ),
    (
        "cpu_rt_runtime",
        "the kernels of Debian have no real-time groups, and engines refuse it there",
    ),
    (
        "cpu_count",
        "engines on Windows alone know it: a file that says more than 0 is refused",
    ),
    (
        "cpu_percent",
        "engines on Windows alone know it: a file that says more than 0 is refused",
    ),
    (
        "credential_spec",
        "engines on Windows alone know it: a file that has one is refused",
    ),
];

const NO_DEPENDENCIES: &str = "`inspect` does not show who waits for whom";
const NO_UPDATE: &str = "`inspect` does not show how a container is replaced";
const NO_HOOKS: &str = "`inspect` does not show hooks";
const NO_WEIGHTS: &str = "kernels without weights drop it, and then there is nothing to compare";

/// Keys below an attribute without a row, and why.
pub const WITHOUT_ROW: &[(&str, &str)] = &[
    ("depends_on.condition", NO_DEPENDENCIES),
    ("depends_on.restart", NO_DEPENDENCIES),
    ("update.failure_action", NO_UPDATE),
    ("update.parallelism", NO_UPDATE),
    ("update.delay", NO_UPDATE),
    ("post_start.user", NO_HOOKS),
    ("post_start.privileged", NO_HOOKS),
    ("post_start.working_dir", NO_HOOKS),
    ("post_start.environment", NO_HOOKS),
    ("pre_stop.user", NO_HOOKS),
    ("pre_stop.privileged", NO_HOOKS),
    ("pre_stop.working_dir", NO_HOOKS),
    ("pre_stop.environment", NO_HOOKS),
    ("blkio_config.weight", NO_WEIGHTS),
    ("blkio_config.weight_device", NO_WEIGHTS),
    ("blkio_config.weight_device.weight", NO_WEIGHTS),
    (
        "volumes.bind.recursive",
        "the command line of Debian 12 has no word for it",
    ),
    (
        "volumes.image",
        "the command line of Debian 12 has no word for it",
    ),
    ("gpus.options", "drivers alone read them, and none is there"),
];
