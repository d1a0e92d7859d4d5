//! Examples: what is given, what is done, what must hold then.

use engine::ballot::Vote;

use super::{Opening, Reader, Reading, Wanted};
use crate::problem::{Code, Problem, labels};
use crate::shape::ShapeKind;
use crate::tree::{
    Background, ClaimText, ClockWord, ExampleText, Fact, Line, Text, WhenDeed, WhenText, Whom, WhomKind, Why, Word,
};

const LINES: &[Opening<Vec<Line>>] = &[
    Opening { word: "given", read: |reader| Ok(reader.given()?.into_iter().map(Line::Given).collect()) },
    Opening { word: "when", read: when },
    Opening { word: "then", read: then },
];

const FACTS: &[Opening<Vec<Fact>>] = &[Opening { word: "given", read: |reader| reader.given() }];

impl Reader<'_> {
    pub(super) fn background(&mut self) -> Reading<Background> {
        self.need("background")?;
        self.need("of")?;
        let of = self.name()?;
        Ok(Background { of, facts: self.block(FACTS)?.into_iter().flatten().collect() })
    }

    pub(super) fn example(&mut self) -> Reading<ExampleText> {
        self.need("example")?;
        let name = self.text()?;
        self.need("of")?;
        let of = self.name()?;
        Ok(ExampleText { name, of, lines: self.block(LINES)?.into_iter().flatten().collect() })
    }

    fn given(&mut self) -> Reading<Vec<Fact>> {
        self.need("given")?;
        let mut facts = vec![self.fact()?];
        while self.take("and") {
            facts.push(self.fact()?);
        }
        Ok(facts)
    }

    fn fact(&mut self) -> Reading<Fact> {
        let start = self.here();
        let kind = self.name()?;
        let mut key = self.value_there().then(|| self.take_key()).flatten();
        let mut traits = Vec::new();
        if let Some(attribute) = key.take_if(|_| self.value_there()) {
            // `anna manager bob`.
            let message = labels("`with` is missing", "缺少 `with`");
            let hint = labels(
                format!("write `given {} with {} …`", kind.text, attribute.text),
                format!("请写作 `given {} with {} …`", kind.text, attribute.text),
            );
            self.report(Problem::error(Code::Syntax, attribute.span.clone(), message).with_hint(hint));
            traits.push((attribute, self.key()?));
        } else if self.take("with") {
            traits.push((self.name()?, self.key()?));
        }
        while !traits.is_empty() && self.take_mark(",") {
            traits.push((self.name()?, self.key()?));
        }
        Ok(Fact { span: start..self.behind(), kind, key, traits })
    }

    /// Whether a name or a text stands next that begins no line of an example.
    fn value_there(&self) -> bool {
        !LINES.iter().any(|line| self.sees(line.word)) && self.clone().take_key().is_some()
    }

    /// The key of an entry: a name, or a text.
    fn key(&mut self) -> Reading<Text> {
        self.take_key().ok_or_else(|| self.stop(Wanted::Name))
    }

    /// A name, a text, or a day.
    fn take_key(&mut self) -> Option<Text> {
        self.take_date().or_else(|| self.take_text()).or_else(|| self.take_name()).or_else(|| self.take_figure())
    }

    /// A number, or a truth, as it is written.
    fn take_figure(&mut self) -> Option<Text> {
        let shape = self.peek()?;
        let text = self.slice(&shape.span);
        let fits = matches!(shape.kind, ShapeKind::Number) || matches!(text, "yes" | "no");
        if !fits {
            return None;
        }
        let found = Text { text: text.to_owned(), span: shape.span.clone() };
        self.advance();
        Some(found)
    }

    fn deed(&mut self) -> Reading<WhenDeed> {
        if matches!(self.peek().map(|shape| &shape.kind), Some(ShapeKind::Number)) {
            let length = self.length()?;
            if !self.take("passes") {
                self.need("pass")?;
            }
            return Ok(WhenDeed::Passes(length));
        }
        if self.take_all(&["it", "becomes"]) {
            return Ok(WhenDeed::Becomes(self.instant()?));
        }
        if self.take("job") {
            let job = self.name()?;
            return self.answered(Some(job));
        }
        if self.take("http") {
            return self.answered(None);
        }
        if self.take("call") {
            let process = self.name()?;
            self.need("ends")?;
            self.need("as")?;
            return Ok(WhenDeed::CallEnds { process, outcome: self.name()? });
        }
        if self.take("signal") {
            let signal = self.name()?;
            self.need("comes")?;
            return Ok(WhenDeed::Signalled(signal));
        }
        let by = self.name()?;
        if self.take("cancels") {
            return Ok(WhenDeed::Cancels { by });
        }
        if self.take("starts") {
            return Ok(WhenDeed::Starts { by, on_behalf_of: None });
        }
        if self.take("adds") {
            return Ok(WhenDeed::Adds { by, step: self.name()? });
        }
        if self.take("claims") {
            return Ok(WhenDeed::Claims { by, task: self.name()? });
        }
        if self.take("releases") {
            return Ok(WhenDeed::Releases { by, task: self.name()? });
        }
        if let Some(vote) = self.vote() {
            return Ok(WhenDeed::Votes { by, vote, approval: self.name()? });
        }
        if self.take("assigns") {
            let task = self.name()?;
            self.need("to")?;
            return Ok(WhenDeed::Assigns { by, task, to: self.name()? });
        }
        if self.take("delegates") {
            let task = self.name()?;
            self.need("to")?;
            return Ok(WhenDeed::Delegates { by, task, to: self.name()? });
        }
        if self.take("resolves") {
            return Ok(WhenDeed::Resolves { by, task: self.name()? });
        }
        if self.take("completes") {
            let task = self.name()?;
            self.need("as")?;
            return Ok(WhenDeed::Completes { by, task, outcome: self.name()? });
        }
        if self.take("sends") {
            return Ok(WhenDeed::Sends { by, message: self.name()?, text: self.text()? });
        }
        if self.take("comments") {
            return Ok(WhenDeed::Comments { by, text: self.text()? });
        }
        self.need("edits")?;
        Ok(WhenDeed::Edits { by })
    }

    /// `answers`, `fails`.
    fn answered(&mut self, job: Option<Word>) -> Reading<WhenDeed> {
        if self.take("fails") {
            return Ok(WhenDeed::JobFails(job));
        }
        self.need("answers")?;
        Ok(WhenDeed::JobAnswers(job))
    }

    fn vote(&mut self) -> Option<Vote> {
        if self.take("approves") {
            Some(Vote::Approved)
        } else if self.take("rejects") {
            Some(Vote::Rejected)
        } else {
            self.take_all(&["abstains", "from"]).then_some(Vote::Abstained)
        }
    }

    /// `bob has approved consent`, `bob has not voted on consent`.
    fn claim_of_vote(&mut self) -> Reading<ClaimText> {
        let by = self.name()?;
        self.need("has")?;
        if self.take("not") {
            self.need("voted")?;
            self.need("on")?;
            return Ok(ClaimText::Voted { by, vote: None, approval: self.name()? });
        }
        let vote = self.need_one(&[
            ("approved", Vote::Approved),
            ("rejected", Vote::Rejected),
            ("abstained", Vote::Abstained),
        ])?;
        if vote == Vote::Abstained {
            self.need("from")?;
        }
        Ok(ClaimText::Voted { by, vote: Some(vote), approval: self.name()? })
    }

    fn claim(&mut self) -> Reading<ClaimText> {
        if self.sees_all(&["it", "is"]) {
            self.take_all(&["it", "is"]);
            return self.claim_of_it();
        }
        if self.sees_all(&["record", "is"]) {
            self.take_all(&["record", "is"]);
            if self.take("ended") {
                self.need("as")?;
                return Ok(ClaimText::Ended { outcome: self.name()? });
            }
            if self.take("linked") {
                return Ok(ClaimText::Linked { kind: self.name()? });
            }
            self.need("running")?;
            return Ok(ClaimText::Running);
        }
        let word = |count| self.peek_after(count).and_then(|shape| self.word_of(shape)).unwrap_or_default();
        match (word(0), word(1), word(2), word(3)) {
            ("task", _, "is", _) => self.claim_of_task(),
            ("clock", _, "is" | "has", _) => self.claim_of_clock(),
            (_, "has", _, _) => self.claim_of_vote(),
            (_, "is", "notified", _) | (_, "is", "not", "notified") => self.claim_of_notice(),
            ("role" | "team" | "person", _, "is", _) => self.claim_of_notice(),
            _ => Ok(ClaimText::Holds(self.comparison()?)),
        }
    }

    fn claim_of_it(&mut self) -> Reading<ClaimText> {
        if !self.take("refused") {
            return Ok(ClaimText::ItIs { at: self.instant()? });
        }
        if !self.take("because") {
            return Ok(ClaimText::Refused { why: None });
        }
        if let Some(text) = self.take_text() {
            return Ok(ClaimText::Refused { why: Some(Why::Says(text)) });
        }
        let missing = self.name()?;
        self.need("is")?;
        self.need("missing")?;
        Ok(ClaimText::Refused { why: Some(Why::Missing(missing)) })
    }

    fn claim_of_task(&mut self) -> Reading<ClaimText> {
        self.need("task")?;
        let task = self.name()?;
        self.need("is")?;
        if self.take("due") {
            self.need("at")?;
            return Ok(ClaimText::TaskDue { task, at: self.instant()? });
        }
        if self.take("taken") {
            self.need("by")?;
            return Ok(ClaimText::TaskTaken { task, by: self.name()? });
        }
        if self.take("delegated") {
            self.need("to")?;
            return Ok(ClaimText::TaskDelegated { task, to: self.name()? });
        }
        if self.take("not") {
            self.need("open")?;
            return Ok(ClaimText::TaskShut { task });
        }
        self.need("open")?;
        let whom = if self.take("for") { Some(self.whom()?) } else { None };
        Ok(ClaimText::TaskOpen { task, whom })
    }

    fn claim_of_clock(&mut self) -> Reading<ClaimText> {
        self.need("clock")?;
        let clock = self.name()?;
        if self.take("has") {
            self.need("used")?;
            return Ok(ClaimText::ClockUsed { clock, span: self.length()? });
        }
        self.need("is")?;
        if self.take("due") {
            self.need("at")?;
            return Ok(ClaimText::ClockDue { clock, at: self.instant()? });
        }
        let not = self.take("not");
        let state = self.need_one(&[
            ("running", ClockWord::Running),
            ("paused", ClockWord::Paused),
            ("breached", ClockWord::Breached),
            ("stopped", ClockWord::Stopped),
        ])?;
        Ok(ClaimText::ClockIs { clock, not, state })
    }

    fn claim_of_notice(&mut self) -> Reading<ClaimText> {
        let nobody = self.take("nobody");
        let whom = if nobody { None } else { Some(self.whom()?) };
        self.need("is")?;
        let not = self.take("not");
        self.need("notified")?;
        let template = if self.take("by") { Some(self.name()?) } else { None };
        Ok(ClaimText::Told { whom, not: not || nobody, template })
    }

    fn whom(&mut self) -> Reading<Whom> {
        let kinds = [("role", WhomKind::Role), ("team", WhomKind::Team), ("person", WhomKind::Person)];
        let named = matches!(self.peek_after(1).and_then(|shape| self.word_of(shape)), Some(word) if word != "is");
        let kind = match named {
            true => kinds.into_iter().find(|(word, _)| self.take(word)).map_or(WhomKind::Any, |(_, kind)| kind),
            false => WhomKind::Any,
        };
        Ok(Whom { kind, name: self.name()? })
    }
}

fn when(reader: &mut Reader<'_>) -> Reading<Vec<Line>> {
    let start = reader.here();
    reader.need("when")?;
    let mut deed = reader.deed()?;
    let form = reader.with_form()?;
    let because = if reader.take("because") { Some(reader.text()?) } else { None };
    if let WhenDeed::Starts { on_behalf_of, .. } = &mut deed
        && reader.take("for")
    {
        *on_behalf_of = Some(reader.name()?);
    }
    let at = if reader.take("at") { Some(reader.instant()?) } else { None };
    Ok(vec![Line::When(start..reader.behind(), WhenText { deed, form, because, at })])
}

fn then(reader: &mut Reader<'_>) -> Reading<Vec<Line>> {
    reader.need("then")?;
    let mut lines = Vec::new();
    loop {
        let start = reader.here();
        let claim = reader.claim()?;
        lines.push(Line::Then(start..reader.behind(), claim));
        if !reader.take_mark(",") && !reader.take("and") {
            return Ok(lines);
        }
    }
}
