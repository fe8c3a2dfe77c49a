//! Rows: limits and shares. What can change in place does; a limit that goes takes a new container.

use super::row::{
    ROW, Row,
    Way::{Recreate, Update},
};

pub const ROWS: &[Row] = &[
    Row {
        attribute: "memory",
        yaml: "mem_limit: 64m",
        docker: &["--memory", "64m"],
        changed: "memory: 96mb",
        docker_changed: &["--memory", "96m"],
        changes: &[("memory", Update)],
        ..ROW
    },
    Row {
        attribute: "memory",
        yaml: "memory: 64m",
        docker: &["--memory", "64m"],
        changes: &[("memory", Recreate)],
        ..ROW
    },
    Row {
        attribute: "memory_reservation",
        yaml: "mem_reservation: 32m",
        docker: &["--memory-reservation", "32m"],
        changed: "mem_reservation: 48m",
        docker_changed: &["--memory-reservation", "48m"],
        changes: &[("memory_reservation", Update)],
        ..ROW
    },
    Row {
        attribute: "memswap_limit",
        yaml: "memory: 64m\nmemswap_limit: 100m",
        docker: &["--memory", "64m", "--memory-swap", "100m"],
        changed: "memory: 64m\nmemswap_limit: -1",
        docker_changed: &["--memory", "64m", "--memory-swap", "-1"],
        changes: &[("memswap_limit", Update)],
        ..ROW
    },
    Row {
        attribute: "memswap_limit",
        yaml: "memory: 64m\nmemswap_limit: 100m",
        docker: &["--memory", "64m", "--memory-swap", "100m"],
        changed: "memory: 64m",
        docker_changed: &["--memory", "64m"],
        changes: &[("memswap_limit", Update)],
        ..ROW
    },
    Row {
        attribute: "mem_swappiness",
        yaml: "memory: 64m\nmem_swappiness: 60",
        docker: &["--memory", "64m", "--memory-swappiness", "60"],
        changed: "memory: 64m\nmem_swappiness: 50",
        docker_changed: &["--memory", "64m", "--memory-swappiness", "50"],
        changes: &[("mem_swappiness", Recreate)],
        ..ROW
    },
    Row {
        attribute: "oom_kill_disable",
        yaml: "memory: 64m\noom_kill_disable: true",
        docker: &["--memory", "64m", "--oom-kill-disable"],
        changed: "memory: 64m",
        docker_changed: &["--memory", "64m"],
        changes: &[("oom_kill_disable", Recreate)],
        ..ROW
    },
    Row {
        attribute: "oom_score_adj",
        yaml: "oom_score_adj: 500",
        docker: &["--oom-score-adj", "500"],
        changes: &[("oom_score_adj", Recreate)],
        ..ROW
    },
    Row {
        attribute: "shm_size",
        yaml: "shm_size: 128m",
        docker: &["--shm-size", "128m"],
        changed: "shm_size: 64m",
        docker_changed: &["--shm-size", "64m"],
        changes: &[("shm_size", Recreate)],
        ..ROW
    },
    Row {
        attribute: "cpus",
        yaml: "cpus: 0.5",
        docker: &["--cpus", "0.5"],
        changed: "cpus: '0.75'",
        docker_changed: &["--cpus", "0.75"],
        changes: &[("cpus", Update)],
        ..ROW
    },
    Row {
        attribute: "cpu_shares",
        yaml: "cpu_shares: 512",
        docker: &["--cpu-shares", "512"],
        changed: "cpu_shares: 256",
        docker_changed: &["--cpu-shares", "256"],
        changes: &[("cpu_shares", Update)],
        ..ROW
    },
    Row {
        attribute: "cpu_period",
        yaml: "cpu_period: 50ms\ncpu_quota: 25000",
        docker: &["--cpu-period", "50000", "--cpu-quota", "25000"],
        changed: "cpu_period: 100ms\ncpu_quota: 25000",
        docker_changed: &["--cpu-period", "100000", "--cpu-quota", "25000"],
        changes: &[("cpu_period", Update)],
        ..ROW
    },
    Row {
        attribute: "cpu_quota",
        yaml: "cpu_quota: 25000",
        docker: &["--cpu-quota", "25000"],
        changed: "cpu_quota: 35ms",
        docker_changed: &["--cpu-quota", "35000"],
        changes: &[("cpu_quota", Update)],
        ..ROW
    },
    // From the one way to say it to the other there is none in place.
    Row {
        attribute: "cpus",
        yaml: "cpu_period: 50000\ncpu_quota: 25000",
        docker: &["--cpu-period", "50000", "--cpu-quota", "25000"],
        changed: "cpus: 0.5",
        docker_changed: &["--cpus", "0.5"],
        changes: &[
            ("cpu_period", Recreate),
            ("cpu_quota", Recreate),
            ("cpus", Update),
        ],
        ..ROW
    },
    Row {
        attribute: "cpuset",
        yaml: "cpuset: '0'",
        docker: &["--cpuset-cpus", "0"],
        changed: "cpuset: '0-1'",
        docker_changed: &["--cpuset-cpus", "0-1"],
        changes: &[("cpuset", Update)],
        ..ROW
    },
    Row {
        attribute: "pids_limit",
        yaml: "pids_limit: 100",
        docker: &["--pids-limit", "100"],
        changed: "pids_limit: 200",
        docker_changed: &["--pids-limit", "200"],
        changes: &[("pids_limit", Update)],
        ..ROW
    },
    Row {
        attribute: "pids_limit",
        yaml: "pids_limit: 100",
        docker: &["--pids-limit", "100"],
        changed: "pids_limit: -1",
        docker_changed: &["--pids-limit", "0"],
        changes: &[("pids_limit", Update)],
        ..ROW
    },
    Row {
        attribute: "ulimits",
        yaml: "ulimits: { nofile: { soft: 1024, hard: 2048 }, core: 0 }",
        docker: &["--ulimit", "nofile=1024:2048", "--ulimit", "core=0"],
        changed: "ulimits: { nofile: { soft: 1024, hard: 4096 }, core: 0 }",
        docker_changed: &["--ulimit", "nofile=1024:4096", "--ulimit", "core=0"],
        changes: &[("ulimits.nofile.hard", Recreate)],
        ..ROW
    },
    Row {
        attribute: "blkio_config",
        yaml: "blkio_config: { device_read_bps: [ { path: /dev/null, rate: 1mb } ], device_write_iops: [ { path: /dev/null, rate: 100 } ] }",
        docker: &[
            "--device-read-bps",
            "/dev/null:1mb",
            "--device-write-iops",
            "/dev/null:100",
        ],
        changed: "blkio_config: { device_read_bps: [ { path: /dev/null, rate: 2mb } ], device_write_iops: [ { path: /dev/null, rate: 100 } ] }",
        docker_changed: &[
            "--device-read-bps",
            "/dev/null:2mb",
            "--device-write-iops",
            "/dev/null:100",
        ],
        changes: &[("blkio_config.device_read_bps", Recreate)],
        ..ROW
    },
    Row {
        attribute: "blkio_config",
        yaml: "blkio_config: { device_write_bps: [ { path: /dev/null, rate: 1mb } ], device_read_iops: [ { path: /dev/null, rate: 100 } ] }",
        docker: &[
            "--device-write-bps",
            "/dev/null:1mb",
            "--device-read-iops",
            "/dev/null:100",
        ],
        changed: "blkio_config: { device_write_bps: [ { path: /dev/null, rate: 1mb } ], device_read_iops: [ { path: /dev/null, rate: 200 } ] }",
        docker_changed: &[
            "--device-write-bps",
            "/dev/null:1mb",
            "--device-read-iops",
            "/dev/null:200",
        ],
        changes: &[("blkio_config.device_read_iops", Recreate)],
        ..ROW
    },
    Row {
        attribute: "gpus",
        yaml: "gpus: [ { driver: nvidia, device_ids: ['0', '2'] } ]",
        docker: &["--gpus", "driver=nvidia,\"device=0,2\""],
        changed: "gpus: [ { driver: nvidia, device_ids: ['0', '1'] } ]",
        docker_changed: &["--gpus", "driver=nvidia,\"device=0,1\""],
        changes: &[("gpus", Recreate)],
        ..ROW
    },
    Row {
        attribute: "gpus",
        yaml: "gpus: [ { driver: nvidia, count: 1 } ]",
        docker: &["--gpus", "driver=nvidia,count=1"],
        changed: "gpus: [ { driver: nvidia, count: 2, capabilities: [ utility ] } ]",
        docker_changed: &[
            "--gpus",
            "driver=nvidia,count=2,\"capabilities=gpu,utility\"",
        ],
        changes: &[("gpus", Recreate)],
        ..ROW
    },
];
