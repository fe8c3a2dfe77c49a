//! Rows: the process, its surroundings, and when it is started again.

use super::row::{
    ROW, Row,
    Way::{Recreate, Update},
};

pub const ROWS: &[Row] = &[
    Row {
        attribute: "env",
        yaml: "env: { COLOR: blue, EMPTY: '', TEXT: 'a=b \"c\" $$d' }",
        docker: &[
            "-e",
            "COLOR=blue",
            "-e",
            "EMPTY=",
            "-e",
            "TEXT=a=b \"c\" $d",
        ],
        changed: "env: { COLOR: red, EMPTY: '', TEXT: 'a=b \"c\" $$d' }",
        docker_changed: &["-e", "COLOR=red", "-e", "EMPTY=", "-e", "TEXT=a=b \"c\" $d"],
        changes: &[("env.COLOR", Recreate)],
        ..ROW
    },
    Row {
        attribute: "env",
        yaml: "env: [ GONE ]",
        docker: &["-e", "GONE"],
        changes: &[("env.GONE", Recreate)],
        ..ROW
    },
    Row {
        attribute: "labels",
        yaml: "labels: { com.example.one: '1', com.example.two: '' }",
        docker: &["--label", "com.example.one=1", "--label", "com.example.two"],
        changed: "labels: { com.example.one: '2', com.example.two: '' }",
        docker_changed: &["--label", "com.example.one=2", "--label", "com.example.two"],
        changes: &[("labels[com.example.one]", Recreate)],
        ..ROW
    },
    Row {
        attribute: "labels",
        yaml: "labels: { com.example.image: ours }",
        docker: &["--label", "com.example.image=ours"],
        changes: &[("labels[com.example.image]", Recreate)],
        ..ROW
    },
    Row {
        attribute: "annotations",
        yaml: "annotations: { com.example.note: hello }",
        docker: &["--annotation", "com.example.note=hello"],
        changed: "annotations: { com.example.note: bye }",
        docker_changed: &["--annotation", "com.example.note=bye"],
        changes: &[("annotations[com.example.note]", Recreate)],
        since: 43,
        ..ROW
    },
    Row {
        attribute: "command",
        yaml: "command: [ serve, 'b c' ]",
        docker: &["@fid/base:1", "serve", "b c"],
        changed: "command: serve b c",
        docker_changed: &["@fid/base:1", "serve", "b", "c"],
        changes: &[("command", Recreate)],
        ..ROW
    },
    Row {
        attribute: "entrypoint",
        yaml: "entrypoint: env\ncommand: [ X=1 ]",
        docker: &["--entrypoint", "env", "@fid/base:1", "X=1"],
        changed: "entrypoint: nice\ncommand: [ X=1 ]",
        docker_changed: &["--entrypoint", "nice", "@fid/base:1", "X=1"],
        changes: &[("entrypoint", Recreate)],
        ..ROW
    },
    // Nothing inherits the image's, and an empty text is none: the image's command goes with it.
    Row {
        attribute: "entrypoint",
        yaml: "image: fid/entry:1\nentrypoint: ['']\ncommand: [ idle ]",
        docker: &["--entrypoint", "", "@fid/entry:1", "idle"],
        changed: "image: fid/entry:1\ncommand: [ idle ]",
        docker_changed: &["@fid/entry:1", "idle"],
        changes: &[("entrypoint", Recreate)],
        ..ROW
    },
    // With an entrypoint of one's own the image's command goes.
    Row {
        attribute: "entrypoint",
        yaml: "entrypoint: idle",
        docker: &["--entrypoint", "idle"],
        changes: &[("command", Recreate), ("entrypoint", Recreate)],
        ..ROW
    },
    Row {
        attribute: "user",
        yaml: "user: '0:0'",
        docker: &["--user", "0:0"],
        changes: &[("user", Recreate)],
        ..ROW
    },
    Row {
        attribute: "working_dir",
        yaml: "working_dir: /tmp/../data/",
        docker: &["--workdir", "/tmp/../data/"],
        changes: &[("working_dir", Recreate)],
        ..ROW
    },
    Row {
        attribute: "stop_signal",
        yaml: "stop_signal: SIGINT",
        docker: &["--stop-signal", "SIGINT"],
        changed: "stop_signal: SIGQUIT",
        docker_changed: &["--stop-signal", "SIGQUIT"],
        changes: &[("stop_signal", Recreate)],
        ..ROW
    },
    Row {
        attribute: "stop_grace_period",
        yaml: "stop_grace_period: 1m30s",
        docker: &["--stop-timeout", "90"],
        changes: &[("stop_grace_period", Recreate)],
        ..ROW
    },
    Row {
        attribute: "healthcheck",
        yaml: "healthcheck: { test: 'true', interval: 5s, timeout: 2s, retries: 3, start_period: 1m }",
        docker: &[
            "--health-cmd",
            "true",
            "--health-interval",
            "5s",
            "--health-timeout",
            "2s",
            "--health-retries",
            "3",
            "--health-start-period",
            "1m",
        ],
        changed: "healthcheck: { test: 'true', interval: 5s, timeout: 2s, retries: 4, start_period: 1m }",
        docker_changed: &[
            "--health-cmd",
            "true",
            "--health-interval",
            "5s",
            "--health-timeout",
            "2s",
            "--health-retries",
            "4",
            "--health-start-period",
            "1m",
        ],
        changes: &[("healthcheck.retries", Recreate)],
        ..ROW
    },
    // A part that is not said is the image's.
    Row {
        attribute: "healthcheck",
        yaml: "image: fid/other:1\nhealthcheck: { retries: 9 }",
        docker: &["--health-retries", "9", "@fid/other:1"],
        changed: "image: fid/other:1\nhealthcheck: { disable: true }",
        docker_changed: &["--no-healthcheck", "@fid/other:1"],
        changes: &[
            ("healthcheck.retries", Recreate),
            ("healthcheck.test", Recreate),
        ],
        ..ROW
    },
    Row {
        attribute: "healthcheck",
        yaml: "healthcheck: { test: 'true', start_period: 1m, start_interval: 2s }",
        docker: &[
            "--health-cmd",
            "true",
            "--health-start-period",
            "1m",
            "--health-start-interval",
            "2s",
        ],
        changed: "healthcheck: { test: 'true', start_period: 1m }",
        docker_changed: &["--health-cmd", "true", "--health-start-period", "1m"],
        changes: &[("healthcheck.start_interval", Recreate)],
        since: 44,
        ..ROW
    },
    Row {
        attribute: "tty",
        yaml: "tty: true",
        docker: &["--tty"],
        changes: &[("tty", Recreate)],
        ..ROW
    },
    Row {
        attribute: "stdin_open",
        yaml: "stdin_open: true",
        docker: &["--interactive"],
        changes: &[("stdin_open", Recreate)],
        ..ROW
    },
    Row {
        attribute: "init",
        yaml: "init: true",
        docker: &["--init"],
        changed: "init: false",
        docker_changed: &["--init=false"],
        changes: &[("init", Recreate)],
        ..ROW
    },
    Row {
        attribute: "init",
        yaml: "init: false",
        docker: &["--init=false"],
        changes: &[("init", Recreate)],
        ..ROW
    },
    Row {
        attribute: "restart",
        yaml: "restart: unless-stopped",
        docker: &["--restart", "unless-stopped"],
        changed: "restart: on-failure:3",
        docker_changed: &["--restart", "on-failure:3"],
        changes: &[("restart", Update)],
        ..ROW
    },
    Row {
        attribute: "restart",
        yaml: "restart: always",
        docker: &["--restart", "always"],
        changes: &[("restart", Update)],
        ..ROW
    },
    Row {
        attribute: "runtime",
        yaml: "runtime: io.containerd.runc.v2",
        docker: &["--runtime", "io.containerd.runc.v2"],
        changed: "runtime: runc",
        docker_changed: &["--runtime", "runc"],
        changes: &[("runtime", Recreate)],
        ..ROW
    },
    Row {
        attribute: "logging",
        yaml: "logging: { driver: json-file, options: { max-size: 10m, max-file: '3' } }",
        docker: &[
            "--log-driver",
            "json-file",
            "--log-opt",
            "max-size=10m",
            "--log-opt",
            "max-file=3",
        ],
        changed: "logging: { driver: json-file, options: { max-size: 20m, max-file: '3' } }",
        docker_changed: &[
            "--log-driver",
            "json-file",
            "--log-opt",
            "max-size=20m",
            "--log-opt",
            "max-file=3",
        ],
        changes: &[("logging.options.max-size", Recreate)],
        ..ROW
    },
    Row {
        attribute: "logging",
        yaml: "logging: { options: { max-size: 10m } }",
        docker: &["--log-opt", "max-size=10m"],
        changed: "logging: { driver: none }",
        docker_changed: &["--log-driver", "none"],
        changes: &[
            ("logging.driver", Recreate),
            ("logging.options.max-size", Recreate),
        ],
        // The file does not name a driver.
        by_hand: Some(&["logging.options.max-size"]),
        ..ROW
    },
    // The command line has no hooks. A container that was started without one has missed it.
    Row {
        attribute: "post_start",
        yaml: "post_start: [ { command: [ 'true' ] } ]",
        changed: "post_start: [ { command: [ 'false' ] } ]",
        changes: &[("post_start", Recreate)],
        by_hand: Some(&[]),
        ..ROW
    },
    // What counts is what the file says when the container is stopped.
    Row {
        attribute: "pre_stop",
        yaml: "pre_stop: [ { command: [ 'true' ] } ]",
        changed: "pre_stop: [ { command: [ 'false' ] } ]",
        ..ROW
    },
];
