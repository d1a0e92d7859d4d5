//! The registers that the language declares: which there are and how many entries each has. The pages beneath work for
//! any of them; the register of people and that of calendars keep pages of their own.

pub mod bulk;
mod cell;
pub mod change;
pub mod changes;
pub mod entry;
pub mod export;
pub mod impact;
pub mod import;
mod layers;
pub mod list;
mod proposal;
mod refusal;
mod said;
mod selection;
mod sheet;

use engine::directory::{CALENDAR, PERSON};
use engine::register::Register;
use serde::Serialize;

pub use said::{Linked, entry_link, values};

use crate::answer::{Answer, Refusal};
use crate::pages::admin;
use crate::visit::{ADMINISTRATOR, Visit};

/// The registers with pages of their own.
const OWN_PAGES: [&str; 2] = [PERSON, CALENDAR];

#[derive(Debug, Serialize)]
struct View {
    registers: Vec<RegisterView>,
}

#[derive(Debug, Serialize)]
struct RegisterView {
    label: String,
    purpose: String,
    /// Where its entries are; nothing where the visitor may not go there.
    to: Option<String>,
    count: usize,
    stale: usize,
}

/// The page.
pub fn show(visit: &Visit<'_>) -> Result<Answer, Refusal> {
    let declared = visit.directory.all_declared().map(|register| {
        let entries = || visit.directory.entries(register.name.as_str());
        let today = today(visit);
        RegisterView {
            label: visit.language.of(&register.labels).to_owned(),
            purpose: register.purpose.clone(),
            to: said::register_link(visit, register.name.as_str()),
            count: entries().count(),
            stale: entries().filter(|(_, entry)| register.is_stale(entry, &today)).count(),
        }
    });
    let mut registers: Vec<RegisterView> = declared.collect();
    registers.push(RegisterView {
        label: visit.say("register-calendar"),
        purpose: String::new(),
        to: said::register_link(visit, CALENDAR),
        count: visit.directory.entries(CALENDAR).count(),
        stale: 0,
    });
    visit.page("registers", visit.say("registers-title"), &View { registers })
}

/// The register that the path names.
///
/// # Errors
/// There is none, or it has pages of its own.
fn named<'v>(visit: &'v Visit<'_>) -> Result<&'v Register, Refusal> {
    let name = visit.asked.part("register");
    visit.directory.declared(name).filter(|_| !OWN_PAGES.contains(&name)).ok_or(Refusal::NotFound)
}

/// The role that keeps the registers beside administrators.
pub const CONFIGURATION_MANAGER: &str = "configuration_manager";

/// Whether the visitor may change entries.
pub fn keeps(visit: &Visit<'_>) -> bool {
    visit.holds(ADMINISTRATOR) || visit.holds(CONFIGURATION_MANAGER)
}

/// What people call a register.
pub fn label(visit: &Visit<'_>, register: &str) -> String {
    match visit.directory.declared(register) {
        Some(declared) => visit.language.of(&declared.labels).to_owned(),
        None => admin::audit::register_name(visit, register),
    }
}

/// The day that it is for the installation.
pub fn today(visit: &Visit<'_>) -> String {
    let local = visit.now.to_local(&visit.app.settings().zone).unwrap_or_default();
    local.get(..10).unwrap_or_default().to_owned()
}
