//! `approval board … { needs … }`: what it becomes, and that its outcomes can come about.

use engine::definition::{APPROVED, Abstaining, Approval, Candidates, EXPIRED, Outcome, Quorum, REJECTED, StepKind};
use engine::ids::Name;

use super::flow::{Lowering, Spot};
use super::{Checker, name};
use crate::problem::{Code, Problem, labels};
use crate::tree::{Abstain, ApprovalNeeds, ApprovalText, OutcomeText, Place, Word};

impl Lowering<'_, '_> {
    pub(super) fn approval(&mut self, approval: &ApprovalText, spot: &Spot, next: Option<Name>) {
        let (checker, word) = (self.checker, &approval.name);
        let tags = checker.tags(approval.tags.as_ref(), word, ("approval", "审批"));
        let levels = checker.levels(approval);
        let (asks, reason) = checker.asks(&approval.asks);
        checker.outcomes_there(word, &approval.outcomes);
        checker.outcomes_of_approval(approval);
        let outcomes: Vec<Outcome> = approval
            .outcomes
            .iter()
            .map(|outcome| self.outcome(word, &approval.asks, outcome, reason, spot, next.clone()))
            .collect();
        let made = Approval {
            levels,
            needs: checker.quorum(&approval.needs),
            abstaining: match approval.abstain {
                Abstain::Allowed => Abstaining::Allowed,
                Abstain::Not => Abstaining::Forbidden,
            },
            due: approval.due.as_ref().map(|due| checker.due(due)),
            asks,
            outcomes,
        };
        let made = self.push(name(word), tags, spot, next, StepKind::Approval(made), &word.span);
        made.step.was = approval.was.as_ref().map(name);
    }
}

impl Checker<'_> {
    /// Who is asked, level by level; who may not vote may not in any.
    fn levels(&self, approval: &ApprovalText) -> Vec<Candidates> {
        let not = self.whom(&approval.not);
        let not_who_did: Vec<Name> = approval.not_who_did.iter().map(|step| self.done_before(step)).collect();
        if approval.levels.iter().any(Vec::is_empty) {
            self.for_nobody(&approval.name);
        }
        let level = |any| Candidates {
            any,
            not: not.clone(),
            not_who_did: not_who_did.clone(),
            substitution: approval.substitution,
        };
        approval.levels.iter().map(|people| level(self.whom(people))).collect()
    }

    fn quorum(&self, needs: &ApprovalNeeds) -> Quorum {
        match needs {
            ApprovalNeeds::One => Quorum::One,
            ApprovalNeeds::All => Quorum::All,
            ApprovalNeeds::Count(count, place) => {
                if *count == 0 {
                    let message = labels("nobody would have to say yes", "这样无人需要同意");
                    let hint = labels("write `needs one` or a greater number", "请写 `needs one` 或更大的数");
                    self.report(Problem::error(Code::Unreadable, place.clone(), message).with_hint(hint));
                }
                Quorum::Count(*count)
            }
            ApprovalNeeds::Percent(percent, place) => {
                if !(1..=100).contains(percent) {
                    let message = labels("a share lies between 1 and 100 %", "比例须在 1% 到 100% 之间");
                    let hint = labels("write for instance `60 %`", "例如写 `60 %`");
                    self.report(Problem::error(Code::Unreadable, place.clone(), message).with_hint(hint));
                }
                Quorum::Percent(*percent)
            }
        }
    }

    /// Reports outcomes that an approval does not have, and those that can come about and are not said.
    fn outcomes_of_approval(&self, approval: &ApprovalText) {
        let known = [APPROVED, REJECTED, EXPIRED];
        let strange = |outcome: &&OutcomeText| !known.contains(&outcome.name.text.as_str());
        for outcome in approval.outcomes.iter().filter(strange) {
            self.unknown(Code::UnknownOutcome, &outcome.name, ("outcome of an approval", "审批结果"), known);
        }
        // What is missing may be what is misspelt.
        if !self.doubtful.is_empty()
            || approval.outcomes.is_empty()
            || approval.outcomes.iter().any(|one| strange(&one))
        {
            return;
        }
        let said = |wanted: &str| approval.outcomes.iter().find(|outcome| outcome.name.text == wanted);
        for wanted in [APPROVED, REJECTED].into_iter().filter(|wanted| said(wanted).is_none()) {
            self.outcome_unsaid(&approval.name, wanted);
        }
        match (&approval.due, said(EXPIRED)) {
            (Some(_), None) => self.outcome_unsaid(&approval.name, EXPIRED),
            (None, Some(outcome)) => {
                let message = labels("this approval never expires: it has no deadline", "该审批没有期限，永远不会逾期");
                let hint = labels("add `due in 3 working days` to its head", "请在首行加上 `due in 3 working days`");
                self.report(Problem::error(Code::MissingPart, outcome.name.span.clone(), message).with_hint(hint));
            }
            (Some(_), Some(outcome)) => self.nobody_fills_in(outcome),
            (None, None) => {}
        }
    }

    fn outcome_unsaid(&self, approval: &Word, outcome: &str) {
        let (zh, en) = match outcome {
            APPROVED => ("同意", "Approved"),
            REJECTED => ("否决", "Rejected"),
            _ => ("逾期", "Expired"),
        };
        let name = &approval.text;
        let message = labels(
            format!("nothing is said for when `{name}` is {outcome}"),
            format!("没有说明 `{name}` 的结果为 {outcome} 时如何处理"),
        );
        let hint = labels(
            format!("add `outcome {outcome} \"{en}\" zh \"{zh}\"`"),
            format!("请加上 `outcome {outcome} \"{en}\" zh \"{zh}\"`"),
        );
        self.report(Problem::error(Code::MissingPart, approval.span.clone(), message).with_hint(hint));
    }

    /// Reports what an expired approval asks for.
    fn nobody_fills_in(&self, outcome: &OutcomeText) {
        let place: Option<&Place> = match (outcome.asks.first(), outcome.requires.first()) {
            (Some(ask), _) => ask.fields.first().map(|word| &word.span),
            (None, Some((condition, _))) => Some(&condition.span),
            (None, None) => None,
        };
        if let Some(place) = place {
            let message = labels("nobody is there to fill in a form when it expires", "逾期时没有人填写表单");
            let hint = labels("ask in a task behind it, or drop this", "请在其后的任务中要求填写，或删去这里");
            self.report(Problem::error(Code::MissingPart, place.clone(), message).with_hint(hint));
        }
    }
}
