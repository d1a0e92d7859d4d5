//! Clocks: start, pause, resume, stop, another target, marks passed.

use std::collections::BTreeMap;

use crate::calendar::{Calendar, span_ms};
use crate::definition::Clock;
use crate::event::{Event, Mark, Owed, PauseReason};
use crate::expr::EvalError;
use crate::ids::Name;
use crate::instance::{ClockRun, ClockState};
use crate::nodes;
use crate::run::Run;
use crate::value::Value;

/// Starts the clocks that run from the start of the record.
pub(crate) fn start_all(run: &mut Run<'_>) -> Result<(), EvalError> {
    let definition = run.definition;
    for clock in &definition.parts().clocks {
        begin(run, clock)?;
    }
    Ok(())
}

fn begin(run: &mut Run<'_>, clock: &Clock) -> Result<(), EvalError> {
    let (key, calendar) = run.calendar(Some(&clock.hours))?;
    let target_ms = target_ms(run, clock, calendar)?;
    let marks = marks(clock, calendar, target_ms, 0, run.world.now, &[]);
    run.emit(Event::ClockStarted { clock: clock.name.clone(), calendar: key, target_ms, at: run.world.now, marks });
    Ok(())
}

/// Lets the clocks measure on as the run's definition wants it, of which another definition spoke before. A clock that the
/// record does not have begins now, unless its end is reached already.
pub(crate) fn carry_over(run: &mut Run<'_>, was: &BTreeMap<Name, &Clock>) -> Result<(), EvalError> {
    let definition = run.definition;
    for clock in &definition.parts().clocks {
        match run.clock_run(&clock.name).cloned() {
            None if !run.instance.milestones().contains_key(&clock.until) => begin(run, clock)?,
            None => {}
            Some(held) => match held.state {
                ClockState::Running { .. } | ClockState::Paused { .. } => {
                    carry(run, clock, was.get(&clock.name).copied(), &held)?;
                }
                ClockState::Stopped { .. } => {}
            },
        }
    }
    Ok(())
}

fn carry(run: &mut Run<'_>, clock: &Clock, was: Option<&Clock>, held: &ClockRun) -> Result<(), EvalError> {
    let counts_the_same = was.is_some_and(|was| was.hours == clock.hours);
    let (key, calendar) = match counts_the_same {
        true => (held.calendar.clone(), run.calendar_named(&held.calendar)?),
        false => run.calendar(Some(&clock.hours))?,
    };
    let target_ms = target_ms(run, clock, calendar)?;
    let percents_stay = was.is_some_and(|was| percents(was) == percents(clock));
    if percents_stay && key == held.calendar && target_ms == held.target_ms {
        return Ok(());
    }
    let now = run.world.now;
    // What a suspended record has come to meanwhile is done when it goes on.
    let owed = |percent: u16| match &held.state {
        ClockState::Running { marks, .. } => {
            let due = marks.iter().find(|mark| mark.percent == percent && mark.at <= now);
            due.filter(|_| !held.passed.contains(&percent))
        }
        ClockState::Paused { .. } | ClockState::Stopped { .. } => None,
    };
    let computed = marks(clock, calendar, target_ms, held.elapsed_ms(calendar, now), now, &[]);
    let (mut behind, mut ahead) = (Vec::new(), Vec::new());
    for mark in computed {
        match owed(mark.percent) {
            _ if mark.at > now => ahead.push(mark),
            Some(due) => ahead.push(*due),
            None => behind.push(mark),
        }
    }
    let passed = behind.iter().map(|mark| mark.percent).collect();
    let marks = match held.state {
        ClockState::Running { .. } => ahead,
        ClockState::Paused { .. } | ClockState::Stopped { .. } => Vec::new(),
    };
    run.emit(Event::ClockCarriedOver { clock: clock.name.clone(), calendar: key, target_ms, passed, marks, at: now });
    Ok(())
}

/// Stops the clocks that run until a milestone.
pub(crate) fn stop_at(run: &mut Run<'_>, milestone: &Name) {
    let definition = run.definition;
    for clock in definition.parts().clocks.iter().filter(|clock| clock.until == *milestone) {
        stop(run, &clock.name);
    }
}

/// Stops every clock that still runs or pauses.
pub(crate) fn stop_all(run: &mut Run<'_>) {
    let definition = run.definition;
    for clock in &definition.parts().clocks {
        stop(run, &clock.name);
    }
}

fn stop(run: &mut Run<'_>, clock: &Name) {
    let goes = run.clock_run(clock).is_some_and(|held| match held.state {
        ClockState::Running { .. } | ClockState::Paused { .. } => true,
        ClockState::Stopped { .. } => false,
    });
    if goes {
        run.emit(Event::ClockStopped { clock: clock.clone(), at: run.world.now });
    }
}

/// Lets stopped clocks run again that an outcome sets going.
pub(crate) fn resume_on(run: &mut Run<'_>, outcome: &Name) {
    let definition = run.definition;
    for clock in definition.parts().clocks.iter().filter(|clock| clock.resumes_on.contains(outcome)) {
        let stopped = run.clock_run(&clock.name).is_some_and(|held| match held.state {
            ClockState::Stopped { .. } => true,
            ClockState::Running { .. } | ClockState::Paused { .. } => false,
        });
        if stopped {
            resume(run, clock);
        }
    }
}

fn resume(run: &mut Run<'_>, clock: &Clock) {
    let Some(held) = run.clock_run(&clock.name).cloned() else { return };
    let marks = marks_of(run, clock, &held, held.target_ms);
    run.emit(Event::ClockResumed { clock: clock.name.clone(), at: run.world.now, marks });
}

/// Pauses and resumes clocks by where the tokens stand, gives them the target that the record's fields ask for
/// now, and does what is due at the marks that are passed. Called when a command has come to its waits.
pub(crate) fn settle(run: &mut Run<'_>) {
    let definition = run.definition;
    for clock in &definition.parts().clocks {
        settle_pause(run, clock);
        if let Err(problem) = settle_target(run, clock) {
            run.repair(&problem);
        }
        pass_marks(run, clock);
    }
}

/// Does what was due before the command that is about to be carried out, so that a clock that the command stops or
/// pauses has passed everything that it passed.
pub(crate) fn catch_up(run: &mut Run<'_>) {
    let definition = run.definition;
    for clock in &definition.parts().clocks {
        pass_marks(run, clock);
    }
}

fn settle_pause(run: &mut Run<'_>, clock: &Clock) {
    let Some(held) = run.clock_run(&clock.name) else { return };
    let pausing = run.place_within(&clock.pauses_in);
    match (&held.state, pausing) {
        (ClockState::Running { .. }, Some(step)) => {
            run.emit(Event::ClockPaused { clock: clock.name.clone(), at: run.world.now, reason: PauseReason::In(step) })
        }
        (ClockState::Paused { .. }, None) => resume(run, clock),
        (ClockState::Running { .. }, None) | (ClockState::Paused { .. }, Some(_)) | (ClockState::Stopped { .. }, _) => {
        }
    }
}

fn settle_target(run: &mut Run<'_>, clock: &Clock) -> Result<(), EvalError> {
    let Some(held) = run.clock_run(&clock.name) else { return Ok(()) };
    match held.state {
        ClockState::Stopped { .. } => return Ok(()),
        ClockState::Running { .. } | ClockState::Paused { .. } => {}
    }
    // What an agreement says that cannot be read now is what it said before.
    let key = run.calendar(Some(&clock.hours)).map_or_else(|_| held.calendar.clone(), |(key, _)| key);
    let calendar = run.calendar_named(&key)?;
    let target_ms = target_ms(run, clock, calendar)?;
    if target_ms != held.target_ms || key != held.calendar {
        let moved = Some(&key).filter(|key| **key != held.calendar).cloned();
        let passed = passed_under(clock, held, calendar, target_ms, run);
        let renewed = ClockRun { passed, calendar: key, ..held.clone() };
        let marks = marks_of(run, clock, &renewed, target_ms);
        run.emit(Event::ClockRetargeted { clock: clock.name.clone(), target_ms, calendar: moved, marks });
    }
    Ok(())
}

/// What the clocks that run or pause measure by other data of their calendar. A mark that was passed was told, and stays
/// passed.
pub(crate) fn recounted(run: &Run<'_>, calendar: &Name) -> Vec<Event> {
    let mut changes = Vec::new();
    for clock in &run.definition.parts().clocks {
        let Some(held) = run.clock_run(&clock.name).filter(|held| held.calendar == *calendar) else { continue };
        let old = match &held.state {
            ClockState::Running { marks, .. } => marks.as_slice(),
            ClockState::Paused { .. } => &[],
            ClockState::Stopped { .. } => continue,
        };
        let target = run.calendar_named(calendar).and_then(|calendar| target_ms(run, clock, calendar));
        let Ok(target_ms) = target else { continue };
        let marks = match &held.state {
            ClockState::Running { .. } => marks_of(run, clock, held, target_ms),
            ClockState::Paused { .. } | ClockState::Stopped { .. } => Vec::new(),
        };
        let ahead = old.iter().filter(|mark| !held.passed.contains(&mark.percent));
        if target_ms != held.target_ms || !ahead.eq(marks.iter()) {
            changes.push(Event::ClockRecounted { clock: clock.name.clone(), target_ms, marks });
        }
    }
    changes
}

/// The percents passed already that stay passed under another target.
fn passed_under(clock: &Clock, held: &ClockRun, calendar: &Calendar, target_ms: i64, run: &Run<'_>) -> Vec<u16> {
    let elapsed_ms = held.elapsed_ms(calendar, run.world.now);
    percents(clock)
        .into_iter()
        .filter(|percent| held.passed.contains(percent) && part(target_ms, *percent) <= elapsed_ms)
        .collect()
}

fn pass_marks(run: &mut Run<'_>, clock: &Clock) {
    while let Some(mark) =
        run.clock_run(&clock.name).and_then(ClockRun::next_mark).filter(|mark| mark.at <= run.world.now)
    {
        let percent = mark.percent;
        run.emit(Event::ClockPassed { clock: clock.name.clone(), percent, at: run.world.now });
        for threshold in clock.thresholds.iter().filter(|threshold| threshold.percent == percent) {
            if let Err(problem) = nodes::perform(run, &threshold.actions) {
                run.owe(Owed::Threshold { clock: clock.name.clone(), percent }, &problem);
            }
        }
    }
}

fn target_ms(run: &Run<'_>, clock: &Clock, calendar: &Calendar) -> Result<i64, EvalError> {
    let chosen = match run.instance.fields().get(&clock.by) {
        Some(Value::Choice(name)) => name.clone(),
        _ => return Err(EvalError::Empty(clock.by.to_string())),
    };
    clock
        .targets
        .iter()
        .find(|target| target.value == chosen)
        .map(|target| span_ms(&target.span, calendar))
        .ok_or_else(|| EvalError::Unknown(format!("target of {} for {chosen}", clock.name)))
}

fn marks_of(run: &Run<'_>, clock: &Clock, held: &ClockRun, target_ms: i64) -> Vec<Mark> {
    match run.calendar_named(&held.calendar) {
        Ok(calendar) => {
            let elapsed_ms = held.elapsed_ms(calendar, run.world.now);
            marks(clock, calendar, target_ms, elapsed_ms, run.world.now, &held.passed)
        }
        // A calendar that was removed while the clock ran: it measures on without marks until it is back.
        Err(_) => Vec::new(),
    }
}

fn marks(
    clock: &Clock,
    calendar: &Calendar,
    target_ms: i64,
    elapsed_ms: i64,
    now: crate::time::Timestamp,
    passed: &[u16],
) -> Vec<Mark> {
    percents(clock)
        .into_iter()
        .filter(|percent| !passed.contains(percent))
        .filter_map(|percent| {
            let left_ms = part(target_ms, percent) - elapsed_ms;
            calendar.add(now, left_ms.max(0)).map(|at| Mark { percent, at })
        })
        .collect()
}

/// The percents at which something happens; 100 always is among them, since it is the breach.
fn percents(clock: &Clock) -> Vec<u16> {
    let mut percents: Vec<u16> = clock.thresholds.iter().map(|threshold| threshold.percent).chain([100]).collect();
    percents.sort_unstable();
    percents.dedup();
    percents
}

fn part(target_ms: i64, percent: u16) -> i64 {
    target_ms / 100 * i64::from(percent) + target_ms % 100 * i64::from(percent) / 100
}
