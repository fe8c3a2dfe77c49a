//! The request of a build.

use serde_json::{Map, Value};

use super::context;
use crate::{
    apply::{Failure, hand::Hand},
    engine::{Act, BuildRequest},
    plan::Build,
};

impl<A: Act> Hand<'_, A> {
    /// Builds an image.
    pub async fn build(&self, build: &Build) -> Result<(), Failure> {
        let what = format!("build {}", build.reference);
        self.at("packing the context");
        let (settings, reference) = (build.settings.clone(), build.reference.clone());
        // Reading a folder blocks; the other steps go on meanwhile.
        let packed = tokio::task::spawn_blocking(move || request(&reference, &settings)).await;
        let request = match packed {
            Ok(Ok(request)) => request,
            Ok(Err(error)) => {
                return Err(self.failure(&format!("cannot {what}: {error}"), error.hint()));
            }
            Err(error) => return Err(self.failure(&format!("cannot {what}: {error}"), "")),
        };
        // A builder that stopped in the middle goes on from its cache: a lost connection costs the step at hand.
        let sent = self
            .settle(
                || async {
                    let mut progress = |progress| self.at_progress(&progress);
                    self.site.engine.build(request.clone(), &mut progress).await
                },
                || async { Ok(None) },
            )
            .await;
        sent.map_err(|error| self.failed(&what, &error))
    }
}

/// The request that builds an image.
fn request(reference: &str, settings: &Value) -> Result<BuildRequest, context::Error> {
    let text = |name: &str| settings.get(name).and_then(Value::as_str);
    let flag = |name: &str| settings.get(name).and_then(Value::as_bool) == Some(true);
    let mut parameters = vec![
        ("t".to_owned(), reference.to_owned()),
        // Containers of a build are nobody's afterwards, whether it succeeds or not.
        ("rm".to_owned(), "1".to_owned()),
        ("forcerm".to_owned(), "1".to_owned()),
    ];
    let mut add = |name: &str, value: String| parameters.push((name.to_owned(), value));
    for tag in texts(settings.get("tags")) {
        add("t", tag);
    }
    for host in texts(settings.get("extra_hosts")) {
        add("extrahosts", host);
    }
    for (name, parameter) in [("target", "target"), ("network", "networkmode")] {
        if let Some(value) = text(name) {
            add(parameter, value.to_owned());
        }
    }
    for (name, parameter) in [("no_cache", "nocache"), ("pull", "pull")] {
        if flag(name) {
            add(parameter, "1".to_owned());
        }
    }
    for (name, parameter) in [("args", "buildargs"), ("labels", "labels")] {
        let entries = strings(settings.get(name));
        if !entries.is_empty() {
            add(parameter, Value::Object(entries).to_string());
        }
    }
    let cache = texts(settings.get("cache_from"));
    if !cache.is_empty() {
        add("cachefrom", Value::from(cache).to_string());
    }
    if let Some(size) = settings.get("shm_size").and_then(Value::as_u64) {
        add("shmsize", size.to_string());
    }
    if let Some(platform) = texts(settings.get("platforms")).into_iter().next() {
        add("platform", platform);
    }
    let folder = text("context").unwrap_or(".");
    if is_remote(folder) {
        add("remote", folder.to_owned());
        if let Some(dockerfile) = text("dockerfile") {
            add("dockerfile", dockerfile.to_owned());
        }
        return Ok(BuildRequest {
            parameters,
            context: Vec::new(),
        });
    }
    let packed = context::pack(
        folder.as_ref(),
        text("dockerfile"),
        text("dockerfile_inline"),
    )?;
    add("dockerfile", packed.dockerfile);
    Ok(BuildRequest {
        parameters,
        context: packed.archive,
    })
}

/// Whether a context is something that the engine fetches itself, by Docker's own rule.
fn is_remote(context: &str) -> bool {
    ["http://", "https://", "git://", "git@", "github.com/"]
        .iter()
        .any(|prefix| context.starts_with(prefix))
}

/// The texts of a list; of an object, its entries as `name:value`, which is how hosts are written.
fn texts(value: Option<&Value>) -> Vec<String> {
    match value {
        Some(Value::Array(items)) => items
            .iter()
            .filter_map(Value::as_str)
            .map(str::to_owned)
            .collect(),
        Some(Value::Object(map)) => map
            .iter()
            .flat_map(|(name, value)| match value {
                Value::String(text) => vec![format!("{name}:{text}")],
                other => texts(Some(other))
                    .into_iter()
                    .map(|text| format!("{name}:{text}"))
                    .collect(),
            })
            .collect(),
        Some(_) | None => Vec::new(),
    }
}

/// The entries of an object as texts; one without a value is left out, as Docker's client does.
fn strings(value: Option<&Value>) -> Map<String, Value> {
    let entries = value.and_then(Value::as_object).into_iter().flatten();
    entries
        .filter_map(|(name, value)| match value {
            Value::Null => None,
            Value::String(_) => Some((name.clone(), value.clone())),
            other => Some((name.clone(), Value::String(other.to_string()))),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::request;

    #[test]
    fn a_build_is_asked_for_as_the_engine_takes_it() {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("Dockerfile"), "FROM a\n").expect("written");
        let settings = json!({
            "context": folder.path(), "target": "prod", "args": {"V": "1", "N": null}, "labels": {"a": "b"},
            "tags": ["x:2"], "no_cache": true, "pull": false, "network": "host", "shm_size": 64, "platforms": ["linux/arm64"],
            "extra_hosts": ["db:10.0.0.2"], "cache_from": ["x:cache"],
        });
        let request = request("x:1", &settings).expect("packed");
        let has = |name: &str, value: &str| {
            request
                .parameters
                .contains(&(name.to_owned(), value.to_owned()))
        };
        for (name, value) in [
            ("t", "x:1"),
            ("t", "x:2"),
            ("target", "prod"),
            ("buildargs", r#"{"V":"1"}"#),
            ("labels", r#"{"a":"b"}"#),
            ("nocache", "1"),
            ("networkmode", "host"),
            ("shmsize", "64"),
            ("platform", "linux/arm64"),
            ("extrahosts", "db:10.0.0.2"),
            ("cachefrom", r#"["x:cache"]"#),
            ("dockerfile", "Dockerfile"),
        ] {
            assert!(
                has(name, value),
                "{name}={value} in {:?}",
                request.parameters
            );
        }
        assert!(!request.parameters.iter().any(|(name, _)| name == "pull"));
    }

    #[test]
    fn a_repository_is_fetched_by_the_engine() {
        let request = request("x:1", &json!({"context": "https://example.com/a.git#main"}))
            .expect("nothing to pack");
        assert!(request.context.is_empty());
        assert!(
            request
                .parameters
                .contains(&("remote".into(), "https://example.com/a.git#main".into()))
        );
    }
}
