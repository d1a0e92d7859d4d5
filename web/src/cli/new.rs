//! `tiaoli new`: a process to begin with, which checks, tests and explains.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use super::speech::Speech;
use super::{Failure, files};

/// The process to begin with, under a name and labels that are exchanged for those that are wanted.
const SCAFFOLD: &str = include_str!("new/scaffold.flow");
/// The longest name of a process, in characters.
const NAME_MAX: usize = 60;
/// The longest label of a process, in characters.
const LABEL_MAX: usize = 80;

#[derive(Args)]
pub(super) struct Arguments {
    /// The process's name: small letters, digits and `_`, such as access_request; the file is NAME.flow
    name: String,
    /// What people call it in English; from the name where not given
    #[arg(long)]
    label: Option<String>,
    /// What people call it in Chinese; from the English label where not given
    #[arg(long)]
    label_zh: Option<String>,
}

pub(super) fn run(arguments: &Arguments, speech: Speech) -> Result<ExitCode, Failure> {
    let name = arguments.name.as_str();
    named(name, speech)?;
    let en = arguments.label.clone().unwrap_or_else(|| spoken(name));
    let zh = arguments.label_zh.clone().unwrap_or_else(|| format!("{en} 流程"));
    for label in [&en, &zh] {
        labelled(label, speech)?;
    }
    let path = PathBuf::from(format!("{name}.flow"));
    let source = scaffold(name, &en, &zh);
    // A name may be a word of the language.
    if files::compiled(&path, &source, speech).is_none() {
        return Err(match speech {
            Speech::En => format!("a process cannot be named `{name}`; nothing was written"),
            Speech::Zh => format!("流程不能命名为 `{name}`；未写入任何文件"),
        }
        .into());
    }
    let written = OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(&path)
        .and_then(|mut file| file.write_all(source.as_bytes()));
    let shown = path.display();
    written.map_err(|cause| match (cause.kind(), speech) {
        (ErrorKind::AlreadyExists, Speech::En) => format!("{shown} is there already; it stays as it is"),
        (ErrorKind::AlreadyExists, Speech::Zh) => format!("{shown} 已存在，未作改动"),
        (_, _) => format!("{shown}: {cause}"),
    })?;
    match speech {
        Speech::En => println!(
            "{shown} is written. What to do next:\n  \
             tiaoli check {shown}      say what you want in it, then see every mistake\n  \
             tiaoli test {shown}       play its examples\n  \
             tiaoli explain {shown}    read it as plain sentences\n  \
             tiaoli deploy {shown} --author … --approver … --change … --reason …"
        ),
        Speech::Zh => println!(
            "已写入 {shown}。接下来：\n  \
             tiaoli check {shown}      按需修改后，检查所有问题\n  \
             tiaoli test {shown}       运行其中的示例\n  \
             tiaoli explain {shown}    用通俗语句读一遍\n  \
             tiaoli deploy {shown} --author … --approver … --change … --reason …"
        ),
    }
    Ok(ExitCode::SUCCESS)
}

fn named(name: &str, speech: Speech) -> Result<(), Failure> {
    let begins = name.starts_with(|letter: char| letter.is_ascii_lowercase());
    let fits = name.chars().all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '_');
    if begins && fits && name.len() <= NAME_MAX {
        return Ok(());
    }
    Err(match speech {
        Speech::En => format!(
            "`{name}` is no name for a process: take small letters, digits and `_`, a letter first, \
             at most {NAME_MAX}: access_request"
        ),
        Speech::Zh => format!(
            "`{name}` 不能作流程名：只能用小写字母、数字和 `_`，以字母开头，不超过 {NAME_MAX} 个字符，例如 access_request"
        ),
    }
    .into())
}

fn labelled(label: &str, speech: Speech) -> Result<(), Failure> {
    let blank = label.trim().is_empty() || label.chars().any(char::is_control);
    if !blank && label.chars().count() <= LABEL_MAX {
        return Ok(());
    }
    Err(match speech {
        Speech::En => format!("a label is one line of at most {LABEL_MAX} characters"),
        Speech::Zh => format!("名称须为一行文字，不超过 {LABEL_MAX} 个字符"),
    }
    .into())
}

/// A name as people say it: `access_request` is "Access request".
fn spoken(name: &str) -> String {
    let words = name.trim_end_matches('_').replace('_', " ");
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| first.to_ascii_uppercase().to_string() + letters.as_str())
}

/// What its records' numbers begin with: the first letters of its words, or of its only one.
fn initials(name: &str) -> String {
    let words: Vec<&str> = name.split('_').filter(|word| !word.is_empty()).collect();
    let letters: String = match words.as_slice() {
        [only] => only.chars().take(3).collect(),
        several => several.iter().filter_map(|word| word.chars().next()).collect(),
    };
    letters.to_ascii_uppercase()
}

fn scaffold(name: &str, en: &str, zh: &str) -> String {
    let quoted = |label: &str| format!("\"{}\"", label.replace('\\', "\\\\").replace('"', "\\\""));
    SCAFFOLD
        .replace("my_process", name)
        .replace("\"MP-", &format!("\"{}-", initials(name)))
        .replace("\"My process\" zh \"我的流程\"", &format!("{} zh {}", quoted(en), quoted(zh)))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use dsl::{Coverage, Language, Unit, Verdict};
    use engine::definition::Definition;
    use engine::ids::DefinitionId;

    use super::*;

    fn compiled(source: &str) -> Unit {
        dsl::compile(source).unwrap_or_else(|problems| panic!("{problems}\n{source}"))
    }

    #[test]
    fn the_scaffold_compiles_and_its_examples_hold_and_cover_it() {
        let unit = compiled(SCAFFOLD);
        assert!(unit.warnings.is_empty(), "{:?}", unit.warnings);
        let checked = &unit.processes[0];
        let id = DefinitionId::of_source(SCAFFOLD);
        let definition = Definition::prepare(id, checked.parts.clone()).expect("it compiled");
        let results = dsl::run_examples(checked, Arc::new(definition));
        for result in &results {
            assert_eq!(result.verdict, Verdict::Passed, "{}", result.name);
        }
        assert_eq!(Coverage::of(&checked.parts, &results).missed, Vec::new());
        for (language, said) in [(Language::En, "4 hours"), (Language::Zh, "4 小时")] {
            let explained = dsl::explain(&checked.parts, language);
            assert!(explained.contains(said), "{explained}");
        }
    }

    #[test]
    fn name_number_and_labels_are_those_that_are_wanted() {
        let source = scaffold("access_request", "\"Access\" \\ more", "权限申请");
        let parts = &compiled(&source).processes[0].parts;
        assert_eq!(parts.name, "access_request");
        assert_eq!(parts.number, "AR-{year}-{seq:6}");
        assert_eq!((parts.labels.en.as_str(), parts.labels.zh.as_str()), ("\"Access\" \\ more", "权限申请"));
        assert!(!source.contains("my_process") && !source.contains("My process"));
        assert_eq!((spoken("access_request"), initials("incident")), ("Access request".to_owned(), "INC".to_owned()));
    }
}
