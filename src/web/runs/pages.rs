//! Computation of a year.
#![expect(missing_docs, reason = "view fields carry the words of their template")]

use askama::Template;

use crate::web::form::FormState;
use crate::web::frame::Frame;
use crate::web::policies::notes::PolicyNotes;
use crate::web::words::{Pager, Yuan};

/// A line of the list.
#[derive(Debug, Clone, Default)]
pub struct RunRow {
    pub no: String,
    pub year: i64,
    /// 排队中, 计算中, 完成 or 出错.
    pub state: String,
    pub persons: i64,
    pub eligible: i64,
    pub changed: i64,
    pub adjusted: i64,
    pub who: String,
    pub started_at: String,
    /// Knowledge used, up to this time.
    pub known_at: String,
}

/// `/runs`.
#[derive(Debug, Clone, Template)]
#[template(path = "runs/list.html")]
pub struct RunList {
    pub frame: Frame,
    /// What is to be said of the policy.
    pub notes: PolicyNotes,
    /// Fields: year. `None` when the person may not start one.
    pub form: Option<FormState>,
    /// Decided years and how many persons' facts changed since.
    pub changed: Vec<(i64, i64)>,
    pub rows: Vec<RunRow>,
    pub pager: Pager,
}

fn sample_row(no: &str, state: &str) -> RunRow {
    RunRow {
        no: no.into(),
        year: 2026,
        state: state.into(),
        persons: 1_284,
        eligible: 1_192,
        changed: 2,
        adjusted: 1,
        who: "林晓岚".into(),
        started_at: "2027-01-15 09:18".into(),
        known_at: "2027-01-15 09:18".into(),
    }
}

impl RunList {
    /// Whether the form has to be corrected.
    pub fn has_errors(&self) -> bool {
        self.form.as_ref().is_some_and(FormState::has_errors)
    }

    /// Some, none, a wrong year, read only.
    pub fn samples() -> Vec<Self> {
        let page = |rows: Vec<RunRow>, form| Self {
            frame: Frame::sample_hr("/runs"),
            notes: PolicyNotes::sample(),
            form,
            changed: if rows.is_empty() { vec![] } else { vec![(2026, 12)] },
            pager: Pager::single(i64::try_from(rows.len()).unwrap_or(0)),
            rows,
        };
        let form = || FormState::new("run").with("year", "2026");
        let rows = || {
            let row = |no, state| sample_row(no, state);
            vec![row("HD2026-003", "计算中"), row("HD2026-002", "完成"), row("HD2026-001", "出错")]
        };
        let wrong = form().wrong("year", "2024 年早于政策开始的 2025 年，请填写 2025 至 2028");
        vec![
            page(rows(), Some(form())),
            page(vec![], Some(form())),
            page(rows(), Some(wrong)),
            page(rows(), None),
        ]
    }
}

/// A sum with its name.
#[derive(Debug, Clone, Default)]
pub struct NamedSum {
    pub name: String,
    pub persons: i64,
    pub amount: Yuan,
}

/// An entitlement that came out differently than before.
#[derive(Debug, Clone, Default)]
pub struct Changed {
    pub name: String,
    pub no: String,
    pub before: Yuan,
    pub after: Yuan,
    pub difference: Yuan,
    pub reason: String,
}

/// `/runs/{id}`.
#[derive(Debug, Clone, Template)]
#[template(path = "runs/run.html")]
pub struct Run {
    pub frame: Frame,
    pub facts: RunRow,
    /// Sum of the net amounts when it ended.
    pub net: Yuan,
    /// Persons done so far.
    pub done: i64,
    pub running: bool,
    pub ineligible: i64,
    pub changed: i64,
    pub adjusted: i64,
    pub default_rules: Option<String>,
    /// What went wrong, when it did.
    pub failure: Option<String>,
    /// Persons whose facts contradict each other.
    pub failed_persons: i64,
    /// The first of them, with the reason.
    pub failures: Vec<String>,
    pub by_status: Vec<NamedSum>,
    pub by_city: Vec<NamedSum>,
    pub by_source: Vec<NamedSum>,
    pub changes: Vec<Changed>,
    pub pager: Pager,
    /// all, gain or loss.
    pub which: String,
    pub export_href: String,
}

impl Run {
    /// Under way, done, failed.
    pub fn samples() -> Vec<Self> {
        let sum = |name: &str, persons, fen| NamedSum {
            name: name.into(),
            persons,
            amount: Yuan::of(fen),
        };
        let base = |state: &str| Self {
            frame: Frame::sample_hr("/runs"),
            facts: sample_row("HD2026-003", state),
            net: Yuan::of(23_145_000_000),
            done: 812,
            running: false,
            ineligible: 92,
            changed: 2,
            adjusted: 1,
            default_rules: Some("RS-1".into()),
            failure: None,
            failed_persons: 0,
            failures: vec![],
            by_status: vec![],
            by_city: vec![],
            by_source: vec![],
            changes: vec![],
            pager: Pager::single(2),
            which: "all".into(),
            export_href: "/runs/HD2026-003/changes.xlsx?which=all".into(),
        };
        let mut running = base("计算中");
        running.running = true;
        let mut done = base("完成");
        done.by_status = vec![
            sum("符合条件，全年", 1_020, 20_400_000_000),
            sum("符合条件，按月折算", 172, 2_745_000_000),
            sum("计入月数不足", 80, 0),
            sum("厦门未参照执行", 12, 0),
        ];
        done.by_city = vec![
            sum("福州市", 480, 9_600_000_000),
            sum("泉州市", 402, 8_040_000_000),
            sum("平潭综合实验区", 310, 5_505_000_000),
        ];
        done.by_source = vec![sum("省级财政", 1_192, 23_145_000_000)];
        done.changes = vec![
            Changed {
                name: "张三".into(),
                no: "E000127".into(),
                before: Yuan::whole(150_000),
                after: Yuan::of(16_666_667),
                difference: Yuan::of(1_666_667),
                reason: "补录 10 月社保".into(),
            },
            Changed {
                name: "王五".into(),
                no: "E000166".into(),
                before: Yuan::whole(100_000),
                after: Yuan::default(),
                difference: Yuan::whole(-100_000),
                reason: "更正最后在职日为 2026-05-31".into(),
            },
        ];
        done.failed_persons = 1;
        done.failures =
            vec!["E000940：企业 91350100MA2XNQ4T3K 没有登记行政区划，请先更正企业档案".into()];
        let mut failed = base("出错");
        failed.failure =
            Some("系统故障，核定没有完成；已核定的人员结果有效，请重新开始核定".into());
        vec![running, done, failed]
    }
}
