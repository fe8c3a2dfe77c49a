//! One attribute comes into a file, and goes again: the plan shows it, an apply makes it so, and the plan is empty.

use std::collections::BTreeMap;

use evenkeel::{
    engine::simulated::{Allowed, violations},
    model::{Attribute, Unset, attributes},
    plan::Plan,
};

use crate::ground::{
    PROFILES, Settled, desired, engine, file, planned, runtime, settles, told, vocabulary,
};

/// Attributes whose example says what is so anyway, with a value that says something else.
const OTHERWISE: &[(&str, &str)] = &[
    ("privileged", "true"),
    ("cgroup", "private"),
    ("cgroup_parent", "/elsewhere"),
    ("volumes_from", "[db]"),
    ("storage_opt", "{ size: 1G }"),
    ("cpu_rt_period", "1000000"),
    ("cpu_rt_runtime", "950000"),
    ("gpus", "all"),
];

/// Attributes of which nothing can be planned, and why.
const WITHOUT_STEPS: &[(&str, &str)] = &[
    ("runtime", "the only one that every engine has"),
    ("isolation", "there is one on Linux"),
];

fn example(attribute: &Attribute) -> &'static str {
    let other = OTHERWISE.iter().find(|(name, _)| *name == attribute.name);
    other.map_or(attribute.example, |(_, value)| *value)
}

fn with(setting: Option<(&str, &str)>) -> String {
    let mut settings = vec![("image", "rich:1".to_owned())];
    settings.extend(setting.map(|(name, value)| (name, value.to_owned())));
    file(&BTreeMap::from([("thing".to_owned(), settings)]))
}

/// What a plan changes of the thing, by attribute.
fn changed(plan: &Plan) -> Vec<String> {
    let changes = plan.steps.iter().flat_map(|step| &step.changes);
    let mut names: Vec<String> = changes
        .map(|change| change.path.attribute().to_owned())
        .collect();
    names.sort();
    names.dedup();
    names
}

#[test]
fn each_attribute_comes_and_goes() {
    let mut faults = Vec::new();
    for profile in PROFILES {
        for attribute in vocabulary() {
            let (without, with) = (with(None), with(Some((attribute.name, example(attribute)))));
            let Ok(wanted) = desired(&with) else { continue };
            let none = desired(&without).expect("sound");
            let result: Result<(), String> = runtime().block_on(async {
                let engine = engine(*profile);
                settles(&engine, &none, &without).await?;
                let plan = planned(&engine, &wanted).await;
                let shown = changed(&plan);
                let judged = !matches!(attribute.unset, Unset::Ours);
                let unknown = attribute.name == "annotations" && !profile.at_least(43);
                let excused = unknown
                    || WITHOUT_STEPS
                        .iter()
                        .any(|(name, _)| *name == attribute.name);
                if judged
                    && shown.is_empty()
                    && plan.steps.is_empty()
                    && !excused
                    && !plan.has_errors()
                {
                    return Err(format!("{} comes, and nothing is planned", attribute.name));
                }
                if settles(&engine, &wanted, &with).await? != Settled::Yes {
                    return Ok(());
                }
                if settles(&engine, &none, &without).await? != Settled::Yes {
                    return Err(format!(
                        "{with}\ncannot go back: {}",
                        told(&planned(&engine, &none).await)
                    ));
                }
                let wrong = engine.look(|world| violations(world, "shop", &Allowed::default()));
                if wrong.is_empty() {
                    Ok(())
                } else {
                    Err(format!("{}: {}", attribute.name, wrong.join(", ")))
                }
            });
            if let Err(fault) = result {
                faults.push(format!("API {:?}: {fault}", profile.api));
            }
        }
    }
    assert!(
        faults.is_empty(),
        "{} faults:\n{}",
        faults.len(),
        faults.join("\n\n")
    );
    assert!(
        attributes::all(&attributes::CONTAINER).count() > 50,
        "the vocabulary is there"
    );
}
