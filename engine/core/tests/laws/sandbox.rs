//! Rules that mean harm, or only go wrong: each is stopped quickly, with its line and what it saw.

use engine::ids::Name;
use engine::rules::{Parameter, Rule, RuleBook, RuleError, SOURCE_MAX};
use engine::value::{FieldType, Value};

use crate::made::{choice, choices, name, text};

/// The line of the file in which the body of each rule here begins.
const LINE: u32 = 40;
/// The column of that line.
const COLUMN: u32 = 27;

fn rule(body: &str) -> Rule {
    Rule {
        name: name("judge"),
        inputs: vec![Parameter { name: name("said"), holds: FieldType::Text { max: 200 } }],
        gives: FieldType::Markdown,
        body: body.to_owned(),
        line: LINE,
        column: COLUMN,
    }
}

fn call(body: &str) -> Result<Value, RuleError> {
    RuleBook::compile(&[rule(body)])?.call(&Name::from("judge"), &[text("hello")])
}

fn refused(body: &str) -> RuleError {
    match call(body) {
        Err(error) => error,
        Ok(value) => panic!("the rule was carried out and gave {value}: {body}"),
    }
}

#[test]
fn a_rule_computes_from_what_it_is_given() {
    assert_eq!(call("said.to_upper()"), Ok(text("HELLO")));
    assert_eq!(call("if said.len() > 3 { `${said}!` } else { \"short\" }"), Ok(text("hello!")));
    assert_eq!(call("()"), Ok(Value::Nothing));
}

#[test]
fn every_endless_rule_ends() {
    for body in [
        "loop { }",
        "while true { }",
        "let n = 0; loop { n += 1; }",
        "for i in 0..1000000000 { let n = i; } said",
        "fn again(n) { again(n + 1) } again(0)",
        "fn left(n) { right(n) } fn right(n) { left(n) } left(0)",
        "let f = |n| n; loop { f.call(1); }",
        "let a = []; a.pad(400, 1); let b = a; let c = a; a.map(|x| b.map(|y| c.map(|z| 1))); said",
        "let a = []; a.pad(400, 1); let b = a; let c = a; a.filter(|x| b.all(|y| c.some(|z| z > 1))); said",
        "let a = []; for i in 0..1000 { for j in 0..1000 { a = [i]; } } said",
    ] {
        let error = refused(body);
        assert_eq!(error.line, LINE, "{body}: {error}");
        assert_eq!(error.saw, "said = hello", "{body}");
        assert!(error.message.contains("operations") || error.message == "Stack overflow", "{body}: {error}");
    }
}

#[test]
fn no_rule_grows_without_bound() {
    for body in [
        "let s = \"x\"; loop { s += s; }",
        "let s = said; for i in 0..40 { s = s + s; } s",
        "let a = [0]; loop { a += a; }",
        "let a = []; a.pad(1000000000, 0); said",
        "let b = blob(2000000000, 7); said",
        "let s = \"\"; s.pad(2000000000, 'x'); s",
        "let m = #{}; for i in 0..100000 { m[`k${i}`] = i; } said",
        "let a = [1]; for i in 0..60 { a = [a, a]; } said",
        "\"x\".replace(\"x\", \"y\"); let s = \"xxxxxxxxxxxxxxxxxxxxxxxxx\"; loop { s.replace(\"x\", \"xxxxxxxxxx\"); }",
    ] {
        let error = refused(body);
        assert!(!error.message.is_empty() && error.line >= LINE, "{body}: {error}");
    }
}

#[test]
fn a_rule_reaches_nothing_outside_of_itself() {
    for body in [
        "eval(\"40 + 2\")",
        "print(said); said",
        "debug(said); said",
        "sleep(1); said",
        "sleep(1.0); said",
        "1.sleep(); said",
        "call(Fn(\"sleep\"), 60); said",
        "Fn(\"eval\").call(\"1\")",
        "Fn(\"print\").call(said)",
        "import \"secrets\" as s; said",
        "timestamp(); said",
        "open_file(\"/etc/passwd\")",
        "rand()",
    ] {
        let error = refused(body);
        assert_eq!(error.line, LINE, "{body}: {error}");
    }
}

#[test]
fn a_rule_cannot_change_what_it_is_given() {
    assert!(call("said = \"other\"; said").is_err());
    assert!(call("let said = \"mine\"; said").is_ok(), "a name of its own may hide an input");
}

#[test]
fn what_is_wrong_names_the_line_in_the_file_and_what_the_rule_saw() {
    let error = refused("let n = 1;\nlet m = 0;\n`${n / m}`");
    assert_eq!((error.line, error.column, error.saw.as_str()), (LINE + 2, 6, "said = hello"), "{error}");
    let error = refused("1 / 0");
    assert_eq!((error.line, error.column), (LINE, COLUMN + 2), "the first line begins within a line of the file");
    assert_eq!(error.to_string(), "rule judge, line 40, column 29: Division by zero: 1 / 0 (it saw said = hello)");
    let error = refused("fn part(n) {\n  1 / n\n}\npart(0)");
    assert_eq!((error.line, error.column), (LINE + 1, 5), "where the function failed, not where it was called");
    let error = refused("let n = 1;\nn.nonsense()");
    assert_eq!(error.line, LINE + 1, "{error}");
    let unreadable = RuleBook::compile(&[rule("let n = 1;\n\nif {")]).expect_err("this is no rhai");
    assert_eq!(unreadable.line, LINE + 2, "{unreadable}");
    let unknown = RuleBook::compile(&[rule("let n = 1;\nother + n")]).expect_err("nobody declared `other`");
    assert_eq!(unknown.line, LINE + 1, "{unknown}");
}

#[test]
fn a_function_that_is_not_there_is_found_before_the_rule_runs() {
    let compiled = |body: &str| RuleBook::compile(&[rule(body)]);
    for body in ["shout(said)", "said.shout()", "let n = 1;\nif n > 2 { shout(n) } said", "fn f(n) { shout(n) } said"] {
        let error = compiled(body).expect_err("nobody defines it");
        assert_eq!(error.message, "there is no function `shout`", "{body}");
    }
    let error = compiled("let n = 1;\nn + shout(n)").expect_err("nobody defines it");
    assert_eq!((error.line, error.column), (LINE + 1, 5));
    for body in [
        "fn shout(n) { n + 1 } shout(said)",
        "let shout = |n| n; shout.call(said)",
        "let m = #{ shout: |n| n }; m.shout(said)",
        "said.to_upper().len()",
        "type_of(said)",
        "[1, 2].map(|n| n + 1).reduce(|sum, n| sum + n, 0)",
        "said.is_empty()",
        "parse_decimal(\"1\") + 1",
    ] {
        assert!(compiled(body).is_ok(), "{body}: {:?}", compiled(body));
    }
}

#[test]
fn a_rule_gives_what_it_declares_or_fails() {
    let giving = |gives: FieldType, body: &str| {
        let rule = Rule { gives, ..rule(body) };
        RuleBook::compile(&[rule]).and_then(|book| book.call(&name("judge"), &[text("hello")]))
    };
    assert_eq!(giving(choices(&["p1", "p2"]), "\"p1\""), Ok(choice("p1")));
    assert!(giving(choices(&["p1", "p2"]), "\"p9\"").is_err());
    assert!(giving(FieldType::Bool, "\"yes\"").is_err());
    assert!(giving(FieldType::Number, "\"1\"").is_err());
    assert_eq!(giving(FieldType::Number, "41 + 1"), Ok(Value::Number(42.into())));
    assert!(giving(FieldType::Date, "\"2026-02-30\"").is_err());
    assert!(giving(FieldType::Many(Box::new(FieldType::Bool)), "[true, 1]").is_err());
    let error = giving(FieldType::Bool, "said").expect_err("a text is no answer");
    assert_eq!((error.line, error.saw.as_str()), (LINE, "said = hello"));
    assert_eq!(error.message, "gave hello where it declares boolean");
    let error = giving(choices(&["p1", "p2"]), "\"p9\"").expect_err("p9 is not declared");
    assert_eq!(error.message, "gave p9, which is not one of p1, p2");
}

#[test]
fn a_rule_that_is_nested_too_deep_or_too_long_is_refused_before_it_runs() {
    let nested = format!("{}1{}", "(".repeat(5_000), ")".repeat(5_000));
    let blocks = format!("{}{}", "{".repeat(5_000), "}".repeat(5_000));
    let chained = format!("said{}", " + said".repeat(2_000));
    let long = format!("said // {}", "x".repeat(SOURCE_MAX));
    for body in [nested, blocks, chained, long] {
        assert!(RuleBook::compile(&[rule(&body)]).is_err(), "{}…", &body[..40]);
    }
}
