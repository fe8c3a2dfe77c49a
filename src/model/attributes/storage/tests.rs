//! The rules of what engines report about mounts and devices, each with a made-up answer.

use bollard::models::ContainerCreateBody;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::model::{
    EngineInfo,
    attributes::testing::{answered, long, matches, matches_image, request, seen, short},
};

mod podman;

/// An engine that knows every field.
fn any() -> EngineInfo {
    EngineInfo {
        api: (1, 51),
        ..EngineInfo::default()
    }
}

fn item(text: &str) -> Value {
    short("volumes", text).expect(text)[0].clone()
}

fn long_item(fields: Value) -> Value {
    long("volumes", fields).expect("a mount")[0].clone()
}

#[test]
fn the_short_syntax_in_normal_form() {
    for (text, normal) in [
        (
            "data:/data",
            json!({ "type": "volume", "source": "data", "target": "/data" }),
        ),
        (
            "data:/data/:rw",
            json!({ "type": "volume", "source": "data", "target": "/data" }),
        ),
        ("/cache", json!({ "type": "volume", "target": "/cache" })),
        (
            "./html:/srv:ro",
            json!({ "type": "bind", "source": "./html", "target": "/srv", "read_only": true }),
        ),
        (
            "/a:/b:rprivate",
            json!({ "type": "bind", "source": "/a", "target": "/b" }),
        ),
        (
            "/a:/b:Z,rslave",
            json!({ "type": "bind", "source": "/a", "target": "/b", "bind": { "selinux": "Z", "propagation": "rslave" } }),
        ),
        (
            "data:/b:nocopy",
            json!({ "type": "volume", "source": "data", "target": "/b", "volume": { "nocopy": true } }),
        ),
    ] {
        assert_eq!(item(text), normal, "{text}");
    }
    assert!(short("volumes", "data:/").is_err());
}

#[test]
fn both_syntaxes_come_out_the_same() {
    assert_eq!(
        long_item(
            json!({ "type": "bind", "source": "/a/", "target": "/b/", "read_only": true, "bind": { "create_host_path": true } })
        ),
        item("/a:/b:ro")
    );
    assert_eq!(
        long_item(
            json!({ "type": "volume", "source": "data", "target": "/b", "volume": { "nocopy": false } })
        ),
        item("data:/b")
    );
    assert_eq!(
        long_item(json!({ "type": "volume", "target": "/b" })),
        item("/b")
    );
}

#[test]
fn what_makes_no_sense_is_a_fault_of_its_field() {
    for (fields, field) in [
        (json!({ "type": "bind", "target": "/b" }), "source"),
        (
            json!({ "type": "bind", "source": "", "target": "/b" }),
            "source",
        ),
        (
            json!({ "type": "volume", "source": "/a", "target": "/b" }),
            "source",
        ),
        (
            json!({ "type": "tmpfs", "source": "a", "target": "/b" }),
            "source",
        ),
        (json!({ "type": "image", "target": "/b" }), "source"),
        (json!({ "type": "volume", "target": "b" }), "target"),
        (json!({ "type": "volume", "target": "/" }), "target"),
        (
            json!({ "type": "volume", "target": "/b", "read_only": true }),
            "read_only",
        ),
        (
            json!({ "type": "volume", "target": "/b", "tmpfs": { "size": 5 } }),
            "tmpfs",
        ),
        (
            json!({ "type": "volume", "source": "data", "target": "/b", "bind": { "propagation": "rslave" } }),
            "bind",
        ),
        (
            json!({ "type": "bind", "source": "/a", "target": "/b", "bind": { "recursive": "readonly" } }),
            "bind",
        ),
        (
            json!({ "type": "bind", "source": "/a", "target": "/b", "bind": { "create_host_path": false, "selinux": "z" } }),
            "bind",
        ),
    ] {
        let error = long("volumes", fields.clone()).expect_err(&fields.to_string());
        assert!(
            error.starts_with(&format!("{field}: ")),
            "{fields}: {error}"
        );
    }
}

#[test]
fn each_mount_goes_where_compose_puts_it() {
    let volumes = json!([
        item("data:/data"),
        item("/srv:/srv:ro,z"),
        item("/cache"),
        long_item(
            json!({ "type": "bind", "source": "/must", "target": "/exist", "bind": { "create_host_path": false } })
        ),
        long_item(
            json!({ "type": "tmpfs", "target": "/mem", "tmpfs": { "size": 64, "mode": 0o1777 } })
        ),
        long_item(
            json!({ "type": "volume", "source": "logs", "target": "/logs", "volume": { "subpath": "web" } })
        ),
        long_item(
            json!({ "type": "image", "source": "site:1", "target": "/site", "image": { "subpath": "html" } })
        ),
        long_item(json!({ "type": "bind", "source": "/a:b", "target": "/colon" })),
    ]);
    let body = request(&json!({ "volumes": volumes }));
    assert_eq!(
        body,
        json!({
            "Volumes": { "/cache": {} },
            "HostConfig": {
                "Binds": ["data:/data", "/srv:/srv:ro,z"],
                "Mounts": [
                    { "Type": "bind", "Source": "/must", "Target": "/exist" },
                    { "Type": "tmpfs", "Target": "/mem", "TmpfsOptions": { "SizeBytes": 64, "Mode": 0o1777 } },
                    { "Type": "volume", "Source": "logs", "Target": "/logs", "VolumeOptions": { "Subpath": "web" } },
                    { "Type": "image", "Source": "site:1", "Target": "/site", "ImageOptions": { "Subpath": "html" } },
                    { "Type": "bind", "Source": "/a:b", "Target": "/colon", "BindOptions": { "CreateMountpoint": true } },
                ],
            },
        })
    );
    let typed: ContainerCreateBody = serde_json::from_value(body.clone()).expect("known types");
    assert_eq!(serde_json::to_value(typed).expect("JSON"), body);
    assert!(matches(
        "volumes",
        &json!({ "volumes": volumes }),
        &answered(&body),
        &any()
    ));
}

#[test]
fn the_same_intent_in_two_fields_is_no_difference() {
    let wanted = json!({ "volumes": [item("data:/data:ro"), item("/srv:/srv")] });
    for host in [
        json!({ "Binds": ["data:/data:ro", "/srv:/srv:rw"] }),
        json!({ "Binds": ["/srv/:/srv/"], "Mounts": [{ "Type": "volume", "Source": "data", "Target": "/data", "ReadOnly": true }] }),
        json!({ "Binds": ["/srv:/srv:rw,rprivate,nosuid,rbind", "data:/data:ro,rprivate,nosuid,nodev,rbind"] }),
        json!({ "Binds": ["data:/data:ro"], "Mounts": [{ "Type": "bind", "Source": "/srv", "Target": "/srv" }] }),
        json!({ "Binds": ["data:/data:ro"], "Mounts": [
            { "Type": "bind", "Source": "/srv", "Target": "/srv", "BindOptions": { "Propagation": "rprivate", "CreateMountpoint": true }, "Consistency": "default" },
        ] }),
    ] {
        assert!(
            matches("volumes", &wanted, &json!({ "HostConfig": host }), &any()),
            "{host}"
        );
    }
    for host in [
        json!({ "Binds": ["data:/data", "/srv:/srv"] }),
        json!({ "Binds": ["data:/data:ro"] }),
        json!({ "Binds": ["data:/data:ro", "/srv:/srv", "more:/more"] }),
        json!({ "Binds": ["other:/data:ro", "/srv:/srv"] }),
    ] {
        assert!(
            !matches("volumes", &wanted, &json!({ "HostConfig": host }), &any()),
            "{host}"
        );
    }
}

#[test]
fn fields_that_an_older_engine_drops_are_no_difference() {
    let engine = EngineInfo {
        api: (1, 41),
        ..EngineInfo::default()
    };
    for recursive in ["disabled", "readonly", "writable"] {
        let wanted = json!({ "volumes": [long_item(json!({
            "type": "bind", "source": "/a", "target": "/b", "read_only": true, "bind": { "recursive": recursive },
        }))] });
        let mut body = request(&wanted);
        assert!(
            matches("volumes", &wanted, &answered(&body), &any()),
            "{body}"
        );
        let mount = &mut body["HostConfig"]["Mounts"][0];
        mount["BindOptions"] = json!({ "NonRecursive": recursive == "disabled" });
        assert!(
            matches("volumes", &wanted, &answered(&body), &engine),
            "{body}"
        );
        let same = matches("volumes", &wanted, &answered(&body), &any());
        assert_eq!(same, recursive == "disabled", "{body}");
    }
}

#[test]
fn volumes_declared_by_the_image_are_no_difference() {
    let image = json!({ "Volumes": { "/of-image/": {} } });
    let hex = "a".repeat(64);
    let fresh = json!({ "Config": { "Volumes": { "/of-image/": {} } }, "HostConfig": {}, "Mounts": [
        { "Type": "volume", "Name": hex, "Destination": "/of-image" },
    ] });
    let carried = json!({ "Config": { "Volumes": { "/of-image/": {} } }, "HostConfig": { "Binds": [format!("{hex}:/of-image")] } });
    for found in [&fresh, &carried] {
        assert!(matches_image("volumes", &json!({}), found, &any(), &image));
        // Mounting something of one's own there is a change.
        let own = json!({ "volumes": [item("data:/of-image")] });
        assert!(!matches_image("volumes", &own, found, &any(), &image));
    }
    let over = json!({ "Config": { "Volumes": { "/of-image/": {} } }, "HostConfig": { "Binds": ["data:/of-image"] } });
    assert!(matches_image(
        "volumes",
        &json!({ "volumes": [item("data:/of-image")] }),
        &over,
        &any(),
        &image
    ));
    assert!(!matches_image("volumes", &json!({}), &over, &any(), &image));
}

#[test]
fn a_nameless_volume_that_went_along_is_still_the_nameless_one() {
    let hex = "a".repeat(64);
    for plain in [
        item("/cache"),
        long_item(json!({ "type": "volume", "target": "/cache", "volume": { "nocopy": true } })),
        long_item(
            json!({ "type": "volume", "target": "/cache", "volume": { "labels": { "a": "b" } } }),
        ),
    ] {
        let mut carried = plain.clone();
        carried["source"] = hex.as_str().into();
        let body = request(&json!({ "volumes": [carried] }));
        assert!(body.to_string().contains(&hex), "{body}");
        assert!(
            matches(
                "volumes",
                &json!({ "volumes": [plain] }),
                &answered(&body),
                &any()
            ),
            "{body}"
        );
    }
    // One that neither the file nor the image names any more goes along for its data's sake, and is no difference either.
    let left = json!({ "type": "volume", "source": hex, "target": "/left", "of_image": true });
    let body = request(&json!({ "volumes": [left] }));
    assert_eq!(
        body,
        json!({ "HostConfig": { "Binds": [format!("{hex}:/left")] } })
    );
    assert!(matches("volumes", &json!({}), &answered(&body), &any()));
}

#[test]
fn the_label_that_an_engine_adds_to_a_nameless_volume_is_no_difference() {
    let plain =
        json!({ "type": "volume", "target": "/cache", "volume": { "labels": { "a": "b" } } });
    let wanted = json!({ "volumes": [long_item(plain)] });
    let mut body = request(&wanted);
    body["HostConfig"]["Mounts"][0]["VolumeOptions"]["Labels"]["com.docker.volume.anonymous"] =
        json!("");
    assert!(matches("volumes", &wanted, &answered(&body), &any()));
}

#[test]
fn a_nameless_volume_that_comes_or_goes_is_a_difference() {
    let found = json!({ "Config": { "Volumes": { "/cache": {} } }, "HostConfig": {} });
    assert!(matches(
        "volumes",
        &json!({ "volumes": [item("/cache")] }),
        &found,
        &any()
    ));
    assert!(!matches("volumes", &json!({}), &found, &any()));
    assert!(!matches(
        "volumes",
        &json!({ "volumes": [item("/cache")] }),
        &json!({}),
        &any()
    ));
}

#[test]
fn the_engines_socket_is_a_mount_like_others() {
    let wanted = json!({ "use_api_socket": true, "volumes": [item("data:/data")] });
    let body = request(&wanted);
    assert_eq!(
        body["HostConfig"]["Binds"],
        json!(["/var/run/docker.sock:/var/run/docker.sock", "data:/data"])
    );
    assert!(matches("volumes", &wanted, &answered(&body), &any()));
    assert!(!matches(
        "volumes",
        &json!({ "volumes": [item("data:/data")] }),
        &answered(&body),
        &any()
    ));
    assert_eq!(request(&json!({ "use_api_socket": false })), json!({}));
}

#[test]
fn options_of_a_tmpfs_are_a_set() {
    let text = short("tmpfs", "/tmp:size=64m,mode=1777,noexec").expect("a tmpfs");
    let wanted = json!({ "tmpfs": [text, short("tmpfs", "/run").expect("a tmpfs")] });
    assert_eq!(
        request(&wanted)["HostConfig"]["Tmpfs"],
        json!({ "/run": "", "/tmp": "mode=1777,noexec,size=67108864" })
    );
    assert!(matches(
        "tmpfs",
        &wanted,
        &answered(&request(&wanted)),
        &any()
    ));
    let by_hand = json!({ "HostConfig": { "Tmpfs": { "/tmp/": "noexec,rw,size=65536k,mode=01777", "/run": "rw" } } });
    assert!(matches("tmpfs", &wanted, &by_hand, &any()));
    let other = json!({ "HostConfig": { "Tmpfs": { "/tmp": "size=64m", "/run": "" } } });
    assert!(!matches("tmpfs", &wanted, &other, &any()));
    assert!(!matches("tmpfs", &json!({}), &other, &any()));
}

#[test]
fn devices_get_the_engines_defaults() {
    let plain = short("devices", "/dev/snd").expect("a device")[0].clone();
    let found = json!({ "HostConfig": { "Devices": [{ "PathOnHost": "/dev/snd", "PathInContainer": "/dev/snd", "CgroupPermissions": "rwm" }] } });
    assert!(matches(
        "devices",
        &json!({ "devices": [plain] }),
        &found,
        &any()
    ));
    assert!(!matches("devices", &json!({}), &found, &any()));
    assert_eq!(
        long(
            "devices",
            json!({ "source": "/dev/a", "permissions": "mr" })
        ),
        Ok(json!([{ "source": "/dev/a", "target": "/dev/a", "permissions": "rm" }]))
    );
    assert!(long("devices", json!({ "source": "a" })).is_err());
    assert!(long("devices", json!({ "source": "/a", "permissions": "x" })).is_err());
}

#[test]
fn devices_by_their_cdi_names_are_requests() {
    let name = short("devices", "vendor.com/gpu=all").expect("a CDI name")[0].clone();
    let path = short("devices", "/dev/a").expect("a device")[0].clone();
    let wanted =
        json!({ "devices": [path, name], "gpus": [{ "count": -1, "capabilities": ["gpu"] }] });
    let body = request(&wanted);
    let requests = body["HostConfig"]["DeviceRequests"]
        .as_array()
        .map(Vec::len);
    assert_eq!(requests, Some(2));
    for name in ["devices", "gpus"] {
        assert!(matches(name, &wanted, &answered(&body), &any()), "{name}");
    }
    let typed: ContainerCreateBody = serde_json::from_value(body.clone()).expect("known types");
    assert_eq!(serde_json::to_value(typed).expect("JSON"), body);
    assert!(
        long(
            "devices",
            json!({ "source": "vendor.com/gpu=all", "target": "/x" })
        )
        .is_err()
    );
}

#[test]
fn rules_of_the_device_cgroup_are_a_set() {
    let wanted = json!({ "device_cgroup_rules": ["a 7:* rwm", "c 1:3 rm"] });
    let found = json!({ "HostConfig": { "DeviceCgroupRules": ["c 1:3 mr", "a 7:* rmw"] } });
    assert!(matches("device_cgroup_rules", &wanted, &found, &any()));
    assert!(!matches("device_cgroup_rules", &json!({}), &found, &any()));
}

#[test]
fn containers_whose_mounts_are_taken_are_known_by_name() {
    let id = "f".repeat(64);
    let found =
        json!({ "HostConfig": { "VolumesFrom": [format!("{id}:rw"), "other:ro,z", "third"] } });
    assert_eq!(
        seen("volumes_from", &found),
        Some(json!(["db", "other:ro", "third"]))
    );
    let wanted = json!({ "volumes_from": ["third", "other:ro"] });
    let found = json!({ "HostConfig": { "VolumesFrom": ["other:ro", "third:rw"] } });
    assert!(matches("volumes_from", &wanted, &found, &any()));
    for (text, normal) in [
        ("db", "db"),
        ("db:rw", "db"),
        ("container:db:ro", "container:db:ro"),
    ] {
        assert_eq!(short("volumes_from", text), Ok(json!(normal)));
    }
    for text in ["", "container:", "db:x"] {
        assert!(short("volumes_from", text).is_err(), "{text}");
    }
}

#[test]
fn a_read_only_file_system_is_judged_always() {
    let found = json!({ "HostConfig": { "ReadonlyRootfs": true } });
    assert!(!matches("read_only", &json!({}), &found, &any()));
    assert!(matches(
        "read_only",
        &json!({ "read_only": true }),
        &found,
        &any()
    ));
    assert!(matches(
        "read_only",
        &json!({ "read_only": false }),
        &json!({}),
        &any()
    ));
}

proptest! {
    #[test]
    fn what_is_written_reads_as_the_same(
        source in "(|data:|shop_data:|/srv/[a-z]{0,4}:)",
        target in "/[a-z]{1,6}",
        options in prop::collection::vec(prop::sample::select(vec!["ro", "z", "nocopy", "rslave", "cached"]), 0..4),
        long_one in prop::sample::select(vec![
            json!({ "type": "tmpfs", "target": "/TMPFS", "tmpfs": { "size": 5 } }),
            json!({ "type": "bind", "source": "/x", "target": "/BIND", "read_only": true, "bind": { "create_host_path": false, "recursive": "writable" } }),
            json!({ "type": "bind", "source": "/x:y", "target": "/BIND", "bind": { "propagation": "shared" } }),
            json!({ "type": "volume", "target": "/NAMELESS", "volume": { "labels": { "a": "b" } } }),
        ]),
    ) {
        let options = if source.is_empty() || options.is_empty() { String::new() } else { format!(":{}", options.join(",")) };
        if let Ok(items) = short("volumes", &format!("{source}{target}{options}")) {
            let wanted = json!({ "volumes": [items[0], long_item(long_one)] });
            let found = answered(&request(&wanted));
            prop_assert!(matches("volumes", &wanted, &found, &any()), "{} {}", wanted, found);
        }
    }
}
