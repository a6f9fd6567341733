//! Scenarios.
#![expect(missing_docs, reason = "view fields carry the words of their template")]

use askama::Template;

use crate::domain::overview::length;
use crate::web::form::{Choice, FormState};
use crate::web::frame::Frame;
use crate::web::overview::chart::{self, Drawing, Drawn};
use crate::web::policies::notes::PolicyNotes;
use crate::web::words::{Pager, Yuan, count};

/// A line of the list.
#[derive(Debug, Clone, Default)]
pub struct ScenarioRow {
    pub no: String,
    pub name: String,
    pub conditions: String,
    pub year: i64,
    /// 排队中, 计算中, 完成 or 出错.
    pub state: String,
    pub total: i64,
    pub done: i64,
    pub asked: String,
    pub known_at: String,
    pub message: String,
    pub before: Yuan,
    pub after: Yuan,
    pub difference: Yuan,
    pub is_done: bool,
}

/// `/policies/{id}/scenarios`.
#[derive(Debug, Clone, Template)]
#[template(path = "scenarios/list.html")]
pub struct ScenarioList {
    pub frame: Frame,
    /// What is to be said of the policy.
    pub notes: PolicyNotes,
    pub id: String,
    pub drafts: Vec<Choice>,
    /// Fields: name, year, draft, amount, min_months, proration, stacking, share_province,
    /// share_city, share_county. `None` when not allowed.
    pub form: Option<FormState>,
    pub rows: Vec<ScenarioRow>,
    pub pager: Pager,
}

/// Persons and money under both texts.
#[derive(Debug, Clone, Default)]
pub struct PairRow {
    pub name: String,
    pub persons_before: i64,
    pub before: Yuan,
    pub persons_after: i64,
    pub after: Yuan,
    pub difference: Yuan,
}

/// What a payer's budget of this calendar year lacks.
#[derive(Debug, Clone, Default)]
pub struct NeedRow {
    pub name: String,
    pub given: Yuan,
    pub before: Yuan,
    pub after: Yuan,
    pub free: Yuan,
    pub lacking: Yuan,
}

/// Persons of a band of the net amount.
#[derive(Debug, Clone, Default)]
pub struct BandRow {
    pub label: String,
    pub before: i64,
    pub after: i64,
}

/// A person whose amount would be another one.
#[derive(Debug, Clone, Default)]
pub struct ChangeRow {
    pub no: String,
    pub name: String,
    pub before: Yuan,
    pub after: Yuan,
    pub difference: Yuan,
    pub reason: String,
}

/// What came out of one scenario.
#[derive(Debug, Clone, Default)]
pub struct Column {
    pub facts: ScenarioRow,
    pub total: PairRow,
    /// Persons, and how much more.
    pub gain: (i64, Yuan),
    /// Persons, and how much less.
    pub loss: (i64, Yuan),
    pub unchanged: i64,
    pub failed: i64,
    pub failures: Vec<String>,
    pub by_city: Vec<PairRow>,
    pub by_source: Vec<PairRow>,
    pub needs: Vec<NeedRow>,
    pub bands: Vec<BandRow>,
    pub drawing: Drawing,
}

/// `/policies/{id}/scenarios/{no}`.
#[derive(Debug, Clone, Template)]
#[template(path = "scenarios/scenario.html")]
pub struct ScenarioView {
    pub frame: Frame,
    /// What is to be said of the policy.
    pub notes: PolicyNotes,
    pub id: String,
    pub running: bool,
    pub column: Column,
    /// all, gain or loss.
    pub which: String,
    pub changes: Vec<ChangeRow>,
    pub pager: Pager,
    pub export_href: String,
    /// Other scenarios of the year.
    pub others: Vec<Choice>,
}

/// One scenario's cells of a line.
#[derive(Debug, Clone, Default)]
pub struct BesideCell {
    /// Number of the scenario.
    pub no: String,
    pub persons: i64,
    pub amount: Yuan,
    pub difference: Yuan,
}

/// The same thing under two scenarios.
#[derive(Debug, Clone, Default)]
pub struct BesideRow {
    pub name: String,
    pub cells: Vec<BesideCell>,
}

/// `/policies/{id}/scenarios/beside`.
#[derive(Debug, Clone, Template)]
#[template(path = "scenarios/beside.html")]
pub struct Beside {
    pub frame: Frame,
    pub id: String,
    pub columns: Vec<Column>,
}

impl Beside {
    /// Everybody, by city and by source, a table each.
    pub fn tables(&self) -> Vec<(&'static str, Vec<BesideRow>)> {
        let total = |column: &Column| vec![column.total.clone()];
        vec![
            ("合计", self.rows(total)),
            ("按设区市", self.rows(|column| column.by_city.clone())),
            ("按资金来源", self.rows(|column| column.by_source.clone())),
        ]
    }

    /// Lines by name, in the order of the first mention.
    fn rows(&self, of: impl Fn(&Column) -> Vec<PairRow>) -> Vec<BesideRow> {
        let all: Vec<(String, Vec<PairRow>)> =
            self.columns.iter().map(|column| (column.facts.no.clone(), of(column))).collect();
        let mut names: Vec<&str> = Vec::new();
        for row in all.iter().flat_map(|(_, rows)| rows) {
            if !names.contains(&row.name.as_str()) {
                names.push(&row.name);
            }
        }
        let cell = |name: &str, (no, rows): &(String, Vec<PairRow>)| {
            let row = rows.iter().find(|row| row.name == name).cloned().unwrap_or_default();
            BesideCell {
                no: no.clone(),
                persons: row.persons_after,
                amount: row.after,
                difference: row.difference,
            }
        };
        let line = |name: &&str| BesideRow {
            name: (*name).to_owned(),
            cells: all.iter().map(|column| cell(name, column)).collect(),
        };
        names.iter().map(line).collect()
    }
}

/// The bars of the distribution: two a band.
pub(super) fn bands(no: &str, rows: &[BandRow]) -> Drawing {
    let most = rows.iter().flat_map(|row| [row.before, row.after]).max().unwrap_or_default();
    let bar = |row: &BandRow, label: &str, persons: i64, parts: Vec<u32>| Drawn {
        label: label.to_owned(),
        group: row.label.clone(),
        parts,
        value: format!("{} 人", count(persons)),
        href: None,
    };
    let both = |row: &BandRow| {
        [
            bar(row, "现行", row.before, vec![length(row.before, most)]),
            bar(row, "情景", row.after, vec![0, length(row.after, most)]),
        ]
    };
    let drawn: Vec<Drawn> = rows.iter().flat_map(both).collect();
    let about = "每个净额档次的人数，现行正文与情景对照；数字见旁边的表格。";
    chart::bars(&format!("bands-{no}"), "净额分布", about, &drawn)
}

fn sample_row(state: &str) -> ScenarioRow {
    ScenarioRow {
        no: "QS00001".into(),
        name: "标准提高到24万元".into(),
        conditions: "每人每年 240,000.00 元；最低 6 个月".into(),
        year: 2026,
        state: state.into(),
        total: 1_284,
        done: 812,
        asked: "2027-02-01 09:30 林晓岚".into(),
        known_at: "2027-02-01 09:30".into(),
        message: String::new(),
        before: Yuan::of(23_145_000_000),
        after: Yuan::of(27_774_000_000),
        difference: Yuan::of(4_629_000_000),
        is_done: state == "完成",
    }
}

fn sample_column(no: &str) -> Column {
    let pair = |name: &str| PairRow {
        name: name.into(),
        persons_before: 480,
        before: Yuan::whole(96_000_000),
        persons_after: 480,
        after: Yuan::whole(115_200_000),
        difference: Yuan::whole(19_200_000),
    };
    let band = |label: &str, before, after| BandRow { label: label.into(), before, after };
    let rows = vec![
        band("0 元", 92, 92),
        band("15 至 20 万元", 1_020, 172),
        band("20 至 25 万元", 0, 1_020),
    ];
    Column {
        facts: ScenarioRow { no: no.into(), ..sample_row("完成") },
        total: pair("合计"),
        gain: (1_192, Yuan::whole(46_290_000)),
        loss: (0, Yuan::default()),
        unchanged: 92,
        failed: 1,
        failures: vec!["E000940：企业 91350100MA2XNQ4T3K 没有登记行政区划".into()],
        by_city: vec![pair("福州市"), pair("平潭综合实验区")],
        by_source: vec![pair("省级财政")],
        needs: vec![NeedRow {
            name: "省级财政".into(),
            given: Yuan::whole(12_000_000),
            before: Yuan::whole(84_000_000),
            after: Yuan::whole(103_200_000),
            free: Yuan::whole(90_000_000),
            lacking: Yuan::whole(13_200_000),
        }],
        drawing: bands(no, &rows),
        bands: rows,
    }
}

impl ScenarioList {
    /// Whether the form has to be corrected.
    pub fn has_errors(&self) -> bool {
        self.form.as_ref().is_some_and(FormState::has_errors)
    }

    /// Some, none, mistyped, read only.
    pub fn samples() -> Vec<Self> {
        let page = |rows: Vec<ScenarioRow>, form| Self {
            frame: Frame::sample_hr("/policies"),
            notes: PolicyNotes::sample(),
            id: "core-engineer".into(),
            drafts: Choice::list(&[("ZC00001", "ZC00001（待发布）最低月数调整")]),
            form,
            pager: Pager::single(i64::try_from(rows.len()).unwrap_or(0)),
            rows,
        };
        let rows = || vec![sample_row("计算中"), sample_row("完成"), sample_row("出错")];
        let form = || FormState::new("scenario").with("year", "2026");
        let wrong = form().wrong("share_city", "各来源比例之和应正好为 100");
        vec![
            page(rows(), Some(form())),
            page(vec![], Some(form())),
            page(vec![], Some(wrong)),
            page(rows(), None),
        ]
    }
}

impl ScenarioView {
    /// The line of everybody.
    pub fn totals(&self) -> Vec<PairRow> {
        vec![self.column.total.clone()]
    }

    /// Done, under way, given up.
    pub fn samples() -> Vec<Self> {
        let change = ChangeRow {
            no: "E000127".into(),
            name: "张三".into(),
            before: Yuan::whole(200_000),
            after: Yuan::whole(240_000),
            difference: Yuan::whole(40_000),
            reason: "应计金额由 200,000.00 元变为 240,000.00 元".into(),
        };
        let done = Self {
            frame: Frame::sample_hr("/policies"),
            notes: PolicyNotes::sample(),
            id: "core-engineer".into(),
            running: false,
            column: sample_column("QS00001"),
            which: "all".into(),
            changes: vec![change],
            pager: Pager::single(1),
            export_href: "/policies/core-engineer/scenarios/QS00001/changes.xlsx?which=all".into(),
            others: Choice::list(&[("QS00002", "QS00002 最低九个月")]),
        };
        let mut running = done.clone();
        running.running = true;
        (running.column, running.changes) = (Column::default(), vec![]);
        running.column.facts = sample_row("计算中");
        let mut failed = running.clone();
        failed.running = false;
        failed.column.facts = ScenarioRow {
            message: "系统故障，没有算完；请重新测算".into(),
            ..sample_row("出错")
        };
        vec![done, running, failed]
    }
}

impl Beside {
    /// Two of a year.
    pub fn samples() -> Vec<Self> {
        let columns = vec![sample_column("QS00001"), sample_column("QS00002")];
        vec![Self {
            frame: Frame::sample_auditor("/policies"),
            id: "core-engineer".into(),
            columns,
        }]
    }
}
