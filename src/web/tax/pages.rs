//! The rulings with the form for a new one, and the tax list of a month.
#![expect(missing_docs, reason = "view fields carry the words of their template")]

use askama::Template;

use crate::web::form::{Choice, FormState};
use crate::web::frame::Frame;
use crate::web::words::{Pager, Yuan};

/// A ruling.
#[derive(Debug, Clone, Default)]
pub struct RulingRow {
    pub no: String,
    pub programme: String,
    pub year: i64,
    pub treatment: String,
    pub formula: String,
    pub basis: String,
    pub document_no: String,
    /// 待确认, 现行, 已被替代 or 已退回.
    pub state: String,
    pub proposed: String,
    /// Empty while it waits.
    pub decided: String,
    pub note: String,
    /// Fields: verdict, note. `None` for those who cannot decide it.
    pub decision: Option<FormState>,
}

/// `/tax`.
#[derive(Debug, Clone, Template)]
#[template(path = "tax/rulings.html")]
pub struct Rulings {
    pub frame: Frame,
    pub rows: Vec<RulingRow>,
    pub programmes: Vec<Choice>,
    pub treatments: Vec<Choice>,
    /// Fields: programme, year, treatment, basis, document_no. `None` when not allowed.
    pub form: Option<FormState>,
}

impl Rulings {
    /// Whether a form has to be corrected.
    pub fn has_errors(&self) -> bool {
        let decisions = self.rows.iter().filter_map(|row| row.decision.as_ref());
        self.form.iter().chain(decisions).any(FormState::has_errors)
    }

    /// Every state, none, wrong forms.
    pub fn samples() -> Vec<Self> {
        let row = |no: &str, state: &str| RulingRow {
            no: no.into(),
            programme: "核心工程师年度奖补".into(),
            year: 2026,
            treatment: "偶然所得，按 20% 代扣".into(),
            formula: "代扣 = 应发 × 20%，四舍五入到分".into(),
            basis: "税务部门复函：不属于省级人民政府颁发的奖金".into(),
            document_no: "闽税函〔2027〕3号".into(),
            state: state.into(),
            proposed: "2027-01-18 09:12 黄颖".into(),
            ..RulingRow::default()
        };
        let decided = || "2027-01-18 10:00 何炜".to_owned();
        let waits =
            |form: FormState| RulingRow { decision: Some(form), ..row("TX00004", "待确认") };
        let held = RulingRow { decided: decided(), ..row("TX00003", "现行") };
        let old = RulingRow { decided: decided(), ..row("TX00002", "已被替代") };
        let back =
            RulingRow {
                decided: decided(), note: "文号有误".into(), ..row("TX00001", "已退回")
            };
        let page = |rows: Vec<RulingRow>, form: Option<FormState>| Self {
            frame: Frame::sample_finance("/tax"),
            rows,
            programmes: Choice::list(&[("core-engineer", "核心工程师年度奖补")]),
            treatments: Choice::list(&[("incidental_20", "偶然所得，按 20% 代扣")]),
            form,
        };
        let fresh = || FormState::new("ruling");
        let wrong = fresh().wrong("year", "该项目该年度已有待确认的处理意见，请先确认或退回");
        let note = FormState::new("TX00004").wrong("note", "请填写退回原因");
        vec![
            page(vec![waits(FormState::new("TX00004")), held, old, back], Some(fresh())),
            page(vec![], Some(wrong)),
            page(vec![waits(note)], None),
        ]
    }
}

/// A paid line of the tax list.
#[derive(Debug, Clone, Default)]
pub struct TaxRow {
    pub name: String,
    pub no: String,
    pub year: i64,
    pub treatment: String,
    pub paid_at: String,
    pub batch_no: String,
    pub gross: Yuan,
    pub tax: Yuan,
    pub net: Yuan,
}

/// `/tax/list`.
#[derive(Debug, Clone, Template)]
#[template(path = "tax/list.html")]
pub struct TaxList {
    pub frame: Frame,
    /// Field: month.
    pub filter: FormState,
    pub payer: String,
    pub rows: Vec<TaxRow>,
    pub count: u64,
    pub gross: Yuan,
    pub tax: Yuan,
    pub net: Yuan,
    pub export_href: String,
    pub pager: Pager,
}

impl TaxList {
    /// Some and none.
    pub fn samples() -> Vec<Self> {
        let row = TaxRow {
            name: "张三".into(),
            no: "E000127".into(),
            year: 2026,
            treatment: "偶然所得，按 20% 代扣".into(),
            paid_at: "2027-04-14 10:30".into(),
            batch_no: "B2027-0001".into(),
            gross: Yuan::whole(200_000),
            tax: Yuan::whole(40_000),
            net: Yuan::whole(160_000),
        };
        let page = |rows: Vec<TaxRow>| Self {
            frame: Frame::sample_finance("/tax"),
            filter: FormState::new("filter").with("month", "2027-04"),
            payer: "福建省财政".into(),
            count: u64::try_from(rows.len()).unwrap_or(0),
            gross: rows.first().map(|row| row.gross).unwrap_or_default(),
            tax: rows.first().map(|row| row.tax).unwrap_or_default(),
            net: rows.first().map(|row| row.net).unwrap_or_default(),
            export_href: "/tax/list.xlsx?month=2027-04".into(),
            pager: Pager::single(i64::try_from(rows.len()).unwrap_or(0)),
            rows,
        };
        vec![page(vec![row]), page(vec![])]
    }
}
