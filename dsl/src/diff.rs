//! What changed between two versions of a process, in plain sentences: what a reviewer of a deployment reads.

use std::collections::BTreeSet;

use engine::definition::{Approval, Clock, Field, Labels, Outcome, Parts, Step, StepKind, Task};
use engine::ids::Name;
use engine::table::Table;

use crate::Language;
use crate::explain::{Words, approval_line, reminder_line};

/// The differences of two versions, one sentence each, in the order of the text; nothing where they mean the same.
pub fn diff(old: &Parts, new: &Parts, language: Language) -> Vec<String> {
    let (before, after) = (Words { parts: old, language }, Words { parts: new, language });
    let mut changes = Changes { before, after, said: Vec::new() };
    changes.header();
    changes.fields();
    changes.tables();
    changes.rules();
    changes.clocks();
    changes.start();
    changes.steps();
    changes.reactions();
    changes.templates();
    changes.measures();
    changes.said
}

struct Changes<'p> {
    before: Words<'p>,
    after: Words<'p>,
    said: Vec<String>,
}

impl Changes<'_> {
    fn say(&mut self, en: String, zh: String) {
        let said = self.after.pick(en, zh);
        self.said.push(said);
    }

    /// `What: old → new`, where they differ.
    fn turned(&mut self, what: (&str, &str), old: &str, new: &str) {
        if old != new {
            let (en, zh) = what;
            let (old, new) = (shown(old), shown(new));
            self.say(format!("{en}: {old} → {new}"), format!("{zh}：{old} → {new}"));
        }
    }

    fn header(&mut self) {
        let (old, new) = (self.before.parts, self.after.parts);
        self.turned(("the English name", "英文名称"), &old.labels.en, &new.labels.en);
        self.turned(("the Chinese name", "中文名称"), &old.labels.zh, &new.labels.zh);
        self.turned(("the owner", "负责人"), old.owner.as_str(), new.owner.as_str());
        self.turned(("the numbers", "编号"), &old.number, &new.number);
        self.turned(("the title", "标题字段"), old.title.as_str(), new.title.as_str());
        let (seen, sees) = (self.before.people(&old.seen_by), self.after.people(&new.seen_by));
        self.turned(("who may see a record", "谁能查看"), &seen, &sees);
        let (edited, edits) = (self.before.people(&old.edited_by), self.after.people(&new.edited_by));
        self.turned(("who may edit a record", "谁能修改"), &edited, &edits);
        let clauses = |parts: &Parts| {
            let all: Vec<String> =
                parts.clauses.iter().map(|held| format!("{} {}", held.edition, held.number)).collect();
            all.join(", ")
        };
        let keep = |parts: &Parts| parts.keep.map(crate::explain::kept).unwrap_or_default();
        let (kept, keeps) = (keep(old), keep(new));
        if kept != keeps {
            let said = |label: String, none: &str| if label.is_empty() { none.to_owned() } else { label };
            let (en, zh) = ("as the installation says", "按系统设置");
            self.say(
                format!("how long records are kept: {} → {}", said(kept.en, en), said(keeps.en, en)),
                format!("记录保存期限：{} → {}", said(kept.zh, zh).trim(), said(keeps.zh, zh).trim()),
            );
        }
        self.turned(("the clauses", "条款"), &clauses(old), &clauses(new));
    }

    fn fields(&mut self) {
        let (old, new) = (self.before.parts, self.after.parts);
        let name = |field: &Field| field.name.clone();
        for change in paired(&old.fields, &new.fields, name) {
            match change {
                Pair::Gone(field) => {
                    let label = self.before.label(&field.labels);
                    self.say(format!("the field {label} is gone"), format!("删除字段“{label}”"));
                }
                Pair::New(field) => {
                    let (label, holds) = (self.after.label(&field.labels), self.after.holds(&field.holds));
                    self.say(format!("new field {label}: {holds}"), format!("新增字段“{label}”：{holds}"));
                }
                Pair::Both(was, is) => self.field(was, is),
            }
        }
    }

    fn field(&mut self, was: &Field, is: &Field) {
        if was == is {
            return;
        }
        let label = self.after.label(&is.labels);
        let (old, new) = (self.before.field_line(was), self.after.field_line(is));
        if old == new {
            self.say(format!("the field {label} is defined differently"), format!("字段“{label}”的定义有变化"));
        } else {
            self.turned((&format!("the field {label}"), &format!("字段“{label}”")), &old, &new);
        }
    }

    fn tables(&mut self) {
        let (old, new) = (self.before.parts, self.after.parts);
        let name = |table: &Table| table.name.clone();
        for change in paired(&old.tables, &new.tables, name) {
            match change {
                Pair::Gone(table) => {
                    let name = &table.name;
                    self.say(format!("the table {name} is gone"), format!("删除决策表 {name}"));
                }
                Pair::New(table) => {
                    let name = &table.name;
                    self.say(format!("new table {name}"), format!("新增决策表 {name}"));
                }
                Pair::Both(was, is) => self.table(was, is),
            }
        }
    }

    fn table(&mut self, was: &Table, is: &Table) {
        let name = &is.name;
        let rows = |words: &Words<'_>, table: &Table| words.rows(table);
        let (old, new) = (rows(&self.before, was), rows(&self.after, is));
        let (held, holds): (BTreeSet<_>, BTreeSet<_>) = (old.iter().collect(), new.iter().collect());
        let before = self.said.len();
        for row in old.iter().filter(|row| !holds.contains(row)) {
            self.say(format!("{name} no longer: {row}"), format!("{name} 删除：{row}"));
        }
        for row in new.iter().filter(|row| !held.contains(row)) {
            self.say(format!("{name} now: {row}"), format!("{name} 新增：{row}"));
        }
        if self.said.len() == before && old != new {
            self.say(format!("{name}: its rows stand in another order"), format!("{name}：行的顺序有变化"));
        }
        if was.hit != is.hit {
            self.say(format!("{name}: another row counts where several match"), format!("{name}：命中策略有变化"));
        }
    }

    fn rules(&mut self) {
        let (old, new) = (self.before.parts, self.after.parts);
        for change in paired(&old.rules, &new.rules, |rule| rule.name.clone()) {
            match change {
                Pair::Gone(rule) => {
                    let name = &rule.name;
                    self.say(format!("the rule {name} is gone"), format!("删除规则 {name}"));
                }
                Pair::New(rule) => {
                    let name = &rule.name;
                    self.say(format!("new rule {name}"), format!("新增规则 {name}"));
                }
                Pair::Both(was, is) => {
                    // Where a rule stands in the file means nothing.
                    if (&was.inputs, &was.gives, was.body.trim()) != (&is.inputs, &is.gives, is.body.trim()) {
                        let name = &is.name;
                        self.say(
                            format!("the rule {name} is written differently"),
                            format!("规则 {name} 的内容有变化"),
                        );
                    }
                }
            }
        }
    }

    fn clocks(&mut self) {
        let (old, new) = (self.before.parts, self.after.parts);
        for change in paired(&old.clocks, &new.clocks, |clock| clock.name.clone()) {
            match change {
                Pair::Gone(clock) => {
                    let label = self.before.label(&clock.labels);
                    self.say(format!("the clock {label} is gone"), format!("删除计时“{label}”"));
                }
                Pair::New(clock) => {
                    let label = self.after.label(&clock.labels);
                    self.say(format!("new clock {label}"), format!("新增计时“{label}”"));
                }
                Pair::Both(was, is) => self.clock(was, is),
            }
        }
    }

    fn measures(&mut self) {
        let (old, new) = (self.before.parts, self.after.parts);
        for change in paired(&old.measures, &new.measures, |measure| measure.name.clone()) {
            match change {
                Pair::Gone(measure) => {
                    let label = self.before.label(&measure.labels);
                    self.say(format!("the measure {label} is gone"), format!("删除指标“{label}”"));
                }
                Pair::New(measure) => {
                    let (label, line) = (self.after.label(&measure.labels), self.after.measure_line(measure));
                    self.say(format!("new measure {label}: {line}"), format!("新增指标“{label}”：{line}"));
                }
                Pair::Both(was, is) => {
                    let label = self.after.label(&is.labels);
                    let (old, new) = (self.before.measure_line(was), self.after.measure_line(is));
                    self.turned((&format!("the measure {label}"), &format!("指标“{label}”")), &old, &new);
                }
            }
        }
    }

    fn clock(&mut self, was: &Clock, is: &Clock) {
        let label = self.after.label(&is.labels);
        for change in paired(&was.targets, &is.targets, |target| target.value.clone()) {
            let (value, old, new) = match change {
                Pair::Gone(target) => (&target.value, self.before.span(&target.span), String::new()),
                Pair::New(target) => (&target.value, String::new(), self.after.span(&target.span)),
                Pair::Both(was, is) => (&is.value, self.before.span(&was.span), self.after.span(&is.span)),
            };
            let value = self.after.choice(&is.by, value);
            self.turned((&format!("{label} for {value}"), &format!("{label}（{value}）")), &old, &new);
        }
        for change in paired(&was.thresholds, &is.thresholds, |held| Name::from(held.percent.to_string())) {
            let (percent, old, new) = match change {
                Pair::Gone(held) => (held.percent, self.before.actions(&held.actions), String::new()),
                Pair::New(held) => (held.percent, String::new(), self.after.actions(&held.actions)),
                Pair::Both(was, is) => (is.percent, self.before.actions(&was.actions), self.after.actions(&is.actions)),
            };
            self.turned((&format!("{label} at {percent} %"), &format!("{label}达到 {percent}%")), &old, &new);
        }
        let places = |words: &Words<'_>, clock: &Clock| {
            words.list(&clock.pauses_in.iter().map(|step| words.step(step)).collect::<Vec<_>>())
        };
        let (old, new) = (places(&self.before, was), places(&self.after, is));
        self.turned((&format!("{label} pauses in"), &format!("{label}的暂停")), &old, &new);
        self.turned((&format!("{label} runs until"), &format!("{label}直到")), was.until.as_str(), is.until.as_str());
    }

    fn start(&mut self) {
        let (was, is) = (&self.before.parts.start, &self.after.parts.start);
        let (old, new) = (self.before.people(&was.by), self.after.people(&is.by));
        self.turned(("who may start", "谁能发起"), &old, &new);
        let (old, new) = (self.before.asks(&was.asks), self.after.asks(&is.asks));
        self.turned(("the start asks for", "发起时填写"), &old, &new);
        let (old, new) = (self.before.begun_otherwise().join(" "), self.after.begun_otherwise().join(" "));
        self.turned(("what begins without a form", "不经表单发起"), &old, &new);
    }

    fn steps(&mut self) {
        let (old, new) = (self.before.parts, self.after.parts);
        for change in paired(&old.steps, &new.steps, |step| step.name.clone()) {
            match change {
                Pair::Gone(step) => {
                    let label = self.before.step(&step.name);
                    self.say(format!("the step {label} is gone"), format!("删除步骤“{label}”"));
                }
                Pair::New(step) => {
                    let label = self.after.step(&step.name);
                    self.say(format!("new step {label}"), format!("新增步骤“{label}”"));
                }
                Pair::Both(was, is) => self.step(was, is),
            }
        }
    }

    fn step(&mut self, was: &Step, is: &Step) {
        let label = self.after.step(&is.name);
        if was.labels != is.labels {
            let both = |labels: &Labels| format!("{} / {}", labels.en, labels.zh);
            let what = (format!("the step {}", is.name), format!("步骤 {}", is.name));
            self.turned((&what.0, &what.1), &both(&was.labels), &both(&is.labels));
        }
        let next = |words: &Words<'_>, step: &Step| step.next.as_ref().map(|next| words.step(next)).unwrap_or_default();
        let (old, new) = (next(&self.before, was), next(&self.after, is));
        self.turned((&format!("after {label}"), &format!("“{label}”之后")), &old, &new);
        match (&was.kind, &is.kind) {
            (StepKind::Task(was), StepKind::Task(is)) => self.task(&label, was, is),
            (StepKind::Approval(was), StepKind::Approval(is)) => self.approval(&label, was, is),
            (was, is) if was != is => {
                self.say(format!("{label} works differently"), format!("“{label}”的内容有变化"));
            }
            _ => {}
        }
    }

    fn task(&mut self, label: &str, was: &Task, is: &Task) {
        let due = |words: &Words<'_>, task: &Task| task.due.as_ref().map(|due| words.due(due)).unwrap_or_default();
        let (old, new) = (due(&self.before, was), due(&self.after, is));
        self.turned((&format!("deadline of {label}"), &format!("“{label}”的期限")), &old, &new);
        let who = |words: &Words<'_>, task: &Task| words.people(&task.candidates.any);
        let (old, new) = (who(&self.before, was), who(&self.after, is));
        self.turned((&format!("who does {label}"), &format!("“{label}”的处理人")), &old, &new);
        let not = |words: &Words<'_>, task: &Task| words.people(&task.candidates.not);
        let (old, new) = (not(&self.before, was), not(&self.after, is));
        self.turned((&format!("who may not do {label}"), &format!("“{label}”的回避人")), &old, &new);
        let (old, new) = (self.before.asks(&was.asks), self.after.asks(&is.asks));
        self.turned((&format!("{label} asks for"), &format!("“{label}”填写")), &old, &new);
        if was.reminders != is.reminders {
            let lines = |words: &Words<'_>, task: &Task| -> Vec<String> {
                task.reminders.iter().map(|reminder| reminder_line(words, reminder)).collect()
            };
            let (old, new) = (lines(&self.before, was), lines(&self.after, is));
            for gone in old.iter().filter(|line| !new.contains(line)) {
                self.say(format!("{label} no longer: {gone}"), format!("“{label}”删除：{gone}"));
            }
            for come in new.iter().filter(|line| !old.contains(line)) {
                self.say(format!("{label} now: {come}"), format!("“{label}”新增：{come}"));
            }
        }
        self.outcomes(label, &was.outcomes, &is.outcomes);
    }

    fn approval(&mut self, label: &str, was: &Approval, is: &Approval) {
        let (old, new) = (approval_line(&self.before, label, was), approval_line(&self.after, label, is));
        self.turned((label, &format!("“{label}”")), &old, &new);
        self.outcomes(label, &was.outcomes, &is.outcomes);
    }

    fn outcomes(&mut self, label: &str, was: &[Outcome], is: &[Outcome]) {
        for change in paired(was, is, |outcome| outcome.name.clone()) {
            match change {
                Pair::Gone(outcome) => {
                    let outcome = self.before.label(&outcome.labels);
                    self.say(
                        format!("{label}: the outcome {outcome} is gone"),
                        format!("“{label}”删除结果“{outcome}”"),
                    );
                }
                Pair::New(outcome) => {
                    let outcome = self.after.label(&outcome.labels);
                    self.say(format!("{label}: new outcome {outcome}"), format!("“{label}”新增结果“{outcome}”"));
                }
                Pair::Both(was, is) => self.outcome(label, was, is),
            }
        }
    }

    fn outcome(&mut self, task: &str, was: &Outcome, is: &Outcome) {
        if was == is {
            return;
        }
        let label = self.after.label(&is.labels);
        if was.labels != is.labels {
            let both = |labels: &Labels| format!("{} / {}", labels.en, labels.zh);
            let what = (format!("{task}, the outcome {}", is.name), format!("“{task}”的结果 {}", is.name));
            self.turned((&what.0, &what.1), &both(&was.labels), &both(&is.labels));
        }
        let (old, new) = (self.before.outcome_line(was), self.after.outcome_line(is));
        if old != new {
            self.turned((&format!("{task}, {label}"), &format!("“{task}”的“{label}”")), &old, &new);
        } else if (&was.asks, &was.requires, &was.to) != (&is.asks, &is.requires, &is.to) {
            let en = format!("{task}: the outcome {label} works differently");
            self.say(en, format!("“{task}”的结果“{label}”有变化"));
        }
    }

    fn reactions(&mut self) {
        let lines = |words: &Words<'_>| -> Vec<String> {
            let reactions = &words.parts.reactions;
            reactions
                .iter()
                .map(|held| format!("{}: {}", words.expr(&held.becomes), words.actions(&held.actions)))
                .collect()
        };
        let (old, new) = (lines(&self.before), lines(&self.after));
        for line in old.iter().filter(|line| !new.contains(line)) {
            self.say(format!("no longer, at any time: {line}"), format!("不再：{line}"));
        }
        for line in new.iter().filter(|line| !old.contains(line)) {
            self.say(format!("now, at any time: {line}"), format!("新增：{line}"));
        }
    }

    fn templates(&mut self) {
        let (old, new) = (self.before.parts, self.after.parts);
        for change in paired(&old.templates, &new.templates, |template| template.name.clone()) {
            match change {
                Pair::Gone(template) => {
                    let name = &template.name;
                    self.say(format!("the notice {name} is gone"), format!("删除通知 {name}"));
                }
                Pair::New(template) => {
                    let name = &template.name;
                    self.say(format!("new notice {name}"), format!("新增通知 {name}"));
                }
                Pair::Both(was, is) if was.text != is.text => {
                    let name = &is.name;
                    self.say(format!("the notice {name} says something else"), format!("通知 {name} 的文字有变化"));
                }
                Pair::Both(..) => {}
            }
        }
    }
}

fn shown(text: &str) -> &str {
    if text.is_empty() { "—" } else { text }
}

/// One thing in two versions.
enum Pair<'p, T> {
    Gone(&'p T),
    New(&'p T),
    Both(&'p T, &'p T),
}

/// Things of two versions by name: those of the old one in its order, then what is new.
fn paired<'p, T>(old: &'p [T], new: &'p [T], name: impl Fn(&T) -> Name) -> Vec<Pair<'p, T>> {
    let in_new = |wanted: &T| new.iter().find(|held| name(held) == name(wanted));
    let was_there = |wanted: &T| old.iter().any(|held| name(held) == name(wanted));
    let held = old.iter().map(|was| in_new(was).map_or(Pair::Gone(was), |is| Pair::Both(was, is)));
    let fresh = new.iter().filter(|is| !was_there(is)).map(Pair::New);
    held.chain(fresh).collect()
}
