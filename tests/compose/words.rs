//! Words of a service that mean here what they mean to Compose.

use serde_json::{Value, json};

use super::{said, sound};

#[test]
fn env_files_know_the_files_before_and_what_the_container_says() {
    let document = sound(&[
        (
            "compose.yaml",
            "services:
  web: { image: \"web:1\", env_file: [one.env, two.env], environment: { SVC: web, FIRST: own } }
  api: { image: \"api:1\", env_file: [one.env, two.env], environment: [SVC=api] }
",
        ),
        ("one.env", "FIRST=1\nURL=http://$SVC\n"),
        ("two.env", "SECOND=$FIRST-$INHERITED\n"),
    ]);
    assert_eq!(
        said(&document, "web", "env"),
        json!({ "SVC": "web", "FIRST": "own", "URL": "http://web", "SECOND": "1-from outside" })
    );
    assert_eq!(
        said(&document, "api", "env"),
        json!({ "SVC": "api", "FIRST": "1", "URL": "http://api", "SECOND": "1-from outside" })
    );
}

#[test]
fn what_deploy_says_counts_as_in_compose() {
    let document = sound(&[(
        "compose.yaml",
        "services:
  web:
    image: \"web:1\"
    mem_limit: 512m
    cpus: 0.5
    restart: always
    deploy:
      resources: { limits: { memory: 512M, cpus: \"0.50\" } }
      restart_policy: { condition: unless-stopped, max_attempts: 3 }
  api: { image: \"api:1\", restart: \"no\", deploy: { restart_policy: { condition: \"no\" } } }
",
    )]);
    assert_eq!(said(&document, "web", "restart"), "unless-stopped");
    assert_eq!(said(&document, "web", "memory"), 536_870_912);
    assert_eq!(said(&document, "api", "restart"), "no");
    let warnings: Vec<&str> = document
        .warnings
        .iter()
        .map(|one| one.text.as_str())
        .collect();
    assert_eq!(
        warnings,
        [
            "restart is ignored: deploy.restart_policy says something else",
            "an engine counts attempts after failures alone, so max_attempts is ignored",
        ]
    );
}

#[test]
fn what_a_variable_leaves_empty_is_not_said() {
    let document = sound(&[(
        "compose.yaml",
        "services:
  web:
    image: \"web:1\"
    platform: ${X:-}
    hostname: ${X:-}
    restart: ${X:-}
    network_mode: ${X:-}
    pid: ${X:-}
    ipc: ${X:-}
    uts: ${X:-}
    mac_address: ${X:-}
    stop_signal: ${X:-}
    shm_size: 0
    pull_policy: \"\"
    volumes: [{ type: bind, source: conf/x.conf, target: /x.conf }]
",
    )]);
    for attribute in [
        "platform",
        "hostname",
        "restart",
        "network_mode",
        "stop_signal",
        "shm_size",
    ] {
        assert_eq!(
            said(&document, "web", attribute),
            Value::Null,
            "{attribute}"
        );
    }
    assert_eq!(
        said(&document, "web", "volumes")[0]["source"],
        "/srv/My Shop/conf/x.conf"
    );
}

#[test]
fn ports_that_mean_nothing_are_taken_by_nobody() {
    let document = sound(&[(
        "compose.yaml",
        "services:
  a: { image: \"a:1\", ports: [\"80:80\"] }
  b: { image: \"b:1\", ports: [\"80:80\"], network_mode: host }
",
    )]);
    assert_eq!(document.warnings.len(), 1);
}
