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

    /// To whom the person reports.
    pub(super) fn manager(&self) -> &'static str {
        if REPORTERS.contains(&self.key) && self.key != HEAD_OF_SALES { HEAD_OF_SALES } else { DIRECTOR }
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
        teams: &["network", "workplace"],
        part: (
            "network and workplace teams: tests and signs off what a colleague built",
            "网络组、桌面组：测试、签收同事构建的内容",
        ),
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
    DemoPerson {
        key: "p15",
        sign_in: "linfang",
        called: ("Lin Fang", "林芳"),
        roles: &["staff", "change_manager"],
        teams: &[],
        part: ("change manager: classifies, schedules and reviews changes", "变更经理：分类、排期、评审变更"),
    },
    DemoPerson {
        key: "p16",
        sign_in: "wuxia",
        called: ("Wu Xia", "吴霞"),
        roles: &["staff", "problem_manager"],
        teams: &[],
        part: ("problem manager: problems, known errors, trends", "问题经理：问题、已知错误、趋势分析"),
    },
    DemoPerson {
        key: "p17",
        sign_in: "zhengkai",
        called: ("Zheng Kai", "郑凯"),
        roles: &["staff", "release_manager"],
        teams: &[],
        part: ("release manager: plans and reviews releases", "发布经理：策划、评审发布"),
    },
    DemoPerson {
        key: "p18",
        sign_in: "fengjie",
        called: ("Feng Jie", "冯杰"),
        roles: &["staff", "configuration_manager"],
        teams: &[],
        part: ("configuration manager: keeps the CMDB", "配置经理：维护配置信息"),
    },
    DemoPerson {
        key: "p19",
        sign_in: "songyan",
        called: ("Song Yan", "宋岩"),
        roles: &["auditor"],
        teams: &[],
        part: ("auditor: reads records, traces and the audit trail", "审计员：查阅记录、追溯链和审计日志"),
    },
    DemoPerson {
        key: "p20",
        sign_in: "gaopeng",
        called: ("Gao Peng", "高鹏"),
        roles: &["staff", "change_manager", "cab_member", "ecab_member"],
        teams: &[],
        part: ("", ""),
    },
    DemoPerson {
        key: "p21",
        sign_in: "dengchao",
        called: ("Deng Chao", "邓超"),
        roles: &["staff", "security_manager", "cab_member", "ecab_member"],
        teams: &[],
        part: (
            "information security and CAB: assesses and approves changes",
            "信息安全经理、变更顾问委员会委员：评估、审批变更",
        ),
    },
    DemoPerson {
        key: "p22",
        sign_in: "jiangning",
        called: ("Jiang Ning", "蒋宁"),
        roles: &["staff", "service_manager", "service_level_manager", "cab_member"],
        teams: &[],
        part: (
            "service manager, service levels and CAB: assesses and approves changes",
            "服务经理、服务级别经理、变更顾问委员会委员：评估、审批变更",
        ),
    },
    DemoPerson {
        key: "p23",
        sign_in: "hanmei",
        called: ("Han Mei", "韩梅"),
        roles: &["staff", "director", "ecab_member"],
        teams: &[],
        part: ("", ""),
    },
    DemoPerson {
        key: "p24",
        sign_in: "luolin",
        called: ("Luo Lin", "罗琳"),
        roles: &["staff", "finance_controller"],
        teams: &[],
        part: ("finance: assesses the cost of changes", "财务：评估变更费用"),
    },
    DemoPerson {
        key: "p25",
        sign_in: "caobin",
        called: ("Cao Bin", "曹斌"),
        roles: &["staff", "capacity_manager", "continuity_manager", "configuration_manager"],
        teams: &[],
        part: ("capacity and continuity: assesses changes", "能力经理、连续性经理：评估变更"),
    },
    DemoPerson {
        key: "p26",
        sign_in: "qianyu",
        called: ("Qian Yu", "钱宇"),
        roles: &["staff"],
        teams: &["applications"],
        part: ("", ""),
    },
    DemoPerson {
        key: "p27",
        sign_in: "shenhao",
        called: ("Shen Hao", "沈浩"),
        roles: &["staff"],
        teams: &["network", "workplace"],
        part: ("", ""),
    },
];

/// Those who report the demo's incidents.
pub(super) const REPORTERS: &[&str] = &["p04", "p10", "p11", "p12", "p13", "p14"];

/// To whom those report who are not in IT.
const HEAD_OF_SALES: &str = "p10";
/// To whom everybody else reports.
const DIRECTOR: &str = "p23";
/// Who owns the services.
pub(super) const SERVICE_OWNER: &str = "p22";

pub(super) const TEAMS: &[(&str, &str, &str)] = &[
    ("desk", "Service desk", "服务台"),
    ("network", "Network", "网络组"),
    ("applications", "Applications", "应用组"),
    ("workplace", "Workplace", "桌面组"),
];

/// What people may ask for: key, service, name, kind, who must agree (manager, owner), working days.
pub(super) const CATALOGUE: &[CatalogueItem] = &[
    ("new_laptop", "workplace_pc", ("New laptop", "领用笔记本电脑"), "supply", (true, false), 5),
    ("software", "workplace_pc", ("Install software", "安装软件"), "supply", (false, false), 2),
    ("shared_mailbox", "mail", ("Shared mailbox", "公共邮箱"), "supply", (true, false), 2),
    ("erp_access", "erp", ("ERP role", "ERP 角色权限"), "access", (true, true), 3),
    ("vpn_access", "vpn", ("Remote access", "远程接入权限"), "access", (true, false), 2),
    ("guest_wifi", "wifi", ("Guest Wi-Fi", "访客无线网络"), "supply", (false, false), 1),
    ("firewall_rule", "vpn", ("Open a firewall port", "开通防火墙端口"), "change", (false, false), 5),
    ("question", "workplace_pc", ("A question", "使用咨询"), "information", (false, false), 1),
];

/// Key, service, name in both languages, kind, whether the manager and the service's owner must agree, working days.
pub(super) type CatalogueItem =
    (&'static str, &'static str, (&'static str, &'static str), &'static str, (bool, bool), i64);

/// A service: key, name, calendar, support team.
pub(super) static SERVICES: [(&str, (&str, &str), &str, &str); 7] = [
    ("mail", ("E-mail", "企业邮箱"), "office_09_18_shanghai", "applications"),
    ("erp", ("ERP", "ERP 系统"), "office_09_18_shanghai", "applications"),
    ("crm", ("Customer portal", "客户门户"), "around_the_clock", "applications"),
    ("vpn", ("Remote access (VPN)", "远程接入（VPN）"), "around_the_clock", "network"),
    ("wifi", ("Office network", "办公网络"), "office_09_18_shanghai", "network"),
    ("printing", ("Printing", "打印服务"), "office_09_18_shanghai", "workplace"),
    ("workplace_pc", ("Workplace computers", "办公电脑"), "office_09_18_shanghai", "workplace"),
];

/// A customer: key and name.
pub(super) static CUSTOMERS: [(&str, (&str, &str)); 3] = [
    ("office", ("Head office", "总部")),
    ("factory", ("Jiaxing factory", "嘉兴工厂")),
    ("dealers", ("Dealers", "经销商")),
];

/// An agreement: key, name, service, customer, availability in percent.
pub(super) static AGREEMENTS: [DemoAgreement; 6] = [
    ("sla_mail", ("E-mail for the head office", "总部企业邮箱服务级别协议"), "mail", "office", "99.5"),
    ("sla_erp_office", ("ERP for the head office", "总部 ERP 服务级别协议"), "erp", "office", "99.5"),
    ("sla_erp_factory", ("ERP for the factory", "嘉兴工厂 ERP 服务级别协议"), "erp", "factory", "99.8"),
    ("sla_crm", ("Portal for dealers", "经销商门户服务级别协议"), "crm", "dealers", "99.9"),
    ("sla_vpn", ("Remote access for the head office", "总部远程接入服务级别协议"), "vpn", "office", "99.5"),
    ("sla_wifi", ("Network of the factory", "嘉兴工厂网络服务级别协议"), "wifi", "factory", "99.0"),
];

/// Key, name in both languages, service, customer, availability in percent.
pub(super) type DemoAgreement = (&'static str, (&'static str, &'static str), &'static str, &'static str, &'static str);

/// The team that looks after a service.
pub(super) fn team_of(service: &str) -> &'static str {
    SERVICES.iter().find(|(key, ..)| *key == service).map_or("desk", |(_, _, _, team)| team)
}

/// A configuration item: key, name, service, class, and on what it depends.
pub(super) static ITEMS: [DemoItem; 14] = [
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

/// What people here say again and again.
pub(super) struct DemoText {
    /// Its key.
    pub(super) key: &'static str,
    /// What it is called, in both languages.
    pub(super) called: (&'static str, &'static str),
    /// The process that it is for, if only for one.
    pub(super) process: Option<&'static str>,
    /// The team that it is for, if only for one.
    pub(super) team: Option<&'static str>,
    /// The text, in both languages.
    pub(super) said: (&'static str, &'static str),
}

pub(super) const TEXTS: &[DemoText] = &[
    DemoText {
        key: "text_received",
        called: ("Report received", "已受理"),
        process: Some("incident"),
        team: None,
        said: (
            "Dear {requester},\n\nwe have received your report {number} “{title}” and are working on it.",
            "{requester}，您好！\n\n您反馈的“{title}”（{number}）已受理，我们正在处理。",
        ),
    },
    DemoText {
        key: "text_details",
        called: ("Ask for details", "请补充信息"),
        process: None,
        team: None,
        said: (
            "Please tell us for {number}:\n- since when it happens,\n- the exact error message,\n- whether colleagues see it too.",
            "请为 {number} 补充以下信息：\n- 何时开始出现；\n- 完整的报错信息；\n- 其他同事是否也有同样情况。",
        ),
    },
    DemoText {
        key: "text_restart",
        called: ("Restart first", "请先重启"),
        process: Some("incident"),
        team: Some("desk"),
        said: (
            "Please restart the computer and try again. If it still fails, reply to {number}; we then call you.",
            "请先重启电脑后再试。如仍有问题，请直接回复 {number}，我们会电话联系您。",
        ),
    },
    DemoText {
        key: "text_line",
        called: ("Connection checked", "已检查线路"),
        process: None,
        team: Some("network"),
        said: (
            "Connection, switch port and addresses checked, no fault found on the network.",
            "已检查线路、交换机端口和地址分配，网络侧未发现异常。",
        ),
    },
    DemoText {
        key: "text_solved",
        called: ("Solved, please confirm", "已解决，请确认"),
        process: None,
        team: None,
        said: (
            "Dear {requester},\n\n“{title}” should work again. Please confirm in {number}.",
            "{requester}，您好！\n\n“{title}”应已恢复正常，请在 {number} 中确认。",
        ),
    },
];
