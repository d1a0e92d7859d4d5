//! The demo's organisation: a fictitious company in Hangzhou with people, teams, services and configuration items.

use std::collections::BTreeSet;

use engine::definition::Labels;
use engine::directory::Standing;
use engine::ids::Name;

/// A person of the demo.
pub(super) struct DemoPerson {
    /// The key that events name.
    pub(super) key: &'static str,
    /// What the person signs in with.
    pub(super) sign_in: &'static str,
    /// The name, in pinyin and in characters.
    pub(super) called: (&'static str, &'static str),
    /// Roles.
    pub(super) roles: &'static [&'static str],
    /// Teams.
    pub(super) teams: &'static [&'static str],
    /// What the demo's first screen says about the person; empty for those who cannot sign in.
    pub(super) part: (&'static str, &'static str),
}

impl DemoPerson {
    pub(super) fn labels(&self) -> Labels {
        Labels::new(self.called.0, self.called.1)
    }

    pub(super) fn standing(&self) -> Standing {
        let names = |list: &[&str]| list.iter().map(|name| Name::from(*name)).collect::<BTreeSet<_>>();
        Standing { roles: names(self.roles), teams: names(self.teams) }
    }

    /// Whether the demo gives this person a password.
    pub(super) fn signs_in(&self) -> bool {
        !self.part.0.is_empty()
    }
}

pub(super) const PEOPLE: &[DemoPerson] = &[
    DemoPerson {
        key: "p01",
        sign_in: "lina",
        called: ("Li Na", "李娜"),
        roles: &["staff", "service_desk"],
        teams: &["desk"],
        part: ("service desk: triages incidents", "服务台：受理事件"),
    },
    DemoPerson {
        key: "p02",
        sign_in: "wangwei",
        called: ("Wang Wei", "王伟"),
        roles: &["staff"],
        teams: &["network", "workplace"],
        part: ("network and workplace teams: resolves incidents", "网络组、桌面组：处理事件"),
    },
    DemoPerson {
        key: "p03",
        sign_in: "zhaomin",
        called: ("Zhao Min", "赵敏"),
        roles: &["staff"],
        teams: &["applications"],
        part: ("applications team: resolves incidents", "应用组：处理事件"),
    },
    DemoPerson {
        key: "p04",
        sign_in: "chenjie",
        called: ("Chen Jie", "陈洁"),
        roles: &[],
        teams: &[],
        part: ("sales: reports incidents and confirms solutions", "销售部：报告事件、确认解决"),
    },
    DemoPerson {
        key: "p05",
        sign_in: "zhouqiang",
        called: ("Zhou Qiang", "周强"),
        roles: &["staff", "incident_manager", "service_manager"],
        teams: &[],
        part: ("incident manager: sees escalations", "事件经理：查看升级"),
    },
    DemoPerson {
        key: "p06",
        sign_in: "admin",
        called: ("Sun Lei", "孙磊"),
        roles: &["staff", "administrator"],
        teams: &[],
        part: ("administrator: definitions, people, audit trail", "管理员：流程定义、人员、审计记录"),
    },
    DemoPerson {
        key: "p07",
        sign_in: "liuyang",
        called: ("Liu Yang", "刘洋"),
        roles: &["staff", "service_desk"],
        teams: &["desk"],
        part: ("", ""),
    },
    DemoPerson {
        key: "p08",
        sign_in: "huangting",
        called: ("Huang Ting", "黄婷"),
        roles: &["staff"],
        teams: &["applications"],
        part: ("", ""),
    },
    DemoPerson {
        key: "p09",
        sign_in: "xubo",
        called: ("Xu Bo", "徐波"),
        roles: &["staff"],
        teams: &["network"],
        part: ("", ""),
    },
    DemoPerson { key: "p10", sign_in: "mali", called: ("Ma Li", "马莉"), roles: &[], teams: &[], part: ("", "") },
    DemoPerson {
        key: "p11",
        sign_in: "guoliang",
        called: ("Guo Liang", "郭亮"),
        roles: &[],
        teams: &[],
        part: ("", ""),
    },
    DemoPerson { key: "p12", sign_in: "hejing", called: ("He Jing", "何静"), roles: &[], teams: &[], part: ("", "") },
    DemoPerson {
        key: "p13",
        sign_in: "emma",
        called: ("Emma Fischer", "艾玛·费舍尔"),
        roles: &[],
        teams: &[],
        part: ("", ""),
    },
    DemoPerson { key: "p14", sign_in: "tangyi", called: ("Tang Yi", "唐艺"), roles: &[], teams: &[], part: ("", "") },
];

/// Those who report the demo's incidents.
pub(super) const REPORTERS: &[&str] = &["p04", "p10", "p11", "p12", "p13", "p14"];

pub(super) const TEAMS: &[(&str, &str, &str)] = &[
    ("desk", "Service desk", "服务台"),
    ("network", "Network", "网络组"),
    ("applications", "Applications", "应用组"),
    ("workplace", "Workplace", "桌面组"),
];

/// A service: key, name, calendar, support team.
pub(super) const SERVICES: &[(&str, (&str, &str), &str, &str)] = &[
    ("mail", ("E-mail", "企业邮箱"), "office_09_18_shanghai", "applications"),
    ("erp", ("ERP", "ERP 系统"), "office_09_18_shanghai", "applications"),
    ("crm", ("Customer portal", "客户门户"), "around_the_clock", "applications"),
    ("vpn", ("Remote access (VPN)", "远程接入（VPN）"), "around_the_clock", "network"),
    ("wifi", ("Office network", "办公网络"), "office_09_18_shanghai", "network"),
    ("printing", ("Printing", "打印服务"), "office_09_18_shanghai", "workplace"),
    ("workplace_pc", ("Workplace computers", "办公电脑"), "office_09_18_shanghai", "workplace"),
];

/// A configuration item: key, name, service, class, and on what it depends.
pub(super) const ITEMS: &[DemoItem] = &[
    ("mail-01", ("Mail server mail-01", "邮件服务器 mail-01"), "mail", "server", &["sw-core"]),
    ("mail-gw", ("Mail gateway", "邮件网关"), "mail", "server", &["sw-core", "mail-01"]),
    ("erp-db", ("ERP database", "ERP 数据库"), "erp", "database", &["sw-core"]),
    ("erp-app-01", ("ERP application server 1", "ERP 应用服务器 1"), "erp", "server", &["erp-db", "sw-core"]),
    ("erp-app-02", ("ERP application server 2", "ERP 应用服务器 2"), "erp", "server", &["erp-db", "sw-core"]),
    ("crm-web", ("Customer portal web server", "客户门户 Web 服务器"), "crm", "server", &["sw-core", "erp-db"]),
    ("vpn-gw-01", ("VPN gateway 1", "VPN 网关 1"), "vpn", "network", &["sw-core"]),
    ("vpn-gw-02", ("VPN gateway 2", "VPN 网关 2"), "vpn", "network", &["sw-core"]),
    ("sw-core", ("Core switch", "核心交换机"), "wifi", "network", &[]),
    ("ap-f12", ("Access point, 12th floor", "12 楼无线接入点"), "wifi", "network", &["sw-core"]),
    ("ap-f13", ("Access point, 13th floor", "13 楼无线接入点"), "wifi", "network", &["sw-core"]),
    ("prn-f12", ("Printer, 12th floor", "12 楼打印机"), "printing", "workstation", &["sw-core"]),
    ("prn-f13", ("Printer, 13th floor", "13 楼打印机"), "printing", "workstation", &["sw-core"]),
    ("pc-image", ("Workplace image", "办公电脑标准镜像"), "workplace_pc", "application", &[]),
];

/// Key, name in both languages, service, class, what it depends on.
pub(super) type DemoItem =
    (&'static str, (&'static str, &'static str), &'static str, &'static str, &'static [&'static str]);
