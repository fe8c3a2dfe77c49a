//! Specifications over the whole vocabulary against the simulated engine.

use std::collections::{BTreeMap, BTreeSet};

use evenkeel::engine::simulated::{Allowed, violations};

use crate::{
    ground::{PATIENCE, PROFILES, cases, engine, file, first_case, holds, runtime, vocabulary},
    law::{Case, Held, smallest},
    specification::Specification,
    values::Dice,
};

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

/// The case of a number, for a project of that name. One in so many files wants its containers to run.
pub fn case(number: u32, project: String, running: usize) -> Case {
    let mut dice = Dice::of(number.into());
    let before = Specification::random(&mut dice, running);
    let (after, place, attribute) = before.changed(&mut dice);
    Case {
        before,
        after,
        place,
        attribute,
        project,
        number,
    }
}

/// Refusals by how often they were met, for a person who looks at what was not tried.
pub fn tell_refusals(refusals: &[String]) {
    if std::env::var_os("EVENKEEL_TELL").is_none() {
        return;
    }
    let mut counted: BTreeMap<&str, u32> = BTreeMap::new();
    for refusal in refusals {
        *counted.entry(refusal.as_str()).or_default() += 1;
    }
    let mut counted: Vec<(u32, &str)> = counted
        .into_iter()
        .map(|(text, count)| (count, text))
        .collect();
    counted.sort_unstable();
    for (count, text) in counted {
        eprintln!("{count} × {text}");
    }
}

#[test]
fn random_ones_and_one_change_of_each() {
    let mut distinct = BTreeSet::new();
    let mut refusals = Vec::new();
    let mut both = 0;
    let mut faults = Vec::new();
    let first = first_case();
    for number in first..first + cases(2000) {
        let case = case(number, "shop".into(), 2);
        let run = |case: &Case| {
            let profile = PROFILES[(number as usize) % PROFILES.len()];
            let engine = engine(profile);
            let held = runtime().block_on(case.run(&engine, PATIENCE))?;
            let wrong = engine.look(|world| violations(world, "shop", &Allowed::default()));
            if wrong.is_empty() || held != Held::Both {
                Ok(held)
            } else {
                let (before, after) = case.texts();
                Err(format!("{before}\nbecomes\n{after}\n{}", wrong.join(", ")))
            }
        };
        match run(&case) {
            Ok(Held::Both) => {
                both += 1;
                distinct.insert(case.before);
            }
            Ok(Held::First(why)) => {
                refusals.push(why);
                distinct.insert(case.before);
            }
            Ok(Held::Refused(why)) => refusals.push(why),
            Err(fault) => faults.push(format!(
                "case {number}: {}",
                smallest(case, fault, 300, run)
            )),
        }
        if faults.len() == 5 {
            break;
        }
    }
    tell_refusals(&refusals);
    assert!(
        faults.is_empty(),
        "{} faults, among them:\n{}",
        faults.len(),
        faults.join("\n\n")
    );
    let all = cases(2000) as usize;
    assert!(
        distinct.len() * 2 >= all && both * 3 >= all,
        "of {all} specifications {} were sound, and {both} changes of them",
        distinct.len()
    );
}
