//! A container's `HostConfig`: what the engine fills in, rewrites and refuses.

use serde_json::{Map, Value, json};

use super::{World, world::error};
use crate::engine::EngineError;

/// The least memory that the engine takes.
const LEAST_MEMORY: i64 = 6 << 20;
/// The engine's default size of `/dev/shm`.
const SHM_SIZE: i64 = 64 << 20;

const LISTS: &[&str] = &[
    "Binds",
    "VolumesFrom",
    "CapAdd",
    "CapDrop",
    "Dns",
    "DnsOptions",
    "DnsSearch",
    "ExtraHosts",
    "GroupAdd",
    "Links",
    "SecurityOpt",
    "BlkioWeightDevice",
    "BlkioDeviceReadBps",
    "BlkioDeviceWriteBps",
    "BlkioDeviceReadIOps",
    "BlkioDeviceWriteIOps",
    "Devices",
    "DeviceCgroupRules",
    "DeviceRequests",
    "Ulimits",
    "PortBindings",
    "PidsLimit",
    "MemorySwappiness",
];
const NUMBERS: &[&str] = &[
    "OomScoreAdj",
    "CpuShares",
    "Memory",
    "NanoCpus",
    "BlkioWeight",
    "CpuPeriod",
    "CpuQuota",
    "CpuRealtimePeriod",
    "CpuRealtimeRuntime",
    "KernelMemory",
    "KernelMemoryTCP",
    "MemoryReservation",
    "MemorySwap",
    "CpuCount",
    "CpuPercent",
    "IOMaximumIOps",
    "IOMaximumBandwidth",
];
const TEXTS: &[&str] = &[
    "ContainerIDFile",
    "VolumeDriver",
    "Cgroup",
    "PidMode",
    "UTSMode",
    "UsernsMode",
    "Isolation",
    "CgroupParent",
    "CpusetCpus",
    "CpusetMems",
];
const FLAGS: &[&str] = &[
    "AutoRemove",
    "Privileged",
    "PublishAllPorts",
    "ReadonlyRootfs",
    "OomKillDisable",
];
/// Fields that an inspect leaves out while they are empty.
const OPTIONAL: &[&str] = &[
    "Mounts",
    "Sysctls",
    "Tmpfs",
    "StorageOpt",
    "Init",
    "Annotations",
];

fn empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Object(map) => map.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}

impl World {
    /// The `HostConfig` of a new container.
    pub(super) fn host_config(&self, body: &Value) -> Result<Value, EngineError> {
        let none = json!({});
        let given = body.get("HostConfig").filter(|host| host.is_object());
        let said = given.unwrap_or(&none);
        let mut host = plain(said);
        let text = |field: &str| {
            said.get(field)
                .and_then(Value::as_str)
                .filter(|text| !text.is_empty())
        };
        host.insert(
            "IpcMode".into(),
            json!(self.shared(text("IpcMode").unwrap_or("private"))),
        );
        host.insert(
            "PidMode".into(),
            json!(self.shared(text("PidMode").unwrap_or(""))),
        );
        host.insert(
            "CgroupnsMode".into(),
            json!(text("CgroupnsMode").unwrap_or("host")),
        );
        host.insert(
            "NetworkMode".into(),
            json!(self.network_mode(text("NetworkMode"))),
        );
        host.insert(
            "ShmSize".into(),
            json!(
                said.get("ShmSize")
                    .and_then(Value::as_i64)
                    .filter(|n| *n > 0)
                    .unwrap_or(SHM_SIZE)
            ),
        );
        host.insert("ConsoleSize".into(), json!([0, 0]));
        if given.is_some() {
            host.insert("Runtime".into(), json!(text("Runtime").unwrap_or("runc")));
        }
        self.log_config(&mut host, said);
        security(&mut host);
        capabilities(&mut host, self.profile.at_least(51));
        limits(&mut host, said)?;
        restart_policy(&mut host, said.get("RestartPolicy"))?;
        port_bindings(&mut host);
        host.insert(
            "MaskedPaths".into(),
            said.get("MaskedPaths")
                .filter(|p| p.is_array())
                .cloned()
                .unwrap_or_else(|| {
                    json!([
                        "/proc/asound",
                        "/proc/acpi",
                        "/proc/kcore",
                        "/proc/keys",
                        "/proc/latency_stats",
                        "/proc/timer_list",
                        "/proc/timer_stats",
                        "/proc/sched_debug",
                        "/proc/scsi",
                        "/sys/firmware"
                    ])
                }),
        );
        host.insert(
            "ReadonlyPaths".into(),
            said.get("ReadonlyPaths")
                .filter(|p| p.is_array())
                .cloned()
                .unwrap_or_else(|| {
                    json!([
                        "/proc/bus",
                        "/proc/fs",
                        "/proc/irq",
                        "/proc/sys",
                        "/proc/sysrq-trigger"
                    ])
                }),
        );
        if host.get("Privileged") == Some(&json!(true)) {
            host.insert("MaskedPaths".into(), Value::Null);
            host.insert("ReadonlyPaths".into(), Value::Null);
        }
        Ok(Value::Object(host))
    }

    fn shared(&self, mode: &str) -> String {
        match mode.strip_prefix("container:") {
            Some(other) => format!(
                "container:{}",
                self.find(other).unwrap_or_else(|| other.to_owned())
            ),
            None => mode.to_owned(),
        }
    }

    fn network_mode(&self, mode: Option<&str>) -> String {
        match mode {
            None | Some("default") if self.profile.at_least(44) || self.profile.podman => {
                "bridge".to_owned()
            }
            None => "default".to_owned(),
            Some(mode) => self.shared(mode),
        }
    }

    fn log_config(&self, host: &mut Map<String, Value>, said: &Value) {
        let driver = self
            .info
            .get("LoggingDriver")
            .and_then(Value::as_str)
            .unwrap_or("json-file");
        let driver = said
            .pointer("/LogConfig/Type")
            .and_then(Value::as_str)
            .filter(|t| !t.is_empty())
            .unwrap_or(driver);
        let options = said
            .pointer("/LogConfig/Config")
            .filter(|options| options.is_object());
        host.insert(
            "LogConfig".into(),
            json!({ "Type": driver, "Config": options.cloned().unwrap_or_else(|| json!({})) }),
        );
    }
}

/// The fields that are taken over as they are, or filled in empty.
fn plain(said: &Value) -> Map<String, Value> {
    let mut host = Map::new();
    for field in LISTS {
        host.insert(
            (*field).into(),
            said.get(*field).cloned().unwrap_or(Value::Null),
        );
    }
    for field in NUMBERS {
        host.insert(
            (*field).into(),
            said.get(*field)
                .filter(|n| !n.is_null())
                .cloned()
                .unwrap_or(json!(0)),
        );
    }
    for field in TEXTS {
        host.insert(
            (*field).into(),
            said.get(*field)
                .filter(|t| !t.is_null())
                .cloned()
                .unwrap_or(json!("")),
        );
    }
    for field in FLAGS {
        host.insert(
            (*field).into(),
            said.get(*field)
                .filter(|t| !t.is_null())
                .cloned()
                .unwrap_or(json!(false)),
        );
    }
    for field in OPTIONAL {
        if let Some(value) = said.get(*field).filter(|value| !empty(value)) {
            host.insert((*field).into(), value.clone());
        }
    }
    host
}

/// A container without a fence of its own gets none from `SELinux` either.
fn security(host: &mut Map<String, Value>) {
    let is_host = |field: &str| host.get(field).and_then(Value::as_str) == Some("host");
    let open =
        is_host("IpcMode") || is_host("PidMode") || host.get("Privileged") == Some(&json!(true));
    let mut options = host
        .get("SecurityOpt")
        .and_then(Value::as_array)
        .cloned()
        .unwrap_or_default();
    let labelled = options
        .iter()
        .filter_map(Value::as_str)
        .any(|option| option.split(['=', ':']).next() == Some("label"));
    if open && !labelled {
        options.push(json!("label=disable"));
        host.insert("SecurityOpt".into(), Value::Array(options));
    }
}

/// Newer engines write capabilities in full, sorted.
fn capabilities(host: &mut Map<String, Value>, newer: bool) {
    for field in ["CapAdd", "CapDrop"] {
        let Some(Value::Array(items)) = host.get(field).filter(|_| newer) else {
            continue;
        };
        let mut names: Vec<String> = items
            .iter()
            .filter_map(Value::as_str)
            .map(str::to_ascii_uppercase)
            .map(|name| {
                if name == "ALL" || name.starts_with("CAP_") {
                    name
                } else {
                    format!("CAP_{name}")
                }
            })
            .collect();
        names.sort();
        names.dedup();
        host.insert(field.into(), json!(names));
    }
}

fn limits(host: &mut Map<String, Value>, said: &Value) -> Result<(), EngineError> {
    let number = |host: &Map<String, Value>, field: &str| {
        host.get(field).and_then(Value::as_i64).unwrap_or(0)
    };
    let (memory, swap) = (number(host, "Memory"), number(host, "MemorySwap"));
    if memory > 0 && memory < LEAST_MEMORY {
        return Err(error(400, "Minimum memory limit allowed is 6MB"));
    }
    if memory > 0 && swap > 0 && swap < memory {
        return Err(error(
            400,
            "Minimum memoryswap limit should be larger than memory limit, see usage",
        ));
    }
    if memory == 0 && swap > 0 {
        return Err(error(
            400,
            "You should always set the Memory limit when using Memoryswap limit, see usage",
        ));
    }
    if number(host, "NanoCpus") > 0 {
        for (field, name) in [("CpuPeriod", "CPU Period"), ("CpuQuota", "CPU Quota")] {
            if number(host, field) > 0 {
                let text = format!("Conflicting options: Nano CPUs and {name} cannot both be set");
                return Err(error(400, text));
            }
        }
    }
    if memory > 0 && number(host, "MemoryReservation") > memory {
        return Err(error(
            400,
            "Minimum memory limit can not be less than memory reservation limit, see usage",
        ));
    }
    if memory > 0 && swap == 0 {
        host.insert("MemorySwap".into(), json!(memory.saturating_mul(2)));
    }
    if said
        .get("PidsLimit")
        .and_then(Value::as_i64)
        .is_some_and(|limit| limit <= 0)
    {
        host.insert("PidsLimit".into(), Value::Null);
    }
    Ok(())
}

/// The restart policy as the engine keeps it.
pub fn restart_policy(
    host: &mut Map<String, Value>,
    said: Option<&Value>,
) -> Result<(), EngineError> {
    let name = said
        .and_then(|said| said.get("Name"))
        .and_then(Value::as_str)
        .unwrap_or("");
    let count = said
        .and_then(|said| said.get("MaximumRetryCount"))
        .and_then(Value::as_i64)
        .unwrap_or(0);
    check_policy(name, count)?;
    host.insert(
        "RestartPolicy".into(),
        json!({ "Name": name, "MaximumRetryCount": count }),
    );
    Ok(())
}

/// What the engine refuses in a restart policy.
pub fn check_policy(name: &str, count: i64) -> Result<(), EngineError> {
    match name {
        "always" | "unless-stopped" | "no" if count != 0 => Err(error(
            400,
            format!("maximum retry count cannot be used with restart policy '{name}'"),
        )),
        "on-failure" if count < 0 => Err(error(400, "maximum retry count cannot be negative")),
        "" | "always" | "unless-stopped" | "no" | "on-failure" => Ok(()),
        name => Err(error(400, format!("invalid restart policy '{name}'"))),
    }
}

fn port_bindings(host: &mut Map<String, Value>) {
    if let Some(Value::Object(ports)) = host.get_mut("PortBindings") {
        for binding in ports.values_mut().filter_map(Value::as_array_mut).flatten() {
            let text = |field: &str| {
                binding
                    .get(field)
                    .and_then(Value::as_str)
                    .unwrap_or("")
                    .to_owned()
            };
            *binding = json!({ "HostIp": text("HostIp"), "HostPort": text("HostPort") });
        }
    }
}
