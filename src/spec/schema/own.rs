//! Compose's keys of a container that are no attributes of ours, and are read in the words of those that are.

use serde_json::{Value, json};

/// A key that is not of a table.
#[derive(Debug)]
pub struct Own {
    /// Its name.
    pub name: &'static str,
    /// What it is for: one sentence.
    pub summary: &'static str,
    /// An example, as YAML.
    pub example: &'static str,
    /// What it takes.
    pub schema: fn() -> Value,
}

/// Keys of a container.
pub const OWN: &[Own] = &[
    Own {
        name: "env_file",
        summary: "Files of variables, under those of env: paths, or { path, required, format }.",
        example: "[app.env]",
        schema: || {
            let long = object(
                &json!({ "path": scalar(), "required": truth(), "format": { "enum": ["raw", ""] } }),
            );
            any(&[scalar(), long.clone(), list(&any(&[scalar(), long]))])
        },
    },
    Own {
        name: "label_file",
        summary: "Files of labels, under those of labels.",
        example: "[app.labels]",
        schema: || any(&[scalar(), list(&scalar())]),
    },
    Own {
        name: "configs",
        summary: "Entries of configs that are written into the container as files.",
        example: "[{ source: app, target: /etc/app.conf }]",
        schema: grants,
    },
    Own {
        name: "secrets",
        summary: "Entries of secrets that are written into the container as files; a name alone lies in /run/secrets.",
        example: "[token]",
        schema: grants,
    },
    Own {
        name: "deploy",
        summary: "What Compose says for a swarm: replicas, resources, restart_policy and update_config are read as the attributes that say the same; the rest means nothing on one engine.",
        example: "{ replicas: 2, resources: { limits: { memory: 64m } } }",
        schema: || {
            let limits = mapping(&json!({
                "cpus": scalar(), "memory": scalar(), "pids": scalar(),
            }));
            let reservations = mapping(&json!({
                "memory": scalar(),
                "devices": { "type": ["array", "null"] },
                "cpus": {},
                "generic_resources": {},
            }));
            object(&json!({
                "replicas": scalar(),
                "resources": mapping(&json!({ "limits": limits, "reservations": reservations })),
                "restart_policy": mapping(&json!({
                    "condition": any(&[
                        json!({ "enum": ["none", "no", "on-failure", "unless-stopped", "any", "always", ""] }),
                        json!({ "$ref": "#/$defs/variable" }),
                    ]),
                    "max_attempts": scalar(),
                    "delay": {},
                    "window": {},
                })),
                "update_config": mapping(&json!({
                    "order": scalar(),
                    "monitor": scalar(),
                    "failure_action": any(&[
                        json!({ "enum": ["rollback", "pause", "continue"] }),
                        json!({ "$ref": "#/$defs/variable" }),
                    ]),
                    "parallelism": scalar(),
                    "delay": scalar(),
                    "max_failure_ratio": {},
                })),
                "mode": any(&[
                    json!({ "enum": ["replicated", "global"] }),
                    json!({ "$ref": "#/$defs/variable" }),
                ]),
                "placement": {},
                "endpoint_mode": {},
                "rollback_config": {},
                "labels": {},
            }))
        },
    },
    Own {
        name: "extends",
        summary: "A container, of this file or another, whose settings are taken over.",
        example: "{ service: base, file: base.yaml }",
        schema: || {
            any(&[
                scalar(),
                object(&json!({ "service": scalar(), "container": scalar(), "file": scalar() })),
            ])
        },
    },
    Own {
        name: "develop",
        summary: "For docker compose watch; it is ignored, and warned of.",
        example: "{}",
        schema: || json!({ "type": "object" }),
    },
];

/// The list of files that belong to a file.
pub fn include() -> Value {
    let files = || any(&[scalar(), list(&scalar())]);
    let long = object(&json!({
        "path": files(), "env_file": files(), "project_directory": scalar(),
    }));
    let long = required(long, &["path"]);
    any(&[list(&any(&[scalar(), long])), json!({ "type": "null" })])
}

fn required(mut object: Value, keys: &[&str]) -> Value {
    object["required"] = json!(keys);
    object
}

fn grants() -> Value {
    let number = json!({ "type": ["string", "integer"] });
    let long = object(&json!({
        "source": scalar(), "target": scalar(), "uid": number, "gid": number, "mode": number,
    }));
    list(&any(&[scalar(), long]))
}

fn object(properties: &Value) -> Value {
    json!({
        "type": "object",
        "properties": properties,
        "patternProperties": { "^x-": true },
        "additionalProperties": false,
    })
}

/// A mapping, or nothing at all.
fn mapping(properties: &Value) -> Value {
    any(&[object(properties), json!({ "type": "null" })])
}

fn scalar() -> Value {
    json!({ "$ref": "#/$defs/scalar" })
}

fn list(inner: &Value) -> Value {
    json!({ "type": "array", "items": inner })
}

fn any(schemas: &[Value]) -> Value {
    json!({ "anyOf": schemas })
}

fn truth() -> Value {
    json!({ "type": ["boolean", "string"] })
}
