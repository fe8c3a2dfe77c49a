//! What follows from answers that nobody has seen yet: what is unknown is nobody's to change, and everything else is done as
//! ever.

use evenkeel::{
    engine::{
        Act as _, EngineError, Observe as _,
        docker::{Docker, Reader},
    },
    plan::Plan,
};
use serde_json::{Value, json};

use crate::{
    ground::{captured, desired, planned, runtime, settled},
    server::Server,
};

const SHOP: &str = "
project: shop
containers:
  web: { image: 'rich:1', restart: always, networks: [front], volumes: ['data:/data'] }
  db: { image: 'rich:1', restart: always, networks: [front] }
networks: { front: {} }
volumes: { data: {} }
";

fn steps(plan: &Plan) -> Vec<String> {
    let steps = plan.steps.iter().map(|step| {
        let paths: Vec<String> = step
            .changes
            .iter()
            .map(|change| change.path.to_string())
            .collect();
        format!("{} {} {}", step.action.word(), step.name, paths.join(" "))
    });
    steps.collect()
}

/// The entry of a list that has this in it.
fn entry<'a>(answers: &'a mut Value, list: &str, name: &str) -> &'a mut Value {
    let mut entries = answers[list].as_array_mut().expect("a list").iter_mut();
    let found = entries.find(|entry| {
        entry["Name"]
            .as_str()
            .is_some_and(|found| found.trim_start_matches('/') == name)
    });
    found.expect("it is listed")
}

/// What is unknown, the answers with it in them, and the steps that come of it.
type Spoil = (&'static str, fn(&mut Value), &'static [&'static str]);

#[test]
fn words_that_nobody_knows_change_what_they_are_about_and_nothing_else() {
    let wanted = desired(SHOP);
    let engine = settled(&wanted);
    let answers = runtime().block_on(captured(&engine, &wanted));
    let table: &[Spoil] = &[
        (
            "a state",
            |answers| {
                let state = json!({"Status": "levitating", "Running": false});
                entry(answers, "containers", "web")["State"] = state;
            },
            &[],
        ),
        (
            "no state at all",
            |answers| {
                entry(answers, "containers", "web")["State"] = json!({});
            },
            &[],
        ),
        (
            "a state of something that runs all the same",
            |answers| {
                let state = json!({"Status": "hibernating", "Running": true, "Health": {"Status": "purple"}});
                entry(answers, "containers", "web")["State"] = state;
            },
            &[],
        ),
        (
            "a restart policy",
            |answers| {
                let policy = json!({"Name": "when-the-moon-is-full", "MaximumRetryCount": null});
                entry(answers, "containers", "web")["HostConfig"]["RestartPolicy"] = policy;
            },
            &["update web restart"],
        ),
        (
            "a kind of mount",
            |answers| {
                let mounts = entry(answers, "containers", "db")["Mounts"].as_array_mut();
                mounts
                    .expect("mounts")
                    .push(json!({"Type": "hologram", "Destination": "/h"}));
            },
            &[],
        ),
        (
            "a network without addresses, and options of a new kind",
            |answers| {
                let network = entry(answers, "networks", "shop_front");
                network["IPAM"] = Value::Null;
                network["Options"] = json!({"quantum": {"entangled": true}});
                network["Scope"] = json!("galaxy");
            },
            &[],
        ),
        (
            "a network's driver",
            |answers| {
                entry(answers, "networks", "shop_front")["Driver"] = json!("wormhole");
            },
            &["recreate shop_front driver"],
        ),
        (
            "a volume's scope and no options",
            |answers| {
                let volume = entry(answers, "volumes", "shop_data");
                volume["Scope"] = json!("galaxy");
                volume["Options"] = json!([]);
                volume["Status"] = json!({"ready": "perhaps"});
            },
            &[],
        ),
        (
            "an engine's own words",
            |answers| {
                answers["info"] = json!({"CgroupVersion": "7", "SecurityOptions": [{"name": "x"}], "OSType": "plan9", "Runtimes": 3});
            },
            &[],
        ),
    ];
    for (what, spoil, expected) in table {
        let mut spoiled = answers.clone();
        spoil(&mut spoiled);
        assert_ne!(spoiled, answers, "{what}");
        assert_eq!(steps(&planned(&wanted, &spoiled)), *expected, "{what}");
    }
}

#[test]
fn whatever_an_engine_says_of_itself_is_understood_or_told() {
    let server = Server::start();
    server.answer("/_ping", "OK");
    let about = |headers: &str| {
        server.says(headers);
        let reader = Reader::new(server.host());
        let about = runtime().block_on(reader.about());
        about.map(|about| (about.api, reader.version().map(str::to_owned)))
    };
    for (headers, api, version) in [
        (
            "Api-Version: 1.41\r\nServer: Docker/20.10.24 (linux)\r\n",
            (1, 41),
            Some("20.10.24"),
        ),
        ("Api-Version: 1.999\r\n", (1, 51), None),
        ("Api-Version: 2.0\r\nServer: Docker\r\n", (1, 51), None),
        (
            "Api-Version: 1.51\r\nServer: Docker/v99-beta+7\r\n",
            (1, 51),
            Some("v99-beta+7"),
        ),
    ] {
        let found = about(headers).unwrap_or_else(|error| panic!("{headers}: {error}"));
        assert_eq!(found, (api, version.map(str::to_owned)), "{headers}");
    }
    for headers in [
        "",
        "Api-Version: \r\n",
        "Api-Version: one.two\r\n",
        "Api-Version: 1.51.2-dev\r\n",
        "Api-Version: -1.5\r\n",
    ] {
        let error = about(headers).expect_err(headers);
        assert!(
            error.to_string().contains("it names no API version"),
            "{error}"
        );
    }
    let error = about("Api-Version: 1.24\r\n").expect_err("too old");
    assert!(matches!(error, EngineError::TooOld { .. }), "{error}");
}

#[test]
fn statuses_and_answers_to_writes_that_nobody_knows_are_errors_with_the_engines_words() {
    let server = Server::start();
    server.answer("/_ping", "OK");
    for status in [299, 399, 418, 499, 599] {
        server.answer_with(status, "/networks", r#"{"message":"made up"}"#);
        let networks = runtime().block_on(Reader::new(server.host()).networks());
        match networks {
            // A success of a new kind with something else in it: no network.
            Ok(networks) => assert!(status < 300 && networks.is_empty(), "{status}"),
            Err(error) => assert!(error.to_string().contains("made up"), "{status}: {error}"),
        }
    }
    let docker = Docker::new(server.host());
    let body = json!({"Image": "rich:1"});
    for answer in [
        "",
        "{}",
        "[]",
        "null",
        r#"{"Id":7}"#,
        r#"{"Id":null,"Warnings":{}}"#,
        "no JSON",
    ] {
        server.answer_with(201, "/containers/create", answer);
        let made = runtime().block_on(docker.create_container("web", &body, None));
        assert!(made.is_err(), "{answer}: a container without an id is none");
    }
    for answer in [
        r#"{"Id":"abc"}"#,
        r#"{"Id":"abc","Warnings":"many","Hologram":{}}"#,
    ] {
        server.answer_with(201, "/containers/create", answer);
        let made = runtime().block_on(docker.create_container("web", &body, None));
        assert_eq!(made.expect("an id is enough"), "abc", "{answer}");
    }
    // Of these nobody reads the answer: that it is one of success is enough.
    let (volume, network) = (json!({"Name": "v"}), json!({"Name": "n"}));
    for answer in [
        "",
        "{}",
        "null",
        r#"{"Warnings":[7],"Name":7,"Scope":"galaxy","Id":[]}"#,
    ] {
        for path in [
            "/containers/abc/update",
            "/volumes/create",
            "/networks/create",
            "/images/rich:1",
        ] {
            server.answer(path, answer);
        }
        runtime().block_on(async {
            let updated = docker.update("abc", &json!({"Memory": 7_000_000})).await;
            assert_eq!(updated.err(), None, "{answer}");
            assert_eq!(docker.create_volume(&volume).await.err(), None, "{answer}");
            assert_eq!(
                docker.create_network(&network).await.err(),
                None,
                "{answer}"
            );
            assert_eq!(docker.remove_image("rich:1").await.err(), None, "{answer}");
        });
    }
}
