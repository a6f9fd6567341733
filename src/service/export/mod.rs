//! Lists as files. Up to [`DIRECT_ROWS`] rows are an answer; more of them, or some columns only, are
//! asked for with a purpose, written beside the requests by [`work`], told of, kept for a day, and
//! given to nobody but who asked, as long as they may still see the list. What somebody asks for
//! again and again is kept as a template.

mod lists;
mod take;
mod template;
mod write;

use chrono::{DateTime, Utc};
use serde_json::json;

use super::{Actor, Error, invalid, log};
use crate::app::App;
use crate::domain::authority::Act;
use crate::domain::export::{ExportList, ExportState};
use crate::domain::registry::Code;
use crate::store::export::{self as store, Job, NewJob};

pub use lists::Wanted;
pub use take::{Taken, take};
pub use template::{TemplateLine, forget_template, keep_template, templates, wanted_of_template};
pub use write::{Writing, forget_old, work};

/// Rows of a list that is answered at once. Taking more along in bulk needs a purpose (GB/T
/// 35273-2020, 7.1: downloads in bulk are approved or recorded).
pub const DIRECT_ROWS: u64 = 200;
/// Rows of a list that a workbook holds.
const MOST_ROWS: u64 = 1_000_000;
/// Lists that one account lets be written at a time.
const MOST_OPEN: u64 = 5;
/// Longest purpose, in characters.
const PURPOSE_MAX: usize = 200;
/// Exports a page.
pub const EXPORTS_A_PAGE: u64 = 50;

/// A field of a form; empty when it was not sent.
pub fn value_of<'a>(fields: &[(&str, &'a str)], name: &str) -> &'a str {
    fields.iter().find(|(known, _)| *known == name).map_or("", |(_, value)| value)
}

/// An export as its owner sees it.
#[derive(Debug, Clone)]
pub struct ExportLine {
    /// Official number.
    pub no: String,
    /// Which list.
    pub list: ExportList,
    /// The filter in words.
    pub conditions: String,
    /// For what it was asked.
    pub purpose: String,
    /// How it stands.
    pub state: ExportState,
    /// Rows: all there were when it was asked for, and those written.
    pub rows: (i64, i64),
    /// When it was asked for.
    pub asked_at: DateTime<Utc>,
    /// When it ended.
    pub finished_at: Option<DateTime<Utc>>,
    /// Until when the file is kept.
    pub expires_at: Option<DateTime<Utc>>,
    /// Size of the file in bytes.
    pub size: Option<i64>,
    /// SHA-256 of the file in hexadecimal.
    pub sha256: String,
    /// Why there is none.
    pub message: String,
}

fn line(job: Job) -> Result<ExportLine, Error> {
    let unknown = || Error::Internal(format!("export {}", job.export_no));
    Ok(ExportLine {
        list: ExportList::from_code(&job.list).ok_or_else(unknown)?,
        state: ExportState::from_code(&job.state).ok_or_else(unknown)?,
        no: job.export_no,
        conditions: job.conditions,
        purpose: job.purpose,
        rows: (job.total, job.done),
        asked_at: job.asked_at,
        finished_at: job.finished_at,
        expires_at: job.expires_at,
        size: job.size_bytes,
        sha256: job.sha256.unwrap_or_default(),
        message: job.message,
    })
}

/// The actor's exports from `offset` on, the latest first, and how many there are.
///
/// # Errors
/// [`Error::Forbidden`].
pub async fn exports(
    app: &App,
    actor: &Actor,
    offset: u64,
) -> Result<(u64, Vec<ExportLine>), Error> {
    actor.must(Act::ReadRegistry)?;
    let page = (offset, EXPORTS_A_PAGE);
    let (total, rows) = store::of_account(app.db.read(), actor.account_id, page).await?;
    let lines: Result<Vec<ExportLine>, Error> = rows.into_iter().map(line).collect();
    Ok((total, lines?))
}

/// In which role and scope a list is seen: a file is given only to whoever still sees the same.
fn seen_as(actor: &Actor) -> String {
    format!("{} {:?}", actor.role.code(), actor.scope)
}

/// Asks for a list to be written; returns the official number.
///
/// # Errors
/// [`Error::Forbidden`]; [`Error::Invalid`] with the field `purpose`; [`Error::Refused`] for an
/// empty or too long list, or with too many others under way.
pub async fn ask(
    app: &App,
    actor: &Actor,
    wanted: &Wanted,
    purpose: &str,
) -> Result<String, Error> {
    let purpose = purpose.trim();
    let length = purpose.chars().count();
    if !(4..=PURPOSE_MAX).contains(&length) {
        let text = format!("请写明用途，4 至 {PURPOSE_MAX} 个字，例如：年度核定前核对名单");
        return Err(Error::Invalid(vec![invalid("purpose", text)]));
    }
    let total = wanted.count(app, actor).await?;
    if total == 0 {
        return Err(Error::Refused("该条件下没有记录，无需导出".to_owned()));
    }
    if total > MOST_ROWS {
        let text = format!("共 {total} 行，一个表格最多 {MOST_ROWS} 行，请缩小筛选范围");
        return Err(Error::Refused(text));
    }
    let tx = app.db.begin().await?;
    if store::count_open(&tx, actor.account_id).await? >= MOST_OPEN {
        let text = format!("已有 {MOST_OPEN} 个导出在排队或生成，请等其中一个完成");
        return Err(Error::Refused(text));
    }
    let new = NewJob {
        account_id: actor.account_id,
        list: wanted.list.code(),
        criteria: &wanted.criteria()?,
        conditions: &wanted.words(),
        purpose,
        seen_as: &seen_as(actor),
        total: i64::try_from(total).unwrap_or(i64::MAX),
        asked_at: app.clock.machine_now(),
    };
    let no = store::ask(&tx, &new).await?;
    // The conditions are not told: they may hold a name.
    let detail = json!({ "list": wanted.list.code(), "rows": total, "purpose": purpose });
    log(app, &tx, actor, "export.asked", ("export", &no), &detail).await?;
    tx.commit().await?;
    Ok(no)
}
