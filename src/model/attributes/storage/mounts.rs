//! `volumes`: everything that is mounted, whichever of the engine's three fields it stands in.
//!
//! `HostConfig.Binds` is what Docker's command line and Compose use wherever it can say what is meant, because it makes a
//! missing folder on the host; `HostConfig.Mounts` can say more. A nameless volume stands in `Config.Volumes`, where an
//! image's own ones are, too.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::{
    SOCKET, is_nameless,
    mount_form::{FORM, key, normal, of_mount},
    push, text,
};
use crate::{
    model::{Attribute, Body, EngineInfo, Expect, Place, Seen, Shape, Unset, is_empty, recreate},
    value::{Mount, clean, mount::is_anonymous},
};

/// Everything that is mounted.
pub const VOLUMES: Attribute = Attribute {
    name: "volumes",
    aliases: &[],
    summary: "What is mounted: volumes, files and folders of the host, file systems in memory and images, as `[SOURCE:]TARGET[:OPTIONS]` or as a mapping.",
    example: "[\"/etc/localtime:/etc/localtime:ro\", \"/var/cache\"]",
    form: FORM,
    shape: Shape::Items(key),
    unset: Unset::Inherit(|expect| {
        // Podman shows the mounts of others among a container's own.
        let mixed = expect.engine.podman && expect.settings.get("volumes_from").is_some();
        (!mixed).then(|| expected(expect))
    }),
    way: recreate,
    place: Place::Custom {
        api: "HostConfig/Binds, HostConfig/Mounts, Config/Volumes",
        write,
        read,
    },
};

/// Marks a nameless volume of an old container that goes along although the file does not name it: its image does.
pub const UNNAMED_BY_FILE: &str = "of_image";

/// What the file says, and the image's own volumes where the file mounts nothing else.
fn expected(expect: &Expect<'_>) -> Value {
    let mut items: Vec<Value> = expect
        .desired
        .and_then(Value::as_array)
        .cloned()
        .unwrap_or_default();
    for item in &mut items {
        forget_name(item);
        forget_what_is_not_judged(item, expect.engine);
    }
    if expect.settings.get("use_api_socket") == Some(&Value::Bool(true)) {
        add(
            &mut items,
            json!({ "type": "bind", "source": SOCKET, "target": SOCKET }),
        );
    }
    let podman = expect.engine.podman;
    let tmpfs = expect.settings.get("tmpfs").and_then(Value::as_array);
    let covered: BTreeSet<&str> = tmpfs
        .into_iter()
        .flatten()
        .filter_map(|item| item.as_str()?.split(':').next())
        .collect();
    let volumes = expect.image_field("Volumes").and_then(Value::as_object);
    for target in volumes.into_iter().flatten().map(|(target, _)| target) {
        let target = clean(target);
        // Podman makes no volume where a tmpfs is.
        if !(podman && covered.contains(target.as_str())) {
            add(&mut items, json!({ "type": "volume", "target": target }));
        }
    }
    // Podman shows these as `tmpfs`.
    items.retain(|item| !(podman && text(item, "type") == Some("tmpfs")));
    Value::Array(items)
}

/// Adds an item unless something is mounted there.
fn add(items: &mut Vec<Value>, item: Value) {
    if !items.iter().any(|other| key(other) == key(&item)) {
        items.push(item);
    }
}

/// The name that an engine made up says nothing: a volume that went along to a successor is still the nameless one.
fn forget_name(item: &mut Value) {
    if is_nameless(item)
        && let Value::Object(item) = item
    {
        item.remove("source");
    }
}

/// What no difference is made of: whether a missing folder was to be made, because the folder of a container that is there
/// is there; and what an older engine drops because it does not know it.
fn forget_what_is_not_judged(item: &mut Value, engine: &EngineInfo) {
    if engine.podman
        && let Value::Object(item) = item
    {
        // Podman shows neither of these, nor does it show nothing but mounts that bring along those inside.
        item.remove("consistency");
        for (group, name) in [
            ("volume", "labels"),
            ("volume", "nocopy"),
            ("bind", "recursive"),
        ] {
            let nameless = item.get("source").is_none();
            if let Some(Value::Object(options)) = item.get_mut(group)
                && (name != "nocopy" || nameless)
            {
                options.remove(name);
            }
        }
    }
    if let Some(Value::Object(bind)) = item.get_mut("bind") {
        forget_in_bind(bind, engine);
    }
    *item = normal(item.take());
}

fn forget_in_bind(bind: &mut Map<String, Value>, engine: &EngineInfo) {
    bind.remove("create_host_path");
    // API 1.44: whether mounts inside are read-only, too.
    let read_only_inside = bind
        .get("recursive")
        .is_some_and(|word| word == "writable" || word == "readonly");
    if read_only_inside && !engine.at_least(44) {
        bind.remove("recursive");
    }
}

fn write(value: &Value, body: &mut Body<'_>) {
    let mut nameless = BTreeSet::new();
    for item in value.as_array().into_iter().flatten() {
        if needs_mount(item) {
            let mut mount = mount(item);
            if body.engine.podman {
                open_to_all(&mut mount);
            }
            push(body, "HostConfig/Mounts", mount);
            continue;
        }
        if is_nameless(item) && item.get(UNNAMED_BY_FILE).is_none() {
            nameless.insert(key(item));
        }
        if text(item, "source").is_some() {
            push(body, "HostConfig/Binds", bind(item).into());
        }
    }
    if !nameless.is_empty() {
        let volumes: Map<String, Value> = nameless
            .into_iter()
            .map(|target| (target, json!({})))
            .collect();
        body.set("Config/Volumes", Value::Object(volumes));
    }
}

/// Whether a bind cannot say it.
fn needs_mount(item: &Value) -> bool {
    let option = |group: &str, name: &str| item.get(group).and_then(|options| options.get(name));
    let colon = |name: &str| text(item, name).is_some_and(|text| text.contains(':'));
    match text(item, "type") {
        Some("tmpfs" | "image") => true,
        Some("volume") => {
            let plain = ["read_only", "consistency", "volume", "bind"]
                .iter()
                .all(|name| item.get(name).is_none());
            let unnamed = text(item, "source").is_none() && !plain;
            unnamed
                || option("volume", "subpath").is_some()
                || option("volume", "labels").is_some()
                || colon("target")
        }
        _ => {
            option("bind", "create_host_path").is_some()
                || option("bind", "recursive").is_some()
                || colon("source")
                || colon("target")
        }
    }
}

fn bind(item: &Value) -> String {
    let option = |group: &str, name: &str| item.get(group).and_then(|options| options.get(name));
    let word = |group: &str, name: &str| option(group, name).and_then(Value::as_str);
    let on = |value: Option<&Value>| value == Some(&Value::Bool(true));
    let options: Vec<&str> = on(item.get("read_only"))
        .then_some("ro")
        .into_iter()
        .chain(word("bind", "selinux"))
        .chain(word("bind", "propagation"))
        .chain(on(option("volume", "nocopy")).then_some("nocopy"))
        .chain(text(item, "consistency"))
        .collect();
    let source = text(item, "source").unwrap_or_default();
    let target = key(item);
    if options.is_empty() {
        format!("{source}:{target}")
    } else {
        format!("{source}:{target}:{}", options.join(","))
    }
}

/// What Docker makes of a file system in memory of which only the size is said. Podman makes one that nobody may enter.
pub const OPEN_TO_ALL: u32 = 0o1777;

fn open_to_all(mount: &mut Value) {
    if let Some(Value::Object(tmpfs)) = mount.get_mut("TmpfsOptions") {
        tmpfs.entry("Mode").or_insert_with(|| OPEN_TO_ALL.into());
    }
}

/// An entry of `HostConfig.Mounts`.
fn mount(item: &Value) -> Value {
    let kind = text(item, "type").unwrap_or_default();
    let options = |name: &str| item.get(name).and_then(Value::as_object);
    let member = |group: &str, name: &str| options(group).and_then(|options| options.get(name));
    let mut mount = Map::new();
    let mut set = |name: &str, value: Option<Value>| {
        if let Some(value) = value.filter(|value| !is_empty(value)) {
            mount.insert(name.to_owned(), value);
        }
    };
    set("Type", Some(kind.into()));
    set("Source", item.get("source").cloned());
    set("Target", item.get("target").cloned());
    set("ReadOnly", item.get("read_only").cloned());
    set("Consistency", item.get("consistency").cloned());
    match kind {
        "bind" => {
            let mut bind = Map::new();
            if let Some(propagation) = member("bind", "propagation") {
                bind.insert("Propagation".into(), propagation.clone());
            }
            // Where a missing folder is to be made, an engine that does not know this field says that it is missing.
            if member("bind", "create_host_path").is_none() {
                bind.insert("CreateMountpoint".into(), true.into());
            }
            let recursive = member("bind", "recursive").and_then(Value::as_str);
            let field = match recursive.unwrap_or_default() {
                "disabled" => Some("NonRecursive"),
                "writable" => Some("ReadOnlyNonRecursive"),
                "readonly" => Some("ReadOnlyForceRecursive"),
                _ => None,
            };
            if let Some(field) = field {
                bind.insert(field.into(), true.into());
            }
            set("BindOptions", Some(Value::Object(bind)));
        }
        "tmpfs" => set(
            "TmpfsOptions",
            options("tmpfs").map(|_| {
                let mut tmpfs = Map::new();
                for (name, api) in [("size", "SizeBytes"), ("mode", "Mode")] {
                    if let Some(value) = member("tmpfs", name) {
                        tmpfs.insert(api.to_owned(), value.clone());
                    }
                }
                Value::Object(tmpfs)
            }),
        ),
        "image" => set(
            "ImageOptions",
            member("image", "subpath").map(|subpath| json!({ "Subpath": subpath })),
        ),
        _ => {
            let mut volume = Map::new();
            for (name, api) in [
                ("nocopy", "NoCopy"),
                ("subpath", "Subpath"),
                ("labels", "Labels"),
            ] {
                if let Some(value) = member("volume", name) {
                    volume.insert(api.to_owned(), value.clone());
                }
            }
            set("VolumeOptions", Some(Value::Object(volume)));
        }
    }
    Value::Object(mount)
}

fn read(seen: &Seen<'_>) -> Option<Value> {
    let list = |place| seen.get(place).and_then(Value::as_array);
    let mut items: Vec<Value> = Vec::new();
    for mount in list("HostConfig/Mounts").into_iter().flatten() {
        let mut item = of_engine(mount);
        forget_name(&mut item);
        add(&mut items, item);
    }
    let nameless = seen.get("Config/Volumes").and_then(Value::as_object);
    let nameless: BTreeSet<String> = nameless
        .into_iter()
        .flatten()
        .map(|(target, _)| clean(target))
        .collect();
    for bind in list("HostConfig/Binds").into_iter().flatten() {
        let Some(mount) = bind.as_str().and_then(Mount::from_engine) else {
            continue;
        };
        let mut item = of_mount(&mount);
        // A volume of an older container that nobody asks for any more went along for its data's sake.
        // (Podman shows nothing else of any nameless volume.)
        let named = nameless.contains(&key(&item)) || seen.engine.podman;
        if is_nameless(&item) && !named {
            continue;
        }
        if seen.engine.podman && is_nameless(&item) {
            // An option that it shows only of volumes that went along.
            item["volume"] = Value::Null;
            item = normal(item);
        }
        forget_name(&mut item);
        add(&mut items, item);
    }
    for target in nameless {
        add(&mut items, json!({ "type": "volume", "target": target }));
    }
    items.sort_by_key(key);
    (!items.is_empty()).then_some(Value::Array(items))
}

/// The label that engines since release 23 give a nameless volume, and add to what was asked for.
const ANONYMOUS: &str = "com.docker.volume.anonymous";

/// The normal form of an entry of `HostConfig.Mounts`.
fn of_engine(mount: &Value) -> Value {
    let kind = text(mount, "Type").unwrap_or_default();
    let member = |group: &str, name: &str| {
        mount
            .get(group)
            .and_then(|options| options.get(name))
            .cloned()
            .unwrap_or(Value::Null)
    };
    let on = |group: &str, name: &str| member(group, name) == Value::Bool(true);
    let recursive = if on("BindOptions", "NonRecursive") {
        "disabled"
    } else if on("BindOptions", "ReadOnlyNonRecursive") {
        "writable"
    } else if on("BindOptions", "ReadOnlyForceRecursive") {
        "readonly"
    } else {
        "enabled"
    };
    let mut labels = member("VolumeOptions", "Labels");
    if let Value::Object(labels) = &mut labels {
        labels.remove(ANONYMOUS);
    }
    normal(json!({
        "type": kind,
        "source": text(mount, "Source"),
        "target": text(mount, "Target").map(clean),
        "read_only": mount.get("ReadOnly"),
        "consistency": mount.get("Consistency").filter(|word| *word != "default"),
        "bind": {
            "propagation": member("BindOptions", "Propagation"),
            "recursive": recursive,
        },
        "volume": {
            "nocopy": member("VolumeOptions", "NoCopy"),
            "subpath": member("VolumeOptions", "Subpath"),
            "labels": labels,
        },
        "tmpfs": {
            "size": member("TmpfsOptions", "SizeBytes"),
            "mode": member("TmpfsOptions", "Mode"),
        },
        "image": { "subpath": member("ImageOptions", "Subpath") },
    }))
}

/// Whether a volume's name in an answer is one that the engine made up.
pub fn is_made_up(mount: &Value) -> bool {
    text(mount, "Type") == Some("volume") && text(mount, "Name").is_some_and(is_anonymous)
}
