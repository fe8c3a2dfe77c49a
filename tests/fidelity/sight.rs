//! What `inspect` shows, without what differs between any two containers.
//!
//! What is left out, and why:
//! - ids, names, times, paths of the engine's own, and addresses, which are each container's own;
//! - our labels, which are how Evenkeel knows what is its own;
//! - `AttachStdin`, `AttachStdout`, `AttachStderr` and `StdinOnce`: what a client wants to do after the creation;
//! - `ConsoleSize`, the size of the terminal that the command line was started in;
//! - null, 0, false, and empty texts, lists and maps: engines write any of them for "nothing said", and so do clients.
//!   (Where the engine tells them apart, `HostConfig.Init`, they are kept.)
//!
//! What is brought into one form, and why:
//! - lists whose order means nothing are sorted;
//! - a restart policy without a name is `no`: the engine reads both alike, and Evenkeel says nothing where the file does not;
//! - `HostConfig.Binds` and `HostConfig.Mounts` are two fields for one thing, and Evenkeel writes the first wherever it can
//!   say it, since folders of the host that are missing are then made, as in Compose;
//! - capabilities are in capitals and begin with `CAP_`, as newer command lines write them;
//! - a seccomp profile is JSON, whose layout means nothing;
//! - options of a tmpfs are sorted and sizes are bytes, which is how Evenkeel writes them.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

/// Fields whose emptiness means something.
const KEPT: &[&str] = &["HostConfig.Init"];

/// Parts of `inspect` that say what was asked for.
const PARTS: &[&str] = &[
    "Config",
    "HostConfig",
    "Mounts",
    "NetworkSettings",
    "Image",
    "Platform",
    "AppArmorProfile",
    "MountLabel",
    "ProcessLabel",
];

/// Fields that differ between any two containers, or that are a client's.
const OWN: &[&str] = &[
    "Config.AttachStderr",
    "Config.AttachStdin",
    "Config.AttachStdout",
    "Config.StdinOnce",
    "HostConfig.ConsoleSize",
    "HostConfig.ContainerIDFile",
    "NetworkSettings.SandboxID",
    "NetworkSettings.SandboxKey",
];

/// What differs between any two endpoints.
const ENDPOINTS_OWN: &[&str] = &[
    ".NetworkID",
    ".EndpointID",
    // What the engine answers to: made of the aliases, when it sees fit.
    ".DNSNames",
    ".Gateway",
    ".IPAddress",
    ".IPPrefixLen",
    ".IPv6Gateway",
    ".GlobalIPv6Address",
    ".GlobalIPv6PrefixLen",
];

/// Each field with its value as text, under its path. An item of a list has its number, and `Env`, whose order means
/// nothing, is sorted, as are the other lists without an order.
pub fn sight(inspect: &Value) -> BTreeMap<String, String> {
    let mut fields = BTreeMap::new();
    for part in PARTS {
        let mut value = inspect.get(*part).cloned().unwrap_or(Value::Null);
        match *part {
            "HostConfig" => one_form(&mut value),
            // The words that a mount was asked for with.
            "Mounts" => for_each(&mut value, |mount| drop(mount.remove("Mode"))),
            _ => {}
        }
        flatten(part, &value, &mut fields);
    }
    let id = inspect["Id"].as_str().unwrap_or_default().to_owned();
    let short: String = id.chars().take(12).collect();
    let name = inspect["Name"].as_str().unwrap_or_default();
    let name = name.trim_start_matches('/').to_owned();
    fields.retain(|path, value| {
        let policy = path == "HostConfig.RestartPolicy.Name" && value == "\"no\"";
        let own = policy
            || OWN.contains(&path.as_str())
            || path.starts_with("Config.Labels.io.evenkeel.")
            || (path.starts_with("NetworkSettings.Networks.")
                && ENDPOINTS_OWN
                    .iter()
                    .any(|end| path.ends_with(end) || path.contains(&format!("{end}["))));
        // An engine's own names of the container, in lists and as its host name.
        let named = [&short, &name].iter().any(|own| {
            value.trim_matches('"') == own.as_str() || path.ends_with(&format!("[\"{own}\"]"))
        });
        !own && !named
    });
    fields
}

/// The fields of something that is compared as it is.
pub fn fields(value: &Value) -> BTreeMap<String, String> {
    let mut fields = BTreeMap::new();
    flatten("", value, &mut fields);
    fields
}

fn for_each(list: &mut Value, mut act: impl FnMut(&mut Map<String, Value>)) {
    for item in list.as_array_mut().into_iter().flatten() {
        act(item.as_object_mut().expect("an object"));
    }
}

/// Mounts as one list, and options of tmpfs in one form.
fn one_form(host: &mut Value) {
    let mut all: Vec<Value> = Vec::new();
    for bind in host["Binds"].as_array().into_iter().flatten() {
        let parts: Vec<&str> = bind.as_str().unwrap_or_default().splitn(3, ':').collect();
        let mut options: Vec<&str> = parts
            .get(2)
            .map_or_else(Vec::new, |text| text.split(',').collect());
        options.retain(|option| !matches!(*option, "rw" | "z" | "Z"));
        options.sort_unstable();
        all.push(json!([parts[0], parts.get(1), options]));
    }
    let mounts = host["Mounts"].as_array().cloned().unwrap_or_default();
    for mount in mounts {
        let plain = matches!(mount["Type"].as_str(), Some("bind" | "volume"));
        if !plain || mount.pointer("/VolumeOptions/Subpath").is_some() {
            let mut mount = mount;
            if let Some(Value::Object(options)) = mount.get_mut("VolumeOptions") {
                // An empty one is none.
                options.retain(|_, option| *option != json!({}));
            }
            all.push(mount);
            continue;
        }
        let mut options: Vec<&str> = Vec::new();
        if mount.pointer("/VolumeOptions/NoCopy") == Some(&Value::Bool(true)) {
            options.push("nocopy");
        }
        if mount["ReadOnly"] == true {
            options.push("ro");
        }
        if let Some(propagation) = mount
            .pointer("/BindOptions/Propagation")
            .and_then(Value::as_str)
        {
            options.push(propagation);
        }
        options.sort_unstable();
        all.push(json!([mount["Source"], mount["Target"], options]));
    }
    host["Binds"] = Value::Array(all);
    host["Mounts"] = Value::Null;
    for option in host["SecurityOpt"].as_array_mut().into_iter().flatten() {
        let text = option.as_str().unwrap_or_default();
        let profile = text
            .strip_prefix("seccomp=")
            .map(serde_json::from_str::<Value>);
        if let Some(Ok(profile)) = profile {
            *option = json!(["seccomp", profile.to_string()]);
        }
    }
    for list in ["CapAdd", "CapDrop"] {
        for text in host[list].as_array_mut().into_iter().flatten() {
            let name = text.as_str().unwrap_or_default().to_uppercase();
            let bare = name.strip_prefix("CAP_").unwrap_or(&name);
            *text = match bare {
                "ALL" => json!("ALL"),
                bare => json!(format!("CAP_{bare}")),
            };
        }
    }
    let tmpfs = host["Tmpfs"].as_object_mut().into_iter().flatten();
    for (_, options) in tmpfs {
        let text = options.as_str().unwrap_or_default();
        let mut parts: Vec<String> = text
            .split(',')
            .map(|part| match part.strip_prefix("size=").map(bytes) {
                Some(size) => format!("size={size}"),
                None => part.to_owned(),
            })
            .collect();
        parts.sort_unstable();
        *options = Value::String(parts.join(","));
    }
}

fn bytes(text: &str) -> u64 {
    let (digits, unit) = text.split_at(text.trim_end_matches(char::is_alphabetic).len());
    let factor = match unit {
        "k" => 1 << 10,
        "m" => 1 << 20,
        "g" => 1 << 30,
        _ => 1,
    };
    digits.parse::<u64>().expect("a size") * factor
}

/// Lists that are sets: engines and clients write them in any order.
fn is_set(path: &str) -> bool {
    [
        ".Env",
        ".Aliases",
        ".DNSNames",
        ".CapAdd",
        ".CapDrop",
        ".SecurityOpt",
        ".ExtraHosts",
        ".DnsOptions",
        ".GroupAdd",
        ".Binds",
        ".Ulimits",
        ".Links",
        ".DeviceCgroupRules",
        ".Capabilities[0]",
    ]
    .iter()
    .any(|end| path.ends_with(end))
        || path == "Mounts"
        || path.starts_with("HostConfig.PortBindings.")
}

fn flatten(path: &str, value: &Value, fields: &mut BTreeMap<String, String>) {
    match value {
        Value::Object(map) if !map.is_empty() => {
            // An empty object as a member says something: a key of `ExposedPorts`.
            for (key, value) in map {
                let inner = format!("{path}.{key}");
                if path.ends_with(".ExposedPorts") || path.ends_with(".Volumes") {
                    fields.insert(inner, "there".into());
                } else if path.ends_with(".Networks") {
                    fields.insert(inner.clone(), "there".into());
                    flatten(&inner, value, fields);
                } else {
                    flatten(&inner, value, fields);
                }
            }
        }
        Value::Array(items) if !items.is_empty() => {
            let mut items = items.clone();
            if is_set(path) {
                items.sort_by_key(ToString::to_string);
                for item in items {
                    fields.insert(format!("{path}[{item}]"), "there".into());
                }
                return;
            }
            for (number, item) in items.iter().enumerate() {
                flatten(&format!("{path}[{number}]"), item, fields);
            }
        }
        Value::Null | Value::Bool(false) if KEPT.contains(&path) => {
            fields.insert(path.into(), value.to_string());
        }
        Value::Null | Value::Bool(false) | Value::Object(_) | Value::Array(_) => {}
        Value::String(text) if text.is_empty() => {}
        Value::Number(number) if number.as_i64() == Some(0) => {}
        value => {
            fields.insert(path.into(), value.to_string());
        }
    }
}

/// What differs between the one that we made and the one that the command line made.
pub fn differences(ours: &Value, dockers: &Value) -> Vec<String> {
    let (ours, dockers) = (sight(ours), sight(dockers));
    let paths: std::collections::BTreeSet<&String> = ours.keys().chain(dockers.keys()).collect();
    let text = |side: Option<&String>| side.map_or("nothing", String::as_str).to_owned();
    paths
        .into_iter()
        .filter(|path| ours.get(*path) != dockers.get(*path))
        .map(|path| {
            format!(
                "{path}: ours {}, the command line's {}",
                text(ours.get(path)),
                text(dockers.get(path))
            )
        })
        .collect()
}
