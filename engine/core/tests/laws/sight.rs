//! Who may see which field of a record.

use engine::command::{Command, Rejection};
use engine::definition::{Action, Channel, Presence, Template, Who};
use engine::effect::Effect;
use engine::event::Actor;
use engine::expr::Scope;
use engine::people::sees_field;
use engine::value::FieldType;

use crate::made::{
    act, candidates, chore, end, fields, given, labels, name, now, outcome, person, process, role, started, step, task,
    text,
};

/// A process with a note for the manager's eyes, which the requester fills in.
fn confiding() -> engine::definition::Parts {
    let notify = |whom: Who| Action::Notify { whom: vec![whom], template: name("secret"), by: Channel::Inbox };
    let mut asking = task(candidates(vec![Who::Requester]), vec![outcome("told", None)]);
    if let engine::definition::StepKind::Task(task) = &mut asking {
        task.asks = vec![crate::made::ask("confession")];
    }
    let mut parts = process(vec![
        step("tell", None, Some("news"), asking),
        step("news", None, Some("look"), act(vec![notify(role("manager")), notify(role("desk"))])),
        step("look", None, Some("over"), chore()),
        step("over", None, None, end("done")),
    ]);
    let mut field = given("confession", FieldType::Text { max: 80 }, Presence::Required, None);
    field.seen_by = vec![role("manager")];
    parts.fields.push(field);
    parts.edited_by = vec![role("desk"), role("manager")];
    parts.templates.push(Template { name: name("secret"), text: labels("{summary}: {confession}") });
    parts
}

#[test]
fn only_those_whom_a_field_names_see_it_and_change_it_outside_of_tasks() {
    let mut play = started(confiding(), &[]);
    let tell = now(&play).tasks()[0].id;
    let told = fields(&[("confession", text("it was me"))]);
    let complete = Command::Complete { task: tell, outcome: name("told"), fields: told.clone(), reason: None };
    play.command(person("erin"), complete).expect("who is asked for it fills it in");

    let definition = play.definition().clone();
    let directory = play.directory().clone();
    let scope = Scope {
        definition: &definition,
        fields: now(&play).fields(),
        requester: now(&play).requester(),
        directory: &directory,
        now: play.now(),
        records: &engine::records::NoRecords,
        number: "",
        items: &[],
    };
    let field = definition.field(&name("confession")).expect("it is declared");
    assert!(sees_field(&person("dora"), field, &scope) && sees_field(&Actor::System, field, &scope));
    assert!(!sees_field(&person("anna"), field, &scope), "who works on the record does not");
    assert!(!sees_field(&person("erin"), field, &scope), "nor does who filled it in");
    let plain = definition.field(&name("summary")).expect("it is declared");
    assert!(sees_field(&person("anna"), plain, &scope));

    let edit = || Command::Edit { fields: fields(&[("confession", text("it was nobody"))]), reason: "mercy".into() };
    assert_eq!(play.command(person("anna"), edit()), Err(Rejection::NotAllowed), "nor puts another value there");
    play.command(person("dora"), edit()).expect("the manager sees it");
}

#[test]
fn a_notice_tells_what_a_field_holds_only_where_every_reader_may_see_it() {
    let mut play = started(confiding(), &[]);
    let tell = now(&play).tasks()[0].id;
    let told = fields(&[("confession", text("it was me"))]);
    let complete = Command::Complete { task: tell, outcome: name("told"), fields: told, reason: None };
    play.command(person("erin"), complete).expect("the form is right");
    let effects = &play.played().last().expect("it was done").effects;
    let texts: Vec<&str> = effects
        .iter()
        .filter_map(|effect| match effect {
            Effect::Notify { text, .. } => Some(text.en.as_str()),
            _ => None,
        })
        .collect();
    assert_eq!(texts, ["mail down: it was me", "mail down: (confidential)"]);
}
