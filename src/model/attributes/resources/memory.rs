//! Memory and swap.

use serde_json::Value;

use crate::{
    model::{
        Attribute, Body, EngineInfo, Expect, Form, Place, Question, Seen, Settings, Shape, Unset,
        Way, is_empty, recreate, update, update_unless_removed,
    },
    value::Size,
};

/// A number of bytes, as Compose writes it.
pub const BYTES: Form = Form::Parsed {
    expected: "a size such as 64m or 1.5g",
    pattern: r"^[0-9]+(\.[0-9]+)?\s*([bB]|[kKmMgGtTpP]([iI]?[bB])?)?$",
    parse: bytes,
};

fn bytes(text: &str) -> Result<Value, String> {
    text.parse::<Size>().map(|size| size.bytes().into())
}

/// The most memory that it may use.
pub const MEMORY: Attribute = Attribute {
    name: "memory",
    aliases: &["mem_limit"],
    summary: "The most memory that the container may use, in bytes or with a unit (`64m`, `1.5g`).",
    example: "64m",
    form: BYTES,
    shape: Shape::Whole,
    unset: Unset::Inherit(|expect| limit(expect, "MemoryLimit")),
    way: update_unless_removed,
    place: Place::Field("HostConfig/Memory"),
};

/// The memory that it is pushed back to when the host runs short.
pub const MEMORY_RESERVATION: Attribute = Attribute {
    name: "memory_reservation",
    aliases: &["mem_reservation"],
    summary: "The memory that the container is pushed back to when the host runs short of it.",
    example: "32m",
    form: BYTES,
    shape: Shape::Whole,
    unset: Unset::Inherit(|expect| limit(expect, "MemoryLimit")),
    way: update_unless_removed,
    place: Place::Field("HostConfig/MemoryReservation"),
};

/// A number that means "no limit" when it is 0; not judged where the host cannot enforce it.
pub fn limit(expect: &Expect<'_>, feature: &str) -> Option<Value> {
    expect
        .engine
        .can(feature)
        .then(|| expect.desired.cloned().unwrap_or_else(|| 0.into()))
}

/// Memory and swap together.
pub const MEMSWAP_LIMIT: Attribute = Attribute {
    name: "memswap_limit",
    aliases: &[],
    summary: "The most memory and swap together; -1 is unlimited, and unset is twice the memory.",
    example: "-1",
    form: Form::Parsed {
        expected: "a size such as 128m, or -1 for unlimited",
        pattern: r"^(-1|[0-9]+(\.[0-9]+)?\s*([bB]|[kKmMgGtTpP]([iI]?[bB])?)?)$",
        parse: |text| match text.trim() {
            "-1" => Ok((-1).into()),
            text => bytes(text),
        },
    },
    shape: Shape::Whole,
    unset: Unset::Inherit(expected_swap),
    way: swap_way,
    place: Place::Custom {
        api: "HostConfig/MemorySwap",
        write: write_swap,
        read: read_swap,
    },
};

/// The engine's number. An unset limit is twice the memory; if it is that of the memory that is there, then it follows from
/// it, and a change of the memory alone is no change of this, too.
fn expected_swap(expect: &Expect<'_>) -> Option<Value> {
    // Without swap accounting the engine says -1 whatever was asked for.
    let can = expect.engine.can("SwapLimit") && expect.engine.can("MemoryLimit");
    let desired = expect.desired.and_then(Value::as_i64).unwrap_or(0);
    // Podman does not show that swap is unlimited.
    let unseen = expect.engine.podman && desired == -1;
    (can && !unseen).then(|| {
        let of = |settings: &Settings, name| settings.get(name).and_then(Value::as_i64);
        // No limit of the swap follows from no limit of the memory just as well.
        let follows = expect
            .found
            .map(|found| (of(found, "memswap_limit"), twice(of(found, "memory"))))
            .filter(|(swap, doubled)| swap == doubled);
        match desired {
            0 => follows
                .map_or_else(|| twice(of(expect.settings, "memory")), |(swap, _)| swap)
                .map_or(Value::Null, Value::from),
            limit => limit.into(),
        }
    })
}

fn twice(memory: Option<i64>) -> Option<i64> {
    memory
        .filter(|memory| *memory > 0)
        .map(|memory| memory.saturating_mul(2))
}

fn read_swap(seen: &Seen<'_>) -> Option<Value> {
    let limit = seen.get("HostConfig/MemorySwap")?;
    (limit.as_i64() != Some(0)).then(|| limit.clone())
}

fn write_swap(value: &Value, body: &mut Body<'_>) {
    let memory = body.settings.get("memory").and_then(Value::as_i64);
    let limit = match value.as_i64().filter(|limit| *limit != 0) {
        Some(limit) => limit,
        // Said outright, because an update that changes the memory leaves the swap as it was.
        None => match twice(memory) {
            Some(limit) => limit,
            None => return,
        },
    };
    body.set("HostConfig/MemorySwap", limit.into());
}

fn swap_way(question: &Question<'_>) -> Way {
    let back = question.wanted.is_none_or(is_empty);
    // With a limit of the memory, twice of it can be said outright, and is what is wanted then. If the memory's goes too,
    // that one's way is a new container anyway. Unlimited swap, though, may stand alone.
    let unlimited = question.found.and_then(Value::as_i64) == Some(-1);
    if back && unlimited {
        Way::Recreate
    } else {
        update(question)
    }
}

/// How readily the kernel swaps it out.
pub const MEM_SWAPPINESS: Attribute = Attribute {
    name: "mem_swappiness",
    aliases: &[],
    summary: "How readily the kernel swaps the container's memory out, from 0 to 100; -1 leaves it to the host. Hosts with cgroup v2 cannot do it.",
    example: "60",
    form: Form::Integer(-1, 100),
    shape: Shape::Whole,
    unset: Unset::Inherit(|expect| {
        can_swappiness(expect.engine).then(|| {
            let wanted = expect.desired.filter(|value| value.as_i64() != Some(-1));
            wanted.cloned().unwrap_or(Value::Null)
        })
    }),
    way: recreate,
    place: Place::Custom {
        api: "HostConfig/MemorySwappiness",
        write: |value, body| body.set("HostConfig/MemorySwappiness", value.clone()),
        read: |seen| {
            let found = seen.get("HostConfig/MemorySwappiness")?.as_i64()?;
            // Podman writes 0 where Docker writes null.
            let unset = found == -1 || (seen.engine.podman && found == 0);
            (!unset).then(|| found.into())
        },
    },
};

fn can_swappiness(engine: &EngineInfo) -> bool {
    let version = engine
        .info
        .as_ref()
        .and_then(|info| info.get("CgroupVersion"));
    engine.can("MemoryLimit") && version.and_then(Value::as_str) != Some("2")
}

/// Whether the kernel leaves it alone when memory runs out.
pub const OOM_KILL_DISABLE: Attribute = Attribute {
    name: "oom_kill_disable",
    aliases: &[],
    summary: "Whether the kernel freezes the container instead of killing a process of it when its memory limit is reached. Hosts with cgroup v2 cannot do it.",
    example: "true",
    form: Form::Bool,
    shape: Shape::Whole,
    unset: Unset::Inherit(|expect| {
        expect
            .engine
            .can("OomKillDisable")
            .then(|| expect.desired.cloned().unwrap_or(Value::Bool(false)))
    }),
    way: recreate,
    place: Place::Custom {
        api: "HostConfig/OomKillDisable",
        write: |value, body| body.set("HostConfig/OomKillDisable", value.clone()),
        // Null and false are the same; the expected side says which.
        read: |seen| {
            let disabled = seen
                .get("HostConfig/OomKillDisable")
                .and_then(Value::as_bool);
            Some(Value::Bool(disabled.unwrap_or(false)))
        },
    },
};

/// How early the kernel kills it.
pub const OOM_SCORE_ADJ: Attribute = Attribute {
    name: "oom_score_adj",
    aliases: &[],
    summary: "How early the kernel kills the container's processes when the host runs out of memory, from -1000 (never) to 1000 (first).",
    example: "500",
    form: Form::Integer(-1000, 1000),
    shape: Shape::Whole,
    unset: Unset::Default(|_| 0.into()),
    way: recreate,
    place: Place::Field("HostConfig/OomScoreAdj"),
};

/// The size of `/dev/shm`.
pub const SHM_SIZE: Attribute = Attribute {
    name: "shm_size",
    aliases: &[],
    summary: "The size of `/dev/shm`; unset is the engine's default, 64 MiB unless it was set up otherwise.",
    example: "128m",
    form: Form::Parsed {
        expected: "a size such as 64m or 1.5g",
        pattern: r"^[0-9]+(\.[0-9]+)?\s*([bB]|[kKmMgGtTpP]([iI]?[bB])?)?$",
        parse: |text| match text.parse::<Size>()?.bytes() {
            // The engine and Compose read 0 as the engine's default.
            0 => Ok(Value::Null),
            size => Ok(size.into()),
        },
    },
    shape: Shape::Whole,
    unset: Unset::EngineFills,
    way: recreate,
    place: Place::Field("HostConfig/ShmSize"),
};
