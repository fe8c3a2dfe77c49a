//! Rows: names, addresses and networks.

use super::row::{
    ROW, Row,
    Way::{Reconnect, Recreate},
};

pub const ROWS: &[Row] = &[
    Row {
        attribute: "hostname",
        yaml: "hostname: shop",
        docker: &["--hostname", "shop"],
        changed: "hostname: store",
        docker_changed: &["--hostname", "store"],
        changes: &[("hostname", Recreate)],
        ..ROW
    },
    Row {
        attribute: "domainname",
        yaml: "domainname: example.com",
        docker: &["--domainname", "example.com"],
        changed: "domainname: example.org",
        docker_changed: &["--domainname", "example.org"],
        changes: &[("domainname", Recreate)],
        ..ROW
    },
    Row {
        attribute: "mac_address",
        yaml: "mac_address: 02:42:0a:4d:00:10",
        docker: &["--mac-address", "02:42:0a:4d:00:10"],
        changed: "mac_address: 02:42:0a:4d:00:11",
        docker_changed: &["--mac-address", "02:42:0a:4d:00:11"],
        changes: &[("mac_address", Recreate)],
        by_hand: Some(&[]),
        ..ROW
    },
    Row {
        attribute: "dns",
        yaml: "dns: [ 10.0.0.53, 10.0.0.54 ]",
        docker: &["--dns", "10.0.0.53", "--dns", "10.0.0.54"],
        changed: "dns: [ 10.0.0.54, 10.0.0.53 ]",
        docker_changed: &["--dns", "10.0.0.54", "--dns", "10.0.0.53"],
        changes: &[("dns", Recreate)],
        ..ROW
    },
    Row {
        attribute: "dns_search",
        yaml: "dns_search: example.com",
        docker: &["--dns-search", "example.com"],
        changed: "dns_search: [ example.com, example.org ]",
        docker_changed: &["--dns-search", "example.com", "--dns-search", "example.org"],
        changes: &[("dns_search", Recreate)],
        ..ROW
    },
    Row {
        attribute: "dns_opt",
        yaml: "dns_opt: [ 'ndots:1' ]",
        docker: &["--dns-option", "ndots:1"],
        changes: &[("dns_opt", Recreate)],
        ..ROW
    },
    Row {
        attribute: "extra_hosts",
        yaml: "extra_hosts: [ 'db:10.0.0.2', 'gate=host-gateway' ]",
        docker: &[
            "--add-host",
            "db:10.0.0.2",
            "--add-host",
            "gate:host-gateway",
        ],
        changed: "extra_hosts: { db: 10.0.0.3, gate: host-gateway }",
        docker_changed: &[
            "--add-host",
            "db:10.0.0.3",
            "--add-host",
            "gate:host-gateway",
        ],
        changes: &[("extra_hosts", Recreate)],
        ..ROW
    },
    Row {
        attribute: "links",
        yaml: "links: [ 'peer:database' ]",
        docker: &["--link", "peer:database"],
        changed: "links: [ 'second:database' ]",
        docker_changed: &["--link", "second:database"],
        changes: &[("links", Recreate)],
        by_hand: Some(&[]),
        ..ROW
    },
    Row {
        attribute: "external_links",
        yaml: "external_links: [ 'peer:legacy' ]",
        docker: &["--link", "peer:legacy"],
        changes: &[("external_links", Recreate)],
        by_hand: Some(&[]),
        ..ROW
    },
    Row {
        attribute: "network_mode",
        yaml: "network_mode: none",
        docker: &["--network", "none"],
        changed: "network_mode: host",
        docker_changed: &["--network", "host"],
        changes: &[("network_mode", Recreate)],
        ..ROW
    },
    Row {
        attribute: "network_mode",
        yaml: "network_mode: bridge",
        docker: &["--network", "bridge"],
        changed: "network_mode: service:peer",
        docker_changed: &["--network", "container:peer"],
        changes: &[("network_mode", Recreate)],
        ..ROW
    },
    Row {
        attribute: "networks",
        yaml: "networks: { front: { aliases: [ shop, store ] } }",
        docker: &[
            "--network",
            "fid_front",
            "--network-alias",
            "shop",
            "--network-alias",
            "store",
        ],
        changed: "networks: { front: { aliases: [ shop ] } }",
        docker_changed: &["--network", "fid_front", "--network-alias", "shop"],
        changes: &[("networks.front.aliases", Reconnect)],
        ..ROW
    },
    Row {
        attribute: "networks",
        yaml: "networks: { front: { ipv4_address: 10.77.0.40 } }",
        docker: &["--network", "fid_front", "--ip", "10.77.0.40"],
        changed: "networks: { front: { ipv4_address: 10.77.0.41 } }",
        docker_changed: &["--network", "fid_front", "--ip", "10.77.0.41"],
        changes: &[("networks.front.ipv4_address", Reconnect)],
        ..ROW
    },
    Row {
        attribute: "networks",
        yaml: "networks: { front: { driver_opts: { com.example.note: '1' } } }",
        docker: &["--network", "name=fid_front,driver-opt=com.example.note=1"],
        changed: "networks: { front: }",
        docker_changed: &["--network", "fid_front"],
        changes: &[("networks.front.driver_opts", Reconnect)],
        ..ROW
    },
    Row {
        attribute: "networks",
        yaml: "networks: { front: { link_local_ips: [ 169.254.8.8 ] } }",
        docker: &["--network", "fid_front", "--link-local-ip", "169.254.8.8"],
        changed: "networks: { front: }",
        docker_changed: &["--network", "fid_front"],
        changes: &[("networks.front.link_local_ips", Reconnect)],
        ..ROW
    },
    Row {
        attribute: "networks",
        yaml: "networks: { front: { mac_address: 02:42:0a:4d:00:20 } }",
        docker: &["--network", "name=fid_front,mac-address=02:42:0a:4d:00:20"],
        changed: "networks: { front: { mac_address: 02:42:0a:4d:00:21 } }",
        docker_changed: &["--network", "name=fid_front,mac-address=02:42:0a:4d:00:21"],
        changes: &[("networks.front.mac_address", Recreate)],
        since: 44,
        ..ROW
    },
    Row {
        attribute: "networks",
        yaml: "networks: { front: { gw_priority: 1 } }",
        docker: &["--network", "name=fid_front,gw-priority=1"],
        changed: "networks: { front: { gw_priority: 2 } }",
        docker_changed: &["--network", "name=fid_front,gw-priority=2"],
        changes: &[("networks.front.gw_priority", Reconnect)],
        since: 48,
        ..ROW
    },
    // A second network is joined in place, and left. Its priority says which one is the first.
    Row {
        attribute: "networks",
        yaml: "networks: { front: { priority: 10 } }",
        docker: &["--network", "fid_front"],
        changed: "networks: { front: { priority: 10 }, back: { aliases: [ deep ] } }",
        docker_changed: &[
            "--network",
            "fid_front",
            "--network",
            "name=fid_back,alias=deep",
        ],
        changes: &[("networks.back", Reconnect)],
        since: 44,
        ..ROW
    },
    Row {
        attribute: "ports",
        yaml: "ports: [ '2101:80', '127.0.0.1:2102:81/udp', '2103-2104:90-91', { target: 95, published: '2105' }, '99', '2110-2119:100' ]",
        docker: &[
            "-p",
            "2101:80",
            "-p",
            "127.0.0.1:2102:81/udp",
            "-p",
            "2103-2104:90-91",
            "-p",
            "2105:95",
            "-p",
            "99",
            "-p",
            "2110-2119:100",
        ],
        changed: "ports: [ '2101:80', '127.0.0.1:2102:81/udp', '2103-2104:90-91', { target: 95, published: '2106' }, '99', '2110-2119:100' ]",
        docker_changed: &[
            "-p",
            "2101:80",
            "-p",
            "127.0.0.1:2102:81/udp",
            "-p",
            "2103-2104:90-91",
            "-p",
            "2106:95",
            "-p",
            "99",
            "-p",
            "2110-2119:100",
        ],
        changes: &[
            ("ports[2105:95/tcp]", Recreate),
            ("ports[2106:95/tcp]", Recreate),
        ],
        ..ROW
    },
    Row {
        attribute: "ports",
        yaml: "ports: [ '[::1]:2121:80', '2122:80', '0.0.0.0:2123:80' ]",
        docker: &[
            "-p",
            "[::1]:2121:80",
            "-p",
            "2122:80",
            "-p",
            "0.0.0.0:2123:80",
        ],
        changed: "ports: [ '[::1]:2121:80', '2122:80' ]",
        docker_changed: &["-p", "[::1]:2121:80", "-p", "2122:80"],
        changes: &[("ports[0.0.0.0:2123:80/tcp]", Recreate)],
        ..ROW
    },
    Row {
        attribute: "ports",
        yaml: "ports: [ { name: page, target: 96, published: '2131', host_ip: 127.0.0.1, protocol: udp, app_protocol: http, mode: host } ]",
        docker: &["-p", "127.0.0.1:2131:96/udp"],
        changed: "ports: [ { name: page, target: 96, published: '2131', host_ip: 127.0.0.2, protocol: udp, app_protocol: http, mode: host } ]",
        docker_changed: &["-p", "127.0.0.2:2131:96/udp"],
        changes: &[
            ("ports[127.0.0.1:2131:96/udp]", Recreate),
            ("ports[127.0.0.2:2131:96/udp]", Recreate),
        ],
        ..ROW
    },
    Row {
        attribute: "networks",
        yaml: "networks: { six: { ipv6_address: 'fd00:79::10' } }",
        docker: &["--network", "fid_six", "--ip6", "fd00:79::10"],
        changed: "networks: { six: { ipv6_address: 'fd00:79::11' } }",
        docker_changed: &["--network", "fid_six", "--ip6", "fd00:79::11"],
        changes: &[("networks.six.ipv6_address", Reconnect)],
        ..ROW
    },
    Row {
        attribute: "expose",
        yaml: "expose: [ '3000', 53/udp, 4000-4002 ]",
        docker: &[
            "--expose",
            "3000",
            "--expose",
            "53/udp",
            "--expose",
            "4000-4002",
        ],
        changed: "expose: [ '3000', 53/udp, 4000-4001 ]",
        docker_changed: &[
            "--expose",
            "3000",
            "--expose",
            "53/udp",
            "--expose",
            "4000-4001",
        ],
        changes: &[("expose[4002/tcp]", Recreate)],
        ..ROW
    },
];
