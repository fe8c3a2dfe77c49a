use proptest::prelude::*;
use serde_json::{Value, json};

use crate::model::{
    Applied, Form, Settings, Way,
    attributes::{
        NetworkChange, endpoint, network_changes,
        round::{attribute, engine, expected, inspect, podman, read},
    },
};

fn port(address: &str, host: &Value, container: u16, protocol: &str) -> Value {
    json!({ "host_ip": address, "host_port": host, "container_port": container, "protocol": protocol })
}

#[test]
fn what_is_written_is_read_back() {
    let settings = json!({
        "ports": [
            port("", &json!(8080), 80, "tcp"),
            port("", &Value::Null, 81, "tcp"),
            port("", &json!("9000-9005"), 82, "tcp"),
            port("127.0.0.1", &json!(8080), 80, "udp"),
            port("::1", &json!(8080), 80, "udp"),
        ],
        "hostname": "web",
        "domainname": "example.com",
        "dns": ["10.0.0.53", "::1"],
        "dns_search": ["b", "a"],
        "dns_opt": ["a", "b"],
        "extra_hosts": ["a:10.0.0.1", "b:::1", "c:host-gateway"],
    });
    for minor in [41, 51] {
        let engine = engine(minor);
        let inspect = inspect(&settings, &engine);
        for (name, value) in settings.as_object().into_iter().flatten() {
            let mut value = value.clone();
            if let (crate::model::Shape::Items(key), Value::Array(items)) =
                (attribute(name).shape, &mut value)
            {
                items.sort_by_key(key);
            }
            assert_eq!(read(name, &inspect, &engine), Some(value), "{name}");
        }
    }
}

#[test]
fn published_ports_are_exposed_beside_the_exposed_ones() {
    let settings = json!({ "ports": [port("", &json!(8080), 80, "tcp")], "expose": ["53/udp"] });
    let inspect = inspect(&settings, &engine(41));
    assert_eq!(
        inspect["Config"]["ExposedPorts"],
        json!({ "80/tcp": {}, "53/udp": {} })
    );
    assert_eq!(
        inspect["HostConfig"]["PortBindings"],
        json!({ "80/tcp": [{ "HostIp": "", "HostPort": "8080" }] })
    );
    assert_eq!(
        read("expose", &inspect, &engine(41)),
        Some(json!(["53/udp", "80/tcp"]))
    );
}

#[test]
fn a_host_port_that_is_not_said_has_many_spellings() {
    let any = Some(json!([port("", &Value::Null, 80, "tcp")]));
    for list in [
        json!([]),
        Value::Null,
        json!([{}]),
        json!([{ "HostIp": "", "HostPort": "" }]),
        json!([{ "HostPort": "0" }]),
    ] {
        let shown = json!({ "HostConfig": { "PortBindings": { "80/tcp": list } } });
        assert_eq!(read("ports", &shown, &engine(41)), any, "{list}");
    }
    let none = json!({ "HostConfig": { "PortBindings": null } });
    assert_eq!(read("ports", &none, &engine(41)), None);
}

#[test]
fn an_address_is_compared_as_an_address() {
    let shown = |address: &str| json!({ "HostConfig": { "PortBindings": { "80/tcp": [{ "HostIp": address, "HostPort": "1" }] } } });
    let address = |text: &str, engine: &crate::model::EngineInfo| {
        let items = read("ports", &shown(text), engine).expect("ports");
        items[0]["host_ip"].clone()
    };
    assert_eq!(address("0:0::1", &engine(41)), json!("::1"));
    // IPv4 alone is less than all addresses.
    assert_eq!(address("0.0.0.0", &engine(41)), json!("0.0.0.0"));
}

#[test]
fn ports_that_podman_drops_are_those_that_were_applied() {
    let ports =
        json!([{ "host_ip": "", "host_port": 8080, "container_port": 80, "protocol": "tcp" }]);
    let label = Applied::new(Settings::from_iter([("ports".to_owned(), ports.clone())])).text();
    for (mode, expected) in [
        ("host", Some(&ports)),
        ("none", Some(&ports)),
        ("bridge", None),
    ] {
        let shown = json!({
            "HostConfig": { "NetworkMode": mode, "PortBindings": {} },
            "Config": { "Labels": { "io.evenkeel.applied": label } },
        });
        let found = read("ports", &shown, &podman());
        assert_eq!(found.as_ref(), expected, "{mode}");
    }
}

#[test]
fn a_network_mode_counts_only_where_it_is_not_a_network() {
    let mode = |text: &str| {
        read(
            "network_mode",
            &json!({ "HostConfig": { "NetworkMode": text } }),
            &engine(41),
        )
    };
    assert_eq!(mode("default"), Some(json!("bridge")));
    assert_eq!(mode("bridge"), Some(json!("bridge")));
    assert_eq!(mode("host"), Some(json!("host")));
    assert_eq!(mode("container:4711"), Some(json!("container:db")));
    assert_eq!(mode("container:0815"), Some(json!("container:0815")));
    assert_eq!(mode("shop_default"), None);
    assert_eq!(mode(""), None);
    // Podman says `bridge` for every network.
    let shown = json!({ "HostConfig": { "NetworkMode": "bridge" }, "NetworkSettings": { "Networks": { "shop_default": {} } } });
    assert_eq!(read("network_mode", &shown, &podman()), None);
    let left =
        json!({ "HostConfig": { "NetworkMode": "bridge" }, "NetworkSettings": { "Networks": {} } });
    assert_eq!(read("network_mode", &left, &podman()), None);
}

#[test]
fn a_mode_that_is_not_said_is_none_unless_the_engines_bridge_is_among_the_networks() {
    let expected = |settings: Value| expected("network_mode", &settings, &json!({}), &engine(41));
    assert_eq!(
        expected(json!({ "network_mode": "host" })),
        Some(json!("host"))
    );
    assert_eq!(
        expected(json!({ "networks": { "shop_default": {} } })),
        Some(Value::Null)
    );
    assert_eq!(expected(json!({ "networks": { "bridge": {} } })), None);
}

#[test]
fn engines_before_api_1_44_take_one_network_at_a_creation() {
    let settings = json!({ "networks": { "a": {}, "b": { "priority": 5, "aliases": ["x"], "mac_address": "02:00:00:00:00:01" } } });
    let old = inspect(&settings, &engine(41));
    assert_eq!(old["HostConfig"]["NetworkMode"], json!("b"));
    assert_eq!(
        old["NetworkSettings"]["Networks"],
        json!({ "b": { "Aliases": ["x"], "MacAddress": "02:00:00:00:00:01" } })
    );
    assert_eq!(old["Config"]["MacAddress"], json!("02:00:00:00:00:01"));
    let new = inspect(&settings, &engine(44));
    assert_eq!(new["HostConfig"]["NetworkMode"], json!("b"));
    assert_eq!(new["NetworkSettings"]["Networks"]["a"], json!({}));
    assert_eq!(new["Config"].get("MacAddress"), None);
}

#[test]
fn an_endpoint_in_the_words_of_the_api() {
    let settings = json!({
        "aliases": ["a"], "ipv4_address": "10.0.0.2", "ipv6_address": "::2", "link_local_ips": ["169.254.1.1"],
        "mac_address": "02:00:00:00:00:01", "driver_opts": { "o": "1" }, "gw_priority": 3, "priority": 9,
    });
    assert_eq!(
        endpoint(&settings),
        json!({
            "Aliases": ["a"], "MacAddress": "02:00:00:00:00:01", "DriverOpts": { "o": "1" }, "GwPriority": 3,
            "IPAMConfig": { "IPv4Address": "10.0.0.2", "IPv6Address": "::2", "LinkLocalIPs": ["169.254.1.1"] },
        })
    );
    assert_eq!(endpoint(&json!({})), json!({}));
}

/// What an engine shows for a container on one network.
fn found(endpoint: &Value, minor: u32) -> Value {
    let inspect = json!({
        "Id": "0123456789abcdef0123456789abcdef", "Name": "/web", "Config": { "Hostname": "special" },
        "NetworkSettings": { "Networks": { "front": endpoint } },
    });
    read("networks", &inspect, &engine(minor)).expect("networks")
}

fn fields(wanted: &Value, found: &Value) -> Vec<(String, Way)> {
    network_changes(&json!({ "front": wanted }), found)
        .into_iter()
        .map(|change| (change.field, change.way))
        .collect()
}

#[test]
fn aliases_are_compared_without_the_engines_own() {
    let own = json!(["0123456789ab", "web", "special", "www"]);
    let shown = found(&json!({ "Aliases": own }), 41);
    assert_eq!(fields(&json!({ "aliases": ["www"] }), &shown), []);
    // One that the engine has by itself may be asked for, too.
    assert_eq!(
        fields(&json!({ "aliases": ["special", "www"] }), &shown),
        []
    );
    let differs = [("aliases".to_owned(), Way::Reconnect)];
    assert_eq!(fields(&json!({ "aliases": ["www", "x"] }), &shown), differs);
    assert_eq!(fields(&json!({}), &shown), differs);
    assert_eq!(
        fields(&json!({}), &found(&json!({ "Aliases": null }), 41)),
        []
    );
}

#[test]
fn a_fixed_address_is_asked_for_and_not_the_one_in_use() {
    let shown = found(
        &json!({ "IPAMConfig": { "IPv4Address": "10.0.0.2" }, "IPAddress": "" }),
        41,
    );
    assert_eq!(fields(&json!({ "ipv4_address": "10.0.0.2" }), &shown), []);
    assert_eq!(
        fields(&json!({}), &shown),
        [("ipv4_address".to_owned(), Way::Reconnect)]
    );
    let six = found(
        &json!({ "IPAMConfig": { "IPv6Address": "2001:DB8:0::2" } }),
        41,
    );
    assert_eq!(fields(&json!({ "ipv6_address": "2001:db8::2" }), &six), []);
    let used = found(&json!({ "IPAMConfig": null, "IPAddress": "10.0.0.9" }), 41);
    assert_eq!(fields(&json!({}), &used), []);
}

#[test]
fn an_address_of_a_network_card_counts_only_if_it_is_asked_for_and_shown() {
    let wanted = json!({ "mac_address": "02:00:00:00:00:01" });
    let shown = json!({ "MacAddress": "02:42:ac:11:00:02" });
    assert_eq!(fields(&json!({}), &found(&shown, 44)), []);
    assert_eq!(
        fields(&wanted, &found(&shown, 44)),
        [("mac_address".to_owned(), Way::Recreate)]
    );
    assert_eq!(
        fields(&wanted, &found(&json!({ "MacAddress": "" }), 44)),
        []
    );
    assert_eq!(fields(&wanted, &found(&shown, 41)), []);
}

#[test]
fn options_of_the_driver_are_compared_without_the_containers_sysctls() {
    let shown = found(
        &json!({ "DriverOpts": { "a": "1", "com.docker.network.endpoint.sysctls": "x" } }),
        44,
    );
    let differs = [("driver_opts".to_owned(), Way::Reconnect)];
    assert_eq!(fields(&json!({ "driver_opts": { "a": "1" } }), &shown), []);
    assert_eq!(
        fields(&json!({ "driver_opts": { "a": "2" } }), &shown),
        differs
    );
    assert_eq!(fields(&json!({}), &shown), differs);
}

#[test]
fn a_network_that_was_left_or_joined_is_a_change() {
    let changes = network_changes(
        &json!({ "front": {}, "back": {} }),
        &json!({ "front": {}, "else": {} }),
    );
    let change = |network: &str, before, after| NetworkChange {
        network: network.to_owned(),
        field: String::new(),
        before,
        after,
        way: Way::Reconnect,
    };
    assert_eq!(
        changes,
        [
            change("back", None, Some(json!(true))),
            change("else", Some(json!(true)), None)
        ]
    );
}

#[test]
fn hosts_have_no_order_and_one_spelling() {
    let shown = json!({ "HostConfig": { "ExtraHosts": ["b:::1", "a=10.0.0.1", "a:10.0.0.1"] } });
    assert_eq!(
        read("extra_hosts", &shown, &engine(41)),
        Some(json!(["a:10.0.0.1", "b:::1"]))
    );
}

#[test]
fn name_servers_have_an_order_and_options_of_the_resolver_none() {
    let shown = json!({ "HostConfig": { "Dns": ["9.9.9.9", "1.1.1.1"], "DnsOptions": ["b", "a"], "DnsSearch": [] } });
    assert_eq!(
        read("dns", &shown, &engine(41)),
        Some(json!(["9.9.9.9", "1.1.1.1"]))
    );
    assert_eq!(
        read("dns_opt", &shown, &engine(41)),
        Some(json!(["a", "b"]))
    );
    assert_eq!(read("dns_search", &shown, &engine(41)), None);
}

#[test]
fn links_belong_to_the_endpoint_or_to_the_engines_own_bridge() {
    let settings =
        json!({ "networks": { "a": {} }, "links": ["db"], "external_links": ["old:db2"] });
    let inspect = inspect(&settings, &engine(41));
    assert_eq!(
        inspect["NetworkSettings"]["Networks"]["a"]["Links"],
        json!(["db:db", "old:db2"])
    );
    let settings = json!({ "network_mode": "bridge", "links": ["db:x"] });
    let inspect = super::super::round::inspect(&settings, &engine(41));
    assert_eq!(inspect["HostConfig"]["Links"], json!(["db:x"]));
}

#[test]
fn the_containers_own_card_is_that_of_its_first_network() {
    let settings = json!({ "networks": { "a": {} }, "mac_address": "02:00:00:00:00:01" });
    assert_eq!(
        inspect(&settings, &engine(41))["Config"]["MacAddress"],
        json!("02:00:00:00:00:01")
    );
    let new = inspect(&settings, &engine(44));
    assert_eq!(
        new["NetworkSettings"]["Networks"]["a"]["MacAddress"],
        json!("02:00:00:00:00:01")
    );
}

/// Addresses and ports as a file may give them.
fn mappings() -> impl Strategy<Value = Vec<String>> {
    let host = prop_oneof![
        Just(String::new()),
        (1..=u16::MAX).prop_map(|port| format!("{port}:")),
        (1..60_000_u16, 1..9_u16).prop_map(|(port, more)| format!("{port}-{}:", port + more)),
        (any::<std::net::Ipv4Addr>(), 1..=u16::MAX).prop_map(|(ip, port)| format!("{ip}:{port}:")),
        any::<std::net::Ipv6Addr>().prop_map(|ip| format!("[{ip}]::")),
    ];
    let one = (
        host,
        1..=u16::MAX,
        prop_oneof![Just("tcp"), Just("udp"), Just("sctp")],
    )
        .prop_map(|(host, port, protocol)| format!("{host}{port}/{protocol}"));
    proptest::collection::vec(one, 0..6)
}

proptest! {
    #[test]
    fn any_ports_are_read_back_as_they_were_written(texts in mappings()) {
        let Form::Items(form) = &attribute("ports").form else { unreachable!() };
        let mut items: Vec<Value> = texts.iter().flat_map(|text| (form.short)(text).expect("ports")).collect();
        items.sort_by_key(form.key);
        items.dedup();
        // The key is the short syntax, and so reads as the same item.
        for item in &items {
            prop_assert_eq!((form.short)(&(form.key)(item)), Ok(vec![item.clone()]));
        }
        let inspect = inspect(&json!({ "ports": items }), &engine(41));
        let found = read("ports", &inspect, &engine(41)).unwrap_or_else(|| json!([]));
        prop_assert_eq!(found, json!(items));
    }

    #[test]
    fn any_endpoint_is_found_as_it_was_asked_for(
        aliases in proptest::collection::btree_set("[a-z]{2,8}", 0..4),
        four in proptest::option::of(any::<std::net::Ipv4Addr>()),
        six in proptest::option::of(any::<std::net::Ipv6Addr>()),
        minor in 41..52_u32,
    ) {
        let mut wanted = json!({ "aliases": aliases });
        if let Some(address) = four { wanted["ipv4_address"] = json!(address.to_string()); }
        if let Some(address) = six { wanted["ipv6_address"] = json!(address.to_string()); }
        let shown = found(&endpoint(&wanted), minor);
        prop_assert_eq!(fields(&wanted, &shown), []);
    }
}
