//! A record's clocks with their arithmetic shown: each time that a clock ran, how much working time lay in it on
//! which calendar, the sum, the target and what is left. Anybody can check it with the calendar in hand.

use engine::calendar::Calendar;
use engine::definition::Definition;
use engine::event::PauseReason;
use engine::instance::{ClockRun, ClockState, Instance, OpenTask, Segment};
use engine::time::MINUTE_MS;
use serde::Serialize;

use crate::moment::{Moment, hours_and_minutes};
use crate::pages::admin::registers::hours;
use crate::reach::Reached;
use crate::sla::{self, Breach, Urgency};
use crate::visit::Visit;

/// A clock, as shown.
#[derive(Clone, Debug, Serialize)]
pub struct ClockView {
    /// What it is called.
    pub label: String,
    /// How urgent it is.
    pub urgency: Urgency,
    /// The calendar that counts.
    pub calendar: String,
    /// When it ran.
    pub segments: Vec<SegmentView>,
    /// The working time of all of them.
    pub sum: String,
    /// The working time allowed.
    pub target: String,
    /// What is left of it; negative where it is exceeded.
    pub left: String,
    /// How much of the target is used, in percent.
    pub percent: i64,
    /// The same, at most 100, for the bar.
    pub bar: i64,
    /// Why it stands still, or when it stopped.
    pub state: Option<String>,
    /// Whether the due instant lies where the calendar's holidays are not published yet.
    pub provisional: bool,
    /// Whether the calendar is there to count at all.
    pub countable: bool,
}

/// A time during which a clock ran.
#[derive(Clone, Debug, Serialize)]
pub struct SegmentView {
    /// From.
    pub from: Moment,
    /// To; now, where it runs on.
    pub to: Moment,
    /// Whether it runs on.
    pub runs: bool,
    /// The working time in it.
    pub worked: String,
    /// Day by day: the newest [`DAYS_SHOWN`] of it.
    pub days: Vec<DayView>,
}

/// A day of a segment.
#[derive(Clone, Debug, Serialize)]
pub struct DayView {
    /// The day.
    pub day: String,
    /// When the calendar is open on it.
    pub hours: String,
    /// The working time of the segment on it.
    pub worked: String,
}

/// The most days of a segment that are shown one by one.
const DAYS_SHOWN: usize = 62;

/// The clocks of a record.
pub fn clocks(visit: &Visit<'_>, definition: &Definition, instance: &Instance) -> Vec<ClockView> {
    instance.clocks().iter().map(|run| clock(visit, definition, run)).collect()
}

fn clock(visit: &Visit<'_>, definition: &Definition, run: &ClockRun) -> ClockView {
    let calendar = visit.directory.calendar(&run.calendar);
    // Whole minutes of each part, so that the parts that are shown add up to the sum that is shown.
    let worked_ms = |from, to| {
        let exact_ms = calendar.map_or(0, |calendar| calendar.between_ms(from, to));
        exact_ms - exact_ms % MINUTE_MS
    };
    let length = |length_ms: i64| hours_and_minutes(visit.words(), length_ms);
    let ran = run.ran(visit.now);
    let runs_now = is_running(run);
    let segments: Vec<SegmentView> = ran
        .iter()
        .enumerate()
        .map(|(index, segment)| SegmentView {
            from: visit.moment(segment.from),
            to: visit.moment(segment.to),
            runs: runs_now && index + 1 == ran.len(),
            worked: length(worked_ms(segment.from, segment.to)),
            days: calendar.map_or_else(Vec::new, |calendar| days(visit, calendar, segment)),
        })
        .collect();
    let sum_ms: i64 = ran.iter().map(|segment| worked_ms(segment.from, segment.to)).sum();
    let percent = if run.target_ms > 0 { sum_ms.saturating_mul(100) / run.target_ms } else { 0 };
    let left_ms = run.target_ms - sum_ms;
    let left = if left_ms < 0 {
        visit.say_with("clock-over-by", &[("length", length(-left_ms).into())])
    } else {
        length(left_ms)
    };
    let due = run.due();
    ClockView {
        label: visit.names().clock(definition, &run.clock),
        urgency: urgency(visit, run),
        calendar: visit.names().entry(engine::directory::CALENDAR, &run.calendar),
        segments,
        sum: length(sum_ms),
        target: length(run.target_ms),
        left,
        percent,
        bar: percent.clamp(0, 100),
        state: state(visit, definition, run),
        provisional: due.is_some_and(|due| calendar.is_some_and(|calendar| calendar.is_provisional(due))),
        countable: calendar.is_some(),
    }
}

fn days(visit: &Visit<'_>, calendar: &Calendar, segment: &Segment) -> Vec<DayView> {
    let worked = calendar.days_between(segment.from, segment.to);
    let mut sum_ms = 0;
    let mut shown = Vec::new();
    for day in worked {
        let before_ms = sum_ms - sum_ms % MINUTE_MS;
        sum_ms += day.worked_ms;
        // Whole minutes that add up to those of the segment.
        let length_ms = sum_ms - sum_ms % MINUTE_MS - before_ms;
        shown.push(DayView {
            day: day.date.parse().map_or_else(|_| day.date.clone(), |date| visit.times().day(date)),
            hours: hours(visit, &day.windows),
            worked: hours_and_minutes(visit.words(), length_ms),
        });
    }
    shown.split_off(shown.len().saturating_sub(DAYS_SHOWN))
}

fn is_running(run: &ClockRun) -> bool {
    match run.state {
        ClockState::Running { .. } => true,
        ClockState::Paused { .. } | ClockState::Stopped { .. } => false,
    }
}

/// How urgent a clock is.
pub fn urgency(visit: &Visit<'_>, run: &ClockRun) -> Urgency {
    match &run.state {
        // A target that was shortened below what is used already is breached at once, whenever its mark lies.
        ClockState::Running { .. } if run.is_breached() && run.due().is_none_or(|due| due >= visit.now) => {
            sla::stopped(visit.say("sla-breached"), Breach::Happened)
        }
        ClockState::Running { .. } => sla::until(visit, run.due()),
        ClockState::Paused { .. } => sla::paused(visit),
        ClockState::Stopped { .. } => {
            let key = if run.is_breached() { "sla-breached" } else { "sla-met" };
            sla::stopped(visit.say(key), if run.is_breached() { Breach::Happened } else { Breach::Averted })
        }
    }
}

/// How urgent a task is: by its own due and by the record's clocks, whichever presses more.
pub fn of_task(visit: &Visit<'_>, instance: &Instance, task: &OpenTask) -> Urgency {
    let due = task.due.into_iter().chain(instance.clock_due()).min();
    let breached = instance.clocks().iter().find(|run| is_running(run) && run.is_breached());
    match breached {
        Some(run) if due.is_none_or(|due| due >= visit.now) => urgency(visit, run),
        Some(_) | None => sla::until(visit, due),
    }
}

/// How a record looks whose clocks all stand still: that they do, and why.
pub fn standing_still(visit: &Visit<'_>, definition: &Definition, instance: &Instance) -> Option<Urgency> {
    let step = instance.clocks().iter().find_map(|run| match &run.state {
        ClockState::Paused { since: _, reason: PauseReason::In(step) } => Some(step),
        ClockState::Running { .. } | ClockState::Stopped { .. } => None,
    })?;
    let runs = instance.clocks().iter().any(is_running);
    let step = visit.names().step(definition, step);
    let words = visit.say_with("sla-paused-in", &[("step", step.into())]);
    (!runs).then(|| Urgency { words, ..sla::paused(visit) })
}

/// Whether the instant by which [`of_task`] goes lies where the holidays of its calendar are not published yet.
pub fn is_provisional(visit: &Visit<'_>, reached: &Reached, task: &OpenTask) -> bool {
    let (instance, definition) = (&reached.loaded.instance, &reached.definition);
    let scope = reached.scope(visit);
    let voted_on = || definition.approval(&task.step).and_then(|approval| approval.due.as_ref());
    let due = definition.task(&task.step).and_then(|work| work.due.as_ref()).or_else(voted_on);
    let own = task.due.map(|at| (at, due.and_then(|due| scope.calendar_of(due))));
    let clocks = instance.clocks().iter().filter_map(|run| Some((run.due()?, visit.directory.calendar(&run.calendar))));
    let first = own.into_iter().chain(clocks).min_by_key(|(at, _)| *at);
    first.is_some_and(|(at, calendar)| calendar.is_some_and(|calendar| calendar.is_provisional(at)))
}

fn state(visit: &Visit<'_>, definition: &Definition, run: &ClockRun) -> Option<String> {
    match &run.state {
        ClockState::Running { .. } => None,
        ClockState::Paused { since, reason: PauseReason::In(step) } => Some(visit.say_with(
            "clock-paused",
            &[("since", visit.moment(*since).text.into()), ("step", visit.names().step(definition, step).into())],
        )),
        ClockState::Stopped { at } => Some(visit.say_with("clock-stopped", &[("at", visit.moment(*at).text.into())])),
    }
}
