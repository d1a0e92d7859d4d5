//! What a large company runs beside the demo's organisation: ten thousand configuration items that hang together at random,
//! services on them, and agreements. The same seed makes the same.

use std::collections::BTreeSet;

use engine::definition::Labels;
use engine::directory::{Entry, SERVICE};
use engine::ids::Name;
use engine::value::{Fields, Value};
use runtime::Runtime;
use store::{EntryCause, EntryChange};
use web::impact::AGREEMENT;

use crate::cli::{Failure, folder};

const ITEM: &str = "configuration_item";
const CUSTOMER: &str = "customer";
/// How many items there are.
pub(in crate::cli) const ITEMS: u64 = 10_000;
/// How many relations are between them.
pub(in crate::cli) const RELATIONS: u64 = 40_000;
/// How many services run on them, each with two agreements.
const SERVICES: u64 = 200;
/// What it is made from.
pub(in crate::cli) const SEED: u64 = 20_260_918;
/// In which fields an item names those before it, one after the other.
const NAMING: [&str; 4] = ["runs_on", "depends_on", "part_of", "depends_on"];

/// The key of an item; those that come first are what most others rest on.
pub(in crate::cli) fn item(at: u64) -> Name {
    Name::from(format!("item-{}", at % ITEMS))
}

/// Writes it into the registers.
///
/// # Errors
/// The store failed.
pub(in crate::cli) fn build(runtime: &Runtime) -> Result<(), Failure> {
    let mut chance = Chance(SEED);
    let today: String = runtime.now().to_rfc3339().chars().take("2026-01-01".len()).collect();
    let mut changes = Vec::new();
    let mut put = |register: &str, key: Name, (en, zh): (String, String), fields: Vec<(&str, Value)>| {
        let fields = fields.into_iter().map(|(name, value)| (Name::from(name), value)).collect();
        let entry = Entry { labels: Labels::new(&en, &zh), fields };
        changes.push(EntryChange { register: Name::from(register), key, entry });
    };
    let mut left = RELATIONS;
    for at in 0..ITEMS {
        // The first items have nothing before them to rest on; the others share what is left.
        let wanted = if at == 0 { 0 } else { left.div_ceil(ITEMS - at).min(at) };
        let mut others = BTreeSet::new();
        while u64::try_from(others.len())? < wanted {
            others.insert(chance.below(at));
        }
        left -= wanted;
        let mut fields = Fields::new();
        for (other, field) in others.into_iter().zip(NAMING.iter().cycle()) {
            let list = fields.entry(Name::from(*field)).or_insert_with(|| Value::List(Vec::new()));
            if let Value::List(list) = list {
                list.push(Value::Ref(item(other)));
            }
        }
        let mut fields: Vec<(&str, Value)> =
            fields.iter().map(|(name, value)| (name.as_str(), value.clone())).collect();
        fields.push(("status", Value::Choice(Name::from("live"))));
        fields.push(("verified_on", Value::Date(today.clone())));
        put(ITEM, item(at), (format!("Item {at}"), format!("配置项 {at}")), fields);
    }
    let customer = Name::from("subsidiary");
    put(CUSTOMER, customer.clone(), ("Subsidiary".to_owned(), "子公司".to_owned()), Vec::new());
    for at in 0..SERVICES {
        let key = Name::from(format!("service-{at}"));
        let on = Value::List(vec![Value::Ref(item(chance.below(ITEMS)))]);
        put(SERVICE, key.clone(), (format!("Service {at}"), format!("服务 {at}")), vec![("runs_on", on)]);
        for part in ["a", "b"] {
            let fields = vec![
                ("service", Value::Ref(key.clone())),
                ("customer", Value::Ref(customer.clone())),
                ("valid_from", Value::Date(today.clone())),
                ("valid_until", Value::Date("2099-12-31".to_owned())),
            ];
            let called = (format!("Agreement {at}{part}"), format!("服务级别协议 {at}{part}"));
            put(AGREEMENT, Name::from(format!("agreement-{at}-{part}")), called, fields);
        }
    }
    let cause = EntryCause {
        by: Some(Name::from(folder::PACKAGER)),
        under: None,
        reason: "what a large company runs".to_owned(),
        at: runtime.now(),
    };
    runtime.store().change_entries(&changes, &cause)?;
    runtime.reload_directory()?;
    Ok(())
}

/// Numbers that look like chance and are the same for the same seed (splitmix64).
pub(in crate::cli) struct Chance(pub(in crate::cli) u64);

impl Chance {
    /// A number below another.
    pub(in crate::cli) fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) % bound.max(1)
    }
}
