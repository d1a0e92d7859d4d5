//! What people of the demo ask for, change and release, as they would write it.

/// A service request.
pub(super) struct Wish {
    /// The item of the catalogue.
    pub(super) item: &'static str,
    pub(super) summary: &'static str,
    pub(super) details: &'static str,
    pub(super) question: &'static str,
    pub(super) reply: &'static str,
    pub(super) result: &'static str,
}

impl Wish {
    /// The wish with this summary, where it is one of ours.
    pub(super) fn told(summary: &str) -> Option<&'static Wish> {
        WISHES.iter().find(|wish| wish.summary == summary)
    }
}

pub(super) static WISHES: [Wish; 14] = [
    Wish {
        item: "new_laptop",
        summary: "新员工笔记本电脑",
        details: "下周一有新同事入职，需要一台标准笔记本电脑。",
        question: "是否需要扩展坞和外接显示器？",
        reply: "需要扩展坞，显示器工位上已有。",
        result: "已配置标准镜像并交付，资产编号已登记。",
    },
    Wish {
        item: "new_laptop",
        summary: "Replacement for a five-year-old laptop",
        details: "The battery lasts half an hour and the warranty has ended.",
        question: "May we move your data on Thursday afternoon?",
        reply: "Thursday after three is fine.",
        result: "Handed over a new standard laptop, moved the data, took the old one back.",
    },
    Wish {
        item: "software",
        summary: "安装制图软件",
        details: "市场部制作展会展板需要制图软件，使用期三个月。",
        question: "请问使用哪台电脑？",
        reply: "工位上的台式机，编号 PC-0417。",
        result: "已安装并激活许可，有效期三个月。",
    },
    Wish {
        item: "software",
        summary: "PDF editor for contracts",
        details: "I have to comment on contracts of customers.",
        question: "Is a licence for one year enough?",
        reply: "Yes.",
        result: "Installed the editor and assigned a licence.",
    },
    Wish {
        item: "shared_mailbox",
        summary: "展会公共邮箱",
        details: "十一月展会接收客户来信，市场部三人使用。",
        question: "请提供使用人员名单。",
        reply: "马莉、何静、唐艺。",
        result: "公共邮箱已建立，三人均可收发。",
    },
    Wish {
        item: "shared_mailbox",
        summary: "Shared mailbox for the Frankfurt office",
        details: "Customers in Germany should write to one address.",
        question: "Who shall be able to send from it?",
        reply: "Everybody in the office, that is four people.",
        result: "The mailbox is there and four people can send from it.",
    },
    Wish {
        item: "erp_access",
        summary: "ERP 应付账款查询权限",
        details: "接手供应商对账工作，需要查询应付账款。",
        question: "权限需要到什么时候？",
        reply: "到年底。",
        result: "已分配只读角色，用户登录验证正常。",
    },
    Wish {
        item: "erp_access",
        summary: "ERP role for order entry",
        details: "I stand in for a colleague in order entry.",
        question: "For which company code?",
        reply: "1000.",
        result: "Assigned the role for company code 1000.",
    },
    Wish {
        item: "vpn_access",
        summary: "出差期间远程接入",
        details: "下月出差两周，需要访问 ERP 和邮箱。",
        question: "使用公司电脑还是个人电脑？",
        reply: "公司笔记本电脑。",
        result: "已开通远程接入并寄发令牌。",
    },
    Wish {
        item: "guest_wifi",
        summary: "客户来访无线网络",
        details: "周三下午有八位客户来访，会议室 12-03。",
        question: "客户停留多久？",
        reply: "一个下午。",
        result: "访客账号已生成，当日有效。",
    },
    Wish {
        item: "guest_wifi",
        summary: "Guest Wi-Fi for auditors",
        details: "Three auditors will be here for a week.",
        question: "From which day on?",
        reply: "From Monday.",
        result: "Made three guest accounts for a week.",
    },
    Wish {
        item: "firewall_rule",
        summary: "开通物流接口端口",
        details: "与新物流商对接，需开放其测试地址的 443 端口。",
        question: "请提供对方的固定地址。",
        reply: "203.0.113.20。",
        result: "端口已按标准变更开通，联调正常。",
    },
    Wish {
        item: "question",
        summary: "如何共享日历？",
        details: "想让部门同事看到我的忙闲状态。",
        question: "希望共享到什么程度？",
        reply: "只看忙闲。",
        result: "已电话指导设置日历共享，仅显示忙闲。",
    },
    Wish {
        item: "question",
        summary: "How do I print on both sides?",
        details: "The dialogue looks different since the update.",
        question: "Which printer do you use?",
        reply: "The one on the 13th floor.",
        result: "Explained the new dialogue and set two-sided printing as the default.",
    },
];

/// What is done often and without surprises: a standard change after a template.
pub(super) struct Routine {
    pub(super) service: &'static str,
    pub(super) item: &'static str,
    pub(super) summary: &'static str,
    pub(super) justification: &'static str,
    pub(super) scope: &'static str,
    pub(super) plan: &'static str,
    pub(super) test: &'static str,
    pub(super) backout: &'static str,
}

impl Routine {
    /// The routine with this summary, where it is one of ours.
    pub(super) fn told(summary: &str) -> Option<&'static Routine> {
        ROUTINES.iter().find(|routine| routine.summary == summary)
    }
}

pub(super) static ROUTINES: [Routine; 3] = [
    Routine {
        service: "vpn",
        item: "vpn-gw-01",
        summary: "开通防火墙端口",
        justification: "业务系统对接需要，来源地址固定。",
        scope: "单一来源地址、单一端口的放行规则。",
        plan: "备份配置；新增规则；校验；提交。",
        test: "从来源地址连接端口，从其他地址连接应被拒绝。",
        backout: "恢复备份配置，五分钟内完成。",
    },
    Routine {
        service: "erp",
        item: "erp-app-01",
        summary: "Monthly restart of the ERP application servers",
        justification: "Memory is released, as the vendor recommends.",
        scope: "One application server after the other, outside of office hours.",
        plan: "Drain the server, restart it, let it take load again.",
        test: "Sign in and open an order.",
        backout: "Start the server with the saved configuration.",
    },
    Routine {
        service: "wifi",
        item: "ap-f12",
        summary: "更换同型号无线接入点",
        justification: "设备到保修期，按计划更换。",
        scope: "同型号、同位置、同配置的接入点。",
        plan: "导出配置；更换设备；导入配置；测试信号。",
        test: "覆盖区域内测速，终端自动接入。",
        backout: "换回原设备。",
    },
];

/// A change of its own kind.
pub(super) struct Undertaking {
    pub(super) service: &'static str,
    pub(super) items: &'static [&'static str],
    pub(super) summary: &'static str,
    pub(super) justification: &'static str,
    pub(super) class: &'static str,
    pub(super) benefit: &'static str,
    pub(super) cost: &'static str,
    pub(super) plan: &'static str,
    pub(super) test: &'static str,
    pub(super) backout: &'static str,
    /// The version that it brings in a release; empty where it needs none.
    pub(super) version: &'static str,
}

impl Undertaking {
    /// The undertaking with this summary, where it is one of ours.
    pub(super) fn told(summary: &str) -> Option<&'static Undertaking> {
        UNDERTAKINGS.iter().find(|undertaking| undertaking.summary == summary)
    }
}

pub(super) static UNDERTAKINGS: [Undertaking; 8] = [
    Undertaking {
        service: "mail",
        items: &["mail-gw"],
        summary: "邮件网关启用附件沙箱检测",
        justification: "上季度有三封带恶意附件的邮件未被识别。",
        class: "major",
        benefit: "降低恶意邮件风险，减少人工研判。",
        cost: "48000.00 CNY",
        plan: "先对信息技术部启用两周，再推广到全公司。",
        test: "投递测试样本，确认拦截且正常附件不受影响。",
        backout: "关闭沙箱策略，邮件恢复直接投递。",
        version: "",
    },
    Undertaking {
        service: "erp",
        items: &["erp-db"],
        summary: "Move ERP archive logs to their own volume",
        justification: "Full disks have stopped the database twice.",
        class: "major",
        benefit: "The database does not stop when logs grow.",
        cost: "12000.00 CNY",
        plan: "Add the volume, move the logs, restart the database.",
        test: "Switch logs a hundred times under load.",
        backout: "Point the logs back to the old volume.",
        version: "",
    },
    Undertaking {
        service: "erp",
        items: &["erp-app-01", "erp-app-02"],
        summary: "ERP 应收模块升级",
        justification: "新的开票规则下月生效。",
        class: "major",
        benefit: "满足税务要求，月结提前一天。",
        cost: "86000.00 CNY",
        plan: "随版本发布，先一号后二号应用服务器。",
        test: "验收环境执行四十个应收用例。",
        backout: "切回上一版本程序包。",
        version: "7.",
    },
    Undertaking {
        service: "crm",
        items: &["crm-web"],
        summary: "Search by order number in the customer portal",
        justification: "Customers ask for it more than for anything else.",
        class: "minor",
        benefit: "A third fewer calls about orders.",
        cost: "30000.00 CNY",
        plan: "Comes with the next release of the portal.",
        test: "Search for orders of three customers, old and new.",
        backout: "Install the version before.",
        version: "3.",
    },
    Undertaking {
        service: "vpn",
        items: &["vpn-gw-01", "vpn-gw-02"],
        summary: "VPN 网关升级固件",
        justification: "厂商公告高危漏洞，需升级修复。",
        class: "major",
        benefit: "消除漏洞，获得厂商支持。",
        cost: "0.00 CNY",
        plan: "先升级备用网关，切换后升级主用网关。",
        test: "三种客户端登录、访问 ERP。",
        backout: "回退到保留的上一版本固件。",
        version: "5.",
    },
    Undertaking {
        service: "wifi",
        items: &["sw-core"],
        summary: "Second power supply for the core switch",
        justification: "A single power supply is a single point of failure.",
        class: "minor",
        benefit: "A failure of power does not stop the office.",
        cost: "6500.00 CNY",
        plan: "Insert the supply, connect it to the other circuit.",
        test: "Switch one circuit off for a minute.",
        backout: "Take the supply out.",
        version: "",
    },
    Undertaking {
        service: "workplace_pc",
        items: &["pc-image"],
        summary: "办公电脑标准镜像季度更新",
        justification: "合并三个月的安全更新和驱动。",
        class: "minor",
        benefit: "新机安装时间由两小时缩短到四十分钟。",
        cost: "0.00 CNY",
        plan: "制作镜像，先发放十台试点，再全面启用。",
        test: "三种机型安装并运行常用软件。",
        backout: "恢复使用上一季度镜像。",
        version: "2026.",
    },
    Undertaking {
        service: "printing",
        items: &["prn-f13"],
        summary: "Pull printing on the 13th floor",
        justification: "Confidential pages lie in the tray for hours.",
        class: "minor",
        benefit: "Pages come out only with the card of their owner.",
        cost: "15000.00 CNY",
        plan: "Set up the queue, install card readers, switch the floor over.",
        test: "Print with three cards.",
        backout: "Switch the direct queues on again.",
        version: "",
    },
];

/// What cannot wait for the next meeting of the CAB.
pub(super) static EMERGENCIES: [Undertaking; 2] = [
    Undertaking {
        service: "crm",
        items: &["crm-web"],
        summary: "Emergency patch of the web server of the customer portal",
        justification: "A vulnerability is being exploited since this morning.",
        class: "major",
        benefit: "Customers' data stays safe.",
        cost: "0.00 CNY",
        plan: "Install the vendor's patch and restart the server.",
        test: "Run the vendor's check and open an order.",
        backout: "Restore the snapshot taken before.",
        version: "",
    },
    Undertaking {
        service: "mail",
        items: &["mail-gw"],
        summary: "邮件网关紧急更换证书",
        justification: "证书今晚到期，到期后外部邮件无法投递。",
        class: "major",
        benefit: "外部邮件不中断。",
        cost: "1200.00 CNY",
        plan: "导入新证书，重载网关服务。",
        test: "外部邮箱互发邮件，检查证书链。",
        backout: "恢复原证书并联系签发机构。",
        version: "",
    },
];
