//! What Podman reports about mounts.

use serde_json::json;

use super::{any, item, long_item};
use crate::model::{
    Body, EngineInfo,
    attributes::testing::{attribute, matches, settings},
};

#[test]
fn podman_shows_each_tmpfs_in_one_place_and_its_own_over_a_read_only_file_system() {
    let podman = EngineInfo {
        podman: true,
        ..any()
    };
    let mount =
        json!({ "type": "tmpfs", "target": "/mem", "tmpfs": { "size": 64, "mode": 0o1777 } });
    let wanted =
        json!({ "volumes": [long_item(mount)], "read_only": true, "tmpfs": ["/run:size=5"] });
    let found = json!({ "HostConfig": { "ReadonlyRootfs": true, "Tmpfs": {
        "/mem": "mode=1777,size=64,rw,rprivate,nosuid,nodev,tmpcopyup",
        "/run": "size=5,rw,rprivate,nosuid,nodev,tmpcopyup",
        "/tmp": "rw,rprivate,nosuid,nodev,tmpcopyup",
        "/var/tmp": "rw,rprivate,nosuid,nodev,tmpcopyup",
    } } });
    for name in ["volumes", "tmpfs"] {
        assert!(matches(name, &wanted, &found, &podman), "{name}");
        assert!(!matches(name, &wanted, &found, &any()), "{name}");
    }
}

#[test]
fn a_root_of_podman_that_becomes_read_only_or_writable_is_the_only_change() {
    let podman = EngineInfo {
        podman: true,
        ..any()
    };
    let writable = json!({ "HostConfig": { "ReadonlyRootfs": false } });
    let read_only = json!({ "HostConfig": { "ReadonlyRootfs": true, "Tmpfs": {
        "/run": "rw,rprivate,nosuid,nodev,tmpcopyup",
        "/tmp": "rw,rprivate,nosuid,nodev,tmpcopyup",
        "/var/tmp": "rw,rprivate,nosuid,nodev,tmpcopyup",
    } } });
    for (wanted, found) in [(true, &writable), (false, &read_only)] {
        let wanted = json!({ "read_only": wanted });
        assert!(!matches("read_only", &wanted, found, &podman));
        assert!(matches("tmpfs", &wanted, found, &podman));
    }
    // One that the file asks for, and that is not there.
    let more = json!({ "read_only": true, "tmpfs": ["/srv"] });
    assert!(!matches("tmpfs", &more, &read_only, &podman));
}

#[test]
fn a_tmpfs_of_podman_is_open_to_all_as_one_of_docker_is_unless_its_mode_is_said() {
    let podman = EngineInfo {
        podman: true,
        ..any()
    };
    let size = json!({ "type": "tmpfs", "target": "/mem", "tmpfs": { "size": 64 } });
    let wanted = json!({ "volumes": [long_item(size)] });
    let shown = |mode: &str| {
        json!({ "HostConfig": { "Tmpfs": {
            "/mem": format!("mode={mode},size=64,rw,rprivate,nosuid,nodev,tmpcopyup"),
        } } })
    };
    assert!(matches("tmpfs", &wanted, &shown("1777"), &podman));
    assert!(!matches("tmpfs", &wanted, &shown("0000"), &podman));
    let written = |engine| {
        let mut json = serde_json::Map::new();
        let settings = settings(&wanted);
        let mut body = Body {
            json: &mut json,
            settings: &settings,
            engine,
        };
        attribute("volumes").write(&wanted["volumes"], &mut body);
        json["HostConfig"]["Mounts"][0]["TmpfsOptions"].clone()
    };
    assert_eq!(written(&podman), json!({ "SizeBytes": 64, "Mode": 0o1777 }));
    assert_eq!(written(&any()), json!({ "SizeBytes": 64 }));
}

#[test]
fn podman_shows_a_nameless_volume_as_a_bind() {
    let podman = EngineInfo {
        podman: true,
        ..any()
    };
    let bind = format!("{}:/cache:rw,rprivate,nosuid,nodev,rbind", "a".repeat(64));
    let found = json!({ "HostConfig": { "Binds": [bind] } });
    assert!(matches(
        "volumes",
        &json!({ "volumes": [item("/cache")] }),
        &found,
        &podman
    ));
    assert!(!matches("volumes", &json!({}), &found, &podman));
}
