//! Which values must never be shown, and how they are hidden.

use std::{collections::BTreeSet, fmt};

use serde_json::Value;
use sha2::{Digest, Sha256};

/// What stands in a plan, an outcome or a log in place of a sensitive value.
pub const SECRET_TEXT: &str = "(sensitive)";

/// What a digest begins with that stands for a sensitive value in a label.
pub const SEALED: &str = "sealed:";

/// Shorter values are looked for inside other texts only where they stand alone: hiding every `on` of a plan would hide the
/// plan. A value of its own (an entry of `env` with a secret name) is hidden however short it is.
const SHORTEST: usize = 4;

/// What a word of a secret's name is, or ends in: `PGPASSWORD`.
const ENDINGS: &[&str] = &[
    "password",
    "passwd",
    "passphrase",
    "pass",
    "secret",
    "token",
    "credential",
    "credentials",
];

/// Words that end so and are others.
const OTHERS: &[&str] = &[
    "bypass",
    "compass",
    "encompass",
    "overpass",
    "surpass",
    "trespass",
    "underpass",
];

/// What makes `KEY` a secret that stands before it, as a word of its own or not: so many keys are names of things
/// (`PRIMARY_KEY`, `CACHE_KEY`, `MONKEY`).
const KEYS: &[&str] = &[
    "access",
    "account",
    "api",
    "app",
    "auth",
    "cookie",
    "deploy",
    "encryption",
    "hmac",
    "jwt",
    "licence",
    "license",
    "master",
    "private",
    "secret",
    "security",
    "service",
    "session",
    "shared",
    "signing",
    "ssh",
    "storage",
];

/// Last words of names that say where a secret stands, or how much of it there is.
const ABOUT: &[&str] = &["file", "path", "length", "limit", "count", "ttl", "timeout"];

/// Whether a variable of this name most likely holds a secret: `DB_PASSWORD`, `apiKey`, `github-token`.
///
/// The rule stands with the attribute `sensitive`, for people to read.
#[must_use]
pub fn looks_secret(name: &str) -> bool {
    let words = words(name);
    let (Some(first), Some(last)) = (words.first(), words.last()) else {
        return false;
    };
    // `DB_PASSWORD_FILE` is where a secret stands, and the usual way to hand one over; `MAX_TOKENS` is a number.
    if ABOUT.contains(&last.as_str()) || matches!(first.as_str(), "max" | "min") {
        return false;
    }
    let before = words
        .len()
        .checked_sub(2)
        .map(|index| words[index].as_str());
    words.iter().any(|word| ends_secret(word))
        || last == "jwt"
        || (before.is_some() && matches!(last.as_str(), "pwd" | "auth"))
        || is_key(before, singular(last))
}

fn ends_secret(word: &str) -> bool {
    [word, singular(word)]
        .iter()
        .any(|word| ENDINGS.iter().any(|ending| word.ends_with(ending)) && !OTHERS.contains(word))
}

/// `API_KEY`, `apikey` and `SERVICE_APIKEY`.
fn is_key(before: Option<&str>, last: &str) -> bool {
    let Some(glued) = last.strip_suffix("key") else {
        return false;
    };
    let what = if glued.is_empty() {
        before.unwrap_or_default()
    } else {
        glued
    };
    KEYS.iter().any(|word| what.ends_with(word))
}

fn singular(word: &str) -> &str {
    word.strip_suffix('s').unwrap_or(word)
}

/// A name's words without numbers: parted at anything that is no letter or digit, and where lower case turns to upper.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut lower = false;
    for c in name.chars() {
        if !c.is_alphanumeric() || (lower && c.is_uppercase()) {
            words.push(String::new());
        }
        lower = c.is_lowercase() || c.is_numeric();
        if c.is_alphanumeric()
            && let Some(word) = words.last_mut()
        {
            word.extend(c.to_lowercase());
        }
    }
    for word in &mut words {
        word.truncate(word.trim_end_matches(char::is_numeric).len());
    }
    words.retain(|word| !word.is_empty());
    words
}

/// What is sensitive in one container, or in one file.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Secrets {
    names: BTreeSet<String>,
    values: BTreeSet<String>,
    /// What is shorter than [`SHORTEST`].
    short: BTreeSet<String>,
}

impl Secrets {
    /// Names an entry that is sensitive whatever its name looks like (`sensitive: [NAME]`).
    pub fn add_name(&mut self, name: &str) {
        self.names.insert(name.to_owned());
    }

    /// Adds a value that must not be shown anywhere, also not inside another text.
    pub fn add_value(&mut self, value: &str) {
        if value.len() >= SHORTEST {
            self.values.insert(value.to_owned());
        }
    }

    /// Adds what a variable that is called secret holds, or a file of secrets: it is hidden however short it is, a short one
    /// where it is a whole text or stands between others than letters and digits (`u:abc@db`).
    pub fn add_secret(&mut self, value: &str) {
        self.add_value(value);
        if !value.is_empty() && value.len() < SHORTEST {
            self.short.insert(value.to_owned());
        }
    }

    /// Takes over what another one knows.
    pub fn extend(&mut self, other: &Self) {
        self.names.extend(other.names.iter().cloned());
        self.values.extend(other.values.iter().cloned());
        self.short.extend(other.short.iter().cloned());
    }

    /// Whether an entry of this name is sensitive, whatever its value.
    #[must_use]
    pub fn hides_name(&self, name: &str) -> bool {
        self.names.contains(name) || looks_secret(name)
    }

    /// Whether a value holds something that must not be shown.
    #[must_use]
    pub fn hides_value(&self, value: &Value) -> bool {
        match value {
            Value::String(text) => self.hides_text(text),
            Value::Array(items) => items.iter().any(|item| self.hides_value(item)),
            Value::Object(map) => map.values().any(|item| self.hides_value(item)),
            Value::Null | Value::Bool(_) | Value::Number(_) => false,
        }
    }

    /// Whether a text holds something that must not be shown.
    #[must_use]
    pub fn hides_text(&self, text: &str) -> bool {
        let inside = |value: &String| text.contains(value.as_str());
        let alone = |value: &String| text == value || places(text, value).next().is_some();
        self.values.iter().any(inside) || self.short.iter().any(alone)
    }

    /// A text with everything hidden that must not be shown; for messages of others, such as an engine's.
    #[must_use]
    pub fn hide(&self, text: &str) -> String {
        // Longest first: a value that contains another one is hidden as a whole.
        let mut values: Vec<&String> = self.values.iter().collect();
        values.sort_by_key(|value| std::cmp::Reverse(value.len()));
        let hidden = values.into_iter().fold(text.to_owned(), |text, value| {
            text.replace(value.as_str(), SECRET_TEXT)
        });
        self.short.iter().fold(hidden, |text, value| {
            let mut shown = String::new();
            let mut from = 0;
            for at in places(&text, value) {
                shown.push_str(&text[from..at]);
                shown.push_str(SECRET_TEXT);
                from = at + value.len();
            }
            shown + &text[from..]
        })
    }

    /// What stands in a label for a sensitive value: enough to see that it changed, too little to learn it.
    ///
    /// `place` is the project, the container and the path, so that the same password in two places has two digests.
    #[must_use]
    pub fn seal(place: &str, value: &Value) -> String {
        let mut hash = Sha256::new();
        hash.update(place.as_bytes());
        hash.update([0]);
        hash.update(value.to_string().as_bytes());
        let digest = hash.finalize();
        let hex: String = digest
            .iter()
            .take(16)
            .map(|byte| format!("{byte:02x}"))
            .collect();
        format!("{SEALED}{hex}")
    }
}

/// Where a short value stands alone in a text. One of a single letter or digit is too often something else.
fn places<'t>(text: &'t str, value: &'t str) -> impl Iterator<Item = usize> {
    let long_enough = value.chars().nth(1).is_some();
    let found = text.match_indices(value).filter(move |(at, found)| {
        let before = text[..*at].chars().next_back();
        let behind = text[at + found.len()..].chars().next();
        let apart = |c: Option<char>| !c.is_some_and(char::is_alphanumeric);
        long_enough && apart(before) && apart(behind)
    });
    found.map(|(at, _)| at)
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Secrets")
            .field("names", &self.names)
            .field("values", &(self.values.len() + self.short.len()))
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::{ABOUT, ENDINGS, KEYS, OTHERS, Secrets, looks_secret};
    use crate::model::attributes;

    #[test]
    fn names_that_look_like_secrets() {
        for name in [
            "DB_PASSWORD",
            "POSTGRES_PASSWORD",
            "apiKey",
            "API_KEY",
            "github-token",
            "AWS_SECRET_ACCESS_KEY",
            "SECRET",
            "PGPASS_PWD",
            "SMTP_PASS",
            "PGPASSWORD",
            "DB_PASSWORD1",
            "PASSWORDS",
            "TOKENS",
            "TOKEN2",
            "TOKEN_2",
            "ACCESSTOKEN",
            "CLIENTSECRET",
            "PGPASS",
            "DBPASS",
            "HTPASSWD",
            "MYSQL_PWD",
            "GIT_CREDENTIALS",
            "APP_KEY",
            "SESSION_KEY",
            "LICENSE_KEY",
            "SECRETKEY",
            "MYAPIKEY",
            "API_KEYS",
            "SSH_KEY_2",
            "SMTP_AUTH",
            "JWT",
        ] {
            assert!(looks_secret(name), "{name}");
        }
        for name in [
            "COLOR",
            "KEY",
            "PRIMARY_KEY",
            "KEYBOARD",
            "COMPASS",
            "TOKENIZER",
            "PASSENGERS",
            "DB_PASSWORD_FILE",
            "PATH",
            "PORT_KEYBOARD",
            "MONKEY",
            "CACHE_KEY",
            "PUBLIC_KEY",
            "BYPASS",
            "ACCESS",
            "PWD",
            "OLDPWD",
            "AUTH",
            "OAUTH2",
            "AUTHOR",
            "JWT_ISSUER",
            "SECRETARY",
            "MAX_TOKENS",
            "PASSWORD_LENGTH",
            "TOKEN_TTL",
            "AWS_ACCESS_KEY_ID",
            "12",
            "",
        ] {
            assert!(!looks_secret(name), "{name}");
        }
    }

    #[test]
    fn the_rule_is_told_in_full() {
        let sensitive = attributes::find(&attributes::CONTAINER, "sensitive").expect("it is there");
        let kinds = [ENDINGS, OTHERS, KEYS, ABOUT];
        for word in kinds
            .into_iter()
            .flatten()
            .filter(|word| !word.ends_with("pass"))
        {
            let told = word.trim_end_matches('s').to_uppercase();
            assert!(sensitive.summary.contains(&told), "{told}");
        }
    }

    #[test]
    fn a_secret_is_hidden_inside_other_texts() {
        let mut secrets = Secrets::default();
        secrets.add_value("hunter2");
        secrets.add_value("hunter2-and-more");
        secrets.add_value("no");
        assert_eq!(
            secrets.hide("postgres://u:hunter2@db, hunter2-and-more, no"),
            "postgres://u:(sensitive)@db, (sensitive), no"
        );
        assert!(!format!("{secrets:?}").contains("hunter2"));
    }

    #[test]
    fn a_short_secret_is_hidden_where_it_stands_alone() {
        let mut secrets = Secrets::default();
        secrets.add_secret("ab");
        secrets.add_secret("7");
        assert_eq!(
            secrets.hide("ab: pg://u:ab@db, about 7 tabs, ab"),
            "(sensitive): pg://u:(sensitive)@db, about 7 tabs, (sensitive)"
        );
        for (text, hidden) in [
            ("7", true),
            ("u:ab@db", true),
            ("17", false),
            ("7 tabs", false),
        ] {
            assert_eq!(secrets.hides_text(text), hidden, "{text}");
        }
    }
}
