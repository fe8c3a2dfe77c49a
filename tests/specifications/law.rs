//! The law, for one random file: applied, the plan is empty; one thing changes, and the plan shows that thing alone and only
//! the steps that it needs; applied again, it is empty again.

use std::time::Duration;

use evenkeel::{
    desired::Desired,
    engine::Act,
    model::{Table, Unset, attributes},
    plan::{Action, Cause, Kind, Options, Plan, Step, plan},
};

use crate::{
    ground::{Settled, desired, look_at, settles_within, told},
    specification::{Place, Section, Specification},
};

/// What a run of one case said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Held {
    /// All of it held.
    Both,
    /// The file held; the changed one was refused.
    First(String),
    /// The file was refused.
    Refused(String),
}

/// One case: a file, and the same with one thing changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Case {
    pub before: Specification,
    pub after: Specification,
    pub place: Place,
    pub attribute: &'static str,
    pub project: String,
    pub number: u32,
}

/// Attributes whose change shows in others too, because one engine's setting is made of both.
const TOGETHER: &[(&str, &[&str])] = &[
    ("memory", &["memswap_limit"]),
    ("network_mode", &["networks", "hostname", "mac_address"]),
    ("container_name", &["networks"]),
    ("ports", &["expose"]),
    ("expose", &["ports"]),
    ("entrypoint", &["command"]),
    ("tmpfs", &["volumes"]),
    ("volumes", &["tmpfs"]),
    ("cpus", &["cpu_period", "cpu_quota"]),
    ("privileged", &["security_opt"]),
    ("pid", &["security_opt"]),
    ("ipc", &["security_opt", "shm_size"]),
    ("links", &["depends_on"]),
    ("use_api_socket", &["volumes"]),
    ("secrets", &["volumes", "files"]),
    ("configs", &["volumes", "files"]),
    ("mac_address", &["networks"]),
    ("networks", &["mac_address", "network_mode"]),
    ("domainname", &["hostname"]),
];

/// Attributes of which nothing can be planned though the file says something else, and why.
const UNSEEN: &[(&str, &str)] = &[
    ("annotations", "engines before API 1.43 drop them"),
    ("runtime", "there is one that every engine has"),
    ("isolation", "there is one on Linux"),
    ("networks", "an order of joining alone is no difference"),
    ("files", "both may say the same content"),
];

/// What a file says of a thing, by its key.
type SettingsOf = fn(&Desired, &str) -> Option<evenkeel::model::Settings>;

impl Case {
    /// Both files' texts, for a failed test.
    pub fn texts(&self) -> (String, String) {
        let mut others = self.before.others();
        others.extend(self.after.others());
        let text =
            |specification: &Specification| specification.text(&self.project, self.number, &others);
        (text(&self.before), text(&self.after))
    }

    /// Runs it, with the longest wait for one condition. An error says what is wrong.
    pub async fn run<E: Act>(&self, engine: &E, wait: Duration) -> Result<Held, String> {
        let (before, after) = self.texts();
        let first = match desired(&before) {
            Ok(first) => first,
            Err(problems) => return Ok(Held::Refused(problems)),
        };
        if let Settled::Refused(why) = settles_within(engine, &first, &before, wait).await? {
            return Ok(Held::Refused(why));
        }
        let second = match desired(&after) {
            Ok(second) => second,
            Err(problems) => return Ok(Held::First(problems)),
        };
        let live = look_at(engine, &second).await?;
        let plan = plan(&second, &live, &Options::default());
        let both = format!("{before}\nbecomes\n{after}");
        if plan.has_errors() {
            return Ok(Held::First(told(&plan)));
        }
        if let Some(fault) = self
            .stranger(&plan, &first, &second)
            .or_else(|| self.unseen(&plan, &first, &second))
        {
            return Err(format!("{both}\n{fault}:\n{}", told(&plan)));
        }
        match settles_within(engine, &second, &both, wait).await? {
            Settled::Yes => Ok(Held::Both),
            Settled::Refused(why) => Ok(Held::First(why)),
        }
    }

    /// The name that the changed thing has on the engine, before and after.
    fn names(&self, first: &Desired, second: &Desired) -> Vec<String> {
        let of = |desired: &Desired| match self.place.0 {
            Section::Containers => desired
                .containers
                .get(self.place.1)
                .map(|one| one.name.clone()),
            Section::Networks => desired
                .networks
                .get(self.place.1)
                .map(|one| one.name.clone()),
            Section::Volumes => desired
                .volumes
                .get(self.place.1)
                .map(|one| one.name.clone()),
        };
        [first, second].into_iter().filter_map(of).collect()
    }

    fn kind(&self) -> Kind {
        match self.place.0 {
            Section::Containers => Kind::Container,
            Section::Networks => Kind::Network,
            Section::Volumes => Kind::Volume,
        }
    }

    fn may_change(&self, attribute: &str) -> bool {
        attribute == self.attribute
            || TOGETHER
                .iter()
                .any(|(name, with)| *name == self.attribute && with.contains(&attribute))
    }

    /// Something that a plan does besides what the change needs.
    fn stranger(&self, plan: &Plan, first: &Desired, second: &Desired) -> Option<String> {
        let names = self.names(first, second);
        let is_own = |step: &Step| step.kind == self.kind() && names.contains(&step.name);
        let remade = plan
            .steps
            .iter()
            .any(|step| is_own(step) && step.action != Action::Start);
        for step in &plan.steps {
            if is_own(step) {
                let other = step.changes.iter().find(|change| {
                    !self.may_change(change.path.attribute()) && change.cause != Cause::Dependency
                });
                if let Some(other) = other {
                    return Some(format!("{} changes too", other.path));
                }
                continue;
            }
            let needed = match (self.place.0, step.kind) {
                // What shares something with a container that is made anew follows it.
                (Section::Containers, Kind::Container) => {
                    remade
                        && step
                            .changes
                            .iter()
                            .all(|change| change.cause == Cause::Dependency)
                }
                // A network comes or goes with its only user; so does a volume come.
                (Section::Containers, Kind::Network) => {
                    matches!(step.action, Action::Create | Action::Remove)
                        && ["networks", "network_mode"].contains(&self.attribute)
                }
                (Section::Networks, Kind::Container) => step.changes.iter().all(|change| {
                    change.cause == Cause::Dependency || change.path.attribute() == "networks"
                }),
                _ => false,
            };
            if !needed {
                return Some(format!("{} {} is touched", step.action.word(), step.name));
            }
        }
        None
    }

    /// Whether the file says something else now, and the plan does not say so.
    fn unseen(&self, plan: &Plan, first: &Desired, second: &Desired) -> Option<String> {
        if !plan.steps.is_empty() || UNSEEN.iter().any(|(name, _)| *name == self.attribute) {
            return None;
        }
        let (table, settings): (Table, SettingsOf) = match self.place.0 {
            Section::Containers => (&attributes::CONTAINER, |desired, key| {
                Some(desired.containers.get(key)?.settings.clone())
            }),
            Section::Networks => (&attributes::NETWORK, |desired, key| {
                Some(desired.networks.get(key)?.settings.clone())
            }),
            Section::Volumes => (&attributes::VOLUME, |desired, key| {
                Some(desired.volumes.get(key)?.settings.clone())
            }),
        };
        let attribute = attributes::find(table, self.attribute)?;
        if matches!(attribute.unset, Unset::Ours) {
            return None;
        }
        let was = settings(first, self.place.1)?
            .get(self.attribute)
            .cloned()?;
        let is = settings(second, self.place.1)?
            .get(self.attribute)
            .cloned()?;
        // A weight that the host cannot enforce was never there: taking it away changes nothing.
        let but_weight = |value: &serde_json::Value| {
            let mut value = value.clone();
            if let Some(map) = value.as_object_mut() {
                map.remove("weight");
            }
            value
        };
        if self.attribute == "blkio_config" && but_weight(&was) == but_weight(&is) {
            return None;
        }
        (was != is).then(|| {
            format!(
                "{} was {was} and is {is}, and nothing is planned",
                self.attribute
            )
        })
    }
}

/// Makes a failing case smaller as long as it fails, with at most so many tries.
pub fn smallest(
    case: Case,
    fault: String,
    mut tries: u32,
    mut run: impl FnMut(&Case) -> Result<Held, String>,
) -> String {
    let (mut case, mut fault) = (case, fault);
    'again: loop {
        let before = case.before.smaller();
        for less in before {
            let mut smaller = case.clone();
            // The change stays the same one: what it says of its one attribute.
            let Some(said) = smaller
                .after
                .things
                .get(&case.place)
                .map(|says| says.get(case.attribute).cloned())
            else {
                break 'again;
            };
            smaller.after = less.clone();
            smaller.before = less;
            let Some(says) = smaller.after.things.get_mut(&case.place) else {
                continue;
            };
            match said {
                Some(said) => says.insert(case.attribute, said),
                None => says.remove(case.attribute),
            };
            if tries == 0 {
                break 'again;
            }
            tries -= 1;
            if let Err(still) = run(&smaller) {
                (case, fault) = (smaller, still);
                continue 'again;
            }
        }
        break;
    }
    fault
}
