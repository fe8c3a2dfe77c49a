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
