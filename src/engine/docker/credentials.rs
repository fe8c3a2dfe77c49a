//! Credentials for registries, as `docker login` keeps them.

use base64::{Engine, engine::general_purpose::URL_SAFE};
use bollard::auth::DockerCredentials;
use docker_credential::DockerCredential;

/// The name under which Docker keeps the credentials of its own registry.
const DOCKER_HUB: &str = "https://index.docker.io/v1/";

/// The credentials for a reference's registry; `None` is anonymous.
///
/// No configuration at all is anonymous, and so is one that cannot be read: the registry decides whether that will do.
pub fn credentials(reference: &str) -> Option<DockerCredentials> {
    let registry = registry(reference);
    let found = docker_credential::get_credential(&registry).ok()?;
    Some(match found {
        DockerCredential::UsernamePassword(username, password) => DockerCredentials {
            username: Some(username),
            password: Some(password),
            serveraddress: Some(registry),
            ..DockerCredentials::default()
        },
        DockerCredential::IdentityToken(token) => DockerCredentials {
            identitytoken: Some(token),
            serveraddress: Some(registry),
            ..DockerCredentials::default()
        },
    })
}

/// The same as the header that the engine's API wants: JSON in URL-safe base64.
pub fn auth_header(reference: &str) -> Option<String> {
    let json = serde_json::to_vec(&credentials(reference)?).ok()?;
    Some(URL_SAFE.encode(json))
}

/// A reference's registry: the first part, if it looks like a host.
fn registry(reference: &str) -> String {
    match reference.split_once('/') {
        Some((host, _)) if host.contains(['.', ':']) || host == "localhost" => match host {
            "docker.io" | "index.docker.io" => DOCKER_HUB.to_owned(),
            host => host.to_owned(),
        },
        Some(_) | None => DOCKER_HUB.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::{DOCKER_HUB, registry};

    #[test]
    fn a_registry_is_told_from_a_repository() {
        assert_eq!(registry("nginx:1.27"), DOCKER_HUB);
        assert_eq!(registry("library/nginx"), DOCKER_HUB);
        assert_eq!(registry("docker.io/library/nginx"), DOCKER_HUB);
        assert_eq!(registry("localhost:5000/x:1"), "localhost:5000");
        assert_eq!(
            registry("registry.example.com/a/b@sha256:00"),
            "registry.example.com"
        );
    }
}
