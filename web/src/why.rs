//! Why nothing was done to a record, as a sentence in both languages.

use engine::command::Rejection;
use engine::definition::{Definition, Labels};
use runtime::{BatchOrder, Deed, Runtime, Why};
use std::sync::Arc;

/// The words for the reasons of one order.
pub struct Reasons {
    versions: Option<(Arc<Definition>, Arc<Definition>)>,
}

impl Reasons {
    /// The words for an order: those of its versions, where it is a migration.
    pub fn of(runtime: &Runtime, order: &BatchOrder) -> Reasons {
        let versions = match &order.deed {
            Deed::Migrate { plan } => runtime.definition(&plan.from).ok().zip(runtime.definition(&plan.to).ok()),
            _ => None,
        };
        Reasons { versions }
    }

    /// The reason as a sentence.
    pub fn said(&self, why: &Why) -> Labels {
        let (en, zh) = match why {
            Why::Rejected(Rejection::CannotMigrate(obstacles)) if self.versions.is_some() => {
                let said = self.versions.as_ref().map(|(old, new)| {
                    let plan = dsl::Plan::of(old.parts(), new.parts());
                    obstacles.iter().map(|obstacle| plan.said(obstacle)).collect::<Vec<_>>()
                });
                let said = said.unwrap_or_default();
                let joined =
                    |pick: fn(&Labels) -> &str, mark: &str| said.iter().map(pick).collect::<Vec<_>>().join(mark);
                (joined(|labels| &labels.en, "; "), joined(|labels| &labels.zh, "；"))
            }
            Why::Rejected(rejection) => (rejection.to_string(), dsl::refusal_in_chinese(rejection)),
            Why::StandsThereTwice(step) => (
                format!("the record stands in {step} more than once; move each by itself"),
                format!("记录多次停在 {step}，请逐条移动"),
            ),
            Why::WorkedOn { by, at: _ } => {
                (format!("{by} has worked on the record since"), format!("此后 {by} 处理过该记录"))
            }
            Why::ClockGivenUp => (
                "a clock was given up, and what it measured cannot be brought back".to_owned(),
                "有计时已被放弃，其计时结果无法恢复".to_owned(),
            ),
            Why::NothingToDo => ("nothing would change".to_owned(), "没有任何改动".to_owned()),
            Why::Busy => (
                "others change the record again and again; try once more".to_owned(),
                "其他人正在反复修改该记录，请重试".to_owned(),
            ),
            Why::Unusable(text) => (text.clone(), format!("无法处理：{text}")),
        };
        Labels { en, zh }
    }
}
