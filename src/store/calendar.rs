//! Working days of years, as loaded.

use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::LockType;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, QueryFilter, QueryOrder,
    QuerySelect,
};

use super::db::{Verdict, decide as decide_proposal};
use crate::domain::arrangement::Arrangement;
use crate::store::source;

pub use entity::work_calendar::Model as CalendarRow;

/// A version of a year to be proposed.
#[derive(Debug, Clone)]
pub struct NewCalendar<'a> {
    /// What it says.
    pub arrangement: &'a Arrangement,
    /// Number in the year.
    pub version: i64,
    /// When it was announced.
    pub announced_on: NaiveDate,
    /// Document.
    pub source_id: i64,
    /// Account and natural person.
    pub by: (i64, i64),
    /// When it was read in.
    pub at: DateTime<Utc>,
}

/// Keeps a version that nobody confirmed yet.
///
/// # Errors
/// A unique violation while another version of the year waits.
pub async fn propose(tx: &DatabaseTransaction, new: &NewCalendar<'_>) -> Result<(), DbErr> {
    let (off, work) = new.arrangement.to_stored();
    let row = entity::work_calendar::ActiveModel {
        calendar_year: Set(new.arrangement.year.into()),
        version: Set(new.version),
        days_off: Set(off),
        working_days: Set(work),
        announced_on: Set(new.announced_on),
        source_id: Set(new.source_id),
        proposed_by: Set(new.by.0),
        proposed_holder: Set(new.by.1),
        proposed_at: Set(new.at),
        decided_by: Set(None),
        decided_holder: Set(None),
        decided_at: Set(None),
        accepted: Set(None),
        note: Set(None),
        ..Default::default()
    };
    entity::work_calendar::Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

/// Confirms or refuses a version that waits.
///
/// # Errors
/// [`DbErr::RecordNotUpdated`] when somebody decided it first.
pub async fn decide(
    tx: &DatabaseTransaction,
    id: i64,
    (account, holder): (i64, i64),
    (accepted, note): (bool, &str),
    at: DateTime<Utc>,
) -> Result<(), DbErr> {
    use entity::work_calendar::{Column, Entity};
    let by = [(Column::DecidedBy, account.into()), (Column::DecidedHolder, holder.into())];
    decide_proposal::<Entity>(tx, id, by, Verdict { accepted, note, at }).await
}

/// All versions, by year and version.
///
/// # Errors
/// When the database fails.
pub async fn all(conn: &impl ConnectionTrait) -> Result<Vec<CalendarRow>, DbErr> {
    use entity::work_calendar::{Column, Entity};
    Entity::find().order_by_asc(Column::CalendarYear).order_by_asc(Column::Version).all(conn).await
}

/// A version, locked for the rest of the transaction.
///
/// # Errors
/// When the database fails.
pub async fn lock(
    tx: &DatabaseTransaction,
    year: i32,
    version: i64,
) -> Result<Option<CalendarRow>, DbErr> {
    use entity::work_calendar::{Column, Entity};
    Entity::find()
        .filter(Column::CalendarYear.eq(i64::from(year)))
        .filter(Column::Version.eq(version))
        .lock(LockType::Update)
        .one(tx)
        .await
}

/// What a row says.
///
/// # Errors
/// When its lists are none.
pub fn arrangement(row: &CalendarRow) -> Result<Arrangement, DbErr> {
    let wrong = || DbErr::Custom(format!("work calendar {}", row.id));
    let year = i32::try_from(row.calendar_year).map_err(|_| wrong())?;
    Arrangement::stored(year, &row.days_off, &row.working_days).ok_or_else(wrong)
}

/// A confirmed version of a year.
#[derive(Debug, Clone)]
pub struct Confirmed {
    /// What it says.
    pub arrangement: Arrangement,
    /// Title of the document.
    pub title: String,
    /// When it was announced.
    pub announced_on: NaiveDate,
    /// When it was confirmed.
    pub confirmed_at: DateTime<Utc>,
}

/// The confirmed versions, by year and version: the last of a year holds.
///
/// # Errors
/// When the database fails or holds a list that is none.
pub async fn confirmed(conn: &impl ConnectionTrait) -> Result<Vec<Confirmed>, DbErr> {
    use entity::work_calendar::{Column, Entity};
    let rows = Entity::find()
        .filter(Column::Accepted.eq(true))
        .order_by_asc(Column::CalendarYear)
        .order_by_asc(Column::Version)
        .all(conn)
        .await?;
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<i64> = rows.iter().map(|row| row.source_id).collect();
    let documents = source::by_ids(conn, &ids).await?;
    let one = |row: CalendarRow| {
        let title = documents.iter().find(|document| document.id == row.source_id);
        Ok(Confirmed {
            arrangement: arrangement(&row)?,
            title: title.map(|document| document.title.clone()).unwrap_or_default(),
            announced_on: row.announced_on,
            confirmed_at: row.decided_at.unwrap_or(row.proposed_at),
        })
    };
    rows.into_iter().map(one).collect()
}
