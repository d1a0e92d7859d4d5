//! Search across everything: records by what they say, entries of registers by what they are called. Shown is what the
//! visitor may see, and nothing tells of anything else: there are no figures, and each record is judged as its own page does.

use engine::directory::{PERSON, SERVICE};
use engine::event::Principal;
use engine::ids::{InstanceId, Name};
use engine::substitution;
use runtime::searching;
use runtime::words::{self, Marked, Term};
use serde::Serialize;
use store::{FOUND_MAX, SearchQuery};

use crate::answer::{Answer, Refusal};
use crate::catalogue;
use crate::pages::{registers, requests};
use crate::pairs::encoded;
use crate::reach::{self, Reached};
use crate::visit::Visit;

/// How many records stand on a page.
const PAGE: usize = 20;
/// How many of a kind are shown where all kinds are.
const GLIMPSE: usize = 5;
/// How many of a register's entries stand on a page.
const ENTRIES: usize = 50;
/// How many people of one name are looked for in records.
const NAMESAKES_MAX: usize = 20;
/// The kind that is no register.
const RECORDS: &str = "records";

#[derive(Debug, Serialize)]
struct View {
    question: String,
    kind: Option<String>,
    /// By what one can narrow down.
    kinds: Vec<KindView>,
    asked: bool,
    records: Option<RecordsView>,
    groups: Vec<GroupView>,
    nothing: bool,
    /// Whether records may be missing since their words are being worked out for the first time.
    incomplete: bool,
}

#[derive(Debug, Serialize)]
struct KindView {
    label: String,
    to: String,
    current: bool,
}

#[derive(Debug, Serialize)]
struct RecordsView {
    rows: Vec<RecordView>,
    more: Option<String>,
    next: Option<String>,
}

#[derive(Debug, Serialize)]
struct RecordView {
    link: String,
    number: Vec<Piece>,
    title: Vec<Piece>,
    excerpt: Vec<Piece>,
    row: requests::Row,
}

#[derive(Debug, Serialize)]
struct GroupView {
    label: String,
    rows: Vec<EntryView>,
    more: Option<String>,
    next: Option<String>,
}

#[derive(Debug, Serialize)]
struct EntryView {
    name: Vec<Piece>,
    excerpt: Vec<Piece>,
    /// Where it is; nothing where the visitor may not go there.
    to: Option<String>,
}

/// A piece of a text, marked where it was asked for.
#[derive(Debug, Serialize)]
struct Piece {
    text: String,
    hit: bool,
}

fn pieces(marked: Vec<Marked>) -> Vec<Piece> {
    marked.into_iter().map(|Marked { text, hit }| Piece { text, hit }).collect()
}

/// The page; of a number that was typed as a whole, the way to its record.
pub fn show(visit: &Visit<'_>) -> Result<Answer, Refusal> {
    let asked = &visit.asked.query;
    let question = asked.get("q").unwrap_or_default();
    if let Some(reached) = numbered(visit, question)? {
        return Ok(Answer::see_other(format!("/records/{}", reached.loaded.instance.number())));
    }
    let registers = registers_of(visit)?;
    let kind = asked.get("kind").filter(|kind| *kind == RECORDS || registers.iter().any(|(name, _)| *name == **kind));
    let terms = words::terms(question);
    let is_wanted = |name: &str| kind.is_none_or(|kind| kind == name);
    let records = match !terms.is_empty() && is_wanted(RECORDS) {
        true => {
            Some(records(visit, question, &terms, kind)?).filter(|found| !found.rows.is_empty() || found.next.is_some())
        }
        false => None,
    };
    let groups: Vec<GroupView> = match terms.is_empty() {
        true => Vec::new(),
        false => {
            let wanted = registers.iter().filter(|(name, _)| is_wanted(name.as_str()));
            let found = wanted.map(|(name, label)| group(visit, name, label, (question, kind), &terms));
            found.collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect()
        }
    };
    let all = [(None, visit.say("search-all")), (Some(RECORDS), visit.say("search-records"))];
    let of_registers = registers.iter().map(|(name, label)| (Some(name.as_str()), label.clone()));
    let kinds = all.into_iter().chain(of_registers);
    let view = View {
        kinds: kinds.map(|(of, label)| KindView { label, to: way(question, of), current: of == kind }).collect(),
        question: question.to_owned(),
        kind: kind.map(str::to_owned),
        asked: !terms.is_empty(),
        nothing: !terms.is_empty() && records.is_none() && groups.is_empty(),
        incomplete: !visit.app.runtime().finds_all(),
        records,
        groups,
    };
    visit.page("search", visit.say("search-title"), &view)
}

/// The address of a search.
fn way(question: &str, kind: Option<&str>) -> String {
    let kind = kind.map(|kind| format!("&kind={}", encoded(kind))).unwrap_or_default();
    format!("/search?q={}{kind}", encoded(question))
}

/// The record whose number was typed, if the visitor may see it.
fn numbered(visit: &Visit<'_>, question: &str) -> Result<Option<Reached>, Refusal> {
    let number = words::folded(question.trim()).to_uppercase();
    if number.is_empty() {
        return Ok(None);
    }
    match reach::by_number(visit, &number) {
        Ok(reached) => Ok(Some(reached)),
        Err(Refusal::NotFound) => Ok(None),
        Err(other) => Err(other),
    }
}

/// The registers whose entries the visitor finds, with what they are called: staff all, others what they may ask for.
fn registers_of(visit: &Visit<'_>) -> Result<Vec<(Name, String)>, Refusal> {
    let label = |name: &Name| registers::label(visit, name.as_str());
    if !visit.is_staff() {
        let mut names = vec![Name::from(SERVICE)];
        names.extend(catalogue::forms(visit)?.catalogues.into_iter().map(|catalogue| catalogue.register));
        return Ok(names.iter().map(|name| (name.clone(), label(name))).collect());
    }
    let mut names: Vec<Name> = visit.directory.all_declared().map(|register| register.name.clone()).collect();
    if !names.contains(&Name::from(PERSON)) {
        names.push(Name::from(PERSON));
    }
    Ok(names.iter().map(|name| (name.clone(), label(name))).collect())
}

fn records(visit: &Visit<'_>, question: &str, terms: &[Term], kind: Option<&str>) -> Result<RecordsView, Refusal> {
    let lookup = visit.app.lookup(&visit.directory);
    let people: Vec<Vec<Name>> = terms
        .iter()
        .map(|term| lookup.called(PERSON, term).into_iter().take(NAMESAKES_MAX).cloned().collect())
        .collect();
    let below = visit.asked.query.get("below").and_then(|text| text.parse().ok()).map(InstanceId);
    let query = SearchQuery {
        terms: terms.iter().zip(&people).map(|(term, people)| searching::alternatives(term, people)).collect(),
        among: seen_as(visit)?,
        below: below.filter(|_| kind.is_some()),
        limit: FOUND_MAX,
    };
    let candidates = visit.app.store().searched(&query)?;
    let shown = if kind.is_some() { PAGE } else { GLIMPSE };
    let (mut rows, mut last, mut left) = (Vec::new(), None, false);
    for id in &candidates {
        if rows.len() == shown {
            left = true;
            break;
        }
        last = Some(*id);
        rows.extend(record(visit, *id, terms, &people)?);
    }
    // Where none of so many is what was asked for, it goes on below them.
    let goes_on = left || candidates.len() == FOUND_MAX;
    let next = last.filter(|_| goes_on).map(|last| format!("{}&below={last}", way(question, Some(RECORDS))));
    let more = (goes_on && kind.is_none()).then(|| way(question, Some(RECORDS)));
    Ok(RecordsView { rows, next: next.filter(|_| kind.is_some()), more })
}

/// As whom the visitor may see records, in the words by which they are kept; nothing where all may be seen.
fn seen_as(visit: &Visit<'_>) -> Result<Vec<String>, Refusal> {
    if visit.oversees() {
        return Ok(Vec::new());
    }
    let me = visit.person()?;
    let mut principals = vec![Principal::Person(me.clone())];
    if let Some(standing) = visit.standing() {
        principals.push(Principal::Anyone);
        principals.extend(standing.roles.iter().cloned().map(Principal::Role));
        principals.extend(standing.teams.iter().cloned().map(Principal::Team));
    }
    let today = registers::today(visit);
    let absent = substitution::absent_before(me, &visit.directory, &today);
    principals.extend(absent.into_iter().map(Principal::StandIn));
    Ok(principals.iter().map(searching::seen_by).collect())
}

/// A candidate as shown, if the visitor may see it and it says what was asked for, or is about whom was asked for.
fn record(
    visit: &Visit<'_>,
    id: InstanceId,
    terms: &[Term],
    people: &[Vec<Name>],
) -> Result<Option<RecordView>, Refusal> {
    let reached = match reach::by_id(visit, id) {
        Ok(reached) => reached,
        Err(Refusal::NotFound) => return Ok(None),
        Err(other) => return Err(other),
    };
    let (instance, definition) = (&reached.loaded.instance, &reached.definition);
    let texts = searching::texts(definition, instance, &visit.directory);
    let named = searching::named(definition, instance);
    let folded: Vec<String> = texts.iter().map(|text| words::folded(text)).collect();
    let is_named = |people: &Vec<Name>| people.iter().any(|person| named.contains(person));
    let is_missing = |term: &Term, people: &Vec<Name>, texts: &[String]| {
        !is_named(people) && !texts.iter().any(|text| term.is_in(text))
    };
    let missing: Vec<(&Term, &Vec<Name>)> =
        terms.iter().zip(people).filter(|(term, people)| is_missing(term, people, &folded)).collect();
    let history = match missing.is_empty() {
        true => Vec::new(),
        false => visit.app.store().history(id)?,
    };
    let said = searching::said(&history);
    let folded: Vec<String> = said.iter().map(|text| words::folded(text)).collect();
    if missing.iter().any(|(term, people)| is_missing(term, people, &folded)) {
        return Ok(None);
    }
    let Some(case) = visit.app.store().case(id)? else { return Ok(None) };
    let title = reached.title();
    // Number and title stand there anyway.
    let others = texts.iter().map(|text| &**text).filter(|text| *text != title && *text != instance.number());
    let excerpt = others.chain(said.iter().copied()).find_map(|text| words::excerpt(text, terms));
    Ok(Some(RecordView {
        link: format!("/records/{}", instance.number()),
        number: pieces(words::marked(instance.number(), terms)),
        title: pieces(words::marked(&title, terms)),
        excerpt: excerpt.map(pieces).unwrap_or_default(),
        row: requests::row(visit, case)?,
    }))
}

/// The entries of a register that are found, if there are any.
fn group(
    visit: &Visit<'_>,
    register: &Name,
    label: &str,
    (question, kind): (&str, Option<&str>),
    terms: &[Term],
) -> Result<Option<GroupView>, Refusal> {
    let lookup = visit.app.lookup(&visit.directory);
    let found = lookup.found(register.as_str(), terms);
    let after = visit.asked.query.get("after").filter(|_| kind.is_some());
    let begin = after.and_then(|after| found.iter().position(|key| **key == *after)).map_or(0, |place| place + 1);
    let shown = if kind.is_some() { ENTRIES } else { GLIMPSE };
    let page: Vec<&Name> = found.iter().copied().skip(begin).take(shown).collect();
    let goes_on = found.len() > begin + page.len();
    let here = way(question, Some(register.as_str()));
    let last = page.last().map(|key| encoded(key.as_str()));
    let next = last.filter(|_| goes_on && kind.is_some()).map(|last| format!("{here}&after={last}"));
    let rows = page.into_iter().map(|key| entry(visit, register, key, terms)).collect::<Result<Vec<_>, _>>()?;
    let more = (goes_on && kind.is_none()).then_some(here);
    Ok((!rows.is_empty()).then(|| GroupView { label: label.to_owned(), rows, more, next }))
}

fn entry(visit: &Visit<'_>, register: &Name, key: &Name, terms: &[Term]) -> Result<EntryView, Refusal> {
    let texts = visit.directory.entry(register.as_str(), key).into_iter().flat_map(|entry| {
        let others = [entry.labels.zh.as_str(), entry.labels.en.as_str(), key.as_str()];
        others.into_iter().chain(entry.fields.values().filter_map(|value| match value {
            engine::value::Value::Text(text) => Some(text.as_str()),
            _ => None,
        }))
    });
    let name = visit.names().entry(register.as_str(), key);
    let excerpt = texts.filter(|text| **text != *name).find_map(|text| words::excerpt(text, terms));
    let to = match visit.is_staff() {
        true => registers::entry_link(visit, register.as_str(), key),
        false => catalogue::way_to_ask(visit, register, key)?,
    };
    Ok(EntryView { name: pieces(words::marked(&name, terms)), excerpt: excerpt.map(pieces).unwrap_or_default(), to })
}
