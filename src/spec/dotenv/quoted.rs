//! Values in quotes: where they end, and what their escapes stand for.

/// A value without its quotes and escapes, which remembers where its dollar signs stand in the file.
pub(super) struct Text {
    pub(super) text: String,
    /// Whether variables are expanded in it.
    pub(super) expands: bool,
    /// Pairs of places, in the text and in the file, from which on both count alike.
    jumps: Vec<(usize, usize)>,
}

impl Text {
    /// A value without quotes.
    pub(super) fn plain(text: &str, start: usize) -> Self {
        Self {
            text: text.to_owned(),
            expands: true,
            jumps: vec![(0, start)],
        }
    }

    /// Where a byte of the text stands in the file.
    pub(super) fn place(&self, at: usize) -> usize {
        let index = self.jumps.partition_point(|(in_text, _)| *in_text <= at);
        index
            .checked_sub(1)
            .map_or(at, |index| self.jumps[index].1 + at - self.jumps[index].0)
    }

    fn jump(&mut self, to: usize) {
        self.jumps.push((self.text.len(), to));
    }
}

/// Reads the value whose opening quote stands at `start`, and gives the place behind the closing one. `None` if there is
/// none.
pub(super) fn read(file: &str, start: usize, quote: char) -> Option<(Text, usize)> {
    let double = quote == '"';
    let mut out = Text {
        text: String::new(),
        expands: double,
        jumps: vec![(0, start + 1)],
    };
    let mut at = start + 1;
    loop {
        let rest = &file[at..];
        let next = rest.find([quote, '\\'])?;
        out.text.push_str(&rest[..next]);
        at += next;
        if rest[next..].starts_with(quote) {
            return Some((out, at + 1));
        }
        let (length, replacement) = escape(&rest[next..], quote);
        at += length;
        if let Some(text) = replacement {
            out.text.push_str(text.as_str());
            out.jump(at);
        } else {
            // An escape that means nothing here stays what it is.
            out.text.push_str(&rest[next..next + length]);
        }
    }
}

/// What an escape stands for.
enum Replacement {
    Fixed(&'static str),
    Char(String),
}

impl Replacement {
    fn as_str(&self) -> &str {
        match self {
            Self::Fixed(text) => text,
            Self::Char(text) => text,
        }
    }
}

/// The escape that a text begins with: how long it is, and what it stands for; nothing if it stands for itself.
fn escape(text: &str, quote: char) -> (usize, Option<Replacement>) {
    let Some(c) = text[1..].chars().next() else {
        return (1, None);
    };
    let length = 1 + c.len_utf8();
    if quote == '\'' {
        return (length, (c == '\'').then_some(Replacement::Fixed("'")));
    }
    let fixed = match c {
        'a' => "\u{7}",
        'b' => "\u{8}",
        'f' => "\u{c}",
        'n' => "\n",
        'r' => "\r",
        't' => "\t",
        'v' => "\u{b}",
        '"' => "\"",
        '\\' => "\\",
        // Stays a dollar sign when variables are expanded.
        '$' => "$$",
        '0' => {
            let digits: String = text[2..]
                .chars()
                .take(3)
                .take_while(|c| matches!(c, '0'..='7'))
                .collect();
            let code = u32::from_str_radix(&digits, 8)
                .ok()
                .filter(|_| digits.len() == 3);
            // A NUL byte cannot stand in an environment.
            return match code
                .filter(|code| (1..256).contains(code))
                .and_then(char::from_u32)
            {
                Some(c) => (5, Some(Replacement::Char(c.to_string()))),
                None => (length, None),
            };
        }
        _ => return (length, None),
    };
    (length, Some(Replacement::Fixed(fixed)))
}
