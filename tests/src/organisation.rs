//! A small organisation on a store of a test's own, with the packaged incident process.

use std::collections::BTreeSet;
use std::sync::Arc;

use engine::calendar::Calendar;
use engine::definition::Labels;
use engine::directory::{Entry, SERVICE, Standing, TEAM};
use engine::ids::{DefinitionId, Name};
use engine::value::{Fields, Value};
use runtime::{Clock, Runtime, StartOrder};
use store::{Deployed, Deployment, PersonRow, PersonState, Place, RegisterDeployment, Store};

use crate::Scratch;

/// anna reports, dora is at the service desk, nils is in the network team, mona manages incidents, otto has left the
/// matter alone: he may sign in and no more. wu and wei are machines.
pub const PEOPLE: &[(&str, &[&str], &[&str])] = &[
    ("anna", &[], &[]),
    ("dora", &["staff", "service_desk"], &["desk"]),
    ("nils", &["staff"], &["network"]),
    ("mona", &["staff", "incident_manager", "service_manager"], &[]),
    ("otto", &[], &[]),
    ("wu", &["worker"], &[]),
    ("wei", &["worker"], &[]),
];

/// The packaged incident process as text.
///
/// # Panics
/// It is not packaged.
pub fn incident_source() -> &'static str {
    processes::packaged().iter().find(|packaged| packaged.name == "incident").expect("it is packaged").source
}

/// Deploys a text as the incident process.
///
/// # Panics
/// The text has problems or the store fails.
pub fn deploy(runtime: &Runtime, source: &str) -> Deployed {
    let installed = runtime.store().current_sources().expect("the store lists what is current");
    let among = dsl::Among::files(installed.iter().map(String::as_str));
    let unit = dsl::compile_among(source, &among).expect("the definition has no problems");
    let checked = unit.processes.into_iter().next().expect("the file holds a process");
    let deployment = Deployment {
        process: checked.parts.name.clone(),
        id: DefinitionId::of_source(source),
        source: source.to_owned(),
        parts: checked.parts,
        author: Name::from("dora"),
        approver: Name::from("mona"),
        reason: "tests".into(),
        change: Some("CHG-1".into()),
    };
    runtime.deploy(&deployment).expect("the store takes a deployment")
}

/// Declares the registers of these texts.
///
/// # Panics
/// A text has problems or the store fails.
pub fn declare<'s>(runtime: &Runtime, sources: impl IntoIterator<Item = &'s str>) {
    for source in sources {
        let unit = dsl::compile_among(source, processes::among()).expect("the registers have no problems");
        for register in unit.registers {
            let order = RegisterDeployment {
                register,
                id: DefinitionId::of_source(source),
                source: source.to_owned(),
                author: Name::from("dora"),
                approver: Name::from("mona"),
                reason: "tests".into(),
                change: Some("CHG-1".into()),
            };
            runtime.deploy_register(&order).expect("the store takes a register");
        }
    }
}

/// The organisation on an empty store, on a clock of the test's.
///
/// # Panics
/// The store fails.
pub fn organisation(scratch: &Scratch, clock: Arc<dyn Clock>) -> Runtime {
    organisation_at(&Place::from(scratch.path()), clock)
}

/// The same at a place of any kind where nothing is yet.
///
/// # Panics
/// The store fails.
pub fn organisation_at(place: &Place, clock: Arc<dyn Clock>) -> Runtime {
    let store = Store::open(place).expect("an empty place takes a store");
    let runtime = Runtime::open(store, clock).expect("an empty store opens");
    let (store, now, by) = (runtime.store(), runtime.now(), Name::from("tests"));
    let calendar = Calendar::around_the_clock();
    store.put_calendar(&Name::from("24x7"), calendar.data(), &by, now).expect("a calendar is kept");
    declare(&runtime, processes::registers().iter().map(|file| file.source));
    let put = |register: &str, key: &str, fields: Fields| {
        let entry = Entry { labels: Labels::new(key, key), fields };
        store.put_entry(register, &Name::from(key), &entry, &by, now).expect("an entry is kept");
    };
    put(TEAM, "desk", Fields::new());
    put(TEAM, "network", Fields::new());
    put("configuration_item", "switch", Fields::new());
    let vpn = [("calendar", "24x7"), ("support_team", "network")];
    let vpn = vpn.into_iter().map(|(name, key)| (Name::from(name), Value::Ref(Name::from(key)))).collect();
    put(SERVICE, "vpn", vpn);
    for (person, roles, teams) in PEOPLE {
        let names = |list: &[&str]| list.iter().map(|name| Name::from(*name)).collect::<BTreeSet<_>>();
        let row = PersonRow {
            id: Name::from(*person),
            sign_in: (*person).to_owned(),
            name: Labels::new(person, person),
            email: String::new(),
            language: "en".into(),
            state: PersonState::Active,
        };
        store.put_person(&row, &by, now).expect("a person is kept");
        let standing = Standing { roles: names(roles), teams: names(teams) };
        store.set_standing(&row.id, &standing, &by, now, "tests").expect("a standing is kept");
    }
    runtime.reload_directory().expect("the registers are readable");
    deploy(&runtime, incident_source());
    runtime
}

/// The same with Ada, who runs the installation.
///
/// # Panics
/// The store fails.
pub fn administered_at(place: &Place, clock: Arc<dyn Clock>) -> Runtime {
    let runtime = organisation_at(place, clock);
    let (store, now, by) = (runtime.store(), runtime.now(), Name::from("tests"));
    let row = PersonRow {
        id: Name::from("ada"),
        sign_in: "ada".into(),
        name: Labels::new("Ada", "Ada"),
        email: String::new(),
        language: "en".into(),
        state: PersonState::Active,
    };
    store.put_person(&row, &by, now).expect("a person is kept");
    let standing = Standing { roles: [Name::from("administrator")].into(), teams: BTreeSet::new() };
    store.set_standing(&row.id, &standing, &by, now, "tests").expect("a standing is kept");
    runtime.reload_directory().expect("the registers are readable");
    runtime
}

/// An incident that anna reports, of this impact and urgency.
pub fn report(impact: &str, urgency: &str) -> StartOrder {
    StartOrder {
        process: Name::from("incident"),
        by: Name::from("anna"),
        on_behalf_of: None,
        fields: Fields::from([
            (Name::from("summary"), Value::Text("The VPN drops after five minutes".into())),
            (Name::from("service"), Value::Ref(Name::from("vpn"))),
            (Name::from("impact"), Value::Choice(Name::from(impact))),
            (Name::from("urgency"), Value::Choice(Name::from(urgency))),
        ]),
    }
}
