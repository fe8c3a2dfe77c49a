//! What is mounted into a container.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{World, config::clean, world::error};
use crate::engine::EngineError;

fn text<'a>(json: &'a Value, field: &str) -> &'a str {
    json.get(field).and_then(Value::as_str).unwrap_or("")
}

fn flag(json: &Value, field: &str) -> bool {
    json.get(field).and_then(Value::as_bool).unwrap_or(false)
}

impl World {
    /// What is wrong with the mounts of a request; the engine looks before it makes anything.
    pub(super) fn check_mounts(&self, body: &Value) -> Result<(), EngineError> {
        let mut targets = Vec::new();
        for bind in strings(body.pointer("/HostConfig/Binds")) {
            let parts: Vec<&str> = bind.split(':').collect();
            let target = clean(parts.get(1).or(parts.first()).unwrap_or(&""));
            targets.push(target);
        }
        for mount in items(body.pointer("/HostConfig/Mounts")) {
            let (kind, source) = (text(mount, "Type"), text(mount, "Source"));
            if kind == "bind" && source.is_empty() {
                return Err(error(
                    400,
                    "invalid mount config for type \"bind\": field Source must not be empty",
                ));
            }
            if kind == "bind"
                && !self.host_has(source)
                && !flag(
                    mount.get("BindOptions").unwrap_or(&Value::Null),
                    "CreateMountpoint",
                )
            {
                return Err(error(
                    400,
                    format!(
                        "invalid mount config for type \"bind\": bind source path does not exist: {source}"
                    ),
                ));
            }
            targets.push(clean(text(mount, "Target")));
        }
        targets.sort();
        let mut pairs = targets.iter().zip(targets.iter().skip(1));
        if let Some((twice, _)) = pairs.find(|(one, next)| one == next) {
            return Err(error(400, format!("Duplicate mount point: {twice}")));
        }
        Ok(())
    }

    /// Whether the host has a path: one that tests named, or one below `/tmp`, which nobody looks into.
    fn host_has(&self, path: &str) -> bool {
        self.host_paths.contains(&clean(path))
    }

    /// `Mounts` of a new container: volumes are made where they are missing.
    pub(super) fn mounts(
        &mut self,
        body: &Value,
        config: &Value,
    ) -> Result<Vec<Value>, EngineError> {
        let mut mounts: BTreeMap<String, Value> = BTreeMap::new();
        for other in strings(body.pointer("/HostConfig/VolumesFrom")) {
            self.mounts_from(&other, &mut mounts)?;
        }
        for bind in strings(body.pointer("/HostConfig/Binds")) {
            let mount = self.bind(&bind)?;
            mounts.insert(text(&mount, "Destination").to_owned(), mount);
        }
        for mount in items(body.pointer("/HostConfig/Mounts")) {
            let mount = self.mount(mount)?;
            mounts.insert(text(&mount, "Destination").to_owned(), mount);
        }
        let anonymous = config.get("Volumes").and_then(Value::as_object);
        for target in anonymous
            .into_iter()
            .flatten()
            .map(|(target, _)| clean(target))
        {
            let tmpfs = body
                .pointer("/HostConfig/Tmpfs")
                .and_then(|tmpfs| tmpfs.get(&target))
                .is_some();
            if !mounts.contains_key(&target) && !tmpfs {
                let name = self.volume_for_container(None, None)?;
                mounts.insert(target.clone(), volume(&name, &target, "", true));
            }
        }
        Ok(mounts.into_values().collect())
    }

    fn mounts_from(
        &self,
        text_of: &str,
        mounts: &mut BTreeMap<String, Value>,
    ) -> Result<(), EngineError> {
        let (name, mode) = text_of.split_once(':').unwrap_or((text_of, "rw"));
        let id = self.known(name)?;
        for mount in self
            .containers
            .get(&id)
            .into_iter()
            .flat_map(|container| &container.mounts)
        {
            let mut mount = mount.clone();
            mount["Mode"] = json!("");
            if mode == "ro" {
                mount["RW"] = json!(false);
            }
            mounts.insert(text(&mount, "Destination").to_owned(), mount);
        }
        Ok(())
    }

    /// `SOURCE:TARGET[:OPTIONS]`.
    fn bind(&mut self, bind: &str) -> Result<Value, EngineError> {
        let parts: Vec<&str> = bind.split(':').collect();
        let (source, target, mode) = match parts[..] {
            [target] => ("", target, ""),
            [source, target] => (source, target, ""),
            [source, target, mode] => (source, target, mode),
            _ => {
                return Err(error(
                    400,
                    format!("invalid volume specification: '{bind}'"),
                ));
            }
        };
        if !target.starts_with('/') {
            return Err(error(
                400,
                format!(
                    "invalid volume specification: '{bind}': invalid mount config for type \"volume\": invalid mount path: '{target}' mount path must be absolute"
                ),
            ));
        }
        let writable = !mode.split(',').any(|option| option == "ro");
        if !source.starts_with('/') {
            let named = Some(source).filter(|source| !source.is_empty());
            let name = self.volume_for_container(named, None)?;
            return Ok(volume(
                &name,
                &clean(target),
                if mode.is_empty() { "z" } else { mode },
                writable,
            ));
        }
        let propagation = mode.split(',').find(|option| {
            option.ends_with("private") || option.ends_with("shared") || option.ends_with("slave")
        });
        Ok(json!({
            "Type": "bind", "Source": clean(source), "Destination": clean(target), "Mode": mode, "RW": writable,
            "Propagation": propagation.unwrap_or("rprivate"),
        }))
    }

    fn mount(&mut self, mount: &Value) -> Result<Value, EngineError> {
        let target = clean(text(mount, "Target"));
        let writable = !flag(mount, "ReadOnly");
        match text(mount, "Type") {
            "volume" => {
                let named = Some(text(mount, "Source")).filter(|source| !source.is_empty());
                let name = self.volume_for_container(named, mount.get("VolumeOptions"))?;
                Ok(volume(&name, &target, "z", writable))
            }
            "bind" => {
                let said = mount
                    .pointer("/BindOptions/Propagation")
                    .and_then(Value::as_str)
                    .filter(|p| !p.is_empty());
                Ok(json!({
                    "Type": "bind", "Source": clean(text(mount, "Source")), "Destination": target, "Mode": "",
                    "RW": writable, "Propagation": said.unwrap_or("rprivate"),
                }))
            }
            "tmpfs" => Ok(
                json!({ "Type": "tmpfs", "Source": "", "Destination": target, "Mode": "", "RW": writable, "Propagation": "" }),
            ),
            "image" if self.profile.at_least(48) => Ok(json!({
                "Type": "image", "Source": text(mount, "Source"), "Destination": target, "Mode": "", "RW": writable, "Propagation": "",
            })),
            kind => Err(error(
                400,
                format!("invalid mount config for type {kind:?}: mount type unknown"),
            )),
        }
    }

    /// What a start makes on the host: folders for bind mounts that are not there.
    pub(super) fn make_bind_sources(&mut self, id: &str) {
        let sources: Vec<String> = self
            .containers
            .get(id)
            .into_iter()
            .flat_map(|container| &container.mounts)
            .filter(|mount| text(mount, "Type") == "bind")
            .map(|mount| text(mount, "Source").to_owned())
            .collect();
        self.host_paths.extend(sources);
    }
}

fn volume(name: &str, target: &str, mode: &str, writable: bool) -> Value {
    json!({
        "Type": "volume", "Name": name, "Source": format!("/var/lib/docker/volumes/{name}/_data"), "Destination": target,
        "Driver": "local", "Mode": mode, "RW": writable, "Propagation": "",
    })
}

fn strings(list: Option<&Value>) -> Vec<String> {
    items(list)
        .filter_map(Value::as_str)
        .map(str::to_owned)
        .collect()
}

fn items(list: Option<&Value>) -> impl Iterator<Item = &Value> {
    list.and_then(Value::as_array).into_iter().flatten()
}
