//! The path of a value inside a container's settings, as plans write it: `env.COLOR`, `ports[8080:80/tcp]`.

use std::fmt;

/// One step into a value.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Part {
    Key(String),
    Item(String),
}

/// Where a value stands inside a container's settings.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Path {
    attribute: String,
    parts: Vec<Part>,
}

impl Path {
    /// A whole attribute.
    #[must_use]
    pub fn new(attribute: &str) -> Self {
        Self {
            attribute: attribute.to_owned(),
            parts: Vec::new(),
        }
    }

    /// A key inside this value.
    #[must_use]
    pub fn key(&self, key: &str) -> Self {
        self.with(Part::Key(key.to_owned()))
    }

    /// An item inside this list, by its own key.
    #[must_use]
    pub fn item(&self, key: &str) -> Self {
        self.with(Part::Item(key.to_owned()))
    }

    fn with(&self, part: Part) -> Self {
        let mut parts = self.parts.clone();
        parts.push(part);
        Self {
            attribute: self.attribute.clone(),
            parts,
        }
    }

    /// The attribute that the path begins with.
    #[must_use]
    pub fn attribute(&self) -> &str {
        &self.attribute
    }

    /// The first step inside the attribute, where it is a key or an item: `front` of `networks.front.aliases`.
    #[must_use]
    pub fn first(&self) -> Option<&str> {
        self.parts.first().map(|part| match part {
            Part::Key(key) | Part::Item(key) => key.as_str(),
        })
    }

    /// The name of the innermost value: the last key, or the attribute.
    #[must_use]
    pub fn leaf(&self) -> &str {
        match self.parts.last() {
            Some(Part::Key(key) | Part::Item(key)) => key,
            None => &self.attribute,
        }
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.attribute)?;
        for part in &self.parts {
            match part {
                // A key with a dot would read as two: it stands in brackets, as the design's patterns write it.
                Part::Key(key) if key.is_empty() || key.contains(['.', '[', ']']) => {
                    write!(f, "[{key}]")?;
                }
                Part::Key(key) => write!(f, ".{key}")?,
                Part::Item(key) => write!(f, "[{key}]")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::Path;

    #[test]
    fn paths_are_written_as_plans_show_them() {
        assert_eq!(Path::new("env").key("COLOR").to_string(), "env.COLOR");
        assert_eq!(
            Path::new("labels").key("com.example.tier").to_string(),
            "labels[com.example.tier]"
        );
        assert_eq!(
            Path::new("ports").item("8080:80/tcp").to_string(),
            "ports[8080:80/tcp]"
        );
        assert_eq!(
            Path::new("networks").key("front").key("aliases").leaf(),
            "aliases"
        );
        assert_eq!(Path::new("command").leaf(), "command");
    }
}
