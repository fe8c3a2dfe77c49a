//! Which engine is simulated.

/// Which engine is simulated: what an engine answers depends on its API's version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Profile {
    /// The version of the API, as (major, minor).
    pub api: (u32, u32),
    /// Podman behind Docker's API: no updates, health does not advance by itself, names of images in full.
    pub podman: bool,
}

impl Profile {
    /// Docker 20.10.
    pub const DOCKER_20_10: Self = Self {
        api: (1, 41),
        podman: false,
    };
    /// Docker 26.1.
    pub const DOCKER_26_1: Self = Self {
        api: (1, 45),
        podman: false,
    };
    /// Docker 28.5.
    pub const DOCKER_28_5: Self = Self {
        api: (1, 51),
        podman: false,
    };
    /// Podman 4.3.
    pub const PODMAN_4_3: Self = Self {
        api: (1, 41),
        podman: true,
    };

    /// Whether the API is at least `1.minor`.
    #[must_use]
    pub fn at_least(self, minor: u32) -> bool {
        self.api >= (1, minor)
    }
}

impl Default for Profile {
    fn default() -> Self {
        Self::DOCKER_20_10
    }
}
