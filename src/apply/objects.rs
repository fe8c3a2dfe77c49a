//! Images, networks and volumes.

use std::time::Duration;

use serde_json::{Map, Value};

use super::{Failure, hand::Hand, retry::jittered};
use crate::engine::{Act, EngineError, Next};

/// How often a pull is tried. The engine tries layers again by itself, but gives up at once where a registry refuses a
/// manifest because it is busy.
const PULLS: u32 = 3;

/// The first pause between two pulls: a registry that is busy is so for seconds.
const BETWEEN_PULLS: Duration = Duration::from_secs(1);

/// What a registry or an engine says when a pull will fail again. Everything else may be the network.
const LASTING: &[&str] = &[
    "not found",
    "manifest unknown",
    "name unknown",
    "denied",
    "unauthorized",
    "no basic auth credentials",
    "invalid reference",
    "no matching manifest",
    "no space left",
    "x509",
];

impl<A: Act> Hand<'_, A> {
    /// Pulls an image.
    pub async fn pull(&self, reference: &str, platform: Option<&str>) -> Result<(), Failure> {
        let mut tries = 0;
        loop {
            let pulled = self
                .reach(|| async move {
                    let mut progress = |progress| self.at_progress(&progress);
                    self.site
                        .engine
                        .pull(reference, platform, &mut progress)
                        .await
                })
                .await;
            let Err(error) = pulled else { return Ok(()) };
            tries += 1;
            if tries >= PULLS || !may_pass(&error) {
                return Err(self.failed(&format!("pull {reference}"), &error));
            }
            self.at(&format!("trying again: {error}"));
            let pause = jittered(BETWEEN_PULLS * (1 << tries));
            self.rest(tokio::time::sleep(pause)).await;
        }
    }

    /// Makes a network. One of this name that carries the same labels is the one that a lost answer spoke of.
    pub async fn create_network(&self, body: &Value) -> Result<(), EngineError> {
        let name = body.get("Name").and_then(Value::as_str).unwrap_or_default();
        self.settle(
            || self.site.engine.create_network(body),
            || async move {
                let found = self.site.engine.network(name).await?;
                let is_ours = found.is_some_and(|found| found.get("Labels") == body.get("Labels"));
                Ok(is_ours.then_some(()))
            },
        )
        .await
    }

    /// Removes a network.
    pub async fn remove_network(&self, id: &str) -> Result<(), EngineError> {
        self.settle(
            || self.site.engine.remove_network(id),
            || async move { Ok(self.site.engine.network(id).await?.is_none().then_some(())) },
        )
        .await
    }

    /// Makes a network anew. If the new one cannot be made, the old one is made again, and everybody is back on it.
    pub async fn remake_network(
        &self,
        id: &str,
        body: &Value,
        members: &[(String, Value)],
    ) -> Result<(), Failure> {
        let name = &self.step.name;
        let old = self
            .read(|| self.site.engine.network(id))
            .await
            .map_err(|error| self.failed(&format!("look at {name}"), &error))?;
        let remade = self.exchange_network(id, body, members).await;
        let Err(error) = remade else {
            return self.join_again(members).await;
        };
        let failure = self.failed(&format!("make {name} anew"), &error);
        let there = self.read(|| self.site.engine.network(name)).await;
        if let (Ok(None), Some(old)) = (&there, &old)
            && let Err(error) = self.create_network(&request_of(old)).await
        {
            return Err(Failure {
                text: format!(
                    "{}; and the old one cannot be made again: {error}",
                    failure.text
                ),
                ..failure
            });
        }
        self.join_again(members).await?;
        Err(failure)
    }

    async fn exchange_network(
        &self,
        id: &str,
        body: &Value,
        members: &[(String, Value)],
    ) -> Result<(), EngineError> {
        for (member, _) in members {
            match self.disconnect(id, member).await {
                // A member that is gone is on no network.
                Ok(()) | Err(EngineError::Missing(_)) => {}
                Err(error) => return Err(error),
            }
        }
        self.remove_network(id).await?;
        self.create_network(body).await
    }

    async fn join_again(&self, members: &[(String, Value)]) -> Result<(), Failure> {
        let mut failed = None;
        for (member, endpoint) in members {
            match self.connect(&self.step.name, member, endpoint).await {
                Ok(()) | Err(EngineError::Missing(_)) => {}
                Err(error) => failed = Some((member, error)),
            }
        }
        match failed {
            None => Ok(()),
            Some((member, error)) => Err(self.failed(
                &format!("connect {} to {}", short(member), self.step.name),
                &error,
            )),
        }
    }

    /// Makes a volume. One that is there already is left as it is by the engine.
    pub async fn create_volume(&self, body: &Value) -> Result<(), EngineError> {
        self.settle(
            || self.site.engine.create_volume(body),
            || async move { Ok(None) },
        )
        .await
    }

    /// Makes a volume anew that a flag names. Nothing mounts it any more.
    pub async fn remake_volume(&self, body: &Value) -> Result<(), EngineError> {
        self.remove_volume(&self.step.name).await?;
        self.create_volume(body).await
    }

    /// Removes a volume that a flag names.
    pub async fn remove_volume(&self, name: &str) -> Result<(), EngineError> {
        self.settle(
            || self.site.engine.remove_volume(name),
            || async move { Ok(None) },
        )
        .await
    }

    /// Removes an image's tag.
    pub async fn remove_image(&self, reference: &str) -> Result<(), EngineError> {
        self.settle(
            || self.site.engine.remove_image(reference),
            || async move {
                let found = self.site.engine.image(reference).await?;
                Ok(found.is_none().then_some(()))
            },
        )
        .await
    }
}

/// Whether a pull may succeed a little later.
fn may_pass(error: &EngineError) -> bool {
    match error {
        EngineError::Failed { text, .. } => {
            let text = text.to_lowercase();
            !LASTING.iter().any(|word| text.contains(word))
        }
        error => error.next() != Next::GiveUp && !error.is_about_the_engine(),
    }
}

/// The first digits of an id, as `docker ps` shows them.
fn short(id: &str) -> &str {
    id.get(..12).unwrap_or(id)
}

/// The request that makes a network like one that was there.
fn request_of(network: &Value) -> Value {
    const FIELDS: &[&str] = &[
        "Name",
        "Driver",
        "Scope",
        "Internal",
        "Attachable",
        "Ingress",
        "IPAM",
        "EnableIPv6",
        "Options",
        "Labels",
    ];
    let fields = FIELDS
        .iter()
        .filter_map(|field| Some(((*field).to_owned(), network.get(field)?.clone())))
        .filter(|(_, value)| !value.is_null());
    Value::Object(fields.collect::<Map<_, _>>())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{may_pass, request_of};
    use crate::engine::EngineError;

    #[test]
    fn a_pull_is_tried_again_where_the_network_may_be_at_fault() {
        let failed = |text: &str| EngineError::Failed {
            status: 500,
            text: text.into(),
        };
        assert!(may_pass(&failed(
            "received unexpected HTTP status: 503 Service Unavailable"
        )));
        assert!(may_pass(&failed("net/http: TLS handshake timeout")));
        assert!(!may_pass(&failed(
            "manifest for x:1 not found: manifest unknown"
        )));
        assert!(!may_pass(&failed(
            "Get https://r/v2/: no basic auth credentials"
        )));
        assert!(!may_pass(&EngineError::Missing("no such image".into())));
    }

    #[test]
    fn a_network_is_made_again_from_what_it_was() {
        let network = json!({"Name": "n", "Id": "1", "Driver": "bridge", "Containers": {}, "Options": null, "Labels": {"a": "b"}});
        assert_eq!(
            request_of(&network),
            json!({"Name": "n", "Driver": "bridge", "Labels": {"a": "b"}})
        );
    }
}
