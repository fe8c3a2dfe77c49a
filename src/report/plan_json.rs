//! A plan as JSON: what scripts and editors rely on. Its shape changes only with [`FORMAT_VERSION`], and is described by
//! `schemas/plan.schema.json`.

use std::collections::BTreeMap;

use serde::{Serialize, Serializer};
use serde_json::Value;

use super::plan_text::problems;
use crate::{
    model::{EngineInfo, SECRET_TEXT, Secrets, Way},
    plan::{Action, After, Change, Foreseen, Plan, Step, Weight},
};

/// The version of the JSON's shape: the second number grows when something is added, the first when something changes.
pub const FORMAT_VERSION: &str = "1.0";

/// What is known of the engine that a plan is for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Engine {
    /// Its id, where it was asked for.
    pub id: Option<String>,
    /// Its version, as it calls it.
    pub version: Option<String>,
    /// The API version that is spoken.
    pub api: String,
}

impl Engine {
    /// What is known from an engine's answers.
    #[must_use]
    pub fn of(info: &EngineInfo, version: Option<&str>) -> Self {
        let told = |name: &str| {
            info.info
                .as_ref()
                .and_then(|info| info.get(name))
                .and_then(Value::as_str)
                .filter(|text| !text.is_empty())
                .map(str::to_owned)
        };
        Self {
            id: told("ID"),
            version: version.map(str::to_owned).or_else(|| told("ServerVersion")),
            api: format!("{}.{}", info.api.0, info.api.1),
        }
    }
}

/// A plan in the shape of its JSON; the fields are written in this order.
#[derive(Debug, Serialize)]
pub struct PlanJson<'a> {
    format_version: &'static str,
    project: &'a str,
    engine: &'a Engine,
    summary: Summary,
    steps: Vec<StepJson<'a>>,
    problems: Vec<ProblemJson>,
}

/// How many steps there are of each action, in the order of a plan's last line.
#[derive(Debug)]
struct Summary(BTreeMap<Action, usize>);

impl Serialize for Summary {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(
            self.0
                .iter()
                .map(|(action, number)| (action.word(), number)),
        )
    }
}

#[derive(Debug, Serialize)]
struct StepJson<'a> {
    id: String,
    action: &'static str,
    kind: &'static str,
    name: &'a str,
    reason: String,
    interrupts: bool,
    loses_data: bool,
    after: Vec<String>,
    changes: Vec<ChangeJson>,
}

#[derive(Debug, Serialize)]
struct ChangeJson {
    path: String,
    before: Value,
    after: Value,
    known_after_pull: bool,
    cause: &'static str,
    forces_recreate: bool,
    sensitive: bool,
}

#[derive(Debug, Serialize)]
struct ProblemJson {
    severity: &'static str,
    kind: &'static str,
    name: String,
    text: String,
    hint: String,
    file: Option<String>,
    line: Option<usize>,
    column: Option<usize>,
}

/// A plan as JSON.
#[must_use]
pub fn plan_json<'a>(plan: &'a Plan, engine: &'a Engine) -> PlanJson<'a> {
    PlanJson {
        format_version: FORMAT_VERSION,
        project: &plan.project,
        engine,
        summary: Summary(plan.summary()),
        steps: plan
            .steps
            .iter()
            .map(|step| step_json(step, &plan.secrets))
            .collect(),
        problems: problems(plan)
            .iter()
            .map(|problem| problem_json(problem, &plan.secrets))
            .collect(),
    }
}

fn step_json<'a>(step: &'a Step, secrets: &Secrets) -> StepJson<'a> {
    StepJson {
        id: step.id.to_string(),
        action: step.action.word(),
        kind: step.kind.word(),
        name: &step.name,
        reason: secrets.hide(&step.reason),
        interrupts: step.interrupts,
        loses_data: step.loses_data,
        after: step.after.iter().map(ToString::to_string).collect(),
        changes: step
            .changes
            .iter()
            .map(|change| change_json(change, secrets))
            .collect(),
    }
}

fn change_json(change: &Change, secrets: &Secrets) -> ChangeJson {
    let shown = |found: Option<&Value>| match found {
        None => Value::Null,
        Some(_) if change.sensitive => Value::from(SECRET_TEXT),
        Some(found) => hidden(found, secrets),
    };
    ChangeJson {
        path: secrets.hide(&change.path.to_string()),
        before: shown(change.before.as_ref()),
        after: shown(change.after.value()),
        known_after_pull: matches!(change.after, After::KnownAfterPull),
        cause: change.cause.word(),
        forces_recreate: change.way == Way::Recreate,
        sensitive: change.sensitive,
    }
}

/// A value with everything hidden that must not be shown. A change that holds such a value is sensitive as a whole; this
/// is for a secret that is part of a text which nobody marked.
fn hidden(value: &Value, secrets: &Secrets) -> Value {
    match value {
        Value::String(text) => Value::String(secrets.hide(text)),
        Value::Array(items) => items.iter().map(|item| hidden(item, secrets)).collect(),
        Value::Object(map) => map
            .iter()
            .map(|(key, item)| (key.clone(), hidden(item, secrets)))
            .collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
    }
}

fn problem_json(problem: &Foreseen, secrets: &Secrets) -> ProblemJson {
    let place = problem.place.as_ref();
    ProblemJson {
        severity: match problem.weight {
            Weight::Error => "error",
            Weight::Warning => "warning",
        },
        kind: problem.code,
        name: problem.name.clone(),
        text: secrets.hide(&problem.text),
        hint: secrets.hide(&problem.hint),
        file: place.map(|(file, _, _)| file.clone()),
        line: place.map(|(_, line, _)| *line),
        column: place.map(|(_, _, column)| *column),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Engine, plan_json};
    use crate::{
        model::EngineInfo,
        report::samples::{busy, empty, stuck},
    };

    fn engine() -> Engine {
        let info = EngineInfo {
            api: (1, 51),
            info: Some(json!({"ID": "abc"})),
            ..EngineInfo::default()
        };
        Engine::of(&info, Some("28.5.2"))
    }

    #[test]
    fn plans_are_as_their_schema_says() {
        let schema: Value = serde_json::from_str(include_str!("../../schemas/plan.schema.json"))
            .expect("the schema is JSON");
        let schema = jsonschema::draft202012::new(&schema).expect("the schema is one");
        for (engine, plan) in [
            (engine(), busy()),
            (engine(), stuck()),
            (Engine::of(&EngineInfo::default(), None), empty()),
        ] {
            let json = serde_json::to_value(plan_json(&plan, &engine)).expect("a plan is JSON");
            let errors: Vec<String> = schema.iter_errors(&json).map(|e| e.to_string()).collect();
            assert!(errors.is_empty(), "{errors:?}\n{json:#}");
        }
        let mut wrong = serde_json::to_value(plan_json(&empty(), &engine())).expect("JSON");
        wrong["summary"]["pull"] = json!("none");
        assert!(!schema.is_valid(&wrong));
    }

    #[test]
    fn programs_get_the_fields_that_the_design_promises() {
        let plan = busy();
        let engine = engine();
        let text = serde_json::to_string(&plan_json(&plan, &engine)).expect("a plan is JSON");
        assert!(
            text.starts_with(
                r#"{"format_version":"1.0","project":"shop","engine":{"id":"abc","version":"28.5.2","api":"1.51"},"summary":{"pull":1,"build":0,"create":1,"update":1,"recreate":1,"start":0,"stop":0,"remove":2},"steps":[{"#
            ),
            "{text}"
        );
        assert!(
            text.contains(
                r#"{"path":"env.COLOR","before":"red","after":"blue","known_after_pull":false,"cause":"file","forces_recreate":true,"sensitive":false}"#
            ),
            "{text}"
        );
        assert!(
            text.contains(
                r#"{"path":"env.TOKEN","before":"(sensitive)","after":"(sensitive)","known_after_pull":false,"cause":"file","forces_recreate":true,"sensitive":true}"#
            ),
            "{text}"
        );
        assert!(!text.contains("hunter2"), "{text}");
    }
}
