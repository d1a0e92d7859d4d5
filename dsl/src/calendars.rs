//! The calendars that examples may name. Their data are files beside the packaged processes, with their origin. Files with
//! other data are read by `file` and told of by `changes`.

mod changes;
mod file;

use std::sync::OnceLock;

use engine::calendar::CalendarData;
use engine::ids::Name;
use serde::Deserialize;

pub use changes::{changes, hours, weekday, what};
pub use file::{CALENDAR_FILE_MAX, CalendarFile, CalendarProblem, read_csv, read_json};

/// A calendar that is there in every example.
#[derive(Clone, Debug, Deserialize)]
pub struct KnownCalendar {
    /// Its key in the register.
    pub key: Name,
    /// Where the dates are from.
    pub origin: String,
    /// Its data.
    #[serde(flatten)]
    pub data: CalendarData,
}

const FILES: &[&str] = &[
    include_str!("../../processes/calendars/office_09_18_shanghai.json"),
    include_str!("../../processes/calendars/around_the_clock.json"),
];

/// All of them.
pub fn known() -> &'static [KnownCalendar] {
    static KNOWN: OnceLock<Vec<KnownCalendar>> = OnceLock::new();
    KNOWN.get_or_init(|| {
        let read = |text: &&str| serde_json::from_str(text).expect("a test reads every calendar file");
        FILES.iter().map(read).collect()
    })
}

/// The calendar of that key or English label.
pub(crate) fn named(text: &str) -> Option<&'static KnownCalendar> {
    known().iter().find(|known| known.key == *text || known.data.labels.en == text)
}
