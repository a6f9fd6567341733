//! What the public says of lines whose notice is over.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sea_orm::ActiveValue::Set;
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait,
    PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait, Select,
};

use super::case::visible;
use crate::domain::authority::Scope;

pub use entity::public_notice_entry::Model as EntryRow;
pub use entity::tip::Model as TipRow;
pub use entity::tip_end::Model as EndRow;

/// A tip to be kept.
#[derive(Debug, Clone)]
pub struct NewTip<'a> {
    /// Official number.
    pub tip_no: &'a str,
    /// The line that it is about.
    pub entry_id: i64,
    /// Whether somebody put their name to it.
    pub named: bool,
    /// Sealed name.
    pub informant_cipher: Vec<u8>,
    /// Sealed contact.
    pub contact_cipher: Vec<u8>,
    /// What is said.
    pub content: &'a str,
    /// When.
    pub received_at: DateTime<Utc>,
}

/// Keeps a tip.
///
/// # Errors
/// When the database refuses.
pub async fn keep(tx: &DatabaseTransaction, new: NewTip<'_>) -> Result<(), DbErr> {
    let row = entity::tip::ActiveModel {
        tip_no: Set(new.tip_no.to_owned()),
        entry_id: Set(new.entry_id),
        named: Set(new.named),
        informant_cipher: Set(new.informant_cipher),
        contact_cipher: Set(new.contact_cipher),
        content: Set(new.content.to_owned()),
        received_at: Set(new.received_at),
        ..Default::default()
    };
    entity::tip::Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

/// Those about files in scope.
fn in_scope(scope: &Scope) -> Select<entity::tip::Entity> {
    use entity::{case_file, public_notice_entry as entry, tip};
    let files = case_file::Entity::find().select_only().column(case_file::Column::Id);
    let files = files.filter(visible(scope)).into_query();
    let entries = entry::Entity::find().select_only().column(entry::Column::Id);
    let entries = entries.filter(entry::Column::CaseId.in_subquery(files)).into_query();
    tip::Entity::find().filter(tip::Column::EntryId.in_subquery(entries))
}

/// Tips about files in scope, those that wait first and of them the oldest, at most `limit` from
/// `offset`; and how many there are.
///
/// # Errors
/// When the database fails.
pub async fn list(
    conn: &impl ConnectionTrait,
    scope: &Scope,
    (offset, limit): (u64, u64),
) -> Result<(Vec<TipRow>, u64), DbErr> {
    use entity::{tip, tip_end};
    let ended = tip_end::Entity::find().select_only().column(tip_end::Column::TipId).into_query();
    let total = in_scope(scope).count(conn).await?;
    let waits = tip::Column::Id.in_subquery(ended);
    let rows = in_scope(scope).order_by_asc(waits).order_by_asc(tip::Column::Id);
    Ok((rows.offset(offset).limit(limit).all(conn).await?, total))
}

/// A tip about a file in scope, by number.
///
/// # Errors
/// When the database fails.
pub async fn by_no(
    conn: &impl ConnectionTrait,
    scope: &Scope,
    tip_no: &str,
) -> Result<Option<TipRow>, DbErr> {
    in_scope(scope).filter(entity::tip::Column::TipNo.eq(tip_no)).one(conn).await
}

/// The lines that tips are about, by identity of the line.
///
/// # Errors
/// When the database fails.
pub async fn entries(
    conn: &impl ConnectionTrait,
    tips: &[TipRow],
) -> Result<HashMap<i64, EntryRow>, DbErr> {
    use entity::public_notice_entry::{Column, Entity};
    let wanted = Condition::all().add(Column::Id.is_in(tips.iter().map(|tip| tip.entry_id)));
    let rows = Entity::find().filter(wanted).all(conn).await?;
    Ok(rows.into_iter().map(|row| (row.id, row)).collect())
}

/// How tips ended, by identity of the tip.
///
/// # Errors
/// When the database fails.
pub async fn ends(
    conn: &impl ConnectionTrait,
    tips: &[TipRow],
) -> Result<HashMap<i64, EndRow>, DbErr> {
    use entity::tip_end::{Column, Entity};
    let rows = Entity::find().filter(Column::TipId.is_in(tips.iter().map(|tip| tip.id)));
    Ok(rows.all(conn).await?.into_iter().map(|row| (row.tip_id, row)).collect())
}

/// Ends a tip.
///
/// # Errors
/// A unique violation when somebody else has.
pub async fn end(
    tx: &DatabaseTransaction,
    tip_id: i64,
    note: &str,
    (closed_by, closed_at): (i64, DateTime<Utc>),
) -> Result<(), DbErr> {
    let row = entity::tip_end::ActiveModel {
        tip_id: Set(tip_id),
        note: Set(note.to_owned()),
        closed_by: Set(closed_by),
        closed_at: Set(closed_at),
        ..Default::default()
    };
    entity::tip_end::Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}
