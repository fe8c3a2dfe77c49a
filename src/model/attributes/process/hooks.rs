//! Commands that are run in a container after its start and before its stop.

use crate::model::{
    Attribute, Field, Form, Record, Unset,
    attributes::parts::{OURS, PATH, VARIABLES, as_it_is, field},
};

const HOOK: Form = Form::List(&Form::Record(&Record {
    fields: &[
        Field {
            required: true,
            ..field(
                "command",
                "The command, and its arguments.",
                "[\"/bin/true\"]",
                Form::Command,
            )
        },
        field(
            "user",
            "The user that it runs as, if it is not the container's.",
            "root",
            Form::Text,
        ),
        field(
            "privileged",
            "Whether it may do to the host all that root can.",
            "true",
            Form::Bool,
        ),
        field("working_dir", "The folder that it starts in.", "/srv", PATH),
        Field {
            aliases: &["env"],
            ..field(
                "environment",
                "More variables.",
                "{ COLOR: blue }",
                VARIABLES,
            )
        },
    ],
    short: None,
    finish: as_it_is,
}));

/// A container that was started without it has missed it, so a change makes it anew.
pub const POST_START: Attribute = Attribute {
    name: "post_start",
    summary: "Commands that are run in the container right after each start that Evenkeel makes, at least once: they run again if a run was killed before they had ended (see Recovery).",
    example: "[{ command: [\"/bin/true\"] }]",
    form: HOOK,
    unset: Unset::Remembered,
    ..OURS
};

/// The file's commands count at the time of the stop, so a change of them needs nothing.
pub const PRE_STOP: Attribute = Attribute {
    name: "pre_stop",
    summary: "Commands that are run in the container before each stop that Evenkeel makes.",
    example: "[{ command: [\"/bin/true\"] }]",
    form: HOOK,
    ..OURS
};
