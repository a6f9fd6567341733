//! The ledger of entitlements a page at a time, and how long it is.

use sea_orm::sea_query::{Condition, Expr, IntoCondition, Order};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, FromQueryResult, QueryFilter, QueryOrder,
    QuerySelect, Select,
};

use entity::entitlement::{Column, Entity};

use super::ledger::Filter;
use crate::store::extent::{Extent, extent};

/// A standing version in the ledger.
#[derive(Debug, Clone, FromQueryResult)]
pub struct Row {
    /// Identity of the version.
    pub id: i64,
    /// Person.
    pub person_id: i64,
    /// Award year.
    pub award_year: i64,
    /// `eligible` or `ineligible`.
    pub status: String,
    /// Months that count.
    pub counted_months: i64,
    /// Amount before other awards, fen.
    pub gross_fen: i64,
    /// What other awards take away, fen.
    pub offset_fen: i64,
    /// What is left, fen.
    pub net_fen: i64,
    /// Codes of the reasons, a JSON list.
    pub reasons: String,
    /// 1 when the amounts are only the reader's part of a year that others share, else 0.
    pub is_part: i64,
}

/// Where a page of the ledger begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    /// After so many rows, all of which are read.
    Offset(u64),
    /// After the row of this version.
    After(i64),
    /// So that it ends before the row of this version.
    Before(i64),
}

/// A page of the ledger, in the order in which the persons were registered, then the latest year first.
///
/// # Errors
/// When the database fails.
pub async fn page(
    conn: &impl ConnectionTrait,
    filter: &Filter,
    from: Start,
    limit: u64,
) -> Result<Vec<Row>, DbErr> {
    let all = rows(filter).limit(limit);
    let ordered = |all: Select<Entity>, forward: bool| {
        let (up, down) =
            if forward { (Order::Asc, Order::Desc) } else { (Order::Desc, Order::Asc) };
        all.order_by(Column::PersonId, up.clone())
            .order_by(Column::AwardYear, down)
            .order_by(Column::Id, up)
    };
    let (version, forward) = match from {
        Start::Offset(offset) => {
            return ordered(all, true).offset(offset).into_model().all(conn).await;
        }
        Start::After(version) => (version, true),
        Start::Before(version) => (version, false),
    };
    let Some(place) = Entity::find_by_id(version).one(conn).await? else { return Ok(Vec::new()) };
    let beyond = beyond((place.person_id, place.award_year, version), forward);
    let mut rows: Vec<Row> = ordered(all.filter(beyond), forward).into_model().all(conn).await?;
    if !forward {
        rows.reverse();
    }
    Ok(rows)
}

/// Rows that come after the one of a person, a year and a version, or before it.
fn beyond((person, year, version): (i64, i64, i64), forward: bool) -> Condition {
    let further = |column: Column, value: i64, up: bool| match up == forward {
        true => column.gt(value),
        false => column.lt(value),
    };
    let all = |first: Expr, rest: Condition| Condition::all().add(first).add(rest);
    let last = further(Column::Id, version, true).into_condition();
    let year_or_last = Condition::any()
        .add(further(Column::AwardYear, year, false))
        .add(all(Column::AwardYear.eq(year), last));
    // The first condition alone is what an index can begin with.
    let from = if forward { Column::PersonId.gte(person) } else { Column::PersonId.lte(person) };
    let person_or_year = Condition::any()
        .add(further(Column::PersonId, person, true))
        .add(all(Column::PersonId.eq(person), year_or_last));
    Condition::all().add(from).add(person_or_year)
}

/// How long the ledger is.
///
/// # Errors
/// When the database fails.
pub async fn length(conn: &impl ConnectionTrait, filter: &Filter) -> Result<Extent, DbErr> {
    if filter.probes {
        return Ok(Extent::beyond());
    }
    extent(conn, Entity::find().filter(filter.condition())).await
}

/// Up to `limit` rows whose version was stored after the one with the identity `after`, in that
/// order: for reading everything, where a page would cost as much as all before it.
///
/// # Errors
/// When the database fails.
pub async fn after(
    conn: &impl ConnectionTrait,
    filter: &Filter,
    after: i64,
    limit: u64,
) -> Result<Vec<Row>, DbErr> {
    let rest = rows(filter).filter(Column::Id.gt(after)).order_by_asc(Column::Id);
    rest.limit(limit).into_model().all(conn).await
}

fn rows(filter: &Filter) -> Select<Entity> {
    let seen = filter.seen();
    Entity::find()
        .select_only()
        .columns([Column::Id, Column::PersonId])
        .columns([Column::AwardYear, Column::Status, Column::CountedMonths, Column::Reasons])
        .column_as(seen.part_or(Column::GrossFen), "gross_fen")
        .column_as(seen.zero_or(Column::OffsetFen), "offset_fen")
        .column_as(seen.part_or(Column::NetFen), "net_fen")
        .column_as(seen.is_part(), "is_part")
        .filter(filter.condition())
}
