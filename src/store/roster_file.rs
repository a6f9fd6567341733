//! Which declared roster entry a file is about.

use std::collections::{BTreeMap, HashMap};

use sea_orm::ActiveValue::Set;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, QueryFilter, QueryOrder,
    QuerySelect,
};

use super::db::{insert_all, rows_per_statement};
use super::fact::FactTable;
use crate::domain::registry::{Code, RosterEntry, RosterStatus, Stated};

/// Says which entry each file is about.
///
/// # Errors
/// When the database refuses.
pub async fn link(tx: &DatabaseTransaction, pairs: &[(i64, i64)]) -> Result<(), DbErr> {
    let row = |(case_id, entry_id): &(i64, i64)| entity::roster_file::ActiveModel {
        case_id: Set(*case_id),
        entry_id: Set(*entry_id),
        ..Default::default()
    };
    insert_all(tx, pairs.iter().map(row)).await
}

/// What a document declared that still waits, by identity: the entries after one, at most `limit`.
///
/// # Errors
/// When the database fails or holds an inconsistent row.
pub async fn declared_by(
    conn: &impl ConnectionTrait,
    source_id: i64,
    after: i64,
    limit: u64,
) -> Result<Vec<Stated<RosterEntry>>, DbErr> {
    use entity::roster_entry::{Column, Entity};
    let rows = Entity::find()
        .filter(Column::SourceId.eq(source_id))
        .filter(Column::Status.eq(RosterStatus::Declared.code()))
        .filter(Column::SupersededAt.is_null())
        .filter(Column::Id.gt(after))
        .order_by_asc(Column::Id)
        .limit(limit)
        .all(conn)
        .await?;
    rows.into_iter().map(RosterEntry::from_row).collect()
}

/// The entry of each file as it stands now: the version that opened the file, or the last one that
/// replaced it. It is superseded when the declaration was taken back.
///
/// # Errors
/// When the database fails or holds an inconsistent row.
pub async fn entries_of(
    conn: &impl ConnectionTrait,
    case_ids: &[i64],
) -> Result<HashMap<i64, Stated<RosterEntry>>, DbErr> {
    use entity::roster_file::{Column, Entity};
    let mut opened: Vec<(i64, i64)> = Vec::with_capacity(case_ids.len());
    for ids in case_ids.chunks(rows_per_statement(1)) {
        let links = Entity::find().filter(Column::CaseId.is_in(ids.iter().copied()));
        opened.extend(links.all(conn).await?.into_iter().map(|row| (row.case_id, row.entry_id)));
    }
    let first: Vec<i64> = opened.iter().map(|(_, entry)| *entry).collect();
    let versions = latest(conn, &first).await?;
    Ok(opened
        .into_iter()
        .filter_map(|(case, entry)| Some((case, versions.get(&entry)?.clone())))
        .collect())
}

/// For each version the last one that came of it.
async fn latest(
    conn: &impl ConnectionTrait,
    ids: &[i64],
) -> Result<HashMap<i64, Stated<RosterEntry>>, DbErr> {
    use entity::roster_entry::Column;
    let mut found: HashMap<i64, Stated<RosterEntry>> = HashMap::new();
    for entry in by(conn, Column::Id, ids).await? {
        found.insert(entry.id, entry);
    }
    // Identity of the newest version known so far, and the one that the caller asked for.
    let mut ends: BTreeMap<i64, i64> =
        found.values().filter(|e| !e.is_live()).map(|e| (e.id, e.id)).collect();
    while !ends.is_empty() {
        let earlier: Vec<i64> = ends.keys().copied().collect();
        let mut next = BTreeMap::new();
        for entry in by(conn, Column::SupersedesId, &earlier).await? {
            let Some(asked) = entry.supersedes.and_then(|id| ends.get(&id)).copied() else {
                continue;
            };
            if !entry.is_live() {
                next.insert(entry.id, asked);
            }
            found.insert(asked, entry);
        }
        ends = next;
    }
    Ok(found)
}

async fn by(
    conn: &impl ConnectionTrait,
    column: entity::roster_entry::Column,
    ids: &[i64],
) -> Result<Vec<Stated<RosterEntry>>, DbErr> {
    use entity::roster_entry::{Column, Entity};
    let mut entries = Vec::new();
    for ids in ids.chunks(rows_per_statement(1)) {
        let rows = Entity::find().filter(column.is_in(ids.iter().copied()));
        for row in rows.order_by_asc(Column::Id).all(conn).await? {
            entries.push(RosterEntry::from_row(row)?);
        }
    }
    Ok(entries)
}
