//! Messages from outside that begin records.

use engine::ids::Name;
use runtime::json::untyped;
use runtime::{MessageOrder, Received};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::api::Call;
use crate::api::jobs::read;
use crate::api::problem::Problem;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Message {
    process: Name,
    message: Name,
    #[serde(default)]
    text: String,
    #[serde(default)]
    values: Map<String, Value>,
}

pub(super) fn receive(call: &Call<'_>) -> Result<Value, Problem> {
    let Message { process, message, text, values } = read(call.body)?;
    let order = MessageOrder { process, message, by: call.caller.person.clone(), text, values: untyped(&values) };
    let received = call.visit.app.runtime().receive(order).map_err(|cause| Problem::of(cause, call.visit))?;
    Ok(match received {
        Received::Begun(done) => json!({ "record": done.instance.number(), "repeated": false }),
        Received::Known(done) => json!({ "record": done.instance.number(), "repeated": true }),
    })
}
