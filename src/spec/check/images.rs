//! One image is pulled or built once: containers that share it agree on how.

use std::collections::HashMap;

use super::{place, state};
use crate::spec::{Document, Item, Problem};

/// What a container says of its image.
const OF_THE_IMAGE: &[&str] = &["pull_policy", "platform", "build"];

pub fn check(document: &Document, problems: &mut Vec<Problem>) {
    let mut said: HashMap<(&str, &str), (&str, &Item)> = HashMap::new();
    for (key, item) in &document.containers {
        let Some(image) = item.settings.text("image") else {
            continue;
        };
        if state(item) == "absent" {
            continue;
        }
        for attribute in OF_THE_IMAGE {
            let Some(value) = item.settings.get(attribute) else {
                continue;
            };
            let (other, first) = *said.entry((image, attribute)).or_insert((key, item));
            if first.settings.get(attribute) != Some(value) {
                problems.push(
                    Problem::error(
                        "contradiction",
                        place(item, attribute),
                        format!("{key} and {other} share the image {image}, and each says another {attribute} of it"),
                    )
                    .hint(format!("write the same {attribute} in both, or give one of them another image"))
                    .also(place(first, attribute), format!("{other} says this")),
                );
            }
        }
    }
}
