//! The chain of a record, as a picture and as a list: what an auditor asks for.

use serde::Serialize;

use crate::answer::{Answer, Refusal};
use crate::chain::view::{RecordView, listed};
use crate::chain::{ALIKE_MAX, Chain, Extent, Node, RECORDS_MAX, picture};
use crate::reach;
use crate::visit::Visit;

#[derive(Debug, Serialize)]
struct View {
    number: String,
    title: String,
    asked: String,
    cut: Vec<String>,
    picture: String,
    records: Vec<RecordView>,
}

/// The page.
pub fn show(visit: &Visit<'_>) -> Result<Answer, Refusal> {
    let reached = reach::by_number(visit, visit.asked.part("number"))?;
    let (number, title) = (reached.loaded.instance.number().to_owned(), reached.title());
    let chain = Chain::of(visit, reached)?;
    let view = View {
        asked: asked(visit)?,
        cut: cut(visit, &chain),
        picture: picture::drawn(visit, &chain),
        records: listed(visit, &chain),
        number,
        title,
    };
    visit.page("trace", visit.say_with("trace-title", &[("number", view.number.clone().into())]), &view)
}

/// Who asked, when, and of which version of the product.
///
/// # Errors
/// Nobody is signed in.
pub fn asked(visit: &Visit<'_>) -> Result<String, Refusal> {
    let said = [
        ("person", visit.names().person(visit.person()?).into()),
        ("at", visit.moment(visit.now).text.into()),
        ("zone", visit.app.settings().zone.clone().into()),
        ("version", env!("CARGO_PKG_VERSION").into()),
    ];
    Ok(visit.say_with("trace-asked", &said))
}

/// What to say where the chain goes on beyond what is shown.
pub fn cut(visit: &Visit<'_>, chain: &Chain) -> Vec<String> {
    let has_alike = chain.nodes.iter().any(|node| matches!(node, Node::Alike(_)));
    let alike = has_alike.then(|| visit.say_with("trace-alike", &[("max", ALIKE_MAX.into())]));
    let cut = match chain.extent {
        Extent::Whole => None,
        Extent::Cut => Some(visit.say_with("trace-cut", &[("count", RECORDS_MAX.into())])),
    };
    alike.into_iter().chain(cut).collect()
}
