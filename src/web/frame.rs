//! What surrounds every page: who is signed in, the menu by role, messages, the request number.

pub use super::assets::VERSION as ASSET_VERSION;

/// A line of the left menu.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MenuItem {
    /// Text.
    pub label: &'static str,
    /// Address.
    pub href: &'static str,
    /// Name of the symbol before the text.
    pub icon: &'static str,
    /// Whether the page shown belongs to this line.
    pub current: bool,
    /// How many things wait there; 0 shows nothing.
    pub badge: i64,
}

/// Lines of the menu under one heading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MenuGroup {
    /// Heading.
    pub title: &'static str,
    /// Lines, never empty.
    pub items: Vec<MenuItem>,
}

/// Heading, text, address and symbol of everything the menu can show, in order.
const CATALOGUE: [(&str, &str, &str, &str); 49] = [
    ("业务", "工作台", "/", "home"),
    ("业务", "总览", "/overview", "chart"),
    ("业务", "骨干企业", "/enterprises", "building"),
    ("业务", "核心工程师", "/engineers", "people"),
    ("业务", "清单版本", "/lists/enterprises", "list"),
    ("业务", "名册申报", "/roster/declarations", "tick"),
    ("业务", "本人确认", "/confirmations", "tick"),
    ("业务", "账户变更", "/account-filings", "bank"),
    ("业务", "办件", "/cases", "tick"),
    ("业务", "清单申报", "/applications", "building"),
    ("业务", "企业年度核查", "/annual-reports", "run"),
    ("业务", "人才年度核查", "/campaigns", "run"),
    ("业务", "委托和回避", "/delegations", "people"),
    ("业务", "消息", "/notifications", "bell"),
    ("业务", "认定试点", "/pilots", "seal"),
    ("业务", "抽查核实", "/checks", "question"),
    ("业务", "公示", "/notices", "book"),
    ("业务", "举报线索", "/tips", "question"),
    ("业务", "疑似重复", "/duplicates", "people"),
    ("业务", "批量导入", "/imports", "import"),
    ("专项", "人才项目", "/programmes", "seal"),
    ("专项", "一事一议", "/agreements", "book"),
    ("专项", "海外来访", "/visits", "people"),
    ("专项", "专家顾问", "/experts", "people"),
    ("专项", "职业培训", "/trainings", "book"),
    ("专项", "人力机构", "/hr-institutions", "building"),
    ("奖补", "年度核定", "/runs", "run"),
    ("奖补", "应发台账", "/entitlements", "list"),
    ("奖补", "发放批次", "/batches", "bank"),
    ("奖补", "待查退款", "/suspense", "question"),
    ("奖补", "暂缓发放", "/holds", "seal"),
    ("奖补", "个税处理", "/tax", "book"),
    ("奖补", "追回", "/recoveries", "purse"),
    ("奖补", "资金指标", "/budget", "purse"),
    ("奖补", "对账", "/reconciliation", "list"),
    ("奖补", "惠企政策试算", "/measures", "run"),
    ("监督", "名单核查", "/lookups", "question"),
    ("监督", "导出文件", "/exports", "import"),
    ("监督", "政策依据", "/policies", "book"),
    ("监督", "冲突目录", "/catalogue", "book"),
    ("监督", "工作日安排", "/calendars", "list"),
    ("监督", "外汇牌价", "/exchange-rates", "bank"),
    ("监督", "停办期", "/freezes", "seal"),
    ("监督", "审计日志", "/audit", "shield"),
    ("监督", "日志校验", "/audit/verification", "seal"),
    ("管理", "本企业账号", "/colleagues", "key"),
    ("管理", "账号管理", "/accounts", "key"),
    ("管理", "授权审批", "/authorisations", "seal"),
    ("管理", "登录和锁定", "/sessions", "shield"),
];

/// The menu of someone who may open `allowed` addresses; the line of `current` is marked.
/// `badges` gives the number of things waiting at an address.
pub fn menu(allowed: &[&str], current: &str, badges: &[(&str, i64)]) -> Vec<MenuGroup> {
    let mut groups: Vec<MenuGroup> = Vec::new();
    for (title, label, href, icon) in CATALOGUE {
        if !allowed.contains(&href) {
            continue;
        }
        let badge = badges.iter().find(|(at, _)| *at == href).map_or(0, |(_, n)| *n);
        let item = MenuItem { label, href, icon, current: href == current, badge };
        match groups.last_mut() {
            Some(group) if group.title == title => group.items.push(item),
            _ => groups.push(MenuGroup { title, items: vec![item] }),
        }
    }
    groups
}

/// A message shown once after an action.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flash {
    /// `good` or `bad`.
    pub kind: &'static str,
    /// One sentence.
    pub text: String,
}

/// What stands above every page of an installation that is not the real one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ribbon {
    /// One sentence.
    pub text: String,
    /// The day that it counts as, where that can be set: `2027-03-05`.
    pub test_day: Option<String>,
}

impl Ribbon {
    /// Of a demonstration.
    pub fn demonstration() -> Self {
        let text = "演示环境：数据均为虚构，随时会被重置，请勿录入真实信息".to_owned();
        Self { text, test_day: None }
    }

    /// Of an installation to test with.
    pub fn test(day: impl ToString) -> Self {
        let day = day.to_string();
        Self { text: format!("测试环境 · 系统日期 {day}"), test_day: Some(day) }
    }
}

/// The surroundings of a page for someone signed in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Frame {
    /// Name of the person.
    pub user_name: String,
    /// Role in Chinese.
    pub role_label: String,
    /// Organisation the role is held in.
    pub organisation: String,
    /// Token of this session that every form sends back.
    pub csrf: String,
    /// Fresh for every rendering; forms append their own name, so sending one twice is harmless.
    pub form_key: String,
    /// Left menu.
    pub menu: Vec<MenuGroup>,
    /// What the reader is told on every page: windows in which files rest.
    pub notices: Vec<String>,
    /// Award year shown by default.
    pub year: i32,
    /// What stands above every page of an installation that is not the real one.
    pub ribbon: Option<Ribbon>,
    /// Today's date with weekday.
    pub today: String,
    /// Message of the action just done.
    pub flash: Option<Flash>,
    /// Number of this request, to quote when asking for help.
    pub request_id: String,
}

/// The surroundings of the pages of a person about themselves: no menu, no office.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OwnFrame {
    /// Name of the person.
    pub name: String,
    /// Official number of the person.
    pub no: String,
    /// Token that every form sends back.
    pub csrf: String,
    /// Fresh for every rendering.
    pub form_key: String,
    /// What stands above every page of an installation that is not the real one.
    pub ribbon: Option<Ribbon>,
    /// Today's date with weekday.
    pub today: String,
    /// Message of the action just done.
    pub flash: Option<Flash>,
    /// Number of this request.
    pub request_id: String,
}

impl OwnFrame {
    /// For samples of pages.
    pub fn sample() -> Self {
        Self {
            name: "张三".into(),
            no: "E000127".into(),
            csrf: "sample-csrf".into(),
            form_key: "sample-key".into(),
            today: "2026-11-24 星期二".into(),
            request_id: "7F3A-19C2".into(),
            ..Self::default()
        }
    }
}

/// The surroundings of a page before sign-in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PublicFrame {
    /// Token that every form sends back.
    pub csrf: String,
    /// Fresh for every rendering.
    pub form_key: String,
    /// What stands above every page of an installation that is not the real one.
    pub ribbon: Option<Ribbon>,
    /// Message of the action just done.
    pub flash: Option<Flash>,
    /// Number of this request.
    pub request_id: String,
}

impl PublicFrame {
    /// For samples of pages.
    pub fn sample() -> Self {
        Self {
            csrf: "sample-csrf".into(),
            form_key: "sample-key".into(),
            request_id: "7F3A-19C2".into(),
            ..Self::default()
        }
    }
}

/// Addresses of the sample roles.
pub(crate) const FINANCE: &[&str] = &[
    "/",
    "/overview",
    "/enterprises",
    "/engineers",
    "/entitlements",
    "/batches",
    "/suspense",
    "/holds",
    "/tax",
    "/recoveries",
    "/reconciliation",
    "/budget",
    "/exchange-rates",
    "/policies",
    "/catalogue",
];
const HUMAN_RESOURCES: &[&str] = &[
    "/",
    "/overview",
    "/enterprises",
    "/engineers",
    "/lists/enterprises",
    "/roster/declarations",
    "/duplicates",
    "/programmes",
    "/experts",
    "/trainings",
    "/hr-institutions",
    "/imports",
    "/runs",
    "/entitlements",
    "/measures",
    "/policies",
    "/catalogue",
];
const AUDITOR: &[&str] = &[
    "/",
    "/overview",
    "/enterprises",
    "/engineers",
    "/entitlements",
    "/batches",
    "/lookups",
    "/policies",
    "/catalogue",
    "/audit",
    "/audit/verification",
];

impl Frame {
    /// Whether the menu leads there: a link to a page that is refused is a dead end.
    pub fn leads_to(&self, href: &str) -> bool {
        self.menu.iter().flat_map(|group| &group.items).any(|item| item.href == href)
    }

    /// How many messages are unread.
    pub fn unread(&self) -> i64 {
        let mut items = self.menu.iter().flat_map(|group| &group.items);
        items.find(|item| item.href == "/notifications").map_or(0, |item| item.badge)
    }

    fn sample(who: [&str; 3], allowed: &[&str], current: &str) -> Self {
        let [user_name, role_label, organisation] = who.map(str::to_owned);
        Self {
            user_name,
            role_label,
            organisation,
            csrf: "sample-csrf".into(),
            form_key: "sample-key".into(),
            menu: menu(allowed, current, &[("/roster/declarations", 26), ("/batches", 2)]),
            notices: Vec::new(),
            year: 2026,
            ribbon: None,
            today: "2026-11-24 星期二".into(),
            flash: None,
            request_id: "7F3A-19C2".into(),
        }
    }

    /// A human-resources officer, for samples of pages.
    pub fn sample_hr(current: &str) -> Self {
        let who = ["林晓岚", "人社经办", "福建省人力资源和社会保障厅"];
        Self::sample(who, HUMAN_RESOURCES, current)
    }

    /// A finance officer, for samples of pages.
    pub fn sample_finance(current: &str) -> Self {
        Self::sample(["陈国栋", "财务复核", "福建省财政厅"], FINANCE, current)
    }

    /// An auditor, for samples of pages.
    pub fn sample_auditor(current: &str) -> Self {
        Self::sample(["周敏", "审计", "福建省审计厅"], AUDITOR, current)
    }

    /// A system administrator, for samples of pages.
    pub fn sample_admin(current: &str) -> Self {
        Self::sample(["吴志强", "系统管理员", "福建省数据中心"], &["/", "/accounts"], current)
    }

    /// A security administrator, for samples of pages.
    pub fn sample_security(current: &str) -> Self {
        let menu = &["/", "/authorisations", "/sessions", "/audit"];
        Self::sample(["钱安", "安全管理员", "福建省数据中心"], menu, current)
    }

    /// The same frame with a message.
    #[must_use]
    pub fn saying(mut self, kind: &'static str, text: &str) -> Self {
        self.flash = Some(Flash { kind, text: text.into() });
        self
    }

    /// The same frame with the ribbon of a demonstration installation.
    #[must_use]
    pub fn in_demonstration(mut self) -> Self {
        self.ribbon = Some(Ribbon::demonstration());
        self
    }

    /// The same frame with the ribbon of an installation to test with.
    #[must_use]
    pub fn in_test(mut self, day: &str) -> Self {
        self.ribbon = Some(Ribbon::test(day));
        self
    }
}
