//! A clock's figures against a walk minute by minute, which knows nothing of the engine's arithmetic: random pauses,
//! other priorities, other agreements, other data of calendars, suspensions, rework, in several zones and across changes
//! to and from summer time. Each seed is one record; a failure names its seed.

use engine::calendar::{Calendar, CalendarData, Exception, Window};
use engine::command::{Command, Rejection};
use engine::definition::{Definition, Labels, Parts, StepKind, Who};
use engine::directory::{Directory, Entry, SERVICE};
use engine::event::{Actor, Event};
use engine::expr::Expr;
use engine::instance::{ClockState, Instance};
use engine::time::{HOUR_MS, MINUTE_MS, Timestamp};
use engine::{World, start, step};

use crate::draft::Dice;
use crate::made::{
    at, block, candidates, choice, clock, directory, end, fields, name, order, outcome, person, prepared, process,
    receive, reference, role, task,
};

const SEEDS: u64 = 40;
const COMMANDS: usize = 25;

fn desk() -> Parts {
    let resolve = task(candidates(vec![role("desk")]), vec![outcome("fixed", None), outcome("ask", Some("waiting"))]);
    let confirm =
        task(candidates(vec![Who::Requester]), vec![outcome("yes", None), outcome("reopen", Some("resolve"))]);
    let made = crate::made::step;
    let mut parts = process(vec![
        made("resolve", None, Some("resolved"), resolve),
        made("resolved", None, Some("confirm"), StepKind::Milestone),
        made("confirm", None, Some("closed"), confirm),
        made("closed", None, None, end("closed")),
        made("waiting", None, Some("resolve"), block("reply")),
        made("reply", Some("waiting"), None, receive("reply", vec![Who::Requester])),
    ]);
    let mut resolution = clock("resolved", &["waiting"], &["reopen"]);
    resolution.hours = Expr::Attribute(Box::new(Expr::Field(name("service"))), name("calendar"));
    parts.clocks.push(resolution);
    parts
}

/// Two agreements with a calendar each: office hours of one zone, and nights and early mornings of another. No hours
/// begin or end in an hour that a zone skips or has twice.
fn drawn(dice: &mut Dice) -> [CalendarData; 2] {
    let zones = ["Europe/Berlin", "America/New_York", "Asia/Shanghai", "Australia/Lord_Howe", "UTC"];
    let hours =
        [vec![Window { from: 540, to: 1080 }], vec![Window { from: 0, to: 360 }, Window { from: 1320, to: 1440 }]];
    hours.map(|open| {
        let mut week: [Vec<Window>; 7] = std::array::from_fn(|_| open.clone());
        week[6] = Vec::new();
        week[dice.below(6)] = vec![Window { from: 600, to: 900 }];
        CalendarData {
            labels: Labels::default(),
            zone: dice.pick(&zones).to_owned(),
            week,
            make_up_as: 0,
            exceptions: Default::default(),
            known_from: None,
            known_until: None,
            sources: Vec::new(),
        }
    })
}

fn registers(calendars: &[CalendarData; 2]) -> Directory {
    let mut registers = directory();
    for (data, (service, key)) in calendars.iter().zip([("mail", "day"), ("fax", "night")]) {
        registers.put_calendar(name(key), Calendar::new(data.clone()).expect("the drawn calendar is sound"));
        let agreed = fields(&[("support_team", reference("mail_team")), ("calendar", reference(key))]);
        registers.put(SERVICE, name(service), Entry { labels: Labels::default(), fields: agreed });
    }
    registers
}

/// Whether a calendar is open in the minute that begins then.
fn is_open(data: &CalendarData, zone: &jiff::tz::TimeZone, minute: Timestamp) -> bool {
    let local = jiff::Timestamp::from_millisecond(minute.0).expect("the test's years").to_zoned(zone.clone());
    let of = |weekday: usize| data.week[weekday].as_slice();
    let windows = match data.exceptions.get(&local.date().to_string()) {
        Some(Exception::Closed) => &[],
        Some(Exception::MakeUp) => of(usize::from(data.make_up_as)),
        Some(Exception::MakeUpFor(weekday)) => of(usize::from(*weekday)),
        Some(Exception::Hours(windows)) => windows,
        None => of(usize::try_from(local.weekday().to_monday_zero_offset()).expect("0 to 6")),
    };
    let minute_of_day =
        u16::try_from(local.hour()).expect("hours") * 60 + u16::try_from(local.minute()).expect("minutes");
    windows.iter().any(|window| window.from <= minute_of_day && minute_of_day < window.to)
}

fn walked_ms(data: &CalendarData, from: Timestamp, to: Timestamp) -> i64 {
    let minutes = to.since_ms(from) / MINUTE_MS;
    let zone = engine::time::zone_named(&data.zone).expect("the zone is known");
    (0..minutes).filter(|minute| is_open(data, &zone, from.plus_ms(minute * MINUTE_MS))).count() as i64 * MINUTE_MS
}

/// A record with what the test itself knows of it.
struct Walk {
    definition: std::sync::Arc<Definition>,
    calendars: [CalendarData; 2],
    registers: Directory,
    instance: Instance,
    events: Vec<Event>,
    now: Timestamp,
    /// When the clock ran, as the commands that were accepted say.
    ran: Vec<(Timestamp, Timestamp)>,
}

impl Walk {
    fn began(dice: &mut Dice) -> Walk {
        let calendars = drawn(dice);
        let (definition, registers) = (prepared(desk()), registers(&calendars));
        // Three days before the change to or from summer time, or in the midst of a year.
        let now = at(dice.pick(&["2026-03-26 12:00", "2026-10-22 12:00", "2026-06-10 12:00", "2026-03-05 12:00"]));
        let actor = person("erin");
        let world = World {
            now,
            actor: &actor,
            directory: &registers,
            fresh: crate::made::FRESH,
            records: &engine::records::NoRecords,
        };
        let form = [("impact", choice("low")), ("service", reference("mail"))];
        let begun = start(&definition, order(&form), &world).expect("the form is right");
        Walk { definition, calendars, registers, instance: begun.instance, events: begun.events, now, ran: Vec::new() }
    }

    fn give(&mut self, actor: &Actor, command: Command) -> Result<Vec<Event>, Rejection> {
        let world = World {
            now: self.now,
            actor,
            directory: &self.registers,
            fresh: crate::made::FRESH,
            records: &engine::records::NoRecords,
        };
        let stepped = step(&self.definition, &self.instance, command, &world)?;
        self.instance = stepped.instance;
        self.events.extend(stepped.events.iter().cloned());
        Ok(stepped.events)
    }

    /// Lets time go by, firing what is due at its own instant.
    fn pass(&mut self, length_ms: i64) {
        let until = self.now.plus_ms(length_ms);
        if self.runs() {
            self.ran.push((self.now, until));
        }
        while let Some(due) = self.instance.next_wake().filter(|due| *due <= until) {
            self.now = self.now.max(due);
            self.give(&Actor::System, Command::Tick).expect("an open record ticks");
        }
        self.now = until;
    }

    /// Whether the clock runs: somebody works on the record.
    fn runs(&self) -> bool {
        self.instance.tasks().iter().any(|task| task.step == *"resolve")
    }

    fn complete(&mut self, who: &str, outcome: &str) {
        if let Some(task) = self.instance.tasks().first().map(|task| task.id) {
            let command = Command::Complete { task, outcome: name(outcome), fields: Default::default(), reason: None };
            // Refused where the task is another or the record is suspended.
            let _ = self.give(&person(who), command);
        }
    }

    fn act(&mut self, dice: &mut Dice) {
        let before = self.instance.clocks()[0].clone();
        match dice.below(10) {
            0 | 1 => self.complete("anna", "ask"),
            2 => {
                let reply =
                    Command::Message { message: name("reply"), text: "here".into(), fields: Default::default() };
                let _ = self.give(&person("erin"), reply);
            }
            3 => self.complete("anna", "fixed"),
            4 => self.complete("erin", "reopen"),
            5 | 6 => {
                let field = if dice.happens(50) {
                    ("impact", choice(dice.pick(&["high", "low"])))
                } else {
                    ("service", reference(dice.pick(&["mail", "fax"])))
                };
                let edit = Command::Edit { fields: fields(&[field]), reason: "agreed".into() };
                if self.give(&person("anna"), edit).is_ok() {
                    self.keeps_its_pause(&before);
                }
            }
            7 => {
                let reason = "stocktaking".to_owned();
                let _ = self.give(&person("anna"), Command::Suspend { reason });
            }
            8 => {
                let _ = self.give(&person("anna"), Command::Resume { reason: String::new() });
            }
            _ => self.load(dice, &before),
        }
    }

    /// Loads other days into one of the calendars and counts anew.
    fn load(&mut self, dice: &mut Dice, before: &engine::instance::ClockRun) {
        let which = dice.below(2);
        for _ in 0..3 {
            let day = self.now.plus_ms((dice.below(9) as i64 - 3) * 24 * HOUR_MS);
            let day = day.to_local("UTC").expect("a zone")[..10].to_owned();
            let short = Exception::Hours(vec![Window { from: 600, to: 660 }]);
            let what = [Exception::Closed, Exception::MakeUp, Exception::MakeUpFor(5), short];
            self.calendars[which].exceptions.insert(day, dice.pick(&what));
        }
        self.registers = registers(&self.calendars);
        for key in ["day", "night"] {
            self.give(&Actor::System, Command::Recount { calendar: name(key) }).expect("an open record is counted");
        }
        let after = &self.instance.clocks()[0];
        assert!(before.passed.iter().all(|percent| after.passed.contains(percent)), "what was told stays told");
        assert!(before.breached.is_none() || before.breached == after.breached);
        self.keeps_its_pause(before);
    }

    fn keeps_its_pause(&self, before: &engine::instance::ClockRun) {
        if let ClockState::Paused { .. } = before.state {
            let after = &self.instance.clocks()[0];
            assert_eq!((&after.state, &after.segments), (&before.state, &before.segments), "a pause is kept");
        }
    }

    fn check(&self) {
        let run = &self.instance.clocks()[0];
        let data = &self.calendars[usize::from(run.calendar == *"night")];
        let calendar = self.registers.calendar(&run.calendar).expect("the calendar is there");
        let walked: i64 = self.ran.iter().map(|(from, to)| walked_ms(data, *from, *to)).sum();
        assert_eq!(run.elapsed_ms(calendar, self.now), walked, "the sum over the segments");
        let by_day: i64 = run
            .ran(self.now)
            .iter()
            .flat_map(|segment| calendar.days_between(segment.from, segment.to))
            .map(|day| day.worked_ms)
            .sum();
        assert_eq!(by_day, walked, "the sum over the days");
        if let (ClockState::Running { .. }, Some(due)) = (&run.state, run.due().filter(|due| *due > self.now)) {
            let left = walked_ms(data, self.now, due);
            assert!(run.is_breached() || walked + left == run.target_ms, "{walked} + {left} ≠ {}", run.target_ms);
        }
        assert_eq!(Instance::folded(&self.events), self.instance, "events fold into the state");
    }

    /// No part of one target is passed twice.
    fn check_marks(&self) {
        let mut passed: Vec<u16> = Vec::new();
        for event in &self.events {
            match event {
                Event::ClockPassed { percent, .. } => {
                    assert!(!passed.contains(percent), "{percent} % is told twice");
                    passed.push(*percent);
                }
                // Under another target or agreement the parts that lie ahead count again.
                Event::ClockRetargeted { marks, .. } => {
                    passed.retain(|percent| !marks.iter().any(|mark| mark.percent == *percent));
                }
                _ => {}
            }
        }
    }
}

#[test]
fn used_time_is_what_a_walk_minute_by_minute_finds() {
    for seed in 0..SEEDS {
        let told = std::panic::catch_unwind(|| {
            let mut dice = Dice::new(seed);
            let mut walk = Walk::began(&mut dice);
            for _ in 0..COMMANDS {
                walk.pass((1 + dice.below(1_400) as i64) * MINUTE_MS);
                walk.act(&mut dice);
                walk.check();
            }
            walk.check_marks();
        });
        assert!(told.is_ok(), "seed {seed}");
    }
}
