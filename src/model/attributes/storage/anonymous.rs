//! Nameless volumes of an old container, which go along to its successor: their data is nowhere else.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{
    is_nameless,
    mount_form::key,
    mounts::{UNNAMED_BY_FILE, is_made_up},
    text,
};
use crate::value::{Mount, MountSource, clean, mount::is_anonymous};

/// The nameless volumes of an old container that go along to its successor, as items of `volumes` whose source is the name
/// that the engine made up. Left behind is what the file mounts something else over, what neither the file nor the image
/// names any more, and what the old one itself had from another container.
///
/// `image` is the configuration of the successor's image. Where it is not known yet, everything goes along.
#[must_use]
pub fn carried_over(inspect: &Value, wanted: &Value, image: Option<&Value>) -> Vec<Value> {
    let own = own_targets(inspect);
    let of_image = image.map(|config| targets(config.get("Volumes")));
    let empty = Vec::new();
    let wanted = wanted.as_array().unwrap_or(&empty);
    let mounts = inspect.get("Mounts").and_then(Value::as_array);
    mounts
        .into_iter()
        .flatten()
        .filter(|mount| is_made_up(mount))
        .filter_map(|mount| {
            let target = clean(text(mount, "Destination")?);
            let name = text(mount, "Name")?;
            if !own.contains(&target) {
                return None;
            }
            match wanted.iter().find(|item| key(item) == target) {
                Some(item) if is_nameless(item) => {
                    let mut item = item.clone();
                    item["source"] = name.into();
                    Some(item)
                }
                Some(_) => None,
                None => of_image
                    .as_ref()
                    .is_none_or(|targets| targets.contains(&target))
                    .then(|| {
                        json!({
                            "type": "volume",
                            "source": name,
                            "target": target,
                            UNNAMED_BY_FILE: true,
                        })
                    }),
            }
        })
        .collect()
}

/// The targets of a `Volumes` of a container's or an image's configuration.
fn targets(volumes: Option<&Value>) -> BTreeSet<String> {
    let volumes = volumes.and_then(Value::as_object);
    volumes
        .into_iter()
        .flatten()
        .map(|(target, _)| clean(target))
        .collect()
}

/// The targets of nameless volumes that a container has by itself, and not through `volumes_from`.
fn own_targets(inspect: &Value) -> BTreeSet<String> {
    let list = |pointer| inspect.pointer(pointer).and_then(Value::as_array);
    let binds = list("/HostConfig/Binds").into_iter().flatten();
    let mounts = list("/HostConfig/Mounts").into_iter().flatten();
    let of_binds = binds.filter_map(|bind| {
        let mount = Mount::from_engine(bind.as_str()?)?;
        matches!(&mount.source, MountSource::Volume(name) if is_anonymous(name))
            .then(|| mount.target.to_string())
    });
    let of_mounts = mounts
        .filter(|mount| text(mount, "Type") == Some("volume"))
        .filter_map(|mount| Some(clean(text(mount, "Target")?)));
    targets(inspect.pointer("/Config/Volumes"))
        .into_iter()
        .chain(of_binds)
        .chain(of_mounts)
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::carried_over;

    fn hex(digit: &str) -> String {
        digit.repeat(64)
    }

    fn old() -> Value {
        let mount = |name: String, target: &str| json!({ "Type": "volume", "Name": name, "Destination": target });
        json!({
            "Config": { "Volumes": { "/of-file": {}, "/of-image/": {} } },
            "HostConfig": {
                "Binds": [format!("{}:/earlier", hex("c")), "data:/data"],
                "Mounts": [{ "Type": "volume", "Target": "/long" }],
            },
            "Mounts": [
                mount(hex("a"), "/of-file"),
                mount(hex("b"), "/of-image"),
                mount(hex("c"), "/earlier"),
                mount(hex("d"), "/long"),
                mount(hex("e"), "/from-another"),
                mount("data".into(), "/data"),
                json!({ "Type": "bind", "Source": "/srv", "Destination": "/srv" }),
            ],
        })
    }

    fn targets(carried: &[Value]) -> Vec<&str> {
        carried
            .iter()
            .filter_map(|item| item["target"].as_str())
            .collect()
    }

    #[test]
    fn what_the_file_and_the_image_name_goes_along() {
        let wanted = json!([
            { "type": "volume", "target": "/of-file" },
            { "type": "volume", "target": "/long", "volume": { "nocopy": true } },
        ]);
        let image = json!({ "Volumes": { "/of-image": {} } });
        let carried = carried_over(&old(), &wanted, Some(&image));
        assert_eq!(
            carried,
            [
                json!({ "type": "volume", "target": "/of-file", "source": hex("a") }),
                json!({ "type": "volume", "target": "/of-image", "source": hex("b"), "of_image": true }),
                json!({ "type": "volume", "target": "/long", "source": hex("d"), "volume": { "nocopy": true } }),
            ]
        );
    }

    #[test]
    fn while_the_image_is_not_known_all_that_is_its_own_goes_along() {
        let carried = carried_over(&old(), &json!([]), None);
        assert_eq!(
            targets(&carried),
            ["/of-file", "/of-image", "/earlier", "/long"]
        );
    }

    #[test]
    fn what_the_file_mounts_something_else_over_stays_behind() {
        let wanted = json!([
            { "type": "volume", "source": "shop_data", "target": "/of-image" },
            { "type": "bind", "source": "/srv", "target": "/of-file" },
        ]);
        let carried = carried_over(&old(), &wanted, None);
        assert_eq!(targets(&carried), ["/earlier", "/long"]);
        assert!(carried_over(&json!({}), &wanted, None).is_empty());
    }
}
