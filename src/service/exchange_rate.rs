//! Exchange rates: read in from a file by one person of the province's finance office, confirmed by
//! another, and from then on what foreign costs are converted by (domain.md 3.3). Everybody who
//! reads the register reads them: a rate concerns nobody in particular, so it has no scope.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::json;

use super::payment::text_or_fault;
use super::{Actor, Error, import, invalid, log};
use crate::app::App;
use crate::domain::authority::Act;
use crate::domain::exchange_rate::{Quotation, Rate, foreign_currency};
use crate::domain::region;
use crate::file::form::ImportKind;
use crate::file::hash::sha256_hex;
use crate::store::batch_view;
use crate::store::db::Connection;
use crate::store::exchange_rate::{self as store, NewUpload, RateRow, UploadRow, Wanted};

/// Rows of one page of the list.
pub const RATES_A_PAGE: u64 = 50;
/// Most rows of a file.
const MOST_ROWS: usize = 5_000;
/// Files shown on the page.
const UPLOADS_SHOWN: u64 = 20;
/// Wrong cells told at a time.
const FAULTS_TOLD: usize = 50;
const MAX_SOURCE: usize = 60;

/// A rate as it is found.
#[derive(Debug, Clone)]
pub struct RateLine {
    /// Currency.
    pub currency: String,
    /// The day that it was quoted for.
    pub quoted_on: NaiveDate,
    /// Yuan for 100 units.
    pub rate: Rate,
    /// Where it comes from.
    pub source: String,
    /// Number of the file.
    pub upload_no: String,
    /// Since when the register has it.
    pub recorded_at: DateTime<Utc>,
    /// Until when it was believed.
    pub superseded_at: Option<DateTime<Utc>>,
}

/// Rates as the page lists them.
#[derive(Debug, Clone)]
pub struct Rates {
    /// One page of them, the latest day first.
    pub lines: Vec<RateLine>,
    /// How many there are.
    pub total: u64,
    /// What applies on the day asked for: the rate of that day or of the last one before it.
    pub applies: Option<RateLine>,
}

/// A filter as it is typed.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Currency; all when empty.
    pub currency: String,
    /// Day; all when empty.
    pub day: String,
    /// Whether superseded rates are shown as well.
    pub history: bool,
}

/// A file with who had a hand in it.
#[derive(Debug, Clone)]
pub struct UploadLine {
    /// The file.
    pub row: UploadRow,
    /// Who read it in.
    pub proposer: String,
    /// Who decided; `None` while it waits.
    pub decider: Option<String>,
    /// Whether the reader may decide it; who read it in can only take it back.
    pub may_decide: bool,
    /// Whether the reader read it in.
    pub is_own: bool,
}

/// A quotation of a file beside the rate that holds now.
#[derive(Debug, Clone)]
pub struct Beside {
    /// What the file says.
    pub quotation: Quotation,
    /// What holds now for that day.
    pub live: Option<Rate>,
}

/// Whether the actor may read files in.
pub fn may_propose(actor: &Actor) -> bool {
    actor.role.may(Act::MakeBatch) && is_provincial(actor)
}

fn is_provincial(actor: &Actor) -> bool {
    actor.division == region::PROVINCE
}

/// Whoever has a hand in batches of the province decides what another read in.
fn may_decide(actor: &Actor, row: &UploadRow) -> bool {
    let acts = [Act::MakeBatch, Act::CheckBatch, Act::ApproveBatch];
    row.decided_at.is_none() && is_provincial(actor) && acts.iter().any(|act| actor.role.may(*act))
}

fn line(row: RateRow, numbers: &HashMap<i64, String>) -> Result<RateLine, Error> {
    let rate = Rate::from_millionths(row.rate_millionths)
        .ok_or_else(|| Error::Internal(format!("exchange rate {}", row.id)))?;
    Ok(RateLine {
        currency: row.currency,
        quoted_on: row.quoted_on,
        rate,
        source: row.rate_source,
        upload_no: numbers.get(&row.upload_id).cloned().unwrap_or_default(),
        recorded_at: row.recorded_at,
        superseded_at: row.superseded_at,
    })
}

async fn lines(conn: &impl Connection, rows: Vec<RateRow>) -> Result<Vec<RateLine>, Error> {
    let ids: Vec<i64> = rows.iter().map(|row| row.upload_id).collect();
    let numbers = store::upload_numbers(conn, ids).await?.into_iter().collect();
    rows.into_iter().map(|row| line(row, &numbers)).collect()
}

/// One page of the rates that a filter keeps.
///
/// # Errors
/// [`Error::Forbidden`]; [`Error::Invalid`] for a currency or day that is none.
pub async fn rates(app: &App, actor: &Actor, filter: &Filter, offset: u64) -> Result<Rates, Error> {
    actor.must(Act::ReadRegistry)?;
    let read = app.db.read();
    let (currency, day) = asked(filter)?;
    let wanted = Wanted {
        currency: currency.clone().unwrap_or_default(),
        quoted_on: day,
        with_superseded: filter.history,
    };
    let (rows, total) = store::list(read, &wanted, (offset, RATES_A_PAGE)).await?;
    let applies = match (&currency, day) {
        (Some(currency), Some(day)) => rate_on(read, currency, day, None).await?,
        _ => None,
    };
    Ok(Rates { lines: lines(read, rows).await?, total, applies })
}

fn asked(filter: &Filter) -> Result<(Option<String>, Option<NaiveDate>), Error> {
    let mut faults = Vec::new();
    let currency = foreign_currency(&filter.currency);
    if currency.is_none() && !filter.currency.trim().is_empty() {
        faults.push(invalid("currency", "币种应为外币的三位字母代码，例如 USD"));
    }
    let day = filter.day.trim().parse().ok();
    if day.is_none() && !filter.day.trim().is_empty() {
        faults.push(invalid("day", "日期应为存在的日期，例如 2026-05-11"));
    }
    if faults.is_empty() { Ok((currency, day)) } else { Err(Error::Invalid(faults)) }
}

/// The rate of a day, or of the last day before it that has one (no bank quotes on holidays). With
/// `known_at`, as the register knew it then.
///
/// # Errors
/// When the database fails.
pub async fn rate_on(
    conn: &impl Connection,
    currency: &str,
    day: NaiveDate,
    known_at: Option<DateTime<Utc>>,
) -> Result<Option<RateLine>, Error> {
    let found = store::rate_on(conn, currency, day, known_at).await?;
    Ok(lines(conn, found.into_iter().collect()).await?.pop())
}

/// The last files that were read in, the latest first.
///
/// # Errors
/// [`Error::Forbidden`].
pub async fn uploads(app: &App, actor: &Actor) -> Result<Vec<UploadLine>, Error> {
    actor.must(Act::ReadRegistry)?;
    let rows = store::uploads(app.db.read(), UPLOADS_SHOWN).await?;
    with_names(app, actor, rows).await
}

async fn with_names(
    app: &App,
    actor: &Actor,
    rows: Vec<UploadRow>,
) -> Result<Vec<UploadLine>, Error> {
    let people: Vec<i64> = rows
        .iter()
        .flat_map(|row| [Some(row.proposed_holder), row.decided_holder])
        .flatten()
        .collect();
    let names = batch_view::holder_names(app.db.read(), people).await?;
    let name = |id: i64| names.get(&id).cloned().unwrap_or_default();
    let line = |row: UploadRow| UploadLine {
        proposer: name(row.proposed_holder),
        decider: row.decided_holder.map(name),
        may_decide: may_decide(actor, &row),
        is_own: row.proposed_holder == actor.holder_id,
        row,
    };
    Ok(rows.into_iter().map(line).collect())
}

/// A file with what it says beside what holds.
///
/// # Errors
/// [`Error::Forbidden`]; [`Error::NotFound`].
pub async fn upload(
    app: &App,
    actor: &Actor,
    no: &str,
) -> Result<(UploadLine, Vec<Beside>), Error> {
    actor.must(Act::ReadRegistry)?;
    let read = app.db.read();
    let row = store::upload(read, no).await?.ok_or(Error::NotFound("这份牌价文件"))?;
    let quotations = store::quotations(&row)?;
    let live: HashMap<(String, NaiveDate), i64> = store::live_beside(read, &quotations)
        .await?
        .into_iter()
        .map(|row| ((row.currency, row.quoted_on), row.rate_millionths))
        .collect();
    let beside = |quotation: Quotation| {
        let key = (quotation.currency.clone(), quotation.quoted_on);
        Beside { live: live.get(&key).and_then(|rate| Rate::from_millionths(*rate)), quotation }
    };
    let mut named = with_names(app, actor, vec![row]).await?;
    let line = named.pop().ok_or(Error::NotFound("这份牌价文件"))?;
    Ok((line, quotations.into_iter().map(beside).collect()))
}

/// Reads a file in; its rates hold once somebody else has confirmed it. Gives its number.
///
/// # Errors
/// [`Error::Forbidden`]; [`Error::Refused`] outside the province's finance office and for a file
/// that was read in before; [`Error::Invalid`] with every wrong cell.
pub async fn propose(
    app: &App,
    actor: &Actor,
    source: &str,
    file: Option<(&str, Vec<u8>)>,
) -> Result<String, Error> {
    actor.must(Act::MakeBatch)?;
    if !is_provincial(actor) {
        return Err(Error::Refused("外汇牌价由省级财政部门统一录入".to_owned()));
    }
    let mut faults = Vec::new();
    let source = text_or_fault(&mut faults, ("source", "来源"), source, MAX_SOURCE);
    let Some((name, bytes)) = file else {
        faults.push(invalid("file", "请选择牌价文件"));
        return Err(Error::Invalid(faults));
    };
    let sha256 = sha256_hex(&bytes);
    let quotations = match read(name, bytes, app.clock.today()).await {
        Ok(quotations) => quotations,
        Err(Error::Invalid(wrong)) => {
            faults.extend(wrong);
            Vec::new()
        }
        Err(other) => return Err(other),
    };
    if !faults.is_empty() {
        return Err(Error::Invalid(faults));
    }
    let tx = app.db.begin().await?;
    if let Some(no) = store::same_content(&tx, &sha256).await? {
        return Err(Error::Refused(format!("这份文件已录入过，编号 {no}")));
    }
    let new = NewUpload {
        file_name: name,
        content_sha256: &sha256,
        rate_source: &source,
        quotations: &quotations,
        by: (actor.account_id, actor.holder_id),
        at: app.clock.now(),
    };
    let no = store::propose(&tx, &new).await?;
    let detail = json!({ "rows": quotations.len(), "sha256": sha256, "source": source });
    log(app, &tx, actor, "exchange_rate.proposed", ("exchange_rate", &no), &detail).await?;
    tx.commit().await?;
    Ok(no)
}

/// The quotations of a file, or everything that is wrong with it.
async fn read(name: &str, bytes: Vec<u8>, today: NaiveDate) -> Result<Vec<Quotation>, Error> {
    let (rows, issues) = import::records::<Quotation>(name, bytes).await?;
    let [_, day_column, _] = ImportKind::ExchangeRates.columns() else {
        return Err(Error::Internal("the form of exchange rates".to_owned()));
    };
    let issues = issues.into_iter().filter(|issue| issue.is_error);
    let mut wrong: Vec<(u32, String)> = issues
        .map(|issue| {
            let text = format!("{}：{}；{}", issue.column, issue.reason, issue.fix);
            (issue.row, text)
        })
        .collect();
    for (row, quotation) in &rows {
        if quotation.quoted_on > today {
            wrong.push((*row, format!("{}：晚于今天；请核对日期", day_column.name)));
        }
    }
    if rows.len() > MOST_ROWS {
        wrong.push((0, format!("一次最多 {MOST_ROWS} 行，请分几次录入")));
    }
    if wrong.is_empty() {
        return Ok(rows.into_iter().map(|(_, quotation)| quotation).collect());
    }
    wrong.sort();
    let more = wrong.len().saturating_sub(FAULTS_TOLD);
    let told = wrong.into_iter().take(FAULTS_TOLD).map(|(row, text)| match row {
        0 => text,
        row => format!("第 {row} 行 {text}"),
    });
    let mut faults: Vec<(String, String)> = told.map(|text| invalid("file", text)).collect();
    if more > 0 {
        faults.push(invalid("file", format!("另有 {more} 处，请改好以上各处后重新上传")));
    }
    Err(Error::Invalid(faults))
}

/// Confirms a file that somebody else read in, or sends it back; who read it in can only take it
/// back.
///
/// # Errors
/// [`Error::Forbidden`]; [`Error::NotFound`]; [`Error::Refused`] for one's own; [`Error::Stale`]
/// when somebody decided first; [`Error::Invalid`] when it is sent back without a reason.
pub async fn decide(
    app: &App,
    actor: &Actor,
    no: &str,
    accept: bool,
    note: &str,
) -> Result<(), Error> {
    let acts = [Act::MakeBatch, Act::CheckBatch, Act::ApproveBatch];
    if !acts.iter().any(|act| actor.role.may(*act)) || !is_provincial(actor) {
        return Err(Error::Forbidden(Act::CheckBatch));
    }
    let note = note.trim();
    let tx = app.db.begin().await?;
    let row = store::lock(&tx, no).await?.ok_or(Error::NotFound("这份牌价文件"))?;
    if row.decided_at.is_some() {
        return Err(Error::Stale("这份文件已由他人确认或退回".to_owned()));
    }
    if accept && row.proposed_holder == actor.holder_id {
        return Err(Error::Refused("您录入的牌价须由另一人确认".to_owned()));
    }
    if !accept && note.is_empty() {
        return Err(Error::Invalid(vec![invalid("note", "退回时请写明原因")]));
    }
    let (by, at) = ((actor.account_id, actor.holder_id), app.clock.now());
    store::decide(&tx, row.id, by, (accept, note), at).await?;
    let mut detail = json!({ "note": note });
    if accept {
        let (added, superseded) = store::state(&tx, &row, at).await?;
        detail["added"] = added.into();
        detail["superseded"] = superseded.into();
    }
    let action = if accept { "exchange_rate.confirmed" } else { "exchange_rate.refused" };
    log(app, &tx, actor, action, ("exchange_rate", no), &detail).await?;
    tx.commit().await?;
    Ok(())
}
