//! Which files are read, and what is said of them.

use crate::support::{Place, Ran, SHOP};

#[test]
fn no_file_is_an_error_that_says_how_to_name_one() {
    for command in ["plan", "apply --yes", "status", "validate", "destroy --yes"] {
        let ran = Place::new().run(command);
        assert_eq!((ran.code, ran.out.as_str()), (Some(1), ""), "{command}");
        assert!(ran.err.contains("evenkeel.yaml"), "{command}: {}", ran.err);
        assert!(ran.err.contains("-f"), "{command}: {}", ran.err);
    }
}

#[test]
fn nothing_is_contacted_before_every_file_is_sound() {
    let place = Place::with("all/a.yaml", SHOP).and("all/b.yaml", "project: b\ncontainer: {}\n");
    let ran = place.run("plan -f all");
    assert_eq!(ran.code, Some(1));
    assert!(ran.err.contains("all/b.yaml:2:1"), "{}", ran.err);
    assert!(!ran.err.contains("docker.sock"), "{}", ran.err);
}

#[test]
fn two_files_of_a_folder_cannot_be_one_project() {
    let place = Place::with("all/a.yaml", SHOP).and("all/b.yaml", SHOP);
    let ran = place.run("plan -f all");
    assert_eq!(ran.code, Some(1));
    assert_eq!(
        ran.err,
        "error: a.yaml and b.yaml are both of the project shop; give one of them another project, or merge them with one -f each\n"
    );
}

#[test]
fn a_folder_without_files_is_told() {
    let place = Place::with("all/notes.md", "");
    let ran = place.run("validate all");
    assert_eq!(ran.code, Some(1));
    assert!(ran.err.contains("*.yaml"), "{}", ran.err);
}

#[test]
fn files_are_named_in_one_way() {
    let place = Place::with("a.yaml", SHOP).and("b.yaml", SHOP);
    let ran = place.run("validate -f b.yaml a.yaml");
    assert_ne!(ran.code, Some(0), "{}", ran.out);
    assert_eq!(ran.out, "");
    assert!(ran.err.contains("either with -f"), "{}", ran.err);
}

#[test]
fn each_file_is_validated_by_itself_and_all_problems_are_told() {
    let place = Place::with("good.yaml", SHOP).and(
        "bad.yaml",
        "project: bad\ncontainers: { web: { imagee: x } }\n",
    );
    let ran = place.run("validate good.yaml bad.yaml");
    assert_eq!(ran.code, Some(1));
    assert_eq!(ran.out, "good.yaml: sound, 1 container\n");
    assert!(ran.err.contains("bad.yaml:2"), "{}", ran.err);
}

#[test]
fn editors_get_problems_with_byte_ranges() {
    let place = Place::with("evenkeel.yaml", "project: shop\ncontainrs: {}\n");
    let ran = place.run("validate --format json");
    let json: serde_json::Value = serde_json::from_str(&ran.out).expect("JSON");
    let problem = &json["files"][0]["problems"][0];
    assert_eq!(
        (&problem["start"], &problem["end"], &problem["line"]),
        (&14.into(), &23.into(), &2.into()),
        "{json:#}"
    );
    assert_eq!((ran.code, ran.err.as_str()), (Some(1), ""));
}

#[test]
fn what_editors_get_is_as_its_schema_says() {
    let schema = include_str!("../../schemas/problems.schema.json");
    let schema: serde_json::Value = serde_json::from_str(schema).expect("the schema is JSON");
    let schema = jsonschema::draft202012::new(&schema).expect("the schema is one");
    let place = Place::with("good.yaml", SHOP)
        .and(
            "bad.yaml",
            "a: 1\na: 2\ncontainers: { web: { imagee: x } }\n",
        )
        .and("binary.yaml", "a: \0")
        .and("empty.yaml", "");
    let ran =
        place.run("validate --format json good.yaml bad.yaml binary.yaml empty.yaml gone.yaml");
    let mut json: serde_json::Value = serde_json::from_str(&ran.out).expect("JSON");
    let errors: Vec<String> = schema.iter_errors(&json).map(|e| e.to_string()).collect();
    assert!(errors.is_empty(), "{errors:?}\n{json:#}");
    let files = json["files"].as_array().expect("a list");
    let told: Vec<(&str, bool)> = files
        .iter()
        .map(|file| {
            let kind = file["problems"][0]["kind"].as_str().unwrap_or_default();
            (kind, file["sound"] == true)
        })
        .collect();
    assert_eq!(told.len(), 5, "{json:#}");
    assert!(told[0].1, "{json:#}");
    let twice = files[1]["problems"].as_array().expect("a list").iter();
    let twice: Vec<&serde_json::Value> = twice
        .filter(|problem| problem["kind"] == "duplicate-key")
        .collect();
    assert_eq!(twice.len(), 1, "{json:#}");
    assert_eq!(
        (&twice[0]["line"], &twice[0]["related"][0]["line"]),
        (&2.into(), &1.into())
    );
    assert_eq!(told[4], ("unreadable-file", false), "{json:#}");
    assert_eq!(
        json["files"][4]["problems"][0]["start"],
        serde_json::Value::Null
    );
    json["files"][1]["problems"][0]["kind"] = 1.into();
    assert!(!schema.is_valid(&json));
}

#[test]
fn a_byte_order_mark_counts_in_byte_ranges() {
    let text = "\u{feff}project: shop\ncontainrs: {}\n";
    let place = Place::with("evenkeel.yaml", text);
    let ran = place.run("validate --format json");
    let json: serde_json::Value = serde_json::from_str(&ran.out).expect("JSON");
    let problem = &json["files"][0]["problems"][0];
    assert_eq!(
        (&problem["start"], &problem["end"]),
        (&17.into(), &26.into())
    );
    assert_eq!(
        (&problem["line"], &problem["column"]),
        (&2.into(), &1.into())
    );
    assert_eq!(&text[17..26], "containrs");
}

#[test]
fn standard_input_is_a_file_too() {
    use std::{io::Write, process::Stdio};
    let place = Place::new();
    let mut child = place
        .command("validate -f -")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program runs");
    let mut input = child.stdin.take().expect("a pipe");
    input.write_all(SHOP.as_bytes()).expect("a pipe takes all");
    drop(input);
    let ran = Ran::of(child.wait_with_output().expect("it ends"));
    assert_eq!(
        (ran.code, ran.out.as_str()),
        (Some(0), "-: sound, 1 container\n"),
        "{ran:?}"
    );
}

#[test]
fn what_is_no_file_is_told_without_a_panic() {
    for (name, text) in [
        ("empty.yaml", ""),
        ("text.yaml", "hello"),
        ("nul.yaml", "\0\u{1}\u{2}"),
    ] {
        let place = Place::with(name, text);
        let ran = place.run(&format!("plan -f {name}"));
        assert_eq!((ran.code, ran.out.as_str()), (Some(1), ""), "{name}");
        assert!(ran.err.contains(name), "{name}: {}", ran.err);
        assert!(!ran.err.contains("panicked"), "{name}: {}", ran.err);
    }
    let ran = Place::new().run("plan -f /dev/zero");
    assert_eq!(ran.code, Some(1), "{}", ran.err);
}

#[test]
fn a_file_is_shown_as_it_is_understood() {
    let place = Place::with("evenkeel.yaml", SHOP);
    let ran = place.run("config");
    assert_eq!(
        (ran.code, ran.out.as_str()),
        (
            Some(0),
            "project: shop\ncontainers:\n  web:\n    image: docker.io/library/nginx:1.27\n"
        ),
        "{ran:?}"
    );
    let json: serde_json::Value =
        serde_json::from_str(&place.run("config --format json").out).expect("JSON");
    assert_eq!(json["project"], "shop");
}

#[test]
fn a_compose_file_that_is_not_there_is_told_as_others_are() {
    let ran = Place::new().run("convert nofile.yaml");
    assert_eq!(ran.code, Some(1));
    assert_eq!(
        ran.err,
        "error: there is no file nofile.yaml; name a Compose file\n"
    );
}

#[test]
fn a_compose_file_without_a_name_is_called_as_its_folder_is_however_it_is_named() {
    let services = "services:\n  web:\n    image: nginx:1.27\n";
    let place = Place::with("shop/compose.yaml", services).and("shop/sub/file", "");
    let ran = place.run("convert shop/sub/../compose.yaml");
    assert_eq!(
        ran.out,
        "project: shop\n\ncontainers:\n  web:\n    container_name: shop-web-1\n    image: nginx:1.27\n",
        "{}",
        ran.err
    );
}
