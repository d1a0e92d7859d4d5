//! What stands at the head of a process: labels, clauses, owner, number, title, who sees it, where it starts.

use std::collections::{BTreeMap, BTreeSet};

use engine::definition::{Action, Clause, Keep, Labels, LinkType, Parts, Start, Template, Unawaited};
use engine::ids::Name;
use engine::value::FieldType;

use super::{Checker, name};
use crate::problem::{Code, Problem, labels};
use crate::registers::EDITIONS;
use crate::tree::{
    AskText, DueText, Fate, FieldText, Item, LinkTypeText, MessageText, People, Period, Place, Process, Text, Word,
};

impl Checker<'_> {
    /// A process with its head checked and everything else still empty.
    pub(super) fn header(&self, process: &Process) -> Parts {
        let items = &process.items;
        let owner = one(items, |item| if let Item::Owner(word) = item { Some(word) } else { None });
        let number = one(items, |item| if let Item::Number(text) = item { Some(text) } else { None });
        let title = one(items, |item| if let Item::Title(word) = item { Some(word) } else { None });
        let seen = one(items, |item| if let Item::Seen(people) = item { Some(people) } else { None });
        let edited = one(items, |item| if let Item::Edited(people) = item { Some(people) } else { None });
        let hours = one(items, |item| if let Item::Hours(term) = item { Some(term) } else { None });
        let start = one(items, |item| match item {
            Item::Start(_, people, asks) => Some((people, asks)),
            _ => None,
        });
        for (found, part) in [
            (owner.is_some(), "owner incident_manager"),
            (number.is_some(), "number \"INC-{year}-{seq:6}\""),
            (title.is_some(), "title summary"),
            (seen.is_some(), "seen by requester, role staff"),
            (start.is_some(), "start by anyone asks summary"),
            (super::names::fields(process).next().is_some(), "record { … }"),
        ] {
            if !found {
                self.missing_part(&process.name, part);
            }
        }
        self.once(items);
        if let Some(number) = number {
            self.number(number);
        }
        Parts {
            name: name(&process.name),
            labels: self.tags(process.tags.as_ref(), &process.name, ("process", "流程")),
            purpose: self.purpose(process),
            clauses: self.clauses_of(process),
            owner: owner.map_or_else(
                || Name::from(""),
                |role| {
                    self.known_role(role);
                    name(role)
                },
            ),
            number: number.map(|text| text.text.clone()).unwrap_or_default(),
            title: title.map_or_else(|| Name::from(""), |word| self.title(word, process)),
            seen_by: seen.map(|people| self.whom(people)).unwrap_or_default(),
            edited_by: edited.map(|people| self.whom(people)).unwrap_or_default(),
            hours: hours.map(|term| self.calendar(term)),
            fields: Vec::new(),
            tables: Vec::new(),
            rules: Vec::new(),
            clocks: Vec::new(),
            start: Start {
                schedules: self.schedules(items),
                messages: self.start_messages(items),
                ..start.map_or_else(Start::default, |(by, asks)| self.start(by, asks))
            },
            first: Name::from(""),
            steps: Vec::new(),
            reactions: Vec::new(),
            templates: Vec::new(),
            roles: self.role_labels(items),
            unawaited: self.unawaited(items),
            messages: self.message_labels(items),
            called: self.among.called_in(self.source),
            links: self.link_types(items),
            finds: Vec::new(),
            found_by: self.found_by(items),
            keep: items.iter().find_map(kept),
            measures: Vec::new(),
            later: Vec::new(),
        }
    }

    fn role_labels(&self, items: &[Item]) -> BTreeMap<Name, Labels> {
        let roles = items.iter().filter_map(|item| if let Item::Roles(roles) = item { Some(roles) } else { None });
        roles
            .flatten()
            .map(|role| (name(&role.name), self.tags(role.tags.as_ref(), &role.name, ("role", "角色"))))
            .collect()
    }

    fn message_labels(&self, items: &[Item]) -> BTreeMap<Name, Labels> {
        messages(items)
            .map(|message| {
                if !self.names.messages.contains(&message.name.text) {
                    let known = self.names.messages.iter().map(String::as_str);
                    self.unknown(Code::UnknownMessage, &message.name, ("awaited message", "有步骤等待的消息"), known);
                }
                (name(&message.name), self.tags(message.tags.as_ref(), &message.name, ("message", "消息")))
            })
            .collect()
    }

    /// What becomes of messages that nobody waits for.
    fn unawaited(&self, items: &[Item]) -> BTreeMap<Name, Unawaited> {
        let fate = |message: &MessageText| match message.fate {
            Fate::Refused => None,
            Fate::Lost => Some(Unawaited::Lost),
            Fate::Kept(span) => {
                let place = message.name.span.clone();
                let due = |span| self.due(&DueText { span, place, counted: None });
                Some(Unawaited::Kept { at_most: span.map(due) })
            }
        };
        messages(items).filter_map(|message| Some((name(&message.name), fate(message)?))).collect()
    }

    fn link_types(&self, items: &[Item]) -> Vec<LinkType> {
        let links = items.iter().filter_map(|item| if let Item::Links(links) = item { Some(links) } else { None });
        let one = |link: &LinkTypeText| {
            let labels = self.tags(link.tags.as_ref(), &link.name, ("link", "关联"));
            let reverse = match &link.reverse {
                Some(tags) => self.tags(Some(tags), &link.name, ("link", "关联")),
                None => labels.clone(),
            };
            LinkType { name: name(&link.name), labels, reverse }
        };
        links.flatten().map(one).collect()
    }

    /// The fields by which others find its records.
    fn found_by(&self, items: &[Item]) -> Vec<Name> {
        let words: Vec<&Word> = found_by(items).collect();
        self.unique(words.iter().copied(), ("field", "字段"));
        for word in &words {
            if self.names.field(&word.text).is_none() {
                self.unknown(Code::UnknownField, word, ("field", "字段"), self.names.field_names());
            }
        }
        words.into_iter().map(name).collect()
    }

    fn missing_part(&self, process: &Word, part: &str) {
        let word = part.split(' ').next().unwrap_or(part);
        if self.doubtful.contains(word) {
            return;
        }
        let message = labels(format!("the process has no `{word}`"), format!("流程缺少 `{word}`"));
        let hint = labels(format!("add a line such as `{part}`"), format!("请加上一行，例如 `{part}`"));
        self.report(Problem::error(Code::MissingPart, process.span.clone(), message).with_hint(hint));
    }

    /// Reports parts of the head that are there twice.
    fn once(&self, items: &[Item]) {
        let mut seen: Vec<(&str, Place)> = Vec::new();
        for item in items {
            let (part, place) = match item {
                Item::Owner(word) => ("owner", word.span.clone()),
                Item::Number(text) => ("number", text.span.clone()),
                Item::Title(word) => ("title", word.span.clone()),
                Item::Start(place, _, _) => ("start", place.clone()),
                _ => continue,
            };
            match seen.iter().find(|(held, _)| *held == part) {
                Some((_, first)) => {
                    let message = labels(format!("`{part}` is there already"), format!("`{part}` 重复"));
                    let note = labels("first here", "首次出现在这里");
                    let hint = labels("keep one of them", "请只保留一个");
                    let problem = Problem::error(Code::Duplicate, place, message).with_hint(hint);
                    self.report(problem.with_note(first.clone(), note));
                }
                None => seen.push((part, place)),
            }
        }
    }

    fn number(&self, text: &Text) {
        let holes = holes(&text.text);
        let known = holes.iter().all(|hole| *hole == "year" || *hole == "seq" || hole.starts_with("seq:"));
        let counted = holes.iter().filter(|hole| hole.starts_with("seq")).count();
        let digits = holes.iter().filter_map(|hole| hole.strip_prefix("seq:"));
        let fit = digits.into_iter().all(|digits| matches!(digits.parse::<u8>(), Ok(1..=12)));
        if !known || counted != 1 || !fit {
            let message = labels("the pattern of the numbers is wrong", "编号格式不正确");
            let hint = labels(
                "it has `{seq:6}` once and may have `{year}`: \"INC-{year}-{seq:6}\"",
                "须有且仅有一个 `{seq:6}`，可含 `{year}`：\"INC-{year}-{seq:6}\"",
            );
            self.report(Problem::error(Code::BadNumber, text.span.clone(), message).with_hint(hint));
        }
    }

    fn title(&self, word: &Word, process: &Process) -> Name {
        let hidden = |field: &FieldText| field.name.text == word.text && !field.seen_by.is_empty();
        match self.names.field(&word.text).map(|field| &field.holds) {
            Some(FieldType::Text { .. }) if super::names::fields(process).any(hidden) => {
                let message = labels(
                    format!("not everybody may see `{}`, so it cannot be the title", word.text),
                    format!("`{}` 仅部分人可见，不能作标题", word.text),
                );
                let hint = labels(
                    "lists show the title: name a field for everybody",
                    "列表会显示标题，请写一个所有人可见的字段",
                );
                self.report(Problem::error(Code::BadTitle, word.span.clone(), message).with_hint(hint));
            }
            Some(FieldType::Text { .. }) => {}
            Some(_) => {
                let message = labels(
                    format!("`{}` is not a text field, so it cannot be the title", word.text),
                    format!("`{}` 不是文字字段，不能作标题", word.text),
                );
                let hint = labels("name a field that holds text", "请写一个文字字段的名称");
                self.report(Problem::error(Code::BadTitle, word.span.clone(), message).with_hint(hint));
            }
            None => self.unknown(Code::UnknownField, word, ("field", "字段"), self.names.field_names()),
        }
        name(word)
    }

    fn clauses_of(&self, process: &Process) -> Vec<Clause> {
        let lists = process.items.iter().filter_map(|item| match item {
            Item::Clauses(clauses) => Some(clauses),
            _ => None,
        });
        lists.flat_map(|clauses| self.clauses(clauses)).collect()
    }

    /// Clauses that the editions of the standard have.
    pub(super) fn clauses(&self, written: &[(Word, Text)]) -> Vec<Clause> {
        for (edition, number) in written {
            match EDITIONS.iter().find(|known| known.name == edition.text) {
                None => {
                    let message = labels(
                        format!("there is no edition called `{}`", edition.text),
                        format!("没有名为 `{}` 的标准版本", edition.text),
                    );
                    let known: Vec<String> = EDITIONS.iter().map(|known| format!("`{}`", known.name)).collect();
                    let hint =
                        labels(format!("there are {}", known.join(", ")), format!("可用的有 {}", known.join("、")));
                    self.report(Problem::error(Code::UnknownEdition, edition.span.clone(), message).with_hint(hint));
                }
                Some(known) if !known.has(&number.text) => {
                    let edition = known.name;
                    let message = labels(
                        format!("`{edition}` has no clause {}", number.text),
                        format!("`{edition}` 中没有条款 {}", number.text),
                    );
                    let mut problem = Problem::error(Code::UnknownClause, number.span.clone(), message);
                    if let [first, .., last] = known.clauses {
                        problem = problem.with_hint(labels(
                            format!("its clauses go from {first} to {last}"),
                            format!("它的条款从 {first} 到 {last}"),
                        ));
                    }
                    self.report(problem);
                }
                Some(_) => {}
            }
        }
        written.iter().map(|(edition, number)| Clause { edition: name(edition), number: number.text.clone() }).collect()
    }

    fn start(&self, by: &[People], asks: &[AskText]) -> Start {
        let asked = self.asks(asks);
        for ask in asks.iter().flat_map(|ask| &ask.fields).filter(|word| word.text == "reason") {
            // A field of that name is the mistake.
            if self.names.field(&ask.text).is_some() {
                continue;
            }
            let message = labels("a start cannot ask for `reason`", "发起时不能要求填写 `reason`");
            let hint = labels("ask for a field of the record instead", "请改为记录中的某个字段");
            self.report(Problem::error(Code::UnknownField, ask.span.clone(), message).with_hint(hint));
        }
        Start { by: self.whom(by), asks: asked.0, ..Start::default() }
    }

    /// The comment right above the process.
    fn purpose(&self, process: &Process) -> String {
        self.comment_above(&process.name)
    }

    /// The comment above what begins with a name.
    pub(super) fn comment_above(&self, named: &Word) -> String {
        let before = self.source.get(..named.span.start).unwrap_or_default();
        let mut lines: Vec<&str> = before
            .lines()
            .rev()
            .skip(1)
            .map(str::trim)
            .take_while(|line| line.starts_with("//"))
            .map(|line| line.trim_start_matches('/').trim())
            .collect();
        lines.reverse();
        lines.join(" ")
    }

    pub(super) fn templates(&self) -> Vec<Template> {
        let one = |notice: &crate::tree::Notice| {
            let tags = self.tags(Some(&notice.tags), &notice.name, ("notice", "通知模板"));
            for text in [&notice.tags.en, &notice.tags.zh].into_iter().flatten() {
                self.holes(text);
            }
            Template { name: name(&notice.name), text: tags }
        };
        self.file.notices.iter().map(one).collect()
    }

    fn holes(&self, text: &Text) {
        for hole in holes(&text.text) {
            if hole != "number" && self.names.field(hole).is_none() && !self.is_full() {
                let written = self.source.get(text.span.clone()).unwrap_or_default();
                let start = text.span.start + written.find(&format!("{{{hole}}}")).map_or(0, |offset| offset + 1);
                let word = Word { text: hole.to_owned(), span: start..start + hole.len() };
                let known = self.names.field_names().chain(["number"]);
                self.unknown(Code::UnknownHole, &word, ("field for the hole", "可填入的字段"), known);
            }
        }
    }

    /// Warns of what nothing uses.
    pub(super) fn unused(&self, parts: &Parts) {
        if !self.is_sound() {
            return;
        }
        let mut used: BTreeSet<&str> = BTreeSet::new();
        for action in parts.actions() {
            match action {
                Action::Notify { template, .. } | Action::Escalate { template, .. } => {
                    used.insert(template.as_str());
                }
                Action::Set { .. }
                | Action::Start(_)
                | Action::Signal { .. }
                | Action::Enter { .. }
                | Action::Update { .. }
                | Action::Later(_) => {}
            }
        }
        // What the engine cannot do yet may be what sends a notice.
        if parts.not_yet_run().next().is_some() {
            return;
        }
        for notice in &self.file.notices {
            if !used.contains(notice.name.text.as_str()) {
                let message = labels(
                    format!("notice `{}` is never sent", notice.name.text),
                    format!("通知模板 `{}` 从未使用", notice.name.text),
                );
                let template = &notice.name.text;
                let hint = labels(
                    format!("send it somewhere by `with template {template}`, or take it out"),
                    format!("请在某处用 `with template {template}` 发送它，或删除它"),
                );
                self.report(Problem::warning(Code::Unused, notice.name.span.clone(), message).with_hint(hint));
            }
        }
    }
}

fn messages(items: &[Item]) -> impl Iterator<Item = &MessageText> {
    let lists = items.iter().filter_map(|item| if let Item::Messages(messages) = item { Some(messages) } else { None });
    lists.flatten()
}

/// The names in braces of a text.
fn holes(text: &str) -> Vec<&str> {
    text.split('{').skip(1).filter_map(|rest| rest.split_once('}').map(|(hole, _)| hole)).collect()
}

/// The first item that a pick finds.
fn one<'i, T>(items: &'i [Item], pick: impl Fn(&'i Item) -> Option<T>) -> Option<T> {
    items.iter().find_map(pick)
}

/// `keep 4 years`.
fn kept(item: &Item) -> Option<Keep> {
    match item {
        Item::Keep(amount, Period::Year) => Some(Keep { months: amount.saturating_mul(12) }),
        Item::Keep(amount, Period::Month) => Some(Keep { months: *amount }),
        _ => None,
    }
}

/// The fields by which others find the records of a process.
pub(super) fn found_by(items: &[Item]) -> impl Iterator<Item = &Word> {
    items.iter().filter_map(|item| if let Item::FoundBy(words) = item { Some(words) } else { None }).flatten()
}
