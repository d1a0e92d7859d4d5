//! The demo's history: incidents played through the real process on a virtual clock, the same for a seed.

use std::sync::Arc;

use engine::calendar::Calendar;
use engine::command::{Command, Rejection, Start};
use engine::definition::Definition;
use engine::event::Actor;
use engine::ids::Name;
use engine::play::Play;
use engine::time::{DAY_MS, HOUR_MS, MINUTE_MS, Timestamp};
use engine::value::{Fields, Value};
use runtime::{ExecuteError, Runtime, Telling};

use super::organisation::REPORTERS;
use super::stories::{STORIES, Story};

/// How many incidents the demo has.
pub(super) const INCIDENTS: usize = 320;
/// Over how many days they are spread.
const DAYS: i64 = 60;
/// What makes the history the same every time.
const SEED: u64 = 20_000;
/// How far back people are still told.
const TOLD_DAYS: i64 = 2;

/// Why the history could not be made.
#[derive(Debug, thiserror::Error)]
pub enum HistoryError {
    /// The process refused what the demo's people do: its definition and the demo do not fit each other.
    #[error("the demo's story does not fit the process: {0}")]
    Refused(Rejection),
    /// The process has no such task open.
    #[error("the demo's story does not fit the process: no task {0} is open")]
    NoTask(Name),
    /// A record could not be written.
    #[error(transparent)]
    Unwritten(#[from] ExecuteError),
    /// Something beneath failed.
    #[error(transparent)]
    Broken(#[from] runtime::RuntimeError),
}

impl From<Rejection> for HistoryError {
    fn from(rejection: Rejection) -> Self {
        HistoryError::Refused(rejection)
    }
}

/// Plays and writes the history up to now. `progress` is told the number of incidents done.
///
/// # Errors
/// The process refuses the story, or the store failed.
pub(super) fn make(runtime: &Runtime, progress: &mut dyn FnMut(usize)) -> Result<(), HistoryError> {
    let Some(definition) = runtime.current(&Name::from("incident"))? else {
        return Err(ExecuteError::NoSuchProcess(Name::from("incident")).into());
    };
    let now = runtime.now();
    let directory = runtime.directory();
    let office =
        directory.calendar(&Name::from("office_09_18_shanghai")).cloned().unwrap_or_else(Calendar::around_the_clock);
    let mut dice = Dice(SEED);
    let mut starts: Vec<Timestamp> = (0..INCIDENTS).map(|_| start_instant(&mut dice, &office, now)).collect();
    starts.sort_unstable();
    let mut writer = runtime.past_writer(Telling::Since(now.plus_ms(-TOLD_DAYS * DAY_MS)));
    let mut numbers: Vec<Name> = Vec::new();
    for (done, start) in starts.into_iter().enumerate() {
        let mut tale = Tale {
            play: Play::new(definition.clone(), directory.clone(), start),
            dice: &mut dice,
            office: &office,
            now,
            earlier: &numbers,
        };
        tale.tell(runtime, &definition)?;
        let play = tale.play;
        writer.write(&definition, play.played())?;
        numbers.extend(play.instance().map(|instance| Name::from(instance.number())));
        progress(done + 1);
    }
    writer.finish()?;
    Ok(())
}

/// Most incidents begin in office hours, some around the clock, and more of them lately.
fn start_instant(dice: &mut Dice, office: &Calendar, now: Timestamp) -> Timestamp {
    let back = DAYS * DAY_MS;
    let ago = dice.below(back).min(dice.below(back));
    let any = now.plus_ms(-ago - 10 * MINUTE_MS);
    if dice.chance(15) {
        any
    } else {
        let inside = office.add(any, MINUTE_MS + dice.below(HOUR_MS)).unwrap_or(any);
        if inside < now { inside } else { any }
    }
}

/// One incident on its way.
struct Tale<'t> {
    play: Play,
    dice: &'t mut Dice,
    office: &'t Calendar,
    now: Timestamp,
    earlier: &'t [Name],
}

/// Whether the tale has come to the present.
enum Goes {
    On,
    Present,
}

impl Tale<'_> {
    fn tell(&mut self, runtime: &Runtime, definition: &Arc<Definition>) -> Result<(), HistoryError> {
        let at = self.dice.below(STORIES.len() as i64);
        let Some(story) = STORIES.get(usize::try_from(at).unwrap_or(0)) else { return Ok(()) };
        self.report(runtime, definition, story)?;
        if let Goes::Present = self.triage(story)? {
            return Ok(());
        }
        while self.is_open("resolve") {
            if let Goes::Present = self.resolve(story)? {
                return Ok(());
            }
        }
        Ok(())
    }

    fn report(&mut self, runtime: &Runtime, definition: &Definition, story: &Story) -> Result<(), HistoryError> {
        let reporter = self.dice.pick(REPORTERS);
        let mut fields = Fields::from([
            (Name::from("summary"), Value::Text(story.summary.into())),
            (Name::from("details"), Value::Text(story.details.into())),
            (Name::from("service"), reference(story.service)),
            (Name::from("impact"), choice(story.weight.0)),
            (Name::from("urgency"), choice(story.weight.1)),
            (Name::from("category"), Value::Text(story.category.into())),
        ]);
        let asked = &definition.parts().start.asks;
        fields.retain(|name, _| asked.iter().any(|ask| ask.field == *name));
        let (instance, number) = runtime.new_record(definition, self.play.now())?;
        self.play.start(&Name::from(reporter), Start { instance, number, on_behalf_of: None, fields, origin: None })?;
        Ok(())
    }

    fn triage(&mut self, story: &Story) -> Result<Goes, HistoryError> {
        let delay = (3 + self.dice.below(35)) * MINUTE_MS;
        if let Goes::Present = self.work_for(delay) {
            return Ok(Goes::Present);
        }
        let desk = self.dice.pick(&["p01", "p07"]);
        if self.dice.chance(3) {
            let reason = "这是使用咨询，已电话答复。";
            self.complete(desk, "triage", "reject", Fields::new(), Some(reason))?;
            return Ok(Goes::Present);
        }
        if self.dice.chance(3) && !self.earlier.is_empty() {
            let other = self.earlier.last().cloned().unwrap_or_else(|| Name::from(""));
            let seen = engine::records::Seen {
                number: other.clone(),
                process: self.play.definition().parts().name.clone(),
                opened: self.play.now(),
                outcome: None,
                reached: std::collections::BTreeSet::new(),
                fields: Fields::new(),
            };
            self.play.know_records(engine::records::RecordsInMemory([(other.clone(), seen)].into()));
            let fields = Fields::from([(Name::from("duplicate_of"), Value::Ref(other))]);
            self.complete(desk, "triage", "duplicate", fields, None)?;
            return Ok(Goes::Present);
        }
        let fields = Fields::from([
            (Name::from("impact"), choice(story.weight.0)),
            (Name::from("urgency"), choice(story.weight.1)),
            (Name::from("items"), Value::List(vec![reference(story.item)])),
        ]);
        self.complete(desk, "triage", "accept", fields, None)?;
        Ok(Goes::On)
    }

    fn resolve(&mut self, story: &Story) -> Result<Goes, HistoryError> {
        let hours = match self.priority().as_str() {
            "p1" => 1 + self.dice.below(4),
            "p2" => 1 + self.dice.below(9),
            "p3" => 2 + self.dice.below(26),
            _ => 3 + self.dice.below(40),
        };
        let worker = self.worker();
        if self.dice.chance(70)
            && let Some(task) = self.task("resolve")
        {
            let before_claim = (5 + self.dice.below(50)) * MINUTE_MS;
            if let Goes::Present = self.work_for(before_claim) {
                return Ok(Goes::Present);
            }
            self.play.command(person(&worker), Command::Claim { task })?;
        }
        let effort = hours * HOUR_MS + self.dice.below(HOUR_MS);
        if let Goes::Present = self.work_for(effort) {
            return Ok(Goes::Present);
        }
        if !self.is_open("resolve") {
            return Ok(Goes::Present);
        }
        match self.dice.below(100) {
            0..18 => self.ask(story, &worker),
            18..26 => self.hand_over(story, &worker),
            26..31 => self.wait_for_vendor(&worker),
            // The wrong team cannot solve it.
            _ if self.team() != story.team() => self.hand_over(story, &worker),
            _ => self.fix(story, &worker),
        }
    }

    fn ask(&mut self, story: &Story, worker: &str) -> Result<Goes, HistoryError> {
        let fields = Fields::from([(Name::from("question"), Value::Text(story.question.into()))]);
        self.complete(worker, "resolve", "ask_caller", fields, None)?;
        let silence = (1 + self.dice.below(20)) * HOUR_MS;
        if let Goes::Present = self.work_for(silence) {
            return Ok(Goes::Present);
        }
        let Some(requester) = self.play.instance().map(|instance| instance.requester().clone()) else {
            return Ok(Goes::Present);
        };
        let reply = Command::Message { message: Name::from("reply"), text: story.reply.into(), fields: Fields::new() };
        self.play.command(Actor::Person(requester), reply)?;
        Ok(Goes::On)
    }

    fn hand_over(&mut self, story: &Story, worker: &str) -> Result<Goes, HistoryError> {
        // Whoever gets it by mistake gives it back; nobody passes it on further.
        let (team, right) = (self.team(), story.team());
        let other = if team == right { self.dice.pick(&["network", "applications", "workplace"]) } else { right };
        if team == other {
            return Ok(Goes::On);
        }
        let fields = Fields::from([(Name::from("team"), reference(other))]);
        self.complete(worker, "resolve", "wrong_team", fields, None)?;
        Ok(Goes::On)
    }

    fn wait_for_vendor(&mut self, worker: &str) -> Result<Goes, HistoryError> {
        let fields = Fields::from([(Name::from("waiting_for"), choice("vendor"))]);
        self.complete(worker, "resolve", "wait", fields, Some("已报厂商，等待备件"))?;
        let vendors_time = (4 + self.dice.below(20)) * HOUR_MS;
        if let Goes::Present = self.work_for(vendors_time) {
            return Ok(Goes::Present);
        }
        self.complete(worker, "resume", "resume", Fields::new(), None)?;
        Ok(Goes::On)
    }

    fn fix(&mut self, story: &Story, worker: &str) -> Result<Goes, HistoryError> {
        let fields = Fields::from([
            (Name::from("resolution"), Value::Text(story.resolution.into())),
            (Name::from("cause"), Value::Text(story.cause.into())),
            (Name::from("items"), Value::List(vec![reference(story.item)])),
        ]);
        self.complete(worker, "resolve", "fixed", fields, None)?;
        let answered = self.dice.below(100);
        let delay = (1 + self.dice.below(15)) * HOUR_MS;
        if answered >= 65 {
            // Silence: the process closes the record by itself.
            self.play.advance_to(self.now);
            return Ok(Goes::Present);
        }
        if let Goes::Present = self.work_for(delay) {
            return Ok(Goes::Present);
        }
        let Some(requester) = self.play.instance().map(|instance| instance.requester().to_string()) else {
            return Ok(Goes::Present);
        };
        if answered < 7 {
            self.complete(&requester, "confirm", "reopen", Fields::new(), Some("问题又出现了，请再看一下。"))?;
            return Ok(Goes::On);
        }
        self.complete(&requester, "confirm", "confirm", Fields::new(), None)?;
        Ok(Goes::Present)
    }

    /// Lets working time pass; the tale stops where that reaches the present.
    fn work_for(&mut self, length_ms: i64) -> Goes {
        let until = self.office.add(self.play.now(), length_ms).unwrap_or(self.now);
        if until >= self.now {
            self.play.advance_to(self.now);
            Goes::Present
        } else {
            self.play.advance_to(until);
            Goes::On
        }
    }

    fn complete(
        &mut self,
        by: &str,
        task: &str,
        outcome: &str,
        fields: Fields,
        reason: Option<&str>,
    ) -> Result<(), HistoryError> {
        let task = self.task(task).ok_or_else(|| HistoryError::NoTask(Name::from(task)))?;
        let command =
            Command::Complete { task, outcome: Name::from(outcome), fields, reason: reason.map(str::to_owned) };
        self.play.command(person(by), command)?;
        Ok(())
    }

    fn task(&self, step: &str) -> Option<engine::ids::TaskId> {
        self.play.instance()?.tasks().iter().find(|task| task.step == *step).map(|task| task.id)
    }

    fn is_open(&self, step: &str) -> bool {
        self.task(step).is_some()
    }

    fn field(&self, name: &str) -> String {
        let value = self.play.instance().and_then(|instance| instance.fields().get(name));
        value.map(Value::plain).unwrap_or_default()
    }

    fn priority(&self) -> String {
        self.field("priority")
    }

    fn team(&self) -> String {
        self.field("team")
    }

    /// Somebody of the team, who goes on with a task that the same person has taken.
    fn worker(&mut self) -> String {
        let holder = self
            .play
            .instance()
            .and_then(|instance| instance.tasks().iter().find(|task| task.step == "resolve")?.assignee.clone());
        if let Some(holder) = holder {
            return holder.to_string();
        }
        let members: &[&str] = match self.team().as_str() {
            "network" => &["p02", "p09"],
            "applications" => &["p03", "p08"],
            "workplace" => &["p02"],
            _ => &["p01", "p07"],
        };
        self.dice.pick(members).to_owned()
    }
}

fn person(key: &str) -> Actor {
    Actor::Person(Name::from(key))
}

fn choice(name: &str) -> Value {
    Value::Choice(Name::from(name))
}

fn reference(key: &str) -> Value {
    Value::Ref(Name::from(key))
}

/// A small generator of numbers that are the same for a seed (SplitMix64).
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number from 0 to below the limit; 0 where the limit is not positive.
    fn below(&mut self, limit: i64) -> i64 {
        match u64::try_from(limit) {
            Ok(limit) if limit > 0 => i64::try_from(self.next() % limit).unwrap_or(0),
            _ => 0,
        }
    }

    /// True in so many cases of a hundred.
    fn chance(&mut self, percent: i64) -> bool {
        self.below(100) < percent
    }

    fn pick<'l>(&mut self, from: &[&'l str]) -> &'l str {
        let at = self.below(i64::try_from(from.len()).unwrap_or(1));
        from.get(usize::try_from(at).unwrap_or(0)).copied().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_numbers() {
        let draw = |seed| {
            let mut dice = Dice(seed);
            (0..8).map(|_| dice.below(1_000)).collect::<Vec<_>>()
        };
        assert_eq!(draw(SEED), draw(SEED));
        assert_ne!(draw(SEED), draw(SEED + 1));
    }
}
