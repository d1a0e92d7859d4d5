//! A file, and what stands in a process around its flow.

use super::{Opening, Reader, Reading, Wanted};
use crate::nodes;
use crate::shape::ShapeKind;
use crate::tree::{
    Aside, Background, ChoiceText, ExampleText, File, Holds, Item, Notice, Parameter, Process, RuleText, Text,
    Whenever, Word,
};

enum Top {
    Process(Process),
    Rule(RuleText),
    Notice(Notice),
    Background(Background),
    Example(ExampleText),
}

const TOP: &[Opening<Top>] = &[
    Opening { word: "process", read: |reader| Ok(Top::Process(reader.process()?)) },
    Opening { word: "rule", read: |reader| Ok(Top::Rule(reader.rule()?)) },
    Opening { word: "notice", read: |reader| Ok(Top::Notice(reader.notice()?)) },
    Opening { word: "background", read: |reader| Ok(Top::Background(reader.background()?)) },
    Opening { word: "example", read: |reader| Ok(Top::Example(reader.example()?)) },
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
    let mut found = vec![(reader.name()?, reader.text()?)];
    while reader.take_mark(",") {
        found.push((reader.name()?, reader.text()?));
    }
    Ok(Item::Clauses(found))
}

fn choices(reader: &mut Reader<'_>) -> Reading<Item> {
    reader.need("choices")?;
    let name = reader.name()?;
    let choices = reader.lines(|line| Ok(ChoiceText { name: line.name()?, tags: Some(line.labels()?) }))?;
    Ok(Item::Choices(name, choices))
}

fn start(reader: &mut Reader<'_>) -> Reading<Item> {
    let start = reader.here();
    reader.need("start")?;
    reader.need("by")?;
    let people = reader.people()?;
    let asks = reader.take_asks()?;
    Ok(Item::Start(start..reader.behind(), people, asks))
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
