//! What is changed behind the program's back is seen, named, and put right.

use evenkeel_lab::{Can, ImageSpec};

use crate::support::{Project, engine};

const FILE: &str = "
containers:
  {p}-web:
    image: lab/serve:1
    restart: unless-stopped
    mem_limit: 64m
    labels: { tier: front }
    networks: { front: { aliases: [ shop ], ipv4_address: {net}.10 } }
networks:
  front: { ipam: { config: [ { subnet: '{net}.0/24' } ] } }
  back: {}
";

/// Applies the file, lets `disturb` change something, and expects exactly these changes; then heals.
#[track_caller]
fn drift(disturb: impl FnOnce(&Project, &str), expected: &[&str]) -> Project {
    let project = Project::new(FILE);
    project.settle();
    disturb(&project, &project.container("web"));
    let expected: Vec<String> = expected.iter().map(|line| project.fill(line)).collect();
    assert_eq!(project.changes(), expected);
    project.settle();
    assert!(project.runs("web"));
    project
}

/// Whether limits can be changed behind the program's back; an engine that has no update refuses to.
fn can_update() -> bool {
    if engine().kind().can(Can::Update) {
        return true;
    }
    let project = Project::new(FILE);
    project.settle();
    let update = ["update", "--restart", "always", &project.container("web")];
    assert!(!project.engine.try_docker(&update).is_ok());
    project.assert_empty();
    false
}

#[test]
fn a_changed_limit() {
    if !can_update() {
        return;
    }
    drift(
        |project, web| {
            project
                .engine
                .docker(&["update", "--memory", "128m", "--memory-swap", "256m", web]);
        },
        &["update {p}-web: memory"],
    );
}

#[test]
fn a_changed_restart_policy() {
    if !can_update() {
        return;
    }
    drift(
        |project, web| {
            project
                .engine
                .docker(&["update", "--restart", "always", web]);
        },
        &["update {p}-web: restart"],
    );
}

#[test]
fn stopped() {
    drift(
        |project, web| {
            project.engine.docker(&["stop", web]);
        },
        &["start {p}-web: state"],
    );
}

#[test]
fn paused() {
    drift(
        |project, web| {
            project.engine.docker(&["pause", web]);
        },
        &["start {p}-web: state"],
    );
}

#[test]
fn renamed() {
    let project = drift(
        |project, web| {
            let other = project.container("other");
            project.engine.docker(&["rename", web, &other]);
        },
        &["update {p}-web: container_name"],
    );
    assert_eq!(project.containers(), [project.container("web")]);
}

#[test]
fn removed() {
    drift(
        |project, web| {
            project.engine.docker(&["rm", "-f", web]);
        },
        &["create {p}-web"],
    );
}

#[test]
fn disconnected_from_a_network() {
    let project = drift(
        |project, web| {
            let network = format!("{}_front", project.name);
            project
                .engine
                .docker(&["network", "disconnect", &network, web]);
        },
        &["update {p}-web: networks.front"],
    );
    let networks = &project.inspect("web")["NetworkSettings"]["Networks"];
    let aliases = networks[format!("{}_front", project.name)]["Aliases"].to_string();
    assert!(aliases.contains("shop"), "{aliases}");
}

#[test]
fn connected_to_one_more_network() {
    drift(
        |project, web| {
            let network = format!("{}_back", project.name);
            project
                .engine
                .docker(&["network", "connect", &network, web]);
        },
        &["update {p}-web: networks.back"],
    );
}

#[test]
fn an_alias_and_a_fixed_address_are_lost() {
    let both = [
        "update {p}-web: networks.front.aliases",
        "update {p}-web: networks.front.ipv4_address",
    ];
    // Where nothing shows what was asked for, the address is lost unseen; it comes back with what is seen.
    let expected = if engine().kind().can(Can::ShowAddresses) {
        &both[..]
    } else {
        &both[..1]
    };
    let project = drift(
        |project, web| {
            let network = format!("{}_front", project.name);
            project
                .engine
                .docker(&["network", "disconnect", &network, web]);
            project
                .engine
                .docker(&["network", "connect", "--alias", "other", &network, web]);
        },
        expected,
    );
    let endpoint = project.endpoint("web", "front");
    assert_eq!(endpoint["IPAddress"], project.fill("{net}.10").as_str());
}

#[test]
fn made_again_by_hand_with_another_label_and_another_limit() {
    drift(
        |project, _| {
            let options = [
                "--restart=unless-stopped",
                "--memory=96m",
                "--network={p}_front",
                "--network-alias=shop",
                "--ip={net}.10",
            ];
            project.make_again("web", &options, &[("tier", "back")]);
        },
        &["recreate {p}-web: labels.tier", "recreate {p}-web: memory"],
    );
}

#[test]
fn a_network_and_a_volume_are_removed_and_made_again_by_hand() {
    let project = Project::new(
        "
containers:
  {p}-web: { image: lab/idle:1, volumes: [ 'data:/data' ] }
networks: { default: { internal: true } }
volumes: { data: { labels: { tier: front } } }
",
    );
    project.settle();
    project.docker(&["rm", "-f", "{p}-web"]);
    project.docker(&["network", "rm", "{p}_default"]);
    project.docker(&["network", "create", "{p}_default"]);
    project.docker(&["volume", "rm", "{p}_data"]);
    project.docker(&["volume", "create", "{p}_data"]);
    let (kinds, said) = project.problems(&[]);
    let expected = [
        "blocked {p}-web",
        "name-taken {p}_default",
        "volume-foreign {p}_data",
    ];
    assert_eq!(kinds, expected.map(|line| project.fill(line)), "{said}");
    assert!(said.contains("differs in internal"), "{said}");
    // One that is as the file wants it is as good as the one that was removed.
    project.docker(&["network", "rm", "{p}_default"]);
    project.docker(&["network", "create", "--internal", "{p}_default"]);
    assert_eq!(project.changes(), [project.fill("create {p}-web")]);
    project.settle();
    project.docker(&["rm", "-f", "{p}-web"]);
    project.docker(&["network", "rm", "{p}_default"]);
    project.docker(&["volume", "rm", "{p}_data"]);
}

#[test]
fn a_network_is_removed() {
    let project = Project::new(FILE);
    project.settle();
    let network = format!("{}_back", project.name);
    project.engine.docker(&["network", "rm", &network]);
    assert_eq!(project.changes(), [format!("create {network}")]);
    project.settle();
}

#[test]
fn a_tag_moves_to_another_image() {
    let project = Project::new("containers:\n  {p}-web: { image: 'lab/{p}:1' }\n");
    let reference = format!("lab/{}:1", project.name);
    project.engine.image(&reference, &ImageSpec::idle());
    project.settle();
    // The same content, made again: another id.
    let id = project.engine.image(&reference, &ImageSpec::idle());
    let changes = project.changes();
    assert_eq!(changes, [project.fill("recreate {p}-web: image")]);
    project.settle();
    assert_eq!(project.inspect("web")["Image"], id.as_str());
}

#[test]
fn what_is_not_in_the_file_any_more_is_removed_and_nothing_else() {
    let project = Project::new(FILE);
    project.settle();
    let foreign = project.container("foreign");
    project
        .engine
        .docker(&["run", "-d", "--name", &foreign, "lab/idle:1"]);
    project.write("containers:\n  {p}-db: { image: lab/idle:1 }\n");
    project.apply();
    assert_eq!(project.containers(), [project.container("db")]);
    assert!(project.engine.has(&foreign));
    project.engine.docker(&["rm", "-f", &foreign]);
}
