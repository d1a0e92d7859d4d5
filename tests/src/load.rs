//! A load on the pages, and whether everything that was answered is there afterwards.

use std::error::Error;
use std::path::Path;

use engine::event::Event;
use store::Store;

use crate::{Browserless, executable};

/// What a person was told: that a record exists, or that it has this comment.
#[derive(Debug)]
pub enum Answered {
    /// The record of this number.
    Reported(String),
    /// The record and the comment.
    Commented(String, String),
}

impl Answered {
    /// Panics where it is not in the store.
    ///
    /// # Panics
    /// What was answered is lost, or the store fails.
    pub fn is_there(&self, store: &Store) {
        match self {
            Answered::Reported(number) => {
                let found = store.instance_of_number(number).expect("the store is readable");
                assert!(found.is_some(), "{number} was answered and is not there");
            }
            Answered::Commented(number, text) => {
                let id = store.instance_of_number(number).expect("the store is readable").expect("it was answered");
                let history = store.history(id).expect("the history is readable");
                let there = history.iter().flat_map(|entry| &entry.events).any(|event| match event {
                    Event::Commented { text: held, .. } => held == text,
                    _ => false,
                });
                assert!(there, "the comment \"{text}\" on {number} was answered and is not there");
            }
        }
    }
}

/// Reports an incident and comments on it; gives what was answered.
///
/// # Errors
/// Nobody answered.
///
/// # Panics
/// The answer is not what a person would get.
pub fn work(visitor: &mut Browserless, name: &str) -> Result<Vec<Answered>, Box<dyn Error>> {
    let form = visitor.get("/portal/report")?;
    let token = form.field("_token").ok_or("the form carries a token")?;
    let summary = format!("crash {name}");
    let said = [
        ("_token", token.as_str()),
        ("summary", &summary),
        ("details", "As told on the phone."),
        ("service", "vpn"),
        ("impact", "low"),
        ("urgency", "low"),
    ];
    let reported = visitor.post("/portal/report", &said)?;
    assert_eq!(reported.status, 303, "{}", reported.body);
    let page = reported.location.ok_or("a report leads somewhere")?;
    let number = page.split('?').next().and_then(|path| path.rsplit('/').next()).unwrap_or_default().to_owned();
    let mut answers = vec![Answered::Reported(number.clone())];
    let comment = format!("comment {name}");
    let said = [("_token", token.as_str()), ("text", &comment)];
    if let Ok(commented) = visitor.post(&format!("/records/{number}/comment"), &said) {
        assert_eq!(commented.status, 303, "{}", commented.body);
        answers.push(Answered::Commented(number, comment));
    }
    Ok(answers)
}

/// `tiaoli doctor` recomputes every state, list and hash.
///
/// # Panics
/// It finds something.
pub fn doctor_finds_nothing(data: &Path) {
    let output = std::process::Command::new(executable())
        .args(["--language", "en", "doctor", "--data"])
        .arg(data)
        .output()
        .expect("the doctor runs");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    assert!(said.contains(": 0 findings"), "{said}");
}
