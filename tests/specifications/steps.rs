//! One thing of a random specification changes: the plan shows that thing alone, and the container that has it alone.

use std::collections::BTreeMap;

use evenkeel::model::attributes;
use proptest::{
    prelude::*,
    sample::{Index, subsequence},
    test_runner::{Config, RngAlgorithm, TestError, TestRng, TestRunner},
};

use crate::{
    ground::{
        PROFILES, apart, cases, desired, engine, file, planned, runtime, settles, told, vocabulary,
    },
    values::values,
};

/// Attributes whose change shows in others too, because one engine's setting is made of both.
const TOGETHER: &[(&str, &[&str])] = &[
    ("memory", &["memswap_limit"]),
    ("network_mode", &["networks", "hostname"]),
    ("container_name", &["networks"]),
    ("ports", &["expose"]),
    ("expose", &["ports"]),
    ("entrypoint", &["command"]),
    ("tmpfs", &["volumes"]),
    ("volumes", &["tmpfs"]),
    ("cpus", &["cpu_period", "cpu_quota"]),
    ("privileged", &["security_opt"]),
    ("pid", &["security_opt"]),
    ("ipc", &["security_opt", "shm_size"]),
    ("links", &["depends_on"]),
    ("use_api_socket", &["volumes"]),
    ("secrets", &["volumes", "files"]),
    ("configs", &["volumes", "files"]),
];

#[test]
fn one_change_is_one_change() {
    let names: Vec<&str> = vocabulary().iter().map(|one| one.name).collect();
    let strategy = (
        subsequence(names.clone(), 0..8_usize),
        any::<Index>(),
        any::<Index>(),
        any::<Index>(),
    );
    let config = Config {
        cases: cases(100),
        failure_persistence: None,
        max_global_rejects: 100_000,
        ..Config::default()
    };
    let mut runner =
        TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    let result = runner.run(&strategy, |(had, changed, value, profile)| {
        let changed = *changed.get(&names);
        let mut all = had.clone();
        all.push(changed);
        prop_assume!(!apart(&all));
        let setting = |name: &&str| {
            let attribute = attributes::find(attributes::CONTAINER, name).expect("a name of ours");
            (attribute.name, attribute.example.to_owned())
        };
        let rest: Vec<(&str, String)> = had
            .iter()
            .filter(|name| **name != changed)
            .map(setting)
            .collect();
        let was: Vec<(&str, String)> = had
            .iter()
            .filter(|name| **name == changed)
            .map(setting)
            .collect();
        let attribute = attributes::find(attributes::CONTAINER, changed).expect("a name of ours");
        let becomes = (changed, value.get(&values(attribute)).clone());
        let text = |settings: Vec<(&str, String)>| {
            let mut all = vec![("image", "rich:1".to_owned())];
            all.extend(rest.clone());
            all.extend(settings);
            file(&BTreeMap::from([("thing".to_owned(), all)]))
        };
        let (before, after) = (text(was), text(vec![becomes]));
        let (Ok(first), Ok(second)) = (desired(&before), desired(&after)) else {
            return Err(TestCaseError::reject("not sound"));
        };
        let engine = engine(*profile.get(PROFILES));
        runtime()
            .block_on(async {
                if !settles(&engine, &first, &before).await? {
                    return Ok(false);
                }
                let plan = planned(&engine, &second).await;
                if plan.has_errors() {
                    return Ok(false);
                }
                let with: &[&str] = TOGETHER
                    .iter()
                    .find(|(name, _)| *name == changed)
                    .map_or(&[], |(_, with)| with);
                for step in plan.steps.iter().filter(|step| step.name != "shop_default") {
                    let other = step.changes.iter().find(|change| {
                        let name = change.path.attribute();
                        name != changed && !with.contains(&name)
                    });
                    if let Some(other) = other {
                        return Err(format!(
                            "{before}\nbecomes\n{after}\nand {} changes too:\n{}",
                            other.path,
                            told(&plan)
                        ));
                    }
                    if step.name.contains("db") && step.reason.is_empty() {
                        return Err(format!(
                            "{after}\nand {} is touched:\n{}",
                            step.name,
                            told(&plan)
                        ));
                    }
                }
                settles(&engine, &second, &format!("{before}\nbecomes\n{after}")).await
            })
            .map_err(TestCaseError::fail)
            .and_then(|held| {
                if held {
                    Ok(())
                } else {
                    Err(TestCaseError::reject("refused"))
                }
            })
    });
    match result {
        Ok(()) => {}
        Err(TestError::Fail(fault, _)) => panic!("{fault}"),
        Err(TestError::Abort(why)) => panic!("{why}"),
    }
}
