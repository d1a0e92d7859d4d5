//! The chain of a record as an evidence pack to print: every record on pages of its own.

use serde::Serialize;

use crate::answer::{Answer, Refusal};
use crate::chain::Chain;
use crate::chain::pack::{Evidence, evidence};
use crate::chain::people::{self, PersonView};
use crate::chain::view::listed;
use crate::pages::trace::{asked, cut};
use crate::reach;
use crate::visit::Visit;

#[derive(Debug, Serialize)]
struct View {
    number: String,
    title: String,
    asked: String,
    cut: Vec<String>,
    unseen: bool,
    records: Vec<Evidence>,
    people: Vec<PersonView>,
}

/// The page.
pub fn show(visit: &Visit<'_>) -> Result<Answer, Refusal> {
    let reached = reach::by_number(visit, visit.asked.part("number"))?;
    let (number, title) = (reached.loaded.instance.number().to_owned(), reached.title());
    let chain = Chain::of(visit, reached)?;
    let records = listed(visit, &chain).into_iter().zip(chain.records());
    let records: Vec<Evidence> =
        records.map(|(view, (_, reached))| evidence(visit, &chain, reached, view)).collect::<Result<_, _>>()?;
    let named = records.iter().flat_map(|record| &record.people).cloned().collect();
    let view = View {
        asked: asked(visit)?,
        cut: cut(visit, &chain),
        unseen: chain.unseen().next().is_some(),
        records,
        people: people::listed(visit, &named),
        number,
        title,
    };
    visit.page("pack", visit.say_with("pack-title", &[("number", view.number.clone().into())]), &view)
}
