//! Processors.

use serde_json::Value;

use super::memory::limit;
use crate::{
    model::{Attribute, Expect, Form, Place, Shape, Unset, recreate, update_unless_removed},
    value::{Cpus, Cpuset, Microseconds},
};

/// How many processors' worth of time it may use.
pub const CPUS: Attribute = Attribute {
    name: "cpus",
    aliases: &[],
    summary: "How many processors' worth of time the container may use (`0.5`, `2`); not together with `cpu_quota`.",
    example: "0.5",
    form: Form::Parsed {
        expected: "a number of processors such as 0.5 or 2",
        pattern: r"^([0-9]+\.?[0-9]*|\.[0-9]+)$",
        parse: |text| text.parse::<Cpus>().map(|cpus| cpus.nanos().into()),
    },
    shape: Shape::Whole,
    unset: Unset::Inherit(|expect| {
        let other = ["cpu_period", "cpu_quota"];
        let wanted = expect.desired.cloned().unwrap_or_else(|| 0.into());
        let shown = match wanted.as_i64() {
            // Podman keeps microseconds of a period of 100 ms.
            Some(nanos) if expect.engine.podman => (nanos - nanos % 10_000).into(),
            _ => wanted,
        };
        judged(expect, &other).then_some(shown)
    }),
    // The engine keeps this apart from period and quota, and has no way from one to the other: the one that goes is a limit
    // that is removed, and so asks for a new container by itself.
    way: update_unless_removed,
    place: Place::Field("HostConfig/NanoCpus"),
};

/// Its share when processors are short.
pub const CPU_SHARES: Attribute = Attribute {
    name: "cpu_shares",
    aliases: &[],
    summary: "The container's share of processor time against others when it is short; 1024 is an ordinary share.",
    example: "512",
    form: Form::Integer(0, 262_144),
    shape: Shape::Whole,
    unset: Unset::Inherit(|expect| limit(expect, "CPUShares")),
    way: update_unless_removed,
    place: Place::Field("HostConfig/CpuShares"),
};

/// Podman shows both of the two ways to say the same, whichever was asked for: the other one is not judged then.
fn judged(expect: &Expect<'_>, others: &[&str]) -> bool {
    let given = |name: &&str| expect.settings.get(name).is_some();
    !expect.engine.podman || expect.desired.is_some() || !others.iter().any(given)
}

const MICROSECONDS: Form = Form::Parsed {
    expected: "a time in microseconds or with a unit, such as 50000 or 50ms",
    pattern: "^[0-9]+(us|µs|ms|s)?$",
    parse: microseconds,
};

fn microseconds(text: &str) -> Result<Value, String> {
    text.parse::<Microseconds>()
        .map(|time| time.micros().into())
}

/// The period of the processor scheduler.
pub const CPU_PERIOD: Attribute = Attribute {
    name: "cpu_period",
    aliases: &[],
    summary: "The period of the processor scheduler, in microseconds; with `cpu_quota` it says the same as `cpus`.",
    example: "50000",
    form: MICROSECONDS,
    shape: Shape::Whole,
    unset: Unset::Inherit(|expect| {
        limit(expect, "CpuCfsPeriod").filter(|_| judged(expect, &["cpus"]))
    }),
    way: update_unless_removed,
    place: Place::Field("HostConfig/CpuPeriod"),
};

/// The processor time within a period.
pub const CPU_QUOTA: Attribute = Attribute {
    name: "cpu_quota",
    aliases: &[],
    summary: "The processor time that the container may use within each `cpu_period`, in microseconds; -1 is unlimited.",
    example: "25000",
    form: Form::Parsed {
        expected: "a time in microseconds or with a unit, such as 25000 or 25ms, or -1 for unlimited",
        pattern: "^(-1|[0-9]+(us|µs|ms|s)?)$",
        parse: |text| match text.trim() {
            "-1" => Ok(0.into()),
            text => microseconds(text),
        },
    },
    shape: Shape::Whole,
    unset: Unset::Inherit(|expect| {
        limit(expect, "CpuCfsQuota").filter(|_| judged(expect, &["cpus"]))
    }),
    way: update_unless_removed,
    place: Place::Custom {
        api: "HostConfig/CpuQuota",
        write: |value, body| body.set("HostConfig/CpuQuota", value.clone()),
        read: |seen| {
            let quota = seen.get("HostConfig/CpuQuota")?.as_i64()?;
            Some(quota.max(0).into())
        },
    },
};

/// The period of the real-time scheduler.
pub const CPU_RT_PERIOD: Attribute = Attribute {
    name: "cpu_rt_period",
    aliases: &[],
    summary: "The period of the real-time scheduler, in microseconds or with a unit; few kernels have one.",
    example: "0",
    form: MICROSECONDS,
    shape: Shape::Whole,
    unset: Unset::Default(|_| 0.into()),
    way: recreate,
    place: Place::Field("HostConfig/CpuRealtimePeriod"),
};

/// The real time within a period.
pub const CPU_RT_RUNTIME: Attribute = Attribute {
    name: "cpu_rt_runtime",
    aliases: &[],
    summary: "The time that real-time processes of the container may use within each `cpu_rt_period`.",
    example: "0",
    form: MICROSECONDS,
    shape: Shape::Whole,
    unset: Unset::Default(|_| 0.into()),
    way: recreate,
    place: Place::Field("HostConfig/CpuRealtimeRuntime"),
};

/// The processors that it may run on.
pub const CPUSET: Attribute = Attribute {
    name: "cpuset",
    aliases: &[],
    summary: "The processors that the container may run on, by their numbers (`0-3`, `0,2`).",
    example: "\"0\"",
    form: Form::Parsed {
        expected: "processors such as 0-3 or 0,2",
        pattern: "^$|^[0-9]+(-[0-9]+)?(, *[0-9]+(-[0-9]+)?)*$",
        parse: |text| match text.trim() {
            "" => Ok(Value::Null),
            text => text
                .parse::<Cpuset>()
                .map(|set| Value::String(set.to_string())),
        },
    },
    shape: Shape::Whole,
    unset: Unset::Inherit(|expect| {
        expect
            .engine
            .can("CPUSet")
            .then(|| expect.desired.cloned().unwrap_or(Value::Null))
    }),
    way: update_unless_removed,
    place: Place::Custom {
        api: "HostConfig/CpusetCpus",
        write: |value, body| {
            if value.is_string() {
                body.set("HostConfig/CpusetCpus", value.clone());
            }
        },
        read: |seen| {
            let text = seen.text("HostConfig/CpusetCpus")?;
            Some(Value::String(
                text.parse::<Cpuset>()
                    .map_or_else(|_| text.to_owned(), |set| set.to_string()),
            ))
        },
    },
};

/// What only Windows has: nothing but 0, which says nothing, is taken.
const WINDOWS_NUMBER: Form = Form::Parsed {
    expected: "0, or nothing at all",
    pattern: "^0$",
    parse: |text| match text.trim() {
        "0" => Ok(0.into()),
        _ => Err("only engines on Windows have it; on Linux write cpus".to_owned()),
    },
};

/// A number of processors, on Windows.
pub const CPU_COUNT: Attribute = Attribute {
    name: "cpu_count",
    aliases: &[],
    summary: "A number of processors for engines on Windows, which Evenkeel does not know: anything but 0 is an error, and `cpus` is the way to say it.",
    example: "0",
    form: WINDOWS_NUMBER,
    shape: Shape::Whole,
    unset: Unset::Ours,
    way: recreate,
    place: Place::Nowhere,
};

/// A share of the processors, on Windows.
pub const CPU_PERCENT: Attribute = Attribute {
    name: "cpu_percent",
    aliases: &[],
    summary: "A share of the processors for engines on Windows, which Evenkeel does not know: anything but 0 is an error, and `cpus` is the way to say it.",
    example: "0",
    form: WINDOWS_NUMBER,
    shape: Shape::Whole,
    unset: Unset::Ours,
    way: recreate,
    place: Place::Nowhere,
};
