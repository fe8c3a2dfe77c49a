//! The inspects of one look.
//!
//! An engine makes a list on one processor, and the list of five hundred containers takes it as long as all their inspects.
//! So what stands under the names that the file wants is asked for while the list is on its way. An answer to such a guess
//! counts only if the list says the same of that name; everything else is asked for by its id.

use std::{
    collections::{BTreeMap, VecDeque},
    future::Future,
    pin::pin,
};

use futures_util::{StreamExt, future::BoxFuture, stream::FuturesUnordered};
use serde_json::Value;

use super::{EngineError, Observe};

/// How many inspects are begun before the first has ended. A client lets eight of them at the engine; the others stand by,
/// so that one is sent as soon as an answer is there, and not when that is parsed.
const AT_ONCE: usize = 16;

type Answer = Result<Option<Value>, EngineError>;

/// What is asked for.
enum Ask {
    /// What the list has.
    Id(String),
    /// What may stand under a wanted name.
    Guess(String),
}

/// The inspects of one look.
pub struct Inspects<'a, O> {
    engine: &'a O,
    /// Wanted names that were not asked for yet.
    names: VecDeque<String>,
    running: FuturesUnordered<BoxFuture<'a, (Ask, Answer)>>,
    /// The names that were asked for: `None` while the answer is on its way. A name that nothing stands under is not here.
    guesses: BTreeMap<String, Option<Value>>,
}

impl<'a, O: Observe> Inspects<'a, O> {
    /// Of containers that may stand under these names; nothing is asked for yet.
    pub fn of(engine: &'a O, names: impl Iterator<Item = String>) -> Self {
        Self {
            engine,
            names: names.collect(),
            running: FuturesUnordered::new(),
            guesses: BTreeMap::new(),
        }
    }

    /// Waits for the list, and asks for wanted names meanwhile.
    pub async fn during<T>(
        &mut self,
        list: impl Future<Output = Result<T, EngineError>>,
    ) -> Result<T, EngineError> {
        let mut list = pin!(list);
        loop {
            while self.running.len() + 1 < AT_ONCE
                && let Some(name) = self.names.pop_front()
            {
                self.guesses.insert(name.clone(), None);
                self.ask(Ask::Guess(name));
            }
            tokio::select! {
                biased;
                list = &mut list => return list,
                Some((asked, answer)) = self.running.next() => {
                    let Ask::Guess(name) = asked else { continue };
                    match guessed(answer)? {
                        Some(answer) => self.guesses.insert(name, Some(answer)),
                        None => self.guesses.remove(&name),
                    };
                }
            }
        }
    }

    /// What is there of these ids and names, in their order.
    pub async fn finish(mut self, wanted: &[(String, String)]) -> Result<Vec<Value>, EngineError> {
        let mut found: BTreeMap<String, Value> = BTreeMap::new();
        // A guess that is on its way is waited for, if the list has the name.
        let mut waiting: BTreeMap<&str, &str> = BTreeMap::new();
        let mut ids: VecDeque<&str> = VecDeque::new();
        for (id, name) in wanted {
            match self.guesses.remove(name) {
                Some(Some(answer)) if is(&answer, id, name) => {
                    found.insert(id.clone(), answer);
                }
                Some(None) => {
                    waiting.insert(name, id);
                }
                Some(Some(_)) | None => ids.push_back(id),
            }
        }
        loop {
            while self.running.len() < AT_ONCE
                && let Some(id) = ids.pop_front()
            {
                self.ask(Ask::Id(id.to_owned()));
            }
            let Some((asked, answer)) = self.running.next().await else {
                break;
            };
            match asked {
                Ask::Id(id) => {
                    // What the list had and is gone by now is not there.
                    if let Some(answer) = answer? {
                        found.insert(id, answer);
                    }
                }
                Ask::Guess(name) => {
                    let answer = guessed(answer)?;
                    let Some(id) = waiting.remove(name.as_str()) else {
                        continue;
                    };
                    match answer {
                        Some(answer) if is(&answer, id, &name) => {
                            found.insert(id.to_owned(), answer);
                        }
                        Some(_) | None => ids.push_back(id),
                    }
                }
            }
        }
        Ok(wanted
            .iter()
            .filter_map(|(id, _)| found.remove(id))
            .collect())
    }

    fn ask(&self, ask: Ask) {
        let engine = self.engine;
        self.running.push(Box::pin(async move {
            let (Ask::Id(asked) | Ask::Guess(asked)) = &ask;
            let answer = engine.container(asked).await;
            (ask, answer)
        }));
    }
}

/// The answer to a guess. A refusal is none: a name may also be the beginning of several ids.
fn guessed(answer: Answer) -> Answer {
    match answer {
        Err(error) if !error.is_about_the_engine() => Ok(None),
        answer => answer,
    }
}

/// Whether an answer is about what the list calls so: a name can be the beginning of another one's id.
fn is(answer: &Value, id: &str, name: &str) -> bool {
    let text = |key: &str| answer.get(key).and_then(Value::as_str).unwrap_or_default();
    text("Id") == id && text("Name").trim_start_matches('/') == name
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::Inspects;
    use crate::engine::{Act, simulated::Simulated};

    async fn engine_with(names: &[&str]) -> (Simulated, Vec<(String, String)>) {
        let engine =
            Simulated::new().with_image("app:1", crate::engine::simulated::ImageSpec::default());
        let mut listed = Vec::new();
        for name in names {
            let id = engine
                .create_container(name, &json!({ "Image": "app:1" }), None)
                .await
                .expect("made");
            listed.push((id, (*name).to_owned()));
        }
        engine.forget_calls();
        (engine, listed)
    }

    /// Asks as long as a list takes that so many others wait for, and gives the names that were found and the calls made.
    async fn found(
        engine: &Simulated,
        names: &[&str],
        listed: &[(String, String)],
        list_takes: usize,
    ) -> (Vec<String>, u64) {
        let mut inspects = Inspects::of(engine, names.iter().map(|name| (*name).to_owned()));
        let list = async {
            for _ in 0..list_takes {
                tokio::task::yield_now().await;
            }
            Ok(())
        };
        inspects.during(list).await.expect("a list");
        let found = inspects.finish(listed).await.expect("answers");
        let name = |answer: &Value| answer["Name"].as_str().unwrap_or_default().to_owned();
        (found.iter().map(name).collect(), engine.count())
    }

    #[tokio::test]
    async fn each_container_is_inspected_once_however_long_the_list_takes() {
        let names: Vec<String> = (0..20).map(|number| format!("web-{number}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let (engine, listed) = engine_with(&names).await;
        let all: Vec<String> = names.iter().map(|name| format!("/{name}")).collect();
        for list_takes in [0, 1, 5, 100] {
            engine.forget_calls();
            let before = engine.count();
            let (found, count) = found(&engine, &names, &listed, list_takes).await;
            assert_eq!(found, all, "in the list's order");
            assert_eq!(count - before, 20, "a list that takes {list_takes}");
        }
    }

    #[tokio::test]
    async fn what_the_list_does_not_have_is_not_there() {
        let (engine, listed) = engine_with(&["web", "db", "cache"]).await;
        for list_takes in [0, 100] {
            let (found, _) = found(&engine, &["new", "web", "db"], &listed[..1], list_takes).await;
            assert_eq!(found, ["/web"]);
        }
    }

    #[tokio::test]
    async fn an_answer_about_something_else_is_not_taken_for_what_the_list_has() {
        let (engine, listed) = engine_with(&["old", "web"]).await;
        // Guessed while `web` was another container; by the time of the list they have changed places.
        let now = [
            (listed[0].0.clone(), "web".to_owned()),
            (listed[1].0.clone(), "old".to_owned()),
        ];
        let mut inspects = Inspects::of(&engine, ["web".to_owned()].into_iter());
        let list = async {
            tokio::task::yield_now().await;
            tokio::task::yield_now().await;
            Ok(())
        };
        inspects.during(list).await.expect("a list");
        let found = inspects.finish(&now).await.expect("answers");
        let ids: Vec<&str> = found
            .iter()
            .filter_map(|answer| answer["Id"].as_str())
            .collect();
        assert_eq!(ids, [now[0].0.as_str(), now[1].0.as_str()]);
    }
}
