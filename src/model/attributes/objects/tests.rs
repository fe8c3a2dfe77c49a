use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::model::{
    Applied, Expect, Seen, Settings, Table, Unset,
    attributes::{
        self,
        round::{engine, podman, request},
    },
};

fn read(table: Table, name: &str, json: &Value) -> Option<Value> {
    let attribute = attributes::find(table, name).expect("an attribute");
    attribute.read(&Seen {
        inspect: json,
        names: &BTreeMap::new(),
        engine: &engine(41),
    })
}

#[test]
fn a_network_that_is_written_is_read_back() {
    let settings = json!({
        "driver": "bridge",
        "driver_opts": { "mtu": "1400" },
        "internal": true,
        "attachable": true,
        "enable_ipv6": true,
        "labels": { "a": "b" },
        "ipam": { "driver": "default", "options": { "o": "1" }, "config": {
            "10.213.0.0/24": { "subnet": "10.213.0.0/24", "gateway": "10.213.0.1", "ip_range": "10.213.0.128/25", "aux_addresses": { "r": "10.213.0.2" } },
            "2001:db8::/64": { "subnet": "2001:db8::/64" },
        } },
    });
    let shown = request(&attributes::NETWORK, &settings, &engine(41));
    for (name, value) in settings.as_object().into_iter().flatten() {
        assert_eq!(
            read(&attributes::NETWORK, name, &shown).as_ref(),
            Some(value),
            "{name}"
        );
    }
}

#[test]
fn addresses_that_podman_does_not_show_are_those_that_were_applied() {
    let applied = json!({ "driver": "mine", "config": { "10.213.0.0/24": { "subnet": "10.213.0.0/24", "ip_range": "10.213.0.128/25" } } });
    let label = Applied::new(Settings::from_iter([("ipam".to_owned(), applied)])).text();
    let shown = json!({
        "Labels": { "io.evenkeel.applied": label },
        "IPAM": {
            "Driver": "default",
            "Options": { "driver": "host-local" },
            "Config": [{ "Subnet": "10.213.0.0/24", "Gateway": "10.213.0.1" }],
        },
    });
    let ipam = attributes::find(&attributes::NETWORK, "ipam").expect("an attribute");
    let found = ipam.read(&Seen {
        inspect: &shown,
        names: &BTreeMap::new(),
        engine: &podman(),
    });
    let expected = json!({ "driver": "mine", "config": { "10.213.0.0/24": {
        "subnet": "10.213.0.0/24", "gateway": "10.213.0.1", "ip_range": "10.213.0.128/25"
    } } });
    assert_eq!(found, Some(expected), "and what it shows is what there is");
}

#[test]
fn a_volume_is_written_and_read_in_two_spellings() {
    let settings =
        json!({ "driver": "local", "driver_opts": { "type": "tmpfs" }, "labels": { "a": "b" } });
    let body = request(&attributes::VOLUME, &settings, &engine(41));
    assert_eq!(
        body,
        json!({ "Driver": "local", "DriverOpts": { "type": "tmpfs" }, "Labels": { "a": "b" } })
    );
    let shown = json!({ "Driver": "local", "Options": { "type": "tmpfs" }, "Labels": { "a": "b", "io.evenkeel.volume": "x" } });
    for (name, value) in settings.as_object().into_iter().flatten() {
        assert_eq!(
            read(&attributes::VOLUME, name, &shown).as_ref(),
            Some(value),
            "{name}"
        );
    }
}

#[test]
fn what_the_engine_fills_in_for_addresses_is_kept_apart_from_what_was_asked_for() {
    let shown = json!({ "IPAM": { "Driver": "default", "Options": null, "Config": [{ "Subnet": "172.18.0.0/16", "Gateway": "172.18.0.1" }] } });
    assert_eq!(
        read(&attributes::NETWORK, "ipam", &shown),
        Some(
            json!({ "driver": "default", "config": { "172.18.0.0/16": { "subnet": "172.18.0.0/16", "gateway": "172.18.0.1" } } })
        )
    );
}

#[test]
fn networks_without_ipv4_are_judged_only_where_engines_know_them() {
    let attribute = attributes::find(&attributes::NETWORK, "enable_ipv4").expect("an attribute");
    let Unset::Inherit(expect) = attribute.unset else {
        unreachable!()
    };
    let wanted = json!(false);
    let expected = |minor| {
        expect(&Expect {
            desired: Some(&wanted),
            settings: &Settings::default(),
            found: None,
            image: None,
            engine: &engine(minor),
        })
    };
    assert_eq!(expected(41), None);
    assert_eq!(expected(47), Some(json!(false)));
    assert_eq!(
        read(&attributes::NETWORK, "enable_ipv4", &json!({})),
        Some(json!(true))
    );
}

#[test]
fn every_name_of_a_table_is_given_once_and_explained() {
    for table in [
        &attributes::CONTAINER,
        &attributes::IMAGE,
        &attributes::NETWORK,
        &attributes::VOLUME,
    ] {
        let mut names = std::collections::BTreeSet::new();
        for attribute in attributes::all(table) {
            for name in attribute.aliases.iter().chain([&attribute.name]) {
                assert!(names.insert(*name), "{name} is given twice");
            }
            assert!(attribute.summary.ends_with('.'), "{}", attribute.name);
            assert!(!attribute.example.is_empty(), "{}", attribute.name);
        }
    }
}
