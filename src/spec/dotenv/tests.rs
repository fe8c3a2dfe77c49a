use std::collections::BTreeMap;

use super::{Assignment, read_env, read_raw};
use crate::spec::{Node, Problem, Sources};

fn show(result: Result<Vec<Assignment>, Vec<Problem>>, text: &str) -> String {
    match result {
        Ok(all) => all
            .iter()
            .map(|one| match one.value.as_ref().and_then(Node::text) {
                Some(value) => format!("{}={value:?}", one.key.text),
                None => one.key.text.clone(),
            })
            .collect::<Vec<_>>()
            .join(" "),
        Err(problems) => problems
            .iter()
            .map(|problem| {
                let span = problem.span.expect("a place");
                format!("{}: {}", &text[span.start..span.end], problem.text)
            })
            .collect::<Vec<_>>()
            .join(" | "),
    }
}

fn env(text: &str) -> String {
    let mut sources = Sources::default();
    let file = sources.add("test.env", text);
    let outer: BTreeMap<String, String> = [("OUT".to_owned(), "out".to_owned())].into();
    show(read_env(&sources, file, &outer), text)
}

fn raw(text: &str) -> String {
    let mut sources = Sources::default();
    let file = sources.add("test.env", text);
    show(read_raw(&sources, file), text)
}

#[test]
fn lines() {
    for (text, expected) in [
        ("", ""),
        ("\n \t\r\n# c\n  # c\n", ""),
        ("FOO=bar", "FOO=\"bar\""),
        ("FOO=bar\r\nB=c\r\n", "FOO=\"bar\" B=\"c\""),
        ("FOO =bar\nB= c \n", "FOO=\"bar\" B=\"c\""),
        ("\u{feff}FOO=bar", "FOO=\"bar\""),
        ("FOO=", "FOO=\"\""),
        ("FOO=\nB=c", "FOO=\"\" B=\"c\""),
        (
            "OPTION_A: 1\nB: Foo=bar\nC=1:B",
            "OPTION_A=\"1\" B=\"Foo=bar\" C=\"1:B\"",
        ),
        (
            "export A=2\nexport\tB=3\nexportC=4\n  export D=5",
            "A=\"2\" B=\"3\" exportC=\"4\" D=\"5\"",
        ),
        ("export=1", "export=\"1\""),
        ("A.B-c[0]=x", "A.B-c[0]=\"x\""),
        ("A=foobar=", "A=\"foobar=\""),
        (
            "A=b # c\nB=b#c\nC= # c\nD=#fff\n",
            "A=\"b\" B=\"b#c\" C=\"\" D=\"#fff\"",
        ),
        ("A='b' # c\nB=\"b#c\"# d", "A=\"b\" B=\"b#c\""),
        ("A\nB # c\nexport C\nD", "A B C D"),
        ("A=1\nB=2\nA=3", "A=\"3\" B=\"2\""),
        ("A=héllo wörld\nÉ=x", "A=\"héllo wörld\" É=\"x\""),
        ("A=it's", "A=\"it's\""),
    ] {
        assert_eq!(env(text), expected, "{text:?}");
    }
}

#[test]
fn quotes_and_escapes() {
    for (text, expected) in [
        ("A='b c'\nB=\"b c\"", "A=\"b c\" B=\"b c\""),
        (r"A='\n $X \\'", r#"A="\\n $X \\\\""#),
        (r"A='it\'s'", r#"A="it's""#),
        (r#"A="a\nb\tc\"d\\n""#, r#"A="a\nb\tc\"d\\n""#),
        (r#"A="\q\0101\0\08""#, r#"A="\\qA\\0\\08""#),
        (r#"A="\$OUT $OUT $$""#, r#"A="$OUT out $""#),
        (
            "A=\"one\ntwo\"\nB='three\n# four'",
            "A=\"one\\ntwo\" B=\"three\\n# four\"",
        ),
        (r#"A="""#, r#"A="""#),
    ] {
        assert_eq!(env(text), expected, "{text}");
    }
}

#[test]
fn variables_come_from_the_surroundings_and_from_earlier_lines() {
    for (text, expected) in [
        ("A=$OUT", "A=\"out\""),
        (
            "A=1\nB=${A}2\nC=\"$B\"\nD='$B'",
            "A=\"1\" B=\"12\" C=\"12\" D=\"$B\"",
        ),
        ("OUT=mine\nB=$OUT", "OUT=\"mine\" B=\"out\""),
        ("A=${NO:-d} ${OUT:+alt}", "A=\"d alt\""),
        ("A=$$x", "A=\"$x\""),
    ] {
        assert_eq!(env(text), expected, "{text}");
    }
}

#[test]
fn problems_have_places_and_do_not_hide_each_other() {
    for (text, expected) in [
        ("lol$wut", "$: `$` cannot stand in a variable's name"),
        (
            "A B=c\nC=$NO\n=x",
            " : a blank cannot stand in a variable's name | $NO: the variable `NO` is not set | =: a variable's name is missing",
        ),
        // A blank of several bytes.
        ("export \u{2002}", "\u{2002}: a variable's name is missing"),
        (
            "A='b\nC=d",
            "': the value that begins with this quote never ends",
        ),
        (
            "A=\"b\"c\nB=${",
            "c: something follows the closing quote | ${: this `${` is never closed",
        ),
        (
            r#"A="é\n\"\$ ${NO:?é} x""#,
            "${NO:?é}: the variable `NO` is not set: é",
        ),
        // Letters of a password are not told as a variable's name.
        (
            "DB_PASSWORD=sup$er$ecret\nTOKEN=${NO}",
            "sup$er$ecret: a `$` in this value begins a variable that is not set | ${NO}: the variable `NO` is not set",
        ),
        ("A=b\0", "\0: a control character (U+0000) stands here"),
    ] {
        assert_eq!(env(text), expected, "{text}");
    }
}

#[test]
fn raw_values_are_taken_as_they_are() {
    for (text, expected) in [
        (
            "A='b' # c \r\n  B=$OUT\n# c\n\nC\nD=\n",
            "A=\"'b' # c \" B=\"$OUT\" C D=\"\"",
        ),
        (
            "A b=c\n=d",
            " b: a blank cannot stand in a variable's name | =: a variable's name is missing",
        ),
    ] {
        assert_eq!(raw(text), expected, "{text}");
    }
}

#[test]
fn values_of_secrets_are_noted() {
    let mut sources = Sources::default();
    let file = sources.add(
        "test.env",
        "DB_PASSWORD=hunter2\nURL=pg://${DB_PASSWORD}@db\n",
    );
    let all = read_env(&sources, file, &BTreeMap::new()).expect("good");
    let shown = format!("{all:?}");
    assert_eq!(
        shown.matches("secrets: [\"hunter2\"]").count(),
        2,
        "{shown}"
    );
}
