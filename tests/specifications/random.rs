//! Specifications over the whole vocabulary: apply, and the plan is empty.

use std::collections::BTreeMap;

use evenkeel::model::attributes;
use proptest::{
    prelude::*,
    sample::{Index, subsequence},
    test_runner::{Config, RngAlgorithm, TestError, TestRng, TestRunner},
};

use crate::ground::{PROFILES, apart, cases, file, holds, vocabulary};

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
    let config = Config {
        cases: cases(200),
        failure_persistence: None,
        ..Config::default()
    };
    let tried = std::cell::Cell::new((0_u32, 0_u32));
    let mut runner =
        TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    let strategy = (containers, any::<Index>());
    let result = runner.run(&strategy, |(containers, profile)| {
        let containers: BTreeMap<String, Vec<(&str, String)>> = containers
            .into_iter()
            .enumerate()
            .map(|(index, (names, rich))| {
                let image = if rich { "rich:1" } else { "busybox" };
                let mut settings = vec![("image", image.to_owned())];
                // Two of one file cannot publish one port.
                let names = names.iter().filter(|name| index == 0 || **name != "ports");
                settings.extend(
                    names
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
