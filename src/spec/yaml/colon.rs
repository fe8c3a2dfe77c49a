//! The most frequent slip of all: `key:value` is one word to YAML, and not a key with its value.

/// Where a space is missing, if a line looks like `key:value`: the place after the colon, in bytes from the line's start.
///
/// For the hint of a syntax error, and of a mapping that turns out to be a single value (`image:nginx`). A port
/// (`8080:80`), a time, a link (`http://…`) and a path (`./data:/data`) are no keys.
#[must_use]
pub fn missing_space(line: &str) -> Option<usize> {
    let mut rest = line.trim_start();
    while let Some(item) = rest.strip_prefix("- ") {
        rest = item.trim_start();
    }
    let start = line.len() - rest.len();
    let colon = rest.find(':')?;
    let key = &rest[..colon];
    let word = key.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && key
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.'));
    let value = rest[colon + 1..].chars().next()?;
    (word && !value.is_whitespace() && !matches!(value, '/' | ':')).then_some(start + colon + 1)
}

#[cfg(test)]
mod tests {
    use super::missing_space;

    #[test]
    fn keys_without_a_space_are_found_and_other_colons_left_alone() {
        assert_eq!(missing_space("image:nginx"), Some(6));
        assert_eq!(missing_space("  - a:b"), Some(6));
        for line in [
            "image: nginx",
            "8080:80",
            "http://x",
            "./data:/data",
            "a::b",
            "a:",
            "",
            "é:x",
        ] {
            assert_eq!(missing_space(line), None, "{line}");
        }
    }
}
