//! The parsed tree: what was written, with the place of every word. Nothing in it is checked.

use std::ops::{Bound, Range};

use engine::expr::Operator;
use engine::table::Hit;
use engine::time::Span as Length;
use rust_decimal::Decimal;

/// A place in the source, in bytes.
pub(crate) type Place = Range<usize>;

/// A name as written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Word {
    pub(crate) text: String,
    pub(crate) span: Place,
}

/// A text in quotes, without them.
pub(crate) type Text = Word;

/// Labels as written; either may be missing.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tags {
    pub(crate) en: Option<Text>,
    pub(crate) zh: Option<Text>,
    pub(crate) span: Place,
}

/// A file.
#[derive(Clone, Debug, Default)]
pub(crate) struct File {
    pub(crate) processes: Vec<Process>,
    pub(crate) rules: Vec<RuleText>,
    pub(crate) notices: Vec<Notice>,
    pub(crate) backgrounds: Vec<Background>,
    pub(crate) examples: Vec<ExampleText>,
}

#[derive(Clone, Debug)]
pub(crate) struct Process {
    pub(crate) name: Word,
    pub(crate) tags: Option<Tags>,
    pub(crate) items: Vec<Item>,
}

#[derive(Clone, Debug)]
pub(crate) enum Item {
    Clauses(Vec<(Word, Text)>),
    Owner(Word),
    Number(Text),
    Title(Word),
    Seen(Vec<People>),
    Edited(Vec<People>),
    Hours(Term),
    Choices(Word, Vec<ChoiceText>),
    Record(Vec<FieldText>),
    Decide(Decide),
    Clock(ClockText),
    Start(Place, Vec<People>, Vec<AskText>),
    Whenever(Whenever),
    Aside(Aside),
    Flow(Statement),
}

#[derive(Clone, Debug)]
pub(crate) struct ChoiceText {
    pub(crate) name: Word,
    pub(crate) tags: Option<Tags>,
}

#[derive(Clone, Debug)]
pub(crate) struct FieldText {
    pub(crate) name: Word,
    pub(crate) holds: Holds,
    pub(crate) optional: bool,
    pub(crate) default: Option<Term>,
    pub(crate) derived: Option<(Term, bool)>,
    pub(crate) tags: Option<Tags>,
}

#[derive(Clone, Debug)]
pub(crate) enum Holds {
    Plain(Word, Option<u32>),
    Ref(Word),
    Many(Word),
    Inline(Vec<ChoiceText>),
}

#[derive(Clone, Debug)]
pub(crate) struct Parameter {
    pub(crate) name: Word,
    pub(crate) holds: Option<Holds>,
}

#[derive(Clone, Debug)]
pub(crate) struct Decide {
    pub(crate) name: Word,
    pub(crate) inputs: Vec<Parameter>,
    pub(crate) gives: Gives,
    pub(crate) hit: Hit,
    /// Where the hit policy stands; the name where none is written.
    pub(crate) hit_span: Place,
    pub(crate) rows: Vec<RowText>,
    pub(crate) otherwise: Option<Otherwise>,
}

/// What each row of a table gives, as written after its inputs.
#[derive(Clone, Debug)]
pub(crate) enum Gives {
    Unsaid,
    One(Holds),
    Row(Vec<Parameter>),
}

#[derive(Clone, Debug)]
pub(crate) struct RowText {
    pub(crate) span: Place,
    pub(crate) cells: Vec<CellText>,
    pub(crate) gives: Vec<Term>,
}

/// The line `else`.
#[derive(Clone, Debug)]
pub(crate) struct Otherwise {
    pub(crate) span: Place,
    pub(crate) gives: Vec<Term>,
}

#[derive(Clone, Debug)]
pub(crate) enum CellText {
    Any,
    Is(Vec<TestText>),
    Not(Vec<TestText>),
}

#[derive(Clone, Debug)]
pub(crate) enum TestText {
    Is(Term),
    Between(Place, Bound<Term>, Bound<Term>),
}

#[derive(Clone, Debug)]
pub(crate) struct ClockText {
    pub(crate) name: Word,
    pub(crate) tags: Option<Tags>,
    pub(crate) until: Option<Word>,
    pub(crate) pauses: Vec<Word>,
    pub(crate) resumes: Vec<Word>,
    pub(crate) target: Option<(Word, Vec<(Word, Length)>)>,
    pub(crate) hours: Option<Term>,
    pub(crate) thresholds: Vec<(u32, Place, Vec<Deed>)>,
}

#[derive(Clone, Debug)]
pub(crate) struct Whenever {
    pub(crate) subject: Term,
    pub(crate) becomes: Term,
    pub(crate) actions: Vec<Deed>,
}

#[derive(Clone, Debug)]
pub(crate) struct Aside {
    pub(crate) name: Word,
    pub(crate) tags: Option<Tags>,
    pub(crate) flow: Vec<Statement>,
}

/// People as written.
#[derive(Clone, Debug)]
pub(crate) enum People {
    Anyone,
    Role(Word),
    Named(Term),
}

#[derive(Clone, Debug)]
pub(crate) struct AskText {
    pub(crate) fields: Vec<Word>,
    pub(crate) when: Option<Term>,
}

/// A step of the flow with what surrounds it.
#[derive(Clone, Debug)]
pub(crate) struct Statement {
    pub(crate) span: Place,
    pub(crate) kind: StatementKind,
}

#[derive(Clone, Debug)]
pub(crate) enum StatementKind {
    Task(Box<TaskText>),
    Milestone(Word, Option<Tags>),
    Race { name: Option<Word>, tags: Option<Tags>, branches: Vec<Vec<Statement>> },
    Receive { message: Word, tags: Option<Tags>, from: Vec<People>, asks: Vec<AskText>, after: After },
    Timer { due: DueText, tags: Option<Tags>, after: After },
    Choose { cases: Vec<(Term, After)>, otherwise: Option<After> },
    Act(Deed),
    End(Word, Option<Tags>),
    Go(Goal),
}

/// What follows in a place of its own: steps, and a jump after them.
#[derive(Clone, Debug, Default)]
pub(crate) struct After {
    pub(crate) flow: Vec<Statement>,
    pub(crate) go: Option<Goal>,
}

#[derive(Clone, Debug)]
pub(crate) struct Goal {
    pub(crate) name: Word,
    pub(crate) end: bool,
}

#[derive(Clone, Debug)]
pub(crate) struct TaskText {
    pub(crate) name: Word,
    pub(crate) tags: Option<Tags>,
    pub(crate) any: Vec<People>,
    pub(crate) not: Vec<People>,
    pub(crate) not_who_did: Vec<Word>,
    pub(crate) due: Option<DueText>,
    pub(crate) asks: Vec<AskText>,
    pub(crate) outcomes: Vec<OutcomeText>,
}

#[derive(Clone, Debug)]
pub(crate) struct DueText {
    pub(crate) span: Length,
    pub(crate) place: Place,
    pub(crate) counted: Option<Term>,
}

#[derive(Clone, Debug)]
pub(crate) struct OutcomeText {
    pub(crate) name: Word,
    pub(crate) tags: Vec<Tags>,
    pub(crate) asks: Vec<AskText>,
    pub(crate) requires: Vec<(Term, Tags)>,
    pub(crate) after: After,
}

#[derive(Clone, Debug)]
pub(crate) enum Deed {
    Set(Word, Term),
    Tell { span: Place, whom: Vec<People>, template: Option<Word>, escalate: bool },
}

/// An expression as written.
#[derive(Clone, Debug)]
pub(crate) struct Term {
    pub(crate) span: Place,
    pub(crate) kind: TermKind,
}

#[derive(Clone, Debug)]
pub(crate) enum TermKind {
    Text(String),
    Number(Decimal),
    Truth(bool),
    Date(String),
    Instant(String),
    Length(Length),
    Nothing,
    Name(String),
    Requester,
    Attribute(Box<Term>, Word),
    Call(Word, Vec<Term>),
    List(Vec<Term>),
    Not(Box<Term>),
    IsEmpty(Box<Term>),
    Binary(Operator, Box<Term>, Box<Term>),
    /// Something that was reported already.
    Broken,
}

#[derive(Clone, Debug)]
pub(crate) struct RuleText {
    pub(crate) name: Word,
    pub(crate) inputs: Vec<Parameter>,
    pub(crate) gives: Holds,
    pub(crate) body: Text,
}

#[derive(Clone, Debug)]
pub(crate) struct Notice {
    pub(crate) name: Word,
    pub(crate) tags: Tags,
}

#[derive(Clone, Debug)]
pub(crate) struct Background {
    pub(crate) of: Word,
    pub(crate) facts: Vec<Fact>,
}

#[derive(Clone, Debug)]
pub(crate) struct ExampleText {
    pub(crate) name: Text,
    pub(crate) of: Word,
    pub(crate) lines: Vec<Line>,
}

/// A line of an example.
#[derive(Clone, Debug)]
pub(crate) enum Line {
    Given(Fact),
    When(Place, WhenText),
    Then(Place, ClaimText),
}

#[derive(Clone, Debug)]
pub(crate) struct Fact {
    pub(crate) span: Place,
    pub(crate) kind: Word,
    pub(crate) key: Option<Word>,
    pub(crate) traits: Vec<(Word, Word)>,
}

#[derive(Clone, Debug)]
pub(crate) struct WhenText {
    pub(crate) deed: WhenDeed,
    pub(crate) form: Vec<(Word, Term)>,
    pub(crate) because: Option<Text>,
    pub(crate) at: Option<Text>,
}

#[derive(Clone, Debug)]
pub(crate) enum WhenDeed {
    Starts { by: Word, on_behalf_of: Option<Word> },
    Claims { by: Word, task: Word },
    Releases { by: Word, task: Word },
    Completes { by: Word, task: Word, outcome: Word },
    Sends { by: Word, message: Word, text: Text },
    Comments { by: Word, text: Text },
    Edits { by: Word },
    Passes(Length),
    Becomes(Text),
}

#[derive(Clone, Debug)]
pub(crate) enum ClaimText {
    TaskOpen { task: Word, whom: Option<Whom> },
    TaskShut { task: Word },
    TaskDue { task: Word, at: Text },
    TaskTaken { task: Word, by: Word },
    ClockIs { clock: Word, not: bool, state: ClockWord },
    ClockDue { clock: Word, at: Text },
    ClockUsed { clock: Word, span: Length },
    Ended { outcome: Word },
    Running,
    Refused { why: Option<Why> },
    ItIs { at: Text },
    Told { whom: Option<Whom>, not: bool, template: Option<Word> },
    Holds(Term),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ClockWord {
    Running,
    Paused,
    Breached,
    Stopped,
}

#[derive(Clone, Debug)]
pub(crate) enum Why {
    Missing(Word),
    Says(Text),
}

#[derive(Clone, Debug)]
pub(crate) struct Whom {
    pub(crate) kind: WhomKind,
    pub(crate) name: Word,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WhomKind {
    Role,
    Team,
    Person,
    Any,
}
