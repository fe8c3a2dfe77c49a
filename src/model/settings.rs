//! What one thing of the file says, in normal form.

use std::{borrow::Cow, collections::BTreeMap, fmt, sync::Arc};

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Attributes by name, each in normal form. Ordered, so that the same input gives the same plan byte for byte.
///
/// A copy shares the values with what it was made from until one of the two changes them: what a file says is copied for
/// every container that is made of it, and few of the values are changed there.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Settings(BTreeMap<Cow<'static, str>, Arc<Value>>);

impl Settings {
    /// What is said of an attribute.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name).map(Arc::as_ref)
    }

    /// Says something of an attribute; gives back what was said before.
    pub fn set(&mut self, name: impl Into<Cow<'static, str>>, value: Value) -> Option<Value> {
        let before = self.0.insert(name.into(), Arc::new(value));
        before.map(Arc::unwrap_or_clone)
    }

    /// What is said of an attribute, to be changed in place.
    pub fn get_mut(&mut self, name: &str) -> Option<&mut Value> {
        self.0.get_mut(name).map(Arc::make_mut)
    }

    /// Says nothing of an attribute any more.
    pub fn remove(&mut self, name: &str) -> Option<Value> {
        self.0.remove(name).map(Arc::unwrap_or_clone)
    }

    /// All that is said, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        let pairs = self.0.iter();
        pairs.map(|(name, value)| (name.as_ref(), value.as_ref()))
    }

    /// Whether nothing is said.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// A text attribute.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        self.get(name).and_then(Value::as_str)
    }
}

impl FromIterator<(String, Value)> for Settings {
    fn from_iter<I: IntoIterator<Item = (String, Value)>>(pairs: I) -> Self {
        let pairs = pairs.into_iter();
        Self(
            pairs
                .map(|(name, value)| (Cow::Owned(name), Arc::new(value)))
                .collect(),
        )
    }
}

impl fmt::Debug for Settings {
    /// Names alone: a value may be a password, and whatever derives `Debug` ends up in a log one day.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}
