//! What Alertmanager sends: its webhook of version 4, read by hand, since one alert that cannot be read must not keep the
//! others out. Labels and annotations are whatever somebody wrote into a rule, so nothing of them is trusted to be short,
//! of one line, or there at all.

use std::collections::BTreeMap;
use std::fmt;

use engine::time::Timestamp;
use engine::value::MARKDOWN_MAX;
use serde::de::{Deserializer, SeqAccess, Visitor};
use serde::{Deserialize, de};

use crate::api::jobs::read;
use crate::api::problem::Problem;

/// The version of the webhook that is read.
const VERSION: &str = "4";
/// The most alerts of one body.
const ALERTS_MAX: usize = 20_000;
/// The most characters of what an incident is called.
const TITLE_MAX: usize = 200;
/// The most characters of a fingerprint; Alertmanager's have 16.
const FINGERPRINT_MAX: usize = 100;
/// The most characters of a group's key that are kept.
const GROUP_MAX: usize = 1_000;

/// A body.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Webhook {
    #[serde(default)]
    version: Option<String>,
    #[serde(default)]
    group_key: String,
    /// How many alerts of the group it leaves out.
    #[serde(default)]
    pub(super) truncated_alerts: u64,
    /// Each as it was sent.
    #[serde(deserialize_with = "bounded")]
    pub(super) alerts: Vec<serde_json::Value>,
}

/// One alert.
#[derive(Debug)]
pub(super) struct Alert {
    pub(super) state: State,
    pub(super) fingerprint: String,
    /// Since when it fires.
    pub(super) since: Timestamp,
    pub(super) labels: BTreeMap<String, String>,
    annotations: BTreeMap<String, String>,
    generator: String,
}

/// Whether an alert fires.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    Firing,
    /// It fires no more, since then where that is said.
    Resolved(Option<Timestamp>),
}

/// An alert as it is written.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Written {
    status: Status,
    fingerprint: String,
    starts_at: String,
    #[serde(default)]
    ends_at: Option<String>,
    #[serde(default)]
    labels: BTreeMap<String, String>,
    #[serde(default)]
    annotations: BTreeMap<String, String>,
    #[serde(default, rename = "generatorURL")]
    generator: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Status {
    Firing,
    Resolved,
}

impl Webhook {
    /// Reads a body.
    ///
    /// # Errors
    /// It is not JSON, of another version, or has no list of alerts.
    pub(super) fn read(body: &[u8]) -> Result<Webhook, Problem> {
        let webhook: Webhook = read(body)?;
        match webhook.version.as_deref() {
            None | Some(VERSION) => Ok(webhook),
            Some(other) => Err(Problem::unreadable(format!("version {VERSION} of the webhook is read, not {other:?}"))),
        }
    }

    /// The key of the group that the alerts belong to.
    pub(super) fn group(&self) -> Option<String> {
        let key = shortened(&self.group_key, GROUP_MAX);
        (!key.is_empty()).then_some(key)
    }
}

impl Alert {
    /// Reads an alert.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(super) fn read(written: &serde_json::Value) -> Result<Alert, String> {
        let written = Written::deserialize(written).map_err(|cause| cause.to_string())?;
        let Written { status, fingerprint, starts_at, ends_at, labels, annotations, generator } = written;
        let fingerprint = shortened(&fingerprint, FINGERPRINT_MAX + 1);
        if fingerprint.is_empty() || fingerprint.chars().count() > FINGERPRINT_MAX {
            return Err(format!("fingerprint: 1 to {FINGERPRINT_MAX} characters are needed"));
        }
        let since = Timestamp::from_rfc3339(&starts_at).ok_or("startsAt: an instant of RFC 3339 is needed")?;
        let state = match status {
            Status::Firing => State::Firing,
            Status::Resolved => State::Resolved(ends_at.as_deref().and_then(Timestamp::from_rfc3339)),
        };
        Ok(Alert { state, fingerprint, since, labels, annotations, generator: generator.unwrap_or_default() })
    }

    /// A label that says something.
    pub(super) fn label(&self, name: &str) -> Option<&str> {
        self.labels.get(name).map(|value| value.trim()).filter(|value| !value.is_empty())
    }

    /// What the incident is called: the summary that the rule's author wrote, else which alert it is and where.
    pub(super) fn title(&self) -> String {
        let written = self.annotation("summary").or_else(|| self.annotation("title"));
        let title = written.map_or_else(|| self.named(), str::to_owned);
        shortened(&title, TITLE_MAX)
    }

    fn named(&self) -> String {
        let alert = self.label("alertname").unwrap_or(&self.fingerprint);
        match self.label("instance") {
            Some(instance) => format!("{alert}: {instance}"),
            None => alert.to_owned(),
        }
    }

    fn annotation(&self, name: &str) -> Option<&str> {
        self.annotations.get(name).map(|value| value.trim()).filter(|value| !value.is_empty())
    }

    /// All that the alert says of itself, for whoever works on the incident.
    pub(super) fn text(&self, webhook: &Webhook) -> String {
        let mut text = String::new();
        if let Some(description) = self.annotation("description").or_else(|| self.annotation("message")) {
            text.push_str(description);
            text.push_str("\n\n");
        }
        text.push_str(&format!("Alert since 告警开始: {}\n", self.since.to_rfc3339()));
        for (heading, pairs) in [("Labels 标签", &self.labels), ("Annotations 注释", &self.annotations)] {
            if !pairs.is_empty() {
                text.push_str(&format!("\n{heading}:\n"));
                pairs.iter().for_each(|(name, value)| text.push_str(&format!("- {name}: {}\n", flat(value))));
            }
        }
        if !self.generator.is_empty() {
            text.push_str(&format!("\nSource 来源: {}\n", flat(&self.generator)));
        }
        if webhook.truncated_alerts > 0 {
            let count = webhook.truncated_alerts;
            text.push_str(&format!("\nAlertmanager left out {count} more alerts of this group. 本组另有 {count} 条告警被 Alertmanager 省略。\n"));
        }
        let lines = |character: &char| *character == '\n' || !character.is_control();
        text.trim_end().chars().filter(lines).take(MARKDOWN_MAX).collect()
    }
}

/// A text on one line.
fn flat(text: &str) -> String {
    text.split(|character: char| character.is_control()).collect::<Vec<_>>().join(" ")
}

/// A text on one line that is not longer than so many characters.
fn shortened(text: &str, limit: usize) -> String {
    let text = flat(text.trim());
    match text.chars().count() > limit {
        true => text.chars().take(limit.saturating_sub(1)).chain(['…']).collect(),
        false => text,
    }
}

/// A list that is not endless, however short its parts are.
fn bounded<'d, D: Deserializer<'d>>(deserializer: D) -> Result<Vec<serde_json::Value>, D::Error> {
    struct Bounded;

    impl<'d> Visitor<'d> for Bounded {
        type Value = Vec<serde_json::Value>;

        fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
            write!(formatter, "a list of at most {ALERTS_MAX} alerts (max_alerts of the receiver limits it)")
        }

        fn visit_seq<A: SeqAccess<'d>>(self, mut list: A) -> Result<Self::Value, A::Error> {
            let mut read = Vec::new();
            while let Some(one) = list.next_element()? {
                if read.len() >= ALERTS_MAX {
                    return Err(de::Error::invalid_length(read.len() + 1, &self));
                }
                read.push(one);
            }
            Ok(read)
        }
    }

    deserializer.deserialize_seq(Bounded)
}
