//! Exchange rates and the files they came from.
#![expect(missing_docs, reason = "view fields carry the words of their template")]

use askama::Template;

use crate::web::form::FormState;
use crate::web::frame::Frame;
use crate::web::words::Pager;

/// A rate.
#[derive(Debug, Clone, Default)]
pub struct RateRow {
    pub currency: String,
    pub quoted_on: String,
    /// Yuan for 100 units.
    pub rate: String,
    pub direction: String,
    pub source: String,
    pub upload_no: String,
    pub recorded_at: String,
    /// `None` while it holds.
    pub superseded_at: Option<String>,
}

/// A file that was read in.
#[derive(Debug, Clone, Default)]
pub struct UploadRow {
    pub no: String,
    pub file_name: String,
    pub source: String,
    pub count: i64,
    pub state: String,
    pub proposed: String,
    /// When and by whom; empty while it waits.
    pub decided: String,
    pub note: String,
}

/// A row of a file.
#[derive(Debug, Clone, Default)]
pub struct QuotationRow {
    pub currency: String,
    pub quoted_on: String,
    pub rate: String,
    /// What confirming would do; empty once it is decided.
    pub effect: String,
}

/// `/exchange-rates`.
#[derive(Debug, Clone, Template)]
#[template(path = "exchange_rates/list.html")]
pub struct RateList {
    pub frame: Frame,
    pub rows: Vec<RateRow>,
    pub pager: Pager,
    /// What applies to the currency and day of the filter.
    pub applies: Option<RateRow>,
    /// Fields: currency, day, history.
    pub filter: FormState,
    pub uploads: Vec<UploadRow>,
    /// Fields: source, file. `None` when not allowed.
    pub upload: Option<FormState>,
}

/// `/exchange-rates/uploads/{no}`.
#[derive(Debug, Clone, Template)]
#[template(path = "exchange_rates/upload.html")]
pub struct UploadPage {
    pub frame: Frame,
    pub facts: UploadRow,
    pub sha256: String,
    pub is_own: bool,
    pub rows: Vec<QuotationRow>,
    pub not_shown: i64,
    /// Fields: verdict, note. `None` when nothing waits or not allowed.
    pub decision: Option<FormState>,
}

fn rate(day: &str, superseded: Option<&str>) -> RateRow {
    RateRow {
        currency: "USD".into(),
        quoted_on: day.into(),
        rate: "710.50".into(),
        direction: "现汇卖出价".into(),
        source: "中国银行外汇牌价".into(),
        upload_no: "ER00001".into(),
        recorded_at: "2026-05-12 09:30".into(),
        superseded_at: superseded.map(str::to_owned),
    }
}

fn upload_row(state: &str, decided: &str) -> UploadRow {
    UploadRow {
        no: "ER00002".into(),
        file_name: "牌价-2026-05.xlsx".into(),
        source: "中国银行外汇牌价".into(),
        count: 21,
        state: state.into(),
        proposed: "2026-06-01 09:12 陈国栋".into(),
        decided: decided.into(),
        note: String::new(),
    }
}

impl RateList {
    /// Whether something has to be corrected.
    pub fn has_errors(&self) -> bool {
        self.filter.has_errors() || self.upload.as_ref().is_some_and(FormState::has_errors)
    }

    /// Rates with what applies, none with wrong rows, a wrong filter.
    pub fn samples() -> Vec<Self> {
        let filter = || FormState::new("filter");
        let page = |rows: Vec<RateRow>, filter: FormState, upload: Option<FormState>| Self {
            frame: Frame::sample_finance("/exchange-rates"),
            pager: crate::web::listing::pager(
                ("/exchange-rates", &[]),
                rows.len() as u64,
                (0, 50, rows.len()),
            ),
            applies: rows.first().cloned(),
            uploads: rows.iter().map(|_| upload_row("待确认", "")).take(1).collect(),
            rows,
            filter,
            upload,
        };
        let rows = vec![rate("2026-05-11", None), rate("2026-05-08", Some("2026-05-13 10:00"))];
        let asked =
            filter().with("currency", "USD").with("day", "2026-05-11").with("history", "yes");
        let wrong = FormState::new("upload")
            .wrong("source", "请填写来源")
            .wrong("file", "第 3 行 现汇卖出价：汇率应大于零；请填写每100外币折合的人民币数");
        vec![
            page(rows, asked, Some(FormState::new("upload"))),
            page(vec![], filter(), Some(wrong)),
            page(vec![], filter().with("day", "x").wrong("day", "日期应为存在的日期"), None),
        ]
    }
}

impl UploadPage {
    /// Whether something has to be corrected.
    pub fn has_errors(&self) -> bool {
        self.decision.as_ref().is_some_and(FormState::has_errors)
    }

    /// Waiting for another, one's own, decided, mistyped.
    pub fn samples() -> Vec<Self> {
        let row = |effect: &str| QuotationRow {
            currency: "USD".into(),
            quoted_on: "2026-05-11".into(),
            rate: "710.50".into(),
            effect: effect.into(),
        };
        let page = |facts: UploadRow, is_own: bool, decision: Option<FormState>| Self {
            frame: Frame::sample_finance("/exchange-rates"),
            facts,
            sha256: "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0".into(),
            is_own,
            rows: vec![row("新增"), row("更正现行 711.00")],
            not_shown: i64::from(is_own),
            decision,
        };
        let form = || FormState::new("decision");
        vec![
            page(upload_row("待确认", ""), false, Some(form())),
            page(upload_row("待确认", ""), true, Some(form())),
            page(upload_row("已确认", "2026-06-01 10:00 赵复核"), false, None),
            page(upload_row("待确认", ""), false, Some(form().wrong("note", "退回时请写明原因"))),
        ]
    }
}
