use std::{
    collections::BTreeMap,
    io,
    path::{Path, PathBuf},
};

use super::convert;
use crate::{
    model::Settings,
    spec::{Inputs, parse},
};

/// What is made of a file: its project, and its containers' settings.
fn made(name: &str, text: &str) -> (String, BTreeMap<String, Settings>) {
    let read = |path: &Path| {
        if path == Path::new(name) {
            Ok(text.as_bytes().to_vec())
        } else {
            Err(io::ErrorKind::NotFound.into())
        }
    };
    let variables = BTreeMap::from([("STAGE".to_owned(), "test".to_owned())]);
    let document = parse(&Inputs {
        files: &[PathBuf::from(name)],
        env_files: &[],
        variables: &variables,
        base: Path::new("/srv/shop"),
        profiles: &[],
        read: &read,
    });
    let document = document.unwrap_or_else(|failure| panic!("{text}\n{:?}", failure.problems));
    let containers = document.containers.into_iter();
    (
        document.project,
        containers.map(|(key, item)| (key, item.settings)).collect(),
    )
}

const COMPOSE: &str = "# Our shop.
version: \"3.8\"

x-base: &base
  restart: unless-stopped
  image: busybox:1.36

services:
  # The database.
  db:
    # Not the newest.
    image: postgres:16   # pinned
    volumes: [ \"data:/data\" ]
  migrate:
    <<: *base
    command: ./migrate
    restart: \"no\"
  idle: *base
  web: { image: \"nginx:1.27\", ports: [\"80:80\"], depends_on: { migrate: { condition: service_completed_successfully } } }
  named:
    image: nginx:1.27
    container_name: own

volumes: { data: {} }
";

#[test]
fn comments_stay_and_names_are_composes() {
    let converted = convert("compose.yaml", COMPOSE, "shop").expect("a Compose file");
    assert_eq!(
            converted,
            "# Our shop.
project: shop

x-base: &base
  restart: unless-stopped
  image: busybox:1.36

containers:
  # The database.
  db:
    # Not the newest.
    container_name: shop-db-1
    image: postgres:16   # pinned
    volumes: [ \"data:/data\" ]
  migrate:
    container_name: shop-migrate-1
    state: completed
    <<: *base
    command: ./migrate
    restart: \"no\"
  idle:
    <<: *base
    container_name: shop-idle-1
  web: { container_name: shop-web-1, image: \"nginx:1.27\", ports: [\"80:80\"], depends_on: { migrate: { condition: service_completed_successfully } } }
  named:
    image: nginx:1.27
    container_name: own

volumes: { data: {} }
"
        );
}

#[test]
fn what_is_made_of_both_is_the_same() {
    let named = COMPOSE.replace("version: \"3.8\"", "name: shop-${STAGE}");
    for text in [COMPOSE, &named] {
        let converted = convert("compose.yaml", text, "shop").expect("a Compose file");
        assert_eq!(
            made("compose.yaml", text),
            made("evenkeel.yaml", &converted),
            "{converted}"
        );
    }
}

#[test]
fn what_cannot_be_kept_is_said_in_a_comment() {
    let compose = "name: shop
services:
  web:
    image: nginx:1.27
    scale: 3
  api:
    image: nginx:1.27
    ports: [\"80:80\"]
    deploy:
      update_config:
        order: start-first
        monitor: 5s
  free:
    image: nginx:1.27
    deploy: { update_config: { order: start-first } }
";
    let converted = convert("compose.yaml", compose, "shop").expect("a Compose file");
    assert_eq!(
            converted,
            "project: shop
containers:
  # Replicas are called by their key: web-1, web-2, …, and not shop-web-1, … as Compose calls them.
  web:
    image: nginx:1.27
    scale: 3
  api:
    container_name: shop-api-1
    image: nginx:1.27
    ports: [\"80:80\"]
    deploy:
      update_config:
        # Compose's file says start-first, but api is replaced stop-first: only the old or the new one can have its port of the host.
        order: stop-first
        monitor: 5s
  free:
    container_name: shop-free-1
    image: nginx:1.27
    deploy: { update_config: { order: start-first } }
"
        );
    let (_, mut compose) = made("compose.yaml", compose);
    let (_, converted) = made("evenkeel.yaml", &converted);
    // But for the names of replicas, as the comment says.
    let web = compose.get_mut("web").expect("it is there");
    web.remove("container_name").expect("Compose's name");
    assert_eq!(compose, converted);
}

#[test]
fn what_takes_over_a_job_is_none_itself() {
    let compose = "name: shop
include: [more.yaml]
services:
  migrate: &m
    image: migrate:1
  worker:
    <<: *m
    command: work
  other: { extends: migrate, command: other }
  named: { image: \"x:1\", container_name: own }
  heir: { extends: { service: named } }
  far:
    extends: { service: x, file: x.yaml }
  web:
    image: web:1
    depends_on: { migrate: { condition: service_completed_successfully } }
";
    let converted = convert("compose.yaml", compose, "shop").expect("a Compose file");
    assert_eq!(
            converted,
            "project: shop
# Containers of included files are called by their keys here, and not as Compose calls them: convert those files too.
include: [more.yaml]
containers:
  migrate: &m
    container_name: shop-migrate-1
    state: completed
    image: migrate:1
  worker:
    container_name: shop-worker-1
    state: running
    <<: *m
    command: work
  other: { container_name: shop-other-1, state: running, extends: migrate, command: other }
  named: { image: \"x:1\", container_name: own }
  heir: { extends: { service: named } }
  # Called as Compose calls it, unless the file that is extended says a container_name: then remove this one.
  far:
    container_name: shop-far-1
    extends: { service: x, file: x.yaml }
  web:
    container_name: shop-web-1
    image: web:1
    depends_on: { migrate: { condition: service_completed_successfully } }
"
        );
}

#[test]
fn what_is_no_compose_file_is_refused() {
    for text in ["containers: {}\n", "a: [\n", ""] {
        let failure = convert("x.yaml", text, "shop").expect_err(text);
        assert_eq!(failure.problems.len(), 1);
    }
}
