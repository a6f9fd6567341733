//! What pages show of samples.

use chrono::{DateTime, Utc};
use serde_json::json;
use std::collections::HashMap;

use super::{may_look, office, risks_of, weights};
use crate::app::App;
use crate::clock::china_time;
use crate::domain::authority::Act;
use crate::domain::registry::Code;
use crate::domain::spot_check::{Drawing, Finding, Record, Risk};
use crate::file::workbook::{CellOut, ColumnKind, ColumnSpec, Table, write_xlsx};
use crate::service::seen::{SeenKind, note_many};
use crate::service::{Actor, Error, log};
use crate::store::directory;
use crate::store::spot_check::{self as store, Item, Sample};
use crate::store::stipend::explain;

/// Items of one page.
pub const ITEMS_A_PAGE: u64 = 50;
/// Samples listed at once.
const MOST: u64 = 50;

/// A sample in the list.
#[derive(Debug, Clone)]
pub struct SampleLine {
    /// Official number.
    pub no: String,
    /// How it was drawn.
    pub drawing: &'static str,
    /// From which it can be drawn again.
    pub seed: i64,
    /// How many could be drawn.
    pub population: i64,
    /// How many were drawn.
    pub size: i64,
    /// What the checks came to so far.
    pub record: Record,
    /// Name of who drew it.
    pub drawn_by: String,
    /// When.
    pub drawn_at: DateTime<Utc>,
    /// Name of the one enterprise, or empty.
    pub enterprise: String,
    /// Hash of who could be drawn.
    pub population_hash: String,
}

/// A risk with what checks found and what it weighs next.
#[derive(Debug, Clone)]
pub struct RiskLine {
    /// Which.
    pub risk: Risk,
    /// What checks came to.
    pub record: Record,
    /// Points for the next sample.
    pub points: i64,
}

/// A proposal to suspend a pilot.
#[derive(Debug, Clone)]
pub struct SuspensionLine {
    /// Identity.
    pub id: i64,
    /// Enterprise.
    pub enterprise: String,
    /// What its items came to.
    pub record: Record,
    /// Name of who proposed it.
    pub proposed_by: String,
    /// When.
    pub proposed_at: DateTime<Utc>,
    /// 待决定, 已中止 or 不予中止.
    pub state: &'static str,
    /// Document and name of who decided; empty while open.
    pub decided: String,
    /// Whether the reader can decide it.
    pub may_decide: bool,
}

/// The page of samples.
#[derive(Debug, Clone)]
pub struct Overview {
    /// Samples, the newest first.
    pub samples: Vec<SampleLine>,
    /// Risks.
    pub risks: Vec<RiskLine>,
    /// Proposals.
    pub suspensions: Vec<SuspensionLine>,
    /// Whether the reader can draw.
    pub may_draw: bool,
}

/// Samples, risks and proposals.
///
/// # Errors
/// [`Error::Forbidden`].
pub async fn overview(app: &App, actor: &Actor) -> Result<Overview, Error> {
    may_look(actor)?;
    let read = app.db.read();
    let samples = store::samples(read, office(actor), MOST).await?;
    let found = weights(&store::found(read, &actor.scope).await?);
    let risk = |(risk, (record, points))| RiskLine { risk, record, points };
    Ok(Overview {
        samples: lines(app, samples).await?,
        risks: found.into_iter().map(risk).collect(),
        suspensions: suspensions(app, actor).await?,
        may_draw: actor.role.may(Act::CheckSamples),
    })
}

async fn lines(app: &App, samples: Vec<Sample>) -> Result<Vec<SampleLine>, Error> {
    let read = app.db.read();
    let ids: Vec<i64> = samples.iter().map(|sample| sample.id).collect();
    let progress = store::progress(read, &ids).await?;
    let by: Vec<i64> = samples.iter().map(|sample| sample.drawn_by).collect();
    let names = directory::account_names(read, &by).await?;
    let one: Vec<i64> = samples.iter().filter_map(|sample| sample.enterprise_id).collect();
    let enterprises = explain::enterprise_names(read, &one).await?;
    let line = |sample: Sample| SampleLine {
        drawing: Drawing::from_code(&sample.drawing).map_or("", Code::label),
        seed: sample.seed,
        population: sample.population,
        size: sample.size,
        record: progress.get(&sample.id).copied().unwrap_or_default(),
        drawn_by: names.get(&sample.drawn_by).cloned().unwrap_or_default(),
        drawn_at: sample.drawn_at,
        enterprise: sample
            .enterprise_id
            .and_then(|id| enterprises.get(&id).cloned())
            .unwrap_or_default(),
        population_hash: sample.population_hash,
        no: sample.sample_no,
    };
    Ok(samples.into_iter().map(line).collect())
}

async fn suspensions(app: &App, actor: &Actor) -> Result<Vec<SuspensionLine>, Error> {
    let read = app.db.read();
    let rows = store::suspensions(read, &actor.scope).await?;
    let ids: Vec<i64> = rows.iter().map(|row| row.enterprise_id).collect();
    let enterprises = explain::enterprise_names(read, &ids).await?;
    let by: Vec<i64> =
        rows.iter().flat_map(|row| row.decided_by.into_iter().chain([row.proposed_by])).collect();
    let names = directory::account_names(read, &by).await?;
    let name = |id: i64| names.get(&id).cloned().unwrap_or_default();
    let line = |row: store::Suspension| SuspensionLine {
        id: row.id,
        enterprise: enterprises.get(&row.enterprise_id).cloned().unwrap_or_default(),
        record: Record { checked: row.checked, hits: row.errors },
        proposed_by: name(row.proposed_by),
        proposed_at: row.proposed_at,
        state: match row.outcome.as_deref() {
            None => "待决定",
            Some("suspended") => "已中止",
            Some(_) => "不予中止",
        },
        decided: row.decided_by.map_or_else(String::new, |by| {
            format!("{} {}", row.document_no.clone().unwrap_or_default(), name(by))
        }),
        may_decide: row.outcome.is_none()
            && actor.role.may(Act::DecidePilots)
            && row.proposer_holder != actor.holder_id,
    };
    Ok(rows.into_iter().map(line).collect())
}

/// Somebody in a sample.
#[derive(Debug, Clone)]
pub struct ItemLine {
    /// Place in the sample, from 1.
    pub seq: i64,
    /// Official number of the person.
    pub person_no: String,
    /// Name of the person.
    pub name: String,
    /// Enterprise.
    pub enterprise: String,
    /// What makes the check worthwhile.
    pub risks: Vec<Risk>,
    /// Points when it was drawn.
    pub points: i64,
    /// What was found.
    pub finding: Option<Finding>,
    /// In the officer's words.
    pub remark: String,
    /// Name of the officer.
    pub checked_by: String,
    /// When.
    pub checked_at: Option<DateTime<Utc>>,
}

/// A sample with a page of its items.
#[derive(Debug, Clone)]
pub struct SamplePage {
    /// The sample.
    pub line: SampleLine,
    /// What each risk weighed when it was drawn.
    pub points: Vec<(Risk, i64)>,
    /// Items.
    pub items: Vec<ItemLine>,
    /// Whether the reader can record findings.
    pub may_check: bool,
}

/// A sample with its items from `offset` on.
///
/// # Errors
/// [`Error::NotFound`] for a sample of another office.
pub async fn sample_page(
    app: &App,
    actor: &Actor,
    sample_no: &str,
    offset: u64,
) -> Result<SamplePage, Error> {
    may_look(actor)?;
    let missing = || Error::NotFound("这次抽查");
    let sample = store::sample(app.db.read(), office(actor), sample_no).await?;
    let sample = sample.ok_or_else(missing)?;
    let rows = store::items(app.db.read(), sample.id, (offset, ITEMS_A_PAGE)).await?;
    let points: HashMap<String, i64> = serde_json::from_str(&sample.points).unwrap_or_default();
    let weighed = |risk: &Risk| points.get(risk.code()).map(|points| (*risk, *points));
    Ok(SamplePage {
        items: items(app, rows).await?,
        points: Risk::ALL.iter().filter_map(weighed).collect(),
        line: lines(app, vec![sample]).await?.pop().ok_or_else(missing)?,
        may_check: actor.role.may(Act::CheckSamples),
    })
}

async fn items(app: &App, rows: Vec<Item>) -> Result<Vec<ItemLine>, Error> {
    let read = app.db.read();
    let ids: Vec<i64> = rows.iter().map(|row| row.person_id).collect();
    let names = explain::person_names(read, &ids).await?;
    let of: Vec<i64> = rows.iter().map(|row| row.enterprise_id).collect();
    let enterprises = explain::enterprise_names(read, &of).await?;
    let by: Vec<i64> = rows.iter().filter_map(|row| row.checked_by).collect();
    let officers = directory::account_names(read, &by).await?;
    let numbers = directory::person_numbers(read, &ids).await?;
    let line = |row: Item| ItemLine {
        seq: row.seq,
        person_no: numbers.get(&row.person_id).cloned().unwrap_or_default(),
        name: names.get(&row.person_id).cloned().unwrap_or_default(),
        enterprise: enterprises.get(&row.enterprise_id).cloned().unwrap_or_default(),
        risks: risks_of(&row.risks).collect(),
        points: row.points,
        finding: row.finding.as_deref().and_then(Finding::from_code),
        remark: row.remark.unwrap_or_default(),
        checked_by: row.checked_by.and_then(|id| officers.get(&id).cloned()).unwrap_or_default(),
        checked_at: row.checked_at,
    };
    Ok(rows.into_iter().map(line).collect())
}

/// A whole sample as a workbook: (file name, bytes). The export is logged.
///
/// # Errors
/// As [`sample_page`].
pub async fn export(app: &App, actor: &Actor, sample_no: &str) -> Result<(String, Vec<u8>), Error> {
    may_look(actor)?;
    let sample = store::sample(app.db.read(), office(actor), sample_no).await?;
    let sample = sample.ok_or(Error::NotFound("这次抽查"))?;
    let rows = items(app, store::items(app.db.read(), sample.id, (0, 100_000)).await?).await?;
    let text = |text: &str| CellOut::Text(text.to_owned());
    let cells = |row: &ItemLine| {
        let risks: Vec<&str> = row.risks.iter().map(|risk| risk.label()).collect();
        vec![
            CellOut::Integer(row.seq),
            text(&row.name),
            text(&row.person_no),
            text(&row.enterprise),
            text(&risks.join("、")),
            CellOut::Integer(row.points),
            text(row.finding.map_or("", Code::label)),
            text(&row.remark),
            text(&row.checked_by),
            row.checked_at.map_or(CellOut::Empty, |at| CellOut::Date(china_time(at).date_naive())),
        ]
    };
    let column = |(name, width, kind): (&str, f64, ColumnKind)| ColumnSpec {
        name: name.to_owned(),
        width,
        kind,
    };
    let columns = [
        ("序号", 8.0, ColumnKind::Integer),
        ("姓名", 14.0, ColumnKind::Text),
        ("编号", 12.0, ColumnKind::Text),
        ("企业", 36.0, ColumnKind::Text),
        ("抽查理由", 40.0, ColumnKind::Text),
        ("分值", 8.0, ColumnKind::Integer),
        ("核查结果", 10.0, ColumnKind::Text),
        ("说明", 40.0, ColumnKind::Text),
        ("核查人", 14.0, ColumnKind::Text),
        ("核查日期", 12.0, ColumnKind::Date),
    ];
    let kind = Drawing::from_code(&sample.drawing).map_or("", Code::label);
    let drawn =
        format!("{kind}，种子 {}，{} 人中抽 {} 人", sample.seed, sample.population, sample.size);
    let table = Table {
        title: format!("抽查名单 {sample_no}"),
        columns: columns.map(column).to_vec(),
        total_row: false,
        comment: format!("{drawn}；导出人：{}（{}）", actor.name, actor.organisation),
        created_at: china_time(app.clock.now()).naive_local(),
    };
    let bytes = write_xlsx(&table, rows.iter().map(cells))
        .map_err(|error| Error::Refused(error.to_string()))?;
    let tx = app.db.begin().await?;
    let persons: Vec<&str> = rows.iter().map(|row| row.person_no.as_str()).collect();
    note_many(app, &tx, actor, (SeenKind::Exported, &persons)).await?;
    let detail = json!({ "rows": rows.len() });
    log(app, &tx, actor, "sample.exported", ("sample", sample_no), &detail).await?;
    tx.commit().await?;
    Ok((format!("抽查名单-{sample_no}.xlsx"), bytes))
}
