//! Values for attributes, besides their examples: what their form alone says is possible.

use evenkeel::model::{Attribute, Form};

/// Values as YAML, the example first. A checker may still refuse some of them.
pub fn values(attribute: &Attribute) -> Vec<String> {
    let mut values = vec![attribute.example.to_owned()];
    values.extend(of(&attribute.form));
    values.dedup();
    values
}

fn of(form: &Form) -> Vec<String> {
    match form {
        Form::Bool => vec!["true".into(), "false".into()],
        Form::Integer(least, most) => {
            let some = [*least, 0, 1, 7, 512];
            let fit = some.iter().filter(|number| (least..=most).contains(number));
            fit.map(ToString::to_string).collect()
        }
        Form::Choice(words) => words.iter().map(|word| format!("{word:?}")).collect(),
        Form::Text => vec!["one".into(), "\"two words\"".into()],
        Form::Command => vec![
            "[one, \"two words\", \"$$three\"]".into(),
            "one 'two words'".into(),
        ],
        Form::List(item) | Form::Set(item) => {
            let items = of(item);
            let all = items.iter().take(3).cloned().collect::<Vec<_>>().join(", ");
            let mut lists = vec!["[]".to_owned()];
            if !items.is_empty() {
                lists.push(format!("[{all}]"));
            }
            lists
        }
        Form::Map { value, .. } => {
            let some = of(value).into_iter().next();
            let mut maps = vec!["{}".to_owned()];
            maps.extend(some.map(|value| format!("{{ b.example: {value}, a.example: {value} }}")));
            maps
        }
        Form::Refined { form, .. } => of(form),
        Form::Either(forms) => forms.iter().flat_map(of).collect(),
        Form::Parsed { .. }
        | Form::HealthTest
        | Form::Record(_)
        | Form::Keyed(_)
        | Form::Items(_) => Vec::new(),
    }
}
