//! What is done inside a container: commands that are run, files that are copied in.

use super::{Phase, World, world::error};
use crate::engine::EngineError;

impl World {
    /// Runs a command in a container: it ends as [`World::execs`] says, or well.
    pub(super) fn exec(
        &mut self,
        text: &str,
        command: &[String],
    ) -> Result<(i64, String), EngineError> {
        let id = self.known(text)?;
        match self.containers[&id].phase {
            Phase::Running => {}
            Phase::Paused => {
                return Err(error(
                    409,
                    format!("Container {text} is paused, unpause the container before exec"),
                ));
            }
            Phase::Created | Phase::Exited | Phase::Restarting => {
                return Err(error(409, format!("Container {id} is not running")));
            }
        }
        self.note_container(&id, "exec");
        Ok(self
            .execs
            .get(&command.join(" "))
            .cloned()
            .unwrap_or_default())
    }

    pub(super) fn upload(
        &mut self,
        text: &str,
        path: &str,
        archive: Vec<u8>,
    ) -> Result<(), EngineError> {
        let id = self.known(text)?;
        self.note_container(&id, "upload");
        if let Some(container) = self.containers.get_mut(&id) {
            container
                .files
                .entry(path.to_owned())
                .or_default()
                .push(archive);
        }
        Ok(())
    }
}
