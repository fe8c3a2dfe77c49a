//! What stands under a wanted name and was made by hand: taken over as it is where it matches, and otherwise a conflict.

use evenkeel_lab::Can;

use crate::support::Project;

const FILE: &str = "
containers:
  {p}-web:
    image: lab/idle:1
    volumes: [ 'data:/data' ]
    networks: [ front ]
networks: { front: {} }
volumes: { data: {} }
";

#[test]
fn what_matches_is_taken_over_as_it_is() {
    let project = Project::new(FILE);
    project.docker(&["network", "create", "{p}_front"]);
    project.docker(&["volume", "create", "{p}_data"]);
    project.docker(&[
        "run",
        "-d",
        "--name={p}-web",
        "--stop-timeout=10",
        "--network={p}_front",
        "-v",
        "{p}_data:/data",
        "lab/idle:1",
    ]);
    let network = project.docker(&["network", "inspect", "-f", "{{.Id}}", "{p}_front"]);
    let web = project.id("web");
    project.run(&["apply", "--yes", "--adopt"]).with_code(0);
    project.assert_empty();
    assert_eq!(project.id("web"), web);
    let (kinds, said) = project.problems(&[]);
    let expected = [
        "container-foreign {p}-web",
        "network-foreign {p}_front",
        "volume-foreign {p}_data",
    ];
    assert_eq!(kinds, expected.map(|line| project.fill(line)), "{said}");

    // It counts as ours as long as it is what the file says; to change it takes the same consent, and no new container
    // where the engine can do without.
    project.write(&FILE.replace("lab/idle:1", "lab/idle:1\n    restart: always"));
    let (_, said) = project.problems(&[]);
    assert!(
        said.contains("is not Evenkeel's; it differs in restart;"),
        "{said}"
    );
    project.run(&["apply", "--yes", "--adopt"]).with_code(0);
    project.assert_empty();
    let in_place = project.engine.kind().can(Can::Update);
    assert_eq!(project.id("web") == web, in_place);
    let policy = project.inspect("web")["HostConfig"]["RestartPolicy"].clone();
    assert_eq!(policy["Name"], "always");
    assert_eq!(
        project.docker(&["network", "inspect", "-f", "{{.Id}}", "{p}_front"]),
        network
    );
    // What does not carry our labels is never removed.
    project.run(&["destroy", "--yes"]).with_code(0);
    assert_eq!(project.runs("web"), in_place);
    if in_place {
        project.docker(&["rm", "-f", "{p}-web"]);
    }
    project.docker(&["network", "rm", "{p}_front"]);
}

#[test]
fn what_differs_is_a_conflict_until_it_may_be_replaced() {
    let file = FILE
        .replace("front: {}", "front: { internal: true }")
        .replace(
            "data: {}",
            "data: { driver_opts: { type: tmpfs, device: tmpfs } }",
        );
    let project = Project::new(&file);
    project.docker(&["network", "create", "{p}_front"]);
    project.docker(&["volume", "create", "{p}_data"]);
    project.docker(&[
        "run",
        "-d",
        "--name={p}-web",
        "--stop-timeout=10",
        "--network={p}_front",
        "-v",
        "{p}_data:/data",
        "-e",
        "MINE=1",
        "lab/idle:1",
    ]);
    let web = project.id("web");
    let (kinds, said) = project.problems(&[]);
    let expected = [
        "name-taken {p}-web",
        "name-taken {p}_front",
        "volume-differs {p}_data",
        "volume-foreign {p}_data",
    ];
    assert_eq!(kinds, expected.map(|line| project.fill(line)), "{said}");
    for part in [
        "a container of this name exists and is not Evenkeel's; it differs in env.MINE;",
        "a network of this name exists and is not Evenkeel's; it differs in internal;",
        "the volume differs in driver_opts.device, driver_opts.type, and making it anew would lose its data;",
        "take it over with --adopt",
        "--adopt --remove-volume {p}_data",
    ] {
        assert!(said.contains(&project.fill(part)), "{part}: {said}");
    }
    project.run(&["apply", "--yes"]).with_code(1);
    // A volume's data is worth a flag of its own.
    project.run(&["apply", "--yes", "--adopt"]).with_code(1);
    assert_eq!(project.id("web"), web);

    let volume = project.fill("{p}_data");
    project
        .run(&["apply", "--yes", "--adopt", "--remove-volume", &volume])
        .with_code(0);
    project.assert_empty();
    assert!(project.runs("web"));
    assert_ne!(project.id("web"), web);
    let options = project.docker(&["volume", "inspect", "-f", "{{json .Options}}", &volume]);
    assert!(options.contains("tmpfs"), "{options}");
    let internal = project.docker(&["network", "inspect", "-f", "{{.Internal}}", "{p}_front"]);
    assert_eq!(internal.trim(), "true");
    project.docker(&["rm", "-f", "{p}-web"]);
    project.docker(&["volume", "rm", &volume]);
}
