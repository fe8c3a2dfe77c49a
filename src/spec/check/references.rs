//! References: every name leads somewhere.

use std::{
    cell::OnceCell,
    collections::{BTreeMap, BTreeSet},
    ops::Bound,
};

use serde_json::Value;

use super::{place, texts, volumes_from, warnings::Image};
use crate::{
    spec::{
        Document, FileId, Item, Problem, Span,
        composition::{Reading, SwitchedOff},
        document::MISPLACED,
        nearest::nearest,
    },
    value::{Reference, mount::is_anonymous},
};

/// The network that needs no entry.
const DEFAULT: &str = "default";

/// How many names that lead nowhere are compared with all that are known; a file with more has one cause.
const HINTS: usize = 100;

/// How many containers a hint lists: more are not read at a glance.
const SHOWN: usize = 5;

/// Looks where names lead.
pub struct References<'a> {
    document: &'a Document,
    /// Containers that are left out, with their profiles.
    switched_off: &'a BTreeMap<String, SwitchedOff>,
    /// The same, decoded.
    off: &'a BTreeMap<String, Item>,
    /// Whether these are checked themselves just now: what takes no part may name others that take none either.
    among_off: bool,
    /// What was found wrong.
    pub problems: Vec<Problem>,
    hints: usize,
    /// Where the containers begin, once that is asked for.
    keys: OnceCell<BTreeSet<(FileId, usize)>>,
    /// Places of problems for which a container may have no image.
    reasons: BTreeSet<(FileId, usize)>,
}

impl<'a> References<'a> {
    /// `reading` holds what was found wrong before.
    pub fn of(
        document: &'a Document,
        off: &'a BTreeMap<String, Item>,
        reading: &'a Reading<'_>,
    ) -> Self {
        let reasons = reading.problems.iter().filter(|problem| is_reason(problem));
        Self {
            document,
            switched_off: &reading.switched_off,
            off,
            among_off: false,
            problems: Vec::new(),
            hints: HINTS,
            keys: OnceCell::new(),
            reasons: reasons
                .filter_map(|problem| problem.span)
                .map(|span| (span.file, span.start))
                .collect(),
        }
    }

    /// Checks the entries of `images`.
    pub fn images(&mut self) {
        for (key, item) in &self.document.images {
            self.own_image(key, item);
        }
    }

    /// Checks what a container names.
    pub fn container(&mut self, key: &str, item: &Item) -> Image {
        let image = self.image(key, item);
        self.containers(item);
        self.networks(item);
        self.volumes(item);
        image
    }

    /// Checks what the containers name whose profile is not on.
    pub fn switched_off(&mut self) {
        self.among_off = true;
        for (key, item) in self.off {
            self.container(key, item);
        }
        self.among_off = false;
    }

    fn push(&mut self, problem: Problem) {
        self.problems.push(problem);
    }

    /// The name that was probably meant.
    fn near(&mut self, name: &str, known: &'_ BTreeMap<String, Item>) -> Option<String> {
        self.hints = self.hints.checked_sub(1)?;
        nearest(name, known.keys().map(String::as_str)).map(str::to_owned)
    }

    /// Whether something that has been told is why a container has no image: a misspelt key, or something it takes over.
    fn explained(&self, item: &Item) -> bool {
        let place = (item.span.file, item.span.start);
        let next = (item.span.file, usize::MAX);
        let keys = self.keys.get_or_init(|| {
            let containers = self.document.containers.values();
            containers
                .chain(self.off.values())
                .map(|item| (item.span.file, item.span.start))
                .collect()
        });
        let end = keys
            .range((Bound::Excluded(place), Bound::Included(next)))
            .next();
        let end = end.copied().unwrap_or(next);
        let mut reasons = self.reasons.range(place..end);
        reasons.next().is_some()
    }

    /// An entry of `images`.
    fn own_image(&mut self, key: &str, item: &Item) {
        let given = |name| item.spans.contains(name);
        if !given("reference") && !given("build") {
            self.push(
                Problem::error(
                    "missing-key",
                    item.span,
                    format!("nothing says which image {key} is"),
                )
                .hint(format!("write {key}: nginx:1.27, or add build: ./folder")),
            );
        }
    }

    fn image(&mut self, key: &str, item: &Item) -> Image {
        let Some(image) = item.settings.text("image") else {
            let said = item.spans.contains("image") || item.spans.contains("build");
            if !said && super::state(item) != "absent" && !self.explained(item) {
                self.push(
                    Problem::error("missing-key", item.span, format!("{key} has no image"))
                        .hint("add image: nginx:1.27, or build: ./folder"),
                );
            }
            return Image::Reference;
        };
        if let Some(of_file) = self.document.images.get(image) {
            if of_file.settings.text("state") == Some("absent") && super::state(item) != "absent" {
                self.push(
                    Problem::error(
                        "contradiction",
                        place(item, "image"),
                        format!("{key} needs the image {image}, which is to be absent"),
                    )
                    .hint("name another image, or remove state: absent")
                    .also(of_file.span, "absent here"),
                );
            }
            return Image::OfTheFile;
        }
        if image.parse::<Reference>().is_err() {
            let hint = self.near(image, &self.document.images).map_or_else(
                || "name a key of images, or a reference such as nginx:1.27".to_owned(),
                |near| format!("did you mean {near}?"),
            );
            self.push(
                Problem::error(
                    "unknown-reference",
                    place(item, "image"),
                    format!("{image} is no key of images, and no reference either"),
                )
                .hint(hint),
            );
            Image::Doubtful
        } else if !image.contains([':', '/', '@'])
            && let Some(near) = self.near(image, &self.document.images)
        {
            let hint = format!("did you mean {near}?");
            self.push(
                Problem::warning(
                    "unknown-reference",
                    place(item, "image"),
                    format!(
                        "{image} is no key of images, so it is taken for the image {image}:latest"
                    ),
                )
                .hint(hint),
            );
            Image::Doubtful
        } else {
            Image::Reference
        }
    }

    /// Everything that names another container.
    fn containers(&mut self, item: &Item) {
        let depends = item.settings.get("depends_on").and_then(Value::as_object);
        for (other, _) in depends.into_iter().flatten() {
            self.other(other, || place(item, &format!("depends_on.{other}")));
        }
        for attribute in ["network_mode", "pid", "ipc"] {
            let shared = item.settings.text(attribute);
            if let Some(other) = shared.and_then(|text| text.strip_prefix("service:")) {
                self.other(other, || place(item, attribute));
            }
        }
        for text in texts(item, "volumes_from") {
            if let Some(other) = volumes_from(text) {
                self.other(other, || place(item, &format!("volumes_from[{text}]")));
            }
        }
        for text in texts(item, "links") {
            let other = text.split(':').next().unwrap_or(text);
            self.other(other, || place(item, &format!("links[{text}]")));
        }
    }

    /// A container's name. Where it stands is asked for only if it leads nowhere.
    fn other(&mut self, name: &str, span: impl FnOnce() -> Span) {
        let off = self.among_off && self.off.contains_key(name);
        if off || self.document.containers.contains_key(name) {
            return;
        }
        let span = span();
        if let Some(off) = self.switched_off.get(name) {
            let profile = &off.profiles;
            let problem = Problem::error(
                "unknown-reference",
                span,
                format!("the container {name} is in the profile {profile}, which is not on"),
            )
            .hint("switch it on with --profile, or give both the same profile");
            self.push(problem);
            return;
        }
        let hint = self
            .near(name, &self.document.containers)
            .map_or_else(|| self.those(), |near| format!("did you mean {near}?"));
        self.push(
            Problem::error(
                "unknown-reference",
                span,
                format!("there is no container {name} in this file"),
            )
            .hint(hint),
        );
    }

    /// The containers that there are, as far as they can be read at a glance.
    fn those(&self) -> String {
        let names: Vec<&str> = self
            .document
            .containers
            .keys()
            .map(String::as_str)
            .collect();
        let (shown, more) = names.split_at(names.len().min(SHOWN));
        let rest = match more.len() {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        format!("the containers are {}{rest}", shown.join(", "))
    }

    fn networks(&mut self, item: &Item) {
        let networks = item.settings.get("networks").and_then(Value::as_object);
        for (name, endpoint) in networks.into_iter().flatten() {
            let known = &self.document.networks;
            let Some(network) = known.get(name) else {
                if name != DEFAULT {
                    let hint = self.near(name, known).map_or_else(
                        || format!("add networks: {{ {name}: {{}} }} at the top of the file"),
                        |near| format!("did you mean {near}?"),
                    );
                    self.push(
                        Problem::error(
                            "unknown-reference",
                            place(item, &format!("networks.{name}")),
                            format!("there is no network {name} in networks"),
                        )
                        .hint(hint),
                    );
                }
                continue;
            };
            let fixed = ["ipv4_address", "ipv6_address"]
                .into_iter()
                .find(|field| endpoint.get(field).is_some());
            let external = network.settings.get("external") == Some(&Value::Bool(true));
            if let Some(field) = fixed.filter(|_| !external && !has_subnet(network)) {
                self.push(
                    Problem::error(
                        "contradiction",
                        place(item, &format!("networks.{name}.{field}")),
                        format!("the network {name} has no subnet of its own, so no address in it can be fixed"),
                    )
                    .hint("give it one: ipam: { config: [{ subnet: 10.5.0.0/24 }] }")
                    .also(network.span, "the network"),
                );
            }
        }
        if item.settings.get("networks").is_some() && item.settings.get("network_mode").is_some() {
            self.push(
                Problem::error(
                    "contradiction",
                    place(item, "network_mode"),
                    "networks and network_mode exclude each other",
                )
                .hint("keep one of them")
                .also(place(item, "networks"), "networks is given here"),
            );
        }
    }

    fn volumes(&mut self, item: &Item) {
        let mounts = item.settings.get("volumes").and_then(Value::as_array);
        for mount in mounts.into_iter().flatten() {
            let text = |name: &str| mount.get(name).and_then(Value::as_str);
            let (Some("volume"), Some(source)) = (text("type"), text("source")) else {
                continue;
            };
            if self.document.volumes.contains_key(source) || is_anonymous(source) {
                continue;
            }
            let target = text("target").unwrap_or_default();
            let near = self.near(source, &self.document.volumes);
            let hint = near.map_or_else(
                || {
                    format!(
                        "add volumes: {{ {source}: {{}} }} at the top of the file, or write ./{source} for a folder"
                    )
                },
                |near| format!("did you mean {near}?"),
            );
            self.push(
                Problem::error(
                    "unknown-reference",
                    place(item, &format!("volumes[{target}]")),
                    format!("there is no volume {source} in volumes"),
                )
                .hint(hint),
            );
        }
    }
}

/// Whether a problem explains that a container below it has no image.
fn is_reason(problem: &Problem) -> bool {
    let hint = problem.hint.as_deref().unwrap_or_default();
    match problem.code {
        "unknown-key" => hint.contains(" image?") || hint.contains(" build?"),
        "extends-cycle" | "missing-file" | "bad-alias" | MISPLACED => true,
        "unknown-reference" => problem.text.starts_with("extends "),
        "wrong-type" => problem.text.starts_with("expected the settings of "),
        _ => false,
    }
}

fn has_subnet(network: &Item) -> bool {
    network
        .settings
        .get("ipam")
        .and_then(|ipam| ipam.get("config"))
        .is_some_and(|config| !crate::model::is_empty(config))
}
