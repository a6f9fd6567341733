//! What a run brought about: the versions that stood when it ended, and those that it changed.

use chrono::{DateTime, Utc};
use sea_orm::sea_query::{Alias, Condition, Expr, ExprTrait, Query, SelectStatement};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, FromQueryResult, QueryFilter, QuerySelect,
};

use entity::entitlement::{Column, Entity};
use entity::person;

use super::ledger::{Group, groups_of};
use super::result::Year;
use crate::domain::scenario::Which;
use crate::store::db::sum_fen;

fn standing_at(year: Year<'_>, at: DateTime<Utc>) -> Condition {
    Condition::all()
        .add(Column::Programme.eq(year.programme))
        .add(Column::AwardYear.eq(i64::from(year.award_year)))
        .add(Column::RecordedAt.lte(at))
        .add(Condition::any().add(Column::SupersededAt.is_null()).add(Column::SupersededAt.gt(at)))
}

/// Versions of one kind.
#[derive(Debug, Clone, FromQueryResult)]
pub struct Kind {
    /// `eligible` or `ineligible`.
    pub status: String,
    /// Months that count.
    pub counted_months: i64,
    /// Codes of the reasons, a JSON list.
    pub reasons: String,
    /// Persons.
    pub persons: i64,
    /// Sum of the net amounts, fen.
    pub net: i64,
    /// Persons whose net amount is zero.
    pub zero: i64,
}

/// The versions that stood at an instant, by kind.
///
/// # Errors
/// When the database fails.
pub async fn kinds(
    conn: &impl ConnectionTrait,
    year: Year<'_>,
    at: DateTime<Utc>,
) -> Result<Vec<Kind>, DbErr> {
    let is_zero = Expr::case(Column::NetFen.eq(0), 1_i64).finally(0_i64);
    Entity::find()
        .select_only()
        .columns([Column::Status, Column::CountedMonths, Column::Reasons])
        .column_as(Column::Id.count(), "persons")
        .column_as(sum_fen(Expr::col((Entity, Column::NetFen))), "net")
        .column_as(sum_fen(is_zero), "zero")
        .filter(standing_at(year, at))
        .group_by(Column::Status)
        .group_by(Column::CountedMonths)
        .group_by(Column::Reasons)
        .into_model()
        .all(conn)
        .await
}

/// Sums of the versions that stood at an instant, by city-level unit, source and payer.
///
/// # Errors
/// When the database fails.
pub async fn groups(
    conn: &impl ConnectionTrait,
    year: Year<'_>,
    at: DateTime<Utc>,
) -> Result<Vec<Group>, DbErr> {
    groups_of(conn, standing_at(year, at)).await
}

/// A version whose net amount differs from that of the one before.
#[derive(Debug, Clone, FromQueryResult)]
pub struct Change {
    /// Person.
    pub person_id: i64,
    /// Number of the person.
    pub person_no: String,
    /// Net amount before, fen.
    pub old_net: i64,
    /// Net amount now, fen.
    pub new_net: i64,
    /// Months before.
    pub old_months: i64,
    /// Months now.
    pub new_months: i64,
    /// What other awards took away before, fen.
    pub old_offset: i64,
    /// What they take away now, fen.
    pub new_offset: i64,
    /// Codes of the reasons now, a JSON list.
    pub reasons: String,
}

/// Where to begin in a list of changes, and how far to go.
#[derive(Debug, Clone, Copy)]
pub struct Place {
    /// Only persons after this one.
    pub after: i64,
    /// Of them, so many are passed over.
    pub offset: u64,
    /// At most so many.
    pub limit: u64,
}

/// The versions of a run whose net amount changed to one side, by person.
///
/// # Errors
/// When the database fails.
pub async fn changes(
    conn: &impl ConnectionTrait,
    which: (i64, Which),
    place: Place,
) -> Result<Vec<Change>, DbErr> {
    let (new, old) = aliases();
    let n = |column: Column| Expr::col((new.clone(), column));
    let o = |column: Column| Expr::col((old.clone(), column));
    let mut query = changed(which);
    query
        .expr_as(n(Column::PersonId), "person_id")
        .expr_as(Expr::col((person::Entity, person::Column::PersonNo)), "person_no")
        .expr_as(o(Column::NetFen), "old_net")
        .expr_as(n(Column::NetFen), "new_net")
        .expr_as(o(Column::CountedMonths), "old_months")
        .expr_as(n(Column::CountedMonths), "new_months")
        .expr_as(o(Column::OffsetFen), "old_offset")
        .expr_as(n(Column::OffsetFen), "new_offset")
        .expr_as(n(Column::Reasons), "reasons")
        .inner_join(
            person::Entity,
            Expr::col((person::Entity, person::Column::Id)).equals((new.clone(), Column::PersonId)),
        )
        .and_where(n(Column::PersonId).gt(place.after))
        .order_by((new.clone(), Column::PersonId), sea_orm::Order::Asc)
        .offset(place.offset)
        .limit(place.limit);
    let rows = conn.query_all(&query).await?;
    rows.iter().map(|row| Change::from_query_result(row, "")).collect()
}

/// How many there are.
///
/// # Errors
/// When the database fails.
pub async fn count_changes(conn: &impl ConnectionTrait, which: (i64, Which)) -> Result<u64, DbErr> {
    let mut query = changed(which);
    query.expr_as(Expr::col((aliases().0, Column::Id)).count(), "changes");
    let row = conn.query_one(&query).await?;
    let changes: i64 = row.map_or(Ok(0), |row| row.try_get("", "changes"))?;
    Ok(u64::try_from(changes).unwrap_or(0))
}

/// The names of the new and of the old version in a query.
fn aliases() -> (Alias, Alias) {
    (Alias::new("n"), Alias::new("o"))
}

/// The new versions of a run beside the old ones.
fn changed((run_id, which): (i64, Which)) -> SelectStatement {
    let (new, old) = (Alias::new("n"), Alias::new("o"));
    let n = |column: Column| Expr::col((new.clone(), column));
    let o = |column: Column| Expr::col((old.clone(), column));
    let same = |column: Column| o(column).equals((new.clone(), column));
    let before = Condition::all()
        .add(same(Column::PersonId))
        .add(same(Column::Programme))
        .add(same(Column::AwardYear))
        .add(o(Column::VersionNo).eq(n(Column::VersionNo).sub(1)));
    let differs = match which {
        Which::All => n(Column::NetFen).ne(o(Column::NetFen)),
        Which::Gain => n(Column::NetFen).gt(o(Column::NetFen)),
        Which::Loss => n(Column::NetFen).lt(o(Column::NetFen)),
    };
    Query::select()
        .from_as(Entity, new.clone())
        .join_as(sea_orm::sea_query::JoinType::InnerJoin, Entity, old.clone(), before)
        .and_where(n(Column::RunId).eq(run_id))
        .and_where(n(Column::VersionNo).gt(1))
        .and_where(differs)
        .to_owned()
}
