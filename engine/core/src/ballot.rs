//! What becomes of an approval: who is asked, who has voted, and whether the result is certain.

use serde::{Deserialize, Serialize};

use crate::definition::{Quorum, Substitution};
use crate::event::Principal;
use crate::ids::{Name, TokenId};
use crate::time::Timestamp;

/// What somebody says to an approval.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Vote {
    /// Yes.
    Approved,
    /// No.
    Rejected,
    /// Neither.
    Abstained,
}

impl Vote {
    /// Every vote there is.
    pub const ALL: [Vote; 3] = [Vote::Approved, Vote::Rejected, Vote::Abstained];

    /// Its name: for yes and no that of the outcome which it is for.
    pub fn name(self) -> &'static str {
        match self {
            Vote::Approved => "approved",
            Vote::Rejected => "rejected",
            Vote::Abstained => "abstained",
        }
    }
}

/// A vote that was cast. It never changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cast {
    /// In which level, from 0.
    pub level: u32,
    /// What was said.
    pub vote: Vote,
    /// By whom.
    pub by: Name,
    /// For whom, where that is somebody who is absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub in_stead_of: Option<Name>,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// When.
    pub at: Timestamp,
}

impl Cast {
    /// Whose vote it is: that of the person who was asked.
    pub fn of(&self) -> &Name {
        self.in_stead_of.as_ref().unwrap_or(&self.by)
    }
}

/// An approval on its way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ballot {
    /// The token that waits for it.
    pub token: TokenId,
    /// The step.
    pub step: Name,
    /// The level that is asked, from 0.
    pub level: u32,
    /// Whom the level is for.
    pub whom: Vec<Principal>,
    /// Who is asked, each person once.
    pub asked: Vec<Name>,
    /// Who of them may not vote any more.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left: Vec<Name>,
    /// Whether somebody votes for those who are absent.
    #[serde(default, skip_serializing_if = "Substitution::is_never")]
    pub substitution: Substitution,
    /// Every vote, of all levels so far, in the order in which they were cast.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub votes: Vec<Cast>,
    /// When it expires, if it does: so long after its first level opened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<Timestamp>,
    /// When its first level opened.
    pub opened: Timestamp,
}

/// Whether the result of a level is certain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is not.
    Open,
    /// Enough said yes.
    Approved,
    /// Enough can never say yes any more.
    Rejected,
    /// So few are left that nobody can say yes or no for the level: a person must look.
    TooFew,
}

impl Ballot {
    /// The votes of the level that is asked.
    pub fn cast(&self) -> impl Iterator<Item = &Cast> {
        self.votes.iter().filter(|cast| cast.level == self.level)
    }

    /// Who may still vote, for themselves or through somebody who stands in.
    pub fn pending(&self) -> impl Iterator<Item = &Name> {
        // Who has voted for somebody else has no vote left.
        let voted = |person: &Name| self.cast().any(|cast| cast.of() == person || cast.by == *person);
        self.asked.iter().filter(move |person| !voted(person) && !self.left.contains(person))
    }

    /// Whether a person has a vote in the level or has cast one: nobody has two.
    pub(crate) fn has_vote(&self, person: &Name) -> bool {
        self.asked.contains(person) || self.cast().any(|cast| cast.by == *person)
    }

    /// The next level is about to be asked: nobody of it is yet.
    pub(crate) fn begin_level(&mut self, level: u32) {
        self.level = level;
        self.asked.clear();
        self.left.clear();
    }

    /// Whom inboxes show it to.
    pub(crate) fn candidates(&self) -> Vec<Principal> {
        let persons = self.pending().cloned().map(Principal::Person);
        let absent = self.pending().cloned().map(Principal::StandIn);
        let mut found: Vec<Principal> = match self.substitution {
            Substitution::Never => persons.collect(),
            Substitution::WhenAbsent => persons.chain(absent).collect(),
        };
        found.sort();
        found
    }

    /// Whether the result of the level is certain.
    pub fn verdict(&self, quorum: Quorum) -> Verdict {
        let of = |vote: Vote| self.cast().filter(|cast| cast.vote == vote).count();
        let (yes, no, abstained) = (of(Vote::Approved), of(Vote::Rejected), of(Vote::Abstained));
        let open = self.pending().count();
        if yes + no + abstained + open == 0 {
            return Verdict::TooFew;
        }
        match enough(quorum, self.asked.len()) {
            Some(needed) if yes >= needed => Verdict::Approved,
            Some(needed) if yes + open >= needed => Verdict::Open,
            // Only those who left are missing: nobody has said no.
            Some(_) if no + abstained == 0 => Verdict::TooFew,
            Some(_) => Verdict::Rejected,
            None if no > 0 => Verdict::Rejected,
            None if open > 0 => Verdict::Open,
            None if yes > 0 => Verdict::Approved,
            None => Verdict::Rejected,
        }
    }
}

/// How many must say yes of so many who were asked; nothing where it is all who do not abstain.
pub(crate) fn enough(quorum: Quorum, asked: usize) -> Option<usize> {
    let count = |number: u32| usize::try_from(number).unwrap_or(usize::MAX);
    match quorum {
        Quorum::One => Some(1),
        Quorum::All => None,
        Quorum::Count(number) => Some(count(number).max(1)),
        Quorum::Percent(share) => Some(asked.saturating_mul(count(share)).div_ceil(100).max(1)),
    }
}
