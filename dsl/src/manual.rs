//! The manual's page about each kind of problem: what it means, an example, how to mend it. The pages are part of the
//! executable, so that they are at hand where there is no network.

use crate::problem::{Code, Language};

impl Code {
    /// The manual's page about it in one language, as Markdown.
    pub fn manual(self, language: Language) -> &'static str {
        let page = page(self);
        // The Chinese half begins with the second heading of the first level.
        let half = page.find("\n# ").map_or(page.len(), |at| at + 1);
        let (en, zh) = page.split_at(half);
        match language {
            Language::En => en.trim_end(),
            Language::Zh => zh.trim_end(),
        }
    }
}

fn page(code: Code) -> &'static str {
    match code {
        Code::Syntax => include_str!("../manual/problems/T0101.md"),
        Code::Unclosed => include_str!("../manual/problems/T0102.md"),
        Code::Unopened => include_str!("../manual/problems/T0103.md"),
        Code::UnclosedText => include_str!("../manual/problems/T0104.md"),
        Code::FullWidth => include_str!("../manual/problems/T0105.md"),
        Code::TooLong => include_str!("../manual/problems/T0106.md"),
        Code::TooDeep => include_str!("../manual/problems/T0107.md"),
        Code::Unreadable => include_str!("../manual/problems/T0108.md"),
        Code::TooMany => include_str!("../manual/problems/T0109.md"),
        Code::ForeignMark => include_str!("../manual/problems/T0110.md"),
        Code::UnknownField => include_str!("../manual/problems/T0201.md"),
        Code::UnknownStep => include_str!("../manual/problems/T0202.md"),
        Code::UnknownChoice => include_str!("../manual/problems/T0203.md"),
        Code::UnknownFunction => include_str!("../manual/problems/T0204.md"),
        Code::UnknownTemplate => include_str!("../manual/problems/T0205.md"),
        Code::UnknownRegister => include_str!("../manual/problems/T0206.md"),
        Code::UnknownAttribute => include_str!("../manual/problems/T0207.md"),
        Code::UnknownOutcome => include_str!("../manual/problems/T0208.md"),
        Code::UnknownEnd => include_str!("../manual/problems/T0209.md"),
        Code::UnknownEdition => include_str!("../manual/problems/T0210.md"),
        Code::UnknownMilestone => include_str!("../manual/problems/T0211.md"),
        Code::UnknownClock => include_str!("../manual/problems/T0212.md"),
        Code::UnknownProcess => include_str!("../manual/problems/T0213.md"),
        Code::UnknownHole => include_str!("../manual/problems/T0214.md"),
        Code::Duplicate => include_str!("../manual/problems/T0215.md"),
        Code::UnknownType => include_str!("../manual/problems/T0216.md"),
        Code::UnknownCalendar => include_str!("../manual/problems/T0217.md"),
        Code::UnknownMessage => include_str!("../manual/problems/T0218.md"),
        Code::UnknownClause => include_str!("../manual/problems/T0219.md"),
        Code::UnknownRole => include_str!("../manual/problems/T0220.md"),
        Code::UnknownLink => include_str!("../manual/problems/T0221.md"),
        Code::UnknownMeasure => include_str!("../manual/problems/T0222.md"),
        Code::Mismatch => include_str!("../manual/problems/T0301.md"),
        Code::BadOperands => include_str!("../manual/problems/T0302.md"),
        Code::InputCount => include_str!("../manual/problems/T0303.md"),
        Code::NotPeople => include_str!("../manual/problems/T0304.md"),
        Code::MissingChinese => include_str!("../manual/problems/T0401.md"),
        Code::MissingEnglish => include_str!("../manual/problems/T0402.md"),
        Code::MissingPart => include_str!("../manual/problems/T0403.md"),
        Code::BadNumber => include_str!("../manual/problems/T0404.md"),
        Code::Unused => include_str!("../manual/problems/T0405.md"),
        Code::DerivedCycle => include_str!("../manual/problems/T0501.md"),
        Code::NeverAsked => include_str!("../manual/problems/T0502.md"),
        Code::DerivedSet => include_str!("../manual/problems/T0503.md"),
        Code::ReadTooEarly => include_str!("../manual/problems/T0504.md"),
        Code::BadTitle => include_str!("../manual/problems/T0505.md"),
        Code::ReadUnset => include_str!("../manual/problems/T0506.md"),
        Code::TableGap => include_str!("../manual/problems/T0601.md"),
        Code::TableOverlap => include_str!("../manual/problems/T0602.md"),
        Code::TableShadow => include_str!("../manual/problems/T0603.md"),
        Code::CellCount => include_str!("../manual/problems/T0604.md"),
        Code::UntypedInput => include_str!("../manual/problems/T0605.md"),
        Code::TableTooLarge => include_str!("../manual/problems/T0606.md"),
        Code::TableUnproved => include_str!("../manual/problems/T0607.md"),
        Code::TableDisagrees => include_str!("../manual/problems/T0608.md"),
        Code::EmptyRange => include_str!("../manual/problems/T0609.md"),
        Code::UnfitHit => include_str!("../manual/problems/T0610.md"),
        Code::FallsOff => include_str!("../manual/problems/T0701.md"),
        Code::Unreachable => include_str!("../manual/problems/T0702.md"),
        Code::EndlessLoop => include_str!("../manual/problems/T0703.md"),
        Code::JumpInside => include_str!("../manual/problems/T0704.md"),
        Code::NobodyLeft => include_str!("../manual/problems/T0705.md"),
        Code::NoOutcome => include_str!("../manual/problems/T0706.md"),
        Code::NoSteps => include_str!("../manual/problems/T0707.md"),
        Code::NoDeadline => include_str!("../manual/problems/T0708.md"),
        Code::JoinUnreachable => include_str!("../manual/problems/T0709.md"),
        Code::NeedlessJump => include_str!("../manual/problems/T0710.md"),
        Code::ChoiceGap => include_str!("../manual/problems/T0711.md"),
        Code::MissingTarget => include_str!("../manual/problems/T0801.md"),
        Code::TargetField => include_str!("../manual/problems/T0802.md"),
        Code::RuleText => include_str!("../manual/problems/T0901.md"),
        Code::BadExample => include_str!("../manual/problems/T1001.md"),
    }
}
