//! As much of Rust as is needed to see what a file imports.

/// A path that a file names, from the crate's root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Import {
    /// Its segments: `crate::plan::Step` is `plan`, `Step`.
    pub path: Vec<String>,
    /// Where it stands.
    pub line: usize,
}

/// A word or a sign, and its line. Comments are none, and a literal is the word `"`.
type Token = (String, usize);

/// Every path into the crate that a file's text names. `module` is the module that the file is.
pub fn imports(module: &[String], text: &str) -> Vec<Import> {
    let tokens = tokens(text);
    let mut found = Vec::new();
    // The module at the place that is read, with the depth of braces at which each inner one began.
    let mut here = module.to_vec();
    let mut began = Vec::new();
    let mut depth = 0;
    let mut at = 0;
    while at < tokens.len() {
        let word = tokens[at].0.as_str();
        let next = |ahead: usize| tokens.get(at + ahead).map_or("", |token| token.0.as_str());
        match word {
            "{" => depth += 1,
            "}" => {
                depth -= 1;
                if began.last() == Some(&depth) {
                    began.pop();
                    here.pop();
                }
            }
            "mod" if next(2) == "{" => {
                here.push(next(1).to_owned());
                began.push(depth);
            }
            "use" => {
                at = tree(&tokens, at + 1, &[], &here, &mut found);
                continue;
            }
            "crate" | "super" | "self" if next(1) == "::" => {
                let line = tokens[at].1;
                let mut path = vec![word.to_owned()];
                while next_is(&tokens, at + 1, "::") && at + 2 < tokens.len() {
                    at += 2;
                    path.push(tokens[at].0.clone());
                }
                found.extend(resolve(&path, &here, line));
            }
            _ => {}
        }
        at += 1;
    }
    found
}

fn next_is(tokens: &[Token], at: usize, word: &str) -> bool {
    tokens.get(at).is_some_and(|token| token.0 == word)
}

/// Reads a tree of `use` from `at`, below `prefix`. Answers with the place behind it.
fn tree(
    tokens: &[Token],
    mut at: usize,
    prefix: &[String],
    here: &[String],
    found: &mut Vec<Import>,
) -> usize {
    let mut path = prefix.to_vec();
    let line = tokens.get(at).map_or(0, |token| token.1);
    while let Some((word, _)) = tokens.get(at) {
        match word.as_str() {
            "::" => {}
            "{" => {
                at += 1;
                while at < tokens.len() && !next_is(tokens, at, "}") {
                    at = tree(tokens, at, &path, here, found);
                    if next_is(tokens, at, ",") {
                        at += 1;
                    }
                }
                return at + 1;
            }
            "as" => at += 1,
            "," | ";" | "}" => break,
            // `engine::{self, Act}` names `engine`.
            "self" if !path.is_empty() => {}
            _ => path.push(word.clone()),
        }
        at += 1;
    }
    found.extend(resolve(&path, here, line));
    at
}

/// A path from the crate's root; `None` for what is of another crate.
fn resolve(path: &[String], here: &[String], line: usize) -> Option<Import> {
    let (first, mut rest) = path.split_first()?;
    let mut from = match first.as_str() {
        "crate" => Vec::new(),
        "self" => here.to_vec(),
        "super" => here[..here.len().saturating_sub(1)].to_vec(),
        _ => return None,
    };
    while let Some(("super", more)) = rest.split_first().map(|(word, more)| (word.as_str(), more)) {
        from.pop();
        rest = more;
    }
    from.extend_from_slice(rest);
    Some(Import { path: from, line })
}

/// What the items at the top of a file are: `use`, `mod`, `mod {`, `fn`, `struct`, …
pub fn items(text: &str) -> Vec<String> {
    let tokens = tokens(text);
    let mut found = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        match tokens[at].0.as_str() {
            "#" => {
                at = behind(&tokens, at + 1 + usize::from(next_is(&tokens, at + 1, "!")));
                continue;
            }
            "pub" if next_is(&tokens, at + 1, "(") => {
                at = behind(&tokens, at + 1);
                continue;
            }
            "pub" => {
                at += 1;
                continue;
            }
            "mod" if next_is(&tokens, at + 2, "{") => found.push("mod {".to_owned()),
            word => found.push(word.to_owned()),
        }
        // To the item's end: a `;`, or the brace that closes its body.
        let of_use = tokens[at].0 == "use";
        while at < tokens.len() && !next_is(&tokens, at, ";") {
            if next_is(&tokens, at, "{") {
                at = behind(&tokens, at);
                if !of_use {
                    break;
                }
            } else {
                at += 1;
            }
        }
        at += usize::from(next_is(&tokens, at, ";"));
    }
    found
}

/// The place behind the bracket that closes the one at `at`.
fn behind(tokens: &[Token], mut at: usize) -> usize {
    let mut depth = 0;
    while at < tokens.len() {
        match tokens[at].0.as_str() {
            "(" | "[" | "{" => depth += 1,
            ")" | "]" | "}" => depth -= 1,
            _ => {}
        }
        at += 1;
        if depth == 0 {
            break;
        }
    }
    at
}

/// The words and signs of a text.
fn tokens(text: &str) -> Vec<Token> {
    let chars: Vec<char> = text.chars().collect();
    let mut tokens = Vec::new();
    let (mut at, mut line) = (0, 1);
    let starts = |at: usize, what: &str| {
        what.chars()
            .enumerate()
            .all(|(i, c)| chars.get(at + i) == Some(&c))
    };
    while at < chars.len() {
        let from = at;
        let c = chars[at];
        if starts(at, "//") {
            at += chars[at..].iter().take_while(|&&c| c != '\n').count();
        } else if starts(at, "/*") {
            let mut depth = 0;
            while at < chars.len() {
                if starts(at, "/*") {
                    (depth, at) = (depth + 1, at + 2);
                } else if starts(at, "*/") {
                    (depth, at) = (depth - 1, at + 2);
                } else {
                    at += 1;
                }
                if depth == 0 {
                    break;
                }
            }
        } else if let Some(end) = literal(&chars, at) {
            tokens.push(("\"".to_owned(), line));
            at = end;
        } else if c.is_alphanumeric() || c == '_' {
            at += chars[at..]
                .iter()
                .take_while(|c| c.is_alphanumeric() || **c == '_')
                .count();
            tokens.push((chars[from..at].iter().collect(), line));
        } else if starts(at, "::") {
            at += 2;
            tokens.push(("::".to_owned(), line));
        } else {
            at += 1;
            if !c.is_whitespace() {
                tokens.push((c.to_string(), line));
            }
        }
        line += chars[from..at].iter().filter(|&&c| c == '\n').count();
    }
    tokens
}

/// The end of the literal that begins here: a text, a raw text or a character. A lifetime is none.
fn literal(chars: &[char], at: usize) -> Option<usize> {
    let is = |at: usize, c: char| chars.get(at) == Some(&c);
    let prefixed = at + usize::from(is(at, 'b') || is(at, 'c'));
    if is(prefixed, 'r') {
        let hashes = chars[prefixed + 1..]
            .iter()
            .take_while(|&&c| c == '#')
            .count();
        let quote = prefixed + 1 + hashes;
        if is(quote, '"') {
            let mut end = quote + 1;
            while end < chars.len() {
                if is(end, '"') && (1..=hashes).all(|i| is(end + i, '#')) {
                    return Some(end + 1 + hashes);
                }
                end += 1;
            }
        }
    }
    let quote = *chars.get(prefixed).filter(|&&c| c == '"' || c == '\'')?;
    if quote == '\'' && !is(prefixed + 1, '\\') && !is(prefixed + 2, '\'') {
        return None;
    }
    let mut end = prefixed + 1;
    while end < chars.len() && !is(end, quote) {
        end += 1 + usize::from(is(end, '\\'));
    }
    Some(end + 1)
}
