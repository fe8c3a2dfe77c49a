//! Limits and modes that every engine refuses together, in the engine's own words where it has some.

use serde_json::Value;

use super::place;
use crate::spec::{Item, Problem};

/// The least memory that an engine gives a container.
const LEAST_MEMORY: i64 = 6 << 20;

/// The shortest and the longest period of the scheduler, and the least quota, in microseconds.
const PERIOD: (i64, i64) = (1_000, 1_000_000);

pub fn container(item: &Item, problems: &mut Vec<Problem>) {
    processors(item, problems);
    memory(item, problems);
    host_names(item, problems);
}

fn number(item: &Item, name: &str) -> i64 {
    let value = item.settings.get(name).and_then(Value::as_i64);
    value.unwrap_or(0)
}

fn processors(item: &Item, problems: &mut Vec<Problem>) {
    let (cpus, period, quota) = (
        number(item, "cpus"),
        number(item, "cpu_period"),
        number(item, "cpu_quota"),
    );
    for (name, value) in [("cpu_period", period), ("cpu_quota", quota)] {
        if cpus > 0 && value > 0 {
            problems.push(
                Problem::error(
                    "contradiction",
                    place(item, name),
                    format!("cpus and {name} say the same in two ways, and exclude each other"),
                )
                .hint(format!("remove {name}: cpus is enough"))
                .also(place(item, "cpus"), "cpus is given here"),
            );
        }
    }
    if period > 0 && !(PERIOD.0..=PERIOD.1).contains(&period) {
        problems.push(
            Problem::error(
                "bad-value",
                place(item, "cpu_period"),
                "a period of the scheduler is at least 1ms and at most 1s",
            )
            .hint("write cpu_period: 100ms, the kernel's own"),
        );
    }
    if quota > 0 && quota < PERIOD.0 {
        problems.push(
            Problem::error(
                "bad-value",
                place(item, "cpu_quota"),
                "a quota of the scheduler is at least 1ms",
            )
            .hint("write at least 1ms, or -1 for no limit"),
        );
    }
}

fn memory(item: &Item, problems: &mut Vec<Problem>) {
    let (memory, swap, reservation) = (
        number(item, "memory"),
        number(item, "memswap_limit"),
        number(item, "memory_reservation"),
    );
    if memory > 0 && memory < LEAST_MEMORY {
        problems.push(
            Problem::error(
                "bad-value",
                place(item, "memory"),
                "no container runs in less than 6m of memory, and engines refuse it",
            )
            .hint("write at least 6m"),
        );
    }
    if swap > 0 && memory <= 0 {
        problems.push(
            Problem::error(
                "contradiction",
                place(item, "memswap_limit"),
                "memswap_limit is memory and swap together, and means nothing without memory",
            )
            .hint("add memory: with less than that, or remove memswap_limit"),
        );
    } else if swap > 0 && swap < memory {
        problems.push(
            Problem::error(
                "contradiction",
                place(item, "memswap_limit"),
                "memswap_limit is memory and swap together, so it cannot be less than memory",
            )
            .hint("raise memswap_limit; the same as memory is no swap at all")
            .also(place(item, "memory"), "the memory"),
        );
    }
    if memory > 0 && reservation > memory {
        problems.push(
            Problem::error(
                "contradiction",
                place(item, "memory_reservation"),
                "more memory is reserved than the container may use",
            )
            .hint("lower memory_reservation, or raise memory")
            .also(place(item, "memory"), "the memory"),
        );
    }
}

/// Names and addresses of one's own, where the namespace is the host's.
fn host_names(item: &Item, problems: &mut Vec<Problem>) {
    let given = |name: &str| {
        item.settings
            .get(name)
            .is_some_and(|value| !crate::model::is_empty(value))
    };
    if item.settings.text("network_mode") == Some("host") {
        for name in ["links", "external_links", "mac_address"] {
            if given(name) {
                problems.push(
                    Problem::error(
                        "contradiction",
                        place(item, name),
                        format!(
                            "with the host's network a container cannot have {name} of its own"
                        ),
                    )
                    .hint(format!("remove {name}, or network_mode"))
                    .also(place(item, "network_mode"), "the host's network"),
                );
            }
        }
    }
    if item.settings.text("uts") == Some("host") && given("hostname") {
        problems.push(
            Problem::error(
                "contradiction",
                place(item, "hostname"),
                "with uts: host the container has the host's name",
            )
            .hint("remove hostname, or uts")
            .also(place(item, "uts"), "the host's name"),
        );
    }
}
