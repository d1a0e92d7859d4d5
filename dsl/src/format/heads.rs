//! Where the head of a line ends and its body begins, seen from its neighbours: the names of a list stand apart from
//! what is said of them, and so does what the author set apart by two blanks.

use std::collections::BTreeMap;

use crate::read::is_unit;

use super::cells::{Marks, outer};
use super::gaps;
use super::lines::{Before, Sort, Token};

/// The most columns of one line that its author set apart.
const BODIES_MAX: usize = 16;
/// The words with which the lines of an example begin.
const EXAMPLE: &[&str] = &["given", "when", "then", "and"];
/// Words that join two values to one condition.
const JOINING: &[&str] = &["and", "or", "is", "in", "to", "when", "with"];

/// The first line of a statement.
pub(super) struct First<'t, 's> {
    pub(super) tokens: &'t [Token<'s>],
    pub(super) marks: Marks,
}

/// Whether the statements of a block are the entries of a list, each a name with what is said of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Entries {
    Yes,
    No,
}

/// Whether neighbours are the lines of an example.
fn are_of_example(run: &[First<'_, '_>]) -> bool {
    let example = |first: &First<'_, '_>| first.word().is_some_and(|word| EXAMPLE.contains(&word));
    let given = |first: &First<'_, '_>| first.word() == Some("given");
    run.iter().all(|first| example(first) && !first.is_of_step()) && !run.iter().all(given)
}

/// The columns of a line's body.
pub(super) struct Body {
    /// Where they begin, in tokens.
    pub(super) places: Vec<usize>,
    pub(super) shaped: Shaped,
}

/// Whether the shape of its neighbours says where a body begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shaped {
    Yes,
    No,
}

/// The columns of the body of each of several neighbours.
pub(super) fn bodies(run: &[First<'_, '_>], entries: Entries) -> Vec<Body> {
    if run.iter().all(|first| first.marks.gives.is_some()) {
        return conditions(run).into_iter().map(|places| Body { places, shaped: Shaped::No }).collect();
    }
    let written: Vec<Vec<usize>> = run.iter().map(First::apart).collect();
    let neighbours = Neighbours::of(run, &written, entries);
    let body = |(first, written): (&First<'_, '_>, &Vec<usize>)| {
        let shape = neighbours.shape(first);
        let shaped = if shape.is_some() { Shaped::Yes } else { Shaped::No };
        let head = shape.or(written.first().copied()).or_else(|| neighbours.agreed(first));
        let head = head.filter(|head| first.may_part(*head));
        let more = written.iter().copied().filter(|at| head.is_some_and(|head| *at > head));
        Body { places: head.into_iter().chain(more).take(BODIES_MAX).collect(), shaped }
    };
    run.iter().zip(&written).map(body).collect()
}

/// What the lines of a run tell about one another's heads.
struct Neighbours<'t> {
    alike: BTreeMap<&'t str, Alike<'t>>,
    /// Whether the head is one word by the shape of them all.
    one_word: bool,
    /// Whether most heads are known to be one word.
    mostly_one_word: bool,
}

/// What the lines with the same first word tell.
#[derive(Default)]
struct Alike<'t> {
    /// The heads that are known, if all are of one length.
    heads: Agreed,
    /// The second word of the first of them with a label.
    name: Option<&'t str>,
    /// Whether another one has another.
    names: Names,
}

#[derive(Clone, Copy, Default)]
enum Agreed {
    #[default]
    Unsaid,
    On(usize),
    Not,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Names {
    #[default]
    Same,
    Differ,
}

impl<'t> Neighbours<'t> {
    fn of(run: &[First<'t, '_>], written: &[Vec<usize>], entries: Entries) -> Neighbours<'t> {
        let mut alike: BTreeMap<&str, Alike<'_>> = BTreeMap::new();
        for first in run {
            let (Some(word), Some(name)) = (first.word(), first.name()) else { continue };
            let held = alike.entry(word).or_default();
            match held.name {
                None => held.name = Some(name),
                Some(other) if name != other => held.names = Names::Differ,
                Some(_) => {}
            }
        }
        let one_word = entries == Entries::Yes || are_of_example(run);
        let mut neighbours = Neighbours { alike, one_word, mostly_one_word: false };
        let mut heads_of_one = 0;
        for (first, written) in run.iter().zip(written) {
            let shape = neighbours.shape(first).filter(|head| first.may_part(*head) && !first.opens(*head));
            let Some(head) = shape.or(written.first().copied()) else { continue };
            heads_of_one += usize::from(head == 1);
            let Some(word) = first.word() else { continue };
            let held = neighbours.alike.entry(word).or_default();
            held.heads = match held.heads {
                Agreed::Unsaid => Agreed::On(head),
                Agreed::On(held) if held == head => Agreed::On(held),
                Agreed::On(_) | Agreed::Not => Agreed::Not,
            };
        }
        neighbours.mostly_one_word = heads_of_one * 2 > run.len();
        neighbours
    }

    /// The length of a head that the shape of the neighbours gives away: `outcome accept …`, `outcome reject …`, the
    /// same word, then a name, then something with a label.
    fn shape(&self, first: &First<'_, '_>) -> Option<usize> {
        let named = first.name().is_some() && self.alike.get(first.word()?)?.names == Names::Differ;
        if self.one_word { Some(1) } else { named.then_some(2) }
    }

    /// The length of a head that is not set apart: as its neighbours with the same first word have it, or as most of
    /// its neighbours where their head is one word.
    fn agreed(&self, first: &First<'_, '_>) -> Option<usize> {
        match self.alike.get(first.word()?).map_or(Agreed::Unsaid, |alike| alike.heads) {
            Agreed::On(head) => Some(head),
            Agreed::Not => None,
            Agreed::Unsaid => self.mostly_one_word.then_some(1),
        }
    }
}

impl<'t> First<'t, '_> {
    /// Where the columns begin that are known by their shape.
    fn end(&self) -> usize {
        self.marks.first(self.tokens.len())
    }

    fn word(&self) -> Option<&'t str> {
        self.tokens.first().filter(|token| token.sort == Sort::Word).map(|token| token.text)
    }

    /// The name behind the first word, in a line with a label.
    fn name(&self) -> Option<&'t str> {
        self.marks.english?;
        self.tokens.get(1).filter(|token| token.sort == Sort::Word).map(|token| token.text)
    }

    /// Whether a column may begin at a place: in no bracket, behind no comma, and where tokens stand apart anyway.
    fn may_part(&self, at: usize) -> bool {
        let parts = match self.tokens.get(at.saturating_sub(1)..=at) {
            Some([left, right]) => left.text != "," && gaps::between(left, right) > 0,
            _ => false,
        };
        let before = self.tokens.get(..=at).unwrap_or_default();
        parts && at < self.end() && outer(before).last() == Some(&at)
    }

    fn opens(&self, at: usize) -> bool {
        self.tokens.get(at).is_some_and(|token| token.sort == Sort::Open)
    }

    /// Whether it is `when due …` of a task, or `when … { … }` of several ways.
    fn is_of_step(&self) -> bool {
        let due = self.tokens.get(1).is_some_and(|token| token.text == "due");
        let opens = |pair: &[Token<'_>]| pair[1].text == "{" && pair[0].text != "with";
        self.word() == Some("when") && (due || self.tokens.windows(2).any(opens))
    }

    /// What its author set apart.
    fn apart(&self) -> Vec<usize> {
        let wide = |at: &usize| match self.tokens.get(at - 1..=*at) {
            Some([left, right]) => {
                let parts = left.text != "," && gaps::between(left, right) > 0;
                right.before == Before::Wide && right.sort != Sort::Open && parts
            }
            _ => false,
        };
        let end = self.end();
        let percent = self.percent().is_some();
        outer(self.tokens)
            .into_iter()
            .filter(|at| (1..end).contains(at) && !(percent && *at == 1))
            .filter(wide)
            .collect()
    }

    /// The digits of a share that follows the first word: `at 75%`.
    pub(super) fn percent(&self) -> Option<&str> {
        let number = self.tokens.get(1).filter(|token| token.sort == Sort::Number)?;
        self.tokens.get(2).filter(|token| token.text == "%").map(|_| number.text)
    }
}

/// The conditions of a table's rows: where they begin as written, or else wherever one value follows another, if that
/// gives as many for each row.
fn conditions(run: &[First<'_, '_>]) -> Vec<Vec<usize>> {
    let written: Vec<Vec<usize>> = run.iter().map(First::apart).collect();
    let found = run.iter().zip(&written).map(|(first, written)| match written.as_slice() {
        [] => {
            let places = outer(first.tokens).into_iter().filter(|at| (1..first.end()).contains(at));
            places.filter(|at| begins_condition(first.tokens, *at)).take(BODIES_MAX).collect()
        }
        written => written.iter().copied().take(BODIES_MAX).collect(),
    });
    let found: Vec<Vec<usize>> = found.collect();
    let is_else = |first: &First<'_, '_>| first.word() == Some("else");
    let mut counts = run.iter().zip(&found).filter(|(first, _)| !is_else(first)).map(|(_, found)| found.len());
    let count = counts.next();
    if counts.all(|other| Some(other) == count) { found } else { written }
}

fn begins_condition(tokens: &[Token<'_>], at: usize) -> bool {
    let (Some(left), Some(right)) = (tokens.get(at - 1), tokens.get(at)) else { return false };
    let joins = |token: &Token<'_>| token.sort == Sort::Word && JOINING.contains(&token.text);
    let unit =
        (left.sort == Sort::Number || left.text == "working") && (is_unit(right.text) || right.text == "working");
    if joins(left) || joins(right) || unit || left.text == "not" {
        return false;
    }
    let ends = match left.sort {
        Sort::Mark => left.text == "-" && !(right.sort == Sort::Number && right.before == Before::Nothing),
        Sort::Word | Sort::Text | Sort::Number | Sort::Date | Sort::Close => true,
        Sort::Open | Sort::Body | Sort::Comment | Sort::Stray => false,
    };
    let begins = match right.sort {
        Sort::Mark => matches!(right.text, "-" | "<" | ">" | "<=" | ">="),
        Sort::Open => right.text == "[",
        Sort::Word | Sort::Text | Sort::Number | Sort::Date => true,
        Sort::Close | Sort::Body | Sort::Comment | Sort::Stray => false,
    };
    ends && begins
}
