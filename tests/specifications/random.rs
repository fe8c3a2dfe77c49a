//! Specifications over the whole vocabulary: apply, and the plan is empty.

use std::collections::BTreeMap;

use evenkeel::{
    engine::simulated::{ImageSpec, Profile, Simulated},
    model::{Attribute, attributes},
};
use proptest::{
    prelude::*,
    sample::{Index, subsequence},
    test_runner::{Config, TestError, TestRunner},
};
use serde_json::json;

use crate::ground::{converge, desired, planned, runtime, told};

/// Attributes whose example is about something that this test does not have, and why.
const LEFT_OUT: &[(&str, &str)] = &[
    ("image", "every container has one"),
    ("build", "an image that is built is another test's"),
    ("extends", "takes another container along"),
    ("replicas", "goes with neither names nor host ports"),
    ("credential_spec", "is refused"),
    ("state", "is chosen with care below"),
    ("platform", "is the image's"),
    ("pull_policy", "is the image's"),
];

/// Every attribute of a container that a random specification may have, as YAML.
fn vocabulary() -> Vec<&'static Attribute> {
    attributes::all(attributes::CONTAINER)
        .filter(|attribute| LEFT_OUT.iter().all(|(name, _)| *name != attribute.name))
        .collect()
}

/// Two that the engine refuses together.
const APART: &[(&str, &str)] = &[("cpus", "cpu_period"), ("cpus", "cpu_quota")];

fn apart(names: &[&str]) -> bool {
    APART
        .iter()
        .any(|(one, other)| names.contains(one) && names.contains(other))
}

fn engine(profile: Profile) -> Simulated {
    let config = json!({
        "Env": ["PATH=/bin", "COLOR=red"], "Cmd": ["serve"], "Labels": {"from": "image"}, "WorkingDir": "/srv/",
        "ExposedPorts": {"80/tcp": {}}, "Volumes": {"/cache": {}},
        "Healthcheck": {"Test": ["CMD", "true"], "Interval": 1_000_000_000},
    });
    Simulated::with_profile(profile)
        .with_image("busybox:latest", ImageSpec::default())
        .with_image("rich:1", ImageSpec::new(config))
}

fn file(containers: &BTreeMap<String, Vec<(&str, String)>>) -> String {
    use std::fmt::Write as _;
    let mut text = String::from(
        "project: shop\ncontainers:\n  db: { image: busybox, healthcheck: { test: [CMD, 'true'], interval: 1s } }\n  legacy-db: { image: busybox }\n",
    );
    for (name, settings) in containers {
        let _ = writeln!(text, "  {name}:");
        for (attribute, value) in settings {
            let _ = writeln!(text, "    {attribute}: {value}");
        }
    }
    text
}

/// Applies a file on an empty engine; the plan after it is empty. `Err` says what was wrong, `Ok(false)` that the file or
/// its plan was refused, which a random one may be.
fn holds(profile: Profile, text: &str) -> Result<bool, String> {
    let Ok(wanted) = desired(text) else {
        return Ok(false);
    };
    runtime().block_on(async {
        let engine = engine(profile);
        engine.hands(|world| {
            for path in [
                "/srv/shop",
                "/etc/app",
                "/run/docker.sock",
                "/var/run/docker.sock",
            ] {
                world.host_paths.insert(path.to_owned());
            }
        });
        let Ok(outcome) = converge(&engine, &wanted).await else {
            return Ok(false);
        };
        if !outcome.is_complete() {
            let troubles: Vec<String> = outcome
                .verdicts
                .iter()
                .filter_map(|verdict| {
                    Some(format!("{}: {:?}", verdict.name, verdict.trouble.as_ref()?))
                })
                .collect();
            return Err(format!(
                "{text}\ncannot be applied:\n{}",
                troubles.join("\n")
            ));
        }
        let plan = planned(&engine, &wanted).await;
        if plan.is_empty() {
            Ok(true)
        } else {
            Err(format!("{text}\nis planned again:\n{}", told(&plan)))
        }
    })
}

const PROFILES: &[Profile] = &[
    Profile::DOCKER_20_10,
    Profile::DOCKER_26_1,
    Profile::DOCKER_28_5,
];

#[test]
fn each_attribute_alone() {
    let mut faults = Vec::new();
    let mut refused = Vec::new();
    for attribute in vocabulary() {
        for profile in PROFILES {
            for image in ["busybox", "rich:1"] {
                let settings = vec![
                    ("image", image.to_owned()),
                    (attribute.name, attribute.example.to_owned()),
                ];
                let text = file(&BTreeMap::from([("thing".to_owned(), settings)]));
                match holds(*profile, &text) {
                    Ok(true) => {}
                    Ok(false) => refused.push(attribute.name),
                    Err(fault) => faults.push(format!("API {:?}: {fault}", profile.api)),
                }
            }
        }
    }
    refused.dedup();
    assert!(faults.is_empty(), "{}", faults.join("\n\n"));
    assert!(
        refused.len() * 10 < vocabulary().len(),
        "too many are refused: {refused:?}"
    );
}

#[test]
fn random_ones() {
    let vocabulary: Vec<&str> = vocabulary()
        .iter()
        .map(|attribute| attribute.name)
        .collect();
    let containers = prop::collection::vec(
        (
            subsequence(vocabulary.clone(), 0..vocabulary.len().min(12)),
            any::<bool>(),
        ),
        1..3,
    );
    let cases = std::env::var("EVENKEEL_CASES")
        .ok()
        .and_then(|cases| cases.parse().ok())
        .unwrap_or(200);
    let config = Config {
        cases,
        failure_persistence: None,
        ..Config::default()
    };
    let tried = std::cell::Cell::new((0_u32, 0_u32));
    let mut runner = TestRunner::new_with_rng(
        config,
        proptest::test_runner::TestRng::deterministic_rng(
            proptest::test_runner::RngAlgorithm::ChaCha,
        ),
    );
    let strategy = (containers, any::<Index>());
    let result = runner.run(&strategy, |(containers, profile)| {
        let containers: BTreeMap<String, Vec<(&str, String)>> = containers
            .into_iter()
            .enumerate()
            .map(|(index, (names, rich))| {
                let image = if rich { "rich:1" } else { "busybox" };
                let mut settings = vec![("image", image.to_owned())];
                settings.extend(
                    names
                        .iter()
                        .filter_map(|name| attributes::find(attributes::CONTAINER, name))
                        .map(|attribute| (attribute.name, attribute.example.to_owned())),
                );
                (format!("thing{index}"), settings)
            })
            .collect();
        prop_assume!(!containers.values().any(|settings| {
            apart(&settings.iter().map(|(name, _)| *name).collect::<Vec<_>>())
        }));
        let (all, sound) = tried.get();
        match holds(*profile.get(PROFILES), &file(&containers)) {
            Ok(held) => {
                tried.set((all + 1, sound + u32::from(held)));
                Ok(())
            }
            Err(fault) => Err(TestCaseError::fail(fault)),
        }
    });
    match result {
        Ok(()) => {}
        Err(TestError::Fail(fault, _)) => panic!("{fault}"),
        Err(TestError::Abort(why)) => panic!("{why}"),
    }
    let (all, sound) = tried.get();
    assert!(
        sound * 4 >= all,
        "only {sound} of {all} specifications were sound"
    );
}
