//! Rows: mounts and devices.

use super::row::{ROW, Row, Way::Recreate};

pub const ROWS: &[Row] = &[
    Row {
        attribute: "volumes",
        yaml: "volumes: [ 'data:/data', 'more:/more:ro' ]",
        docker: &["-v", "fid_data:/data", "-v", "fid_more:/more:ro"],
        changed: "volumes: [ 'data:/data:ro', 'more:/more:ro' ]",
        docker_changed: &["-v", "fid_data:/data:ro", "-v", "fid_more:/more:ro"],
        changes: &[("volumes[/data]", Recreate)],
        ..ROW
    },
    Row {
        attribute: "volumes",
        yaml: "volumes: [ '/usr:/host:ro,rslave', 'data:/data:nocopy' ]",
        docker: &["-v", "/usr:/host:ro,rslave", "-v", "fid_data:/data:nocopy"],
        changed: "volumes: [ '/usr:/host:ro', 'data:/data:nocopy' ]",
        docker_changed: &["-v", "/usr:/host:ro", "-v", "fid_data:/data:nocopy"],
        changes: &[("volumes[/host]", Recreate)],
        ..ROW
    },
    Row {
        attribute: "volumes",
        yaml: "volumes: [ { type: volume, source: data, target: /data, read_only: true, volume: { nocopy: true } }, { type: bind, source: /usr, target: /host, bind: { propagation: rslave } }, { type: tmpfs, target: /scratch, tmpfs: { size: 1m, mode: 0700 } } ]",
        docker: &[
            "--mount",
            "type=volume,source=fid_data,target=/data,readonly,volume-nocopy",
            "--mount",
            "type=bind,source=/usr,target=/host,bind-propagation=rslave",
            "--mount",
            "type=tmpfs,target=/scratch,tmpfs-size=1m,tmpfs-mode=0700",
        ],
        changed: "volumes: [ { type: volume, source: data, target: /data, read_only: true, volume: { nocopy: true } }, { type: bind, source: /usr, target: /host, bind: { propagation: rslave } }, { type: tmpfs, target: /scratch, tmpfs: { size: 2m, mode: 0700 } } ]",
        docker_changed: &[
            "--mount",
            "type=volume,source=fid_data,target=/data,readonly,volume-nocopy",
            "--mount",
            "type=bind,source=/usr,target=/host,bind-propagation=rslave",
            "--mount",
            "type=tmpfs,target=/scratch,tmpfs-size=2m,tmpfs-mode=0700",
        ],
        changes: &[("volumes[/scratch]", Recreate)],
        ..ROW
    },
    Row {
        attribute: "volumes",
        yaml: "volumes: [ { type: volume, source: data, target: /data, volume: { subpath: a } } ]",
        docker: &[
            "--mount",
            "type=volume,source=fid_data,target=/data,volume-subpath=a",
        ],
        changed: "volumes: [ { type: volume, source: data, target: /data, volume: { subpath: b } } ]",
        docker_changed: &[
            "--mount",
            "type=volume,source=fid_data,target=/data,volume-subpath=b",
        ],
        changes: &[("volumes[/data]", Recreate)],
        since: 45,
        ..ROW
    },
    Row {
        attribute: "volumes",
        yaml: "volumes: [ { type: bind, source: /usr, target: /host, read_only: true, bind: { create_host_path: true, selinux: z } } ]",
        docker: &["-v", "/usr:/host:ro,z"],
        changed: "volumes: [ { type: bind, source: /usr, target: /host, read_only: true, bind: { create_host_path: true, selinux: Z } } ]",
        docker_changed: &["-v", "/usr:/host:ro,Z"],
        changes: &[("volumes[/host]", Recreate)],
        ..ROW
    },
    Row {
        attribute: "volumes",
        yaml: "volumes: [ { type: volume, source: data, target: /data, consistency: cached, volume: { labels: { tier: front } } } ]",
        docker: &[
            "--mount",
            "type=volume,source=fid_data,target=/data,consistency=cached,volume-label=tier=front",
        ],
        changed: "volumes: [ { type: volume, source: data, target: /data, read_only: true, consistency: cached, volume: { labels: { tier: front } } } ]",
        docker_changed: &[
            "--mount",
            "type=volume,source=fid_data,target=/data,readonly,consistency=cached,volume-label=tier=front",
        ],
        changes: &[("volumes[/data]", Recreate)],
        ..ROW
    },
    Row {
        attribute: "volumes_from",
        yaml: "volumes_from: [ 'peer:ro' ]",
        docker: &["--volumes-from", "peer:ro"],
        changed: "volumes_from: [ peer ]",
        docker_changed: &["--volumes-from", "peer"],
        changes: &[("volumes_from[peer]", Recreate)],
        ..ROW
    },
    Row {
        attribute: "tmpfs",
        yaml: "tmpfs: [ /run, '/tmp:size=64m,mode=1777,noexec' ]",
        docker: &[
            "--tmpfs",
            "/run",
            "--tmpfs",
            "/tmp:size=64m,mode=1777,noexec",
        ],
        changed: "tmpfs: [ /run, '/tmp:size=32m,mode=1777,noexec' ]",
        docker_changed: &[
            "--tmpfs",
            "/run",
            "--tmpfs",
            "/tmp:size=32m,mode=1777,noexec",
        ],
        changes: &[("tmpfs[/tmp]", Recreate)],
        ..ROW
    },
    Row {
        attribute: "devices",
        yaml: "devices: [ '/dev/null:/dev/nothing:rw', /dev/zero ]",
        docker: &[
            "--device",
            "/dev/null:/dev/nothing:rw",
            "--device",
            "/dev/zero",
        ],
        changed: "devices: [ '/dev/null:/dev/nothing:r', /dev/zero ]",
        docker_changed: &[
            "--device",
            "/dev/null:/dev/nothing:r",
            "--device",
            "/dev/zero",
        ],
        changes: &[("devices[/dev/nothing]", Recreate)],
        ..ROW
    },
    Row {
        attribute: "devices",
        yaml: "devices: [ { source: /dev/null, target: /dev/nothing, permissions: rw } ]",
        docker: &["--device", "/dev/null:/dev/nothing:rw"],
        changed: "devices: [ { source: /dev/zero, target: /dev/nothing, permissions: rw } ]",
        docker_changed: &["--device", "/dev/zero:/dev/nothing:rw"],
        changes: &[("devices[/dev/nothing]", Recreate)],
        ..ROW
    },
    Row {
        attribute: "device_cgroup_rules",
        yaml: "device_cgroup_rules: [ 'c 1:3 rm', 'a 7:* rwm' ]",
        docker: &[
            "--device-cgroup-rule",
            "c 1:3 rm",
            "--device-cgroup-rule",
            "a 7:* rwm",
        ],
        changed: "device_cgroup_rules: [ 'c 1:3 rm' ]",
        docker_changed: &["--device-cgroup-rule", "c 1:3 rm"],
        changes: &[("device_cgroup_rules", Recreate)],
        ..ROW
    },
    Row {
        attribute: "read_only",
        yaml: "read_only: true",
        docker: &["--read-only"],
        changes: &[("read_only", Recreate)],
        ..ROW
    },
];
