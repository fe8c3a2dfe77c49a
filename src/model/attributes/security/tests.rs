//! The rules of what engines report about security, each with a made-up answer.

use bollard::models::ContainerCreateBody;
use serde_json::{Value, json};

use crate::model::{
    EngineInfo, Way,
    attributes::testing::{answered, attribute, long, matches, request, seen, short, way},
};

fn any() -> EngineInfo {
    EngineInfo::default()
}

fn host(config: &Value) -> Value {
    json!({ "HostConfig": config })
}

#[test]
fn capabilities_are_upper_case_prefixed_and_sorted() {
    assert_eq!(short("cap_add", "net_admin"), Ok(json!("CAP_NET_ADMIN")));
    assert_eq!(short("cap_drop", "all"), Ok(json!("ALL")));
    assert!(
        short("cap_add", "NET_ADMN").is_err_and(|error| error.contains("did you mean NET_ADMIN"))
    );
    let wanted = json!({ "cap_add": ["CAP_NET_ADMIN", "CAP_SYS_TIME"] });
    for found in [
        json!({ "CapAdd": ["CAP_NET_ADMIN", "CAP_SYS_TIME"] }),
        json!({ "CapAdd": ["sys_time", "NET_ADMIN", "cap_net_admin"] }),
    ] {
        assert!(matches("cap_add", &wanted, &host(&found), &any()));
        assert!(!matches("cap_add", &json!({}), &host(&found), &any()));
    }
    assert!(matches(
        "cap_add",
        &json!({}),
        &host(&json!({ "CapAdd": null })),
        &any()
    ));
    assert!(matches(
        "cap_drop",
        &json!({ "cap_drop": ["ALL"] }),
        &host(&json!({ "CapDrop": ["all"] })),
        &any()
    ));
}

#[test]
fn privileged_is_judged_always() {
    assert!(!matches(
        "privileged",
        &json!({}),
        &host(&json!({ "Privileged": true })),
        &any()
    ));
    assert!(matches(
        "privileged",
        &json!({ "privileged": false }),
        &host(&json!({})),
        &any()
    ));
}

#[test]
fn a_hosts_own_security_options_are_ignored() {
    let option = short("security_opt", "no-new-privileges").expect("an option");
    let wanted = json!({ "security_opt": [option] });
    for found in [
        json!({ "SecurityOpt": ["no-new-privileges:true", "label=disable"] }),
        json!({ "SecurityOpt": ["label=disable", "no-new-privileges"] }),
    ] {
        assert!(matches("security_opt", &wanted, &host(&found), &any()));
        assert!(matches("security_opt", &json!({}), &host(&found), &any()));
    }
    let other = json!({ "SecurityOpt": ["label=disable"] });
    assert!(!matches("security_opt", &wanted, &host(&other), &any()));
}

#[test]
fn a_seccomp_profile_is_compared_by_its_content_and_named_briefly() {
    let profile = short("security_opt", "seccomp:{\"b\": [1],\n\"a\": 2}").expect("a profile");
    let wanted = json!({ "security_opt": [profile] });
    let found = host(&json!({ "SecurityOpt": ["seccomp={\"a\":2,\"b\":[1]}"] }));
    assert!(matches("security_opt", &wanted, &found, &any()));
    let crate::model::Shape::Items(key) = attribute("security_opt").shape else {
        panic!("options are items")
    };
    assert_eq!(key(&wanted["security_opt"][0]), "seccomp");
    assert_eq!(key(&json!("label=type:a")), "label=type:a");
}

#[test]
fn groups_are_a_set() {
    let wanted = json!({ "group_add": ["1001", "audio"] });
    assert!(matches(
        "group_add",
        &wanted,
        &host(&json!({ "GroupAdd": ["audio", "1001"] })),
        &any()
    ));
    assert!(!matches(
        "group_add",
        &json!({}),
        &host(&json!({ "GroupAdd": ["audio"] })),
        &any()
    ));
}

#[test]
fn a_shared_namespace_is_known_by_the_containers_name() {
    let id = "f".repeat(64);
    for (name, api) in [("pid", "PidMode"), ("ipc", "IpcMode")] {
        let found = host(&json!({ api: format!("container:{id}") }));
        assert_eq!(seen(name, &found), Some(json!("container:db")));
        // One that is gone is equal to no name: what shares its namespace is made anew.
        let gone = host(&json!({ api: "container:0123" }));
        assert_eq!(seen(name, &gone), Some(json!("container:0123")));
        for text in ["host", "service:db", "container:db"] {
            assert_eq!(short(name, text), Ok(json!(text)));
        }
        for text in ["", "service:", "container:", "hots"] {
            assert!(short(name, text).is_err(), "{text}");
        }
        assert_eq!(way(name, json!("host"), json!(null)), Way::Recreate);
    }
}

#[test]
fn the_engines_own_namespaces_are_no_difference() {
    let found = host(
        &json!({ "IpcMode": "private", "CgroupnsMode": "host", "PidMode": "", "UTSMode": "", "UsernsMode": "" }),
    );
    for name in ["ipc", "cgroup", "pid", "uts", "userns_mode"] {
        assert!(matches(name, &json!({}), &found, &any()), "{name}");
    }
    let podman = host(&json!({ "PidMode": "private", "UTSMode": "private" }));
    for name in ["pid", "uts"] {
        assert!(matches(name, &json!({}), &podman, &any()), "{name}");
    }
    let shared = host(&json!({ "PidMode": "host", "UTSMode": "host", "UsernsMode": "host" }));
    for name in ["pid", "uts", "userns_mode"] {
        assert!(!matches(name, &json!({}), &shared, &any()), "{name}");
        assert!(
            matches(name, &json!({ name: "host" }), &shared, &any()),
            "{name}"
        );
    }
    assert!(!matches(
        "ipc",
        &json!({ "ipc": "shareable" }),
        &found,
        &any()
    ));
    assert!(!matches(
        "cgroup",
        &json!({ "cgroup": "private" }),
        &found,
        &any()
    ));
}

#[test]
fn isolation_on_linux_has_one_word() {
    assert_eq!(short("isolation", "default"), Ok(json!("default")));
    assert!(short("isolation", "hyperv").is_err_and(|error| error.contains("Windows")));
    for found in [
        json!({}),
        json!({ "Isolation": "" }),
        json!({ "Isolation": "default" }),
    ] {
        assert!(matches("isolation", &json!({}), &host(&found), &any()));
        assert!(matches(
            "isolation",
            &json!({ "isolation": "default" }),
            &host(&found),
            &any()
        ));
    }
}

#[test]
fn parameters_of_one_interface_may_stand_with_its_endpoint() {
    let wanted = json!({ "sysctls": { "net.core.somaxconn": "1024", "net.ipv4.conf.eth0.log_martians": "1" } });
    let moved = json!({
        "HostConfig": { "Sysctls": { "net.core.somaxconn": "1024" } },
        "NetworkSettings": { "Networks": { "bridge": { "DriverOpts": {
            "com.docker.network.endpoint.sysctls": "net.ipv4.conf.IFNAME.log_martians=1",
        } }, "other": {} } },
    });
    assert!(matches("sysctls", &wanted, &moved, &any()));
    assert!(matches(
        "sysctls",
        &wanted,
        &answered(&request(&wanted)),
        &any()
    ));
    let other = host(
        &json!({ "Sysctls": { "net.core.somaxconn": "512", "net.ipv4.conf.eth0.log_martians": "1" } }),
    );
    assert!(!matches("sysctls", &wanted, &other, &any()));
}

#[test]
fn what_only_windows_has_is_a_clear_error() {
    assert!(long("credential_spec", json!({})).is_ok());
    let error = long("credential_spec", json!({ "file": "a.json" })).expect_err("not here");
    assert!(error.contains("Windows"), "{error}");
}

#[test]
fn the_client_knows_every_field() {
    let body = request(&json!({
        "privileged": true, "cap_add": ["ALL"], "cap_drop": ["CAP_CHOWN"], "security_opt": ["seccomp=unconfined"],
        "group_add": ["5"], "userns_mode": "host", "ipc": "shareable", "pid": "host", "uts": "host", "cgroup": "private",
        "cgroup_parent": "/x", "isolation": "default", "sysctls": { "net.core.somaxconn": "5" },
    }));
    let typed: ContainerCreateBody = serde_json::from_value(body.clone()).expect("known types");
    assert_eq!(serde_json::to_value(typed).expect("JSON"), body);
}

#[test]
fn podman_shows_what_a_container_has_and_not_what_was_asked_for() {
    let podman = EngineInfo {
        podman: true,
        ..any()
    };
    let usual =
        host(&json!({ "CapAdd": [], "CapDrop": ["CAP_AUDIT_WRITE", "CAP_MKNOD", "CAP_NET_RAW"] }));
    for name in ["cap_add", "cap_drop"] {
        assert!(matches(name, &json!({}), &usual, &podman), "{name}");
    }
    assert!(!matches("cap_drop", &json!({}), &usual, &any()));
    let wanted = json!({ "cap_add": ["CAP_MKNOD", "CAP_NET_ADMIN"], "cap_drop": ["CAP_CHOWN"] });
    let found = host(
        &json!({ "CapAdd": ["CAP_NET_ADMIN"], "CapDrop": ["CAP_AUDIT_WRITE", "CAP_CHOWN", "CAP_NET_RAW"] }),
    );
    for name in ["cap_add", "cap_drop"] {
        assert!(matches(name, &wanted, &found, &podman), "{name}");
        assert!(!matches(name, &wanted, &usual, &podman), "{name}");
    }
    // Of one that is asked for and that Docker has anyway, only the one list tells.
    let more = json!({ "cap_add": ["CAP_NET_RAW"] });
    assert!(!matches("cap_add", &more, &usual, &podman));
    assert!(matches("cap_drop", &more, &usual, &podman));
    let privileged = host(&json!({ "Privileged": true, "CapAdd": [], "CapDrop": [] }));
    assert!(matches("cap_drop", &json!({}), &privileged, &podman));
    let wanted = json!({ "privileged": true });
    assert!(matches("cap_drop", &wanted, &usual, &podman));
}
