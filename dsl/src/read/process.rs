//! A file, and what stands in a process around its flow.

use engine::definition::Handled;

use super::{Opening, Reader, Reading, Wanted};
use crate::nodes;
use crate::shape::ShapeKind;
use crate::tree::{
    Aside, Background, ChoiceText, ExampleText, Fate, File, FindText, Holds, Item, LinkTypeText, MeasureText,
    MessageText, Notice, ObligationText, Parameter, Process, RegisterText, ReportText, RuleText, StartEveryText,
    StartOnText, Term, Text, Whenever, Word,
};

enum Top {
    Process(Process),
    Rule(RuleText),
    Notice(Notice),
    Background(Background),
    Example(ExampleText),
    Register(RegisterText),
    Measure(Box<MeasureText>),
    Obligation(ObligationText),
    Report(ReportText),
}

const TOP: &[Opening<Top>] = &[
    Opening { word: "process", read: |reader| Ok(Top::Process(reader.process()?)) },
    Opening { word: "rule", read: |reader| Ok(Top::Rule(reader.rule()?)) },
    Opening { word: "notice", read: |reader| Ok(Top::Notice(reader.notice()?)) },
    Opening { word: "background", read: |reader| Ok(Top::Background(reader.background()?)) },
    Opening { word: "example", read: |reader| Ok(Top::Example(reader.example()?)) },
    Opening { word: "register", read: |reader| Ok(Top::Register(reader.register()?)) },
    Opening { word: "measure", read: |reader| Ok(Top::Measure(Box::new(reader.measure()?))) },
    Opening { word: "obligation", read: |reader| Ok(Top::Obligation(reader.obligation()?)) },
    Opening { word: "report", read: |reader| Ok(Top::Report(reader.report_text()?)) },
];

/// What stands at the head of a process.
const HEAD: &[Opening<Item>] = &[
    Opening { word: "clauses", read: clauses },
    Opening {
        word: "owner",
        read: |reader| {
            reader.advance();
            Ok(Item::Owner(reader.name()?))
        },
    },
    Opening {
        word: "number",
        read: |reader| {
            reader.advance();
            Ok(Item::Number(reader.text()?))
        },
    },
    Opening {
        word: "title",
        read: |reader| {
            reader.advance();
            Ok(Item::Title(reader.name()?))
        },
    },
    Opening {
        word: "seen",
        read: |reader| {
            reader.advance();
            reader.need("by")?;
            Ok(Item::Seen(reader.people()?))
        },
    },
    Opening {
        word: "edited",
        read: |reader| {
            reader.advance();
            reader.need("by")?;
            Ok(Item::Edited(reader.people()?))
        },
    },
    Opening {
        word: "hours",
        read: |reader| {
            reader.advance();
            Ok(Item::Hours(reader.path()?))
        },
    },
    Opening { word: "choices", read: choices },
    Opening {
        word: "record",
        read: |reader| {
            reader.advance();
            Ok(Item::Record(reader.fields()?))
        },
    },
    Opening { word: "decide", read: |reader| Ok(Item::Decide(reader.decide()?)) },
    Opening { word: "clock", read: |reader| Ok(Item::Clock(reader.clock()?)) },
    Opening { word: "start", read: start },
    Opening { word: "roles", read: roles },
    Opening { word: "messages", read: messages },
    Opening { word: "links", read: links },
    Opening { word: "keep", read: keep },
    Opening { word: "found", read: found_by },
    Opening { word: "find", read: find },
    Opening { word: "on", read: handler },
    Opening { word: "extra", read: extra },
    Opening { word: "whenever", read: whenever },
    Opening { word: "aside", read: aside },
];

impl Reader<'_> {
    pub(super) fn file(self) -> File {
        let mut file = File::default();
        for top in self.statements(TOP) {
            match top {
                Top::Process(process) => file.processes.push(process),
                Top::Rule(rule) => file.rules.push(rule),
                Top::Notice(notice) => file.notices.push(notice),
                Top::Background(background) => file.backgrounds.push(background),
                Top::Example(example) => file.examples.push(example),
                Top::Register(register) => file.registers.push(register),
                Top::Measure(measure) => file.measures.push(*measure),
                Top::Obligation(obligation) => file.obligations.push(obligation),
                Top::Report(report) => file.reports.push(report),
            }
        }
        file
    }

    fn process(&mut self) -> Reading<Process> {
        self.need("process")?;
        let start = self.here();
        let head = self.head(|reader| {
            let head = (reader.name()?, reader.take_labels()?);
            reader.stands_before_braces(head)
        })?;
        let (name, tags) = head.unwrap_or_else(|| (Word { text: String::new(), span: start..start }, None));
        let flow = nodes::FLOW.iter().map(|node| node.word);
        let words: Vec<&'static str> = HEAD.iter().map(|opening| opening.word).chain(flow).collect();
        let items = self.braces()?.statements_of(&words, |reader, at| match HEAD.get(at) {
            Some(opening) => (opening.read)(reader),
            None => Ok(Item::Flow(reader.step()?)),
        });
        Ok(Process { name, tags, items })
    }

    /// What was read, if braces come next.
    pub(crate) fn stands_before_braces<T>(&self, read: T) -> Reading<T> {
        match self.peek().map(|shape| &shape.kind) {
            Some(ShapeKind::Braces(_)) => Ok(read),
            _ => Err(self.stop(Wanted::Mark("{"))),
        }
    }

    fn rule(&mut self) -> Reading<RuleText> {
        self.need("rule")?;
        let name = self.name()?;
        let inputs = self.parameters()?;
        self.need_mark("->")?;
        let gives = self.holds()?;
        let Some(body) = self.peek().filter(|shape| matches!(shape.kind, ShapeKind::Body)) else {
            return Err(self.stop(Wanted::RuleBody));
        };
        self.advance();
        let inside = body.span.start + 1..body.span.end.saturating_sub(1);
        let body = Text { text: self.slice(&inside).to_owned(), span: inside };
        Ok(RuleText { name, inputs, gives, body })
    }

    /// `(a, b: number)`.
    pub(crate) fn parameters(&mut self) -> Reading<Vec<Parameter>> {
        let mut inner = self.need_parens()?;
        let mut found = Vec::new();
        while !inner.is_done() {
            let name = inner.name()?;
            let holds: Option<Holds> = if inner.take_mark(":") { Some(inner.holds()?) } else { None };
            found.push(Parameter { name, holds });
            if !inner.take_mark(",") {
                inner.finished().map_err(|_| inner.stop(Wanted::Mark(")")))?;
            }
        }
        Ok(found)
    }

    fn notice(&mut self) -> Reading<Notice> {
        self.need("notice")?;
        Ok(Notice { name: self.name()?, tags: self.labels()? })
    }
}

fn clauses(reader: &mut Reader<'_>) -> Reading<Item> {
    reader.need("clauses")?;
    Ok(Item::Clauses(reader.clauses()?))
}

fn choices(reader: &mut Reader<'_>) -> Reading<Item> {
    reader.need("choices")?;
    let name = reader.name()?;
    let choices = reader.lines(|line| Ok(ChoiceText { name: line.name()?, tags: Some(line.labels()?) }))?;
    Ok(Item::Choices(name, choices))
}

fn start(reader: &mut Reader<'_>) -> Reading<Item> {
    let ahead = ["by", "every", "cron"].into_iter().any(|word| reader.sees_all(&["start", word]));
    let start = reader.here();
    if !ahead && !reader.sees_all(&["start", "on"]) {
        return Ok(Item::Flow(reader.step()?));
    }
    reader.need("start")?;
    if reader.take("on") {
        reader.need("message")?;
        let message = reader.name()?;
        let span = start..reader.behind();
        reader.need("from")?;
        let from = reader.people()?;
        let key = if reader.take_all(&["once", "per"]) { Some(reader.expr()?) } else { None };
        return Ok(Item::StartOn(StartOnText { span, message, from, key, sets: sets(reader)? }));
    }
    if !reader.sees("by") {
        let every = reader.every()?;
        let span = start..reader.behind();
        reader.need("for")?;
        let whom = reader.who()?;
        return Ok(Item::StartEvery(StartEveryText { span, every, whom, sets: sets(reader)? }));
    }
    reader.need("by")?;
    let people = reader.people()?;
    let asks = reader.take_asks()?;
    Ok(Item::Start(start..reader.behind(), people, asks))
}

/// `sets summary = message.title, service = find(message.labels)`.
fn sets(reader: &mut Reader<'_>) -> Reading<Vec<(Word, Term)>> {
    let mut found = Vec::new();
    if !reader.take("sets") {
        return Ok(found);
    }
    loop {
        let field = reader.name()?;
        reader.need_mark("=")?;
        found.push((field, reader.expr()?));
        if !reader.take_mark(",") {
            return Ok(found);
        }
    }
}

fn roles(reader: &mut Reader<'_>) -> Reading<Item> {
    reader.need("roles")?;
    Ok(Item::Roles(reader.lines(|line| Ok(ChoiceText { name: line.name()?, tags: Some(line.labels()?) }))?))
}

fn messages(reader: &mut Reader<'_>) -> Reading<Item> {
    reader.need("messages")?;
    let lines = reader.lines(|line| {
        let (name, tags) = (line.name()?, line.take_labels()?);
        let fate = if line.take("kept") {
            Fate::Kept(if line.take("for") { Some(line.length()?) } else { None })
        } else if line.take("lost") {
            Fate::Lost
        } else {
            Fate::Refused
        };
        Ok(MessageText { name, tags, fate })
    })?;
    Ok(Item::Messages(lines))
}

fn links(reader: &mut Reader<'_>) -> Reading<Item> {
    reader.need("links")?;
    let lines = reader.lines(|line| {
        let (name, tags) = (line.name()?, line.take_labels()?);
        let reverse = if line.take("reverse") { line.take_labels()? } else { None };
        Ok(LinkTypeText { name, tags, reverse })
    })?;
    Ok(Item::Links(lines))
}

/// `keep 4 years`.
fn keep(reader: &mut Reader<'_>) -> Reading<Item> {
    reader.need("keep")?;
    let (amount, unit) = reader.years_or_months()?;
    Ok(Item::Keep(amount, unit))
}

/// `found by service, items`.
fn found_by(reader: &mut Reader<'_>) -> Reading<Item> {
    reader.need("found")?;
    reader.need("by")?;
    Ok(Item::FoundBy(reader.names()?))
}

/// `find similar of incident where other.service is service`.
fn find(reader: &mut Reader<'_>) -> Reading<Item> {
    reader.need("find")?;
    let name = reader.name()?;
    reader.need("of")?;
    let process = reader.name()?;
    reader.need("where")?;
    Ok(Item::Find(Box::new(FindText { name, process, when: reader.expr()? })))
}

/// `on cancel { … }`, `on error { … }`; any other `on` is a step.
fn handler(reader: &mut Reader<'_>) -> Reading<Item> {
    let kinds = [("cancel", Handled::Cancel), ("error", Handled::Error)];
    let Some((word, of)) = kinds.into_iter().find(|(word, _)| reader.sees_all(&["on", word])) else {
        return Ok(Item::Flow(reader.step()?));
    };
    let start = reader.here();
    reader.need("on")?;
    reader.need(word)?;
    Ok(Item::Handler { span: start..reader.behind(), of, flow: reader.flow()? })
}

/// `extra by team { task … }`: what people may add while the record runs.
fn extra(reader: &mut Reader<'_>) -> Reading<Item> {
    let start = reader.here();
    reader.need("extra")?;
    reader.need("by")?;
    let by = reader.people()?;
    Ok(Item::Extra { span: start..reader.behind(), by, flow: reader.flow()? })
}

fn whenever(reader: &mut Reader<'_>) -> Reading<Item> {
    reader.need("whenever")?;
    let subject = reader.expr()?;
    reader.need("becomes")?;
    let becomes = reader.expr()?;
    Ok(Item::Whenever(Whenever { subject, becomes, actions: reader.block(nodes::ACTIONS)? }))
}

fn aside(reader: &mut Reader<'_>) -> Reading<Item> {
    reader.need("aside")?;
    let name = reader.name()?;
    let tags = reader.take_labels()?;
    Ok(Item::Aside(Aside { name, tags, flow: reader.flow()? }))
}
