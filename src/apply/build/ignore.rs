//! `.dockerignore`, by Docker's rules: patterns as of Go's `filepath.Match`, `**` for any number of folders, `!` for an
//! exception, and the last pattern that matches decides.

/// The patterns of a `.dockerignore`.
#[derive(Debug, Clone, Default)]
pub struct Ignore {
    patterns: Vec<Pattern>,
}

#[derive(Debug, Clone)]
struct Pattern {
    parts: Vec<String>,
    except: bool,
}

impl Ignore {
    /// Reads a file.
    #[must_use]
    pub fn read(text: &str) -> Self {
        let patterns = text
            .trim_start_matches('\u{feff}')
            .lines()
            .filter(|line| !line.starts_with('#'))
            .filter_map(|line| {
                let line = line.trim();
                let (except, pattern) = match line.strip_prefix('!') {
                    Some(rest) => (true, rest.trim()),
                    None => (false, line),
                };
                let parts: Vec<String> = pattern
                    .split('/')
                    .filter(|part| !part.is_empty() && *part != ".")
                    .map(str::to_owned)
                    .collect();
                (!parts.is_empty()).then_some(Pattern { parts, except })
            })
            .collect();
        Self { patterns }
    }

    /// Whether a path of the context, parted by slashes, is left out.
    #[must_use]
    pub fn covers(&self, path: &str) -> bool {
        let path: Vec<&str> = path.split('/').collect();
        let mut covered = false;
        for pattern in &self.patterns {
            if pattern.except != covered {
                continue;
            }
            // A folder that matches takes along all that is in it.
            let matches = (1..=path.len()).any(|end| parts_match(&pattern.parts, &path[..end]));
            if matches {
                covered = !pattern.except;
            }
        }
        covered
    }

    /// Whether a folder that is left out can be passed over as a whole: no exception may bring back something inside.
    #[must_use]
    pub fn has_exceptions(&self) -> bool {
        self.patterns.iter().any(|pattern| pattern.except)
    }
}

fn parts_match(pattern: &[String], path: &[&str]) -> bool {
    match (pattern.split_first(), path.split_first()) {
        (None, None) => true,
        (Some((first, rest)), _) if first == "**" => {
            parts_match(rest, path)
                || path
                    .split_first()
                    .is_some_and(|(_, path)| parts_match(pattern, path))
        }
        (Some((first, rest)), Some((name, path))) => {
            let (first, name): (Vec<char>, Vec<char>) =
                (first.chars().collect(), name.chars().collect());
            name_matches(&first, &name) && parts_match(rest, path)
        }
        (None, Some(_)) | (Some(_), None) => false,
    }
}

/// One part: `*`, `?`, `[a-z]`, `[^a]` and `\` as of Go's `filepath.Match`. A pattern that is broken matches nothing.
fn name_matches(pattern: &[char], name: &[char]) -> bool {
    match pattern {
        [] => name.is_empty(),
        ['*', rest @ ..] => (0..=name.len()).any(|skipped| name_matches(rest, &name[skipped..])),
        ['?', rest @ ..] => name
            .split_first()
            .is_some_and(|(_, name)| name_matches(rest, name)),
        ['[', rest @ ..] => {
            let Some(end) = rest
                .iter()
                .skip(1)
                .position(|c| *c == ']')
                .map(|end| end + 1)
            else {
                return false;
            };
            let Some((c, name)) = name.split_first() else {
                return false;
            };
            let (set, negated) = match &rest[..end] {
                ['^', set @ ..] => (set, true),
                set => (set, false),
            };
            in_set(set, *c) != negated && name_matches(&rest[end + 1..], name)
        }
        ['\\', c, rest @ ..] | [c, rest @ ..] => name
            .split_first()
            .is_some_and(|(first, name)| first == c && name_matches(rest, name)),
    }
}

fn in_set(set: &[char], c: char) -> bool {
    match set {
        [] => false,
        [from, '-', to, rest @ ..] => (*from <= c && c <= *to) || in_set(rest, c),
        [one, rest @ ..] => *one == c || in_set(rest, c),
    }
}

#[cfg(test)]
mod tests {
    use super::Ignore;

    #[test]
    fn paths_are_left_out_as_docker_does() {
        let ignore = Ignore::read(
            "# comment\n/target\n*.log\n**/*.tmp\n!keep.log\nnode_modules/\ndata/[a-c]?\n\n  spaced  \n",
        );
        for path in [
            "target",
            "target/debug/x",
            "a.log",
            "a/b/c.tmp",
            "x.tmp",
            "node_modules/a",
            "data/bx",
            "spaced",
        ] {
            assert!(ignore.covers(path), "{path}");
        }
        for path in ["keep.log", "a/b.log", "src/target", "data/dx", "data/b"] {
            assert!(!ignore.covers(path), "{path}");
        }
    }

    #[test]
    fn the_last_pattern_decides() {
        let ignore = Ignore::read("*\n!src\nsrc/secret*\n");
        assert!(ignore.has_exceptions());
        assert!(ignore.covers("README"));
        assert!(!ignore.covers("src/main.rs"));
        assert!(ignore.covers("src/secret.txt"));
        assert!(!Ignore::read("[").covers("["));
    }
}
