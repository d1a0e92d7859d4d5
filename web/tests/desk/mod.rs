//! A small service desk for the tests: people, teams, services, a calendar, the process; a browser without a screen.

#![allow(dead_code)]

pub mod browser;
pub mod linked;
pub mod machine;
mod process;

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use engine::calendar::{CalendarData, Exception, Window};
use engine::definition::{Labels, Who};
use engine::directory::{Entry, SERVICE, Standing, TEAM};
use engine::ids::{DefinitionId, Name};
use engine::instance::Instance;
use engine::time::Timestamp;
use engine::value::{Fields, Value};
use runtime::{Runtime, StartOrder, VirtualClock};
use store::{Deployment, PersonRow, PersonState, RegisterDeployment, Store};

/// The password of everybody here.
pub const PASSWORD: &str = "a password of tests";
/// A Friday at half past five in the afternoon, Shanghai; the Sunday after it is a make-up workday.
pub const NOW: &str = "2026-09-18 17:30";

/// Somebody who works here: key, English and Chinese name, roles, teams.
type Worker = (&'static str, &'static str, &'static str, &'static [&'static str], &'static [&'static str]);

/// Who works here: key, English and Chinese name, roles, teams.
pub const PEOPLE: &[Worker] = &[
    ("anna", "Anna Li", "李安娜", &["staff", "service_desk"], &["desk"]),
    ("bao", "Bao Wang", "王宝", &["staff"], &["network"]),
    ("chen", "Chen Zhao", "赵晨", &["staff"], &["network"]),
    ("dora", "Dora Qian", "钱朵拉", &[], &[]),
    ("emil", "Emil Sun", "孙一鸣", &[], &[]),
    ("mei", "Mei Zhou", "周梅", &["staff", "incident_manager"], &[]),
    ("root", "Rui Wu", "吴锐", &["staff", "administrator"], &[]),
    ("otto", "Otto Zheng", "郑欧", &["auditor"], &[]),
];

/// A change that names configuration items; what is live changes under it once it is approved.
pub const CHANGE: &str = r#"// What is changed, and when.
process change "Change" zh "变更" {
  owner     boss
  number    "CHG-{seq:4}"
  title     summary
  seen by   requester, role staff
  found by  items

  record {
    summary  text max 200                      "Summary"  zh "摘要"
    items    many configuration_item optional  "Items"    zh "涉及配置项"
  }

  start by anyone asks summary, items

  task assess "Assess" zh "评估" for role staff {
    outcome agree "Agree" zh "同意"
  }

  milestone approved "Approved" zh "已批准"

  task implement "Implement" zh "实施" for role staff {
    outcome done "Done" zh "完成"
  }

  end closed "Closed" zh "已关闭"
}
"#;

/// What registers refer to of a reconciliation.
const RECONCILIATION: &str = r#"// What was found, beside what is known.
process reconciliation "Reconciliation" zh "核对" {
  owner    boss
  number   "REC-{seq:4}"
  title    summary
  seen by  role staff

  record {
    summary  text max 200                      "Summary"  zh "摘要"
    items    many configuration_item optional  "Items"    zh "涉及配置项"
  }

  start by anyone asks summary, items

  milestone confirmed "Confirmed" zh "已确认"
  end closed "Closed" zh "已关闭"
}
"#;

/// A folder of a test's own; gone when it goes out of scope.
pub struct Folder(pub PathBuf);

impl Folder {
    pub fn new() -> Folder {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("tiaoli-web-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&path).expect("the temporary folder can be written");
        Folder(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What cannot be removed is the system's to clean.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A desk at work.
pub struct Desk {
    pub runtime: Runtime,
    pub clock: Arc<VirtualClock>,
    pub folder: Folder,
}

pub fn at(local: &str) -> Timestamp {
    Timestamp::from_local(local, "Asia/Shanghai").expect("the tests' times are readable")
}

/// An installation with nobody in it.
pub fn empty() -> Desk {
    let folder = Folder::new();
    let store = Store::open(&folder.0).expect("a new store opens");
    let clock = Arc::new(VirtualClock::at(at(NOW)));
    let runtime = Runtime::open(store, clock.clone()).expect("an empty runtime opens");
    Desk { runtime, clock, folder }
}

/// An installation with everybody in it and nothing to do yet.
pub fn staffed() -> Desk {
    let desk = empty();
    let store = desk.runtime.store().clone();
    let (by, now) = (Name::from("root"), desk.runtime.now());
    declare(&desk);
    store.put_calendar(&Name::from("office"), &office(), &by, now).expect("a calendar is kept");
    for (key, en, zh) in [("desk", "Service desk", "服务台"), ("network", "Network team", "网络组")] {
        let entry = Entry { labels: Labels::new(en, zh), fields: Fields::new() };
        store.put_entry(TEAM, &Name::from(key), &entry, &by, now).expect("a team is kept");
    }
    for (key, en, zh) in [("mail", "E-mail", "企业邮箱"), ("vpn", "Remote access (VPN)", "远程接入（VPN）")] {
        let reference = |key: &str| Value::Ref(Name::from(key));
        let fields = Fields::from([
            (Name::from("support_team"), reference("network")),
            (Name::from("calendar"), reference("office")),
        ]);
        store
            .put_entry(SERVICE, &Name::from(key), &Entry { labels: Labels::new(en, zh), fields }, &by, now)
            .expect("a service is kept");
    }
    for (key, en, zh) in [("mail-01", "Mail server 1", "邮件服务器 1"), ("gw-01", "VPN gateway 1", "VPN 网关 1")]
    {
        let entry = Entry { labels: Labels::new(en, zh), fields: Fields::new() };
        store.put_entry("configuration_item", &Name::from(key), &entry, &by, now).expect("an item is kept");
    }
    let hash = web::password::hash(PASSWORD).expect("random bytes are there");
    for (key, en, zh, roles, teams) in PEOPLE {
        let person = PersonRow {
            id: Name::from(*key),
            sign_in: (*key).to_owned(),
            name: Labels::new(en, zh),
            email: format!("{key}@example.invalid"),
            language: "zh-CN".to_owned(),
            state: PersonState::Active,
        };
        let names = |list: &[&str]| list.iter().copied().map(Name::from).collect::<BTreeSet<_>>();
        let standing = Standing { roles: names(roles), teams: names(teams) };
        store.put_person(&person, &by, now).expect("a person is kept");
        store.set_standing(&person.id, &standing, &by, now, "the tests' desk").expect("a standing is kept");
        store.set_password(&person.id, &hash, &by, now).expect("a password is kept");
    }
    desk.runtime.reload_directory().expect("the registers are there");
    let source = format!("// {}\nprocess incident {{\n  // made by hand in the tests\n}}\n", "a stand-in for a text");
    let deployment = Deployment {
        process: Name::from("incident"),
        id: DefinitionId::of_source(&source),
        source,
        parts: process::incident(),
        author: Name::from("mei"),
        approver: Name::from("root"),
        reason: "the tests' desk opens".to_owned(),
        change: Some("CHG-1".to_owned()),
    };
    desk.runtime.deploy(&deployment).expect("the process is deployed");
    desk
}

/// Declares the registers that come with the product, beside the processes that they name.
fn declare(desk: &Desk) {
    let sources = processes::registers().iter().map(|packaged| packaged.source);
    let others = processes::packaged().iter().map(|packaged| packaged.source);
    for register in dsl::Among::files(sources.chain(others).chain([CHANGE, RECONCILIATION])).registers() {
        let source = format!("// what the files say of {}", register.name);
        let order = RegisterDeployment {
            register: register.clone(),
            id: DefinitionId::of_source(&source),
            source,
            author: Name::from("mei"),
            approver: Name::from("root"),
            reason: "the tests' desk opens".to_owned(),
            change: None,
        };
        desk.runtime.store().install_register(&order, desk.runtime.now()).expect("it is declared");
    }
}

fn office() -> CalendarData {
    let day = vec![Window { from: 540, to: 1080 }];
    let week = [day.clone(), day.clone(), day.clone(), day.clone(), day, Vec::new(), Vec::new()];
    CalendarData {
        labels: Labels::new("Office 09–18", "工作日 09–18"),
        zone: "Asia/Shanghai".to_owned(),
        week,
        make_up_as: 0,
        exceptions: [
            ("2026-09-20", Exception::MakeUp),
            ("2026-09-25", Exception::Closed),
            ("2026-10-01", Exception::Closed),
        ]
        .into_iter()
        .map(|(date, exception)| (date.to_owned(), exception))
        .collect(),
        known_from: None,
        known_until: Some("2026-12-31".to_owned()),
        sources: Vec::new(),
    }
}

impl Desk {
    /// Nothing is wrong with what is kept.
    pub fn is_sound(&self) {
        let mut found = Vec::new();
        let definitions = |id: &DefinitionId| self.runtime.definition(id).ok();
        self.runtime.store().check(&definitions, &mut |finding| found.push(finding)).expect("it reads");
        assert_eq!(found, []);
    }

    /// From now on only who holds a role sees a field of new incidents.
    pub fn confide(&self, field: &str, role: &str) {
        let mut parts = process::incident();
        let field = parts.fields.iter_mut().find(|held| held.name == *field).expect("it is declared");
        field.seen_by = vec![Who::Role(Name::from(role))];
        let source = "// the same with a field in confidence".to_owned();
        let deployment = Deployment {
            process: Name::from("incident"),
            id: DefinitionId::of_source(&source),
            source,
            parts,
            author: Name::from("mei"),
            approver: Name::from("root"),
            reason: "some things are not for all".to_owned(),
            change: Some("CHG-2".to_owned()),
        };
        self.runtime.deploy(&deployment).expect("the process is deployed");
    }

    /// Starts an incident and gives its number.
    pub fn report(&self, by: &str, summary: &str, service: &str, levels: (&str, &str)) -> String {
        let fields = Fields::from([
            (Name::from("summary"), Value::Text(summary.to_owned())),
            (Name::from("service"), Value::Ref(Name::from(service))),
            (Name::from("impact"), Value::Choice(Name::from(levels.0))),
            (Name::from("urgency"), Value::Choice(Name::from(levels.1))),
        ]);
        let order = StartOrder { process: Name::from("incident"), by: Name::from(by), on_behalf_of: None, fields };
        self.runtime.start(order).expect("the form fits").instance.number().to_owned()
    }

    /// Deploys a text.
    pub fn deploy(&self, source: &str) {
        let unit = dsl::compile_among(source, processes::among()).unwrap_or_else(|problems| panic!("{problems:?}"));
        let parts = unit.processes.into_iter().next().expect("a process").parts;
        let deployment = Deployment {
            process: parts.name.clone(),
            id: DefinitionId::of_source(source),
            source: source.to_owned(),
            parts,
            author: Name::from("mei"),
            approver: Name::from("root"),
            reason: "a test".into(),
            change: Some("CHG-3".into()),
        };
        self.runtime.deploy(&deployment).expect("it is deployed");
    }

    /// Starts a record of a process that asks for a text alone.
    pub fn begin(&self, process: &str, by: &str, field: &str, text: &str) -> Arc<Instance> {
        let fields = Fields::from([(Name::from(field), Value::Text(text.to_owned()))]);
        let order = StartOrder { process: Name::from(process), by: Name::from(by), on_behalf_of: None, fields };
        self.runtime.start(order).expect("the form fits").instance
    }

    /// The address of the open task of a record at a step.
    pub fn task(&self, number: &str, step: &str) -> String {
        let id = self.runtime.store().instance_of_number(number).expect("readable").expect("there is one");
        let loaded = self.runtime.load(id).expect("readable").expect("there is one");
        let open = loaded.instance.tasks().iter().find(|task| task.step == step).expect("the task is open");
        format!("/tasks/{id}-{}", open.id.0)
    }
}
