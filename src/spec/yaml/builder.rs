//! Builds the tree from events: keeps places, repeats what aliases name, merges `<<`, and counts against the limits.

use std::collections::{HashMap, HashSet};

use super::syntax::Context;
use crate::spec::{Entry, FileId, Key, Kind, Node, Problem, Scalar, Span, Tag};

/// How deep lists and mappings may stand in each other. The deepest attribute of the file is at seven; a tree is walked
/// by recursion everywhere, so this also bounds the stack.
const DEPTH: usize = 64;

/// How many values a file may have once aliases are repeated: four times what a file of a thousand full containers has,
/// with room to spare, and little enough that ten lines of aliases of aliases end here within a second.
const NODES: usize = 1_000_000;

/// How many bytes of text those may have together: a long text that is repeated a million times must not fit.
const BYTES: usize = 64 * 1024 * 1024;

/// How many problems are kept: nobody reads the ten thousandth, and a generated file could have millions.
const PROBLEMS: usize = 10_000;

/// A limit was passed: reading ends with this problem.
#[derive(Debug)]
pub(super) struct Stop(pub(super) Box<Problem>);

/// A scalar as the parser gives it.
pub(super) struct Text {
    pub(super) text: String,
    pub(super) plain: bool,
    pub(super) block: bool,
}

/// What stands before a value: `&anchor` and `!tag`.
pub(super) struct Properties {
    /// The parser's number of the anchor; 0 for none.
    pub(super) anchor: usize,
    pub(super) tag: Option<Written>,
}

/// A tag as it was written.
pub(super) struct Written {
    pub(super) text: String,
    pub(super) place: Span,
    /// Whether it is `!!str`.
    pub(super) is_text: bool,
    /// Whether it is `!!map` or `!!seq`, which say what is seen anyway.
    pub(super) is_plain: bool,
}

/// How large a finished value is.
#[derive(Debug, Clone, Copy, Default)]
struct Size {
    nodes: usize,
    bytes: usize,
    /// Levels below and including it: 1 for a scalar.
    height: usize,
}

impl Size {
    fn add(&mut self, child: Size) {
        self.nodes += child.nodes;
        self.bytes += child.bytes;
        self.height = self.height.max(child.height + 1);
    }
}

/// The key that waits for its value.
enum Pending {
    Key(Key),
    /// `<<`.
    Merge(Span),
    /// A key that was a problem: its value is dropped.
    Dropped,
}

/// What a list or a mapping has so far, behind what those around it have.
enum Content {
    List {
        /// Where its items begin in [`Builder::items`].
        first: usize,
    },
    Map {
        /// Where its entries begin in [`Builder::entries`].
        first: usize,
        pending: Option<Pending>,
        /// What `<<` named, and how many of its entries stood before it.
        merges: Vec<(usize, Span, Node)>,
    },
}

/// A list or a mapping that has not ended.
struct Frame {
    content: Content,
    /// Of the opening bracket, or empty where a block begins.
    span: Span,
    /// Where the last thing inside ended.
    end: usize,
    anchor: usize,
    tag: Option<Tag>,
    size: Size,
    /// Whether it stands where a key should.
    is_key: bool,
}

/// Builds the tree.
pub(super) struct Builder<'a> {
    text: &'a str,
    file: FileId,
    problems: &'a mut Vec<Problem>,
    frames: Vec<Frame>,
    /// The items of all lists and the entries of all mappings that have not ended. Each gets its own when it ends and
    /// their number is known, so that the tree takes no more memory than it needs.
    items: Vec<Node>,
    entries: Vec<Entry>,
    root: Option<Node>,
    anchors: HashMap<usize, (Node, Size)>,
    /// What was built, and what was copied for anchors.
    built: Size,
    copied: Size,
    /// Whether an alias was met, so that what is written may be little.
    aliased: bool,
    last_scalar: Option<Span>,
}

impl<'a> Builder<'a> {
    pub(super) fn new(text: &'a str, file: FileId, problems: &'a mut Vec<Problem>) -> Self {
        Self {
            text,
            file,
            problems,
            frames: Vec::new(),
            items: Vec::new(),
            entries: Vec::new(),
            root: None,
            anchors: HashMap::new(),
            built: Size::default(),
            copied: Size::default(),
            aliased: false,
            last_scalar: None,
        }
    }

    /// The tree, if there was a document.
    pub(super) fn finish(self) -> Option<Node> {
        self.root
    }

    /// What a syntax error needs to know of what came before it.
    pub(super) fn context(&self) -> Context {
        Context {
            open: self
                .frames
                .iter()
                .rev()
                .map(|frame| frame.span)
                .find(|span| span.end > span.start),
            last_scalar: self.last_scalar,
            in_mapping: matches!(
                self.frames.last().map(|frame| &frame.content),
                Some(Content::Map { .. })
            ),
            waits_for_value: matches!(
                self.frames.last().map(|frame| &frame.content),
                Some(Content::Map {
                    pending: Some(_),
                    ..
                })
            ),
        }
    }

    pub(super) fn problem(&mut self, problem: Problem) {
        if self.problems.len() < PROBLEMS {
            self.problems.push(problem);
        }
    }

    pub(super) fn scalar(
        &mut self,
        text: Text,
        mut span: Span,
        properties: Properties,
    ) -> Result<(), Stop> {
        self.last_scalar = Some(span);
        if text.block {
            span.end = span.start + self.text[span.start..span.end].trim_end().len();
        }
        let missing = text.plain && span.start == span.end;
        if missing && self.text[span.end..].starts_with(':') && !self.expects_key() {
            // The parser places a value that is not there before the colon.
            span.start += 1;
            span.end += 1;
        }
        let anchor = properties.anchor;
        let (tag, quoted) = self.tag(properties.tag);
        let size = Size {
            nodes: 1,
            bytes: text.text.len(),
            height: 1,
        };
        if self.expects_key() {
            if missing {
                self.bad_key(span, "a key is missing before this colon", "");
            } else {
                if anchor != 0 {
                    self.keep(anchor, scalar(text.text.clone(), text.plain, span), size)?;
                }
                self.key(text.text, text.plain && !quoted, span);
            }
            self.count(size, span)?;
            return Ok(());
        }
        let null = text.plain
            && !quoted
            && matches!(text.text.as_str(), "" | "~" | "null" | "Null" | "NULL");
        let mut node = if null {
            Node {
                span,
                kind: Kind::Null,
                tag: None,
            }
        } else {
            scalar(text.text, text.plain && !quoted, span)
        };
        node.tag = tag;
        if anchor != 0 {
            self.keep(anchor, node.clone(), size)?;
        }
        self.count(size, span)?;
        self.value(node, size, span.end);
        Ok(())
    }

    pub(super) fn list(&mut self, span: Span, properties: Properties) -> Result<(), Stop> {
        let first = self.items.len();
        self.open(Content::List { first }, span, properties)
    }

    pub(super) fn map(&mut self, span: Span, properties: Properties) -> Result<(), Stop> {
        let content = Content::Map {
            first: self.entries.len(),
            pending: None,
            merges: Vec::new(),
        };
        self.open(content, span, properties)
    }

    fn open(&mut self, content: Content, span: Span, properties: Properties) -> Result<(), Stop> {
        let is_key = self.expects_key();
        let anchor = properties.anchor;
        let (tag, _) = self.tag(properties.tag);
        if self.frames.len() >= DEPTH {
            return Err(too_deep(span));
        }
        let size = Size {
            nodes: 1,
            bytes: 0,
            height: 1,
        };
        self.count(size, span)?;
        self.frames.push(Frame {
            content,
            span,
            end: span.end,
            anchor,
            tag,
            size,
            is_key,
        });
        Ok(())
    }

    pub(super) fn end(&mut self, span: Span) -> Result<(), Stop> {
        let Some(frame) = self.frames.pop() else {
            return Ok(());
        };
        // A block ends with what it holds last; the parser's own end lies behind the blank lines and comments after it.
        let end = if span.end > span.start {
            span.end
        } else {
            frame.end
        };
        let kind = match frame.content {
            Content::List { first } => Kind::List(self.items.drain(first..).collect()),
            Content::Map { first, merges, .. } => {
                let entries = self.entries.drain(first..).collect();
                let entries = self.without_duplicates(entries);
                Kind::Map(self.merge(entries, merges))
            }
        };
        let node = Node {
            span: Span {
                file: self.file,
                start: frame.span.start,
                end: end.max(frame.span.start),
            },
            kind,
            tag: frame.tag,
        };
        if frame.is_key {
            self.bad_key(
                node.span,
                format!("a key must be text, and this is {}", node.noun()),
                "put quotes around a text that begins with `{` or `[`",
            );
            return Ok(());
        }
        if frame.anchor != 0 {
            self.keep(frame.anchor, node.clone(), frame.size)?;
        }
        self.value(node, frame.size, end);
        Ok(())
    }

    pub(super) fn alias(&mut self, id: usize, span: Span) -> Result<(), Stop> {
        let name = &self.text[span.start..span.end];
        let Some((node, size)) = self.anchors.get(&id) else {
            let problem = Problem::error(
                "bad-alias",
                span,
                format!("`{name}` stands inside the value that it repeats"),
            );
            self.problem(problem.hint("a value cannot hold itself"));
            self.missing(span);
            return Ok(());
        };
        let size = *size;
        if self.expects_key() {
            match &node.kind {
                Kind::Scalar(scalar) => {
                    let text = scalar.text.clone();
                    self.key(text, false, span);
                }
                Kind::Null | Kind::List(_) | Kind::Map(_) => {
                    let text = format!("a key must be text, and `{name}` is {}", node.noun());
                    self.bad_key(span, text, "");
                }
            }
            return self.count(size, span);
        }
        if self.frames.len() + size.height > DEPTH + 1 {
            return Err(too_deep(span));
        }
        self.aliased = true;
        // Counted before it is copied: aliases of aliases grow tenfold a line.
        self.count(size, span)?;
        if let Some((node, _)) = self.anchors.get(&id) {
            let node = node.clone();
            self.value(node, size, span.end);
        }
        Ok(())
    }

    pub(super) fn unknown_alias(&mut self, name: &str, span: Span) -> Result<(), Stop> {
        self.problem(
            Problem::error(
                "bad-alias",
                span,
                format!("nothing before this is marked `&{name}`"),
            )
            .hint(format!(
                "mark the value to repeat with `&{name}`, or put quotes around a text that begins with `*`"
            )),
        );
        self.missing(span);
        self.count(
            Size {
                nodes: 1,
                bytes: 0,
                height: 1,
            },
            span,
        )
    }

    /// Stands where a value or a key could not be read.
    fn missing(&mut self, span: Span) {
        if self.expects_key() {
            self.set_pending(Pending::Dropped);
            return;
        }
        let node = Node {
            span,
            kind: Kind::Null,
            tag: None,
        };
        self.value(node, Size::default(), span.end);
    }

    fn expects_key(&self) -> bool {
        matches!(
            self.frames.last().map(|frame| &frame.content),
            Some(Content::Map { pending: None, .. })
        )
    }

    fn set_pending(&mut self, key: Pending) {
        if let Some(Frame {
            content: Content::Map { pending, .. },
            ..
        }) = self.frames.last_mut()
        {
            *pending = Some(key);
        }
    }

    fn key(&mut self, text: String, plain: bool, span: Span) {
        if let Some(frame) = self.frames.last_mut() {
            frame.end = span.end;
            frame.size.bytes += text.len();
        }
        self.set_pending(if plain && text == "<<" {
            Pending::Merge(span)
        } else {
            Pending::Key(Key { text, span })
        });
    }

    fn bad_key(&mut self, span: Span, text: impl Into<String>, hint: &str) {
        self.problem(Problem::error("bad-key", span, text).hint(hint));
        self.set_pending(Pending::Dropped);
    }

    /// Puts a finished value where it belongs. `end` is where it ends in the file, which for an alias is not where what
    /// it repeats ends.
    fn value(&mut self, node: Node, size: Size, end: usize) {
        let Some(frame) = self.frames.last_mut() else {
            self.root = Some(node);
            return;
        };
        frame.end = frame.end.max(end);
        frame.size.add(size);
        match &mut frame.content {
            Content::List { .. } => self.items.push(node),
            Content::Map {
                first,
                pending,
                merges,
            } => match pending.take() {
                Some(Pending::Key(key)) => self.entries.push(Entry { key, value: node }),
                Some(Pending::Merge(span)) => {
                    merges.push((self.entries.len() - *first, span, node));
                }
                Some(Pending::Dropped) | None => {}
            },
        }
    }

    /// Keeps what an anchor marks, for its aliases.
    fn keep(&mut self, anchor: usize, node: Node, size: Size) -> Result<(), Stop> {
        self.copied.add(size);
        check(self.copied, node.span, self.aliased)?;
        self.anchors.insert(anchor, (node, size));
        Ok(())
    }

    fn count(&mut self, size: Size, span: Span) -> Result<(), Stop> {
        self.built.add(size);
        check(self.built, span, self.aliased)
    }

    /// Compose's tags, and whether `!!str` makes a plain value a text.
    fn tag(&mut self, tag: Option<Written>) -> (Option<Tag>, bool) {
        let Some(Written {
            text: written,
            place,
            is_text,
            is_plain,
        }) = tag
        else {
            return (None, false);
        };
        if !self.expects_key() {
            match written.as_str() {
                _ if is_text || is_plain => return (None, is_text),
                "!reset" => return (Some(Tag::Reset), false),
                "!override" => return (Some(Tag::Override), false),
                _ => {}
            }
        }
        let problem = if self.expects_key() {
            Problem::error(
                "bad-tag",
                place,
                format!("a key cannot have a tag, such as `{written}`"),
            )
            .hint("write the tag after the colon, before the value")
        } else {
            Problem::error("bad-tag", place, format!("unknown tag `{written}`")).hint(
                "the tags are `!reset` and `!override`; put quotes around a text that begins with `!`",
            )
        };
        self.problem(problem);
        (None, false)
    }

    /// The entries whose keys stand for the first time; the others are problems.
    fn without_duplicates(&mut self, entries: Vec<Entry>) -> Vec<Entry> {
        if all_differ(&entries) {
            return entries;
        }
        let mut first: HashMap<&str, Span> = HashMap::with_capacity(entries.len());
        let mut repeated = Vec::new();
        for (index, entry) in entries.iter().enumerate() {
            if let Some(place) = first.get(entry.key.text.as_str()) {
                repeated.push((index, *place));
            } else {
                first.insert(&entry.key.text, entry.key.span);
            }
        }
        for (index, place) in &repeated {
            let key = &entries[*index].key;
            self.problem(
                Problem::error(
                    "duplicate-key",
                    key.span,
                    format!("`{}` stands twice in the same mapping", key.text),
                )
                .also(*place, "first given here")
                .hint("remove one of them"),
            );
        }
        let mut repeated = repeated.into_iter().map(|(index, _)| index).peekable();
        entries
            .into_iter()
            .enumerate()
            .filter(|(index, _)| repeated.next_if_eq(index).is_none())
            .map(|(_, entry)| entry)
            .collect()
    }

    /// Puts what `<<` names among a mapping's own entries: its own keys win, then what is named first.
    fn merge(&mut self, own: Vec<Entry>, merges: Vec<(usize, Span, Node)>) -> Vec<Entry> {
        if merges.is_empty() {
            return own;
        }
        if let [(_, first, _), (_, second, _), ..] = merges.as_slice() {
            self.problem(
                Problem::error(
                    "duplicate-key",
                    *second,
                    "`<<` stands twice in the same mapping",
                )
                .also(*first, "first given here")
                .hint("name several mappings in one list: `<<: [*a, *b]`"),
            );
        }
        let mut known: HashSet<String> = own.iter().map(|entry| entry.key.text.clone()).collect();
        let mut own = own.into_iter();
        let mut taken = 0;
        let mut all = Vec::new();
        for (place, span, node) in merges {
            all.extend(own.by_ref().take(place - taken));
            taken = place;
            for source in self.merge_sources(span, node) {
                for entry in source {
                    if known.insert(entry.key.text.clone()) {
                        all.push(entry);
                    }
                }
            }
        }
        all.extend(own);
        all
    }

    /// The mappings that `<<` names.
    fn merge_sources(&mut self, span: Span, node: Node) -> Vec<Vec<Entry>> {
        let items = match node.kind {
            Kind::Map(entries) => return vec![entries],
            Kind::List(items) => items,
            Kind::Null | Kind::Scalar(_) => vec![node],
        };
        let mut sources = Vec::new();
        for item in items {
            let noun = item.noun();
            match item.kind {
                Kind::Map(entries) => sources.push(entries),
                Kind::Null | Kind::Scalar(_) | Kind::List(_) => self.problem(
                    Problem::error(
                        "bad-merge",
                        span,
                        format!("`<<` merges mappings, and this is {noun}"),
                    )
                    .also(item.span, noun)
                    .hint("name a mapping, or a list of mappings: `<<: *a` or `<<: [*a, *b]`"),
                ),
            }
        }
        sources
    }
}

/// Whether no two keys are the same. Nearly all mappings are short, and cost less than a table of their keys would.
fn all_differ(entries: &[Entry]) -> bool {
    const SHORT: usize = 16;
    let mut keys = entries.iter().map(|entry| entry.key.text.as_str());
    if entries.len() <= SHORT {
        keys.enumerate()
            .all(|(index, key)| entries[..index].iter().all(|other| other.key.text != key))
    } else {
        let mut known = HashSet::with_capacity(entries.len());
        keys.all(|key| known.insert(key))
    }
}

fn scalar(text: String, plain: bool, span: Span) -> Node {
    Node {
        span,
        kind: Kind::Scalar(Scalar {
            text,
            plain,
            secrets: Vec::new(),
        }),
        tag: None,
    }
}

fn too_deep(span: Span) -> Stop {
    Stop(Box::new(
        Problem::error(
            "too-deep",
            span,
            format!("lists and mappings stand more than {DEPTH} levels deep in each other here"),
        )
        .hint("no attribute is that deep; look for a bracket or an alias too many"),
    ))
}

/// Whether a size is within the limits.
fn check(size: Size, span: Span, aliased: bool) -> Result<(), Stop> {
    let much = if size.nodes > NODES {
        format!("{NODES} values")
    } else if size.bytes > BYTES {
        format!("{} MiB of text", BYTES / 1024 / 1024)
    } else {
        return Ok(());
    };
    let problem = if aliased {
        Problem::error(
            "too-large",
            span,
            format!("the file has more than {much} here, counting what aliases repeat"),
        )
        .hint("use fewer aliases of aliases, or split the file")
    } else {
        Problem::error(
            "too-large",
            span,
            format!("the file is too large: it has more than {much}"),
        )
        .hint("split it: each project into a file of its own, or parts of it into files that it includes")
    };
    Err(Stop(Box::new(problem)))
}
