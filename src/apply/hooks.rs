//! What is run in a container after its start and before its stop.
//!
//! The engine does not say whether a command was run, so the names say it. What is called `NAME`, with no `NAME.prev`
//! beside it, has had its `post_start`: a container is called `NAME.next` from before its start until they have run, or an
//! old one waits as `NAME.prev` until then. A program that is killed in between leaves that behind, and the next one runs
//! them again, because once more is better than never. One that stays although they failed (`failure_action: continue`) is
//! called `NAME.next` again, for the same end. Only what somebody made by hand, and what matches, has a name that says
//! nothing: the plan warns of it.

use std::time::Duration;

use super::{Failure, Reached, hand::Hand};
use crate::{
    engine::{Act, ExecRequest},
    plan::{Hook, Hooks},
};

/// The longest wait for a command, unless the user says: a migration may take long, but what never ends must not hold up
/// an apply for ever.
const LIMIT: Duration = Duration::from_hours(1);

/// How many lines of a command's output are reported.
const LINES: usize = 20;

impl<A: Act> Hand<'_, A> {
    /// Runs what is run after a start. One that fails is a start that failed.
    pub async fn run_after_start(
        &self,
        id: &str,
        name: &str,
        hooks: &Hooks,
    ) -> Result<(), Failure> {
        let run = self.run_each(id, name, hooks).await;
        run.map_err(|failure| Failure {
            reached: Reached::Unhooked,
            ..failure
        })
    }

    async fn run_each(&self, id: &str, name: &str, hooks: &Hooks) -> Result<(), Failure> {
        for hook in &hooks.post_start {
            self.at(&format!("running {} in {name}", word(hook)));
            let (code, output) = self.run(id, name, hook).await?;
            if code != 0 {
                let text = format!("{} exited with code {code} in {name}", word(hook));
                let mut failure = self.failure(&text, "check post_start");
                let lines: Vec<&str> = output.lines().collect();
                failure.log = lines[lines.len().saturating_sub(LINES)..]
                    .iter()
                    .map(|line| self.site.secrets.hide(line))
                    .collect();
                return Err(failure);
            }
        }
        Ok(())
    }

    /// Runs what is run before a stop. A stop comes all the same: a container that could not be stopped any more because
    /// of a command that fails would be worse than one that was stopped without it.
    pub async fn run_before_stop(&self, id: &str, name: &str, hooks: &Hooks) {
        for hook in &hooks.pre_stop {
            self.at(&format!("running {} in {name}", word(hook)));
            let why = match self.run(id, name, hook).await {
                Ok((0, _)) => continue,
                Ok((code, _)) => format!("{} exited with code {code} in {name}", word(hook)),
                Err(failure) => failure.text,
            };
            let warning = format!("{why}; {name} was stopped all the same");
            self.site.warn(&warning);
        }
    }

    /// Runs a command once: whether one whose answer was lost was run cannot be seen, and what fails is reported.
    async fn run(&self, id: &str, name: &str, hook: &Hook) -> Result<(i64, String), Failure> {
        let request = ExecRequest {
            command: hook.command.clone(),
            user: hook.user.clone(),
            env: hook.env.clone(),
            working_dir: hook.working_dir.clone(),
            privileged: hook.privileged,
        };
        let limit = self.site.limits.wait.unwrap_or(LIMIT);
        let ended = tokio::time::timeout(limit, self.reach(|| self.site.engine.exec(id, &request)));
        match ended.await {
            Ok(Ok(ended)) => Ok(ended),
            Ok(Err(error)) => Err(self.failed(&format!("run {} in {name}", word(hook)), &error)),
            Err(_) => {
                let text = format!(
                    "{} did not end within {} s in {name}",
                    word(hook),
                    limit.as_secs_f64()
                );
                Err(self.failure(
                    &text,
                    "give --wait-timeout more, or let it do its work behind",
                ))
            }
        }
    }
}

fn word(hook: &Hook) -> &str {
    hook.command.first().map_or("a command", String::as_str)
}
