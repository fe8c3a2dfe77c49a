//! Rows: what a container may do to its host, and what it shares with it.

use super::row::{ROW, Row, Way::Recreate};

pub const ROWS: &[Row] = &[
    Row {
        attribute: "privileged",
        yaml: "privileged: true",
        docker: &["--privileged"],
        changes: &[("privileged", Recreate)],
        ..ROW
    },
    Row {
        attribute: "cap_add",
        yaml: "cap_add: [ NET_ADMIN, cap_sys_time ]",
        docker: &["--cap-add", "NET_ADMIN", "--cap-add", "cap_sys_time"],
        changed: "cap_add: [ ALL ]",
        docker_changed: &["--cap-add", "ALL"],
        changes: &[("cap_add", Recreate)],
        ..ROW
    },
    Row {
        attribute: "cap_drop",
        yaml: "cap_drop: [ MKNOD ]",
        docker: &["--cap-drop", "MKNOD"],
        changes: &[("cap_drop", Recreate)],
        ..ROW
    },
    Row {
        attribute: "security_opt",
        yaml: "security_opt: [ 'no-new-privileges:true', seccomp=unconfined ]",
        docker: &[
            "--security-opt",
            "no-new-privileges=true",
            "--security-opt",
            "seccomp=unconfined",
        ],
        changed: "security_opt: [ seccomp=unconfined ]",
        docker_changed: &["--security-opt", "seccomp=unconfined"],
        changes: &[("security_opt[no-new-privileges]", Recreate)],
        ..ROW
    },
    Row {
        attribute: "security_opt",
        yaml: "security_opt: [ 'seccomp={folder}/profile.json' ]",
        docker: &["--security-opt", "seccomp={folder}/profile.json"],
        changed: "security_opt: [ 'seccomp:{folder}/other.json' ]",
        docker_changed: &["--security-opt", "seccomp={folder}/other.json"],
        changes: &[("security_opt[seccomp]", Recreate)],
        ..ROW
    },
    Row {
        attribute: "group_add",
        yaml: "group_add: [ '1001' ]",
        docker: &["--group-add", "1001"],
        changed: "group_add: [ 1001, 1002 ]",
        docker_changed: &["--group-add", "1001", "--group-add", "1002"],
        changes: &[("group_add", Recreate)],
        ..ROW
    },
    Row {
        attribute: "userns_mode",
        yaml: "userns_mode: host",
        docker: &["--userns", "host"],
        changes: &[("userns_mode", Recreate)],
        ..ROW
    },
    Row {
        attribute: "ipc",
        yaml: "ipc: shareable",
        docker: &["--ipc", "shareable"],
        changed: "ipc: service:peer",
        docker_changed: &["--ipc", "container:peer"],
        changes: &[("ipc", Recreate)],
        ..ROW
    },
    Row {
        attribute: "ipc",
        yaml: "ipc: host",
        docker: &["--ipc", "host"],
        changed: "ipc: none",
        docker_changed: &["--ipc", "none"],
        changes: &[("ipc", Recreate)],
        ..ROW
    },
    Row {
        attribute: "pid",
        yaml: "pid: host",
        docker: &["--pid", "host"],
        changed: "pid: container:peer",
        docker_changed: &["--pid", "container:peer"],
        changes: &[("pid", Recreate)],
        ..ROW
    },
    Row {
        attribute: "uts",
        yaml: "uts: host",
        docker: &["--uts", "host"],
        changes: &[("uts", Recreate)],
        ..ROW
    },
    Row {
        attribute: "cgroup",
        yaml: "cgroup: private",
        docker: &["--cgroupns", "private"],
        changed: "cgroup: host",
        docker_changed: &["--cgroupns", "host"],
        changes: &[("cgroup", Recreate)],
        ..ROW
    },
    Row {
        attribute: "cgroup_parent",
        yaml: "cgroup_parent: /fid-one",
        docker: &["--cgroup-parent", "/fid-one"],
        changed: "cgroup_parent: /fid-two",
        docker_changed: &["--cgroup-parent", "/fid-two"],
        changes: &[("cgroup_parent", Recreate)],
        ..ROW
    },
    // "default" is what it is without.
    Row {
        attribute: "isolation",
        yaml: "isolation: default",
        docker: &["--isolation", "default"],
        docker_changed: &["--isolation", "default"],
        ..ROW
    },
    Row {
        attribute: "sysctls",
        yaml: "sysctls: { net.core.somaxconn: 1024, kernel.shm_rmid_forced: '1' }",
        docker: &[
            "--sysctl",
            "net.core.somaxconn=1024",
            "--sysctl",
            "kernel.shm_rmid_forced=1",
        ],
        changed: "sysctls: [ net.core.somaxconn=2048, kernel.shm_rmid_forced=1 ]",
        docker_changed: &[
            "--sysctl",
            "net.core.somaxconn=2048",
            "--sysctl",
            "kernel.shm_rmid_forced=1",
        ],
        changes: &[("sysctls[net.core.somaxconn]", Recreate)],
        ..ROW
    },
];
