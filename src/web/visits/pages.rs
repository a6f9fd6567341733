//! Visits, planning one, claiming it, one visit.
#![expect(missing_docs, reason = "view fields carry the words of their template")]

use askama::Template;

use crate::domain::draft::DraftForm;
use crate::web::drafts::DraftNote;
use crate::web::form::{Choice, FormState};
use crate::web::frame::Frame;
use crate::web::words::{Pager, Yuan};

/// A visit.
#[derive(Debug, Clone, Default)]
pub struct VisitRow {
    pub no: String,
    pub visitor_no: String,
    pub visitor: String,
    pub enterprise: String,
    pub about: String,
    pub state: &'static str,
    pub due_on: String,
    pub overdue: bool,
}

/// `/visits`.
#[derive(Debug, Clone, Template)]
#[template(path = "visits/list.html")]
pub struct Visits {
    pub frame: Frame,
    /// Field: state.
    pub filter: FormState,
    pub states: Vec<Choice>,
    pub rows: Vec<VisitRow>,
    pub pager: Pager,
    pub may_invite: bool,
}

fn sample_row(state: &'static str) -> VisitRow {
    VisitRow {
        no: "LF2027-00001".into(),
        visitor_no: "E001207".into(),
        visitor: "SMITH ANNA".into(),
        enterprise: "福州某某智能科技有限公司".into(),
        about: "多模态大模型联合研究，2027-05-11 至 2027-05-22".into(),
        state,
        due_on: "2027-04-09".into(),
        overdue: state == "已入境",
    }
}

impl Visits {
    /// Some and none.
    pub fn samples() -> Vec<Self> {
        let page = |rows: Vec<VisitRow>, may_invite| Self {
            frame: Frame::sample_hr("/visits"),
            filter: FormState::new("filter").with("state", "filed"),
            states: Choice::list(&[("draft", "拟邀请"), ("filed", "邀请待审")]),
            pager: Pager::single(i64::try_from(rows.len()).unwrap_or(0)),
            rows,
            may_invite,
        };
        let states = ["拟邀请", "邀请待审", "已入境", "核减待确认", "已发放", "不予支持"];
        vec![page(states.map(sample_row).to_vec(), true), page(Vec::new(), false)]
    }
}

/// `/visits/new`, `/visits/{no}/plan`.
#[derive(Debug, Clone, Template)]
#[template(path = "visits/plan.html")]
pub struct VisitNew {
    pub frame: Frame,
    /// Empty for a new one.
    pub no: String,
    /// Fields: name, country, passport, birth (new ones only), origin, arrival, exit, purpose, basis,
    /// detail, budget.
    pub form: FormState,
    pub draft: DraftNote,
    pub bases: Vec<Choice>,
}

impl VisitNew {
    /// A new one, one with errors, one that is changed.
    pub fn samples() -> Vec<Self> {
        let page = |no: &str, form| Self {
            frame: Frame::sample_hr("/visits"),
            no: no.into(),
            form,
            draft: DraftNote::sample(DraftForm::VisitPlan, no),
            bases: Choice::list(&[("post", "在海外任职"), ("doctorate", "在海外取得博士学位")]),
        };
        let fresh = || FormState::new("visit");
        let wrong = fresh()
            .with("country", "美国")
            .wrong("country", "国家或地区代码应为三位字母")
            .wrong("exit", "离境日期不能早于入境日期，且在闽不超过一年");
        vec![page("", fresh()), page("", wrong), page("LF2027-00001", fresh())]
    }
}

/// Names of the fields of a cost.
#[derive(Debug, Clone)]
pub struct CostFields {
    pub expense: String,
    pub class: String,
    pub route: String,
    pub amount: String,
    pub currency: String,
    pub paid: String,
    pub rate: String,
    pub economy: String,
    pub document: String,
    pub passenger: String,
    pub original: String,
    pub refund: String,
    pub refund_no: String,
}

impl CostFields {
    /// Those of the cost with this number.
    pub fn of(number: usize) -> Self {
        let name = |field: &str| format!("{field}-{number}");
        Self {
            expense: name("expense"),
            class: name("class"),
            route: name("route"),
            amount: name("amount"),
            currency: name("currency"),
            paid: name("paid"),
            rate: name("rate"),
            economy: name("economy"),
            document: name("document"),
            passenger: name("passenger"),
            original: name("original"),
            refund: name("refund"),
            refund_no: name("refund_no"),
        }
    }
}

/// `/visits/{no}/claim`.
#[derive(Debug, Clone, Template)]
#[template(path = "visits/claim.html")]
pub struct VisitClaimPage {
    pub frame: Frame,
    pub no: String,
    /// Fields: origin, exit, work_days, other_payer, costs_by, and those of each cost.
    pub form: FormState,
    pub draft: DraftNote,
    pub bearers: Vec<Choice>,
    pub expenses: Vec<Choice>,
    pub classes: Vec<Choice>,
    pub costs: Vec<CostFields>,
}

impl VisitClaimPage {
    /// Fresh, and with errors.
    pub fn samples() -> Vec<Self> {
        let page = |form| Self {
            frame: Frame::sample_hr("/visits"),
            no: "LF2027-00001".into(),
            form,
            draft: DraftNote::sample(DraftForm::VisitClaim, "LF2027-00001"),
            bearers: Choice::list(&[("employer", "用人单位垫付"), ("visitor", "来访人自付")]),
            expenses: Choice::list(&[("fare", "国际机票"), ("visa", "签证费")]),
            classes: Choice::list(crate::domain::travel::FARE_CLASSES),
            costs: (1..=12).map(CostFields::of).collect(),
        };
        let fresh = || FormState::new("claim").with("origin", "US");
        let wrong = fresh()
            .with("expense-1", "fare")
            .with("document-1", "781-2400123456")
            .wrong("work_days", "“5月11日”不是日期，请写成 2026-05-11 或 2026-05-11 至 2026-05-22")
            .with("passenger-1", "LI/NA")
            .wrong("passenger-1", "客票乘机人不是来访人（SMITH ANNA），他人的客票不能申报")
            .wrong("document-1", "这张客票已在另一件来访申报中使用，同一客票只能申报一次");
        vec![page(fresh()), page(wrong)]
    }
}

/// A plan that is or was on record.
#[derive(Debug, Clone)]
pub struct PlanRow {
    pub days: String,
    pub origin: String,
    pub purpose: String,
    pub overseas: String,
    pub budget: Yuan,
    pub at: String,
    /// 现行 or 已被替代.
    pub state: &'static str,
}

/// A cost.
#[derive(Debug, Clone, Default)]
pub struct CostRow {
    pub seq: i64,
    pub what: String,
    /// The legs; empty for other costs than fares.
    pub route: Vec<String>,
    /// Empty for other costs than fares.
    pub passenger: String,
    pub amount: String,
    /// What came back, with the number of its slip; empty when nothing did.
    pub refund: String,
    /// Empty without one.
    pub economy: String,
    pub paid_on: String,
    pub rate: String,
    pub document_no: String,
    /// Empty without one.
    pub original_no: String,
    /// Empty when nothing was cut.
    pub accepted: String,
    pub reason: String,
}

/// A step of the reckoning.
#[derive(Debug, Clone)]
pub struct StepRow {
    pub rule: String,
    pub lines: Vec<String>,
    pub basis: String,
}

/// What a claim is due.
#[derive(Debug, Clone, Default)]
pub struct DueRow {
    /// What is wrong; then nothing else is filled.
    pub wrong: Vec<String>,
    /// Why nothing is due; empty when something is.
    pub reasons: String,
    pub subsidy: Yuan,
    pub allowance: Yuan,
    pub allowance_days: u32,
    pub total: Yuan,
    pub steps: Vec<StepRow>,
}

/// Money that was granted.
#[derive(Debug, Clone)]
pub struct GrantRow {
    pub what: &'static str,
    pub to: &'static str,
    pub amount: Yuan,
    pub state: &'static str,
}

/// `/visits/{no}`.
#[derive(Debug, Clone, Template)]
#[template(path = "visits/visit.html")]
pub struct VisitPage {
    pub frame: Frame,
    pub facts: VisitRow,
    /// Masked.
    pub passport: String,
    pub birth: String,
    pub age: u32,
    /// The one that holds first.
    pub plans: Vec<PlanRow>,
    pub arrived_on: String,
    /// Empty before anything is claimed.
    pub trip: String,
    pub work_days: String,
    pub costs_by: &'static str,
    pub other_payer: Yuan,
    pub claimed_at: String,
    pub costs: Vec<CostRow>,
    pub due: Option<DueRow>,
    pub differences: Vec<String>,
    /// Empty when the entry was reported in time.
    pub late: String,
    pub grants: Vec<GrantRow>,
    /// Bank and last four digits; empty without one.
    pub account: String,
    pub may_plan: bool,
    pub may_claim: bool,
    /// Fields: line, accepted, reason. `None` when not allowed.
    pub cut: Option<FormState>,
    /// Fields: account_name, account_number, bank_name, cnaps, reason. `None` when not allowed.
    pub pay: Option<FormState>,
}

impl VisitPage {
    /// Whether a form has to be corrected.
    pub fn has_errors(&self) -> bool {
        self.cut.iter().chain(&self.pay).any(FormState::has_errors)
    }

    /// What can be chosen to be cut.
    pub fn choices(&self) -> Vec<Choice> {
        let choice = |row: &CostRow| Choice {
            value: row.seq.to_string(),
            label: format!("{}. {} {}", row.seq, row.what, row.amount),
        };
        self.costs.iter().map(choice).collect()
    }

    /// Planned, claimed with a cut, granted.
    pub fn samples() -> Vec<Self> {
        let plan = |state| PlanRow {
            days: "2027-05-11 至 2027-05-22".into(),
            origin: "US".into(),
            purpose: "多模态大模型联合研究".into(),
            overseas: "在海外任职：某大学 助理教授".into(),
            budget: Yuan::whole(25_000),
            at: "2027-03-01 09:00".into(),
            state,
        };
        let planned = Self {
            frame: Frame::sample_hr("/visits"),
            facts: sample_row("拟邀请"),
            passport: "USA AB****23".into(),
            birth: "1990-05-01".into(),
            age: 36,
            plans: vec![plan("现行"), plan("已被替代")],
            arrived_on: String::new(),
            trip: String::new(),
            work_days: String::new(),
            costs_by: "",
            other_payer: Yuan::default(),
            claimed_at: String::new(),
            costs: Vec::new(),
            due: None,
            differences: Vec::new(),
            late: String::new(),
            grants: Vec::new(),
            account: String::new(),
            may_plan: true,
            may_claim: false,
            cut: None,
            pay: Some(FormState::new("account").wrong("cnaps", "联行号应为12位数字")),
        };
        let claimed = Self::sample_claimed(&planned);
        let wrong = DueRow {
            wrong: vec!["缺少汇率（每 100 外币折合的人民币数）".into()],
            ..DueRow::default()
        };
        let unclear = Self { due: Some(wrong), cut: None, ..claimed.clone() };
        vec![planned, claimed, unclear]
    }

    fn sample_claimed(planned: &Self) -> Self {
        let cost = CostRow {
            seq: 1,
            what: "国际机票（经济舱）".into(),
            route: vec![
                "2027-05-10 波士顿—香港 CX811".into(),
                "2027-05-11 香港—福州 MF382".into(),
                "2027-05-22 福州—波士顿 MF849".into(),
            ],
            passenger: "SMITH/ANNA MS".into(),
            amount: "USD 1850.00".into(),
            refund: "120.00（退票单 R-20117）".into(),
            economy: String::new(),
            paid_on: "2027-04-20".into(),
            rate: "710.5".into(),
            document_no: "781-2400123456".into(),
            original_no: "781-2400123001".into(),
            accepted: "1800.00".into(),
            reason: "燃油附加费重复计算".into(),
        };
        let step = StepRow {
            rule: "费用折算".into(),
            lines: vec!["国际机票（economy） USD 1800.00 × 710.5 ÷ 100 = 12789.00 元。".into()],
            basis: "默认参数".into(),
        };
        let due = DueRow {
            subsidy: Yuan::whole(12_789),
            allowance: Yuan::whole(9_600),
            allowance_days: 12,
            total: Yuan::whole(22_389),
            steps: vec![step],
            ..DueRow::default()
        };
        let grant = GrantRow {
            what: "差旅补贴",
            to: "用人单位",
            amount: Yuan::whole(12_789),
            state: "待付",
        };
        Self {
            facts: sample_row("申报待核"),
            arrived_on: "2027-05-11".into(),
            trip: "2027-05-11 至 2027-05-22".into(),
            work_days: "2027-05-11 至 2027-05-22（12 天）".into(),
            costs_by: "用人单位垫付",
            claimed_at: "2027-06-01 10:00".into(),
            costs: vec![cost],
            due: Some(due),
            late: "2027-05-18 才报告入境，应在 2027-05-16 前报告".into(),
            differences: vec!["计划 2027-05-20 离境，实际 2027-05-22".into()],
            grants: vec![grant],
            account: "中国银行福州分行，尾号 0568".into(),
            may_plan: false,
            may_claim: true,
            cut: Some(FormState::new("cut").wrong("reason", "请填写核减原因")),
            pay: None,
            ..planned.clone()
        }
    }
}
