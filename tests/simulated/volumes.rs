//! Volumes that differ: their data is worth more than their settings.

use evenkeel::{
    apply::{Limits, Stop, apply},
    engine::{
        look,
        simulated::{Allowed, ImageSpec, Simulated, violations},
    },
    plan::{Approved, Consent, Options, Plan, Work, plan},
};
use serde_json::json;

use crate::house::{desired, inspect, planned, settled, status};

fn engine() -> Simulated {
    let image = json!({ "Volumes": { "/cache": {} } });
    Simulated::new().with_image("app:1", ImageSpec::new(image))
}

/// `db` mounts the volume, `web` depends on it and mounts it too, `other` has a volume of its own.
fn shop(volume: &str, more: &str) -> String {
    format!(
        "
project: shop
containers:
  db: {{ image: 'app:1', volumes: ['data:/data'] }}
  web: {{ image: 'app:1', volumes: ['data:/srv:ro'], depends_on: [db] }}
  other: {{ image: 'app:1', volumes: ['safe:/data'] {more} }}
volumes: {{ data: {{ {volume} }}, safe: {{ labels: {{ a: b }} }} }}
"
    )
}

const TMPFS: &str = "driver_opts: { type: tmpfs, device: tmpfs }";

async fn with_flag(engine: &Simulated, file: &str, leave: &[&str]) -> Plan {
    let desired = desired(file);
    let looked = look(engine, &desired).await.expect("the engine answers");
    let options = Options {
        remove_volumes: ["shop_data".to_owned()].into(),
        leave: leave
            .iter()
            .map(|name| evenkeel::plan::StepId::new(evenkeel::plan::Kind::Container, name))
            .collect(),
        ..Options::default()
    };
    plan(&desired, &looked.live, &options)
}

#[tokio::test(start_paused = true)]
async fn a_secret_of_its_driver_is_in_no_label() {
    let engine = engine();
    let file = |word: &str| shop(&format!("driver_opts: {{ password: {word} }}"), "");
    let made = planned(&engine, &file("hunter2-and-more")).await;
    let bodies: Vec<&serde_json::Value> = made
        .steps
        .iter()
        .filter_map(|step| match &step.work {
            Work::CreateVolume { body } => Some(body),
            _ => None,
        })
        .filter(|body| body["Name"] == "shop_data")
        .collect();
    assert_eq!(bodies.len(), 1);
    assert_eq!(bodies[0]["DriverOpts"]["password"], "hunter2-and-more");
    assert!(!bodies[0]["Labels"].to_string().contains("hunter2"));
    settled(&engine, &file("hunter2-and-more")).await;
    let plan = with_flag(&engine, &file("another-word"), &[]).await;
    let all = plan.steps.iter().flat_map(|step| &step.changes);
    let mut changed = all.filter(|change| change.path.leaf() == "password");
    assert!(changed.next().is_some_and(|change| change.sensitive));
}

/// A service that was told the flag when it was started was not asked about this change.
#[tokio::test(start_paused = true)]
async fn a_standing_consent_empties_no_volume_that_is_wanted() {
    let engine = engine();
    settled(&engine, &shop("", "")).await;
    let desired = desired(&shop(TMPFS, ""));
    let looked = look(&engine, &desired).await.expect("the engine answers");
    let options = Options {
        remove_volumes: ["shop_data".to_owned()].into(),
        standing: true,
        ..Options::default()
    };
    let plan = plan(&desired, &looked.live, &options);
    assert!(codes(&plan).contains(&"volume-differs shop_data".to_owned()));
    assert_eq!(steps(&plan), Vec::<String>::new());
}

fn steps(plan: &Plan) -> Vec<String> {
    plan.steps
        .iter()
        .map(|step| format!("{} {}", step.action.word(), step.id))
        .collect()
}

fn codes(plan: &Plan) -> Vec<String> {
    let mut codes: Vec<String> = plan
        .problems
        .iter()
        .map(|problem| format!("{} {}", problem.code, problem.name))
        .collect();
    codes.sort();
    codes
}

/// The anonymous volume of a container.
fn cache(engine: &Simulated, name: &str) -> String {
    let inspect = inspect(engine, name);
    let mounts = inspect["Mounts"].as_array().into_iter().flatten();
    let mut mounts = mounts.filter(|mount| mount["Destination"] == "/cache");
    let mount = mounts.next().expect("it is mounted");
    mount["Name"].as_str().expect("it has a name").to_owned()
}

#[tokio::test(start_paused = true)]
async fn one_that_differs_is_made_anew_only_where_a_flag_names_it() {
    let engine = engine();
    settled(&engine, &shop("", "")).await;
    let file = shop(TMPFS, "");
    let refused = planned(&engine, &file).await;
    assert!(refused.is_empty(), "{:?}", steps(&refused));
    assert_eq!(codes(&refused), ["volume-differs shop_data"]);
    assert!(
        refused.problems[0]
            .hint
            .contains("--remove-volume shop_data"),
        "{:?}",
        refused.problems
    );

    let caches = (cache(&engine, "db"), cache(&engine, "web"));
    let plan = with_flag(&engine, &file, &[]).await;
    assert_eq!(
        steps(&plan),
        [
            "remove container.db.remove-old",
            "remove container.web.remove-old",
            "recreate volume.shop_data",
            "recreate container.db",
            "recreate container.web",
        ]
    );
    assert!(plan.steps[2].loses_data && plan.steps[2].interrupts);
    assert!(plan.steps[2].reason.ends_with("takes along db, web"));

    let made = engine.look(|world| world.volumes["shop_safe"].created.clone());
    let consent = Consent {
        plan: true,
        emptying: false,
    };
    let approved = Approved::new(plan, consent).expect("agreed to");
    let (_running, stop) = tokio::sync::watch::channel(Stop::No);
    let outcome = apply(&engine, &approved, &Limits::default(), stop, &|_| {}).await;
    assert!(outcome.is_complete(), "{outcome:#?}");
    let left = planned(&engine, &file).await;
    assert!(left.is_empty() && !left.has_errors(), "{:?}", steps(&left));
    assert_eq!(status(&engine, "db"), "running");
    assert_eq!(status(&engine, "web"), "running");
    assert_eq!(caches, (cache(&engine, "db"), cache(&engine, "web")));
    engine.look(|world| {
        assert_eq!(world.volumes["shop_data"].options["type"], "tmpfs");
        assert_eq!(world.volumes["shop_safe"].created, made);
        let allowed = Allowed {
            volumes: ["shop_data".to_owned()].into(),
            ..Allowed::default()
        };
        assert_eq!(violations(world, "shop", &allowed), [] as [&str; 0]);
    });
    // A flag that is still there does it no second time.
    let again = with_flag(&engine, &file, &[]).await;
    assert!(again.is_empty(), "{:?}", steps(&again));
    assert_eq!(codes(&again), ["volume-not-removed shop_data"]);
}

#[tokio::test(start_paused = true)]
async fn one_that_others_mount_is_not_made_anew() {
    let engine = engine();
    settled(&engine, &shop("", "")).await;
    engine.hands(|world| {
        let body = json!({"Image": "app:1", "HostConfig": {"Binds": ["shop_data:/theirs"]}});
        world.docker_run("theirs", &body).expect("it runs");
    });
    let plan = with_flag(&engine, &shop(TMPFS, ""), &[]).await;
    assert!(plan.is_empty(), "{:?}", steps(&plan));
    assert!(
        codes(&plan).contains(&"volume-used shop_data".to_owned()),
        "{:?}",
        plan.problems
    );
    assert!(
        plan.problems[0].text.contains("theirs"),
        "{:?}",
        plan.problems
    );
}

#[tokio::test(start_paused = true)]
async fn one_stays_where_what_mounts_it_has_to_stay() {
    let engine = engine();
    settled(&engine, &shop("", "")).await;
    // `web` was just found to fail: it is left alone, and so is all that would have to go with it.
    let plan = with_flag(&engine, &shop(TMPFS, ""), &["web"]).await;
    assert!(plan.is_empty(), "{:?}", steps(&plan));

    // `web` cannot come back, because somebody else has its port.
    engine.hands(|world| {
        let body = json!({
            "Image": "app:1", "ExposedPorts": {"80/tcp": {}},
            "HostConfig": {"PortBindings": {"80/tcp": [{"HostPort": "8080"}]}},
        });
        world.docker_run("theirs", &body).expect("it runs");
    });
    let file = shop(TMPFS, "").replace("depends_on: [db]", "depends_on: [db], ports: ['8080:80']");
    let plan = with_flag(&engine, &file, &[]).await;
    assert!(plan.is_empty(), "{:?}", steps(&plan));
    assert_eq!(
        codes(&plan),
        ["blocked db", "blocked shop_data", "port-taken web"]
    );
}
