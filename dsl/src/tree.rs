//! The parsed tree: what was written, with the place of every word. Nothing in it is checked.

use std::ops::{Bound, Range};

use engine::ballot::Vote;
use engine::definition::{Direction, Handled, Pace, Rest, Substitution};
pub(crate) use engine::definition::{Figure, Period};
use engine::expr::Operator;
use engine::register::Hit;
use engine::table::HitPolicy;
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
    pub(crate) registers: Vec<RegisterText>,
    pub(crate) measures: Vec<MeasureText>,
    pub(crate) obligations: Vec<ObligationText>,
    pub(crate) reports: Vec<ReportText>,
}

/// A register without a process.
#[derive(Clone, Debug)]
pub(crate) struct RegisterText {
    pub(crate) name: Word,
    pub(crate) tags: Option<Tags>,
    pub(crate) lines: Vec<RegisterLine>,
}

impl RegisterText {
    pub(crate) fn fields(&self) -> impl Iterator<Item = &FieldText> {
        self.lines.iter().filter_map(|line| if let RegisterLine::Field(field) = line { Some(&**field) } else { None })
    }
}

/// A line of a register.
#[derive(Clone, Debug)]
pub(crate) enum RegisterLine {
    Field(Box<FieldText>),
    Controlled(ControlledText),
    /// For so many days since the day in a field.
    Fresh(u32, Word),
}

/// Fields that change only under a record.
#[derive(Clone, Debug)]
pub(crate) struct ControlledText {
    pub(crate) fields: Vec<Word>,
    pub(crate) on: Word,
    pub(crate) values: Vec<Word>,
    pub(crate) under: Vec<PermitText>,
}

/// A process, a milestone, and the field by which its records name entries.
#[derive(Clone, Debug)]
pub(crate) struct PermitText {
    pub(crate) process: Word,
    pub(crate) milestone: Word,
    pub(crate) names: Word,
}

/// What makes a field of a register a relation: what it is called from the other end, and whom a fault reaches.
#[derive(Clone, Debug)]
pub(crate) struct RelationText {
    pub(crate) reverse: Tags,
    pub(crate) hit: Hit,
}

/// What a process looks for among the records of a process.
#[derive(Clone, Debug)]
pub(crate) struct FindText {
    pub(crate) name: Word,
    pub(crate) process: Word,
    pub(crate) when: Term,
}

/// A figure worked out from records.
#[derive(Clone, Debug)]
pub(crate) struct MeasureText {
    pub(crate) name: Word,
    pub(crate) tags: Option<Tags>,
    pub(crate) of: Word,
    pub(crate) figure: Figure,
    pub(crate) subject: Option<Term>,
    pub(crate) when: Option<Term>,
    pub(crate) by: Vec<Word>,
    /// The value that it is set for, if it is for one only, and what is to be reached.
    pub(crate) target: Option<(Option<Word>, Operator, Term)>,
}

/// Something that must be done again and again.
#[derive(Clone, Debug)]
pub(crate) struct ObligationText {
    pub(crate) name: Word,
    pub(crate) tags: Option<Tags>,
    pub(crate) every: Every,
    pub(crate) whom: Vec<People>,
    pub(crate) evidence: Option<Word>,
    pub(crate) clauses: Vec<(Word, Text)>,
}

/// Measures that people are told of again and again.
#[derive(Clone, Debug)]
pub(crate) struct ReportText {
    pub(crate) name: Word,
    pub(crate) tags: Option<Tags>,
    pub(crate) every: Every,
    pub(crate) whom: Vec<People>,
    pub(crate) measures: Vec<Word>,
}

/// A record that begins again and again.
#[derive(Clone, Debug)]
pub(crate) struct StartEveryText {
    pub(crate) span: Place,
    pub(crate) every: Every,
    pub(crate) whom: People,
    pub(crate) sets: Vec<(Word, Term)>,
}

/// A message that begins a record.
#[derive(Clone, Debug)]
pub(crate) struct StartOnText {
    pub(crate) span: Place,
    pub(crate) message: Word,
    pub(crate) from: Vec<People>,
    pub(crate) key: Option<Term>,
    pub(crate) sets: Vec<(Word, Term)>,
}

/// How often.
#[derive(Clone, Debug)]
pub(crate) enum Every {
    Period(Period),
    Length(Length),
    /// Minute, hour, day, month, weekday, as cron has them.
    Cron(Text),
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
    StartEvery(StartEveryText),
    StartOn(StartOnText),
    Roles(Vec<ChoiceText>),
    Messages(Vec<MessageText>),
    Links(Vec<LinkTypeText>),
    Keep(u32, Period),
    FoundBy(Vec<Word>),
    Find(Box<FindText>),
    Handler { span: Place, of: Handled, flow: Vec<Statement> },
    Extra { span: Place, by: Vec<People>, flow: Vec<Statement> },
    Whenever(Whenever),
    Aside(Aside),
    Flow(Statement),
}

#[derive(Clone, Debug)]
pub(crate) struct ChoiceText {
    pub(crate) name: Word,
    pub(crate) tags: Option<Tags>,
}

/// A message that a process knows.
#[derive(Clone, Debug)]
pub(crate) struct MessageText {
    pub(crate) name: Word,
    pub(crate) tags: Option<Tags>,
    pub(crate) fate: Fate,
}

/// What becomes of a message that nobody waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    Refused,
    Kept(Option<Length>),
    Lost,
}

#[derive(Clone, Debug)]
pub(crate) struct LinkTypeText {
    pub(crate) name: Word,
    pub(crate) tags: Option<Tags>,
    pub(crate) reverse: Option<Tags>,
}

#[derive(Clone, Debug)]
pub(crate) struct FieldText {
    pub(crate) name: Word,
    pub(crate) was: Option<Word>,
    pub(crate) holds: Holds,
    pub(crate) optional: bool,
    pub(crate) default: Option<Term>,
    pub(crate) derived: Option<(Term, bool)>,
    pub(crate) must: Vec<(Term, Tags)>,
    pub(crate) seen_by: Vec<People>,
    pub(crate) changed_by: Vec<People>,
    pub(crate) evidence: Vec<(Word, Text)>,
    pub(crate) relation: Option<RelationText>,
    pub(crate) tags: Option<Tags>,
}

#[derive(Clone, Debug)]
pub(crate) enum Holds {
    Plain(Word, Option<u32>),
    Ref(Word),
    Many(Word),
    Inline(Vec<ChoiceText>),
    Rows(Vec<FieldText>),
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
    pub(crate) hit: HitPolicy,
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
    Nobody,
    Role(Word),
    /// The person or the team of a key in quotes.
    Key(PersonOrTeam, Text),
    Named(Term),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PersonOrTeam {
    Person,
    Team,
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
    Milestone { name: Word, was: Option<Word>, tags: Option<Tags> },
    Race { name: Option<Word>, tags: Option<Tags>, branches: Vec<Vec<Statement>> },
    Receive(Box<ReceiveText>),
    Timer { due: DueText, tags: Option<Tags>, after: After },
    Choose { cases: Vec<(Term, After)>, otherwise: Option<After> },
    Switch(Box<SwitchText>),
    Together(Box<TogetherText>),
    ForEach(Box<ForEachText>),
    Repeat { flow: Vec<Statement>, until: Term },
    Wait { until: Term, tags: Option<Tags>, deadline: Deadline, after: After },
    Call(Box<CallText>),
    Job(Box<JobText>),
    Approval(Box<ApprovalText>),
    Undo,
    Finish,
    Act(Deed),
    End(Word, Option<Tags>),
    Go(Goal),
}

impl StatementKind {
    /// The flows that lie in it, in written order.
    pub(crate) fn flows(&self) -> Vec<&[Statement]> {
        match self {
            StatementKind::Task(task) => task.outcomes.iter().map(|outcome| outcome.after.flow.as_slice()).collect(),
            StatementKind::Approval(approval) => {
                approval.outcomes.iter().map(|outcome| outcome.after.flow.as_slice()).collect()
            }
            StatementKind::Race { branches, .. } => branches.iter().map(Vec::as_slice).collect(),
            StatementKind::Together(together) => {
                together.branches.iter().map(|branch| branch.flow.as_slice()).collect()
            }
            StatementKind::ForEach(each) => vec![each.flow.as_slice()],
            StatementKind::Repeat { flow, .. } => vec![flow.as_slice()],
            StatementKind::Receive(receive) => vec![receive.after.flow.as_slice()],
            StatementKind::Timer { after, .. } | StatementKind::Wait { after, .. } => vec![after.flow.as_slice()],
            StatementKind::Call(call) => vec![call.after.flow.as_slice()],
            StatementKind::Job(job) => {
                let ways = std::iter::once(&job.after).chain(&job.failed);
                ways.map(|way| way.flow.as_slice()).collect()
            }
            StatementKind::Choose { cases, otherwise } => {
                let ways = cases.iter().map(|(_, way)| way).chain(otherwise);
                ways.map(|way| way.flow.as_slice()).collect()
            }
            StatementKind::Switch(switch) => {
                let ways = switch.cases.iter().map(|(_, way)| way).chain(&switch.otherwise);
                ways.map(|way| way.flow.as_slice()).collect()
            }
            StatementKind::Milestone { .. }
            | StatementKind::Act(_)
            | StatementKind::End(_, _)
            | StatementKind::Go(_)
            | StatementKind::Undo
            | StatementKind::Finish => Vec::new(),
        }
    }
}

/// `choose kind { … }`: one way for each value of a choice.
#[derive(Clone, Debug)]
pub(crate) struct SwitchText {
    pub(crate) subject: Term,
    pub(crate) cases: Vec<(Vec<Word>, After)>,
    pub(crate) otherwise: Option<After>,
}

/// Several ways at once.
#[derive(Clone, Debug)]
pub(crate) struct TogetherText {
    pub(crate) name: Option<Word>,
    pub(crate) tags: Option<Tags>,
    pub(crate) needs: NeedsText,
    pub(crate) rest: Rest,
    pub(crate) branches: Vec<BranchText>,
}

#[derive(Clone, Debug)]
pub(crate) enum NeedsText {
    All,
    Any,
    Count(u32, Place),
}

#[derive(Clone, Debug)]
pub(crate) struct BranchText {
    pub(crate) when: Option<Term>,
    pub(crate) flow: Vec<Statement>,
}

/// The same steps for each value of a list.
#[derive(Clone, Debug)]
pub(crate) struct ForEachText {
    pub(crate) item: Word,
    pub(crate) of: Term,
    pub(crate) pace: Pace,
    pub(crate) until: Option<Term>,
    pub(crate) tags: Option<Tags>,
    pub(crate) flow: Vec<Statement>,
}

/// Whether a wait says that it may last for ever.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Deadline {
    Unsaid,
    None,
}

/// Waits for a message or a signal.
#[derive(Clone, Debug)]
pub(crate) struct ReceiveText {
    pub(crate) what: Received,
    pub(crate) name: Word,
    pub(crate) tags: Option<Tags>,
    pub(crate) from: Vec<People>,
    pub(crate) asks: Vec<AskText>,
    pub(crate) deadline: Deadline,
    pub(crate) after: After,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Received {
    Message,
    Signal,
}

/// What a record of another process is given.
pub(crate) type FormText = Vec<(Word, Term)>;

/// `link this resolved_by it`.
#[derive(Clone, Debug)]
pub(crate) struct LinkText {
    pub(crate) kind: Word,
    pub(crate) direction: Direction,
}

/// Another process, waited for.
#[derive(Clone, Debug)]
pub(crate) struct CallText {
    pub(crate) begun: BegunText,
    pub(crate) tags: Option<Tags>,
    pub(crate) after: After,
}

/// Another process that is begun.
#[derive(Clone, Debug)]
pub(crate) struct BegunText {
    pub(crate) process: Word,
    pub(crate) form: FormText,
    pub(crate) links: Vec<LinkText>,
}

/// Work that a machine does.
#[derive(Clone, Debug)]
pub(crate) struct JobText {
    pub(crate) work: Work,
    pub(crate) tags: Option<Tags>,
    pub(crate) form: FormText,
    pub(crate) gives: Vec<Word>,
    pub(crate) retries: Option<(u32, Option<Length>)>,
    pub(crate) due: Option<DueText>,
    pub(crate) deadline: Deadline,
    pub(crate) failed: Option<After>,
    pub(crate) after: After,
}

/// Who does it.
#[derive(Clone, Debug)]
pub(crate) enum Work {
    /// A worker that fetches jobs of that name.
    Worker(Word),
    /// A server, by an HTTP request.
    Http { place: Place, method: &'static str, url: Text },
}

/// A question that several people answer with yes or no.
#[derive(Clone, Debug)]
pub(crate) struct ApprovalText {
    pub(crate) name: Word,
    pub(crate) was: Option<Word>,
    pub(crate) tags: Option<Tags>,
    /// One list of people for each level, asked one after the other.
    pub(crate) levels: Vec<Vec<People>>,
    pub(crate) not: Vec<People>,
    pub(crate) not_who_did: Vec<Word>,
    pub(crate) substitution: Substitution,
    pub(crate) needs: ApprovalNeeds,
    pub(crate) abstain: Abstain,
    pub(crate) due: Option<DueText>,
    pub(crate) asks: Vec<AskText>,
    pub(crate) outcomes: Vec<OutcomeText>,
}

/// Whose yes is enough.
#[derive(Clone, Debug)]
pub(crate) enum ApprovalNeeds {
    One,
    All,
    Count(u32, Place),
    Percent(u32, Place),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Abstain {
    Not,
    Allowed,
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
    pub(crate) was: Option<Word>,
    pub(crate) tags: Option<Tags>,
    pub(crate) any: Vec<People>,
    pub(crate) not: Vec<People>,
    pub(crate) not_who_did: Vec<Word>,
    pub(crate) substitution: Substitution,
    pub(crate) due: Option<DueText>,
    pub(crate) asks: Vec<AskText>,
    pub(crate) shows: Vec<Word>,
    pub(crate) evidence: Vec<(Word, Text)>,
    pub(crate) reminders: Vec<ReminderText>,
    pub(crate) undo: Vec<Deed>,
    pub(crate) outcomes: Vec<OutcomeText>,
}

/// What is done while a task is open too long.
#[derive(Clone, Debug)]
pub(crate) struct ReminderText {
    pub(crate) span: Place,
    /// So long after it was opened, or when it is due where not said.
    pub(crate) after: Option<DueText>,
    pub(crate) actions: Vec<Deed>,
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
    Tell {
        span: Place,
        whom: Vec<People>,
        template: Option<Word>,
        how: Telling,
    },
    Start {
        begun: BegunText,
    },
    Signal {
        name: Word,
    },
    /// The record is entered into a register.
    Enter {
        register: Word,
        form: FormText,
    },
    /// The entries that a field names take other attributes.
    Update {
        of: Term,
        form: FormText,
    },
}

/// How people are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Telling {
    /// In the product, and by whatever else they chose there.
    Notify,
    /// The same, and the record keeps that it was escalated to them.
    Escalate,
    /// By this channel.
    By(&'static str),
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
    Now,
    Today,
    Attribute(Box<Term>, Word),
    Call(Word, Vec<Term>),
    List(Vec<Term>),
    /// A row, in the form of an example.
    Row(FormText),
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
    pub(crate) traits: Vec<(Word, Text)>,
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
    Starts {
        by: Word,
        on_behalf_of: Option<Word>,
    },
    Claims {
        by: Word,
        task: Word,
    },
    Releases {
        by: Word,
        task: Word,
    },
    Votes {
        by: Word,
        approval: Word,
        vote: Vote,
    },
    Assigns {
        by: Word,
        task: Word,
        to: Word,
    },
    Delegates {
        by: Word,
        task: Word,
        to: Word,
    },
    Resolves {
        by: Word,
        task: Word,
    },
    Completes {
        by: Word,
        task: Word,
        outcome: Word,
    },
    Sends {
        by: Word,
        message: Word,
        text: Text,
    },
    Comments {
        by: Word,
        text: Text,
    },
    /// A signal comes from elsewhere.
    Signalled(Word),
    /// A person adds a part; the word is that of a step in it.
    Adds {
        by: Word,
        step: Word,
    },
    Edits {
        by: Word,
    },
    /// A worker does the job of that name, or a server answers, where there is no name.
    JobAnswers(Option<Word>),
    /// It cannot be done.
    JobFails(Option<Word>),
    /// A record of that process that this one called has ended.
    CallEnds {
        process: Word,
        outcome: Word,
    },
    /// Somebody cancels the record.
    Cancels {
        by: Word,
    },
    Passes(Length),
    Becomes(Text),
}

#[derive(Clone, Debug)]
pub(crate) enum ClaimText {
    TaskOpen {
        task: Word,
        whom: Option<Whom>,
    },
    TaskShut {
        task: Word,
    },
    TaskDue {
        task: Word,
        at: Text,
    },
    TaskDelegated {
        task: Word,
        to: Word,
    },
    /// Nothing where the person has not voted.
    Voted {
        by: Word,
        approval: Word,
        vote: Option<Vote>,
    },
    TaskTaken {
        task: Word,
        by: Word,
    },
    ClockIs {
        clock: Word,
        not: bool,
        state: ClockWord,
    },
    ClockDue {
        clock: Word,
        at: Text,
    },
    ClockUsed {
        clock: Word,
        span: Length,
    },
    Ended {
        outcome: Word,
    },
    Running,
    Linked {
        kind: Word,
    },
    Refused {
        why: Option<Why>,
    },
    ItIs {
        at: Text,
    },
    Told {
        whom: Option<Whom>,
        not: bool,
        template: Option<Word>,
    },
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
