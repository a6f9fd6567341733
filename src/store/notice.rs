//! Public notices: their lines, their days, and the objections to them.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::ActiveValue::Set;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, JoinType, QueryFilter,
    QueryOrder, QuerySelect, RelationDef,
};

use super::db::{insert_all, rows_per_statement};

pub use entity::objection_file::Model as ObjectionRow;
pub use entity::public_notice::Model as NoticeRow;
pub use entity::public_notice_entry::Model as EntryRow;
pub use entity::public_notice_period::Model as PeriodRow;

/// A notice to be published.
#[derive(Debug, Clone)]
pub struct NewNotice<'a> {
    /// Official number.
    pub notice_no: &'a str,
    /// Kind of the files in it.
    pub kind: &'a str,
    /// Title.
    pub title: &'a str,
    /// Document it rests on.
    pub basis: &'a str,
    /// Where to turn to.
    pub contact: &'a str,
    /// Account that publishes it.
    pub published_by: i64,
    /// When.
    pub published_at: DateTime<Utc>,
}

/// The days of a notice.
#[derive(Debug, Clone)]
pub struct NewPeriod<'a> {
    /// From 1; a restart has the next number.
    pub seq: i64,
    /// First day.
    pub starts_on: NaiveDate,
    /// Last day.
    pub ends_on: NaiveDate,
    /// Working days that were asked for.
    pub working_days: i64,
    /// Whether the first day counts.
    pub count_first_day: bool,
    /// Why it starts again; empty for the first.
    pub reason: &'a str,
    /// Account.
    pub recorded_by: i64,
    /// When.
    pub recorded_at: DateTime<Utc>,
}

/// A line, as the public reads it.
#[derive(Debug, Clone)]
pub struct NewEntry {
    /// The file.
    pub case_id: i64,
    /// Masked name.
    pub name_masked: String,
    /// Enterprise.
    pub enterprise: String,
    /// What is to be decided.
    pub detail: String,
}

/// Publishes a notice with its lines; returns its identity.
///
/// # Errors
/// When the database refuses.
pub async fn publish(
    tx: &DatabaseTransaction,
    notice: &NewNotice<'_>,
    period: &NewPeriod<'_>,
    entries: Vec<NewEntry>,
) -> Result<i64, DbErr> {
    let row = entity::public_notice::ActiveModel {
        notice_no: Set(notice.notice_no.to_owned()),
        kind: Set(notice.kind.to_owned()),
        title: Set(notice.title.to_owned()),
        basis: Set(notice.basis.to_owned()),
        contact: Set(notice.contact.to_owned()),
        published_by: Set(notice.published_by),
        published_at: Set(notice.published_at),
        ..Default::default()
    };
    let id = entity::public_notice::Entity::insert(row).exec(tx).await?.last_insert_id;
    add_period(tx, id, period).await?;
    let rows: Vec<_> = (1..)
        .zip(entries)
        .map(|(seq, entry)| entity::public_notice_entry::ActiveModel {
            notice_id: Set(id),
            seq: Set(seq),
            case_id: Set(entry.case_id),
            name_masked: Set(entry.name_masked),
            enterprise: Set(entry.enterprise),
            detail: Set(entry.detail),
            ..Default::default()
        })
        .collect();
    insert_all(tx, rows).await?;
    Ok(id)
}

/// Adds the days of a notice, or its days after a restart.
///
/// # Errors
/// A unique violation when somebody else restarted it.
pub async fn add_period(
    tx: &DatabaseTransaction,
    notice_id: i64,
    period: &NewPeriod<'_>,
) -> Result<(), DbErr> {
    let row = entity::public_notice_period::ActiveModel {
        notice_id: Set(notice_id),
        seq: Set(period.seq),
        starts_on: Set(period.starts_on),
        ends_on: Set(period.ends_on),
        working_days: Set(period.working_days),
        count_first_day: Set(period.count_first_day),
        reason: Set(period.reason.to_owned()),
        recorded_by: Set(period.recorded_by),
        recorded_at: Set(period.recorded_at),
        ..Default::default()
    };
    entity::public_notice_period::Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

/// All notices, the latest first.
///
/// # Errors
/// When the database fails.
pub async fn all(
    conn: &impl ConnectionTrait,
    offset: u64,
    limit: u64,
) -> Result<Vec<NoticeRow>, DbErr> {
    use entity::public_notice::{Column, Entity};
    Entity::find().order_by_desc(Column::Id).offset(offset).limit(limit).all(conn).await
}

/// A notice by its number.
///
/// # Errors
/// When the database fails.
pub async fn by_no(conn: &impl ConnectionTrait, no: &str) -> Result<Option<NoticeRow>, DbErr> {
    use entity::public_notice::{Column, Entity};
    Entity::find().filter(Column::NoticeNo.eq(no)).one(conn).await
}

/// A notice by identity.
///
/// # Errors
/// When the database fails.
pub async fn by_id(conn: &impl ConnectionTrait, id: i64) -> Result<Option<NoticeRow>, DbErr> {
    entity::public_notice::Entity::find_by_id(id).one(conn).await
}

/// The days of a notice, oldest first; the last ones bind.
///
/// # Errors
/// When the database fails.
pub async fn periods(conn: &impl ConnectionTrait, notice_id: i64) -> Result<Vec<PeriodRow>, DbErr> {
    use entity::public_notice_period::{Column, Entity};
    Entity::find().filter(Column::NoticeId.eq(notice_id)).order_by_asc(Column::Seq).all(conn).await
}

/// The days that bind of each of these notices, by notice: the last ones stated.
///
/// # Errors
/// When the database fails.
pub async fn binding_periods(
    conn: &impl ConnectionTrait,
    notices: &[i64],
) -> Result<HashMap<i64, PeriodRow>, DbErr> {
    use entity::public_notice_period::{Column, Entity};
    let mut found = HashMap::new();
    for notices in notices.chunks(rows_per_statement(1)) {
        let rows = Entity::find()
            .filter(Column::NoticeId.is_in(notices.iter().copied()))
            .order_by_asc(Column::Seq)
            .all(conn)
            .await?;
        found.extend(rows.into_iter().map(|row| (row.notice_id, row)));
    }
    Ok(found)
}

/// The lines of a notice.
///
/// # Errors
/// When the database fails.
pub async fn entries(conn: &impl ConnectionTrait, notice_id: i64) -> Result<Vec<EntryRow>, DbErr> {
    use entity::public_notice_entry::{Column, Entity};
    Entity::find().filter(Column::NoticeId.eq(notice_id)).order_by_asc(Column::Seq).all(conn).await
}

/// The line of a file in the last notice that it stands in.
///
/// # Errors
/// When the database fails.
pub async fn entry_of(
    conn: &impl ConnectionTrait,
    case_id: i64,
) -> Result<Option<EntryRow>, DbErr> {
    use entity::public_notice_entry::{Column, Entity};
    Entity::find().filter(Column::CaseId.eq(case_id)).order_by_desc(Column::Id).one(conn).await
}

/// An objection to be kept.
#[derive(Debug, Clone)]
pub struct NewObjection {
    /// The file of the objection itself.
    pub case_id: i64,
    /// The line that it is about.
    pub entry_id: i64,
    /// Whether somebody put their name to it.
    pub named: bool,
    /// Sealed name.
    pub objector_cipher: Vec<u8>,
    /// Sealed contact.
    pub contact_cipher: Vec<u8>,
    /// What is said.
    pub content: String,
    /// When.
    pub received_at: DateTime<Utc>,
}

/// Keeps an objection.
///
/// # Errors
/// When the database refuses.
pub async fn object(tx: &DatabaseTransaction, new: NewObjection) -> Result<(), DbErr> {
    let row = entity::objection_file::ActiveModel {
        case_id: Set(new.case_id),
        entry_id: Set(new.entry_id),
        named: Set(new.named),
        objector_cipher: Set(new.objector_cipher),
        contact_cipher: Set(new.contact_cipher),
        content: Set(new.content),
        received_at: Set(new.received_at),
        ..Default::default()
    };
    entity::objection_file::Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

/// The objection that a file is.
///
/// # Errors
/// When the database fails.
pub async fn objection(
    conn: &impl ConnectionTrait,
    case_id: i64,
) -> Result<Option<ObjectionRow>, DbErr> {
    use entity::objection_file::{Column, Entity};
    Entity::find().filter(Column::CaseId.eq(case_id)).one(conn).await
}

/// The line that an objection is about.
///
/// # Errors
/// When the database fails.
pub async fn entry(conn: &impl ConnectionTrait, id: i64) -> Result<Option<EntryRow>, DbErr> {
    entity::public_notice_entry::Entity::find_by_id(id).one(conn).await
}

/// The states of the objections to a file, in any notice; named ones only, since an anonymous
/// lead stops nothing before it is accepted.
///
/// # Errors
/// When the database fails.
pub async fn objection_states(
    conn: &impl ConnectionTrait,
    target_case: i64,
) -> Result<Vec<(String, bool)>, DbErr> {
    use entity::{case_file, objection_file, public_notice_entry};
    let to_entry: RelationDef = objection_file::Entity::belongs_to(public_notice_entry::Entity)
        .from(objection_file::Column::EntryId)
        .to(public_notice_entry::Column::Id)
        .into();
    let to_case: RelationDef = objection_file::Entity::belongs_to(case_file::Entity)
        .from(objection_file::Column::CaseId)
        .to(case_file::Column::Id)
        .into();
    objection_file::Entity::find()
        .select_only()
        .column(case_file::Column::State)
        .column(objection_file::Column::Named)
        .join(JoinType::InnerJoin, to_entry)
        .join(JoinType::InnerJoin, to_case)
        .filter(public_notice_entry::Column::CaseId.eq(target_case))
        .into_tuple()
        .all(conn)
        .await
}
