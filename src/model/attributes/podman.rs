//! What Podman 4.3 does not show behind Docker's API, although it does it or at least takes it.
//!
//! What the label says was applied is what there is, for these: a change of the file is seen, and drift is not. The same
//! list, for people, is in the README.

use serde_json::Value;

use crate::model::{Attribute, EngineInfo, Unset};

/// Attributes that do not, or not always, come back as they were asked for.
const UNSHOWN: &[&str] = &[
    "cgroup",
    "device_cgroup_rules",
    "domainname",
    "expose",
    "gpus",
    "ipc",
    "logging",
    "mem_swappiness",
    "runtime",
    "sysctls",
    "userns_mode",
];

/// The same of networks. Podman knows the options of a network's driver by other names.
const UNSHOWN_OF_A_NETWORK: &[&str] = &["attachable", "driver_opts"];

/// Those of which the engine shows a part, and what it does not show is what was applied.
#[must_use]
pub fn shown_in_part(attribute: &Attribute, engine: &EngineInfo) -> bool {
    // Of a mount: consistency, a volume's labels, whether a nameless one is filled, what a bind brings along.
    engine.podman && attribute.name == "volumes"
}

/// What "unset" means for an attribute on this engine, with what the file says of it.
#[must_use]
pub fn unset(attribute: &Attribute, engine: &EngineInfo, desired: Option<&Value>) -> Unset {
    let unshown = engine.podman
        && (UNSHOWN.contains(&attribute.name)
            || UNSHOWN_OF_A_NETWORK
                .iter()
                .any(|name| is_of_a_network(attribute, name))
            || (attribute.name == "ports" && any_of_the_host(desired)));
    if unshown {
        Unset::Remembered
    } else {
        attribute.unset
    }
}

fn is_of_a_network(attribute: &Attribute, name: &str) -> bool {
    attribute.name == name && super::all(&super::NETWORK).any(|one| std::ptr::eq(one, attribute))
}

/// Podman chooses a free port of the host when a container is made, and shows it as if it had been asked for.
fn any_of_the_host(ports: Option<&Value>) -> bool {
    let ports = ports.and_then(Value::as_array);
    ports
        .into_iter()
        .flatten()
        .any(|port| !port.get("host_port").is_some_and(Value::is_number))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::unset;
    use crate::model::{EngineInfo, Unset, attributes};

    #[test]
    fn what_podman_does_not_show_is_remembered_and_only_there() {
        let podman = EngineInfo {
            podman: true,
            ..EngineInfo::default()
        };
        let remembered = |name: &str, engine: &EngineInfo, desired| {
            let attribute = attributes::find(&attributes::CONTAINER, name).expect("one of ours");
            matches!(unset(attribute, engine, desired), Unset::Remembered)
        };
        assert!(remembered("sysctls", &podman, None));
        assert!(!remembered("sysctls", &EngineInfo::default(), None));
        assert!(!remembered("memory", &podman, None));
        let any = json!([{ "host_port": null, "container_port": 80 }]);
        let fixed = json!([{ "host_port": 8080, "container_port": 80 }]);
        assert!(remembered("ports", &podman, Some(&any)));
        assert!(!remembered("ports", &podman, Some(&fixed)));
        for name in super::UNSHOWN {
            assert!(remembered(name, &podman, None), "{name}");
        }
        for name in super::UNSHOWN_OF_A_NETWORK {
            for (table, expected) in [(&attributes::NETWORK, true), (&attributes::VOLUME, false)] {
                if let Some(attribute) = attributes::find(table, name) {
                    let found = matches!(unset(attribute, &podman, None), Unset::Remembered);
                    assert_eq!(found, expected, "{name}");
                }
            }
        }
    }

    /// The words in backticks in the first cell of the README's row that begins so.
    fn listed(row: &str) -> Vec<&'static str> {
        let readme = include_str!("../../../README.md");
        let line = readme
            .lines()
            .find(|line| line.starts_with(row))
            .expect("a row");
        let cell = line.split('|').nth(1).unwrap_or_default();
        cell.split('`').skip(1).step_by(2).collect()
    }

    #[test]
    fn the_readme_lists_the_same_for_people() {
        assert_eq!(listed("| `cgroup`"), super::UNSHOWN);
        assert_eq!(listed("| a network's "), super::UNSHOWN_OF_A_NETWORK);
    }
}
