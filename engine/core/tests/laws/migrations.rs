//! A record that comes to another version of its process: what stays, what is counted anew, what is refused; and the
//! laws, on random pairs of versions.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use engine::command::{Command, Rejection};
use engine::definition::{
    Definition, Due, Field, Needs, Origin, Pace, Parts, Presence, Reminder, Rest, StepKind, Threshold, Who,
};
use engine::event::{Actor, Event};
use engine::file::File;
use engine::ids::Name;
use engine::instance::{ClockRun, ClockState, Instance, Segment, Status};
use engine::migration::{MigrationPlan, Obstacle, Passage, PlanFault};
use engine::time::{HOUR_MS, Timestamp};
use engine::value::{FieldType, Fields, Value};
use engine::{Step, World, migrate};

use crate::draft::{Dice, commanded, later};
use crate::made;
use crate::made::{
    chore, clock, directory, end, fields, given, name, names, now, outcome, person, plain_minutes, prepared, process,
    race, receive, reference, role, started, step, task_at, text, timer, working_hours,
};
use crate::random::{Trial, catch_up};

/// Every step that both have under the same name.
fn plan(old: &Definition, new: &Definition) -> MigrationPlan {
    let both = old.parts().steps.iter().filter(|step| new.step(&step.name).is_some());
    MigrationPlan {
        from: old.id().clone(),
        to: new.id().clone(),
        steps: both.map(|step| (step.name.clone(), step.name.clone())).collect(),
        fields: BTreeMap::new(),
        set: Fields::new(),
        clocks: BTreeMap::new(),
        dropped: BTreeSet::new(),
    }
}

pub struct Change {
    old: Arc<Definition>,
    new: Arc<Definition>,
    plan: MigrationPlan,
}

impl Change {
    pub fn of(old: Parts, change: impl FnOnce(&mut Parts)) -> Change {
        let mut parts = old.clone();
        change(&mut parts);
        let (old, new) = (prepared(old), prepared(parts));
        let plan = plan(&old, &new);
        Change { old, new, plan }
    }

    fn faults(&self) -> BTreeSet<PlanFault> {
        Passage::new(&self.old, &self.new, self.plan.clone()).err().unwrap_or_default()
    }

    pub fn apply(&self, record: &Instance, at: Timestamp) -> Result<Step, Rejection> {
        self.apply_as(record, at, &Actor::System)
    }

    fn apply_as(&self, record: &Instance, at: Timestamp, by: &Actor) -> Result<Step, Rejection> {
        let passage = Passage::new(&self.old, &self.new, self.plan.clone()).expect("the plan fits its versions");
        let world = World {
            now: at,
            actor: by,
            directory: &directory(),
            fresh: crate::made::FRESH,
            records: &engine::records::NoRecords,
        };
        migrate(&passage, record, "a new agreement".into(), &world)
    }
}

/// A task of eight working hours with two reminders, beside a message and a timer; a clock of its own.
fn parts() -> Parts {
    let mut work = made::task(made::candidates(vec![role("desk")]), vec![outcome("done", None)]);
    if let StepKind::Task(task) = &mut work {
        let due = |hours| Due { span: working_hours(hours), hours: None };
        task.due = Some(due(8));
        task.reminders = [2, 30]
            .map(|hours| Reminder { after: Some(due(hours)), actions: vec![made::notify(Who::Requester)] })
            .into();
    }
    let mut parts = process(vec![
        step("both", None, Some("closed"), race(&["work", "news", "late"])),
        step("work", Some("both"), None, work),
        step("news", Some("both"), None, receive("news", vec![Who::Anyone])),
        step("late", Some("both"), None, timer(plain_minutes(60_000))),
        step("closed", None, None, end("closed")),
    ]);
    parts.clocks.push(clock("closed", &[], &[]));
    parts
}

fn task_of<'p>(parts: &'p mut Parts, step: &str) -> &'p mut engine::definition::Task {
    let found = parts.steps.iter_mut().find(|held| held.name == *step);
    match found.map(|step| &mut step.kind) {
        Some(StepKind::Task(task)) => task,
        _ => panic!("{step} is no task"),
    }
}

fn rename(parts: &mut Parts, was: &str, is: &str) {
    for step in &mut parts.steps {
        let renamed = |held: &mut Name| {
            if *held == *was {
                *held = name(is);
            }
        };
        renamed(&mut step.name);
        step.scope.as_mut().map(renamed);
        step.next.as_mut().map(renamed);
        if let StepKind::Race { branches } = &mut step.kind {
            branches.iter_mut().for_each(renamed);
        }
    }
}

#[test]
fn an_open_task_keeps_its_identity_and_claim_and_its_due_counts_from_when_it_opened() {
    let mut play = started(parts(), &[]);
    let task = task_at(&play, "work");
    play.command(person("bo"), Command::Claim { task }).expect("Bo is at the desk");
    play.advance_to(made::at("2026-09-21 11:30"));
    let before = now(&play).tasks()[0].clone();
    let change = Change::of(parts(), |parts| {
        let work = task_of(parts, "work");
        work.due = Some(Due { span: working_hours(4), hours: None });
        work.candidates.any = vec![Who::Team(made::literal(reference("mail_team")))];
    });
    let after = change.apply(now(&play), play.now()).expect("nothing is in its way").instance;
    let open = &after.tasks()[0];
    assert_eq!((open.id, open.assignee.clone(), open.opened), (before.id, Some(name("bo")), before.opened));
    assert_eq!(open.candidates, [engine::event::Principal::Team(name("mail_team"))]);
    assert_eq!(open.due, Some(made::at("2026-09-20 12:30")), "half an hour on Friday, the rest on the make-up Sunday");
    assert_eq!((open.reminders[0], open.reminders[1].is_some()), (None, true), "one has come, one is to come");
    let mut barred = change;
    barred.new = {
        let mut parts = barred.new.parts().clone();
        task_of(&mut parts, "work").candidates.any = vec![role("manager")];
        prepared(parts)
    };
    barred.plan.to = barred.new.id().clone();
    let after = barred.apply(now(&play), play.now()).expect("nothing is in its way").instance;
    assert_eq!(after.tasks()[0].assignee, None, "whoever may not do it any more does not keep it");
}

#[test]
fn a_record_follows_its_steps_fields_and_clocks_under_their_new_names() {
    let mut play = started(parts(), &[]);
    let paper = Value::File(File::of("paper.txt", "text/plain", b"paper"));
    let noted = [("note", text("keep me")), ("papers", Value::List(vec![paper]))];
    made::edit(&mut play, "anna", &noted, "").expect("Anna may edit");
    play.advance_to(made::at("2026-09-21 11:30"));
    let mut change = Change::of(parts(), |parts| {
        rename(parts, "work", "labour");
        parts.clocks[0].name = name("promise");
        let note = parts.fields.iter_mut().find(|field| field.name == *"note");
        note.expect("there is a note").name = name("remark");
        let papers = parts.fields.iter_mut().find(|field| field.name == *"papers");
        papers.expect("there are papers").name = name("documents");
    });
    change.plan.steps.insert(name("work"), name("labour"));
    change.plan.fields.insert(name("note"), name("remark"));
    change.plan.fields.insert(name("papers"), name("documents"));
    change.plan.clocks.insert(name("resolution"), name("promise"));
    let before = now(&play).clone();
    let after = change.apply(&before, play.now()).expect("nothing is in its way").instance;
    assert_eq!(after.tasks()[0].step, name("labour"));
    assert_eq!((after.fields().get("remark"), after.fields().get("note")), (Some(&text("keep me")), None));
    assert!(after.names_file(&after.files()[0]), "its field is called otherwise");
    assert_eq!((&after.clocks()[0].clock, &after.clocks()[0].passed), (&name("promise"), &before.clocks()[0].passed));
    assert_eq!(after.definition(), change.new.id());
}

#[test]
fn a_clock_with_another_target_keeps_what_it_measured_and_tells_nobody_of_what_lies_behind() {
    let mut play = started(parts(), &[("impact", made::choice("low"))]);
    play.advance_to(made::at("2026-09-20 16:00"));
    let before = now(&play).clocks()[0].clone();
    assert_eq!(before.passed, [75]);
    let change = Change::of(parts(), |parts| {
        parts.clocks[0].targets[1].span = working_hours(5);
        parts.clocks[0].thresholds.insert(0, Threshold { percent: 10, actions: vec![made::notify(role("desk"))] });
    });
    let step = change.apply(now(&play), play.now()).expect("nothing is in its way");
    let after = &step.instance.clocks()[0];
    assert_eq!((after.target_ms, &after.passed), (5 * HOUR_MS, &vec![10, 75, 100]));
    assert!(after.is_breached() && after.breached == Some(play.now()));
    assert_eq!((after.segments.len(), step.effects.len()), (before.segments.len(), 0));
    assert_eq!(after.ran(play.now()), before.ran(play.now()), "no minute is lost");
}

#[test]
fn a_pause_is_not_lost_where_the_new_version_pauses_too() {
    let mut old = parts();
    old.clocks[0].pauses_in = names(&["both"]);
    let mut play = started(old.clone(), &[]);
    play.advance_to(made::at("2026-09-21 10:00"));
    let before = now(&play).clocks()[0].clone();
    let change = Change::of(old.clone(), |parts| parts.clocks[0].targets[1].span = working_hours(2));
    let after = change.apply(now(&play), play.now()).expect("nothing is in its way").instance;
    assert_eq!((&after.clocks()[0].state, after.clocks()[0].target_ms), (&before.state, 2 * HOUR_MS));
    let unpaused = Change::of(old, |parts| parts.clocks[0].pauses_in.clear());
    let after = unpaused.apply(now(&play), play.now()).expect("nothing is in its way").instance;
    assert!(matches!(after.clocks()[0].state, ClockState::Running { since, .. } if since == play.now()));
}

#[test]
fn a_new_clock_begins_with_the_migration_and_one_that_is_gone_must_be_given_up() {
    let play = started(parts(), &[]);
    let mut change = Change::of(parts(), |parts| parts.clocks[0].name = name("promise"));
    let refused = change.apply(now(&play), play.now());
    let gone = Obstacle::ClockGone { clock: name("resolution") };
    assert_eq!(refused, Err(Rejection::CannotMigrate([gone].into())));
    change.plan.dropped.insert(name("resolution"));
    let after = change.apply(now(&play), play.now()).expect("it is given up").instance;
    let clocks: Vec<_> = after.clocks().iter().map(|run| run.clock.as_str()).collect();
    assert_eq!(clocks, ["promise"]);
}

#[test]
fn a_field_that_the_new_version_needs_is_set_by_the_plan_or_refuses() {
    let play = started(parts(), &[]);
    let needed = |parts: &mut Parts| {
        parts.fields.push(given("site", FieldType::Text { max: 20 }, Presence::Required, None));
        parts.start.asks.push(made::ask("site"));
    };
    let mut change = Change::of(parts(), needed);
    let refused = change.apply(now(&play), play.now());
    assert_eq!(refused, Err(Rejection::CannotMigrate([Obstacle::NoValue { field: name("site") }].into())));
    change.plan.set.insert(name("site"), text("far too long for this field, certainly"));
    assert_eq!(change.faults(), [PlanFault::UnfitValue(name("site"))].into());
    change.plan.set.insert(name("site"), text("Wuxi"));
    let after = change.apply(now(&play), play.now()).expect("it has a value").instance;
    assert_eq!(after.fields().get("site"), Some(&text("Wuxi")));
    let defaulted = Change::of(parts(), |parts| {
        parts.fields.push(given("site", FieldType::Text { max: 20 }, Presence::Required, Some(text("Suzhou"))));
    });
    let after = defaulted.apply(now(&play), play.now()).expect("it has a default").instance;
    assert_eq!(after.fields().get("site"), Some(&text("Suzhou")));
}

#[test]
fn a_record_is_refused_where_a_branch_came_or_went_or_its_step_lies_elsewhere() {
    let play = started(parts(), &[]);
    let refused = |change: &Change| match change.apply(now(&play), play.now()) {
        Err(Rejection::CannotMigrate(obstacles)) => obstacles.iter().map(ToString::to_string).collect::<Vec<_>>(),
        other => panic!("{other:?}"),
    };
    let more = Change::of(parts(), |parts| {
        parts.steps.push(step("more", Some("both"), None, chore()));
        parts.steps[0].kind = race(&["work", "news", "late", "more"]);
    });
    assert_eq!(refused(&more), ["both has a new branch, more"]);
    let fewer = Change::of(parts(), |parts| {
        parts.steps[0].kind = race(&["work", "news"]);
        parts.steps.retain(|step| step.name != *"late");
    });
    assert_eq!(refused(&fewer), ["the step late is gone", "the branch late of both is gone"]);
    let mut elsewhere = Change::of(parts(), |parts| parts.steps.push(step("desk", None, Some("closed"), chore())));
    elsewhere.plan.steps.insert(name("work"), name("desk"));
    assert!(refused(&elsewhere).contains(&"the step work lies in something else".to_owned()));
}

#[test]
fn a_plan_that_does_not_fit_its_versions_says_all_that_is_wrong() {
    let mut change = Change::of(parts(), |parts| rename(parts, "work", "labour"));
    assert_eq!(change.faults(), [].into());
    change.plan.steps.insert(name("work"), name("late"));
    change.plan.steps.insert(name("nonsense"), name("nowhere"));
    change.plan.fields.insert(name("note"), name("summary"));
    change.plan.dropped.insert(name("no clock"));
    let taken = |held: &str| PlanFault::NameTaken(name(held));
    assert_eq!(
        change.faults(),
        [
            PlanFault::Unknown(name("no clock")),
            PlanFault::Unknown(name("nonsense")),
            PlanFault::UnknownThere(name("nowhere")),
            PlanFault::OtherKind(name("work")),
            taken("late"),
            taken("summary"),
        ]
        .into()
    );
    change.plan.to = change.old.id().clone();
    assert!(change.faults().contains(&PlanFault::OtherVersions));
}

#[test]
fn only_administrators_migrate_and_only_what_follows_the_old_version_and_is_not_over() {
    let mut play = started(parts(), &[]);
    let change = Change::of(parts(), |parts| parts.purpose = "another text".into());
    assert_eq!(change.apply_as(now(&play), play.now(), &person("anna")), Err(Rejection::NotAllowed));
    let moved = change.apply(now(&play), play.now()).expect("nothing is in its way").instance;
    assert_eq!(change.apply(&moved, play.now()), Err(Rejection::OtherVersion), "once is enough");
    play.command(Actor::System, Command::Suspend { reason: "wait".into() }).expect("the engine may");
    let waits = change.apply(now(&play), play.now()).expect("a suspended record may follow").instance;
    assert!(matches!(waits.status(), Status::Suspended(_)));
    play.command(Actor::System, Command::Cancel { reason: "no".into() }).expect("the engine may");
    assert_eq!(change.apply(now(&play), play.now()), Err(Rejection::Ended));
}

// --- the laws, on random pairs

/// Another version: names, people, times, targets, pauses and branches differ by the dice.
fn varied(dice: &mut Dice, old: &Parts) -> (Parts, BTreeMap<Name, Name>) {
    let mut parts = old.clone();
    let mut steps: BTreeMap<Name, Name> = old.steps.iter().map(|step| (step.name.clone(), step.name.clone())).collect();
    for step in old.steps.clone() {
        if dice.happens(15) {
            let new = Name::from(format!("{}_new", step.name));
            rename_all(&mut parts, &step.name, &new);
            steps.insert(step.name.clone(), new);
        }
    }
    for step in &mut parts.steps {
        if let StepKind::Task(task) = &mut step.kind {
            if dice.happens(30) {
                task.due = dice.happens(70).then(|| Due { span: working_hours(dice_hours(dice)), hours: None });
            }
            if dice.happens(30) {
                task.reminders.truncate(1);
            }
            if dice.happens(30) {
                task.candidates.any = vec![dice.pick(&[role("desk"), role("manager"), Who::Anyone])];
            }
        }
        if let StepKind::Receive { from, .. } = &mut step.kind
            && dice.happens(30)
        {
            *from = vec![dice.pick(&[role("desk"), Who::Requester])];
        }
        if let StepKind::Together { branches, needs, rest } = &mut step.kind {
            if branches.len() > 1 && dice.happens(10) {
                branches.pop();
            }
            if dice.happens(30) {
                *needs = dice.pick(&[Needs::All, Needs::Count(1), Needs::Count(2)]);
            }
            if dice.happens(30) {
                *rest = dice.pick(&[Rest::Cancelled, Rest::GoesOn]);
            }
        }
        if let StepKind::ForEach(each) = &mut step.kind
            && dice.happens(30)
        {
            each.pace = dice.pick(&[Pace::AtOnce, Pace::InTurn]);
        }
    }
    if let Some(clock) = parts.clocks.first_mut() {
        if dice.happens(40) {
            clock.targets[1].span = working_hours(dice_hours(dice));
        }
        if dice.happens(40) {
            clock.thresholds = vec![Threshold { percent: 60, actions: vec![made::notify(role("desk"))] }];
        }
        if dice.happens(30) {
            clock.hours = made::literal(reference("always"));
        }
        if dice.happens(30) {
            let place = dice.pick(&parts.steps).name.clone();
            parts.clocks[0].pauses_in = vec![place];
        }
    }
    if dice.happens(50) {
        parts.fields.push(given("site", FieldType::Text { max: 20 }, Presence::Required, Some(text("Wuxi"))));
    }
    if dice.happens(50) {
        let from = made::literal(made::choice("low"));
        let origin = Origin::Derived { from, overriding: engine::definition::Overriding::Forbidden };
        let levels = made::choices(&["high", "low"]);
        parts.fields.push(Field::new(name("level"), made::labels("level"), levels, origin, Presence::Optional));
    }
    (parts, steps)
}

fn dice_hours(dice: &mut Dice) -> u32 {
    dice.pick(&[1, 3, 9, 40])
}

fn rename_all(parts: &mut Parts, was: &Name, is: &Name) {
    let renamed = |held: &mut Name| {
        if held == was {
            *held = is.clone();
        }
    };
    renamed(&mut parts.first);
    for step in &mut parts.steps {
        renamed(&mut step.name);
        step.scope.as_mut().map(renamed);
        step.next.as_mut().map(renamed);
        match &mut step.kind {
            StepKind::Task(task) => task.outcomes.iter_mut().filter_map(|held| held.to.as_mut()).for_each(renamed),
            StepKind::Race { branches } => branches.iter_mut().for_each(renamed),
            StepKind::Together { branches, .. } => branches.iter_mut().for_each(|branch| renamed(&mut branch.first)),
            StepKind::Block { first } => renamed(first),
            StepKind::Choose { cases, otherwise } => {
                cases.iter_mut().for_each(|case| renamed(&mut case.to));
                otherwise.as_mut().map(renamed);
            }
            _ => {}
        }
    }
    for clock in &mut parts.clocks {
        renamed(&mut clock.until);
        clock.pauses_in.iter_mut().for_each(renamed);
    }
}

/// A state but for the moments at which a pause or a breach was seen, which a way there and back sees anew: of clocks what
/// they measure, whether they run, and what they will pass.
fn figures(record: &Instance, now: Timestamp) -> (serde_json::Value, Vec<String>) {
    let mut plain = serde_json::to_value(record).expect("a state is plain data");
    plain.as_object_mut().and_then(|plain| plain.remove("clocks"));
    let clock = |run: &ClockRun| {
        let mut ran: Vec<Segment> = Vec::new();
        for next in run.ran(now).into_iter().filter(|segment| segment.from < segment.to) {
            match ran.last_mut() {
                Some(last) if last.to == next.from => last.to = next.to,
                _ => ran.push(next),
            }
        }
        let state = match run.state {
            ClockState::Running { .. } => "runs",
            ClockState::Paused { .. } => "is paused",
            ClockState::Stopped { .. } => "is stopped",
        };
        let ClockRun { clock, calendar, target_ms, passed, breached, .. } = run;
        let (breached, next) = (breached.is_some(), run.next_mark());
        format!("{clock} {state}: {calendar} {target_ms} {passed:?} {breached} {next:?} {ran:?}")
    };
    (plain, record.clocks().iter().map(clock).collect())
}

#[test]
fn a_record_that_goes_to_another_version_and_back_is_the_same_and_the_laws_hold_on_every_way() {
    let (mut migrated, mut refused, mut compared, mut worked) = (0_usize, 0_usize, 0_usize, 0_usize);
    for seed in 1..=300 {
        let mut dice = Dice::new(seed);
        let mut trial = Trial::begun(seed, &mut dice);
        for _ in 0..dice.below(12) {
            trial.now = trial.now.plus_ms(later(&mut dice));
            let (actor, command) = commanded(&mut dice, &trial.instance, &trial.definition);
            if trial.give(&actor, command).is_ok() {
                worked += 1;
            }
            catch_up(&mut trial);
        }
        let old = trial.definition.clone();
        let (parts, steps) = varied(&mut dice, old.parts());
        let new = prepared(parts);
        if old.id() == new.id() {
            continue;
        }
        let plan = MigrationPlan { steps, ..plan(&old, &new) };
        let (before, told) = (trial.instance.clone(), trial.events.len());
        match brought(&mut trial, &old, &new, plan.clone()) {
            Ok(()) => migrated += 1,
            Err(_) => {
                refused += 1;
                assert_eq!(trial.instance, before, "seed {seed}: law 3, a refusal changes nothing");
                continue;
            }
        }
        let after = trial.instance.clone();
        let fact = trial.events.iter().rev().find_map(|event| match event {
            Event::Migrated { migration } => Some((**migration).clone()),
            _ => None,
        });
        let back = fact.expect("it is a fact").inverse(&plan, &before, &after);
        let entered = trial.events[told..].iter().any(|event| matches!(event, Event::Entered { .. }));
        let stood = |record: &Instance| record.tokens().len();
        let moved = after.is_ended() || after.repair().is_some() || entered || stood(&after) != stood(&before);
        if !moved && brought(&mut trial, &new, &old, back).is_ok() {
            let (there, back) = (figures(&before, trial.now), figures(&trial.instance, trial.now));
            let waits = |record: &Instance| record.tokens().iter().map(|token| token.step.clone()).collect::<Vec<_>>();
            // A claim that the other version does not allow is dropped there, and is not taken for anybody on the way back.
            let claims =
                |record: &Instance| record.tasks().iter().map(|task| task.assignee.clone()).collect::<Vec<_>>();
            if waits(&trial.instance) == waits(&before) && claims(&after) == claims(&before) {
                compared += 1;
                assert_eq!(there, back, "seed {seed}: there and back is the same");
            }
            brought(&mut trial, &old, &new, plan).unwrap_or_else(|why| panic!("seed {seed}: once more: {why}"));
        }
        for _ in 0..12 {
            trial.now = trial.now.plus_ms(later(&mut dice));
            let (actor, command) = commanded(&mut dice, &trial.instance, &trial.definition);
            if trial.give(&actor, command).is_ok() {
                worked += 1;
            }
            catch_up(&mut trial);
        }
    }
    assert!(migrated > 80 && refused > 40 && compared > 60 && worked > 900, "{migrated} {refused} {compared} {worked}");
}

fn brought(trial: &mut Trial, old: &Definition, new: &Arc<Definition>, plan: MigrationPlan) -> Result<(), Rejection> {
    let seed = trial.seed;
    let passage = Passage::new(old, new, plan).unwrap_or_else(|faults| panic!("seed {seed}: {faults:?}"));
    let world = World {
        now: trial.now,
        actor: &Actor::System,
        directory: &trial.directory,
        fresh: crate::made::FRESH,
        records: &engine::records::NoRecords,
    };
    let first = migrate(&passage, &trial.instance, "as agreed".into(), &world);
    assert_eq!(first, migrate(&passage, &trial.instance, "as agreed".into(), &world), "seed {seed}: law 1");
    let step = first?;
    trial.events.extend(step.events);
    trial.instance = step.instance;
    trial.definition = new.clone();
    trial.check("a migration");
    catch_up(trial);
    Ok(())
}

#[test]
fn the_value_that_a_plan_sets_is_gone_again_on_the_way_back() {
    let play = started(parts(), &[]);
    let mut change = Change::of(parts(), |parts| {
        parts.fields.push(given("site", FieldType::Text { max: 20 }, Presence::Optional, None));
    });
    change.plan.set.insert(name("site"), text("Wuxi"));
    let there = change.apply(now(&play), play.now()).expect("nothing is in its way");
    let fact = there.events.iter().find_map(|event| match event {
        Event::Migrated { migration } => Some(migration),
        _ => None,
    });
    let plan = fact.expect("it is a fact").inverse(&change.plan, now(&play), &there.instance);
    assert_eq!(plan.set, fields(&[("site", Value::Nothing)]));
    let back = Change { old: change.new.clone(), new: change.old.clone(), plan };
    let after = back.apply(&there.instance, play.now()).expect("nothing is in its way").instance;
    assert_eq!(after, *now(&play));
}

fn joined(needs: Needs) -> Parts {
    let branches = ["one", "two", "three"].map(|first| engine::definition::Branch { when: None, first: name(first) });
    let together = StepKind::Together { branches: branches.into(), needs, rest: Rest::Cancelled };
    process(vec![
        step("ways", None, Some("after"), together),
        step("one", Some("ways"), None, chore()),
        step("two", Some("ways"), None, chore()),
        step("three", Some("ways"), None, chore()),
        step("after", None, None, chore()),
    ])
}

#[test]
fn a_record_goes_on_where_the_new_version_needs_no_more_than_is_over() {
    let mut play = started(joined(Needs::All), &[]);
    for over in ["one", "two"] {
        made::complete(&mut play, "anna", over, "done").expect("the desk works");
    }
    assert_eq!(made::places(&play), ["ways", "three"]);
    let change = Change::of(joined(Needs::All), |parts| *parts = joined(Needs::Count(1)));
    let places = |record: &Instance| record.tokens().iter().map(|token| token.step.to_string()).collect::<Vec<_>>();
    let after = change.apply(now(&play), play.now()).expect("nothing is in its way").instance;
    assert_eq!((places(&after), after.tasks().len()), (vec!["after".to_owned()], 1));
    let more = Change::of(joined(Needs::All), |parts| *parts = joined(Needs::Count(3)));
    let after = more.apply(now(&play), play.now()).expect("nothing is in its way").instance;
    assert_eq!(places(&after), ["ways", "three"], "not yet");
    play.command(Actor::System, Command::Suspend { reason: "wait".into() }).expect("the engine may");
    let waits = change.apply(now(&play), play.now()).expect("a suspended record may follow").instance;
    assert_eq!(places(&waits), ["ways", "three"], "nothing of it moves");
    let world = World {
        now: play.now(),
        actor: &Actor::System,
        directory: &directory(),
        fresh: crate::made::FRESH,
        records: &engine::records::NoRecords,
    };
    let resume = Command::Resume { reason: String::new() };
    let after = engine::step(&change.new, &waits, resume, &world).expect("it goes on").instance;
    assert_eq!(places(&after), ["after"]);
}

#[test]
fn rounds_that_waited_for_their_turn_begin_where_the_new_version_begins_all_at_once() {
    use engine::definition::ForEach;
    let rounds = |pace| {
        let list = engine::expr::Expr::Field(name("people"));
        let each = ForEach { item: name("helper"), list, pace, until: None, first: name("help") };
        let mut parts = process(vec![
            step("each", None, Some("closed"), StepKind::ForEach(each)),
            step("help", Some("each"), None, chore()),
            step("closed", None, None, end("closed")),
        ]);
        parts.start.asks.push(made::ask("people"));
        parts
    };
    let helpers = Value::List(vec![reference("anna"), reference("bo"), reference("chen")]);
    let play = started(rounds(Pace::InTurn), &[("people", helpers)]);
    assert_eq!(now(&play).tasks().len(), 1);
    let change = Change::of(rounds(Pace::InTurn), |parts| *parts = rounds(Pace::AtOnce));
    let after = change.apply(now(&play), play.now()).expect("nothing is in its way").instance;
    assert_eq!(after.tasks().len(), 3);
}

/// An administrator migrates what others asked for, and nothing whose open task or approval is kept from them.
#[test]
fn an_administrator_brings_no_record_to_another_version_of_what_is_kept_from_them() {
    let kept = || {
        let mut whom = made::candidates(vec![Who::Anyone]);
        whom.not = vec![Who::Requester];
        process(vec![
            step("work", None, Some("closed"), made::task(whom, vec![outcome("done", None)])),
            step("closed", None, None, end("closed")),
        ])
    };
    let mut people = directory();
    let standing = engine::directory::Standing { roles: [name("administrator")].into(), ..Default::default() };
    people.put_person(name("ada"), Default::default(), standing);
    let freed = Change::of(kept(), |parts| task_of(parts, "work").candidates.not.clear());
    let by_ada = |requester: &str| {
        let mut play =
            engine::play::Play::new(prepared(kept()), Arc::new(people.clone()), made::at("2026-09-18 17:30"));
        play.start(&name(requester), made::order(&[])).expect("the form is right");
        let passage = Passage::new(&freed.old, &freed.new, freed.plan.clone()).expect("the plan fits its versions");
        let world = World {
            now: play.now(),
            actor: &person("ada"),
            directory: &people,
            fresh: crate::made::FRESH,
            records: &engine::records::NoRecords,
        };
        migrate(&passage, now(&play), "easier".into(), &world).map(|_| ())
    };
    assert_eq!(by_ada("ada"), Err(Rejection::DutiesSeparated), "Ada asked for it");
    assert_eq!(by_ada("erin"), Ok(()));
}

#[test]
fn a_record_that_gets_stuck_by_what_its_clocks_pass_just_now_is_refused() {
    let mut old = parts();
    old.clocks[0].thresholds[0].actions = vec![made::notify(Who::Team(engine::expr::Expr::Field(name("team"))))];
    let play = started(old.clone(), &[]);
    let change = Change::of(old, |parts| parts.clocks[0].name = name("promise"));
    let mut change = change;
    change.plan.clocks.insert(name("resolution"), name("promise"));
    let overdue = change.apply(now(&play), made::at("2026-09-21 12:00"));
    assert_eq!(overdue, Err(Rejection::CannotMigrate([Obstacle::Stuck].into())));
}
