//! Rows: what a container is called, and what only Evenkeel knows of it.
//!
//! What is about us and not about the engine leaves no trace in `inspect`, and a change of it asks for nothing.

use super::row::{
    ROW, Row,
    Way::{Recreate, Rename},
};

pub const ROWS: &[Row] = &[
    Row {
        attribute: "image",
        changed: "image: fid/other:1",
        docker_changed: &["@fid/other:1"],
        // What the container inherits follows.
        changes: &[
            ("env.MORE", Recreate),
            ("healthcheck.interval", Recreate),
            ("healthcheck.test", Recreate),
            ("image", Recreate),
        ],
        ..ROW
    },
    Row {
        attribute: "container_name",
        yaml: "container_name: named",
        // By its key it is known on its networks under any name.
        docker: &[
            "--network",
            "fid_default",
            "--network-alias",
            "c1-container-name",
        ],
        changed: "container_name: renamed",
        docker_changed: &[
            "--network",
            "fid_default",
            "--network-alias",
            "c1-container-name",
        ],
        changes: &[("container_name", Rename)],
        by_hand: Some(&[]),
        ..ROW
    },
    Row {
        attribute: "depends_on",
        yaml: "depends_on: [ peer ]",
        changed: "depends_on: { peer: { required: false }, second: }",
        ..ROW
    },
    Row {
        attribute: "update",
        yaml: "update: { order: start-first }",
        changed: "update: { monitor: 3s }",
        ..ROW
    },
    Row {
        attribute: "adopt",
        yaml: "adopt: true",
        ..ROW
    },
    Row {
        attribute: "ignore_changes",
        yaml: "ignore_changes: [ env ]",
        changed: "ignore_changes: [ memory ]",
        ..ROW
    },
    Row {
        attribute: "sensitive",
        yaml: "sensitive: [ COLOR ]",
        ..ROW
    },
    Row {
        attribute: "pull_policy",
        yaml: "pull_policy: never",
        changed: "pull_policy: missing",
        ..ROW
    },
    Row {
        attribute: "platform",
        yaml: "platform: linux/amd64",
        docker: &["--platform", "linux/amd64"],
        ..ROW
    },
    Row {
        attribute: "attach",
        yaml: "attach: false",
        changed: "attach: true",
        ..ROW
    },
];
