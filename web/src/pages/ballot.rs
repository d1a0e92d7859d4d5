//! An approval as people see it: who has voted and how, who is still asked, what is needed.

use engine::ballot::{Ballot, Cast, Vote};
use engine::definition::{Definition, Quorum};
use engine::ids::Name;
use engine::instance::OpenTask;
use engine::substitution;
use serde::Serialize;

use crate::moment::Moment;
use crate::reach::Reached;
use crate::visit::Visit;

/// An approval on its way.
#[derive(Debug, Serialize)]
pub struct BallotView {
    level: Option<String>,
    needs: String,
    votes: Vec<VoteView>,
    asked: Vec<AskedView>,
    left: Vec<String>,
}

#[derive(Debug, Serialize)]
struct VoteView {
    kind: &'static str,
    icon: &'static str,
    who: String,
    said: String,
    level: Option<String>,
    at: Moment,
    reason: Option<String>,
}

#[derive(Debug, Serialize)]
struct AskedView {
    who: String,
    note: Option<String>,
}

/// The approval behind an open task, if it is one.
pub fn of_task(visit: &Visit<'_>, reached: &Reached, open: &OpenTask) -> Option<BallotView> {
    let ballot = reached.loaded.instance.ballot(open.token)?;
    let approval = reached.definition.approval(&open.step)?;
    let level = |at: u32| level(visit, at, approval.levels.len());
    Some(BallotView {
        level: level(ballot.level),
        needs: needs(visit, approval.needs),
        votes: ballot
            .votes
            .iter()
            .map(|cast| VoteView { level: level(cast.level), ..vote(visit, reached, ballot, cast) })
            .collect(),
        asked: ballot.pending().map(|person| asked(visit, reached, open, person)).collect(),
        left: ballot.left.iter().map(|person| visit.names().person(person)).collect(),
    })
}

fn vote(visit: &Visit<'_>, reached: &Reached, ballot: &Ballot, cast: &Cast) -> VoteView {
    VoteView {
        kind: cast.vote.name(),
        icon: match cast.vote {
            Vote::Approved => "done",
            Vote::Rejected => "cross",
            Vote::Abstained => "pause",
        },
        who: acting(visit, &cast.by, cast.in_stead_of.as_ref()),
        said: said(visit, &reached.definition, &ballot.step, cast.vote),
        level: None,
        at: visit.moment(cast.at),
        reason: cast.reason.clone(),
    }
}

/// Somebody who is still asked, and who votes for that person while the person is absent.
fn asked(visit: &Visit<'_>, reached: &Reached, open: &OpenTask, person: &Name) -> AskedView {
    AskedView { who: visit.names().person(person), note: absence(visit, reached, open, person) }
}

/// What there is to know of a person who is absent: who stands in, or that nobody does.
pub fn absence(visit: &Visit<'_>, reached: &Reached, open: &OpenTask, person: &Name) -> Option<String> {
    let scope = reached.scope(visit);
    if !visit.directory.is_absent(person, &scope.today()) {
        return None;
    }
    Some(match substitution::substitute_for(person, open, &reached.loaded.instance, &scope) {
        Some(substitute) => visit.say_with("absent-stood-in", &[("person", visit.names().person(&substitute).into())]),
        None => visit.say("absent-alone"),
    })
}

/// Who acted, and for whom.
pub fn acting(visit: &Visit<'_>, by: &Name, in_stead_of: Option<&Name>) -> String {
    let names = visit.names();
    match in_stead_of {
        Some(absent) => {
            let said = [("person", names.person(by).into()), ("absent", names.person(absent).into())];
            visit.say_with("who-in-stead", &said)
        }
        None => names.person(by),
    }
}

/// A vote in the words of the approval's outcomes.
pub fn said(visit: &Visit<'_>, definition: &Definition, step: &Name, vote: Vote) -> String {
    match vote {
        Vote::Approved | Vote::Rejected => visit.names().outcome(definition, step, &Name::from(vote.name())),
        Vote::Abstained => visit.say("vote-abstained"),
    }
}

/// Which level of several it is; nothing of an approval that has but one.
pub fn level(visit: &Visit<'_>, level: u32, levels: usize) -> Option<String> {
    let said = [("level", i64::from(level + 1).into()), ("levels", levels.into())];
    (levels > 1).then(|| visit.say_with("ballot-level", &said))
}

/// What an approval needs, in words.
pub fn needs(visit: &Visit<'_>, quorum: Quorum) -> String {
    match quorum {
        Quorum::One => visit.say("ballot-needs-one"),
        Quorum::All => visit.say("ballot-needs-all"),
        Quorum::Count(count) => visit.say_with("ballot-needs-count", &[("count", count.into())]),
        Quorum::Percent(share) => visit.say_with("ballot-needs-percent", &[("share", share.into())]),
    }
}
