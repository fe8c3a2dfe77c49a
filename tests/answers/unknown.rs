//! Answers that nobody has seen yet: unknown words, absent fields, nulls and values of another type, everywhere. None of them
//! ends the program, and a plan is still made.

use std::panic::{AssertUnwindSafe, catch_unwind};

use evenkeel::{
    engine::{EngineError, Observe as _, docker::Reader, look},
    plan::{Options, plan},
};
use futures_util::StreamExt as _;
use serde_json::{Value, json};

use crate::{
    ground::{FILE, answers, captured, desired, planned, runtime, settled},
    server::Server,
};

/// What may stand where something else is expected.
fn strange() -> Vec<Value> {
    vec![
        Value::Null,
        json!("levitating"),
        json!(""),
        json!(-7),
        json!(18_446_744_073_709_551_615_u64),
        json!(1.5),
        json!(true),
        json!([]),
        json!([null, 7, "x", {}, []]),
        json!({}),
        json!({ "x": null, "y": 7, "": "" }),
    ]
}

/// Every place inside a value, as a JSON pointer, itself among them.
fn places(value: &Value, at: &str, all: &mut Vec<String>) {
    all.push(at.to_owned());
    let escaped = |name: &str| name.replace('~', "~0").replace('/', "~1");
    match value {
        Value::Object(map) => {
            for (name, inner) in map {
                places(inner, &format!("{at}/{}", escaped(name)), all);
            }
        }
        Value::Array(items) => {
            for (index, inner) in items.iter().enumerate() {
                places(inner, &format!("{at}/{index}"), all);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// The value with something else in each place in turn, and without it.
fn spoiled(value: &Value) -> impl Iterator<Item = (String, Value)> {
    let mut all = Vec::new();
    places(value, "", &mut all);
    let value = value.clone();
    all.into_iter().flat_map(move |place| {
        let mut variants: Vec<(String, Value)> = strange()
            .into_iter()
            .map(|strange| {
                let told = format!("{place} is {strange}");
                let mut spoiled = value.clone();
                if let Some(inner) = spoiled.pointer_mut(&place) {
                    *inner = strange;
                }
                (told, spoiled)
            })
            .collect();
        if let Some((parent, name)) = place.rsplit_once('/') {
            let mut without = value.clone();
            if let Some(Value::Object(map)) = without.pointer_mut(parent) {
                map.remove(&name.replace("~1", "/").replace("~0", "~"));
                variants.push((format!("{place} is absent"), without));
            }
        }
        variants
    })
}

/// One in so many of the answers is tried; all of them, which takes minutes, where the variable `EVENKEEL_CASES` asks for a
/// long run.
fn some<T>(one_in: usize, all: impl Iterator<Item = T>) -> impl Iterator<Item = T> {
    let long = std::env::var_os("EVENKEEL_CASES").is_some();
    all.step_by(if long { 1 } else { one_in })
}

#[test]
fn a_plan_is_made_whatever_stands_in_an_answer() {
    let wanted = desired(FILE);
    let engine = settled(&wanted);
    let answers = runtime().block_on(captured(&engine, &wanted));
    let mut tried = 0;
    let mut faults = Vec::new();
    // One container and one image at a time: all of them together would only be slower.
    for part in ["containers", "networks", "volumes", "images", "info"] {
        let own = &answers[part];
        let items: Vec<String> = match own {
            Value::Array(items) => (0..items.len()).map(|index| format!("/{index}")).collect(),
            Value::Object(map) if part == "images" => map
                .keys()
                .map(|name| format!("/{}", name.replace('/', "~1")))
                .collect(),
            _ => vec![String::new()],
        };
        for item in items {
            let Some(whole) = own.pointer(&item) else {
                continue;
            };
            for (told, spoiled) in some(23, spoiled(whole)) {
                let mut answers = answers.clone();
                if let Some(place) = answers[part].pointer_mut(&item) {
                    *place = spoiled;
                }
                tried += 1;
                if catch_unwind(AssertUnwindSafe(|| planned(&wanted, &answers))).is_err() {
                    faults.push(format!("{part}{item}: {told}"));
                }
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert!(tried > 500, "{tried}");
}

#[test]
fn a_plan_is_made_of_what_an_unknown_engine_sends() {
    let text = "project: shop\ncontainers:\n  web: { image: 'rich:1', memory: 64m, volumes: ['data:/data'], ports: ['18080:80'] }\nvolumes: { data: {} }\n";
    let wanted = desired(text);
    let engine = settled(&wanted);
    let server = Server::start();
    server.answer("/_ping", "OK");
    let all = answers(&engine, &wanted);
    for (path, answer) in &all {
        server.answer(path, answer.to_string());
    }
    let runtime = runtime();
    let mut tried = 0;
    let mut faults = Vec::new();
    let mut look_at = |told: String| {
        tried += 1;
        let reader = Reader::new(server.host());
        let looked = catch_unwind(AssertUnwindSafe(|| {
            runtime.block_on(async {
                let looked = look(&reader, &wanted).await?;
                Ok::<_, EngineError>(plan(&wanted, &looked.live, &Options::default()))
            })
        }));
        match looked {
            Ok(Ok(_)) => {}
            Ok(Err(error)) => faults.push(format!("{told}: {error}")),
            Err(_) => faults.push(format!("{told}: a panic")),
        }
    };
    look_at("nothing is strange".into());
    for (path, answer) in &all {
        for (told, spoiled) in some(
            if path.ends_with("/json") && path != "/containers/json" {
                23
            } else {
                3
            },
            spoiled(answer),
        ) {
            server.answer(path, spoiled.to_string());
            look_at(format!("{path}{told}"));
        }
        server.answer(path, answer.to_string());
    }
    assert!(
        faults.is_empty(),
        "{} faults of {tried}:\n{}",
        faults.len(),
        faults[..faults.len().min(40)].join("\n")
    );
    assert!(tried > 200, "{tried}");
}

#[test]
fn what_is_no_json_is_an_error_that_names_the_call() {
    let server = Server::start();
    server.answer("/_ping", "OK");
    let wanted = desired("project: shop\ncontainers: { web: { image: 'rich:1' } }\n");
    for body in [&b"<html>"[..], b"", b"{\"a\":", b"\xff\xfe"] {
        server.answer("/containers/json", body);
        let reader = Reader::new(server.host());
        let error = runtime()
            .block_on(look(&reader, &wanted))
            .expect_err("it is none");
        assert!(error.to_string().contains("/containers/json"), "{error}");
    }
}

#[test]
fn events_of_unknown_kinds_do_not_end_the_stream() {
    let server = Server::start();
    server.answer("/_ping", "OK");
    let good = json!({"Type": "container", "Action": "die", "Actor": {"ID": "abc", "Attributes": {"name": "web"}}, "time": 1, "timeNano": 1});
    let mut body = String::new();
    let mut sent = 0;
    for (_, spoiled) in spoiled(&good) {
        body.push_str(&format!("{spoiled}\n"));
        sent += 1;
    }
    for line in [
        "",
        "no JSON",
        "{\"Type\": \"hologram\", \"Action\": \"shimmer\"}",
    ] {
        body.push_str(line);
        body.push('\n');
    }
    body.push_str(&format!("{good}\n"));
    server.answer("/events", body);
    let reader = Reader::new(server.host());
    let events = runtime().block_on(async {
        let stream = reader.events(None).await.expect("a stream");
        // The stream's end is an error.
        stream
            .take_while(|event| std::future::ready(event.is_ok()))
            .filter_map(|event| std::future::ready(event.ok()))
            .collect::<Vec<_>>()
            .await
    });
    assert!(events.len() > sent / 2, "{} of {sent}", events.len());
    let last = events.last().expect("one");
    assert_eq!(
        (
            last.kind.as_str(),
            last.action.as_str(),
            last.id.as_str(),
            last.name.as_str()
        ),
        ("container", "die", "abc", "web")
    );
}
