//! What machines read: the same lines as the pages, piece by piece.

use chrono::NaiveDate;
use serde_json::json;

use super::Caller;
use crate::app::App;
use crate::domain::authority::Act;
use crate::domain::period::Period;
use crate::domain::roster::current;
use crate::service::directory::{EngineerLine, engineer_lines};
use crate::service::import::ImportSummary;
use crate::service::seen::{self, SeenKind};
use crate::service::{Error, case, import, log};
use crate::store::directory::{self as store, EngineerFilter, EnterpriseFilter, ListingFilter};
use crate::store::fact::Versions;

/// Some engineers, and whether there are more.
#[derive(Debug)]
pub struct EngineerPiece {
    /// Lines, in the order of registration.
    pub rows: Vec<EngineerLine>,
    /// Where the next piece begins; `None` after the last.
    pub next: Option<String>,
}

/// An enterprise that is on the list.
#[derive(Debug, Clone)]
pub struct ListedEnterprise {
    /// Its code.
    pub uscc: String,
    /// Its name on the day.
    pub name: String,
    /// Division code on the day.
    pub division: String,
    /// The listing that covers the day.
    pub period: Period,
    /// Batch of the list.
    pub list_batch: String,
}

/// Some enterprises, and whether there are more.
#[derive(Debug)]
pub struct EnterprisePiece {
    /// Rows, in the order of registration.
    pub rows: Vec<ListedEnterprise>,
    /// Where the next piece begins; `None` after the last.
    pub next: Option<String>,
}

/// Where a file stands.
#[derive(Debug, Clone)]
pub struct CaseStatus {
    /// The line of the list.
    pub line: case::CaseLine,
    /// Number of the person; empty when it is about nobody.
    pub person_no: String,
    /// Whom it waits for.
    pub waits_for: Vec<&'static str>,
}

fn bad_cursor() -> Error {
    let text = "续读位置无效或已不在本账号的范围内，请从头读取".to_owned();
    Error::Invalid(vec![("after".to_owned(), text)])
}

/// Up to `limit` engineers in scope after the one with the number `after`, with what `year` came
/// to; with `decided`, only those of whom the year was decided.
///
/// # Errors
/// [`Error::Forbidden`]; [`Error::Invalid`] for `after`.
pub async fn engineer_piece(
    app: &App,
    caller: &Caller,
    (year, decided): (i32, bool),
    after: Option<&str>,
    limit: u64,
) -> Result<EngineerPiece, Error> {
    let actor = &caller.actor;
    actor.must(if decided { Act::ReadEntitlements } else { Act::ReadRegistry })?;
    let read = app.db.read();
    let begin = match after {
        None => 0,
        Some(no) => store::engineer(read, &actor.scope, no).await?.ok_or_else(bad_cursor)?.id,
    };
    let filter = EngineerFilter::all(app.clock.today(), i64::from(year));
    let wanted = decided.then_some(i64::from(year));
    let asked = (begin, limit.saturating_add(1));
    let mut people = store::engineers_after(read, &actor.scope, &filter, wanted, asked).await?;
    let next = cut(&mut people, limit).then(|| people.last().map(|person| person.no.clone()));
    let mut rows = engineer_lines(app, actor, people, "", year).await?;
    rows.retain(|row| !decided || row.year.is_some());
    let persons: Vec<&str> = rows.iter().map(|row| row.no.as_str()).collect();
    seen::note_exported(app, actor, &persons).await?;
    Ok(EngineerPiece { rows, next: next.flatten() })
}

/// Cuts what was read one row too far; whether there is more.
fn cut<T>(rows: &mut Vec<T>, limit: u64) -> bool {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = rows.len() > limit;
    rows.truncate(limit);
    more
}

/// The line of one engineer in scope, with what `year` came to.
///
/// # Errors
/// [`Error::Forbidden`]; [`Error::NotFound`] outside the scope.
pub async fn engineer_status(
    app: &App,
    caller: &Caller,
    no: &str,
    year: i32,
) -> Result<EngineerLine, Error> {
    let actor = &caller.actor;
    actor.must(Act::ReadRegistry)?;
    let person = store::engineer(app.db.read(), &actor.scope, no).await?;
    let person = person.ok_or(Error::NotFound("这位工程师"))?;
    seen::note_one(app, actor, SeenKind::Record, &person.no).await?;
    let line = engineer_lines(app, actor, vec![person], "", year).await?.pop();
    line.ok_or(Error::NotFound("这位工程师"))
}

/// Up to `limit` enterprises in scope that are on the list on a day, after the one with the code
/// `after`.
///
/// # Errors
/// [`Error::Forbidden`]; [`Error::Invalid`] for `after`.
pub async fn enterprise_piece(
    app: &App,
    caller: &Caller,
    day: NaiveDate,
    after: Option<&str>,
    limit: u64,
) -> Result<EnterprisePiece, Error> {
    let actor = &caller.actor;
    actor.must(Act::ReadRegistry)?;
    let read = app.db.read();
    let begin = match after {
        None => 0,
        Some(uscc) => store::enterprise(read, &actor.scope, uscc).await?.ok_or_else(bad_cursor)?.id,
    };
    let listing = Some(ListingFilter::Listed);
    let filter =
        EnterpriseFilter { today: day, text: None, city: None, listing, account_waits: false };
    let asked = (begin, limit.saturating_add(1));
    let mut keys = store::enterprises_after(read, &actor.scope, &filter, asked).await?;
    let next = cut(&mut keys, limit).then(|| keys.last().map(|key| key.uscc.clone()));
    let ids: Vec<i64> = keys.iter().map(|key| key.id).collect();
    let files = store::enterprise_files(read, &ids, Versions::Live).await?;
    let row = |id: &i64| {
        let file = files.get(id)?;
        let listing = file.listings.iter().find(|l| l.is_live() && l.period.covers(day))?;
        let name = current(&file.names, day).map(|name| name.fact.name.clone());
        let division = current(&file.divisions, day).map(|place| place.fact.division.clone());
        Some(ListedEnterprise {
            uscc: file.key.uscc.clone(),
            name: name.unwrap_or_default(),
            division: division.unwrap_or_default(),
            period: listing.period,
            list_batch: listing.fact.list_batch.clone(),
        })
    };
    Ok(EnterprisePiece { rows: ids.iter().filter_map(row).collect(), next: next.flatten() })
}

/// Where something handed in stands.
///
/// # Errors
/// [`Error::NotFound`] outside the scope.
pub async fn filing_status(
    app: &App,
    caller: &Caller,
    import_no: &str,
) -> Result<ImportSummary, Error> {
    import::status(app, &caller.actor, import_no).await
}

impl CaseStatus {
    /// Where a file in scope stands.
    ///
    /// # Errors
    /// [`Error::Forbidden`]; [`Error::NotFound`] outside the scope.
    pub async fn of(app: &App, caller: &Caller, case_no: &str) -> Result<Self, Error> {
        let view = case::case_view(app, &caller.actor, case_no).await?;
        if !view.person_no.is_empty() {
            seen::note_one(app, &caller.actor, SeenKind::Record, &view.person_no).await?;
        }
        Ok(Self { line: view.line, person_no: view.person_no, waits_for: view.waits_for })
    }
}

/// Tells the log that a list was read, as it tells of an export.
///
/// # Errors
/// When the log cannot be written.
pub async fn note_read(app: &App, caller: &Caller, list: &str, rows: usize) -> Result<(), Error> {
    let tx = app.db.begin().await?;
    let detail = json!({ "kind": list, "rows": rows });
    log(app, &tx, &caller.actor, "api.read", ("token", &caller.token_no), &detail).await?;
    Ok(tx.commit().await?)
}
