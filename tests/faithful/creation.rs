//! What an inspect shows of a new container: what the engine fills in, merges, rewrites and refuses.

use evenkeel::engine::Act;
use serde_json::json;

use crate::script::{Scenario, Script, agree};

#[test]
fn what_the_engine_makes_of_a_request() {
    agree::<Creation>();
}

struct Creation;

impl Scenario for Creation {
    async fn play<E: Act>(script: &mut Script<'_, E>) {
        merging(script).await;
        networks(script).await;
        host(script).await;
        refusals(script).await;
    }
}

/// What comes from the image.
async fn merging<E: Act>(script: &mut Script<'_, E>) {
    script.create("bare", json!({"Image": "app:1"})).await;
    script
        .create("empty", json!({"Image": "app:1", "HostConfig": {}}))
        .await;
    script.create("rich", json!({"Image": "rich:1"})).await;
    script
        .create(
            "merged",
            json!({"Image": "rich:1", "Env": ["A=9", "C=3", "B"], "Labels": {"q": "r", "x": "z"}, "Healthcheck": {"Retries": 4},
                "ExposedPorts": {"90/tcp": {}}, "Volumes": {"/more": {}}, "WorkingDir": "/a/../b/", "User": "1:1",
                "Hostname": "host", "Domainname": "example.com", "Tty": true, "OpenStdin": true, "StopSignal": "SIGINT",
                "StopTimeout": 5}),
        )
        .await;
    script
        .create(
            "no-check",
            json!({"Image": "rich:1", "Healthcheck": {"Test": ["NONE"]}}),
        )
        .await;
    script
        .create("command", json!({"Image": "fixed:1", "Cmd": ["two"]}))
        .await;
    script
        .create(
            "entrypoint",
            json!({"Image": "fixed:1", "Entrypoint": ["idle"]}),
        )
        .await;
    script
        .create(
            "both",
            json!({"Image": "fixed:1", "Entrypoint": ["idle"], "Cmd": []}),
        )
        .await;
    script
        .create(
            "unset",
            json!({"Image": "fixed:1", "Entrypoint": [""], "Cmd": ["idle"]}),
        )
        .await;
    script
        .create("inherits", json!({"Image": "fixed:1", "Entrypoint": []}))
        .await;
    script
        .create("by-name", json!({"Image": "docker.io/library/app:1"}))
        .await;
}

/// Networks and ports.
async fn networks<E: Act>(script: &mut Script<'_, E>) {
    script
        .network(json!({"Name": "net", "IPAM": {"Config": [{"Subnet": "10.77.0.0/24"}]}, "Labels": {"a": "b"}}))
        .await;
    script
        .network(
            json!({"Name": "plain", "Internal": true, "Attachable": true, "Options": {"o": "p"}}),
        )
        .await;
    for mode in [
        "host",
        "none",
        "bridge",
        "default",
        "net",
        "nonet",
        "container:bare",
        "container:nobody",
    ] {
        let name = format!("mode-{}", mode.replace(':', "-"));
        script
            .create(
                &name,
                json!({"Image": "app:1", "HostConfig": {"NetworkMode": mode}}),
            )
            .await;
        if mode != "container:bare" && mode != "container:nobody" {
            script.start(&name).await;
            script.inspect(&name).await;
        }
    }
    script
        .create(
            "address",
            json!({"Image": "app:1", "HostConfig": {"NetworkMode": "net"}, "NetworkingConfig": {"EndpointsConfig": {"net":
                {"Aliases": ["web"], "IPAMConfig": {"IPv4Address": "10.77.0.9"}}}}}),
        )
        .await;
    script.start("address").await;
    script.inspect("address").await;
    script
        .create(
            "other",
            json!({"Image": "app:1", "HostConfig": {"NetworkMode": "net"}, "NetworkingConfig": {"EndpointsConfig": {"plain": {"Aliases": ["x"]}}}}),
        )
        .await;
    script.start("other").await;
    script.inspect("other").await;
    let ports = json!({"80/tcp": [{"HostPort": "18080"}, {"HostIp": "127.0.0.1", "HostPort": "18081"}], "53/udp": [{"HostIp": "0.0.0.0", "HostPort": "18053"}]});
    script
        .create(
            "ports",
            json!({"Image": "rich:1", "HostConfig": {"PortBindings": ports}}),
        )
        .await;
    script.start("ports").await;
    script.inspect("ports").await;
    script.create("unexposed", json!({"Image": "app:1", "HostConfig": {"PortBindings": {"90/tcp": [{"HostPort": "18090"}]}}})).await;
    script.start("unexposed").await;
    script.inspect("unexposed").await;
}

/// Limits, security, and the rest of `HostConfig`.
async fn host<E: Act>(script: &mut Script<'_, E>) {
    script
        .create(
            "limits",
            json!({"Image": "app:1", "HostConfig": {"Memory": 67_108_864, "NanoCpus": 500_000_000, "CpusetCpus": "0", "PidsLimit": -1,
                "MemoryReservation": 33_554_432, "OomScoreAdj": 5, "ShmSize": 1_048_576, "CpuShares": 512,
                "Ulimits": [{"Name": "nofile", "Soft": 10, "Hard": 20}], "RestartPolicy": {"Name": "on-failure", "MaximumRetryCount": 3}}}),
        )
        .await;
    script.create("swap", json!({"Image": "app:1", "HostConfig": {"Memory": 67_108_864, "MemorySwap": -1, "PidsLimit": 50}})).await;
    script
        .create(
            "security",
            json!({"Image": "app:1", "HostConfig": {"Privileged": true, "CapAdd": ["net_admin", "CAP_SYS_TIME"], "CapDrop": ["ALL"],
                "SecurityOpt": ["no-new-privileges"], "ReadonlyRootfs": true, "GroupAdd": ["5"], "UsernsMode": "host"}}),
        )
        .await;
    script
        .create(
            "shared",
            json!({"Image": "app:1", "HostConfig": {"PidMode": "host", "IpcMode": "container:bare", "UTSMode": "host", "Links": ["bare:b"]}}),
        )
        .await;
    script
        .create(
            "various",
            json!({"Image": "app:1", "HostConfig": {"Dns": ["10.0.0.1"], "DnsOptions": ["ndots:1"], "DnsSearch": ["a.example"], "ExtraHosts": ["a:10.0.0.2"],
                "Init": true, "Sysctls": {"net.core.somaxconn": "5"}, "Tmpfs": {"/t": "size=64m"}, "LogConfig": {"Type": "json-file", "Config": {"max-size": "1m"}},
                "Devices": [{"PathOnHost": "/dev/null", "PathInContainer": "/dev/zilch", "CgroupPermissions": "r"}], "DeviceCgroupRules": ["c 1:3 r"],
                "CpuPeriod": 100_000, "CpuQuota": 50_000, "IpcMode": "shareable", "CgroupnsMode": "private", "AutoRemove": false}}),
        )
        .await;
}

/// What is refused before anything is made.
async fn refusals<E: Act>(script: &mut Script<'_, E>) {
    for (name, body) in [
        ("image", json!({"Image": "nosuch:1"})),
        ("latest", json!({"Image": "nosuch"})),
        ("nothing", json!({})),
        ("b ad", json!({"Image": "app:1"})),
        ("x", json!({"Image": "app:1"})),
        ("bare", json!({"Image": "app:1"})),
        (
            "commandless",
            json!({"Image": "app:1", "Entrypoint": [""], "Cmd": []}),
        ),
        (
            "folder",
            json!({"Image": "app:1", "WorkingDir": "relative"}),
        ),
        (
            "memory",
            json!({"Image": "app:1", "HostConfig": {"Memory": 1000}}),
        ),
        (
            "swap-alone",
            json!({"Image": "app:1", "HostConfig": {"MemorySwap": 67_108_864}}),
        ),
        (
            "small-swap",
            json!({"Image": "app:1", "HostConfig": {"Memory": 67_108_864, "MemorySwap": 33_554_432}}),
        ),
        (
            "cpus",
            json!({"Image": "app:1", "HostConfig": {"NanoCpus": 500_000_000, "CpuQuota": 50_000}}),
        ),
        (
            "retries",
            json!({"Image": "app:1", "HostConfig": {"RestartPolicy": {"Name": "always", "MaximumRetryCount": 3}}}),
        ),
        (
            "mount",
            json!({"Image": "app:1", "HostConfig": {"Mounts": [{"Type": "bind", "Source": "/nosuch", "Target": "/x"}]}}),
        ),
        (
            "short-volume",
            json!({"Image": "app:1", "HostConfig": {"Binds": ["a:/x"]}}),
        ),
        (
            "twice",
            json!({"Image": "app:1", "HostConfig": {"Mounts": [{"Type": "tmpfs", "Target": "/x"}, {"Type": "tmpfs", "Target": "/x"}]}}),
        ),
        (
            "endpoints",
            json!({"Image": "app:1", "NetworkingConfig": {"EndpointsConfig": {"net": {}, "plain": {}}}}),
        ),
    ] {
        script.create(name, body).await;
    }
}
