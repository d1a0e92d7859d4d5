//! What somebody wants of the inbox, as the address says it. The parts compose; each may be left out.

use engine::ids::Name;
use engine::time::{HOUR_MS, Timestamp};
use store::{InboxCursor, InboxRow, InboxView};

use crate::pairs::{Pairs, encoded};
use crate::sla::CLOSE_MS;

/// The longest text that is looked for, in characters.
const TEXT_MAX: usize = 100;

/// How near the due is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Band {
    /// It is over.
    Over,
    /// Less than half an hour.
    Close,
    /// Less than an hour.
    Soon,
    /// An hour or more.
    Later,
    /// There is none.
    Undue,
}

impl Band {
    /// The bands in the order of the list, as addresses name them.
    pub const ALL: [(Band, &'static str); 5] = [
        (Band::Over, "over"),
        (Band::Close, "close"),
        (Band::Soon, "soon"),
        (Band::Later, "later"),
        (Band::Undue, "none"),
    ];

    /// The band of something that is due then.
    pub fn of(due: Option<Timestamp>, now: Timestamp) -> Band {
        match due.map(|due| due.since_ms(now)) {
            None => Band::Undue,
            Some(..0) => Band::Over,
            Some(0..CLOSE_MS) => Band::Close,
            Some(CLOSE_MS..HOUR_MS) => Band::Soon,
            Some(_) => Band::Later,
        }
    }

    /// The place in the order by due at which the band begins.
    fn begins(self, now: Timestamp) -> Option<InboxCursor> {
        match self {
            Band::Over => None,
            Band::Close => Some(InboxCursor::before(now)),
            Band::Soon => Some(InboxCursor::before(now.plus_ms(CLOSE_MS))),
            Band::Later => Some(InboxCursor::before(now.plus_ms(HOUR_MS))),
            Band::Undue => Some(InboxCursor::before_undue()),
        }
    }
}

/// In which order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sort {
    /// Due first.
    Due,
    /// Oldest first.
    Opened,
    /// The highest priority first.
    Priority,
}

impl Sort {
    /// All, as addresses name them.
    pub const ALL: [(Sort, &'static str); 3] =
        [(Sort::Due, "due"), (Sort::Opened, "opened"), (Sort::Priority, "priority")];
}

/// Under which headings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group {
    /// One list.
    None,
    /// By priority.
    Priority,
    /// By service.
    Service,
    /// By process.
    Process,
    /// By how near the due is.
    Band,
}

impl Group {
    /// All, as addresses name them.
    pub const ALL: [(Group, &'static str); 5] = [
        (Group::None, "none"),
        (Group::Priority, "priority"),
        (Group::Service, "service"),
        (Group::Process, "process"),
        (Group::Band, "band"),
    ];
}

/// A column that may be left out. The due, the record and the task are always there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Column {
    /// The record's priority.
    Priority,
    /// The record's service.
    Service,
    /// For whom the record is, and since when the task is open.
    Requester,
    /// The record's team.
    Team,
    /// The process.
    Process,
}

impl Column {
    /// All, as addresses name them.
    pub const ALL: [(Column, &'static str); 5] = [
        (Column::Priority, "priority"),
        (Column::Service, "service"),
        (Column::Requester, "requester"),
        (Column::Team, "team"),
        (Column::Process, "process"),
    ];
    /// Those that are shown to who has chosen none.
    pub const USUAL: [Column; 3] = [Column::Priority, Column::Service, Column::Requester];

    /// The columns of a text that names them between full stops; what is no column is passed over.
    pub fn parse(text: &str) -> Vec<Column> {
        let named = |(column, name): &(Column, &str)| text.split('.').any(|part| part == *name).then_some(*column);
        Column::ALL.iter().filter_map(named).collect()
    }

    /// The text that names columns.
    pub fn written(columns: &[Column]) -> String {
        let named = Column::ALL.iter().filter(|(column, _)| columns.contains(column)).map(|(_, name)| *name);
        named.collect::<Vec<_>>().join(".")
    }
}

/// What somebody wants of the inbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// Whose tasks.
    pub view: InboxView,
    /// Words that all stand in number or title.
    pub text: Option<String>,
    /// Of one process.
    pub process: Option<Name>,
    /// Of one priority.
    pub priority: Option<Name>,
    /// Of one service.
    pub service: Option<Name>,
    /// Of one team.
    pub team: Option<Name>,
    /// Of one band.
    pub band: Option<Band>,
    /// In which order.
    pub sort: Sort,
    /// Under which headings.
    pub group: Group,
    /// Which columns, where the address says so.
    pub columns: Option<Vec<Column>>,
}

const VIEWS: [(InboxView, &str); 3] =
    [(InboxView::Both, "both"), (InboxView::Mine, "mine"), (InboxView::Groups, "groups")];

fn named<T: Copy>(all: &[(T, &str)], name: Option<&str>) -> Option<T> {
    all.iter().find(|(_, held)| Some(*held) == name).map(|(one, _)| *one)
}

fn name_of<'n, T: Copy + PartialEq>(all: &[(T, &'n str)], one: T) -> &'n str {
    all.iter().find(|(held, _)| *held == one).map_or("", |(_, name)| *name)
}

impl Wanted {
    /// Reads an address. What is not known there is as if it were left out.
    pub fn of(query: &Pairs) -> Wanted {
        let name = |key: &str| query.get(key).map(Name::from);
        let text = query.get("q").map(|text| text.chars().take(TEXT_MAX).collect::<String>());
        let columns = query.has("cols").then(|| query.all("cols").collect::<Vec<_>>().join("."));
        Wanted {
            view: named(&VIEWS, query.get("view")).unwrap_or(InboxView::Both),
            text,
            process: name("process"),
            priority: name("priority"),
            service: name("service"),
            team: name("team"),
            band: named(&Band::ALL, query.get("due")),
            sort: named(&Sort::ALL, query.get("sort")).unwrap_or(Sort::Due),
            group: named(&Group::ALL, query.get("group")).unwrap_or(Group::None),
            columns: columns.map(|text| Column::parse(&text)),
        }
    }

    /// The names and values of the address; those that say what holds anyway are left out.
    pub fn pairs(&self) -> Vec<(&'static str, String)> {
        let name = |name: &Option<Name>| name.as_ref().map(Name::to_string);
        let unless = |usual: bool, name: &str| (!usual).then(|| name.to_owned());
        let all = [
            ("view", unless(self.view == InboxView::Both, name_of(&VIEWS, self.view))),
            ("q", self.text.clone()),
            ("process", name(&self.process)),
            ("priority", name(&self.priority)),
            ("service", name(&self.service)),
            ("team", name(&self.team)),
            ("due", self.band.map(|band| name_of(&Band::ALL, band).to_owned())),
            ("sort", unless(self.sort == Sort::Due, name_of(&Sort::ALL, self.sort))),
            ("group", unless(self.group == Group::None, name_of(&Group::ALL, self.group))),
            ("cols", self.columns.as_deref().map(Column::written)),
        ];
        all.into_iter().filter_map(|(key, value)| Some((key, value?))).collect()
    }

    /// The query of the address.
    pub fn query(&self) -> String {
        let pairs = self.pairs();
        pairs.iter().map(|(key, value)| format!("{key}={}", encoded(value))).collect::<Vec<_>>().join("&")
    }

    /// The address, with more behind it.
    pub fn address(&self, more: &str) -> String {
        let parts = [self.query(), more.to_owned()];
        let parts: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        if parts.is_empty() { "/inbox".to_owned() } else { format!("/inbox?{}", parts.join("&")) }
    }

    /// How many of the filters are set, whose tasks left aside.
    pub fn filters(&self) -> usize {
        let names = [&self.process, &self.priority, &self.service, &self.team];
        names.iter().filter(|name| name.is_some()).count()
            + usize::from(self.band.is_some())
            + usize::from(self.text.is_some())
    }

    /// Whether the order is another than that in which the tasks lie.
    pub fn is_sorted_anew(&self) -> bool {
        self.sort != Sort::Due || self.group != Group::None
    }

    /// Where in the order by due one begins to look.
    pub(super) fn begins(&self, now: Timestamp) -> Option<InboxCursor> {
        self.band.and_then(|band| band.begins(now))
    }

    /// Whether a row, and all that come after it in the order by due, lie behind what is wanted.
    pub(super) fn is_behind(&self, row: &InboxRow, now: Timestamp) -> bool {
        self.band.is_some_and(|band| Band::of(row.due, now) > band)
    }

    /// Whether a row is wanted. A text is found within words, so that two Chinese characters are enough.
    pub(super) fn admits(&self, row: &InboxRow, now: Timestamp) -> bool {
        let is = |wanted: &Option<Name>, held: Option<&Name>| wanted.is_none() || wanted.as_ref() == held;
        is(&self.process, Some(&row.process))
            && is(&self.priority, row.priority.as_ref())
            && is(&self.service, row.service.as_ref())
            && is(&self.team, row.team.as_ref())
            && self.band.is_none_or(|band| Band::of(row.due, now) == band)
            && self.text.as_deref().is_none_or(|text| {
                let held = folded(&format!("{} {}", row.number, row.title));
                folded(text).split_whitespace().all(|word| held.contains(word))
            })
    }
}

/// A text without what people do not look at when they look for it: capitals, and full-width Latin letters.
fn folded(text: &str) -> String {
    let narrow = |letter: char| match letter {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(letter) - 0xfee0).unwrap_or(letter),
        '\u{3000}' => ' ',
        other => other,
    };
    text.chars().map(narrow).flat_map(char::to_lowercase).collect()
}
