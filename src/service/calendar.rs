//! Working days of a year: read in from the announcement by one person of the province, confirmed
//! by another, and from then on what notices and limits are counted by (domain.md 6).

use chrono::NaiveDate;
use serde_json::json;

use super::{Actor, Error, invalid, log};
use crate::app::App;
use crate::clock::china_time;
use crate::domain::arrangement::Arrangement;
use crate::domain::authority::Act;
use crate::domain::calendar::{CalendarSource, WorkCalendar};
use crate::store::calendar::{self as store, CalendarRow, Confirmed, NewCalendar};
use crate::store::db::Tx;
use crate::store::directory;
use crate::store::source::{self, NewSource};

/// The working days that are known now: those that come with the program, and over them the last
/// confirmed version of every year.
///
/// # Errors
/// When the database fails.
pub(super) async fn within(tx: &Tx) -> Result<WorkCalendar, Error> {
    Ok(put_together(store::confirmed(tx).await?))
}

/// The same outside a transaction.
///
/// # Errors
/// When the database fails.
pub async fn known(app: &App) -> Result<WorkCalendar, Error> {
    Ok(put_together(store::confirmed(app.db.read()).await?))
}

fn put_together(confirmed: Vec<Confirmed>) -> WorkCalendar {
    confirmed.into_iter().fold(WorkCalendar::shipped().clone(), |calendar, version| {
        let source = CalendarSource {
            title: version.title,
            published: version.announced_on,
            loaded: china_time(version.confirmed_at).date_naive(),
        };
        calendar.with(&version.arrangement, source)
    })
}

/// A year that is known.
#[derive(Debug, Clone)]
pub struct YearLine {
    /// Year.
    pub year: i32,
    /// Document, when it was announced, when it was loaded.
    pub source: CalendarSource,
    /// What it says.
    pub arrangement: Arrangement,
}

/// A version that somebody read in.
#[derive(Debug, Clone)]
pub struct VersionLine {
    /// Year.
    pub year: i32,
    /// Number in the year.
    pub version: i64,
    /// Title and number of the document.
    pub document: String,
    /// When it was announced.
    pub announced_on: NaiveDate,
    /// What it says.
    pub arrangement: Arrangement,
    /// Who read it in, and when.
    pub proposed: (String, chrono::DateTime<chrono::Utc>),
    /// Who decided, when, whether it holds, and the remark; `None` while it waits.
    pub decided: Option<(String, chrono::DateTime<chrono::Utc>, bool, String)>,
    /// Whether the reader read it in: somebody else confirms it.
    pub is_own: bool,
}

/// Everything that the pages about calendars show.
#[derive(Debug, Clone)]
pub struct Calendars {
    /// Known years, the last first.
    pub years: Vec<YearLine>,
    /// All versions that were read in, the last first.
    pub versions: Vec<VersionLine>,
}

/// The known years and the versions read in.
///
/// # Errors
/// [`Error::Forbidden`].
pub async fn calendars(app: &App, actor: &Actor) -> Result<Calendars, Error> {
    actor.must(Act::ReadRegistry)?;
    let read = app.db.read();
    let known = known(app).await?;
    let line = |(year, source): (i32, &CalendarSource)| {
        Some(YearLine { year, source: source.clone(), arrangement: known.arrangement(year)? })
    };
    let mut years: Vec<YearLine> = known.sources().filter_map(line).collect();
    years.reverse();
    let rows = store::all(read).await?;
    let people: Vec<i64> =
        rows.iter().flat_map(|row| [Some(row.proposed_by), row.decided_by]).flatten().collect();
    let names = directory::account_names(read, &people).await?;
    let ids: Vec<i64> = rows.iter().map(|row| row.source_id).collect();
    let documents = source::by_ids(read, &ids).await?;
    let name = |id: i64| names.get(&id).cloned().unwrap_or_default();
    let mut versions = Vec::with_capacity(rows.len());
    for row in rows.iter().rev() {
        let document = documents.iter().find(|document| document.id == row.source_id);
        let decided = row.decided_by.zip(row.decided_at).map(|(by, at)| {
            let note = row.note.clone().unwrap_or_default();
            (name(by), at, row.accepted == Some(true), note)
        });
        let arrangement = store::arrangement(row)?;
        versions.push(VersionLine {
            year: arrangement.year,
            version: row.version,
            document: document
                .map(|d| format!("{} {}", d.title, d.document_no))
                .unwrap_or_default(),
            announced_on: row.announced_on,
            arrangement,
            proposed: (name(row.proposed_by), row.proposed_at),
            decided,
            is_own: row.proposed_holder == actor.holder_id,
        });
    }
    Ok(Calendars { years, versions })
}

/// A year as it is typed or pasted.
#[derive(Debug, Clone, Default)]
pub struct NewYear {
    /// Year.
    pub year: String,
    /// Title of the document.
    pub title: String,
    /// Its number.
    pub document_no: String,
    /// When it was announced.
    pub announced_on: String,
    /// The lines.
    pub days: String,
}

/// Reads a year in; it holds once somebody else has confirmed it. Gives the year.
///
/// # Errors
/// [`Error::Forbidden`]; [`Error::Invalid`] with the fields and every wrong line;
/// [`Error::Refused`] while another version of the year waits.
pub async fn propose(app: &App, actor: &Actor, new: &NewYear) -> Result<i32, Error> {
    actor.must(Act::LoadCalendars)?;
    let today = app.clock.today();
    let mut faults = Vec::new();
    let year: i32 = new.year.trim().parse().unwrap_or(0);
    if !(2025..=2100).contains(&year) {
        faults.push(invalid("year", "请填写 2025 至 2100 的年份"));
    }
    if new.title.trim().is_empty() {
        faults.push(invalid("title", "请填写放假安排通知的标题"));
    }
    if new.document_no.trim().is_empty() {
        faults.push(invalid("document_no", "请填写发文字号"));
    }
    let announced: Option<NaiveDate> = new.announced_on.trim().parse().ok();
    if announced.is_none_or(|on| on > today) {
        faults.push(invalid("announced_on", "请填写发文日期，不能晚于今天"));
    }
    let read = match Arrangement::read(year, &new.days) {
        Ok(read) => Some(read),
        // A wrong year makes every line wrong: say it once.
        Err(lines) if faults.is_empty() || year != 0 => {
            faults.extend(lines.into_iter().map(|line| invalid("days", line)));
            None
        }
        Err(_) => None,
    };
    let (Some(arrangement), Some(announced_on), true) = (read, announced, faults.is_empty()) else {
        return Err(Error::Invalid(faults));
    };
    let tx = app.db.begin().await?;
    let versions = store::all(&tx).await?;
    let of_year = || versions.iter().filter(|row| row.calendar_year == i64::from(year));
    if of_year().any(|row| row.decided_at.is_none()) {
        let text = format!("{year} 年已有一份待确认的安排，请先确认或退回");
        return Err(Error::Refused(text));
    }
    let at = app.clock.now();
    let document = NewSource {
        kind: "decision",
        title: new.title.trim(),
        document_no: new.document_no.trim(),
        import_id: None,
        recorded_by: actor.account_id,
        recorded_at: at,
    };
    let source_id = source::record(&tx, &document).await?;
    let version = of_year().map(|row| row.version).max().unwrap_or(0) + 1;
    let by = (actor.account_id, actor.holder_id);
    let row = NewCalendar { arrangement: &arrangement, version, announced_on, source_id, by, at };
    store::propose(&tx, &row).await?;
    let detail = json!({ "version": version, "off": arrangement.off.len() });
    log(app, &tx, actor, "calendar.proposed", ("calendar", &year.to_string()), &detail).await?;
    tx.commit().await?;
    Ok(year)
}

/// Confirms a version that somebody else read in, or sends it back; who read it in can only take it
/// back. Limits that reached into the year are found at once.
///
/// # Errors
/// [`Error::Forbidden`]; [`Error::NotFound`]; [`Error::Refused`] for one's own; [`Error::Stale`]
/// when somebody decided first; [`Error::Invalid`] when it is sent back without a reason.
pub async fn decide(
    app: &App,
    actor: &Actor,
    (year, version): (i32, i64),
    accept: bool,
    note: &str,
) -> Result<(), Error> {
    actor.must(Act::LoadCalendars)?;
    let note = note.trim();
    let tx = app.db.begin().await?;
    let row: CalendarRow =
        store::lock(&tx, year, version).await?.ok_or(Error::NotFound("这份工作日安排"))?;
    if row.decided_at.is_some() {
        return Err(Error::Stale("这份安排已由他人确认或退回".to_owned()));
    }
    if accept && row.proposed_holder == actor.holder_id {
        return Err(Error::Refused("您录入的安排须由另一人确认".to_owned()));
    }
    if !accept && note.is_empty() {
        return Err(Error::Invalid(vec![invalid("note", "退回时请写明原因")]));
    }
    let by = (actor.account_id, actor.holder_id);
    store::decide(&tx, row.id, by, (accept, note), app.clock.now()).await?;
    if accept {
        super::case::find_limits(&tx).await?;
    }
    let action = if accept { "calendar.confirmed" } else { "calendar.refused" };
    let detail = json!({ "version": version, "note": note });
    log(app, &tx, actor, action, ("calendar", &year.to_string()), &detail).await?;
    tx.commit().await?;
    Ok(())
}
