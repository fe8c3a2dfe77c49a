//! What can be foreseen to fail is an error of the plan, and nothing of it is begun.

use std::collections::BTreeMap;

use evenkeel::{
    engine::{
        look,
        simulated::{ImageSpec, Simulated},
    },
    plan::{Options, Plan, Weight, plan},
};
use serde_json::json;

use crate::house::{desired, inspect, planned, settled};

fn engine() -> Simulated {
    Simulated::new().with_image("app:1", ImageSpec::default())
}

fn shop(containers: &str) -> String {
    format!("project: shop\ncontainers: {{ {containers} }}\n")
}

/// The errors, as `code name`.
fn errors(plan: &Plan) -> Vec<String> {
    let errors = plan.problems.iter();
    let errors = errors.filter(|problem| problem.weight == Weight::Error);
    let mut errors: Vec<String> = errors
        .map(|problem| format!("{} {}", problem.code, problem.name))
        .collect();
    errors.sort();
    errors
}

fn steps(plan: &Plan) -> Vec<String> {
    plan.steps.iter().map(|step| step.id.to_string()).collect()
}

#[tokio::test(start_paused = true)]
async fn host_ports_that_are_exchanged_are_an_error_on_all_of_them() {
    let ports = |ports: [u16; 4]| {
        let one = |(at, port): (usize, &u16)| {
            format!("p{}: {{ image: 'app:1', ports: ['{port}:80'] }}", at + 1)
        };
        shop(
            &ports
                .iter()
                .enumerate()
                .map(one)
                .collect::<Vec<_>>()
                .join(", "),
        )
    };
    let engine = engine();
    settled(&engine, &ports([8300, 8301, 8302, 8303])).await;

    let two = planned(&engine, &ports([8301, 8300, 8302, 8304])).await;
    assert_eq!(errors(&two), ["port-exchange p1", "port-exchange p2"]);
    assert_eq!(steps(&two), ["container.p4"]);

    let three = planned(&engine, &ports([8301, 8302, 8300, 8303])).await;
    assert_eq!(
        errors(&three),
        ["port-exchange p1", "port-exchange p2", "port-exchange p3"]
    );
    assert!(three.is_empty(), "{:?}", three.steps);

    // A chain that ends at a free port can be done, one after the other.
    settled(&engine, &ports([8301, 8302, 8309, 8300])).await;
}

#[tokio::test(start_paused = true)]
async fn a_host_port_that_goes_to_a_dependency_closes_a_circle() {
    let engine = engine();
    let file = |web: u16, db: u16| {
        shop(&format!(
            "web: {{ image: 'app:1', ports: ['{web}:80'], depends_on: [db] }}, db: {{ image: 'app:1', ports: ['{db}:80'] }}"
        ))
    };
    settled(&engine, &file(8300, 8301)).await;
    let plan = planned(&engine, &file(8302, 8300)).await;
    assert_eq!(errors(&plan), ["port-exchange db", "port-exchange web"]);
    assert!(plan.is_empty(), "{:?}", plan.steps);
}

#[tokio::test(start_paused = true)]
async fn a_name_that_somebody_took_from_a_renamed_one_is_taken() {
    let engine = engine();
    let file = shop("web: { image: 'app:1' }");
    settled(&engine, &file).await;
    engine
        .hands(|world| world.docker_rename("web", "old"))
        .expect("it is renamed");
    engine
        .hands(|world| world.docker_run("web", &json!({"Image": "app:1"})))
        .expect("it runs");
    let plan = planned(&engine, &file).await;
    assert_eq!(errors(&plan), ["name-taken web"]);
    assert!(plan.is_empty(), "{:?}", plan.steps);
}

#[tokio::test(start_paused = true)]
async fn names_that_are_exchanged_are_an_error_on_all_of_them() {
    let file = |names: [&str; 3]| {
        let one = |(at, name): (usize, &&str)| {
            format!("k{at}: {{ image: 'app:1', container_name: {name} }}")
        };
        shop(
            &names
                .iter()
                .enumerate()
                .map(one)
                .collect::<Vec<_>>()
                .join(", "),
        )
    };
    let engine = engine();
    settled(&engine, &file(["aa", "bb", "cc"])).await;
    let two = planned(&engine, &file(["bb", "aa", "cc"])).await;
    assert_eq!(errors(&two), ["name-exchange aa", "name-exchange bb"]);
    assert!(two.is_empty(), "{:?}", two.steps);
    let three = planned(&engine, &file(["bb", "cc", "aa"])).await;
    assert_eq!(errors(&three).len(), 3, "{:?}", errors(&three));
    assert!(three.is_empty(), "{:?}", three.steps);
    settled(&engine, &file(["bb", "cc", "dd"])).await;
}

#[tokio::test(start_paused = true)]
async fn what_needs_something_blocked_says_so() {
    let engine = engine();
    let file = "project: shop
containers:
  db: { image: 'app:1', networks: [out] }
  web: { image: 'app:1', depends_on: [db] }
  proxy: { image: 'app:1', depends_on: { web: { required: false, condition: service_started } } }
  lone: { image: 'app:1' }
networks: { out: { external: true, name: out } }
";
    let plan = planned(&engine, file).await;
    assert_eq!(
        errors(&plan),
        ["blocked db", "blocked web", "network-missing out"]
    );
    let of = |name: &str| {
        let mut all = plan.problems.iter();
        all.find(|problem| problem.name == name).expect("a problem")
    };
    assert_eq!(
        of("db").text,
        "is not planned, because network out has an error"
    );
    assert_eq!(of("web").text, "is not planned, because db has an error");
    assert_eq!(
        steps(&plan),
        ["network.shop_default", "container.lone", "container.proxy"]
    );
}

#[tokio::test(start_paused = true)]
async fn a_dependency_that_is_there_serves_while_it_is_blocked() {
    let engine = engine();
    settled(
        &engine,
        &shop("db: { image: 'app:1' }, side: { image: 'app:1', network_mode: 'service:db' }"),
    )
    .await;
    let before = inspect(&engine, "side")["Id"].clone();
    let file = shop(
        "db: { image: 'app:2', pull_policy: never }, side: { image: 'app:1', network_mode: 'service:db' }, web: { image: 'app:1', depends_on: [db] }",
    );
    let plan = planned(&engine, &file).await;
    assert_eq!(errors(&plan), ["blocked db", "image-missing app:2"]);
    // What shares a namespace with the one that stays has nothing to do.
    assert_eq!(steps(&plan), ["container.web"]);
    assert_eq!(inspect(&engine, "side")["Id"], before);
}

#[tokio::test(start_paused = true)]
async fn volumes_that_are_not_ours_are_told() {
    let engine = engine();
    engine
        .hands(|world| world.docker_volume_create("theirs", &BTreeMap::new()))
        .expect("it is made");
    let file = "project: shop
containers: { web: { image: 'app:1', volumes: ['data:/data'] } }
volumes: { data: { name: theirs } }
";
    let desired = desired(file);
    let looked = look(&engine, &desired).await.expect("the engine answers");
    let options = Options {
        remove_volumes: ["theirs", "nothing"].map(str::to_owned).into(),
        ..Options::default()
    };
    let plan = plan(&desired, &looked.live, &options);
    let told: Vec<_> = plan
        .problems
        .iter()
        .map(|problem| (problem.code, problem.name.as_str(), problem.weight))
        .collect();
    assert_eq!(
        told,
        [
            ("volume-not-removed", "nothing", Weight::Warning),
            ("volume-foreign", "theirs", Weight::Warning),
            ("volume-not-removed", "theirs", Weight::Warning),
        ]
    );
    let external = file.replace("name: theirs", "name: theirs, external: true");
    let plan = planned(&engine, &external).await;
    assert!(plan.problems.is_empty(), "{:?}", plan.problems);
}
