//! Public notices: published for working days, read without signing in, objected to by anybody.

mod announce;
mod change;
mod received;
mod standing;

pub use announce::{Announced, Candidate, announced_by, candidates};
pub(super) use change::withdraw_lines;
pub use change::{Correction, restart};
pub use received::{NewObjectionText, Received, object};
pub(super) use standing::NoticeStanding;

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde_json::json;

use self::announce::{announced, publish_files};
use super::{Actor, Error, calendar, invalid, log, webhook};
use crate::app::App;
use crate::clock::china_time;
use crate::domain::lifecycle::CaseKind;
use crate::domain::registry::Code;
use crate::store::case as cases;
use crate::store::db::Tx;
use crate::store::notice::{self as store, NewNotice, NewPeriod, PeriodRow};
use crate::store::number;

/// Notices a page.
pub const NOTICES_A_PAGE: u64 = 20;
/// Fewest working days of a public notice (domain.md 7.5).
const FEWEST_DAYS: u32 = 5;
/// Most lines of one notice.
const MOST_LINES: usize = 2_000;

/// A notice to be published.
#[derive(Debug, Clone, Default)]
pub struct Draft {
    /// Code of the kind of its files; empty for the first that the role announces.
    pub kind: String,
    /// Title.
    pub title: String,
    /// Document it rests on.
    pub basis: String,
    /// Where to turn to.
    pub contact: String,
    /// Working days, as typed.
    pub working_days: String,
    /// Whether the day of publication counts.
    pub count_first_day: bool,
    /// The files, by number.
    pub case_nos: Vec<String>,
    /// What goes into every file, by code of the evidence.
    pub evidence: BTreeMap<String, String>,
}

/// A notice in the list.
#[derive(Debug, Clone)]
pub struct NoticeLine {
    /// Number.
    pub no: String,
    /// Title.
    pub title: String,
    /// Kind.
    pub kind: &'static str,
    /// First day.
    pub starts_on: NaiveDate,
    /// Last day.
    pub ends_on: NaiveDate,
    /// Whether it runs today.
    pub running: bool,
}

/// A line of a notice.
#[derive(Debug, Clone)]
pub struct NoticeEntry {
    /// Number in the notice.
    pub seq: i64,
    /// Masked name.
    pub name: String,
    /// Enterprise.
    pub enterprise: String,
    /// What is to be decided.
    pub detail: String,
    /// When it was taken out of the notice; then nobody is named any more.
    pub withdrawn_on: Option<NaiveDate>,
}

/// A notice as the public reads it.
#[derive(Debug, Clone)]
pub struct Notice {
    /// The line of the list.
    pub line: NoticeLine,
    /// Document it rests on.
    pub basis: String,
    /// Where to turn to.
    pub contact: String,
    /// Earlier days with why they were started again.
    pub restarts: Vec<(NaiveDate, NaiveDate, String)>,
    /// What it said before it was corrected, the oldest first.
    pub earlier: Vec<EarlierText>,
    /// The lines.
    pub entries: Vec<NoticeEntry>,
}

/// What a notice said until it was started again with another text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EarlierText {
    /// The day on which the next text began.
    pub until: NaiveDate,
    /// Title.
    pub title: String,
    /// Document it rests on.
    pub basis: String,
    /// Where to turn to.
    pub contact: String,
}

/// Publishes a notice of files that the province checked; gives its number. All of them move
/// together or none does.
///
/// # Errors
/// [`Error::Invalid`] with the field; [`Error::Refused`] when the calendar does not reach so far
/// or a file cannot be published.
pub async fn publish(app: &App, actor: &Actor, draft: &Draft) -> Result<String, Error> {
    let announced = announced(actor, &draft.kind)?;
    let days = check(draft, &announced)?;
    let today = app.clock.today();
    let tx = app.db.begin().await?;
    let ends_on = calendar::within(&tx)
        .await?
        .last_day_of_notice(today, days, draft.count_first_day)
        .map_err(|error| Error::Refused(error.to_string()))?;
    let entries = publish_files(app, &tx, actor, draft, announced.kind).await?;
    let serial = number::allocate(&tx, "notice", 1).await?;
    let notice_no = format!("GS{}-{serial:04}", today.format("%Y"));
    let (count, now) = (entries.len(), app.clock.now());
    let notice = NewNotice {
        notice_no: &notice_no,
        kind: announced.kind.code(),
        title: draft.title.trim(),
        basis: draft.basis.trim(),
        contact: draft.contact.trim(),
        published_by: actor.account_id,
        published_at: now,
    };
    let period = NewPeriod {
        seq: 1,
        starts_on: today,
        ends_on,
        working_days: days.into(),
        count_first_day: draft.count_first_day,
        reason: "",
        recorded_by: actor.account_id,
        recorded_at: now,
    };
    let files: Vec<i64> = entries.iter().map(|entry| entry.case_id).collect();
    store::publish(&tx, &notice, &period, entries).await?;
    webhook::published(app, &tx, &notice_no, &files).await?;
    let detail = json!({ "lines": count, "ends_on": ends_on });
    log(app, &tx, actor, "notice.published", ("notice", &notice_no), &detail).await?;
    tx.commit().await?;
    Ok(notice_no)
}

fn check(draft: &Draft, announced: &Announced) -> Result<u32, Error> {
    let mut faults = Vec::new();
    let mut filled = |field: &str, text: &str, words: &str| {
        if text.trim().is_empty() {
            faults.push(invalid(field, format!("请填写{words}")));
        }
    };
    filled("title", &draft.title, "公示标题");
    filled("basis", &draft.basis, "依据文件");
    filled("contact", &draft.contact, "受理异议的电话和地址");
    for evidence in announced.evidence {
        let given = draft.evidence.get(evidence.code()).map_or("", String::as_str);
        filled(evidence.code(), given, evidence.label());
    }
    let days = draft.working_days.trim().parse().unwrap_or(0);
    if !(FEWEST_DAYS..=60).contains(&days) {
        let text = format!("公示期为 {FEWEST_DAYS} 至 60 个工作日");
        faults.push(invalid("working_days", text));
    }
    if draft.case_nos.is_empty() || draft.case_nos.len() > MOST_LINES {
        faults.push(invalid("case", format!("请选择 1 至 {MOST_LINES} 件")));
    }
    if faults.is_empty() { Ok(days) } else { Err(Error::Invalid(faults)) }
}

/// The notices, the latest first. Everybody may read them.
///
/// # Errors
/// When the database fails.
pub async fn notices(app: &App, page: u64) -> Result<Vec<NoticeLine>, Error> {
    let read = app.db.read();
    let offset = page.saturating_sub(1).saturating_mul(NOTICES_A_PAGE);
    let found = store::all(read, offset, NOTICES_A_PAGE).await?;
    let ids: Vec<i64> = found.iter().map(|notice| notice.id).collect();
    let days = store::last_periods(read, &ids).await?;
    let texts = store::texts(read, &ids).await?;
    let shown = |notice: &store::NoticeRow| {
        let last = texts.iter().rfind(|text| text.notice_id == notice.id);
        let title = last.map_or(&notice.title, |text| &text.title);
        days.get(&notice.id).map(|days| line(app, notice, title, days))
    };
    Ok(found.iter().filter_map(shown).collect())
}

fn line(app: &App, notice: &store::NoticeRow, title: &str, days: &PeriodRow) -> NoticeLine {
    let today = app.clock.today();
    NoticeLine {
        no: notice.notice_no.clone(),
        title: title.to_owned(),
        kind: CaseKind::from_code(&notice.kind).map_or("", Code::label),
        starts_on: days.starts_on,
        ends_on: days.ends_on,
        running: days.starts_on <= today && today <= days.ends_on,
    }
}

/// One notice. Everybody may read it.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn notice(app: &App, no: &str) -> Result<Notice, Error> {
    let read = app.db.read();
    let found = store::by_no(read, no).await?.ok_or(Error::NotFound("这份公示"))?;
    let periods = store::periods(read, found.id).await?;
    let (days, earlier) = periods.split_last().ok_or(Error::NotFound("这份公示"))?;
    let reasons = periods.iter().skip(1).map(|days| days.reason.clone());
    let restarts = earlier.iter().zip(reasons);
    let (text, earlier) = change::texts(read, &found, &periods).await?;
    let withdrawn = store::withdrawals(read, found.id).await?;
    let entry = |row: store::EntryRow| match withdrawn.get(&row.id).map(|at| china_time(*at)) {
        None => NoticeEntry {
            seq: row.seq,
            name: row.name_masked,
            enterprise: row.enterprise,
            detail: row.detail,
            withdrawn_on: None,
        },
        Some(at) => NoticeEntry {
            seq: row.seq,
            name: "—".to_owned(),
            enterprise: String::new(),
            detail: format!("该项已于 {} 撤出公示", at.date_naive()),
            withdrawn_on: Some(at.date_naive()),
        },
    };
    Ok(Notice {
        line: line(app, &found, &text.title, days),
        restarts: restarts.map(|(days, why)| (days.starts_on, days.ends_on, why)).collect(),
        entries: store::entries(read, found.id).await?.into_iter().map(entry).collect(),
        basis: text.basis,
        contact: text.contact,
        earlier,
    })
}

/// What an objection says; who says it stays sealed.
pub(super) async fn objection_facts(
    tx: &Tx,
    case_id: i64,
) -> Result<Vec<(&'static str, String)>, Error> {
    let Some(row) = store::objection(tx, case_id).await? else { return Ok(Vec::new()) };
    let entry = store::entry(tx, row.entry_id).await?;
    let target = match &entry {
        Some(entry) => cases::by_ids(tx, &[entry.case_id]).await?.pop(),
        None => None,
    };
    let who =
        if row.named { "实名（身份已密封）" } else { "匿名线索，不停止办理" };
    let mut facts = vec![("提出人", who.to_owned()), ("异议内容", row.content)];
    if let Some((entry, target)) = entry.zip(target) {
        let about = format!("{} {} {}", entry.name_masked, entry.enterprise, entry.detail);
        facts.push(("针对", about));
        facts.push(("被异议办件", target.case_no));
    }
    Ok(facts)
}
