//! Building an image.

use super::{Failure, hand::Hand};
use crate::{engine::Act, plan::Build};

impl<A: Act> Hand<'_, A> {
    /// Builds an image.
    pub async fn build(&self, build: &Build) -> Result<(), Failure> {
        let result = self
            .reach(|| async move {
                let mut progress = |progress| self.at_progress(&progress);
                self.site
                    .engine
                    .build(crate::engine::BuildRequest::default(), &mut progress)
                    .await
            })
            .await;
        result.map_err(|error| self.failed(&format!("build {}", build.reference), &error))
    }
}
