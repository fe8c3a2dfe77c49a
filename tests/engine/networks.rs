//! A network that has to be made anew takes along what is on it, and everybody comes back as they were.

use serde_json::Value;

use crate::support::Project;

fn file(front: &str) -> String {
    format!(
        "
containers:
  {{p}}-web:
    image: lab/idle:1
    networks: {{ front: {{ aliases: [ www, shop ], ipv4_address: {{net}}.10 }} }}
  {{p}}-db:
    image: lab/idle:1
    networks:
      front: {{ aliases: [ store ], ipv4_address: {{net}}.11 }}
      back: {{ aliases: [ data ] }}
networks:
  front: {{ ipam: {{ config: [ {{ subnet: '{{net}}.0/25' }} ] }}, {front} }}
  back: {{}}
"
    )
}

/// The aliases of a container on a network, and its address there, which is a fixed one on `front`.
fn place(project: &Project, name: &str, network: &str) -> (Vec<String>, String) {
    let endpoint = project.endpoint(name, network);
    let aliases = endpoint["Aliases"].as_array().into_iter().flatten();
    let mut aliases: Vec<String> = aliases
        .filter_map(Value::as_str)
        .filter(|alias| ["www", "shop", "store", "data"].contains(alias))
        .map(str::to_owned)
        .collect();
    aliases.sort();
    let address = endpoint["IPAddress"]
        .as_str()
        .filter(|_| network == "front");
    (aliases, address.unwrap_or_default().to_owned())
}

#[test]
fn options_addresses_and_kind_of_a_network_change() {
    let project = Project::new(&file(
        "driver_opts: { com.docker.network.driver.mtu: '1400' }",
    ));
    project.settle();
    let ids = (project.id("web"), project.id("db"));
    let places = |project: &Project| {
        [("web", "front"), ("db", "front"), ("db", "back")]
            .map(|(name, network)| place(project, name, network))
    };
    let before = places(&project);
    assert_eq!(before[0].0, ["shop", "www"]);
    assert_eq!(before[1].1, project.fill("{net}.11"));

    // Somebody else's container is on it: it is nobody's to take off.
    project.docker(&[
        "run",
        "-d",
        "--name={p}-theirs",
        "--network={p}_front",
        "lab/idle:1",
    ]);
    project.write(&file(
        "driver_opts: { com.docker.network.driver.mtu: '1450' }",
    ));
    let network = || project.docker(&["network", "inspect", "-f", "{{.Id}}", "{p}_front"]);
    let id = network();
    let (kinds, said) = project.problems(&[]);
    assert_eq!(kinds, [project.fill("network-used {p}_front")], "{said}");
    assert!(
        said.contains(&project.fill("while {p}-theirs is on it")),
        "{said}"
    );
    project.run(&["apply", "--yes"]).with_code(1);
    assert_eq!(network(), id);
    project.docker(&["rm", "-f", "{p}-theirs"]);

    let changes = |path: &str| [format!("recreate {}_front: {path}", project.name)];
    let mtu = "driver_opts[com.docker.network.driver.mtu]";
    for (front, expected) in [
        (
            "driver_opts: { com.docker.network.driver.mtu: '1450' }",
            mtu,
        ),
        (
            "driver_opts: { com.docker.network.driver.mtu: '1450' }, internal: true",
            "internal",
        ),
    ] {
        project.write(&file(front));
        assert_eq!(project.changes(), changes(expected));
        let reason = project.plan()["steps"][0]["reason"].clone();
        assert_eq!(reason, project.fill("takes along {p}-db, {p}-web").as_str());
        project.settle();
        assert_eq!(places(&project), before, "{expected}");
    }
    let last = file("driver_opts: { com.docker.network.driver.mtu: '1450' }, internal: true");
    project.write(&last.replace(".0/25", ".0/24"));
    let subnet = |mask: &str| {
        project.fill(&format!(
            "recreate {{p}}_front: ipam.config[{{net}}.0/{mask}].subnet"
        ))
    };
    assert_eq!(project.changes(), [subnet("24"), subnet("25")]);
    project.settle();
    assert_eq!(places(&project), before);
    assert_eq!(
        (project.id("web"), project.id("db")),
        ids,
        "nobody was replaced"
    );
    assert!(project.runs("web") && project.runs("db"));
    assert_ne!(network(), id);
}
