//! Money set aside, by source, payer and year.
#![expect(missing_docs, reason = "view fields carry the words of their template")]

use askama::Template;

use crate::service::budget::MONTH_HEADS;
use crate::web::form::{Choice, FormState};
use crate::web::frame::Frame;
use crate::web::words::{Pager, Yuan};

/// A line: balance = allotted + carried - frozen - sent - paid - returned.
#[derive(Debug, Clone, Default)]
pub struct BudgetRow {
    pub year: i64,
    /// Address of the entries behind the figures.
    pub entries_href: String,
    /// Address of what becomes of the rest of a year that is over, when there is a rest and the
    /// reader may.
    pub year_end_href: Option<String>,
    pub programme: String,
    pub source: String,
    pub payer: String,
    pub allotted: Yuan,
    /// From the year before, less what went on.
    pub carried: Yuan,
    /// In batches that have not gone to the bank.
    pub frozen: Yuan,
    /// At the bank, without an answer.
    pub sent: Yuan,
    pub paid: Yuan,
    /// Failed or sent back, over all time.
    pub failed: Yuan,
    /// Came back after the year: the treasury's.
    pub returned: Yuan,
    pub balance: Yuan,
}

/// Money set aside, taken back, carried over or given up by a document.
#[derive(Debug, Clone, Default)]
pub struct RequestRow {
    pub no: String,
    pub act: &'static str,
    /// 待确认, 已入账 or 已退回.
    pub state: &'static str,
    pub year: i64,
    pub programme: String,
    pub source: String,
    pub payer: String,
    pub document_no: String,
    /// The treasury's codes; empty when the document gives none.
    pub codes: String,
    pub amount: Yuan,
    pub proposed: String,
    /// Empty while it waits.
    pub decided: String,
    pub note: String,
    /// Fields: verdict, note. `None` for those who cannot decide it.
    pub decision: Option<FormState>,
}

/// `/budget`.
#[derive(Debug, Clone, Template)]
#[template(path = "budget/list.html")]
pub struct BudgetList {
    pub frame: Frame,
    pub rows: Vec<BudgetRow>,
    pub requests: Vec<RequestRow>,
    /// Fields: programme, year, source, payer, amount, document_no. `None` when not allowed.
    pub form: Option<FormState>,
    pub programmes: Vec<Choice>,
    pub sources: Vec<Choice>,
    pub payers: Vec<Choice>,
}

impl BudgetList {
    /// Whether the form has to be corrected.
    pub fn has_errors(&self) -> bool {
        let decisions = self.requests.iter().filter_map(|row| row.decision.as_ref());
        self.form.iter().chain(decisions).any(FormState::has_errors)
    }

    /// Some, none, a wrong amount, one to decide, sent back without a reason.
    pub fn samples() -> Vec<Self> {
        let page = |rows: Vec<BudgetRow>, form| Self {
            frame: Frame::sample_finance("/budget"),
            requests: if rows.is_empty() { vec![] } else { requests(None) },
            rows,
            form,
            programmes: Choice::list(&[("core-engineer", "核心工程师年度奖补")]),
            sources: Choice::list(&[("province", "省级财政"), ("xiamen", "厦门市财政")]),
            payers: Choice::list(&[("fj", "福建省财政")]),
        };
        let form = || FormState::new("budget").with("year", "2026");
        let decision = || FormState::new("ZB000003");
        let no_reason = decision().wrong("note", "请填写退回原因");
        let wrong = form()
            .with("amount", "5000万")
            .with("source", "province")
            .wrong("amount", "金额应为最多两位小数的数字，例如 50000000.00")
            .wrong("document_no", "请填写指标文号");
        vec![
            page(rows(), Some(form())),
            page(vec![], Some(form())),
            page(rows(), Some(wrong)),
            Self { requests: requests(Some(decision())), ..page(rows(), None) },
            Self { requests: requests(Some(no_reason)), ..page(rows(), None) },
        ]
    }
}

fn rows() -> Vec<BudgetRow> {
    let row = |source: &str, payer: &str, sums: [i64; 6]| {
        let [allotted, frozen, sent, paid, failed, balance] = sums.map(Yuan::whole);
        BudgetRow {
            year: 2026,
            entries_href: "/budget/entries?year=2026".into(),
            year_end_href: Some("/budget/year-end?year=2026".into()),
            programme: "核心工程师年度奖补".into(),
            source: source.into(),
            payer: payer.into(),
            allotted,
            frozen,
            sent,
            paid,
            failed,
            balance,
            ..BudgetRow::default()
        }
    };
    let province = [260_000_000, 40_000_000, 20_000_000, 168_200_000, 200_000, 31_800_000];
    vec![
        row("省级财政", "福建省财政", province),
        row("市级财政", "厦门市财政", [20_000_000, 21_400_000, 0, 0, 0, -1_400_000]),
    ]
}

fn requests(decision: Option<FormState>) -> Vec<RequestRow> {
    let request = |no: &str, act, state, yuan| RequestRow {
        no: no.into(),
        act,
        state,
        year: 2026,
        programme: "核心工程师年度奖补".into(),
        source: "省级财政".into(),
        payer: "福建省财政".into(),
        document_no: "闽财指〔2026〕88 号".into(),
        codes: "单位 101001 · 功能 2080799 · 项目 35000026T000001".into(),
        amount: Yuan::whole(yuan),
        proposed: "2026-11-20 09:12 黄颖".into(),
        ..RequestRow::default()
    };
    let decided = || "2026-11-20 10:00 何炜".to_owned();
    vec![
        RequestRow { decision, ..request("ZB000003", "结转下年", "待确认", 31_800_000) },
        RequestRow {
            decided: decided(),
            note: "文号有误".into(),
            ..request("ZB000002", "下达", "已退回", -10_000_000)
        },
        RequestRow {
            decided: decided(), ..request("ZB000001", "下达", "已入账", 270_000_000)
        },
    ]
}

/// A movement in the books.
#[derive(Debug, Clone, Default)]
pub struct EntryRow {
    pub no: i64,
    pub at: String,
    pub event: &'static str,
    pub from: &'static str,
    pub to: &'static str,
    pub amount: Yuan,
    /// Budget year and source.
    pub budget_line: String,
    pub payer: String,
    /// Year the money is for; empty while that is open.
    pub award_year: String,
    /// Day on which the bank paid; may be empty.
    pub paid_on: String,
    /// Number of the batch or document.
    pub about: String,
    /// Its address, where it has one.
    pub about_href: Option<String>,
    pub who: String,
}

/// `/budget/entries`.
#[derive(Debug, Clone, Template)]
#[template(path = "budget/entries.html")]
pub struct Entries {
    pub frame: Frame,
    pub rows: Vec<EntryRow>,
    /// What each account of the lines holds: its name and balance.
    pub balances: Vec<(&'static str, Yuan)>,
    pub pager: Pager,
}

impl Entries {
    /// Some, none.
    pub fn samples() -> Vec<Self> {
        let row = |no, event, from, to, about: &str| EntryRow {
            no,
            at: "2027-03-01 09:12".into(),
            event,
            from,
            to,
            amount: Yuan::whole(46_666_667),
            budget_line: "2027 · 省级财政".into(),
            payer: "福建省财政".into(),
            award_year: "2026".into(),
            paid_on: "2027-03-02".into(),
            about: about.into(),
            about_href: Some(format!("/batches/{about}")),
            who: "黄颖".into(),
        };
        let page = |rows: Vec<EntryRow>, pager| Self {
            frame: Frame::sample_finance("/budget"),
            balances: vec![("下达", Yuan::whole(-50_000_000)), ("余额", Yuan::whole(50_000_000))],
            rows,
            pager,
        };
        let rows = vec![
            row(12, "支付成功", "在途", "已付", "B2027-0001"),
            row(11, "送银行", "占用", "在途", "B2027-0001"),
        ];
        vec![page(rows, Pager::single(2)), page(vec![], Pager::default())]
    }
}

/// `/budget/year-end`.
#[derive(Debug, Clone, Template)]
#[template(path = "budget/year_end.html")]
pub struct YearEndPage {
    pub frame: Frame,
    /// The budget line in words.
    pub line: String,
    pub left: Yuan,
    /// Fields: programme, source, year, how, amount, document_no.
    pub form: FormState,
    pub ways: Vec<Choice>,
}

impl YearEndPage {
    /// Fresh, wrong.
    pub fn samples() -> Vec<Self> {
        let page = |form| Self {
            frame: Frame::sample_finance("/budget"),
            line: "2026 年度 · 核心工程师年度奖补 · 省级财政".into(),
            left: Yuan::whole(31_800_000),
            form,
            ways: Choice::list(&[("carry_over", "结转下年"), ("lapse", "收回")]),
        };
        let form = || FormState::new("year-end").with("amount", "31800000.00");
        vec![page(form()), page(form().wrong("document_no", "请填写指标文号"))]
    }
}

/// A budget line of a year that ends, with its rest.
#[derive(Debug, Clone, Default)]
pub struct RestRow {
    /// Where the rest is dealt with, when there is one and the reader may.
    pub href: Option<String>,
    pub programme: String,
    pub source: String,
    pub payer: String,
    pub frozen: Yuan,
    pub sent: Yuan,
    pub returned: Yuan,
    pub rest: Yuan,
    /// To be carried over or given back, not decided.
    pub proposed: Yuan,
}

/// Something that the year leaves open.
#[derive(Debug, Clone, Default)]
pub struct LeftRow {
    /// 在途和占用, 退票待重发 or 暂缓发放.
    pub kind: &'static str,
    /// Empty for what is held.
    pub batch_no: String,
    pub name: String,
    /// Empty for a batch.
    pub award_year: String,
    pub since: String,
    pub reason: String,
    pub amount: Yuan,
}

/// `/budget/carry-over`.
#[derive(Debug, Clone, Template)]
#[template(path = "budget/carry_over.html")]
pub struct CarryOverPage {
    pub frame: Frame,
    /// Field: year.
    pub filter: FormState,
    pub export_href: String,
    pub payer: String,
    pub year: i64,
    pub is_over: bool,
    pub rows: Vec<RestRow>,
    pub left: Vec<LeftRow>,
    /// Rows that only the workbook has.
    pub not_shown: usize,
}

impl CarryOverPage {
    /// A year that is over, one that is not, an empty one.
    pub fn samples() -> Vec<Self> {
        let page = |rows: Vec<RestRow>, left: Vec<LeftRow>| Self {
            frame: Frame::sample_finance("/budget"),
            filter: FormState::new("filter").with("year", "2026"),
            export_href: "/budget/carry-over.xlsx?year=2026".into(),
            payer: "福建省财政".into(),
            year: 2026,
            is_over: true,
            rows,
            left,
            not_shown: 0,
        };
        let rest = RestRow {
            href: Some("/budget/year-end?year=2026".into()),
            programme: "核心工程师年度奖补".into(),
            source: "省级财政".into(),
            payer: "福建省财政".into(),
            sent: Yuan::whole(200_000),
            returned: Yuan::whole(133_333),
            rest: Yuan::whole(31_800_000),
            proposed: Yuan::whole(31_000_000),
            ..RestRow::default()
        };
        let batch = LeftRow {
            kind: "在途和占用",
            batch_no: "B2026-0007".into(),
            name: "1 笔".into(),
            reason: "已送银行".into(),
            amount: Yuan::whole(200_000),
            ..LeftRow::default()
        };
        let failed = LeftRow {
            kind: "退票待重发",
            batch_no: "B2026-0003".into(),
            name: "陈明轩".into(),
            award_year: "2025".into(),
            since: "2026-12-20 09:12".into(),
            reason: "账户已销户".into(),
            amount: Yuan::whole(133_333),
        };
        let full = page(vec![rest], vec![batch, failed]);
        vec![full.clone(), Self { is_over: false, not_shown: 7, ..full }, page(vec![], vec![])]
    }
}

/// A budget line in a month or year.
#[derive(Debug, Clone, Default)]
pub struct MonthRow {
    pub name: String,
    pub payer: String,
    /// Under [`MONTH_HEADS`].
    pub figures: [Yuan; 9],
}

impl MonthRow {
    /// Each figure with its head.
    pub fn cells(&self) -> impl Iterator<Item = (&'static str, &Yuan)> {
        MONTH_HEADS.into_iter().zip(&self.figures)
    }
}

/// `/budget/monthly`.
#[derive(Debug, Clone, Template)]
#[template(path = "budget/monthly.html")]
pub struct MonthPage {
    pub frame: Frame,
    /// Field: month.
    pub filter: FormState,
    pub title: String,
    pub export_href: String,
    pub payer: String,
    pub rows: Vec<MonthRow>,
    pub sums: [Yuan; 9],
    /// Number, time and hash of the last seal of the log: so it leaves the office on paper.
    pub sealed: Option<(i64, String, String)>,
}

impl MonthPage {
    /// The heads of the figures.
    pub const HEADS: [&'static str; 9] = MONTH_HEADS;

    /// Each sum with its head.
    pub fn totals(&self) -> impl Iterator<Item = (&'static str, &Yuan)> {
        Self::HEADS.into_iter().zip(&self.sums)
    }

    /// A month with money, one without.
    pub fn samples() -> Vec<Self> {
        let figures =
            [0, 500_000, -466_667, 150_000, 0, 0, 183_333, 316_667, 10_000].map(Yuan::whole);
        let row = MonthRow {
            name: "2027 · 省级财政".into(), payer: "福建省财政".into(), figures
        };
        let page = |rows: Vec<MonthRow>| Self {
            frame: Frame::sample_finance("/budget"),
            filter: FormState::new("filter").with("month", "2027-04"),
            title: "2027 年 4 月资金月报".into(),
            export_href: "/budget/monthly.xlsx?month=2027-04".into(),
            payer: "福建省财政".into(),
            sums: rows.first().map(|row| row.figures).unwrap_or_default(),
            sealed: rows.first().map(|_| (7, "2027-04-30 17:00".into(), "4167c4875cf2".into())),
            rows,
        };
        vec![page(vec![row]), page(vec![])]
    }
}
