//! The state of a record as its row keeps it: as it once was, and before that the facts of the steps since, newest first. A
//! step adds its facts, which it has packed for the history anyway; all that was kept stands unchanged behind them, and a
//! server logs of a row's new version only what differs before a common end. Once the facts weigh more than the state
//! that they follow, the state is kept anew, so that a row is read in a time that its state bounds.

use std::sync::Arc;

use engine::event::Event;
use engine::instance::Instance;

use crate::StoreError;
use crate::commit::json;
use crate::packed::{pack, unpack};

/// What precedes the facts of a step: this, and their length in two bytes, the lesser one first. After them comes what was
/// kept before the step.
const SINCE: u8 = 2;

/// A state as it is kept.
#[derive(Clone, Debug)]
pub(crate) struct Document(Arc<[u8]>);

/// A kept state taken apart.
struct Parts<'d> {
    /// Of each step since, newest first.
    since: Vec<&'d [u8]>,
    state: &'d [u8],
}

impl Document {
    /// A state by itself.
    pub(crate) fn of(instance: &Instance) -> Document {
        Document(pack(&json(instance)).into())
    }

    /// What a row holds.
    pub(crate) fn from_row(bytes: Vec<u8>) -> Document {
        Document(bytes.into())
    }

    /// The state to which a step led, whose facts are given as they are packed.
    pub(crate) fn followed_by(&self, facts: &[u8], after: &Instance) -> Document {
        let length = u16::try_from(facts.len());
        let (Ok(length), Ok(parts)) = (length, self.parts()) else { return Document::of(after) };
        let since: usize = parts.since.iter().map(|facts| facts.len()).sum();
        if since + facts.len() > parts.state.len() {
            return Document::of(after);
        }
        Document([&[SINCE], length.to_le_bytes().as_slice(), facts, &self.0].concat().into())
    }

    /// The state itself.
    ///
    /// # Errors
    /// A part of it cannot be read.
    pub(crate) fn instance(&self) -> Result<Instance, StoreError> {
        let Parts { since, state } = self.parts()?;
        let unreadable = |cause| StoreError::unreadable("instance", cause);
        let mut instance: Instance = serde_json::from_str(&unpack(state, "instance")?).map_err(unreadable)?;
        for facts in since.into_iter().rev() {
            let facts: Vec<Event> = serde_json::from_str(&unpack(facts, "instance")?).map_err(unreadable)?;
            facts.iter().for_each(|fact| instance.apply(fact));
        }
        Ok(instance)
    }

    /// What the row holds.
    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    fn parts(&self) -> Result<Parts<'_>, StoreError> {
        let mut since = Vec::new();
        let mut state = &*self.0;
        while let [SINCE, low, high, rest @ ..] = state {
            let length = usize::from(u16::from_le_bytes([*low, *high]));
            let Some((facts, before)) = rest.split_at_checked(length) else {
                return Err(StoreError::unreadable(
                    "instance",
                    format!("it breaks off within {length} bytes of facts"),
                ));
            };
            since.push(facts);
            state = before;
        }
        Ok(Parts { since, state })
    }
}

#[cfg(test)]
mod tests {
    use engine::ids::{DefinitionId, InstanceId, Name};
    use engine::time::Timestamp;
    use engine::value::{Fields, Value};

    use super::*;

    fn begun() -> Instance {
        Instance::folded(&[Event::Started {
            instance: InstanceId(7),
            definition: DefinitionId::of_source("process"),
            number: "INC-2026-000007".to_owned(),
            requester: Name::from("lin"),
            at: Timestamp(1_780_000_000_000),
        }])
    }

    /// The state after a step that writes one text, and what the step tells, packed.
    fn told(before: &Instance, text: &str) -> (Instance, Vec<u8>) {
        let fields = Fields::from([(Name::from("note"), Value::Text(text.to_owned()))]);
        let facts = [Event::FieldsSet { fields }];
        let mut after = before.clone();
        after.apply(&facts[0]);
        (after, pack(&json(&facts)))
    }

    /// A text of so many bytes that no packing makes small.
    fn unlike_itself(bytes: usize) -> String {
        (0_u64..)
            .flat_map(|n| n.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_string().into_bytes())
            .take(bytes)
            .map(char::from)
            .collect()
    }

    #[test]
    fn a_step_stands_before_all_that_was_kept() {
        let begun = begun();
        let first = Document::of(&begun);
        let (after, facts) = told(&begun, "换过电源");
        let second = first.followed_by(&facts, &after);
        assert_eq!(second.instance().expect("it is read"), after);
        let (last, facts) = told(&after, "restarted");
        let third = second.followed_by(&facts, &last);
        assert_eq!(third.instance().expect("it is read"), last);
        assert!(third.as_bytes().ends_with(second.as_bytes()) && second.as_bytes().ends_with(first.as_bytes()));
    }

    #[test]
    fn a_row_stays_in_proportion_to_its_state() {
        let mut state = begun();
        let mut document = Document::of(&state);
        for step in 0..500 {
            let (after, facts) = told(&state, &format!("step {step}"));
            document = document.followed_by(&facts, &after);
            assert_eq!(document.instance().expect("it is read"), after);
            assert!(document.as_bytes().len() <= 3 * Document::of(&after).as_bytes().len(), "{step}");
            state = after;
        }
        for bytes in [200_000, 150_000] {
            let (after, facts) = told(&state, &unlike_itself(bytes));
            assert!(facts.len() > usize::from(u16::MAX));
            document = document.followed_by(&facts, &after);
            assert_eq!(document.instance().expect("it is read"), after);
            state = after;
        }
    }

    #[test]
    fn what_is_broken_is_refused() {
        let begun = begun();
        let (after, facts) = told(&begun, "restarted");
        let whole = Document::of(&begun).followed_by(&facts, &after).as_bytes().to_vec();
        let cut = whole.get(..20).expect("it is longer").to_vec();
        for broken in
            [cut, vec![SINCE], vec![SINCE, 0, 0], Vec::new(), [&[SINCE, 1, 0, b'['], whole.as_slice()].concat()]
        {
            let refused = Document::from_row(broken).instance().expect_err("it is broken");
            assert!(matches!(refused, StoreError::Unreadable { .. }), "{refused}");
        }
    }
}
