//! The rules of what engines report about resources, each with a made-up answer.

use bollard::models::{ContainerCreateBody, ContainerUpdateBody};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::model::{
    EngineInfo, Way,
    attributes::testing::{
        answered, engine, long, matches, matches_image, request, seen, short, way,
    },
};

fn host(config: &Value) -> Value {
    json!({ "HostConfig": config })
}

fn any() -> EngineInfo {
    EngineInfo::default()
}

#[test]
fn memory_is_bytes_and_unset_is_no_limit() {
    assert_eq!(short("memory", "64m"), Ok(json!(67_108_864)));
    assert_eq!(
        request(&json!({ "memory": 5 })),
        json!({ "HostConfig": { "Memory": 5 } })
    );
    assert!(matches(
        "memory",
        &json!({}),
        &host(&json!({ "Memory": 0 })),
        &any()
    ));
    assert!(!matches(
        "memory",
        &json!({}),
        &host(&json!({ "Memory": 5 })),
        &any()
    ));
    assert!(!matches(
        "memory",
        &json!({ "memory": 5 }),
        &host(&json!({ "Memory": 0 })),
        &any()
    ));
}

#[test]
fn unset_swap_is_twice_the_memory() {
    let twice = host(&json!({ "Memory": 64, "MemorySwap": 128 }));
    for wanted in [
        json!({ "memory": 64 }),
        json!({ "memory": 64, "memswap_limit": 0 }),
        json!({ "memory": 64, "memswap_limit": 128 }),
    ] {
        assert!(
            matches("memswap_limit", &wanted, &twice, &any()),
            "{wanted}"
        );
    }
    let other = host(&json!({ "Memory": 64, "MemorySwap": 100 }));
    assert!(!matches(
        "memswap_limit",
        &json!({ "memory": 64 }),
        &other,
        &any()
    ));
    assert!(matches(
        "memswap_limit",
        &json!({ "memory": 64, "memswap_limit": 100 }),
        &other,
        &any()
    ));
    // A change of the memory alone is no change of the swap, too, whether it is said or not.
    for wanted in [
        json!({ "memory": 32 }),
        json!({ "memory": 96, "memswap_limit": 128 }),
    ] {
        assert!(
            matches("memswap_limit", &wanted, &twice, &any()),
            "{wanted}"
        );
    }
    let unlimited = host(&json!({ "Memory": 64, "MemorySwap": -1 }));
    assert!(!matches(
        "memswap_limit",
        &json!({ "memory": 64 }),
        &unlimited,
        &any()
    ));
}

#[test]
fn without_swap_accounting_swap_is_no_difference() {
    let minus = host(&json!({ "Memory": 64, "MemorySwap": -1 }));
    let wanted = json!({ "memory": 64, "memswap_limit": 100 });
    assert!(matches(
        "memswap_limit",
        &wanted,
        &minus,
        &engine(json!({ "SwapLimit": false }))
    ));
    assert!(!matches(
        "memswap_limit",
        &wanted,
        &minus,
        &engine(json!({ "SwapLimit": true }))
    ));
}

#[test]
fn an_update_of_the_memory_says_the_swap_outright() {
    let body = request(&json!({ "memory": 64, "memswap_limit": null }));
    assert_eq!(
        body["HostConfig"],
        json!({ "Memory": 64, "MemorySwap": 128 })
    );
    let unlimited = request(&json!({ "memswap_limit": -1 }));
    assert_eq!(unlimited["HostConfig"], json!({ "MemorySwap": -1 }));
    assert_eq!(request(&json!({ "memswap_limit": null })), json!({}));
}

#[test]
fn what_the_host_cannot_enforce_is_no_difference() {
    for (name, value, feature) in [
        ("memory", json!(64), "MemoryLimit"),
        ("memory_reservation", json!(64), "MemoryLimit"),
        ("cpu_shares", json!(5), "CPUShares"),
        ("cpu_period", json!(5000), "CpuCfsPeriod"),
        ("cpu_quota", json!(5000), "CpuCfsQuota"),
        ("cpuset", json!("0"), "CPUSet"),
        ("pids_limit", json!(5), "PidsLimit"),
        ("oom_kill_disable", json!(true), "OomKillDisable"),
        ("mem_swappiness", json!(60), "MemoryLimit"),
    ] {
        let wanted = json!({ name: value });
        let nothing = host(&json!({}));
        assert!(
            !matches(name, &wanted, &nothing, &engine(json!({ feature: true }))),
            "{name}"
        );
        assert!(
            matches(name, &wanted, &nothing, &engine(json!({ feature: false }))),
            "{name}"
        );
    }
}

#[test]
fn null_equals_false_and_nothing() {
    for found in [
        json!({}),
        json!({ "OomKillDisable": null }),
        json!({ "OomKillDisable": false }),
    ] {
        assert!(matches(
            "oom_kill_disable",
            &json!({}),
            &host(&found),
            &any()
        ));
        assert!(matches(
            "oom_kill_disable",
            &json!({ "oom_kill_disable": false }),
            &host(&found),
            &any()
        ));
        assert!(!matches(
            "oom_kill_disable",
            &json!({ "oom_kill_disable": true }),
            &host(&found),
            &any()
        ));
    }
    for found in [
        json!({}),
        json!({ "MemorySwappiness": null }),
        json!({ "MemorySwappiness": -1 }),
    ] {
        assert!(matches(
            "mem_swappiness",
            &json!({ "mem_swappiness": -1 }),
            &host(&found),
            &any()
        ));
        assert!(!matches(
            "mem_swappiness",
            &json!({ "mem_swappiness": 0 }),
            &host(&found),
            &any()
        ));
    }
    let second = engine(json!({ "CgroupVersion": "2" }));
    assert!(matches(
        "mem_swappiness",
        &json!({ "mem_swappiness": 60 }),
        &host(&json!({})),
        &second
    ));
}

#[test]
fn no_limit_of_processes_has_three_texts() {
    for (text, number) in [("200", 200), ("0", 0), ("-1", 0)] {
        assert_eq!(short("pids_limit", text), Ok(json!(number)));
    }
    assert!(short("pids_limit", "-2").is_err());
    for found in [
        json!({}),
        json!({ "PidsLimit": null }),
        json!({ "PidsLimit": 0 }),
        json!({ "PidsLimit": -1 }),
    ] {
        assert!(matches("pids_limit", &json!({}), &host(&found), &any()));
        assert!(matches(
            "pids_limit",
            &json!({ "pids_limit": 0 }),
            &host(&found),
            &any()
        ));
        assert!(!matches(
            "pids_limit",
            &json!({ "pids_limit": 9 }),
            &host(&found),
            &any()
        ));
    }
    // Podman limits every container.
    let filled = host(&json!({ "PidsLimit": 2048 }));
    let podman = EngineInfo {
        podman: true,
        ..any()
    };
    assert!(matches("pids_limit", &json!({}), &filled, &podman));
    assert!(!matches("pids_limit", &json!({}), &filled, &any()));
}

#[test]
fn cpus_are_rounded_to_billionths() {
    assert_eq!(short("cpus", "0.29"), Ok(json!(290_000_000)));
    assert_eq!(
        request(&json!({ "cpus": 290_000_000 }))["HostConfig"],
        json!({ "NanoCpus": 290_000_000 })
    );
}

#[test]
fn the_same_processors_are_no_difference() {
    assert_eq!(short("cpuset", "1,0"), Ok(json!("0-1")));
    assert!(matches(
        "cpuset",
        &json!({ "cpuset": "0-1" }),
        &host(&json!({ "CpusetCpus": "0,1" })),
        &any()
    ));
    assert!(!matches(
        "cpuset",
        &json!({}),
        &host(&json!({ "CpusetCpus": "0,1" })),
        &any()
    ));
    assert!(matches(
        "cpuset",
        &json!({}),
        &host(&json!({ "CpusetCpus": "" })),
        &any()
    ));
    assert_eq!(
        seen("cpuset", &host(&json!({ "CpusetCpus": "what" }))),
        Some(json!("what"))
    );
}

#[test]
fn an_unlimited_quota_is_none() {
    assert_eq!(short("cpu_quota", "-1"), Ok(json!(0)));
    assert_eq!(short("cpu_quota", "25ms"), Ok(json!(25_000)));
    assert!(matches(
        "cpu_quota",
        &json!({}),
        &host(&json!({ "CpuQuota": -1 })),
        &any()
    ));
}

#[test]
fn what_only_windows_has_is_a_clear_error() {
    for name in ["cpu_count", "cpu_percent"] {
        assert_eq!(short(name, "0"), Ok(json!(0)));
        assert!(short(name, "2").is_err_and(|error| error.contains("Windows")));
        assert_eq!(request(&json!({ name: 0 })), json!({}));
    }
}

#[test]
fn limits_change_in_place_and_go_with_a_new_container() {
    for name in [
        "memory",
        "memory_reservation",
        "cpus",
        "cpu_shares",
        "cpu_period",
        "cpu_quota",
    ] {
        assert_eq!(way(name, json!(5), json!(6)), Way::Update, "{name}");
        assert_eq!(way(name, json!(0), json!(6)), Way::Update, "{name}");
        assert_eq!(way(name, json!(5), json!(0)), Way::Recreate, "{name}");
    }
    assert_eq!(way("cpuset", json!("0"), json!("1")), Way::Update);
    assert_eq!(way("cpuset", json!("0"), json!(null)), Way::Recreate);
    assert_eq!(way("pids_limit", json!(5), json!(0)), Way::Update);
    assert_eq!(way("memswap_limit", json!(100), json!(null)), Way::Update);
    assert_eq!(way("memswap_limit", json!(-1), json!(null)), Way::Recreate);
    assert_eq!(way("memswap_limit", json!(-1), json!(128)), Way::Update);
    assert_eq!(way("blkio_config", json!(null), json!(300)), Way::Update);
    assert_eq!(way("blkio_config", json!(300), json!(null)), Way::Recreate);
    assert_eq!(way("blkio_config", json!(null), json!([])), Way::Recreate);
    for name in [
        "oom_kill_disable",
        "mem_swappiness",
        "shm_size",
        "ulimits",
        "oom_score_adj",
        "cpu_rt_period",
    ] {
        assert_eq!(way(name, json!(1), json!(2)), Way::Recreate, "{name}");
    }
}

#[test]
fn soft_alone_sets_hard_and_the_engines_own_limits_are_not_judged() {
    assert_eq!(
        short("ulimits", "1024"),
        Ok(json!({ "soft": 1024, "hard": 1024 }))
    );
    assert_eq!(
        long("ulimits", json!({ "soft": 5 })),
        Ok(json!({ "soft": 5, "hard": 5 }))
    );
    assert!(long("ulimits", json!({ "soft": 6, "hard": 5 })).is_err());
    assert!(long("ulimits", json!({})).is_err());
    let wanted = json!({ "ulimits": { "nofile": { "soft": 5, "hard": 6 } } });
    let found = host(&json!({ "Ulimits": [
        { "Name": "nproc", "Soft": 1, "Hard": 1 },
        { "Name": "RLIMIT_NOFILE", "Soft": 5, "Hard": 6 },
    ] }));
    assert!(matches("ulimits", &wanted, &found, &any()));
    assert!(matches("ulimits", &json!({}), &found, &any()));
    let other = json!({ "ulimits": { "nofile": { "soft": 5, "hard": 7 } } });
    assert!(!matches("ulimits", &other, &found, &any()));
    assert!(matches(
        "ulimits",
        &wanted,
        &answered(&request(&wanted)),
        &any()
    ));
}

#[test]
fn disks_are_compared_by_path_and_without_what_the_host_cannot_do() {
    let device = |path: &str, rate: i64| json!({ "path": path, "rate": rate });
    let wanted = json!({ "blkio_config": long("blkio_config", json!({
        "weight": 300,
        "device_read_bps": [device("/dev/b", 1), device("/dev/a", 2)],
        "weight_device": [{ "path": "/dev/a", "weight": 10 }],
    })).expect("a record") });
    let found = answered(&request(&wanted));
    assert_eq!(
        found["HostConfig"]["BlkioDeviceReadBps"][0],
        json!({ "Path": "/dev/a", "Rate": 2 })
    );
    assert!(matches("blkio_config", &wanted, &found, &any()));
    let dropped = host(&json!({
        "BlkioWeight": 0,
        "BlkioWeightDevice": [],
        "BlkioDeviceReadBps": [{ "Path": "/dev/a", "Rate": 2 }, { "Path": "/dev/b", "Rate": 1 }],
    }));
    assert!(!matches("blkio_config", &wanted, &dropped, &any()));
    let first = |kernel: &str| engine(json!({ "CgroupVersion": "1", "KernelVersion": kernel }));
    assert!(matches(
        "blkio_config",
        &wanted,
        &dropped,
        &first("5.10.0-9-amd64")
    ));
    assert!(!matches(
        "blkio_config",
        &wanted,
        &dropped,
        &first("4.19.0")
    ));
    let second = |warnings: Value| {
        engine(json!({ "CgroupVersion": "2", "KernelVersion": "6.1", "Warnings": warnings }))
    };
    assert!(!matches(
        "blkio_config",
        &wanted,
        &dropped,
        &second(json!(null))
    ));
    let warned = second(json!([
        "WARNING: No io.weight support",
        "WARNING: No io.weight (per device) support"
    ]));
    assert!(matches("blkio_config", &wanted, &dropped, &warned));
    assert!(
        !matches("blkio_config", &json!({}), &found, &any()),
        "a limit that nobody asked for"
    );
}

#[test]
fn the_size_of_shared_memory_is_the_engines_unless_it_is_said() {
    let found = host(&json!({ "ShmSize": 67_108_864 }));
    assert!(matches("shm_size", &json!({}), &found, &any()));
    assert!(!matches(
        "shm_size",
        &json!({ "shm_size": 5 }),
        &found,
        &any()
    ));
    assert_eq!(short("shm_size", "0"), Ok(Value::Null));
}

#[test]
fn all_graphics_processors_are_asked_for_as_the_command_line_does() {
    let all = short("gpus", "all").expect("all");
    let wanted = json!({ "gpus": [all] });
    let body = request(&wanted);
    assert_eq!(
        body["HostConfig"]["DeviceRequests"],
        json!([{ "Driver": "", "Count": -1, "Capabilities": [["gpu"]], "Options": {} }])
    );
    let mut found = answered(&body);
    assert!(matches("gpus", &wanted, &found, &any()));
    found["HostConfig"]["DeviceRequests"][0]["DeviceIDs"] = json!(null);
    assert!(matches("gpus", &wanted, &found, &any()));
    assert!(short("gpus", "none").is_err());
    assert!(long("gpus", json!({ "count": 1, "device_ids": ["0"] })).is_err());
    let two = long(
        "gpus",
        json!({ "device_ids": ["0", "3"], "capabilities": ["utility"] }),
    );
    let wanted = json!({ "gpus": [two.expect("a request")] });
    assert!(matches(
        "gpus",
        &wanted,
        &answered(&request(&wanted)),
        &any()
    ));
    assert!(!matches(
        "gpus",
        &json!({}),
        &answered(&request(&wanted)),
        &any()
    ));
}

#[test]
fn the_client_knows_every_field() {
    let settings = json!({
        "memory": 64, "memory_reservation": 32, "memswap_limit": -1, "mem_swappiness": 60, "oom_kill_disable": true,
        "oom_score_adj": 5, "shm_size": 64, "cpus": 1, "cpu_shares": 5, "cpu_period": 5, "cpu_quota": 5, "cpu_rt_period": 5,
        "cpu_rt_runtime": 5, "cpuset": "0", "pids_limit": 5, "ulimits": { "nofile": { "soft": 1, "hard": 2 } },
        "blkio_config": { "weight": 300, "device_read_bps": [{ "path": "/dev/a", "rate": 5 }], "weight_device": [{ "path": "/dev/a", "weight": 5 }] },
        "gpus": [{ "count": -1, "capabilities": ["gpu"] }],
    });
    let body = request(&settings);
    let typed: ContainerCreateBody = serde_json::from_value(body.clone()).expect("known types");
    assert_eq!(serde_json::to_value(typed).expect("JSON"), body);
    let update = request(&json!({
        "memory": 64, "memory_reservation": 32, "memswap_limit": -1, "cpus": 1, "cpu_shares": 5, "cpu_period": 5,
        "cpu_quota": 5, "cpuset": "0", "pids_limit": 0, "blkio_config": { "weight": 300 },
    }));
    let update = &update["HostConfig"];
    let typed: ContainerUpdateBody = serde_json::from_value(update.clone()).expect("known types");
    assert_eq!(&serde_json::to_value(typed).expect("JSON"), update);
}

#[test]
fn podman_shows_both_ways_to_limit_processors_and_changes_nothing_in_place() {
    let podman = EngineInfo {
        podman: true,
        ..any()
    };
    let found = host(&json!({ "NanoCpus": 500_000_000, "CpuPeriod": 100_000, "CpuQuota": 50_000 }));
    for wanted in [
        json!({ "cpus": 500_000_000 }),
        json!({ "cpu_period": 100_000, "cpu_quota": 50_000 }),
    ] {
        for name in ["cpus", "cpu_period", "cpu_quota"] {
            assert!(matches(name, &wanted, &found, &podman), "{name} {wanted}");
        }
    }
    assert!(!matches("cpus", &json!({ "cpus": 1 }), &found, &podman));
    assert!(!matches(
        "cpu_quota",
        &json!({ "cpus": 500_000_000 }),
        &found,
        &any()
    ));
    let question = crate::model::Question {
        wanted: Some(&json!(5)),
        found: Some(&json!(6)),
        engine: &podman,
    };
    for name in [
        "memory",
        "memswap_limit",
        "pids_limit",
        "blkio_config",
        "cpus",
    ] {
        let way = crate::model::attributes::testing::attribute(name).way;
        assert_eq!(way(&question), Way::Recreate, "{name}");
    }
}

proptest! {
    #[test]
    fn what_is_written_reads_as_the_same(
        memory in 1..i64::MAX / 4, swap in prop::option::of(-1..i64::MAX), cpus in 0..9_000_000_000_i64,
        shares in 0..1000_i64, pids in 0..5000_i64, weight in 10..1000_i64, swappiness in 0..=100_i64,
    ) {
        let mut wanted = json!({
            "memory": memory, "cpus": cpus, "cpu_shares": shares, "pids_limit": pids,
            "blkio_config": { "weight": weight }, "mem_swappiness": swappiness,
        });
        if let Some(swap) = swap {
            wanted["memswap_limit"] = swap.into();
        }
        let mut found = answered(&request(&wanted));
        if found["HostConfig"]["MemorySwap"].is_null() {
            found["HostConfig"]["MemorySwap"] = (memory * 2).into();
        }
        for name in ["memory", "memswap_limit", "cpus", "cpu_shares", "pids_limit", "blkio_config", "mem_swappiness"] {
            prop_assert!(matches_image(name, &wanted, &found, &any(), &json!({})), "{}", name);
        }
    }
}
