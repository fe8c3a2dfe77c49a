//! Patterns of paths that are not ours to judge (`ignore_changes`).

/// A pattern of a path: `labels[com.example.*]`, `env.BUILD_ID`, `memory`. A `*` stands for any text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern(String);

impl Pattern {
    /// A pattern; every text is one.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// Whether a path matches, or stands inside one that does (`labels` covers all labels).
    #[must_use]
    pub fn covers(&self, path: &str) -> bool {
        matches(self.0.as_bytes(), path.as_bytes())
            || path.char_indices().any(|(at, c)| {
                matches!(c, '.' | '[') && matches(self.0.as_bytes(), &path.as_bytes()[..at])
            })
    }
}

/// Glob matching with `*` alone, in time linear in both for each star: the last star alone is ever tried again.
fn matches(pattern: &[u8], text: &[u8]) -> bool {
    let (mut p, mut t) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while t < text.len() {
        if p < pattern.len() && pattern[p] == b'*' {
            star = Some((p, t));
            p += 1;
        } else if p < pattern.len() && pattern[p] == text[t] {
            p += 1;
            t += 1;
        } else if let Some((at, from)) = star {
            star = Some((at, from + 1));
            p = at + 1;
            t = from + 1;
        } else {
            return false;
        }
    }
    pattern[p..].iter().all(|byte| *byte == b'*')
}

#[cfg(test)]
mod tests {
    use super::Pattern;

    #[test]
    fn patterns_cover_paths_and_what_stands_inside() {
        for (pattern, path) in [
            ("labels[com.example.*]", "labels[com.example.tier]"),
            ("labels", "labels[com.example.tier]"),
            ("env.*", "env.COLOR"),
            ("memory", "memory"),
            ("*", "ports[8080:80/tcp]"),
            ("networks.front", "networks.front.aliases"),
        ] {
            assert!(Pattern::new(pattern).covers(path), "{pattern} {path}");
        }
        for (pattern, path) in [
            ("env.COLOR", "env.COLORS"),
            ("mem", "memory"),
            ("labels[com.*]", "labels.org"),
            ("", "env"),
        ] {
            assert!(!Pattern::new(pattern).covers(path), "{pattern} {path}");
        }
    }
}
