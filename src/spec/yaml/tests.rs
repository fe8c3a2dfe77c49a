use super::{read, read_partly};
use crate::spec::{Kind, Node, Problem, Sources, Span, Tag};

/// A tree in one line: `{a: [1, "b"]}`; what was quoted shows its quotes.
fn show(node: &Node) -> String {
    let tag = match node.tag {
        Some(Tag::Reset) => "!reset ",
        Some(Tag::Override) => "!override ",
        None => "",
    };
    let text = match &node.kind {
        Kind::Null => "~".to_owned(),
        Kind::Scalar(scalar) if scalar.plain => scalar.text.clone(),
        Kind::Scalar(scalar) => format!("{:?}", scalar.text),
        Kind::List(items) => {
            let items: Vec<String> = items.iter().map(show).collect();
            format!("[{}]", items.join(", "))
        }
        Kind::Map(entries) => {
            let entries: Vec<String> = entries
                .iter()
                .map(|entry| format!("{}: {}", entry.key.text, show(&entry.value)))
                .collect();
            format!("{{{}}}", entries.join(", "))
        }
    };
    format!("{tag}{text}")
}

fn tree(text: &str) -> String {
    let mut sources = Sources::default();
    let file = sources.add("test.yaml", text);
    match read(&sources, file) {
        Ok(node) => show(&node),
        Err(problems) => panic!("{problems:?}"),
    }
}

fn at(span: Option<Span>, text: &str) -> String {
    span.map_or_else(String::new, |span| {
        let line = text[..span.start].matches('\n').count() + 1;
        format!(
            "{line}:{}..{} `{}`",
            span.start,
            span.end,
            &text[span.start..span.end]
        )
    })
}

fn problems(text: &str) -> Vec<Problem> {
    let mut sources = Sources::default();
    let file = sources.add("test.yaml", text);
    read(&sources, file).expect_err(text)
}

/// The problems in lines: `code line:start..end text | hint | related`.
fn wrong(text: &str) -> String {
    problems(text)
        .iter()
        .map(|problem| {
            let related: String = problem
                .related
                .iter()
                .map(|(span, label)| format!(" + {} {label}", at(Some(*span), text)))
                .collect();
            format!(
                "{} at {}: {}{related} ({})",
                problem.code,
                at(problem.span, text),
                problem.text,
                problem.hint.clone().unwrap_or_default()
            )
        })
        .collect::<Vec<_>>()
        .join("\n")
}

#[test]
fn values_lists_and_mappings() {
    for (text, expected) in [
        ("", "~"),
        ("# only a comment\n", "~"),
        ("---\n...\n", "~"),
        ("\u{feff}a: 1\n", "{a: 1}"),
        ("a: 1.10\r\nb: 'x'\r\n", "{a: 1.10, b: \"x\"}"),
        (
            "a:\nb: ~\nc: null\nd: 'null'\ne: ''\n",
            "{a: ~, b: ~, c: ~, d: \"null\", e: \"\"}",
        ),
        ("[1, {a: b, c}, 'd', [ ]]", "[1, {a: b, c: ~}, \"d\", []]"),
        (
            "a: |\n  x\n   y\n\nb: >-\n  x\n  y\n",
            "{a: \"x\\n y\\n\", b: \"x y\"}",
        ),
        (
            "a: \"q\\\"\\u00e9\\n\"\nb: 'it''s'\n",
            "{a: \"q\\\"é\\n\", b: \"it's\"}",
        ),
        ("a: x\n  y\n", "{a: x y}"),
        (
            "a: !reset null\nb: !override\n  - c\nd: !reset\n",
            "{a: !reset ~, b: !override [c], d: !reset ~}",
        ),
        ("a: !!str 8080\n", "{a: \"8080\"}"),
        ("a: !!map {b: !!seq [!!str c]}\n", "{a: {b: [\"c\"]}}"),
        ("8080: a\ntrue: b\n", "{8080: a, true: b}"),
        ("a:\n- b\n- c\n", "{a: [b, c]}"),
        ("- a: b\n  c: d\n-\n- - e\n", "[{a: b, c: d}, ~, [e]]"),
    ] {
        assert_eq!(tree(text), expected, "{text}");
    }
}

#[test]
fn comments_are_passed_over_wherever_they_stand() {
    assert_eq!(
        tree(
            "# one\n#  two\n\n# three\na: 1 # behind\n\n# b's\nb:\n  # c's\n  c: |\n    # text\n  # d's\n  d: [\n    # item\n    e]\n# tail\n"
        ),
        "{a: 1, b: {c: \"# text\\n\", d: [e]}}"
    );
}

#[test]
fn aliases_and_merges() {
    for (text, expected) in [
        ("a: &x {k: 1}\nb: *x\n", "{a: {k: 1}, b: {k: 1}}"),
        ("a: &x 1\nb: &x 2\nc: *x\n", "{a: 1, b: 2, c: 2}"),
        ("&k key: v\nother: *k\n*k : w\n", "!"),
        ("a: &x 1\n*x : b\n", "{a: 1, 1: b}"),
        (
            "x: &x {a: 1, b: 2}\ny:\n  b: 3\n  <<: *x\n  c: 4\n",
            "{x: {a: 1, b: 2}, y: {b: 3, a: 1, c: 4}}",
        ),
        (
            "x: &x {a: 1, b: 2}\ny: &y {b: 3, c: 4}\nz: {<<: [*x, *y], d: 5}\n",
            "{x: {a: 1, b: 2}, y: {b: 3, c: 4}, z: {a: 1, b: 2, c: 4, d: 5}}",
        ),
        ("x: {'<<': 1}\n", "{x: {<<: 1}}"),
    ] {
        if expected == "!" {
            assert!(wrong(text).contains("`key` stands twice"), "{text}");
        } else {
            assert_eq!(tree(text), expected, "{text}");
        }
    }
}

/// Every node and key, with the text that its place covers.
fn places(node: &Node, text: &str, out: &mut Vec<String>) {
    out.push(text[node.span.start..node.span.end].to_owned());
    match &node.kind {
        Kind::Null | Kind::Scalar(_) => {}
        Kind::List(items) => items.iter().for_each(|item| places(item, text, out)),
        Kind::Map(entries) => {
            for entry in entries {
                out.push(text[entry.key.span.start..entry.key.span.end].to_owned());
                places(&entry.value, text, out);
            }
        }
    }
}

#[test]
fn places_are_exact_in_bytes_also_behind_letters_of_several_bytes() {
    let text = "# ünïcödé 🐳\n\"kéy\": 'ü🐳'\nlist:\n  - 日本 # c\n  - [x, é]\nempty:\nblock: |\n  é\n  z\n\n# end\n";
    let mut sources = Sources::default();
    let file = sources.add("test.yaml", text);
    let node = read(&sources, file).expect("good");
    let mut out = Vec::new();
    places(&node, text, &mut out);
    assert_eq!(
        out,
        [
            "\"kéy\": 'ü🐳'\nlist:\n  - 日本 # c\n  - [x, é]\nempty:\nblock: |\n  é\n  z",
            "\"kéy\"",
            "'ü🐳'",
            "list",
            "- 日本 # c\n  - [x, é]",
            "日本",
            "[x, é]",
            "x",
            "é",
            "empty",
            "",
            "block",
            "é\n  z",
        ]
    );
    // Nothing stands behind the colon, and so does the place.
    let empty = node.get("empty").expect("a key").span;
    assert_eq!(
        &text[..empty.start],
        &text[..text.find("\nblock").expect("there")]
    );
}

#[test]
fn a_repeated_value_keeps_the_places_of_what_is_repeated() {
    let text = "a: &x [1]\nb: *x\nc: 2\n";
    let mut sources = Sources::default();
    let file = sources.add("test.yaml", text);
    let node = read(&sources, file).expect("good");
    assert_eq!(
        node.get("a").map(|node| node.span),
        node.get("b").map(|node| node.span)
    );
    assert_eq!(node.span.end, text.len() - 1);
}

#[test]
fn what_can_be_read_is_given_beside_the_problems() {
    let mut sources = Sources::default();
    let file = sources.add("test.yaml", "a: 1\na: 2\nb: *no\n[x]: y\nc: !x d\n");
    let mut problems = Vec::new();
    let node = read_partly(&sources, file, &mut problems).expect("a tree");
    assert_eq!(show(&node), "{a: 1, b: ~, c: d}");
    let codes: Vec<&str> = problems.iter().map(|problem| problem.code).collect();
    assert_eq!(codes, ["bad-alias", "bad-key", "bad-tag", "duplicate-key"]);
}

#[test]
fn limits_end_reading_with_a_reason() {
    use std::fmt::Write as _;
    let deep = format!("a: {}{}", "[".repeat(70), "]".repeat(70));
    assert!(
        wrong(&deep).starts_with("too-deep at 1:66..67"),
        "{}",
        wrong(&deep)
    );
    // Deep through aliases: each line adds thirty levels.
    let nest = |inner: &str| format!("{}{inner}{}", "[".repeat(30), "]".repeat(30));
    let aliases = format!(
        "a: &a {}\nb: &b {}\nc: {}\n",
        nest("1"),
        nest("*a"),
        nest("*b")
    );
    assert!(
        wrong(&aliases).starts_with("too-deep at 3:"),
        "{}",
        wrong(&aliases)
    );

    let mut laughs = String::from("a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n");
    for n in 1..20 {
        let list = vec![format!("*a{}", n - 1); 10].join(",");
        writeln!(laughs, "a{n}: &a{n} [{list}]").expect("a string");
    }
    assert!(
        wrong(&laughs).starts_with("too-large at 6:"),
        "{}",
        wrong(&laughs)
    );

    let text = format!(
        "a: &a {}\nb: [{}]\n",
        "x".repeat(1_000_000),
        "*a, ".repeat(100)
    );
    assert!(wrong(&text).contains("more than 64 MiB of text"));

    let plain = format!("a: [{}]\n", "x,".repeat(1_000_001));
    assert_eq!(
        problems(&plain)[0].text,
        "the file is too large: it has more than 1000000 values"
    );

    let large = "a: b\n".repeat(2_000_000);
    assert_eq!(
        problems(&large)[0].text,
        "the file has 10 MiB, and at most 8 MiB are read"
    );
}

#[test]
fn a_file_of_five_megabytes_is_read() {
    use std::fmt::Write as _;
    let mut text = String::from("containers:\n");
    let mut n = 0;
    while text.len() < 5_000_000 {
        n += 1;
        writeln!(text, "  web-{n}:\n    image: nginx:1.27\n    env: {{ A: b, C: \"d\" }}\n    ports: [\"8080:80\"]")
            .expect("a string");
    }
    let mut sources = Sources::default();
    let file = sources.add("test.yaml", text);
    let node = read(&sources, file).expect("good");
    assert_eq!(
        node.get("containers").map(|node| node.entries().len()),
        Some(n)
    );
}

#[test]
fn problems_say_what_is_wrong_where_and_what_to_do() {
    let cases = [
        (
            "a:b\nc: d",
            "syntax at 1:1..2 `:`: a space is missing after this colon (write `key: value`)",
        ),
        (
            "w:\n  image:nginx\n  ports: []\n",
            "syntax at 2:10..11 `:`: a space is missing after this colon (write `key: value`)",
        ),
        (
            "a: 1\n  b: 2\n",
            "syntax at 2:7..9 `b:`: this line is indented deeper than the key before it, which already has a value + 1:3..4 `1` the value (indent keys of the same mapping alike)",
        ),
        (
            "a:\n\t- b",
            "tab at 2:3..4 `\t`: a tab cannot indent a line (indent with spaces)",
        ),
        (
            "a: 1\n\tb: 2\n",
            "tab at 2:5..6 `\t`: a tab cannot indent a line (indent with spaces)",
        ),
        (
            "a: \"x",
            "syntax at 1:3..4 `\"`: the text that begins with this quote never ends (write the closing quote)",
        ),
        (
            "a: [1, 2\nb: 3",
            "syntax at 2:10..11 `:`: a `:` cannot stand here, inside of brackets + 1:3..4 `[` opened here (close the bracket first, or put quotes around the text)",
        ),
        (
            "a: [1, 2\n",
            "syntax at 1:3..4 `[`: this `[` is never closed (write the closing `]`, or put quotes around a text that begins with `[`)",
        ),
        (
            "a: {x: [2}\n",
            "syntax at 1:7..8 `[`: this `[` is closed by a `}` (close brackets in the order in which they were opened)",
        ),
        (
            "a: b: c",
            "syntax at 1:4..5 `:`: a second key stands on the same line, or at the wrong depth (put quotes around a text that holds `: `, or give the key a line of its own)",
        ),
        (
            "k: @x",
            "syntax at 1:3..4 `@`: a text cannot begin with `@` (put quotes around the text)",
        ),
        (
            "k: - a",
            "syntax at 1:3..4 `-`: a list's item cannot begin here (begin `- item` on a line of its own, below the key)",
        ),
        (
            "a: 1\n- b",
            "syntax at 2:5..6 `-`: a list's item cannot stand among keys (indent it below the key that it belongs to)",
        ),
        (
            "- a\nb: 1\n",
            "syntax at 2:4..5 `b`: expected another `- item` here, as on the lines before (indent items of the same list alike)",
        ),
        (
            "a: 'b' c",
            "syntax at 1:7..8 `c`: the text ended with the quote before `c`, and something else follows (put the whole value in quotes; a quote inside is written `''` in single and `\\\"` in double quotes)",
        ),
        (
            "a: \"\\q\"",
            "syntax at 1:3..4 `\"`: this text in double quotes has an escape that YAML does not know (write `\\\\` for a backslash, or use single quotes)",
        ),
        (
            "a:\n    b: 1\n  c: 2\n",
            "syntax at 3:14..15 `c`: expected a key here, as on the lines before (write `key: value`, and indent keys of the same mapping alike)",
        ),
        (
            "a: {b: c}}",
            "syntax at 1:9..10 `}`: this `}` closes nothing (remove it, or put quotes around the text)",
        ),
        (
            "a: &x *y",
            "syntax at 1:6..7 `*`: `*` cannot follow what stands before it (put quotes around the whole value)",
        ),
        (
            "key\nother: 1\n",
            "syntax at 1:0..3 `key`: expected a `:` after this key (write `key: value`, with a space after the colon)",
        ),
        (
            "a: 1\nfoo\nb: 2\n",
            "syntax at 2:5..8 `foo`: expected a `:` after this key (write `key: value`, with a space after the colon)",
        ),
        (
            "a: |x\n  b",
            "syntax at 1:3..4 `|`: nothing but a comment can follow `|` on its line (begin the text on the next line, indented)",
        ),
        (
            "a: \"x\"#c",
            "syntax at 1:6..7 `#`: a comment cannot stand here (write a space before `#`, or put quotes around the text)",
        ),
        (
            "%x\na: b",
            "syntax at 2:3..4 `a`: a line that begins with `%` cannot stand here, or not like this (remove it; no such line is needed)",
        ),
        (
            "a: 1\n... x",
            "syntax at 2:9..10 `x`: nothing can follow `...` on its line (remove what follows)",
        ),
        (
            "x: {{ a }}",
            "bad-key at 1:4..9 `{ a }`: a key must be text, and this is a mapping (put quotes around a text that begins with `{` or `[`)",
        ),
        (
            ": b\n",
            "bad-key at 1:0..0 ``: a key is missing before this colon ()",
        ),
        (
            "a: !x b\n!y c: d\n",
            "bad-tag at 1:3..5 `!x`: unknown tag `!x` (the tags are `!reset` and `!override`; put quotes around a text that begins with `!`)\nbad-tag at 2:8..10 `!y`: a key cannot have a tag, such as `!y` (write the tag after the colon, before the value)",
        ),
        (
            "a: *nope\n",
            "bad-alias at 1:3..8 `*nope`: nothing before this is marked `&nope` (mark the value to repeat with `&nope`, or put quotes around a text that begins with `*`)",
        ),
        (
            "a: *\n",
            "syntax at 1:3..4 `*`: a name is missing after `*` (put quotes around a text that begins with `&` or `*`)",
        ),
        (
            "a: &a [*a]\n",
            "bad-alias at 1:7..9 `*a`: `*a` stands inside the value that it repeats (a value cannot hold itself)",
        ),
        (
            "<<: 3\n",
            "bad-merge at 1:0..2 `<<`: `<<` merges mappings, and this is a single value + 1:4..5 `3` a single value (name a mapping, or a list of mappings: `<<: *a` or `<<: [*a, *b]`)",
        ),
        (
            "a: &a {x: 1}\n<<: [*a]\n<<: *a\n",
            "duplicate-key at 3:22..24 `<<`: `<<` stands twice in the same mapping + 2:13..15 `<<` first given here (name several mappings in one list: `<<: [*a, *b]`)",
        ),
        (
            "a: 1\nb: 2\na: 3\n",
            "duplicate-key at 3:10..11 `a`: `a` stands twice in the same mapping + 1:0..1 `a` first given here (remove one of them)",
        ),
        (
            "a: 1\n---\nb: 2\n",
            "several-documents at 2:5..8 `---`: a second document begins here (keep one document in a file, and remove `---`)",
        ),
        (
            "é: ü\nb: \0",
            "not-text at 2:10..11 `\0`: a control character (U+0000) stands here (the file must be text; write the character as an escape in double quotes)",
        ),
    ];
    for (text, expected) in cases {
        assert_eq!(wrong(text), expected, "{text}");
    }
}
