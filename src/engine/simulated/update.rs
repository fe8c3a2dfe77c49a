//! Changing limits and the restart policy in place: zero and the empty text mean "leave it".

use serde_json::{Value, json};

use super::{World, host_config::check_policy, world::error};
use crate::engine::EngineError;

const NUMBERS: &[&str] = &[
    "BlkioWeight",
    "CpuShares",
    "CpuPeriod",
    "CpuQuota",
    "NanoCpus",
    "Memory",
    "MemorySwap",
    "MemoryReservation",
    "KernelMemory",
    "CpuRealtimePeriod",
    "CpuRealtimeRuntime",
];
const TEXTS: &[&str] = &["CpusetCpus", "CpusetMems"];
const LEAST_MEMORY: i64 = 6 << 20;

impl World {
    /// `POST /containers/{id}/update`.
    pub(super) fn update(&mut self, text: &str, body: &Value) -> Result<(), EngineError> {
        if self.profile.podman {
            return Err(error(404, "Not Found"));
        }
        let number = |field: &str| body.get(field).and_then(Value::as_i64).unwrap_or(0);
        if number("Memory") > 0 && number("Memory") < LEAST_MEMORY {
            return Err(error(400, "Minimum memory limit allowed is 6MB"));
        }
        if number("Memory") > 0
            && number("MemorySwap") > 0
            && number("MemorySwap") < number("Memory")
        {
            return Err(error(
                400,
                "Minimum memoryswap limit should be larger than memory limit, see usage",
            ));
        }
        let policy = body.get("RestartPolicy");
        let name = policy
            .and_then(|policy| policy.get("Name"))
            .and_then(Value::as_str)
            .unwrap_or("");
        let count = policy
            .and_then(|policy| policy.get("MaximumRetryCount"))
            .and_then(Value::as_i64)
            .unwrap_or(0);
        check_policy(name, count)?;
        let id = self.known(text)?;
        let host = &self.containers[&id].host;
        let stored = |field: &str| host.get(field).and_then(Value::as_i64).unwrap_or(0);
        let conflict =
            |text: &str| Err(error(409, format!("Cannot update container {id}: {text}")));
        if stored("NanoCpus") > 0 && number("CpuQuota") > 0 {
            return conflict(
                "Conflicting options: CPU Quota cannot be updated as NanoCPUs has already been set",
            );
        }
        if stored("NanoCpus") > 0 && number("CpuPeriod") > 0 {
            return conflict(
                "Conflicting options: CPU Period cannot be updated as NanoCPUs has already been set",
            );
        }
        if stored("CpuPeriod") > 0 && number("NanoCpus") > 0 {
            return conflict(
                "Conflicting options: Nano CPUs cannot be updated as CPU Period has already been set",
            );
        }
        if stored("CpuQuota") > 0 && number("NanoCpus") > 0 {
            return conflict(
                "Conflicting options: Nano CPUs cannot be updated as CPU Quota has already been set",
            );
        }
        if number("Memory") > 0
            && number("MemorySwap") == 0
            && stored("MemorySwap") != -1
            && number("Memory") > stored("MemorySwap")
        {
            return conflict(
                "Memory limit should be smaller than already set memoryswap limit, update the memoryswap at the same time",
            );
        }
        if !name.is_empty() && self.containers[&id].removes_itself() {
            return conflict(
                "Restart policy cannot be updated because AutoRemove is enabled for the container",
            );
        }
        self.note_container(&id, "update");
        let Some(container) = self.containers.get_mut(&id) else {
            return Ok(());
        };
        for field in NUMBERS {
            if number(field) != 0 {
                container.host[*field] = json!(number(field));
            }
        }
        for field in TEXTS {
            if let Some(text) = body
                .get(*field)
                .and_then(Value::as_str)
                .filter(|text| !text.is_empty())
            {
                container.host[*field] = json!(text);
            }
        }
        if let Some(limit) = body.get("PidsLimit").and_then(Value::as_i64) {
            container.host["PidsLimit"] = json!(limit.max(0));
        }
        if !name.is_empty() {
            container.host["RestartPolicy"] = json!({ "Name": name, "MaximumRetryCount": count });
        }
        let name = container.name.clone();
        self.emit("container", "update", &id, &name);
        Ok(())
    }
}
