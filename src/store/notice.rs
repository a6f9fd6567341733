//! Public notices: their lines, their days, and the objections to them.

use std::collections::{BTreeSet, HashMap, HashSet};

use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::ActiveValue::Set;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, JoinType, QueryFilter,
    QueryOrder, QuerySelect, QueryTrait, RelationDef,
};

use super::db::{insert_all, rows_per_statement};
use crate::domain::money::Fen;

pub use entity::objection_file::Model as ObjectionRow;
pub use entity::public_notice::Model as NoticeRow;
pub use entity::public_notice_entry::Model as EntryRow;
pub use entity::public_notice_period::Model as PeriodRow;
pub use entity::public_notice_text::Model as TextRow;

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
    /// What is to be paid; `None` where no money is announced.
    pub amount: Option<Fen>,
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
            amount_fen: Set(entry.amount.map(Fen::get)),
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

/// Another text of a notice.
#[derive(Debug, Clone, Copy)]
pub struct NewText<'a> {
    /// The days with which it begins.
    pub period_seq: i64,
    /// Title.
    pub title: &'a str,
    /// Document it rests on.
    pub basis: &'a str,
    /// Where to turn to.
    pub contact: &'a str,
}

/// Adds another text of a notice; what it said before stays.
///
/// # Errors
/// When the database refuses.
pub async fn add_text(
    tx: &DatabaseTransaction,
    notice_id: i64,
    text: &NewText<'_>,
) -> Result<(), DbErr> {
    let row = entity::public_notice_text::ActiveModel {
        notice_id: Set(notice_id),
        period_seq: Set(text.period_seq),
        title: Set(text.title.to_owned()),
        basis: Set(text.basis.to_owned()),
        contact: Set(text.contact.to_owned()),
        ..Default::default()
    };
    entity::public_notice_text::Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

/// The later texts of some notices, in the order in which they were added.
///
/// # Errors
/// When the database fails.
pub async fn texts(conn: &impl ConnectionTrait, notice_ids: &[i64]) -> Result<Vec<TextRow>, DbErr> {
    use entity::public_notice_text::{Column, Entity};
    let rows = Entity::find().filter(Column::NoticeId.is_in(notice_ids.iter().copied()));
    rows.order_by_asc(Column::Id).all(conn).await
}

/// A line that is taken out of its notice.
#[derive(Debug, Clone, Copy)]
pub struct NewWithdrawal<'a> {
    /// The line.
    pub entry_id: i64,
    /// Why.
    pub reason: &'a str,
    /// Account.
    pub recorded_by: i64,
    /// When.
    pub recorded_at: DateTime<Utc>,
}

/// Takes lines out of their notices.
///
/// # Errors
/// When the database refuses: one of them is out already.
pub async fn withdraw(
    tx: &DatabaseTransaction,
    lines: Vec<NewWithdrawal<'_>>,
) -> Result<(), DbErr> {
    let row = |line: NewWithdrawal<'_>| entity::public_notice_withdrawal::ActiveModel {
        entry_id: Set(line.entry_id),
        reason: Set(line.reason.to_owned()),
        recorded_by: Set(line.recorded_by),
        recorded_at: Set(line.recorded_at),
        ..Default::default()
    };
    insert_all(tx, lines.into_iter().map(row)).await
}

/// When lines of a notice were taken out, by line.
///
/// # Errors
/// When the database fails.
pub async fn withdrawals(
    conn: &impl ConnectionTrait,
    notice_id: i64,
) -> Result<HashMap<i64, DateTime<Utc>>, DbErr> {
    use entity::public_notice_entry as entry;
    use entity::public_notice_withdrawal::{Column, Entity};
    let lines = entry::Entity::find()
        .select_only()
        .column(entry::Column::Id)
        .filter(entry::Column::NoticeId.eq(notice_id));
    let rows = Entity::find().filter(Column::EntryId.in_subquery(lines.into_query()));
    let rows = rows.all(conn).await?;
    Ok(rows.into_iter().map(|row| (row.entry_id, row.recorded_at)).collect())
}

/// The last line of each of some files in any notice, by file.
///
/// # Errors
/// When the database fails.
pub async fn last_entries(
    conn: &impl ConnectionTrait,
    case_ids: &[i64],
) -> Result<HashMap<i64, i64>, DbErr> {
    use entity::public_notice_entry::{Column, Entity};
    let mut last = HashMap::new();
    for ids in case_ids.chunks(rows_per_statement(1)) {
        let lines = Entity::find()
            .select_only()
            .columns([Column::CaseId, Column::Id])
            .filter(Column::CaseId.is_in(ids.iter().copied()))
            .order_by_asc(Column::Id);
        last.extend(lines.into_tuple::<(i64, i64)>().all(conn).await?);
    }
    Ok(last)
}

/// The files whose last line was taken out of its notice.
///
/// # Errors
/// When the database fails.
pub async fn withdrawn(
    conn: &impl ConnectionTrait,
    case_ids: &[i64],
) -> Result<HashSet<i64>, DbErr> {
    use entity::public_notice_withdrawal::{Column, Entity};
    let last = last_entries(conn, case_ids).await?;
    let lines: Vec<i64> = last.values().copied().collect();
    let mut out = HashSet::new();
    for ids in lines.chunks(rows_per_statement(1)) {
        let rows = Entity::find().filter(Column::EntryId.is_in(ids.iter().copied()));
        out.extend(rows.all(conn).await?.into_iter().map(|row| row.entry_id));
    }
    Ok(last.into_iter().filter(|(_, entry)| out.contains(entry)).map(|(case, _)| case).collect())
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

/// The days of a notice, oldest first; the last ones bind.
///
/// # Errors
/// When the database fails.
pub async fn periods(conn: &impl ConnectionTrait, notice_id: i64) -> Result<Vec<PeriodRow>, DbErr> {
    use entity::public_notice_period::{Column, Entity};
    Entity::find().filter(Column::NoticeId.eq(notice_id)).order_by_asc(Column::Seq).all(conn).await
}

/// The lines of a notice.
///
/// # Errors
/// When the database fails.
pub async fn entries(conn: &impl ConnectionTrait, notice_id: i64) -> Result<Vec<EntryRow>, DbErr> {
    use entity::public_notice_entry::{Column, Entity};
    Entity::find().filter(Column::NoticeId.eq(notice_id)).order_by_asc(Column::Seq).all(conn).await
}

/// The last notice that each of some files stands in: its number and its binding days, by file.
///
/// # Errors
/// When the database fails.
pub async fn last_of(
    conn: &impl ConnectionTrait,
    case_ids: &[i64],
) -> Result<HashMap<i64, (String, PeriodRow)>, DbErr> {
    use entity::public_notice_entry::{Column, Entity};
    let mut notice_of: HashMap<i64, i64> = HashMap::new();
    for ids in case_ids.chunks(rows_per_statement(1)) {
        let lines = Entity::find()
            .select_only()
            .columns([Column::CaseId, Column::NoticeId])
            .filter(Column::CaseId.is_in(ids.iter().copied()))
            .order_by_asc(Column::Id);
        notice_of.extend(lines.into_tuple::<(i64, i64)>().all(conn).await?);
    }
    let ids: BTreeSet<i64> = notice_of.values().copied().collect();
    let ids: Vec<i64> = ids.into_iter().collect();
    let numbers = numbers(conn, &ids).await?;
    let days = last_periods(conn, &ids).await?;
    let known = |(case, notice): (i64, i64)| {
        Some((case, (numbers.get(&notice)?.clone(), days.get(&notice)?.clone())))
    };
    Ok(notice_of.into_iter().filter_map(known).collect())
}

async fn numbers(conn: &impl ConnectionTrait, ids: &[i64]) -> Result<HashMap<i64, String>, DbErr> {
    use entity::public_notice::{Column, Entity};
    let mut numbers = HashMap::new();
    for ids in ids.chunks(rows_per_statement(1)) {
        let rows = Entity::find().filter(Column::Id.is_in(ids.iter().copied())).all(conn).await?;
        numbers.extend(rows.into_iter().map(|row| (row.id, row.notice_no)));
    }
    Ok(numbers)
}

/// The binding days of notices: the last ones of each.
///
/// # Errors
/// When the database fails.
pub async fn last_periods(
    conn: &impl ConnectionTrait,
    notice_ids: &[i64],
) -> Result<HashMap<i64, PeriodRow>, DbErr> {
    use entity::public_notice_period::{Column, Entity};
    let mut days = HashMap::new();
    for ids in notice_ids.chunks(rows_per_statement(1)) {
        let rows = Entity::find().filter(Column::NoticeId.is_in(ids.iter().copied()));
        let rows = rows.order_by_asc(Column::Seq).all(conn).await?;
        days.extend(rows.into_iter().map(|row| (row.notice_id, row)));
    }
    Ok(days)
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

/// The objections to some files, in any notice: file, state, and whether somebody put their name
/// to it.
///
/// # Errors
/// When the database fails.
pub async fn objections_to(
    conn: &impl ConnectionTrait,
    case_ids: &[i64],
) -> Result<Vec<(i64, String, bool)>, DbErr> {
    use entity::{case_file, objection_file, public_notice_entry};
    let to_entry: RelationDef = objection_file::Entity::belongs_to(public_notice_entry::Entity)
        .from(objection_file::Column::EntryId)
        .to(public_notice_entry::Column::Id)
        .into();
    let to_case: RelationDef = objection_file::Entity::belongs_to(case_file::Entity)
        .from(objection_file::Column::CaseId)
        .to(case_file::Column::Id)
        .into();
    let mut found = Vec::new();
    for ids in case_ids.chunks(rows_per_statement(1)) {
        let rows: Vec<(i64, String, bool)> = objection_file::Entity::find()
            .select_only()
            .column(public_notice_entry::Column::CaseId)
            .column(case_file::Column::State)
            .column(objection_file::Column::Named)
            .join(JoinType::InnerJoin, to_entry.clone())
            .join(JoinType::InnerJoin, to_case.clone())
            .filter(public_notice_entry::Column::CaseId.is_in(ids.iter().copied()))
            .into_tuple()
            .all(conn)
            .await?;
        found.extend(rows);
    }
    Ok(found)
}
