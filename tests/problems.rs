//! Every wrong file of `tests/problems/` is told about as the text beside it says.
//!
//! `EVENKEEL_BLESS=1 cargo test --test problems` writes the texts anew; read them before they are committed.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
};

use evenkeel::{
    report::{Look, problems_count, problems_json, problems_text},
    spec::{Inputs, parse},
};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/problems")
}

/// What is said of a file that is named like this, as `validate` would print it.
fn told(name: &str, read: &dyn Fn(&Path) -> io::Result<Vec<u8>>) -> String {
    let variables = BTreeMap::from([
        ("HOME".to_owned(), "/home/me".to_owned()),
        ("SECRET_TOKEN".to_owned(), "s3cr3t-value".to_owned()),
    ]);
    let files = [PathBuf::from(name)];
    let inputs = Inputs {
        files: &files,
        env_files: &[],
        variables: &variables,
        base: Path::new("/srv/shop"),
        profiles: &[],
        read,
    };
    let (problems, sources) = match parse(&inputs) {
        Ok(document) => (document.warnings, document.sources),
        Err(failure) => (failure.problems, failure.sources),
    };
    let text = problems_text(
        &problems,
        &sources,
        Look {
            colour: false,
            width: 120,
        },
    );
    assert!(
        !text.contains("s3cr3t-value"),
        "a secret is told in {name}:\n{text}"
    );
    let json = problems_json(&problems, &sources).to_string();
    assert!(!json.contains("s3cr3t-value"), "{name}: {json}");
    format!("{text}{}\n", problems_count(&problems))
}

fn beside(path: &Path) -> io::Result<Vec<u8>> {
    fs::read(folder().join(path))
}

#[test]
fn every_wrong_file_is_told_about_as_its_text_says() {
    let rewrite = std::env::var_os("EVENKEEL_BLESS").is_some();
    let mut names: Vec<String> = fs::read_dir(folder())
        .expect("the folder of wrong files")
        .map(|entry| entry.expect("an entry").file_name())
        .filter_map(|name| name.into_string().ok())
        .filter(|name| {
            Path::new(name)
                .extension()
                .is_some_and(|ending| ending == "yaml")
        })
        .collect();
    names.sort();
    assert!(names.len() >= 60, "only {} wrong files", names.len());
    let mut wrong = Vec::new();
    for name in &names {
        let found = told(name, &beside);
        assert_ne!(found, "\n", "nothing is said of {name}");
        let path = folder().join(name).with_extension("txt");
        if rewrite {
            fs::write(&path, &found).expect("the text can be written");
            continue;
        }
        let expected = fs::read_to_string(&path).unwrap_or_default();
        if expected != found {
            wrong.push(format!("{name}: expected\n{expected}\nand found\n{found}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// One line for what is no file of ours at all, and no panic.
#[test]
fn what_is_no_file_at_all_is_said_so() {
    let fixed = |bytes: Vec<u8>| {
        move |path: &Path| {
            if path == Path::new("evenkeel.yaml") {
                Ok(bytes.clone())
            } else {
                Err(io::Error::from(io::ErrorKind::NotFound))
            }
        }
    };
    let failing = |kind: io::ErrorKind| move |_: &Path| Err(io::Error::from(kind));
    let said = |read: &dyn Fn(&Path) -> io::Result<Vec<u8>>| told("evenkeel.yaml", read);
    for (found, expected) in [
        (
            said(&failing(io::ErrorKind::NotFound)),
            "error: there is no file evenkeel.yaml",
        ),
        (
            said(&failing(io::ErrorKind::IsADirectory)),
            "error: evenkeel.yaml is a folder",
        ),
        (
            said(&failing(io::ErrorKind::PermissionDenied)),
            "error: evenkeel.yaml may not be read: permission denied",
        ),
        (said(&fixed(Vec::new())), "error: the file is empty"),
        (
            said(&fixed(b"\x7fELF\x02\x01\x01\0\xff\xfe".to_vec())),
            "error: `evenkeel.yaml` is not UTF-8 text",
        ),
        (said(&fixed(b"a: \0\n".to_vec())), "error: "),
    ] {
        assert!(found.starts_with(expected), "{found}");
        assert!(found.len() < 1000, "{found}");
    }
}

#[test]
fn a_large_file_and_aliases_within_aliases_end_soon() {
    let mut large = "project: shop\ncontainers:\n".to_owned();
    let mut number = 0;
    while large.len() < 5_000_000 {
        large.push_str(&format!(
            "  c{number}: {{ image: \"nginx:1.27\", levitate: yes }}\n"
        ));
        number += 1;
    }
    let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..30 {
        let one = format!("*a{}, ", level - 1).repeat(9);
        bomb.push_str(&format!("a{level}: &a{level} [{one}]\n"));
    }
    for text in [large, bomb] {
        let read = |_: &Path| Ok(text.clone().into_bytes());
        let found = told("-", &read);
        assert!(found.starts_with("error: "), "{}", &found[..200]);
    }
}
