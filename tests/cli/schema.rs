//! The schema that editors are pointed at is the one that the program prints.

use std::{fs, path::PathBuf};

use crate::support::{Place, SHOP};

/// `EVENKEEL_BLESS=1 cargo test --test cli` writes it anew.
#[test]
fn the_schema_that_lies_in_the_repository_is_the_programs() {
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("schemas/evenkeel.schema.json");
    let ran = Place::new().run("schema");
    assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""));
    if std::env::var_os("EVENKEEL_BLESS").is_some() {
        fs::write(&file, &ran.out).expect("a file");
    }
    assert_eq!(
        ran.out,
        fs::read_to_string(&file).expect("the schema lies there"),
        "the vocabulary has changed: run EVENKEEL_BLESS=1 cargo test --test cli"
    );
}

#[test]
fn the_reference_is_markdown_with_every_section() {
    let ran = Place::with("evenkeel.yaml", SHOP).run("reference");
    assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""));
    for title in [
        "# Reference\n",
        "\n## Containers\n",
        "\n## Images\n",
        "\n## Networks\n",
        "\n## Volumes\n",
    ] {
        assert!(ran.out.contains(title), "{title}");
    }
}
