//! Images, and the registries that they are pulled from.

use serde_json::{Value, json};

use super::{
    World,
    clock::{self, short, stamp},
    process::Behaviour,
    world::{Kind, error, labels},
};
use crate::engine::EngineError;

/// What an image is made from: the fields of the engine's `Config`, and how its processes behave.
#[derive(Debug, Clone, PartialEq)]
pub struct ImageSpec {
    /// The image's `Config`: `Env`, `Cmd`, `Entrypoint`, `Labels`, `Healthcheck`, `Volumes`, `ExposedPorts`, `User`,
    /// `WorkingDir`, `StopSignal`. What is left out is empty.
    pub config: Value,
    /// How its processes behave.
    pub behaviour: Behaviour,
    /// Tells images of the same configuration apart: two builds of one Dockerfile.
    pub build: u64,
}

impl Default for ImageSpec {
    /// An image that sleeps.
    fn default() -> Self {
        Self {
            config: json!({ "Cmd": ["sleep", "1000"] }),
            behaviour: Behaviour::default(),
            build: 0,
        }
    }
}

impl From<Value> for ImageSpec {
    fn from(config: Value) -> Self {
        Self::new(config)
    }
}

impl ImageSpec {
    /// An image of a configuration; without a command it sleeps.
    #[must_use]
    pub fn new(config: Value) -> Self {
        let mut spec = Self {
            config,
            ..Self::default()
        };
        if spec.config.get("Cmd").is_none() && spec.config.get("Entrypoint").is_none() {
            spec.config["Cmd"] = json!(["sleep", "1000"]);
        }
        spec
    }

    /// The same with processes that behave otherwise.
    #[must_use]
    pub fn behaving(mut self, behaviour: Behaviour) -> Self {
        self.behaviour = behaviour;
        self
    }

    /// Another build of the same.
    #[must_use]
    pub fn build(mut self, build: u64) -> Self {
        self.build = build;
        self
    }

    /// The id that an engine gives to it: made from the content.
    #[must_use]
    pub fn id(&self) -> String {
        format!(
            "sha256:{}",
            clock::id(
                &format!("image {} {:?}", self.config, self.behaviour),
                self.build
            )
        )
    }

    /// The digest of its manifest in a registry.
    #[must_use]
    pub fn digest(&self) -> String {
        format!(
            "sha256:{}",
            clock::id(
                &format!("manifest {} {:?}", self.config, self.behaviour),
                self.build
            )
        )
    }
}

/// An image that the engine has.
#[derive(Debug, Clone, PartialEq)]
pub struct Image {
    /// `sha256:…`
    pub id: String,
    /// Its tags, as people write them (`app:1`).
    pub tags: Vec<String>,
    /// What registries know it by (`app@sha256:…`).
    pub digests: Vec<String>,
    /// What it was made from.
    pub spec: ImageSpec,
}

/// What a registry has under a reference.
#[derive(Debug, Clone, PartialEq)]
pub enum Remote {
    /// An image.
    Image(ImageSpec),
    /// It answers with an error.
    Failure(EngineError),
}

/// A reference as people write it: without the default registry, with a tag or digest.
pub fn familiar(reference: &str) -> String {
    let name = reference
        .strip_prefix("docker.io/")
        .or_else(|| reference.strip_prefix("index.docker.io/"))
        .unwrap_or(reference);
    let name = name.strip_prefix("library/").unwrap_or(name);
    let last = name.rsplit('/').next().unwrap_or(name);
    if last.contains(':') || last.contains('@') {
        name.to_owned()
    } else {
        format!("{name}:latest")
    }
}

/// The repository of a reference as people write it.
fn repository(reference: &str) -> &str {
    let name = reference.split('@').next().unwrap_or(reference);
    match name.rsplit_once(':') {
        Some((repository, tag)) if !tag.contains('/') => repository,
        Some(_) | None => name,
    }
}

impl World {
    /// Puts an image on the engine under a reference, which another image loses.
    pub fn add_image(&mut self, reference: &str, spec: &ImageSpec) -> String {
        let id = spec.id();
        let reference = familiar(reference);
        if !reference.contains('@') {
            for image in self.images.values_mut() {
                image.tags.retain(|tag| *tag != reference);
            }
        }
        let image = self.images.entry(id.clone()).or_insert_with(|| Image {
            id: id.clone(),
            tags: Vec::new(),
            digests: Vec::new(),
            spec: spec.clone(),
        });
        if reference.contains('@') {
            image.digests.push(reference);
        } else {
            image.tags.push(reference);
            image.tags.sort();
        }
        id
    }

    /// An image's id by reference, id, or the beginning of an id.
    pub(super) fn find_image(&self, text: &str) -> Option<String> {
        if self.images.contains_key(text) {
            return Some(text.to_owned());
        }
        let reference = familiar(text);
        // `name:tag@digest` is found by its digest.
        let by_digest = reference
            .split_once('@')
            .map(|(_, digest)| format!("{}@{digest}", repository(&reference)));
        let found = self.images.values().find(|image| {
            image.tags.contains(&reference)
                || by_digest
                    .as_ref()
                    .is_some_and(|digest| image.digests.contains(digest))
        });
        if let Some(image) = found {
            return Some(image.id.clone());
        }
        let hexadecimal = text.len() >= 4 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        self.images
            .keys()
            .find(|id| {
                hexadecimal
                    && id
                        .strip_prefix("sha256:")
                        .is_some_and(|id| id.starts_with(text))
            })
            .cloned()
    }

    /// `GET /images/{reference}/json`.
    #[must_use]
    pub fn inspect_image(&self, reference: &str) -> Option<Value> {
        let image = self.images.get(&self.find_image(reference)?)?;
        let newest = self.profile.at_least(52);
        let mut config = json!({
            "Hostname": "", "Domainname": "", "User": "", "AttachStdin": false, "AttachStdout": false,
            "AttachStderr": false, "Tty": false, "OpenStdin": false, "StdinOnce": false, "Env": null, "Cmd": null,
            "Image": "", "Volumes": null, "WorkingDir": "", "Entrypoint": null, "OnBuild": null, "Labels": null,
        });
        if newest {
            config = json!({});
        }
        if let (Some(all), Some(said)) = (config.as_object_mut(), image.spec.config.as_object()) {
            all.extend(said.clone());
        }
        let tags = image
            .tags
            .iter()
            .map(|tag| self.in_full(tag))
            .collect::<Vec<_>>();
        let digests = image
            .digests
            .iter()
            .map(|digest| self.in_full(digest))
            .collect::<Vec<_>>();
        Some(json!({
            "Id": image.id, "RepoTags": tags, "RepoDigests": digests, "Config": config, "Architecture": "amd64",
            "Os": "linux", "Size": 1_984_154, "Created": stamp(std::time::Duration::ZERO),
        }))
    }

    /// Podman names everything in full.
    fn in_full(&self, reference: &str) -> String {
        let registry = reference
            .split_once('/')
            .is_some_and(|(first, _)| first.contains(['.', ':']) || first == "localhost");
        match (self.profile.podman, registry, reference.contains('/')) {
            (false, _, _) | (true, true, _) => reference.to_owned(),
            (true, false, true) => format!("docker.io/{reference}"),
            (true, false, false) => format!("docker.io/library/{reference}"),
        }
    }

    pub(super) fn pull(&mut self, reference: &str) -> Result<(), EngineError> {
        let name = familiar(reference);
        let spec = match self.remote(&name)? {
            Remote::Image(spec) => spec.clone(),
            Remote::Failure(failure) => return Err(failure.clone()),
        };
        let id = self.add_image(&name, &spec);
        let digest = format!("{}@{}", repository(&name), spec.digest());
        if let Some(image) = self.images.get_mut(&id)
            && !image.digests.contains(&digest)
        {
            image.digests.push(digest);
        }
        self.note(
            Kind::Image,
            "pull",
            &name,
            labels(spec.config.get("Labels")),
        );
        self.emit("image", "pull", &name, &name);
        Ok(())
    }

    fn remote(&self, name: &str) -> Result<&Remote, EngineError> {
        let by_digest = |(reference, remote): &(&String, &Remote)| {
            let Some((_, digest)) = name.split_once('@') else {
                return false;
            };
            repository(reference) == repository(name)
                && matches!(remote, Remote::Image(spec) if spec.digest() == digest)
        };
        let found = self.registry.get(name).or_else(|| {
            self.registry
                .iter()
                .find(by_digest)
                .map(|(_, remote)| remote)
        });
        found.ok_or_else(|| {
            let repository = repository(name);
            error(404, format!("pull access denied for {repository}, repository does not exist or may require 'docker login': denied: requested access to the resource is denied"))
        })
    }

    pub(super) fn remote_digest(&self, reference: &str) -> Result<String, EngineError> {
        match self.remote(&familiar(reference))? {
            Remote::Image(spec) => Ok(spec.digest()),
            Remote::Failure(failure) => Err(failure.clone()),
        }
    }

    pub(super) fn remove_image(&mut self, reference: &str) -> Result<(), EngineError> {
        let id = self
            .find_image(reference)
            .ok_or_else(|| error(404, format!("No such image: {}", familiar(reference))))?;
        let name = familiar(reference);
        let Some(image) = self.images.get_mut(&id) else {
            return Ok(());
        };
        let by_name = image.tags.contains(&name) || name.contains('@');
        let single = image.tags.len() <= 1;
        let plain = short(id.trim_start_matches("sha256:")).to_owned();
        if single || !by_name {
            let user = self
                .containers
                .values()
                .find(|container| container.image_id == id);
            if let Some(container) = user {
                let container = short(&container.id);
                return Err(error(
                    409,
                    if by_name {
                        format!(
                            "conflict: unable to remove repository reference {reference:?} (must force) - container {container} is using its referenced image {plain}"
                        )
                    } else {
                        format!(
                            "conflict: unable to delete {plain} (must be forced) - image is being used by stopped container {container}"
                        )
                    },
                ));
            }
            self.images.remove(&id);
            self.emit("image", "untag", &id, &id);
            self.emit("image", "delete", &id, &id);
        } else {
            image.tags.retain(|tag| *tag != name);
            self.emit("image", "untag", &id, &id);
        }
        self.note(Kind::Image, "remove", &name, labels(None));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::familiar;

    #[test]
    fn a_reference_is_written_as_people_write_it() {
        assert_eq!(familiar("docker.io/library/nginx"), "nginx:latest");
        assert_eq!(familiar("docker.io/a/b:1"), "a/b:1");
        assert_eq!(familiar("localhost:5000/a"), "localhost:5000/a:latest");
        assert_eq!(familiar("a@sha256:00"), "a@sha256:00");
    }
}
