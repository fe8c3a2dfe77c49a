//! How an image is built, with Compose's names. What is built is compared by nothing: an image that is there is taken.

use serde_json::{Map, Value, json};

use super::{
    network::EXTRA_HOSTS_FORM,
    parts::{TEXT_MAP, TEXT_SET, TEXTS, VARIABLES, field},
};
use crate::{
    model::{Fault, Field, Form, Record},
    value::Size,
};

/// A build: the folder of its Dockerfile, or everything in full.
pub const BUILD: Form = Form::Record(&Record {
    fields: FIELDS,
    short: Some(|text| finish(Map::from_iter([("context".to_owned(), json!(text))]))),
    finish,
});

const FIELDS: &[Field] = &[
    field(
        "context",
        "The folder that is sent to the engine, or a Git repository.",
        "./app",
        Form::Text,
    ),
    field(
        "dockerfile",
        "The Dockerfile, from the context's folder.",
        "Dockerfile.dev",
        Form::Text,
    ),
    field(
        "dockerfile_inline",
        "The Dockerfile itself, in place of a file.",
        "FROM alpine",
        Form::Text,
    ),
    field(
        "args",
        "Values of the Dockerfile's ARG lines.",
        "{ VERSION: \"1.2\" }",
        VARIABLES,
    ),
    field(
        "labels",
        "Labels of the image.",
        "{ com.example.team: shop }",
        TEXT_MAP,
    ),
    field(
        "target",
        "The stage that is built.",
        "production",
        Form::Text,
    ),
    field(
        "cache_from",
        "Images that layers are taken from.",
        "[shop/app:cache]",
        TEXTS,
    ),
    field(
        "no_cache",
        "Whether every layer is built anew.",
        "true",
        Form::Bool,
    ),
    field(
        "pull",
        "Whether base images are pulled even if they are there.",
        "true",
        Form::Bool,
    ),
    field(
        "network",
        "The network of RUN lines: host, none or default.",
        "host",
        Form::Text,
    ),
    field(
        "extra_hosts",
        "More names and addresses for RUN lines.",
        "[\"db:10.0.0.2\"]",
        EXTRA_HOSTS_FORM,
    ),
    field(
        "shm_size",
        "The size of /dev/shm for RUN lines.",
        "128m",
        Form::Parsed {
            expected: "a size such as 64m or 1g",
            pattern: "^[0-9.]+ ?[kKmMgGtTpP]?([iI]?[bB])?$",
            parse: |text| Ok(text.parse::<Size>()?.bytes().into()),
        },
    ),
    field(
        "platforms",
        "The platforms that it may be built for; one engine builds its first.",
        "[linux/amd64]",
        TEXTS,
    ),
    field(
        "tags",
        "More names of the image.",
        "[\"shop/app:latest\"]",
        TEXT_SET,
    ),
];

fn finish(mut fields: Map<String, Value>) -> Result<Value, Fault> {
    let empty = fields.get("context").and_then(Value::as_str) == Some("");
    if empty {
        return Err(Fault::at(
            "context",
            "the folder's name is empty",
            "write . for the file's own folder",
        ));
    }
    if fields.contains_key("dockerfile") && fields.contains_key("dockerfile_inline") {
        return Err(Fault::at(
            "dockerfile_inline",
            "dockerfile and dockerfile_inline exclude each other",
            "keep one of them",
        ));
    }
    fields.entry("context").or_insert_with(|| json!("."));
    Ok(Value::Object(fields))
}
