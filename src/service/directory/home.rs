//! The desk: what waits for the person signed in, by role, and what the office did lately.

use std::collections::HashMap;

use crate::app::App;
use crate::clock::china_time;
use crate::domain::authority::{Act, Scope};
use crate::domain::money::Fen;
use crate::domain::roster::filing;
use crate::service::{Actor, Error, account, budget, stipend, talent_programme};
use crate::store::directory::{self as store, EngineerFilter, Missing, Unconfirmed};
use crate::store::{account_filing, change_request, merge, own_page};

pub use crate::store::directory::{EventRow, Figures};

/// Events shown.
const EVENTS: u64 = 10;
/// Verbs that are no news to the office: who came and went.
const NO_NEWS: &[&str] = &[
    "session.opened",
    "session.closed",
    "session.ended",
    "session.refused",
    "access.refused",
    "engineer.looked_up",
    "batch.file_downloaded",
];

/// Something that waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Task {
    /// What.
    pub label: &'static str,
    /// How many.
    pub count: i64,
    /// What is expected.
    pub hint: String,
    /// Where it is done.
    pub href: &'static str,
    /// Money or eligibility is at stake.
    pub urgent: bool,
}

impl Task {
    fn new(label: &'static str, count: i64, hint: &str, href: &'static str, urgent: bool) -> Self {
        Self { label, count, hint: hint.to_owned(), href, urgent }
    }
}

/// The page after sign-in.
#[derive(Debug, Clone, Default)]
pub struct Desk {
    /// What waits; nothing with a count of 0.
    pub tasks: Vec<Task>,
    /// Totals of the year; `None` for those who see no business data.
    pub figures: Option<Figures>,
    /// Whole per cent of what is due that is paid, 0 to 100.
    pub paid_percent: i64,
    /// The last events of the actor's organisation, newest first; none for administrators.
    pub events: Vec<EventRow>,
}

/// What waits for the actor, the totals of `year` within the actor's scope, and the last events.
///
/// # Errors
/// When the database fails.
pub async fn home(app: &App, actor: &Actor, year: i32) -> Result<Desk, Error> {
    let read = app.db.read();
    let figures = if actor.scope == Scope::Nothing {
        None
    } else {
        let today = app.clock.today();
        Some(store::figures(read, &actor.scope, today, i64::from(year)).await?)
    };
    let mut tasks = registry_tasks(app, actor, year).await?;
    tasks.extend(money_tasks(app, actor).await?);
    tasks.extend(administration_tasks(app, actor).await?);
    tasks.retain(|task| task.count > 0);
    let events = if actor.role.is_administrator() {
        // None of the three reads here what the two others did.
        Vec::new()
    } else {
        store::recent_events(read, actor.organisation_id, NO_NEWS, EVENTS).await?
    };
    let paid_percent = figures.as_ref().map_or(0, |f| per_cent(f.paid, f.entitled));
    Ok(Desk { tasks, figures, paid_percent, events })
}

/// Whole per cent, cut off at 0 and 100; nothing of nothing is 0.
fn per_cent(part: Fen, whole: Fen) -> i64 {
    let (part, whole) = (i128::from(part.get()), i128::from(whole.get()));
    let share = if whole > 0 { part * 100 / whole } else { 0 };
    i64::try_from(share.clamp(0, 100)).unwrap_or(0)
}

/// How many things wait at addresses of the menu; none with 0. At most six statements: every page
/// asks for them.
///
/// # Errors
/// When the database fails.
pub async fn badges(app: &App, actor: &Actor) -> Result<Vec<(&'static str, i64)>, Error> {
    let read = app.db.read();
    let mut badges = Vec::new();
    if actor.role.may(Act::ConfirmRoster) {
        badges.push(("/roster/declarations", store::declarations(read, &actor.scope).await?.count));
    }
    let waiting = crate::service::case::waiting_for(app, actor).await?;
    badges.push(("/cases", waiting));
    badges.push(("/notifications", crate::service::notification::unread(app, actor).await?));
    if actor.role.may(Act::ConfirmAccounts) {
        let count = account_filing::count_open(read, &actor.scope, actor.holder_id).await?;
        badges.push(("/account-filings", count));
    }
    if actor.role.may(Act::CorrectFacts) {
        let count = change_request::count_open(read, &actor.scope, actor.holder_id).await?;
        badges.push(("/change-requests", count));
    }
    if actor.role.may(Act::MergePersons) {
        let waiting = merge::open_requests(read).await?.len();
        badges.push(("/duplicates", i64::try_from(waiting).unwrap_or(i64::MAX)));
    }
    if imports(actor) {
        badges.push(("/imports", store::count_previewed_imports(read, actor.account_id).await?));
    }
    if handles_money(actor) {
        let states = batches(app, actor).await?;
        badges.push(("/budget", budget::requests_waiting(app, actor).await?));
        badges.push(("/batches", steps(actor).iter().map(|step| states.of(step.state)).sum()));
        badges.push(("/suspense", store::count_suspense(read, &actor.division).await?));
    }
    if actor.role.may(Act::AuthoriseAccounts) {
        badges.push(("/authorisations", account::count_waiting(app).await?));
    }
    badges.retain(|(_, count)| *count > 0);
    Ok(badges)
}

/// What the system administrator asked for and the security administrator has not decided.
async fn administration_tasks(app: &App, actor: &Actor) -> Result<Vec<Task>, Error> {
    let (label, hint, href) = if actor.role.may(Act::AuthoriseAccounts) {
        ("账号事项待授权", "核对申请和依据后授权或退回", "/authorisations")
    } else if actor.role.may(Act::ManageAccounts) {
        ("已申请，待安全管理员授权", "授权前账号不能使用，变更不生效", "/accounts")
    } else {
        return Ok(Vec::new());
    };
    let count = account::count_waiting(app).await?;
    Ok(vec![Task::new(label, count, hint, href, false)])
}

fn imports(actor: &Actor) -> bool {
    actor.role.may(Act::ImportRegistry) || actor.role.may(Act::FileEngineers)
}

fn handles_money(actor: &Actor) -> bool {
    [Act::MakeBatch, Act::CheckBatch, Act::ApproveBatch].iter().any(|act| actor.role.may(*act))
}

async fn registry_tasks(app: &App, actor: &Actor, year: i32) -> Result<Vec<Task>, Error> {
    let read = app.db.read();
    let mut tasks = Vec::new();
    if actor.role.may(Act::ConfirmRoster) {
        let waiting = store::declarations(read, &actor.scope).await?;
        let since = waiting.oldest.map(|at| china_time(at).format("%Y-%m-%d").to_string());
        let hint = since.map_or_else(String::new, |day| format!("最早提交于 {day}"));
        tasks.push(Task::new("名册待确认", waiting.count, &hint, "/roster/declarations", false));
    }
    if imports(actor) {
        let count = store::count_previewed_imports(read, actor.account_id).await?;
        tasks.push(Task::new(
            "导入待决定",
            count,
            "已预览，确认或放弃后才算完成",
            "/imports",
            false,
        ));
    }
    if actor.role.may(Act::CorrectFacts) {
        let amounts = own_page::count_year_disputes(read, &actor.scope).await?;
        let count = own_page::count_disputes(read, &actor.scope).await? + amounts;
        let hint = "工程师对申报内容或金额有异议，核实后更正或答复";
        tasks.push(Task::new("本人异议待处理", count, hint, "/disputes", true));
    }
    if actor.role.may(Act::ConfirmAccounts) {
        let count = account_filing::count_open(read, &actor.scope, actor.holder_id).await?;
        let hint = "由他人填报，核对后确认或退回";
        tasks.push(Task::new("收款账户待确认", count, hint, "/account-filings", false));
    }
    if actor.role.may(Act::CorrectFacts) {
        let count = change_request::count_open(read, &actor.scope, actor.holder_id).await?;
        let hint = "由他人提出，对照依据文件核对后确认或退回";
        tasks.push(Task::new("变更申请待核对", count, hint, "/change-requests", false));
    }
    for changed in stipend::changed_years(app, actor).await? {
        let hint = format!("{} 年度上次核定以后有事实变更，重新核定后提出补发或追回", changed.year);
        tasks.push(Task::new("核定后有变更的人员", changed.persons, &hint, "/runs", false));
    }
    tasks.extend(province_tasks(app, actor).await?);
    if actor.role.may(Act::FileEngineers) || actor.role.may(Act::CorrectFacts) {
        let filter = EngineerFilter::all(app.clock.today(), i64::from(year));
        let lacking = async |missing| {
            let filter = EngineerFilter { missing: Some(missing), ..filter.clone() };
            store::count_engineers(read, &actor.scope, &filter).await
        };
        if let Some((from, to)) = filing::last_months(app.clock.today()) {
            let count = lacking(Missing::Evidence { from, to }).await?;
            let hint = "在册人员连续两个月没有社保、个税或工作许可记录";
            tasks.push(Task::new("证据月份断档", count, hint, "/engineers?missing=evidence", true));
        }
        let count = lacking(Missing::Account).await?;
        let hint = "登记收款账户后才能进入发放批次";
        tasks.push(Task::new("未登记收款账户", count, hint, "/engineers?missing=account", false));
        if actor.role.is_of_enterprise() {
            let count = lacking(Missing::Confirmation(Unconfirmed::Either)).await?;
            let hint = "请工程师登录本人页面，确认企业申报和收款账户";
            tasks.push(Task::new("本人尚未确认", count, hint, "/confirmations", false));
        }
    }
    Ok(tasks)
}

/// What waits for a second person of the province.
async fn province_tasks(app: &App, actor: &Actor) -> Result<Vec<Task>, Error> {
    let mut tasks = Vec::new();
    if talent_programme::may_keep(actor) {
        let count = talent_programme::results_waiting(app, actor).await?;
        let hint = "由他人登记或导入，对照文件确认或退回，确认后才计入其他奖补";
        tasks.push(Task::new("评选结果待确认", count, hint, "/programmes", false));
    }
    if actor.role.may(Act::DraftPolicies) {
        let count = crate::service::policy::waiting_for(app, actor).await?;
        let hint = "由他人提出，对照依据文件和标准算例后发布或退回";
        tasks.push(Task::new("政策草稿待发布", count, hint, "/policies", false));
        let count = crate::service::policy::ending(app, actor).await?;
        let hint = "到期以后的年度不能核定；政策延续的，请提出新正文";
        tasks.push(Task::new("政策即将到期", count, hint, "/policies", true));
    }
    Ok(tasks)
}

/// What a role does with batches in a state.
struct Step {
    act: Act,
    state: &'static str,
    label: &'static str,
    hint: &'static str,
    href: &'static str,
    /// Only batches that somebody else made and checked.
    needs_another: bool,
}

const STEPS: &[Step] = &[
    Step {
        act: Act::MakeBatch,
        state: "draft",
        label: "批次编制中",
        hint: "冻结后提交复核",
        href: "/batches?state=draft",
        needs_another: false,
    },
    Step {
        act: Act::CheckBatch,
        state: "frozen",
        label: "批次待复核",
        hint: "由编制人以外的人复核",
        href: "/batches?state=frozen",
        needs_another: true,
    },
    Step {
        act: Act::ApproveBatch,
        state: "checked",
        label: "批次待审批",
        hint: "由编制人、复核人以外的人审批",
        href: "/batches?state=checked",
        needs_another: true,
    },
    Step {
        act: Act::MakeBatch,
        state: "approved",
        label: "待出银行文件",
        hint: "已审批，可以生成银行文件",
        href: "/batches?state=approved",
        needs_another: false,
    },
    Step {
        act: Act::MakeBatch,
        state: "file_issued",
        label: "待送银行",
        hint: "文件送交银行后登记",
        href: "/batches?state=file_issued",
        needs_another: false,
    },
    Step {
        act: Act::MakeBatch,
        state: "sent",
        label: "待收回单",
        hint: "收到银行回单后载入",
        href: "/batches?state=sent",
        needs_another: false,
    },
    Step {
        act: Act::ApproveBatch,
        state: "settled",
        label: "批次待关闭",
        hint: "已全部结清，核对后关闭",
        href: "/batches?state=settled",
        needs_another: false,
    },
];

fn steps(actor: &Actor) -> Vec<&'static Step> {
    STEPS.iter().filter(|step| actor.role.may(step.act)).collect()
}

/// Batches of the actor's payer by state.
struct Batches {
    all: HashMap<String, i64>,
    of_others: HashMap<String, i64>,
}

impl Batches {
    fn of(&self, state: &str) -> i64 {
        let needs_another = STEPS.iter().any(|step| step.state == state && step.needs_another);
        let counts = if needs_another { &self.of_others } else { &self.all };
        counts.get(state).copied().unwrap_or(0)
    }
}

async fn batches(app: &App, actor: &Actor) -> Result<Batches, Error> {
    let (read, payer) = (app.db.read(), &actor.division);
    Ok(Batches {
        all: store::count_batches(read, payer, None).await?,
        of_others: store::count_batches(read, payer, Some(actor.holder_id)).await?,
    })
}

async fn money_tasks(app: &App, actor: &Actor) -> Result<Vec<Task>, Error> {
    if !handles_money(actor) {
        return Ok(Vec::new());
    }
    let (read, payer) = (app.db.read(), &actor.division);
    let states = batches(app, actor).await?;
    let mut tasks: Vec<Task> = steps(actor)
        .iter()
        .map(|step| Task::new(step.label, states.of(step.state), step.hint, step.href, false))
        .collect();
    if actor.role.may(Act::MakeBatch) {
        let count = store::count_payable(read, payer).await?;
        tasks.push(Task::new("可编批次的资金", count, "应付未付的笔数", "/batches/new", false));
    }
    if actor.role.may(Act::CheckBatch) {
        let count = store::count_returns_to_confirm(read, payer, actor.holder_id).await?;
        tasks.push(Task::new("回单待确认", count, "由载入人以外的人确认", "/batches", false));
    }
    let count = budget::requests_waiting(app, actor).await?;
    tasks.push(Task::new("指标待确认", count, "由他人经办，对照文件确认或退回", "/budget", false));
    let count = store::count_suspense(read, payer).await?;
    tasks.push(Task::new("待查退款", count, "查明以前，批次不能关闭", "/suspense", true));
    Ok(tasks)
}
