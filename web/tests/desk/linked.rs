//! A chain of small processes for the tests: a problem that raises a change, a release that holds baselines, a complaint that
//! only its author sees; with registers that say versions, known errors and freezes.

use std::sync::Arc;

use engine::definition::Labels;
use engine::directory::Entry;
use engine::ids::{DefinitionId, Name};
use engine::instance::Instance;
use engine::value::{Fields, Value};
use runtime::{EntryOrder, StartOrder};
use store::{Deployment, EntryChange, RegisterDeployment};

use super::Desk;

const REGISTERS: &str = r#"register configuration_item "Configuration item" zh "配置项" {
  version  text max 100 optional  "Version"  zh "版本"
  depends_on many configuration_item optional relation "Is needed by" zh "被依赖" hit by any "Depends on" zh "依赖"
}

register known_error "Known error" zh "已知错误" {
  problem  ref problem optional  "Problem"  zh "问题"
}

register freeze_window "Freeze window" zh "变更冻结窗口" {
  starts    instant                "From"      zh "开始"
  ends      instant                "Until"     zh "结束"
  services  many service optional  "Services"  zh "服务"
}
"#;

const INCIDENT: &str = r#"process incident "Incident" zh "事件" {
  owner staff
  number "INC-{year}-{seq:6}"
  title summary
  seen by role staff
  roles { staff "Staff" zh "员工" }
  record { summary text max 200 "Summary" zh "摘要" }
  start by anyone asks summary
  task look "Look" zh "查看" for role staff { outcome done "Done" zh "完成" }
  end closed "Closed" zh "已关闭"
}
"#;

const PROBLEM: &str = r#"process problem "Problem management" zh "问题管理" {
  owner staff
  number "PRB-{year}-{seq:6}"
  title summary
  seen by role staff
  roles { staff "Staff" zh "员工"  incident_manager "Incident manager" zh "事件经理" }
  links { raises "Raises" zh "引出" reverse "Raised by" zh "来源于" }
  record {
    summary    text max 200                      "Summary"    zh "摘要"
    incidents  many incident optional            "Incidents"  zh "相关事件"
    items      many configuration_item optional  "Items"      zh "配置项"
    suspect    ref change optional seen by role incident_manager
                                                 "Suspect"    zh "疑似起因"
  }
  start by anyone asks summary, incidents, items, suspect
  start errand with { summary: summary }
  start change with { summary: summary, items: items }, link this raises it
  task look "Look" zh "查看" for role staff { outcome done "Done" zh "完成" }
  end closed "Closed" zh "已关闭"
}
"#;

const CHANGE: &str = r#"process change "Change management" zh "变更管理" {
  owner staff
  number "CHG-{year}-{seq:6}"
  title summary
  seen by role staff
  edited by role staff
  found by items
  find clashes of change where shares(around(items, 2), other.items) and not other.ended
      and other.window_start < window_end and other.window_end > window_start
  find freezes of freeze_window where other.starts < window_end and other.ends > window_start
  roles { staff "Staff" zh "员工" }
  links {
    caused_by "Caused by" zh "起因于" reverse "Cause of" zh "引发"
    related_to "Related to" zh "相关" reverse "Related to" zh "相关"
  }
  record {
    summary       text max 200                      "Summary"        zh "摘要"
    items         many configuration_item optional  "Items"          zh "配置项"
    service       ref service optional              "Service"        zh "服务"
    complaints    many complaint optional           "Complaints"     zh "投诉"
    window_start  instant optional                  "Window begins"  zh "窗口开始"
    window_end    instant optional                  "Window ends"    zh "窗口结束"
  }
  start by anyone asks summary, items, service, complaints, window_start, window_end
  approval consent "CAB" zh "变更委员会" for role staff, due in 3 days {
    needs 1
    outcome approved               "Approved"  zh "批准"
    outcome rejected  asks reason  "Rejected"  zh "否决"  -> end refused
    outcome expired                "Expired"   zh "逾期"  -> end refused
  }
  milestone approved "Approved" zh "已批准"
  task do "Carry out" zh "实施" for role staff {
    outcome done
      requires clashes is empty else "Another change is at the same time" zh "同一时段有其他变更"
      requires freezes is empty else "It is a freeze" zh "处于冻结期"
      "Done" zh "完成"
  }
  end closed "Closed" zh "已关闭"
  end refused "Refused" zh "已否决"
}
"#;

const RELEASE: &str = r#"process release "Release management" zh "发布管理" {
  owner staff
  number "REL-{year}-{seq:6}"
  title summary
  seen by role staff
  found by changes
  roles { staff "Staff" zh "员工" }
  record {
    summary  text max 200                      "Summary"          zh "摘要"
    changes  many change optional              "Changes in it"    zh "包含的变更"
    items    many configuration_item optional  "Items"            zh "配置项"
    before   baseline optional                 "Baseline before"  zh "发布前基线"
    after    baseline optional                 "Baseline after"   zh "发布后基线"
    note     text max 2000 optional            "Note"             zh "说明"
  }
  start by anyone asks summary, changes, items
  set before = baseline(items)
  task roll_out "Roll out" zh "部署" for role staff { outcome done asks note "Done" zh "完成" }
  set after = baseline(items)
  task look "Look" zh "查看" for role staff { outcome done "Done" zh "完成" }
  end closed "Closed" zh "已关闭"
}
"#;

const ERRAND: &str = r#"process errand "Errand" zh "差事" {
  owner staff
  number "ERR-{year}-{seq:6}"
  title summary
  seen by role staff
  roles { staff "Staff" zh "员工" }
  record { summary text max 200 "Summary" zh "摘要" }
  start by anyone asks summary
  task look "Look" zh "查看" for role staff { outcome done "Done" zh "完成" }
  end closed "Closed" zh "已关闭"
}
"#;

const COMPLAINT: &str = r#"process complaint "Complaint" zh "投诉" {
  owner staff
  number "CMP-{year}-{seq:6}"
  title summary
  seen by requester
  found by about
  roles { staff "Staff" zh "员工" }
  record {
    summary  text max 200         "Summary"  zh "摘要"
    about    ref change optional  "About"    zh "针对"
  }
  start by anyone asks summary, about
  task look "Look" zh "查看" for person "emil" { outcome done "Done" zh "完成" }
  end closed "Closed" zh "已关闭"
}
"#;

/// Declares the registers and deploys the chain of processes.
pub fn deploy(desk: &Desk) {
    let among = dsl::Among::files([REGISTERS, INCIDENT, PROBLEM, CHANGE, RELEASE, ERRAND, COMPLAINT]);
    let unit = dsl::compile_among(REGISTERS, &among).unwrap_or_else(|problems| panic!("{problems:?}"));
    for register in unit.registers {
        let order = RegisterDeployment {
            register,
            id: DefinitionId::of_source(REGISTERS),
            source: REGISTERS.to_owned(),
            author: Name::from("mei"),
            approver: Name::from("root"),
            reason: "a test".into(),
            change: Some("CHG-3".into()),
        };
        desk.runtime.deploy_register(&order).expect("it is declared");
    }
    for source in [PROBLEM, CHANGE, RELEASE, ERRAND, COMPLAINT] {
        let unit = dsl::compile_among(source, &among).unwrap_or_else(|problems| panic!("{problems:?}"));
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
        desk.runtime.deploy(&deployment).expect("it is deployed");
    }
    desk.runtime.reload_directory().expect("the registers are there");
}

/// Names of records or entries, as a field holds them.
pub fn many(keys: &[&str]) -> Value {
    Value::List(keys.iter().map(|key| Value::Ref(Name::from(*key))).collect())
}

/// Starts a record.
pub fn begin(desk: &Desk, process: &str, by: &str, summary: &str, fields: &[(&str, Value)]) -> Arc<Instance> {
    let mut all: Fields = fields.iter().map(|(name, value)| (Name::from(*name), value.clone())).collect();
    all.insert(Name::from("summary"), Value::Text(summary.to_owned()));
    let order = StartOrder { process: Name::from(process), by: Name::from(by), on_behalf_of: None, fields: all };
    desk.runtime.start(order).unwrap_or_else(|cause| panic!("{process}: {cause:?}")).instance
}

/// Puts an entry, under a record or by itself.
pub fn put(desk: &Desk, register: &str, key: &str, name: &str, fields: &[(&str, Value)], under: Option<&str>) {
    let fields = fields.iter().map(|(name, value)| (Name::from(*name), value.clone())).collect();
    let entry = Entry { labels: Labels::new(name, name), fields };
    let change = EntryChange { register: Name::from(register), key: Name::from(key), entry };
    let order = EntryOrder { changes: vec![change], under: under.map(Name::from), reason: "a test".into() };
    desk.runtime.change_entries(&order, &Name::from("root")).unwrap_or_else(|cause| panic!("{key}: {cause:?}"));
}
