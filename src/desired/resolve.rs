//! From a checked document to what should be: every key becomes a name on the engine, every replica a container.
//!
//! Nothing is refused here: the document has been checked. A reference that leads nowhere all the same stays as it is.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::{Container, Dependency, Desired, Image, Network, Pattern, Volume};
use crate::{
    model::{Condition, FailureAction, Order, PullPolicy, Secrets, Settings, State, Update},
    spec::{Document, Item},
    value::Reference,
};

/// The key of the network that containers join which name none.
const DEFAULT: &str = "default";

/// Resolves a document.
#[must_use]
pub fn resolve(document: &Document) -> Desired {
    let names = Names::of(document);
    let mut desired = Desired {
        project: document.project.clone(),
        file: document.name.clone(),
        ..Desired::default()
    };
    for (key, item) in &document.networks {
        let network = Network {
            key: key.clone(),
            name: names.network(key),
            external: flag(&item.settings, "external"),
            settings: without(&item.settings, &["name", "external"]),
            location: document.location(item.span),
        };
        desired.networks.insert(key.clone(), network);
    }
    for (key, item) in &document.volumes {
        let volume = Volume {
            key: key.clone(),
            name: names.volume(key),
            external: flag(&item.settings, "external"),
            settings: without(&item.settings, &["name", "external"]),
            location: document.location(item.span),
        };
        desired.volumes.insert(key.clone(), volume);
    }
    for item in document.images.values() {
        let image = image(document, item);
        desired.images.insert(image.reference.clone(), image);
    }
    let default = names.network(DEFAULT);
    for (key, item) in &document.containers {
        desired.secrets.extend(&item.secrets);
        hide_values(&mut desired.secrets, item);
        for number in instances(&item.settings) {
            let container = container(document, &names, key, item, number);
            let image = desired.images.entry(container.image.clone());
            let image = image
                .or_insert_with(|| plain_image(&container.image, document.location(item.span)));
            adjust(image, &item.settings);
            if container
                .settings
                .get("networks")
                .and_then(|networks| networks.get(&default))
                .is_some()
            {
                desired
                    .networks
                    .entry(DEFAULT.to_owned())
                    .or_insert_with(|| Network {
                        key: DEFAULT.to_owned(),
                        name: default.clone(),
                        external: false,
                        settings: Settings::default(),
                        location: document.location(item.span),
                    });
            }
            desired.containers.insert(container.key.clone(), container);
        }
    }
    desired
}

/// The names on the engine by the keys of the file.
struct Names<'a> {
    document: &'a Document,
}

impl<'a> Names<'a> {
    fn of(document: &'a Document) -> Self {
        Self { document }
    }

    fn network(&self, key: &str) -> String {
        self.object(&self.document.networks, key)
    }

    fn volume(&self, key: &str) -> String {
        self.object(&self.document.volumes, key)
    }

    /// `project_key`, unless the file gives a name; something external is called by its key.
    fn object(&self, objects: &BTreeMap<String, Item>, key: &str) -> String {
        let settings = objects.get(key).map(|item| &item.settings);
        match settings.and_then(|settings| settings.text("name")) {
            Some(name) => name.to_owned(),
            None if settings.is_some_and(|settings| flag(settings, "external")) => key.to_owned(),
            None => format!("{}_{key}", self.document.project),
        }
    }

    /// The numbers of the replicas of a container that another one refers to.
    fn instances(&self, key: &str) -> Vec<Option<u64>> {
        let item = self.document.containers.get(key);
        item.map_or_else(|| vec![None], |item| instances(&item.settings))
    }

    /// The name of a container that another one refers to: its first replica.
    fn first(&self, key: &str) -> String {
        let item = self.document.containers.get(key);
        let first = self.instances(key).first().copied().flatten();
        item.map_or_else(
            || key.to_owned(),
            |item| instance_name(&item.settings, key, first),
        )
    }

    /// `service:KEY` as `container:NAME`; anything else as it is.
    fn shared(&self, text: &str) -> String {
        match text.strip_prefix("service:") {
            Some(key) => format!("container:{}", self.first(key)),
            None => text.to_owned(),
        }
    }
}

/// The numbers of a container's replicas; `None` for one that has no number.
fn instances(settings: &Settings) -> Vec<Option<u64>> {
    match settings.get("replicas").and_then(Value::as_u64) {
        None => vec![None],
        Some(replicas) => (1..=replicas).map(Some).collect(),
    }
}

/// The name of a container on the engine.
fn instance_name(settings: &Settings, key: &str, number: Option<u64>) -> String {
    numbered(settings.text("container_name").unwrap_or(key), number)
}

fn numbered(name: &str, number: Option<u64>) -> String {
    number.map_or_else(|| name.to_owned(), |number| format!("{name}-{number}"))
}

fn container(
    document: &Document,
    names: &Names<'_>,
    key: &str,
    item: &Item,
    number: Option<u64>,
) -> Container {
    let mut settings = item.settings.clone();
    let name = instance_name(&settings, key, number);
    let image = reference(document, settings.text("image").unwrap_or_default(), key);
    settings.set("image", Value::String(image.clone()));
    for attribute in Container::SHARED {
        if let Some(text) = settings.text(attribute).map(|text| names.shared(text)) {
            settings.set(attribute, Value::String(text));
        }
    }
    networks(&mut settings, names, key, &name);
    volumes(&mut settings, names);
    links(&mut settings, names);
    let state = settings
        .text("state")
        .and_then(State::from_word)
        .unwrap_or_default();
    Container {
        key: numbered(key, number),
        replica: number.map(|number| (key.to_owned(), number)),
        name,
        state,
        image,
        depends_on: dependencies(&item.settings, names),
        update: update(&settings),
        adopt: flag(&settings, "adopt"),
        ignore: texts(&settings, "ignore_changes")
            .iter()
            .map(|text| Pattern::new(text))
            .collect(),
        secrets: item.secrets.clone(),
        location: document.location(item.span),
        ports_location: item
            .span_of("ports")
            .and_then(|span| document.location(span)),
        settings,
    }
}

/// A variable with a secret's name may turn up anywhere: in a log, or in an engine's words.
fn hide_values(secrets: &mut Secrets, item: &Item) {
    let variables = item.settings.get("env").and_then(Value::as_object);
    for (name, value) in variables.into_iter().flatten() {
        if let Some(value) = value.as_str().filter(|_| item.secrets.hides_name(name)) {
            secrets.add_value(value);
        }
    }
}

/// The networks of a container by their names on the engine. On each it is known by its key too, as in Compose.
fn networks(settings: &mut Settings, names: &Names<'_>, key: &str, name: &str) {
    let mode = settings.text("network_mode");
    if mode.is_some() {
        settings.remove("networks");
        return;
    }
    // None at all is written as `network_mode: none`; an empty list is no list, as in Compose.
    let given = settings.get("networks").and_then(Value::as_object);
    let given = given.filter(|given| !given.is_empty()).cloned();
    let given = given.unwrap_or_else(|| Map::from_iter([(DEFAULT.to_owned(), json!({}))]));
    let mut resolved = Map::new();
    for (network, mut endpoint) in given {
        if !endpoint.is_object() {
            endpoint = json!({});
        }
        let mut aliases: BTreeSet<String> = endpoint
            .get("aliases")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .map(str::to_owned)
            .collect();
        let network = names.network(&network);
        // The engine's own networks know no aliases, and refuse them.
        if !matches!(network.as_str(), "bridge" | "host" | "none") {
            aliases.insert(key.to_owned());
        }
        // The engine answers to a container's own name by itself.
        aliases.remove(name);
        if let Value::Object(endpoint) = &mut endpoint {
            endpoint.remove("aliases");
            if !aliases.is_empty() {
                endpoint.insert(
                    "aliases".into(),
                    aliases.into_iter().map(Value::String).collect(),
                );
            }
        }
        resolved.insert(network, endpoint);
    }
    settings.set("networks", Value::Object(resolved));
}

fn volumes(settings: &mut Settings, names: &Names<'_>) {
    if let Some(Value::Array(items)) = settings.get_mut("volumes") {
        for item in items {
            let is_volume = item.get("type").and_then(Value::as_str) == Some("volume");
            let source = item
                .get("source")
                .and_then(Value::as_str)
                .filter(|_| is_volume)
                .map(|source| names.volume(source));
            if let (Some(source), Value::Object(item)) = (source, item) {
                item.insert("source".into(), Value::String(source));
            }
        }
    }
    if let Some(Value::Array(items)) = settings.get_mut("volumes_from") {
        for item in items {
            let Some(text) = item.as_str() else { continue };
            let (whole, mode) = match text.rsplit_once(':') {
                Some((whole, mode @ ("ro" | "rw"))) => (whole, Some(mode)),
                _ => (text, None),
            };
            let name = whole
                .strip_prefix("container:")
                .map_or_else(|| names.first(whole), str::to_owned);
            *item =
                Value::String(mode.map_or_else(|| name.clone(), |mode| format!("{name}:{mode}")));
        }
    }
}

/// Links name containers by their keys, as in Compose.
fn links(settings: &mut Settings, names: &Names<'_>) {
    let Some(Value::Array(items)) = settings.get_mut("links") else {
        return;
    };
    for item in items {
        let Some(text) = item.as_str() else { continue };
        let (key, alias) = text.split_once(':').unwrap_or((text, text));
        *item = Value::String(format!("{}:{alias}", names.first(key)));
    }
}

fn dependencies(settings: &Settings, names: &Names<'_>) -> Vec<Dependency> {
    let given = settings.get("depends_on").and_then(Value::as_object);
    let mut dependencies = Vec::new();
    for (key, how) in given.into_iter().flatten() {
        for number in names.instances(key) {
            let truth = |name: &str, default: bool| {
                how.get(name).and_then(Value::as_bool).unwrap_or(default)
            };
            dependencies.push(Dependency {
                key: numbered(key, number),
                condition: how
                    .get("condition")
                    .and_then(Value::as_str)
                    .and_then(Condition::from_word)
                    .unwrap_or_default(),
                required: truth("required", true),
                restart: truth("restart", false),
            });
        }
    }
    // A link to a container is a wait for its start, as in Compose: the engine refuses one to what does not run.
    for text in texts(settings, "links") {
        let linked = text.split(':').next().unwrap_or(&text);
        let key = numbered(linked, names.instances(linked).first().copied().flatten());
        if !dependencies.iter().any(|known| known.key == key) {
            dependencies.push(Dependency {
                key,
                condition: Condition::Started,
                required: true,
                restart: false,
            });
        }
    }
    dependencies
}

fn update(settings: &Settings) -> Update {
    let Some(given) = settings.get("update") else {
        return Update::default();
    };
    let usual = Update::default();
    let word = |name: &str| given.get(name).and_then(Value::as_str);
    Update {
        order: if word("order") == Some("start-first") {
            Order::StartFirst
        } else {
            Order::StopFirst
        },
        monitor: given
            .get("monitor")
            .and_then(Value::as_i64)
            .unwrap_or(Update::MONITOR),
        failure_action: match word("failure_action") {
            Some("pause") => FailureAction::Pause,
            Some("continue") => FailureAction::Continue,
            _ => FailureAction::Rollback,
        },
        parallelism: given
            .get("parallelism")
            .and_then(Value::as_u64)
            .and_then(|count| usize::try_from(count).ok())
            .unwrap_or(usual.parallelism),
        delay: given
            .get("delay")
            .and_then(Value::as_i64)
            .unwrap_or(usual.delay),
    }
}

/// The reference that a container's `image` stands for: a key of `images`, or a reference itself.
fn reference(document: &Document, image: &str, key: &str) -> String {
    match document.images.get(image) {
        Some(item) => own_reference(document, item, image),
        // Something that is built and has no name of its own is called as Compose calls it.
        None if image.is_empty() => familiar(&format!("{}-{key}", document.project)),
        None => familiar(image),
    }
}

fn own_reference(document: &Document, item: &Item, key: &str) -> String {
    item.settings.text("reference").map_or_else(
        || familiar(&format!("{}-{key}", document.project)),
        familiar,
    )
}

/// A reference as the engine shows it: `nginx:1.27`.
fn familiar(text: &str) -> String {
    text.parse::<Reference>()
        .map_or_else(|_| text.to_owned(), |reference| reference.familiar())
}

fn image(document: &Document, item: &Item) -> Image {
    let key = document
        .images
        .iter()
        .find(|(_, other)| std::ptr::eq(*other, item))
        .map(|(key, _)| key.as_str());
    let mut image = plain_image(
        &own_reference(document, item, key.unwrap_or_default()),
        document.location(item.span),
    );
    image.present = item.settings.text("state") != Some("absent");
    image.build = item.settings.get("build").cloned();
    image.platform = item.settings.text("platform").map(str::to_owned);
    image.pull = item
        .settings
        .text("pull")
        .and_then(PullPolicy::from_word)
        .unwrap_or_default();
    image
}

fn plain_image(reference: &str, location: Option<super::Location>) -> Image {
    Image {
        reference: reference.to_owned(),
        pull: PullPolicy::Missing,
        platform: None,
        build: None,
        present: true,
        location,
    }
}

/// What a container itself says of its image.
fn adjust(image: &mut Image, settings: &Settings) {
    if let Some(policy) = settings.text("pull_policy").and_then(PullPolicy::from_word) {
        image.pull = policy;
    }
    if let Some(platform) = settings.text("platform") {
        image.platform = Some(platform.to_owned());
    }
    if let Some(build) = settings.get("build") {
        image.build = Some(build.clone());
    }
}

fn flag(settings: &Settings, name: &str) -> bool {
    settings.get(name).and_then(Value::as_bool).unwrap_or(false)
}

fn texts(settings: &Settings, name: &str) -> Vec<String> {
    let items = settings.get(name).and_then(Value::as_array);
    items
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .map(str::to_owned)
        .collect()
}

fn without(settings: &Settings, names: &[&str]) -> Settings {
    settings
        .iter()
        .filter(|(name, _)| !names.contains(name))
        .map(|(name, value)| (name.to_owned(), value.clone()))
        .collect()
}
